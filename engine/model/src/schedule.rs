//! Schedules: the moments at which something recurs, as clocks on the wall show them.
//!
//! At a change of the clocks a time that is skipped comes once, just after the gap, and a time that is repeated
//! comes at its first occurrence. Steps follow real time instead: nothing in a gap, both times where it repeats.

use alloc::collections::BTreeSet;
use chrono::{Datelike as _, NaiveDateTime, NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::moment::{Date, Moment, Showing, Zone};

/// How many days a next moment is looked for. A fifth Monday of February comes every 28 years, and after 40 where a
/// century without a leap day lies between.
pub const LOOK_DAYS_MAX: usize = 15_000;
/// Seconds of a day without a change of the clocks.
const DAY_SECONDS: i64 = 86_400;
/// How far back the latest moment is looked for, in seconds: from a minute to the whole of [`LOOK_DAYS_MAX`].
const LOOK_BACK: [i64; 6] =
    [60, 3_600, DAY_SECONDS, 32 * DAY_SECONDS, 367 * DAY_SECONDS, 15_000 * DAY_SECONDS];

/// A recurrence: every time of day on every day that it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Seconds of the minute, 0 to 59.
    pub seconds: BTreeSet<u8>,
    /// Minutes of the hour, 0 to 59.
    pub minutes: BTreeSet<u8>,
    /// Hours of the day, 0 to 23.
    pub hours: BTreeSet<u8>,
    /// Months of the year, 1 to 12.
    pub months: BTreeSet<u8>,
    /// Days within those months.
    pub days: Days,
    /// What a change of the clocks does to it.
    pub pace: Pace,
}

/// What a change of the clocks does to a recurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// Each time of day comes once a day, whatever the clocks do.
    Wall,
    /// As often as clocks show it: not in a gap, twice where an hour is repeated.
    Real,
}

/// Which days of a month a recurrence names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Days {
    /// Every day.
    Every,
    /// By their number.
    OfMonth(MonthDays),
    /// By their weekday.
    OfWeek(WeekDays),
    /// By the one or the other.
    Either(MonthDays, WeekDays),
}

/// Days of a month by their number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthDays {
    /// 1 to 31; a month that is shorter has none of that number.
    pub numbers: BTreeSet<u8>,
    /// The last day of the month, too.
    pub last: bool,
}

/// Days of a month by their weekday, 0 is Monday.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekDays {
    /// Every one of that weekday.
    pub each: BTreeSet<u8>,
    /// Only the nth of the month, 1 to 5: weekday and n.
    pub nth: BTreeSet<(u8, u8)>,
}

impl MonthDays {
    fn has(&self, day: Date) -> bool {
        let number = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
        let is_last = day.succ_opt().is_none_or(|next| next.day() == 1);
        self.numbers.contains(&number(day.day())) || self.last && is_last
    }
}

impl WeekDays {
    fn has(&self, day: Date) -> bool {
        let weekday = u8::try_from(day.weekday().num_days_from_monday()).unwrap_or(u8::MAX);
        let nth = u8::try_from(day.day0() / 7 + 1).unwrap_or(u8::MAX);
        self.each.contains(&weekday) || self.nth.contains(&(weekday, nth))
    }
}

impl Schedule {
    /// Midnight of each of these days.
    #[must_use]
    pub fn midnight(days: Days) -> Self {
        let zero = || BTreeSet::from([0]);
        let months = (1..=12).collect();
        Self { seconds: zero(), minutes: zero(), hours: zero(), months, days, pace: Pace::Wall }
    }

    /// The first moment after another one; nothing where none comes within [`LOOK_DAYS_MAX`] days.
    #[must_use]
    pub fn next_after(&self, after: Moment, zone: &Zone) -> Option<Moment> {
        let today = after.local(zone).date();
        // Clocks that go back over midnight show a part of yesterday again.
        let first = today.pred_opt().unwrap_or(today);
        let days = first.iter_days().take(LOOK_DAYS_MAX).filter(|day| self.falls_on(*day));
        days.into_iter().find_map(|day| self.next_on(day, after, zone))
    }

