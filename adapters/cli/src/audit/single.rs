//! The records of one case: verified in the store, taken out, and verified again by whoever has nothing but them.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use paidan_journal::Store as _;
use paidan_journal::verify::{Chain, exported, stream as verify_stream};

use super::{open, stream_of};
use crate::Exit;
use crate::line::say;

/// The longest file of records that is read: far more than any case has.
const EXPORT_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Looks through the records of one case, and prints their head.
pub async fn verify_case(case: &str, path: &Path) -> Result<Exit> {
    let store = open(path).await?;
    let stream = stream_of(&store, case).await?;
    let chain = verify_stream(&store, Default::default(), &stream).await?;
    store.close().await;
    if chain.records == 0 && chain.broken.is_none() {
        bail!("there is no case `{case}`");
    }
    Ok(tell(&stream, &chain))
}

/// Looks through records that were taken out of a store.
pub fn verify_records(path: &Path) -> Result<Exit> {
    let shown = || path.display().to_string();
    if std::fs::metadata(path).with_context(shown)?.len() > EXPORT_BYTES_MAX {
        bail!("{} is longer than {EXPORT_BYTES_MAX} bytes", shown());
    }
    let text = String::from_utf8_lossy(&std::fs::read(path).with_context(shown)?).into_owned();
    let (stream, chain) = exported(&text);
    if chain.records == 0 && chain.broken.is_none() {
        bail!("{} has no records", shown());
    }
    Ok(tell(&stream, &chain))
}

fn tell(stream: &str, chain: &Chain) -> Exit {
    if let Some(broken) = &chain.broken {
        say!("BROKEN {stream} record {}: {}", broken.seq, broken.what);
    }
    let found = if chain.broken.is_none() { "intact" } else { "broken" };
    say!("{stream}: {} records, {found}, head {}", chain.records, chain.head);
    if chain.broken.is_none() {
        say!(
            "records that were cut off at the end, or all written anew, give another head: compare it with the one on the case's page"
        );
    }
    if chain.broken.is_none() { Exit::Fine } else { Exit::Integrity }
}

/// Writes the records of a case, each as it is stored, one a line.
pub async fn export(case: &str, path: &Path, out: Option<&Path>) -> Result<Exit> {
    let store = open(path).await?;
    let stream = stream_of(&store, case).await?;
    let records = store.load(Default::default(), &stream, 0).await?;
    store.close().await;
    if records.is_empty() {
        bail!("there is no case `{case}`");
    }
    let lines = records.iter().map(|record| std::str::from_utf8(&record.bytes));
    let lines: Vec<&str> = lines.collect::<Result<_, _>>().context("a record is no text")?;
    match out {
        Some(out) => {
            std::fs::write(out, lines.join("\n") + "\n").with_context(|| out.display().to_string())?
        }
        None => lines.iter().for_each(|line| say!("{line}")),
    }
    Ok(Exit::Fine)
}
