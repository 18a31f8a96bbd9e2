//! Turns: whose hands a case lies in, and what the machine really offers each of them.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use paidan_machine::actor::Actor;
use paidan_machine::audience::{self, Audience, resolve};
use paidan_machine::verb::Verb;
use paidan_machine::vote::Poll;
use paidan_machine::{Case, Law, arbiters, chart, claim, offers, who_may};
use paidan_model::guard::Expr;
use paidan_model::id::{ActionId, FieldId, RoleId, StateId, UnitId};
use paidan_model::leg::{Handoff, LegState};
use paidan_model::moment::Moment;
use paidan_model::vote::{Vote, Voters};
use paidan_model::workflow::{Role, Workflow};

use super::town::{Hand, Town};
use super::way::{Bent, Ways};

/// What kind of doing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An action of a state: whoever does it first has done it for all.
    State,
    /// Of a department's leg.
    Leg,
    /// A ballot.
    Vote,
    /// Of a claim.
    Claim,
}

/// One thing a hand may do.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub action: ActionId,
    pub leg: Option<UnitId>,
    pub fields: Vec<FieldId>,
    pub kind: Kind,
    /// Where it is likely to lead, if it is an action of the definition.
    pub likely: Bent,
    /// It belongs to no leaf but to what contains it: where there is work of the leaves it is a rare turn.
    pub aside: bool,
    /// How often it is chosen, if it is built in.
    pub weight: Option<u32>,
}

/// The hands that may have something to do with a case by what contains its leaves, and not by those themselves.
pub(crate) fn far_hands(
    law: &Law<'_>,
    town: &Town<'_>,
    case: &Case,
    number: usize,
    near: &BTreeSet<Hand>,
) -> BTreeSet<Hand> {
    let leaves = chart::leaves(law.workflow, case);
    let above = case.chart.active.keys().filter(|state| !leaves.contains(state));
    let roles: BTreeSet<&RoleId> = above.flat_map(|state| roles(law, state)).collect();
    let all = roles.into_iter().flat_map(|role| of_role(law, town, case, role, number));
    all.filter(|hand| !near.contains(hand)).collect()
}

/// The roles of the actions and claims of a state.
fn roles<'w>(law: &Law<'w>, state: &StateId) -> Vec<&'w RoleId> {
    let Some(declared) = law.workflow.states.get(state) else { return Vec::new() };
    let who = declared.on.values().flat_map(|action| who_may(law.workflow, state, action).0);
    let claims = declared.claims.as_ref().and_then(|id| law.workflow.claims.get(id));
    who.chain(claims.into_iter().flat_map(|claims| claims.who.iter().chain(&claims.matcher))).collect()
}

/// The hands that may have something to do with a case where it is: by the actions of its leaves, by legs, claims and
/// ballots.
pub(crate) fn hands(law: &Law<'_>, town: &Town<'_>, case: &Case, number: usize) -> BTreeSet<Hand> {
    let leaves = chart::leaves(law.workflow, case);
    let mut roles: BTreeSet<&RoleId> = leaves.into_iter().flat_map(|state| roles(law, state)).collect();
    for id in case.chart.active.keys().filter_map(|id| law.workflow.states.get(id)?.claims.as_ref()) {
        let claims = law.workflow.claims.get(id);
        roles.extend(claims.into_iter().flat_map(|claims| claims.who.iter().chain(&claims.matcher)));
    }
    for leg in case.legs.by_unit.values().filter(|leg| leg.state == LegState::Arbitration) {
        roles.extend(arbiters(law.workflow, leg));
    }
    let mut found: BTreeSet<Hand> = case.legs.live_units(None).into_iter().map(Hand::Unit).collect();
    for role in roles {
        found.extend(of_role(law, town, case, role, number));
    }
    let claimer = RoleId::parse("claimer");
    let open = case.claims.all.iter().filter(|held| held.state.is_open() && !held.party.is_empty());
    for audience in open.map(claim::Claim::audience) {
        found.extend(claimer.as_ref().and_then(|role| town.hand(&audience, role, number)));
    }
    found.extend(voters(law, town, case, number));
    once(found)
}

/// A resident who has several roles acts in one of them.
fn once(hands: BTreeSet<Hand>) -> BTreeSet<Hand> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let first = |hand: &Hand| match hand {
        Hand::Resident { subject, .. } => seen.insert(subject.clone()),
        Hand::Desk { .. } | Hand::Unit(_) | Hand::Person(_) => true,
    };
    hands.into_iter().filter(first).collect()
}