    /// The latest moment that is not after another one; nothing where none lies within [`LOOK_DAYS_MAX`] days.
    #[must_use]
    pub fn latest(&self, until: Moment, zone: &Zone) -> Option<Moment> {
        let within = |seconds: &i64| {
            let found = self.next_after(until.plus_seconds(-seconds), zone)?;
            (found <= until).then_some(found)
        };
        let first = LOOK_BACK.iter().find_map(within)?;
        let later = |at: &Moment| self.next_after(*at, zone).filter(|next| *next <= until);
        core::iter::successors(Some(first), later).last()
    }

    /// Whether it names a day.
    #[must_use]
    pub fn falls_on(&self, day: Date) -> bool {
        let month = u8::try_from(day.month()).unwrap_or(u8::MAX);
        self.months.contains(&month)
            && match &self.days {
                Days::Every => true,
                Days::OfMonth(days) => days.has(day),
                Days::OfWeek(days) => days.has(day),
                Days::Either(of_month, of_week) => of_month.has(day) || of_week.has(day),
            }
    }

    fn next_on(&self, day: Date, after: Moment, zone: &Zone) -> Option<Moment> {
        let Some(midnight) = undisturbed(day, zone) else {
            return self.next_disturbed(day, after, zone);
        };
        let since = after.millis().saturating_sub(midnight.millis());
        let from = if since < 0 { 0 } else { since / 1_000 + 1 };
        let time = self.times(u32::try_from(from).ok()?).next()?;
        Some(midnight.plus_seconds(i64::from(time)))
    }

    /// The same on a day on which the clocks change: every time of it is looked at.
    fn next_disturbed(&self, day: Date, after: Moment, zone: &Zone) -> Option<Moment> {
        let shown = self.times(0).map(|time| Moment::showing(at_second(day, time), zone));
        let moments = shown.flat_map(|shown| match (self.pace, shown) {
            (_, Showing::Once(at)) => [Some(at), None],
            (Pace::Wall, Showing::Twice(first, _)) => [Some(first), None],
            (Pace::Real, Showing::Twice(first, second)) => [Some(first), Some(second)],
            (Pace::Wall, Showing::Skipped { resumes }) => [Some(resumes), None],
            (Pace::Real, Showing::Skipped { .. }) => [None, None],
        });
        moments.flatten().filter(|at| *at > after).min()
    }

    /// Its times of day from a second of the day on, in order.
    fn times(&self, from: u32) -> impl Iterator<Item = u32> {
        let from_hour = u8::try_from(from / 3_600).unwrap_or(u8::MAX);
        let hours = self.hours.range(from_hour..).map(|hour| u32::from(*hour));
        let minutes = hours.flat_map(|hour| self.minutes.iter().map(move |m| hour * 60 + u32::from(*m)));
        let late = minutes.filter(move |minute| minute * 60 + 59 >= from);
        let seconds = late.flat_map(|minute| self.seconds.iter().map(move |s| minute * 60 + u32::from(*s)));
        seconds.filter(move |second| *second >= from)
    }
}

fn at_second(day: Date, second: u32) -> NaiveDateTime {
    let midnight = day.and_time(NaiveTime::MIN);
    midnight.checked_add_signed(TimeDelta::seconds(i64::from(second))).unwrap_or(midnight)
}

/// The first moment of a day on which the clocks do not change.
fn undisturbed(day: Date, zone: &Zone) -> Option<Moment> {
    let starts = |day: Date| match Moment::showing(day.and_time(NaiveTime::MIN), zone) {
        Showing::Once(at) => Some(at),
        Showing::Twice(..) | Showing::Skipped { .. } => None,
    };
    let (first, next) = (starts(day)?, starts(day.succ_opt()?)?);
    (next.millis() - first.millis() == DAY_SECONDS * 1_000).then_some(first)
}
