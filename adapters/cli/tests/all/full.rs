//! A full disk: commands are refused, lists are read on, a case is shown only while the look can be written down, and with
//! room again it works on without a restart. The disk is a small one in memory, seen by this test's processes alone.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::binary::Running;
use crate::client::{Answer, Request};

/// The disk's size and what fills most of it at the start, in KiB.
const DISK: u32 = 12 * 1024;
const FILLER: u32 = 8 * 1024;
/// Orders after which the disk must have been full.
const MOST: usize = 2_000;

fn get(address: &str, path: &str) -> Answer {
    Request::get(path).who("resident-2").send(address)
}

/// Opens a case under a key.
fn open(address: &str, key: &str) -> Answer {
    let fields = json!({
        "reporter": "resident-2", "place": "gate-3", "category": "drain", "summary": "blocked",
    });
    let body = json!({ "workflow": "resident-order", "fields": fields });
    Request::json("/v1/cases", &body).who("resident-2").key(key).send(address)
}

/// The number in the answer to an opened case.
fn number(answer: &str) -> String {
    answer.split_once("\"number\":\"").unwrap().1.split_once('"').unwrap().0.to_string()
}

/// Looks at a case until a look cannot be written down: then nothing of it is told. How many looks were written.
fn looks_until_nobody_may(address: &str, path: &str) -> usize {
    let mut written = 0;
    let refused = (0..MOST).find_map(|_| {
        let Answer { status, text: answer } = get(address, path);
        let shown = answer.contains("blocked");
        assert_eq!(status == 200, shown, "{status}: {answer}");
        written += usize::from(shown);
        (!shown).then_some((status, answer))
    });
    let (status, answer) = refused.expect("no look could be written at last");
    assert_eq!((status, answer.contains("F2001")), (503, true), "{answer}");
    assert!(!answer.contains("gate-3") && !answer.contains("resident-2"), "{answer}");
    written
}

/// Streams of starts, one record each: seasons and lift inspections, watched at three subdistricts.
const STARTS: usize = 6;

#[test]
fn a_full_disk_refuses_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let script = format!(
        "set -e; mount -t tmpfs -o size={DISK}k none {disk}; dd if=/dev/zero of={disk}/filler bs=1024 count={FILLER} 2>/dev/null
         \"$0\" dev --quiet --still --listen 127.0.0.1:0 --store {disk}/town.paidan & echo $!; wait $! || true
         exec \"$0\" audit verify --store {disk}/town.paidan",
        disk = disk.display()
    );
    let mut child = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", &script, env!("CARGO_BIN_EXE_paidan")])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("util-linux has unshare");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let running = Running(child);
    let pid = lines.next().expect("a namespace of our own may be made here").unwrap();
    let address = lines.next().unwrap().unwrap().rsplit_once("http://").unwrap().1.to_string();
    // Each published definition has a stream and a record of its own.
    let definitions = get(&address, "/v1/workflows").text.matches("\"digest\"").count();
    let Answer { status, text: first } = open(&address, "first");
    assert_eq!(status, 201, "{first}");
    let first = format!("/v1/cases/{}", number(&first));
    let mut acknowledged = 1;
    let refused = (0..MOST).find_map(|n| {
        let Answer { status, text: answer } = open(&address, &format!("k{n}"));
        acknowledged += usize::from(status == 201);
        (status != 201).then_some((status, answer))
    });
    let (status, answer) = refused.expect("the disk was full at last");
    assert_eq!((status, answer.contains("F2001")), (503, true), "{answer}");
    assert_eq!(get(&address, "/v1/cases?limit=1").status, 200, "reading goes on");
    let looks = looks_until_nobody_may(&address, &first) + 1;
    std::fs::remove_file(format!("/proc/{pid}/root{}/filler", disk.display())).unwrap();
    let Answer { status, text: answer } = open(&address, "after");
    assert_eq!(status, 201, "with room it works on: {answer}");
    acknowledged += 1;
    let Answer { status, text: answer } = get(&address, &first);
    assert!(status == 200 && answer.contains("blocked"), "{answer}");
    let stopped = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    assert!(stopped.success());
    let report = lines.map_while(Result::ok).last().unwrap_or_default();
    println!("{acknowledged} acknowledged, {looks} looks; {report}");
    let all = acknowledged + definitions;
    // The looks of a day are a stream.
    let (streams, records) = (all + 1 + STARTS, all + looks + STARTS);
    assert_eq!(report, format!("{streams} streams, {records} records, 0 broken"));
    drop(running);
}
