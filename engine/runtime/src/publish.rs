//! Publishing while cases run: a definition goes into the journal with a record of who put it there, and is in force at
//! once. Cases stay with the definition they were opened under.

use std::collections::BTreeMap;

use paidan_journal::entry::{Append, Document, Draft, Outcome, StreamAppend};
use paidan_journal::{Fault, Store};
use paidan_machine::actor::Actor;
use paidan_machine::chart::leaves;
use paidan_model::id::WorkflowId;
use paidan_model::text::Text;
use serde_json::json;

use crate::desk::Desk;
use crate::shelf::{Published, publications};
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
            let head = self.world.store().head(self.tenant, &publications(&published.workflow.id)).await?;
            heads.push(head.unwrap_or_default().seq);
        }
        self.shelf.load(self.world.store(), self.tenant).await?;
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
        match self.world.store().append(self.tenant, vec![append]).await.pop() {
            Some(Outcome::Stored(_)) => {}
            Some(Outcome::Conflict { .. }) => return Err(NotPublished::Conflict),
            other => return Err(Fault::Record(format!("the definitions were not kept: {other:?}")).into()),
        }
        self.shelf.load(self.world.store(), self.tenant).await?;
        Ok(new.iter().map(|(published, _)| published.workflow.id.clone()).collect())
    }

    /// The record of a publication, after the last one of that name.
    fn recorded(&self, actor: &Actor, published: &Published, expected: u64) -> Result<StreamAppend, Fault> {
        let stream = publications(&published.workflow.id);
        let by = serde_json::to_value(actor.by(None)).map_err(|error| Fault::Record(error.to_string()))?;
        let Published { workflow, digest, source: _ } = published;
        let mut data = json!({ "digest": digest, "name": workflow.id, "version": workflow.version });
        if let (Some(profile), Some(members)) = (workflow.profile_id(), data.as_object_mut()) {
            members.insert("profile".into(), json!(profile));
        }
        let draft = Draft {
            at: self.world.clock().now().millis(),
            by,
            cmd: self.world.ids().id(),
            data,
            due: None,
            kind: "published".into(),
        };
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
            let page = self.world.store().streams(self.tenant, &after, PAGE).await?;
            let Some(last) = page.last().cloned() else { break };
            for stream in page.iter().filter(|stream| is_case(stream)) {
                let Some(case) = self.case(stream).await? else { continue };
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
