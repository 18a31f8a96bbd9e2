//! What a department does on its leg: sign, refuse, check in, agree, object, finish, be waived; and what the arbiter rules.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_model::id::{GroundId, HandoffId, UnitId};
use paidan_model::leg::{Ground, Handoff, LegState, Part, StartWithout};
use paidan_model::value::{Held, Value};
use paidan_model::workflow::Workflow;
use serde_json::Value as Json;

use crate::audience::Audience;
use crate::case::leg::Leg;
use crate::command::Act;
use crate::fact::{AlarmKind, CaseFact, LegFact, TimerFact};
use crate::form;
use crate::handoff;
use crate::refusal::{Code, Refusal, both};
use crate::step::Step;
use crate::verb::LegVerb;

/// Does a leg action.
pub(crate) fn act(step: &mut Step<'_>, act: &Act, verb: LegVerb, unit: &UnitId) -> Result<(), Refusal> {
    let Some(leg) = step.case.legs.by_unit.get(unit).cloned() else {
        return Err(Refusal::new(Code::NoSuchLeg).with("leg", unit));
    };
    may(step, verb, unit, &leg)?;
    open(step, verb, unit, &leg)?;
    form::reason(step, verb == LegVerb::Waive && !leg.waiver, act.reason.as_deref())?;
    step.note(CaseFact::Acted {
        action: act.action.clone(),
        leg: Some(unit.clone()),
        state: None,
        way: None,
    });
    match verb {
        LegVerb::Sign => advance(step, unit, LegState::Signed),
        LegVerb::CheckIn => advance(step, unit, LegState::Reported),
        LegVerb::Finish => advance(step, unit, LegState::Done),
        LegVerb::Agree => step.note(LegFact::Agreed { leg: unit.clone(), agreed: true }),
        LegVerb::Object => object(step, act, unit)?,
        LegVerb::Refuse => refuse(step, act, unit)?,
        LegVerb::Waive => {
            only(&act.fill, "waive", &[])?;
            crate::waive::act(step, unit, &leg)?;
        }
        LegVerb::Rule => rule(step, act, unit, &leg)?,
    }
    Ok(())
}

/// Whether the asker may do this on the leg.
pub(crate) fn may(step: &Step<'_>, verb: LegVerb, unit: &UnitId, leg: &Leg) -> Result<(), Refusal> {
    let workflow = step.workflow();
    if verb == LegVerb::Waive {
        return crate::waive::may(step, leg);
    }
    let allowed = if verb == LegVerb::Rule {
        let arbiters = handoff::arbiters(workflow, leg);
        crate::audience::holds(workflow, &step.case, step.actor, arbiters, Some(unit))
    } else {
        matches!(step.actor, crate::actor::Actor::Engine) || Audience::Unit(unit.clone()).includes(step.actor)
    };
    if allowed {
        return Ok(());
    }
    let who = if verb == LegVerb::Rule { "arbiter".to_string() } else { unit.to_string() };
    Err(Refusal::new(Code::NotYours).with("action", verb.name()).with("who", who))
}

/// Whether the leg's state lets it.
pub(crate) fn open(step: &Step<'_>, verb: LegVerb, unit: &UnitId, leg: &Leg) -> Result<(), Refusal> {
    let plan = step
        .workflow()
        .handoffs
        .get(handoff::root(step.workflow(), &leg.handoff))
        .and_then(|h| h.agree_on.as_ref());
    let planned = plan.is_some_and(|field| step.case.form.fields.contains_key(field));
    let fits = match verb {
        LegVerb::Sign => leg.state == LegState::Notified || (leg.state == LegState::Signed && leg.implicit),
        LegVerb::CheckIn => matches!(leg.state, LegState::Notified | LegState::Signed),
        LegVerb::Refuse => {
            leg.state == LegState::Notified || (leg.state == LegState::Signed && !leg.implicit)
        }
        LegVerb::Agree | LegVerb::Object => {
            planned
                && leg.agreed != Some(true)
                && matches!(
                    leg.state,
                    LegState::Notified | LegState::Signed | LegState::Reported | LegState::Working
                )
        }
        LegVerb::Finish => matches!(leg.state, LegState::Signed | LegState::Reported | LegState::Working),
        LegVerb::Waive => crate::waive::fits(step, leg),
        LegVerb::Rule => leg.state == LegState::Arbitration,
    };
    if !fits {
        return Err(Refusal::new(Code::LegElsewhere)
            .with("leg", unit)
            .with("state", leg.state.name())
            .with("action", verb.name()));
    }
    if verb == LegVerb::Refuse {
        may_refuse(step, unit, leg)?;
    }
    Ok(())
}

