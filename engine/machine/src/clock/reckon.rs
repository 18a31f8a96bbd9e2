//! After each step the clocks that it concerns are computed again, those that cap others first; what
//! differs from the record is noted.

use alloc::vec::Vec;
use paidan_model::calendar::{Calendar, Due};
use paidan_model::clock::{At, Clock as Declared, Rung, Scope};
use paidan_model::id::{ClockId, RoleId, UnitId};
use paidan_model::moment::Moment;
use paidan_model::workflow::{Role, Workflow};

use super::calendar::calendar_of;
use super::due::{Inputs, Outcome, come_to};
use super::stale::Changes;
use crate::case::Case;
use crate::case::clock::Clock;
use crate::fact::{Alarm, AlarmKind, ClockFact, ClockKey, MoveCause, TimerFact};
use crate::refusal::Refusal;
use crate::step::{Step, no_due};

/// The longest chain of clocks that cap one another; the checker finds circles.
const CHAIN_MAX: usize = 16;

/// The clocks of a workflow, each after the one that caps it.
pub(super) fn in_order(workflow: &Workflow) -> Vec<(&ClockId, &Declared)> {
    let depth = |clock: &Declared| {
        let above = |id: &ClockId| workflow.clocks.get(id).and_then(|clock| clock.capped_by.clone());
        core::iter::successors(clock.capped_by.clone(), above).take(CHAIN_MAX).count()
    };
    let mut clocks: Vec<(&ClockId, &Declared)> = workflow.clocks.iter().collect();
    clocks.sort_by_key(|(_, clock)| depth(clock));
    clocks
}

/// The calendar that a clock counts by.
pub(super) fn calendar_in<'a>(step: &Step<'a>, key: &ClockKey) -> Result<&'a Calendar, Refusal> {
    let named = calendar_of(step.law.workflow, &step.case, step.law.roster, key);
    step.calendar(named.unwrap_or(&step.law.workflow.calendar))
}

/// The ladder a clock has, by the case's choice.
pub(crate) fn ladder_of<'a>(step: &Step<'a>, clock: &Declared) -> &'a [Rung] {
    let workflow = step.workflow();
    let id = match &clock.ladder {
        Some(per) => step.pick(per),
        None => workflow.ladder.as_ref(),
    };
    id.and_then(|id| workflow.ladders.get(id)).map(Vec::as_slice).unwrap_or_default()
}

/// The due moment of the clock that caps another, while it counts. It does not while it stands
/// still, nor when it was over or due before the other began: whoever is asked late has time of
/// their own.
fn cap(workflow: &Workflow, case: &Case, capped: &Clock, declared: &Declared) -> Option<Due> {
    let id = declared.capped_by.as_ref()?;
    let ClockKey { leg, claim, .. } = &capped.key;
    let key = match workflow.clocks.get(id)?.scope {
        Scope::Case | Scope::Gap => ClockKey { clock: id.clone(), leg: None, claim: None },
        Scope::Leg => ClockKey { clock: id.clone(), leg: leg.clone(), claim: None },
        Scope::Offer => ClockKey { clock: id.clone(), leg: None, claim: *claim },
    };
    let cap = case.clock(&key)?;
    let counts = cap.runs() || cap.has_come_to_an_end();
    let over = cap.due <= capped.began || cap.ended.is_some_and(|ended| ended <= capped.began);
    (counts && !over).then_some(Due { at: cap.due, provisional: cap.provisional })
}

/// What comes of a clock as it is, or as it would be.
pub(super) fn outcome(
    step: &Step<'_>,
    clock: &Clock,
    declared: &Declared,
    floor: Option<Moment>,
) -> Result<Outcome, Refusal> {
    let cap = cap(step.workflow(), &step.case, clock, declared);
    let (calendar, rungs) = (calendar_in(step, &clock.key)?, ladder_of(step, declared));
    let inputs = Inputs { clock, declared, rungs, calendar, cap, floor };
    inputs.compute().ok_or_else(|| no_due(step))
}

/// Computes the clocks that count again: those that this step concerns, or all of them when another
/// calendar is the cause.
///
/// # Errors
/// When a calendar gives no due moment.
pub(crate) fn all(step: &mut Step<'_>, cause: Option<MoveCause>) -> Result<(), Refusal> {
    for (id, declared) in in_order(step.workflow()) {
        let of = |clock: &&Clock| clock.key.clock == *id && clock.verdict.is_none();
        let open: Vec<ClockKey> = step.case.clocks.all.iter().filter(of).map(|c| c.key.clone()).collect();
        for key in open {
            let changes = Changes { facts: &step.facts, fields: &step.changed };
            if cause.is_some() || changes.concern(&key, declared) {
                reckon_clock(step, &key, declared, cause)?;
            }
        }
    }
    Ok(())
}

