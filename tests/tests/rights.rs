//! Who may do what and see what: every shipped definition, every state, every post at every distance, against a slow
//! oracle that reads the definition by itself.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use paidan_language::{Agreed, Checked, Library};
use paidan_machine::actor::Actor;
use paidan_machine::command::{Ask, Command, Open};
use paidan_machine::fact::Fact;
use paidan_machine::{Case, Code, Law, decide, evolve, offers, sight};
use paidan_model::claim::ClaimState;
use paidan_model::id::{ActionId, FieldId, PostId, RoleId, StateId, UnitId, UnitKind};
use paidan_model::leg::Part;
use paidan_model::moment::{Moment, Zone};
use paidan_model::roster::Post;
use paidan_model::state::Action;
use paidan_model::value::{Held, Value};
use paidan_model::workflow::{Kind, Role, Whose, Workflow};

/// Where the case of the test lies, and the units around it.
const LEVELS: [(&str, &str); 4] =
    [("grid", "jinchen-01"), ("community", "jinchen"), ("subdistrict", "xixi"), ("centre", "centre")];
/// Units at every distance: of the case, beside it, a department on it, one that is not.
const UNITS: [&str; 9] =
    ["jinchen-01", "jinchen-02", "jinchen", "beside", "xixi", "donghe", "centre", "fire", "parks"];

