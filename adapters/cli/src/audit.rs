//! `paidan audit`: verify a store, replay a case.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use paidan_journal::verify::verify;
use paidan_journal::{Header, Sqlite, Store as _};
use paidan_machine::fact::Fact;
use paidan_machine::{Case, evolve};
use paidan_model::moment::{Moment, Zone};

use crate::Exit;
use crate::line::say;

/// What `audit` does.
#[derive(clap::Subcommand)]
pub enum Arguments {
    /// Looks through every record: hashes, links, numbering, columns.
    Verify {
        /// The store.
        #[arg(long)]
        store: PathBuf,
    },
    /// Prints a case as it is, or as it was at a recorded time.
    Replay {
        /// The case: its stream or its number.
        case: String,
        /// The store.
        #[arg(long)]
        store: PathBuf,
        /// The recorded time, `YYYY-MM-DD hh:mm` in local time or RFC 3339.
        #[arg(long)]
        at: Option<String>,
    },
}

/// Audits.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments {
            Arguments::Verify { store } => verify_store(store).await,
            Arguments::Replay { case, store, at } => replay(case, store, at.as_deref()).await,
        }
    })
}

async fn open(path: &Path) -> Result<Sqlite> {
    if !path.exists() {
        bail!("there is no store at {}", path.display());
    }
    Sqlite::open(path).await.with_context(|| path.display().to_string())
}

async fn verify_store(path: &Path) -> Result<Exit> {
    let report = verify(&open(path).await?, Default::default()).await?;
    for broken in &report.broken {
        say!("BROKEN {} record {}: {}", broken.stream, broken.seq, broken.what);
    }
    say!("{} streams, {} records, {} broken", report.streams, report.records, report.broken.len());
    Ok(if report.broken.is_empty() { Exit::Fine } else { Exit::Integrity })
}

async fn replay(case: &str, path: &Path, at: Option<&str>) -> Result<Exit> {
    let store = open(path).await?;
    let tenant = Default::default();
    let stream = match store.by_number(tenant, case).await? {
        Some(stream) => stream,
        None => case.to_string(),
    };
    let until = at.map(moment).transpose()?;
    let mut found: Option<Case> = None;
    for record in store.load(tenant, &stream, 0).await? {
        if until.is_some_and(|until| record.at > until.millis()) {
            break;
        }
        let header = Header::read(&record.bytes)?;
        let facts = header.data.get("facts").cloned().unwrap_or_default();
        let facts: Vec<Fact> = serde_json::from_value(facts)?;
        found = facts.iter().fold(found, evolve);
    }
    let Some(found) = found else { bail!("there is no case `{case}` at that time") };
    say!("{}", serde_json::to_string_pretty(&found)?);
    Ok(Exit::Fine)
}

fn moment(text: &str) -> Result<Moment> {
    let found = Moment::parse_local(text, &Zone::SHANGHAI).or_else(|| Moment::parse_rfc3339(text));
    found.with_context(|| format!("`{text}` is no moment such as `2026-10-08 12:00`"))
}
