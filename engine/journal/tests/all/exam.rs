//! The exam every store passes: random operations, and equal tables at the end.

use paidan_journal::Tenant;
use paidan_journal::anchor::Walk;
use paidan_journal::entry::{
    Answer, Append, Draft, FileUse, Letter, Outcome, StreamAppend, VaultRow, ViewRow,
};
use paidan_journal::fault::Fault;
use paidan_journal::file::Incoming;
use paidan_journal::record::body;
use paidan_journal::store::{After, Delivery, Store};
use paidan_journal::verify::verify;
use paidan_journal::{Memory, Sqlite};
use proptest::prelude::*;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

const TOWN: Tenant = Tenant(0);

fn draft(n: i64) -> Draft {
    Draft {
        at: 1_000 + n,
        cmd: format!("cmd-{n}"),
        kind: "acted".into(),
        body: body("engine", None, &json!({ "n": n })).unwrap(),
    }
}

/// The bytes of a file.
fn file(which: i64) -> Vec<u8> {
    format!("words {}", which % 3).into_bytes()
}

fn digest(which: i64) -> String {
    hex::encode(Sha256::digest(file(which)))
}

/// Some values name a file; every other one of them stands in the record.
fn names(stream: u8, n: i64) -> Vec<FileUse> {
    let commitment = if n % 8 == 1 { format!("c{n}") } else { String::new() };
    let named = FileUse { digest: digest(n), stream: format!("case/{stream}"), commitment };
    (n % 4 == 1).then_some(named).into_iter().collect()
}

fn append(stream: u8, expected: u64, n: i64) -> Append {
    let stream = format!("case/{stream}");
    let row = ViewRow {
        view: "task".into(),
        key: format!("{stream}/{}", if n % 2 == 0 { "a" } else { "b" }),
        owner: format!("unit:{}", n % 3),
        due: (n % 4 != 0).then_some(n * 7 % 50),
        body: "{}".into(),
    };
    let vault = VaultRow {
        commitment: format!("c{n}"),
        subject: Some(format!("p{}", n % 3)),
        stream: stream.clone(),
        field: "summary".into(),
        salt: vec![7; 32],
        value: "\"words\"".into(),
    };
    let letter = Letter {
        id: format!("{stream}/{n}"),
        stream: stream.clone(),
        seq: 0,
        body: "{}".into(),
        not_before: n,
    };
    let answer = Answer {
        key: format!("key{}", n % 7),
        cmd: format!("cmd-{n}"),
        body_hash: "h".into(),
        stream: stream.clone(),
        seq: 0,
        expires: 9,
    };
    let other = format!("{stream}/{}", if n % 2 == 0 { "b" } else { "a" });
    let drafts = (0..=n % 3).map(|more| draft(n * 10 + more)).collect();
    let number = Some(format!("NO-{stream}"));
    let part = StreamAppend {
        stream,
        expected,
        drafts,
        due: (n % 5 != 0).then_some(n % 40),
        number,
        rows: vec![row],
        gone: (n % 3 == 0).then(|| ("task".to_string(), other)).into_iter().collect(),
    };
    Append {
        streams: vec![part],
        letters: vec![letter],
        vault: vec![vault],
        answer: (n % 6 == 0).then_some(answer),
        documents: vec![],
        files: vec![],
    }
}

#[derive(Clone, Debug)]
enum Op {
    Batch(Vec<(u8, bool)>),
    Deliver(u8),
    Erase(u8),
    EraseStream(u8),
    Numbers(u8),
    Keep(u8),
    Sweep,
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let op = prop_oneof![
        4 => prop::collection::vec((0u8..4, prop::bool::weighted(0.2)), 1..6).prop_map(Op::Batch),
        1 => any::<u8>().prop_map(Op::Deliver),
        1 => (0u8..3).prop_map(Op::Erase),
        1 => (0u8..4).prop_map(Op::EraseStream),
        1 => (0u8..3).prop_map(Op::Numbers),
        2 => (0u8..3).prop_map(Op::Keep),
        1 => Just(Op::Sweep),
    ];
    prop::collection::vec(op, 1..25)
}

