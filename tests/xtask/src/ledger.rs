//! Lists of what broke a rule when the rule was written. They may only shrink.
//!
//! A list is a TOML file: a table for each crate, and in it how often something is found under a key.
//! More is a complaint at the place where it stands; less is one, too, until the list says so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::survey::Finding;

/// Crate -> key -> how many.
type Counts = BTreeMap<String, BTreeMap<String, usize>>;

const OPENING: &str = "\
# What broke the rule when the rule was written; it may only shrink.
# `PAIDAN_UPDATE=1 cargo xtask tidy` takes out what is mended and follows what was renamed.
";

/// How strictly a count is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// The list has the number that is found.
    Exactly,
    /// What is found may be less, but not nothing: for things that every other change touches.
    AtMost,
}

/// One list.
pub struct Ledger {
    path: PathBuf,
    hold: Hold,
    listed: Counts,
}

impl Ledger {
    /// Reads a list; one that is not there is empty.
    ///
    /// # Errors
    /// When it is no table of tables of counts.
    pub fn read(path: &Path, hold: Hold) -> anyhow::Result<Self> {
        let listed = match std::fs::read_to_string(path) {
            Ok(text) => toml::from_str(&text).with_context(|| format!("{} is no list", path.display()))?,
            Err(_) => Counts::new(),
        };
        Ok(Self { path: path.to_path_buf(), hold, listed })
    }

    /// What is wrong between the list and what is found.
    #[must_use]
    pub fn complaints(&self, findings: &[Finding]) -> Vec<String> {
        let found = count(findings);
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let mut complaints = Vec::new();
        let pairs: BTreeSet<(&String, &String)> = pairs(&found).chain(pairs(&self.listed)).collect();
        for (krate, key) in pairs {
            let (now, allowed) = (look_up(&found, krate, key), look_up(&self.listed, krate, key));
            if now > allowed {
                let here = findings.iter().filter(|one| one.krate == *krate && one.key == *key);
                complaints.extend(here.map(|one| format!("{}: {}", one.place, one.message)));
                if allowed > 0 {
                    complaints
                        .push(format!("  of these {now}, {name} lists {allowed} for `{key}` in {krate}"));
                }
            } else if now < allowed && (self.hold == Hold::Exactly || now == 0) {
                complaints.push(format!(
                    "{name} lists {allowed} for `{key}` in {krate}, {now} are left: \
                     PAIDAN_UPDATE=1 cargo xtask tidy takes the rest out"
                ));
            }
        }
        complaints
    }

    /// Writes what is found into the list, as long as no crate has more than before.
    ///
    /// # Errors
    /// When a crate has more, or the file cannot be written.
    pub fn update(&self, findings: &[Finding]) -> anyhow::Result<()> {
        let found = count(findings);
        let sum = |counts: &Counts, krate: &String| -> usize {
            counts.get(krate).into_iter().flat_map(BTreeMap::values).sum()
        };
        let is_new = self.listed.is_empty() && !self.path.exists();
        for krate in found.keys().filter(|_| !is_new) {
            let (now, before) = (sum(&found, krate), sum(&self.listed, krate));
            anyhow::ensure!(
                now <= before,
                "{krate} has {now} where {} lists {before}; the list only shrinks:\n  {}",
                self.path.display(),
                self.complaints(findings).join("\n  ")
            );
        }
        let mut text = OPENING.to_owned();
        for (krate, keys) in &found {
            text.push_str(&format!("\n[{}]\n", quoted(krate)));
            for (key, count) in keys {
                text.push_str(&format!("{} = {count}\n", quoted(key)));
            }
        }
        std::fs::write(&self.path, text).with_context(|| format!("{} cannot be written", self.path.display()))
    }
}

/// Bare where TOML allows it.
fn quoted(key: &str) -> String {
    let is_bare = key.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
    if is_bare { key.to_owned() } else { format!("\"{key}\"") }
}

fn count(findings: &[Finding]) -> Counts {
    let mut counts = Counts::new();
    for finding in findings {
        *counts.entry(finding.krate.clone()).or_default().entry(finding.key.clone()).or_default() += 1;
    }
    counts
}

fn pairs(counts: &Counts) -> impl Iterator<Item = (&String, &String)> {
    counts.iter().flat_map(|(krate, keys)| keys.keys().map(move |key| (krate, key)))
}

fn look_up(counts: &Counts, krate: &str, key: &str) -> usize {
    counts.get(krate).and_then(|keys| keys.get(key)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn findings(keys: &[&str]) -> Vec<Finding> {
        let finding = |(line, key): (usize, &&str)| Finding {
            krate: "lift".to_owned(),
            key: (*key).to_owned(),
            place: format!("src/lib.rs:{line}"),
            message: format!("`{key}` again"),
        };
        keys.iter().enumerate().map(finding).collect()
    }

    fn ledger(text: &str, hold: Hold) -> Ledger {
        Ledger { path: PathBuf::from("x.toml"), hold, listed: toml::from_str(text).unwrap() }
    }

    #[test]
    fn more_than_listed_is_named_by_place() {
        let ledger = ledger("[lift]\na = 1", Hold::Exactly);
        assert!(ledger.complaints(&findings(&["a"])).is_empty());
        let complaints = ledger.complaints(&findings(&["a", "b"]));
        assert_eq!(complaints, ["src/lib.rs:1: `b` again"]);
        assert_eq!(ledger.complaints(&findings(&["a", "a"])).len(), 3);
    }

    #[test]
    fn mended_entries_must_leave_the_list() {
        let strict = ledger("[lift]\na = 2", Hold::Exactly);
        assert!(strict.complaints(&findings(&["a"])).concat().contains("1 are left"));
        let ceiling = ledger("[lift]\na = 2", Hold::AtMost);
        assert!(ceiling.complaints(&findings(&["a"])).is_empty());
        assert_eq!(ceiling.complaints(&[]).len(), 1);
    }

    #[test]
    fn updating_never_lets_a_crate_grow() {
        let folder = std::env::temp_dir().join(format!("ledger-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("x.toml");
        Ledger::read(&path, Hold::Exactly).unwrap().update(&findings(&["a", "b"])).unwrap();
        let read = || Ledger::read(&path, Hold::Exactly).unwrap();
        assert!(read().update(&findings(&["a", "b", "c"])).is_err());
        read().update(&findings(&["c::d"])).unwrap();
        assert!(read().complaints(&findings(&["c::d"])).is_empty());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
