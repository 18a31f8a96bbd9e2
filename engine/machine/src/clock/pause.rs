//! What pauses do to clocks: they begin and end with a state, or by hand, and hold what begins to
//! run meanwhile.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use paidan_model::clock::{Pause, Scope};
use paidan_model::id::{ClockId, PauseId, RoleId, StateId, UnitId};
use paidan_model::text::Text;
use paidan_model::workflow::Workflow;

use super::run::{hold, resume};
use crate::case::Case;
use crate::fact::{Alarm, AlarmKind, ClockKey, PauseFact, Standstill, TimerFact};
use crate::refusal::{Code, Refusal, both};
use crate::step::Step;

/// The clocks that count now and that a pause makes stand still.
pub fn clocks_of(workflow: &Workflow, case: &Case, id: &PauseId, leg: Option<&UnitId>) -> Vec<ClockKey> {
    let named = |clock: &ClockId| workflow.clocks.get(clock).is_some_and(|clock| clock.pauses.contains(id));
    let of = |held: &&crate::case::clock::Clock| {
        let key = &held.key;
        held.verdict.is_none() && named(&key.clock) && key.leg.as_ref() == leg && key.claim.is_none()
    };
    case.clocks.all.iter().filter(of).map(|held| held.key.clone()).collect()
}

pub(crate) fn clocks(step: &Step<'_>, id: &PauseId, leg: Option<&UnitId>) -> Vec<ClockKey> {
    clocks_of(step.workflow(), &step.case, id, leg)
}

/// Begins the case's pauses that hold while a state is active, and ends them and those of legs.
pub(crate) fn settle(
    step: &mut Step<'_>,
    entered: &BTreeSet<StateId>,
    left: &BTreeSet<StateId>,
) -> Result<(), Refusal> {
    let mut declared: Vec<(&PauseId, &Pause)> = step.workflow().pauses.iter().collect();
    declared.sort_by_key(|(_, pause)| pause.scope == Scope::Leg); // clocks of legs are capped by those of the case
    for (id, pause) in declared {
        let Some(state) = &pause.during else { continue };
        let active = step.case.chart.active.contains_key(state);
        if pause.scope == Scope::Leg {
            let over = left.contains(state) && !active;
            for unit in if over { legs_in(step, id) } else { Vec::new() } {
                end(step, id, Some(&unit))?;
            }
        } else if entered.contains(state) && active {
            check_times(step, id, pause, None)?;
            begin(step, id, pause, None)?;
        } else if left.contains(state) && !active {
            end(step, id, None)?;
        }
    }
    Ok(())
}

/// The units whose legs are in a pause.
fn legs_in(step: &Step<'_>, id: &PauseId) -> Vec<UnitId> {
    let open =
        step.case.pauses.all.iter().filter(|p| p.pause == *id && p.began.is_some() && p.ended.is_none());
    open.filter_map(|p| p.leg.clone()).collect()
}

/// Sees to it that what a pause holds stands still, also what has only now begun to run: a leg that was
/// opened while the state is active, a clock that another cause let go on.
pub(crate) fn hold_all(step: &mut Step<'_>) -> Result<(), Refusal> {
    begin_legs(step)?;
    let armed = |p: &crate::case::pause::Pause| {
        let kind = AlarmKind::PauseEnd { pause: p.pause.clone(), leg: p.leg.clone() };
        step.case.timers.armed.iter().any(|alarm| alarm.kind == kind)
    };
    let open = step.case.pauses.all.iter().filter(|p| p.began.is_some() && p.ended.is_none() && armed(p));
    let open: Vec<(PauseId, Option<UnitId>)> = open.map(|p| (p.pause.clone(), p.leg.clone())).collect();
    for (id, leg) in open {
        for key in clocks(step, &id, leg.as_ref()) {
            hold(step, &key, Standstill::Pause(id.clone()))?;
        }
    }
    Ok(())
}