/// Runs the operations: everything that was answered, and every table at the end.
async fn sit<S: Store>(store: &S, ops: &[Op]) -> Vec<String> {
    let mut seen = Vec::new();
    let mut n = 0;
    for op in ops {
        match op {
            Op::Batch(parts) => {
                let mut batch = Vec::new();
                let mut planned = [0u64; 4];
                for (stream, wrong) in parts {
                    n += 1;
                    let name = format!("case/{stream}");
                    let head = store.head(TOWN, &name).await.unwrap().unwrap_or_default().seq;
                    let expected = head + planned[usize::from(*stream)] + u64::from(*wrong);
                    let files = names(*stream, n);
                    batch.push(Append { files, ..append(*stream, expected, n) });
                    planned[usize::from(*stream)] +=
                        if *wrong { 0 } else { u64::try_from(n % 3 + 1).unwrap() };
                }
                seen.push(format!("{:?}", store.append(TOWN, batch).await));
            }
            Op::Deliver(which) => {
                let ready = store.letters_ready(TOWN, 1_000, 50).await.unwrap();
                if let Some(posted) = ready.get(usize::from(*which) % ready.len().max(1)) {
                    let delivery = match which % 3 {
                        0 => Delivery::Delivered { note: "ok".into(), at: 5 },
                        1 => Delivery::Again { note: "later".into(), not_before: 2_000, tried: true },
                        _ => Delivery::Dead { note: "never".into(), at: 6 },
                    };
                    store.letter_done(TOWN, &posted.letter.id, delivery).await.unwrap();
                }
            }
            Op::Erase(subject) => {
                seen.push(format!("{}", store.erase(TOWN, &format!("p{subject}")).await.unwrap()))
            }
            Op::EraseStream(stream) => {
                seen.push(format!("{}", store.erase_stream(TOWN, &format!("case/{stream}")).await.unwrap()));
            }
            Op::Keep(which) => {
                let incoming = Incoming { by: "lin", at: n, most: 20, kind: |_| Some("text/plain") };
                let bytes = futures_util::stream::iter([Ok(file(i64::from(*which)))]);
                seen.push(format!("{:?}", store.keep_file(TOWN, incoming, bytes).await.unwrap()));
            }
            Op::Sweep => seen.push(format!("{}", store.sweep_files(TOWN, n - 3).await.unwrap())),
            Op::Numbers(unit) => seen
                .push(format!("{}", store.numbers(TOWN, &format!("u{unit}"), "20261008", 10).await.unwrap())),
        }
    }
    tables(store, &mut seen).await;
    seen
}

/// Every table as it stands.
async fn tables<S: Store>(store: &S, seen: &mut Vec<String>) {
    for stream in store.streams(TOWN, "", 100).await.unwrap() {
        seen.push(format!(
            "{:?}",
            store
                .load(TOWN, &stream, 0)
                .await
                .unwrap()
                .iter()
                .map(|r| (r.seq, r.hash.clone()))
                .collect::<Vec<_>>()
        ));
        seen.push(format!("{:?}", store.rows_of(TOWN, &stream).await.unwrap()));
        seen.push(format!("{:?}", store.vault(TOWN, &stream).await.unwrap()));
        seen.push(format!("{:?}", store.by_number(TOWN, &format!("NO-{stream}")).await.unwrap()));
    }
    // Read in pieces or at once, the whole history is one list, and has one root.
    let mut walk = Walk::default();
    while let [(_, next), ..] = store.in_order(TOWN, walk.pos(), 1).await.unwrap().as_slice() {
        let (place, size) = (next.pos, walk.size() + 1);
        walk.go(store, TOWN, size, |leaf| seen.push(leaf.to_string())).await.unwrap();
        assert_eq!((walk.pos(), walk.size()), (place, size));
    }
    let mut whole = Walk::default();
    whole.go(store, TOWN, u64::MAX, |_| ()).await.unwrap();
    assert_eq!((whole.root(), whole.size()), (walk.root(), walk.size()));
    assert_eq!(whole.size(), verify(store, TOWN).await.unwrap().records);
    for owner in 0..3 {
        let after = After { due: 10, key: String::new() };
        seen.push(format!(
            "{:?}",
            store.rows(TOWN, "task", &format!("unit:{owner}"), after, 3).await.unwrap()
        ));
    }
    for which in 0..3 {
        seen.push(format!("{:?}", store.file(TOWN, &digest(which)).await.unwrap()));
        seen.push(format!("{:?}", store.file_piece(TOWN, &digest(which), 0, 20).await.unwrap()));
        seen.push(format!("{:?}", store.sent_file(TOWN, &digest(which), "lin").await.unwrap()));
        seen.push(format!("{:?}", store.streams_of_file(TOWN, &digest(which)).await.unwrap()));
    }
    seen.push(format!("{:?}", store.due(TOWN, 30, 5).await.unwrap()));
    seen.push(format!("{:?}", store.next_due(TOWN).await.unwrap()));
    seen.push(format!("{:?}", store.letters(TOWN, None, 50).await.unwrap()));
    let report = verify(store, TOWN).await.unwrap();
    assert_eq!(report.broken, vec![]);
}

