//! How a record's body is written and read: facts by group, no value twice, no default.
//!
//! Facts keep their order. Facts of one kind that follow each other are one group; `set` is a map
//! of fields, so the fields that were written one after another come back in order of name. A group
//! that has no short form of its own is the fact by its name, as in `{"leg_moved":{...}}`. What a
//! record says elsewhere is not said again: its stream, its moment, the door by which it came, the
//! states that were just left. Reading needs the record alone. See decision 0042.

mod group;
mod plain;
mod read;
#[cfg(test)]
mod sample;
mod short;
#[cfg(test)]
mod tests;
mod value;
mod write;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use paidan_model::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::actor::By;
use crate::decision::Draft;
use crate::fact::Fact;
use group::{Group, Named, Whole};
pub use short::NoRecord;
use short::{Hash, Who};

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Who asked.
    pub by: By,
    /// The computed moment, where it differs from the recorded one.
    pub due: Option<Moment>,
    /// What happened.
    pub facts: Vec<Fact>,
    /// The digests of calendars, roster and duty list that it was decided by, where they are others
    /// than before.
    pub law: BTreeMap<String, String>,
}

/// The body of a record to be.
#[derive(Serialize)]
pub struct Body<'b> {
    by: Who,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Moment>,
    facts: Vec<Group<Whole<'b>>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    law: BTreeMap<String, Hash>,
}

impl<'b> Body<'b> {
    /// The body of a draft that goes to a stream.
    #[must_use]
    pub fn new(stream: &str, draft: &'b Draft, law: &BTreeMap<String, String>) -> Self {
        let facts = write::groups(stream, draft.due.unwrap_or(draft.at), &draft.by, &draft.facts);
        let law = law.iter().map(|(kind, digest)| (kind.clone(), Hash(digest.clone()))).collect();
        Self { by: Who(draft.by.clone()), due: draft.due, facts, law }
    }
}

/// A body as it was read.
#[derive(Deserialize)]
pub struct Written {
    by: Who,
    #[serde(default)]
    due: Option<Moment>,
    facts: Vec<Group<Named>>,
    #[serde(default)]
    law: BTreeMap<String, Hash>,
}

impl Written {
    /// What it says, in a stream, recorded at a time.
    ///
    /// # Errors
    /// [`NoRecord`] when it says something that no fact says.
    pub fn open(self, stream: &str, at: Moment) -> Result<Recorded, NoRecord> {
        let Self { by: Who(by), due, facts, law } = self;
        let facts = read::facts(stream, due.unwrap_or(at), &by, facts)?;
        let law = law.into_iter().map(|(kind, Hash(digest))| (kind, digest)).collect();
        Ok(Recorded { by, due, facts, law })
    }
}
