//! The shelf: agreed workflows by digest, the calendars and the roster in force. All are documents in the journal.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use paidan_journal::entry::{Append, Document, Outcome, Tenant};
use paidan_journal::{Fault, Store};
use paidan_machine::{Law, Refusal};
use paidan_model::calendar::Calendar;
use paidan_model::id::{CalendarId, WorkflowId};
use paidan_model::roster::Roster;
use paidan_model::workflow::Workflow;
use sha2::{Digest as _, Sha256};

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

/// The shelf: what is in force, swapped as a whole.
#[derive(Debug, Default)]
pub struct Shelf {
    in_force: RwLock<Arc<InForce>>,
}

fn unreadable(what: &str, error: impl std::fmt::Display) -> Fault {
    Fault::Record(format!("the document {what}: {error}"))
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
    pub async fn load<S: Store>(&self, store: &S, tenant: Tenant) -> Result<(), Fault> {
        let mut found = InForce::default();
        for document in store.documents(tenant, "definition").await? {
            let read = Workflow::from_canonical(&document.bytes);
            let workflow = read.map_err(|error| unreadable(&document.name, error))?;
            found.latest.insert(workflow.id.clone(), document.digest.clone());
            found.workflows.insert(document.digest, workflow);
        }
        if let Some(document) = store.documents(tenant, "calendars").await?.pop() {
            let read = serde_json::from_slice(&document.bytes);
            found.calendars = read.map_err(|error| unreadable("calendars", error))?;
        }
        if let Some(document) = store.documents(tenant, "roster").await?.pop() {
            let read = serde_json::from_slice(&document.bytes);
            found.roster = read.map_err(|error| unreadable("roster", error))?;
        }
        *self.in_force.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(found);
        Ok(())
    }

    /// Writes documents into the journal and puts them in force. What is there already stays.
    ///
    /// # Errors
    /// When the store does not take them.
    pub async fn publish<S: Store>(
        &self,
        store: &S,
        tenant: Tenant,
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
        documents.push(document("calendars", &serde_json::to_value(calendars))?);
        if let Some(roster) = roster {
            documents.push(document("roster", &serde_json::to_value(roster))?);
        }
        let append = Append { documents, ..Append::default() };
        match store.append(tenant, vec![append]).await.pop() {
            Some(Outcome::Stored(_)) => self.load(store, tenant).await,
            other => Err(Fault::Record(format!("the documents were not kept: {other:?}"))),
        }
    }
}

fn document(kind: &str, value: &Result<serde_json::Value, serde_json::Error>) -> Result<Document, Fault> {
    let value = value.as_ref().map_err(|error| unreadable(kind, error))?;
    let bytes = value.to_string().into_bytes();
    let digest = hex::encode(Sha256::digest(&bytes));
    Ok(Document { digest, kind: kind.into(), name: kind.into(), version: 1, bytes, source: String::new() })
}
