//! Two towns in one store: no way of reading gives one of them anything of the other, and no way of writing touches it.

use std::collections::BTreeSet;
use std::fmt::Debug;

use paidan_journal::account::SavedView;
use paidan_journal::entry::{Draft, FileUse, StreamAppend};
use paidan_journal::file::Incoming;
use paidan_journal::record::body;
use paidan_journal::store::{After, Delivery};
use paidan_journal::verify::verify;
use paidan_journal::{
    Answer, ApiKey, Append, Document, Letter, Memory, Outcome, Session, Sqlite, Store, Tenant, User,
    VaultRow, ViewRow,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

const TOWNS: [Tenant; 2] = [Tenant(1), Tenant(2)];
/// A town that has written nothing.
const EMPTY: Tenant = Tenant(3);
/// An id that every town uses.
const SHARED: &str = "shared";
/// A moment after everything.
const LATE: i64 = 1_000_000;

/// A word that stands in every value of a town, and in no other's.
fn canary(town: Tenant) -> String {
    format!("canary-{}", town.0)
}

/// A moment of a town alone; the second town's comes first.
fn moment(town: Tenant) -> i64 {
    90_000 - town.0 * 7_001
}

/// Every id that anybody uses.
fn ids() -> [String; 3] {
    [SHARED.to_string(), canary(TOWNS[0]), canary(TOWNS[1])]
}

fn file(town: Tenant) -> Vec<u8> {
    format!("bytes of {}", canary(town)).into_bytes()
}

/// A file of which every town has the same bytes.
const SAME: &[u8] = b"bytes that every town has";
/// A file that every town has, and that is named in the second alone.
const LOOSE: &[u8] = b"bytes that one town names";
/// A file that every town has and that came late to the first.
const FRESH: &[u8] = b"bytes that came again";

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn part(town: Tenant, id: &str) -> StreamAppend {
    let (said, at) = (canary(town), moment(town));
    let body = body(&json!({ "person": said }), Some(at), &json!({ "said": said })).unwrap();
    let draft = Draft { at, cmd: said.clone(), kind: said.clone(), body };
    let row =
        ViewRow { view: "task".into(), key: id.into(), owner: SHARED.into(), due: Some(at), body: said };
    StreamAppend {
        stream: id.into(),
        expected: 0,
        drafts: vec![draft],
        due: Some(at),
        number: Some(id.into()),
        rows: vec![row],
        gone: Vec::new(),
    }
}

/// What a town appends under an id.
fn append(town: Tenant, id: &str) -> Append {
    let (said, at, stream) = (canary(town), moment(town), id.to_string());
    let letter = Letter { id: id.into(), stream: stream.clone(), seq: 1, body: said.clone(), not_before: at };
    let value = VaultRow {
        commitment: id.into(),
        subject: Some(SHARED.into()),
        stream: stream.clone(),
        field: said.clone(),
        salt: said.clone().into_bytes(),
        value: said.clone(),
    };
    let answer = Answer {
        key: id.into(),
        cmd: said.clone(),
        body_hash: said.clone(),
        stream: said.clone(),
        seq: 1,
        expires: at,
    };
    let document = Document {
        digest: id.into(),
        kind: "roster".into(),
        name: said.clone(),
        version: 1,
        bytes: said.clone().into_bytes(),
        source: said,
    };
    Append {
        streams: vec![part(town, id)],
        letters: vec![letter],
        vault: vec![value],
        answer: Some(answer),
        documents: vec![document],
        files: named(town, id),
    }
}

/// What the values under an id name: those under the shared id name files.
fn named(town: Tenant, id: &str) -> Vec<FileUse> {
    let own = file(town);
    let bytes: &[&[u8]] = match (id, town) {
        (SHARED, Tenant(2)) => &[&own, SAME, LOOSE],
        (SHARED, _) => &[&own, SAME],
        _ => &[],
    };
    let uses =
        |bytes: &&[u8]| FileUse { digest: digest(bytes), stream: id.to_string(), commitment: id.into() };
    bytes.iter().map(uses).collect()
}

async fn keep<S: Store>(store: &S, town: Tenant, bytes: &[u8], at: i64) {
    let sender = canary(town);
    let incoming = Incoming { by: &sender, at, most: 99, kind: |_| Some("text/plain") };
    let pieces = futures_util::stream::iter([Ok(bytes.to_vec())]);
    store.keep_file(town, incoming, pieces).await.unwrap().unwrap();
}

async fn accounts<S: Store>(store: &S, town: Tenant, id: &str) {
    let (said, at) = (canary(town), moment(town));
    let user = User {
        subject: format!("{said}-{id}"),
        name: format!("name of {id}"),
        password: said.clone(),
        admin: false,
        disabled: false,
        changed: at,
    };
    assert!(store.put_user(town, user).await.unwrap(), "a name is taken in one's own town alone");
    let session = Session { token: id.into(), subject: said.clone(), created: at, expires: at };
    store.put_session(town, session).await.unwrap();
    let key = ApiKey {
        id: id.into(),
        hash: said.clone(),
        subject: said.clone(),
        title: said.clone(),
        read_only: true,
        created: at,
        expires: Some(at),
        revoked: false,
    };
    store.put_key(town, key).await.unwrap();
    let view = SavedView { subject: SHARED.into(), id: id.into(), title: said.clone(), filter: said };
    store.put_saved(town, view).await.unwrap();
}

/// Writes all that a town can have, under the shared id and under one of its own.
async fn settle<S: Store>(store: &S, town: Tenant) {
    for bytes in [&file(town), SAME, LOOSE, FRESH] {
        keep(store, town, bytes, moment(town)).await;
    }
    for id in [SHARED, &canary(town)] {
        accounts(store, town, id).await;
        let outcome = store.append(town, vec![append(town, id)]).await.pop().unwrap();
        assert_eq!(outcome, Outcome::Stored(vec![1]));
    }
    let gone = Delivery::Dead { note: canary(town), at: moment(town) };
    store.letter_done(town, &canary(town), gone).await.unwrap();
}

/// What a way of reading gave: bytes as the text they are.
type Read = (&'static str, String);

fn told(found: impl Debug) -> String {
    format!("{found:?}")
}

/// What is read by an id.
async fn by_id<S: Store>(store: &S, town: Tenant, id: &str, found: &mut Vec<Read>) {
    for record in store.load(town, id, 0).await.unwrap() {
        found.push(("load", String::from_utf8_lossy(&record.bytes).into_owned()));
    }
    for value in store.vault(town, id).await.unwrap() {
        found.push(("vault", told((&value, String::from_utf8_lossy(&value.salt)))));
    }
    for row in store.rows_of(town, id).await.unwrap() {
        found.push(("rows_of", told(row)));
    }
    for view in store.saved(town, id).await.unwrap() {
        found.push(("saved", told(view)));
    }
    if let Some(document) = store.document(town, id).await.unwrap() {
        found.push(("document", told((&document, String::from_utf8_lossy(&document.bytes)))));
    }
    // The end of a stream is a hash: that of the last record that is read there.
    if let Some(head) = store.head(town, id).await.unwrap() {
        let last = store.load(town, id, 0).await.unwrap().pop().unwrap();
        assert_eq!((head.seq, head.hash), (last.seq, hex::encode(last.hash)));
        found.push(("head", String::from_utf8_lossy(&last.bytes).into_owned()));
    }
    found.extend(store.answer(town, id).await.unwrap().map(|one| ("answer", told(one))));
    found.extend(store.session(town, id).await.unwrap().map(|one| ("session", told(one))));
    found.extend(store.key(town, id).await.unwrap().map(|one| ("key", told(one))));
    found.extend(store.by_number(town, id).await.unwrap().map(|stream| {
        assert_eq!(stream, id);
        ("by_number", stream)
    }));
}

/// What is read of files.
async fn of_files<S: Store>(store: &S, town: Tenant, found: &mut Vec<Read>) {
    for bytes in TOWNS.map(file).iter().map(Vec::as_slice).chain([SAME, LOOSE, FRESH]) {
        found.extend(store.file(town, &digest(bytes)).await.unwrap().map(|kept| ("file", told(kept))));
        let streams = store.streams_of_file(town, &digest(bytes)).await.unwrap();
        // The town whose own bytes they are stands in them.
        let named = streams.into_iter().filter(|_| ![SAME, LOOSE, FRESH].contains(&bytes));
        let words = |stream| format!("{stream} names {}", String::from_utf8_lossy(bytes));
        found.extend(named.map(|stream| ("streams_of_file", words(stream))));
        for id in ids() {
            let sent = store.sent_file(town, &digest(bytes), &id).await.unwrap();
            found.extend(sent.then_some(("sent_file", id)));
        }
        let piece = store.file_piece(town, &digest(bytes), 0, 99).await.unwrap();
        if !piece.is_empty() {
            found.push(("file_piece", String::from_utf8_lossy(&piece).into_owned()));
        }
    }
}

/// What is read as a list of a whole town.
async fn lists<S: Store>(store: &S, town: Tenant, found: &mut Vec<Read>) {
    let from = || After { due: i64::MIN, key: String::new() };
    found.extend(store.streams(town, "", 99).await.unwrap().into_iter().map(|one| ("streams", one)));
    for (stream, record) in store.in_order(town, 0, 99).await.unwrap() {
        found.push(("in_order", format!("{stream} {}", String::from_utf8_lossy(&record.bytes))));
    }
    found.extend(store.due(town, LATE, 99).await.unwrap().iter().map(|one| ("due", told(one))));
    found.extend(store.next_due(town).await.unwrap().map(|due| ("next_due", told(due))));
    let ready = store.letters_ready(town, LATE, 99).await.unwrap();
    found.extend(ready.iter().map(|one| ("letters_ready", told(one))));
    for state in [None, Some("waiting")] {
        let letters = store.letters(town, state, 99).await.unwrap();
        found.extend(letters.iter().map(|one| ("letters", told(one))));
    }
    let rows = store.rows(town, "task", SHARED, from(), 99).await.unwrap();
    found.extend(rows.iter().map(|one| ("rows", told(one))));
    for document in store.documents(town, "roster").await.unwrap() {
        found.push(("documents", told((&document, String::from_utf8_lossy(&document.bytes)))));
    }
    found.extend(store.users(town).await.unwrap().iter().map(|one| ("users", told(one))));
    found.extend(store.keys(town).await.unwrap().iter().map(|one| ("keys", told(one))));
}

/// Everything that can be read of a town, asked by every id that anybody uses.
async fn everything<S: Store>(store: &S, town: Tenant) -> Vec<Read> {
    let mut found = Vec::new();
    for id in ids() {
        by_id(store, town, &id, &mut found).await;
    }
    of_files(store, town, &mut found).await;
    lists(store, town, &mut found).await;
    found
}

/// Everything that writes, asked for by one town upon every id.
async fn disturb<S: Store>(store: &S, town: Tenant) {
    for id in ids() {
        let gone = Delivery::Dead { note: canary(town), at: LATE };
        store.letter_done(town, &id, gone).await.unwrap();
        store.letter_again(town, &id, 0).await.unwrap();
        store.letter_done(town, &id, Delivery::Delivered { note: canary(town), at: LATE }).await.unwrap();
        accounts(store, town, &id).await;
        store.end_session(town, &id).await.unwrap();
        store.end_sessions(town, &id, LATE).await.unwrap();
        store.drop_saved(town, SHARED, &id).await.unwrap();
        store.erase(town, &id).await.unwrap();
        store.erase_stream(town, &id).await.unwrap();
        store.numbers(town, &id, "20261008", 10).await.unwrap();
        let part = StreamAppend { expected: 1, gone: vec![("task".into(), id.clone())], ..part(town, &id) };
        let part = StreamAppend { rows: Vec::new(), due: None, ..part };
        store.append(town, vec![Append { streams: vec![part], ..Append::default() }]).await;
    }
    assert_eq!(
        store.file(town, &digest(SAME)).await.unwrap(),
        None,
        "what it erased, another's use does not keep"
    );
    assert_eq!(
        store.sweep_files(town, LATE).await.unwrap(),
        1,
        "nothing of its own names it, and one came late"
    );
}

/// What an append is told of what is there already, by both towns alike.
async fn outcomes<S: Store>(store: &S, town: Tenant, other: Tenant) {
    let again = async |append: Append| store.append(town, vec![append]).await.pop().unwrap();
    let Outcome::Repeated(answer) = again(append(town, SHARED)).await else {
        unreachable!("answered before")
    };
    assert_eq!(answer.cmd, canary(town));
    let of_other = Append { answer: None, ..append(town, &canary(other)) };
    let named = Append { files: append(other, SHARED).files, ..of_other.clone() };
    assert_eq!(again(named).await, Outcome::NoFile(digest(&file(other))), "another town's file");
    let wrong = StreamAppend { expected: 1, ..part(town, &canary(other)) };
    let conflict = Outcome::Conflict { stream: canary(other), actual: 0 };
    let of_other = Append { streams: vec![wrong], ..of_other };
    assert_eq!(again(of_other).await, conflict, "another town's stream is not there");
}

async fn towns<S: Store>(store: &S) -> BTreeSet<&'static str> {
    for town in TOWNS {
        settle(store, town).await;
    }
    let mut ways = BTreeSet::new();
    let [one, two] = [everything(store, TOWNS[0]).await, everything(store, TOWNS[1]).await];
    let names = |read: &[Read]| -> Vec<&'static str> { read.iter().map(|(way, _)| *way).collect() };
    assert_eq!(names(&one), names(&two), "both have written as much");
    for (town, other, read) in [(TOWNS[0], TOWNS[1], one), (TOWNS[1], TOWNS[0], two)] {
        for (way, text) in &read {
            assert!(!text.contains(&canary(other)), "{way} gives {town:?} {text}");
            assert!(!text.contains(&moment(other).to_string()), "{way} gives {town:?} {text}");
        }
        let own = |(way, text): &&Read| {
            let said = text.contains(&canary(town)) || text.contains(&moment(town).to_string());
            said.then_some(*way)
        };
        ways.extend(read.iter().filter_map(|one| own(&one)));
        outcomes(store, town, other).await;
        assert_eq!(verify(store, town).await.unwrap().streams, 2);
    }
    assert_eq!(everything(store, EMPTY).await, [], "who has written nothing reads nothing");
    ways
}

/// One town does all it can; the other reads what it read before.
async fn apart<S: Store>(store: &S) {
    let [one, other] = TOWNS;
    let before = everything(store, other).await;
    let numbers = store.numbers(other, SHARED, "20261008", 10).await.unwrap();
    keep(store, one, FRESH, LATE).await;
    disturb(store, one).await;
    assert_eq!(everything(store, other).await, before);
    let next = store.numbers(other, SHARED, "20261008", 10).await.unwrap();
    assert_eq!(next, numbers + 10, "serials are counted in each town alone");
    let taken = store.numbers(EMPTY, SHARED, "20261008", 10).await.unwrap();
    assert_eq!(taken, numbers, "and begin alike");
    let left: Vec<&str> = everything(store, one).await.iter().map(|(way, _)| *way).collect();
    let count = |way: &str| left.iter().filter(|one| **one == way).count();
    assert_eq!((count("vault"), count("file_piece")), (0, 1), "its own is gone, but for what came late");
    assert_eq!(store.sweep_files(other, LATE).await.unwrap(), 1, "all but one are named in the other");
    assert!(verify(store, other).await.unwrap().broken.is_empty());
}

/// Ways of the store that read nothing of a town, each asked for in `disturb` or `settle`; marks are of the whole store.
const WRITE: [&str; 17] = [
    "append",
    "drop_saved",
    "end_session",
    "end_sessions",
    "erase",
    "erase_stream",
    "keep_file",
    "letter_again",
    "letter_done",
    "mark",
    "marked",
    "numbers",
    "put_key",
    "put_saved",
    "put_session",
    "put_user",
    "sweep_files",
];

/// The names of all ways of a store, out of its traits.
fn all_ways() -> BTreeSet<&'static str> {
    let texts = [
        include_str!("../../src/store.rs"),
        include_str!("../../src/account.rs"),
        include_str!("../../src/file.rs"),
    ];
    let traits = texts.map(|text| text.split_once("pub trait ").unwrap().1);
    let names =
        |text: &'static str| text.split("    fn ").skip(1).map(|rest| rest.split(['(', '<']).next().unwrap());
    traits.into_iter().flat_map(names).collect()
}

/// A way that is new in the traits is read here too, or stands among those that write.
fn nothing_is_left_out(ways: &BTreeSet<&'static str>) {
    let unread: Vec<&str> =
        all_ways().into_iter().filter(|way| !ways.contains(way) && !WRITE.contains(way)).collect();
    assert_eq!(unread, [""; 0], "ways of the store that this test does not read");
}

#[tokio::test]
async fn memory_gives_a_town_nothing_of_another() {
    let store = Memory::new();
    nothing_is_left_out(&towns(&store).await);
    apart(&store).await;
}

#[tokio::test]
async fn the_file_gives_a_town_nothing_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(&folder.path().join("towns.paidan")).await.unwrap();
    nothing_is_left_out(&towns(&store).await);
    apart(&store).await;
}
