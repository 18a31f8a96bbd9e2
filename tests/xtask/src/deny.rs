//! What we depend on: licences, banned crates and sources, by the rules in `deny.toml`.
//! `cargo deny` answers where it is installed; elsewhere `cargo metadata` is asked the same questions here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::{licence, process};

/// Outside packages in the lock file, whatever machine they are for. Each is somebody's code to
/// trust, to fetch and to follow: the limit may only go down, towards 260.
const PACKAGES_MAX: usize = 310;

/// Checks every package of the lock file; the network is asked only for packages that were never fetched.
pub fn check(root: &Path) -> anyhow::Result<()> {
    let metadata = process::read(process::cargo(root).args([
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--offline",
    ]))?;
    let packages = packages(&metadata)?;
    count(&packages)?;
    if process::cargo_has(root, "deny") {
        let args = ["deny", "--offline", "check", "licenses", "bans", "sources"];
        return process::run(process::cargo(root).args(args));
    }
    println!(
        "cargo-deny is not installed (cargo install --locked cargo-deny); cargo metadata answers instead"
    );
    let text = std::fs::read_to_string(root.join("deny.toml")).context("deny.toml cannot be read")?;
    let rules = Rules::read(&text).context("deny.toml")?;
    let complaints: Vec<String> = packages.iter().flat_map(|package| rules.complaints(package)).collect();
    if !complaints.is_empty() {
        bail!("{}", complaints.join("\n  "));
    }
    println!("{} packages: licences allowed, none banned, all from the registry", packages.len());
    Ok(())
}

/// Counts what is not ours.
fn count(packages: &[Package]) -> anyhow::Result<()> {
    let outside = packages.iter().filter(|package| package.source.is_some()).count();
    if outside > PACKAGES_MAX {
        bail!(
            "{outside} outside packages, {PACKAGES_MAX} is the limit; \
             `cargo tree --invert NAME` shows who asks for one"
        );
    }
    println!("{outside} outside packages, at most {PACKAGES_MAX}");
    Ok(())
}

/// What `deny.toml` says, as far as it can be judged without a network.
struct Rules {
    licences: BTreeSet<String>,
    exceptions: BTreeMap<String, BTreeSet<String>>,
    banned: BTreeSet<String>,
    registries: BTreeSet<String>,
}

/// One package as `cargo metadata` describes it.
struct Package {
    name: String,
    version: String,
    licence: Option<String>,
    source: Option<String>,
}

impl Rules {
    fn read(text: &str) -> anyhow::Result<Self> {
        let rules: toml::Table = text.parse()?;
        let section = |name: &str| {
            rules.get(name).and_then(toml::Value::as_table).with_context(|| format!("no [{name}]"))
        };
        let mut exceptions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for exception in tables(section("licenses")?, "exceptions")? {
            let allow = texts(exception, "allow")?;
            exceptions.entry(text_of(exception, "crate")?).or_default().extend(allow);
        }
        let banned = tables(section("bans")?, "deny")?.into_iter().map(|ban| text_of(ban, "crate"));
        Ok(Self {
            licences: texts(section("licenses")?, "allow")?,
            exceptions,
            banned: banned.collect::<anyhow::Result<_>>()?,
            registries: texts(section("sources")?, "allow-registry")?,
        })
    }

    fn complaints(&self, package: &Package) -> Vec<String> {
        let who = format!("{} {}", package.name, package.version);
        let mut complaints = Vec::new();
        if self.banned.contains(&package.name) {
            complaints.push(format!(
                "{who} is banned; `cargo tree --invert {}` shows who asks for it",
                package.name
            ));
        }
        match &package.licence {
            None => complaints.push(format!("{who} names no licence")),
            Some(expression) => {
                let mut allowed = self.licences.clone();
                allowed.extend(self.exceptions.get(&package.name).into_iter().flatten().cloned());
                match licence::allows(expression, &allowed) {
                    Ok(true) => {}
                    Ok(false) => complaints.push(format!("{who}: licence `{expression}` is not on the list")),
                    Err(failure) => complaints.push(format!("{who}: {failure:#}")),
                }
            }
        }
        if let Some(source) = &package.source {
            let address = source.strip_prefix("registry+").unwrap_or(source);
            if !self.registries.contains(address) {
                complaints.push(format!("{who} comes from {source}, which is no registry we allow"));
            }
        }
        complaints
    }
}

