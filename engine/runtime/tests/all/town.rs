//! The whole engine over a pretend world: a clock that only the test moves, seeded ids, a transport that fails on order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use paidan_journal::Tenant;
use paidan_journal::verify::verify;
use paidan_journal::{Bind as _, Memory, Store};
use paidan_language::Library;
use paidan_machine::Code;
use paidan_machine::actor::Actor;
use paidan_machine::command::Act;
use paidan_model::id::{ActionId, WorkflowId};
use paidan_model::moment::{Moment, Zone};
use paidan_runtime::commands::{Key, Want};
use paidan_runtime::courier::RETRY_SECONDS;
use paidan_runtime::{
    Alarm, Clock, Committer, Courier, Denied, Desk, Ids, Message, Outside, Published, Receipt, Sent, Shelf,
    Transport,
};
use serde_json::json;

#[derive(Debug, Default)]
pub struct Pretend {
    pub now: AtomicI64,
}

impl Clock for Pretend {
    fn now(&self) -> Moment {
        Moment::from_millis(self.now.load(Ordering::SeqCst))
    }
    async fn until(&self, _at: Moment) {
        std::future::pending().await
    }
}

#[derive(Debug, Default)]
pub struct Seeded {
    n: AtomicU64,
}

impl Ids for Seeded {
    fn id(&self) -> String {
        format!("id-{:08}", self.n.fetch_add(1, Ordering::SeqCst))
    }
    fn salt(&self) -> [u8; 32] {
        [u8::try_from(self.n.fetch_add(1, Ordering::SeqCst) % 251).unwrap(); 32]
    }
    fn code(&self) -> String {
        format!("code-{}", self.n.fetch_add(1, Ordering::SeqCst))
    }
}

#[derive(Debug, Default)]
pub struct Post {
    fails: AtomicU64,
    sent: Mutex<Vec<Message>>,
}

impl Transport for Post {
    async fn send(&self, message: &Message) -> Sent {
        if self.fails.load(Ordering::SeqCst) > 0 {
            self.fails.fetch_sub(1, Ordering::SeqCst);
            return Sent::Later("the line is busy".into());
        }
        self.sent.lock().unwrap().push(message.clone());
        Sent::Delivered("ok".into())
    }
}

pub type World = Outside<Memory, Pretend, Seeded, Post>;

/// A store that outlives the engine upon it.
pub struct Town {
    pub world: Arc<World>,
    pub desk: Desk<World>,
    pub committer: Committer<World>,
    alarm: Alarm<World>,
    courier: Courier<World>,
}

const DEFINITION: &str = r#"
[workflow]
id = "pothole"
version = 1
title = { zh = "坑洞", en = "Pothole" }
owner = { post = "keeper", of = "centre" }
calendar = "always"
start = "open"
[roles]
keeper = { post = "keeper", of = "centre" }
boss = { post = "boss", of = "centre" }
[fields]
where_is = { type = "text", required = true, zh = "哪里", en = "Where" }
[states.open]
title = { zh = "待办", en = "Open" }
who = ["keeper"]
on.fill = { go = "filled" }
[states.filled]
title = { zh = "已填", en = "Filled" }
outcome = "solved"
[clocks.mend]
starts = "open"
limit = "2 real hours"
ladder = "up"
[ladders]
up = [{ at = "breach", tell = ["boss"], slip = "red" }]
"#;

const OFFICE: &str = r#"
[calendars.office]
zone = "Asia/Shanghai"
week = { mon-fri = ["09:00-17:00"] }
off = ["2026-10-01..2026-10-07"]
"#;

const ROSTER: &str = r#"
[[units]]
id = "centre"
kind = "centre"
zh = "中心"
en = "Centre"
[[people]]
id = "kim"
zh = "金"
en = "Kim"
posts = [{ post = "keeper", unit = "centre" }]
channels = { email = "kim@town.invalid" }
[[people]]
id = "bo"
zh = "博"
en = "Bo"
posts = [{ post = "boss", unit = "centre" }]
channels = { email = "bo@town.invalid" }
"#;

async fn town(store: Memory, now: Moment) -> Town {
    town_of(DEFINITION, store, now).await
}

