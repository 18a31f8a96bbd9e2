//! What starts and stops clocks of the case, of legs and of the time that no leg holds.

use alloc::vec::Vec;
use paidan_model::clock::{Clock, Trigger};
use paidan_model::id::{ClockId, StateId};
use paidan_model::leg::LegState;

use super::happened::Happened;
use super::run::{give_back, hold, reopen, resume, start, start_from, stop, void};
use crate::case::clock::Clock as Held;
use crate::fact::{ClockKey, Standstill};
use crate::handoff;
use crate::refusal::Refusal;
use crate::step::Step;

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

pub(super) fn stop_case(
    step: &mut Step<'_>,
    id: &ClockId,
    clock: &Clock,
    happened: &Happened,
) -> Result<(), Refusal> {
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

pub(super) fn start_case(
    step: &mut Step<'_>,
    id: &ClockId,
    clock: &Clock,
    happened: &Happened,
) -> Result<(), Refusal> {
    let key = case_key(id);
    let still_there = |t: &Trigger| state_of(t).is_none_or(|s| step.case.chart.active.contains_key(s));
    let starts = clock.starts.iter().any(|t| matches(t, happened) && still_there(t));
    let held = step.case.clock(&key);
    let counts = held.is_some_and(|held| held.verdict.is_none());
    if happened.reopened && clock.public && held.is_some_and(Held::has_come_to_an_end) {
        return reopen(step, &key, clock);
    }
    if !starts || counts || (clock.public && held.is_some()) {
        return Ok(());
    }
    // What was turned into this case came in before it: what the public was promised counts from
    // then.
    let since = step.case.filing.since.filter(|_| clock.public && clock.starts.contains(&Trigger::Intake));
    start_from(step, &key, clock, since.unwrap_or(step.now))
}

pub(super) fn stop_legs(
    step: &mut Step<'_>,
    id: &ClockId,
    clock: &Clock,
    happened: &Happened,
) -> Result<(), Refusal> {
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
            hold(step, &key, Standstill::Arbitration)?;
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

pub(super) fn start_legs(
    step: &mut Step<'_>,
    id: &ClockId,
    clock: &Clock,
    happened: &Happened,
) -> Result<(), Refusal> {
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

pub(super) fn gap(step: &mut Step<'_>, id: &ClockId, clock: &Clock) -> Result<(), Refusal> {
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
