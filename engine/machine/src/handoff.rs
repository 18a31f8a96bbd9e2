//! Hand-offs: legs are opened when a state is entered, and join when their rule holds.

use alloc::vec::Vec;
use paidan_model::id::{ClockId, FieldId, HandoffId, RoleId, UnitId};
use paidan_model::leg::{Handoff, Join, LegRules, LegState, Part, Rest};
use paidan_model::value::{Held, Value};
use paidan_model::workflow::Workflow;

use crate::case::Case;
use crate::case::leg::Leg;
use crate::fact::{Alarm, AlarmKind, FormFact, HandoffFact, How, LegFact, TimerFact};
use crate::refusal::{Code, Refusal, both};
use crate::step::Step;

/// How many refusals of one case a definition allows when it says nothing.
pub const HOPS: u8 = 2;
/// The most legs of a case.
pub const LEGS_MAX: usize = 32;
/// The longest chain of hand-offs that continue one another.
const CHAIN_MAX: usize = 8;

/// The hand-off that opened the legs which this one works with.
pub(crate) fn root<'a>(workflow: &'a Workflow, id: &'a HandoffId) -> &'a HandoffId {
    let mut found = id;
    for _ in 0..CHAIN_MAX {
        match workflow.handoffs.get(found).and_then(|h| h.continues.as_ref()) {
            Some(next) => found = next,
            None => break,
        }
    }
    found
}

/// The rules for a leg: those of the hand-off that opened it.
pub(crate) fn rules<'a>(workflow: &'a Workflow, leg: &Leg) -> Option<&'a LegRules> {
    workflow.handoffs.get(root(workflow, &leg.handoff)).map(|h| &h.leg)
}

/// Who rules on a leg: after an earlier refusal of the same case those whom the rules name for that, if they name any.
#[must_use]
pub fn arbiters<'a>(workflow: &'a Workflow, leg: &Leg) -> &'a [RoleId] {
    let Some(rules) = rules(workflow, leg) else { return &[] };
    if leg.refused_again && !rules.arbiter_again.is_empty() { &rules.arbiter_again } else { &rules.arbiter }
}

/// What the refusals of a case so far mean for one more.
#[derive(Clone, Copy, Debug)]
pub struct Refusals<'a> {
    /// How many units have refused it.
    pub made: usize,
    /// How many may; after them only whoever rules holds a leg.
    pub most: usize,
    /// Who would rule on one more.
    pub ruled_by: &'a [RoleId],
    /// Who would rule on the one after it.
    pub then_by: &'a [RoleId],
}

/// What the refusals of a case so far mean for one more, of a leg.
#[must_use]
pub fn refusals<'a>(workflow: &'a Workflow, case: &Case, leg: &Leg) -> Refusals<'a> {
    let made = case.legs.by_unit.values().filter(|leg| leg.refused).count();
    let Some(rules) = rules(workflow, leg) else {
        return Refusals { made, most: usize::from(HOPS), ruled_by: &[], then_by: &[] };
    };
    let then_by = if rules.arbiter_again.is_empty() { &rules.arbiter } else { &rules.arbiter_again };
    let ruled_by = if made == 0 { &rules.arbiter } else { then_by };
    let most = usize::from(if rules.hops == 0 { HOPS } else { rules.hops });
    Refusals { made, most, ruled_by, then_by }
}

/// The hand-off whose legs are at work: of the active states, or the last that began.
pub(crate) fn active<'a>(workflow: &'a Workflow, case: &Case) -> Option<(&'a HandoffId, &'a Handoff)> {
    let of_states =
        case.chart.active.keys().filter_map(|id| workflow.states.get(id).and_then(|s| s.handoff.as_ref()));
    of_states.into_iter().find_map(|id| workflow.handoffs.get_key_value(id))
}

/// The clocks that a leg's moves may start: those of its hand-off and of the ones that continue it now.
pub(crate) fn clocks<'a>(workflow: &'a Workflow, case: &Case, leg: &Leg) -> Vec<&'a ClockId> {
    let own = rules(workflow, leg).map(|r| r.clocks.iter()).into_iter().flatten();
    let now = active(workflow, case)
        .filter(|(id, _)| root(workflow, id) == root(workflow, &leg.handoff))
        .map(|(_, h)| h.leg.clocks.iter())
        .into_iter()
        .flatten();
    let mut found: Vec<&ClockId> = own.chain(now).collect();
    found.sort();
    found.dedup();
    found
}

pub(crate) fn units(case: &Case, field: Option<&FieldId>) -> Vec<UnitId> {
    match field.and_then(|id| case.form.fields.get(id)).and_then(Held::open) {
        Some(Value::Units(units)) => units.clone(),
        Some(Value::Unit(unit)) => alloc::vec![unit.clone()],
        _ => Vec::new(),
    }
}

