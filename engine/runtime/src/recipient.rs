//! Recipients: the people behind an audience, and by which of their addresses they are reached.

use std::collections::BTreeMap;

use paidan_machine::audience::Audience;
use paidan_machine::errand::Letter;
use paidan_model::moment::Moment;
use paidan_model::roster::{Absence, Person, Post, Roster};

use crate::shelf::InForce;
use crate::world::Address;

/// The channel of those who are in no roster: their messages stand on the tracking page.
pub const TRACK: &str = "track";

/// Whether a job is one that an audience means. What is for a person by name is for no job.
fn fits(audience: &Audience, held: &Post) -> bool {
    match audience {
        Audience::Post { post, unit } => held.post == *post && held.unit == *unit,
        Audience::Unit(unit) => held.unit == *unit,
        Audience::Anywhere(post) => held.post == *post,
        Audience::Person(_) | Audience::Agent { .. } => false,
    }
}

/// The subjects of an audience by their own jobs at a moment. A unit's people are all who hold a post there.
fn subjects(roster: &Roster, audience: &Audience, at: Moment) -> Vec<String> {
    match audience {
        Audience::Person(person) | Audience::Agent { person, .. } => vec![person.clone()],
        Audience::Post { .. } | Audience::Unit(_) | Audience::Anywhere(_) => {
            roster.who_at(at, |held| fits(audience, held)).map(|(id, _)| id.clone()).collect()
        }
    }
}

/// The subjects of an audience at a moment, with those who stand in now for whoever is away: both are told. What is for
/// a person by name, a resident, is theirs alone; an agent was named for a job, in which somebody may stand in.
#[must_use]
pub fn subjects_at(in_force: &InForce, audience: &Audience, at: Moment) -> Vec<String> {
    let mut found = subjects(&in_force.roster, audience, at);
    if matches!(audience, Audience::Person(_)) {
        return found;
    }
    let handed_on = |held: &Post| match audience {
        Audience::Agent { posts, .. } => posts.contains(&held.post),
        _ => fits(audience, held),
    };
    let away =
        in_force.absences.iter().filter(|absence| absence.holds(at) && found.contains(&absence.person));
    let stands_in = |absence: &&Absence| {
        let posts = in_force.roster.posts_of(&absence.deputy, &in_force.absences, at);
        posts.iter().any(|held| held.instead_of.as_ref() == Some(&absence.person) && handed_on(held))
    };
    let mut more: Vec<String> = away.filter(stands_in).map(|absence| absence.deputy.clone()).collect();
    more.retain(|deputy| !found.contains(deputy));
    more.dedup();
    found.extend(more);
    found
}

/// Whether somebody is reached by a letter to an audience by their own job, not only as a stand-in.
#[must_use]
pub fn is_own(in_force: &InForce, audience: &Audience, subject: &str, at: Moment) -> bool {
    subjects(&in_force.roster, audience, at).iter().any(|own| own == subject)
}

/// The addresses of a person in the order they are tried: the letter's channels first, else the person's own.
#[must_use]
pub fn addresses(roster: &Roster, letter: &Letter, subject: &str) -> Vec<Address> {
    let own: BTreeMap<String, String> = match roster.people.get(subject) {
        Some(person) => channels(person),
        None => BTreeMap::from([(TRACK.to_string(), subject.to_string())]),
    };
    let named: Vec<Address> = letter
        .via
        .iter()
        .filter_map(|channel| own.get_key_value(channel.as_str()))
        .map(|(channel, at)| Address { channel: channel.clone(), at: at.clone() })
        .collect();
    if !named.is_empty() {
        return named;
    }
    own.into_iter().map(|(channel, at)| Address { channel, at }).collect()
}

fn channels(person: &Person) -> BTreeMap<String, String> {
    person.channels.iter().map(|(channel, at)| (channel.to_string(), at.clone())).collect()
}