/// The town with another definition.
pub async fn town_of(definition: &str, store: Memory, now: Moment) -> Town {
    let mut library = Library::new();
    library.add("definition.toml", definition.into());
    library.add("office.toml", OFFICE.into());
    library.add("roster.toml", ROSTER.into());
    let checked = library.check();
    assert!(!checked.has_errors(), "{}", paidan_language::print::text(&checked, false));
    let published: Vec<Published> = checked
        .workflows
        .into_iter()
        .map(|a| Published { workflow: a.workflow, digest: a.digest, source: a.source })
        .collect();
    let shelf = Arc::new(Shelf::default());
    shelf
        .publish(store.of(Tenant(0)), &published, &checked.calendars, checked.roster.as_ref())
        .await
        .unwrap();
    let clock = Pretend { now: AtomicI64::new(now.millis()) };
    let ids = Seeded { n: AtomicU64::new(u64::try_from(now.millis() % 100_000_007).unwrap()) };
    let world = Arc::new(Outside { store, clock, ids, transport: Post::default() });
    let (desk, orders) = Desk::new(Arc::clone(&world), shelf);
    Town {
        committer: Committer::new(desk.clone(), orders),
        alarm: Alarm::new(desk.clone()),
        courier: Courier::new(desk.clone(), "http://town.invalid/"),
        world,
        desk,
    }
}

impl Town {
    async fn ask(&mut self, who: &str, want: Want, key: Option<Key>) -> Result<Receipt, Denied> {
        let roster = &self.desk.shelf.now().roster;
        let posts = roster.people.get(who).map(|p| p.posts.clone()).unwrap_or_default();
        let actor = Actor::Person { subject: who.into(), posts, via: "test".into() };
        let desk = self.desk.clone();
        let (answer, _) = tokio::join!(desk.commands.ask(actor, want, key), self.committer.step());
        answer
    }

    async fn open(&mut self, key: Option<Key>) -> Result<Receipt, Denied> {
        self.open_as("bo", key).await
    }

    async fn open_as(&mut self, who: &str, key: Option<Key>) -> Result<Receipt, Denied> {
        let fill = BTreeMap::from([("where_is".to_string(), json!("at the gate"))]);
        let workflow = WorkflowId::parse("pothole").unwrap();
        let want = Want::Open { workflow, fill, channel: "test".into(), parent: None, levels_of: None };
        self.ask(who, want, key).await
    }

    async fn fill(&mut self, who: &str, stream: &str) -> Result<Receipt, Denied> {
        self.fill_with(who, stream, None).await
    }

    async fn fill_with(&mut self, who: &str, stream: &str, key: Option<Key>) -> Result<Receipt, Denied> {
        let action = ActionId::parse("fill").unwrap();
        let act = Act { action, fill: BTreeMap::new(), reason: None, leg: None, seen: None };
        self.ask(who, Want::Act { stream: stream.into(), act }, key).await
    }

