//! `publish` on a store: what is said to be in force is in force, and a start with older files leaves it there.

use std::process::{Command, Output};

use crate::binary::{paidan, root, start};

/// Serves the shipped configuration once, and stops.
fn serve_once(store: &str, lines: usize) {
    let args = ["serve", "--config", "config/paidan.toml", "--listen", "127.0.0.1:0", "--store", store];
    let (mut running, ..) = start(&args, lines);
    let pid = running.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(running.0.wait().unwrap().success());
}

fn words(output: &Output) -> String {
    let words = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(words).unwrap()
}

#[test]
fn a_lower_version_is_not_reported_as_active() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (store, file) = (at("town.paidan"), at("offer.toml"));
    serve_once(&store, 3);
    let text = std::fs::read_to_string(root().join("workflows/resource-offer.toml")).unwrap();
    let version = text.lines().find(|line| line.starts_with("version")).unwrap();
    let publish = |number: u32, title: &str| {
        let changed = text.replacen(version, &format!("version = {number}"), 1);
        let changed = changed.replacen("en = \"", &format!("en = \"{title} "), 1);
        std::fs::write(&file, changed).unwrap();
        paidan(&["publish", &file, "--store", &store, "--as", "dispatcher"]).output().unwrap()
    };
    let done = publish(9, "New");
    assert!(done.status.success() && words(&done).contains("1 published"), "{}", words(&done));
    assert!(words(&done).contains("  0 open cases stay as they are; new ones follow "), "{}", words(&done));
    let refused = publish(5, "Other");
    let said = words(&refused);
    assert_eq!(refused.status.code(), Some(4), "{said}");
    assert!(said.contains("error[R2018]") && said.contains("a number above 9"), "{said}");
    assert!(said.contains("offer.toml:") && said.contains("nothing was published"), "{said}");
    assert!(!said.contains("becomes"), "{said}");
    let again = publish(9, "New");
    assert!(
        again.status.success() && words(&again).contains("version 9: in force already"),
        "{}",
        words(&again)
    );
    // The shipped one is older now: the town starts with it all the same, and the newer stays in force.
    serve_once(&store, 3);
    let still = publish(9, "New");
    assert!(words(&still).contains("version 9: in force already"), "{}", words(&still));
}

#[test]
fn published_calendars_outlive_a_start() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (store, file) = (at("town.paidan"), at("office.toml"));
    serve_once(&store, 3);
    let text = std::fs::read_to_string(root().join("config/calendars/office.toml")).unwrap();
    std::fs::write(&file, text.replace("2026-10-01..2026-10-07", "2026-10-01..2026-10-08")).unwrap();
    let publish =
        || words(&paidan(&["publish", &file, "--store", &store, "--as", "dispatcher"]).output().unwrap());
    let said = publish();
    assert!(said.contains("calendars: another comes into force"), "{said}");
    assert!(said.contains("2026-10-08 is a day off") && said.contains("1 published"), "{said}");
    // The file that the town starts with is the one it started with before.
    serve_once(&store, 3);
    let said = publish();
    assert!(!said.contains("another comes into force"), "{said}");
}