fn reckon_clock(
    step: &mut Step<'_>,
    key: &ClockKey,
    declared: &Declared,
    cause: Option<MoveCause>,
) -> Result<(), Refusal> {
    let Some(clock) = step.case.clock(key).cloned() else { return Ok(()) };
    let outcome = outcome(step, &clock, declared, Some(clock.due.min(step.now)))?;
    // What stands still keeps the due moment that it had: the day on which it goes on gives it
    // another.
    let due = if clock.runs() { outcome.due } else { Due { at: clock.due, provisional: clock.provisional } };
    let same = (due.at, due.provisional) == (clock.due, clock.provisional);
    if !(same && outcome.budget == clock.budget && outcome.more == clock.more) {
        let capped = if declared.capped_by.is_some() { MoveCause::Cap } else { MoveCause::Calendar };
        let why = cause.unwrap_or(capped);
        let Outcome { budget, more, .. } = outcome;
        let (clock, provisional) = (key.clone(), due.provisional);
        step.note(ClockFact::Moved { clock, budget, more, due: due.at, provisional, why, course: None });
    }
    arm(step, key, &outcome.timers);
    if due.at != clock.due && cause == Some(MoveCause::Calendar) {
        tell(step, key, declared)?;
    }
    Ok(())
}

/// Makes the timers of a clock those that were computed. What is moved into the past fires now.
fn arm(step: &mut Step<'_>, key: &ClockKey, wanted: &[Alarm]) {
    let armed: Vec<Alarm> =
        step.case.timers.armed.iter().filter(|alarm| alarm.kind.clock() == Some(key)).cloned().collect();
    let before = |kind: &AlarmKind| armed.iter().find(|alarm| alarm.kind == *kind).map(|alarm| alarm.due);
    let wanted: Vec<Alarm> = wanted
        .iter()
        .map(|alarm| match &alarm.kind {
            AlarmKind::Breach { .. } => alarm.clone(),
            kind => Alarm { kind: kind.clone(), due: not_before(alarm.due, before(kind), step.now) },
        })
        .collect();
    let gone: Vec<AlarmKind> = armed
        .iter()
        .map(|alarm| &alarm.kind)
        .filter(|kind| wanted.iter().all(|alarm| alarm.kind != **kind))
        .cloned()
        .collect();
    if !gone.is_empty() {
        step.note(TimerFact::Disarmed { alarms: gone });
    }
    let moved = wanted.iter().any(|alarm| before(&alarm.kind).is_some_and(|due| due != alarm.due));
    let new = |alarm: &&Alarm| before(&alarm.kind).is_none();
    // Those that moved are armed with all the others, so that what fires at one moment fires in
    // their order.
    let alarms: Vec<Alarm> = if moved { wanted } else { wanted.iter().filter(new).cloned().collect() };
    if !alarms.is_empty() {
        step.note(TimerFact::Armed { alarms });
    }
}

/// A moment that was computed anew is not in the past, unless what is armed was due there.
pub(super) fn not_before(computed: Moment, armed: Option<Moment>, now: Moment) -> Moment {
    computed.max(armed.map_or(now, |armed| armed.min(now)))
}

/// Takes the timers of a clock away.
pub(super) fn disarm(step: &mut Step<'_>, key: &ClockKey) {
    arm(step, key, &[]);
}

/// Tells of a day that a changed calendar moved: those who answer for the clock, and whom it was
/// promised to.
fn tell(step: &mut Step<'_>, key: &ClockKey, declared: &Declared) -> Result<(), Refusal> {
    let mut roles: Vec<RoleId> = crate::message::holders(step, declared, key);
    if declared.public {
        roles.extend(declared.extend.iter().flat_map(|extend| extend.tell.iter().cloned()));
        let people = step.workflow().roles.iter().filter(|(_, role)| matches!(role, Role::Person(_)));
        roles.extend(people.map(|(id, _)| id.clone()));
    }
    roles.sort();
    roles.dedup();
    if let Some(unit) = key.leg.as_ref().filter(|_| roles.is_empty()) {
        return crate::message::tell_unit(step, "rescheduled", unit, Some(key));
    }
    for role in roles {
        crate::message::tell(step, "rescheduled", &role, &[], key.leg.as_ref(), Some(key), None)?;
    }
    Ok(())
}

/// Whether a leg's clock has come so far: a share of it, its due moment, or later.
pub(crate) fn has_come_to(step: &Step<'_>, id: &ClockId, unit: &UnitId, at: &At) -> Result<bool, Refusal> {
    let key = ClockKey { clock: id.clone(), leg: Some(unit.clone()), claim: None };
    let (Some(held), Some(clock)) = (step.case.clock(&key), step.workflow().clocks.get(id)) else {
        return Ok(false);
    };
    let when = come_to(calendar_in(step, &key)?, held, clock.roll, held.due, held.due, at);
    Ok(when.is_some_and(|when| step.now >= when))
}
