//! The shelf: agreed workflows by digest, the calendars and the roster in force. All are documents in the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use paidan_journal::entry::{Append, Document, StreamAppend};
use paidan_journal::{Bound, Fault, Header, Store};
use paidan_machine::calendar_of;
use paidan_machine::fact::ClockKey;
use paidan_machine::{Case, Law, Refusal};
use paidan_model::calendar::Calendar;
use paidan_model::duty::DutyList;
use paidan_model::id::{CalendarId, ProfileId, WorkflowId};
use paidan_model::moment::Zone;
use paidan_model::roster::{Absence, Roster};
use paidan_model::workflow::Workflow;

use crate::town::{self, Kind, NewTown, unreadable};

/// A workflow to be put on the shelf.
#[derive(Clone, Debug)]
pub struct Published {
    /// The workflow.
    pub workflow: Workflow,
    /// Its digest.
    pub digest: String,
    /// The text it was read from.
    pub source: String,
}

/// What is in force at one moment.
#[derive(Debug, Default)]
pub struct InForce {
    workflows: BTreeMap<String, Workflow>,
    latest: BTreeMap<WorkflowId, String>,
    calendars: BTreeMap<CalendarId, Calendar>,
    /// The roster.
    pub roster: Roster,
    /// The duty list.
    pub duties: DutyList,
    /// Who is away, and who stands in.
    pub absences: Vec<Absence>,
    /// The digests of calendars, roster and duty list, by kind: what records name when it changes.
    pub named: BTreeMap<String, String>,
}

impl InForce {
    /// The law for a case pinned to a digest; nothing when that workflow is not here.
    ///
    /// # Errors
    /// The refusal when its calendar is not in force.
    pub fn law<'a>(&'a self, digest: &str) -> Option<Result<Law<'a>, Refusal>> {
        let (digest, workflow) = self.workflows.get_key_value(digest)?;
        Some(Law::new(workflow, digest, &self.calendars, Some(&self.roster)))
    }

    /// The calendar that a case's clock counts in.
    #[must_use]
    pub fn calendar(&self, workflow: &Workflow, case: &Case, clock: &ClockKey) -> Option<&Calendar> {
        self.calendars.get(calendar_of(workflow, case, Some(&self.roster), clock)?)
    }

    /// The calendar of that name.
    #[must_use]
    pub(crate) fn calendar_named(&self, id: &CalendarId) -> Option<&Calendar> {
        self.calendars.get(id)
    }

    /// The town's zone: that of the calendar `always`, which every town has.
    #[must_use]
    pub fn zone(&self) -> Zone {
        let always = CalendarId::parse("always").and_then(|id| self.calendars.get(&id));
        always.map(|always| *always.zone()).unwrap_or_default()
    }

    /// The calendars in force.
    #[must_use]
    pub fn calendars(&self) -> BTreeMap<CalendarId, Calendar> {
        self.calendars.clone()
    }

    /// Those among these whose number is not above that of the version in force, each with that number; what is in
    /// force itself is none of them. They would be kept and never be in force: the highest number is.
    #[must_use]
    pub fn not_above<'p>(&self, published: &'p [Published]) -> Vec<(&'p Published, u32)> {
        let below = |new: &'p Published| {
            let latest = self.latest(&new.workflow.id).filter(|digest| *digest != new.digest)?;
            if self.is_other_profile(new) {
                return None;
            }
            let held = self.workflow(latest)?.version;
            (new.workflow.version <= held).then_some((new, held))
        };
        published.iter().filter_map(below).collect()
    }

    /// Whether it is the text in force under another profile: that needs no new version. A profile that is itself
    /// another than it was does.
    #[must_use]
    pub fn is_other_profile(&self, new: &Published) -> bool {
        let latest = self.latest(&new.workflow.id).filter(|digest| *digest != new.digest);
        let Some((digest, held)) = latest.and_then(|digest| self.workflows.get_key_value(digest)) else {
            return false;
        };
        let changed = |(digest, held): (&String, &Workflow)| {
            held.id == new.workflow.id
                && held.version == new.workflow.version
                && held.profile_id() == new.workflow.profile_id()
                && *digest != new.digest
        };
        held.version == new.workflow.version
            && text_of(digest, held) == text_of(&new.digest, &new.workflow)
            && !self.workflows.iter().any(changed)
    }

    /// The profiles that definitions are in force under.
    #[must_use]
    pub fn profiles(&self) -> BTreeMap<WorkflowId, ProfileId> {
        let profile = |held: &Workflow| Some((held.id.clone(), held.profile_id()?.clone()));
        self.workflows().filter_map(profile).collect()
    }

    /// The digest of the latest version of a workflow.
    #[must_use]
    pub fn latest(&self, id: &WorkflowId) -> Option<&str> {
        self.latest.get(id).map(String::as_str)
    }

    /// A workflow by digest.
    #[must_use]
    pub fn workflow(&self, digest: &str) -> Option<&Workflow> {
        self.workflows.get(digest)
    }

    /// The latest version of every workflow.
    pub fn workflows(&self) -> impl Iterator<Item = &Workflow> {
        self.latest.values().filter_map(|digest| self.workflows.get(digest))
    }
}

