//! An engine in this process, upon whichever store: the real committer, a clock that stands still, ids that count.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use paidan_journal::{Sqlite, Store};
use paidan_language::{Checked, Library};
use paidan_machine::Code;
use paidan_model::id::{ActionId, PostId, UnitId, WorkflowId};
use paidan_model::moment::{Moment, Zone};
use paidan_model::roster::Post;
use paidan_runtime::desk::Want;
use paidan_runtime::{
    Act, Actor, Clock, Committer, Denied, Desk, Ids, Message, Outside, Published, Receipt, Sent, Shelf,
    Transport,
};
use serde_json::Value as Json;

/// A clock that stands still until the test puts it forward, by so many seconds in all.
#[derive(Default)]
pub struct Still(pub AtomicI64);

impl Clock for Still {
    fn now(&self) -> Moment {
        let start = Moment::parse_local("2026-11-23 09:00", &Zone::SHANGHAI).unwrap();
        start.plus_seconds(self.0.load(Ordering::SeqCst))
    }
    async fn until(&self, _at: Moment) {
        std::future::pending().await
    }
}

/// Ids from a number that never comes again, also in the next engine upon the same file.
pub struct Counted(AtomicU64);

impl Ids for Counted {
    fn id(&self) -> String {
        format!("01a20d2d-3cab-7483-a826-{:012x}", self.0.fetch_add(1, Ordering::Relaxed))
    }
    fn salt(&self) -> [u8; 32] {
        let n = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        std::array::from_fn(|place| n[place % 8])
    }
    fn code(&self) -> String {
        format!("{:032x}", self.0.fetch_add(1, Ordering::Relaxed))
    }
}

pub struct Nowhere;

impl Transport for Nowhere {
    async fn send(&self, _message: &Message) -> Sent {
        Sent::Delivered(String::new())
    }
}

pub type World<S> = Outside<S, Still, Counted, Nowhere>;

/// Some of the shipped definitions, with the calendar and the roster of the town.
pub fn checked(texts: &[(&str, &str)]) -> Checked {
    let mut library = Library::new();
    library.add("office", include_str!("../../../../config/calendars/office.toml").into());
    library.add("roster", include_str!("../../../../config/towns/dongtai/roster.toml").into());
    for (name, text) in texts {
        library.add(name, (*text).to_string());
    }
    let checked = library.check();
    assert!(!checked.workflows.is_empty());
    checked
}

/// An engine upon a store, with these definitions; `first` is where its ids begin.
pub async fn engine<S: Store>(
    store: S,
    first: u64,
    checked: &Checked,
) -> (Desk<World<S>>, tokio::task::JoinHandle<()>) {
    let ids = Counted(AtomicU64::new(first));
    let world = Arc::new(Outside { store, clock: Still::default(), ids, transport: Nowhere });
    let shelf = Arc::new(Shelf::default());
    let published: Vec<Published> = checked
        .workflows
        .iter()
        .map(|agreed| Published {
            workflow: agreed.workflow.clone(),
            digest: agreed.digest.clone(),
            source: agreed.source.clone(),
        })
        .collect();
    let tenant = Default::default();
    shelf
        .publish(&world.store, tenant, &published, &checked.calendars, checked.roster.as_ref())
        .await
        .unwrap();
    let (desk, orders) = Desk::new(world, shelf);
    let committer = Committer::new(desk.clone(), orders);
    (desk, tokio::spawn(committer.run()))
}

pub fn person(subject: &str, post: &str, unit: &str) -> Actor {
    let post = Post::new(PostId::parse(post).unwrap(), UnitId::parse(unit).unwrap());
    Actor::Person { subject: subject.into(), posts: vec![post], via: "test".into() }
}

pub fn map(fill: &Json) -> BTreeMap<String, Json> {
    fill.as_object().unwrap().clone().into_iter().collect()
}

pub async fn open<S: Store>(desk: &Desk<World<S>>, workflow: &str, fill: Json) -> String {
    let want = Want::Open {
        workflow: WorkflowId::parse(workflow).unwrap(),
        fill: map(&fill),
        channel: "test".into(),
        parent: None,
        levels_of: None,
    };
    desk.ask(Actor::Engine, want, None).await.unwrap().stream
}

pub async fn act<S: Store>(
    desk: &Desk<World<S>>,
    actor: Actor,
    stream: &str,
    action: &str,
    fill: Json,
) -> Result<Receipt, Denied> {
    let act = Act {
        action: ActionId::parse(action).unwrap(),
        fill: map(&fill),
        reason: None,
        leg: None,
        seen: None,
    };
    desk.ask(actor, Want::Act { stream: stream.into(), act }, None).await
}

pub fn code(denied: &Denied) -> Code {
    match denied {
        Denied::Refused(refusal) => refusal.code,
        other => panic!("{other}"),
    }
}

pub async fn open_again(path: &std::path::Path) -> Sqlite {
    // A lock is let go a moment after its holder is gone.
    loop {
        match Sqlite::open(path).await {
            Ok(store) => return store,
            Err(paidan_journal::Fault::Locked) => tokio::task::yield_now().await,
            Err(fault) => panic!("{fault}"),
        }
    }
}
