//! Worklists: one row per open task, on the list of whoever holds it.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_machine::audience::{Audience, resolve};
use paidan_machine::case::Case;
use paidan_machine::case::clock::Clock;
use paidan_machine::case::leg::Leg;
use paidan_machine::chart::leaves;
use paidan_machine::claim::Claim;
use paidan_machine::sight::{read_by, watches};
use paidan_machine::{arbiters, clocks_paused};
use paidan_model::calendar::{Calendar, Roll};
use paidan_model::claim::List;
use paidan_model::field::Meaning;
use paidan_model::id::{FieldId, OutcomeId, PostId, RoleId, StateId, UnitId};
use paidan_model::leg::LegState;
use paidan_model::moment::{Moment, Zone};
use paidan_model::outcome::Class;
use paidan_model::roster::{Post, Roster};
use paidan_model::value::{Held, Value};
use paidan_model::vote::Voters;
use paidan_model::workflow::Workflow;
use serde::{Deserialize, Serialize};

use crate::listing::{self, Item};

/// A row of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `task`, `case`, `list`, `child` and the like.
    pub view: String,
    /// Its key within the view.
    pub key: String,
    /// On whose list it stands, as [`owner`] writes it.
    pub owner: String,
    /// When it is due.
    pub due: Option<Moment>,
    /// What is shown.
    pub body: Body,
}

impl Body {
    /// Whether somebody with these jobs reads a row on a list of theirs.
    #[must_use]
    pub fn is_read_by(&self, owner: &str, posts: &[Post]) -> bool {
        let Some(jobs) = &self.jobs else { return true };
        let mut here = posts.iter().filter(|held| owner.strip_prefix(UNIT) == Some(held.unit.as_str()));
        here.any(|held| watches(held) || jobs.contains(&held.post))
    }

    /// The lists of those who read a row on the list of an owner.
    #[must_use]
    pub fn lists(&self, roster: &Roster, owner: &str) -> Vec<String> {
        match (&self.jobs, owner.strip_prefix(UNIT)) {
            (Some(jobs), Some(unit)) => {
                let jobs = jobs.iter().chain(roster.watches.keys());
                jobs.map(|post| format!("post:{post}@{unit}")).collect()
            }
            _ => alloc::vec![owner.to_string()],
        }
    }
}

/// How the name of a unit's list begins.
const UNIT: &str = "unit:";

/// What a row shows; nothing personal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// The case's number.
    pub number: String,
    /// Its stream.
    pub stream: String,
    /// The workflow.
    pub workflow: String,
    /// The state's title in Chinese.
    pub zh: String,
    /// The state's title in English.
    pub en: String,
    /// The clock the due moment is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
    /// Whether that clock is late.
    pub late: bool,
    /// What it is about: the first text that is public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Where, if that is public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What a list says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Item>,
    /// How it ended; of rows about what a case is linked to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomeId>,
    /// What reports count that as; rows from before outcomes were declared have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    /// The unit whose leg it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg: Option<String>,
    /// On the list of a unit above the case: which jobs there read it, beside those that watch; else all do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jobs: Option<BTreeSet<PostId>>,
}

impl Body {
    /// What reports count the end of its case as; still open: none.
    #[must_use]
    pub fn ended_as(&self) -> Option<Class> {
        self.class.or_else(|| self.outcome.as_ref().map(|outcome| Class::of_undeclared(outcome.as_str())))
    }
}

/// The name of an audience on lists.
#[must_use]
pub fn owner(audience: &Audience) -> String {
    match audience {
        Audience::Post { post, unit } => format!("post:{post}@{unit}"),
        Audience::Unit(unit) => format!("unit:{unit}"),
        Audience::Person(subject) => format!("person:{subject}"),
        Audience::Agent { person, .. } => format!("person:{person}"),
        Audience::Anywhere(post) => format!("post:{post}@any"),
    }
}