/// The digest of the text as it is written, whichever profile is applied.
fn text_of<'a>(digest: &'a str, workflow: &'a Workflow) -> &'a str {
    workflow.profile.as_ref().map_or(digest, |profile| profile.of.as_str())
}

/// The shelf: what is in force, swapped as a whole.
#[derive(Debug, Default)]
pub struct Shelf {
    in_force: RwLock<Arc<InForce>>,
    loading: tokio::sync::Mutex<()>,
}

/// The stream of what was published under a name.
pub(crate) fn publications(workflow: &WorkflowId) -> String {
    format!("document/definition/{workflow}")
}

/// Among the forms of the highest version, the one that a record names last; none when no record names one.
async fn published_last<S: Store>(
    store: Bound<'_, S>,
    found: &InForce,
    workflow: &WorkflowId,
) -> Result<Option<String>, Fault> {
    let version = found.latest(workflow).and_then(|digest| found.workflow(digest)).map(|held| held.version);
    for record in store.load(&publications(workflow), 0).await?.iter().rev() {
        let header = Header::read(&record.bytes)?;
        let digest = header.data.get("digest").and_then(|digest| digest.as_str()).unwrap_or_default();
        if found.workflow(digest).is_some_and(|held| Some(held.version) == version) {
            return Ok(Some(digest.to_string()));
        }
    }
    Ok(None)
}

/// The stream of absences: who is away, and who wrote so.
pub(crate) const ABSENCES: &str = "document/absences";

/// The list of absences as one record left it.
#[derive(Debug, Default)]
pub(crate) struct Absences {
    /// The list.
    pub list: Vec<Absence>,
    /// Its digest; none before the first record.
    pub digest: Option<String>,
    /// The record's sequence.
    pub seq: u64,
}

/// The list that the last record of the absences names.
pub(crate) async fn absences<S: Store>(store: Bound<'_, S>) -> Result<Absences, Fault> {
    let head = store.head(ABSENCES).await?.unwrap_or_default();
    let last = store.load(ABSENCES, head.seq.saturating_sub(1)).await?.pop();
    let Some(last) = last else { return Ok(Absences::default()) };
    let header = Header::read(&last.bytes)?;
    let digest = header.data.get("digest").and_then(|digest| digest.as_str()).unwrap_or_default();
    let document = store.document(digest).await?;
    let document = document.ok_or_else(|| unreadable("absences", "it is not in the store"))?;
    let list = serde_json::from_slice(&document.bytes).map_err(|error| unreadable("absences", error))?;
    Ok(Absences { list, digest: Some(document.digest), seq: last.seq })
}

