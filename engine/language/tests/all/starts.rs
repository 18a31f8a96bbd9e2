//! `[starts.<id>]`: what is read of it, and what is found in it.

use paidan_language::{Checked, Library};
use paidan_model::id::{FieldId, StartId, UnitId};
use paidan_model::moment::Zone;
use paidan_model::span::Span;
use paidan_model::start::{DaysOff, Filled, Missed, Start};

fn checked(start: &str) -> Checked {
    let mut library = Library::new();
    let definition = format!(
        r#"[workflow]
id       = "walk"
version  = 1
title    = {{ zh = "巡查", en = "Walk" }}
calendar = "always"
start    = "due"
ladder   = "up"
[roles]
walker = {{ post = "walker", of = "grid" }}
[fields]
why   = {{ type = "text", required = true, zh = "事由", en = "Why" }}
until = {{ type = "date", zh = "期限", en = "Until" }}
seen  = {{ type = "date", set_by = "engine", zh = "已看", en = "Seen" }}
size  = {{ type = "int", default = 3, required = true, zh = "数量", en = "Size" }}
[fields.kind]
type          = "choice"
choices       = ["short", "long"]
titles        = {{ short = {{ zh = "短", en = "short" }}, long = {{ zh = "长", en = "long" }} }}
required_from = "due"
zh            = "类别"
en            = "Kind"
[states.due]
title   = {{ zh = "待巡查", en = "Due" }}
who     = ["walker"]
on.walk = {{ go = "walked" }}
[states.walked]
title   = {{ zh = "已巡查", en = "Walked" }}
outcome = "solved"
[actions]
walk = {{ zh = "巡查", en = "Walk" }}
[clocks]
due = {{ title = {{ zh = "巡查", en = "Walk" }}, starts = "due", limit = "1 business day" }}
[ladders]
up = [{{ at = "breach", tell = ["walker"] }}]
[starts.weekly]
{start}
"#
    );
    library.add("walk.toml", definition);
    library.check()
}

/// The codes and English texts of what is found.
fn found(start: &str) -> Vec<(&'static str, String)> {
    checked(start).findings.into_iter().map(|finding| (finding.code, finding.en)).collect()
}

const FILL: &str = "fill = { why = \"weekly\", kind = \"short\" }";

#[test]
fn a_start_is_read_with_every_key() {
    let checked = checked(
        r#"every    = "mon 09:00"
zone     = "Europe/London"
days_off = "before"
missed   = { all = 12 }
unit     = "grid"
fill     = { why = "weekly", kind = "long", until = { after = "2 calendar days" } }"#,
    );
    assert_eq!(checked.findings, vec![]);
    let start: &Start = &checked.workflows[0].workflow.starts[&StartId::parse("weekly").unwrap()];
    assert_eq!(start.written, "mon 09:00");
    assert_eq!(start.zone.map(|zone| zone.name()), Some("Europe/London"));
    assert_eq!((start.days_off, start.missed), (DaysOff::Before, Missed::All { limit: 12 }));
    assert_eq!(start.unit, UnitId::parse("grid"));
    let until = start.fill.get(&FieldId::parse("until").unwrap());
    assert_eq!(until, Some(&Filled::After(Span::CalendarDays { days: 2 })));
    let bytes = checked.workflows[0].workflow.canonical().unwrap();
    let read = paidan_model::workflow::Workflow::from_canonical(&bytes).unwrap();
    assert_eq!(read.starts, checked.workflows[0].workflow.starts);
}

#[test]
fn silence_keeps_days_off_and_makes_up_once() {
    let checked = checked(&format!("cron = \"0 9 * * 1\"\n{FILL}"));
    let start = &checked.workflows[0].workflow.starts[&StartId::parse("weekly").unwrap()];
    assert_eq!((start.days_off, start.missed), (DaysOff::Keep, Missed::Once));
    assert_eq!(start.unit, None);
    let calendar = &checked.calendars[&checked.workflows[0].workflow.calendar];
    assert_eq!(start.zone_by(calendar), Zone::SHANGHAI);
}

#[test]
fn each_mistake_of_a_start_is_found() {
    for (start, code, says) in [
        (FILL, "E0104", "needs `cron`"),
        ("cron = \"0 9 * * 1\"", "E0104", "`why`"),
        ("cron = \"0 9 * * 1\"\nevery = \"mon 09:00\"", "E0126", "not both"),
        ("cron = \"0 9 31 2 *\"", "E0126", "never comes"),
        ("every = \"monday\"", "E0126", "no recurrence"),
        ("cron = \"0 9 * * 1\"\nzone = \"Beijing\"", "E0112", "no time zone"),
        ("cron = \"0 9 * * 1\"\ndays_off = \"skipp\"", "E0112", "`skip`"),
        ("cron = \"0 9 * * 1\"\nmissed = \"twice\"", "E0112", "`once`"),
        ("cron = \"0 9 * * 1\"\nmissed = { all = 367 }", "E0109", "366"),
        ("cron = \"0 9 * * 1\"\nholiday = \"skip\"", "E0102", "`holiday`"),
        ("cron = \"0 9 * * 1\"\nfill = { wy = \"weekly\" }", "E0107", "`wy`"),
        ("cron = \"0 9 * * 1\"\nfill = { why = 3 }", "E0112", "another type"),
        ("cron = \"0 9 * * 1\"\nfill = { kind = \"huge\" }", "E0112", "another type"),
        ("cron = \"0 9 * * 1\"\nfill = { seen = \"2026-10-01\" }", "E0112", "the engine"),
        ("cron = \"0 9 * * 1\"\nfill.why.after = \"1 calendar day\"", "E0112", "type date"),
    ] {
        let found = found(start);
        let is = |(other, en): &(&str, String)| *other == code && en.contains(says);
        assert!(found.iter().any(is), "{start}: {found:?}");
    }
}
