//! `paidan starts next`: when definitions will open cases by themselves.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use paidan_language::{Agreed, Checked};
use paidan_model::calendar::Calendar;
use paidan_model::moment::{Moment, Zone};
use paidan_model::start::Occurrence;
use paidan_runtime::Clock as _;
use serde_json::json;

use crate::exit::Exit;
use crate::line::say;
use crate::world::SystemClock;

/// The most occurrences of a start that are listed at once.
const COUNT_MAX: i64 = 1_000;

/// What `starts` does.
#[derive(clap::Subcommand)]
pub enum Starts {
    /// Lists the coming occurrences of every start, in order.
    Next(Occurrences),
}

/// What `starts next` takes.
#[derive(clap::Args)]
pub struct Occurrences {
    /// Files or folders with definitions and calendars; without any the shipped ones.
    paths: Vec<PathBuf>,
    /// Occurrences after this moment: RFC 3339, or `YYYY-MM-DD hh:mm` in the town's zone; without
    /// it after now.
    #[arg(long)]
    from: Option<String>,
    /// How many of each start, at most 1000.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=COUNT_MAX))]
    count: u32,
    /// Prints a JSON object a line.
    #[arg(long)]
    json: bool,
}

/// One line: which start, and when.
struct Coming<'c> {
    agreed: &'c Agreed,
    start: String,
    zone: Zone,
    occurrence: Occurrence,
}

/// Lists.
pub fn run(what: &Starts) -> Result<Exit> {
    let Starts::Next(arguments) = what;
    let library = match arguments.paths.as_slice() {
        [] => crate::files::shipped(),
        paths => crate::files::library(paths)?,
    };
    let checked = library.check();
    if checked.has_errors() {
        eprint!("{}", paidan_language::print::text(&checked, false));
        return Ok(Exit::Wrong);
    }
    let from = match &arguments.from {
        Some(text) => Moment::parse_rfc3339(text)
            .or_else(|| Moment::parse_local(text, &checked.zone()))
            .context("--from is RFC 3339, or YYYY-MM-DD hh:mm")?,
        None => SystemClock::wall().now(),
    };
    let mut found = coming(&checked, from, arguments.count as usize);
    found.sort_by_key(|coming| coming.occurrence.at);
    found.iter().for_each(|coming| tell(coming, arguments.json));
    if found.is_empty() && !arguments.json {
        say!("no definition here opens cases by itself");
    }
    Ok(Exit::Fine)
}

fn coming(checked: &Checked, from: Moment, count: usize) -> Vec<Coming<'_>> {
    let mut found = Vec::new();
    for agreed in &checked.workflows {
        let Some(calendar) = checked.calendars.get(&agreed.workflow.calendar) else { continue };
        for (id, start) in &agreed.workflow.starts {
            let next = |after: Moment, calendar: &Calendar| start.next_after(after, calendar);
            let first = next(from, calendar);
            let all = std::iter::successors(first, |before| next(before.planned, calendar));
            let zone = start.zone_by(calendar);
            found.extend(all.take(count).map(|occurrence| Coming {
                agreed,
                start: id.to_string(),
                zone,
                occurrence,
            }));
        }
    }
    found
}

fn tell(coming: &Coming<'_>, as_json: bool) {
    let Coming { agreed, start, zone, occurrence: Occurrence { planned, at } } = coming;
    let workflow = &agreed.workflow.id;
    let (at, planned) = (at.rfc3339_seconds_in(zone), planned.rfc3339_seconds_in(zone));
    if as_json {
        say!("{}", json!({ "workflow": workflow, "start": start, "at": at, "planned": planned }));
    } else if at == planned {
        say!("{at}  {workflow}  {start}");
    } else {
        say!("{at}  {workflow}  {start}  (planned for {planned}, a day off)");
    }
}
