//! Stores of every format that was ever released are opened, or upgraded and opened, for ever: what
//! each kept is what it says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use paidan_journal::sqlite::FORMAT;
use paidan_journal::sqlite::upgrade::{Before, FORMAT_BEFORE, Rewrite, kept, upgrade};
use paidan_journal::verify::verify;
use paidan_journal::{Fault, Header, Sqlite, Store as _, Tenant};
use paidan_machine::fact::Fact;
use paidan_machine::{Case, evolve};
use paidan_runtime::anchor::anchors_before;
use paidan_runtime::entry::{Entry, fold};
use paidan_runtime::publish::is_case;
use paidan_runtime::upgrade::Rewriting;
use sqlx::{ConnectOptions as _, Row as _};

const TOWN: Tenant = Tenant(0);
const ROWS: &str = "SELECT stream, body FROM records ORDER BY pos";

/// A store of the folder `golden`, laid out anew.
fn golden(folder: &Path, format: u32) -> PathBuf {
    let name = format!("town-{format}.paidan");
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let packed = all.join(format!("{name}.gz"));
    let done = Command::new("gzip").arg("-dc").arg(packed).output().unwrap();
    assert!(done.status.success());
    let path = folder.join(name);
    std::fs::write(&path, done.stdout).unwrap();
    path
}

/// Its records, read without the engine: stream, bytes.
async fn rows(path: &Path) -> Vec<(String, Vec<u8>)> {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut file = options.connect().await.unwrap();
    let rows = sqlx::query(ROWS).fetch_all(&mut file).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// The cases of a store of the form before, by its rows alone.
async fn cases_before(path: &Path) -> BTreeMap<String, Option<Case>> {
    let mut cases: BTreeMap<String, Option<Case>> = BTreeMap::new();
    for (stream, body) in rows(path).await.into_iter().filter(|(stream, _)| is_case(stream)) {
        let facts = Header::read(&body).unwrap().data["facts"].clone();
        let facts: Vec<Fact> = serde_json::from_value(facts).unwrap();
        let case = cases.entry(stream).or_default();
        *case = facts.iter().fold(case.take(), evolve);
    }
    cases
}

/// The cases of a store of today, its chains verified.
async fn cases(path: &Path) -> BTreeMap<String, Option<Case>> {
    let store = Sqlite::open(path).await.unwrap();
    let report = verify(&store, TOWN).await.unwrap();
    assert!(report.broken.is_empty() && report.records > 0, "{report:?}");
    let mut cases = BTreeMap::new();
    let streams = store.streams(TOWN, "", u32::MAX).await.unwrap();
    for stream in streams.into_iter().filter(|stream| is_case(stream)) {
        let records = store.load(TOWN, &stream, 0).await.unwrap();
        let entries: Vec<Entry> =
            records.iter().map(|record| Entry::read(&stream, record).unwrap()).collect();
        cases.insert(stream, fold(&entries, None));
    }
    store.close().await;
    cases
}

#[tokio::test]
async fn an_upgraded_store_says_what_it_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = golden(folder.path(), FORMAT_BEFORE);
    let (before, records) = (cases_before(&path).await, rows(&path).await.len());
    assert!(matches!(Sqlite::open(&path).await, Err(Fault::Format { .. })));
    let done = upgrade(&path, &Rewriting).await.unwrap().unwrap();
    assert_eq!(done.records, records as u64);
    assert!(done.bytes * 2 < done.bytes_before, "{done:?}");
    println!("{done:?}");
    assert!(before.len() > 5);
    assert_eq!(cases(&path).await, before);
    // What it was is kept, and what its history came to is the first anchor of the new one.
    assert_eq!(cases_before(&kept(&path)).await, before);
    let store = Sqlite::open(&path).await.unwrap();
    let anchors = anchors_before(&store, TOWN).await.unwrap();
    assert_eq!(anchors.iter().map(|anchor| anchor.size).collect::<Vec<_>>(), [records as u64]);
    store.close().await;
    assert_eq!(upgrade(&path, &Rewriting).await.unwrap(), None, "twice is once");
    assert_eq!(cases(&path).await, before);
}

/// Reads so many records, and then no more.
struct Stops(std::sync::atomic::AtomicUsize);

impl Rewrite for Stops {
    fn body(&self, stream: &str, old: &Header) -> Result<Vec<u8>, Fault> {
        if self.0.fetch_sub(1, std::sync::atomic::Ordering::SeqCst) == 0 {
            return Err(Fault::Record("stopped".into()));
        }
        Rewriting.body(stream, old)
    }
    fn note(&self, before: &Before) -> Result<(String, paidan_journal::entry::Draft), Fault> {
        Rewriting.note(before)
    }
}

#[tokio::test]
async fn a_stopped_upgrade_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = golden(folder.path(), FORMAT_BEFORE);
    let before = rows(&path).await;
    for records in [0, 1, before.len() / 2, before.len() - 1] {
        let stopped = upgrade(&path, &Stops(records.into())).await;
        assert!(matches!(&stopped, Err(Fault::Record(why)) if why == "stopped"), "{stopped:?}");
        assert_eq!(rows(&path).await, before, "{records}");
    }
    // Cut off wherever it is, as if the process had been killed.
    let mut cut = 0;
    for millis in 0..400 {
        let time = Duration::from_millis(millis);
        match tokio::time::timeout(time, upgrade(&path, &Rewriting)).await {
            Ok(Err(Fault::Locked)) => {}
            Ok(done) => {
                done.unwrap();
                break;
            }
            Err(_) if Sqlite::open(&path).await.is_ok() => break,
            Err(_) => cut += 1,
        }
        // What was cut off still lets go of the file, on a thread of its own.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(cut > 0);
    assert_eq!(cases(&path).await.len(), cases_before(&kept(&path)).await.len());
}

#[tokio::test]
async fn a_broken_history_is_not_upgraded() {
    let folder = tempfile::tempdir().unwrap();
    let path = golden(folder.path(), FORMAT_BEFORE);
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut file = options.connect().await.unwrap();
    let forge = "UPDATE records SET body = CAST(CAST(body AS TEXT) || ' ' AS BLOB) WHERE pos = 30";
    sqlx::query(forge).execute(&mut file).await.unwrap();
    drop(file);
    let before = rows(&path).await;
    assert!(matches!(upgrade(&path, &Rewriting).await, Err(Fault::Record(_))));
    assert_eq!(rows(&path).await, before);
}

#[tokio::test]
async fn stores_of_every_format_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let before = golden(folder.path(), FORMAT_BEFORE);
    let wanted = cases_before(&before).await;
    for format in FORMAT_BEFORE + 1..=FORMAT {
        assert_eq!(cases(&golden(folder.path(), format)).await, wanted, "{format}");
    }
}
