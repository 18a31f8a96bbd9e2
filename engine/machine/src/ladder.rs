//! Timers that fire: warnings, breaches, rungs, and whom they tell.

use alloc::vec::Vec;
use paidan_model::clock::Rung;
use paidan_model::id::{NoticeId, StateId};

use crate::audience::{Audience, resolve};
use crate::chart;
use crate::fact::{Alarm, AlarmKind, ClockFact, ClockKey, MessageFact, PeopleFact, TimerFact};
use crate::message::{claim_at_hand, holders, notify_about, tell, tell_claim, tell_unit};
use crate::refusal::Refusal;
use crate::step::Step;

/// Fires one timer at its computed moment.
pub(crate) fn fire(step: &mut Step<'_>, alarm: &Alarm) -> Result<(), Refusal> {
    step.note(TimerFact::Fired { alarm: alarm.kind.clone(), due: alarm.due });
    match &alarm.kind {
        AlarmKind::After { state, n } => after(step, state, *n),
        AlarmKind::Warn { clock, percent: _ } => warn(step, clock),
        AlarmKind::Breach { clock } => {
            step.note(ClockFact::Breached { clock: clock.clone(), due: alarm.due });
            if let Some(claim) = clock.claim {
                crate::claim::late(step, claim);
            }
            Ok(())
        }
        AlarmKind::Rung { clock, rung, again: _ } => fire_rung(step, clock, *rung),
        AlarmKind::OfferEnd { leg } => {
            crate::handoff::offer_end(step, leg);
            Ok(())
        }
        AlarmKind::VoteEnd { vote } => {
            crate::vote::end(step, vote);
            Ok(())
        }
        AlarmKind::VoteMay { .. } => Ok(()),
        AlarmKind::PauseEnd { pause, leg } => crate::clock::pause::end(step, pause, leg.as_ref()),
    }
}

fn after(step: &mut Step<'_>, state: &StateId, n: u32) -> Result<(), Refusal> {
    let workflow = step.workflow();
    let timers = workflow.states.get(state).map(|s| s.after.as_slice()).unwrap_or_default();
    let Some(timer) = usize::try_from(n).ok().and_then(|n| timers.get(n)) else {
        return Ok(());
    };
    let way = chart::Move {
        source: state.clone(),
        targets: Some(alloc::vec![timer.go.clone()]),
        way: None,
        action: None,
    };
    chart::take(step, &[way])
}

fn warn(step: &mut Step<'_>, key: &ClockKey) -> Result<(), Refusal> {
    let Some(clock) = step.workflow().clocks.get(&key.clock) else {
        return Ok(());
    };
    let holders = holders(step, clock, key);
    if let Some(claim) = claim_at_hand(step, key).filter(|_| holders.is_empty()) {
        return tell_claim(step, "warning", &claim, Some(key));
    }
    if holders.is_empty()
        && let Some(unit) = &key.leg
    {
        return tell_unit(step, "warning", unit, Some(key));
    }
    for role in holders {
        tell(step, "warning", &role, &[], key.leg.as_ref(), Some(key), None)?;
    }
    Ok(())
}

fn fire_rung(step: &mut Step<'_>, key: &ClockKey, n: u32) -> Result<(), Refusal> {
    let Some(clock) = step.workflow().clocks.get(&key.clock) else {
        return Ok(());
    };
    let ladder = crate::clock::ladder_of(step, clock);
    let Some(rung) = usize::try_from(n).ok().and_then(|n| ladder.get(n)) else {
        return Ok(());
    };
    issue_slip(step, key, rung);
    let early = step.case.clock(key).is_some_and(|held| step.now < held.due);
    let own = if early { "warning" } else { "overdue" };
    let notice = rung.notice.as_ref().map_or(own, NoticeId::as_str);
    for role in &rung.tell {
        tell(step, notice, role, &rung.via, key.leg.as_ref(), Some(key), rung.slip)?;
    }
    if rung.tell.is_empty() && rung.notice.is_some() {
        notify_about(step, rung.notice.as_ref(), Some(key))?;
    }
    if let Some(role) = &rung.assign {
        let to = resolve(step.workflow(), &step.case, role, key.leg.as_ref());
        step.note(PeopleFact::Assigned { to, role: role.clone() });
    }
    if let Some(open) = &rung.open {
        crate::form::ask_child(step, &paidan_model::field::Per::One(open.clone()));
    }
    match &rung.take_over {
        Some(state) => chart::go_to(step, state),
        None => Ok(()),
    }
}

fn issue_slip(step: &mut Step<'_>, key: &ClockKey, rung: &Rung) {
    let Some(colour) = rung.slip else { return };
    let to: Vec<Audience> = rung
        .tell
        .iter()
        .flat_map(|role| resolve(step.workflow(), &step.case, role, key.leg.as_ref()))
        .collect();
    let n = u32::try_from(step.case.messages.slips.len()).unwrap_or(u32::MAX).saturating_add(1);
    step.note(MessageFact::SlipIssued { n, colour, clock: key.clone(), to, at: step.now });
}
