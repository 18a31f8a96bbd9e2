//! Anchors of a town: the rounds write one in each period, everybody may read them, and the records of a case are held
//! against them. What an anchor is, the journal says.

use paidan_journal::anchor::Anchor;
use paidan_journal::entry::{Append, Draft, Outcome, StreamAppend};
use paidan_journal::proof::prove;
use paidan_journal::record::body;
use paidan_journal::verify::{covered_line, withheld_line};
use paidan_journal::{Fault, Header, Store, Tenant};
use paidan_model::moment::Moment;
use serde_json::json;

use crate::desk::Desk;
use crate::walked::Walked;
use crate::world::{Clock as _, Ids as _, World};

/// The stream of the anchors: records like all others, so that they are chained and kept; each covers those before it.
pub const ANCHORS: &str = "anchor/head";
/// The member of an anchor's record that says by which form of records it was computed, if by an
/// earlier one.
pub(crate) const EARLIER_FORM: &str = "form";
/// The most records that are gone through while people wait. Who asks again goes on from there.
pub const WALKED_RECORDS_MAX: u64 = 200_000;

/// An anchor that was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchored {
    /// When.
    pub at: Moment,
    /// What it says.
    pub anchor: Anchor,
}

/// What an anchor says of the records of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covering {
    /// The anchor.
    pub anchored: Anchored,
    /// How many of the case's records it covers; nothing where that is not known yet.
    pub records: Option<u64>,
    /// Whether the history still is what it says; nothing where that is not known yet.
    pub holds: Option<bool>,
}

impl<W: World> Desk<W> {
    /// Every anchor of the town, the oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn anchors(&self) -> Result<Vec<Anchored>, Fault> {
        let records = self.store().load(ANCHORS, 0).await?;
        let read = records.iter().map(|record| read(&record.bytes)).filter_map(Result::transpose);
        read.collect()
    }

    /// When the last anchor was written; of a town without one, when its history began.
    pub(crate) async fn anchored_last(&self) -> Result<Option<Moment>, Fault> {
        let store = self.store();
        let head = store.head(ANCHORS).await?.unwrap_or_default();
        let last = store.load(ANCHORS, head.seq.saturating_sub(1)).await?;
        if let Some(last) = last.last() {
            return Ok(Some(Moment::from_millis(last.at)));
        }
        let first = store.in_order(0, 1).await?;
        Ok(first.first().map(|(_, record)| Moment::from_millis(record.at)))
    }

    /// Writes an anchor over all that was recorded so far, computed from the bytes of every record; `due` is when it was to
    /// be written. False when somebody else just wrote one.
    ///
    /// # Errors
    /// When the store fails, or the history no longer is what an earlier anchor says: then nothing is published over it.
    pub(crate) async fn anchor(&self, origin: &str, due: Moment) -> Result<bool, Fault> {
        let store = self.store();
        let expected = store.head(ANCHORS).await?.unwrap_or_default().seq;
        let mut fresh = Walked::default();
        for earlier in self.anchors().await? {
            let size = earlier.anchor.size;
            let found = fresh.to(self.world.store(), self.tenant, size, u64::MAX).await?;
            if found.is_none_or(|(root, _)| root != earlier.anchor.root) {
                let at = earlier.at.rfc3339();
                let why = format!("the history is not what the anchor of {at} says; no other is written");
                return Err(Fault::Record(why));
            }
        }
        fresh.walk.go(self.world.store(), self.tenant, u64::MAX, |_| ()).await?;
        let (size, root) = (fresh.walk.size(), fresh.walk.root());
        fresh.roots.insert(size, (root, fresh.walk.pos()));
        let anchor = Anchor { origin: origin.to_string(), size, root };
        match store.append(vec![self.noted(&anchor, expected, due)?]).await.pop() {
            Some(Outcome::Stored(_)) => {
                *self.walked.lock().await = fresh;
                Ok(true)
            }
            Some(Outcome::Conflict { .. }) => Ok(false),
            other => Err(Fault::Record(format!("the anchor was not kept: {other:?}"))),
        }
    }

    fn noted(&self, anchor: &Anchor, expected: u64, due: Moment) -> Result<Append, Fault> {
        let Anchor { origin, size, .. } = anchor;
        let said = json!({ "origin": origin, "root": anchor.root_text(), "size": size });
        let draft = Draft {
            at: self.world.clock().now().millis(),
            cmd: self.world.ids().id(),
            kind: "anchored".into(),
            body: body("engine", Some(due.millis()), &said)?,
        };
        let to = StreamAppend {
            stream: ANCHORS.into(),
            expected,
            drafts: vec![draft],
            due: None,
            number: None,
            rows: Vec::new(),
            gone: Vec::new(),
        };
        Ok(Append { streams: vec![to], ..Append::default() })
    }

    /// What each anchor since a case was opened says of its records. That the history is what it says is computed once for
    /// each anchor while the process lasts, by no more than [`WALKED_RECORDS_MAX`] records at a time.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn covering(&self, stream: &str) -> Result<Vec<Covering>, Fault> {
        let store = self.store();
        let places: Vec<i64> = store.load(stream, 0).await?.iter().map(|record| record.pos).collect();
        let mut found = Vec::new();
        let mut walked = self.walked.lock().await;
        let most = walked.walk.size().saturating_add(WALKED_RECORDS_MAX);
        for anchored in self.anchors().await? {
            let known = walked.to(self.world.store(), self.tenant, anchored.anchor.size, most).await?;
            let records = known.map(|(_, pos)| places.iter().filter(|place| **place <= pos).count() as u64);
            let holds = known.map(|(root, _)| root == anchored.anchor.root);
            // What was written before the case was opened says nothing of it.
            if records != Some(0) {
                found.push(Covering { anchored, records, holds });
            }
        }
        Ok(found)
    }
}

