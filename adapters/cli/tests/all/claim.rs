//! The real binary, killed in the middle of fifty claims at once, half of them by one giver and half by the dispatcher for
//! that giver: exactly three hold, in the account, on the wishes and of the resource.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};

use paidan_journal::Tenant;
use paidan_journal::{Header, Sqlite, Store as _};
use paidan_machine::evolve;
use paidan_machine::party::{self, PartyFact};
use paidan_runtime::entry::Entry;
use serde_json::{Value as Json, json};

use crate::client::{PHOTO, Request};

/// Wishes, and hands that claim at once, one for each.
const WISHES: usize = 50;
/// Open claims that one giver may have.
const CAP: usize = 3;
/// Answers after which the process is killed, in each round: soon, in the middle, and when nearly all is said.
const ANSWERS: [usize; 3] = [1, 12, 40];
/// Who claims, and for whom it is claimed.
const GIVER: &str = "volunteer-1";
const DISPATCHER: &str = "dispatcher-jinchen";

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
fn ask(address: &str, who: &str, key: &str, request: Request) -> Option<(u16, Json)> {
    let answer = request.who(who).key(key).try_send(address)?;
    Some((answer.status, serde_json::from_str(&answer.text).ok()?))
}

/// What the API shows to somebody.
fn get(address: &str, who: &str, path: &str) -> Json {
    Request::get(path).who(who).send(address).json()
}

fn json(address: &str, who: &str, path: &str, key: &str, body: &Json) -> Option<(u16, Json)> {
    ask(address, who, key, Request::json(path, body))
}

fn does(address: &str, who: &str, case: &str, action: &str, fields: &Json) {
    let path = format!("/v1/cases/{case}/actions/{action}");
    let key = format!("{case}-{action}");
    let (status, said) = json(address, who, &path, &key, &json!({ "fields": fields })).unwrap();
    assert_eq!(status, 200, "{action}: {said}");
}

fn open(address: &str, who: &str, key: &str, workflow: &str, fields: &Json) -> String {
    let body = json!({ "workflow": workflow, "fields": fields });
    let (_, opened) = json(address, who, "/v1/cases", key, &body).unwrap();
    opened["number"].as_str().unwrap_or_else(|| unreachable!("{opened}")).to_string()
}

/// What everybody claims: wishes on the wall, and what the giver offers, as a resource of the list.
struct Lists {
    wishes: Vec<String>,
    resource: String,
}

fn lists(address: &str) -> Lists {
    let photo = Request::post("/v1/files", "image/png", PHOTO);
    let (status, kept) = ask(address, DISPATCHER, "photo", photo).unwrap();
    assert!(status < 300, "{kept}");
    let photo = &kept["digest"];
    let fields = json!({
        "name": "4", "starts": "2026-10-01", "ends": "2026-12-31", "target_wishes": 50, "target_lit": 50,
        "launch_on": "2026-10-09", "place": "dormitory",
    });
    let season = open(address, "duty-xixi", "season", "wish-season", &fields);
    does(address, "duty-xixi", &season, "launch", &json!({ "people": 1 }));
    let wish = |n: usize| {
        let fields = json!({ "wisher": "resident-1", "place": "dormitory", "alias": "a", "wish": "w", "category": "food" });
        let case = open(address, DISPATCHER, &format!("wish-{n}"), "wish-fulfilment", &fields);
        does(address, DISPATCHER, &case, "check", &json!({ "check_proof": [photo], "worth": 100 }));
        does(address, "lead-jinchen", &case, "publish", &json!({ "season": season }));
        case
    };
    let wishes = (0..WISHES).map(wish).collect();
    let fields = json!({
        "offerer": GIVER, "place": "dormitory", "what": "rice", "category": "food", "quantity": 100,
        "until": "2027-06-30",
    });
    let offer = open(address, GIVER, "offer", "resource-offer", &fields);
    does(address, DISPATCHER, &offer, "verify", &json!({ "checked": [photo] }));
    let shown = get(address, DISPATCHER, &format!("/v1/cases/{offer}"));
    Lists { wishes, resource: format!("item/{}", shown["id"].as_str().unwrap()) }
}

/// One hand claims its wish: the giver each even one, the dispatcher for the giver each odd one.
fn claim(address: &str, lists: &Lists, n: usize) -> Option<(u16, Json)> {
    let case = &lists.wishes[n];
    let path = format!("/v1/cases/{case}/actions/claim");
    let for_giver = json!({ "fields": { "party": GIVER, "resource": lists.resource } });
    let (who, body) = if n.is_multiple_of(2) { (GIVER, json!({})) } else { (DISPATCHER, for_giver) };
    json(address, who, &path, &format!("claim-{case}"), &body)
}

