//! Cases in every state that a definition has, with legs, a ballot and claims in them, and everybody who might ask.

use std::collections::BTreeSet;

use paidan_language::{Agreed, Checked};
use paidan_machine::actor::Actor;
use paidan_machine::claim::Initiator;
use paidan_machine::command::{Ask, Command, Open};
use paidan_machine::fact::{
    ClaimFact, ClockFact, ClockKey, Fact, FormFact, LegFact, PauseFact, PeopleFact, StateFact, VoteFact,
};
use paidan_machine::tally::{Choice, Elector};
use paidan_machine::vote::How;
use paidan_machine::{Case, Law, decide, evolve};
use paidan_model::calendar::Budget;
use paidan_model::claim::ClaimState;
use paidan_model::clock::Scope;
use paidan_model::field::FieldType;
use paidan_model::id::{FieldId, PostId, RoleId, StateId, UnitId, UnitKind, VoteId};
use paidan_model::leg::{LegState, Part};
use paidan_model::moment::Moment;
use paidan_model::roster::{Absence, Person, Post, Roster, Unit, Watch};
use paidan_model::span::Span;
use paidan_model::state::State;
use paidan_model::text::Text;
use paidan_model::value::{Held, Value};
use paidan_model::vote::Voters;
use paidan_model::workflow::{Role, Whose, Workflow};

/// Where the case of the test lies, and the units around it.
const LEVELS: [(&str, &str); 4] =
    [("grid", "jinchen-01"), ("community", "jinchen"), ("subdistrict", "xixi"), ("centre", "centre")];
/// Units at every distance: of the case, beside it, a department on it, one that is not.
const UNITS: [&str; 9] =
    ["jinchen-01", "jinchen-02", "jinchen", "beside", "xixi", "donghe", "centre", "fire", "parks"];
/// Which unit is above which.
const ABOVE: [(&str, &str); 8] = [
    ("jinchen-01", "jinchen"),
    ("jinchen-02", "jinchen"),
    ("jinchen", "xixi"),
    ("beside", "xixi"),
    ("xixi", "centre"),
    ("donghe", "centre"),
    ("fire", "centre"),
    ("parks", "centre"),
];
/// Legs: at work, with what has been done to each.
const LEGS: [(&str, Part, Option<LegState>); 5] = [
    ("fire", Part::Lead, Some(LegState::Working)),
    ("housing", Part::Assist, None),
    ("water", Part::Assist, Some(LegState::Signed)),
    ("roads", Part::Assist, Some(LegState::Arbitration)),
    ("gas", Part::Assist, Some(LegState::Released)),
];
/// Units that nobody works at but for a leg.
const OF_LEGS: [&str; 4] = ["housing", "water", "roads", "gas"];
/// People whom the case of the test names, in fields, ballots and claims.
const NAMED: [&str; 18] = [
    "p1",
    "p101",
    "p102",
    "p201",
    "p202",
    "p301",
    "p302",
    "h1",
    "c1",
    "the-agent",
    "the-offerer",
    "the-designer",
    "the-builder",
    "the-proposer",
    "the-applicant",
    "the-proxy",
    "the-giver",
    "other-resident",
];

pub fn unit(text: &str) -> UnitId {
    UnitId::parse(text).unwrap()
}

fn post(name: &str, at: &str) -> Post {
    let watch = match name {
        "auditor" => Watch::Audits,
        "arbiter" | "supervisor" => Watch::Watches,
        _ => Watch::No,
    };
    Post { watch, ..Post::new(PostId::parse(name).unwrap(), unit(at)) }
}

/// Who has asked for more time and for pauses where somebody has.
const ASKER: &str = "deputy";

pub fn person(subject: &str, posts: Vec<Post>) -> Actor {
    Actor::Person { subject: subject.into(), posts, via: "test".into() }
}

// ---- cases ----

