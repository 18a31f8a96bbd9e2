//! Votes: opened upon a frozen electorate when a state is entered, cast until they close, counted once.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_model::calendar::Roll;
use paidan_model::commitment::commitment;
use paidan_model::id::{ChoiceId, FieldId, PostId, RoleId, UnitId, VoteId};
use paidan_model::moment::Moment;
use paidan_model::roster::Post;
use paidan_model::value::{Held, Value};
use paidan_model::vote::{Property, Vote, Voters};
use paidan_model::workflow::Workflow;

use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use crate::audience::Audience;
use crate::case::Case;

pub use crate::case::vote::{Ballot, How, Poll};
use crate::fact::{Alarm, AlarmKind, FormFact, TimerFact, VoteFact};
use crate::form;
use crate::refusal::{Code, Refusal, both};
use crate::step::Step;
use crate::tally::{Choice, Count, Elector, Verdict};

mod ballot;
pub(crate) mod right;
pub(crate) mod standing;

pub(crate) use ballot::{act, has_object, may};
use right::holders_of;
pub use right::{acts_for, collects_papers, sees_ballots, sees_paper};
pub(crate) use standing::active;

/// The hash of an electorate: SHA-256 of its JSON with sorted keys.
#[must_use]
pub fn hash(electors: &[Elector]) -> String {
    let sorted = serde_json::to_value(electors).unwrap_or(Json::Null);
    hex::encode(Sha256::digest(sorted.to_string().as_bytes()))
}

/// The digest of what is voted on: SHA-256 of the JSON, with sorted keys, of what the case holds of these fields and
/// of how its sums are divided. A value in the vault stands in it by its commitment.
#[must_use]
pub fn text_digest(case: &Case, about: &[FieldId]) -> String {
    let fields: BTreeMap<&str, Option<&Held>> =
        about.iter().map(|id| (id.as_str(), case.form.fields.get(id))).collect();
    let sorted = serde_json::json!({ "fields": fields, "splits": case.splits.by_split });
    hex::encode(Sha256::digest(sorted.to_string().as_bytes()))
}

/// Opens a vote: freezes the electorate and arms its end.
pub(crate) fn open(step: &mut Step<'_>, id: &VoteId) -> Result<(), Refusal> {
    let Some(vote) = step.workflow().votes.get(id) else {
        return Ok(());
    };
    let electors = electorate(step, vote)?;
    let options = options(step, vote)?;
    let window = Window::computed(step, vote, step.now)?;
    let until = match &vote.window.until {
        Some(field) => chosen_end(step, field, &window)?,
        None => window.longest,
    };
    let may_close = if vote.to_the_end || !options.is_empty() { until } else { window.shortest.min(until) };
    let hash = hash(&electors);
    crate::split::settle(step)?;
    let about = (!vote.about.is_empty()).then(|| text_digest(&step.case, &vote.about));
    let (vote, at) = (id.clone(), step.now);
    step.note(VoteFact::Opened { vote, electors, hash, options, about, at, may_close, until });
    arm(step, id, may_close, until);
    Ok(())
}

fn arm(step: &mut Step<'_>, id: &VoteId, may_close: Moment, until: Moment) {
    let mut alarms = alloc::vec![Alarm { kind: AlarmKind::VoteEnd { vote: id.clone() }, due: until }];
    if may_close < until {
        alarms.push(Alarm { kind: AlarmKind::VoteMay { vote: id.clone() }, due: may_close });
    }
    step.note(TimerFact::Armed { alarms });
}

/// When a vote may end, of those that began at one moment.
struct Window {
    shortest: Moment,
    longest: Moment,
}

impl Window {
    fn computed(step: &Step<'_>, vote: &Vote, opened: Moment) -> Result<Self, Refusal> {
        let calendar = step.calendar(&step.workflow().calendar)?;
        let due = |span| calendar.due(opened, span, Roll::default()).map(|due| due.at);
        let due = |span| due(span).ok_or_else(|| crate::step::no_due(step));
        Ok(Self { shortest: due(&vote.window.shortest)?, longest: due(&vote.window.longest)? })
    }
}

