//! Profiles: what a definition declares, what a town picks, and what stays in force.

use std::collections::BTreeMap;

use crate::OFFICE;
use paidan_language::{Agreed, Checked, Library};
use paidan_model::id::{ProfileId, WorkflowId};

const TEA: &str = include_str!("../../../../tests/definitions/tea.toml");

fn checked(tea: &str, town: &str, kept: &str) -> Checked {
    let mut library = Library::new();
    library.add("office.toml", OFFICE.to_string());
    library.add("tea.toml", tea.to_string());
    library.add("town.toml", town.to_string());
    if let Some(profile) = ProfileId::parse(kept) {
        library.keep(BTreeMap::from([(WorkflowId::parse("tea").unwrap(), profile)]));
    }
    library.check()
}

/// Tea as it is in force where a town says that.
fn tea(town: &str, kept: &str) -> Agreed {
    let mut checked = checked(TEA, town, kept);
    assert!(!checked.has_errors(), "{}", paidan_language::print::text(&checked, false));
    checked.workflows.remove(0)
}

/// The one finding: its code, the text it points at, and what would be right.
fn finding(tea: &str, town: &str, kept: &str) -> (&'static str, String, String) {
    let checked = checked(tea, town, kept);
    assert_eq!(checked.findings.len(), 1, "{:?}", checked.findings);
    let found = &checked.findings[0];
    let text = &checked.sources.0[found.place.source].text;
    let at = text.get(found.place.start..found.place.end).unwrap().to_string();
    (found.code, at, found.help.clone().unwrap_or_default())
}

#[test]
fn the_active_definition_names_its_profile() {
    let written = tea("", "");
    assert_eq!((&written.workflow.profile, written.profiles().count()), (&None, 2));
    let brisk = tea("[profiles]\ntea = \"brisk\"\n", "");
    let profile = brisk.workflow.profile.clone().unwrap();
    assert_eq!((profile.id.as_str(), &profile.of), ("brisk", &written.digest));
    assert_eq!(brisk.workflow.digest().unwrap(), brisk.digest);
    assert_ne!(brisk.workflow.clocks, written.workflow.clocks);
    assert_eq!(brisk.as_written(), &written.workflow);
    // A profile that changes nothing is a choice all the same, and is recorded.
    let plain = tea("[profiles]\ntea = \"plain\"\n", "");
    assert_eq!(plain.workflow.clocks, written.workflow.clocks);
    assert!(plain.digest != written.digest && plain.digest != brisk.digest);
}

#[test]
fn a_profile_stays_until_another_is_picked() {
    assert_eq!(tea("", "brisk").workflow.profile_id().unwrap().as_str(), "brisk");
    assert_eq!(
        tea("[profiles]\ntea = \"plain\"\n", "brisk").workflow.profile_id().unwrap().as_str(),
        "plain"
    );
    let none = tea("[profiles]\ntea = \"as-written\"\n", "brisk");
    assert_eq!((none.workflow.profile_id(), none.digest), (None, tea("", "").digest));
}

#[test]
fn unknown_profile_names_suggest_the_nearest() {
    let (code, at, help) = finding(TEA, "[profiles]\ntea = \"brusk\"\n", "");
    assert_eq!((code, at.as_str(), help.as_str()), ("E0107", "\"brusk\"", "did you mean `brisk`?"));
    let (code, at, help) = finding(TEA, "[profiles]\ntea = \"yancheng\"\n", "");
    assert_eq!((code, at.as_str()), ("E0107", "\"yancheng\""));
    assert_eq!(help, "the definition declares `brisk`, `plain`");
    let (code, at, help) = finding(TEA, "[profiles]\ntae = \"brisk\"\n", "");
    assert_eq!((code, at.as_str(), help.as_str()), ("E0107", "tae", "did you mean `tea`?"));
    let tests = format!("{TEA}[[tests]]\nname = \"t\"\nprofile = \"brusk\"\nsteps = []\n");
    let (code, at, help) = finding(&tests, "", "");
    assert_eq!((code, at.as_str(), help.as_str()), ("E0107", "\"brusk\"", "did you mean `brisk`?"));
    // What was in force is gone from the definition.
    let (code, _, help) = finding(TEA, "", "gone");
    assert_eq!((code, help.as_str()), ("E0107", "the definition declares `brisk`, `plain`"));
    let (code, _, help) = finding(TEA.split_once("[profiles").unwrap().0, "", "gone");
    assert!(code == "E0107" && help.contains("tea = \"as-written\""), "{help}");
}

#[test]
fn profiles_may_not_change_proved_parts() {
    let (code, at, _) = finding(&format!("{TEA}[profiles.brisk.promises]\nx = true\n"), "", "");
    assert_eq!((code, at.as_str()), ("E0102", "promises"));
    let (code, at, _) = finding(&format!("{TEA}[profiles.brisk.workflow]\nversion = 2\n"), "", "");
    assert_eq!((code, at.as_str()), ("E0102", "version"));
    let (code, at, _) = finding(&format!("{TEA}[profiles.as-written]\n"), "", "");
    assert_eq!((code, at.as_str()), ("E0112", "as-written"));
    // Each profile is checked, also those that nobody picks.
    let (code, _, _) = finding(&TEA.replace("1 business hour\"", "1 hour\""), "", "");
    assert_eq!(code, "E0106");
}

#[test]
fn tests_run_under_their_named_or_active_profile() {
    let tests =
        "[[tests]]\nname = \"a\"\nsteps = []\n[[tests]]\nname = \"b\"\nprofile = \"plain\"\nsteps = []\n";
    let checked = checked(&format!("{TEA}{tests}"), "[profiles]\ntea = \"brisk\"\n", "");
    let agreed = &checked.workflows[0];
    let under = |n: usize| agreed.form_of(&agreed.scripts[n]).0.profile_id().unwrap().as_str();
    assert_eq!((under(0), under(1)), ("brisk", "plain"));
}

#[test]
fn contradicting_profile_choices_are_found() {
    let mut library = Library::new();
    for (path, text) in [("office.toml", OFFICE), ("tea.toml", TEA)] {
        library.add(path, text.to_string());
    }
    library.add("a.toml", "[profiles]\ntea = \"brisk\"\n".to_string());
    library.add("b.toml", "[profiles]\ntea = \"brisk\"\n".to_string());
    assert!(!library.clone().check().has_errors(), "the same twice is no harm");
    library.add("c.toml", "[profiles]\ntea = \"plain\"\n".to_string());
    let codes: Vec<&str> = library.check().findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["E0116"]);
}
