//! One byte forged, on a copy of a demonstration's store, to show that the audit names the case and the record.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use paidan_http::{Forged, Stage};
use paidan_journal::record::FORM;
use paidan_journal::verify::verify;
use paidan_journal::{Sqlite, Store as _, StoredRecord};

use crate::engine::Town;

/// Bytes shown around the one that is forged.
const AROUND: usize = 16;
/// Where in a record the byte is looked for: within its data.
const BEFORE: &[u8] = b"\"facts\":[{\"";

/// A stage whose copies lie in a folder of the system, each for as long as it is looked at.
pub fn stage(town: &Arc<Town>) -> Stage {
    let town = Arc::clone(town);
    Stage::new(move |stream| {
        let town = Arc::clone(&town);
        Box::pin(async move { forge(&town, &stream).await.map_err(|error| format!("{error:#}")) })
    })
}

async fn forge(town: &Town, stream: &str) -> Result<Forged> {
    let records = town.store.load(Default::default(), stream, 0).await?;
    let record = records.get(records.len() / 2).context("the case has no record")?;
    let name = format!("paidan-forged-{}-{}", std::process::id(), uuid::Uuid::now_v7());
    let folder = Folder(std::env::temp_dir().join(name));
    std::fs::create_dir(&folder.0)?;
    let copy = folder.0.join("copy.paidan");
    town.store.copy_to(&copy).await?;
    let (before, after) = change(&copy, record)?;
    let store = Sqlite::open(&copy).await?;
    let report = verify(&store, Default::default()).await?;
    store.close().await;
    let told = |broken: &paidan_journal::chain::Broken| {
        format!("BROKEN {} record {}: {}", broken.stream, broken.seq, broken.what)
    };
    Ok(Forged { before, after, broken: report.broken.iter().map(told).collect(), records: report.records })
}

/// A folder that goes when it is no longer looked at.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "a forged copy is left over");
        }
    }
}

/// Changes one byte of a record in a file; gives the words around it before and after.
fn change(path: &Path, record: &StoredRecord) -> Result<(String, String)> {
    let mut bytes = std::fs::read(path)?;
    let body = record.body();
    let within = find(body, BEFORE).context("the record has no facts")? + BEFORE.len();
    // Only the beginning of a long body lies in one piece. The command's id stands before it in the
    // file, and a byte with the form: other bodies may begin alike.
    let form = u8::try_from(FORM).context("the form is more than a byte")?;
    let mut head = record.cmd.clone().into_bytes();
    head.push(form);
    let before = head.len();
    head.extend(body.get(..within + 1).context("the record ends early")?);
    let at = find(&bytes, &head).context("the record is not in the copy")? + before + within;
    let words = |bytes: &[u8]| {
        let around = bytes.get(at - AROUND..at + AROUND).unwrap_or_default();
        String::from_utf8_lossy(around).into_owned()
    };
    let before = words(&bytes);
    let byte = bytes.get_mut(at).context("the byte is not there")?;
    *byte ^= 1;
    std::fs::write(path, &bytes)?;
    Ok((before, words(&bytes)))
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|window| window == what)
}
