//! The desk: where commands arrive, and where people look at cases.

use std::sync::{Arc, OnceLock};

use futures_util::{StreamExt as _, stream};
use paidan_journal::{Bind as _, Bound, Fault, Tenant};
use paidan_machine::actor::Actor;
use tokio::sync::{Mutex, mpsc};

use crate::access::AccessLog;
use crate::account::Accounts;
use crate::commands::{Commands, Order, Want};
use crate::count::Counts;
use crate::queries::Queries;
use crate::shelf::Shelf;
use crate::throttle::Throttle;
use crate::walked::Walked;
use crate::world::{Clock as _, World};

/// Cases counted again at once, beside the work of people.
const RECOUNTS_AT_ONCE: usize = 64;

/// Which subject ids are visitors of a demonstration.
pub type Guests = fn(&str) -> bool;

/// Where commands arrive; cheap to clone.
#[derive(Debug)]
pub struct Desk<W: World> {
    /// The world.
    pub world: Arc<W>,
    /// What is in force.
    pub shelf: Arc<Shelf>,
    /// Whose data.
    pub tenant: Tenant,
    /// What is asked of the engine.
    pub commands: Commands,
    /// What is asked about cases.
    pub queries: Queries<W>,
    /// Who may come in.
    pub accounts: Accounts<W>,
    /// Who looked at what.
    pub access: AccessLog<W>,
    /// What happened since the start.
    pub counts: Arc<Counts>,
    pub(crate) walked: Arc<Mutex<Walked>>,
    guests: Arc<OnceLock<Guests>>,
}

impl<W: World> Clone for Desk<W> {
    fn clone(&self) -> Self {
        Self {
            world: Arc::clone(&self.world),
            shelf: Arc::clone(&self.shelf),
            tenant: self.tenant,
            commands: self.commands.clone(),
            queries: self.queries.clone(),
            accounts: self.accounts.clone(),
            access: self.access.clone(),
            counts: Arc::clone(&self.counts),
            walked: Arc::clone(&self.walked),
            guests: Arc::clone(&self.guests),
        }
    }
}

impl<W: World> Desk<W> {
    /// A desk and the queue before the committer.
    #[must_use]
    pub fn new(world: Arc<W>, shelf: Arc<Shelf>) -> (Self, mpsc::Receiver<Order>) {
        let counts = Arc::default();
        let (commands, orders) = Commands::new(Arc::clone(&counts));
        let (tenant, throttle) = (Tenant::default(), Arc::<Throttle>::default());
        let accounts = Accounts::new(Arc::clone(&world), tenant, Arc::clone(&throttle));
        let access = AccessLog::new(Arc::clone(&world), Arc::clone(&shelf), tenant);
        let queries = Queries::new(Arc::clone(&world), Arc::clone(&shelf), tenant, access.clone(), throttle);
        let desk = Self {
            world,
            shelf,
            tenant,
            commands,
            queries,
            accounts,
            access,
            counts,
            walked: Arc::default(),
            guests: Arc::default(),
        };
        (desk, orders)
    }

    /// The store, of the tenant.
    pub fn store(&self) -> Bound<'_, W::Store> {
        self.world.store().of(self.tenant)
    }

    /// Opens the desk to the visitors of a demonstration, who are somebody without an account:
    /// those whom `guests` takes.
    pub fn admit_guests(&self, guests: Guests) {
        // Whoever opened it first did so for all.
        self.guests.set(guests).ok();
    }

    /// Whether somebody is a visitor of a demonstration.
    #[must_use]
    pub fn is_guest(&self, subject: &str) -> bool {
        self.guests.get().is_some_and(|guests| guests(subject))
    }

    /// Somebody as an asker: the posts are those of the roster in force and of whoever they stand in for now, through the door `via`.
    #[must_use]
    pub fn actor(&self, subject: &str, via: &str) -> Actor {
        let shelf = self.shelf.now();
        let posts = shelf.roster.posts_of(subject, &shelf.absences, self.world.clock().now());
        Actor::Person { subject: subject.to_string(), posts, via: via.to_string() }
    }

    /// Counts the due moments of every case with a timer again, by the calendars in force; says how many cases it
    /// asked. A case that is counted already stays as it is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn recount(&self) -> Result<usize, Fault> {
        let waiting = self.store().due(i64::MAX, u32::MAX).await?;
        let count = waiting.len();
        let ticks = waiting.into_iter().map(|(stream, _)| async move {
            let done = self.commands.ask(Actor::Engine, Want::Tick { stream: stream.clone() }, None).await;
            (stream, done)
        });
        let mut done = stream::iter(ticks).buffer_unordered(RECOUNTS_AT_ONCE);
        while let Some((stream, done)) = done.next().await {
            if let Err(denied) = done {
                tracing::error!(stream, %denied, "a case could not be counted again");
            }
        }
        Ok(count)
    }

    /// Lets a message that was given up go out again; false when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn send_again(&self, id: &str) -> Result<bool, Fault> {
        let now = self.world.clock().now().millis();
        self.store().letter_again(id, now).await
    }
}
