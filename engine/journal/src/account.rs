//! Accounts: who may log in, who is logged in, and which programs may ask. Tables that change in place.

use std::future::Future;

use crate::fault::Fault;
use crate::tenant::Tenant;

/// Somebody who may log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The subject id, as rosters and records have it.
    pub subject: String,
    /// The name typed at login; one user has it.
    pub name: String,
    /// The password's hash in PHC form, never the password.
    pub password: String,
    /// Whether this user looks after users, keys and undelivered messages.
    pub admin: bool,
    /// Whether the user may no longer log in.
    pub disabled: bool,
    /// When this row was written, milliseconds.
    pub changed: i64,
}

/// Somebody who is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the token, hex; the token itself is only in the browser.
    pub token: String,
    /// Who.
    pub subject: String,
    /// Since when, milliseconds.
    pub created: i64,
    /// Until when, milliseconds.
    pub expires: i64,
}

/// A key with which a program asks in somebody's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its public part.
    pub id: String,
    /// SHA-256 of the whole key, hex.
    pub hash: String,
    /// In whose name.
    pub subject: String,
    /// What it is for.
    pub title: String,
    /// Whether it may only look.
    pub read_only: bool,
    /// When it was made, milliseconds.
    pub created: i64,
    /// Until when, milliseconds; none: until it is revoked.
    pub expires: Option<i64>,
    /// Whether it was revoked.
    pub revoked: bool,
}

/// A filter of lists under a name, kept for whoever made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    /// Whose.
    pub subject: String,
    /// Its id, among theirs.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The filter, JSON.
    pub filter: String,
}

/// What a store keeps of accounts. Writing twice leaves the last.
pub trait Accounts: Send + Sync + 'static {
    /// Every user, by name.
    fn users(&self, tenant: Tenant) -> impl Future<Output = Result<Vec<User>, Fault>> + Send;
    /// Writes a user; false when another user has the name.
    fn put_user(&self, tenant: Tenant, user: User) -> impl Future<Output = Result<bool, Fault>> + Send;
    /// Writes a session.
    fn put_session(&self, tenant: Tenant, session: Session)
    -> impl Future<Output = Result<(), Fault>> + Send;
    /// The session of a token's hash.
    fn session(
        &self,
        tenant: Tenant,
        token: &str,
    ) -> impl Future<Output = Result<Option<Session>, Fault>> + Send;
    /// Ends one session.
    fn end_session(&self, tenant: Tenant, token: &str) -> impl Future<Output = Result<(), Fault>> + Send;
    /// Ends every session of a subject, and those that expired by a moment; says how many.
    fn end_sessions(
        &self,
        tenant: Tenant,
        subject: &str,
        expired_by: i64,
    ) -> impl Future<Output = Result<u64, Fault>> + Send;
    /// Every key, oldest first.
    fn keys(&self, tenant: Tenant) -> impl Future<Output = Result<Vec<ApiKey>, Fault>> + Send;
    /// The key of that id.
    fn key(&self, tenant: Tenant, id: &str) -> impl Future<Output = Result<Option<ApiKey>, Fault>> + Send;
    /// The saved views of a subject, by id.
    fn saved(
        &self,
        tenant: Tenant,
        subject: &str,
    ) -> impl Future<Output = Result<Vec<SavedView>, Fault>> + Send;
    /// Writes a saved view.
    fn put_saved(&self, tenant: Tenant, view: SavedView) -> impl Future<Output = Result<(), Fault>> + Send;
    /// Drops a saved view; false when there is none.
    fn drop_saved(
        &self,
        tenant: Tenant,
        subject: &str,
        id: &str,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;
    /// Writes a key.
    fn put_key(&self, tenant: Tenant, key: ApiKey) -> impl Future<Output = Result<(), Fault>> + Send;
}
