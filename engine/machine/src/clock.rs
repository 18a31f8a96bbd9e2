//! Clocks: after each step they are compared with what happened: stop, resume, pause, start.
//!
//! Due moments are computed here, once, and recorded; everything later reads the record.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use paidan_model::calendar::{Budget, Calendar, Due};
use paidan_model::claim::ClaimState;
use paidan_model::clock::{At, CalendarRef, Clock, Rung, Scope, Trigger};
use paidan_model::id::{ActionId, ClockId, FieldId, StateId, UnitId};
use paidan_model::leg::LegState;
use paidan_model::moment::{Date, Moment};
use paidan_model::span::Span;
use paidan_model::state::Limit;
use paidan_model::value::{Held, Value};

mod offer;

use crate::fact::{
    Alarm, AlarmKind, CaseFact, ClaimFact, ClockFact, ClockKey, Fact, LegFact, MoveCause, Standstill,
    StateFact, TimerFact, Verdict,
};
use crate::handoff;
use crate::refusal::{Code, Refusal};
use crate::step::Step;

/// What happened in a step, as clocks see it.
#[derive(Default)]
struct Happened {
    intake: bool,
    entered: BTreeSet<StateId>,
    left: BTreeSet<StateId>,
    acted: BTreeSet<ActionId>,
    moved: Vec<(UnitId, LegState, bool)>,
    claims: Vec<(u32, ClaimState)>,
    ended: bool,
}

fn happened(facts: &[Fact]) -> Happened {
    let mut found = Happened::default();
    for fact in facts {
        match fact {
            Fact::Case(fact) => found.of_case(fact),
            Fact::State(fact) => found.of_state(fact),
            Fact::Leg(fact) => found.of_leg(fact),
            Fact::Claim(ClaimFact::Taken { claim, .. }) => {
                found.claims.push((*claim, ClaimState::Claimed));
            }
            Fact::Claim(ClaimFact::Moved { claim, to, .. }) => found.claims.push((*claim, *to)),
            Fact::Form(_)
            | Fact::Timer(_)
            | Fact::Clock(_)
            | Fact::Pause(_)
            | Fact::Handoff(_)
            | Fact::Vote(_)
            | Fact::Share(_)
            | Fact::Message(_)
            | Fact::People(_)
            | Fact::Link(_) => {}
        }
    }
    found
}

impl Happened {
    fn of_case(&mut self, fact: &CaseFact) {
        match fact {
            CaseFact::Opened { .. } => self.intake = true,
            CaseFact::Acted { action, .. } => {
                self.acted.insert(action.clone());
            }
            CaseFact::Ended { .. } => self.ended = true,
            CaseFact::Reasoned { .. } | CaseFact::Reopened { .. } | CaseFact::Redacted { .. } => {}
        }
    }

    fn of_state(&mut self, fact: &StateFact) {
        match fact {
            StateFact::Entered { state, .. } => {
                self.entered.insert(state.clone());
            }
            StateFact::Left { state } => {
                self.left.insert(state.clone());
            }
            StateFact::RoundBegan { .. } | StateFact::Ignored { .. } => {}
        }
    }

    fn of_leg(&mut self, fact: &LegFact) {
        match fact {
            LegFact::Opened { leg, .. } => self.moved.push((leg.clone(), LegState::Notified, false)),
            LegFact::Moved { leg, to, implicit, .. } => {
                self.moved.push((leg.clone(), *to, *implicit));
            }
            LegFact::RoundBegan { .. }
            | LegFact::Agreed { .. }
            | LegFact::AskedAfresh { .. }
            | LegFact::MarkedLate { .. }
            | LegFact::WaiverAsked { .. }
            | LegFact::Refused { .. }
            | LegFact::Ruled { .. } => {}
        }
    }
}

