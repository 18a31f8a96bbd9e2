//! `paidan cron next`: the coming moments of a recurrence.

use std::io::BufRead as _;

use anyhow::{Context as _, Result};
use paidan_language::recurrence::{self, Unreadable};
use paidan_model::moment::{Moment, Zone};
use paidan_model::schedule::Schedule;
use paidan_runtime::Clock as _;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::exit::Exit;
use crate::line::say;
use crate::world::SystemClock;

/// The most moments that are listed at once.
const COUNT_MAX: u32 = 1_000;
/// How many are listed where nothing is said.
const COUNT: u32 = 10;

/// What `cron` does.
#[derive(clap::Subcommand)]
pub enum Cron {
    /// Lists the coming moments of a cron expression, or of `every`.
    Next(Moments),
}

/// What `cron next` takes.
#[derive(clap::Args)]
pub struct Moments {
    /// Five fields as in POSIX, or six with seconds first and weekdays by name.
    #[arg(required_unless_present_any = ["jsonl", "every"], conflicts_with_all = ["jsonl", "every"])]
    expression: Option<String>,
    /// The short form of definitions, such as `mon 09:00` or `month 1 09:00`.
    #[arg(long, conflicts_with = "jsonl")]
    every: Option<String>,
    /// The time zone by its IANA name.
    #[arg(long, default_value = Zone::default().name())]
    zone: String,
    /// Moments after this one: RFC 3339, or `YYYY-MM-DD hh:mm` in the zone; without it after now.
    #[arg(long)]
    from: Option<String>,
    /// How many, at most 1000.
    #[arg(long, default_value_t = COUNT)]
    count: u32,
    /// Reads lines `{"expression", "zone", "start", "count"}` and answers each with `{"next": [..]}` or a refusal
    /// `{"code", "error", "help"}`.
    #[arg(long)]
    jsonl: bool,
}

/// One line of `--jsonl`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    expression: String,
    zone: String,
    start: String,
    count: Option<u32>,
}

/// A recurrence that is not computed, and why.
struct Refused {
    code: &'static str,
    error: String,
    help: String,
}

impl From<Unreadable> for Refused {
    fn from(why: Unreadable) -> Self {
        Self { code: why.code.slug(), error: why.en, help: why.help }
    }
}

/// Lists moments.
pub fn run(what: &Cron) -> Result<Exit> {
    let Cron::Next(arguments) = what;
    if arguments.jsonl {
        return lines();
    }
    let now = SystemClock::wall().now();
    let schedule = match (&arguments.expression, &arguments.every) {
        (Some(text), _) => recurrence::cron(text),
        (None, Some(text)) => recurrence::every(text),
        (None, None) => recurrence::cron(""),
    };
    let found = schedule.map_err(Refused::from).and_then(|schedule| {
        let zone = zone(&arguments.zone)?;
        let from = arguments.from.as_deref().map_or(Ok(now), |text| start(text, &zone))?;
        Ok((next(&schedule, &zone, from, arguments.count)?, zone))
    });
    match found {
        Ok((moments, zone)) => {
            for at in moments {
                say!("{}", at.rfc3339_seconds_in(&zone));
            }
            Ok(Exit::Fine)
        }
        Err(refused) => {
            eprintln!("error[{}]: {}", refused.code, refused.error);
            if !refused.help.is_empty() {
                eprintln!("  help: {}", refused.help);
            }
            Ok(Exit::Refused)
        }
    }
}

/// Answers each line of standard input with one line.
fn lines() -> Result<Exit> {
    for line in std::io::stdin().lock().lines() {
        let line = line.context("standard input cannot be read")?;
        if !line.trim().is_empty() {
            say!("{}", answered(&line));
        }
    }
    Ok(Exit::Fine)
}

fn answered(line: &str) -> Json {
    match answer(line) {
        Ok(next) => json!({ "next": next }),
        Err(Refused { code, error, help }) if help.is_empty() => json!({ "code": code, "error": error }),
        Err(Refused { code, error, help }) => json!({ "code": code, "error": error, "help": help }),
    }
}

fn answer(line: &str) -> Result<Vec<String>, Refused> {
    let request: Request = serde_json::from_str(line).map_err(|error| Refused {
        code: "line",
        error: format!("the line cannot be read: {error}"),
        help: "write {\"expression\", \"zone\", \"start\", \"count\"}".into(),
    })?;
    let schedule = recurrence::cron(&request.expression)?;
    let zone = zone(&request.zone)?;
    let from = start(&request.start, &zone)?;
    let moments = next(&schedule, &zone, from, request.count.unwrap_or(COUNT))?;
    Ok(moments.into_iter().map(|at| at.rfc3339_seconds_in(&zone)).collect())
}

fn zone(name: &str) -> Result<Zone, Refused> {
    Zone::parse(name).ok_or_else(|| Refused {
        code: "zone",
        error: format!("`{name}` is no time zone"),
        help: "write an IANA name, for example `Asia/Shanghai`".into(),
    })
}

fn start(text: &str, zone: &Zone) -> Result<Moment, Refused> {
    let found = Moment::parse_rfc3339(text).or_else(|| Moment::parse_local(text, zone));
    found.ok_or_else(|| Refused {
        code: "start",
        error: format!("`{text}` is no moment"),
        help: "write RFC 3339, or `YYYY-MM-DD hh:mm` in the zone".into(),
    })
}

fn next(schedule: &Schedule, zone: &Zone, from: Moment, count: u32) -> Result<Vec<Moment>, Refused> {
    if !(1..=COUNT_MAX).contains(&count) {
        let error = format!("{count} moments; from 1 to {COUNT_MAX} are listed at once");
        return Err(Refused { code: "count", error, help: String::new() });
    }
    let after = std::iter::successors(Some(from), |at| schedule.next_after(*at, zone));
    Ok(after.skip(1).take(count as usize).collect())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    #[test]
    fn each_line_has_its_answer() {
        let wanted = include_str!("../../../engine/language/tests/vectors/cron.jsonl");
        for line in wanted.lines() {
            let line: Json = serde_json::from_str(line).unwrap();
            let asked = json!({
                "expression": line["expression"], "zone": line["zone"], "start": line["start"], "count": 10,
            });
            assert_eq!(answered(&asked.to_string()), json!({ "next": line["next10"] }), "{line}");
        }
    }

    #[test]
    fn refusals_carry_their_code() {
        let code = |expression: &str, zone: &str, start: &str, count: u32| {
            let asked = json!({ "expression": expression, "zone": zone, "start": start, "count": count });
            answered(&asked.to_string())["code"].as_str().unwrap().to_string()
        };
        let start = "2026-09-30T12:00:00+08:00";
        assert_eq!(code("0 0 9 * * 1", "Asia/Shanghai", start, 1), "cron_weekday_number");
        assert_eq!(code("0 9 * *", "Asia/Shanghai", start, 1), "cron_fields");
        assert_eq!(code("0 25 * * *", "Asia/Shanghai", start, 1), "cron_field");
        assert_eq!(code("0 0 31 2 *", "Asia/Shanghai", start, 1), "cron_never");
        assert_eq!(code("0 9 * * *", "Beijing", start, 1), "zone");
        assert_eq!(code("0 9 * * *", "Asia/Shanghai", "tomorrow", 1), "start");
        assert_eq!(code("0 9 * * *", "Asia/Shanghai", start, 0), "count");
        assert_eq!(answered("{}")["code"], "line");
    }
}
