//! Publishing while cases run: a definition goes into the journal with a record of who put it there, and is in force at
//! once. Cases stay with the definition they were opened under.

use std::collections::BTreeMap;

use paidan_journal::entry::{Append, Document, Draft, StreamAppend};
use paidan_journal::record::body;
use paidan_journal::{Fault, Store as _};
use paidan_machine::actor::Actor;
use paidan_machine::chart::leaves;
use paidan_model::id::WorkflowId;
use paidan_model::text::Text;
use serde_json::{Value as Json, json};

use crate::desk::Desk;
use crate::shelf::{Published, publications};
use crate::town::{self, Kind, NewTown};
use crate::world::{Clock as _, Ids as _, World};

/// Streams looked at together.
const PAGE: u32 = 500;

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum NotPublished {
    /// Another form than the one in force, under a number that is not above its.
    #[error(
        "version {in_force} of `{workflow}` is in force, and version {version} is another form: give it a number above {in_force}"
    )]
    NotAbove {
        /// Of which workflow.
        workflow: WorkflowId,
        /// The number it has.
        version: u32,
        /// The number it must be above.
        in_force: u32,
    },
    /// Somebody else published at the same moment.
    #[error("somebody else has just published; look again")]
    Conflict,
    /// The store failed.
    #[error("{0}")]
    Fault(#[from] Fault),
}

/// What becomes of another form than the one in force, under a number that is not above its.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Older {
    /// Refused: whoever publishes it means it to be in force, and it would not be.
    Refused,
    /// Left alone where it was published before, else refused: a town starts with the files it has, and what was
    /// published since stays in force.
    LeftAlone,
    /// Taken, as a demonstration does.
    Taken,
}

/// Open cases of a workflow that share a version and a state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Running {
    /// The version they are pinned to.
    pub version: u32,
    /// The state they are in.
    pub state: Text,
    /// How many.
    pub count: u32,
}

impl<W: World> Desk<W> {
    /// Why these would not be published now, if anything.
    ///
    /// # Errors
    /// [`NotPublished::NotAbove`].
    pub fn publishable(&self, definitions: &[Published], older: Older) -> Result<(), NotPublished> {
        let shelf = self.shelf.now();
        let stands = |new: &Published| match older {
            Older::Refused => false,
            Older::LeftAlone => shelf.workflow(&new.digest).is_some(),
            Older::Taken => true,
        };
        match shelf.not_above(definitions).into_iter().find(|(new, _)| !stands(new)) {
            None => Ok(()),
            Some((new, in_force)) => Err(NotPublished::NotAbove {
                workflow: new.workflow.id.clone(),
                version: new.workflow.version,
                in_force,
            }),
        }
    }

    /// Publishes definitions; each that is not there yet gets a record in the stream of its name. Says which were new.
    ///
    /// # Errors
    /// [`NotPublished`]; nothing of it is in force then.
    pub async fn publish(
        &self,
        actor: &Actor,
        definitions: &[Published],
        older: Older,
    ) -> Result<Vec<WorkflowId>, NotPublished> {
        // The heads first, then what is in force: whoever publishes in between makes ours a conflict.
        let mut heads = Vec::new();
        for published in definitions {
            let head = self.store().head(&publications(&published.workflow.id)).await?;
            heads.push(head.unwrap_or_default().seq);
        }
        self.shelf.load(self.store()).await?;
        self.publishable(definitions, older)?;
        let in_force = self.shelf.now();
        let is_new = |(p, _): &(&Published, u64)| {
            in_force.workflow(&p.digest).is_none() || in_force.is_other_profile(p)
        };
        let new: Vec<(&Published, u64)> = definitions.iter().zip(heads).filter(is_new).collect();
        if new.is_empty() {
            return Ok(Vec::new());
        }
        let mut append = Append::default();
        for (published, head) in &new {
            append.streams.push(self.recorded(actor, published, *head)?);
            append.documents.push(document(published)?);
        }
        if !town::append(self.store(), append).await? {
            return Err(NotPublished::Conflict);
        }
        self.shelf.load(self.store()).await?;
        Ok(new.iter().map(|(published, _)| published.workflow.id.clone()).collect())
    }

    fn recorded(&self, actor: &Actor, published: &Published, expected: u64) -> Result<StreamAppend, Fault> {
        let Published { workflow, digest, source: _ } = published;
        let mut data = json!({ "digest": digest, "name": workflow.id, "version": workflow.version });
        if let (Some(profile), Some(members)) = (workflow.profile_id(), data.as_object_mut()) {
            members.insert("profile".into(), json!(profile));
        }
        self.publication(actor, publications(&workflow.id), &data, expected)
    }

    /// The record of a publication, after the last one of that name.
    fn publication(
        &self,
        actor: &Actor,
        stream: String,
        data: &Json,
        expected: u64,
    ) -> Result<StreamAppend, Fault> {
        let body = body(&actor.by(None), None, data)?;
        let (at, cmd) = (self.world.clock().now().millis(), self.world.ids().id());
        let draft = Draft { at, cmd, kind: "published".into(), body };
        Ok(StreamAppend {
            stream,
            expected,
            drafts: vec![draft],
            due: None,
            number: None,
            rows: Vec::new(),
            gone: Vec::new(),
        })
    }

