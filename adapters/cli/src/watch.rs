//! Watching: waits until a definition in some files and folders is saved with another text.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc::{Receiver, channel};

use crate::gather::{Files, gather};

/// How long it is quiet when a file has been saved: editors write in several steps.
const QUIET: Duration = Duration::from_millis(60);
/// The most steps that are waited for; a folder that never comes to rest is looked at anyway.
const STEPS_MAX: usize = 50;

/// Files and folders that are watched, and their texts as they were last read.
pub struct Watch {
    paths: Vec<PathBuf>,
    /// The texts, or why they cannot be read.
    pub texts: Result<Files, String>,
    heard: Receiver<()>,
    /// Works until it is dropped.
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// Begins to watch, then reads: what is saved in between is heard.
    pub fn on(paths: &[PathBuf]) -> Result<Self> {
        // One word is enough: whoever hears it reads everything.
        let (tell, heard) = channel(1);
        let hear = move |event: notify::Result<Event>| {
            if event.as_ref().map_or(true, is_a_change) {
                let _said_already = tell.try_send(());
            }
        };
        let mut watcher = notify::recommended_watcher(hear).context("this system tells of no saved file")?;
        for path in paths {
            let (place, depth) = place(path);
            watcher.watch(place, depth).with_context(|| format!("cannot watch {}", path.display()))?;
        }
        let mut watch = Self { paths: paths.to_vec(), texts: Ok(Files::new()), heard, _watcher: watcher };
        watch.texts = watch.read();
        Ok(watch)
    }

    /// Comes back when a text has changed; names the files.
    pub async fn changed(&mut self) -> Result<Vec<String>> {
        loop {
            self.heard.recv().await.context("nothing is watched any more")?;
            for _ in 0..STEPS_MAX {
                if tokio::time::timeout(QUIET, self.heard.recv()).await.is_err() {
                    break;
                }
            }
            let now = self.read();
            if now != self.texts {
                let names = differing(&self.texts, &now);
                self.texts = now;
                return Ok(names);
            }
        }
    }

    fn read(&self) -> Result<Files, String> {
        gather(&self.paths).map_err(|error| format!("{error:#}"))
    }
}

/// Where a path is watched: a file in its folder, for editors put a new file in the place of the old one.
fn place(path: &Path) -> (&Path, RecursiveMode) {
    if path.is_dir() {
        return (path, RecursiveMode::Recursive);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    (folder.unwrap_or(Path::new(".")), RecursiveMode::NonRecursive)
}

/// Whether an event may have changed a text; that somebody reads has not.
fn is_a_change(event: &Event) -> bool {
    match event.kind {
        EventKind::Access(how) => how == AccessKind::Close(AccessMode::Write),
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    }
}

/// The files whose text is another, new or gone.
fn differing(before: &Result<Files, String>, now: &Result<Files, String>) -> Vec<String> {
    let none = Files::new();
    let (before, now) = (before.as_ref().unwrap_or(&none), now.as_ref().unwrap_or(&none));
    let one_way = |these: &Files, those: &Files| {
        these.iter().filter(|file| !those.contains(file)).map(|(path, _)| path.clone()).collect::<Vec<_>>()
    };
    let mut names = [one_way(before, now), one_way(now, before)].concat();
    names.sort();
    names.dedup();
    names
}
