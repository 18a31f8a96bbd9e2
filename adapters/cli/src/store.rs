//! `paidan store`: the file of a town as such.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use paidan_journal::sqlite::FORMAT;
use paidan_journal::sqlite::upgrade::{Upgraded, upgrade};
use paidan_runtime::upgrade::Rewriting;

use crate::Exit;
use crate::line::say;

/// What `store` does.
#[derive(clap::Subcommand)]
pub enum Upkeep {
    /// Rewrites a store of the format before, whole or not at all; the file as it was is kept
    /// beside it.
    Upgrade {
        /// The store's file; no server has it open.
        #[arg(long)]
        store: PathBuf,
    },
}

/// Runs it.
///
/// # Errors
/// When there is no such store, or it cannot be upgraded; it is what it was then.
pub fn run(upkeep: &Upkeep) -> Result<Exit> {
    let Upkeep::Upgrade { store } = upkeep;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(upgraded(store))
}

async fn upgraded(path: &Path) -> Result<Exit> {
    if !path.exists() {
        bail!("there is no store at {}", path.display());
    }
    let done = upgrade(path, &Rewriting).await.with_context(|| path.display().to_string())?;
    let Some(Upgraded { records, bytes_before, bytes, kept }) = done else {
        say!("{} has format {FORMAT} already", path.display());
        return Ok(Exit::Fine);
    };
    say!("{records} records rewritten, {bytes_before} bytes before, {bytes} now; format {FORMAT}");
    let kept = kept.display();
    say!("as it was it is kept at {kept}: anchors from before hold for that file alone");
    crate::audit::verify_store(path, &[]).await
}
