//! The store: what every back end can do. Two of them pass the same exam.

use std::future::Future;

use crate::account::Accounts;
use crate::entry::{Answer, Append, Document, Head, Outcome, Posted, StoredRecord, VaultRow, ViewRow};
use crate::fault::Fault;
use crate::file::Files;
use crate::tenant::Tenant;

/// What becomes of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It arrived.
    Delivered {
        /// What was said.
        note: String,
        /// When.
        at: i64,
    },
    /// It is tried again.
    Again {
        /// Why.
        note: String,
        /// When.
        not_before: i64,
        /// Whether this counts as a try.
        tried: bool,
    },
    /// It is given up; a person sees it.
    Dead {
        /// Why.
        note: String,
        /// When.
        at: i64,
    },
}

/// Where a page of rows goes on: after this due moment and key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct After {
    /// The due moment of the last row seen.
    pub due: i64,
    /// Its key.
    pub key: String,
}

/// What every back end can do.
pub trait Store: Accounts + Files + Send + Sync + 'static {
    /// Writes appends, each wholly or not at all, in one transaction. Returns only what is durable.
    fn append(&self, tenant: Tenant, batch: Vec<Append>) -> impl Future<Output = Vec<Outcome>> + Send;
    /// The records of a stream after a sequence.
    fn load(
        &self,
        tenant: Tenant,
        stream: &str,
        after: u64,
    ) -> impl Future<Output = Result<Vec<StoredRecord>, Fault>> + Send;
    /// The end of a stream, as the store keeps it beside the records.
    fn head(&self, tenant: Tenant, stream: &str) -> impl Future<Output = Result<Option<Head>, Fault>> + Send;
    /// Records of all streams in the order in which they were written, after a place; each with its stream.
    fn in_order(
        &self,
        tenant: Tenant,
        after: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<(String, StoredRecord)>, Fault>> + Send;
    /// Every stream, in order of name, after one.
    fn streams(
        &self,
        tenant: Tenant,
        after: &str,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<String>, Fault>> + Send;
    /// Streams with timers due by a moment, earliest first.
    fn due(
        &self,
        tenant: Tenant,
        by: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<(String, i64)>, Fault>> + Send;
    /// The earliest timer of all.
    fn next_due(&self, tenant: Tenant) -> impl Future<Output = Result<Option<i64>, Fault>> + Send;
    /// Letters that may go out by a moment.
    fn letters_ready(
        &self,
        tenant: Tenant,
        by: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Posted>, Fault>> + Send;
    /// Notes what became of a letter.
    fn letter_done(
        &self,
        tenant: Tenant,
        id: &str,
        delivery: Delivery,
    ) -> impl Future<Output = Result<(), Fault>> + Send;
    /// The latest letters, newest first: all, or those in a state.
    fn letters(
        &self,
        tenant: Tenant,
        state: Option<&str>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Posted>, Fault>> + Send;
    /// Lets a letter that was given up go out again, tried no time so far; false when none of that id was.
    fn letter_again(
        &self,
        tenant: Tenant,
        id: &str,
        not_before: i64,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;
    /// Rows of a view on one list, by due moment and key.
    fn rows(
        &self,
        tenant: Tenant,
        view: &str,
        owner: &str,
        after: After,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<(String, ViewRow)>, Fault>> + Send;
    /// Every row of a stream.
    fn rows_of(
        &self,
        tenant: Tenant,
        stream: &str,
    ) -> impl Future<Output = Result<Vec<ViewRow>, Fault>> + Send;
    /// The values of a stream that are not erased.
    fn vault(
        &self,
        tenant: Tenant,
        stream: &str,
    ) -> impl Future<Output = Result<Vec<VaultRow>, Fault>> + Send;
    /// Erases every value of a stream, and the files that only they name; says how many. Twice is the same as once.
    fn erase_stream(&self, tenant: Tenant, stream: &str) -> impl Future<Output = Result<u64, Fault>> + Send;
    /// Erases every value of a subject; says how many.
    fn erase(&self, tenant: Tenant, subject: &str) -> impl Future<Output = Result<u64, Fault>> + Send;
    /// The answer to a request.
    fn answer(&self, tenant: Tenant, key: &str)
    -> impl Future<Output = Result<Option<Answer>, Fault>> + Send;
    /// A document by digest.
    fn document(
        &self,
        tenant: Tenant,
        digest: &str,
    ) -> impl Future<Output = Result<Option<Document>, Fault>> + Send;
    /// The documents of a kind, oldest first.
    fn documents(
        &self,
        tenant: Tenant,
        kind: &str,
    ) -> impl Future<Output = Result<Vec<Document>, Fault>> + Send;
    /// The stream of a public number.
    fn by_number(
        &self,
        tenant: Tenant,
        number: &str,
    ) -> impl Future<Output = Result<Option<String>, Fault>> + Send;
    /// Takes a block of serials of a unit and day; returns the first.
    fn numbers(
        &self,
        tenant: Tenant,
        unit: &str,
        day: &str,
        size: u32,
    ) -> impl Future<Output = Result<u32, Fault>> + Send;
    /// A mark of the whole store.
    fn marked(&self, key: &str) -> impl Future<Output = Result<Option<String>, Fault>> + Send;
    /// Sets a mark of the whole store.
    fn mark(&self, key: &str, value: &str) -> impl Future<Output = Result<(), Fault>> + Send;
}
