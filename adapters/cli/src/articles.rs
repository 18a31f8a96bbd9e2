//! What the articles report of Yancheng, played through the desk with the same commands as any day's work: twelve seasons
//! with 6,700 wishes fulfilled, 73 lifts in service and 12 under way. Years pass on the demonstration's clock.

mod agenda;
mod hands;
mod lift;
mod season;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use paidan_model::moment::Moment;
use paidan_runtime::Desk;

use self::agenda::{Item, agenda};
use self::hands::Hands;
pub use self::hands::WISHER;
use self::lift::Lifts;
use self::season::Seasons;
use crate::engine::Town;
use crate::line::say;

/// When the first season begins, in local time.
pub const START: &str = "2022-10-08 09:00";

/// Plays what the articles report, up to a moment.
pub async fn tell(desk: &Desk<Town>, until: Moment) -> Result<()> {
    let begun = Instant::now();
    let hands = Hands { desk, commands: AtomicUsize::new(0) };
    let (mut seasons, mut lifts) = (Seasons::default(), Lifts::default());
    let zone = desk.shelf.now().zone();
    let start = Moment::parse_local(START, &zone).context("the first day")?;
    for (at, item) in agenda(start) {
        if at > until {
            bail!("`--start` is too early: the articles' cases need until {}", at.local_text(&zone));
        }
        hands.until(at).await?;
        match item {
            Item::Season(n, day) => seasons.day(&hands, n, day).await?,
            Item::Lift(batch, day) => lifts.day(&hands, batch, day).await?,
        }
    }
    hands.until(until).await?;
    let commands = hands.commands.load(Ordering::Relaxed);
    let seconds = begun.elapsed().as_secs_f64();
    say!("told:   {commands} commands of the articles in {seconds:.0} s");
    Ok(())
}
