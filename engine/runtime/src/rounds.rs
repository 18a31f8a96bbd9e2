//! The rounds: what is done every so often without anybody asking. Personal values and files of closed cases are erased
//! when the time for which a definition keeps them has passed, and files that no case names are swept away; in each period
//! the head of the whole history is published. Source: Personal Information Protection Law, article 19 (no longer than the
//! purpose needs).

use paidan_journal::Fault;
use paidan_machine::actor::Actor;
use paidan_views::worklist::KEPT;

use paidan_model::moment::Moment;
use paidan_model::period::Every;

use crate::commands::{Denied, Want};
use crate::desk::Desk;
use crate::photo::UNNAMED_KEPT;
use crate::world::{Clock as _, World};
use paidan_journal::store::After;

/// Cases looked at in one go.
const SLICE: u32 = 64;
/// Milliseconds of the clock on the wall between two rounds: an hour.
const EVERY: i64 = 3_600_000;

/// Goes the rounds.
#[derive(Debug)]
pub struct Rounds<W: World> {
    desk: Desk<W>,
    every: Every,
    origin: String,
}

impl<W: World> Rounds<W> {
    /// The rounds of a desk; without anchors.
    #[must_use]
    pub fn new(desk: Desk<W>) -> Self {
        Self { desk, every: Every::Never, origin: String::new() }
    }

    /// The same, with an anchor in each period; `origin` says whose history it is.
    #[must_use]
    pub fn anchoring(self, every: Every, origin: &str) -> Self {
        Self { every, origin: origin.to_string(), ..self }
    }

    /// Erases what is kept no longer; says of how many cases. Values go first and the record of it after: whoever is
    /// interrupted in between does it again.
    ///
    /// # Errors
    /// When the store fails, or a case cannot be noted.
    pub async fn step(&mut self) -> Result<u32, Fault> {
        let store = self.desk.store();
        let now = self.desk.world.clock().now().millis();
        let start = After { due: i64::MIN, key: String::new() };
        let rows = store.rows(KEPT, KEPT, start, SLICE).await?;
        let mut count = 0;
        for (stream, _) in rows.into_iter().filter(|(_, row)| row.due.is_some_and(|due| due <= now)) {
            store.erase_stream(&stream).await?;
            match self.desk.commands.ask(Actor::Engine, Want::Redact { stream: stream.clone() }, None).await {
                Ok(_) => count += 1,
                Err(Denied::Busy) => break,
                Err(denied) => return Err(Fault::Record(format!("{stream} could not be noted: {denied}"))),
            }
        }
        Ok(count)
    }

    /// Sweeps away files that nobody named in time; says how many.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep(&mut self) -> Result<u64, Fault> {
        let before = self.desk.world.clock().now().millis().saturating_sub(UNNAMED_KEPT);
        self.desk.store().sweep_files(before).await
    }

    /// Writes an anchor when a period has begun since the last one; says whether it did. A history without an anchor has
    /// its first one in the period after that in which it began.
    ///
    /// # Errors
    /// When the store fails, or the history no longer is what an earlier anchor says.
    pub async fn anchor(&mut self) -> Result<bool, Fault> {
        let now = self.desk.world.clock().now();
        let Some(began) = self.every.began(now, &self.desk.shelf.now().zone()) else { return Ok(false) };
        match self.desk.anchored_last().await? {
            Some(last) if last < began => self.desk.anchor(&self.origin, began).await,
            Some(_) | None => Ok(false),
        }
    }

    /// When the next rounds are: after an hour, or when a period begins.
    fn next(&self) -> Moment {
        let clock = self.desk.world.clock();
        let now = clock.now();
        let soon = now.plus_millis(EVERY.saturating_mul(i64::from(clock.speed())));
        self.every.next(now, &self.desk.shelf.now().zone()).map_or(soon, |period| period.min(soon))
    }

    /// Goes the rounds until stopped from outside; what fails is tried again in the next.
    pub async fn run(mut self) {
        loop {
            let (swept, anchored) = (self.sweep().await, self.anchor().await);
            let all = |count| Ok(u64::from(count) + swept? + u64::from(anchored?));
            match self.step().await.and_then(all) {
                Ok(0) => {}
                Ok(_) => continue,
                Err(fault) => tracing::error!(%fault, "the rounds could not be ended"),
            }
            let next = self.next();
            self.desk.world.clock().until(next).await;
        }
    }
}
