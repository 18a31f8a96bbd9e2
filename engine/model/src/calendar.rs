//! Calendars: when a town works. Holidays, make-up workdays, hours; versioned values, handed in.

mod budget;
mod course;
mod days;
mod goal;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use chrono::{Datelike as _, Days, Months, NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};

pub use budget::{Budget, DayKind};
pub use course::{Course, Stand, Used};
pub use goal::Goal;

use self::days::Sum;
use crate::moment::{Date, Moment, Zone};
use crate::span::Span;

/// How many days a due moment is looked for: twenty years.
pub const DAYS_MAX: u32 = 7_305;
/// The most days in a row on which a calendar may be closed: what waits longer waits for ever.
pub const CLOSED_DAYS_MAX: u32 = 400;
/// Minutes of a day.
pub const DAY_MINUTES: u16 = 1_440;

/// What a last day off does to days that are counted by the calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Roll {
    /// The next working day (Civil Code, article 203).
    #[default]
    Forward,
    /// Nothing.
    None,
}

/// A day of the year, as text `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(pub Date);

impl TryFrom<String> for Day {
    type Error = CalendarError;
    fn try_from(text: String) -> Result<Self, CalendarError> {
        let date = Date::parse_from_str(&text, "%Y-%m-%d");
        date.map(Self).map_err(|_| CalendarError::NotADay(text))
    }
}

impl From<Day> for String {
    fn from(day: Day) -> String {
        day.0.to_string()
    }
}

/// Hours of one day: `open` and `close` in minutes since midnight; `close` may lie in the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Window {
    /// First minute.
    pub open: u16,
    /// The minute after the last.
    pub close: u16,
}

/// Why a calendar cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// A window of a weekday (0 is Monday) that is empty, longer than a day, or opens after midnight.
    #[error("a window is empty or longer than a day")]
    Window(u8),
    /// Windows of a weekday (0 is Monday) overlap each other, or reach into those of the next day.
    #[error("the windows of a day overlap")]
    Overlap(u8),
    /// A day that is off and a make-up workday.
    #[error("{} is off and a workday", .0.0)]
    Both(Day),
    /// A make-up workday that is like a weekday (0 is Monday) without hours.
    #[error("make-up workdays have the hours of a weekday that has none")]
    NoHours(u8),
    /// A text that is no day.
    #[error("`{0}` is no day YYYY-MM-DD")]
    NotADay(String),
    /// No hours at all.
    #[error("the calendar is never open")]
    Empty,
    /// More days without hours in a row than [`CLOSED_DAYS_MAX`], from the day named.
    #[error("from {} it is closed for more than {CLOSED_DAYS_MAX} days in a row", .0.0)]
    Closed(Day),
}

/// What a day is to a calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// A day of the week with hours.
    Working,
    /// A make-up workday (调休上班).
    MadeUp,
    /// A day off by name: a public holiday, or a day made up for elsewhere.
    Holiday,
    /// A day of the week without hours.
    Rest,
}

/// A due moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// When.
    pub at: Moment,
    /// Beyond what the calendar knows.
    pub provisional: bool,
}

/// What a calendar is built from.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// The town's zone.
    pub zone: Zone,
    /// Hours by weekday, 0 is Monday.
    pub week: BTreeMap<u8, Vec<Window>>,
    /// Days off.
    pub off: BTreeSet<Day>,
    /// Make-up workdays.
    pub work: BTreeSet<Day>,
    /// The weekday whose hours a make-up workday has, 0 is Monday.
    pub work_like: u8,
    /// The last day that is known.
    pub known_until: Option<Day>,
    /// Minutes by which the first window of a day opens earlier.
    pub earlier: u16,
    /// Minutes by which the last window of a day closes later.
    pub later: u16,
    /// What the days off and make-up workdays of a year rest on, by year.
    pub notices: BTreeMap<String, String>,
}

/// One calendar, agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    zone: Zone,
    week: BTreeMap<u8, Vec<Window>>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    off: BTreeSet<Day>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    work: BTreeSet<Day>,
    #[serde(default)]
    work_like: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known_until: Option<Day>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    notices: BTreeMap<String, String>,
    #[serde(skip)]
    days: days::Days,
}

