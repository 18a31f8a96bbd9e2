//! What is kept: streams of records, their chain, the vault, the outbox. Knows no rules.
//!
//! Records are opaque bytes with a header. Bytes are stored once, hashed as stored, and never written
//! again; each record names the hash of the one before it in its stream.

pub mod account;
pub mod anchor;
pub mod bound;
pub mod canonical;
pub mod chain;
pub mod entry;
pub mod fault;
pub mod file;
pub mod memory;
pub mod merkle;
pub mod proof;
pub mod record;
pub mod sqlite;
pub mod store;
pub mod tenant;
pub mod verify;

pub use account::{Accounts, ApiKey, Session, User};
pub use anchor::Anchor;
pub use bound::{Bind, Bound};
pub use entry::{
    Answer, Append, Document, Letter, Outcome, Posted, StoredRecord, StreamAppend, VaultRow, ViewRow,
};
pub use fault::Fault;
pub use file::{Files, Kept};
pub use memory::Memory;
pub use record::Header;
pub use sqlite::Sqlite;
pub use store::Store;
pub use tenant::Tenant;