fn wait<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn memory_and_file_give_the_same_answers(ops in ops()) {
        let folder = tempfile::tempdir().unwrap();
        let (memory, file) = wait(async {
            let file = Sqlite::open(&folder.path().join("store")).await.unwrap();
            (sit(&Memory::new(), &ops).await, sit(&file, &ops).await)
        });
        prop_assert_eq!(memory, file);
    }
}

#[test]
fn a_second_opener_is_refused_while_locked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    wait(async {
        let first = Sqlite::open(&path).await.unwrap();
        assert!(matches!(Sqlite::open(&path).await, Err(Fault::Locked)));
        first.close().await;
        Sqlite::open(&path).await.unwrap();
    });
}

#[test]
fn a_store_of_another_format_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    wait(async {
        let store = Sqlite::open(&path).await.unwrap();
        store.mark("format", "99").await.unwrap();
        store.close().await;
        assert!(matches!(Sqlite::open(&path).await, Err(Fault::Format { .. })));
    });
}

#[test]
fn a_conflict_leaves_the_rest_of_its_batch() {
    let folder = tempfile::tempdir().unwrap();
    wait(async {
        let store = Sqlite::open(&folder.path().join("store")).await.unwrap();
        let outcomes = store.append(TOWN, vec![append(0, 0, 3), append(1, 5, 4), append(2, 0, 9)]).await;
        assert_eq!(outcomes[0], Outcome::Stored(vec![1]));
        assert_eq!(outcomes[1], Outcome::Conflict { stream: "case/1".into(), actual: 0 });
        assert_eq!(outcomes[2], Outcome::Stored(vec![1]));
        assert_eq!(store.load(TOWN, "case/1", 0).await.unwrap(), vec![]);
        assert_eq!(store.letters(TOWN, None, 10).await.unwrap().len(), 2);
    });
}

/// One command for two streams, of which the second is not where it was thought to be.
fn two_streams(expected: u64) -> Append {
    let (first, second) = (append(0, 0, 6), append(1, expected, 13));
    let join = |a: Vec<Letter>, b: Vec<Letter>| a.into_iter().chain(b).collect();
    Append {
        streams: first.streams.into_iter().chain(second.streams).collect(),
        letters: join(first.letters, second.letters),
        vault: first.vault.into_iter().chain(second.vault).collect(),
        files: names(0, 5),
        answer: first.answer,
        documents: vec![],
    }
}

