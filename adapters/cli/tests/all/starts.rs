//! Cases that begin by a schedule, on the real binary: killed again and again, each minute has one
//! case.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use paidan_journal::{Header, Sqlite, Store as _, Tenant};

use crate::crash::start;

const EVERY_MINUTE: &str = r#"
[workflow]
id       = "minute"
version  = 1
title    = { zh = "每分钟", en = "Minute" }
calendar = "always"
start    = "due"
ladder   = "up"
[roles]
desk = { post = "dispatcher", of = "centre" }
[fields]
why = { type = "text", required = true, zh = "事由", en = "Why" }
[states]
due  = { title = { zh = "待办", en = "Due" }, who = ["desk"], on = { done = { go = "done" } } }
done = { title = { zh = "已办", en = "Done" }, outcome = "solved" }
[actions]
done = { zh = "办结", en = "Done" }
[clocks]
due = { title = { zh = "待办", en = "Due" }, starts = "due", limit = "1 calendar day" }
[ladders]
up = [{ at = "breach", tell = ["desk"] }]
[starts.minutely]
every  = "minute"
missed = { all = 366 }
fill   = { why = "it is time" }
"#;

/// How often it is killed.
const ROUNDS: u64 = 12;
/// Milliseconds of a minute of the town; one passes in 50 on the wall, so that cases are under way
/// at each kill.
const MINUTE: i64 = 60_000;

/// The planned moments of what was opened, by the start's stream; each names a case of its own that
/// is there.
async fn opened(store: &Sqlite) -> Vec<i64> {
    let (mut planned, mut named) = (Vec::new(), BTreeSet::new());
    for record in store.load(Tenant(0), "start/minute/minutely", 0).await.unwrap() {
        let header = Header::read(&record.bytes).unwrap();
        if record.kind == "started" {
            let case = header.data["case"].as_str().unwrap().to_string();
            let head = store.head(Tenant(0), &case).await.unwrap();
            assert!(head.is_some_and(|head| head.seq > 0), "{case}");
            assert!(named.insert(case.clone()), "{case} is named twice");
            planned.push(header.data["until"].as_i64().unwrap());
        }
    }
    let cases = store.streams(Tenant(0), "", u32::MAX).await.unwrap();
    let cases = cases.into_iter().filter(|stream| stream.starts_with("case/"));
    let cases: BTreeSet<String> = cases.collect();
    assert_eq!(cases, named, "every case is one of an occurrence");
    planned
}

#[test]
fn a_killed_start_opens_its_case_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("town.paidan");
    let definition = folder.path().join("minute.toml");
    std::fs::write(&definition, EVERY_MINUTE).unwrap();
    let more = ["--speed", "1200", "--workflows", definition.to_str().unwrap()];
    for round in 0..ROUNDS {
        let (mut child, _) = start(&store, "2026-09-30 14:50", &more);
        std::thread::sleep(Duration::from_millis(300 + round * 37 % 200));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let verified = Command::new(env!("CARGO_BIN_EXE_paidan"))
        .args(["audit", "verify", "--store"])
        .arg(&store)
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let planned = runtime.block_on(async { opened(&Sqlite::open(&store).await.unwrap()).await });
    println!("{} cases after {ROUNDS} kills", planned.len());
    assert!(planned.len() > 20, "cases were opened under way: {}", planned.len());
    let steps: BTreeSet<i64> = planned.windows(2).map(|two| two[1] - two[0]).collect();
    assert_eq!(steps, BTreeSet::from([MINUTE]), "one case a minute, none twice and none left out");
}