fn may_refuse(step: &Step<'_>, unit: &UnitId, leg: &Leg) -> Result<(), Refusal> {
    let rules = handoff::rules(step.workflow(), leg);
    if rules.is_none_or(|r| r.refuse_within.is_none()) {
        return Err(Refusal::new(Code::CannotRefuse));
    }
    if leg.refused {
        return Err(Refusal::new(Code::RefusedBefore).with("leg", unit));
    }
    let handoff::Refusals { made, most, .. } = handoff::refusals(step.workflow(), &step.case, leg);
    if made >= most {
        return Err(Refusal::new(Code::TooMany)
            .saying("what", both!("退回", "hand-backs"))
            .with("limit", most));
    }
    let open =
        step.case.timers.armed.iter().any(|a| matches!(&a.kind, AlarmKind::OfferEnd { leg } if leg == unit));
    if open {
        Ok(())
    } else {
        Err(Refusal::new(Code::TooLate)
            .with("action", "refuse")
            .saying("until", both!("签收期限", "the end of the offer")))
    }
}

/// Moves a leg along its life, noting each state on the way.
fn advance(step: &mut Step<'_>, unit: &UnitId, to: LegState) {
    let from = step.case.legs.by_unit.get(unit).and_then(|leg| handoff::rank(leg.state)).unwrap_or(0);
    let implicit = step.case.legs.by_unit.get(unit).is_some_and(|leg| leg.implicit);
    let last = handoff::rank(to).unwrap_or(0);
    for state in [LegState::Signed, LegState::Reported, LegState::Working, LegState::Done] {
        let rank = handoff::rank(state).unwrap_or(0);
        let skipped = state == LegState::Reported && to == LegState::Done && from < 2;
        if rank <= last && (rank > from || (implicit && rank == from)) && !skipped {
            step.note(LegFact::Moved { leg: unit.clone(), to: state, at: step.now, implicit: false });
        }
    }
    step.note(TimerFact::Disarmed { alarms: alloc::vec![AlarmKind::OfferEnd { leg: unit.clone() }] });
}

fn object(step: &mut Step<'_>, act: &Act, unit: &UnitId) -> Result<(), Refusal> {
    if act.reason.as_deref().is_none_or(|words| words.trim().is_empty()) {
        return Err(Refusal::new(Code::ReasonMissing));
    }
    step.note(LegFact::Agreed { leg: unit.clone(), agreed: false });
    argued(step, unit)
}

fn text<'f>(fill: &'f BTreeMap<String, Json>, name: &str) -> Option<&'f str> {
    fill.get(name).and_then(Json::as_str).map(str::trim).filter(|words| !words.is_empty())
}

fn unit_in(step: &Step<'_>, fill: &BTreeMap<String, Json>, name: &str) -> Result<Option<UnitId>, Refusal> {
    let Some(words) = text(fill, name) else {
        return Ok(None);
    };
    let unknown = || Refusal::new(Code::Unknown).with("name", words.chars().take(64).collect::<String>());
    let unit = UnitId::parse(words).ok_or_else(unknown)?;
    let known = step.law.roster.is_none_or(|roster| roster.units.contains_key(&unit));
    if known { Ok(Some(unit)) } else { Err(unknown()) }
}

fn only(fill: &BTreeMap<String, Json>, action: &str, allowed: &[&str]) -> Result<(), Refusal> {
    match fill.keys().find(|name| !allowed.contains(&name.as_str())) {
        Some(name) => Err(Refusal::new(Code::UnknownField).with("action", action).with("field", name)),
        None => Ok(()),
    }
}

