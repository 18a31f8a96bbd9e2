//! The engine put together: store, clock, ids and post, with its parts running until one ends.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use paidan_journal::{Bind as _, Sqlite, Store as _};
use paidan_language::{Checked, Library};
use paidan_model::moment::Zone;
use paidan_model::period::Every;
use paidan_notify::Post;
use paidan_runtime::Starts;
use paidan_runtime::publish::Older;
use paidan_runtime::shelf::InForce;
use paidan_runtime::town::NewTown;
use paidan_runtime::{Actor, Alarm, Committer, Courier, Desk, Outside, Published, Rounds, Shelf};
use tokio::sync::oneshot;

use crate::line::say;
use crate::world::{SystemClock, SystemIds};

/// The mark under which a store keeps whose history it is.
pub const ORIGIN: &str = "origin";

/// The world of the binary.
pub type Town = Outside<Sqlite, SystemClock, SystemIds, Post>;

/// Where commands arrive, and the parts that work behind it.
pub struct Engine {
    /// Where commands arrive.
    pub desk: Desk<Town>,
    committer: Committer<Town>,
    alarm: Alarm<Town>,
    courier: Courier<Town>,
    rounds: Rounds<Town>,
    starts: Starts<Town>,
    begins: Option<oneshot::Receiver<()>>,
}

/// Opens a store; says which one when it cannot.
pub async fn open(path: &Path) -> Result<Sqlite> {
    Sqlite::open(path).await.with_context(|| format!("the store {}", path.display()))
}

/// The zone of the town that a store is of.
pub async fn zone(store: &Sqlite) -> Result<Zone> {
    let shelf = Shelf::default();
    shelf.load(store.of(Default::default())).await.context("the documents of the store")?;
    Ok(shelf.now().zone())
}

impl Engine {
    /// Puts an engine together; links in messages lead to `base`.
    pub async fn new(store: Sqlite, clock: SystemClock, post: Post, base: &str) -> Result<Self> {
        let world = Arc::new(Outside { store, clock, ids: SystemIds, transport: post });
        let shelf = Arc::new(Shelf::default());
        shelf.load(world.store.of(Default::default())).await.context("the documents of the store")?;
        let (desk, orders) = Desk::new(Arc::clone(&world), shelf);
        let committer = Committer::new(desk.clone(), orders);
        let alarm = Alarm::new(desk.clone());
        let courier = Courier::new(desk.clone(), base);
        let rounds = Rounds::new(desk.clone());
        let starts = Starts::new(desk.clone());
        Ok(Self { desk, committer, alarm, courier, rounds, starts, begins: None })
    }

    /// The same, with an anchor in each period; the store keeps whose history they say it is.
    pub async fn anchoring(self, every: Every, origin: &str) -> Result<Self> {
        self.desk.world.store.mark(ORIGIN, origin).await?;
        Ok(Self { rounds: self.rounds.anchoring(every, origin), ..self })
    }

    /// The same, but no case begins by itself before the signal: what is told of earlier years has
    /// its own cases.
    pub fn starting_after(self, signal: oneshot::Receiver<()>) -> Self {
        Self { begins: Some(signal), ..self }
    }

    /// Runs the parts until one ends or `stop` comes back. A part that ends takes the others with it:
    /// start-up is recovery.
    pub async fn run(self, stop: impl Future<Output = Result<()>>) -> Result<()> {
        let Self { desk: _desk, committer, alarm, courier, rounds, starts, begins } = self;
        let starts = async {
            if let Some(begins) = begins {
                // Whoever would give the signal has ended: then nothing is told any more.
                drop(begins.await);
            }
            starts.run().await;
        };
        tokio::select! {
            () = committer.run() => bail!("the committer ended"),
            () = rounds.run() => bail!("the rounds ended"),
            () = starts => bail!("the starts ended"),
            ended = alarm.run() => ended.context("the alarm ended"),
            ended = courier.run() => ended.context("the courier ended"),
            ended = stop => ended,
        }
    }

    /// Runs the committer alone, for one piece of work on a file that nothing else has open.
    pub async fn run_only<T>(self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            () = self.committer.run() => bail!("the committer ended"),
            done = work => done,
        }
    }
}

/// Checks; prints the findings when there is an error.
pub fn sound(library: Library) -> Result<Checked> {
    let checked = library.check();
    if checked.has_errors() {
        eprint!("{}", paidan_language::print::text(&checked, false));
        bail!("the definitions or the configuration are not sound");
    }
    Ok(checked)
}

/// The same as it is to be published: profiles in force stay where the town picks no other.
pub fn in_force(mut library: Library, checked: Checked, held: &InForce) -> Result<Checked> {
    let kept = held.profiles();
    if kept.keys().all(|workflow| checked.picked.contains_key(workflow)) {
        return Ok(checked);
    }
    library.keep(kept);
    sound(library)
}

/// Says under which profiles definitions are in force, and where that is not what the town picks.
pub fn tell_profiles(held: &InForce, checked: &Checked) {
    for workflow in held.workflows() {
        let profile = workflow.profile_id();
        let name = profile.map_or(paidan_language::AS_WRITTEN, |profile| profile.as_str());
        let (id, version) = (&workflow.id, workflow.version);
        match checked.picked.get(id) {
            Some(picked) if picked.as_ref() != profile => {
                let picked = picked.as_ref().map_or(paidan_language::AS_WRITTEN, |picked| picked.as_str());
                say!(
                    "profile: {id} version {version} is in force under {name}; {picked} is picked for another version"
                );
            }
            Some(_) => say!("profile: {id}: {name}"),
            None if profile.is_some() => say!("profile: {id}: {name}, as before"),
            None => {}
        }
    }
}

/// Publishes what was checked; `older` says what becomes of a number that is not above the one in force.
pub async fn publish(desk: &Desk<Town>, checked: &Checked, older: Older) -> Result<()> {
    let published: Vec<Published> = checked
        .workflows
        .iter()
        .filter(|agreed| agreed.workflow.kind == paidan_model::workflow::Kind::Case)
        .map(|a| Published {
            workflow: a.workflow.clone(),
            digest: a.digest.clone(),
            source: a.source.clone(),
        })
        .collect();
    let town = NewTown {
        calendars: Some(&checked.calendars),
        roster: checked.roster.as_ref(),
        duties: Some(&checked.duties).filter(|duties| !duties.rows.is_empty()),
    };
    for kind in desk.start_town(&town).await? {
        eprintln!(
            "{}: others were published since the town started with these; they stay in force",
            kind.name()
        );
    }
    desk.publish(&Actor::Engine, &published, older).await?;
    Ok(())
}

/// Comes back when the process is asked to stop; listens from this call on.
pub fn stopping() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