impl Calendar {
    /// Builds a calendar.
    ///
    /// # Errors
    /// Every [`CalendarError`] of its hours and days.
    pub fn build(parts: Parts) -> Result<Self, Vec<CalendarError>> {
        let mut week = BTreeMap::new();
        let mut errors = Vec::new();
        for (weekday, mut windows) in parts.week {
            windows.sort();
            stretch(&mut windows, parts.earlier, parts.later);
            errors.extend(check(weekday, &windows).err());
            if !windows.is_empty() {
                week.insert(weekday, windows);
            }
        }
        let built = Self {
            zone: parts.zone,
            week,
            off: parts.off,
            work: parts.work,
            work_like: parts.work_like,
            known_until: parts.known_until,
            notices: parts.notices,
            days: days::Days::default(),
        };
        errors.extend(built.errors_of_days());
        if errors.is_empty() { Ok(built) } else { Err(errors) }
    }

    /// What is wrong with its days as a whole.
    fn errors_of_days(&self) -> Vec<CalendarError> {
        if self.week.is_empty() {
            return vec![CalendarError::Empty];
        }
        let mut found: Vec<CalendarError> =
            self.off.intersection(&self.work).map(|day| CalendarError::Both(*day)).collect();
        if !self.work.is_empty() && !self.week.contains_key(&self.work_like) {
            found.push(CalendarError::NoHours(self.work_like));
        }
        let into_next = |day: &u8| reaches(self.week.get(day), self.week.get(&((day + 1) % 7)));
        found.extend((0..7).find(into_next).map(CalendarError::Overlap));
        found.extend(self.closed_too_long().map(CalendarError::Closed));
        found
    }

    /// The first day of a time without hours that is longer than [`CLOSED_DAYS_MAX`]. Outside the days off a week
    /// is the longest such time, so only those are walked.
    fn closed_too_long(&self) -> Option<Day> {
        let mut run: Option<(Day, Date)> = None;
        for day in &self.off {
            let joins = |last: &Date| last.iter_days().skip(1).take_while(|next| next < &day.0);
            let from = match run {
                Some((from, last)) if !joins(&last).any(|between| self.is_working_day(between)) => from,
                Some(_) | None => *day,
            };
            if (day.0 - from.0).num_days() >= i64::from(CLOSED_DAYS_MAX) {
                return Some(from);
            }
            run = Some((from, day.0));
        }
        None
    }

    /// The built-in calendar that is open at every moment, in a town's zone.
    #[must_use]
    pub fn always(zone: Zone) -> Self {
        let day = vec![Window { open: 0, close: DAY_MINUTES }];
        Self {
            zone,
            week: (0..7).map(|weekday| (weekday, day.clone())).collect(),
            off: BTreeSet::new(),
            work: BTreeSet::new(),
            work_like: 0,
            known_until: None,
            notices: BTreeMap::new(),
            days: days::Days::default(),
        }
    }

    /// The zone of its hours.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The hours of a day; none on a day off.
    #[must_use]
    pub fn opens_on(&self, date: Date) -> &[Window] {
        let day = Day(date);
        let weekday = if self.work.contains(&day) {
            self.work_like
        } else if self.off.contains(&day) {
            return &[];
        } else {
            u8::try_from(date.weekday().num_days_from_monday()).unwrap_or(0)
        };
        self.week.get(&weekday).map(Vec::as_slice).unwrap_or_default()
    }

    /// The days that are named as days off or as workdays, in order.
    pub fn named_days(&self) -> impl Iterator<Item = Date> {
        let all: BTreeSet<Day> = self.off.union(&self.work).copied().collect();
        all.into_iter().map(|day| day.0)
    }

    /// Whether a day has hours.
    #[must_use]
    pub fn is_working_day(&self, date: Date) -> bool {
        !self.opens_on(date).is_empty()
    }

    /// What a day is, and so why it counts or does not.
    #[must_use]
    pub fn nature(&self, date: Date) -> Nature {
        let day = Day(date);
        match (self.work.contains(&day), self.off.contains(&day), self.is_working_day(date)) {
            (true, _, _) => Nature::MadeUp,
            (false, true, _) => Nature::Holiday,
            (false, false, true) => Nature::Working,
            (false, false, false) => Nature::Rest,
        }
    }

    /// What the days off and make-up workdays of a year rest on, if it was written down.
    #[must_use]
    pub fn notice(&self, date: Date) -> Option<&str> {
        self.notices.get(&date.year().to_string()).map(String::as_str)
    }

