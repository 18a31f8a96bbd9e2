//! Calendar arithmetic against vectors made with other people's libraries and by hand.

use std::collections::{BTreeMap, BTreeSet};

use paidan_model::calendar::{Calendar, CalendarError, Course, Day, Goal, Parts, Roll, Window};
use paidan_model::moment::{Date, Moment, Zone};
use paidan_model::span::Span;
use proptest::prelude::*;
use serde_json::Value as Json;

fn minute(text: &str) -> u16 {
    let (hour, minute) = text.split_once(':').unwrap();
    hour.parse::<u16>().unwrap() * 60 + minute.parse::<u16>().unwrap()
}

fn days(list: &Json) -> BTreeSet<Day> {
    let day = |text: &Json| Day(Date::parse_from_str(text.as_str().unwrap(), "%Y-%m-%d").unwrap());
    list.as_array().map(|all| all.iter().map(day).collect()).unwrap_or_default()
}

fn reference(name: &str) -> Calendar {
    let all: Json = serde_json::from_str(include_str!("../vectors/calendars.json")).unwrap();
    let found = &all[name];
    let window = |pair: &Json| Window {
        open: minute(pair[0].as_str().unwrap()),
        close: minute(pair[1].as_str().unwrap()),
    };
    let windows: Vec<Window> = found["windows"].as_array().unwrap().iter().map(window).collect();
    let week = found["weekdays"].as_array().unwrap().iter();
    let work = days(&found["extra_workdays"]);
    let parts = Parts {
        zone: Zone::parse(found["tz"].as_str().unwrap()).unwrap(),
        week: week.map(|day| (u8::try_from(day.as_u64().unwrap()).unwrap(), windows.clone())).collect(),
        off: days(&found["holidays"]).difference(&work).copied().collect(),
        work,
        ..Parts::default()
    };
    Calendar::build(parts).unwrap()
}

fn lines(text: &str) -> impl Iterator<Item = Json> {
    text.lines().map(|line| serde_json::from_str(line).unwrap())
}

fn moment(value: &Json) -> Moment {
    Moment::parse_rfc3339(value.as_str().unwrap()).unwrap()
}

#[test]
fn reference_due_moments() {
    for line in lines(include_str!("../vectors/due.jsonl")) {
        let calendar = reference(line["calendar"].as_str().unwrap());
        let due =
            calendar.add_business_seconds(moment(&line["start"]), line["business_seconds"].as_u64().unwrap());
        assert_eq!(due, Some(moment(&line["due"])), "{line}");
    }
}

#[test]
fn reference_elapsed_time() {
    for line in lines(include_str!("../vectors/elapsed.jsonl")) {
        let calendar = reference(line["calendar"].as_str().unwrap());
        let seconds = calendar.business_seconds(moment(&line["start"]), moment(&line["end"]));
        assert_eq!(seconds, line["business_seconds"].as_i64().unwrap(), "{line}");
    }
}

#[test]
fn reference_working_days() {
    for line in lines(include_str!("../vectors/workdays_due.jsonl")) {
        let calendar = reference(line["calendar"].as_str().unwrap());
        let days = u32::try_from(line["working_days"].as_u64().unwrap()).unwrap();
        let due = calendar.due(moment(&line["start"]), &Span::BusinessDays { days }, Roll::Forward).unwrap();
        assert_eq!(
            due.at.local(calendar.zone()).date().to_string(),
            line["due_date"].as_str().unwrap(),
            "{line}"
        );
        assert_eq!(due.at, moment(&line["due_end_of_day"]), "{line}");
    }
}

fn day(text: &str) -> Day {
    Day(Date::parse_from_str(text, "%Y-%m-%d").unwrap())
}

fn office() -> Parts {
    let off = [
        ("2026-01-01", 3),
        ("2026-02-15", 9),
        ("2026-04-04", 3),
        ("2026-05-01", 5),
        ("2026-06-19", 3),
        ("2026-09-25", 3),
        ("2026-10-01", 7),
    ];
    let windows = vec![Window { open: 510, close: 720 }, Window { open: 840, close: 1050 }];
    Parts {
        week: (0..5).map(|day| (day, windows.clone())).collect::<BTreeMap<_, _>>(),
        off: off.iter().flat_map(|(first, n)| day(first).0.iter_days().take(*n).map(Day)).collect(),
        work: ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
            .map(day)
            .into(),
        known_until: Some(day("2026-12-31")),
        ..Parts::default()
    }
}

fn named(name: &str) -> Calendar {
    match name {
        "office" => Calendar::build(office()).unwrap(),
        "golden" => Calendar::build(Parts { earlier: 60, later: 60, ..office() }).unwrap(),
        "always" => Calendar::always(Zone::SHANGHAI),
        other => panic!("{other}"),
    }
}

