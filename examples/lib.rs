//! What the examples `wish` and `elevator` stand on: the demonstration town in memory, on a clock that the example
//! moves, with messages said aloud. The example `whistle` shows the same without help.
#![expect(clippy::unwrap_used, reason = "an example shows the way that goes well")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use paidan::journal::{Bind as _, Memory};
use paidan::language::Library;
use paidan::model::id::{ActionId, WorkflowId};
use paidan::model::moment::{Moment, Zone};
use paidan::runtime::commands::Want;
use paidan::runtime::{
    Act, Actor, Alarm, Clock, Committer, Denied, Desk, Ids, Message, Outside, Published, Receipt, Sent,
    Shelf, Transport,
};
use serde_json::Value as Json;

/// A clock that shows what it is told.
#[derive(Debug, Default)]
pub struct Told(AtomicI64);

impl Clock for Told {
    fn now(&self) -> Moment {
        Moment::from_millis(self.0.load(Ordering::SeqCst))
    }
    async fn until(&self, _at: Moment) {
        std::future::pending().await
    }
}

/// Ids in a row. A real engine takes them from the system.
#[derive(Debug, Default)]
pub struct InARow(AtomicU64);

impl Ids for InARow {
    fn id(&self) -> String {
        format!("{:08}", self.0.fetch_add(1, Ordering::SeqCst))
    }
    fn salt(&self) -> [u8; 32] {
        [7; 32]
    }
    fn code(&self) -> String {
        self.id()
    }
}

/// Says messages aloud.
#[derive(Debug)]
pub struct Aloud;

impl Transport for Aloud {
    async fn send(&self, message: &Message) -> Sent {
        println!("  to {}: {}", message.to.at, message.text.en);
        Sent::Delivered("said".into())
    }
}

/// The world of the examples.
pub type World = Outside<Memory, Told, InARow, Aloud>;

/// The town with some definitions in force, at a local time such as `2026-11-23 09:00`.
pub async fn town(definitions: &[(&str, &str)], at: &str) -> Desk<World> {
    let mut library = Library::new();
    let shared = [
        ("calendars.toml", include_str!("../config/calendars/office.toml")),
        ("roster.toml", include_str!("../config/towns/dongtai/roster.toml")),
    ];
    for (path, text) in shared.iter().chain(definitions) {
        library.add(path, (*text).to_string());
    }
    let checked = library.check();
    assert!(!checked.has_errors(), "{}", paidan::language::print::text(&checked, false));
    let start = Moment::parse_local(at, &Zone::SHANGHAI).unwrap();
    let clock = Told(AtomicI64::new(start.millis()));
    let world = Arc::new(Outside { store: Memory::new(), clock, ids: InARow::default(), transport: Aloud });
    let shelf = Arc::new(Shelf::default());
    let published = checked.workflows.into_iter();
    let published: Vec<Published> =
        published.map(|a| Published { workflow: a.workflow, digest: a.digest, source: a.source }).collect();
    let roster = checked.roster.as_ref();
    shelf.publish(world.store.of(Default::default()), &published, &checked.calendars, roster).await.unwrap();
    let (desk, orders) = Desk::new(world, shelf);
    // Residents of an example have no accounts.
    desk.admit_guests(|subject| subject.starts_with("resident-"));
    tokio::spawn(Committer::new(desk.clone(), orders).run());
    desk
}

fn fill(form: &Json) -> BTreeMap<String, Json> {
    form.as_object().into_iter().flatten().map(|(id, value)| (id.clone(), value.clone())).collect()
}

/// Opens a case in the name of a person of the town, or of the engine when there is no name.
pub async fn open(desk: &Desk<World>, who: &str, workflow: &str, form: &Json) -> Receipt {
    let workflow = WorkflowId::parse(workflow).unwrap();
    let want =
        Want::Open { workflow, fill: fill(form), channel: "example".into(), parent: None, levels_of: None };
    desk.commands.ask(desk.actor(who, "example"), want, None).await.unwrap()
}

/// Does an action in somebody's name; says what came of it.
///
/// # Errors
/// Why it was not done.
pub async fn act(
    desk: &Desk<World>,
    who: &str,
    stream: &str,
    action: &str,
    form: &Json,
) -> Result<Receipt, Denied> {
    let action = ActionId::parse(action).unwrap();
    let (mut fill, shelf) = (fill(form), desk.shelf.now());
    let digest = desk.queries.case(stream).await.unwrap().unwrap().filing.digest;
    desk.send_pictures(shelf.workflow(&digest).unwrap(), who, &mut fill).await.unwrap();
    let act = Act { action: action.clone(), fill, reason: None, leg: None, seen: None };
    let want = Want::Act { stream: stream.into(), act };
    let done = desk.commands.ask(desk.actor(who, "example"), want, None).await;
    match &done {
        Ok(_) => println!("{who}: {action}"),
        Err(why) => println!("{who}: {action} is not done: {why}"),
    }
    done
}

/// Lets the engine send an event, as a case linked to this one would.
pub async fn send(desk: &Desk<World>, stream: &str, event: &str) {
    let event = ActionId::parse(event).unwrap();
    desk.commands.ask(Actor::Engine, Want::Send { stream: stream.into(), event }, None).await.unwrap();
}

/// Puts the clock forward and lets what is due happen.
pub async fn later(desk: &Desk<World>, days: i64) {
    desk.world.clock.0.fetch_add(days * 86_400_000, Ordering::SeqCst);
    println!("-- {days} days later");
    let mut alarm = Alarm::new(desk.clone());
    while alarm.step().await.unwrap() <= desk.world.clock.now() {}
}
