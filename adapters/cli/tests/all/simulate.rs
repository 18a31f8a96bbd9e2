//! `paidan simulate` on the real binary: what a newcomer makes, what ships, what a demand may say, and the same again.

use std::path::Path;

use crate::binary::{paidan, root};
use serde_json::Value as Json;

/// Runs the binary in a folder; its exit code, what it said, and what it complained of.
fn run(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let done = paidan(args).current_dir(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.code(), text(done.stdout), text(done.stderr))
}

fn json(folder: &Path, args: &[&str]) -> Json {
    let (code, said, why) = run(folder, args);
    assert_eq!(code, Some(0), "{args:?}: {why}");
    serde_json::from_str(&said).unwrap()
}

fn count(report: &Json, pointer: &str) -> u64 {
    report.pointer(pointer).and_then(Json::as_u64).unwrap_or_else(|| unreachable!("{pointer} in {report}"))
}

fn made(folder: &Path, template: &str) {
    let (code, _, why) = run(folder, &["new", template, "--template", template]);
    assert_eq!(code, Some(0), "{why}");
}

#[test]
fn templates_are_simulated_and_list_their_assumptions() {
    let folder = tempfile::tempdir().unwrap();
    for template in ["whistle", "order", "wish", "plain"] {
        made(folder.path(), template);
        let line = ["simulate", template, "--cases", "60", "--days", "5"];
        let (code, said, why) = run(folder.path(), &line);
        assert_eq!(code, Some(0), "{why}");
        assert!(said.contains("given: 60 cases over 5 working days"), "{said}");
        assert!(said.contains("assumed: each handling takes 15 minutes"), "{said}");
        assert!(said.contains("60 opened") && said.contains(" 0 of them stuck"), "{said}");
        assert!(said.lines().last().unwrap().starts_with("no bottleneck: nobody's queue exceeded"), "{said}");
        assert_eq!(run(folder.path(), &line).1, said, "the same seed gives the same bytes");
        let zh = run(folder.path(), &[&line[..], &["--tongue", "zh"]].concat()).1;
        assert!(zh.contains("假设：每次办理15分钟") && zh.contains("没有瓶颈"), "{zh}");
    }
}

/// Of lifts few: people go a long way with one, and each takes its time.
#[test]
fn whatever_ships_is_simulated_without_anybody_getting_stuck() {
    for entry in std::fs::read_dir(root().join("workflows")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let lift = path.ends_with("elevator-installation.toml");
        let (path, cases) = (path.display().to_string(), if lift { 12 } else { 50 });
        let report = json(&root(), &["simulate", &path, "--cases", &cases.to_string(), "--json"]);
        assert_eq!(count(&report, "/cases/opened"), cases, "{path}");
        assert_eq!(report.pointer("/stuck"), Some(&Json::Array(Vec::new())), "{path}: {report}");
        assert_eq!(count(&report, "/cases/circling"), 0, "{path}");
        let (closed, open) = (count(&report, "/cases/closed"), count(&report, "/cases/open"));
        assert_eq!(closed + open, cases, "{path}");
        // A lift is looked after for years; everything else ends within the year that is watched.
        assert!(open == 0 || lift, "{path}: {report}");
        let again = ["simulate", &path, "--cases", "5", "--seed", "7", "--json"];
        assert_eq!(run(&root(), &again), run(&root(), &again), "{path}");
    }
}

const DEMAND: &str = r#"
[demand]
cases    = 300
days     = 10
weekdays = { mon = 6, tue = 1, wed = 1, thu = 1, fri = 1 }
calendar = "office"
minutes  = 5

[demand.hands.dispatcher]
minutes = 12

[demand.actions.call]
minutes = 20
"#;

#[test]
fn simulation_names_the_bottleneck_and_one_more_person() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), "whistle");
    std::fs::write(folder.path().join("whistle/demand.toml"), DEMAND).unwrap();
    // It is read with the folder; named once more it is still one.
    let line = ["simulate", "whistle", "--from", "whistle/demand.toml"];
    let (code, said, why) = run(folder.path(), &line);
    assert_eq!(code, Some(0), "{why}");
    let last: Vec<&str> = said.lines().rev().take(2).collect();
    let narrow = last.get(1).unwrap();
    assert!(narrow.starts_with("bottleneck: dispatcher, City command centre on Mondays: "), "{said}");
    assert!(last.first().unwrap().starts_with("with 2 people there: "), "{said}");
    assert!(said.contains("given: dispatcher, 12 minutes each"), "{said}");

    let report = json(folder.path(), &["simulate", "whistle", "--json"]);
    let (now, then) = (count(&report, "/bottleneck/longest"), count(&report, "/remedy/longest"));
    assert!(then < now && now > 30, "{report}");
    assert_eq!(count(&report, "/bottleneck/weekday"), 0);
    let narrow = report.pointer("/summary").and_then(Json::as_str).unwrap();
    assert!(said.contains(narrow), "the page and the JSON say the same: {narrow}");
}

#[test]
fn mistakes_in_a_demand_file_have_places() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), "whistle");
    let wrong = [
        ("[demand]\ncasses = 5", "E0102", "did you mean `cases`?"),
        ("[demand]\ncases = \"5\"", "E0103", "a whole number is expected"),
        ("[demand]\ncases = 100001", "E0109", "between 1 and 100000"),
        ("[demand.hands.dispacher]\npeople = 2", "E0107", "did you mean `dispatcher`?"),
        ("[demand.actions.cal]\nweight = 2", "E0107", "did you mean `call`?"),
        ("[demand]\ncalendar = \"ofice\"", "E0107", "did you mean `office`?"),
        ("[demand]\nanswer_minutes = [60]", "E0112", "the soonest and the latest"),
    ];
    for (text, code, help) in wrong {
        std::fs::write(folder.path().join("demand.toml"), text).unwrap();
        let (exit, said, why) = run(folder.path(), &["simulate", "whistle", "--from", "demand.toml"]);
        assert_eq!((exit, said.as_str()), (Some(1), ""), "{text}");
        assert!(why.contains(code) && why.contains(help) && why.contains("demand.toml"), "{why}");
    }
    let (exit, _, why) = run(folder.path(), &["simulate", "whistle", "--cases", "100001"]);
    assert!(exit == Some(2) && why.contains("100001 cases; one run has 1 to 100000"), "{why}");
}

/// The commented file that ships says what is assumed when nothing is said.
#[test]
fn a_complete_demand_file_still_lists_assumptions() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), "plain");
    let own = folder.path().join("plain/demand.toml");
    std::fs::write(
        &own,
        std::fs::read_to_string(&own).unwrap().replace("minutes    = 15", "minutes    = 90"),
    )
    .unwrap();
    let file = root().join("config/demand.toml").display().to_string();
    let given = json(folder.path(), &["simulate", "plain", "--cases", "40", "--json"]);
    let said = json(folder.path(), &["simulate", "plain", "--cases", "40", "--json", "--from", &file]);
    assert_ne!(given, said, "the folder's own is taken, unless another is named");
    std::fs::remove_file(own).unwrap();
    let bare = json(folder.path(), &["simulate", "plain", "--cases", "40", "--json"]);
    assert_eq!(bare, said);
}