/// The hands of a role. Of many owners one speaks: what they do apart from voting, any of them may do.
pub(crate) fn of_role(
    law: &Law<'_>,
    town: &Town<'_>,
    case: &Case,
    role: &RoleId,
    number: usize,
) -> Vec<Hand> {
    let mut audiences = resolve(law.workflow, case, role, None);
    if matches!(law.workflow.roles.get(role), Some(Role::Owners(_))) && !audiences.is_empty() {
        audiences = audiences.into_iter().cycle().skip(number % 7).take(1).collect();
    }
    let hand = |audience: &Audience| town.hand(audience, role, number).or_else(|| town.nowhere(audience));
    audiences.iter().filter_map(hand).collect()
}

/// Those who have not voted yet.
fn voters(law: &Law<'_>, town: &Town<'_>, case: &Case, number: usize) -> Vec<Hand> {
    let mut found = Vec::new();
    for (vote, poll) in open_polls(law, case) {
        let electors = poll.electors.iter().map(|elector| &elector.owner);
        let waiting = electors.filter(|owner| !owner.is_empty() && !poll.ballots.contains_key(*owner));
        match &vote.voters {
            Voters::Role(role) => found.extend(of_role(law, town, case, role, number)),
            Voters::Units(_) | Voters::Legs => {
                found.extend(waiting.filter_map(|owner| UnitId::parse(owner)).map(Hand::Unit));
            }
            Voters::Owners(_) => {
                let role = RoleId::parse("voter");
                let hand =
                    |owner: &String| town.hand(&Audience::Person(owner.clone()), role.as_ref()?, number);
                found.extend(waiting.filter_map(hand));
            }
        }
    }
    found
}

/// The ballots that are open where a case is.
fn open_polls<'c>(law: &Law<'c>, case: &'c Case) -> impl Iterator<Item = (&'c Vote, &'c Poll)> {
    let workflow = law.workflow;
    let ids = case.chart.active.keys().filter_map(|state| workflow.states.get(state)?.vote.as_ref());
    ids.filter_map(|id| {
        Some((workflow.votes.get(id)?, case.votes.polls.get(id).filter(|poll| poll.is_open())?))
    })
}

/// What the machine offers a hand, each with where it is likely to lead.
pub(crate) fn choices(
    law: &Law<'_>,
    ways: &Ways,
    case: &Case,
    hand: &Hand,
    actor: &Actor,
    now: Moment,
) -> Vec<Choice> {
    let left = ways.left(law.workflow, case);
    let handoff = running(law, case);
    let leaves = chart::leaves(law.workflow, case);
    let mut found = Vec::new();
    for offer in offers(law, case, actor, now) {
        let Ok(form) = offer.open else { continue };
        let name = offer.action.as_str();
        // Neither more time, nor a pause, nor a reminder is simulated.
        if Verb::parse(name).is_some_and(Verb::is_beside_chart)
            && !law.workflow.states.values().any(|s| s.on.contains_key(&offer.action))
        {
            continue;
        }
        let declared = case.chart.active.keys().filter_map(|id| Some((id, law.workflow.states.get(id)?)));
        let declared = declared.filter_map(|(id, state)| Some((id, state.on.get(&offer.action)?)));
        let likely = declared.map(|(id, action)| match ways.likely(law.workflow, left, action) {
            Bent::Stay if !leaves.contains(&id) => (true, Bent::Back),
            likely => (!leaves.contains(&id), likely),
        });
        let likely = likely.max_by_key(|(_, likely)| *likely);
        let (kind, weight) = match (&offer.leg, likely) {
            (Some(unit), _) => (Kind::Leg, Some(leg_weight(case, name, unit, handoff))),
            (None, Some(_)) => (Kind::State, None),
            (None, None) if matches!(Verb::parse(name), Some(Verb::Vote(_))) => {
                (Kind::Vote, Some(vote_weight(law, case, name, hand, actor)))
            }
            (None, None) => (Kind::Claim, Some(claim_weight(law, case, name, actor))),
        };
        let (aside, likely) = likely.unwrap_or((false, Bent::Forward));
        found.push(Choice {
            action: offer.action,
            leg: offer.leg,
            fields: form.fields,
            kind,
            likely,
            aside,
            weight,
        });
    }
    found
}

/// The hand-off that runs and has not joined.
fn running<'w>(law: &Law<'w>, case: &Case) -> Option<&'w Handoff> {
    let id = case.chart.active.keys().find_map(|state| law.workflow.states.get(state)?.handoff.as_ref())?;
    law.workflow.handoffs.get(id).filter(|_| case.handoffs.joined.get(id) != Some(&true))
}

/// Departments do what the hand-off waits for, and no more before it is asked of them.
fn leg_weight(case: &Case, name: &str, unit: &UnitId, handoff: Option<&Handoff>) -> u32 {
    let Some(leg) = case.legs.by_unit.get(unit) else { return 0 };
    let wanted = handoff.filter(|handoff| leg.state < handoff.reach || leg.implicit).map(|h| h.reach);
    match name {
        "sign" => wanted.map_or(0, |_| 30),
        "check_in" => wanted.filter(|reach| *reach >= LegState::Reported).map_or(0, |_| 100),
        "finish" => wanted.filter(|reach| *reach >= LegState::Done).map_or(0, |_| 100),
        "agree" | "rule" => 100,
        "refuse" => 4,
        "object" => 2,
        _ => 0,
    }
}

