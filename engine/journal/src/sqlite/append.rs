//! Appending: a batch is one transaction; within it each append is all or nothing. All that a batch reads is read at
//! once, all that it writes goes out in statements of many rows.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{Connection as _, Row as _, Sqlite as Db, SqliteConnection};

use super::rows;
use crate::entry::{Answer, Append, Head, Outcome, StoredRecord, StreamAppend, Tenant, link};
use crate::store::Fault;

/// Writes a batch. When the commit answers nothing clear, every outcome is unknown. With the outcomes: whether the
/// connection can still be used; one whose commit or rollback failed cannot.
pub(super) async fn append(
    writer: &mut SqliteConnection,
    tenant: Tenant,
    batch: Vec<Append>,
) -> (Vec<Outcome>, bool) {
    let count = batch.len();
    let failed = |error: &dyn std::fmt::Display| vec![Outcome::Failed(error.to_string()); count];
    let mut transaction = match writer.begin_with("BEGIN IMMEDIATE").await {
        Ok(transaction) => transaction,
        Err(error) => return (failed(&error), false),
    };
    let outcomes = match all(&mut transaction, tenant, &batch).await {
        Ok(outcomes) => outcomes,
        Err(fault) => {
            return match transaction.rollback().await {
                Ok(()) => (failed(&fault), true),
                Err(error) => (failed(&format!("{fault}; {error}")), false),
            };
        }
    };
    match transaction.commit().await.map_err(Fault::from) {
        Ok(()) => (outcomes, true),
        // Without room the commit's own mark was not written: nothing of it counts.
        Err(fault) if fault.is_full() => (failed(&fault), false),
        Err(fault) => (vec![Outcome::Unknown(fault.to_string()); count], false),
    }
}

/// What a batch knows of the store, and what it will write.
#[derive(Default)]
pub(super) struct Batch<'b> {
    heads: BTreeMap<String, Head>,
    answers: BTreeMap<String, Answer>,
    /// The files that are kept, of those that are named.
    files: BTreeSet<String>,
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

async fn all(
    connection: &mut SqliteConnection,
    tenant: Tenant,
    appends: &[Append],
) -> Result<Vec<Outcome>, Fault> {
    let mut batch = Batch {
        heads: heads(connection, tenant, appends).await?,
        answers: answers(connection, tenant, appends).await?,
        files: files(connection, tenant, appends).await?,
        ..Batch::default()
    };
    let mut outcomes = Vec::with_capacity(appends.len());
    for append in appends {
        outcomes.push(match batch.take(append) {
            Ok(outcome) => outcome,
            Err(Fault::Record(why)) => Outcome::Failed(why),
            Err(fault) => return Err(fault),
        });
    }
    rows::write(connection, tenant, &batch).await?;
    Ok(outcomes)
}

impl<'b> Batch<'b> {
    /// Takes one append wholly, or leaves it.
    fn take(&mut self, append: &'b Append) -> Result<Outcome, Fault> {
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

async fn heads(
    connection: &mut SqliteConnection,
    tenant: Tenant,
    appends: &[Append],
) -> Result<BTreeMap<String, Head>, Fault> {
    let streams = list(appends.iter().flat_map(|append| &append.streams).map(|part| part.stream.as_str()));
    let query = sqlx::query::<Db>(
        "SELECT stream, seq, hash FROM heads WHERE tenant = ? AND stream IN (SELECT value FROM json_each(?))",
    );
    let rows = query.bind(tenant.0).bind(streams).fetch_all(connection).await?;
    let mut found = BTreeMap::new();
    for row in rows {
        let (seq, hash): (i64, Vec<u8>) = (row.try_get("seq")?, row.try_get("hash")?);
        let head = Head { seq: u64::try_from(seq).unwrap_or(0), hash: hex::encode(hash) };
        found.insert(row.try_get("stream")?, head);
    }
    Ok(found)
}

async fn answers(
    connection: &mut SqliteConnection,
    tenant: Tenant,
    appends: &[Append],
) -> Result<BTreeMap<String, Answer>, Fault> {
    let keys = appends.iter().filter_map(|append| append.answer.as_ref()).map(|answer| answer.key.as_str());
    let keys = list(keys);
    if keys == "[]" {
        return Ok(BTreeMap::new());
    }
    let query = sqlx::query::<Db>(
        "SELECT key, cmd, body_hash, stream, seq, expires FROM answers
         WHERE tenant = ? AND key IN (SELECT value FROM json_each(?))",
    );
    let rows = query.bind(tenant.0).bind(keys).fetch_all(connection).await?;
    let found = rows.iter().map(|row| super::read::of_answer(row).map(|answer| (answer.key.clone(), answer)));
    found.collect()
}

async fn files(
    connection: &mut SqliteConnection,
    tenant: Tenant,
    appends: &[Append],
) -> Result<BTreeSet<String>, Fault> {
    let digests = list(appends.iter().flat_map(|append| &append.files).map(|file| file.digest.as_str()));
    if digests == "[]" {
        return Ok(BTreeSet::new());
    }
    let query = sqlx::query::<Db>(
        "SELECT digest FROM files WHERE tenant = ? AND gone = 0 AND digest IN (SELECT value FROM json_each(?))",
    );
    let rows = query.bind(tenant.0).bind(digests).fetch_all(connection).await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}
