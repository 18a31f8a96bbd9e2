//! Records as people look at them, and the case that they make.

use std::collections::BTreeMap;

use paidan_journal::{Fault, Header};
use paidan_machine::actor::By;
use paidan_machine::fact::Fact;
use paidan_machine::{Case, evolve};
use paidan_model::moment::Moment;
use serde_json::{Value as Json, json};

/// One record as people look at it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its sequence.
    pub seq: u64,
    /// Recorded time.
    pub at: Moment,
    /// The computed moment, where it differs.
    pub due: Option<Moment>,
    /// Who asked.
    pub by: By,
    /// What happened.
    pub facts: Vec<Fact>,
    /// Digests of calendars, roster and duty list that are in force from here on, by kind.
    pub named: BTreeMap<String, String>,
}

/// The facts of a record's data.
pub(crate) fn facts_of(header: &Header) -> Result<Vec<Fact>, Fault> {
    let facts = header.data.get("facts").cloned().unwrap_or(Json::Array(Vec::new()));
    serde_json::from_value(facts).map_err(|error| Fault::Record(error.to_string()))
}

pub(crate) fn entry(bytes: &[u8]) -> Result<Entry, Fault> {
    let header = Header::read(bytes)?;
    let by = serde_json::from_value(header.by.clone()).map_err(|error| Fault::Record(error.to_string()))?;
    Ok(Entry {
        seq: header.seq,
        at: Moment::from_millis(header.at),
        due: header.due.map(Moment::from_millis),
        by,
        facts: facts_of(&header)?,
        named: serde_json::from_value(header.data.get("law").cloned().unwrap_or_else(|| json!({})))
            .map_err(|error| Fault::Record(error.to_string()))?,
    })
}

/// Folds records into a case, up to a recorded time.
#[must_use]
pub fn fold(entries: &[Entry], until: Option<Moment>) -> Option<Case> {
    let kept = entries.iter().filter(|entry| until.is_none_or(|until| entry.at <= until));
    kept.flat_map(|entry| entry.facts.iter()).fold(None, evolve)
}
