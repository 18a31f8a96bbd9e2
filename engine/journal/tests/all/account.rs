//! Accounts and files: every store answers the same.

use paidan_journal::Tenant;
use paidan_journal::account::{ApiKey, Session, User};
use paidan_journal::entry::{Append, FileUse, Outcome, StreamAppend, VaultRow};
use paidan_journal::file::{Incoming, NotKept};
use paidan_journal::{Memory, Sqlite, Store};

const TOWN: Tenant = Tenant(0);

fn user(subject: &str, name: &str) -> User {
    User {
        subject: subject.into(),
        name: name.into(),
        password: "$argon2id$".into(),
        admin: false,
        disabled: false,
        changed: 1,
    }
}

fn pieces(
    bytes: &'static [u8],
) -> impl futures_core::Stream<Item = Result<&'static [u8], String>> + Send + Unpin {
    futures_util::stream::iter(bytes.chunks(3).map(Ok).collect::<Vec<_>>())
}

fn text(head: &[u8]) -> Option<&'static str> {
    head.starts_with(b"words").then_some("text/plain")
}

async fn accounts<S: Store>(store: &S) {
    assert!(store.put_user(TOWN, user("lin", "linyan")).await.unwrap());
    assert!(store.put_user(TOWN, user("lin", "lin")).await.unwrap(), "a user may be renamed");
    assert!(!store.put_user(TOWN, user("gao", "lin")).await.unwrap(), "a name is one user's");
    assert!(store.put_user(TOWN, user("gao", "gao")).await.unwrap());
    let names: Vec<String> = store.users(TOWN).await.unwrap().into_iter().map(|user| user.name).collect();
    assert_eq!(names, ["gao", "lin"]);
    assert!(store.users(Tenant(1)).await.unwrap().is_empty(), "another town's users are not seen");
    for (token, subject, expires) in [("a", "lin", 10), ("b", "lin", 99), ("c", "gao", 5), ("d", "gao", 99)] {
        let session = Session { token: token.into(), subject: subject.into(), created: 1, expires };
        store.put_session(TOWN, session).await.unwrap();
    }
    store.end_session(TOWN, "b").await.unwrap();
    assert_eq!(store.session(TOWN, "b").await.unwrap(), None);
    assert_eq!(store.session(TOWN, "a").await.unwrap().unwrap().subject, "lin");
    assert_eq!(store.end_sessions(TOWN, "lin", 5).await.unwrap(), 2, "lin's, and the one that expired");
    assert!(store.session(TOWN, "d").await.unwrap().is_some());
    let key = ApiKey {
        id: "k1".into(),
        hash: "h".into(),
        subject: "lin".into(),
        title: "hotline".into(),
        read_only: true,
        created: 1,
        expires: None,
        revoked: false,
    };
    store.put_key(TOWN, key.clone()).await.unwrap();
    store.put_key(TOWN, ApiKey { revoked: true, ..key }).await.unwrap();
    assert!(store.key(TOWN, "k1").await.unwrap().unwrap().revoked);
    assert_eq!(store.keys(TOWN).await.unwrap().len(), 1);
}

async fn files<S: Store>(store: &S) {
    let incoming = Incoming { by: "lin", at: 7, most: 20, kind: text };
    let kept = store.keep_file(TOWN, incoming, pieces(b"words of a photo")).await.unwrap().unwrap();
    let again = store.keep_file(TOWN, incoming, pieces(b"words of a photo")).await.unwrap().unwrap();
    assert_eq!((kept.size, &kept.digest), (16, &again.digest));
    assert_eq!(store.file(TOWN, &kept.digest).await.unwrap().unwrap().kind, "text/plain");
    assert_eq!(store.file_piece(TOWN, &kept.digest, 6, 4).await.unwrap(), b"of a");
    assert!(store.file_piece(TOWN, &kept.digest, 16, 4).await.unwrap().is_empty());
    assert!(store.file_piece(TOWN, "../../../etc/passwd", 0, 4).await.unwrap().is_empty());
    let too_large = store.keep_file(TOWN, incoming, pieces(b"words, and more than twenty")).await.unwrap();
    assert_eq!(too_large, Err(NotKept::TooLarge(20)));
    assert_eq!(store.keep_file(TOWN, incoming, pieces(b"<script>")).await.unwrap(), Err(NotKept::Kind));
    assert!(matches!(store.keep_file(TOWN, incoming, pieces(b"")).await.unwrap(), Err(NotKept::Broken(_))));
    let broken: Vec<Result<&[u8], String>> = vec![Ok(b"words"), Err("gone".into())];
    let broken = store.keep_file(TOWN, incoming, futures_util::stream::iter(broken)).await.unwrap();
    assert_eq!(broken, Err(NotKept::Broken("gone".into())));
    senders(store, &kept.digest).await;
    erased(store, &kept.digest).await;
    assert!(!store.sent_file(TOWN, &kept.digest, "lin").await.unwrap(), "gone with the file");
    swept(store).await;
}