fn opened(law: &Law<'_>, agreed: &Agreed, now: Moment) -> Case {
    let command = Command { actor: Actor::Engine, ask: Ask::Open(opening(agreed)) };
    decide(law, None, &command, now, &mut || [7; 32]).unwrap().case
}

/// A new case, as the definition's first test opens it.
pub fn opening(agreed: &Agreed) -> Open {
    let script = agreed.scripts.first().unwrap();
    Open {
        stream: "case/1".into(),
        number: "N".into(),
        levels: LEVELS.iter().map(|(kind, id)| (UnitKind::parse(kind).unwrap(), unit(id))).collect(),
        fill: script.given.iter().map(|(field, value)| (field.to_string(), value.clone())).collect(),
        channel: "test".into(),
        code: None,
        parent: None,
        since: None,
    }
}

/// A case in one state: opened, then put there, with all that could be under way there.
pub fn case_in(law: &Law<'_>, agreed: &Agreed, leaf: &StateId, now: Moment) -> Case {
    let w = &agreed.workflow;
    let mut case = opened(law, agreed, now);
    let mut facts: Vec<Fact> =
        case.chart.active.keys().map(|state| Fact::State(StateFact::Left { state: state.clone() })).collect();
    let up: Vec<&StateId> = std::iter::once(leaf).chain(w.ancestors(leaf)).collect();
    facts.extend(
        up.iter().map(|state| {
            Fact::State(StateFact::Entered { state: (*state).clone(), at: now, from: Vec::new() })
        }),
    );
    facts.extend(people(w));
    let states = || up.iter().filter_map(|state| w.states.get(*state));
    facts.extend(legs(w, states().any(|state| state.handoff.is_some()), now));
    facts.extend(
        states().filter_map(|state| state.vote.as_ref()).take(1).flat_map(|vote| ballots(w, vote, now)),
    );
    facts.extend(states().filter_map(|state| state.claims.as_ref()).take(1).flat_map(|id| {
        let item = w.claims.get(id).unwrap().item.clone();
        let whole = Fact::Form(FormFact::Filled { field: item, value: Held::Open(Value::Int(9)) });
        std::iter::once(whole).chain(claims(w, id, now))
    }));
    for fact in &facts {
        case = evolve(Some(case), fact).unwrap();
    }
    // What is due would move the case on before anything is decided.
    case.timers.armed.clear();
    if let Some(outcome) = &w.states.get(leaf).unwrap().outcome {
        (case.life.outcome, case.life.ended) = (Some(outcome.clone()), Some(now));
    }
    for state in states() {
        case.handoffs.joined.extend(state.handoff.iter().map(|id| (id.clone(), false)));
    }
    case
}

/// The people whom fields of a case name.
fn people(w: &Workflow) -> Vec<Fact> {
    let names = ["agent", "offerer", "designer", "builder", "proposer", "applicant"];
    let fields = names.iter().filter_map(|name| Some((*name, FieldId::parse(name)?)));
    let of_people = fields.filter(|(_, id)| w.fields.get(id).is_some_and(|f| f.kind == FieldType::Person));
    let fill = |(name, field): (&str, FieldId)| {
        Fact::Form(FormFact::Filled { field, value: Held::Open(Value::Person(format!("the-{name}"))) })
    };
    of_people.map(fill).collect()
}

/// All legs where departments are at work; elsewhere the lead's, and one that assists.
fn legs(w: &Workflow, at_work: bool, now: Moment) -> Vec<Fact> {
    let Some((handoff, _)) = w.handoffs.iter().find(|(_, handoff)| handoff.continues.is_none()) else {
        return Vec::new();
    };
    let mut facts = Vec::new();
    for (leg, part, moved) in LEGS.into_iter().take(if at_work { LEGS.len() } else { 2 }) {
        facts.push(Fact::Leg(LegFact::Opened { leg: unit(leg), part, handoff: handoff.clone(), at: now }));
        facts.extend(
            moved.map(|to| Fact::Leg(LegFact::Moved { leg: unit(leg), to, at: now, implicit: false })),
        );
    }
    facts.extend(at_work.then(|| Fact::Leg(LegFact::WaiverAsked { leg: unit("water") })));
    facts
}

