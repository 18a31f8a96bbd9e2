//! An engine in this process, upon whichever store: the real committer, a clock that stands still, ids that count.

use std::collections::BTreeMap;

use paidan_journal::{Sqlite, Store};
use paidan_language::Checked;
use paidan_machine::Code;
use paidan_model::id::{ActionId, PostId, UnitId, WorkflowId};
use paidan_model::roster::Post;
use paidan_runtime::commands::Want;
use paidan_runtime::{Act, Actor, Denied, Desk, Receipt};
pub use paidan_tests::shipped::checked;
pub use paidan_tests::world::World;
use paidan_tests::world::{self, Counted, Still};
use serde_json::Value as Json;
use tokio::task::JoinHandle;

/// When the clock begins.
const START: &str = "2026-11-23 09:00";

/// An engine upon a store, with these definitions; `first` is where its ids begin.
pub async fn engine<S: Store>(store: S, first: u64, checked: &Checked) -> (Desk<World<S>>, JoinHandle<()>) {
    let (desk, committer) = world::engine(store, Still::at(START), Counted::from(first), checked).await;
    // Whoever a test names is somebody.
    desk.admit_guests(|_| true);
    (desk, committer)
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
    desk.commands.ask(Actor::Engine, want, None).await.unwrap().stream
}

pub async fn act<S: Store>(
    desk: &Desk<World<S>>,
    actor: Actor,
    stream: &str,
    action: &str,
    fill: Json,
) -> Result<Receipt, Denied> {
    let case = desk.queries.case(stream).await.unwrap().unwrap();
    let (mut fill, shelf) = (map(&fill), desk.shelf.now());
    let workflow = shelf.workflow(&case.filing.digest).unwrap();
    desk.send_pictures(workflow, actor.subject(), &mut fill).await.unwrap();
    let act = Act { action: ActionId::parse(action).unwrap(), fill, reason: None, leg: None, seen: None };
    desk.commands.ask(actor, Want::Act { stream: stream.into(), act }, None).await
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
