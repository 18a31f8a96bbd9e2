//! Queries: what is asked about cases, lists and messages. Nothing is changed by them but the access log.

use std::collections::BTreeMap;
use std::sync::Arc;

use paidan_journal::entry::{Posted, ViewRow};
use paidan_journal::store::After;
use paidan_journal::{Bind as _, Bound, Fault, Tenant};
use paidan_machine::actor::Actor;
use paidan_machine::{Case, Offer, Sight, offers, sight};
use paidan_model::moment::Moment;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use crate::access::AccessLog;
use crate::account::Turned;
use crate::entry::{Entry, fold};
use crate::shelf::Shelf;
use crate::throttle::Throttle;
use crate::world::{Clock as _, World};

/// How often a matter may be turned into another case and still be found by its code.
const TURNS_MAX: u32 = 16;

/// Where questions are asked; cheap to clone.
#[derive(Debug)]
pub struct Queries<W: World> {
    pub(crate) world: Arc<W>,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) tenant: Tenant,
    pub(crate) access: AccessLog<W>,
    throttle: Arc<Throttle>,
}

impl<W: World> Clone for Queries<W> {
    fn clone(&self) -> Self {
        Self {
            world: Arc::clone(&self.world),
            shelf: Arc::clone(&self.shelf),
            tenant: self.tenant,
            access: self.access.clone(),
            throttle: Arc::clone(&self.throttle),
        }
    }
}

impl<W: World> Queries<W> {
    /// Questions about the cases of a tenant.
    #[must_use]
    pub(crate) fn new(
        world: Arc<W>,
        shelf: Arc<Shelf>,
        tenant: Tenant,
        access: AccessLog<W>,
        throttle: Arc<Throttle>,
    ) -> Self {
        Self { world, shelf, tenant, access, throttle }
    }

    pub(crate) fn store(&self) -> Bound<'_, W::Store> {
        self.world.store().of(self.tenant)
    }

    /// The records of a case, decoded.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn timeline(&self, stream: &str) -> Result<Vec<Entry>, Fault> {
        let records = self.store().load(stream, 0).await?;
        records.iter().map(|record| Entry::read(stream, record)).collect()
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

    /// What an asker may see of a case; nothing when it is none of his business.
    #[must_use]
    pub fn sight(&self, case: &Case, actor: &Actor) -> Option<Sight> {
        let shelf = self.shelf.now();
        sight(shelf.workflow(&case.filing.digest)?, case, actor)
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
    /// people asks [`Queries::look`], which writes it down.
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
