//! References: what a form names beside itself (cases, people, places, units, files).
//!
//! Whoever decides asks first what a form names ([`mentions`]), looks it up, and hands in what was
//! found ([`References`]); the check is here, once, for every door. What the asker may not know of
//! is not handed in, so it is refused like what is not there.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use paidan_model::field::{Field, FieldType};
use paidan_model::id::{FieldId, PlaceId, PostId, StateId, UnitId};
use paidan_model::text::Tongue;
use paidan_model::value::{Held, Value};
use paidan_model::workflow::Workflow;
use serde_json::Value as Json;

pub(crate) mod found;

pub use found::{Linked, References};

use crate::actor::Actor;
use crate::command::Ask;
use crate::refusal::{Code, Refusal, both, shown, wrong};
use crate::step::Step;

/// The most cases that a chain of references is followed along.
pub const CHAIN_MAX: usize = 64;
/// The characters of a file's digest that a refusal repeats.
const DIGEST_SHOWN: usize = 12;

/// What a form names that must be looked up before it is decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Numbers of cases, each with the field that names it.
    pub cases: BTreeSet<(FieldId, String)>,
    /// Subject ids of people.
    pub people: BTreeSet<String>,
    /// Digests of files.
    pub files: BTreeSet<String>,
}

/// What a command's form names.
#[must_use]
pub fn mentions(workflow: &Workflow, ask: &Ask) -> Mentions {
    match ask {
        Ask::Act(act) => mentions_in(workflow, &act.fill),
        Ask::Open(open) => mentions_in(workflow, &open.fill),
        Ask::Send(_) | Ask::Hear(_) | Ask::Tick | Ask::Recount | Ask::Redact | Ask::Hold(_) => {
            Mentions::default()
        }
    }
}

/// What a form names.
#[must_use]
pub fn mentions_in(workflow: &Workflow, fill: &BTreeMap<String, Json>) -> Mentions {
    let mut found = Mentions::default();
    for (name, json) in fill {
        let field = FieldId::parse(name).and_then(|id| workflow.fields.get_key_value(&id));
        let text = || json.as_str().map(ToString::to_string);
        let texts =
            || json.as_array().into_iter().flatten().filter_map(Json::as_str).map(ToString::to_string);
        match field.map(|(id, field)| (id, field.kind)) {
            Some((id, FieldType::Case)) => found.cases.extend(text().map(|number| (id.clone(), number))),
            Some((_, FieldType::Person)) => found.people.extend(text()),
            Some((_, FieldType::Files)) => found.files.extend(texts()),
            Some((
                _,
                FieldType::Text
                | FieldType::Phone
                | FieldType::Int
                | FieldType::Bool
                | FieldType::Choice
                | FieldType::Choices
                | FieldType::Date
                | FieldType::Moment
                | FieldType::Unit
                | FieldType::Units
                | FieldType::Place
                | FieldType::Money
                | FieldType::Area
                | FieldType::Roster
                | FieldType::Table,
            )) => {}
            // What is done in votes and pauses takes a proof, whether or not the definition has
            // such a field.
            None if name == "proof" => found.files.extend(texts()),
            None => {}
        }
    }
    found
}

/// The numbers that a chain of references leads to from a case, itself left out; stops where it
/// comes back to itself.
#[must_use]
pub fn chain(from: &str, next: impl Fn(&str) -> Option<String>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut at = next(from);
    while let Some(number) = at.filter(|number| number != from && found.len() < CHAIN_MAX) {
        at = next(&number).filter(|after| !found.contains(after));
        found.insert(number);
    }
    found
}

/// The case that a field names, if it may be named here.
///
/// # Errors
/// A refusal, in this order: unknown, itself, of another kind, a ring, closed, in no state in which
/// it may be named.
pub(crate) fn case<'a>(
    step: &Step<'a>,
    id: &FieldId,
    field: &Field,
    number: &str,
) -> Result<Option<&'a Linked>, Refusal> {
    if step.case.filing.number == number {
        return Err(Refusal::new(Code::Itself).with("field", id).with("name", number));
    }
    let Some(references) = step.law.references else { return Ok(None) };
    let other = references.cases.get(&(id.clone(), number.to_string()));
    // A script that says nothing of other cases names whichever it likes.
    if other.is_none() && references.people.is_none() && field.of.is_none() {
        return Ok(None);
    }
    let other = other.ok_or_else(|| unknown(id, number))?;
    if field.of.as_ref().is_some_and(|of| *of != other.workflow) {
        return Err(Refusal::new(Code::OtherKind).with("field", id).with("name", number));
    }
    if other.leads_to.contains(&step.case.filing.number) {
        return Err(Refusal::new(Code::Ring).with("field", id).with("name", number));
    }
    if other.closed && !field.may_be_closed {
        return Err(Refusal::new(Code::NameClosed).with("field", id).with("name", number));
    }
    if !field.named_in.is_empty() && !field.named_in.iter().any(|state| other.states.contains(state)) {
        let states = field.named_in.iter().map(StateId::as_str).collect::<alloc::vec::Vec<_>>().join(" or ");
        return Err(wrong(id, both!("{number}现在不能选", "{number} is not in {states}")));
    }
    Ok(Some(other))
}

