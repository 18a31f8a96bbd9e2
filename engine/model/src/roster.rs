//! Who is who in a town: units, people with posts, places. A value with a version, handed in.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::id::{ChannelId, PlaceId, PostId, UnitId, UnitKind};
use crate::text::Text;

/// The deepest tree of units.
pub const LEVELS_MAX: usize = 8;

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

/// A job held at a unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Post {
    /// The job.
    pub post: PostId,
    /// Where.
    pub unit: UnitId,
}

/// A person of the organisation, by subject id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name.
    pub title: Text,
    /// Jobs.
    #[serde(default)]
    pub posts: Vec<Post>,
    /// Addresses by channel; used by the courier only.
    #[serde(default)]
    pub channels: BTreeMap<ChannelId, String>,
}

/// A place that residents name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its name.
    pub title: Text,
    /// The grid it lies in.
    pub grid: UnitId,
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

    /// The people who hold a post at a unit, in order of their ids.
    pub fn holders<'a>(
        &'a self,
        post: &'a PostId,
        unit: &'a UnitId,
    ) -> impl Iterator<Item = (&'a String, &'a Person)> {
        self.people
            .iter()
            .filter(move |(_, p)| p.posts.iter().any(|held| held.post == *post && held.unit == *unit))
    }
}