/// Computes the ends of the votes that are open again: by the calendar in force and the day in their field.
pub(crate) fn reckon(step: &mut Step<'_>) -> Result<(), Refusal> {
    let open: Vec<VoteId> =
        step.case.votes.polls.iter().filter(|(_, poll)| poll.is_open()).map(|(id, _)| id.clone()).collect();
    for id in open {
        let (Some(vote), Some(poll)) = (step.workflow().votes.get(&id), step.case.votes.polls.get(&id))
        else {
            continue;
        };
        let window = Window::computed(step, vote, poll.opened)?;
        let until = match &vote.window.until {
            Some(field) if step.changed.contains(field) => chosen_end(step, field, &window)?,
            // A day that was agreed on stands, inside of what the calendar makes of the rule.
            Some(_) => poll.until.max(window.shortest).min(window.longest),
            None => window.longest,
        };
        let until = until.max(poll.until.min(step.now));
        let early = !vote.to_the_end && poll.options.is_empty();
        let may_close = if early { window.shortest.min(until) } else { until };
        let may_close = if poll.may_close <= step.now { poll.may_close } else { may_close };
        if (may_close, until) != (poll.may_close, poll.until) {
            step.note(VoteFact::Moved { vote: id.clone(), may_close, until });
            arm(step, &id, may_close.max(step.now), until);
        }
    }
    Ok(())
}

fn chosen_end(step: &Step<'_>, field: &FieldId, window: &Window) -> Result<Moment, Refusal> {
    let (least, most) = (window.shortest, window.longest);
    let end = match step.case.form.fields.get(field).and_then(Held::open) {
        Some(Value::Moment(at)) => Some(*at),
        Some(Value::Date(date)) => crate::step::end_of_day(step, date),
        _ => None,
    };
    let end = end.ok_or_else(|| Refusal::new(Code::Required).with("field", field))?;
    if (least..=most).contains(&end) {
        return Ok(end);
    }
    let zone = step.law.zone();
    let (least, most) = (least.local_text(zone), most.local_text(zone));
    let why = both!("应在{least}到{most}之间", "from {least} to {most}");
    Err(Refusal::new(Code::WrongValue).with("field", field).why(why))
}

fn options(step: &Step<'_>, vote: &Vote) -> Result<Vec<ChoiceId>, Refusal> {
    let Some(field) = &vote.options else {
        return Ok(Vec::new());
    };
    match step.case.form.fields.get(field).and_then(Held::open) {
        Some(Value::Choices(options)) if !options.is_empty() => Ok(options.clone()),
        _ => Err(Refusal::new(Code::Required).with("field", field)),
    }
}

fn electorate(step: &Step<'_>, vote: &Vote) -> Result<Vec<Elector>, Refusal> {
    let required = |field: &FieldId| Refusal::new(Code::Required).with("field", field);
    let elector =
        |owner: String| Elector { owner, area: 0, parts: Vec::new(), co_owners: Vec::new(), must: false };
    let unit = |unit: &UnitId| elector(unit.to_string());
    let electors: Vec<Elector> = match &vote.voters {
        Voters::Legs => step.case.legs.live_units(None).iter().map(unit).collect(),
        Voters::Role(role) => members(step, role).into_iter().map(elector).collect(),
        Voters::Units(field) => match step.case.form.fields.get(field).and_then(Held::open) {
            Some(Value::Units(units)) => units.iter().map(unit).collect(),
            _ => return Err(required(field)),
        },
        Voters::Owners(field) => {
            let rows = step.case.form.roster(field).ok_or_else(|| required(field))?;
            let must = vote.must_all.as_ref().map(|field| rows_or_none(&step.case, field));
            let must: BTreeSet<String> =
                must.unwrap_or_default().iter().map(|row| row.owner.clone()).collect();
            let electors = heads(rows, &must);
            if let Some(stranger) = must.iter().find(|m| !electors.iter().any(|e| e.owner == **m)) {
                let why = both!("{stranger}不在名册里", "`{stranger}` is not in `{field}`");
                let field = vote.must_all.as_ref().map(ToString::to_string).unwrap_or_default();
                return Err(Refusal::new(Code::WrongValue).with("field", field).why(why));
            }
            electors
        }
    };
    if electors.is_empty() {
        return Err(Refusal::new(Code::NobodyVotes));
    }
    Ok(electors)
}