    fn later(&self, seconds: i64) {
        self.world.clock.now.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    async fn wake(&mut self) {
        let alarm = async { self.alarm.step().await.unwrap() };
        tokio::select! { _ = alarm => {} () = async { while self.committer.step().await {} } => {} }
    }
}

fn morning() -> Moment {
    Moment::parse_local("2026-11-23 09:00", &Zone::SHANGHAI).unwrap()
}

#[tokio::test]
async fn silent_definitions_are_opened_by_their_unit() {
    let mut town = town(Memory::new(), morning()).await;
    let denied = town.open_as("resident", None).await.unwrap_err();
    let Denied::Refused(refusal) = denied else { unreachable!("{denied}") };
    assert_eq!(refusal.code, Code::NotYours);
    for colleague in ["kim", "bo"] {
        town.open_as(colleague, None).await.unwrap();
    }
}

#[tokio::test]
async fn the_same_request_twice_opens_one_case() {
    let mut town = town(Memory::new(), morning()).await;
    let key = |body: &[u8]| Some(Key::of(&["token", "open"], body));
    let first = town.open(key(b"a")).await.unwrap();
    let second = town.open(key(b"a")).await.unwrap();
    assert_eq!((second.stream, second.number, second.repeated), (first.stream, first.number, true));
    assert_eq!(town.open(key(b"other")).await, Err(Denied::KeyReused));
    assert_eq!(town.world.store.streams(Tenant(0), "", 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn only_the_role_acts_and_refusals_record_nothing() {
    let mut town = town(Memory::new(), morning()).await;
    let opened = town.open(None).await.unwrap();
    let Err(Denied::Refused(refusal)) = town.fill("bo", &opened.stream).await else {
        panic!("the boss fills no holes")
    };
    assert_eq!(refusal.code.number(), "R1002");
    assert_eq!(town.desk.queries.timeline(&opened.stream).await.unwrap().len(), 1);
    assert_eq!(town.fill("kim", &opened.stream).await.unwrap().seq, 2);
    let Err(Denied::Refused(refusal)) = town.fill("kim", &opened.stream).await else {
        panic!("it is closed")
    };
    assert_eq!(refusal.code.number(), "R1010");
}

#[tokio::test]
async fn a_timer_fires_once_and_notifies_the_boss() {
    let mut town = town(Memory::new(), morning()).await;
    let opened = town.open(None).await.unwrap();
    town.later(3 * 3600);
    town.wake().await;
    town.wake().await;
    let case = town.desk.queries.case(&opened.stream).await.unwrap().unwrap();
    assert!(case.clocks.all[0].late);
    let entries = town.desk.queries.timeline(&opened.stream).await.unwrap();
    assert_eq!(entries.len(), 3, "opened, the breach, the rung");
    assert_eq!(entries[1].due, Some(morning().plus_seconds(7200)));
    assert_eq!(entries[1].at, morning().plus_seconds(3 * 3600));
    assert_eq!(town.courier.step().await.unwrap(), 1);
    let sent = town.world.transport.sent.lock().unwrap().clone();
    assert_eq!((sent.len(), sent[0].to.at.as_str()), (1, "bo@town.invalid"));
    assert!(sent[0].text.en.contains("2026-11-23 11:00"), "{}", sent[0].text.en);
}

#[tokio::test]
async fn late_acceptance_never_counts_as_on_time() {
    let mut town = town(Memory::new(), morning()).await;
    let opened = town.open(None).await.unwrap();
    town.later(2 * 3600 + 1);
    town.fill("kim", &opened.stream).await.unwrap();
    let case = town.desk.queries.case(&opened.stream).await.unwrap().unwrap();
    assert_eq!(case.clocks.all[0].verdict, Some(paidan_machine::fact::Verdict::Late));
}

#[tokio::test]
async fn failed_letters_are_retried_then_shown_to_people() {
    let mut town = town(Memory::new(), morning()).await;
    town.open(None).await.unwrap();
    town.later(3 * 3600);
    town.wake().await;
    town.world.transport.fails.store(100, Ordering::SeqCst);
    let mut tries = 0;
    for wait in std::iter::once(0).chain(RETRY_SECONDS) {
        town.later(wait - 1);
        assert_eq!(if wait > 0 { town.courier.step().await.unwrap() } else { 0 }, 0, "not before {wait} s");
        town.later(1);
        tries += town.courier.step().await.unwrap();
    }
    assert_eq!(tries, 10);
    let letter = town.desk.queries.letters(None, 5).await.unwrap().remove(0);
    assert_eq!(
        (letter.state.as_str(), letter.attempts, letter.note.as_str()),
        ("dead", 10, "the line is busy")
    );
}

#[tokio::test]
async fn a_new_engine_resumes_from_the_store() {
    let store = Memory::new();
    let opened = {
        let mut town = town(store.clone(), morning()).await;
        town.open(None).await.unwrap()
    };
    let mut town = town(store.clone(), morning().plus_seconds(5 * 3600)).await;
    town.wake().await;
    let case = town.desk.queries.case(&opened.stream).await.unwrap().unwrap();
    assert!(case.clocks.all[0].late, "the timer that was due in between fires at start-up");
    town.fill("kim", &opened.stream).await.unwrap();
    assert_eq!(verify(&store, Tenant(0)).await.unwrap().broken, vec![]);
}

#[tokio::test]
async fn repeated_actions_get_the_first_answer() {
    let mut town = town(Memory::new(), morning()).await;
    let opened = town.open(None).await.unwrap();
    let key = |body: &[u8]| Some(Key::of(&["lin", "POST", "fill", "k1"], body));
    let first = town.fill_with("kim", &opened.stream, key(b"a")).await.unwrap();
    let again = town.fill_with("kim", &opened.stream, key(b"a")).await.unwrap();
    assert_eq!((again.seq, again.repeated), (first.seq, true));
    assert_eq!(town.fill_with("kim", &opened.stream, key(b"b")).await, Err(Denied::KeyReused));
    assert!(matches!(town.fill_with("kim", &opened.stream, None).await, Err(Denied::Refused(_))));
}
