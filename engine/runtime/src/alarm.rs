//! The alarm: wakes the cases whose time has come.

use futures_util::{StreamExt as _, stream};
use paidan_journal::Fault;
use paidan_machine::actor::Actor;
use paidan_model::moment::Moment;
use tokio::sync::broadcast;

use crate::commands::{Denied, Live, Want};
use crate::desk::Desk;
use crate::world::{Clock as _, World};

/// Cases woken at once.
pub const SLICE: u32 = 256;
/// The longest sleep, in milliseconds of the clock on the wall: a timer is never missed by more.
const SLEEP_MAX: i64 = 1_000;

/// Wakes cases; a second alarm beside it wakes nothing twice, since a timer fires once in its case.
#[derive(Debug)]
pub struct Alarm<W: World> {
    desk: Desk<W>,
    live: broadcast::Receiver<Live>,
}

impl<W: World> Alarm<W> {
    /// The alarm of a desk.
    #[must_use]
    pub fn new(desk: Desk<W>) -> Self {
        let live = desk.commands.events();
        Self { desk, live }
    }

    /// Wakes what is due; says when to look again.
    ///
    /// # Errors
    /// When the store cannot be read, or a case cannot be woken for another reason than a refusal.
    pub async fn step(&mut self) -> Result<Moment, Fault> {
        let world = &self.desk.world;
        let now = world.clock().now();
        let due = self.desk.store().due(now.millis(), SLICE).await?;
        let full = due.len() == SLICE as usize;
        let mut stuck = false;
        // All at once, so that they share a commit.
        let desk = &self.desk;
        let ticks = due.into_iter().map(|(stream, _)| async move {
            let done = desk.commands.ask(Actor::Engine, Want::Tick { stream: stream.clone() }, None).await;
            (stream, done)
        });
        let mut done = stream::iter(ticks).buffer_unordered(SLICE as usize);
        while let Some((stream, done)) = done.next().await {
            match done {
                Ok(_) | Err(Denied::Busy) => {}
                Err(denied) => {
                    stuck = true;
                    tracing::error!(stream, %denied, "a timer could not fire");
                }
            }
        }
        let latest = now.plus_millis(SLEEP_MAX.saturating_mul(i64::from(world.clock().speed())));
        if stuck {
            return Ok(latest);
        }
        let next = self.desk.store().next_due().await?.map(Moment::from_millis);
        Ok(if full { now } else { next.map_or(latest, |next| next.max(now.plus_millis(1)).min(latest)) })
    }

    /// Wakes cases until stopped from outside.
    ///
    /// # Errors
    /// As for [`Alarm::step`].
    pub async fn run(mut self) -> Result<(), Fault> {
        loop {
            let next = self.step().await?;
            let clock = self.desk.world.clock();
            tokio::select! {
                () = clock.until(next) => {}
                news = self.live.recv() => match news {
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return Ok(()),
                },
            }
        }
    }
}
