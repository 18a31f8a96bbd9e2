//! A case as somebody may see it: what is shown of it, now and as it was.

use std::collections::BTreeMap;

use paidan_journal::Fault;
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

use crate::entry::{Entry, fold};
use crate::queries::Queries;
use crate::world::{Clock as _, World};

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

impl<W: World> Queries<W> {
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

    /// A case as it was, as [`Queries::look`] shows it. What was then is shown to whoever may see it now, and its people are
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
            self.access.witness(actor, stream, what, Vec::new(), false).await?;
            return Ok(None);
        };
        let kept = entries.iter().take_while(|entry| until.reaches(entry)).count();
        let later = entries.split_off(kept);
        let case = fold(&entries, None);
        let held = |id: &&FieldId| case.as_ref().is_some_and(|case| case.form.fields.contains_key(*id));
        let shown: Vec<FieldId> = sight.fields.iter().filter(held).cloned().collect();
        self.access
            .witness(actor, stream, what, shown.iter().map(ToString::to_string).collect(), true)
            .await?;
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