/// Begins a hand-off: opens its legs, or gives the ones it continues their next part of the work.
pub(crate) fn begin(step: &mut Step<'_>, id: &HandoffId) -> Result<(), Refusal> {
    let workflow = step.workflow();
    let Some(handoff) = workflow.handoffs.get(id) else {
        return Ok(());
    };
    step.note(HandoffFact::Began { handoff: id.clone() });
    if handoff.continues.is_some() {
        go_on(step, id, handoff);
        return Ok(());
    }
    let each = units(&step.case, handoff.each.as_ref());
    if step.case.legs.by_unit.len() + each.len() > LEGS_MAX {
        return Err(Refusal::new(Code::TooMany)
            .saying("what", both!("承办单位", "legs"))
            .with("limit", LEGS_MAX));
    }
    for unit in each {
        if step.case.legs.by_unit.get(&unit).is_some_and(|leg| !leg.state.is_gone()) {
            continue;
        }
        let part = part_of(&step.case, handoff, &unit);
        open_leg(step, id, &unit, part)?;
    }
    Ok(())
}

fn part_of(case: &Case, handoff: &Handoff, unit: &UnitId) -> Part {
    if units(case, handoff.lead.as_ref()).contains(unit) {
        Part::Lead
    } else if units(case, handoff.optional.as_ref()).contains(unit) {
        Part::Optional
    } else {
        Part::Assist
    }
}

/// Opens one leg and arms the end of its time for refusing.
pub(crate) fn open_leg(
    step: &mut Step<'_>,
    id: &HandoffId,
    unit: &UnitId,
    part: Part,
) -> Result<(), Refusal> {
    step.note(LegFact::Opened { leg: unit.clone(), part, handoff: id.clone(), at: step.now });
    let within = step.workflow().handoffs.get(id).and_then(|h| h.leg.refuse_within.as_ref());
    if let Some(within) = within {
        let calendar = step.calendar(&step.workflow().calendar)?;
        let end = calendar.due(step.now, within, paidan_model::calendar::Roll::default());
        let end = end.ok_or_else(|| Refusal::new(Code::NoDue).with("calendar", &step.workflow().calendar))?;
        let alarm = Alarm { kind: AlarmKind::OfferEnd { leg: unit.clone() }, due: end.at };
        step.note(TimerFact::Armed { alarms: alloc::vec![alarm] });
    }
    Ok(())
}

fn go_on(step: &mut Step<'_>, id: &HandoffId, handoff: &Handoff) {
    let named = handoff.only.as_ref().map(|field| units(&step.case, Some(field)));
    let base = root(step.workflow(), id).clone();
    let legs: Vec<(UnitId, LegState)> = step
        .case
        .legs
        .by_unit
        .iter()
        .filter(|(_, leg)| *root(step.law.workflow, &leg.handoff) == base && !leg.state.is_gone())
        .map(|(unit, leg)| (unit.clone(), leg.state))
        .collect();
    for (unit, state) in legs {
        match &named {
            Some(named) if named.contains(&unit) => again(step, &unit),
            Some(_) => {}
            None if matches!(state, LegState::Signed | LegState::Reported) => {
                step.note(LegFact::Moved { leg: unit, to: LegState::Working, at: step.now, implicit: false });
            }
            None => {}
        }
    }
}

fn again(step: &mut Step<'_>, unit: &UnitId) {
    let round = step.case.chart.round;
    step.note(LegFact::RoundBegan { leg: unit.clone(), round });
    for to in [LegState::Returned, LegState::Working] {
        step.note(LegFact::Moved { leg: unit.clone(), to, at: step.now, implicit: false });
    }
}

/// How far along a leg's life a state is; nothing for the states aside.
pub(crate) fn rank(state: LegState) -> Option<u8> {
    match state {
        LegState::Notified => Some(0),
        LegState::Signed => Some(1),
        LegState::Reported => Some(2),
        LegState::Working => Some(3),
        LegState::Done => Some(4),
        LegState::Accepted => Some(5),
        LegState::Arbitration | LegState::Released | LegState::Returned | LegState::Waived => None,
    }
}

fn has_reached(leg: &Leg, reach: LegState) -> bool {
    rank(leg.state) >= rank(reach) && rank(leg.state).is_some()
}

/// The legs a hand-off waits for, and whether each has reached what counts.
fn waited_for(step: &Step<'_>, id: &HandoffId, handoff: &Handoff) -> Vec<(UnitId, Part, bool)> {
    let named = handoff.only.as_ref().map(|field| units(&step.case, Some(field)));
    let base = root(step.workflow(), id);
    step.case
        .legs
        .by_unit
        .iter()
        .filter(|(_, leg)| root(step.law.workflow, &leg.handoff) == base)
        .filter(|(_, leg)| leg.part != Part::Optional && !leg.state.is_gone())
        .filter(|(unit, _)| named.as_ref().is_none_or(|named| named.contains(unit)))
        .map(|(unit, leg)| (unit.clone(), leg.part, has_reached(leg, handoff.reach)))
        .collect()
}

