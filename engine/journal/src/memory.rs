//! The store in memory: the same answers as the file, for simulation and tests.

mod account;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::account::{ApiKey, SavedView, Session, User};
use crate::chain::link;
use crate::entry::{
    Answer, Append, Document, FileUse, Head, Outcome, Posted, StoredRecord, VaultRow, ViewRow,
};
use crate::fault::Fault;
use crate::file::Kept;
use crate::store::{After, Delivery, Store};
use crate::tenant::Tenant;

type Key = (i64, String);

#[derive(Clone, Debug, Default)]
struct Tables {
    records: BTreeMap<Key, Vec<StoredRecord>>,
    heads: BTreeMap<Key, (Head, Option<i64>, Option<String>)>,
    outbox: BTreeMap<Key, Posted>,
    rows: BTreeMap<(i64, String, String), (String, ViewRow)>,
    answers: BTreeMap<Key, Answer>,
    vault: BTreeMap<Key, VaultRow>,
    documents: Vec<(i64, Document)>,
    numbers: BTreeMap<(i64, String, String), u32>,
    meta: BTreeMap<String, String>,
    users: BTreeMap<Key, User>,
    sessions: BTreeMap<Key, Session>,
    keys: BTreeMap<Key, ApiKey>,
    saved: BTreeMap<(i64, String, String), SavedView>,
    files: BTreeMap<Key, (Kept, Vec<u8>)>,
    senders: BTreeSet<(Key, String)>,
    uses: BTreeSet<(i64, FileUse)>,
    pos: i64,
    log: Option<Vec<Append>>,
}

/// A store in memory; a clone is the same store, as a file opened again is the same file.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    tables: Arc<Mutex<Tables>>,
}

impl Memory {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store that keeps what was appended to it, for those who write the same again.
    #[must_use]
    pub fn recording() -> Self {
        let tables = Tables { log: Some(Vec::new()), ..Tables::default() };
        Self { tables: Arc::new(Mutex::new(tables)) }
    }