/// Compares every clock with the facts of this step.
pub(crate) fn settle(step: &mut Step<'_>) -> Result<(), Refusal> {
    let happened = happened(&step.facts);
    if happened.ended {
        end_all(step);
        return Ok(());
    }
    let clocks: Vec<(&ClockId, &Clock)> = step.workflow().clocks.iter().collect();
    for (id, clock) in &clocks {
        match clock.scope {
            Scope::Case => stop_case(step, id, clock, &happened)?,
            Scope::Leg => stop_legs(step, id, clock, &happened)?,
            Scope::Offer => offer::stop_all(step, id, clock, &happened.claims),
            Scope::Gap => {}
        }
    }
    crate::limit::follow(step)?;
    crate::pause::settle(step, &happened.entered, &happened.left)?;
    for (id, clock) in &clocks {
        match clock.scope {
            Scope::Case => start_case(step, id, clock, &happened)?,
            Scope::Leg => start_legs(step, id, clock, &happened)?,
            Scope::Gap => gap(step, id, clock)?,
            Scope::Offer => offer::start_all(step, id, clock, &happened.claims)?,
        }
    }
    crate::pause::hold_all(step)
}

fn matches(trigger: &Trigger, happened: &Happened) -> bool {
    match trigger {
        Trigger::Intake => happened.intake,
        Trigger::State(state) => happened.entered.contains(state),
        Trigger::Action(action) => happened.acted.contains(action),
        Trigger::Leg(_) | Trigger::Claim(_) => false,
    }
}

fn case_key(id: &ClockId) -> ClockKey {
    ClockKey { clock: id.clone(), leg: None, claim: None }
}

fn stop_case(step: &mut Step<'_>, id: &ClockId, clock: &Clock, happened: &Happened) -> Result<(), Refusal> {
    let key = case_key(id);
    let Some(held) = step.case.clock(&key).cloned() else {
        return Ok(());
    };
    if held.verdict.is_some() {
        return Ok(());
    }
    let is_in = |state: &StateId, step: &Step<'_>| step.case.chart.active.contains_key(state);
    if clock.stops.is_empty() {
        let states: Vec<&StateId> = clock.starts.iter().filter_map(state_of).collect();
        let gone =
            states.iter().any(|s| happened.left.contains(*s)) && !states.iter().any(|s| is_in(s, step));
        if gone {
            stop(step, &key);
        }
        return Ok(());
    }
    let tentative: Vec<&StateId> = clock.stops.iter().filter_map(state_of).collect();
    let inside = tentative.iter().any(|s| is_in(s, step));
    if held.paused == Some(Standstill::Stopped) && !inside {
        return resume(step, &key);
    }
    let by_state = inside && tentative.iter().any(|s| happened.entered.contains(*s));
    let by_action = clock.stops.iter().any(|t| state_of(t).is_none() && matches(t, happened));
    if clock.public && by_state && held.paused.is_none() {
        return hold(step, &key, Standstill::Stopped);
    }
    if by_action || (by_state && !clock.public) {
        stop(step, &key);
    }
    Ok(())
}

fn state_of(trigger: &Trigger) -> Option<&StateId> {
    match trigger {
        Trigger::State(state) => Some(state),
        Trigger::Intake | Trigger::Action(_) | Trigger::Leg(_) | Trigger::Claim(_) => None,
    }
}

fn start_case(step: &mut Step<'_>, id: &ClockId, clock: &Clock, happened: &Happened) -> Result<(), Refusal> {
    let key = case_key(id);
    let still_there = |t: &Trigger| state_of(t).is_none_or(|s| step.case.chart.active.contains_key(s));
    let starts = clock.starts.iter().any(|t| matches(t, happened) && still_there(t));
    let held = step.case.clock(&key);
    let counts = held.is_some_and(|held| held.verdict.is_none());
    if !starts || counts || (clock.public && held.is_some()) {
        return Ok(());
    }
    // What was turned into this case came in before it: what the public was promised counts from then.
    let since = step.case.filing.since.filter(|_| clock.public && clock.starts.contains(&Trigger::Intake));
    start_from(step, &key, clock, since.unwrap_or(step.now))
}

fn stop_legs(step: &mut Step<'_>, id: &ClockId, clock: &Clock, happened: &Happened) -> Result<(), Refusal> {
    for (unit, to, implicit) in &happened.moved {
        let key = ClockKey { clock: id.clone(), leg: Some(unit.clone()), claim: None };
        let Some(held) = step.case.clock(&key).cloned() else {
            continue;
        };
        if held.verdict.is_some() {
            continue;
        }
        let of_arbitration = clock.starts.contains(&Trigger::Leg(LegState::Arbitration));
        let back = held.paused == Some(Standstill::Arbitration);
        if to.is_gone() {
            void(step, &key);
        } else if *to == LegState::Arbitration && !of_arbitration {
            hold_as_it_is(step, &key);
        } else if back && *to != LegState::Arbitration {
            give_back(step, &key)?;
        } else if !implicit && stops_at(clock, *to) {
            stop(step, &key);
        }
    }
    Ok(())
}