fn rule_holds(join: &Join, legs: &[(UnitId, Part, bool)]) -> bool {
    let lead = legs.iter().any(|(_, part, reached)| *part == Part::Lead && *reached);
    let share = |n: u32, of: u32, among: &mut dyn Iterator<Item = bool>| {
        let (mut reached, mut all) = (0u64, 0u64);
        for one in among {
            all += 1;
            reached += u64::from(one);
        }
        reached * u64::from(of) >= all * u64::from(n)
    };
    match join {
        Join::All => legs.iter().all(|(_, _, reached)| *reached),
        Join::Any => legs.iter().any(|(_, _, reached)| *reached),
        Join::Lead => lead,
        Join::Share(n, of) => share(*n, *of, &mut legs.iter().map(|l| l.2)),
        Join::LeadAndShare(n, of) => {
            lead && share(*n, *of, &mut legs.iter().filter(|l| l.1 != Part::Lead).map(|l| l.2))
        }
    }
}

/// The legs that a waiting hand-off still misses.
pub(crate) fn missing(step: &Step<'_>, id: &HandoffId, handoff: &Handoff) -> Vec<UnitId> {
    waited_for(step, id, handoff)
        .into_iter()
        .filter(|(_, _, reached)| !reached)
        .map(|(unit, _, _)| unit)
        .collect()
}

/// Looks at the hand-offs that run; notes and raises the first that joins or fails. Says whether one did.
pub(crate) fn join(step: &mut Step<'_>) -> Result<bool, Refusal> {
    let workflow = step.workflow();
    let running: Vec<&HandoffId> = step
        .case
        .chart
        .active
        .keys()
        .filter_map(|id| workflow.states.get(id).and_then(|s| s.handoff.as_ref()))
        .collect();
    for id in running {
        if step.case.handoffs.joined.get(id) != Some(&false) {
            continue;
        }
        let Some(handoff) = workflow.handoffs.get(id) else {
            continue;
        };
        let legs = waited_for(step, id, handoff);
        if legs.is_empty() {
            step.note(HandoffFact::Failed { handoff: id.clone() });
            step.raise_named("join_failed", None);
            return Ok(true);
        }
        let rule = step.pick(&handoff.join).unwrap_or(&Join::All);
        if rule_holds(rule, &legs) {
            joined(step, id, handoff, How::Rule);
            return Ok(true);
        }
    }
    Ok(false)
}

/// Notes that a hand-off has what it waits for.
pub(crate) fn joined(step: &mut Step<'_>, id: &HandoffId, handoff: &Handoff, how: How) {
    step.note(HandoffFact::Joined { handoff: id.clone(), how });
    if handoff.rest == Rest::Recall {
        let open: Vec<UnitId> = step
            .case
            .legs
            .by_unit
            .iter()
            .filter(|(_, leg)| !leg.state.is_gone() && !has_reached(leg, handoff.reach))
            .map(|(unit, _)| unit.clone())
            .collect();
        for leg in open {
            step.note(LegFact::Moved { leg, to: LegState::Released, at: step.now, implicit: false });
        }
    }
    step.raise_named("joined", None);
}

/// Asks every live leg afresh whether it agrees to the plan.
pub(crate) fn ask_agreement(step: &mut Step<'_>) {
    for leg in step.case.legs.live_units(None) {
        if step.case.legs.by_unit.get(&leg).is_some_and(|l| l.agreed.is_some()) {
            step.note(LegFact::AskedAfresh { leg });
        }
    }
}

/// The end of the time for refusing: silence makes the leg answerable, and its sign clock stays late.
pub(crate) fn offer_end(step: &mut Step<'_>, unit: &UnitId) {
    if step.case.legs.by_unit.get(unit).is_some_and(|leg| leg.state == LegState::Notified) {
        step.note(LegFact::Moved { leg: unit.clone(), to: LegState::Signed, at: step.now, implicit: true });
    }
}

/// At the end of a case finished work is accepted.
pub(crate) fn accept_all(step: &mut Step<'_>) {
    let done: Vec<UnitId> = step
        .case
        .legs
        .by_unit
        .iter()
        .filter(|(_, leg)| leg.state == LegState::Done)
        .map(|(unit, _)| unit.clone())
        .collect();
    for leg in done {
        step.note(LegFact::Moved { leg, to: LegState::Accepted, at: step.now, implicit: false });
    }
}

/// Keeps the fields that name departments true to the legs.
pub(crate) fn rewrite(step: &mut Step<'_>, old: &UnitId, leg: &Leg, new: Option<&UnitId>) {
    let Some(declared) = step.workflow().handoffs.get(root(step.workflow(), &leg.handoff)) else {
        return;
    };
    let fields: Vec<&FieldId> =
        [&declared.each, &declared.lead, &declared.optional].into_iter().flatten().collect();
    for id in fields {
        let value = match step.case.form.fields.get(id).and_then(Held::open) {
            Some(Value::Units(units)) if units.contains(old) => {
                let kept = units.iter().filter(|unit| *unit != old).chain(new);
                Value::Units(kept.cloned().collect())
            }
            Some(Value::Unit(unit)) if unit == old => match new {
                Some(new) => Value::Unit(new.clone()),
                None => continue,
            },
            _ => continue,
        };
        step.note(FormFact::Filled { field: id.clone(), value: Held::Open(value) });
    }
}
