//! Desks: people, hours and a queue, first come first served; and what is counted at each.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use paidan_model::calendar::Calendar;
use paidan_model::moment::{Date, Moment};

use super::town::Hand;

/// One desk.
pub(crate) struct Desk<'a> {
    /// Whose it is; of residents one for each role.
    pub hand: Hand,
    /// How many work there at once; residents are as many as there are.
    pub people: u32,
    /// How long a handling takes.
    pub minutes: u32,
    /// When it works.
    pub calendar: &'a Calendar,
    /// How many are at work.
    pub busy: u32,
    /// Cases in order of coming, each with its stamp; those whose part has gone stay until they are met.
    pub queue: VecDeque<(usize, u64)>,
    /// How many of them wait.
    pub waiting: u32,
    /// What was counted.
    pub count: Count,
}

/// What is counted at a desk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Count {
    /// Parts that were done.
    pub handled: u64,
    /// Of those, the ones in which a limit ran out while they lay here.
    pub late: u64,
    /// Parts that were taken away by a timer or somebody else after a limit had run out here.
    pub missed: u64,
    /// Handlings in which nothing could be done.
    pub vain: u64,
    /// Minutes at work.
    pub minutes: u64,
    /// The most that waited at once, and when first.
    pub longest: u32,
    /// The most that waited on each day it works, where any did.
    pub peaks: BTreeMap<Date, u32>,
}

impl Desk<'_> {
    /// Whether residents answer here, each for themselves.
    pub(crate) fn is_resident(&self) -> bool {
        matches!(self.hand, Hand::Resident { .. })
    }

    /// When the desk works next: now, if it does.
    pub(crate) fn open_from(&self, now: Moment) -> Option<Moment> {
        if self.calendar.is_open(now) {
            return Some(now);
        }
        self.calendar.add_business_seconds(now, 1).map(|at| at.plus_seconds(-1))
    }

    /// Somebody more waits. What comes when the desk is closed waits on the day it opens.
    pub(crate) fn joins(&mut self, case: usize, stamp: u64, now: Moment) {
        self.queue.push_back((case, stamp));
        self.waiting += 1;
        if self.busy >= self.people {
            self.count.longest = self.count.longest.max(self.waiting);
            if let Some(open) = self.open_from(now) {
                let peak = self.count.peaks.entry(open.local(self.calendar.zone()).date()).or_default();
                *peak = self.waiting.max(*peak);
            }
        }
    }

    /// Somebody less waits.
    pub(crate) fn leaves(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
    }

    /// How many are left over from the day before is what a day begins with.
    pub(crate) fn keeps(&mut self, at: Moment) {
        if self.waiting > 0 {
            let peak = self.count.peaks.entry(at.local(self.calendar.zone()).date()).or_default();
            *peak = self.waiting.max(*peak);
        }
    }

    /// The days of each weekday on which it works, between two; 0 is Monday.
    pub(crate) fn workdays(&self, from: Date, to: Date) -> [u32; 7] {
        let mut days = [0; 7];
        for date in from.iter_days().take_while(|date| *date <= to) {
            if self.calendar.is_working_day(date)
                && let Some(count) = days.get_mut(weekday(date))
            {
                *count += 1;
            }
        }
        days
    }

    /// For each weekday the sum of what waited at most on its days.
    pub(crate) fn sums(&self) -> [u64; 7] {
        let mut sums = [0; 7];
        for (date, peak) in &self.count.peaks {
            if let Some(sum) = sums.get_mut(weekday(*date)) {
                *sum += u64::from(*peak);
            }
        }
        sums
    }

    /// The minutes of a working day: those of the first that is met.
    pub(crate) fn day_minutes(&self, from: Date) -> u32 {
        let mut days = from.iter_days().take(14).map(|date| self.calendar.opens_on(date));
        let windows: Vec<_> = days.find(|windows| !windows.is_empty()).unwrap_or_default().to_vec();
        windows.iter().map(|window| u32::from(window.close.saturating_sub(window.open))).sum()
    }
}

/// A Monday, from which weekdays are counted.
const MONDAY: Option<Date> = Date::from_ymd_opt(1970, 1, 5);

/// The weekday of a day, 0 is Monday.
pub(crate) fn weekday(date: Date) -> usize {
    let days = date.signed_duration_since(MONDAY.unwrap_or(Date::MIN)).num_days();
    usize::try_from(days.rem_euclid(7)).unwrap_or(0)
}
