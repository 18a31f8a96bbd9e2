//! Timers that are no clock's: of states, offers, pauses and votes. They too are computed again when
//! what they depend on changed.

use alloc::vec::Vec;
use paidan_model::calendar::{Course, Goal, Roll};
use paidan_model::id::{PauseId, StateId, UnitId};
use paidan_model::moment::Moment;
use paidan_model::state::{After, Limit};

use super::reckon::not_before;
use super::run::goal_in;
use crate::fact::{Alarm, AlarmKind, Fact, MoveCause, TimerFact};
use crate::handoff;
use crate::refusal::Refusal;
use crate::step::{Step, no_due};

/// Computes the timers that are no clock's again, and arms those that moved. Without a cause only
/// those that a field or a leg may have moved.
pub(super) fn all(step: &mut Step<'_>, cause: Option<MoveCause>) -> Result<(), Refusal> {
    crate::vote::reckon(step)?;
    let mut moved = Vec::new();
    for alarm in &step.case.timers.armed {
        if cause.is_none() && is_fixed(step, &alarm.kind) {
            continue;
        }
        let computed = match &alarm.kind {
            AlarmKind::After { state, n } => after(step, state, *n)?,
            AlarmKind::OfferEnd { leg } => offer_end(step, leg)?,
            AlarmKind::PauseEnd { pause, leg } => pause_end(step, pause, leg.as_ref())?,
            AlarmKind::VoteEnd { vote } => step.case.votes.polls.get(vote).map(|poll| poll.until),
            AlarmKind::VoteMay { vote } => step.case.votes.polls.get(vote).map(|poll| poll.may_close),
            AlarmKind::Warn { .. } | AlarmKind::Breach { .. } | AlarmKind::Rung { .. } => None,
        };
        let due = computed.map(|due| not_before(due, Some(alarm.due), step.now));
        if let Some(due) = due.filter(|due| *due != alarm.due) {
            moved.push(Alarm { kind: alarm.kind.clone(), due });
        }
    }
    if !moved.is_empty() {
        step.note(TimerFact::Armed { alarms: moved });
    }
    Ok(())
}

/// Whether nothing but another calendar moves a timer once it is armed.
fn is_fixed(step: &Step<'_>, kind: &AlarmKind) -> bool {
    match kind {
        AlarmKind::After { state, n } => match timer_of(step, state, *n).map(|timer| &timer.time) {
            Some(Limit::Field(field)) => !step.changed.contains(field),
            Some(Limit::Span(_)) | None => true,
        },
        AlarmKind::OfferEnd { .. } => !step.facts.iter().any(|fact| matches!(fact, Fact::Leg(_))),
        AlarmKind::PauseEnd { .. }
        | AlarmKind::Warn { .. }
        | AlarmKind::Breach { .. }
        | AlarmKind::Rung { .. } => true,
        AlarmKind::VoteEnd { .. } | AlarmKind::VoteMay { .. } => false,
    }
}

fn timer_of<'a>(step: &Step<'a>, state: &StateId, n: u32) -> Option<&'a After> {
    let n = usize::try_from(n).ok()?;
    step.workflow().states.get(state)?.after.get(n)
}

/// Arms the timers of a state that was entered.
pub(crate) fn arm_state(step: &mut Step<'_>, state: &StateId) -> Result<(), Refusal> {
    let timers = step.workflow().states.get(state).map(|s| s.after.as_slice()).unwrap_or_default();
    let mut alarms = Vec::new();
    for (n, timer) in (0u32..).zip(timers) {
        let due = due_of(step, &timer.time, step.now)?;
        alarms.push(Alarm { kind: AlarmKind::After { state: state.clone(), n }, due });
    }
    if !alarms.is_empty() {
        step.note(TimerFact::Armed { alarms });
    }
    Ok(())
}

/// Disarms the timers of a state that was left.
pub(crate) fn disarm_state(step: &mut Step<'_>, left: &StateId) {
    let of = |kind: &&AlarmKind| matches!(kind, AlarmKind::After { state, .. } if state == left);
    let alarms: Vec<AlarmKind> = step.case.timers.armed.iter().map(|a| &a.kind).filter(of).cloned().collect();
    if !alarms.is_empty() {
        step.note(TimerFact::Disarmed { alarms });
    }
}

/// When a timer that began at a moment fires: after so long, or by what stands in its field.
fn due_of(step: &Step<'_>, limit: &Limit, from: Moment) -> Result<Moment, Refusal> {
    let calendar = step.calendar(&step.workflow().calendar)?;
    let due = match limit {
        Limit::Span(span) => calendar.due(from, span, Roll::default()),
        Limit::Field(field) => match goal_in(step, field)? {
            // An appointment in the past has come.
            Goal::Moment(at) => return Ok(at),
            goal @ (Goal::Span(_) | Goal::Day(_)) => Course::new(from, goal).due(calendar, Roll::default()),
        },
    };
    due.map(|due| due.at).ok_or_else(|| no_due(step))
}

fn after(step: &Step<'_>, state: &StateId, n: u32) -> Result<Option<Moment>, Refusal> {
    let (Some(timer), Some(entry)) = (timer_of(step, state, n), step.case.chart.active.get(state)) else {
        return Ok(None);
    };
    let emptied = match &timer.time {
        Limit::Field(field) => goal_in(step, field).is_err(),
        Limit::Span(_) => false,
    };
    if emptied { Ok(None) } else { due_of(step, &timer.time, entry.at).map(Some) }
}

fn offer_end(step: &Step<'_>, unit: &UnitId) -> Result<Option<Moment>, Refusal> {
    let leg = step.case.legs.by_unit.get(unit);
    let within = leg.and_then(|leg| handoff::rules(step.workflow(), leg)?.refuse_within.clone());
    match (leg, within) {
        (Some(leg), Some(span)) => due_of(step, &Limit::Span(span), leg.since).map(Some),
        (Some(_) | None, _) => Ok(None),
    }
}

fn pause_end(step: &Step<'_>, id: &PauseId, leg: Option<&UnitId>) -> Result<Option<Moment>, Refusal> {
    let open = step
        .case
        .pauses
        .all
        .iter()
        .find(|p| p.pause == *id && p.leg.as_ref() == leg && p.began.is_some() && p.ended.is_none());
    let (Some(began), Some(declared)) = (open.and_then(|p| p.began), step.workflow().pauses.get(id)) else {
        return Ok(None);
    };
    let length = declared.resumes_after.as_ref().unwrap_or(&declared.max);
    due_of(step, &Limit::Span(length.clone()), began).map(Some)
}