impl Shelf {
    /// What is in force now; stays as it is while it is held.
    #[must_use]
    pub fn now(&self) -> Arc<InForce> {
        Arc::clone(&self.in_force.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads what is in force from the journal's documents.
    ///
    /// # Errors
    /// When a document cannot be read.
    pub async fn load<S: Store>(&self, store: Bound<'_, S>) -> Result<(), Fault> {
        // One at a time: what was read later is put in force later.
        let _loading = self.loading.lock().await;
        let mut found = InForce::default();
        let mut several = BTreeSet::new();
        for document in store.documents("definition").await? {
            let read = Workflow::from_canonical(&document.bytes);
            let workflow = read.map_err(|error| unreadable(&document.name, error))?;
            let latest = found.latest(&workflow.id).and_then(|digest| found.workflow(digest));
            let latest = latest.map(|held| held.version);
            if latest.is_none_or(|held| held <= workflow.version) {
                found.latest.insert(workflow.id.clone(), document.digest.clone());
            }
            if latest == Some(workflow.version) {
                several.insert(workflow.id.clone());
            }
            found.workflows.insert(document.digest, workflow);
        }
        for workflow in several {
            if let Some(digest) = published_last(store, &found, &workflow).await? {
                found.latest.insert(workflow, digest);
            }
        }
        if let Some(document) = town::in_force(store, Kind::Calendars).await? {
            let read = serde_json::from_slice(&document.bytes);
            found.calendars = read.map_err(|error| unreadable("calendars", error))?;
            found.named.insert("calendars".into(), document.digest);
        }
        if let Some(document) = town::in_force(store, Kind::Roster).await? {
            let read = serde_json::from_slice(&document.bytes);
            found.roster = read.map_err(|error| unreadable("roster", error))?;
            found.named.insert("roster".into(), document.digest);
        }
        if let Some(document) = town::in_force(store, Kind::Duties).await? {
            let read = serde_json::from_slice(&document.bytes);
            found.duties = read.map_err(|error| unreadable("duties", error))?;
            found.named.insert("duties".into(), document.digest);
        }
        let absences = absences(store).await?;
        found.absences = absences.list;
        found.named.extend(absences.digest.map(|digest| ("absences".to_string(), digest)));
        *self.in_force.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(found);
        Ok(())
    }

    /// Writes documents into the journal and puts them in force. What is there already stays.
    ///
    /// # Errors
    /// When the store does not take them.
    pub async fn publish<S: Store>(
        &self,
        store: Bound<'_, S>,
        workflows: &[Published],
        calendars: &BTreeMap<CalendarId, Calendar>,
        roster: Option<&Roster>,
    ) -> Result<(), Fault> {
        let mut documents = Vec::new();
        for published in workflows {
            let bytes = published.workflow.canonical().map_err(|error| unreadable("definition", error))?;
            documents.push(Document {
                digest: published.digest.clone(),
                kind: "definition".into(),
                name: published.workflow.id.to_string(),
                version: published.workflow.version,
                bytes,
                source: published.source.clone(),
            });
        }
        let append = Append { documents, ..Append::default() };
        town::append(store, append).await?;
        let new = NewTown { calendars: Some(calendars), roster, duties: None };
        town::put(store, new.documents()?).await?;
        self.load(store).await
    }

    /// Puts a list of absences in force, with the record of who wrote it; false when somebody else wrote one meanwhile.
    /// The record names the list's digest, so that the list in force is what the last record says: no mark beside it
    /// can fall behind.
    ///
    /// # Errors
    /// When the store does not take it.
    pub async fn publish_absences<S: Store>(
        &self,
        store: Bound<'_, S>,
        document: Document,
        record: StreamAppend,
    ) -> Result<bool, Fault> {
        let append = Append { documents: vec![document], streams: vec![record], ..Append::default() };
        let stored = town::append(store, append).await?;
        self.load(store).await?;
        Ok(stored)
    }
}