fn at(text: &str) -> Moment {
    Moment::parse_local(text, &Zone::SHANGHAI).unwrap()
}

/// The golden vectors that need no pause: number, calendar, start, span, due.
const GOLDEN: [(&str, &str, &str, &str, &str); 30] = [
    ("V1", "office", "2026-02-13 16:30", "120 business minutes", "2026-02-14 09:30"),
    ("V2", "office", "2026-02-14 16:30", "120 business minutes", "2026-02-24 09:30"),
    ("V3", "office", "2026-02-15 10:00", "240 business minutes", "2026-02-24 14:30"),
    ("V4", "golden", "2026-02-14 18:00", "60 business minutes", "2026-02-24 08:00"),
    ("V5", "golden", "2026-05-08 18:00", "90 business minutes", "2026-05-09 08:30"),
    ("V6", "office", "2026-09-30 17:00", "60 business minutes", "2026-10-08 09:00"),
    ("V7", "office", "2026-10-10 11:30", "60 business minutes", "2026-10-10 14:30"),
    ("V8", "office", "2026-09-18 17:30", "1 business minute", "2026-09-20 08:31"),
    ("V9", "office", "2026-01-03 09:00", "30 business minutes", "2026-01-04 09:00"),
    ("V10", "always", "2026-09-30 23:30", "60 business minutes", "2026-10-01 00:30"),
    ("V11 office", "office", "2026-11-23 07:45", "30 business minutes", "2026-11-23 09:00"),
    ("V11 golden", "golden", "2026-11-23 07:45", "30 business minutes", "2026-11-23 08:15"),
    ("V12 office", "office", "2026-11-23 17:45", "30 business minutes", "2026-11-24 09:00"),
    ("V12 golden", "golden", "2026-11-23 17:45", "30 business minutes", "2026-11-23 18:15"),
    ("V13 office", "office", "2026-11-20 16:00", "240 business minutes", "2026-11-23 11:00"),
    ("V13 golden", "golden", "2026-11-20 16:00", "240 business minutes", "2026-11-23 09:00"),
    ("V14 1", "office", "2026-02-13 16:30", "1 business day", "2026-02-14 17:30"),
    ("V14 3", "office", "2026-02-13 16:30", "3 business days", "2026-02-25 17:30"),
    ("V14 5", "office", "2026-02-13 16:30", "5 business days", "2026-02-27 17:30"),
    ("V15", "office", "2026-02-14 09:00", "1 business day", "2026-02-24 17:30"),
    ("V16", "office", "2026-04-30 09:00", "5 business days", "2026-05-11 17:30"),
    ("V17", "office", "2026-09-24 15:00", "5 business days", "2026-10-09 17:30"),
    ("V18", "office", "2025-12-31 10:00", "1 business day", "2026-01-04 17:30"),
    ("V19", "office", "2026-02-10 10:00", "7 calendar days", "2026-02-24 17:30"),
    ("V20", "office", "2026-09-25 10:00", "7 calendar days", "2026-10-08 17:30"),
    ("V21", "office", "2026-11-20 10:00", "15 calendar days", "2026-12-07 17:30"),
    ("V22 unpaused", "office", "2026-11-23 09:00", "480 business minutes", "2026-11-24 10:00"),
    ("V25", "office", "2026-11-23 09:00", "1440 business minutes", "2026-11-26 12:00"),
    ("V26 before", "office", "2026-02-13 10:00", "4 business days", "2026-02-26 17:30"),
    ("month", "office", "2026-01-31 10:00", "1 calendar month", "2026-02-28 17:30"),
];

#[test]
fn golden_vectors() {
    for (name, calendar, start, span, due) in GOLDEN {
        let found = named(calendar).due(at(start), &Span::parse(span).unwrap(), Roll::Forward).unwrap();
        assert_eq!(found.at.local_text(&Zone::SHANGHAI), due, "{name}");
    }
}

/// A clock that starts at one moment and stands still from one to another, as often as wanted.
fn course(start: &str, limit: &str, stands: &[(&str, &str)]) -> Course {
    let mut course = Course::new(at(start), Goal::Span(Span::parse(limit).unwrap()));
    for (from, until) in stands {
        course.stop(at(from));
        course.go_on(at(until), false);
    }
    course
}

fn due_of(course: &Course, calendar: &Calendar) -> String {
    course.due(calendar, Roll::Forward).unwrap().at.local_text(&Zone::SHANGHAI)
}

