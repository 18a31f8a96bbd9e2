//! The desk: where commands arrive, and where people look at cases.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use futures_util::{StreamExt as _, stream};
use paidan_journal::Tenant;
use paidan_journal::entry::{Posted, ViewRow};
use paidan_journal::store::After;
use paidan_journal::{Bind as _, Bound, Fault};
use paidan_machine::actor::Actor;
use paidan_machine::{Case, Offer, Sight, offers, sight};
use paidan_model::moment::Moment;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, mpsc};

use crate::access::AccessLog;
use crate::account::{Accounts, Turned};
use crate::commands::{Commands, Order, Want};
use crate::count::Counts;
use crate::entry::entry;
pub use crate::entry::{Entry, fold};
use crate::shelf::Shelf;
use crate::throttle::Throttle;
use crate::walked::Walked;
use crate::world::{Clock as _, World};

/// Cases counted again at once, beside the work of people.
const RECOUNTS_AT_ONCE: usize = 64;
/// How often a matter may be turned into another case and still be found by its code.
const TURNS_MAX: u32 = 16;

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
    /// Who may come in.
    pub accounts: Accounts<W>,
    /// Who looked at what.
    pub access: AccessLog<W>,
    /// What happened since the start.
    pub counts: Arc<Counts>,
    throttle: Arc<Throttle>,
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
            accounts: self.accounts.clone(),
            access: self.access.clone(),
            counts: Arc::clone(&self.counts),
            throttle: Arc::clone(&self.throttle),
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
        let desk = Self {
            world,
            shelf,
            tenant,
            commands,
            accounts,
            access,
            counts,
            throttle,
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

    /// The records of a case, decoded.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn timeline(&self, stream: &str) -> Result<Vec<Entry>, Fault> {
        let records = self.store().load(stream, 0).await?;
        records.iter().map(|record| entry(&record.bytes)).collect()
    }

    /// Whether a stream has a record.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn exists(&self, stream: &str) -> Result<bool, Fault> {
        Ok(self.store().head(stream).await?.is_some_and(|head| head.seq > 0))
    }

    /// A case as it is, by its records alone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn case(&self, stream: &str) -> Result<Option<Case>, Fault> {
        Ok(fold(&self.timeline(stream).await?, None))
    }

    /// A case as it was at a recorded time.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn case_at(&self, stream: &str, at: Moment) -> Result<Option<Case>, Fault> {
        Ok(fold(&self.timeline(stream).await?, Some(at)))
    }

    /// What an asker may do with a case, and for the rest why not.
    #[must_use]
    pub fn offers(&self, case: &Case, actor: &Actor) -> Vec<Offer> {
        let shelf = self.shelf.now();
        match shelf.law(&case.filing.digest) {
            Some(Ok(law)) => offers(&law, case, actor, self.world.clock().now()),
            Some(Err(_)) | None => Vec::new(),
        }
    }

    /// Somebody as an asker: the posts are those of the roster in force and of whoever they stand in for now, through the door `via`.
    #[must_use]
    pub fn actor(&self, subject: &str, via: &str) -> Actor {
        let shelf = self.shelf.now();
        let posts = shelf.roster.posts_of(subject, &shelf.absences, self.world.clock().now());
        Actor::Person { subject: subject.to_string(), posts, via: via.to_string() }
    }

    /// What an asker may see of a case; nothing when it is none of his business.
    #[must_use]
    pub fn sight(&self, case: &Case, actor: &Actor) -> Option<Sight> {
        let shelf = self.shelf.now();
        sight(shelf.workflow(&case.filing.digest)?, case, actor)
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

    /// The moment of the earliest timer of all cases.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn next_due(&self) -> Result<Option<Moment>, Fault> {
        Ok(self.store().next_due().await?.map(Moment::from_millis))
    }

    /// The stream of a case by its number.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn by_number(&self, number: &str) -> Result<Option<String>, Fault> {
        self.store().by_number(number).await
    }

    /// One page of several lists together, by due moment; a case that stands on several is there as often.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn page(
        &self,
        view: &str,
        owners: &[String],
        after: &After,
        limit: u32,
    ) -> Result<Vec<ViewRow>, Fault> {
        let mut found: Vec<(String, ViewRow)> = Vec::new();
        for owner in owners {
            found.extend(self.store().rows(view, owner, after.clone(), limit).await?);
        }
        let place = |row: &ViewRow| (row.due.unwrap_or(i64::MAX), row.key.clone());
        found.sort_by_key(|(_, row)| place(row));
        found.truncate(limit as usize);
        Ok(found.into_iter().map(|(_, row)| row).collect())
    }

    /// The rows of a view on one list.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn rows(
        &self,
        view: &str,
        owner: &str,
        after: After,
        limit: u32,
    ) -> Result<Vec<ViewRow>, Fault> {
        let rows = self.store().rows(view, owner, after, limit).await?;
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    /// The stream of a case by its tracking code; of a matter that was turned into another case, the latest.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn by_code(&self, code: &str) -> Result<Option<String>, Fault> {
        let hash = code_hash(code);
        let after = After { due: i64::MIN, key: String::new() };
        let rows = self.store().rows("code", &hash, after, TURNS_MAX).await?;
        // Streams are numbered by time.
        Ok(rows.into_iter().map(|(stream, _)| stream).max_by_key(|stream| id_part(stream).to_string()))
    }

    /// The stream of a case by its tracking code, for whoever asks from `from`: codes that open nothing make the next
    /// try wait longer, as wrong passwords do.
    ///
    /// # Errors
    /// [`Turned::Wait`], or when the store cannot be read.
    pub async fn by_code_from(&self, code: &str, from: &str) -> Result<Option<String>, Turned> {
        let now = self.world.clock().now().millis();
        let doors = [format!("code:{from}")];
        self.throttle.ask(&doors, now).map_err(Turned::Wait)?;
        let found = self.by_code(code).await?;
        match found {
            Some(_) => self.throttle.passed(&doors),
            None => self.throttle.failed(&doors, now),
        }
        Ok(found)
    }

    /// The latest messages, newest first: all, or those in a state.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn letters(&self, state: Option<&str>, limit: u32) -> Result<Vec<Posted>, Fault> {
        self.store().letters(state, limit).await
    }

    /// Lets a message that was given up go out again; false when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn send_again(&self, id: &str) -> Result<bool, Fault> {
        let now = self.world.clock().now().millis();
        self.store().letter_again(id, now).await
    }

    /// The salt and the value behind a commitment of a case, if they are not erased; written down first.
    ///
    /// # Errors
    /// When the store cannot be read, or the look cannot be written down.
    pub async fn behind(
        &self,
        actor: &Actor,
        stream: &str,
        commitment: &str,
    ) -> Result<Option<(Vec<u8>, Json)>, Fault> {
        self.access.witness(actor, stream, "receipt", Vec::new(), true).await?;
        let rows = self.store().vault(stream).await?;
        let row = rows.into_iter().find(|row| row.commitment == commitment);
        Ok(row.map(|row| (row.salt, serde_json::from_str(&row.value).unwrap_or(Json::Null))))
    }

    /// The personal values of a case that are not erased, by commitment: for this room alone; whoever shows them to
    /// people asks [`Desk::look`], which writes it down.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn reveal(&self, stream: &str) -> Result<BTreeMap<String, Json>, Fault> {
        let rows = self.store().vault(stream).await?;
        let value = |text: &str| serde_json::from_str(text).unwrap_or(Json::Null);
        Ok(rows.into_iter().map(|row| (row.commitment, value(&row.value))).collect())
    }
}

/// The id of a stream, without its kind.
fn id_part(stream: &str) -> &str {
    stream.split_once('/').map_or(stream, |(_, id)| id)
}

/// What the store keeps of a tracking code.
#[must_use]
pub fn code_hash(code: &str) -> String {
    hex::encode(Sha256::digest(code.as_bytes()))
}