fn stops_at(clock: &Clock, to: LegState) -> bool {
    if clock.stops.is_empty() {
        return !clock.starts.contains(&Trigger::Leg(to));
    }
    clock.stops.iter().any(|trigger| match trigger {
        Trigger::Leg(state) => {
            to == *state || (handoff::rank(to).is_some() && handoff::rank(to) >= handoff::rank(*state))
        }
        Trigger::Intake | Trigger::State(_) | Trigger::Action(_) | Trigger::Claim(_) => false,
    })
}

fn start_legs(step: &mut Step<'_>, id: &ClockId, clock: &Clock, happened: &Happened) -> Result<(), Refusal> {
    for (unit, to, implicit) in &happened.moved {
        let Some(leg) = step.case.legs.by_unit.get(unit) else {
            continue;
        };
        let listed = handoff::clocks(step.workflow(), &step.case, leg).contains(&id);
        let now = leg.state == *to || handoff::rank(leg.state) > handoff::rank(*to);
        if !listed
            || !now
            || *implicit
            || !clock.starts.contains(&Trigger::Leg(*to))
            || stops_at(clock, leg.state)
        {
            continue;
        }
        let key = ClockKey { clock: id.clone(), leg: Some(unit.clone()), claim: None };
        let counts = step.case.clock(&key).is_some_and(|held| held.verdict.is_none());
        if !counts {
            start(step, &key, clock)?;
        }
    }
    Ok(())
}

fn gap(step: &mut Step<'_>, id: &ClockId, clock: &Clock) -> Result<(), Refusal> {
    let key = case_key(id);
    let inside = clock.starts.iter().filter_map(state_of).any(|s| step.case.chart.active.contains_key(s));
    let held_by_leg =
        step.case.legs.by_unit.values().any(|leg| !leg.state.is_gone() && leg.state != LegState::Arbitration);
    let runs = step.case.clock(&key).is_some_and(|held| held.verdict.is_none());
    match (inside && !held_by_leg, runs) {
        (true, false) => start(step, &key, clock),
        (false, true) => {
            stop(step, &key);
            Ok(())
        }
        (true, true) | (false, false) => Ok(()),
    }
}

/// The calendar a clock counts in.
pub(crate) fn calendar_of<'a>(step: &Step<'a>, clock: &Clock) -> Result<&'a Calendar, Refusal> {
    let named = clock.calendar.as_ref().and_then(|per| step.pick(per));
    match named {
        Some(CalendarRef::Named(id)) => step.calendar(id),
        Some(CalendarRef::Unit) | None => step.calendar(&step.workflow().calendar),
    }
}

pub(crate) fn no_due(step: &Step<'_>) -> Refusal {
    Refusal::new(Code::NoDue).with("calendar", &step.workflow().calendar)
}

/// The due moment of a limit from now, with its budget.
fn due_of(step: &Step<'_>, clock: &Clock, limit: &Limit, from: Moment) -> Result<(Budget, Due), Refusal> {
    let calendar = calendar_of(step, clock)?;
    let missing = |field: &FieldId| Refusal::new(Code::Required).with("field", field);
    match limit {
        Limit::Span(span) => {
            let budget = Budget::of(span);
            let due = budget.due(calendar, from, clock.roll).ok_or_else(|| no_due(step))?;
            Ok((budget, due))
        }
        Limit::Field(field) => {
            let at = match step.case.form.fields.get(field).and_then(Held::open) {
                Some(Value::Moment(at)) => *at,
                Some(Value::Date(date)) => end_of_day(step, date).ok_or_else(|| missing(field))?,
                _ => return Err(missing(field)),
            };
            let seconds = (at.millis() - from.millis()).max(1000) / 1000;
            let span = Span::Real { seconds: u64::try_from(seconds).unwrap_or(1) };
            Ok((Budget::of(&span), Due { at, provisional: false }))
        }
    }
}

