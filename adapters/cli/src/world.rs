//! The real world: the system's clock, random ids, and a transport that keeps messages in the sink.

use std::time::Instant;

use paidan_model::moment::Moment;
use paidan_runtime::{Clock, Ids, Message, Sent, Transport};

/// A clock that starts at a moment and runs some times faster than the one on the wall.
#[derive(Debug)]
pub struct SystemClock {
    start: Moment,
    since: Instant,
    speed: u32,
}

impl SystemClock {
    /// A clock that starts at a moment and runs so many times faster.
    pub fn fast(start: Moment, speed: u32) -> Self {
        Self { start, since: Instant::now(), speed: speed.max(1) }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        let passed = i64::try_from(self.since.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.start.plus_millis(passed.saturating_mul(i64::from(self.speed)))
    }

    async fn until(&self, at: Moment) {
        let left = at.millis().saturating_sub(self.now().millis()).max(0) / i64::from(self.speed);
        tokio::time::sleep(std::time::Duration::from_millis(u64::try_from(left).unwrap_or(0) + 1)).await;
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

/// Sends nothing: messages stay in the outbox, where the sink's page shows them.
#[derive(Debug)]
pub struct Sink;

impl Transport for Sink {
    async fn send(&self, message: &Message) -> Sent {
        Sent::Delivered(format!("{} {}: {}", message.to.channel, message.to.at, message.text.zh))
    }
}