    /// Puts in force what a town starts with. Where that is what it started with before, whatever was
    /// published since stays in force; says of which kinds another is.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn start_town(&self, new: &NewTown<'_>) -> Result<Vec<Kind>, Fault> {
        let store = self.store();
        self.shelf.load(store).await?;
        let held = self.shelf.now();
        let (mut fresh, mut others) = (Vec::new(), Vec::new());
        for (kind, document) in new.documents()? {
            let before = store.whole().marked(&kind.started_with(store.tenant())).await?;
            let in_force = held.named.get(kind.name());
            if in_force.is_some() && before.as_ref() == Some(&document.digest) {
                others.extend((in_force != Some(&document.digest)).then_some(kind));
            } else {
                fresh.push((kind, document));
            }
        }
        let marks: Vec<(String, String)> = fresh
            .iter()
            .map(|(kind, document)| (kind.started_with(store.tenant()), document.digest.clone()))
            .collect();
        town::put(store, fresh).await?;
        for (key, digest) in marks {
            store.whole().mark(&key, &digest).await?;
        }
        self.shelf.load(store).await?;
        Ok(others)
    }

    /// Publishes documents of a town, each with a record of who did; says which were new. Cases that
    /// were counted by other calendars are counted again by [`Desk::recount`], or when they next move.
    ///
    /// # Errors
    /// [`NotPublished`]; nothing of it is in force then.
    pub async fn publish_town(&self, actor: &Actor, new: &NewTown<'_>) -> Result<Vec<Kind>, NotPublished> {
        let store = self.store();
        // The heads first, then what is in force: whoever publishes in between makes ours a conflict.
        let mut heads = BTreeMap::new();
        for kind in Kind::ALL {
            heads.insert(kind, store.head(&kind.stream()).await?.unwrap_or_default().seq);
        }
        self.shelf.load(store).await?;
        let held = self.shelf.now();
        let documents = new.documents()?;
        let differs =
            |(kind, document): &(Kind, Document)| held.named.get(kind.name()) != Some(&document.digest);
        let fresh: Vec<(Kind, Document)> = documents.into_iter().filter(differs).collect();
        if fresh.is_empty() {
            return Ok(Vec::new());
        }
        let mut append = Append::default();
        for (kind, document) in &fresh {
            let mut data = json!({ "digest": document.digest, "name": kind.name() });
            if let (Some(replaced), Some(members)) = (held.named.get(kind.name()), data.as_object_mut()) {
                members.insert("replaced".into(), json!(replaced));
            }
            let head = heads.get(kind).copied().unwrap_or_default();
            append.streams.push(self.publication(actor, kind.stream(), &data, head)?);
            append.documents.push(document.clone());
        }
        if !town::append(store, append).await? {
            return Err(NotPublished::Conflict);
        }
        for (kind, document) in &fresh {
            store.whole().mark(&kind.in_force(store.tenant()), &document.digest).await?;
        }
        self.shelf.load(store).await?;
        Ok(fresh.into_iter().map(|(kind, _)| kind).collect())
    }

    /// The open cases of a workflow, by version and state: what a new version does not touch, for they stay pinned.
    /// Reads every case of the town.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn running(&self, workflow: &WorkflowId) -> Result<Vec<Running>, Fault> {
        let shelf = self.shelf.now();
        let mut found: BTreeMap<(u32, Text), u32> = BTreeMap::new();
        let mut after = String::new();
        loop {
            let page = self.store().streams(&after, PAGE).await?;
            let Some(last) = page.last().cloned() else { break };
            for stream in page.iter().filter(|stream| is_case(stream)) {
                let Some(case) = self.queries.case(stream).await? else { continue };
                let Some(definition) =
                    shelf.workflow(&case.filing.digest).filter(|_| case.filing.workflow == *workflow)
                else {
                    continue;
                };
                if case.is_closed() {
                    continue;
                }
                let leaf = leaves(definition, &case).first().and_then(|id| definition.states.get(*id));
                let state = leaf.map(|state| state.title.clone()).unwrap_or_default();
                *found.entry((definition.version, state)).or_default() += 1;
            }
            after = last;
        }
        Ok(found.into_iter().map(|((version, state), count)| Running { version, state, count }).collect())
    }
}

/// Whether a stream is a case or an item, not an account or a document.
#[must_use]
pub fn is_case(stream: &str) -> bool {
    stream.starts_with("case/") || stream.starts_with("item/")
}

fn document(published: &Published) -> Result<Document, Fault> {
    let bytes = published.workflow.canonical().map_err(|error| Fault::Record(error.to_string()))?;
    Ok(Document {
        digest: published.digest.clone(),
        kind: "definition".into(),
        name: published.workflow.id.to_string(),
        version: published.workflow.version,
        bytes,
        source: published.source.clone(),
    })
}
