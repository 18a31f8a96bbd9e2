//! The world of the binary: the clock on the wall, a clock that can be put forward, random ids.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use paidan_model::moment::Moment;
use paidan_runtime::{Clock, Ids};
use tokio::sync::Notify;

/// The clock on the wall, or one that starts at a moment and runs some times faster.
#[derive(Debug)]
pub struct SystemClock {
    /// What a pretend clock shows; none: this is the clock on the wall.
    base: Option<Mutex<Base>>,
    speed: u32,
    moved: Notify,
}

/// What the clock showed, when, and whether it has run since.
#[derive(Clone, Copy, Debug)]
struct Base {
    at: Moment,
    since: Instant,
    runs: bool,
}

impl SystemClock {
    /// The clock on the wall.
    pub fn wall() -> Self {
        Self { base: None, speed: 1, moved: Notify::new() }
    }

    /// A clock that starts at a moment and runs so many times faster.
    pub fn fast(start: Moment, speed: u32) -> Self {
        let base = Base { at: start, since: Instant::now(), runs: true };
        Self { base: Some(Mutex::new(base)), speed: speed.max(1), moved: Notify::new() }
    }

    fn base(&self) -> Option<MutexGuard<'_, Base>> {
        self.base.as_ref().map(|base| base.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn shown(&self, base: &Base) -> Moment {
        if !base.runs {
            return base.at;
        }
        let passed = i64::try_from(base.since.elapsed().as_millis()).unwrap_or(i64::MAX);
        base.at.plus_millis(passed.saturating_mul(i64::from(self.speed)))
    }

    fn set(&self, to: Option<Moment>, runs: Option<bool>) -> bool {
        let Some(mut base) = self.base() else { return false };
        let now = self.shown(&base);
        *base = Base {
            at: to.map_or(now, |to| to.max(now)),
            since: Instant::now(),
            runs: runs.unwrap_or(base.runs),
        };
        drop(base);
        self.moved.notify_waiters();
        true
    }

    /// Lets the clock stand still, or run.
    pub fn run(&self, runs: bool) {
        let _pretend = self.set(None, Some(runs));
    }
}

/// Milliseconds on the wall after which a waiting part looks at the clock again.
const LOOK_MILLIS: u64 = 1_000;

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        match self.base() {
            Some(base) => self.shown(&base),
            None => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Moment::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
        }
    }

    fn put_forward(&self, to: Moment) -> bool {
        self.set(Some(to), None)
    }

    async fn until(&self, at: Moment) {
        loop {
            let moved = self.moved.notified();
            let left = at.millis().saturating_sub(self.now().millis());
            if left <= 0 {
                return;
            }
            let wall = u64::try_from(left / i64::from(self.speed)).unwrap_or(0) + 1;
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(wall.min(LOOK_MILLIS))) => {}
                () = moved => {}
            }
        }
    }

    fn stands_still(&self) -> bool {
        self.base().is_some_and(|base| !base.runs)
    }

    fn speed(&self) -> u32 {
        self.speed
    }
}

/// Ids of version 7 and random bytes of the system.
#[derive(Debug)]
pub struct SystemIds;

/// Random bytes; without them nothing may go on.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if getrandom::fill(&mut bytes).is_err() {
        tracing::error!("the system gives no random bytes");
        std::process::abort();
    }
    bytes
}

impl Ids for SystemIds {
    fn id(&self) -> String {
        uuid::Uuid::now_v7().to_string()
    }

    fn salt(&self) -> [u8; 32] {
        random()
    }

    fn code(&self) -> String {
        hex::encode(random::<16>())
    }
}