/// Checks a person: one of the town whom the asker may know of, and, where the field says so, one
/// who holds one of its jobs.
///
/// # Errors
/// A refusal: unknown, or of another kind.
pub(crate) fn person(step: &Step<'_>, id: &FieldId, field: &Field, subject: &str) -> Result<(), Refusal> {
    let Some(roster) = step.law.roster else { return Ok(()) };
    let person = roster.people.get(subject);
    let is_staff = person.is_some_and(|person| person.posts_at(step.now).next().is_some());
    if let Some(people) = step.law.references.and_then(|references| references.people.as_ref()) {
        let there = person.is_some() || people.contains(subject);
        let known = is_staff || (there && knows_people(step.actor)) || is_named(step, subject);
        if !known && step.actor.subject() != subject {
            return Err(unknown(id, subject));
        }
    }
    if field.post.is_empty() || person.is_some_and(|person| holds_one(person, step, field)) {
        return Ok(());
    }
    let posts = field.post.iter().map(PostId::as_str).collect::<alloc::vec::Vec<_>>().join(" or ");
    let called = person.map_or(subject, |person| person.title.or_id(Tongue::Zh, subject));
    let why = both!("{called}没有相应的岗位", "`{subject}` does not hold the post {posts}");
    Err(Refusal::new(Code::OtherKind).with("field", id).with("name", subject).why(why))
}

fn holds_one(person: &paidan_model::roster::Person, step: &Step<'_>, field: &Field) -> bool {
    person.posts_at(step.now).any(|held| field.post.contains(&held.post))
}

/// Whether somebody may know which residents there are: whoever has a job may, residents may not.
fn knows_people(actor: &Actor) -> bool {
    match actor {
        Actor::Engine => true,
        Actor::Person { posts, .. } => !posts.is_empty(),
    }
}

/// Whether the case names a person already.
fn is_named(step: &Step<'_>, subject: &str) -> bool {
    let names = |held: &Held| matches!(held.open(), Some(Value::Person(person)) if person == subject);
    step.case.form.fields.values().any(names)
}

/// Checks a unit of the town.
///
/// # Errors
/// A refusal when there is none of that id.
pub(crate) fn unit(step: &Step<'_>, id: &FieldId, unit: &UnitId) -> Result<(), Refusal> {
    match step.law.roster.is_none_or(|roster| roster.units.contains_key(unit)) {
        true => Ok(()),
        false => Err(unknown(id, unit.as_str())),
    }
}

/// Checks a place of the town. A case that another one opened keeps the place that was checked
/// there.
///
/// # Errors
/// A refusal when there is none of that id.
pub(crate) fn place(step: &Step<'_>, id: &FieldId, name: &str) -> Result<(), Refusal> {
    let checked = step.law.references.is_some_and(|references| references.people.is_some());
    let Some(roster) = step.law.roster.filter(|_| checked && step.case.filing.parent.is_none()) else {
        return Ok(());
    };
    match PlaceId::parse(name).is_some_and(|place| roster.places.contains_key(&place)) {
        true => Ok(()),
        false => Err(unknown(id, name)),
    }
}

/// Checks files: the asker sent them, or sees a case that holds them.
///
/// # Errors
/// A refusal for the first that may not be named.
pub(crate) fn files<'f>(
    step: &Step<'_>,
    field: &str,
    files: impl IntoIterator<Item = &'f String>,
) -> Result<(), Refusal> {
    let Some(mine) = step.law.references.and_then(|references| references.files.as_ref()) else {
        return Ok(());
    };
    match files.into_iter().find(|file| !mine.contains(*file)) {
        None => Ok(()),
        Some(file) => {
            let short: String = file.chars().take(DIGEST_SHOWN).collect();
            Err(Refusal::new(Code::NoFile).with("field", field).with("name", shown(&short)))
        }
    }
}

fn unknown(field: impl ToString, name: &str) -> Refusal {
    Refusal::new(Code::Unknown).with("field", field).with("name", shown(name))
}

/// Whether a text has the form of an id: of a person or a case.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_is_followed_to_its_end() {
        let next = |from: &str| match from {
            "a" => Some("b".to_string()),
            "b" => Some("c".to_string()),
            "x" => Some("y".to_string()),
            "y" => Some("x".to_string()),
            "z" => Some("x".to_string()),
            _ => None,
        };
        let names = |from| chain(from, next).into_iter().collect::<alloc::vec::Vec<_>>();
        assert_eq!(names("a"), ["b", "c"]);
        assert_eq!(names("x"), ["y"]);
        assert_eq!(names("z"), ["x", "y"]);
        assert!(names("c").is_empty());
    }
}
