//! What a form names, looked up for whoever fills it in: other cases, people who are on no roster,
//! files.
//!
//! The machine says what is to be looked up and checks what was found; here is only the looking up.
//! What the asker may not know of is left out, so that it is refused like what is not there.

use std::collections::{BTreeMap, BTreeSet};

use paidan_machine::actor::Actor;
use paidan_machine::command::{Ask, Command};
use paidan_machine::reference::{CHAIN_MAX, Linked, Mentions, References, mentions};
use paidan_machine::{Case, sight};
use paidan_model::id::FieldId;
use paidan_model::value::{Held, Value};
use paidan_model::workflow::Workflow;

use crate::commands::Denied;
use crate::committer::Committer;
use crate::shelf::InForce;
use crate::world::World;

fn fault(fault: &dyn std::fmt::Display) -> Denied {
    Denied::Fault(fault.to_string())
}

impl<W: World> Committer<W> {
    /// What was found of what a command's form names.
    pub(crate) async fn references(
        &mut self,
        in_force: &InForce,
        workflow: &Workflow,
        command: &Command,
    ) -> Result<References, Denied> {
        let Mentions { cases, people, files } = mentions(workflow, &command.ask);
        let mut found = BTreeMap::new();
        for (field, number) in cases {
            if let Some(linked) = self.linked(in_force, &field, &number, &command.actor).await? {
                found.insert((field, number), linked);
            }
        }
        // What another case opens takes along what that one holds.
        let parent = match &command.ask {
            Ask::Open(open) => open.parent.as_ref().map(|parent| parent.stream.clone()),
            Ask::Act(_)
            | Ask::Send(_)
            | Ask::Hear(_)
            | Ask::Tick
            | Ask::Recount
            | Ask::Redact
            | Ask::Hold(_) => None,
        };
        let mut known = BTreeSet::new();
        for subject in people {
            if self.is_somebody(&subject, parent.as_deref()).await? {
                known.insert(subject);
            }
        }
        let mut named = BTreeSet::new();
        for file in files {
            if self.may_name(&file, &command.actor, parent.as_deref()).await? {
                named.insert(file);
            }
        }
        Ok(References { cases: found, people: Some(known), files: Some(named) })
    }

    /// A case that a field names, as far as the asker may know of it: what stands on a list may be
    /// named by everybody.
    async fn linked(
        &mut self,
        in_force: &InForce,
        field: &FieldId,
        number: &str,
        actor: &Actor,
    ) -> Result<Option<Linked>, Denied> {
        let Some(case) = self.numbered(number).await? else { return Ok(None) };
        let other = in_force.workflow(&case.filing.digest).ok_or(Denied::NotFound)?;
        let listed = paidan_views::listing::item(other, &case).is_some();
        if !listed && sight(other, &case, actor).is_none() {
            return Ok(None);
        }
        let mut leads_to = BTreeSet::new();
        let mut next = names(&case, field);
        while let Some(number) = next.filter(|_| leads_to.len() < CHAIN_MAX) {
            next = self.numbered(&number).await?.and_then(|case| names(&case, field));
            if !leads_to.insert(number) {
                break;
            }
        }
        Ok(Some(in_the_clear(other, &case, leads_to)))
    }

    async fn numbered(&mut self, number: &str) -> Result<Option<Case>, Denied> {
        let stream = self.desk.queries.by_number(number).await.map_err(|error| fault(&error))?;
        match stream {
            Some(stream) => Ok(Some(self.load(&stream).await?.case)),
            None => Ok(None),
        }
    }

    /// Whether there is somebody of that id beside the roster: with an account, a visitor of a
    /// demonstration, or named in the case that opens this one.
    async fn is_somebody(&mut self, subject: &str, parent: Option<&str>) -> Result<bool, Denied> {
        if self.desk.is_guest(subject) {
            return Ok(true);
        }
        let store = self.desk.store();
        let users = store.users().await.map_err(|error| fault(&error))?;
        if users.iter().any(|user| user.subject == subject) {
            return Ok(true);
        }
        let Some(parent) = parent else { return Ok(false) };
        let held = |held: &Held| matches!(held.open(), Some(Value::Person(person)) if person == subject);
        Ok(self.load(parent).await?.case.form.fields.values().any(held))
    }

    /// Whether an asker may name a file: they sent it, or see a case that holds it.
    async fn may_name(&mut self, digest: &str, actor: &Actor, parent: Option<&str>) -> Result<bool, Denied> {
        let store = self.desk.store();
        if store.sent_file(digest, actor.subject()).await.map_err(|error| fault(&error))? {
            return Ok(true);
        }
        let streams = store.streams_of_file(digest).await.map_err(|error| fault(&error))?;
        for stream in streams {
            let opens_this = parent == Some(stream.as_str());
            let shown = || self.desk.queries.shows_file(actor, &stream, digest);
            if opens_this || shown().await.map_err(|error| fault(&error))? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The case that a field of another one names.
fn names(case: &Case, field: &FieldId) -> Option<String> {
    let held = case.form.fields.get(field).and_then(Held::open)?;
    let Value::Case(number) = held else { return None };
    Some(number.clone())
}

/// What of a case another one may be given.
fn in_the_clear(workflow: &Workflow, case: &Case, leads_to: BTreeSet<String>) -> Linked {
    let plain = |held: &Held| held.open().and_then(crate::courier::plain);
    let told = |id: &FieldId| workflow.fields.get(id).is_some_and(|field| !field.private);
    let fields = case.form.fields.iter().filter(|(id, _)| told(id));
    let fields = fields.filter_map(|(id, held)| Some((id.clone(), plain(held)?)));
    let states = case.chart.active.keys().cloned().collect();
    let closed = case.is_closed();
    Linked { workflow: case.filing.workflow.clone(), closed, states, fields: fields.collect(), leads_to }
}
