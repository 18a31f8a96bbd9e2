//! The access log: who looked at a case, written down before they are answered.
//!
//! Source of the rule: GB/T 22239-2019 8.1.4.3 (audit covers each user) and the Cybersecurity Law, article 21 (six months of
//! logs). The log is streams of records like every other, one a day, so it is chained, verified and never written
//! again; looks that arrive together share one record. When it cannot be written, nobody is answered.

use std::collections::BTreeMap;

use paidan_journal::Fault;
use paidan_journal::entry::{Append, Draft, Outcome, StreamAppend, ViewRow};
use paidan_journal::store::After;
use paidan_machine::actor::Actor;
use paidan_machine::fact::{CaseFact, Fact, FormFact, LegFact, PauseFact, VoteFact};
use paidan_machine::vote::sees_paper;
use paidan_machine::{Case, Known, Sight, hints, reads_why, sees_proof};
use paidan_model::field::FieldType;
use paidan_model::id::{FieldId, PauseId, VoteId};
use paidan_model::moment::Moment;
use paidan_model::text::Text;
use paidan_model::value::Held;
use paidan_model::workflow::Workflow;
use serde_json::{Value as Json, json};
use tokio::sync::oneshot;

use crate::desk::Desk;
use crate::entry::{Entry, fold};
pub use crate::witness::Look;
use crate::witness::{Tail, Waiting};
use crate::world::{Clock as _, Ids as _, World};

/// The view of a case's looks.
const VIEW: &str = "access";
/// The most looks in one record; more make another.
const LOOKS_MAX: usize = 256;
/// Looks read at once.
const LOOKS_PAGE: u32 = 1_000;
/// How often a day's stream is tried again when another process wrote to it.
const RETRIES_MAX: u32 = 3;

/// A case as somebody may see it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The case.
    pub case: Case,
    /// Its last sequence.
    pub seq: u64,
    /// Its records.
    pub entries: Vec<Entry>,
    /// What may be seen of it.
    pub sight: Sight,
    /// The values that may be shown.
    pub values: BTreeMap<FieldId, Json>,
    /// What was written in fields that may be seen, by commitment; also what was written over since.
    pub words: BTreeMap<String, Json>,
    /// The reasons that were written, by commitment; for those who see all of it that is not private, and those about time
    /// also for whoever may ask for it or answer.
    pub reasons: BTreeMap<String, String>,
    /// Who of its people may be named.
    pub known: Known,
    /// The papers on which ballots came, by vote and owner, of those that may be seen: digests of their photos.
    pub papers: BTreeMap<(VoteId, String), Vec<String>>,
    /// What was given as proof for pauses, of those that may be seen: which pause, and digests of the files.
    pub proofs: Vec<(PauseId, Vec<String>)>,
}

/// Up to where in the records of a case somebody looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// To its end.
    Now,
    /// To a recorded time.
    At(Moment),
    /// To a record, by its sequence.
    Record(u64),
}

impl Until {
    fn reaches(self, entry: &Entry) -> bool {
        match self {
            Self::Now => true,
            Self::At(at) => entry.at <= at,
            Self::Record(seq) => entry.seq <= seq,
        }
    }
}

/// A case as it was, and what was recorded of it later.
#[derive(Clone, Debug)]
pub struct Past {
    /// As it was; nothing before its first record.
    pub seen: Option<Seen>,
    /// The records that came later.
    pub later: Vec<Entry>,
}

fn lost(what: &str) -> Fault {
    Fault::Record(format!("the access log could not be written: {what}"))
}

