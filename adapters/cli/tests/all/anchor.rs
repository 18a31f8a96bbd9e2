//! The head of the whole history, kept elsewhere: computed by other means it is the same, and a store that is no longer
//! what it was is found by it, also where every chain in it holds.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::binary::{Running, paidan, root, start};
use serde_json::Value as Json;

fn run(args: &[&str]) -> (Option<i32>, String) {
    let done = paidan(args).output().unwrap();
    let said = String::from_utf8(done.stdout).unwrap() + &String::from_utf8_lossy(&done.stderr);
    (done.status.code(), said)
}

fn stop(mut running: Running) {
    let pid = running.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(running.0.wait().unwrap().success());
}

/// A scratch folder with the store of a demonstration in it, and its anchor.
struct Kept {
    folder: tempfile::TempDir,
}

impl Kept {
    fn new() -> Self {
        let kept = Self { folder: tempfile::tempdir().unwrap() };
        let (dev, ..) = start(&["dev", "--listen", "127.0.0.1:0", "--store", &kept.path("town.paidan")], 12);
        stop(dev);
        kept
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn anchor(&self, store: &str, name: &str) -> String {
        let (store, out) = (self.path(store), self.path(name));
        assert_eq!(run(&["audit", "anchor", "--store", &store, "--out", &out]), (Some(0), String::new()));
        std::fs::read_to_string(out).unwrap()
    }

    fn verify(&self, store: &str, anchor: &str) -> (Option<i32>, String) {
        run(&["audit", "verify", "--store", &self.path(store), "--anchor", &self.path(anchor)])
    }

    /// A copy of the store that somebody with a tool for databases has had in hand.
    fn altered(&self, name: &str, sql: &str) {
        std::fs::copy(self.path("town.paidan"), self.path(name)).unwrap();
        let script =
            "import sqlite3, sys\nd = sqlite3.connect(sys.argv[1])\nd.executescript(sys.argv[2])\nd.commit()";
        let done = Command::new(python()).args(["-c", script, &self.path(name), sql]).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    /// Opens a case on the file.
    /// Opens an order; its number.
    fn order(&self) -> String {
        let fields = ["reporter=resident-1", "place=gate-3", "category=drain", "summary=blocked"];
        let (store, who) = (self.path("town.paidan"), "resident-1");
        let to = ["--store", store.as_str(), "--as", who];
        let (code, said) = run(&[&["case", "open", "resident-order"], fields.as_slice(), &to].concat());
        assert_eq!(code, Some(0), "{said}");
        let number = said.split_whitespace().find(|word| word.starts_with("HAILING-"));
        assert!(number.is_some(), "{said}");
        number.unwrap().to_string()
    }

    /// The number of the first case that was ever opened.
    fn first_case(&self) -> String {
        let script = "import sqlite3, sys\nd = sqlite3.connect(sys.argv[1])\nprint(d.execute(\"SELECT stream FROM records WHERE stream LIKE 'case/%' ORDER BY pos LIMIT 1\").fetchone()[0])";
        let done = Command::new(python()).args(["-c", script, &self.path("town.paidan")]).output().unwrap();
        String::from_utf8(done.stdout).unwrap().trim().to_string()
    }

    fn computed(&self) -> Json {
        let script = root().join("adapters/cli/tests/anchor.py");
        let done = Command::new(python()).arg(script).arg(self.path("town.paidan")).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&done.stdout).unwrap()
    }
}

fn python() -> PathBuf {
    let python = root().join("target/tools/venv/bin/python");
    assert!(python.exists(), "run `cargo xtask tools` first: roots are computed by other means");
    python
}

#[test]
fn python_computes_the_same_root_and_leaves() {
    let kept = Kept::new();
    let text = kept.anchor("town.paidan", "anchor.txt");
    let computed = kept.computed();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert_eq!(lines[0], "dongtai.dev.invalid", "the store keeps whose history it is");
    assert_eq!(lines[1], computed["records"].to_string());
    assert_eq!(lines[2], computed["root"].as_str().unwrap());
    let (store, leaves) = (kept.path("town.paidan"), kept.path("leaves.txt"));
    let (code, printed) =
        run(&["audit", "anchor", "--store", &store, "--leaves", &leaves, "--origin", "another.example"]);
    assert_eq!((code, printed), (Some(0), text.replacen(lines[0], "another.example", 1)));
    let told = std::fs::read_to_string(leaves).unwrap();
    let all: Vec<&str> = computed["leaves"].as_array().unwrap().iter().map(|l| l.as_str().unwrap()).collect();
    assert_eq!(told.lines().collect::<Vec<_>>(), all);
    let (code, said) = kept.verify("town.paidan", "anchor.txt");
    assert!(code == Some(0) && said.contains("chain intact, head ") && said.contains(lines[2]), "{said}");
    assert!(said.contains("matches the anchor of dongtai.dev.invalid"), "{said}");
    // What was recorded since does not matter to what was anchored.
    kept.order();
    let (code, said) = kept.verify("town.paidan", "anchor.txt");
    assert!(code == Some(0) && said.contains("matches the anchor"), "{said}");
}

/// Takes the last records away, with everything beside them that tells of it.
const LAST_ONES: &str = "CREATE TEMP TABLE gone AS SELECT stream, pos FROM records ORDER BY pos DESC LIMIT 3;
    DELETE FROM records WHERE pos IN (SELECT pos FROM gone);
    DELETE FROM heads WHERE stream NOT IN (SELECT stream FROM records);
    UPDATE heads SET seq = (SELECT max(seq) FROM records r WHERE r.stream = heads.stream),
        hash = (SELECT hash FROM records r WHERE r.stream = heads.stream ORDER BY seq DESC LIMIT 1)
        WHERE stream IN (SELECT stream FROM gone);";
/// Puts two records of different streams into each other's place.
const SWAPPED: &str =
    "CREATE TEMP TABLE two AS SELECT a.pos AS first, b.pos AS second FROM records a JOIN records b
        ON b.pos = a.pos + 1 AND a.stream <> b.stream ORDER BY a.pos LIMIT 1;
    UPDATE records SET pos = -1 WHERE pos = (SELECT first FROM two);
    UPDATE records SET pos = (SELECT first FROM two) WHERE pos = (SELECT second FROM two);
    UPDATE records SET pos = (SELECT second FROM two) WHERE pos = -1;";

#[test]
fn forged_removed_and_moved_records_are_found() {
    let kept = Kept::new();
    kept.anchor("town.paidan", "anchor.txt");
    let byte = "UPDATE records
        SET body = CAST(replace(CAST(body AS TEXT), '\"story\"', '\"storz\"') AS BLOB)
        WHERE pos = (SELECT min(pos) FROM records
            WHERE instr(CAST(body AS TEXT), '\"story\"') > 0)";
    for (name, sql, says) in [
        ("forged", byte, "are not those of the anchor"),
        ("fewer", LAST_ONES, "it was rolled back"),
        ("swapped", SWAPPED, "are not those of the anchor"),
    ] {
        kept.altered(name, sql);
        let (code, said) = kept.verify(name, "anchor.txt");
        assert!(code == Some(5) && said.contains("BROKEN") && said.contains(says), "{name}: {code:?} {said}");
    }
    // Within the store nothing tells of these.
    let (code, said) = run(&["audit", "verify", "--store", &kept.path("swapped")]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = kept.verify("town.paidan", "anchor.txt");
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn an_older_copy_of_the_store_is_detected() {
    let kept = Kept::new();
    std::fs::copy(kept.path("town.paidan"), kept.path("yesterday")).unwrap();
    kept.order();
    kept.anchor("town.paidan", "anchor.txt");
    let (code, said) = run(&["audit", "verify", "--store", &kept.path("yesterday")]);
    assert_eq!(code, Some(0), "by itself it is sound: {said}");
    let (code, said) = kept.verify("yesterday", "anchor.txt");
    assert!(code == Some(5) && said.contains("it was rolled back"), "{code:?} {said}");
}

#[test]
fn malformed_anchors_are_refused() {
    let kept = Kept::new();
    let text = kept.anchor("town.paidan", "anchor.txt");
    let other = kept.path("other.txt");
    for wrong in
        [String::new(), text.replacen('\n', "\n0", 1), text.lines().take(2).collect(), "x".repeat(20_000)]
    {
        std::fs::write(Path::new(&other), &wrong).unwrap();
        let (code, said) = kept.verify("town.paidan", "other.txt");
        assert_eq!(code, Some(2), "{said}");
    }
}

#[test]
fn exported_case_records_verify_without_the_store() {
    let kept = Kept::new();
    let text = kept.anchor("town.paidan", "anchor.txt");
    let (case, anchor, records) = (kept.first_case(), kept.path("anchor.txt"), kept.path("case.jsonl"));
    let export = ["audit", "export", &case, "--store", &kept.path("town.paidan"), "--out", &records];
    assert_eq!(run(&export).0, Some(0));
    let (code, said) = run(&["audit", "verify", "--records", &records, "--anchor", &anchor]);
    assert!(code == Some(2) && said.contains("has no proof"), "{code:?} {said}");
    assert_eq!(run(&[export.as_slice(), &["--anchor", &anchor]].concat()).0, Some(0));
    let whole = std::fs::read_to_string(&records).unwrap();
    let verify = |with: &[&str]| run(&[&["audit", "verify", "--records", &records], with].concat());
    let (code, said) = verify(&["--anchor", &anchor]);
    let root = text.lines().last().unwrap();
    assert!(
        code == Some(0) && said.contains("that is the head in your copy") && said.contains(root),
        "{said}"
    );
    let (code, said) = verify(&[]);
    assert!(code == Some(0) && said.contains("compare that head with the one that was published"), "{said}");
    // By the definition alone, with nothing of ours.
    let script = root_of("adapters/cli/tests/proof.py");
    let done = Command::new(python()).arg(script).arg(&records).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    // Every record may be forged so that its chain holds; the last that is covered may not.
    let lines: Vec<&str> = whole.lines().collect();
    let covered = lines.len() - 2;
    let forged = lines[covered].replacen("\"facts\":[", "\"facts\":[{\"did\":\"forge\"},", 1);
    assert_ne!(forged, lines[covered]);
    std::fs::write(&records, whole.replace(lines[covered], &forged)).unwrap();
    let (code, said) = verify(&["--anchor", &anchor]);
    assert!(code == Some(5) && said.contains("is not the one that stands in the history"), "{code:?} {said}");
    // Another anchor than the one in hand.
    std::fs::write(&records, &whole).unwrap();
    std::fs::write(&anchor, text.replacen("dongtai", "another", 1)).unwrap();
    let (code, said) = verify(&["--anchor", &anchor]);
    assert!(code == Some(5) && said.contains("the proof is one of another anchor"), "{code:?} {said}");
    // A case that was opened after it.
    kept.anchor("town.paidan", "anchor.txt");
    let late = kept.order();
    let export = ["audit", "export", late.as_str(), "--store", &kept.path("town.paidan")];
    let (code, said) = run(&[export.as_slice(), &["--anchor", &anchor]].concat());
    assert!(code == Some(2) && said.contains("the anchor is older than the case"), "{code:?} {said}");
    let (code, said) = run(&export);
    assert!(
        code == Some(0) && said.starts_with("[2,\"case/"),
        "without an anchor it is taken out: {code:?} {said}"
    );
}

fn root_of(path: &str) -> PathBuf {
    root().join(path)
}