    /// What was appended, in order; empty unless it is a recording store.
    #[must_use]
    pub fn appended(&self) -> Vec<Append> {
        self.tables().log.clone().unwrap_or_default()
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn append(&mut self, tenant: i64, append: &Append) -> Result<Outcome, Fault> {
        if let Some(answer) = append.answer.as_ref().and_then(|a| self.answers.get(&(tenant, a.key.clone())))
        {
            return Ok(Outcome::Repeated(answer.clone()));
        }
        let missing = |file: &&FileUse| !self.files.contains_key(&(tenant, file.digest.clone()));
        if let Some(file) = append.files.iter().find(missing) {
            return Ok(Outcome::NoFile(file.digest.clone()));
        }
        let mut linked = Vec::new();
        let mut here: BTreeMap<&str, Head> = BTreeMap::new();
        for part in &append.streams {
            let stored = || self.heads.get(&(tenant, part.stream.clone())).map(|head| head.0.clone());
            let head = here.get(part.stream.as_str()).cloned().or_else(stored).unwrap_or_default();
            if head.seq != part.expected {
                return Ok(Outcome::Conflict { stream: part.stream.clone(), actual: head.seq });
            }
            let next = link(&part.stream, &head, &part.drafts)?;
            here.insert(&part.stream, next.1.clone());
            linked.push(next);
        }
        let mut ends = Vec::new();
        for (part, (records, head)) in append.streams.iter().zip(&linked) {
            self.put(tenant, part, records, head);
            ends.push(head.seq);
        }
        for letter in &append.letters {
            let letter = letter.clone();
            let posted =
                Posted { letter, attempts: 0, state: "waiting".into(), note: String::new(), done_at: None };
            self.outbox.insert((tenant, posted.letter.id.clone()), posted);
        }
        for row in &append.vault {
            self.vault.insert((tenant, row.commitment.clone()), row.clone());
        }
        self.uses.extend(append.files.iter().map(|file| (tenant, file.clone())));
        if let Some(answer) = &append.answer {
            let seq = ends.first().copied().unwrap_or(0);
            self.answers.insert((tenant, answer.key.clone()), Answer { seq, ..answer.clone() });
        }
        for document in &append.documents {
            if !self.documents.iter().any(|(of, held)| *of == tenant && held.digest == document.digest) {
                self.documents.push((tenant, document.clone()));
            }
        }
        if let Some(log) = &mut self.log {
            log.push(append.clone());
        }
        Ok(Outcome::Stored(ends))
    }

    fn put(&mut self, tenant: i64, part: &crate::entry::StreamAppend, records: &[StoredRecord], head: &Head) {
        let key = (tenant, part.stream.clone());
        for record in records {
            self.pos += 1;
            let record = StoredRecord { pos: self.pos, ..record.clone() };
            self.records.entry(key.clone()).or_default().push(record);
        }
        let number = self.heads.get(&key).and_then(|h| h.2.clone()).or_else(|| part.number.clone());
        self.heads.insert(key, (head.clone(), part.due, number));
        for (view, key) in &part.gone {
            self.rows.remove(&(tenant, view.clone(), key.clone()));
        }
        for row in &part.rows {
            self.rows.insert((tenant, row.view.clone(), row.key.clone()), (part.stream.clone(), row.clone()));
        }
    }
}

/// Rows without a due moment come last.
const NEVER: i64 = i64::MAX;

impl Tables {
    /// Forgets vault values, and the files that only they named; says how many values.
    fn forget(&mut self, of: impl Fn(&Key, &VaultRow) -> bool) -> u64 {
        let gone: BTreeSet<Key> =
            self.vault.iter().filter(|(key, row)| of(key, row)).map(|(key, _)| key.clone()).collect();
        self.vault.retain(|key, _| !gone.contains(key));
        let of_gone = |(tenant, file): &(i64, FileUse)| gone.contains(&(*tenant, file.commitment.clone()));
        let named: Vec<Key> = self
            .uses
            .iter()
            .filter(|one| of_gone(one))
            .map(|(tenant, file)| (*tenant, file.digest.clone()))
            .collect();
        self.uses.retain(|one| !of_gone(one));
        for key in named.into_iter().filter(|key| !self.is_named(key)).collect::<Vec<_>>() {
            self.remove_file(&key);
        }
        gone.len() as u64
    }

    /// Forgets a file and who sent it.
    fn remove_file(&mut self, key: &Key) {
        self.files.remove(key);
        self.senders.retain(|(file, _)| file != key);
    }

    /// Whether a value names a file.
    fn is_named(&self, (tenant, digest): &Key) -> bool {
        self.uses.iter().any(|(of, file)| of == tenant && file.digest == *digest)
    }
}

impl Store for Memory {
    async fn append(&self, tenant: Tenant, batch: Vec<Append>) -> Vec<Outcome> {
        let mut tables = self.tables();
        let one = |append: &Append| {
            tables.append(tenant.0, append).unwrap_or_else(|fault| Outcome::Failed(fault.to_string()))
        };
        batch.iter().map(one).collect()
    }

    async fn load(&self, tenant: Tenant, stream: &str, after: u64) -> Result<Vec<StoredRecord>, Fault> {
        let tables = self.tables();
        let all = tables.records.get(&(tenant.0, stream.to_string())).cloned().unwrap_or_default();
        Ok(all.into_iter().filter(|record| record.seq > after).collect())
    }

    async fn head(&self, tenant: Tenant, stream: &str) -> Result<Option<Head>, Fault> {
        Ok(self.tables().heads.get(&(tenant.0, stream.to_string())).map(|h| h.0.clone()))
    }