#[test]
fn golden_vectors_with_pauses() {
    let office = named("office");
    let resumed = |start: &str, paused: &str, on: &str| {
        due_of(&course(start, "480 business minutes", &[(paused, on)]), &office)
    };
    assert_eq!(
        resumed("2026-11-23 09:00", "2026-11-23 11:00", "2026-11-24 15:00"),
        "2026-11-25 12:00",
        "V22"
    );
    assert_eq!(
        resumed("2026-02-14 09:00", "2026-02-14 10:00", "2026-02-20 10:00"),
        "2026-02-24 17:30",
        "V23"
    );
    let whole = course("2026-11-23 09:00", "480 business minutes", &[]);
    let share = |percent| whole.share(&office, at("2026-11-24 10:00"), percent).unwrap();
    assert_eq!((share(50), share(75)), (at("2026-11-23 15:00"), at("2026-11-23 17:00")), "V24");
}

#[test]
fn golden_vector_of_a_holiday_declared_later() {
    let mut parts = office();
    parts.off.extend(["2026-02-24", "2026-02-25"].map(|d| Day(Date::parse_from_str(d, "%Y-%m-%d").unwrap())));
    let revised = Calendar::build(parts).unwrap();
    assert_eq!(
        due_of(&course("2026-02-13 10:00", "4 business days", &[]), &revised),
        "2026-02-28 17:30",
        "V26"
    );
}

#[test]
fn pauses_add_whole_days_and_most_of_one() {
    let office = named("office");
    let due = |paused: &str, on: &str| {
        due_of(&course("2026-11-23 09:00", "5 business days", &[(paused, on)]), &office)
    };
    assert_eq!(due("2026-11-24 10:00", "2026-11-24 11:00"), "2026-11-30 17:30", "an hour adds nothing");
    assert_eq!(due("2026-11-24 08:00", "2026-11-25 08:00"), "2026-12-01 17:30", "a day adds a day");
    assert_eq!(due("2026-11-28 08:00", "2026-11-29 20:00"), "2026-11-30 17:30", "a weekend adds nothing");
    assert_eq!(
        due("2026-11-23 09:30", "2026-11-23 17:00"),
        "2026-11-30 17:30",
        "the first day is not counted"
    );
    assert_eq!(due("2026-11-23 09:30", "2026-11-27 17:00"), "2026-12-04 17:30", "four days after the first");
}

#[test]
fn agreed_days_and_moments_move_by_pauses() {
    let office = named("office");
    let day = |text: &str| Goal::Day(Day(Date::parse_from_str(text, "%Y-%m-%d").unwrap()));
    let due = |goal: Goal, stands: &[(&str, &str)]| {
        due_of(&Course { goal, ..course("2026-11-23 09:00", "1 real hour", stands) }, &office)
    };
    assert_eq!(due(day("2026-11-29"), &[]), "2026-11-30 17:30", "a Sunday");
    let overnight = [("2026-11-23 09:00", "2026-11-24 15:00")];
    assert_eq!(due(day("2026-11-27"), &overnight), "2026-11-30 17:30", "paused over a night");
    assert_eq!(due(day("2026-11-20"), &[]), "2026-11-23 09:00", "a day that is over");
    let moment = || Goal::Moment(at("2026-11-26 10:00"));
    assert_eq!(due(moment(), &[]), "2026-11-26 10:00");
    assert_eq!(due(moment(), &[("2026-11-24 10:00", "2026-11-24 12:00")]), "2026-11-26 12:00");
}

/// Twelve hours and eight hours with four granted on top are the same, however often a clock stands
/// still; so are days.
#[test]
fn granted_time_is_used_last_and_kept() {
    let office = named("office");
    let span = |text: &str| Span::parse(text).unwrap();
    let same = [
        ("12 business hours", "8 business hours", "4 business hours"),
        ("30 real hours", "20 real hours", "10 real hours"),
        ("8 business days", "5 business days", "3 business days"),
    ];
    let mut dice = 0x9E37_79B9_u64;
    let mut roll = |most: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((dice >> 33) % most).unwrap()
    };
    for (whole, first, more) in same {
        for _ in 0..300 {
            let mut from = at("2026-11-23 09:00").plus_seconds(roll(86_400));
            let mut one = Course::new(from, Goal::Span(span(whole)));
            let mut two = Course { granted: vec![span(more)], goal: Goal::Span(span(first)), ..one.clone() };
            for _ in 0..4 {
                let due = one.due(&office, Roll::None).unwrap().at;
                assert_eq!(two.due(&office, Roll::None).unwrap().at, due, "{whole} from {from:?}");
                let paused = from.plus_seconds(roll(100_000));
                if paused >= due {
                    break;
                }
                from = paused.plus_seconds(roll(200_000));
                for course in [&mut one, &mut two] {
                    course.stop(paused);
                    course.go_on(from, false);
                }
            }
        }
    }
}

