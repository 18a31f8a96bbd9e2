//! What a record costs: bytes are the same on every machine, so a limit on them may fail a build.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use paidan_journal::{Memory, Store as _, StoredRecord};
use paidan_model::id::{ActionId, WorkflowId};
use paidan_runtime::commands::Want;
use paidan_runtime::{Act, Actor};
use paidan_tests::world::{Counted, Still, engine};
use paidan_tests::{checkout, shipped};
use serde_json::json;

const DEFINITIONS: [&str; 2] = ["workflows/blocks/survey.toml", "workflows/resident-order.toml"];

/// The records of a resident's order that was opened and withdrawn.
async fn records() -> Vec<StoredRecord> {
    let (clock, ids) = (Still::at("2026-09-30 15:00"), Counted::default());
    let desk = engine(Memory::default(), clock, ids, &shipped::checked(&DEFINITIONS)).await.0;
    let resident = || {
        let (subject, via) = ("resident-2".into(), "bench".into());
        Actor::Person { subject, posts: Vec::new(), via }
    };
    let pairs = [
        ("reporter", "resident-2"),
        ("place", "gate-3"),
        ("category", "drain"),
        ("summary", "the drain is blocked"),
    ];
    let fill: BTreeMap<String, _> =
        pairs.into_iter().map(|(name, text)| (name.to_string(), json!(text))).collect();
    let workflow = WorkflowId::parse("resident-order").unwrap();
    let (channel, parent, levels_of) = ("bench".into(), None, None);
    let open = Want::Open { workflow, fill, channel, parent, levels_of };
    let stream = desk.commands.ask(resident(), open, None).await.unwrap().stream;
    let act = Act {
        action: ActionId::parse("withdraw").unwrap(),
        fill: BTreeMap::new(),
        reason: Some("solved".into()),
        leg: None,
        seen: None,
    };
    desk.commands.ask(resident(), Want::Act { stream: stream.clone(), act }, None).await.unwrap();
    desk.world.store.load(desk.tenant, &stream, 0).await.unwrap()
}

#[tokio::test]
async fn opening_and_withdrawal_stay_small() {
    let [opening, withdrawal] = records().await.try_into().unwrap();
    let (opening, withdrawal) = (opening.body(), withdrawal.body());
    println!("{} {}", opening.len(), String::from_utf8_lossy(opening));
    println!("{} {}", withdrawal.len(), String::from_utf8_lossy(withdrawal));
    assert!(opening.len() <= 1_000, "{}", opening.len());
    assert!(withdrawal.len() <= 330, "{}", withdrawal.len());
}

/// The two lines of the README by which anybody checks a link of the chain, run by a shell.
#[tokio::test]
async fn an_auditor_needs_no_tool_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let records = records().await;
    let line = |record: &StoredRecord| String::from_utf8(record.bytes.clone()).unwrap();
    let lines: Vec<String> = records.iter().map(line).collect();
    std::fs::write(folder.path().join("DT-2026-000017.jsonl"), lines.join("\n") + "\n").unwrap();
    let readme = checkout::text(Path::new("README.md")).unwrap();
    let run = |begins: &str| {
        let line = readme.lines().map(str::trim).find(|line| line.starts_with(begins)).unwrap();
        let mut shell = Command::new("sh");
        let done = shell.args(["-c", line]).current_dir(folder.path()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim().to_string()
    };
    let hash = run("head -n 1 DT-2026");
    assert_eq!(hash, hex::encode(&records[0].hash));
    assert_eq!(run("sed -n 2p DT-2026"), hash);
}
