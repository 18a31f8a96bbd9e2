//! The layout rules of the house, checked: edges between crates, walls, sizes, names, decision records.
//! Each test lists everything it objects to, so that one run is enough to put a change in order.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use paidan_tests::checkout;
use serde_json::Value;
use xtask::ledger::{Hold, Ledger};
use xtask::survey::functions::{self, functions_of};
use xtask::survey::layers::{self, Layers};
use xtask::survey::{self, Finding, Krate, arms, circles, literals, names, wide};

const FILE_LINES_MAX: usize = 600;
const FUNCTION_LINES_MAX: usize = 70;
/// Words in the name of a test: more of them tell a story, and no longer state a property.
const TEST_WORDS_MAX: usize = 8;
/// Names under which anything could be parked.
const FORBIDDEN: [&str; 10] =
    ["common", "helper", "helpers", "manager", "managers", "misc", "shared", "types", "util", "utils"];
/// Crates that may not touch the world.
const PURE: [&str; 4] = ["engine/model", "engine/machine", "engine/views", "engine/foresight"];

fn report(rule: &str, complaints: &[String]) {
    assert!(complaints.is_empty(), "{rule}:\n  {}", complaints.join("\n  "));
}

fn rust_files() -> Vec<PathBuf> {
    let files = checkout::files().unwrap();
    files.into_iter().filter(|file| file.extension().is_some_and(|end| end == "rs")).collect()
}

/// One crate of the workspace: its name and its normal dependencies, ours and others'.
struct Manifest {
    name: String,
    ours: BTreeSet<String>,
    others: BTreeSet<String>,
    /// Names of the integration tests that cargo links, one binary each.
    tests: Vec<String>,
}

fn manifests() -> Vec<Manifest> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let args = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let output = Command::new(cargo).args(args).current_dir(checkout::root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata.get("packages").and_then(Value::as_array).unwrap();
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap().to_owned();
    packages
        .iter()
        .map(|package| {
            let dependencies = package.get("dependencies").and_then(Value::as_array).unwrap();
            let normal = dependencies.iter().filter(|one| one.get("kind").is_some_and(Value::is_null));
            let (ours, others) = normal.partition::<Vec<_>, _>(|one| one.get("path").is_some());
            let names = |list: Vec<&Value>| list.into_iter().map(|one| text(one, "name")).collect();
            let targets = package.get("targets").and_then(Value::as_array).unwrap();
            let tests = targets
                .iter()
                .filter(|target| target.pointer("/kind/0").and_then(Value::as_str) == Some("test"));
            Manifest {
                name: text(package, "name"),
                ours: names(ours),
                others: names(others),
                tests: tests.map(|target| text(target, "name")).collect(),
            }
        })
        .collect()
}

/// The rows of the table in ARCHITECTURE.md that follows a heading: first column -> the words of the second.
fn table(heading: &str) -> BTreeMap<String, BTreeSet<String>> {
    let page = checkout::text(Path::new("ARCHITECTURE.md")).unwrap();
    let (_, rest) = page.split_once(heading).unwrap_or_else(|| panic!("ARCHITECTURE.md has no `{heading}`"));
    let rows =
        rest.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let mut table = BTreeMap::new();
    for row in rows.skip(2) {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let name = cells.next().unwrap().trim_matches('`').to_owned();
        let words = cells.next().unwrap().split(',').map(|word| word.trim().trim_matches('`').to_owned());
        let words = words.filter(|word| !word.is_empty() && word != "-").collect();
        assert!(table.insert(name.clone(), words).is_none(), "`{name}` has two rows under `{heading}`");
    }
    assert!(!table.is_empty(), "no table under `{heading}`");
    table
}

#[test]
fn crates_use_only_crates_the_table_allows() {
    let mut allowed = table("## Edges");
    let mut complaints = Vec::new();
    for manifest in manifests() {
        let Some(row) = allowed.remove(&manifest.name) else {
            complaints.push(format!("{} has no row in ARCHITECTURE.md", manifest.name));
            continue;
        };
        if row.contains("all") {
            continue;
        }
        for edge in manifest.ours.difference(&row) {
            complaints.push(format!("{} uses {edge}, which its row does not allow", manifest.name));
        }
    }
    complaints.extend(allowed.keys().map(|name| format!("`{name}` has a row, but is no crate")));
    report("edges", &complaints);
}

#[test]
fn outside_crates_stay_in_their_rooms() {
    let owners = table("## Outside crates with a home");
    let manifests = manifests();
    let mut complaints = Vec::new();
    for (outside, rooms) in &owners {
        for manifest in &manifests {
            if manifest.others.contains(outside) && !rooms.contains(&manifest.name) {
                complaints.push(format!("{} uses `{outside}`, which lives elsewhere", manifest.name));
            }
        }
    }
    report("outside crates", &complaints);
}