impl<W: World> Desk<W> {
    /// What is worth a thought about a case now, of what may be seen of it; it stops nobody.
    #[must_use]
    pub fn hints(&self, seen: &Seen) -> Vec<Text> {
        let (shelf, case) = (self.shelf.now(), &seen.case);
        match shelf.law(&case.filing.digest) {
            Some(Ok(law)) => {
                let held = hints(&law, case, self.world.clock().now()).into_iter();
                held.filter(|hint| seen.sight.covers(hint.when.fields()))
                    .map(|hint| hint.text.clone())
                    .collect()
            }
            Some(Err(_)) | None => Vec::new(),
        }
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
        let desk = self.clone();
        tokio::spawn(async move { desk.write_waiting().await });
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
            let append = self.record_of(&stream, seq, at, all);
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

    fn record_of(&self, stream: &str, seq: u64, at: i64, all: &[Waiting]) -> Append {
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
            by: json!("engine"),
            cmd: self.world.ids().id(),
            data: json!({ "looks": looks }),
            due: None,
            kind: "looked".into(),
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
        Append { streams: vec![to], ..Append::default() }
    }

    /// Who looked at a case, earliest first; each with the place where a next page goes on.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn looks(&self, stream: &str, after: After, limit: u32) -> Result<Vec<(After, Look)>, Fault> {
        let rows = self.rows(VIEW, stream, after, limit).await?;
        let read = |row: ViewRow| {
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
        let mut kept: std::collections::VecDeque<Look> = std::collections::VecDeque::new();
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

    /// The reasons that were written in a case's records, by commitment, as far as they are not erased: for the person it
    /// is about, who asks by a code.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn reasons(&self, stream: &str, entries: &[Entry]) -> Result<BTreeMap<String, String>, Fault> {
        Ok(reasons(entries.iter(), &self.reveal(stream).await?))
    }

    /// A case, if the asker may see it; with `at`, as it was then. Written down first as `what`, also when it is
    /// refused. Nothing when there is none, or none the asker may know of.
    ///
    /// # Errors
    /// When the store cannot be read, or the look cannot be written down.
    pub async fn look(
        &self,
        actor: &Actor,
        stream: &str,
        at: Option<Moment>,
        what: &str,
    ) -> Result<Option<Seen>, Fault> {
        let past = self.look_back(actor, stream, at.map_or(Until::Now, Until::At), what).await?;
        Ok(past.and_then(|past| past.seen))
    }

    /// A case as it was, as [`Desk::look`] shows it. What was then is shown to whoever may see it now, and its people are
    /// named to whoever may know of them now: to have held a case once opens nothing.
    ///
    /// # Errors
    /// When the store cannot be read, or the look cannot be written down.
    pub async fn look_back(
        &self,
        actor: &Actor,
        stream: &str,
        until: Until,
        what: &str,
    ) -> Result<Option<Past>, Fault> {
        let mut entries = self.timeline(stream).await?;
        let Some(now) = fold(&entries, None) else { return Ok(None) };
        let Some(sight) = self.sight(&now, actor) else {
            self.witness(actor, stream, what, Vec::new(), false).await?;
            return Ok(None);
        };
        let kept = entries.iter().take_while(|entry| until.reaches(entry)).count();
        let later = entries.split_off(kept);
        let case = fold(&entries, None);
        let held = |id: &&FieldId| case.as_ref().is_some_and(|case| case.form.fields.contains_key(*id));
        let shown: Vec<FieldId> = sight.fields.iter().filter(held).cloned().collect();
        self.witness(actor, stream, what, shown.iter().map(ToString::to_string).collect(), true).await?;
        let seen = self.view_for(actor, &now, sight, entries, &later).await?;
        Ok(Some(Past { seen, later }))
    }

    /// What these records show to an asker who may see the case; `now` is the case as it is,
    /// `later` what came after.
    async fn view_for(
        &self,
        actor: &Actor,
        now: &Case,
        sight: Sight,
        entries: Vec<Entry>,
        later: &[Entry],
    ) -> Result<Option<Seen>, Fault> {
        let Some(case) = fold(&entries, None) else { return Ok(None) };
        let vault = self.reveal(&case.filing.stream).await?;
        let shown = sight.fields.iter();
        let value = |id: &FieldId| Some((id.clone(), plain(case.form.fields.get(id)?, &vault)));
        let values = shown.filter_map(value).collect();
        let seq = entries.last().map_or(0, |entry| entry.seq);
        let in_force = self.shelf.now();
        let workflow = in_force.workflow(&case.filing.digest);
        let all =
            workflow.is_some_and(|w| w.fields.iter().all(|(id, f)| f.private || sight.fields.contains(id)));
        let reads = |entry: &&Entry| all || workflow.is_some_and(|w| reads_why(w, now, &entry.facts, actor));
        let reasons = reasons(entries.iter().filter(reads), &vault);
        let papers = workflow.map(|w| papers(w, now, actor, &entries, &vault)).unwrap_or_default();
        let facts = || entries.iter().chain(later).flat_map(|entry| &entry.facts);
        let known = workflow.map(|w| Known::of(w, now, &sight, actor, facts())).unwrap_or_default();
        let words = words(&entries, &sight, &vault);
        let proofs = workflow.map(|w| proofs(w, now, actor, &entries, &vault)).unwrap_or_default();
        Ok(Some(Seen { case, seq, entries, sight, values, words, reasons, known, papers, proofs }))
    }

    /// Whether a case shows a file to an asker. Nothing is shown to anybody by this, so nothing is
    /// written down.
    pub(crate) async fn shows_file(&self, actor: &Actor, stream: &str, digest: &str) -> Result<bool, Fault> {
        let entries = self.timeline(stream).await?;
        let Some(now) = fold(&entries, None) else { return Ok(false) };
        let Some(sight) = self.sight(&now, actor) else { return Ok(false) };
        let seen = self.view_for(actor, &now, sight, entries, &[]).await?;
        Ok(seen.is_some_and(|seen| {
            self.shelf.now().workflow(&seen.case.filing.digest).is_some_and(|w| seen.holds_file(w, digest))
        }))
    }
}

impl Seen {
    /// Whether it shows a file: in a field, as the paper of a ballot, or as the proof of a pause.
    #[must_use]
    pub fn holds_file(&self, workflow: &Workflow, digest: &str) -> bool {
        let of_files = |id: &FieldId| workflow.fields.get(id).is_some_and(|f| f.kind == FieldType::Files);
        let values = self.values.iter().filter(|(id, _)| of_files(id));
        let named = values.flat_map(|(_, value)| digests(value));
        let papers = self.papers.values().flatten().cloned();
        let proofs = self.proofs.iter().flat_map(|(_, files)| files).cloned();
        named.chain(papers).chain(proofs).any(|file| file == digest)
    }
}

/// What these records wrote in fields that may be seen, as far as it is not erased.
fn words(entries: &[Entry], sight: &Sight, vault: &BTreeMap<String, Json>) -> BTreeMap<String, Json> {
    let facts = entries.iter().flat_map(|entry| &entry.facts);
    let sealed = facts.filter_map(|fact| match fact {
        Fact::Form(FormFact::Filled { field, value: Held::Sealed(commitment) })
            if sight.fields.contains(field) =>
        {
            Some(commitment)
        }
        _ => None,
    });
    sealed.filter_map(|id| Some((id.clone(), vault.get(id)?.clone()))).collect()
}

/// A value as whoever may see its field reads it: `words` are those of [`Seen`].
#[must_use]
pub fn plainly(held: &Held, words: &BTreeMap<String, Json>) -> Json {
    plain(held, words)
}

/// The reasons that were written in these records, as far as they are not erased.
fn reasons<'e>(
    entries: impl Iterator<Item = &'e Entry>,
    vault: &BTreeMap<String, Json>,
) -> BTreeMap<String, String> {
    let facts = entries.flat_map(|entry| &entry.facts);
    let sealed = facts.filter_map(|fact| match fact {
        Fact::Case(CaseFact::Reasoned { reason: Held::Sealed(commitment) })
        | Fact::Leg(
            LegFact::Refused { basis: Some(Held::Sealed(commitment)), .. }
            | LegFact::Ruled { basis: Some(Held::Sealed(commitment)), .. },
        ) => Some(commitment),
        _ => None,
    });
    sealed.filter_map(|id| Some((id.clone(), vault.get(id)?.as_str()?.to_string()))).collect()
}