/// A ballot that is open: one cast and disputed, one on paper, one of nobody yet; a proxy of two.
fn ballots(w: &Workflow, id: &VoteId, now: Moment) -> Vec<Fact> {
    let vote = w.votes.get(id).unwrap();
    let names: &[(&str, &[&str])] = match vote.voters {
        Voters::Owners(_) => &[("p101", &["p102"]), ("p201", &[]), ("p202", &[]), ("p301", &["p302"])],
        Voters::Units(_) | Voters::Legs | Voters::Role(_) => {
            &[("fire", &[]), ("housing", &[]), ("xixi", &[])]
        }
    };
    let elector = |(owner, others): &(&str, &[&str])| Elector {
        owner: (*owner).into(),
        area: 1,
        parts: Vec::new(),
        co_owners: others.iter().map(ToString::to_string).collect(),
        must: false,
    };
    let (vote, until) = (id.clone(), now.plus_seconds(30 * 86_400));
    let cast = |owner: &str, by: &str, how: How, disputed: Option<&str>| {
        Fact::Vote(VoteFact::Cast {
            vote: vote.clone(),
            owner: owner.into(),
            choice: Some(Choice::Agree),
            receipt: format!("receipt of {owner}"),
            by: by.into(),
            how,
            proof: None,
            disputed: disputed.map(Into::into),
            at: now,
        })
    };
    let proxy = |owner: &str| {
        Fact::Vote(VoteFact::ProxyNamed {
            vote: vote.clone(),
            owner: owner.into(),
            proxy: "the-proxy".into(),
            proof: None,
            at: now,
        })
    };
    let owners = matches!(w.votes.get(id).unwrap().voters, Voters::Owners(_));
    let electors = names.iter().map(elector).collect();
    let mut facts = vec![Fact::Vote(VoteFact::Opened {
        vote: vote.clone(),
        electors,
        hash: "h".into(),
        options: Vec::new(),
        about: None,
        at: now,
        may_close: until,
        until,
    })];
    if owners {
        facts.extend([proxy("p202"), proxy("p301"), cast("p101", "p101", How::Own, Some("p102"))]);
        facts.push(cast("p301", "a-desk", How::Paper, None));
    } else {
        facts.push(cast("housing", "somebody", How::Own, None));
    }
    facts
}

/// Claims: a person's, one that a unit has spoken about, one given back; of an offer, what an item holds of it.
fn claims(w: &Workflow, id: &paidan_model::id::ClaimsId, now: Moment) -> Vec<Fact> {
    let held = w.claims.get(id).unwrap().offered_by.is_some();
    let take = |claim: u32, party: &str, of: Option<&str>| {
        Fact::Claim(ClaimFact::Taken {
            claims: id.clone(),
            claim,
            party: if held { String::new() } else { party.into() },
            unit: of.filter(|_| !held).map(unit),
            qty: 1,
            initiator: Initiator::Giver,
            other: held.then(|| format!("item/2#{claim}")),
            at: now,
        })
    };
    let to = |claim: u32, to: ClaimState| Fact::Claim(ClaimFact::Moved { claim, to, why: None, at: now });
    vec![
        take(1, "the-giver", None),
        take(2, "unit-parks", Some("parks")),
        to(2, ClaimState::Contacted),
        take(3, "p1", None),
        to(3, ClaimState::Released),
    ]
}

/// Roles that may not do something in the states a case is in.
fn kept_out<'w>(w: &'w Workflow, case: &Case) -> Vec<&'w RoleId> {
    let states = case.chart.active.keys().filter_map(|state| w.states.get(state));
    let of = |state: &'w State| state.not_who.iter().chain(state.on.values().flat_map(|a| &a.not_who));
    states.flat_map(of).collect()
}