fn definitions() -> Checked {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut library = Library::new();
    for folder in ["workflows", "workflows/blocks", "config/calendars"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ext| ext == "toml") {
                library.add(&path.display().to_string(), std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    library.check()
}

/// A case in one state: opened as its first test opens it, then put there, with two departments at work.
fn case_in(law: &Law<'_>, agreed: &Agreed, leaf: &StateId, now: Moment) -> Case {
    let script = agreed.scripts.first().unwrap();
    let id = |text: &str| UnitId::parse(text).unwrap();
    let open = Open {
        stream: "case/1".into(),
        number: "N".into(),
        levels: LEVELS.iter().map(|(kind, unit)| (UnitKind::parse(kind).unwrap(), id(unit))).collect(),
        fill: script.given.iter().map(|(field, value)| (field.to_string(), value.clone())).collect(),
        channel: "test".into(),
        code: None,
        parent: None,
        since: None,
    };
    let command = Command { actor: Actor::Engine, ask: Ask::Open(open) };
    let mut case = decide(law, None, &command, now, &mut || [7; 32]).unwrap().case;
    let left: Vec<StateId> = case.active.keys().cloned().collect();
    let mut facts: Vec<Fact> = left.into_iter().map(|state| Fact::Left { state }).collect();
    let up = std::iter::once(leaf).chain(agreed.workflow.ancestors(leaf));
    facts.extend(up.map(|state| Fact::Entered { state: state.clone(), at: now, from: Vec::new() }));
    let people = ["agent", "offerer", "designer", "builder", "proposer", "applicant"];
    for (name, field) in people
        .iter()
        .filter_map(|n| FieldId::parse(n))
        .filter_map(|id| agreed.workflow.fields.get_key_value(&id))
    {
        if field.kind == paidan_model::field::FieldType::Person {
            facts.push(Fact::Filled {
                field: name.clone(),
                value: Held::Open(Value::Person(format!("the-{name}"))),
            });
        }
    }
    if let Some(handoff) = agreed.workflow.handoffs.keys().next() {
        for (unit, part) in [("fire", Part::Lead), ("housing", Part::Assist)] {
            facts.push(Fact::LegOpened { leg: id(unit), part, handoff: handoff.clone(), at: now });
        }
    }
    for fact in &facts {
        case = evolve(Some(case), fact).unwrap();
    }
    case
}

fn person(subject: &str, posts: &[(&str, &str)]) -> Actor {
    let post =
        |(post, unit): &(&str, &str)| Post::new(PostId::parse(post).unwrap(), UnitId::parse(unit).unwrap());
    Actor::Person { subject: subject.into(), posts: posts.iter().map(post).collect(), via: "test".into() }
}

/// The same person, who has these jobs for somebody who is away.
fn instead_of(deputy: Actor, away: &str) -> Actor {
    match deputy {
        Actor::Person { subject, posts, via } => {
            let posts = posts.into_iter().map(|post| Post { instead_of: Some(away.into()), ..post });
            Actor::Person { subject, posts: posts.collect(), via }
        }
        Actor::Engine => Actor::Engine,
    }
}

/// Everybody: every post that any definition names at every unit, people the case names, and nobody at all.
fn everybody(checked: &Checked) -> Vec<Actor> {
    let roles = checked.workflows.iter().flat_map(|agreed| agreed.workflow.roles.values());
    let posts: BTreeSet<&str> = roles
        .filter_map(|role| match role {
            Role::Post { post, .. } => Some(post.as_str()),
            _ => None,
        })
        .chain(["member"])
        .collect();
    let mut found = vec![person("nobody", &[]), person("other-resident", &[])];
    for named in ["p1", "p201", "p302", "h1", "c1", "the-agent", "the-offerer", "the-designer", "the-builder"]
    {
        found.push(person(named, &[]));
    }
    for post in posts {
        for unit in UNITS {
            found.push(person("somebody", &[(post, unit)]));
        }
        for away in ["the-agent", "p1"] {
            found.push(instead_of(person("deputy", &[(post, "elsewhere")]), away));
        }
    }
    found
}

// ---- the oracle: written from the pages on roles and sight, sharing no function with the machine ----

fn at(actor: &Actor) -> (&str, &[Post]) {
    match actor {
        Actor::Person { subject, posts, .. } => (subject, posts),
        Actor::Engine => panic!("the engine is nobody"),
    }
}

fn named_in(case: &Case, field: &FieldId, subject: &str) -> bool {
    match case.fields.get(field) {
        Some(Held::Open(Value::Person(person))) => person == subject,
        Some(Held::Open(Value::Roster(rows))) => {
            rows.iter().any(|row| row.owner == subject || row.co_owners.contains(&subject.to_string()))
        }
        _ => false,
    }
}

fn on_leg(case: &Case, posts: &[Post], only: Option<Part>) -> bool {
    use paidan_model::leg::LegState::{Released, Waived};
    case.legs.iter().any(|(unit, leg)| {
        !matches!(leg.state, Released | Waived)
            && only.is_none_or(|part| leg.part == part)
            && posts.iter().any(|post| post.unit == *unit)
    })
}

fn is_in_role(w: &Workflow, case: &Case, actor: &Actor, role: &RoleId) -> bool {
    let (subject, posts) = at(actor);
    match w.roles.get(role).unwrap() {
        Role::Post { post, of: Whose::Level(kind) } => match case.levels.get(kind) {
            Some(unit) => posts.iter().any(|held| held.post == *post && held.unit == *unit),
            None => false,
        },
        Role::Post { post, of: Whose::Anywhere } => posts.iter().any(|held| held.post == *post),
        Role::Post { post, of: Whose::Leg } => {
            posts.iter().any(|held| held.post == *post && case.legs.contains_key(&held.unit))
        }
        Role::Owners(field) => named_in(case, field, subject),
        // Whoever was named for a job is stood in for in that job; whoever it is about is not.
        Role::Person(field) => {
            let jobs = &w.fields.get(field).unwrap().post;
            named_in(case, field, subject)
                || posts.iter().any(|held| {
                    jobs.contains(&held.post)
                        && held.instead_of.as_ref().is_some_and(|away| named_in(case, field, away))
                })
        }
        Role::Department => on_leg(case, posts, None),
        Role::Lead => on_leg(case, posts, Some(Part::Lead)),
        Role::Claimer => case.claims.iter().any(|claim| {
            matches!(claim.state, ClaimState::Claimed | ClaimState::Contacted) && claim.party == subject
        }),
        Role::Per { field, of } => match case.fields.get(field) {
            Some(Held::Open(Value::Choice(choice))) => {
                of.get(choice).is_some_and(|role| is_in_role(w, case, actor, role))
            }
            _ => false,
        },
    }
}

/// What a state says, or the nearest around it that says something.
fn said<'w>(
    w: &'w Workflow,
    state: &StateId,
    pick: impl Fn(&'w paidan_model::state::State) -> &'w [RoleId],
) -> &'w [RoleId] {
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

fn may_do(w: &Workflow, case: &Case, actor: &Actor, state: &StateId, action: &Action) -> bool {
    let who = if action.who.is_empty() { said(w, state, |s| &s.who) } else { &action.who };
    let not = if action.not_who.is_empty() { said(w, state, |s| &s.not_who) } else { &action.not_who };
    who.iter().any(|role| is_in_role(w, case, actor, role))
        && !not.iter().any(|role| is_in_role(w, case, actor, role))
}

fn may_see(w: &Workflow, case: &Case, actor: &Actor) -> Option<BTreeSet<FieldId>> {
    let (subject, posts) = at(actor);
    let about = case.fields.values().any(|held| matches!(held, Held::Open(Value::Person(p)) if p == subject));
    // Departments hold their leg, not the case.
    let of_unit = |role: &RoleId| match w.roles.get(role).unwrap() {
        Role::Department | Role::Lead => true,
        Role::Per { field, of } => match case.fields.get(field) {
            Some(Held::Open(Value::Choice(choice))) => {
                of.get(choice).is_some_and(|r| matches!(w.roles.get(r), Some(Role::Department | Role::Lead)))
            }
            _ => false,
        },
        _ => false,
    };
    let holders = case.active.keys().flat_map(|state| said(w, state, |s| &s.who));
    let holds = holders.filter(|role| !of_unit(role)).any(|role| is_in_role(w, case, actor, role));
    if about || holds {
        return Some(w.fields.keys().cloned().collect());
    }
    let open: BTreeSet<FieldId> =
        w.fields.iter().filter(|(_, f)| !f.private).map(|(id, _)| id.clone()).collect();
    let mut seen: Option<BTreeSet<FieldId>> = None;
    let mut add = |more: BTreeSet<FieldId>| seen.get_or_insert_default().extend(more);
    let above = case.levels.values().any(|unit| posts.iter().any(|post| post.unit == *unit));
    let owns = w.fields.iter().any(|(id, field)| {
        field.kind == paidan_model::field::FieldType::Roster && named_in(case, id, subject)
    });
    if above || owns {
        add(open.clone());
    }
    let claims = case.active.keys().filter_map(|state| w.states.get(state).unwrap().claims.as_ref()).next();
    if let Some(rules) = claims.map(|id| w.claims.get(id).unwrap()) {
        let roles = rules.who.iter().chain(&rules.matcher);
        if roles.into_iter().any(|role| is_in_role(w, case, actor, role)) {
            add(w.listing.iter().flat_map(|listing| listing.show.clone()).collect());
        }
    }
    for (unit, leg) in &case.legs {
        if posts.iter().any(|post| post.unit == *unit) {
            let sent = &w.handoffs.get(&leg.handoff).unwrap().leg.send;
            add(if sent.is_empty() { open.clone() } else { sent.iter().cloned().collect() });
        }
    }
    seen
}

#[test]
fn the_whole_matrix_of_rights_is_as_the_oracle_reads_it() {
    let checked = definitions();
    let now = Moment::parse_local("2026-11-23 09:00", &Zone::SHANGHAI).unwrap();
    let everybody = everybody(&checked);
    let (mut tuples, mut allowed, mut seen) = (0u64, 0u64, 0u64);
    for agreed in checked.workflows.iter().filter(|agreed| agreed.workflow.kind == Kind::Case) {
        let w = &agreed.workflow;
        let law = Law::new(w, &agreed.digest, &checked.calendars, None).unwrap();
        for leaf in w.states.keys().filter(|id| w.children(Some(id)).is_empty()) {
            let case = case_in(&law, agreed, leaf, now);
            for actor in &everybody {
                let shown = sight(w, &case, actor).map(|sight| sight.fields);
                assert_eq!(shown, may_see(w, &case, actor), "{} {leaf} {actor:?} sees", w.id);
                tuples += 1;
                seen += u64::from(shown.is_some());
                let offered: BTreeMap<(ActionId, usize), bool> = offers(&law, &case, actor, now)
                    .into_iter()
                    .filter(|offer| offer.leg.is_none())
                    .enumerate()
                    .map(|(n, offer)| {
                        let refused = offer.open.as_ref().err().is_some_and(|r| r.code == Code::NotYours);
                        ((offer.action, n), !refused)
                    })
                    .collect();
                for state in case.active.keys() {
                    for (name, action) in &w.states.get(state).unwrap().on {
                        let told: Vec<bool> =
                            offered.iter().filter(|((id, _), _)| id == name).map(|(_, open)| *open).collect();
                        // Events of the engine are nobody's: they are not offered at all.
                        if told.is_empty() {
                            continue;
                        }
                        let may = may_do(w, &case, actor, state, action);
                        assert!(told.contains(&may), "{} {leaf} {name} of {state} by {actor:?}: {may}", w.id);
                        tuples += 1;
                        allowed += u64::from(may);
                    }
                }
            }
        }
    }
    println!("{tuples} tuples, {allowed} times allowed, {seen} times seen, no difference");
    assert!(tuples >= 50_000 && allowed > 400 && seen > 10_000);
}