/// The close of business of a day in the workflow's calendar, or its end.
pub(crate) fn end_of_day(step: &Step<'_>, date: &str) -> Option<Moment> {
    let calendar = step.law.calendars.get(&step.workflow().calendar)?;
    let date = Date::parse_from_str(date, "%Y-%m-%d").ok()?;
    let midnight = || {
        let next = date.succ_opt()?.and_hms_opt(0, 0, 0)?;
        Some(Moment::from_local(next, step.law.zone()))
    };
    calendar.closing(date).or_else(midnight)
}

pub(crate) fn cap(step: &Step<'_>, clock: &Clock, due: Due) -> Due {
    let latest = clock.capped_by.as_ref().and_then(|id| step.case.clock(&case_key(id))).map(|c| c.due);
    Due { at: latest.map_or(due.at, |latest| due.at.min(latest)), provisional: due.provisional }
}

pub(crate) fn start(step: &mut Step<'_>, key: &ClockKey, clock: &Clock) -> Result<(), Refusal> {
    let now = step.now;
    start_from(step, key, clock, now)
}

fn start_from(step: &mut Step<'_>, key: &ClockKey, clock: &Clock, from: Moment) -> Result<(), Refusal> {
    let Some(limit) = step.pick(&clock.limit).cloned() else {
        return Ok(());
    };
    let (budget, due) = due_of(step, clock, &limit, from)?;
    let due = cap(step, clock, due);
    let fact = Fact::Clock(ClockFact::Started {
        clock: key.clone(),
        at: from,
        budget,
        due: due.at,
        provisional: due.provisional,
    });
    step.note(fact);
    arm(step, key, clock, &[])
}

/// The ladder a clock has, by the case's choice.
pub(crate) fn ladder_of<'a>(step: &Step<'a>, clock: &Clock) -> Option<&'a Vec<Rung>> {
    let id = match &clock.ladder {
        Some(per) => step.pick(per)?,
        None => step.workflow().ladder.as_ref()?,
    };
    step.workflow().ladders.get(id)
}

/// Arms the warnings, the breach and the rungs of a clock that runs, but not those that have fired.
pub(crate) fn arm(
    step: &mut Step<'_>,
    key: &ClockKey,
    clock: &Clock,
    fired: &[AlarmKind],
) -> Result<(), Refusal> {
    let due = step.case.clock(key).map(|held| held.due);
    due.map_or(Ok(()), |late_since| arm_since(step, key, clock, fired, late_since))
}

/// The same, with the moment from which rungs after the due moment are counted.
fn arm_since(
    step: &mut Step<'_>,
    key: &ClockKey,
    clock: &Clock,
    fired: &[AlarmKind],
    late_since: Moment,
) -> Result<(), Refusal> {
    let Some(held) = step.case.clock(key).cloned() else {
        return Ok(());
    };
    let calendar = calendar_of(step, clock)?;
    let share = |percent: u8| held.budget.share(calendar, held.from, held.due, percent);
    let mut alarms = Vec::new();
    let mut add = |kind: AlarmKind, due: Moment| {
        if !fired.contains(&kind) {
            alarms.push(Alarm { kind, due });
        }
    };
    for percent in &clock.warn {
        let at = share(*percent).ok_or_else(|| no_due(step))?;
        add(AlarmKind::Warn { clock: key.clone(), percent: *percent }, at);
    }
    add(AlarmKind::Breach { clock: key.clone() }, held.due);
    let none = Vec::new();
    for (n, rung) in (0u32..).zip(ladder_of(step, clock).unwrap_or(&none)) {
        let at = match &rung.at {
            At::Percent(percent) => share(*percent),
            At::Breach => Some(held.due),
            At::After(span) => calendar.due(late_since, span, clock.roll).map(|due| due.at),
        };
        let at = at.ok_or_else(|| no_due(step))?;
        add(AlarmKind::Rung { clock: key.clone(), rung: n, again: 0 }, at);
    }
    step.note(TimerFact::Armed { alarms });
    Ok(())
}