/// The list of whoever stands in for a person in a job, with what that person was named for.
#[must_use]
pub fn in_place_of(person: &str, post: &PostId) -> String {
    format!("agent:{post}:{person}")
}

/// On whose lists the tasks of an audience stand: its own, and those of stand-ins.
fn owners(audience: &Audience) -> Vec<String> {
    let own = owner(audience);
    match audience {
        Audience::Agent { person, posts } => {
            posts.iter().map(|post| in_place_of(person, post)).chain([own]).collect()
        }
        Audience::Post { .. } | Audience::Unit(_) | Audience::Person(_) | Audience::Anywhere(_) => {
            alloc::vec![own]
        }
    }
}

/// The rows a case has now.
#[must_use]
pub fn rows(workflow: &Workflow, zone: &Zone, case: &Case) -> Vec<Row> {
    let mut found = Vec::new();
    let here = leaves(workflow, case);
    let first = here.first().copied();
    for (owner, jobs) in readers(workflow, case) {
        let mut row = row(workflow, case, "case", owner, first, public(workflow, case), None);
        row.key = format!("{}/{}", case.filing.stream, row.owner);
        row.body.jobs = jobs;
        found.push(row);
    }
    if let Some(code) = &case.filing.code {
        found.push(row(workflow, case, "code", code.clone(), first, None, None));
    }
    if let Some(parent) = &case.filing.parent {
        let mut row = row(workflow, case, "child", opened_by(parent), first, None, None);
        row.key.clone_from(&case.filing.stream);
        found.push(row);
    }
    found.extend(linked(workflow, case, first));
    found.extend(alike(workflow, case));
    if case.is_closed() {
        found.extend(over(workflow, case, first));
        found.extend(kept(workflow, zone, case, first));
        return found;
    }
    if let Some(item) = listing::item(workflow, case) {
        let mut row = row(workflow, case, "list", listing::owner(item.list), first, None, None);
        row.key = listing::key(&item, &case.filing.stream);
        row.body.item = Some(item);
        found.push(row);
    }
    found.extend(claims(workflow, case, first));
    found.extend(ballots(workflow, case, first));
    found.extend(asked_for(workflow, case, first));
    let tasks = here.into_iter().flat_map(|state| {
        holders(workflow, case, state)
            .into_iter()
            .flat_map(move |held| owners(&held).into_iter().map(move |o| (o, state)))
    });
    for (owner, state) in tasks.collect::<BTreeSet<_>>() {
        found.push(row(workflow, case, "task", owner, Some(state), next_clock(case, None), None));
    }
    for (unit, leg) in case.legs.by_unit.iter().filter(|(_, leg)| !leg.state.is_gone()) {
        if !matches!(leg.state, LegState::Done | LegState::Accepted) {
            let clock = next_clock(case, Some(unit.as_str()));
            for owner in answerable(workflow, case, unit, leg) {
                let mut row = row(workflow, case, "task", owner, first, clock, Some(unit.as_str()));
                row.body.leg = Some(unit.to_string());
                found.push(row);
            }
        }
    }
    found
}

/// The list of what a case opened.
#[must_use]
pub fn opened_by(stream: &str) -> String {
    format!("opened:{stream}")
}

/// The list of cases of a workflow about one category in a community, the latest first: among them those that may be the same
/// matter are looked for.
#[must_use]
pub fn same_kind(workflow: &Workflow, case: &Case) -> Option<String> {
    let community = case.filing.levels.get("community")?;
    let (field, _) = workflow.field_that_means(Meaning::Category)?;
    let category = match case.form.fields.get(field).and_then(Held::open)? {
        Value::Choice(choice) => choice.as_str(),
        Value::Text(words) => words.as_str(),
        _ => return None,
    };
    Some(format!("{}/{community}/{category}", case.filing.workflow))
}