    async fn in_order(
        &self,
        tenant: Tenant,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(String, StoredRecord)>, Fault> {
        let tables = self.tables();
        let of = tables.records.iter().filter(|((of, _), _)| *of == tenant.0);
        let all = of.flat_map(|((_, stream), records)| records.iter().map(move |record| (stream, record)));
        let mut found: Vec<(&String, &StoredRecord)> = all.filter(|(_, record)| record.pos > after).collect();
        found.sort_by_key(|(_, record)| record.pos);
        let first = found.into_iter().take(limit as usize);
        Ok(first.map(|(stream, record)| (stream.clone(), record.clone())).collect())
    }

    async fn streams(&self, tenant: Tenant, after: &str, limit: u32) -> Result<Vec<String>, Fault> {
        let tables = self.tables();
        let all = tables.heads.keys().filter(|(of, stream)| *of == tenant.0 && stream.as_str() > after);
        Ok(all.take(limit as usize).map(|(_, stream)| stream.clone()).collect())
    }

    async fn due(&self, tenant: Tenant, by: i64, limit: u32) -> Result<Vec<(String, i64)>, Fault> {
        let tables = self.tables();
        let due = |((of, stream), head): (&Key, &(Head, Option<i64>, Option<String>))| {
            head.1.filter(|due| *of == tenant.0 && *due <= by).map(|due| (due, stream.clone()))
        };
        let mut found: Vec<(i64, String)> = tables.heads.iter().filter_map(due).collect();
        found.sort();
        Ok(found.into_iter().take(limit as usize).map(|(due, stream)| (stream, due)).collect())
    }

    async fn next_due(&self, tenant: Tenant) -> Result<Option<i64>, Fault> {
        Ok(self
            .tables()
            .heads
            .iter()
            .filter(|((of, _), _)| *of == tenant.0)
            .filter_map(|(_, head)| head.1)
            .min())
    }

    async fn letters_ready(&self, tenant: Tenant, by: i64, limit: u32) -> Result<Vec<Posted>, Fault> {
        let tables = self.tables();
        let ready = |(key, posted): &(&Key, &Posted)| {
            key.0 == tenant.0 && posted.state == "waiting" && posted.letter.not_before <= by
        };
        let mut found: Vec<Posted> =
            tables.outbox.iter().filter(ready).map(|(_, posted)| posted.clone()).collect();
        found.sort_by(|a, b| (a.letter.not_before, &a.letter.id).cmp(&(b.letter.not_before, &b.letter.id)));
        found.truncate(limit as usize);
        Ok(found)
    }

    async fn letter_done(&self, tenant: Tenant, id: &str, delivery: Delivery) -> Result<(), Fault> {
        let mut tables = self.tables();
        if let Some(posted) = tables.outbox.get_mut(&(tenant.0, id.to_string())) {
            posted.attempts += u32::from(!matches!(delivery, Delivery::Again { tried: false, .. }));
            match delivery {
                Delivery::Delivered { note, at } => {
                    (posted.state, posted.note, posted.done_at) = ("delivered".into(), note, Some(at));
                }
                Delivery::Again { note, not_before, .. } => {
                    posted.note = note;
                    posted.letter.not_before = not_before;
                }
                Delivery::Dead { note, at } => {
                    (posted.state, posted.note, posted.done_at) = ("dead".into(), note, Some(at));
                }
            }
        }
        Ok(())
    }

    async fn letter_again(&self, tenant: Tenant, id: &str, not_before: i64) -> Result<bool, Fault> {
        let mut tables = self.tables();
        let found = tables.outbox.get_mut(&(tenant.0, id.to_string())).filter(|held| held.state == "dead");
        let Some(posted) = found else { return Ok(false) };
        (posted.state, posted.attempts, posted.done_at) = ("waiting".into(), 0, None);
        posted.letter.not_before = not_before;
        Ok(true)
    }

    async fn letters(&self, tenant: Tenant, state: Option<&str>, limit: u32) -> Result<Vec<Posted>, Fault> {
        let tables = self.tables();
        let mut found: Vec<Posted> = tables
            .outbox
            .iter()
            .filter(|(key, posted)| key.0 == tenant.0 && state.is_none_or(|state| posted.state == state))
            .map(|(_, posted)| posted.clone())
            .collect();
        found.sort_by(|a, b| (b.letter.not_before, &b.letter.id).cmp(&(a.letter.not_before, &a.letter.id)));
        found.truncate(limit as usize);
        Ok(found)
    }

    async fn rows(
        &self,
        tenant: Tenant,
        view: &str,
        owner: &str,
        after: After,
        limit: u32,
    ) -> Result<Vec<(String, ViewRow)>, Fault> {
        let tables = self.tables();
        let place = |row: &ViewRow| (row.due.unwrap_or(NEVER), row.key.clone());
        let mut found: Vec<(String, ViewRow)> = tables
            .rows
            .iter()
            .filter(|((of, of_view, _), (_, row))| *of == tenant.0 && of_view == view && row.owner == owner)
            .filter(|(_, (_, row))| place(row) > (after.due, after.key.clone()))
            .map(|(_, row)| row.clone())
            .collect();
        found.sort_by_key(|(_, row)| place(row));
        found.truncate(limit as usize);
        Ok(found)
    }

    async fn rows_of(&self, tenant: Tenant, stream: &str) -> Result<Vec<ViewRow>, Fault> {
        let tables = self.tables();
        let of = |((of, _, _), (held, _)): &(&(i64, String, String), &(String, ViewRow))| {
            *of == tenant.0 && held == stream
        };
        Ok(tables.rows.iter().filter(of).map(|(_, (_, row))| row.clone()).collect())
    }

    async fn vault(&self, tenant: Tenant, stream: &str) -> Result<Vec<VaultRow>, Fault> {
        let tables = self.tables();
        Ok(tables
            .vault
            .iter()
            .filter(|(key, row)| key.0 == tenant.0 && row.stream == stream)
            .map(|(_, row)| row.clone())
            .collect())
    }

    async fn erase_stream(&self, tenant: Tenant, stream: &str) -> Result<u64, Fault> {
        Ok(self.tables().forget(|key, row| key.0 == tenant.0 && row.stream == stream))
    }

    async fn erase(&self, tenant: Tenant, subject: &str) -> Result<u64, Fault> {
        Ok(self.tables().forget(|key, row| key.0 == tenant.0 && row.subject.as_deref() == Some(subject)))
    }

    async fn answer(&self, tenant: Tenant, key: &str) -> Result<Option<Answer>, Fault> {
        Ok(self.tables().answers.get(&(tenant.0, key.to_string())).cloned())
    }

    async fn document(&self, tenant: Tenant, digest: &str) -> Result<Option<Document>, Fault> {
        let tables = self.tables();
        Ok(tables
            .documents
            .iter()
            .find(|(of, held)| *of == tenant.0 && held.digest == digest)
            .map(|(_, held)| held.clone()))
    }

    async fn documents(&self, tenant: Tenant, kind: &str) -> Result<Vec<Document>, Fault> {
        let tables = self.tables();
        Ok(tables
            .documents
            .iter()
            .filter(|(of, held)| *of == tenant.0 && held.kind == kind)
            .map(|(_, held)| held.clone())
            .collect())
    }

    async fn by_number(&self, tenant: Tenant, number: &str) -> Result<Option<String>, Fault> {
        let tables = self.tables();
        let of = |(key, head): &(&Key, &(Head, Option<i64>, Option<String>))| {
            key.0 == tenant.0 && head.2.as_deref() == Some(number)
        };
        Ok(tables.heads.iter().find(of).map(|(key, _)| key.1.clone()))
    }

    async fn numbers(&self, tenant: Tenant, unit: &str, day: &str, size: u32) -> Result<u32, Fault> {
        let mut tables = self.tables();
        let next = tables.numbers.entry((tenant.0, unit.to_string(), day.to_string())).or_insert(1);
        let first = *next;
        *next = next.saturating_add(size);
        Ok(first)
    }

    async fn marked(&self, key: &str) -> Result<Option<String>, Fault> {
        Ok(self.tables().meta.get(key).cloned())
    }

    async fn mark(&self, key: &str, value: &str) -> Result<(), Fault> {
        self.tables().meta.insert(key.to_string(), value.to_string());
        Ok(())
    }
}