impl<W: World> Desk<W> {
    /// The records of a stream as they are stored, one a line; those that somebody may not read by their hash alone. After
    /// them, where the last anchor covers one of them and no more than [`WALKED_RECORDS_MAX`] records stand before it, the
    /// proof of that. Nothing of a stream without records. `reads` is asked for each record by its number and text.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn taken_out(
        &self,
        stream: &str,
        reads: impl Fn(u64, &str) -> bool + Send,
    ) -> Result<Option<String>, Fault> {
        let store = self.store();
        // Read before the records, so that it covers none that is not among them.
        let last = self.anchors().await?.pop().filter(|last| last.anchor.size <= WALKED_RECORDS_MAX);
        let records = store.load(stream, 0).await?;
        if records.is_empty() {
            return Ok(None);
        }
        // A record before one that is withheld needs a proof of its own: nothing that can be read names its hash.
        let (mut text, mut before, mut alone) = (String::new(), None, Vec::new());
        for record in records {
            let line =
                std::str::from_utf8(&record.bytes).map_err(|error| Fault::Record(error.to_string()))?;
            if reads(record.seq, line) {
                text.push_str(line);
                before = Some(record.seq);
            } else {
                text.push_str(&withheld_line(stream, &record));
                alone.extend(before.take());
            }
            text.push('\n');
        }
        if let Some(last) = last {
            for (seq, proof) in prove(self.world.store(), self.tenant, stream, &last.anchor, &alone).await? {
                text.push_str(&covered_line(seq, &proof));
                text.push('\n');
            }
        }
        Ok(Some(text))
    }
}

/// An anchor of the history as it is; nothing for one of the history before an upgrade, which the
/// kept copy has.
fn read(bytes: &[u8]) -> Result<Option<Anchored>, Fault> {
    let Header { at, data, .. } = Header::read(bytes)?;
    if data.get(EARLIER_FORM).is_some() {
        return Ok(None);
    }
    said(&data).map(|anchor| Some(Anchored { at: Moment::from_millis(at), anchor }))
}

/// The anchor that the data of a record says.
fn said(data: &serde_json::Value) -> Result<Anchor, Fault> {
    let text = |key: &str| data.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
    let size = data.get("size").and_then(serde_json::Value::as_u64).unwrap_or_default();
    let written = format!("{}\n{size}\n{}\n", text("origin"), text("root"));
    Anchor::parse(&written).map_err(|error| Fault::Record(error.to_string()))
}

/// The anchors of the history before an upgrade: nothing in the store can be held against them,
/// only the copy that was kept.
///
/// # Errors
/// When the store cannot be read.
pub async fn anchors_before<S: Store>(store: &S, tenant: Tenant) -> Result<Vec<Anchor>, Fault> {
    let mut found = Vec::new();
    for record in store.load(tenant, ANCHORS, 0).await? {
        let Header { data, .. } = Header::read(&record.bytes)?;
        if data.get(EARLIER_FORM).is_some() {
            found.push(said(&data)?);
        }
    }
    Ok(found)
}
