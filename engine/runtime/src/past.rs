//! What held of a case when a record of it was written: the calendars and the roster that its records name; and whether
//! its records still are what they were.

use std::collections::BTreeMap;
use std::sync::Arc;

use paidan_journal::Fault;
use paidan_journal::verify::{Chain, stream as verify_stream};
use paidan_machine::Case;
use paidan_machine::calendar_of;
use paidan_machine::fact::ClockKey;
use paidan_model::calendar::Calendar;
use paidan_model::id::CalendarId;
use paidan_model::roster::Roster;
use paidan_model::workflow::Workflow;
use serde::de::DeserializeOwned;

use crate::entry::Entry;
use crate::queries::Queries;
use crate::shelf::InForce;
use crate::world::World;

/// The most records of one case that are verified while people wait; a longer one is verified from the command line.
pub const VERIFIED_RECORDS_MAX: u64 = 20_000;

/// What was in force at a record; read from the documents only where it is not in force still.
#[derive(Debug)]
pub struct Then {
    now: Arc<InForce>,
    calendars: Option<BTreeMap<CalendarId, Calendar>>,
    roster: Option<Roster>,
    /// The digests that records up to then name, by kind.
    pub named: BTreeMap<String, String>,
}

impl Then {
    /// The calendar that a case's clock counted in.
    #[must_use]
    pub fn calendar(&self, workflow: &Workflow, case: &Case, clock: &ClockKey) -> Option<&Calendar> {
        match &self.calendars {
            Some(calendars) => calendars.get(calendar_of(workflow, case, Some(self.roster()), clock)?),
            None => self.now.calendar(workflow, case, clock),
        }
    }

    /// The roster.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        self.roster.as_ref().unwrap_or(&self.now.roster)
    }
}

/// What records up to one of them name as in force, by kind.
#[must_use]
pub fn named(entries: &[Entry]) -> BTreeMap<String, String> {
    let all = entries.iter().flat_map(|entry| &entry.named);
    all.map(|(kind, digest)| (kind.clone(), digest.clone())).collect()
}

impl<W: World> Queries<W> {
    /// What was in force at the last of these records.
    ///
    /// # Errors
    /// When the store cannot be read, or has not kept what a record names.
    pub async fn then(&self, entries: &[Entry]) -> Result<Then, Fault> {
        let (now, named) = (self.shelf.now(), named(entries));
        let calendars = self.earlier(&now, &named, "calendars").await?;
        let roster = self.earlier(&now, &named, "roster").await?;
        Ok(Then { now, calendars, roster, named })
    }

    async fn earlier<T: DeserializeOwned>(
        &self,
        now: &InForce,
        named: &BTreeMap<String, String>,
        kind: &str,
    ) -> Result<Option<T>, Fault> {
        let Some(digest) = named.get(kind).filter(|digest| now.named.get(kind) != Some(digest)) else {
            return Ok(None);
        };
        let lost = |why: String| Fault::Record(format!("the {kind} {digest} of a record: {why}"));
        let document = self.store().document(digest).await?;
        let document = document.ok_or_else(|| lost("not in the store".into()))?;
        serde_json::from_slice(&document.bytes).map(Some).map_err(|error| lost(error.to_string()))
    }

    /// The text from which a definition was read, as it was published.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn source(&self, digest: &str) -> Result<Option<String>, Fault> {
        let document = self.store().document(digest).await?;
        Ok(document.map(|document| document.source).filter(|source| !source.is_empty()))
    }

    /// Looks through the records of a case from the first to the last; nothing when they are more than
    /// [`VERIFIED_RECORDS_MAX`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn verify(&self, stream: &str) -> Result<Option<Chain>, Fault> {
        let head = self.store().head(stream).await?.unwrap_or_default();
        if head.seq > VERIFIED_RECORDS_MAX {
            return Ok(None);
        }
        verify_stream(self.world.store(), self.tenant, stream).await.map(Some)
    }
}
