//! The engine embedded: a definition in TOML, a store in memory, a clock that the example moves.
//!
//! A community asks a department to mend a drain within two hours; the department does not, and its head hears of it.
#![expect(clippy::unwrap_used, reason = "an example shows the way that goes well")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use paidan::journal::{Bind as _, Memory};
use paidan::language::Library;
use paidan::model::id::WorkflowId;
use paidan::model::moment::{Moment, Zone};
use paidan::runtime::commands::Want;
use paidan::runtime::{
    Actor, Alarm, Clock, Committer, Courier, Desk, Ids, Message, Outside, Published, Sent, Shelf, Transport,
};

/// A clock that shows what it is told.
#[derive(Debug, Default)]
struct Told(AtomicI64);

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
struct InARow(AtomicU64);

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
struct Aloud;

impl Transport for Aloud {
    async fn send(&self, message: &Message) -> Sent {
        println!("to {}: {}", message.to.at, message.text.en);
        Sent::Delivered("said".into())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut library = Library::new();
    library.add("drain.toml", include_str!("drain.toml").into());
    library.add("town.toml", include_str!("town.toml").into());
    let checked = library.check();
    assert!(!checked.has_errors(), "{}", paidan::language::print::text(&checked, false));
    let start = Moment::parse_local("2026-09-30 17:00", &Zone::SHANGHAI).unwrap();
    let clock = Told(AtomicI64::new(start.millis()));
    let world = Arc::new(Outside { store: Memory::new(), clock, ids: InARow::default(), transport: Aloud });
    let shelf = Arc::new(Shelf::default());
    let published = checked.workflows.into_iter();
    let published: Vec<Published> =
        published.map(|a| Published { workflow: a.workflow, digest: a.digest, source: a.source }).collect();
    let town = checked.roster.as_ref();
    shelf.publish(world.store.of(Default::default()), &published, &checked.calendars, town).await.unwrap();
    let (desk, orders) = Desk::new(Arc::clone(&world), shelf);
    tokio::spawn(Committer::new(desk.clone(), orders).run());
    let fill = BTreeMap::from([("words".to_string(), "the drain is blocked".into())]);
    let workflow = WorkflowId::parse("drain").unwrap();
    let want = Want::Open { workflow, fill, channel: "example".into(), parent: None, levels_of: None };
    let receipt = desk.commands.ask(Actor::Engine, want, None).await.unwrap();
    println!("opened {}", receipt.number);
    world.clock.0.fetch_add(2 * 3_600_000, Ordering::SeqCst);
    Alarm::new(desk.clone()).step().await.unwrap();
    Courier::new(desk.clone(), "http://127.0.0.1").step().await.unwrap();
    let case = desk.queries.case(&receipt.stream).await.unwrap().unwrap();
    assert!(case.clocks.all.iter().all(|clock| clock.late), "two hours are over");
    println!("slips: {}", case.messages.slips.len());
}