/// Ten hours and four that were granted: after thirteen of them one is left, whatever the new limit
/// is.
#[test]
fn changing_the_limit_returns_no_granted_time() {
    let office = named("office");
    let span = |text: &str| Span::parse(text).unwrap();
    let from = at("2026-11-23 09:00");
    let after = |hours: &str| office.due(from, &span(hours), Roll::None).unwrap().at;
    let (until, end) = (after("13 business hours"), after("14 business hours"));
    let granted = vec![span("4 business hours")];
    let ten = Course { granted, ..Course::new(from, Goal::Span(span("10 business hours"))) };
    assert_eq!(ten.due(&office, Roll::None).unwrap().at, end);
    for new in ["10 business hours", "20 business hours", "5 business hours"] {
        let other = ten.prorated(span(new), &office, Roll::None, until);
        assert_eq!(other.due(&office, Roll::None).unwrap().at, end, "{new}");
    }
}

#[test]
fn due_moments_beyond_the_calendar_are_provisional() {
    let due =
        |start: &str| named("office").due(at(start), &Span::BusinessDays { days: 5 }, Roll::Forward).unwrap();
    assert!(!due("2026-11-23 09:00").provisional);
    assert!(due("2026-12-30 09:00").provisional);
}

#[test]
fn a_calendar_that_is_never_open_cannot_be() {
    assert_eq!(Calendar::build(Parts::default()), Err(vec![CalendarError::Empty]));
}

#[test]
fn a_calendar_closed_for_ever_cannot_be() {
    let days = |from: &str, count| day(from).0.iter_days().take(count).map(Day).collect::<Vec<_>>();
    let off = |more: Vec<Day>| {
        let mut parts = office();
        parts.off.extend(more);
        Calendar::build(parts)
    };
    assert!(off(days("2027-01-02", 400)).is_ok());
    // Ranges that are short enough by themselves, with nothing but a weekend between them.
    let years = [days("2027-01-01", 365), days("2028-01-03", 300)].concat();
    assert_eq!(off(years), Err(vec![CalendarError::Closed(day("2027-01-01"))]));
    // A working day between them opens it.
    assert!(off([days("2027-01-01", 363), days("2028-01-03", 300)].concat()).is_ok());
}

#[test]
fn every_fault_of_a_calendar_is_told() {
    let mut parts = office();
    parts.work.insert(day("2026-10-03"));
    parts.work_like = 6;
    parts.week.insert(1, vec![Window { open: 510, close: 720 }, Window { open: 700, close: 800 }]);
    parts.week.insert(3, vec![Window { open: 1_320, close: 1_960 }]);
    let wanted = [
        CalendarError::Overlap(1),
        CalendarError::Both(day("2026-10-03")),
        CalendarError::NoHours(6),
        CalendarError::Overlap(3),
    ];
    assert_eq!(Calendar::build(parts), Err(wanted.to_vec()));
}

#[test]
fn always_counts_in_the_zone_given() {
    let zone = Zone::parse("America/New_York").unwrap();
    let at = |text: &str| Moment::parse_local(text, &zone).unwrap();
    let span = Span::parse("1 calendar day").unwrap();
    let due = Calendar::always(zone).due(at("2026-11-23 15:00"), &span, Roll::None).unwrap();
    assert_eq!(due.at, at("2026-11-25 00:00"));
}

