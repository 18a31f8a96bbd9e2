//! What one transaction takes of the appends that are handed over together.

use std::collections::{BTreeMap, BTreeSet};

use crate::chain::link;
use crate::entry::{Answer, Append, Head, Outcome, StoredRecord, StreamAppend};
use crate::fault::Fault;

/// What a batch knows of the store, and what it will write.
#[derive(Default)]
pub(super) struct Batch<'b> {
    pub heads: BTreeMap<String, Head>,
    pub answers: BTreeMap<String, Answer>,
    /// The files that are kept, of those that are named.
    pub files: BTreeSet<String>,
    /// Records by stream, in the order of the batch.
    pub records: Vec<(&'b str, StoredRecord)>,
    /// The last word on each stream.
    pub ends: BTreeMap<&'b str, (Head, &'b StreamAppend)>,
    /// Every part that is written, in order.
    pub parts: Vec<&'b StreamAppend>,
    /// The appends that are written.
    pub written: Vec<&'b Append>,
    /// Answers that are written.
    pub given: Vec<Answer>,
}

impl<'b> Batch<'b> {
    /// Takes one append wholly, or leaves it.
    pub fn take(&mut self, append: &'b Append) -> Result<Outcome, Fault> {
        if let Some(before) = append.answer.as_ref().and_then(|answer| self.answers.get(&answer.key)) {
            return Ok(Outcome::Repeated(before.clone()));
        }
        if let Some(file) = append.files.iter().find(|file| !self.files.contains(&file.digest)) {
            return Ok(Outcome::NoFile(file.digest.clone()));
        }
        let mut linked = Vec::with_capacity(append.streams.len());
        let mut here: BTreeMap<&str, Head> = BTreeMap::new();
        for part in &append.streams {
            let head = here.get(part.stream.as_str()).or_else(|| self.heads.get(&part.stream));
            let head = head.cloned().unwrap_or_default();
            if head.seq != part.expected {
                return Ok(Outcome::Conflict { stream: part.stream.clone(), actual: head.seq });
            }
            let next = link(&part.stream, &head, &part.drafts)?;
            here.insert(&part.stream, next.1.clone());
            linked.push(next);
        }
        let mut ends = Vec::with_capacity(linked.len());
        for (part, (records, head)) in append.streams.iter().zip(linked) {
            ends.push(head.seq);
            self.heads.insert(part.stream.clone(), head.clone());
            self.records.extend(records.into_iter().map(|record| (part.stream.as_str(), record)));
            self.ends.insert(&part.stream, (head, part));
            self.parts.push(part);
        }
        if let Some(answer) = &append.answer {
            let answer = Answer { seq: ends.first().copied().unwrap_or(0), ..answer.clone() };
            self.answers.insert(answer.key.clone(), answer.clone());
            self.given.push(answer);
        }
        self.written.push(append);
        Ok(Outcome::Stored(ends))
    }
}

/// Texts as a JSON array, for `json_each`.
pub(super) fn list<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    serde_json::Value::from_iter(texts).to_string()
}