    /// Whether a moment lies in the hours.
    #[must_use]
    pub fn is_open(&self, at: Moment) -> bool {
        let date = at.local(&self.zone).date();
        let mut windows = self.windows(date.pred_opt().unwrap_or(date), date);
        windows.any(|(open, close)| open <= at && at < close)
    }

    /// The close of business of a working day.
    #[must_use]
    pub fn closing(&self, date: Date) -> Option<Moment> {
        self.opens_on(date).last().map(|window| self.at_minute(date, window.close))
    }

    fn at_minute(&self, date: Date, minute: u16) -> Moment {
        let midnight = date.and_time(NaiveTime::MIN);
        let local = midnight.checked_add_signed(TimeDelta::minutes(i64::from(minute))).unwrap_or(midnight);
        Moment::from_local(local, &self.zone)
    }

    fn end_of_day(&self, date: Date) -> Moment {
        self.closing(date).unwrap_or_else(|| self.at_minute(date, DAY_MINUTES))
    }

    /// Opening and closing moments from one day to another, in order.
    fn windows(&self, from: Date, to: Date) -> impl Iterator<Item = (Moment, Moment)> {
        from.iter_days().take_while(move |date| *date <= to).flat_map(move |date| {
            self.opens_on(date)
                .iter()
                .map(move |w| (self.at_minute(date, w.open), self.at_minute(date, w.close)))
        })
    }

    /// Seconds of business between two moments; 0 when `to` is not later.
    #[must_use]
    pub fn business_seconds(&self, from: Moment, to: Moment) -> i64 {
        self.business_millis(from, to) / 1000
    }

    fn business_millis(&self, from: Moment, to: Moment) -> i64 {
        let first = from.local(&self.zone).date();
        let last = to.local(&self.zone).date();
        // Windows of a day end on the next at the latest: whole days lie between the first two and the last two.
        let (head, tail) = (moved(first, 1), moved(last, -2));
        let inside = self.days.millis(self, moved(head, 1), moved(tail, -1));
        match inside {
            Some(inside) => {
                let edges = self.clipped(moved(first, -1), head, from, to);
                edges + inside + self.clipped(tail, last, from, to)
            }
            None => self.clipped(moved(first, -1), last, from, to),
        }
    }

    /// Milliseconds between two moments that lie in the hours of some days.
    fn clipped(&self, first: Date, last: Date, from: Moment, to: Moment) -> i64 {
        let windows = self.windows(first, last);
        windows.map(|(open, close)| (close.min(to).millis() - open.max(from).millis()).max(0)).sum()
    }

    /// Working days after one day, up to and with another.
    #[must_use]
    pub fn working_days(&self, after: Date, until: Date) -> u64 {
        let first = moved(after, 1);
        self.days.working(self, first, until).unwrap_or_else(|| {
            let days = first.iter_days().take_while(|date| *date <= until);
            u64::try_from(days.filter(|date| self.is_working_day(*date)).count()).unwrap_or(0)
        })
    }

    /// The moment after so many seconds of business; nothing when the calendar does not reach that far.
    #[must_use]
    pub fn add_business_seconds(&self, from: Moment, seconds: u64) -> Option<Moment> {
        self.add_business_millis(from, i64::try_from(seconds).ok()?.checked_mul(1000)?)
    }

    fn add_business_millis(&self, from: Moment, left: i64) -> Option<Moment> {
        if left == 0 {
            return Some(from);
        }
        let first = from.local(&self.zone).date();
        let last = first.checked_add_days(Days::new(u64::from(DAYS_MAX)))?;
        let head = moved(first, 1);
        let left = match self.use_up(moved(first, -1), head, from, left) {
            Ok(at) => return Some(at),
            Err(left) => left,
        };
        let (next, skipped) = self.days.skip(self, moved(head, 1), last, left);
        self.use_up(next, last, from, left - skipped).ok()
    }

    /// Where the hours of some days, from a moment on, have used up so many milliseconds; what is left when they do not.
    fn use_up(&self, first: Date, last: Date, from: Moment, mut left: i64) -> Result<Moment, i64> {
        for (open, close) in self.windows(first, last) {
            let start = open.max(from);
            let there = close.millis() - start.millis();
            if there >= left {
                return Ok(start.plus_millis(left));
            }
            left -= there.max(0);
        }
        Err(left)
    }