/// The row on that list. It says nothing that changes with the case, so that it is written once.
fn alike(workflow: &Workflow, case: &Case) -> Option<Row> {
    let mut row = row(workflow, case, ALIKE, same_kind(workflow, case)?, None, None, None);
    row.key.clone_from(&case.filing.stream);
    row.due = Some(Moment::from_millis(case.filing.opened.millis().saturating_neg()));
    (row.body.about, row.body.place) = (None, None);
    Some(row)
}

/// The view of cases that may be the same matter.
pub const ALIKE: &str = "alike";

/// The list of what is linked to a case.
#[must_use]
pub fn linked_to(number: &str) -> String {
    format!("link:{number}")
}

/// A row for each case that this one has named in a field that says of which workflow it is; it stays when this one
/// ends, and when it names another.
fn linked<'c>(
    workflow: &'c Workflow,
    case: &'c Case,
    first: Option<&'c StateId>,
) -> impl Iterator<Item = Row> + 'c {
    let of = |id: &FieldId| workflow.fields.get(id).is_some_and(|field| field.of.is_some());
    case.form.named.iter().filter(move |(id, _)| of(id)).map(move |(id, number)| {
        let mut row = row(workflow, case, "linked", linked_to(number), first, None, None);
        row.key = format!("{}/{id}/{number}", case.filing.stream);
        (row.body.outcome, row.body.class) = (case.life.outcome.clone(), case.life.class);
        let now = case.form.fields.get(id).and_then(Held::open);
        if !matches!(now, Some(Value::Case(held)) if held == number) {
            // It names another one since: here it counts as what was carried over.
            (row.body.zh, row.body.en) = ("转入另一季".into(), "Carried into another".into());
            (row.body.outcome, row.body.class) = (None, Some(Class::MovedOn));
        }
        row
    })
}

/// A season that is over stays on its list.
fn over(workflow: &Workflow, case: &Case, first: Option<&StateId>) -> Option<Row> {
    let item = listing::item(workflow, case).filter(|item| item.list == List::Seasons)?;
    let mut row = row(workflow, case, "list", listing::owner(item.list), first, None, None);
    row.key = listing::key(&item, &case.filing.stream);
    (row.body.outcome, row.body.class) = (case.life.outcome.clone(), case.life.class);
    row.body.item = Some(item);
    Some(row)
}

/// On whose list closed cases stand until their personal values are erased, by the day of it.
pub const KEPT: &str = "kept";

/// The row of a closed case whose personal values are kept for a time that its definition says.
fn kept(workflow: &Workflow, zone: &Zone, case: &Case, first: Option<&StateId>) -> Option<Row> {
    let keep = workflow.keep.as_ref().filter(|_| case.life.redacted.is_none())?;
    let due = Calendar::always(*zone).due(case.life.ended?, &keep.closed_for, Roll::None)?;
    let mut row = row(workflow, case, KEPT, KEPT.to_string(), first, None, None);
    row.due = Some(due.at);
    Some(row)
}

/// On whose list a leg stands: its unit's; while it is argued about, that of whoever rules on it.
fn answerable(workflow: &Workflow, case: &Case, unit: &UnitId, leg: &Leg) -> Vec<String> {
    let arbiters = arbiters(workflow, leg);
    let resolved = arbiters.iter().flat_map(|role| resolve(workflow, case, role, Some(unit)));
    let rule: BTreeSet<String> = resolved.map(|audience| owner(&audience)).collect();
    match (leg.state, rule.is_empty()) {
        (LegState::Arbitration, false) => rule.into_iter().collect(),
        _ => alloc::vec![format!("unit:{unit}")],
    }
}

