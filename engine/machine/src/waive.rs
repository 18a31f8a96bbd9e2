//! Waiving a leg that is not needed: the lead proposes it with a reason, somebody outside the departments agrees.

use alloc::vec::Vec;
use paidan_model::clock::Scope;
use paidan_model::id::{RoleId, UnitId};
use paidan_model::leg::{LegState, Part};

use crate::actor::Actor;
use crate::audience::{Audience, holds, is_of_leg};
use crate::case::leg::Leg;
use crate::fact::{AlarmKind, LegFact, TimerFact};
use crate::handoff;
use crate::refusal::{Code, Refusal};
use crate::step::Step;

/// Who agrees to a waiver: those who may start without a leg, and those who answer for the minutes in
/// which no leg holds the case. Never a department's own people, even if they are named there.
fn agreeing(step: &Step<'_>, leg: &Leg) -> Vec<RoleId> {
    let workflow = step.workflow();
    let root = workflow.handoffs.get(handoff::root(workflow, &leg.handoff));
    let starters = root.and_then(|h| h.start_without.as_ref()).map(|rule| rule.who.iter());
    let gaps = workflow.clocks.values().filter(|clock| clock.scope == Scope::Gap);
    let mut found: Vec<RoleId> = starters
        .into_iter()
        .flatten()
        .chain(gaps.flat_map(|clock| clock.holder.iter()))
        .filter(|role| !is_of_leg(workflow, role))
        .cloned()
        .collect();
    found.sort();
    found.dedup();
    found
}

fn is_lead(step: &Step<'_>) -> bool {
    step.case
        .legs
        .live_units(Some(Part::Lead))
        .into_iter()
        .any(|unit| Audience::Unit(unit).includes(step.actor))
}

/// Whether the asker may propose the waiver or, once it is proposed, agree to it. Who acts for the lead
/// never agrees to what the lead has proposed.
pub(crate) fn may(step: &Step<'_>, leg: &Leg) -> Result<(), Refusal> {
    let engine = matches!(step.actor, Actor::Engine);
    let refused = |who: &str| Err(Refusal::new(Code::NotYours).with("action", "waive").with("who", who));
    if !leg.waiver {
        return if engine || is_lead(step) { Ok(()) } else { refused("lead") };
    }
    let roles = agreeing(step, leg);
    if engine || (holds(step.workflow(), &step.case, step.actor, &roles, None) && !is_lead(step)) {
        Ok(())
    } else {
        refused(&crate::audience::names(&roles))
    }
}

/// Whether a leg can be waived: it is not the lead's, is not done, and somebody could agree.
pub(crate) fn fits(step: &Step<'_>, leg: &Leg) -> bool {
    let over = leg.state.is_gone() || matches!(leg.state, LegState::Done | LegState::Accepted);
    leg.part != Part::Lead && !over && !agreeing(step, leg).is_empty()
}

/// Notes the proposal, or waives the leg: its clocks end void, and joins look again at who is left.
pub(crate) fn act(step: &mut Step<'_>, unit: &UnitId, leg: &Leg) -> Result<(), Refusal> {
    if !leg.waiver {
        step.note(LegFact::WaiverAsked { leg: unit.clone() });
        for role in agreeing(step, leg) {
            crate::message::tell(step, "waiver", &role, &[], Some(unit), None, None)?;
        }
        return Ok(());
    }
    step.note(TimerFact::Disarmed { alarms: alloc::vec![AlarmKind::OfferEnd { leg: unit.clone() }] });
    step.note(LegFact::Moved { leg: unit.clone(), to: LegState::Waived, at: step.now, implicit: false });
    handoff::rewrite(step, unit, leg, None);
    crate::message::tell_unit(step, "waived", unit, None)
}
