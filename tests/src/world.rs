//! A pretend world for an engine in this process: a clock that stands still, ids that count,
//! messages that vanish.
#![expect(clippy::unwrap_used, reason = "a moment that cannot be read should stop the test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use paidan_journal::Store;
use paidan_language::Checked;
use paidan_model::moment::{Moment, Zone};
use paidan_runtime::{Clock, Committer, Desk, Ids, Message, Outside, Sent, Shelf, Transport};
use tokio::task::JoinHandle;

use crate::shipped;

/// A world upon whichever store.
pub type World<S> = Outside<S, Still, Counted, Nowhere>;

/// A clock that stands still until the test puts it forward.
#[derive(Debug)]
pub struct Still {
    start: Moment,
    passed: AtomicI64,
}

impl Still {
    /// Stands at a minute of Shanghai, as in `2026-09-30 15:00`.
    #[must_use]
    pub fn at(minute: &str) -> Self {
        let start = Moment::parse_local(minute, &Zone::SHANGHAI).unwrap();
        Self { start, passed: AtomicI64::new(0) }
    }

    /// Puts it forward.
    pub fn later(&self, seconds: i64) {
        self.passed.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Still {
    fn now(&self) -> Moment {
        self.start.plus_seconds(self.passed.load(Ordering::SeqCst))
    }
    async fn until(&self, _at: Moment) {
        std::future::pending().await
    }
}

/// Ids as long and as sortable as real ones, from a number that goes up.
#[derive(Debug, Default)]
pub struct Counted(AtomicU64);

impl Counted {
    /// Begins at a number: two engines upon the same file never count the same.
    #[must_use]
    pub fn from(first: u64) -> Self {
        Self(AtomicU64::new(first))
    }

    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

impl Ids for Counted {
    fn id(&self) -> String {
        format!("01a20d2d-3cab-7483-a826-{:012x}", self.next())
    }
    fn salt(&self) -> [u8; 32] {
        let bytes = self.next().to_be_bytes();
        std::array::from_fn(|place| bytes.get(place % 8).copied().unwrap_or(0))
    }
    fn code(&self) -> String {
        // Spread: what two codes have in common at the front is no place to look them up by.
        let n = self.next();
        format!("{:016x}{n:016x}", n.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }
}

/// Takes every message, and keeps none.
#[derive(Debug, Default)]
pub struct Nowhere;

impl Transport for Nowhere {
    async fn send(&self, _message: &Message) -> Sent {
        Sent::Delivered(String::new())
    }
}

/// An engine upon a store, with definitions in force; its committer runs until the task is aborted.
pub async fn engine<S: Store>(
    store: S,
    clock: Still,
    ids: Counted,
    checked: &Checked,
) -> (Desk<World<S>>, JoinHandle<()>) {
    let world = Arc::new(Outside { store, clock, ids, transport: Nowhere });
    let shelf = Arc::new(Shelf::default());
    shipped::publish(&shelf, &world.store, checked).await;
    let (desk, orders) = Desk::new(world, shelf);
    let committer = Committer::new(desk.clone(), orders);
    (desk, tokio::spawn(committer.run()))
}