/// The same case after the deputy has stood in for each job that is kept out of something here; nothing where none is.
pub fn after_standing_in(w: &Workflow, case: &Case) -> Option<Case> {
    let mut case = case.clone();
    let jobs: Vec<Post> = kept_out(w, &case)
        .into_iter()
        .filter_map(|role| match w.roles.get(role)? {
            Role::Post { post, of: Whose::Level(kind) } => {
                Some(Post::new(post.clone(), case.filing.levels.get(kind)?.clone()))
            }
            Role::Department => Some(post("liaison", "fire")),
            _ => None,
        })
        .collect();
    for Post { post, unit, .. } in &jobs {
        let stood = Fact::People(PeopleFact::StoodIn {
            subject: "deputy".into(),
            post: post.clone(),
            unit: unit.clone(),
        });
        case = evolve(Some(case), &stood)?;
    }
    (!jobs.is_empty()).then_some(case)
}

/// The case with every clock running that may be longer or stand still; then with all of that asked for; then with every
/// pause begun. Nothing where the definition has neither, nor in states that differ in nothing that this asks for: where a
/// hand-off runs is enough, and where a case begins.
pub fn on_the_clock(w: &Workflow, case: &Case, now: Moment) -> Vec<Case> {
    let here = |state: &StateId| w.start.contains(state) || w.states.get(state).unwrap().handoff.is_some();
    if !case.chart.active.keys().any(here) {
        return Vec::new();
    }
    let neither = w.pauses.is_empty() && w.clocks.values().all(|clock| clock.extend.is_none());
    if case.is_closed() || neither {
        return Vec::new();
    }
    let units = || case.legs.by_unit.keys().filter(|id| id.as_str() != "gas").cloned().map(Some);
    let whose = |scope: Scope| if scope == Scope::Leg { units().collect() } else { vec![None] };
    let clocks = w.clocks.iter().filter(|(_, clock)| matches!(clock.scope, Scope::Case | Scope::Leg));
    let clocks: Vec<(ClockKey, &paidan_model::clock::Clock)> = clocks
        .filter(|(_, clock)| clock.extend.is_some() || !clock.pauses.is_empty())
        .flat_map(|(id, clock)| whose(clock.scope).into_iter().map(move |leg| (id, leg, clock)))
        .map(|(id, leg, clock)| (ClockKey { clock: id.clone(), leg, claim: None }, clock))
        .collect();
    let by_hand: Vec<_> = w.pauses.iter().filter(|(_, pause)| pause.during.is_none()).collect();
    let pauses =
        || by_hand.iter().flat_map(|(id, pause)| whose(pause.scope).into_iter().map(move |leg| (*id, leg)));
    let budget = Budget::of(&Span::BusinessDays { days: 9 });
    let idle = clocks.iter().filter(|(key, _)| case.clock(key).is_none());
    let started = idle.map(|(key, _)| {
        Fact::Clock(ClockFact::Started {
            clock: key.clone(),
            at: now,
            budget: budget.clone(),
            due: now.plus_seconds(9 * 86_400),
            provisional: false,
            goal: None,
        })
    });
    let with = |case: &Case, facts: Vec<Fact>| {
        facts.iter().fold(case.clone(), |case, fact| evolve(Some(case), fact).unwrap())
    };
    let running = with(case, started.collect());
    let longer = clocks.iter().filter(|(_, clock)| clock.extend.is_some());
    let asked = longer.map(|(key, _)| {
        Fact::Clock(ClockFact::ExtensionAsked {
            clock: key.clone(),
            by: budget.clone(),
            who: Some(ASKER.into()),
        })
    });
    let wanted = pauses().map(|(pause, leg)| {
        Fact::Pause(PauseFact::Asked {
            pause: pause.clone(),
            leg,
            proof: Held::Open(Value::Files(Vec::new())),
            who: Some(ASKER.into()),
        })
    });
    let begun =
        pauses().map(|(pause, leg)| Fact::Pause(PauseFact::Began { pause: pause.clone(), leg, at: now }));
    let asked = with(&running, asked.chain(wanted).collect());
    let begun = with(&running, begun.collect());
    vec![running, asked, begun]
}