/// Each binary links the whole workspace again, which takes longer than running what is in it.
#[test]
fn each_crate_links_one_integration_test() {
    let crates = manifests().into_iter().filter(|manifest| !manifest.tests.is_empty());
    let many = crates.filter(|manifest| manifest.tests != ["all"]);
    let complaints: Vec<_> = many
        .map(|manifest| {
            format!(
                "{} links {}; its tests are modules of tests/all/main.rs",
                manifest.name,
                manifest.tests.join(", ")
            )
        })
        .collect();
    report("test binaries", &complaints);
}

#[test]
fn pure_crates_have_their_walls() {
    let mut complaints = Vec::new();
    for room in PURE {
        let door = checkout::text(&Path::new(room).join("src/lib.rs")).unwrap();
        if !door.lines().any(|line| line.starts_with("#![no_std]")) {
            complaints.push(format!("{room}/src/lib.rs does not say `#![no_std]`"));
        }
        let wall = checkout::text(&Path::new(room).join("clippy.toml")).unwrap_or_default();
        for banned in ["std::time::SystemTime::now", "chrono::Utc::now", "std::collections::HashMap"] {
            if !wall.contains(banned) {
                complaints.push(format!("{room}/clippy.toml does not ban {banned}"));
            }
        }
    }
    report("walls", &complaints);
}

#[test]
fn every_table_of_the_store_has_an_owner() {
    let owners = table("## Tables that change");
    let mut complaints = Vec::new();
    let files = checkout::files().unwrap().into_iter();
    for file in files.filter(|file| file.extension().is_some_and(|end| end == "sql")) {
        let text = checkout::text(&file).unwrap();
        let made = text.lines().filter_map(|line| line.trim().strip_prefix("CREATE TABLE "));
        let names =
            made.map(|rest| rest.trim_start_matches("IF NOT EXISTS ").split([' ', '(']).next().unwrap());
        for name in names.filter(|name| !owners.contains_key(*name)) {
            complaints.push(format!("{} makes `{name}`, which has no row", file.display()));
        }
    }
    report("tables, see ARCHITECTURE.md", &complaints);
}

#[test]
fn crates_take_the_lints_of_the_workspace() {
    let manifests = checkout::files().unwrap().into_iter().filter(|file| file.ends_with("Cargo.toml"));
    let without = manifests.filter(|file| {
        let text = checkout::text(file).unwrap();
        text.contains("[package]") && !text.contains("[lints]\nworkspace = true")
    });
    let complaints: Vec<_> = without.map(|file| format!("{} sets its own lints", file.display())).collect();
    report("lints", &complaints);
}

#[test]
fn files_open_with_what_they_are_for() {
    let files = rust_files().into_iter().filter(|file| !checkout::text(file).unwrap().starts_with("//! "));
    let complaints: Vec<_> =
        files.map(|file| format!("{} does not open with `//! `", file.display())).collect();
    report("first lines", &complaints);
}

#[test]
fn files_are_short() {
    let mut complaints = Vec::new();
    for file in rust_files() {
        let lines = checkout::text(&file).unwrap().lines().count();
        if lines > FILE_LINES_MAX {
            complaints.push(format!("{} has {lines} lines; {FILE_LINES_MAX} is the limit", file.display()));
        }
    }
    report("file sizes", &complaints);
}

#[test]
fn functions_are_short() {
    let mut complaints = Vec::new();
    for file in rust_files() {
        let functions = match functions_of(&checkout::text(&file).unwrap()) {
            Ok(functions) => functions,
            Err(mistake) => {
                complaints.push(format!("{} cannot be parsed: {mistake}", file.display()));
                continue;
            }
        };
        for function in functions.iter().filter(|function| function.lines > FUNCTION_LINES_MAX) {
            let place = format!("{}:{}", file.display(), function.line);
            complaints.push(format!("{place} `{}` has {} lines", function.name, function.lines));
        }
    }
    report("function sizes, 70 lines is the limit", &complaints);
}

/// Every crate without its tests.
fn crates() -> Vec<Krate> {
    survey::crates(&checkout::root()).unwrap()
}

/// Compares what is found with the list of a rule; with PAIDAN_UPDATE the list follows, downward only.
fn hold(rule: &str, list: &str, hold: Hold, findings: &[Finding]) {
    let path = checkout::root().join("tests/tidy").join(list);
    let ledger = Ledger::read(&path, hold).unwrap();
    if std::env::var_os("PAIDAN_UPDATE").is_some() {
        ledger.update(findings).unwrap();
    } else {
        report(rule, &ledger.complaints(findings));
    }
}

fn in_every_crate(rule: impl FnMut(&Krate) -> Vec<Finding>) -> Vec<Finding> {
    crates().iter().flat_map(rule).collect()
}

#[test]
fn modules_never_import_each_other() {
    hold("module circles", "circles.toml", Hold::Exactly, &in_every_crate(circles::findings));
}

