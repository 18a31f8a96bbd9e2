//! A town picks a profile in its files: every command that reads them knows of it, and `serve` puts it into force.

use std::path::Path;

use crate::binary::{paidan, start};

/// A file in which the town picks a profile for lifts.
fn town(folder: &Path, profile: &str) -> String {
    let path = folder.join("profiles.toml");
    std::fs::write(&path, format!("[profiles]\nelevator-installation = \"{profile}\"\n")).unwrap();
    path.display().to_string()
}

/// What a command prints, and how it ends.
fn said(args: &[&str]) -> (String, Option<i32>) {
    let done = paidan(args).output().unwrap();
    let text = [done.stdout, done.stderr].concat();
    (String::from_utf8(text).unwrap(), done.status.code())
}

const LIFTS: &str = "workflows/elevator-installation.toml";

#[test]
fn check_test_and_explain_follow_the_chosen_profile() {
    let folder = tempfile::tempdir().unwrap();
    let path = town(folder.path(), "yancheng-interim");
    let (text, code) = said(&["check", LIFTS, &path]);
    assert!(code == Some(0) && text.contains(", profile yancheng-interim)"), "{text}");
    let (text, _) = said(&["test", LIFTS, &path]);
    assert!(text.contains("elevator-installation under the profile yancheng-interim"), "{text}");
    assert!(
        text.contains("ok    profile civil-code") && text.contains("ok    profile yancheng-interim"),
        "{text}"
    );
    let (text, _) = said(&["explain", "elevator-installation", LIFTS, &path, "--tongue", "en"]);
    assert!(text.contains("profile: yancheng-interim (there are: civil-code, yancheng-interim)"), "{text}");
    let path = town(folder.path(), "yancheng-interrim");
    let (text, code) = said(&["check", LIFTS, &path]);
    assert!(
        code == Some(1) && text.contains("error[E0107]") && text.contains("profiles.toml:2:25"),
        "{text}"
    );
    assert!(text.contains("did you mean `yancheng-interim`?"), "{text}");
}

/// A definition with a limit, and a profile with another.
const TEA: &str = include_str!("../../../../tests/definitions/tea.toml");

#[test]
fn serve_activates_and_keeps_the_chosen_profile() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("town.paidan").display().to_string();
    let config = folder.path().join("paidan.toml");
    let tea = folder.path().join("tea.toml").display().to_string();
    std::fs::write(&tea, TEA).unwrap();
    let served = |profiles: &str| {
        std::fs::write(&config, format!("[serve]\ndefinitions = [\"{tea}\"]\n{profiles}")).unwrap();
        let config = config.display().to_string();
        let args = ["serve", "--config", &config, "--listen", "127.0.0.1:0", "--store", &store];
        let (_running, _, told) = start(&args, 4);
        told.iter().find(|line| line.starts_with("profile:")).unwrap().trim().to_string()
    };
    let pick = |profile: &str| format!("[profiles]\ntea = \"{profile}\"\n");
    assert_eq!(served(&pick("plain")), "profile: tea: plain");
    assert_eq!(served(&pick("brisk")), "profile: tea: brisk");
    assert_eq!(served(""), "profile: tea: brisk, as before");
    assert_eq!(served(&pick("plain")), "profile: tea: plain");
    assert_eq!(served(&pick("as-written")), "profile: tea: as-written");
    let (text, code) = said(&["audit", "verify", "--store", &store]);
    assert_eq!((text.as_str(), code), ("1 streams, 4 records, 0 broken\n", Some(0)));
}