/// Nothing of the command is kept anywhere, and the same with what is true is kept whole.
async fn writes_to_all_or_to_none<S: Store>(store: &S) {
    store.append(TOWN, vec![append(2, 0, 4)]).await;
    let incoming = Incoming { by: "lin", at: 1, most: 20, kind: |_| Some("text/plain") };
    store.keep_file(TOWN, incoming, futures_util::stream::iter([Ok(file(5))])).await.unwrap().unwrap();
    let mut before = Vec::new();
    tables(store, &mut before).await;
    let outcomes = store.append(TOWN, vec![two_streams(7)]).await;
    assert_eq!(outcomes, [Outcome::Conflict { stream: "case/1".into(), actual: 0 }]);
    let mut after = Vec::new();
    tables(store, &mut after).await;
    assert_eq!(before, after);
    for stream in ["case/0", "case/1"] {
        assert_eq!(store.load(TOWN, stream, 0).await.unwrap(), vec![], "{stream}");
        assert_eq!(store.head(TOWN, stream).await.unwrap(), None, "{stream}");
    }
    assert_eq!(store.answer(TOWN, "key6").await.unwrap(), None, "the caller's key is free");
    let outcomes = store.append(TOWN, vec![two_streams(0)]).await;
    assert_eq!(outcomes, [Outcome::Stored(vec![1, 2])]);
}

#[test]
fn two_stream_appends_are_all_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    wait(async {
        writes_to_all_or_to_none(&Memory::new()).await;
        writes_to_all_or_to_none(&Sqlite::open(&folder.path().join("store")).await.unwrap()).await;
    });
}

#[test]
fn a_flipped_byte_is_found_by_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    wait(async {
        let store = Sqlite::open(&path).await.unwrap();
        store.append(TOWN, vec![append(0, 0, 2), append(1, 0, 5)]).await;
        let clean = store.load(TOWN, "case/0", 0).await.unwrap();
        let body = clean[1].body().to_vec();
        let mut raw = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
        let is_found = async |what: &str| {
            let report = verify(&store, TOWN).await.unwrap();
            let first = &report.broken[0];
            assert_eq!((first.stream.as_str(), first.seq), ("case/0", 2), "{what}");
        };
        let put = "UPDATE records SET body = ? WHERE stream = 'case/0' AND seq = 2";
        for n in 0..body.len() {
            let mut bytes = body.clone();
            bytes[n] ^= 1;
            sqlx::query(put).bind(&bytes).execute(&mut raw).await.unwrap();
            is_found(&format!("byte {n}")).await;
        }
        sqlx::query(put).bind(&body).execute(&mut raw).await.unwrap();
        // The columns frame the body: they are hashed as well.
        for (forge, mend) in [
            ("kind = 'acte'", "kind = 'acted'"),
            ("at = at + 1", "at = at - 1"),
            ("cmd = cmd || '1'", "cmd = substr(cmd, 1, length(cmd) - 1)"),
            ("form = form + 1", "form = form - 1"),
        ] {
            for (change, broken) in [(forge, true), (mend, false)] {
                let second = "stream = 'case/0' AND seq = 2";
                let sql = format!("UPDATE records SET {change} WHERE {second}");
                sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut raw).await.unwrap();
                if broken {
                    is_found(change).await;
                }
            }
        }
        assert_eq!(verify(&store, TOWN).await.unwrap().broken, vec![]);
        sqlx::query("DELETE FROM records WHERE stream = 'case/1' AND seq = 3")
            .execute(&mut raw)
            .await
            .unwrap();
        assert_eq!(verify(&store, TOWN).await.unwrap().broken[0].stream, "case/1");
    });
}

#[test]
fn erasing_a_subject_keeps_the_chain() {
    let folder = tempfile::tempdir().unwrap();
    wait(async {
        let store = Sqlite::open(&folder.path().join("store")).await.unwrap();
        store.append(TOWN, vec![append(0, 0, 1), append(1, 0, 2)]).await;
        assert_eq!(store.erase(TOWN, "p1").await.unwrap(), 1);
        assert_eq!(store.vault(TOWN, "case/0").await.unwrap(), vec![]);
        assert_eq!(store.vault(TOWN, "case/1").await.unwrap().len(), 1);
        assert_eq!(verify(&store, TOWN).await.unwrap().broken, vec![]);
    });
}
