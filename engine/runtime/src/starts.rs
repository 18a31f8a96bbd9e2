//! Starts: opens the cases that begin by a schedule, one for each occurrence.
//!
//! How far a start has come stands in a stream of its own, `start/<workflow>/<start>` and, where
//! each unit has its own case, `/<unit>` after it. The record that an occurrence was opened is
//! written in one append with the case, and only after the record that was seen last: a second
//! attempt, by whomever, writes nothing (decision 0036).

use std::collections::BTreeMap;
use std::sync::Arc;

use paidan_journal::Fault;
use paidan_journal::entry::{Append, Outcome};
use paidan_machine::actor::Actor;
use paidan_model::moment::Moment;
use paidan_model::start::{Occurrence, Start};
use paidan_model::workflow::Workflow;
use serde_json::Value as Json;

use crate::commands::{Denied, Want};
use crate::desk::Desk;
use crate::progress::{Note, Progress, StartKey, rule};
use crate::shelf::InForce;
use crate::world::{Clock as _, Ids as _, World};

/// The longest sleep, in milliseconds of the clock on the wall.
const SLEEP_MAX: i64 = 1_000;
/// The most units that have a case of their own.
const UNITS_MAX: usize = 500;

impl<W: World> Desk<W> {
    /// How far a start has come, by the last record of its stream.
    pub(crate) async fn start_progress(&self, stream: &str) -> Result<Progress, Fault> {
        let store = self.store();
        let head = store.head(stream).await?.unwrap_or_default();
        let last = store.load(stream, head.seq.saturating_sub(1)).await?.pop();
        last.map_or(Ok(Progress::default()), |last| Progress::read(last.seq, &last.bytes))
    }

    /// Writes a record that no case goes with; nothing when somebody else wrote one meanwhile.
    async fn note_start(
        &self,
        stream: &str,
        progress: &Progress,
        until: Moment,
        note: Note<'_>,
    ) -> Result<(), Fault> {
        let (at, cmd) = (self.world.clock().now(), self.world.ids().id());
        let part = progress.record(stream.to_string(), until, note, at, cmd)?;
        let append = Append { streams: vec![part], ..Append::default() };
        match self.store().append(vec![append]).await.pop() {
            Some(Outcome::Stored(_) | Outcome::Conflict { .. }) => Ok(()),
            Some(
                lost @ (Outcome::Repeated(_)
                // nothing of which can be asked for here
                | Outcome::NoFile(_)
                | Outcome::Unknown(_)
                | Outcome::Failed(_)),
            ) => Err(Fault::Record(format!("{stream} was not kept: {lost:?}"))),
            None => Err(Fault::Record(format!("{stream} was not kept"))),
        }
    }
}

/// Each start of a workflow, for each unit that has its own case.
fn keys<'w>(in_force: &InForce, workflow: &'w Workflow) -> Vec<(StartKey, &'w Start)> {
    let mut found = Vec::new();
    for (id, start) in &workflow.starts {
        let key = |unit| StartKey { workflow: workflow.id.clone(), start: id.clone(), unit };
        match &start.unit {
            None => found.push((key(None), start)),
            Some(unit) => {
                let units = in_force.roster.units.iter();
                let named = units.filter(|(id, each)| {
                    // Its name, or the kind that it is of.
                    *id == unit || each.kind.as_str() == unit.as_str()
                });
                found.extend(named.take(UNITS_MAX).map(|(id, _)| (key(Some(id.clone())), start)));
            }
        }
    }
    found
}

/// Opens cases by schedule. A second one beside it opens nothing twice.
#[derive(Debug)]
pub struct Starts<W: World> {
    desk: Desk<W>,
    /// What was in force when it was looked at last, and when to look again if that stays.
    looked: Option<(Arc<InForce>, Moment)>,
}

impl<W: World> Starts<W> {
    /// The starts of a desk.
    #[must_use]
    pub fn new(desk: Desk<W>) -> Self {
        Self { desk, looked: None }
    }

    /// Opens what has come; says when to look again.
    ///
    /// # Errors
    /// The first start whose stream cannot be read or written; the others are gone through.
    pub async fn step(&mut self) -> Result<Moment, Fault> {
        let (now, soon) = (self.desk.world.clock().now(), self.soon());
        let in_force = self.desk.shelf.now();
        if let Some((seen, next)) = &self.looked
            && Arc::ptr_eq(seen, &in_force)
            && now < *next
        {
            return Ok((*next).min(soon));
        }
        let (mut next, mut failed): (Option<Moment>, Option<Fault>) = (None, None);
        for workflow in in_force.workflows() {
            for (key, start) in keys(&in_force, workflow) {
                match self.open_pending(&in_force, workflow, &key, start).await {
                    Ok(coming) => next = [next, coming].into_iter().flatten().min(),
                    Err(fault) => failed = failed.or(Some(fault)),
                }
            }
        }
        if let Some(fault) = failed {
            return Err(fault);
        }
        let next = next.unwrap_or(Moment::from_millis(i64::MAX));
        self.looked = Some((in_force, next));
        Ok(next.min(soon))
    }

