//! The real binary, killed in the middle of fifty claims by one giver: exactly three hold, in the account and on the wishes.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use paidan_journal::entry::Tenant;
use paidan_journal::{Header, Sqlite, Store as _};
use paidan_machine::evolve;
use paidan_machine::fact::Fact;
use paidan_machine::party::{self, PartyFact};
use serde_json::{Value as Json, json};

/// Wishes, and claims upon them.
const WISHES: usize = 50;
/// Claims at once.
const HANDS: usize = 8;
/// Answers after which the process is killed.
const ANSWERS: usize = 12;

fn start(store: &Path) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_paidan"))
        .args(["dev", "--quiet", "--still", "--listen", "127.0.0.1:0", "--store"])
        .arg(store)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().expect("the first line").unwrap();
    let address = first.rsplit_once("http://").unwrap().1.to_string();
    (child, address)
}

/// Asks the API as somebody; nothing when the process is gone.
fn ask(address: &str, who: &str, path: &str, key: &str, kind: &str, body: &[u8]) -> Option<(u16, Json)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nCookie: who={who}\r\nIdempotency-Key: {key}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, serde_json::from_str(body).ok()?))
}

fn json(address: &str, who: &str, path: &str, key: &str, body: &Json) -> Option<(u16, Json)> {
    ask(address, who, path, key, "application/json", body.to_string().as_bytes())
}

/// Wishes on the wall; their numbers.
fn wishes(address: &str) -> Vec<String> {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
    let desk = "dispatcher-jinchen";
    let (status, kept) = ask(address, desk, "/v1/files", "photo", "image/png", PNG).unwrap();
    assert!(status < 300, "{kept}");
    let does = |who: &str, case: &str, action: &str, fields: Json| {
        let path = format!("/v1/cases/{case}/actions/{action}");
        let done =
            json(address, who, &path, &format!("{case}-{action}"), &json!({ "fields": fields })).unwrap();
        assert_eq!(done.0, 200, "{action}: {}", done.1);
    };
    let fields = json!({
        "name": "4", "starts": "2026-10-01", "ends": "2026-12-31", "target_wishes": 50, "target_lit": 50,
        "launch_on": "2026-10-09", "place": "dormitory",
    });
    let body = json!({ "workflow": "wish-season", "fields": fields });
    let (_, season) = json(address, "duty-xixi", "/v1/cases", "season", &body).unwrap();
    let season = season["number"].as_str().unwrap();
    does("duty-xixi", season, "launch", json!({ "people": 1 }));
    (0..WISHES)
        .map(|n| {
            let fields = json!({ "wisher": "resident-1", "place": "dormitory", "alias": "a", "wish": "w", "category": "food" });
            let body = json!({ "workflow": "wish-fulfilment", "fields": fields });
            let (_, opened) = json(address, desk, "/v1/cases", &format!("wish-{n}"), &body).unwrap();
            let case = opened["number"].as_str().unwrap().to_string();
            does(desk, &case, "check", json!({ "check_proof": [kept["digest"]], "worth": 100 }));
            does("lead-jinchen", &case, "publish", json!({ "season": season }));
            case
        })
        .collect()
}

fn claim(address: &str, case: &str) -> Option<(u16, Json)> {
    let path = format!("/v1/cases/{case}/actions/claim");
    json(address, "volunteer-1", &path, &format!("claim-{case}"), &json!({}))
}

#[test]
fn fifty_claims_at_once_and_a_kill_in_between_leave_exactly_three() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("town.paidan");
    let (child, address) = start(&store);
    let wishes = wishes(&address);
    let child = Mutex::new(child);
    let (next, answers) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let acknowledged = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..HANDS {
            scope.spawn(|| {
                while let Some(case) = wishes.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let Some((status, answer)) = claim(&address, case) else { return };
                    match status {
                        200 => acknowledged.lock().unwrap().push(case.clone()),
                        _ => assert_eq!((status, &answer["code"]), (409, &json!("R1032")), "{answer}"),
                    }
                    if answers.fetch_add(1, Ordering::SeqCst) + 1 == ANSWERS {
                        child.lock().unwrap().kill().unwrap();
                    }
                }
            });
        }
    });
    child.lock().unwrap().wait().unwrap();
    let acknowledged = acknowledged.into_inner().unwrap();
    let (mut child, address) = start(&store);
    let held: Vec<&String> = wishes.iter().filter(|case| claim(&address, case).unwrap().0 == 200).collect();
    assert_eq!(held.len(), 3, "of all that were asked again: {held:?}");
    assert!(acknowledged.iter().all(|case| held.contains(&case)), "{acknowledged:?} {held:?}");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(counted(&store), (3, 3), "the account and the wishes say the same");
    let verified =
        Command::new(env!("CARGO_BIN_EXE_paidan")).args(["audit", "verify", "--store"]).arg(&store).output();
    assert!(verified.unwrap().status.success());
}

/// Open claims in the giver's account, and active ones on all wishes, by the records alone.
fn counted(store: &Path) -> (usize, usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Sqlite::open(store).await.unwrap();
        let (mut party, mut active) = (None, 0);
        for stream in store.streams(Tenant(0), "", u32::MAX).await.unwrap() {
            let mut case = None;
            for record in store.load(Tenant(0), &stream, 0).await.unwrap() {
                let facts = Header::read(&record.bytes).unwrap().data["facts"].clone();
                if stream == "party/volunteer-1" {
                    let facts: Vec<PartyFact> = serde_json::from_value(facts).unwrap();
                    party = facts.iter().fold(party, party::evolve);
                } else if stream.starts_with("item/") {
                    let facts: Vec<Fact> = serde_json::from_value(facts).unwrap();
                    case = facts.iter().fold(case, evolve);
                }
            }
            active += case.map_or(0, |case| case.claims.iter().filter(|claim| claim.is_active()).count());
        }
        (party.map_or(0, |party| party.open.len()), active)
    })
}
