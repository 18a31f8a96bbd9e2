//! The engine of the bench: a file, a clock that stands still, messages that vanish; and its two kinds of clients.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use paidan_http::{App, Door, router};
use paidan_journal::entry::Append;
use paidan_journal::{Memory, Sqlite, Store};
use paidan_model::id::{ActionId, WorkflowId};
use paidan_runtime::commands::{Key, Want};
use paidan_runtime::{Act, Actor, Desk, Receipt};
use paidan_tests::shipped;
use paidan_tests::world::{Counted, Still, World, engine};
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// What is in force.
const DEFINITIONS: [&str; 2] = ["workflows/blocks/survey.toml", "workflows/resident-order.toml"];

async fn desk<S: Store>(store: S) -> Desk<World<S>> {
    let (clock, ids) = (Still::at("2026-09-30 15:00"), Counted::default());
    let desk = engine(store, clock, ids, &shipped::checked(&DEFINITIONS)).await.0;
    desk.admit_guests(paidan_http::is_resident_of_story);
    desk
}

/// The town on a file of its own, served on loopback.
pub struct Town {
    desk: Desk<World<Sqlite>>,
    address: String,
    _folder: tempfile::TempDir,
}

/// A folder on the disk of the checkout: a folder in memory would measure nothing.
pub fn folder() -> tempfile::TempDir {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    tempfile::tempdir_in(target).unwrap()
}

impl Town {
    pub async fn new() -> Arc<Self> {
        let folder = folder();
        let desk = desk(Sqlite::open(&folder.path().join("town.paidan")).await.unwrap()).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let app = App {
            desk: desk.clone(),
            title: "".into(),
            door: Door::Demonstration,
            base: "".into(),
            setup: None,
            open_to_residents: Arc::default(),
            blocks: Arc::default(),
            stage: None,
            behind_proxy: false,
        };
        tokio::spawn(paidan_http::serve(listener, router(app), std::future::pending()));
        Arc::new(Self { desk, address, _folder: folder })
    }
}

/// One who opens cases and withdraws them.
pub trait Client: Send + Sized + 'static {
    fn new(town: &Arc<Town>, n: usize) -> impl Future<Output = Self> + Send;
    fn open(&mut self, n: usize) -> impl Future<Output = String> + Send;
    fn withdraw(&mut self, case: &str, n: usize) -> impl Future<Output = ()> + Send;
}

fn fill() -> BTreeMap<String, serde_json::Value> {
    let pairs = [
        ("reporter", "resident-2"),
        ("place", "gate-3"),
        ("category", "drain"),
        ("summary", "the drain is blocked"),
    ];
    pairs.into_iter().map(|(name, text)| (name.to_string(), json!(text))).collect()
}

fn opening() -> Want {
    Want::Open {
        workflow: WorkflowId::parse("resident-order").unwrap(),
        fill: fill(),
        channel: "bench".into(),
        parent: None,
        levels_of: None,
    }
}

fn withdrawal(stream: &str) -> Want {
    let act = Act {
        action: ActionId::parse("withdraw").unwrap(),
        fill: BTreeMap::new(),
        reason: Some("solved".into()),
        leg: None,
        seen: None,
    };
    Want::Act { stream: stream.to_string(), act }
}

fn resident() -> Actor {
    Actor::Person { subject: "resident-2".into(), posts: Vec::new(), via: "bench".into() }
}

/// Asks the desk.
pub struct Inside {
    town: Arc<Town>,
    n: usize,
}

impl Inside {
    async fn ask(&self, want: Want, what: &str, n: usize) -> Receipt {
        let key = Key::of(&["bench", what, &self.n.to_string(), &n.to_string()], b"");
        self.town.desk.commands.ask(resident(), want, Some(key)).await.unwrap()
    }
}

impl Client for Inside {
    async fn new(town: &Arc<Town>, n: usize) -> Self {
        Self { town: Arc::clone(town), n }
    }
    async fn open(&mut self, n: usize) -> String {
        self.ask(opening(), "open", n).await.stream
    }
    async fn withdraw(&mut self, case: &str, n: usize) {
        self.ask(withdrawal(case), "withdraw", n).await;
    }
}

/// Asks over HTTP, on one connection that is kept.
pub struct Outside {
    stream: BufReader<TcpStream>,
    n: usize,
}

impl Outside {
    async fn post(&mut self, path: &str, key: &str, body: &str) -> String {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: bench\r\ncookie: who=resident-2\r\ncontent-type: application/json\r\nidempotency-key: {key}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(head.as_bytes()).await.unwrap();
        let (mut length, mut line) = (0, String::new());
        loop {
            line.clear();
            self.stream.read_line(&mut line).await.unwrap();
            if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = text.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).await.unwrap();
        String::from_utf8(bytes).unwrap()
    }
}

impl Client for Outside {
    async fn new(town: &Arc<Town>, n: usize) -> Self {
        let stream = TcpStream::connect(&town.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream: BufReader::new(stream), n }
    }
    async fn open(&mut self, n: usize) -> String {
        let body = json!({ "workflow": "resident-order", "fields": fill() }).to_string();
        let key = format!("o{}-{n}", self.n);
        let answer = self.post("/v1/cases", &key, &body).await;
        let json: serde_json::Value = serde_json::from_str(&answer).unwrap();
        json.get("id").and_then(|id| id.as_str()).unwrap().to_string()
    }
    async fn withdraw(&mut self, case: &str, n: usize) {
        let key = format!("w{}-{n}", self.n);
        let answer =
            self.post(&format!("/v1/cases/{case}/actions/withdraw"), &key, "{\"reason\":\"solved\"}").await;
        assert!(answer.contains("\"seq\""), "{answer}");
    }
}

/// What the engine appends for so many cases.
pub async fn recorded(cases: usize) -> Vec<Append> {
    let store = Memory::recording();
    let desk = desk(store.clone()).await;
    let skip = store.appended().len();
    for n in 0..cases {
        let key = |what: &str| Some(Key::of(&["bench", what, &n.to_string()], b""));
        let opened = desk.commands.ask(resident(), opening(), key("open")).await.unwrap();
        desk.commands.ask(resident(), withdrawal(&opened.stream), key("withdraw")).await.unwrap();
    }
    store.appended().split_off(skip)
}
