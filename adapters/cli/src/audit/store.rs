//! The store that is looked at, and what is said of one that is empty.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use paidan_journal::{Sqlite, Store as _};

use crate::exit::Exit;
use crate::line::say;

pub(super) async fn open(path: &Path) -> Result<Sqlite> {
    if !path.exists() {
        bail!("there is no store at {}", path.display());
    }
    Sqlite::open(path).await.with_context(|| path.display().to_string())
}

/// The stream of a case, by its number or by itself.
pub(super) async fn stream_of(store: &Sqlite, case: &str) -> Result<String> {
    Ok(store.by_number(Default::default(), case).await?.unwrap_or_else(|| case.to_string()))
}

/// Says of a store without a record why it may have none.
pub(super) fn empty() -> Exit {
    say!(
        "BROKEN the history is empty; was the file copied without the `-wal` beside it, while somebody wrote?"
    );
    Exit::Integrity
}

/// Streams looked at together.
pub(super) const PAGE: u32 = 500;