fn alarms_of(step: &Step<'_>, key: &ClockKey) -> Vec<AlarmKind> {
    let of = |kind: &&AlarmKind| match kind {
        AlarmKind::Warn { clock, .. } | AlarmKind::Breach { clock } | AlarmKind::Rung { clock, .. } => {
            clock == key
        }
        AlarmKind::After { .. }
        | AlarmKind::OfferEnd { .. }
        | AlarmKind::PauseEnd { .. }
        | AlarmKind::VoteEnd { .. }
        | AlarmKind::VoteMay { .. } => false,
    };
    step.case.timers.armed.iter().map(|alarm| &alarm.kind).filter(of).cloned().collect()
}

pub(crate) fn disarm(step: &mut Step<'_>, key: &ClockKey) {
    let alarms = alarms_of(step, key);
    if !alarms.is_empty() {
        step.note(TimerFact::Disarmed { alarms });
    }
}

fn finish(step: &mut Step<'_>, key: &ClockKey, at: Moment, verdict: Verdict) {
    disarm(step, key);
    step.note(ClockFact::Stopped { clock: key.clone(), at, verdict });
}

/// Stops a clock for good: late if its due moment has passed.
pub(crate) fn stop(step: &mut Step<'_>, key: &ClockKey) {
    let Some(held) = step.case.clock(key) else { return };
    let at = if held.paused.is_some() { held.from } else { step.now };
    let verdict = if held.late || at > held.due { Verdict::Late } else { Verdict::Met };
    finish(step, key, at, verdict);
}

pub(crate) fn void(step: &mut Step<'_>, key: &ClockKey) {
    let now = step.now;
    finish(step, key, now, Verdict::Void);
}

/// Makes a clock stand still, keeping what is left of its budget.
pub(crate) fn hold(step: &mut Step<'_>, key: &ClockKey, why: Standstill) -> Result<(), Refusal> {
    let Some(held) = step.case.clock(key).filter(|c| c.runs()).cloned() else {
        return Ok(());
    };
    let Some(clock) = step.workflow().clocks.get(&key.clock) else {
        return Ok(());
    };
    let calendar = calendar_of(step, clock)?;
    let (left, more) = held.budget.pause_with(&held.more, calendar, held.from, step.now, clock.roll);
    disarm(step, key);
    step.note(ClockFact::Paused { clock: key.clone(), at: step.now, left, more, why });
    Ok(())
}

/// Lets a clock go on with what is left; a clock that was late stays late and keeps its due moment.
pub(crate) fn resume(step: &mut Step<'_>, key: &ClockKey) -> Result<(), Refusal> {
    let Some(held) = step.case.clock(key).filter(|c| c.paused.is_some()).cloned() else {
        return Ok(());
    };
    let Some(clock) = step.workflow().clocks.get(&key.clock) else {
        return Ok(());
    };
    let due = if held.late {
        held.due
    } else {
        let due = held.due_from(calendar_of(step, clock)?, step.now, clock.roll);
        cap(step, clock, due.ok_or_else(|| no_due(step))?).at
    };
    step.note(ClockFact::Resumed { clock: key.clone(), at: step.now, due });
    // What is still to come of the ladder of a late clock counts from when a pause ends. A "done" that was disputed is
    // no pause: it gives no time back.
    let disputed = held.paused == Some(Standstill::Stopped);
    let late_since = if held.late && !disputed { due.max(step.now) } else { due };
    arm_since(step, key, clock, &held.fired, late_since)
}

/// Stands still without consuming the question whether the time counts: the ruling decides.
fn hold_as_it_is(step: &mut Step<'_>, key: &ClockKey) {
    let Some(held) = step.case.clock(key).filter(|c| c.runs()).cloned() else {
        return;
    };
    disarm(step, key);
    let why = Standstill::Arbitration;
    let (at, left, more) = (held.from, held.budget, held.more);
    step.note(ClockFact::Paused { clock: key.clone(), at, left, more, why });
}

/// The leg was kept: the time of the arbitration counts, the due moment is the old one.
fn give_back(step: &mut Step<'_>, key: &ClockKey) -> Result<(), Refusal> {
    let Some(held) = step.case.clock(key).cloned() else {
        return Ok(());
    };
    let Some(clock) = step.workflow().clocks.get(&key.clock) else {
        return Ok(());
    };
    step.note(ClockFact::Resumed { clock: key.clone(), at: held.from, due: held.due });
    arm(step, key, clock, &held.fired)
}

