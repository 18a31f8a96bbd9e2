//! What the pages on roles, sight, legs, votes, claims and absences say, read again from the definition by itself: slow,
//! and sharing no function with the machine.

use std::collections::BTreeSet;

use paidan_machine::Case;
use paidan_machine::actor::Actor;
use paidan_model::claim::ClaimState::{Claimed, Contacted, Delivered, Released};
use paidan_model::clock::Scope;
use paidan_model::field::FieldType;
use paidan_model::id::{ActionId, FieldId, HandoffId, RoleId, StateId, UnitId};
use paidan_model::leg::{LegState, Part};
use paidan_model::moment::Moment;
use paidan_model::roster::{Absence, Post, Roster};
use paidan_model::state::{Action, State};
use paidan_model::value::{Held, Value};
use paidan_model::workflow::{Role, Whose, Workflow};

pub mod claim;
pub mod opening;
pub mod time;
pub mod vote;

pub fn at(actor: &Actor) -> (&str, &[Post]) {
    match actor {
        Actor::Person { subject, posts, .. } => (subject, posts),
        Actor::Engine => panic!("the engine is nobody"),
    }
}

pub fn works_at(actor: &Actor, unit: &UnitId) -> bool {
    at(actor).1.iter().any(|post| post.unit == *unit)
}

fn open_value<'c>(case: &'c Case, field: &FieldId) -> Option<&'c Value> {
    match case.form.fields.get(field) {
        Some(Held::Open(value)) => Some(value),
        Some(Held::Sealed(_)) | None => None,
    }
}

fn named_in(case: &Case, field: &FieldId, subject: &str) -> bool {
    match open_value(case, field) {
        Some(Value::Person(person)) => person == subject,
        Some(Value::Roster(rows)) => {
            rows.iter().any(|row| row.owner == subject || row.co_owners.contains(&subject.to_string()))
        }
        _ => false,
    }
}

/// Whether the case is about somebody.
fn is_about(case: &Case, subject: &str) -> bool {
    case.form.fields.values().any(|held| matches!(held, Held::Open(Value::Person(p)) if p == subject))
}

/// Units whose leg is at work: neither let go nor waived.
fn at_work(case: &Case, only: Option<Part>) -> Vec<&UnitId> {
    let gone = |state: LegState| matches!(state, LegState::Released | LegState::Waived);
    let legs = case.legs.by_unit.iter().filter(|(_, leg)| !gone(leg.state));
    legs.filter(|(_, leg)| only.is_none_or(|part| leg.part == part)).map(|(unit, _)| unit).collect()
}

fn on_leg(case: &Case, actor: &Actor, only: Option<Part>) -> bool {
    at_work(case, only).into_iter().any(|unit| works_at(actor, unit))
}

/// Whether somebody has a role in a case.
pub fn is_in_role(w: &Workflow, case: &Case, actor: &Actor, role: &RoleId) -> bool {
    let (subject, posts) = at(actor);
    match w.roles.get(role).unwrap() {
        Role::Post { post, of: Whose::Level(kind) } => match case.filing.levels.get(kind) {
            Some(unit) => posts.iter().any(|held| held.post == *post && held.unit == *unit),
            None => false,
        },
        Role::Post { post, of: Whose::Anywhere } => posts.iter().any(|held| held.post == *post),
        Role::Post { post, of: Whose::Leg } => {
            let units = at_work(case, None);
            posts.iter().any(|held| held.post == *post && units.contains(&&held.unit))
        }
        Role::Owners(field) => named_in(case, field, subject),
        // Whoever was named for a job is stood in for in that job; whoever it is about is not.
        Role::Person(field) => {
            let jobs = &w.fields.get(field).unwrap().post;
            let instead =
                |held: &Post| held.instead_of.as_ref().is_some_and(|who| named_in(case, field, who));
            named_in(case, field, subject)
                || posts.iter().any(|held| jobs.contains(&held.post) && instead(held))
        }
        Role::Department => on_leg(case, actor, None),
        Role::Lead => on_leg(case, actor, Some(Part::Lead)),
        Role::Claimer => case
            .claims
            .all
            .iter()
            .any(|one| matches!(one.state, Claimed | Contacted) && claim::is_claimer(one, actor)),
        Role::Per { field, of } => match open_value(case, field) {
            Some(Value::Choice(choice)) => {
                of.get(choice).is_some_and(|role| is_in_role(w, case, actor, role))
            }
            _ => false,
        },
    }
}

pub fn any_role(w: &Workflow, case: &Case, actor: &Actor, roles: &[RoleId]) -> bool {
    roles.iter().any(|role| is_in_role(w, case, actor, role))
}

