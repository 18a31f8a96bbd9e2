//! Calendars: what one cannot use is told once, in its own file, at the place where it stands.

use paidan_language::{Checked, Library};
use paidan_model::calendar::Roll;
use paidan_model::id::CalendarId;
use paidan_model::moment::{Moment, Zone};
use paidan_model::span::Span;

const HEAD: &str = "[workflow]\nid = \"counted\"\nversion = 1\ntitle = { zh = \"例\", en = \"Example\" }\n";

/// A definition that counts by `town`, checked with that calendar; both have files of their own.
fn check(calendar: &str) -> Checked {
    let mut library = Library::new();
    library.add("calendar.toml", calendar.to_string());
    let states = "[states.done]\ntitle = { zh = \"办结\", en = \"Done\" }\noutcome = \"solved\"\n";
    library.add("counted.toml", format!("{HEAD}calendar = \"town\"\nstart = \"done\"\n\n{states}"));
    library.check()
}

/// Each finding as `CODE FILE:LINE`.
fn places(checked: &Checked) -> Vec<String> {
    let place = |finding: &paidan_language::Finding| {
        let (path, line) = checked.sources.line(finding.place);
        format!("{} {path}:{line}", finding.code)
    };
    checked.findings.iter().map(place).collect()
}

const WEEK: &str = "week = { mon-fri = [\"08:30-12:00\"] }";

#[test]
fn unusable_parts_of_calendars_are_told_in_place() {
    let cases = [
        ("off = [2026-11-23]", "E0103 calendar.toml:3"),
        ("off = [\n  \"2026-11-23\",\n  7,\n]", "E0103 calendar.toml:5"),
        ("off = [\"2026-11-27..2026-11-23\"]", "E0115 calendar.toml:3"),
        ("off = [\"2026-01-01..2027-02-05\"]", "E0109 calendar.toml:3"),
        ("off = [\"2026-01-01..2026-12-31\", \"2027-01-01..2027-12-31\"]", "E0115 calendar.toml:3"),
        ("off = [\"2026-10-01..2026-10-07\"]\nwork = [\n  \"2026-10-03\",\n]", "E0115 calendar.toml:5"),
        ("off = [\"26-10-01\"]", "E0115 calendar.toml:3"),
        ("known_until = 2026-12-31", "E0103 calendar.toml:3"),
        ("work = [\"2026-11-28\"]\nwork_like = \"sun\"", "E0115 calendar.toml:4"),
        ("work = [2026-11-28T09:00:00]", "E0103 calendar.toml:3"),
        ("zone = \"Asia/Dongtai\"", "E0115 calendar.toml:3"),
        ("[calendars.always]\nzone = \"Asia/Shanghai\"", "E0116 calendar.toml:3"),
        ("[calendars.golden]\nlike = \"town\"\nearlier = \"1 business hour\"", "E0115 calendar.toml:5"),
        ("[calendars.golden]\nlike = \"town\"\nearlier = \"9 real hours\"", "E0115 calendar.toml:5"),
        ("[calendars.golden]\nlike = \"golden\"", "E0115 calendar.toml:4"),
        ("[calendars.golden]\nlike = \"twon\"", "E0107 calendar.toml:4"),
    ];
    for (more, wanted) in cases {
        let checked = check(&format!("[calendars.town]\n{WEEK}\n{more}\n"));
        assert_eq!(places(&checked), [wanted], "{more}\n{:?}", checked.findings);
        assert!(checked.has_errors(), "{more}");
    }
}

#[test]
fn impossible_hours_are_told_once() {
    let cases = [
        "week = { mon-fri = [\"08:30-12:00\"], tue = [\"14:00-17:30\"] }",
        "week = { fri-mon = [\"08:30-12:00\"] }",
        "week = { mon-fri = [] }",
        "week = { mon = [\"24:30-25:00\"] }",
        "week = { mon = [\"08:30-12:00\", \"11:00-13:00\"] }",
        "week = { mon = [\"22:00-06:00\"], tue = [\"05:00-09:00\"] }",
    ];
    for week in cases {
        let checked = check(&format!("\n[calendars.town]\n{week}\n"));
        let [found] = places(&checked).try_into().unwrap();
        assert!(
            ["E0115 calendar.toml:2", "E0115 calendar.toml:3"].contains(&found.as_str()),
            "{week} {found}"
        );
        assert!(checked.workflows.is_empty(), "{week}: nothing counts by such a calendar");
    }
}

#[test]
fn a_calendar_declared_in_two_files_is_told() {
    let mut library = Library::new();
    library.add("one.toml", format!("[calendars.town]\n{WEEK}\n"));
    library.add("two.toml", format!("[calendars.town]\n{WEEK}\n"));
    assert_eq!(places(&library.check()), ["E0116 two.toml:1"]);
}

#[test]
fn a_town_has_one_zone() {
    let two = "[calendars.town]\nzone = \"America/New_York\"\nweek = { mon = [\"09:00-17:00\"] }\n\
               [calendars.other]\nzone = \"Asia/Shanghai\"\nweek = { mon = [\"09:00-17:00\"] }\n";
    assert_eq!(places(&check(two)), ["E0115 calendar.toml:5"]);
}

#[test]
fn every_calendar_keeps_the_zone_of_the_town() {
    let text = format!(
        "[calendars.town]\nzone = \"America/New_York\"\n{WEEK}\n[calendars.other]\n{WEEK}\n\
         [calendars.golden]\nlike = \"later\"\nearlier = \"30 real minutes\"\n\
         [calendars.later]\nlike = \"town\"\nlater = \"1 real hour\"\n"
    );
    let checked = check(&text);
    assert!(checked.findings.is_empty(), "{:?}", checked.findings);
    let zone = Zone::parse("America/New_York").unwrap();
    assert!(checked.calendars.values().all(|calendar| *calendar.zone() == zone));
    let at = |text: &str| Moment::parse_local(text, &zone).unwrap();
    let due = |name: &str, span: &str| {
        let calendar = checked.calendars.get(&CalendarId::parse(name).unwrap()).unwrap();
        calendar.due(at("2026-11-23 07:00"), &Span::parse(span).unwrap(), Roll::None).unwrap().at
    };
    assert_eq!(due("always", "1 calendar day"), at("2026-11-25 00:00"));
    assert_eq!(due("golden", "1 business hour"), at("2026-11-23 09:00"), "an hour from eight on");
    assert_eq!(due("golden", "1 business day"), at("2026-11-24 13:00"), "what another stretched is kept");
}

#[test]
fn a_unit_names_a_calendar_that_is_there() {
    let town = |calendar: &str| {
        let mut library = Library::new();
        let units = format!("[[units]]\nid = \"ward\"\nkind = \"ward\"\ncalendar = \"{calendar}\"\n");
        let night =
            "[calendars.night]\nknown_until = \"2027-12-31\"\nweek = { mon-fri = [\"20:00-22:00\"] }\n";
        library.add("night.toml", night.to_string());
        library.add("town.toml", units);
        library.check()
    };
    let known = town("night");
    assert!(!known.has_errors(), "{:?}", known.findings);
    let town_of_one = known.roster.unwrap();
    let ward = &town_of_one.units.first_key_value().unwrap().1.calendar;
    assert_eq!(ward.as_ref().unwrap().as_str(), "night");
    let unknown = town("nihgt");
    let finding = unknown.findings.iter().find(|finding| finding.code == "E0107").unwrap();
    assert_eq!(finding.help.as_deref(), Some("did you mean `night`?"));
    assert!(!town("always").has_errors());
}
