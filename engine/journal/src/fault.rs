//! Faults: the world failed. No rule was broken.

/// The world failed.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Another process has the file.
    #[error("the store is in use by another process")]
    Locked,
    /// The file is of another format.
    #[error(
        "the store has format {found}; this program knows {known}, \
         and `paidan store upgrade` rewrites one of format 10"
    )]
    Format {
        /// What the file says.
        found: String,
        /// What this program knows.
        known: u32,
    },
    /// The file does not keep what it is told to keep.
    #[error("the store is not durable: {0}")]
    NotDurable(String),
    /// Bytes that are no record.
    #[error("not a record: {0}")]
    Record(String),
    /// The database said no.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The file system said no.
    #[error("the file system: {0}")]
    Files(#[from] std::io::Error),
}

impl Fault {
    /// Whether there was no room to write. Nothing is broken then: with room it goes on.
    #[must_use]
    pub fn is_full(&self) -> bool {
        /// SQLite's number for a full disk, `SQLITE_FULL`.
        const FULL: &str = "13";
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.code().as_deref() == Some(FULL))
    }
}
