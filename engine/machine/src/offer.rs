//! Offers: what an asker may do now, and for what is not open, why not.

mod offered;
mod overlay;

pub use offered::{About, Form, Offer};

use alloc::vec::Vec;
use paidan_model::id::{ActionId, StateId, UnitId};
use paidan_model::moment::Moment;
use paidan_model::state::Target;
use paidan_model::text::Text;
use paidan_model::workflow::Hint;

use crate::actor::Actor;
use crate::case::Case;
use crate::declared::{is_event, may, who_may};
use crate::law::Law;
use crate::refusal::{Code, Refusal};
use crate::step::Step;
use crate::verb::{ClaimVerb, LegVerb, Verb, VoteVerb};

/// Every action of the states a case is in, of its legs and beside them, for an asker; of a case that is closed, whatever its
/// legs were about then, only to open it again.
#[must_use]
pub fn offers(law: &Law<'_>, case: &Case, actor: &Actor, now: Moment) -> Vec<Offer> {
    let mut no_salt = || [0u8; 32];
    let step = Step::new(law, case.clone(), now, actor, &mut no_salt);
    let mut found = Vec::new();
    if case.is_closed() {
        overlay::of_closed(&step, &mut found);
        return found;
    }
    for state in case.chart.active.keys() {
        let Some(declared) = law.workflow.states.get(state) else {
            continue;
        };
        for (name, action) in &declared.on {
            if action.who.is_empty() && is_event(law.workflow, name) {
                continue;
            }
            found.push(of_state(&step, state, name, action));
        }
    }
    of_vote(&step, &mut found);
    of_claims(&step, &mut found);
    for unit in case.legs.live_units(None) {
        of_leg(&step, &unit, &mut found);
    }
    overlay::of_open(&step, &mut found);
    found.sort_by_key(|offer| offer.open.is_err());
    found
}

/// The hints that hold of a case; one whose condition reads what is not there does not.
#[must_use]
pub fn hints<'l>(law: &Law<'l>, case: &Case, now: Moment) -> Vec<&'l Hint> {
    let mut no_salt = || [0u8; 32];
    let step = Step::new(law, case.clone(), now, &Actor::Engine, &mut no_salt);
    let holds = |hint: &&Hint| crate::guard::holds(&hint.when, &step.view()) == Ok(true);
    law.workflow.hints.values().filter(holds).collect()
}

fn of_state(
    step: &Step<'_>,
    state: &StateId,
    name: &ActionId,
    action: &paidan_model::state::Action,
) -> Offer {
    let workflow = step.workflow();
    let open = if may(step, state, name, action) {
        let target = action.alternatives.iter().find_map(|way| match &way.go {
            Some(Target::State(state)) => Some(state),
            Some(Target::Back | Target::BackDeep) | None => None,
        });
        let fields = crate::form::asked_for(&action.fill, workflow, &step.case, target);
        let closed =
            action.alternatives.iter().all(|way| step.holds(way.when.as_ref(), name.as_str()) == Ok(false));
        if closed && fields.is_empty() {
            let needs = crate::refusal::condition::needs(step, &action.alternatives);
            Err(Refusal::new(Code::GuardFalse).with("action", name).saying("needs", needs))
        } else {
            Ok(Form { fields, reason: action.reason, proof: false })
        }
    } else {
        let roles = who_may(workflow, state, action).0;
        Err(Refusal::new(Code::NotYours).with("action", name).with("who", crate::audience::names(roles)))
    };
    let title = workflow.actions.get(name).cloned().unwrap_or_else(|| plain(name.as_str()));
    Offer { action: name.clone(), title, leg: None, about: None, open }
}

fn plain(name: &str) -> Text {
    Text { zh: name.into(), en: name.into() }
}

fn of_vote(step: &Step<'_>, found: &mut Vec<Offer>) {
    let Some(id) = crate::vote::active(&step.case, step.workflow()) else {
        return;
    };
    for verb in VoteVerb::ALL.iter().copied() {
        if crate::vote::may(step, &id, verb) && crate::vote::has_object(step, &id, verb) {
            let form = Form { reason: verb == VoteVerb::Veto, ..Form::default() };
            found.extend(of_verb(verb.into(), None, Ok(form)));
        }
    }
}

fn of_claims(step: &Step<'_>, found: &mut Vec<Offer>) {
    let Some((id, claims)) = crate::claim::active(step.workflow(), &step.case) else {
        return;
    };
    let mine = crate::claim::mine(step, id);
    for verb in ClaimVerb::ALL.iter().copied() {
        let fits = match verb {
            // What is offered on a list is held through the item that needs it, never claimed by itself.
            ClaimVerb::Claim => {
                claims.offered_by.is_none()
                    && crate::claim::may_claim(step, claims)
                    && crate::claim::left(&step.case, id, claims) > 0
            }
            ClaimVerb::Contact | ClaimVerb::Deliver | ClaimVerb::Drop => {
                mine.iter().any(|claim| crate::claim::fits(claim.state, verb))
            }
            ClaimVerb::TakeBack => {
                let open = step.case.claims.all.iter().any(|claim| claim.state.is_open());
                crate::claim::community(step) && open
            }
        };
        if fits {
            let fields = crate::claim::asked_for(claims, verb).to_vec();
            let reason = crate::claim::needs_reason(verb);
            found.extend(of_verb(verb.into(), None, Ok(Form { fields, reason, proof: false })));
        }
    }
}

/// The built-in titles of what is done in votes, with claims, on legs and beside the chart.
#[must_use]
pub fn built_in_title(name: &str) -> Text {
    Verb::parse(name).map_or_else(|| plain(name), Verb::title)
}

fn of_verb(verb: Verb, leg: Option<&UnitId>, open: Result<Form, Refusal>) -> Option<Offer> {
    let action = ActionId::parse(verb.name())?;
    Some(Offer { action, title: verb.title(), leg: leg.cloned(), about: None, open })
}

fn of_leg(step: &Step<'_>, unit: &UnitId, found: &mut Vec<Offer>) {
    let Some(leg) = step.case.legs.by_unit.get(unit) else {
        return;
    };
    for verb in LegVerb::ALL.iter().copied() {
        if crate::leg::may(step, verb, unit, leg).is_err() {
            continue;
        }
        let open = crate::leg::open(step, verb, unit, leg).map(|()| Form {
            reason: verb == LegVerb::Object || (verb == LegVerb::Waive && !leg.waiver),
            ..Form::default()
        });
        found.extend(of_verb(verb.into(), Some(unit), open));
    }
}