/// One row for each elector who has not voted in a vote that is open, and for their co-owners.
fn ballots(workflow: &Workflow, case: &Case, first: Option<&StateId>) -> Vec<Row> {
    let mut found = Vec::new();
    for (id, poll) in case.votes.polls.iter().filter(|(_, poll)| poll.is_open()) {
        let kind = match workflow.votes.get(id).map(|vote| &vote.voters) {
            Some(Voters::Units(_) | Voters::Legs) => "unit",
            Some(Voters::Owners(_) | Voters::Role(_)) => "person",
            None => continue,
        };
        for elector in poll.electors.iter().filter(|elector| !poll.ballots.contains_key(&elector.owner)) {
            for who in core::iter::once(&elector.owner).chain(&elector.co_owners) {
                let mut row = row(workflow, case, "task", format!("{kind}:{who}"), first, None, None);
                row.key = format!("{}/vote/{id}/{who}", case.filing.stream);
                row.due = Some(poll.until);
                (row.body.zh, row.body.en) = ("请投票".into(), "Please vote".into());
                found.push(row);
            }
        }
    }
    found
}

/// One row for each word that more time or a pause waits for, on the lists of those who may give it.
fn asked_for(workflow: &Workflow, case: &Case, first: Option<&StateId>) -> Vec<Row> {
    let mut found = Vec::new();
    let mut add =
        |roles: &[RoleId], what: String, leg: Option<&UnitId>, clock: Option<&Clock>, words: [&str; 2]| {
            let roles = roles.iter().flat_map(|role| resolve(workflow, case, role, leg));
            let lists: BTreeSet<String> = roles.flat_map(|audience| owners(&audience)).collect();
            for list in lists {
                let mut row = row(workflow, case, "task", list, first, clock, None);
                row.key = format!("{}/{what}/{}", case.filing.stream, row.owner);
                [row.body.zh, row.body.en] = words.map(ToString::to_string);
                found.push(row);
            }
        };
    for held in case.clocks.all.iter().filter(|held| held.asked.is_some() && held.verdict.is_none()) {
        let rule = workflow.clocks.get(&held.key.clock).and_then(|clock| clock.extend.as_ref());
        let what =
            format!("extension/{}/{}", held.key.clock, held.key.leg.as_ref().map_or("", UnitId::as_str));
        let words = ["延期申请待批", "More time is asked for"];
        add(
            rule.map(|rule| rule.approve.as_slice()).unwrap_or_default(),
            what,
            held.key.leg.as_ref(),
            Some(held),
            words,
        );
    }
    let waits = |pause: &&paidan_machine::case::pause::Pause| {
        pause.began.is_none() && !clocks_paused(workflow, case, &pause.pause, pause.leg.as_ref()).is_empty()
    };
    for pause in case.pauses.all.iter().filter(waits) {
        let rule = workflow.pauses.get(&pause.pause);
        let what = format!("pause/{}/{}", pause.pause, pause.leg.as_ref().map_or("", UnitId::as_str));
        let words = ["暂停申请待批", "A pause is asked for"];
        add(
            rule.map(|rule| rule.approve.as_slice()).unwrap_or_default(),
            what,
            pause.leg.as_ref(),
            None,
            words,
        );
    }
    found
}

/// One row for each open claim, on the list of whoever has to act on it.
fn claims(workflow: &Workflow, case: &Case, first: Option<&StateId>) -> Vec<Row> {
    let open = case.claims.all.iter().filter(|claim| claim.state.is_open() && !claim.party.is_empty());
    let one = |claim: &Claim| {
        let clock =
            case.clocks.all.iter().filter(|c| c.runs() && c.key.claim == Some(claim.n)).min_by_key(|c| c.due);
        let mut row = row(workflow, case, "task", owner(&claim.audience()), first, clock, None);
        row.key = format!("{}/claim/{}", case.filing.stream, claim.n);
        row
    };
    open.map(one).collect()
}

