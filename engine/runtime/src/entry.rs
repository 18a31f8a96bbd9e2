//! Records of cases, read: a stored line becomes facts.

use std::collections::BTreeMap;

use paidan_journal::record::read_body;
use paidan_journal::{Fault, StoredRecord};
use paidan_machine::actor::By;
use paidan_machine::fact::Fact;
use paidan_machine::record::{NoRecord, Recorded, Written};
use paidan_machine::{Case, evolve};
use paidan_model::moment::Moment;

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

impl Entry {
    /// Reads a record of a case's stream.
    ///
    /// # Errors
    /// [`Fault::Record`] when it is none.
    pub fn read(stream: &str, record: &StoredRecord) -> Result<Self, Fault> {
        let at = Moment::from_millis(record.at);
        let written: Written = read_body(&record.bytes)?;
        let opened = written.open(stream, at).map_err(|NoRecord(why)| Fault::Record(why))?;
        let Recorded { by, due, facts, law } = opened;
        Ok(Self { seq: record.seq, at, due, by, facts, named: law })
    }
}

/// Folds records into a case, up to a recorded time.
#[must_use]
pub fn fold(entries: &[Entry], until: Option<Moment>) -> Option<Case> {
    let kept = entries.iter().filter(|entry| until.is_none_or(|until| entry.at <= until));
    kept.flat_map(|entry| entry.facts.iter()).fold(None, evolve)
}
