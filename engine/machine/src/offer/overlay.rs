//! Offers beside the chart: more time, clocks that stand still, starting without those who are missing, and opening a
//! closed case again.

use alloc::format;
use alloc::vec::Vec;
use paidan_model::clock::Scope;
use paidan_model::id::{ActionId, ClockId, PauseId, UnitId};
use paidan_model::text::Text;

use super::offered::{About, Form, Offer};
use crate::refusal::{Code, Refusal};
use crate::step::Step;
use crate::verb::{CaseVerb, ExtensionVerb, PauseVerb, Verb};

/// What is offered of a case that is open; an action that the definition declares under one of these names is its own.
pub(super) fn of_open(step: &Step<'_>, found: &mut Vec<Offer>) {
    let before = found.len();
    of_time(step, found);
    of_whole(step, found);
    let declared = |offer: &Offer| crate::declared::declares(step.workflow(), &offer.action);
    let built_in: Vec<Offer> = found.split_off(before).into_iter().filter(|offer| !declared(offer)).collect();
    found.extend(built_in);
}

fn of_time(step: &Step<'_>, found: &mut Vec<Offer>) {
    let workflow = step.workflow();
    for id in workflow.clocks.iter().filter(|(_, clock)| clock.extend.is_some()).map(|(id, _)| id) {
        let open = |held: &&crate::case::clock::Clock| held.key.clock == *id && held.verdict.is_none();
        let open = step.case.clocks.all.iter().filter(open).filter(|held| held.key.claim.is_none());
        for (leg, runs) in open.map(|held| (held.key.leg.as_ref(), held.runs())) {
            of_clock(step, id, (leg, runs), found);
        }
    }
    for (id, pause) in workflow.pauses.iter().filter(|(_, pause)| pause.during.is_none()) {
        let legs = if pause.scope == Scope::Leg {
            step.case.legs.live_units(None).into_iter().map(Some).collect()
        } else {
            alloc::vec![None]
        };
        for leg in legs {
            of_pause(step, id, leg.as_ref(), found);
        }
    }
}

/// What is done to the case as a whole, where the asker may do it or may soon.
fn of_whole(step: &Step<'_>, found: &mut Vec<Offer>) {
    for verb in CaseVerb::ALL.iter().copied() {
        let may = crate::act::may(step, verb);
        let hidden = |refusal: &Refusal| matches!(refusal.code, Code::NotOpen | Code::NotYours);
        if !may.as_ref().is_err_and(hidden) {
            found.extend(offer(verb, None, None, Text::default(), may, None));
        }
    }
}

/// What is offered of a case that is closed: to open it again.
pub(super) fn of_closed(step: &Step<'_>, found: &mut Vec<Offer>) {
    match crate::act::reopen::may(step) {
        Err(refusal) if matches!(refusal.code, Code::Closed | Code::NotYours | Code::TooLate) => {}
        Err(refusal) => {
            found.extend(offer(CaseVerb::Reopen, None, None, Text::default(), Err(refusal), None))
        }
        Ok(rule) => {
            let form = Form { reason: rule.reason, ..Form::default() };
            found.extend(offer(CaseVerb::Reopen, None, None, Text::default(), Ok(()), Some(form)));
        }
    }
}

fn of_clock(step: &Step<'_>, id: &ClockId, (leg, runs): (Option<&UnitId>, bool), found: &mut Vec<Offer>) {
    let of = step.workflow().clocks.get(id).map(|clock| named(&clock.title, id.as_str()));
    let of = of.unwrap_or_default();
    for verb in ExtensionVerb::ALL.iter().copied() {
        if verb == ExtensionVerb::Extend && !runs {
            continue;
        }
        let may = crate::extension::may(step, verb, id, leg).map(|_| ());
        // What nobody has asked for is nothing to answer.
        let hidden = |refusal: &Refusal| refusal.code == Code::NotYours || verb != ExtensionVerb::Extend;
        if !may.as_ref().is_err_and(hidden) {
            let form = Form { reason: crate::extension::needs_reason(verb), ..Form::default() };
            let about = Some(About::Clock(id.clone()));
            found.extend(offer(verb, leg, about, of.clone(), may, Some(form)));
        }
    }
}

fn of_pause(step: &Step<'_>, id: &PauseId, leg: Option<&UnitId>, found: &mut Vec<Offer>) {
    for verb in PauseVerb::ALL.iter().copied() {
        // What cannot be paused now is not spoken of: most of the time nothing is.
        let Ok(pause) = crate::pause::may(step, verb, id, leg) else { continue };
        let proof = verb == PauseVerb::Pause && pause.proof;
        let form = Form { proof, reason: crate::pause::needs_reason(verb), ..Form::default() };
        let of = named(&pause.title, id.as_str());
        found.extend(offer(verb, leg, Some(About::Pause(id.clone())), of, Ok(()), Some(form)));
    }
}

fn named(title: &Text, id: &str) -> Text {
    if *title == Text::default() { Text { zh: id.into(), en: id.into() } } else { title.clone() }
}

fn offer(
    verb: impl Into<Verb>,
    leg: Option<&UnitId>,
    about: Option<About>,
    of: Text,
    may: Result<(), Refusal>,
    form: Option<Form>,
) -> Option<Offer> {
    let verb = verb.into();
    let Text { zh, en } = verb.title();
    let title = match of == Text::default() {
        true => Text { zh, en },
        false => Text { zh: format!("{zh}：{}", of.zh), en: format!("{en}: {}", of.en) },
    };
    let open = may.map(|()| form.unwrap_or_default());
    let action = ActionId::parse(verb.name())?;
    Some(Offer { action, title, leg: leg.cloned(), about, open })
}
