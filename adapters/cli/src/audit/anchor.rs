//! `paidan audit anchor`, and `verify --anchor`: the head of the whole history as a text of three lines, and a store held
//! against such a text that was kept elsewhere.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use paidan_journal::anchor::{ANCHOR_BYTES_MAX, Anchor, Walk};
use paidan_journal::{Sqlite, Store as _};
use paidan_model::moment::Moment;
use paidan_runtime::anchor::anchors_before;

use super::open;
use crate::engine::ORIGIN;
use crate::exit::Exit;
use crate::line::say;

/// Whose history it is where nobody says.
const NOBODY: &str = "paidan";

/// Writes the anchor of a store, and with `leaves` what each record is in its tree, a line each.
///
/// # Errors
/// When the store cannot be read or a file not written.
pub async fn write(
    path: &Path,
    origin: Option<&str>,
    out: Option<&Path>,
    leaves: Option<&Path>,
) -> Result<Exit> {
    let store = open(path).await?;
    let kept = store.marked(ORIGIN).await?;
    let origin = origin.map(ToString::to_string).or(kept).unwrap_or_else(|| NOBODY.to_string());
    if origin.is_empty() || origin.contains(char::is_control) {
        bail!("an origin is one line of text, such as `paidan.town.example`");
    }
    let mut walk = Walk::default();
    match leaves {
        None => walk.go(&store, Default::default(), u64::MAX, |_| ()).await?,
        Some(file) => told(&store, &mut walk, file).await?,
    }
    store.close().await;
    if walk.size() == 0 {
        bail!("the history is empty: there is nothing to anchor");
    }
    let anchor = Anchor { origin, size: walk.size(), root: walk.root() };
    match out {
        Some(out) => std::fs::write(out, anchor.text()).with_context(|| out.display().to_string())?,
        None => anchor.text().lines().for_each(|line| say!("{line}")),
    }
    Ok(Exit::Fine)
}

async fn told(store: &Sqlite, walk: &mut Walk, file: &Path) -> Result<()> {
    let shown = || file.display().to_string();
    let mut lines = BufWriter::new(File::create(file).with_context(shown)?);
    let mut written = Ok(());
    let each = |leaf: &str| {
        if written.is_ok() {
            written = writeln!(lines, "{leaf}");
        }
    };
    walk.go(store, Default::default(), u64::MAX, each).await?;
    written.and_then(|()| lines.flush()).with_context(shown)
}

/// An anchor that was kept.
///
/// # Errors
/// When it cannot be read.
pub fn read(path: &Path) -> Result<Anchor> {
    let shown = || path.display().to_string();
    if std::fs::metadata(path).with_context(shown)?.len() > ANCHOR_BYTES_MAX as u64 {
        bail!("{} is longer than {ANCHOR_BYTES_MAX} bytes", shown());
    }
    let text = std::fs::read_to_string(path).with_context(shown)?;
    Anchor::parse(&text).with_context(shown)
}

/// Holds a store against anchors; says of each what was found. True when it is what all of them say.
///
/// # Errors
/// When the store cannot be read.
pub async fn hold(store: &Sqlite, mut anchors: Vec<Anchor>, intact: bool) -> Result<bool> {
    if anchors.is_empty() {
        return Ok(true);
    }
    let zone = crate::engine::zone(store).await?;
    anchors.sort_by_key(|anchor| anchor.size);
    let (mut walk, mut all, mut found) = (Walk::default(), true, Vec::new());
    let before = anchors_before(store, Default::default()).await?;
    for anchor in anchors {
        if before.iter().any(|other| other.size == anchor.size && other.root == anchor.root) {
            let origin = &anchor.origin;
            say!(
                "NOT PROVED the anchor of {origin} is of the history before the upgrade: \
                 hold the copy that was kept then against it"
            );
            all = false;
            continue;
        }
        walk.go(store, Default::default(), anchor.size, |_| ()).await?;
        all &= walk.size() == anchor.size && walk.root() == anchor.root;
        found.push((anchor, walk.size(), walk.root(), walk.at()));
    }
    walk.go(store, Default::default(), u64::MAX, |_| ()).await?;
    let records = walk.size();
    for (anchor, size, root, at) in found {
        let Anchor { origin, root: said, .. } = &anchor;
        let head = anchor.root_text();
        let date = at.map(|at| Moment::from_millis(at).local_text(&zone)).unwrap_or_default();
        if size < anchor.size {
            say!(
                "BROKEN the anchor of {origin} covers {} records, the store has {size}: it was rolled back, or its last records were deleted",
                anchor.size
            );
        } else if root != *said {
            let is = Anchor { root, ..anchor.clone() }.root_text();
            say!(
                "BROKEN the first {size} records (until {date}) are not those of the anchor of {origin}: their head is {is}, it says {head}"
            );
        } else {
            let chain = if intact { "chain intact" } else { "chain broken" };
            say!(
                "{records} records, {chain}, head {head} of the first {size} (until {date}) matches the anchor of {origin}"
            );
        }
    }
    Ok(all)
}