/// The same bytes from two people are one file that both of them sent, and nobody else.
async fn senders<S: Store>(store: &S, digest: &str) {
    let other = Incoming { by: "mei", at: 8, most: 20, kind: text };
    let sent = async |by: &str| store.sent_file(TOWN, digest, by).await.unwrap();
    assert!(sent("lin").await && !sent("mei").await);
    store.keep_file(TOWN, other, pieces(b"words of a photo")).await.unwrap().unwrap();
    assert!(sent("lin").await && sent("mei").await && !sent("wu").await);
    assert!(!store.sent_file(Tenant(1), digest, "lin").await.unwrap(), "another town's");
    assert_eq!(store.streams_of_file(TOWN, digest).await.unwrap(), Vec::<String>::new());
}

/// Values under these commitments name a file; the empty one stands in the record.
async fn name<S: Store>(store: &S, digest: &str, stream: &str, commitments: &[&str]) -> Outcome {
    let of = |commitment: &&str| FileUse {
        digest: digest.into(),
        stream: stream.into(),
        commitment: (*commitment).into(),
    };
    let files = commitments.iter().map(of).collect();
    let value = |commitment: &&&str| VaultRow {
        commitment: (**commitment).into(),
        subject: Some("granny".into()),
        stream: stream.into(),
        field: "photos".into(),
        salt: vec![1; 32],
        value: format!("[\"{digest}\"]"),
    };
    let vault = commitments.iter().filter(|one| !one.is_empty()).map(|one| value(&one)).collect();
    let part = StreamAppend {
        stream: stream.into(),
        expected: 0,
        drafts: Vec::new(),
        due: None,
        number: None,
        rows: Vec::new(),
        gone: Vec::new(),
    };
    let append = Append { streams: vec![part], vault, files, ..Append::default() };
    store.append(TOWN, vec![append]).await.pop().unwrap()
}

/// A file that only erased values named is gone with the last of them.
async fn erased<S: Store>(store: &S, digest: &str) {
    assert!(matches!(name(store, digest, "case/1", &["c", "d"]).await, Outcome::Stored(_)));
    assert!(matches!(name(store, digest, "case/2", &["e"]).await, Outcome::Stored(_)));
    assert_eq!(store.streams_of_file(TOWN, digest).await.unwrap(), ["case/1", "case/2"]);
    assert_eq!(store.erase_stream(TOWN, "case/1").await.unwrap(), 2);
    assert!(store.file(TOWN, digest).await.unwrap().is_some(), "case/2 still names it");
    assert_eq!(store.erase(TOWN, "granny").await.unwrap(), 1);
    assert_eq!(store.file(TOWN, digest).await.unwrap(), None);
    assert!(store.file_piece(TOWN, digest, 0, 4).await.unwrap().is_empty());
    assert_eq!(name(store, digest, "case/3", &["f"]).await, Outcome::NoFile(digest.into()));
    assert!(store.vault(TOWN, "case/3").await.unwrap().is_empty(), "nothing of a refused append is written");
}

/// A file that nothing names is swept away when it is old, and not before; coming again makes it new.
async fn swept<S: Store>(store: &S) {
    let send = async |bytes: &'static [u8], at: i64| {
        let incoming = Incoming { by: "lin", at, most: 20, kind: text };
        store.keep_file(TOWN, incoming, pieces(bytes)).await.unwrap().unwrap().digest
    };
    let there = async |digest: &str| store.file(TOWN, digest).await.unwrap().is_some();
    let [loose, sealed, open, again] = [
        send(b"words nobody names", 10).await,
        send(b"words sealed", 10).await,
        send(b"words in a record", 10).await,
        send(b"words sent again", 10).await,
    ];
    name(store, &sealed, "case/5", &["s"]).await;
    name(store, &open, "case/6", &[""]).await;
    send(b"words sent again", 20).await;
    assert_eq!(store.sweep_files(TOWN, 10).await.unwrap(), 0, "not old enough");
    assert_eq!(store.sweep_files(Tenant(1), 99).await.unwrap(), 0, "another town's are its own");
    assert_eq!(store.sweep_files(TOWN, 11).await.unwrap(), 1);
    assert!(!there(&loose).await && there(&sealed).await && there(&open).await && there(&again).await);
    assert!(matches!(name(store, &loose, "case/7", &["l"]).await, Outcome::NoFile(_)));
    assert_eq!(send(b"words nobody names", 30).await, loose, "it may be sent again");
    assert_eq!(store.file_piece(TOWN, &loose, 0, 5).await.unwrap(), b"words");
    assert_eq!(store.sweep_files(TOWN, 99).await.unwrap(), 2);
    assert_eq!(store.erase(TOWN, "granny").await.unwrap(), 1);
    assert!(!there(&sealed).await && there(&open).await, "what stands in a record stays");
}

#[tokio::test]
async fn memory_keeps_accounts_and_files() {
    let store = Memory::new();
    accounts(&store).await;
    files(&store).await;
}

#[tokio::test]
async fn the_store_keeps_accounts_and_leaves_no_scraps() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(&folder.path().join("town.paidan")).await.unwrap();
    accounts(&store).await;
    files(&store).await;
    let bytes = folder.path().join("town.paidan.files");
    assert_eq!(walk(&bytes).len(), 1, "the bytes that a record names, and nothing else: {:?}", walk(&bytes));
    // Somebody was stopped while a file came in.
    std::fs::write(bytes.join("incoming-half"), "wor").unwrap();
    store.close().await;
    Sqlite::open(&folder.path().join("town.paidan")).await.unwrap();
    assert_eq!(walk(&bytes).len(), 1);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let inside = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    inside.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
