//! What is in force of a town besides definitions: calendars, roster, duty list. Each is a document in
//! the journal. Who publishes one leaves a record in the stream of its kind; what a town starts with
//! leaves none, and stands back where another was published since.

use std::collections::BTreeMap;

use paidan_journal::entry::{Append, Document, Outcome};
use paidan_journal::{Bound, Fault, Header, Store, Tenant};
use paidan_model::calendar::Calendar;
use paidan_model::duty::DutyList;
use paidan_model::id::CalendarId;
use paidan_model::roster::Roster;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// A document of a town that is in force as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The calendars.
    Calendars,
    /// The units, people and places.
    Roster,
    /// Which unit answers for what.
    Duties,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Calendars, Self::Roster, Self::Duties];

    /// Its name in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Calendars => "calendars",
            Self::Roster => "roster",
            Self::Duties => "duties",
        }
    }

    /// The stream of who published one.
    #[must_use]
    pub fn stream(self) -> String {
        format!("document/{}", self.name())
    }

    /// Under which mark the digest of the one in force is kept.
    pub(crate) fn in_force(self, tenant: Tenant) -> String {
        format!("in force/{}/{}", tenant.0, self.name())
    }

    /// Under which mark the digest of the one that the town last started with is kept.
    pub(crate) fn started_with(self, tenant: Tenant) -> String {
        format!("started with/{}/{}", tenant.0, self.name())
    }
}

/// A document that is in force as a whole, under its name.
pub(crate) fn document(name: &str, value: &impl Serialize) -> Result<Document, Fault> {
    let value = serde_json::to_value(value).map_err(|error| unreadable(name, error))?;
    let bytes = value.to_string().into_bytes();
    let digest = hex::encode(Sha256::digest(&bytes));
    Ok(Document { digest, kind: name.into(), name: name.into(), version: 1, bytes, source: String::new() })
}

/// What is to be in force; what is none stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewTown<'a> {
    /// All calendars.
    pub calendars: Option<&'a BTreeMap<CalendarId, Calendar>>,
    /// The roster.
    pub roster: Option<&'a Roster>,
    /// The duty list.
    pub duties: Option<&'a DutyList>,
}

impl NewTown<'_> {
    /// The documents, each with its kind.
    pub(crate) fn documents(&self) -> Result<Vec<(Kind, Document)>, Fault> {
        let calendars = self.calendars.map(|all| document(Kind::Calendars.name(), all)).transpose()?;
        let roster = self.roster.map(|roster| document(Kind::Roster.name(), roster)).transpose()?;
        let duties = self.duties.map(|duties| document(Kind::Duties.name(), duties)).transpose()?;
        let all = [(Kind::Calendars, calendars), (Kind::Roster, roster), (Kind::Duties, duties)];
        Ok(all.into_iter().filter_map(|(kind, document)| Some((kind, document?))).collect())
    }
}

/// A document that cannot be read or written.
pub(crate) fn unreadable(what: &str, error: impl std::fmt::Display) -> Fault {
    Fault::Record(format!("the document {what}: {error}"))
}

/// The document of a kind that is in force. Whoever published it may have been stopped between the
/// record and the mark: a record that names what the mark says as what it replaced is newer.
pub(crate) async fn in_force<S: Store>(store: Bound<'_, S>, kind: Kind) -> Result<Option<Document>, Fault> {
    let marked = store.whole().marked(&kind.in_force(store.tenant())).await?;
    let head = store.head(&kind.stream()).await?.unwrap_or_default();
    let last = store.load(&kind.stream(), head.seq.saturating_sub(1)).await?.pop();
    let published = last.map(|last| Header::read(&last.bytes)).transpose()?;
    let names = |key: &str| Some(published.as_ref()?.data.get(key)?.as_str()?.to_string());
    let newer = names("digest").filter(|_| names("replaced") == marked);
    match newer.or(marked) {
        Some(digest) => store.document(&digest).await,
        None => Ok(None),
    }
}

/// Appends; false when somebody else wrote meanwhile.
pub(crate) async fn append<S: Store>(store: Bound<'_, S>, append: Append) -> Result<bool, Fault> {
    match store.append(vec![append]).await.pop() {
        Some(Outcome::Stored(_)) => Ok(true),
        Some(Outcome::Conflict { .. }) => Ok(false),
        Some(
            lost @ (Outcome::Repeated(_) | Outcome::NoFile(_) | Outcome::Unknown(_) | Outcome::Failed(_)),
        ) => Err(Fault::Record(format!("the documents were not kept: {lost:?}"))),
        None => Err(Fault::Record("the store said nothing of what it was given".into())),
    }
}

/// Keeps documents and puts them in force, without a record.
pub(crate) async fn put<S: Store>(store: Bound<'_, S>, new: Vec<(Kind, Document)>) -> Result<(), Fault> {
    let marks: Vec<(String, String)> =
        new.iter().map(|(kind, document)| (kind.in_force(store.tenant()), document.digest.clone())).collect();
    let documents = new.into_iter().map(|(_, document)| document).collect();
    append(store, Append { documents, ..Append::default() }).await?;
    for (key, digest) in marks {
        store.whole().mark(&key, &digest).await?;
    }
    Ok(())
}