    /// The due moment of a duration that starts at `start`.
    #[must_use]
    pub fn due(&self, start: Moment, span: &Span, roll: Roll) -> Option<Due> {
        let at = match span {
            Span::Business { seconds } => self.add_business_seconds(start, *seconds)?,
            Span::Real { seconds } => start.plus_seconds(i64::try_from(*seconds).ok()?),
            Span::BusinessDays { days } => {
                let date = self.nth_working_day(start.local(&self.zone).date(), *days)?;
                self.end_of_day(date)
            }
            Span::CalendarDays { days } => {
                let date = start.local(&self.zone).date().checked_add_days(Days::new(u64::from(*days)))?;
                self.end_of_day(self.rolled(date, roll)?)
            }
            Span::CalendarMonths { months } => {
                let date = start.local(&self.zone).date().checked_add_months(Months::new(*months))?;
                self.end_of_day(self.rolled(date, roll)?)
            }
        };
        let counts_days = !matches!(span, Span::Real { .. });
        Some(Due { at, provisional: counts_days && !self.knows(at) })
    }

    /// Whether the days off up to a moment are known.
    fn knows(&self, at: Moment) -> bool {
        self.known_until.is_none_or(|last| at.local(&self.zone).date() <= last.0)
    }

    fn nth_working_day(&self, start: Date, n: u32) -> Option<Date> {
        let (first, last) = (moved(start, 1), start.checked_add_days(Days::new(u64::from(DAYS_MAX)))?);
        let nth = usize::try_from(n).ok()?.checked_sub(1)?;
        let working = |days: u32| {
            first.iter_days().take(days as usize).filter(|date| self.is_working_day(*date)).nth(nth)
        };
        // A few days are found faster one by one.
        let near = if nth < 5 { working(10) } else { None };
        near.or_else(|| self.days.nth(self, first, last, n).unwrap_or_else(|| working(DAYS_MAX)))
    }

    fn rolled(&self, date: Date, roll: Roll) -> Option<Date> {
        match roll {
            Roll::None => Some(date),
            Roll::Forward => date.iter_days().take(DAYS_MAX as usize).find(|date| self.is_working_day(*date)),
        }
    }
}

impl days::Hours for Calendar {
    fn zone(&self) -> &Zone {
        &self.zone
    }

    fn on_weekday(&self, weekday: u8) -> Sum {
        let windows = self.week.get(&weekday).map(Vec::as_slice).unwrap_or_default();
        let minutes: i64 = windows.iter().map(|w| i64::from(w.close) - i64::from(w.open)).sum();
        Sum { millis: minutes * 60_000, working: i64::from(!windows.is_empty()) }
    }

    fn on(&self, date: Date) -> Sum {
        let windows = self.windows(date, date);
        let millis = windows.map(|(open, close)| (close.millis() - open.millis()).max(0));
        Sum { millis: millis.sum(), working: i64::from(self.is_working_day(date)) }
    }

    fn named(&self) -> impl Iterator<Item = Date> {
        self.off.iter().chain(&self.work).map(|day| day.0)
    }
}

/// So many days later, or earlier; stays at the end of time.
fn moved(date: Date, days: i64) -> Date {
    date.checked_add_signed(TimeDelta::days(days)).unwrap_or(date)
}

fn stretch(windows: &mut [Window], earlier: u16, later: u16) {
    if let Some(first) = windows.first_mut() {
        first.open = first.open.saturating_sub(earlier);
    }
    if let Some(last) = windows.last_mut() {
        last.close = last.close.saturating_add(later);
    }
}

fn check(weekday: u8, windows: &[Window]) -> Result<(), CalendarError> {
    for window in windows {
        let fits = window.open < window.close
            && window.open < DAY_MINUTES
            && window.close <= window.open + DAY_MINUTES;
        if !fits {
            return Err(CalendarError::Window(weekday));
        }
    }
    let overlap = windows.iter().zip(windows.iter().skip(1)).any(|(a, b)| a.close > b.open);
    if overlap { Err(CalendarError::Overlap(weekday)) } else { Ok(()) }
}

/// Whether the last window of a day ends after the first of the next day has opened: its minutes would count twice.
fn reaches(day: Option<&Vec<Window>>, next: Option<&Vec<Window>>) -> bool {
    let close = day.and_then(|windows| windows.last()).map_or(0, |window| window.close);
    let open = next.and_then(|windows| windows.first()).map(|window| window.open);
    open.is_some_and(|open| close > open + DAY_MINUTES)
}
