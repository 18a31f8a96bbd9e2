//! The records of one case: verified in the store, taken out, and verified again by whoever has nothing but them.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use paidan_journal::proof::prove;
use paidan_journal::verify::{Chain, Covered, Exported, covered_line, exported, stream as verify_stream};
use paidan_journal::{Anchor, Store as _};

use super::{open, stream_of};
use crate::exit::Exit;
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

/// Looks through records that were taken out of a store; with anchors the proof among them has to be one of each.
pub fn verify_records(path: &Path, anchors: &[Anchor]) -> Result<Exit> {
    let shown = || path.display().to_string();
    if std::fs::metadata(path).with_context(shown)?.len() > EXPORT_BYTES_MAX {
        bail!("{} is longer than {EXPORT_BYTES_MAX} bytes", shown());
    }
    let text = String::from_utf8_lossy(&std::fs::read(path).with_context(shown)?).into_owned();
    let Exported { stream, chain, withheld, covered, loose } = exported(&text);
    if chain.records == 0 && chain.broken.is_none() {
        bail!("{} has no records", shown());
    }
    let told = tell(&stream, &chain);
    if told != Exit::Fine {
        return Ok(told);
    }
    if withheld > 0 {
        say!(
            "{withheld} of them by their hash alone: they name somebody whom whoever took them out may not know"
        );
    }
    let until = covered.as_ref().map_or(0, |covered| covered.seq);
    let (unproven, later): (Vec<u64>, Vec<u64>) = loose.iter().partition(|seq| **seq <= until);
    if let Some(seq) = unproven.first() {
        say!("BROKEN {stream} record {seq}: what follows it is withheld, and no proof of it came along");
        return Ok(Exit::Integrity);
    }
    if !later.is_empty() {
        say!(
            "{} of them before one that is withheld: nothing holds these until an anchor covers them",
            later.len()
        );
    }
    match covered {
        Some(covered) => Ok(held((&stream, &chain, &withheld), &covered, anchors)),
        None if anchors.is_empty() => Ok(told),
        None => bail!(
            "{} has no proof that an anchor covers it: there is one once an anchor was published after the case was opened, and a page gives it as long as the town has no more than 200,000 records; beyond that `paidan audit export --anchor` does",
            shown()
        ),
    }
}

/// Holds records against the anchor of which a proof came along, and against those that were kept elsewhere.
fn held((stream, chain, withheld): (&str, &Chain, &u64), covered: &Covered, anchors: &[Anchor]) -> Exit {
    let Covered { seq, proof, holds } = covered;
    let Anchor { origin, size, .. } = &proof.anchor;
    let root = proof.anchor.root_text();
    if !holds {
        say!(
            "BROKEN {stream} record {seq} is not the one that stands in the history of the anchor of {origin}"
        );
        return Exit::Integrity;
    }
    // Whoever keeps several has the one of the proof among them.
    if let Some(other) = anchors.last().filter(|_| !anchors.contains(&proof.anchor)) {
        say!(
            "BROKEN the proof is one of another anchor: of {origin}, {size} records, {root}; yours is of {}, {} records, {}",
            other.origin,
            other.size,
            other.root_text()
        );
        return Exit::Integrity;
    }
    let what = if *withheld > 0 { "what can be read stands, of records" } else { "there stand records" };
    say!("{what} 1 to {seq} of {} in the {size} records of {origin} whose head is {root}", chain.records);
    match anchors {
        [] => say!("compare that head with the one that was published, or name a file of it: --anchor FILE"),
        _ => say!("that is the head in your copy of the anchor"),
    }
    Exit::Fine
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

/// Writes the records of a case, each as it is stored, one a line; after them the proof that an anchor covers them.
pub async fn export(case: &str, path: &Path, out: Option<&Path>, anchor: Option<&Anchor>) -> Result<Exit> {
    let store = open(path).await?;
    let stream = stream_of(&store, case).await?;
    let records = store.load(Default::default(), &stream, 0).await?;
    if records.is_empty() {
        bail!("there is no case `{case}`");
    }
    let proof =
        match anchor {
            Some(anchor) => {
                let proof = prove(&store, Default::default(), &stream, anchor, &[]).await?.pop();
                Some(proof.context(
                    "the anchor is older than the case, or covers more records than the store has",
                )?)
            }
            None => None,
        };
    store.close().await;
    let lines = records.iter().map(|record| std::str::from_utf8(&record.bytes));
    let mut lines: Vec<&str> = lines.collect::<Result<_, _>>().context("a record is no text")?;
    let last = proof.map(|(seq, proof)| covered_line(seq, &proof));
    lines.extend(last.as_deref());
    match out {
        Some(out) => {
            std::fs::write(out, lines.join("\n") + "\n").with_context(|| out.display().to_string())?
        }
        None => lines.iter().for_each(|line| say!("{line}")),
    }
    Ok(Exit::Fine)
}
