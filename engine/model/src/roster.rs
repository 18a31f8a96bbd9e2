//! Who is who in a town: units, people with posts, places. A value with a version, handed in.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::id::{ChannelId, PlaceId, PostId, UnitId, UnitKind, WorkflowId};
use crate::moment::Moment;
use crate::text::Text;

/// The deepest tree of units.
pub const LEVELS_MAX: usize = 8;

/// Jobs that watch over others: a colleague cannot do them by being named.
pub const WATCHES: [&str; 3] = ["auditor", "arbiter", "supervisor"];

/// A unit of the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Its kind: `centre`, `subdistrict`, `community`, `grid`, `department`.
    pub kind: UnitKind,
    /// The unit above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<UnitId>,
    /// Its name.
    pub title: Text,
}

/// A job held at a unit, for a time if it says so. Source: DOMAIN.md 5.1 (an assignment is from a day to a day; units for a
/// campaign have an end).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Post {
    /// The job.
    pub post: PostId,
    /// Where.
    pub unit: UnitId,
    /// The person who is away and for whom it is done; none: it is one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<String>,
    /// From when it is held; none: it always was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// Until when; not included. None: for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
}

impl Post {
    /// A job of one's own, for good.
    #[must_use]
    pub fn new(post: PostId, unit: UnitId) -> Self {
        Self { post, unit, instead_of: None, from: None, until: None }
    }

    /// Whether it is held at a moment.
    #[must_use]
    pub fn holds(&self, at: Moment) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// Somebody is away (请假、出差), and somebody else does their jobs meanwhile. Source: DOMAIN.md 5.1: the deputy receives,
/// both see.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Absence {
    /// Who is away, by subject id.
    pub person: String,
    /// Who stands in (代理人).
    pub deputy: String,
    /// From when.
    pub from: Moment,
    /// Until when; not included.
    pub until: Moment,
}

impl Absence {
    /// Whether they are away at a moment.
    #[must_use]
    pub fn holds(&self, at: Moment) -> bool {
        self.from <= at && at < self.until
    }
}

/// Those who stand in for a person at a moment, in order.
pub fn deputies<'a>(
    absences: &'a [Absence],
    person: &'a str,
    at: Moment,
) -> impl Iterator<Item = &'a String> {
    absences.iter().filter(move |a| a.person == person && a.holds(at)).map(|a| &a.deputy)
}

/// A person of the organisation, by subject id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name.
    pub title: Text,
    /// Jobs, those of other times too.
    #[serde(default)]
    pub posts: Vec<Post>,
    /// Addresses by channel; used by the courier only.
    #[serde(default)]
    pub channels: BTreeMap<ChannelId, String>,
}

impl Person {
    /// The jobs that are held at a moment.
    pub fn posts_at(&self, at: Moment) -> impl Iterator<Item = &Post> {
        self.posts.iter().filter(move |held| held.holds(at))
    }
}

/// A place that residents name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its name.
    pub title: Text,
    /// The grid it lies in.
    pub grid: UnitId,
}

/// A count from before the first case of this store, from a source that is named: shown beside what is counted here, and
/// never added to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// The workflow it is about.
    pub workflow: WorkflowId,
    /// What was counted.
    pub title: Text,
    /// How many.
    pub count: i64,
    /// Who counted.
    pub source: Text,
}

/// Everybody and everything of a town.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// Units.
    pub units: BTreeMap<UnitId, Unit>,
    /// People.
    pub people: BTreeMap<String, Person>,
    /// Places.
    pub places: BTreeMap<PlaceId, Place>,
    /// Counts from before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
    /// What people call the jobs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub titles: BTreeMap<PostId, Text>,
}

impl Roster {
    /// The unit and those above it, by kind: the levels a case's roles are looked for in.
    #[must_use]
    pub fn levels(&self, unit: &UnitId) -> BTreeMap<UnitKind, UnitId> {
        let mut found = BTreeMap::new();
        let mut next = Some(unit);
        for _ in 0..LEVELS_MAX {
            let Some((id, unit)) = next.and_then(|id| self.units.get_key_value(id)) else {
                break;
            };
            found.entry(unit.kind.clone()).or_insert_with(|| id.clone());
            next = unit.parent.as_ref();
        }
        found
    }

    /// A person's jobs at a moment: their own, then those of whoever is away and named them, as far as they work together
    /// now. Nobody hands on what they only stand in for, and whoever watches over others ([`WATCHES`]) hands on nothing, and
    /// does nobody else's work.
    #[must_use]
    pub fn posts_of(&self, subject: &str, absences: &[Absence], at: Moment) -> Vec<Post> {
        let own = |person: &str| -> Vec<Post> {
            self.people.get(person).into_iter().flat_map(|found| found.posts_at(at)).cloned().collect()
        };
        let mine = own(subject);
        let mut found = mine.clone();
        if mine.iter().any(|held| WATCHES.contains(&held.post.as_str())) {
            return found;
        }
        for absence in absences.iter().filter(|absence| absence.deputy == subject && absence.holds(at)) {
            let near = own(&absence.person)
                .into_iter()
                .filter(|post| !WATCHES.contains(&post.post.as_str()) && self.is_near(&post.unit, &mine));
            found.extend(near.map(|post| Post { instead_of: Some(absence.person.clone()), ..post }));
        }
        found
    }

    /// Whether one of these jobs is at a unit, or at one above it.
    #[must_use]
    pub fn is_near(&self, unit: &UnitId, posts: &[Post]) -> bool {
        let mut at = Some(unit);
        for _ in 0..LEVELS_MAX {
            let Some(unit) = at else { return false };
            if posts.iter().any(|held| held.unit == *unit) {
                return true;
            }
            at = self.units.get(unit).and_then(|unit| unit.parent.as_ref());
        }
        false
    }

    /// The people who ever hold a post at a unit, in order of their ids.
    pub fn holders<'a>(
        &'a self,
        post: &'a PostId,
        unit: &'a UnitId,
    ) -> impl Iterator<Item = (&'a String, &'a Person)> {
        let fits = move |held: &Post| held.post == *post && held.unit == *unit;
        self.people.iter().filter(move |(_, person)| person.posts.iter().any(fits))
    }

    /// The people of whose jobs at a moment one fits, in order of their ids.
    pub fn who_at<'a>(
        &'a self,
        at: Moment,
        fits: impl Fn(&Post) -> bool + Copy + 'a,
    ) -> impl Iterator<Item = (&'a String, &'a Person)> {
        self.people.iter().filter(move |(_, person)| person.posts_at(at).any(fits))
    }
}
