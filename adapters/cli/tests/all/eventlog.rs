//! What `audit export` writes for process mining, read by other people's tool: as many traces and events as we counted,
//! and of a case known by hand exactly the edges that it walked.

use std::path::Path;
use std::process::Command;

use crate::binary::{Running, paidan, root, start};
use serde_json::{Value as Json, json};

/// Words of a resident that stand in the case and nowhere else.
const CANARY: &str = "canary-7f3a19";

fn said(args: &[&str]) -> String {
    let done = paidan(args).output().unwrap();
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

fn stop(mut running: Running) {
    let pid = running.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(running.0.wait().unwrap().success());
}

fn open(store: &str, who: &str) -> String {
    let summary = format!("summary={CANARY}");
    let reporter = format!("reporter={who}");
    let fields = ["place=gate-3", "category=drain", summary.as_str(), reporter.as_str()];
    let to = ["--store", store, "--as", who];
    let line = said(&[&["case", "open", "resident-order"], fields.as_slice(), &to].concat());
    line.split_whitespace().next().unwrap().to_string()
}

fn act(store: &str, who: &str, case: &str, action: &str, more: &[&str]) {
    said(&[&["case", "do", case, action], more, &["--store", store, "--as", who]].concat());
}

/// A town in which an order was withdrawn while an agent was asked, another is open, and scenes are under way.
fn town(store: &str) -> (String, String) {
    let (dev, ..) = start(&["dev", "--listen", "127.0.0.1:0", "--store", store], 12);
    stop(dev);
    let (one, other) = (open(store, "resident-1"), open(store, "resident-2"));
    act(store, "secretary-hailing", &one, "triage", &["order_type=repair", "class=normal"]);
    act(store, "secretary-hailing", &one, "dispatch", &["agent=lead-hailing"]);
    act(store, "resident-1", &one, "withdraw", &["--reason", CANARY]);
    (one, other)
}

fn read(folder: &Path, case: &str) -> Json {
    let python = root().join("target/tools/venv/bin/python");
    assert!(python.exists(), "run `cargo xtask tools` first: the log is read by other people's tool");
    let script = root().join("adapters/cli/tests/eventlog.py");
    let files = [folder.join("town.xes"), folder.join("town.csv")];
    let done = Command::new(python).arg(script).args(files).arg(case).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).unwrap()
}

/// What is printed of a log: its traces, its events.
fn counted(line: &str) -> (u64, u64) {
    let numbers: Vec<u64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    (numbers[0], numbers[1])
}

/// The life of the withdrawn order, told by its definition alone: a record says what was left, what was done, what began.
const WALKED: [&str; 12] = [
    "opened/complete",
    "state:placed/start",
    "state:placed/complete",
    "action:triage/complete",
    "state:triaged/start",
    "state:triaged/complete",
    "action:dispatch/complete",
    "state:offered/start",
    "state:offered/complete",
    "action:withdraw/complete",
    "state:withdrawn/start",
    "closed/complete",
];

#[test]
fn pm4py_reads_the_log_and_finds_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let store = path("town.paidan");
    let (case, _) = town(&store);
    let export = |more: &[&str]| said(&[&["audit", "export", "--store", &store], more].concat());
    let told = export(&["--format", "xes", "--tongue", "en", "--out", &path("town.xes")]);
    let cells = export(&["--format", "csv", "--tongue", "en", "--out", &path("town.csv")]);
    let (traces, events) = counted(&told);
    assert_eq!(counted(&cells), (traces, events));
    let sum = Command::new("sha256sum").arg(path("town.xes")).output().unwrap();
    let sum = String::from_utf8(sum.stdout).unwrap();
    assert!(told.contains(&format!("sha256 {} ", sum.split_whitespace().next().unwrap())), "{told}");
    let read = read(folder.path(), &case);
    assert!(traces > 10, "{told}");
    assert_eq!((&read["traces"], &read["events"]), (&json!(traces), &json!(events)));
    assert_eq!(read["legacy"], json!([traces, events]));
    assert_eq!((&read["rows"], &read["width"]), (&json!(events), &json!([15])));
    assert_eq!(read["order"], json!(WALKED));
    let names = WALKED.map(|event| event.split_once('/').unwrap().0);
    let mut edges: Vec<Json> = names.windows(2).map(|two| json!([two[0], two[1], 1])).collect();
    edges.sort_by_key(Json::to_string);
    assert_eq!(read["walked"], json!({ "edges": edges, "first": ["opened"], "last": ["closed"] }));
    assert_eq!(read["titles"]["first"], json!(["Opened"]));
    assert_eq!(read["extensions"], json!(["concept", "lifecycle", "org", "time"]));
    assert_eq!((&read["missing"], &read["classifiers"]), (&json!([]), &json!([])), "as the globals say");
    assert_eq!(read["resources"], json!(["resident-1", "secretary-hailing"]));
    let withheld = read["all_resources"].as_array().unwrap().contains(&json!("withheld"));
    assert!(withheld, "the scenes have votes, and who took part is not told");
}

#[test]
fn event_logs_hold_requested_cases_and_no_texts() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let store = path("town.paidan");
    let (case, other) = town(&store);
    let out = path("some.xes");
    let export = |more: &[&str]| {
        let args = [&["audit", "export", "--store", &store, "--format", "xes", "--out", &out], more].concat();
        (counted(&said(&args)).0, std::fs::read_to_string(&out).unwrap())
    };
    let (all, text) = export(&[]);
    assert!(!text.contains(CANARY) && text.contains(&case) && text.contains(&other));
    for name in ["何阿婆", "六层楼没有电梯"] {
        assert!(!text.contains(name), "{name}");
    }
    assert_eq!(export(&[&case, &other]).0, 2);
    let (orders, text) = export(&["--workflow", "resident-order"]);
    assert!(orders >= 2 && orders < all && !text.contains("whistle-report"));
    // The town's own day is that of its story; what was opened on the file is of the day it was done, as its number says.
    let of_story = export(&["--from", "2026-09-30", "--to", "2026-09-30"]);
    assert!(of_story.0 > 0 && of_story.0 < all && !of_story.1.contains(&case), "{}", of_story.0);
    let day = case.rsplit('-').nth(2).unwrap();
    let day = format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]);
    let (of_day, text) = export(&["--from", &day, "--to", &day]);
    assert!(of_day >= 2 && of_day < all && text.contains(&case) && text.contains(&other), "{of_day}");
    let nothing = ["audit", "export", "nothing", "--store", &store, "--format", "xes", "--out", &out];
    let refused = paidan(&nothing).output().unwrap();
    assert_eq!(refused.status.code(), Some(2), "{}", String::from_utf8_lossy(&refused.stderr));
}