fn refuse(step: &mut Step<'_>, act: &Act, unit: &UnitId) -> Result<(), Refusal> {
    only(&act.fill, "refuse", &["ground", "basis", "instead"])?;
    let (ground, cites_duty) = ground(step, &act.fill, unit)?;
    let basis = basis(step, &act.fill)?;
    if cites_duty && basis.is_none() {
        return Err(Refusal::new(Code::Required).with("field", "basis"));
    }
    let instead = unit_in(step, &act.fill, "instead")?;
    if instead.as_ref() == Some(unit) {
        let why = both!("应由本单位以外的单位承办", "name another unit than your own");
        return Err(Refusal::new(Code::WrongValue).with("field", "instead").why(why));
    }
    step.note(LegFact::Refused { leg: unit.clone(), ground, basis, instead });
    step.note(TimerFact::Disarmed { alarms: alloc::vec![AlarmKind::OfferEnd { leg: unit.clone() }] });
    argued(step, unit)
}

/// The grounds on which a leg may be refused, in the order in which they are offered.
#[must_use]
pub fn grounds<'w>(workflow: &'w Workflow, leg: &Leg) -> Vec<(&'w GroundId, &'w Ground)> {
    let named = handoff::rules(workflow, leg).into_iter().flat_map(|rules| &rules.grounds);
    named.filter_map(|id| workflow.grounds.get_key_value(id)).collect()
}

/// On which ground, and whether a duty must be cited. A definition from before grounds were
/// declared names none: there any
/// will do, and a duty is cited.
fn ground(
    step: &Step<'_>,
    fill: &BTreeMap<String, Json>,
    unit: &UnitId,
) -> Result<(Option<GroundId>, bool), Refusal> {
    let leg = step.case.legs.by_unit.get(unit);
    let known = leg.map(|leg| grounds(step.workflow(), leg)).unwrap_or_default();
    let words = text(fill, "ground");
    if known.is_empty() {
        return Ok((words.and_then(GroundId::parse), true));
    }
    let Some(words) = words else {
        return Err(Refusal::new(Code::Required).with("field", "ground"));
    };
    let found = known.iter().find(|(id, _)| id.as_str() == words);
    let unknown = || {
        let names = known.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(", ");
        let why = both!("请从退单理由中选一项", "it is one of {names}");
        Refusal::new(Code::WrongValue).with("field", "ground").why(why)
    };
    let (id, ground) = found.ok_or_else(unknown)?;
    Ok((Some((*id).clone()), ground.cites_duty))
}

/// The most characters of what a refusal or a ruling rests on.
const BASIS_MAX: usize = 500;

/// What a refusal or a ruling rests on, sealed; nothing when nothing was written.
fn basis(step: &mut Step<'_>, fill: &BTreeMap<String, Json>) -> Result<Option<Held>, Refusal> {
    let Some(words) = text(fill, "basis") else { return Ok(None) };
    if words.chars().count() > BASIS_MAX {
        let why = both!("最多500个字", "at most 500 characters");
        return Err(Refusal::new(Code::WrongValue).with("field", "basis").why(why));
    }
    form::seal(step, "basis", true, Value::Text(words.to_string())).map(Some)
}

/// A leg goes to whoever rules on it, who hears of it.
fn argued(step: &mut Step<'_>, unit: &UnitId) -> Result<(), Refusal> {
    step.note(LegFact::Moved { leg: unit.clone(), to: LegState::Arbitration, at: step.now, implicit: false });
    let leg = step.case.legs.by_unit.get(unit);
    let arbiters = leg.map(|leg| handoff::arbiters(step.workflow(), leg)).unwrap_or_default();
    for role in arbiters {
        crate::message::tell(step, "to_rule", role, &[], Some(unit), None, None)?;
    }
    Ok(())
}