/// Counts open minutes one by one.
fn walk(calendar: &Calendar, from: Moment, minutes: u64) -> Moment {
    let (mut at, mut left) = (from, minutes);
    while left > 0 {
        left -= u64::from(calendar.is_open(at));
        at = at.plus_seconds(60);
    }
    at
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn walking_minutes_gives_the_same(start in 0i64..500_000, minutes in 1u64..900, golden: bool) {
        let calendar = named(if golden { "golden" } else { "office" });
        let from = at("2026-01-01 00:00").plus_seconds(start * 60);
        let due = calendar.add_business_seconds(from, minutes * 60).unwrap();
        prop_assert_eq!(due, walk(&calendar, from, minutes));
    }

    #[test]
    fn what_is_added_is_what_elapses(start in 0i64..30_000_000, seconds in 1u64..2_000_000) {
        let calendar = named("office");
        let from = at("2026-01-01 00:00").plus_seconds(start);
        let due = calendar.add_business_seconds(from, seconds).unwrap();
        prop_assert_eq!(calendar.business_seconds(from, due), i64::try_from(seconds).unwrap());
    }

    #[test]
    fn setting_the_same_limit_changes_nothing(
        start in 0i64..20_000_000, runs in 0i64..700_000, stands in 0i64..700_000, more in 0i64..100_000, unit in 0u8..4
    ) {
        let calendar = named("office");
        let span = match unit {
            0 => Span::Business { seconds: 300_000 },
            1 => Span::Real { seconds: 2_000_000 },
            2 => Span::BusinessDays { days: 30 },
            _ => Span::CalendarDays { days: 30 },
        };
        let from = at("2026-01-01 00:00").plus_seconds(start);
        let still = from.plus_seconds(runs);
        let on = still.plus_seconds(stands);
        let mut course = Course::new(from, Goal::Span(span.clone()));
        course.stop(still);
        let resumed = |course: &Course| {
            let mut course = course.clone();
            course.go_on(on, false);
            course.due(&calendar, Roll::None).unwrap().at
        };
        let due = resumed(&course);
        let again = course.prorated(span.clone(), &calendar, Roll::None, still);
        prop_assert_eq!(resumed(&again), due, "standing still");
        course.go_on(on, false);
        let again = course.prorated(span, &calendar, Roll::None, on.plus_seconds(more));
        prop_assert_eq!(again.due(&calendar, Roll::None).unwrap().at, due, "going on");
    }
}

/// What a calendar says when it looks at each minute, one after the other; shares nothing with the
/// sums.
fn by_the_minute(calendar: &Calendar, from: Moment, minutes: u64) -> Moment {
    let mut at = from;
    let mut left = minutes;
    while left > 0 {
        left -= u64::from(calendar.is_open(at));
        at = at.plus_seconds(60);
    }
    at
}

/// A calendar of one zone, with days off, make-up workdays and a night shift.
fn of_zone(zone: &str) -> Calendar {
    let mut parts = Parts { zone: Zone::parse(zone).unwrap(), ..office() };
    parts.week.insert(5, vec![Window { open: 1320, close: 1800 }]);
    Calendar::build(parts).unwrap()
}

#[test]
fn sums_of_days_equal_walked_minutes() {
    for zone in ["Asia/Shanghai", "America/New_York", "Africa/Casablanca", "Australia/Lord_Howe"] {
        let calendar = of_zone(zone);
        for n in 0..10 {
            let from = at("2025-12-20 00:00").plus_seconds(n * 3_977_460);
            let minutes = 600 + u64::try_from(n).unwrap() * 990;
            let due = calendar.add_business_seconds(from, minutes * 60).unwrap();
            let walked = by_the_minute(&calendar, from, minutes);
            assert_eq!(due.rfc3339(), walked.rfc3339(), "{zone}: {minutes} minutes from {}", from.rfc3339());
            let counted = calendar.business_seconds(from, due);
            assert_eq!(u64::try_from(counted).unwrap(), minutes * 60, "{zone}: {}", from.rfc3339());
        }
    }
}

#[test]
fn sums_of_days_equal_walked_days() {
    for zone in ["Asia/Shanghai", "Africa/Cairo"] {
        let calendar = of_zone(zone);
        let first = Date::from_ymd_opt(2025, 1, 1).unwrap();
        for start in first.iter_days().take(800).step_by(3) {
            let from = Moment::from_local(start.and_hms_opt(11, 0, 0).unwrap(), calendar.zone());
            for days in [1u32, 2, 7, 40, 180, 400] {
                let due = calendar.due(from, &Span::BusinessDays { days }, Roll::Forward).unwrap();
                let mut working = start.iter_days().skip(1).filter(|date| calendar.is_working_day(*date));
                let walked = working.nth(usize::try_from(days).unwrap() - 1).unwrap();
                assert_eq!(due.at, calendar.closing(walked).unwrap(), "{zone}: {days} days from {start}");
                assert_eq!(calendar.working_days(start, walked), u64::from(days), "{zone}: {start}");
            }
        }
    }
}

#[test]
fn years_beyond_the_sums_are_walked() {
    let calendar = named("office");
    let from = at("2099-12-30 09:00");
    let due = calendar.add_business_seconds(from, 7 * 3600 * 10).unwrap();
    assert_eq!(
        due.local_text(&Zone::SHANGHAI),
        by_the_minute(&calendar, from, 4200).local_text(&Zone::SHANGHAI)
    );
    let days = calendar.due(from, &Span::BusinessDays { days: 3 }, Roll::Forward).unwrap();
    assert_eq!(days.at.local_text(&Zone::SHANGHAI), "2100-01-04 17:30");
}
