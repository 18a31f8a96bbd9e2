//! The access log: who looked at a case, written down before they are answered.
//!
//! Source of the rule: GB/T 22239-2019 8.1.4.3 (audit covers each user) and the Cybersecurity Law, article 21 (six months of
//! logs). The log is streams of records like every other, one a day, so it is chained, verified and never written
//! again; looks that arrive together share one record. When it cannot be written, nobody is answered.

use std::collections::VecDeque;
use std::sync::Arc;

use paidan_journal::entry::{Append, Draft, Outcome, StreamAppend, ViewRow};
use paidan_journal::record::body;
use paidan_journal::store::After;
use paidan_journal::{Bind as _, Bound, Fault, Tenant};
use paidan_machine::actor::Actor;
use serde_json::json;
use tokio::sync::oneshot;

use crate::shelf::Shelf;
pub use crate::witness::Look;
use crate::witness::{Tail, Waiting, Witness};
use crate::world::{Clock as _, Ids as _, World};

/// The view of a case's looks.
const VIEW: &str = "access";
/// The most looks in one record; more make another.
const LOOKS_MAX: usize = 256;
/// Looks read at once.
const LOOKS_PAGE: u32 = 1_000;
/// How often a day's stream is tried again when another process wrote to it.
const RETRIES_MAX: u32 = 3;

fn lost(what: &str) -> Fault {
    Fault::Record(format!("the access log could not be written: {what}"))
}

/// Where looks are written down and read again; cheap to clone.
#[derive(Debug)]
pub struct AccessLog<W: World> {
    world: Arc<W>,
    shelf: Arc<Shelf>,
    tenant: Tenant,
    witness: Arc<Witness>,
}

impl<W: World> Clone for AccessLog<W> {
    fn clone(&self) -> Self {
        let (world, shelf) = (Arc::clone(&self.world), Arc::clone(&self.shelf));
        Self { world, shelf, tenant: self.tenant, witness: Arc::clone(&self.witness) }
    }
}

impl<W: World> AccessLog<W> {
    /// The access log of a tenant; its days are those of the town's zone.
    #[must_use]
    pub(crate) fn new(world: Arc<W>, shelf: Arc<Shelf>, tenant: Tenant) -> Self {
        Self { world, shelf, tenant, witness: Arc::default() }
    }