    fn soon(&self) -> Moment {
        let clock = self.desk.world.clock();
        clock.now().plus_millis(SLEEP_MAX.saturating_mul(i64::from(clock.speed())))
    }

    /// Opens what has come of one start; says when the next comes.
    async fn open_pending(
        &self,
        in_force: &InForce,
        workflow: &Workflow,
        key: &StartKey,
        start: &Start,
    ) -> Result<Option<Moment>, Fault> {
        let clock = self.desk.world.clock();
        let (now, stream) = (clock.now(), key.stream());
        let Some(calendar) = in_force.calendar_named(&workflow.calendar) else { return Ok(None) };
        let mut progress = self.desk.start_progress(&stream).await?;
        let rule = rule(start)?;
        if progress.since.is_none() || progress.rule != rule {
            progress = Progress { since: Some(now), rule, ..progress };
            self.desk.note_start(&stream, &progress, now, Note::Watched).await?;
            return Ok(Some(now));
        }
        let since = progress.since.unwrap_or(now);
        let pending = start.pending(since, now, clock.speed(), calendar);
        for occurrence in &pending.open {
            if !self.open(key, *occurrence).await? {
                return Ok(Some(self.soon()));
            }
        }
        if let Some(last) = pending.last {
            let progress = self.desk.start_progress(&stream).await?;
            if progress.since.is_none_or(|since| since < last.planned) {
                self.desk.note_start(&stream, &progress, last.planned, Note::Passed).await?;
            }
        }
        Ok(pending.next.map(|next| next.at))
    }

    /// Opens a case for an occurrence, unless it is there; false when it is to be tried again soon.
    async fn open(&self, key: &StartKey, occurrence: Occurrence) -> Result<bool, Fault> {
        let stream = &key.stream();
        let want = Want::Start { key: key.clone(), planned: occurrence.planned };
        let why = match self.desk.commands.ask(Actor::Engine, want, None).await {
            Ok(_) => return Ok(true),
            Err(
                denied @ (Denied::Busy
                // the store, or the queue before it
                | Denied::Unknown
                | Denied::Fault(_)
                | Denied::KeyReused),
            ) => {
                tracing::error!(stream, %denied, "a case could not be opened yet");
                return Ok(false);
            }
            Err(Denied::Refused(refusal)) => refusal.code.number().to_string(),
            Err(denied @ (Denied::NotFound | Denied::NoFile(_))) => denied.to_string(),
        };
        tracing::error!(stream, why, "no case could be opened by a schedule");
        let progress = self.desk.start_progress(stream).await?;
        let note = Note::Refused { why: &why };
        self.desk.note_start(stream, &progress, occurrence.planned, note).await?;
        Ok(true)
    }

    /// Opens cases until stopped from outside; what fails is tried again.
    pub async fn run(mut self) {
        loop {
            let next = match self.step().await {
                Ok(next) => next.max(self.desk.world.clock().now().plus_millis(1)),
                Err(fault) => {
                    tracing::error!(%fault, "the starts could not be gone through");
                    self.soon()
                }
            };
            self.desk.world.clock().until(next).await;
        }
    }
}

/// What is written for an occurrence that was not dealt with yet.
pub(crate) struct Due {
    /// What the form is filled in with.
    pub fill: BTreeMap<String, Json>,
    /// How far the start has come.
    pub progress: Progress,
}

impl<W: World> Desk<W> {
    /// What an occurrence still needs.
    pub(crate) async fn start_due(
        &self,
        in_force: &InForce,
        key: &StartKey,
        planned: Moment,
    ) -> Result<Option<Due>, Fault> {
        let workflow = in_force.latest(&key.workflow).and_then(|digest| in_force.workflow(digest));
        let Some(workflow) = workflow else { return Ok(None) };
        let Some(start) = workflow.starts.get(&key.start) else { return Ok(None) };
        let progress = self.start_progress(&key.stream()).await?;
        if progress.since.is_none_or(|since| planned <= since) {
            return Ok(None);
        }
        let Some(calendar) = in_force.calendar_named(&workflow.calendar) else { return Ok(None) };
        let occurrence = start.next_after(planned.plus_millis(-1), calendar);
        let occurrence = occurrence.filter(|found| found.planned == planned);
        Ok(occurrence.map(|occurrence| Due { fill: start.form(&occurrence, calendar), progress }))
    }
}