/// Voters vote once; the desk writes no papers down.
fn vote_weight(law: &Law<'_>, case: &Case, name: &str, hand: &Hand, actor: &Actor) -> u32 {
    let open = open_polls(law, case).any(|(_, poll)| {
        let mine = |owner: &str| match hand {
            Hand::Desk { post, unit } => {
                owner == format!("{post}.{unit}") || owner == post.as_str() || owner == unit.as_str()
            }
            Hand::Unit(unit) => owner == unit.as_str(),
            Hand::Person(_) | Hand::Resident { .. } => owner == actor.subject(),
        };
        poll.electors.iter().any(|elector| {
            let co_owns = elector.co_owners.iter().any(|other| mine(other));
            (mine(&elector.owner) || co_owns) && !poll.ballots.contains_key(&elector.owner)
        })
    });
    match name {
        "cast" if open => 100,
        "veto" => 1,
        _ => 0,
    }
}

/// Whoever claimed gets in touch and delivers; the community does not do it for them, and matches nothing.
fn claim_weight(law: &Law<'_>, case: &Case, name: &str, actor: &Actor) -> u32 {
    let mine = case.claims.all.iter().any(|claim| claim.state.is_open() && claim.is_of(actor));
    let here = case.chart.active.keys().find_map(|state| law.workflow.states.get(state)?.claims.as_ref());
    let here = here.and_then(|id| law.workflow.claims.get(id));
    let may = here.is_some_and(|claims| audience::holds(law.workflow, case, actor, &claims.who, None));
    match name {
        "claim" if may => 100,
        "contact" | "deliver" if mine => 100,
        "drop" if mine => 3,
        _ => 0,
    }
}

/// The hands that hold a case where it is: by the nearest `who` of its leaves.
pub(crate) fn holders(law: &Law<'_>, town: &Town<'_>, case: &Case, number: usize) -> BTreeSet<Hand> {
    let mut found = BTreeSet::new();
    for leaf in chart::leaves(law.workflow, case) {
        let line = core::iter::once(leaf).chain(law.workflow.ancestors(leaf));
        let declared = line.filter_map(|id| law.workflow.states.get(id)).find(|state| !state.who.is_empty());
        for role in declared.map(|state| state.who.as_slice()).unwrap_or_default() {
            found.extend(of_role(law, town, case, role, number));
        }
    }
    found
}

/// The names under which a demand may speak of a hand, the nearest first: `post@unit`, the unit, the person, its roles.
pub(crate) fn named(workflow: &Workflow, hand: &Hand) -> Vec<String> {
    let with = |fits: &dyn Fn(&Role) -> bool| -> Vec<String> {
        workflow.roles.iter().filter(|(_, role)| fits(role)).map(|(id, _)| id.to_string()).collect()
    };
    match hand {
        Hand::Desk { post, unit } => {
            let mut names = vec![format!("{post}@{unit}"), unit.to_string()];
            names.extend(with(&|role| matches!(role, Role::Post { post: held, .. } if held == post)));
            names
        }
        Hand::Unit(unit) => {
            let mut names = vec![unit.to_string()];
            names.extend(with(&|role| matches!(role, Role::Department | Role::Lead)));
            names
        }
        Hand::Person(subject) => {
            let mut names = vec![subject.clone()];
            names.extend(with(&|role| matches!(role, Role::Person(_) | Role::Claimer)));
            names
        }
        Hand::Resident { role, .. } => vec![role.to_string()],
    }
}

/// Whether a guard of the workflow looks at the clock: then what is closed now may open without anybody doing anything.
pub(crate) fn reads_clock(workflow: &Workflow) -> bool {
    let ways = workflow.states.values().flat_map(|state| state.on.values());
    ways.flat_map(|action| &action.alternatives).filter_map(|way| way.when.as_ref()).any(reads)
}

fn reads(guard: &Expr) -> bool {
    match guard {
        Expr::Now => true,
        Expr::Add(inner, _) | Expr::Not(inner) | Expr::Negate(inner) => reads(inner),
        Expr::Exists(_, inner) | Expr::All(_, inner) => reads(inner),
        Expr::Binary(_, left, right) => reads(left) || reads(right),
        Expr::List(all) => all.iter().any(reads),
        Expr::Int(_)
        | Expr::Bool(_)
        | Expr::Text(_)
        | Expr::Field(_)
        | Expr::Round
        | Expr::Left
        | Expr::Item
        | Expr::Leg(_)
        | Expr::Has(_)
        | Expr::In(_)
        | Expr::Size(_)
        | Expr::Total(_, _) => false,
    }
}
