//! Clocks. After each step they are compared with what happened (stop, follow, pause, start), and
//! then computed anew.
//!
//! Due moments are computed here, recorded, and read from the record by everything that comes
//! later.

mod calendar;
mod due;
mod happened;
mod limit;
mod offer;
pub(crate) mod pause;
mod reckon;
mod run;
mod stale;
mod timer;
mod trigger;

use alloc::vec::Vec;
use paidan_model::clock::Scope;

pub use calendar::calendar_of;
pub(crate) use reckon::{has_come_to, ladder_of};
pub(crate) use run::{extend, longer};
pub(crate) use timer::{arm_state, disarm_state};

use crate::fact::{AlarmKind, ClockKey, MoveCause, TimerFact};
use crate::refusal::Refusal;
use crate::step::Step;

/// Compares every clock with the facts of this step, and computes it anew.
pub(crate) fn settle(step: &mut Step<'_>) -> Result<(), Refusal> {
    let happened = happened::happened(&step.facts);
    if happened.ended {
        end_all(step);
        return Ok(());
    }
    let clocks = reckon::in_order(step.workflow());
    for (id, clock) in &clocks {
        match clock.scope {
            Scope::Case => trigger::stop_case(step, id, clock, &happened)?,
            Scope::Leg => trigger::stop_legs(step, id, clock, &happened)?,
            Scope::Offer => offer::stop_all(step, id, clock, &happened.claims),
            Scope::Gap => {}
        }
    }
    limit::follow(step)?;
    pause::settle(step, &happened.entered, &happened.left)?;
    for (id, clock) in &clocks {
        match clock.scope {
            Scope::Case => trigger::start_case(step, id, clock, &happened)?,
            Scope::Leg => trigger::start_legs(step, id, clock, &happened)?,
            Scope::Gap => trigger::gap(step, id, clock)?,
            Scope::Offer => offer::start_all(step, id, clock, &happened.claims)?,
        }
    }
    pause::hold_all(step)?;
    reckon(step, None)
}

/// Computes again what this step concerns, all clocks and timers when there is a cause for that, and
/// notes what differs from the record.
///
/// # Errors
/// When a calendar gives no due moment.
pub(crate) fn reckon(step: &mut Step<'_>, cause: Option<MoveCause>) -> Result<(), Refusal> {
    reckon::all(step, cause)?;
    timer::all(step, cause)
}

/// Whether a promise to the public is none that this case keeps or breaks: it goes on in another
/// case while there is time, and that one answers for it.
fn goes_on_elsewhere(step: &Step<'_>, key: &ClockKey) -> bool {
    let moved_on = step.case.life.class == Some(paidan_model::outcome::Class::MovedOn);
    let public = step.workflow().clocks.get(&key.clock).is_some_and(|clock| clock.public);
    let in_time = |held: &crate::case::clock::Clock| !held.late && step.now <= held.due;
    moved_on && public && step.case.clock(key).is_some_and(in_time)
}

/// The end of a case is the end of its clocks, timers and pauses.
fn end_all(step: &mut Step<'_>) {
    let open = step.case.clocks.all.iter().filter(|clock| clock.verdict.is_none());
    let open: Vec<ClockKey> = open.map(|clock| clock.key.clone()).collect();
    for key in open {
        let leg = key.leg.as_ref().and_then(|unit| step.case.legs.by_unit.get(unit));
        let gone = leg.is_some_and(|leg| leg.state.is_gone());
        let gone = gone || goes_on_elsewhere(step, &key);
        if gone { run::void(step, &key) } else { run::stop(step, &key) }
    }
    let rest: Vec<AlarmKind> = step.case.timers.armed.iter().map(|alarm| alarm.kind.clone()).collect();
    if !rest.is_empty() {
        step.note(TimerFact::Disarmed { alarms: rest });
    }
    pause::end_all(step);
}