// ---- people ----

/// Every job that a definition names, and two that none does.
pub fn jobs(checked: &Checked) -> BTreeSet<String> {
    let roles = checked.workflows.iter().flat_map(|agreed| agreed.workflow.roles.values());
    let named = roles.filter_map(|role| match role {
        Role::Post { post, .. } => Some(post.to_string()),
        _ => None,
    });
    named.chain(["member".to_string(), "auditor".to_string()]).collect()
}

/// Everybody but for stand-ins: every job at every unit, people the case names, and nobody at all.
pub fn everybody(jobs: &BTreeSet<String>) -> Vec<Actor> {
    let mut found = vec![person("nobody", Vec::new())];
    found.extend(NAMED.map(|named| person(named, Vec::new())));
    for job in jobs {
        found.extend(UNITS.map(|unit| person("somebody", vec![post(job, unit)])));
        for away in ["the-agent", "p1"] {
            let held = Post { instead_of: Some(away.into()), ..post(job, "elsewhere") };
            found.push(person("deputy", vec![held]));
        }
    }
    for unit in OF_LEGS {
        found.extend(["liaison", "member"].map(|job| person("somebody", vec![post(job, unit)])));
    }
    // Two jobs at once: one that may, one that may not.
    found.push(person("somebody", vec![post("community-dispatcher", "jinchen"), post("liaison", "fire")]));
    found.push(person(
        "somebody",
        vec![post("community-dispatcher", "jinchen"), post("grid-lead", "jinchen")],
    ));
    found
}

/// A colleague who stands in, and whether they work together with whoever is away.
pub struct Stand {
    /// The deputy is at the unit itself.
    pub beside: bool,
    pub roster: Roster,
    pub absences: Vec<Absence>,
}

/// Somebody away for every job at every level of the case and on a leg, with a deputy beside them, above them, and far
/// away.
pub fn stands(jobs: &BTreeSet<String>, from: Moment, until: Moment) -> Vec<Stand> {
    let away_at = ["jinchen-01", "jinchen", "xixi", "centre", "fire"];
    let mut found = Vec::new();
    for (job, place) in jobs.iter().flat_map(|job| away_at.map(|place| (job, place))) {
        let above = ABOVE.iter().find(|(below, _)| *below == place).map_or(place, |(_, above)| above);
        for deputy_at in [place, above, "donghe"] {
            let roster = roster(&[("away", post(job, place)), ("deputy", post("member", deputy_at))]);
            let absence = Absence { person: "away".into(), deputy: "deputy".into(), from, until };
            // Another absence, of somebody else: nothing of it is the deputy's.
            let other = Absence { person: "deputy".into(), deputy: "away".into(), from, until };
            found.push(Stand { beside: deputy_at == place, roster, absences: vec![other, absence] });
        }
    }
    found
}

fn roster(people: &[(&str, Post)]) -> Roster {
    let text = || Text { zh: "x".into(), en: "x".into() };
    let all = UNITS.iter().chain(&OF_LEGS).map(|name| {
        let parent = ABOVE.iter().find(|(below, _)| below == name).map(|(_, above)| unit(above));
        (
            unit(name),
            Unit { kind: UnitKind::parse("community").unwrap(), parent, calendar: None, title: text() },
        )
    });
    let people = people.iter().map(|(subject, post)| {
        let one = Person { title: text(), posts: vec![post.clone()], channels: Default::default() };
        ((*subject).to_string(), one)
    });
    let watches = ["auditor", "arbiter", "supervisor"].map(|name| post(name, "centre"));
    let watches = watches.into_iter().map(|held| (held.post, held.watch)).collect();
    Roster { units: all.collect(), people: people.collect(), watches, ..Roster::default() }
}