fn rule(step: &mut Step<'_>, act: &Act, unit: &UnitId, leg: &Leg) -> Result<(), Refusal> {
    only(&act.fill, "rule", &["ruling", "instead", "basis"])?;
    let instead = unit_in(step, &act.fill, "instead")?;
    match text(&act.fill, "ruling") {
        Some("keep") => {
            let basis = basis(step, &act.fill)?;
            step.note(LegFact::Ruled { leg: unit.clone(), kept: true, instead: None, basis });
            if leg.agreed == Some(false) {
                step.note(LegFact::Agreed { leg: unit.clone(), agreed: true });
            }
            let back = leg.before.unwrap_or(LegState::Notified);
            step.note(LegFact::Moved { leg: unit.clone(), to: back, at: step.now, implicit: false });
            Ok(())
        }
        Some("release") => release(step, act, unit, leg, instead),
        Some(_) => Err(Refusal::new(Code::WrongValue)
            .with("field", "ruling")
            .why(both!("只能是继续承办或另派", "it is `keep` or `release`"))),
        None => Err(Refusal::new(Code::Required).with("field", "ruling")),
    }
}

fn release(
    step: &mut Step<'_>,
    act: &Act,
    unit: &UnitId,
    leg: &Leg,
    instead: Option<UnitId>,
) -> Result<(), Refusal> {
    if let Some(taken) = instead.as_ref().filter(|new| step.case.legs.by_unit.contains_key(*new)) {
        let why = both!("该单位已在承办此事项", "that unit has a leg of this case already");
        return Err(Refusal::new(Code::WrongValue).with("field", "instead").why(why).with("leg", taken));
    }
    if leg.part == Part::Lead && instead.is_none() {
        return Err(Refusal::new(Code::Required).with("field", "instead"));
    }
    let basis = basis(step, &act.fill)?;
    step.note(LegFact::Ruled { leg: unit.clone(), kept: false, instead: instead.clone(), basis });
    step.note(LegFact::Moved { leg: unit.clone(), to: LegState::Released, at: step.now, implicit: false });
    handoff::rewrite(step, unit, leg, instead.as_ref());
    if let Some(new) = instead {
        handoff::open_leg(step, &leg.handoff, &new, leg.part)?;
    }
    Ok(())
}

/// Starts without the legs that are missing, once their clock has come so far.
pub(crate) fn start_without(step: &mut Step<'_>, act: &Act) -> Result<(), Refusal> {
    let (id, handoff, rule) = may_start_without(step)?;
    let missing = handoff::missing(step, id, handoff);
    form::reason(step, false, act.reason.as_deref())?;
    step.note(CaseFact::Acted { action: act.action.clone(), leg: None, state: None, way: None });
    for unit in missing {
        step.note(LegFact::MarkedLate { leg: unit.clone() });
        for role in &rule.tell {
            crate::message::tell(step, "overdue", role, &[], Some(&unit), None, None)?;
        }
    }
    handoff::joined(step, id, handoff, crate::fact::How::Without);
    Ok(())
}

/// The hand-off that runs, and its rule, where the asker may start without those who are missing, now.
pub(crate) fn may_start_without<'a>(
    step: &Step<'a>,
) -> Result<(&'a HandoffId, &'a Handoff, &'a StartWithout), Refusal> {
    let workflow = step.workflow();
    let not_open = || Refusal::new(Code::NotOpen).with("action", "start_without").with("open", "");
    let (id, handoff) = handoff::active(workflow, &step.case).ok_or_else(not_open)?;
    let rule = handoff.start_without.as_ref().ok_or_else(not_open)?;
    if step.case.handoffs.joined.get(id) != Some(&false) {
        return Err(not_open());
    }
    if !crate::audience::holds(workflow, &step.case, step.actor, &rule.who, None) {
        return Err(Refusal::new(Code::NotYours)
            .with("action", "start_without")
            .with("who", crate::audience::names(&rule.who)));
    }
    for unit in handoff::missing(step, id, handoff) {
        if !crate::clock::has_come_to(step, &rule.clock, &unit, &rule.after)? {
            return Err(Refusal::new(Code::NotYet).with("why", &unit));
        }
    }
    Ok((id, handoff, rule))
}