#[test]
fn arrows_run_down_the_layers() {
    let text = checkout::text(Path::new("tests/tidy/layers.toml")).unwrap();
    let layers: BTreeMap<String, Layers> = toml::from_str(&text).unwrap();
    let crates = crates();
    let named: BTreeSet<&str> = crates.iter().map(|krate| krate.name.as_str()).collect();
    let unknown = layers.keys().filter(|name| !named.contains(name.as_str()));
    let mut complaints: Vec<_> = unknown.map(|name| format!("layers.toml: {name} is no crate")).collect();
    for krate in &crates {
        let Some(layers) = layers.get(&krate.name) else { continue };
        let findings = layers::findings(krate, layers);
        complaints.extend(findings.into_iter().map(|one| format!("{}: {}", one.place, one.message)));
    }
    report("layers", &complaints);
}

#[test]
fn domain_enums_are_matched_by_name() {
    let crates = crates();
    let enums = arms::domain_enums(&crates);
    let findings: Vec<_> = crates.iter().flat_map(|krate| arms::findings(krate, &enums)).collect();
    hold("catch-all arms", "arms.toml", Hold::Exactly, &findings);
}

#[test]
fn signatures_name_every_argument() {
    let findings = in_every_crate(functions::hidden_arguments);
    hold("tuple parameters", "arguments.toml", Hold::Exactly, &findings);
}

#[test]
fn a_type_name_is_used_once_per_crate() {
    let findings = in_every_crate(names::twice_named_types);
    hold("twice-named types", "types.toml", Hold::Exactly, &findings);
}

#[test]
fn function_names_say_what_they_do() {
    let findings = in_every_crate(names::vague_functions);
    hold("vague names", "names.toml", Hold::Exactly, &findings);
}

#[test]
fn chinese_stands_in_catalogues() {
    let findings = in_every_crate(literals::chinese);
    hold("Chinese literals", "chinese.toml", Hold::AtMost, &findings);
}

#[test]
fn lines_fit_a_hundred_columns() {
    let homes: Vec<(PathBuf, String)> = {
        let mut homes: Vec<_> = crates().iter().map(|one| (one.folder.clone(), one.name.clone())).collect();
        homes.sort_by_key(|(folder, _)| std::cmp::Reverse(folder.components().count()));
        homes
    };
    let mut findings = Vec::new();
    for file in rust_files() {
        let home = homes.iter().find(|(folder, _)| file.starts_with(folder));
        let name = home.map_or("elsewhere", |(_, name)| name);
        findings.extend(wide::findings(name, &file, &checkout::text(&file).unwrap()));
    }
    hold("width", "width.toml", Hold::AtMost, &findings);
}

#[test]
fn tests_are_named_in_eight_words() {
    let mut complaints = Vec::new();
    for file in rust_files() {
        let text = checkout::text(&file).unwrap();
        let mut is_test = false;
        for (at, line) in text.lines().map(str::trim_start).enumerate() {
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
            let signature = line.split_once("fn ").filter(|_| is_test && !line.starts_with('#'));
            let Some((_, rest)) = signature else { continue };
            is_test = false;
            let name = rest.split('(').next().unwrap_or_default();
            if name.split('_').count() > TEST_WORDS_MAX {
                complaints.push(format!("{}:{} `{name}`", file.display(), at + 1));
            }
        }
    }
    report("names of tests, 8 words is the limit", &complaints);
}

#[test]
fn rooms_are_named_by_their_noun() {
    let mut complaints = Vec::new();
    for file in rust_files() {
        let names =
            file.iter().filter_map(|part| Path::new(part).file_stem()).map(|name| name.to_string_lossy());
        for name in names.filter(|name| FORBIDDEN.contains(&name.as_ref())) {
            complaints.push(format!("{}: `{name}` is no noun of this house", file.display()));
        }
    }
    report("names", &complaints);
}

#[test]
fn decision_records_are_numbered_once_and_found() {
    let mut complaints = Vec::new();
    let mut seen = BTreeMap::new();
    let files = checkout::files().unwrap();
    for file in files.iter().filter(|file| file.starts_with("engine/decisions")) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let number = name.split('-').next().unwrap_or_default().to_owned();
        let shaped =
            number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit()) && name.ends_with(".md");
        if !shaped {
            complaints.push(format!("`{name}` is not called NNNN-words.md"));
        } else if !checkout::text(file).unwrap().starts_with(&format!("# {number} ")) {
            complaints.push(format!("`{name}` does not open with `# {number} `"));
        }
        if let Some(other) = seen.insert(number, name.clone()) {
            complaints.push(format!("`{name}` and `{other}` share a number"));
        }
    }
    for file in files {
        let Ok(text) = checkout::text(&file) else { continue };
        for number in text.split("decisions/").skip(1).map(|rest| rest.chars().take(4).collect::<String>()) {
            let cited = number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit());
            if cited && !seen.contains_key(&number) {
                complaints.push(format!("{} cites decision {number}, which does not exist", file.display()));
            }
        }
    }
    report("decision records", &complaints);
}