/// On whose lists of cases it stands, and which jobs there read it: the units above its place, those asked to help, the
/// people it is about.
fn readers(workflow: &Workflow, case: &Case) -> BTreeMap<String, Option<BTreeSet<PostId>>> {
    let above = case.filing.levels.iter().filter(|(kind, _)| kind.as_str() != "grid");
    let above = above.map(|(kind, unit)| {
        let jobs = read_by(workflow, kind).into_iter().cloned().collect();
        (owner(&Audience::Unit(unit.clone())), Some(jobs))
    });
    let people = case.form.fields.values().flat_map(|held| match held.open() {
        Some(Value::Person(subject)) => alloc::vec![format!("person:{subject}")],
        Some(Value::Roster(rows)) => {
            let owners = rows.iter().flat_map(|row| core::iter::once(&row.owner).chain(&row.co_owners));
            owners.map(|owner| format!("person:{owner}")).collect()
        }
        _ => Vec::new(),
    });
    let voters = case.votes.polls.values().flat_map(|poll| &poll.electors);
    let voters = voters.map(|elector| format!("person:{}", elector.owner));
    let claimers = case.claims.all.iter().filter(|claim| claim.is_active() && !claim.party.is_empty());
    let asked = case.legs.by_unit.keys().map(|unit| owner(&Audience::Unit(unit.clone())));
    let named = people.chain(voters).chain(claimers.map(|claim| owner(&claim.audience())));
    let all = asked.chain(named).chain(case.people.copied.iter().map(owner));
    above.chain(all.map(|owner| (owner, None))).collect()
}

/// What a case is about, in the words of its first public text.
fn public_text(workflow: &Workflow, case: &Case) -> Option<String> {
    let texts = workflow.fields_in_order().into_iter().filter(|(_, field)| field.public && !field.private);
    texts.filter_map(|(id, _)| case.form.fields.get(id)).find_map(|held| match held.open() {
        Some(Value::Text(words)) => Some(words.clone()),
        _ => None,
    })
}

fn holders(workflow: &Workflow, case: &Case, state: &StateId) -> Vec<Audience> {
    let near = core::iter::once(state).chain(workflow.ancestors(state));
    let who = near.filter_map(|id| workflow.states.get(id)).find(|s| !s.who.is_empty());
    let roles = who.map(|s| s.who.as_slice()).unwrap_or_default();
    let all = roles.iter().flat_map(|role| resolve(workflow, case, role, None));
    all.filter(|audience| !matches!(audience, Audience::Unit(_)))
        .chain(case.people.assigned.iter().cloned())
        .collect()
}

fn public<'c>(workflow: &Workflow, case: &'c Case) -> Option<&'c Clock> {
    let is_public = |clock: &&Clock| workflow.clocks.get(&clock.key.clock).is_some_and(|c| c.public);
    case.clocks.all.iter().rev().find(is_public)
}

/// The clock that is due first.
fn next_clock<'c>(case: &'c Case, leg: Option<&str>) -> Option<&'c Clock> {
    let of = |clock: &&Clock| {
        clock.runs() && clock.key.claim.is_none() && clock.key.leg.as_ref().map(|l| l.as_str()) == leg
    };
    case.clocks.all.iter().filter(of).min_by_key(|clock| clock.due)
}

fn row(
    workflow: &Workflow,
    case: &Case,
    view: &str,
    owner: String,
    state: Option<&StateId>,
    clock: Option<&Clock>,
    leg: Option<&str>,
) -> Row {
    let title = state.and_then(|id| workflow.states.get(id)).map(|s| s.title.clone()).unwrap_or_default();
    let part = leg.map(|leg| format!("/{leg}")).unwrap_or_default();
    Row {
        view: view.to_string(),
        key: format!("{}/{}/{}{part}", case.filing.stream, state.map_or("", StateId::as_str), owner),
        owner,
        due: clock.map(|clock| clock.due),
        body: Body {
            number: case.filing.number.clone(),
            stream: case.filing.stream.clone(),
            workflow: case.filing.workflow.to_string(),
            zh: title.zh,
            en: title.en,
            clock: clock.map(|clock| clock.key.clock.to_string()),
            late: clock.is_some_and(|clock| clock.late),
            about: public_text(workflow, case),
            place: case.form.fields.values().find_map(|held| match held.open() {
                Some(Value::Place(place)) => Some(place.to_string()),
                _ => None,
            }),
            item: None,
            outcome: None,
            class: None,
            leg: None,
            jobs: None,
        },
    }
}