/// The papers of the ballots that stand, as far as somebody may see them and they are not erased.
fn papers(
    workflow: &Workflow,
    case: &Case,
    actor: &Actor,
    entries: &[Entry],
    vault: &BTreeMap<String, Json>,
) -> BTreeMap<(VoteId, String), Vec<String>> {
    let mut found = BTreeMap::new();
    for fact in entries.iter().flat_map(|entry| &entry.facts) {
        match fact {
            Fact::Vote(VoteFact::Cast { vote, owner, proof, .. }) => {
                let key = (vote.clone(), owner.clone());
                match proof {
                    Some(proof) if sees_paper(workflow, case, vote, owner, actor) => {
                        found.insert(key, digests(&plain(proof, vault)));
                    }
                    Some(_) | None => drop(found.remove(&key)),
                }
            }
            Fact::Vote(VoteFact::Revoked { vote, owner, .. }) => {
                drop(found.remove(&(vote.clone(), owner.clone())))
            }
            _ => {}
        }
    }
    found
}

/// What was given as proof for pauses, as far as somebody may see it and it is not erased.
fn proofs(
    workflow: &Workflow,
    case: &Case,
    actor: &Actor,
    entries: &[Entry],
    vault: &BTreeMap<String, Json>,
) -> Vec<(PauseId, Vec<String>)> {
    let facts = entries.iter().flat_map(|entry| &entry.facts);
    let of_pause = facts.filter_map(|fact| match fact {
        Fact::Pause(PauseFact::Asked { pause, leg, proof, .. }) => {
            let seen = sees_proof(workflow, case, pause, leg.as_ref(), actor);
            seen.then(|| (pause.clone(), digests(&plain(proof, vault))))
        }
        _ => None,
    });
    of_pause.filter(|(_, files)| !files.is_empty()).collect()
}

fn digests(value: &Json) -> Vec<String> {
    let all = value.as_array().into_iter().flatten();
    all.filter_map(Json::as_str).map(ToString::to_string).collect()
}

/// A value as people see it: without the name of its type, and the words behind a commitment unless they are erased.
fn plain(held: &Held, vault: &BTreeMap<String, Json>) -> Json {
    match held {
        Held::Open(value) => match serde_json::to_value(value).unwrap_or_default() {
            Json::Object(map) => map.into_iter().next().map(|(_, inner)| inner).unwrap_or_default(),
            other => other,
        },
        Held::Sealed(commitment) => {
            vault.get(commitment).cloned().unwrap_or_else(|| json!({ "erased": commitment }))
        }
    }
}