/// Begins the pauses of legs that hold while a state is active, once for each stay in it. A leg that has
/// used up its times goes on counting: what a leg may no more have does not keep the case from moving.
fn begin_legs(step: &mut Step<'_>) -> Result<(), Refusal> {
    let workflow = step.workflow();
    for (id, pause) in workflow.pauses.iter().filter(|(_, pause)| pause.scope == Scope::Leg) {
        let Some(since) = pause.during.as_ref().and_then(|s| step.case.chart.active.get(s)).map(|e| e.at)
        else {
            continue;
        };
        for unit in step.case.legs.live_units(None) {
            let runs = clocks(step, id, Some(&unit))
                .iter()
                .any(|key| step.case.clock(key).is_some_and(crate::case::clock::Clock::runs));
            let here = |p: &crate::case::pause::Pause| {
                p.pause == *id && p.leg.as_ref() == Some(&unit) && p.began.is_some_and(|began| began >= since)
            };
            let had = step.case.pauses.all.iter().any(here);
            if runs && !had && check_times(step, id, pause, Some(&unit)).is_ok() {
                begin(step, id, pause, Some(&unit))?;
            }
        }
    }
    Ok(())
}

/// The end of a case is the end of its pauses.
pub(crate) fn end_all(step: &mut Step<'_>) {
    let open = step.case.pauses.all.iter().filter(|p| p.began.is_some() && p.ended.is_none());
    let open: Vec<(PauseId, Option<UnitId>)> = open.map(|p| (p.pause.clone(), p.leg.clone())).collect();
    for (pause, leg) in open {
        step.note(PauseFact::Ended { pause, leg, at: step.now });
    }
}

pub(crate) fn check_times(
    step: &Step<'_>,
    id: &PauseId,
    pause: &Pause,
    leg: Option<&UnitId>,
) -> Result<(), Refusal> {
    let used = step
        .case
        .pauses
        .all
        .iter()
        .filter(|p| p.pause == *id && p.leg.as_ref() == leg && p.began.is_some())
        .count();
    let open = step
        .case
        .pauses
        .all
        .iter()
        .any(|p| p.pause == *id && p.leg.as_ref() == leg && p.ended.is_none() && p.began.is_some());
    if open {
        return Err(refused(both!("已经暂停", "it stands still already")));
    }
    if used >= usize::from(pause.times) {
        return Err(refused(both!("次数已用完", "it was used as often as it may be")));
    }
    Ok(())
}

pub(crate) fn begin(
    step: &mut Step<'_>,
    id: &PauseId,
    pause: &Pause,
    leg: Option<&UnitId>,
) -> Result<(), Refusal> {
    for key in clocks(step, id, leg) {
        hold(step, &key, Standstill::Pause(id.clone()))?;
    }
    step.note(PauseFact::Began { pause: id.clone(), leg: leg.cloned(), at: step.now });
    let length = pause.resumes_after.as_ref().unwrap_or(&pause.max);
    let calendar = step.calendar(&step.workflow().calendar)?;
    let due = calendar.due(step.now, length, paidan_model::calendar::Roll::default());
    let due = due.ok_or_else(|| Refusal::new(Code::NoDue).with("calendar", &step.workflow().calendar))?;
    let kind = AlarmKind::PauseEnd { pause: id.clone(), leg: leg.cloned() };
    step.note(TimerFact::Armed { alarms: alloc::vec![Alarm { kind, due: due.at }] });
    tell(step, "paused", &pause.tell, leg)
}

/// Ends a pause: its clocks go on with what was left.
pub(crate) fn end(step: &mut Step<'_>, id: &PauseId, leg: Option<&UnitId>) -> Result<(), Refusal> {
    let open = step
        .case
        .pauses
        .all
        .iter()
        .any(|p| p.pause == *id && p.leg.as_ref() == leg && p.began.is_some() && p.ended.is_none());
    if !open {
        return Ok(());
    }
    step.note(PauseFact::Ended { pause: id.clone(), leg: leg.cloned(), at: step.now });
    step.note(TimerFact::Disarmed {
        alarms: alloc::vec![AlarmKind::PauseEnd { pause: id.clone(), leg: leg.cloned() }],
    });
    for key in clocks(step, id, leg) {
        if step.case.clock(&key).is_some_and(|c| c.paused == Some(Standstill::Pause(id.clone()))) {
            resume(step, &key)?;
        }
    }
    Ok(())
}

pub(crate) fn refused(why: Text) -> Refusal {
    Refusal::new(Code::PauseRefused).why(why)
}

pub(crate) fn tell(
    step: &mut Step<'_>,
    notice: &str,
    roles: &[RoleId],
    leg: Option<&UnitId>,
) -> Result<(), Refusal> {
    for role in roles {
        crate::message::tell(step, notice, role, &[], leg, None, None)?;
    }
    Ok(())
}