/// Fifty hands at once; the process is killed when so many have their answer. Says which claims were acknowledged.
fn all_at_once(child: Child, address: &str, lists: &Lists, answers_before_kill: usize) -> Vec<usize> {
    let (ready, child) = (Barrier::new(WISHES), Mutex::new(child));
    let (answers, acknowledged) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let kill = || child.lock().unwrap().kill().unwrap();
    std::thread::scope(|scope| {
        for n in 0..WISHES {
            let (ready, answers, acknowledged, kill) = (&ready, &answers, &acknowledged, &kill);
            scope.spawn(move || {
                ready.wait();
                let Some((status, answer)) = claim(address, lists, n) else { return };
                match status {
                    200 => acknowledged.lock().unwrap().push(n),
                    _ => assert_eq!((status, &answer["code"]), (409, &json!("R1032")), "{answer}"),
                }
                if answers.fetch_add(1, Ordering::SeqCst) + 1 == answers_before_kill {
                    kill();
                }
            });
        }
    });
    child.lock().unwrap().kill().unwrap();
    child.lock().unwrap().wait().unwrap();
    acknowledged.into_inner().unwrap()
}

/// Everybody asks again with the same key, at once: those that hold.
fn again(address: &str, lists: &Lists) -> Vec<usize> {
    let held = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for n in 0..WISHES {
            let held = &held;
            scope.spawn(move || match claim(address, lists, n).unwrap() {
                (200, _) => held.lock().unwrap().push(n),
                (status, answer) => {
                    assert_eq!((status, &answer["code"]), (409, &json!("R1032")), "{answer}");
                }
            });
        }
    });
    let mut held = held.into_inner().unwrap();
    held.sort_unstable();
    held
}

/// The store as it was left, in a folder of its own: the file, its log, and the uploaded files.
fn copied(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if path.is_dir() {
            std::fs::create_dir(to.join(&name)).unwrap();
            copied(&path, &to.join(&name));
        } else {
            std::fs::copy(&path, to.join(&name)).unwrap();
        }
    }
}

fn stop(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Fifty at once and a kill; says how many of the three are held by the giver's own hand, and how many by the dispatcher's.
fn round(store: &Path, lists: &Lists, answers_before_kill: usize) -> [usize; 2] {
    let (child, address) = start(store);
    let acknowledged = all_at_once(child, &address, lists, answers_before_kill);
    let (child, address) = start(store);
    let held = again(&address, lists);
    assert_eq!(held.len(), CAP, "killed after {answers_before_kill}, of all that were asked again: {held:?}");
    assert!(acknowledged.iter().all(|n| held.contains(n)), "{acknowledged:?} {held:?}");
    assert_eq!(again(&address, lists), held, "and again");
    stop(child);
    let by_dispatcher = held.iter().filter(|n| !n.is_multiple_of(2)).count();
    let said = counted(store, &lists.resource);
    assert_eq!(said, (CAP, CAP, by_dispatcher), "account, wishes and resource agree");
    let mut verify = Command::new(env!("CARGO_BIN_EXE_paidan"));
    assert!(verify.args(["audit", "verify", "--store"]).arg(store).output().unwrap().status.success());
    [CAP - by_dispatcher, by_dispatcher]
}

#[test]
fn fifty_claims_and_a_kill_leave_exactly_three() {
    let town = tempfile::tempdir().unwrap();
    let (child, address) = start(&town.path().join("town.paidan"));
    let lists = lists(&address);
    stop(child);
    let mut held = [0, 0];
    for answers in ANSWERS {
        let folder = tempfile::tempdir().unwrap();
        copied(town.path(), folder.path());
        let [by_giver, by_dispatcher] = round(&folder.path().join("town.paidan"), &lists, answers);
        held = [held[0] + by_giver, held[1] + by_dispatcher];
    }
    println!("{} rounds: {} held by the giver, {} by the dispatcher", ANSWERS.len(), held[0], held[1]);
}

/// Open claims in the giver's account, active ones on all wishes, and those of the resource, by the records alone.
fn counted(store: &Path, resource: &str) -> (usize, usize, usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Sqlite::open(store).await.unwrap();
        let (mut party, mut active, mut reserved) = (None, 0, 0);
        for stream in store.streams(Tenant(0), "", u32::MAX).await.unwrap() {
            let mut case = None;
            for record in store.load(Tenant(0), &stream, 0).await.unwrap() {
                if stream == format!("party/{GIVER}") {
                    let facts = Header::read(&record.bytes).unwrap().data["facts"].clone();
                    let facts: Vec<PartyFact> = serde_json::from_value(facts).unwrap();
                    party = facts.iter().fold(party, party::evolve);
                } else if stream.starts_with("item/") {
                    let facts = Entry::read(&stream, &record).unwrap().facts;
                    case = facts.iter().fold(case, evolve);
                }
            }
            let here =
                case.map_or(0, |case| case.claims.all.iter().filter(|claim| claim.is_active()).count());
            let count = if stream == resource { &mut reserved } else { &mut active };
            *count += here;
        }
        (party.map_or(0, |party| party.open.len()), active, reserved)
    })
}