/// What a state says, or the nearest around it that says something.
pub fn said<'w>(w: &'w Workflow, state: &StateId, pick: impl Fn(&'w State) -> &'w [RoleId]) -> &'w [RoleId] {
    let mut at = Some(state.clone());
    while let Some(id) = at {
        let declared = w.states.get(&id).unwrap();
        if !pick(declared).is_empty() {
            return pick(declared);
        }
        at = declared.parent.clone();
    }
    &[]
}

/// Names that only the engine says: those of the language, and whatever a definition raises.
pub fn raised(w: &Workflow) -> BTreeSet<&str> {
    let mut found = BTreeSet::from([
        "joined",
        "join_failed",
        "done",
        "passed",
        "vote_failed",
        "vote_tied",
        "claimed",
        "all_claimed",
        "released",
        "delivered",
    ]);
    for state in w.states.values() {
        let ways = state.on.values().flat_map(|action| &action.alternatives).chain(&state.always);
        let all = ways.flat_map(|way| &way.raise).chain(&state.enter.raise).chain(&state.leave.raise);
        found.extend(all.map(ActionId::as_str));
    }
    found
}

/// Whether nobody does this: the engine says it, and the definition names no one for it.
pub fn is_nobodys(raised: &BTreeSet<&str>, name: &ActionId, action: &Action) -> bool {
    action.who.is_empty() && (name.as_str().starts_with("child_") || raised.contains(name.as_str()))
}

/// Whether somebody may do an action of a state. Whoever is named as not allowed may not, nor whoever acted in such a job
/// for somebody who was away then.
pub fn may_do(w: &Workflow, case: &Case, actor: &Actor, state: &StateId, action: &Action) -> bool {
    let who = if action.who.is_empty() { said(w, state, |s| &s.who) } else { &action.who };
    let not = if action.not_who.is_empty() { said(w, state, |s| &s.not_who) } else { &action.not_who };
    let (subject, _) = at(actor);
    let stood: Vec<Post> = case
        .people
        .stood_in
        .iter()
        .filter(|(then, _, _)| then == subject)
        .map(|(_, post, unit)| Post::new(post.clone(), unit.clone()))
        .collect();
    let then = Actor::Person { subject: subject.into(), posts: stood, via: "then".into() };
    any_role(w, case, actor, who) && !any_role(w, case, actor, not) && !any_role(w, case, &then, not)
}

/// The hand-off whose rules a leg has: the first of those that go on from it.
fn first_of<'w>(w: &'w Workflow, id: &HandoffId) -> &'w paidan_model::leg::Handoff {
    let handoff = w.handoffs.get(id).unwrap();
    handoff.continues.as_ref().map_or(handoff, |before| first_of(w, before))
}

/// Roles that are a department's own people.
fn is_departments(w: &Workflow, role: &RoleId) -> bool {
    match w.roles.get(role).unwrap() {
        Role::Department | Role::Lead | Role::Post { of: Whose::Leg, .. } => true,
        Role::Per { of, .. } => of.values().any(|role| is_departments(w, role)),
        Role::Post { .. } | Role::Owners(_) | Role::Person(_) | Role::Claimer => false,
    }
}

/// Whether somebody may do something on a unit's leg: the department its own work, the arbiter the ruling; the lead
/// proposes that a leg is not needed, and who answers for the gaps agrees, unless they act for the lead.
pub fn may_on_leg(w: &Workflow, case: &Case, actor: &Actor, name: &str, unit: &UnitId) -> bool {
    let leg = case.legs.by_unit.get(unit).unwrap();
    let rules = first_of(w, &leg.handoff);
    match name {
        "rule" if leg.refused_again && !rules.leg.arbiter_again.is_empty() => {
            any_role(w, case, actor, &rules.leg.arbiter_again)
        }
        "rule" => any_role(w, case, actor, &rules.leg.arbiter),
        "waive" if !leg.waiver => on_leg(case, actor, Some(Part::Lead)),
        "waive" => {
            let gaps =
                w.clocks.values().filter(|clock| clock.scope == Scope::Gap).flat_map(|clock| &clock.holder);
            let starters = rules.start_without.iter().flat_map(|rule| &rule.who);
            let mut agree = gaps.chain(starters).filter(|role| !is_departments(w, role));
            agree.any(|role| is_in_role(w, case, actor, role)) && !on_leg(case, actor, Some(Part::Lead))
        }
        _ => works_at(actor, unit),
    }
}

/// Whether a job at a unit above the case lets somebody read it: one that the definition names there, or one that watches.
fn reads_below(w: &Workflow, case: &Case, actor: &Actor) -> bool {
    let named = |held: &Post, level| {
        let wanted = Role::Post { post: held.post.clone(), of: Whose::Level(level) };
        w.roles.values().any(|role| *role == wanted)
    };
    at(actor).1.iter().any(|held| {
        let mut levels = case.filing.levels.iter().filter(|(_, unit)| **unit == held.unit);
        levels.any(|(kind, _)| WATCH.contains(&held.post.as_str()) || named(held, kind.clone()))
    })
}

