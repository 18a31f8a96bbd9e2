//! A store bound to one tenant: whose data it is, is said once.

use futures_core::Stream;

use crate::account::{ApiKey, SavedView, Session, User};
use crate::entry::{Answer, Append, Document, Head, Outcome, Posted, StoredRecord, VaultRow, ViewRow};
use crate::fault::Fault;
use crate::file::{Incoming, Kept, NotKept};
use crate::store::{After, Delivery, Store};
use crate::tenant::Tenant;

/// A store that is asked for the data of one tenant.
#[derive(Debug)]
pub struct Bound<'s, S> {
    store: &'s S,
    tenant: Tenant,
}

impl<S> Clone for Bound<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Bound<'_, S> {}

/// Binds a store to a tenant.
pub trait Bind: Store + Sized {
    /// The store, of a tenant.
    fn of(&self, tenant: Tenant) -> Bound<'_, Self> {
        Bound { store: self, tenant }
    }
}

impl<S: Store> Bind for S {}

macro_rules! passed_on {
    ($($about:literal $name:ident($($arg:ident: $type:ty),*) -> $answer:ty;)+) => {
        impl<S: Store> Bound<'_, S> {
            $(
                #[doc = $about]
                ///
                /// # Errors
                /// As for the method of that name of the store.
                pub async fn $name(self, $($arg: $type),*) -> $answer {
                    self.store.$name(self.tenant, $($arg),*).await
                }
            )+
        }
    };
}

passed_on! {
    "Writes appends, each wholly or not at all, in one transaction."
    append(batch: Vec<Append>) -> Vec<Outcome>;
    "The records of a stream after a sequence."
    load(stream: &str, after: u64) -> Result<Vec<StoredRecord>, Fault>;
    "The end of a stream."
    head(stream: &str) -> Result<Option<Head>, Fault>;
    "Records of all streams in the order in which they were written, after a place."
    in_order(after: i64, limit: u32) -> Result<Vec<(String, StoredRecord)>, Fault>;
    "Every stream, in order of name, after one."
    streams(after: &str, limit: u32) -> Result<Vec<String>, Fault>;
    "Streams with timers due by a moment, earliest first."
    due(by: i64, limit: u32) -> Result<Vec<(String, i64)>, Fault>;
    "The earliest timer of all."
    next_due() -> Result<Option<i64>, Fault>;
    "Letters that may go out by a moment."
    letters_ready(by: i64, limit: u32) -> Result<Vec<Posted>, Fault>;
    "Notes what became of a letter."
    letter_done(id: &str, delivery: Delivery) -> Result<(), Fault>;
    "The latest letters, newest first: all, or those in a state."
    letters(state: Option<&str>, limit: u32) -> Result<Vec<Posted>, Fault>;
    "Lets a letter that was given up go out again; false when there is none."
    letter_again(id: &str, not_before: i64) -> Result<bool, Fault>;
    "Rows of a view on one list, by due moment and key."
    rows(view: &str, owner: &str, after: After, limit: u32) -> Result<Vec<(String, ViewRow)>, Fault>;
    "Every row of a stream."
    rows_of(stream: &str) -> Result<Vec<ViewRow>, Fault>;
    "The values of a stream that are not erased."
    vault(stream: &str) -> Result<Vec<VaultRow>, Fault>;
    "Erases every value of a stream, and the files that only they name; says how many."
    erase_stream(stream: &str) -> Result<u64, Fault>;
    "Erases every value of a subject; says how many."
    erase(subject: &str) -> Result<u64, Fault>;
    "The answer to a request."
    answer(key: &str) -> Result<Option<Answer>, Fault>;
    "A document by digest."
    document(digest: &str) -> Result<Option<Document>, Fault>;
    "The documents of a kind, oldest first."
    documents(kind: &str) -> Result<Vec<Document>, Fault>;
    "The stream of a public number."
    by_number(number: &str) -> Result<Option<String>, Fault>;
    "Takes a block of serials of a unit and day; returns the first."
    numbers(unit: &str, day: &str, size: u32) -> Result<u32, Fault>;
    "Every user, by name."
    users() -> Result<Vec<User>, Fault>;
    "Writes a user; false when another user has the name."
    put_user(user: User) -> Result<bool, Fault>;
    "Writes a session."
    put_session(session: Session) -> Result<(), Fault>;
    "The session of a token's hash."
    session(token: &str) -> Result<Option<Session>, Fault>;
    "Ends one session."
    end_session(token: &str) -> Result<(), Fault>;
    "Ends every session of a subject, and those that expired by a moment; says how many."
    end_sessions(subject: &str, expired_by: i64) -> Result<u64, Fault>;
    "Every key, oldest first."
    keys() -> Result<Vec<ApiKey>, Fault>;
    "The key of that id."
    key(id: &str) -> Result<Option<ApiKey>, Fault>;
    "The saved views of a subject, by id."
    saved(subject: &str) -> Result<Vec<SavedView>, Fault>;
    "Writes a saved view."
    put_saved(view: SavedView) -> Result<(), Fault>;
    "Drops a saved view; false when there is none."
    drop_saved(subject: &str, id: &str) -> Result<bool, Fault>;
    "Writes a key."
    put_key(key: ApiKey) -> Result<(), Fault>;
    "What is known of a file."
    file(digest: &str) -> Result<Option<Kept>, Fault>;
    "Whether somebody sent a file that is kept."
    sent_file(digest: &str, subject: &str) -> Result<bool, Fault>;
    "The streams whose values name a file, in order of name."
    streams_of_file(digest: &str) -> Result<Vec<String>, Fault>;
    "Some bytes of a file from an offset; empty at its end."
    file_piece(digest: &str, offset: u64, most: usize) -> Result<Vec<u8>, Fault>;
    "Forgets files that came before a moment and that no value names; says how many."
    sweep_files(before: i64) -> Result<u64, Fault>;
}

impl<'s, S: Store> Bound<'s, S> {
    /// Whose data.
    #[must_use]
    pub fn tenant(self) -> Tenant {
        self.tenant
    }

    /// The whole store, for its marks.
    #[must_use]
    pub fn whole(self) -> &'s S {
        self.store
    }

    /// Keeps a file, piece by piece.
    ///
    /// # Errors
    /// As for the method of that name of the store.
    pub async fn keep_file<B: AsRef<[u8]> + Send>(
        self,
        incoming: Incoming<'_>,
        pieces: impl Stream<Item = Result<B, String>> + Send + Unpin,
    ) -> Result<Result<Kept, NotKept>, Fault> {
        self.store.keep_file(self.tenant, incoming, pieces).await
    }
}