    fn store(&self) -> Bound<'_, W::Store> {
        self.world.store().of(self.tenant)
    }

    /// Writes down that somebody looks; comes back when it is durable. Ask before anything is shown.
    ///
    /// # Errors
    /// When it could not be written: then nothing may be shown.
    pub async fn witness(
        &self,
        actor: &Actor,
        stream: &str,
        what: &str,
        fields: Vec<String>,
        allowed: bool,
    ) -> Result<(), Fault> {
        let Actor::Person { subject, posts, via, .. } = actor else { return Ok(()) };
        let look = Look {
            at: self.world.clock().now().millis(),
            subject: subject.clone(),
            posts: posts.clone(),
            via: via.clone(),
            stream: stream.to_string(),
            what: what.to_string(),
            fields,
            allowed,
        };
        let (done, written) = oneshot::channel();
        self.witness.waiting().push(Waiting { look, done });
        // In a task of its own: whoever leaves does not take the looks of others along.
        let log = self.clone();
        tokio::spawn(async move { log.write_waiting().await });
        if written.await.unwrap_or(false) { Ok(()) } else { Err(lost("it was given up")) }
    }

    /// Writes down every look that waits; whoever comes while somebody writes finds theirs written.
    async fn write_waiting(&self) {
        let mut tail = self.witness.tail.lock().await;
        let mut all = std::mem::take(&mut *self.witness.waiting());
        while !all.is_empty() {
            let rest = all.split_off(all.len().min(LOOKS_MAX));
            let kept = self.write_looks(&mut tail, &all).await;
            if let Err(fault) = &kept {
                tracing::error!(%fault, "looks could not be written down");
            }
            for waiting in std::mem::replace(&mut all, rest) {
                // Whoever no longer waits needs no word.
                waiting.done.send(kept.is_ok()).ok();
            }
        }
    }

    async fn write_looks(&self, tail: &mut Option<Tail>, all: &[Waiting]) -> Result<(), Fault> {
        let now = self.world.clock().now();
        let day = now.local(&self.shelf.now().zone()).format("%Y-%m-%d").to_string();
        let stream = format!("access/{day}");
        for _ in 0..=RETRIES_MAX {
            // Taken out while it is written: if this is given up half way, the next one reads it again.
            let known = tail.take().filter(|known| known.stream == stream);
            let (seq, at) = match known {
                Some(known) => (known.seq, known.at),
                None => self.end_of(&stream).await?,
            };
            let at = now.millis().max(at);
            let append = self.record_of(&stream, seq, at, all)?;
            match self.store().append(vec![append]).await.pop() {
                Some(Outcome::Stored(_)) => {
                    *tail = Some(Tail { stream, seq: seq + 1, at });
                    return Ok(());
                }
                Some(Outcome::Conflict { .. }) => {}
                other => return Err(lost(&format!("{other:?}"))),
            }
        }
        Err(lost("others wrote to it at the same time"))
    }

    async fn end_of(&self, stream: &str) -> Result<(u64, i64), Fault> {
        let head = self.store().head(stream).await?.unwrap_or_default();
        let last = self.store().load(stream, head.seq.saturating_sub(1)).await?;
        Ok((head.seq, last.last().map_or(0, |record| record.at)))
    }

    fn record_of(&self, stream: &str, seq: u64, at: i64, all: &[Waiting]) -> Result<Append, Fault> {
        let looks: Vec<&Look> = all.iter().map(|waiting| &waiting.look).collect();
        let row = |(n, look): (usize, &&Look)| ViewRow {
            view: VIEW.into(),
            key: format!("{stream}/{:012}/{n:04}", seq + 1),
            owner: look.stream.clone(),
            due: Some(look.at),
            body: json!(look).to_string(),
        };
        let rows = looks.iter().enumerate().map(row).collect();
        let draft = Draft {
            at,
            cmd: self.world.ids().id(),
            kind: "looked".into(),
            body: body("engine", None, &json!({ "looks": looks }))?,
        };
        let to = StreamAppend {
            stream: stream.to_string(),
            expected: seq,
            drafts: vec![draft],
            due: None,
            number: None,
            rows,
            gone: Vec::new(),
        };
        Ok(Append { streams: vec![to], ..Append::default() })
    }

    /// Who looked at a case, earliest first; each with the place where a next page goes on.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn looks(&self, stream: &str, after: After, limit: u32) -> Result<Vec<(After, Look)>, Fault> {
        let rows = self.store().rows(VIEW, stream, after, limit).await?;
        let read = |(_, row): (String, ViewRow)| {
            let look = serde_json::from_str(&row.body).map_err(|error| Fault::Record(error.to_string()))?;
            Ok((After { due: row.due.unwrap_or_default(), key: row.key }, look))
        };
        rows.into_iter().map(read).collect()
    }

    /// The latest looks at a case, newest first, before a moment in milliseconds; and whether there are earlier ones.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn latest_looks(
        &self,
        stream: &str,
        before: Option<i64>,
        most: usize,
    ) -> Result<(Vec<Look>, bool), Fault> {
        let mut kept: VecDeque<Look> = VecDeque::new();
        let mut after = After { due: i64::MIN, key: String::new() };
        let mut older = false;
        loop {
            let page = self.looks(stream, after.clone(), LOOKS_PAGE).await?;
            let Some((last, _)) = page.last() else { break };
            after = After { due: last.due, key: last.key.clone() };
            let wanted =
                page.into_iter().map(|(_, look)| look).filter(|look| before.is_none_or(|b| look.at < b));
            for look in wanted {
                kept.push_back(look);
                if kept.len() > most {
                    kept.pop_front();
                    older = true;
                }
            }
        }
        Ok((kept.into_iter().rev().collect(), older))
    }
}