/// Whoever holds a role when the vote opens, each once. Without a roster of the town a post at a unit is one member,
/// called by both.
fn members(step: &Step<'_>, role: &RoleId) -> BTreeSet<String> {
    let holding = |post: &PostId, unit: Option<&UnitId>| -> Vec<String> {
        let Some(roster) = step.law.roster else {
            return alloc::vec![seat(post, unit)];
        };
        let held = |p: &Post| p.post == *post && unit.is_none_or(|unit| p.unit == *unit);
        let people = roster.people.iter().filter(|(_, person)| person.posts.iter().any(held));
        people.map(|(subject, _)| subject.clone()).collect()
    };
    let members = crate::audience::resolve(step.workflow(), &step.case, role, None).into_iter();
    members
        .flat_map(|audience| match audience {
            Audience::Person(person) | Audience::Agent { person, .. } => alloc::vec![person],
            Audience::Unit(unit) => alloc::vec![unit.to_string()],
            Audience::Post { post, unit } => holding(&post, Some(&unit)),
            Audience::Anywhere(post) => holding(&post, None),
        })
        .collect()
}

/// What a post at a unit is called as a member where no roster says who holds it.
pub(crate) fn seat(post: &PostId, unit: Option<&UnitId>) -> String {
    unit.map_or_else(|| post.to_string(), |unit| alloc::format!("{post}.{unit}"))
}

fn rows_or_none<'c>(case: &'c Case, field: &FieldId) -> &'c [Property] {
    case.form.roster(field).unwrap_or_default()
}

/// Heads: one for each owner, whose areas add up; all unsold parts are one head.
#[must_use]
pub fn heads(rows: &[Property], must: &BTreeSet<String>) -> Vec<Elector> {
    let mut found: BTreeMap<&str, Elector> = BTreeMap::new();
    let developer = rows.iter().find(|row| row.unsold).map(|row| row.owner.as_str());
    for row in rows {
        let owner = if row.unsold { developer.unwrap_or(&row.owner) } else { &row.owner };
        let head = found.entry(owner).or_insert_with(|| Elector {
            owner: owner.to_string(),
            area: 0,
            parts: Vec::new(),
            co_owners: Vec::new(),
            must: must.contains(owner),
        });
        head.area += row.area;
        head.parts.push(row.part.clone());
        for other in row.co_owners.iter().filter(|other| *other != owner) {
            if !head.co_owners.contains(other) {
                head.co_owners.push(other.clone());
            }
        }
    }
    found.into_values().collect()
}

/// Closes a vote when the rest could no longer change it and its shortest time is over. Says whether one closed.
pub(crate) fn settle(step: &mut Step<'_>) -> Result<bool, Refusal> {
    let workflow = step.workflow();
    let Some(id) = active(&step.case, workflow) else {
        return Ok(false);
    };
    let (Some(vote), Some(poll)) = (workflow.votes.get(&id), step.case.votes.polls.get(&id)) else {
        return Ok(false);
    };
    if vote.to_the_end || step.now < poll.may_close {
        return Ok(false);
    }
    let valid = valid(step, poll);
    let decided = count(vote, poll, &valid.ballots).is_decided();
    if decided {
        close(step, &id, None);
    }
    Ok(decided)
}

struct Valid {
    ballots: BTreeMap<String, Choice>,
    disputed: u32,
    erased: u32,
}

/// The ballots that count: what the secret ones say comes out of the vault, or out of this very step.
fn valid(step: &Step<'_>, poll: &Poll) -> Valid {
    let mut found = Valid { ballots: BTreeMap::new(), disputed: 0, erased: 0 };
    for (owner, ballot) in &poll.ballots {
        if ballot.disputed.is_some() {
            found.disputed += 1;
            continue;
        }
        let fresh = || step.sealed.iter().find(|s| s.commitment == ballot.receipt).map(|s| &s.value);
        let kept = || step.law.opened.and_then(|opened| opened.get(&ballot.receipt)).or_else(fresh);
        let said = || kept().and_then(|value| serde_json::from_value(value.clone()).ok());
        match ballot.choice.clone().or_else(said) {
            Some(choice) => drop(found.ballots.insert(owner.clone(), choice)),
            None => found.erased += 1,
        }
    }
    found
}

fn count<'a>(vote: &'a Vote, poll: &'a Poll, ballots: &'a BTreeMap<String, Choice>) -> Count<'a> {
    Count { vote, electors: &poll.electors, options: &poll.options, struck: &poll.struck, ballots }
}

/// The end of a vote's time.
pub(crate) fn end(step: &mut Step<'_>, id: &VoteId) {
    if step.case.votes.polls.get(id).is_some_and(Poll::is_open) {
        close(step, id, None);
    }
}