/// Jobs that watch over others.
const WATCH: [&str; 3] = ["arbiter", "auditor", "supervisor"];

/// Which fields of a case somebody may see; nothing when it is none of their business.
pub fn may_see(w: &Workflow, case: &Case, actor: &Actor) -> Option<BTreeSet<FieldId>> {
    let (subject, _) = at(actor);
    if is_about(case, subject) || holds(w, case, actor) {
        return Some(w.fields.keys().cloned().collect());
    }
    let open: BTreeSet<FieldId> =
        w.fields.iter().filter(|(_, f)| !f.private).map(|(id, _)| id.clone()).collect();
    let mut seen: Option<BTreeSet<FieldId>> = None;
    let mut add = |more: BTreeSet<FieldId>| seen.get_or_insert_default().extend(more);
    let owns = w.fields.iter().any(|(id, f)| f.kind == FieldType::Roster && named_in(case, id, subject));
    if reads_below(w, case, actor) || owns || vote::takes_part(w, case, actor) {
        add(open.clone());
    }
    if claim::rules(w, case).is_some_and(|(_, rules)| claim::may_claim(w, case, actor, rules)) {
        add(w.listing.iter().flat_map(|listing| listing.show.clone()).collect());
    }
    for one in case.claims.all.iter().filter(|one| one.state != Released && claim::is_claimer(one, actor)) {
        let rules = w.claims.get(&one.claims).unwrap();
        let mut told: BTreeSet<FieldId> =
            if rules.send.is_empty() { open.clone() } else { rules.send.iter().cloned().collect() };
        let spoken = matches!(one.state, Contacted | Delivered);
        told.retain(|field| spoken || !rules.reveal.contains(field));
        told.extend(rules.reveal.iter().filter(|_| spoken).cloned());
        add(told);
    }
    for (unit, leg) in case.legs.by_unit.iter().filter(|(unit, _)| works_at(actor, unit)) {
        let sent = &w.handoffs.get(&leg.handoff).unwrap().leg.send;
        add(if sent.is_empty() || !case.legs.by_unit.contains_key(unit) {
            open.clone()
        } else {
            sent.iter().cloned().collect()
        });
    }
    seen
}

/// Whether somebody holds the case in one of its states. Departments hold their leg, not the case.
pub fn holds(w: &Workflow, case: &Case, actor: &Actor) -> bool {
    let of_unit = |role: &RoleId| match w.roles.get(role).unwrap() {
        Role::Department | Role::Lead => true,
        Role::Per { field, of } => match open_value(case, field) {
            Some(Value::Choice(choice)) => {
                of.get(choice).is_some_and(|r| matches!(w.roles.get(r), Some(Role::Department | Role::Lead)))
            }
            _ => false,
        },
        _ => false,
    };
    let holders = case.chart.active.keys().flat_map(|state| said(w, state, |s| &s.who));
    holders.filter(|role| !of_unit(role)).any(|role| is_in_role(w, case, actor, role))
}

/// An auditor at one of the units above the case.
pub fn is_auditor(case: &Case, actor: &Actor) -> bool {
    let (_, posts) = at(actor);
    posts.iter().any(|post| {
        post.post.as_str() == "auditor" && case.filing.levels.values().any(|unit| post.unit == *unit)
    })
}

/// Whether somebody may see who looked at a case.
pub fn may_audit(case: &Case, actor: &Actor) -> bool {
    is_about(case, at(actor).0) || is_auditor(case, actor)
}

/// The jobs of somebody at a moment: one's own, and those of whoever is away then and named them, at one's own units and
/// below. Who watches over others hands nothing on and takes nothing over, and nobody hands on what is not their own.
pub fn posts_at(roster: &Roster, subject: &str, absences: &[Absence], moment: Moment) -> Vec<Post> {
    let own = |who: &str| roster.people.get(who).map(|person| person.posts.clone()).unwrap_or_default();
    let near = |unit: &UnitId| {
        let mut above = vec![unit.clone()];
        while let Some(next) = above.last().and_then(|unit| roster.units.get(unit)?.parent.clone()) {
            above.push(next);
        }
        own(subject).iter().any(|post| above.contains(&post.unit))
    };
    let mut found = own(subject);
    let watches = found.iter().any(|post| WATCH.contains(&post.post.as_str()));
    for absence in absences.iter().filter(|_| !watches) {
        let away = moment.millis() >= absence.from.millis() && moment.millis() < absence.until.millis();
        for post in own(&absence.person) {
            if away && absence.deputy == subject && near(&post.unit) && !WATCH.contains(&post.post.as_str()) {
                found.push(Post { instead_of: Some(absence.person.clone()), ..post });
            }
        }
    }
    found
}
