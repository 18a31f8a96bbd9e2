//! Sums over days: how much business lies before a date, so that years of it are counted as fast as hours.
//!
//! The week repeats; what differs from it (days off, make-up workdays, days on which the zone changes its clocks) is a
//! sorted list with running sums. A sum up to a date is whole weeks, a part of a week and one search in that list.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;

use chrono::{Datelike as _, Days as Later, NaiveTime};
use once_cell::race::OnceBox;

use crate::moment::{Date, Zone};

/// The days that are summed; the zone's clock changes are looked up for them. Others are walked one by one.
const YEARS: RangeInclusive<i32> = 1990..=2099;
/// Days of a week.
const WEEK: i64 = 7;

/// What some days have in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    /// Milliseconds of business.
    pub millis: i64,
    /// Days with hours.
    pub working: i64,
}

/// What sums are counted from.
pub(super) trait Hours {
    /// The zone, whose clocks change.
    fn zone(&self) -> &Zone;
    /// What a weekday has, 0 is Monday.
    fn on_weekday(&self, weekday: u8) -> Sum;
    /// What a day has.
    fn on(&self, date: Date) -> Sum;
    /// Days off and make-up workdays.
    fn named(&self) -> impl Iterator<Item = Date>;
}

impl Sum {
    fn plus(self, other: Self) -> Self {
        Self { millis: self.millis + other.millis, working: self.working + other.working }
    }

    fn minus(self, other: Self) -> Self {
        Self { millis: self.millis - other.millis, working: self.working - other.working }
    }

    fn times(self, n: i64) -> Self {
        Self { millis: self.millis * n, working: self.working * n }
    }
}

/// The sums of one calendar.
#[derive(Clone, Debug)]
struct Sums {
    /// What a week has before each of its days, Monday first, and as a whole.
    week: [Sum; 8],
    /// Days unlike their weekday, in order: how much all of them up to this one differ.
    unlike: Vec<(i64, Sum)>,
}

/// The sums of a calendar, made when they are first needed. No part of what a calendar means.
#[derive(Default)]
pub(super) struct Days(OnceBox<Sums>);

impl Clone for Days {
    fn clone(&self) -> Self {
        self.0.get().map_or_else(Self::default, |sums| Self(OnceBox::with_value(Box::new(sums.clone()))))
    }
}

impl fmt::Debug for Days {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("Days")
    }
}

impl PartialEq for Days {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Days {}

/// Days since Monday, 1 January of the year 1.
fn number(date: Date) -> i64 {
    i64::from(date.num_days_from_ce()) - 1
}

fn summed(date: Date) -> bool {
    YEARS.contains(&date.year())
}

impl Sums {
    fn build(hours: &impl Hours) -> Self {
        let mut week = [Sum::default(); 8];
        let mut whole = Sum::default();
        for (weekday, before) in (0u8..).zip(week.iter_mut()) {
            *before = whole;
            whole = whole.plus(hours.on_weekday(weekday));
        }
        let mut sums = Self { week, unlike: Vec::new() };
        let mut so_far = Sum::default();
        for date in unlike(hours) {
            let n = number(date);
            let usual = sums.before(n + 1).minus(sums.before(n));
            // Until all are known, `before` counts those in front of this day on both sides.
            so_far = so_far.plus(hours.on(date).minus(usual));
            sums.unlike.push((n, so_far));
        }
        sums
    }

    /// What all days before a day have.
    fn before(&self, n: i64) -> Sum {
        let place = |day: i64| usize::try_from(day).ok().and_then(|day| self.week.get(day).copied());
        let whole = place(WEEK).unwrap_or_default();
        let weeks = whole.times(n.div_euclid(WEEK)).plus(place(n.rem_euclid(WEEK)).unwrap_or_default());
        let differing = self.unlike.partition_point(|(day, _)| *day < n);
        let more = differing.checked_sub(1).and_then(|last| self.unlike.get(last));
        more.map_or(weeks, |(_, more)| weeks.plus(*more))
    }

    /// The first day, of `from` to `until`, up to which (with `from`) there is enough; the day after when there is none.
    fn reach(&self, from: i64, until: i64, enough: impl Fn(Sum) -> bool) -> i64 {
        let start = self.before(from);
        let (mut low, mut high) = (from, until + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if enough(self.before(middle + 1).minus(start)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }
}

/// Days that may have other hours than their weekday.
fn unlike(hours: &impl Hours) -> BTreeSet<Date> {
    let mut found: BTreeSet<Date> = hours.named().filter(|date| summed(*date)).collect();
    let offset = |date: Date| hours.zone().offset_at(date.and_time(NaiveTime::MIN));
    let first = Date::from_ymd_opt(*YEARS.start(), 1, 1).unwrap_or_default();
    let mut before = offset(first);
    for week in first.iter_weeks().take_while(|date| summed(*date)) {
        let Some(after) = week.checked_add_days(Later::new(7)).map(offset) else { break };
        if after != before {
            // The clocks change somewhere in this week; windows that begin the day before may cross
            // it, and so may the first of the week after.
            found.extend(week.iter_days().take(10));
            found.extend(week.iter_days().rev().take(3));
        }
        before = after;
    }
    found
}

impl Days {
    fn sums(&self, hours: &impl Hours) -> &Sums {
        self.0.get_or_init(|| Box::new(Sums::build(hours)))
    }

    /// What the days from one to another have, both counted; nothing when they are not summed.
    fn between(&self, hours: &impl Hours, from: Date, to: Date) -> Option<Sum> {
        (summed(from) && summed(to) && from <= to).then(|| {
            let sums = self.sums(hours);
            sums.before(number(to) + 1).minus(sums.before(number(from)))
        })
    }

    /// Milliseconds of business that begin on the days from one to another.
    pub(super) fn millis(&self, hours: &impl Hours, from: Date, to: Date) -> Option<i64> {
        self.between(hours, from, to).map(|sum| sum.millis)
    }

    /// Working days from one day to another, both counted.
    pub(super) fn working(&self, hours: &impl Hours, from: Date, to: Date) -> Option<u64> {
        self.between(hours, from, to).and_then(|sum| u64::try_from(sum.working).ok())
    }

    /// The day on which so many milliseconds of business, counted from the beginning of `from`, are reached, and what the days
    /// before it have. Where days are not summed, `from` itself: the caller walks on.
    pub(super) fn skip(&self, hours: &impl Hours, from: Date, until: Date, left: i64) -> (Date, i64) {
        if !summed(from) || !summed(until) || from > until {
            return (from, 0);
        }
        let sums = self.sums(hours);
        let first = number(from);
        let there = sums.reach(first, number(until), |sum| sum.millis >= left);
        let days = u64::try_from(there - first).unwrap_or(0);
        let skipped = sums.before(there).minus(sums.before(first)).millis;
        from.checked_add_days(Later::new(days)).map_or((from, 0), |date| (date, skipped))
    }

    /// The n-th working day of `from` to `until`; nothing inside when the days are not summed.
    pub(super) fn nth(&self, hours: &impl Hours, from: Date, until: Date, n: u32) -> Option<Option<Date>> {
        if !summed(from) || !summed(until) || n == 0 || from > until {
            return None;
        }
        let (first, last) = (number(from), number(until));
        let there = self.sums(hours).reach(first, last, |sum| sum.working >= i64::from(n));
        let days = u64::try_from(there - first).ok()?;
        Some((there <= last).then(|| from.checked_add_days(Later::new(days))).flatten())
    }
}