fn tables<'a>(section: &'a toml::Table, key: &str) -> anyhow::Result<Vec<&'a toml::Table>> {
    let list =
        section.get(key).and_then(toml::Value::as_array).with_context(|| format!("no list `{key}`"))?;
    list.iter()
        .map(|entry| entry.as_table().with_context(|| format!("`{key}` holds more than tables")))
        .collect()
}

fn texts(section: &toml::Table, key: &str) -> anyhow::Result<BTreeSet<String>> {
    let list =
        section.get(key).and_then(toml::Value::as_array).with_context(|| format!("no list `{key}`"))?;
    let text = |entry: &toml::Value| entry.as_str().map(String::from);
    list.iter().map(|entry| text(entry).with_context(|| format!("`{key}` holds more than texts"))).collect()
}

fn text_of(table: &toml::Table, key: &str) -> anyhow::Result<String> {
    table.get(key).and_then(toml::Value::as_str).map(String::from).with_context(|| format!("no text `{key}`"))
}

fn packages(metadata: &[u8]) -> anyhow::Result<Vec<Package>> {
    let metadata: Value = serde_json::from_slice(metadata).context("cargo metadata printed no JSON")?;
    let list =
        metadata.get("packages").and_then(Value::as_array).context("cargo metadata lists no packages")?;
    list.iter()
        .map(|package| {
            let text = |key: &str| package.get(key).and_then(Value::as_str).map(String::from);
            Ok(Package {
                name: text("name").context("a package without a name")?,
                version: text("version").context("a package without a version")?,
                licence: text("license"),
                source: text("source"),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const RULES: &str = r#"
        [licenses]
        allow = ["MIT"]
        exceptions = [{ crate = "roots", allow = ["CDLA-Permissive-2.0"] }]
        [bans]
        deny = [{ crate = "openssl", reason = "one provider" }]
        [sources]
        allow-registry = ["https://example.org/index"]
    "#;

    fn package(name: &str, licence: Option<&str>, source: Option<&str>) -> Package {
        Package {
            name: name.into(),
            version: "1.0.0".into(),
            licence: licence.map(String::from),
            source: source.map(String::from),
        }
    }

    fn complaints(name: &str, licence: Option<&str>, source: Option<&str>) -> Vec<String> {
        Rules::read(RULES).unwrap().complaints(&package(name, licence, source))
    }

    #[test]
    fn one_package_too_many_is_refused() {
        let outside = || package("serde", Some("MIT"), Some("registry+https://example.org/index"));
        let mut packages: Vec<Package> = (0..PACKAGES_MAX).map(|_| outside()).collect();
        packages.push(package("ours", Some("MIT"), None));
        assert!(count(&packages).is_ok());
        packages.push(outside());
        assert!(count(&packages).is_err());
    }

    #[test]
    fn an_allowed_package_passes() {
        assert!(complaints("serde", Some("MIT"), Some("registry+https://example.org/index")).is_empty());
        assert!(complaints("ours", Some("MIT"), None).is_empty());
    }

    #[test]
    fn an_exception_holds_for_one_crate() {
        assert!(complaints("roots", Some("CDLA-Permissive-2.0"), None).is_empty());
        assert_eq!(complaints("serde", Some("CDLA-Permissive-2.0"), None).len(), 1);
    }

    #[test]
    fn each_rule_that_is_broken_is_named() {
        let found = complaints("openssl", None, Some("git+https://example.org/openssl"));
        assert_eq!(found.len(), 3, "{found:?}");
    }
}