/// A state was left while its vote was open: it decides nothing.
pub(crate) fn leave(step: &mut Step<'_>, id: &VoteId) {
    if step.case.votes.polls.get(id).is_some_and(Poll::is_open) {
        close(step, id, Some(Verdict::Void));
    }
}

/// Counts, notes the result, and raises what it means.
fn close(step: &mut Step<'_>, id: &VoteId, stopped: Option<Verdict>) {
    let workflow = step.workflow();
    let (Some(vote), Some(poll)) = (workflow.votes.get(id), step.case.votes.polls.get(id)) else {
        return;
    };
    let valid = valid(step, poll);
    let mut tally = count(vote, poll, &valid.ballots).tally();
    tally.disputed = valid.disputed;
    tally.erased = valid.erased;
    if let Some(verdict) = stopped {
        tally.verdict = verdict;
        tally.winner = None;
    }
    let verdict = tally.verdict;
    let winner = tally.winner.clone();
    let alarms = [AlarmKind::VoteEnd { vote: id.clone() }, AlarmKind::VoteMay { vote: id.clone() }];
    let armed: Vec<AlarmKind> =
        alarms.into_iter().filter(|kind| step.case.timers.armed.iter().any(|a| a.kind == *kind)).collect();
    if !armed.is_empty() {
        step.note(TimerFact::Disarmed { alarms: armed });
    }
    step.note(VoteFact::Closed { vote: id.clone(), tally: tally.into(), at: step.now });
    if let (Some(field), Some(winner)) = (&vote.winner, winner) {
        step.note(FormFact::Filled { field: field.clone(), value: Held::Open(Value::Choice(winner)) });
    }
    match verdict {
        Verdict::Passed => step.raise_named("passed", None),
        Verdict::Failed => step.raise_named("vote_failed", None),
        Verdict::Tied => step.raise_named("vote_tied", None),
        Verdict::Void => {}
    }
}

/// Who writes down ballots cast on paper: the roles the vote names, else those who hold its state.
fn collectors(workflow: &Workflow, case: &Case, id: &VoteId) -> Vec<RoleId> {
    let named = workflow.votes.get(id).map(|vote| vote.collect.clone()).unwrap_or_default();
    let here = || case.chart.active.keys().find_map(|state| holders_of(workflow, state, id));
    if named.is_empty() { here().unwrap_or_default() } else { named }
}

/// Sees to it that whoever must agree is on the roster, as the owner of that part: a slip of the pen would give a stranger
/// a veto.
///
/// # Errors
/// When a part is not on the roster, or is somebody else's.
pub(crate) fn check_must(step: &Step<'_>) -> Result<(), Refusal> {
    let written = |field: &FieldId| step.wrote(field);
    for vote in step.workflow().votes.values() {
        let (Voters::Owners(roster), Some(must)) = (&vote.voters, &vote.must_all) else { continue };
        if !written(roster) && !written(must) {
            continue;
        }
        let (Some(whole), Some(named)) = (step.case.form.roster(roster), step.case.form.roster(must)) else {
            continue;
        };
        for row in named {
            let part = &row.part;
            let why = match whole.iter().find(|known| known.part == *part) {
                None => both!("{part}不在名册里", "`{part}` is not on the roster"),
                Some(known) if known.owner != row.owner => {
                    both!("{part}在名册里是另一个产权人", "`{part}` is another owner's on the roster")
                }
                Some(_) => continue,
            };
            return Err(Refusal::new(Code::WrongValue).with("field", must).why(why));
        }
    }
    Ok(())
}

/// Commits to what a ballot says and hands it to the vault; the commitment is the voter's receipt.
fn receipt(step: &mut Step<'_>, id: &VoteId, owner: &str, choice: &Choice) -> Result<String, Refusal> {
    let salt = (step.salt)();
    let value =
        serde_json::to_value(choice).map_err(|e| Refusal::new(Code::WrongValue).why(both!("{e}", "{e}")))?;
    let field = alloc::format!("ballot/{id}/{owner}");
    let commit = commitment(&step.case.filing.stream, &field, &value, &salt);
    step.sealed.push(crate::decision::Sealed {
        field,
        value,
        salt,
        commitment: commit.clone(),
        subject: Some(owner.to_string()),
    });
    Ok(commit)
}

/// Keeps the files that prove something.
fn proof(step: &mut Step<'_>, files: Vec<String>) -> Result<Option<Held>, Refusal> {
    if files.is_empty() {
        return Ok(None);
    }
    form::seal(step, "proof", true, Value::Files(files)).map(Some)
}
