//! Who is who in a town: units, people with posts, places. A value with a version, handed in.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::absent::{is_default, is_false};
use crate::id::{CalendarId, ChannelId, PlaceId, PostId, UnitId, UnitKind, WorkflowId};
use crate::moment::Moment;
use crate::text::Text;

/// The deepest tree of units.
pub const LEVELS_MAX: usize = 8;

/// Whether a job watches over others, as a town declares it: a colleague cannot do such a job by
/// being named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watch {
    /// It does not.
    #[default]
    No,
    /// It reads every case below its unit.
    Watches,
    /// And who looked at them, and the records as they are stored (审计).
    Audits,
}

/// A unit of the organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Its kind, as the town names it.
    pub kind: UnitKind,
    /// The unit above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<UnitId>,
    /// The calendar that it works by; none: that of the unit above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<CalendarId>,
    /// Its name.
    pub title: Text,
}

/// A kind of units, as a town declares it: `ward`, `community`, `department`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindOfUnit {
    /// The name that units and roles give it.
    pub id: UnitKind,
    /// What people call it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub title: Text,
    /// The number of a case begins with the nearest unit of such a kind.
    #[serde(default, skip_serializing_if = "is_false")]
    pub numbers: bool,
    /// Forms offer its units where a share of a case is given to somebody.
    #[serde(default, skip_serializing_if = "is_false")]
    pub takes_shares: bool,
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
    /// Whether the job watches over others. Said by the roster for the job, and filled in when
    /// somebody acts in it.
    #[serde(skip)]
    pub watch: Watch,
}

impl Post {
    /// A job of one's own, for good.
    #[must_use]
    pub fn new(post: PostId, unit: UnitId) -> Self {
        Self { post, unit, instead_of: None, from: None, until: None, watch: Watch::No }
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
    /// Kinds of units, from the nearest to a place to the farthest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<KindOfUnit>,
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
    /// The jobs that watch over others; no other stands here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub watches: BTreeMap<PostId, Watch>,
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

    /// Whether a job watches over others.
    #[must_use]
    pub fn watch_of(&self, post: &PostId) -> Watch {
        self.watches.get(post).copied().unwrap_or_default()
    }

    /// The units that take a share of a case, in order of their ids: those of the kinds that say
    /// so; of a town that declares
    /// no such kind, all.
    pub fn departments(&self) -> impl Iterator<Item = (&UnitId, &Unit)> {
        let takes = |unit: &Unit| self.kinds.iter().any(|kind| kind.takes_shares && kind.id == unit.kind);
        let all = !self.kinds.iter().any(|kind| kind.takes_shares);
        self.units.iter().filter(move |(_, unit)| all || takes(unit))
    }

    /// The unit that a case's number names: the nearest of the kinds that number cases; of a town
    /// that declares no such
    /// kind, the nearest to the place.
    #[must_use]
    pub fn numbering<'l>(&self, levels: &'l BTreeMap<UnitKind, UnitId>) -> Option<&'l UnitId> {
        let mut kinds = self.kinds.iter().filter(|kind| kind.numbers);
        kinds.find_map(|kind| levels.get(&kind.id)).or_else(|| self.nearest(levels))
    }

    /// The lowest of the units above a place.
    #[must_use]
    pub fn nearest<'l>(&self, levels: &'l BTreeMap<UnitKind, UnitId>) -> Option<&'l UnitId> {
        levels.values().max_by_key(|unit| self.levels(unit).len())
    }

    /// The calendar that a unit works by: its own, else that of the nearest unit above it that has
    /// one.
    #[must_use]
    pub fn calendar_of(&self, unit: &UnitId) -> Option<&CalendarId> {
        let above = |unit: &&Unit| self.units.get(unit.parent.as_ref()?);
        let mut chain = core::iter::successors(self.units.get(unit), above).take(LEVELS_MAX);
        chain.find_map(|unit| unit.calendar.as_ref())
    }

    /// A person's jobs at a moment: their own, then those of whoever is away and named them, as far as they work together
    /// now. Nobody hands on what they only stand in for, and whoever watches over others hands on
    /// nothing, and
    /// does nobody else's work.
    #[must_use]
    pub fn posts_of(&self, subject: &str, absences: &[Absence], at: Moment) -> Vec<Post> {
        let own = |person: &str| -> Vec<Post> {
            let held = self.people.get(person).into_iter().flat_map(|found| found.posts_at(at)).cloned();
            held.map(|held| Post { watch: self.watch_of(&held.post), ..held }).collect()
        };
        let mine = own(subject);
        let mut found = mine.clone();
        if mine.iter().any(|held| held.watch != Watch::No) {
            return found;
        }
        for absence in absences.iter().filter(|absence| absence.deputy == subject && absence.holds(at)) {
            let near = own(&absence.person)
                .into_iter()
                .filter(|post| post.watch == Watch::No && self.is_near(&post.unit, &mine));
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
