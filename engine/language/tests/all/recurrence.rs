//! Recurrences against vectors made with other people's libraries, and against a slow second opinion.

use chrono::{DateTime, Datelike as _, NaiveDateTime, TimeDelta, Timelike as _};
use chrono_tz::Tz;
use paidan_language::recurrence::{Mistake, Unreadable, cron, every};
use paidan_model::moment::{Moment, Zone};
use paidan_model::schedule::Schedule;
use proptest::prelude::*;
use serde_json::Value as Json;

fn next(schedule: &Schedule, zone: &str, start: &str, count: usize) -> Vec<String> {
    let zone = Zone::parse(zone).unwrap();
    let start = Moment::parse_rfc3339(start).unwrap();
    let after = std::iter::successors(Some(start), |at| schedule.next_after(*at, &zone));
    after.skip(1).take(count).map(|at| at.rfc3339_seconds_in(&zone)).collect()
}

#[test]
fn expressions_agree_with_other_libraries() {
    let lines = include_str!("../vectors/cron.jsonl").lines();
    let wrong: Vec<String> = lines
        .filter_map(|line| {
            let line: Json = serde_json::from_str(line).unwrap();
            let text = |key: &str| line[key].as_str().unwrap();
            let schedule = cron(text("expression")).unwrap();
            let found = next(&schedule, text("zone"), text("start"), 10);
            (line["next10"] != Json::from(found.clone())).then(|| format!("{line}\nfound {found:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn mistake(read: Result<Schedule, Unreadable>) -> Mistake {
    read.unwrap_err().code
}

#[test]
fn zero_and_seven_are_sunday() {
    assert_eq!(cron("0 12 * * 0"), cron("0 12 * * 7"));
    assert_eq!(cron("0 12 * * 0"), cron("0 12 * * SUN"));
    assert_eq!(cron("0 12 * * 5-7"), cron("0 12 * * fri-sun"));
    assert_eq!(cron("0 12 * * 5-7"), cron("0 12 * * 0,5,6"));
    assert_eq!(cron("0 12 * * 1"), cron("0 0 12 * * Monday").map(|s| Schedule { seconds: [0].into(), ..s }));
}

#[test]
fn weekday_digits_beside_seconds_are_refused() {
    for text in ["0 0 9 * * 1", "0 0 9 * * MON,2", "0 0 9 * * 1-5", "0 0 9 * * 1#2"] {
        let error = cron(text).unwrap_err();
        assert_eq!((error.code, error.help.contains("MON")), (Mistake::WeekdayNumber, true), "{text}");
    }
    for text in ["0 0 9 * * MON-FRI", "0 0 9 * * MON#2", "30 0 9 1 * *", "0 0 9 ? * MON-FRI/2"] {
        assert!(cron(text).is_ok(), "{text}");
    }
}

#[test]
fn unreadable_expressions_name_their_mistake() {
    for text in ["", "9", "0 9 * *", "0 0 9 * * MON 2026", "@reboot"] {
        assert_eq!(mistake(cron(text)), Mistake::Fields, "{text}");
    }
    for text in [
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * * 8",
        "*/0 * * * *",
        "5-1 * * * *",
        "1,, * * * *",
        "a * * * *",
        "* * * * fri-mon",
        "* * * * MON#6",
        "* * * * 1-2#1",
        "* * * * *#1",
        "-1 * * * *",
        "99999999999 * * * *",
        "* * * FOO *",
        "* * L-1 * *",
        "* * * * MON#",
        "* * * * 07",
    ] {
        assert_eq!(mistake(cron(text)), Mistake::Field, "{text}");
    }
    for text in ["0 0 31 2 *", "0 0 30 2 ?", "0 0 31 4,6,9,11 *"] {
        assert_eq!(mistake(cron(text)), Mistake::Never, "{text}");
    }
    assert_eq!(mistake(cron(&"1,".repeat(200))), Mistake::TooLong);
}

#[test]
fn rare_days_are_still_found() {
    let fifth = cron("0 0 * 2 MON#5").unwrap();
    assert_eq!(next(&fifth, "Asia/Shanghai", "2072-03-01T00:00:00+08:00", 1), ["2112-02-29T00:00:00+08:00"]);
    let leap = cron("0 0 29 2 *").unwrap();
    assert_eq!(next(&leap, "Asia/Shanghai", "2096-03-01T00:00:00+08:00", 1), ["2104-02-29T00:00:00+08:00"]);
}

#[test]
fn skipped_times_come_once_after_the_gap() {
    let schedule = cron("10,40 2 * * *").unwrap();
    assert_eq!(
        next(&schedule, "America/New_York", "2026-03-07T12:00:00-05:00", 3),
        ["2026-03-08T03:00:00-04:00", "2026-03-09T02:10:00-04:00", "2026-03-09T02:40:00-04:00"]
    );
}

#[test]
fn repeated_times_come_at_their_first_occurrence() {
    let schedule = cron("30 1 * * *").unwrap();
    assert_eq!(
        next(&schedule, "America/New_York", "2026-10-31T12:00:00-04:00", 2),
        ["2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"]
    );
    // From within the repeated hour, too.
    let second = next(&schedule, "America/New_York", "2026-11-01T01:10:00-05:00", 1);
    assert_eq!(second, ["2026-11-02T01:30:00-05:00"]);
}

#[test]
fn steps_follow_real_time() {
    let schedule = cron("*/30 * * * *").unwrap();
    let zone = Zone::parse("Europe/London").unwrap();
    let start = Moment::parse_rfc3339("2026-10-24T12:00:00Z").unwrap();
    let found: Vec<_> =
        std::iter::successors(Some(start), |at| schedule.next_after(*at, &zone)).take(200).collect();
    assert!(found.windows(2).all(|two| two[1].millis() - two[0].millis() == 1_800_000));
}

#[test]
fn days_that_a_zone_skipped_come_once() {
    // Samoa had no 30 December 2011.
    let daily = cron("0 9 * * *").unwrap();
    assert_eq!(
        next(&daily, "Pacific/Apia", "2011-12-29T00:00:00-10:00", 3),
        ["2011-12-29T09:00:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T09:00:00+14:00"]
    );
}

#[test]
fn every_reads_as_the_expression_it_means() {
    for (form, expression) in [
        ("minute", "* * * * *"),
        ("hour", "0 * * * *"),
        ("15 minutes", "*/15 * * * *"),
        ("2 hours", "0 */2 * * *"),
        ("day 09:00", "0 9 * * *"),
        ("mon 09:00", "0 9 * * 1"),
        ("Mon,Thu 08:30", "30 8 * * 1,4"),
        ("mon-fri 08:30", "30 8 * * 1-5"),
        ("sunday 18:05", "5 18 * * 0"),
        ("month 1 00:00", "0 0 1 * *"),
        ("month last 17:00", "0 17 L * *"),
        ("quarter 1 09:00", "0 9 1 1,4,7,10 *"),
        ("quarter last 09:00", "0 9 L 3,6,9,12 *"),
        ("year 05-01 09:00", "0 9 1 5 *"),
    ] {
        assert_eq!(every(form), cron(expression), "{form}");
        assert!(every(form).is_ok(), "{form}");
    }
    for form in [
        "",
        "mon",
        "mon 9:00",
        "mon 24:00",
        "mon 09:60",
        "7 minutes",
        "5 hours",
        "1 09:00",
        "* 09:00",
        "month 32 09:00",
        "month 09:00",
        "year 13-01 09:00",
        "year 05-01",
        "0 9 * * 1",
        "fri-mon 09:00",
        "day +9:00",
        "minutes",
    ] {
        assert_eq!(mistake(every(form)), Mistake::Every, "{form}");
    }
    assert_eq!(mistake(every("year 02-30 09:00")), Mistake::Never);
}

/// A field as the second opinion knows it: the numbers, and how it is written.
type Written = (Vec<u32>, String);

/// A field of numbers from `least` to `most`: any, a step, a range, a list.
fn field(least: u32, most: u32) -> impl Strategy<Value = Written> {
    let all = move |step: usize| (least..=most).step_by(step).collect::<Vec<_>>();
    prop_oneof![
        3 => Just((all(1), "*".to_string())),
        2 => (2usize..=7).prop_map(move |step| (all(step), format!("*/{step}"))),
        2 => (least..=most, least..=most, 1usize..4).prop_map(|(a, b, step)| {
            let (a, b) = (a.min(b), a.max(b));
            ((a..=b).step_by(step).collect(), if step == 1 { format!("{a}-{b}") } else { format!("{a}-{b}/{step}") })
        }),
        3 => prop::collection::vec(least..=most, 1..4).prop_map(|list| {
            let text = list.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
            (list, text)
        }),
    ]
}

/// The day of a month: as a field, or with its last one.
fn day_of_month() -> impl Strategy<Value = (Written, bool)> {
    prop_oneof![
        4 => field(1, 31).prop_map(|field| (field, false)),
        1 => Just(((vec![], "L".to_string()), true)),
        1 => (1u32..=31).prop_map(|day| ((vec![day], format!("{day},L")), true)),
    ]
}

/// What the second opinion walks by.
#[derive(Debug)]
struct Walk {
    minutes: Written,
    hours: Written,
    days: Written,
    last: bool,
    months: Written,
    weekdays: Written,
}

impl Walk {
    fn text(&self) -> String {
        let fields = [&self.minutes, &self.hours, &self.days, &self.months, &self.weekdays];
        fields.map(|field| field.1.as_str()).join(" ")
    }

    fn matches(&self, local: NaiveDateTime) -> bool {
        let last = (local.date() + TimeDelta::days(1)).day() == 1;
        let by_month = self.days.0.contains(&local.day()) || self.last && last;
        let weekday = local.weekday().num_days_from_sunday();
        let by_week = self.weekdays.0.iter().any(|day| day % 7 == weekday);
        let day = match (self.days.1 == "*", self.weekdays.1 == "*") {
            (true, true) => true,
            (false, true) => by_month,
            (true, false) => by_week,
            (false, false) => by_month || by_week,
        };
        day && self.months.0.contains(&local.month())
            && self.hours.0.contains(&local.hour())
            && self.minutes.0.contains(&local.minute())
    }

    /// Goes through every real minute after a moment; says in which of them it comes.
    fn comes(&self, zone: Tz, after: i64, minutes: i64) -> Vec<i64> {
        let real = self.minutes.1.starts_with('*') || self.hours.1.starts_with('*');
        let wall =
            |second: i64| DateTime::from_timestamp(second, 0).unwrap().with_timezone(&zone).naive_local();
        // Two days before, so that what clocks showed already is known.
        let begin = after.div_euclid(60) * 60 - 2 * 86_400;
        let mut seen = wall(begin);
        let mut found = Vec::new();
        for second in (1..=2 * 1_440 + minutes).map(|minute| begin + minute * 60) {
            let local = wall(second);
            let mut hit = false;
            if real {
                hit = self.matches(local);
            } else {
                // Every minute of the wall that was not shown yet, those that clocks skipped as well.
                while seen < local {
                    seen += TimeDelta::minutes(1);
                    hit |= self.matches(seen);
                }
            }
            if hit && second > after {
                found.push(second * 1_000);
            }
        }
        found
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn schedules_agree_with_a_walk_over_minutes(
        minutes in field(0, 59), hours in field(0, 23), (days, last) in day_of_month(), months in field(1, 12),
        weekdays in field(0, 7),
        // Near the changes of the clocks: New York, London, Lord Howe (half an hour), Havana and Beirut (at midnight).
        (zone, change) in prop::sample::select(vec![
            ("America/New_York", 1_772_953_200_i64), ("America/New_York", 1_793_512_800),
            ("Europe/London", 1_774_746_000), ("Europe/London", 1_792_890_000),
            ("Australia/Lord_Howe", 1_791_041_400), ("Australia/Lord_Howe", 1_775_314_800),
            ("America/Havana", 1_772_946_000), ("America/Havana", 1_793_509_200),
            ("Asia/Beirut", 1_774_735_200), ("Asia/Beirut", 1_792_875_600), ("Asia/Shanghai", 1_767_196_800),
        ]),
        offset in -90_000_i64..90_000,
    ) {
        let walk = Walk { minutes, hours, days, last, months, weekdays };
        let tz: Tz = zone.parse().unwrap();
        let after = change + offset;
        let expected = walk.comes(tz, after, 3 * 1_440);
        match cron(&walk.text()) {
            Ok(schedule) => {
                let zone = Zone::parse(zone).unwrap();
                let end = Moment::from_millis((after.div_euclid(60) * 60 + 3 * 86_400) * 1_000);
                let start = Moment::from_millis(after * 1_000);
                let found: Vec<i64> = std::iter::successors(Some(start), |at| schedule.next_after(*at, &zone))
                    .skip(1).take_while(|at| *at <= end).map(Moment::millis).collect();
                let latest = schedule.latest(end, &zone).filter(|at| *at > start).map(Moment::millis);
                prop_assert_eq!(latest, found.last().copied(), "{}", walk.text());
                prop_assert_eq!(found, expected, "{}", walk.text());
            }
            Err(error) => prop_assert_eq!(error.code, Mistake::Never, "{}", walk.text()),
        }
    }
}