fn end_all(step: &mut Step<'_>) {
    let open: Vec<ClockKey> =
        step.case.clocks.all.iter().filter(|c| c.verdict.is_none()).map(|c| c.key.clone()).collect();
    for key in open {
        let leg = key.leg.as_ref().and_then(|unit| step.case.legs.by_unit.get(unit));
        if leg.is_some_and(|leg| leg.state.is_gone()) { void(step, &key) } else { stop(step, &key) }
    }
    let rest: Vec<AlarmKind> = step.case.timers.armed.iter().map(|alarm| alarm.kind.clone()).collect();
    if !rest.is_empty() {
        step.note(TimerFact::Disarmed { alarms: rest });
    }
    crate::pause::end_all(step);
}

/// Arms the timers of a state that was entered.
pub(crate) fn arm_state(step: &mut Step<'_>, state: &StateId) -> Result<(), Refusal> {
    let workflow = step.workflow();
    let timers = workflow.states.get(state).map(|s| s.after.as_slice()).unwrap_or_default();
    let mut alarms = Vec::new();
    for (n, timer) in (0u32..).zip(timers) {
        let due = match &timer.time {
            Limit::Span(span) => {
                let calendar = step.calendar(&workflow.calendar)?;
                calendar.due(step.now, span, paidan_model::calendar::Roll::default()).map(|due| due.at)
            }
            Limit::Field(field) => match step.case.form.fields.get(field).and_then(Held::open) {
                Some(Value::Moment(at)) => Some(*at),
                Some(Value::Date(date)) => end_of_day(step, date),
                _ => return Err(Refusal::new(Code::Required).with("field", field)),
            },
        };
        let due = due.ok_or_else(|| no_due(step))?;
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

/// Whether a leg's clock has come so far: a share of it, its due moment, or later.
pub(crate) fn has_come_to(step: &Step<'_>, id: &ClockId, unit: &UnitId, at: &At) -> Result<bool, Refusal> {
    let key = ClockKey { clock: id.clone(), leg: Some(unit.clone()), claim: None };
    let Some(held) = step.case.clock(&key) else {
        return Ok(false);
    };
    let Some(clock) = step.workflow().clocks.get(id) else {
        return Ok(false);
    };
    let calendar = calendar_of(step, clock)?;
    let when = match at {
        At::Percent(percent) => held.budget.share(calendar, held.from, held.due, *percent),
        At::Breach => Some(held.due),
        At::After(span) => calendar.due(held.due, span, clock.roll).map(|due| due.at),
    };
    Ok(when.is_some_and(|when| step.now >= when))
}

/// When a clock would be due with more time; nothing when another clock caps it and it would gain nothing.
pub(crate) fn longer(step: &Step<'_>, key: &ClockKey, by: &Span) -> Result<Option<Moment>, Refusal> {
    let (Some(held), Some(clock)) = (step.case.clock(key), step.workflow().clocks.get(&key.clock)) else {
        return Ok(None);
    };
    let due = calendar_of(step, clock)?.due(held.due, by, clock.roll).ok_or_else(|| no_due(step))?;
    Ok(Some(cap(step, clock, due).at).filter(|due| *due > held.due))
}

/// Moves a running clock's due moment by more time, for a permitted cause; it is kept when the clock stands still.
pub(crate) fn extend(step: &mut Step<'_>, key: &ClockKey, by: &Span) -> Result<(), Refusal> {
    let due = longer(step, key, by)?;
    let clock = step.workflow().clocks.get(&key.clock);
    let (Some(due), Some(clock), Some(held)) = (due, clock, step.case.clock(key).cloned()) else {
        return Ok(());
    };
    disarm(step, key);
    let more = held.more.into_iter().chain([Budget::of(by)]).collect();
    let (clock_key, why) = (key.clone(), MoveCause::Extension);
    step.note(ClockFact::Moved { clock: clock_key, budget: held.budget, more, due, why });
    arm(step, key, clock, &held.fired)
}
