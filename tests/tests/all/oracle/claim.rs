//! Who may do what with claims: givers for themselves and their unit, a matcher for whoever offers something, and the
//! community for a claimer who rings up.

use paidan_machine::Case;
use paidan_machine::actor::Actor;
use paidan_machine::claim::Claim;
use paidan_model::claim::ClaimState::{Claimed, Contacted};
use paidan_model::claim::Claims;
use paidan_model::id::ClaimsId;
use paidan_model::value::{Held, Value};
use paidan_model::workflow::Workflow;

use super::{any_role, at, holds, works_at};

/// What can be claimed in the states a case is in.
pub fn rules<'w>(w: &'w Workflow, case: &Case) -> Option<(&'w ClaimsId, &'w Claims)> {
    let mut ids = case.chart.active.keys().filter_map(|state| w.states.get(state)?.claims.as_ref());
    ids.find_map(|id| w.claims.get_key_value(id))
}

/// Whether a claim is somebody's own, or their unit's.
pub fn is_claimer(claim: &Claim, actor: &Actor) -> bool {
    match &claim.unit {
        Some(unit) => works_at(actor, unit),
        None => claim.party == at(actor).0,
    }
}

pub fn may_claim(w: &Workflow, case: &Case, actor: &Actor, rules: &Claims) -> bool {
    any_role(w, case, actor, &rules.who) || any_role(w, case, actor, &rules.matcher)
}

/// Whether somebody may claim: as a giver for themselves, or for a party whose resource goes along.
pub fn may_take(w: &Workflow, case: &Case, actor: &Actor, for_party: bool) -> bool {
    let (_, rules) = rules(w, case).unwrap();
    any_role(w, case, actor, if for_party { &rules.matcher } else { &rules.who })
}

/// Whether there is a claim that somebody may do this to; the community takes back, and writes down what it hears.
pub fn may_move(w: &Workflow, case: &Case, actor: &Actor, name: &str, n: u32) -> bool {
    let claim = case.claims.all.iter().find(|claim| claim.n == n).unwrap();
    holds(w, case, actor) || (name != "take_back" && is_claimer(claim, actor))
}

/// Whether it is offered: a claim where something is left, the rest to whom a claim in that state is, or the community's
/// taking back.
pub fn is_offered(w: &Workflow, case: &Case, actor: &Actor, name: &str) -> bool {
    let (id, rules) = rules(w, case).unwrap();
    let open =
        case.claims.all.iter().filter(|one| one.claims == *id && matches!(one.state, Claimed | Contacted));
    let mut mine = open.clone().filter(|one| is_claimer(one, actor));
    match name {
        "claim" => {
            rules.offered_by.is_none() && may_claim(w, case, actor, rules) && left(case, id, rules) > 0
        }
        "contact" => mine.any(|one| one.state == Claimed),
        "deliver" => mine.any(|one| one.state == Contacted),
        "drop" => mine.next().is_some(),
        _ => holds(w, case, actor) && open.count() > 0,
    }
}

fn left(case: &Case, id: &ClaimsId, rules: &Claims) -> i64 {
    let Some(Held::Open(Value::Int(whole))) = case.form.fields.get(&rules.item) else { return 0 };
    let taken = case.claims.all.iter().filter(|one| one.claims == *id && one.is_active());
    whole - taken.map(|one| one.qty).sum::<i64>()
}
