//! The real binary, killed without warning under load: what was acknowledged is there, once.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use paidan_journal::Tenant;
use paidan_journal::{Sqlite, Store as _};
use paidan_machine::fact::{Fact, TimerFact};
use paidan_model::moment::{Moment, Zone};
use paidan_runtime::entry::Entry;

use crate::client::Request;

/// When the last start is: what was ordered is late by then.
const LATER: &str = "2026-10-02 10:00";
/// Clients at once.
const CLIENTS: usize = 16;
/// Answers after which the process is killed.
const ANSWERS: usize = 40;

/// How often it is killed; `PAIDAN_CRASH_ROUNDS` for more. Each round begins ten minutes later, and the clock runs so
/// fast that timers fire under the load.
fn rounds() -> usize {
    std::env::var("PAIDAN_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(20)
}

/// Starts a demonstration upon a store; its address.
pub fn start(store: &Path, at: &str, more: &[&str]) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_paidan"))
        .args(["dev", "--quiet", "--listen", "127.0.0.1:0", "--start", at, "--store"])
        .arg(store)
        .args(more)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().expect("the first line").unwrap();
    drop(lines);
    let address = first.rsplit_once("http://").unwrap().1.to_string();
    (child, address)
}

/// Opens a case under a token; its number, if it was acknowledged.
fn open(address: &str, token: &str) -> Option<String> {
    let form = format!(
        "_token={token}&class=urgent&reporter=resident-1&place=gate-3&category=drain&summary=blocked"
    );
    let page = Request::form("/new/resident-order", &form).try_send(address)?.text;
    let (_, tail) = page.split_once("class=\"receipt\">")?;
    let (number, _) = tail.split_once('<')?;
    page.contains("</html>").then(|| number.to_string())
}

fn load(address: &str, round: usize, child: Child) -> (BTreeMap<String, String>, BTreeSet<String>) {
    let acknowledged = Arc::new(Mutex::new(BTreeMap::new()));
    let asked = Arc::new(Mutex::new(BTreeSet::new()));
    let answers = Arc::new(AtomicUsize::new(0));
    let child = Arc::new(Mutex::new(child));
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (acknowledged, asked) = (Arc::clone(&acknowledged), Arc::clone(&asked));
            let (answers, child) = (Arc::clone(&answers), Arc::clone(&child));
            scope.spawn(move || {
                for n in 0.. {
                    let token = format!("r{round}c{client}n{n}");
                    asked.lock().unwrap().insert(token.clone());
                    let Some(number) = open(address, &token) else { return };
                    acknowledged.lock().unwrap().insert(token, number);
                    if answers.fetch_add(1, Ordering::SeqCst) + 1 == ANSWERS {
                        child.lock().unwrap().kill().unwrap();
                    }
                }
            });
        }
    });
    child.lock().unwrap().wait().unwrap();
    (acknowledged.lock().unwrap().clone(), asked.lock().unwrap().clone())
}

/// Looks at every timer of the store: none fired twice, and none that was due is still waiting. How many fired, of how many cases.
fn timers(store: &Path) -> (usize, usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Sqlite::open(store).await.unwrap();
        let later = Moment::parse_local(LATER, &Zone::SHANGHAI).unwrap();
        assert_eq!(store.due(Tenant(0), later.millis(), 1).await.unwrap(), vec![], "a timer was lost");
        let mut fired = BTreeSet::new();
        let (mut count, mut cases) = (0, 0);
        let streams = store.streams(Tenant(0), "", u32::MAX).await.unwrap();
        for stream in streams.into_iter().filter(|stream| stream.starts_with("case/")) {
            cases += 1;
            for record in store.load(Tenant(0), &stream, 0).await.unwrap() {
                let facts = Entry::read(&stream, &record).unwrap().facts;
                for fact in facts.iter().filter(|fact| matches!(fact, Fact::Timer(TimerFact::Fired { .. }))) {
                    count += 1;
                    assert!(fired.insert(format!("{stream} {fact:?}")), "twice: {stream} {fact:?}");
                }
            }
        }
        (count, cases)
    })
}

#[test]
fn kills_lose_nothing_acknowledged_and_repeat_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("town.paidan");
    let mut acknowledged = BTreeMap::new();
    let mut asked = BTreeSet::new();
    for round in 0..rounds() {
        let minutes = 50 + round * 10;
        let at = format!("2026-09-30 {}:{:02}", 14 + minutes / 60, minutes % 60);
        let (child, address) = start(&store, &at, &["--speed", "600"]);
        let (more, tokens) = load(&address, round, child);
        acknowledged.extend(more);
        asked.extend(tokens);
    }
    let (mut child, address) = start(&store, LATER, &["--still"]);
    let later = format!("to={}", LATER.replace(' ', "+").replace(':', "%3A"));
    // Each try waits half a minute for what is due; many thousand timers may take longer.
    let settled = (0..20).any(|_| Request::form("/clock", &later).send(&address).status == 303);
    assert!(settled, "what is due has fired");
    let mut numbers = BTreeSet::new();
    for token in &asked {
        let number = open(&address, token).expect("a repeated request is answered");
        if let Some(before) = acknowledged.get(token) {
            assert_eq!(before, &number, "the answer to {token} is the one that was given");
        }
        assert!(numbers.insert(number.clone()), "{number} was given twice");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let verified = Command::new(env!("CARGO_BIN_EXE_paidan"))
        .args(["audit", "verify", "--store"])
        .arg(&store)
        .output()
        .unwrap();
    let report = String::from_utf8(verified.stdout).unwrap();
    println!("{} rounds, {} asked, {} acknowledged; {report}", rounds(), asked.len(), acknowledged.len());
    assert!(verified.status.success(), "{report}");
    let (fired, cases) = timers(&store);
    assert_eq!(cases, asked.len(), "{report}");
    println!("{fired} timers fired, each once, none lost");
    assert!(fired > asked.len(), "the load had timers");
}
