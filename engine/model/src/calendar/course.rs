//! The course of a clock: since when it counts towards what, when it stood still, what was granted
//! on top.
//!
//! Everything else is computed from it by the calendar in force: the due moment, what is left, when
//! a share is used. Nothing here is ever adjusted: another limit, a pause or another calendar gives
//! another course or calendar, counted from the start.

use alloc::vec::Vec;
use chrono::{Days as Later, Months};
use serde::{Deserialize, Serialize};

use super::{Budget, Calendar, DayKind, Due, Goal, Roll};
use crate::moment::{Date, Moment};
use crate::span::Span;

/// A time in which a clock stood still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stand {
    /// When it began to stand still.
    pub from: Moment,
    /// When it went on; none: it stands still now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
}

/// A part of a whole, of any unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// How much of it.
    pub of: u64,
    /// The whole.
    pub whole: u64,
}

impl Used {
    /// What is left of a number when this part of it is gone; rounded up.
    fn rest(self, number: u64) -> u64 {
        let part = u128::from(self.of.min(self.whole));
        let gone = u128::from(number) * part / u128::from(self.whole.max(1));
        number.saturating_sub(u64::try_from(gone).unwrap_or(number))
    }
}

/// What has happened to a clock, as far as its due moment depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// Since when it counts towards its goal.
    pub since: Moment,
    /// What it counts towards.
    pub goal: Goal,
    /// The part of its goal that was used before `since`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<Used>,
    /// When it stood still, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stands: Vec<Stand>,
    /// What was granted on top of the goal, each counted from the due moment of what comes before
    /// it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub granted: Vec<Span>,
}

/// A number of days, and which.
#[derive(Clone, Copy)]
enum Count {
    Of(DayKind, u32),
    Until(Date),
}

/// One part of a course, as it is counted.
#[derive(Clone, Copy)]
enum Stretch {
    /// Business.
    Business(Millis),
    /// Elapsed time.
    Real(Millis),
    /// Days.
    Days(Count),
}

/// Milliseconds: all of them, and those that were not used before.
#[derive(Clone, Copy)]
struct Millis {
    whole: u64,
    rest: u64,
}

impl Stretch {
    fn from_span(span: &Span, used: Option<Used>) -> Self {
        let millis = |seconds: u64| {
            let whole = seconds.saturating_mul(1000);
            Millis { whole, rest: used.map_or(whole, |used| used.rest(whole)) }
        };
        let rest =
            |days: u32| used.map_or(days, |used| u32::try_from(used.rest(u64::from(days))).unwrap_or(days));
        match span {
            Span::Business { seconds } => Self::Business(millis(*seconds)),
            Span::Real { seconds } => Self::Real(millis(*seconds)),
            Span::BusinessDays { days } => Self::Days(Count::Of(DayKind::Working, rest(*days))),
            Span::CalendarDays { days } => Self::Days(Count::Of(DayKind::Calendar, rest(*days))),
            Span::CalendarMonths { months } => Self::Days(Count::Of(DayKind::Months, *months)),
        }
    }
}

impl Course {
    /// A course that begins.
    #[must_use]
    pub fn new(since: Moment, goal: Goal) -> Self {
        Self { since, goal, used: None, stands: Vec::new(), granted: Vec::new() }
    }

    /// Whether it stands still.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.stands.last().is_some_and(|stand| stand.until.is_none())
    }

    /// It stands still from a moment on.
    pub fn stop(&mut self, at: Moment) {
        if !self.stands() {
            self.stands.push(Stand { from: at, until: None });
        }
    }

    /// It goes on. Where the time since it stood still `counts` after all, it is as if it had never
    /// stood.
    pub fn go_on(&mut self, at: Moment, counts: bool) {
        if let Some(last) = self.stands.last_mut().filter(|stand| stand.until.is_none()) {
            last.until = Some(at);
            if counts {
                self.stands.pop();
            }
        }
    }

    /// The due moment. Of a clock that stands still: the one that it would have if it had gone on
    /// at once.
    #[must_use]
    pub fn due(&self, calendar: &Calendar, roll: Roll) -> Option<Due> {
        let first = self.reach(calendar, roll, self.first(), self.since)?;
        self.granted.iter().try_fold(first, |before, span| {
            let due = self.reach(calendar, roll, Stretch::from_span(span, None), before.at)?;
            Some(Due { at: due.at, provisional: due.provisional || before.provisional })
        })
    }

    fn first(&self) -> Stretch {
        match &self.goal {
            Goal::Span(span) => Stretch::from_span(span, self.used),
            Goal::Day(day) => Stretch::Days(Count::Until(day.0)),
            Goal::Moment(at) => {
                let whole = between(self.since, *at);
                Stretch::Real(Millis { whole, rest: whole })
            }
        }
    }

    /// When a stretch that begins at a moment has been run.
    fn reach(&self, calendar: &Calendar, roll: Roll, stretch: Stretch, from: Moment) -> Option<Due> {
        let (at, by_calendar) = match stretch {
            Stretch::Business(millis) => (self.run_business(calendar, from, millis.rest)?, true),
            Stretch::Real(millis) => (self.run_real(from, millis.rest)?, false),
            Stretch::Days(count) => {
                let added = self.added(calendar, roll, count, from);
                (place(calendar, roll, count, from, added)?, true)
            }
        };
        Some(Due { at, provisional: by_calendar && !calendar.knows(at) })
    }

    fn run_business(&self, calendar: &Calendar, from: Moment, millis: u64) -> Option<Moment> {
        let measure = |a, b| calendar.business_millis(a, b);
        self.run(from, millis, measure, |at, left| calendar.add_business_millis(at, left))
    }

    fn run_real(&self, from: Moment, millis: u64) -> Option<Moment> {
        self.run(from, millis, elapsed, |at, left| Some(at.plus_millis(left)))
    }

    /// Runs so many milliseconds, of whatever is measured, past the times in which the clock stood
    /// still.
    fn run(
        &self,
        from: Moment,
        millis: u64,
        measure: impl Fn(Moment, Moment) -> i64,
        add: impl Fn(Moment, i64) -> Option<Moment>,
    ) -> Option<Moment> {
        let mut left = i64::try_from(millis).ok()?;
        let mut at = from;
        for (stood, until) in self.closed(from) {
            let ran = measure(at, stood.max(at));
            if ran >= left {
                break;
            }
            left -= ran;
            at = until.max(at);
        }
        add(at, left)
    }

    /// The times in which it stood still and went on again after a moment.
    fn closed(&self, from: Moment) -> impl Iterator<Item = (Moment, Moment)> {
        let closed = self.stands.iter().filter_map(|stand| Some((stand.from, stand.until?)));
        closed.filter(move |(_, until)| *until > from)
    }

    /// Days that pauses add to a number of days: those that stood still before it was reached.
    fn added(&self, calendar: &Calendar, roll: Roll, count: Count, from: Moment) -> u32 {
        let kind = match count {
            Count::Of(kind, _) => kind,
            Count::Until(_) => DayKind::Calendar,
        };
        let mut added = 0u32;
        for (stood, until) in self.closed(from) {
            if place(calendar, roll, count, from, added).is_none_or(|due| stood >= due) {
                break;
            }
            let first = from.local(calendar.zone()).date();
            // The day of the start is not counted, so standing still on it adds nothing. The day on
            // which a goal changed is.
            let counted =
                if self.used.is_some() && from == self.since { first.pred_opt() } else { Some(first) };
            let after = counted.unwrap_or(first);
            added = added.saturating_add(stood_days(calendar, kind, after, stood.max(from), until));
        }
        added
    }

    /// Milliseconds that the clock ran between two moments, of whatever is measured.
    fn ran(&self, from: Moment, to: Moment, measure: impl Fn(Moment, Moment) -> i64) -> u64 {
        let stands = self.stands.iter().map(|stand| {
            let until = stand.until.map_or(to, |until| until.min(to));
            measure(stand.from.max(from), until.max(from))
        });
        u64::try_from(measure(from, to) - stands.map(|stood| stood.max(0)).sum::<i64>()).unwrap_or(0)
    }

    fn ran_business(&self, calendar: &Calendar, from: Moment, to: Moment) -> u64 {
        self.ran(from, to, |a, b| calendar.business_millis(a, b))
    }

    /// When it last began to count: its start, or the end of the last time in which it stood still;
    /// of a clock that stands still, when it began to.
    #[must_use]
    pub fn from(&self) -> Moment {
        let last = self.stands.last().map(|stand| stand.until.unwrap_or(stand.from));
        last.map_or(self.since, |last| last.max(self.since))
    }

    /// What is left of its goal and of what was granted, when it last began to count or to stand
    /// still.
    #[must_use]
    pub fn left(&self, calendar: &Calendar, roll: Roll) -> (Budget, Vec<Budget>) {
        let until = self.from();
        let first = self.left_of(calendar, roll, self.first(), self.since);
        let mut before = self.reach(calendar, roll, self.first(), self.since).map(|due| due.at);
        let more = self.granted.iter().map(|span| {
            let Some(began) = before.filter(|began| *began < until) else { return Budget::of(span) };
            let stretch = Stretch::from_span(span, None);
            before = self.reach(calendar, roll, stretch, began).map(|due| due.at);
            self.left_of(calendar, roll, stretch, began)
        });
        let more = more.collect();
        (first, more)
    }

    fn left_of(&self, calendar: &Calendar, roll: Roll, stretch: Stretch, began: Moment) -> Budget {
        let until = self.from();
        let left =
            |millis: Millis, ran: u64| (millis.rest.saturating_sub(ran).div_ceil(1000), millis.whole / 1000);
        match stretch {
            Stretch::Business(millis) => {
                let (left, of) = left(millis, self.ran_business(calendar, began, until));
                Budget::Business { left, of }
            }
            Stretch::Real(millis) => {
                let (left, of) = left(millis, self.ran(began, until, elapsed));
                Budget::Real { left, of }
            }
            Stretch::Days(count) => self.days_left(calendar, roll, count, began),
        }
    }

    fn days_left(&self, calendar: &Calendar, roll: Roll, count: Count, began: Moment) -> Budget {
        let (kind, days) = match count {
            Count::Of(kind, days) => (kind, days),
            Count::Until(last) => {
                let first = began.local(calendar.zone()).date();
                (DayKind::Calendar, u32::try_from((last - first).num_days()).unwrap_or(0))
            }
        };
        let stood = self.stands.last().filter(|stand| stand.from >= began);
        Budget::Days {
            kind,
            count: days,
            added: self.added(calendar, roll, count, began),
            start: stood.map(|_| began),
            paused: stood.filter(|stand| stand.until.is_none()).map(|stand| stand.from),
        }
    }

    /// The moment at which so many percent of its goal are used, of days and dates percent of the
    /// business time up to its due moment; never after that.
    #[must_use]
    pub fn share(&self, calendar: &Calendar, due: Moment, percent: u8) -> Option<Moment> {
        let share = |whole: u64| (u128::from(whole) * u128::from(percent)).div_ceil(100);
        let open = |millis: Millis| {
            let used = u128::from(millis.whole.saturating_sub(millis.rest));
            u64::try_from(share(millis.whole).saturating_sub(used)).ok()
        };
        let at = match self.first() {
            Stretch::Business(millis) => self.run_business(calendar, self.since, open(millis)?)?,
            Stretch::Real(millis) => self.run_real(self.since, open(millis)?)?,
            Stretch::Days(_) => {
                let whole = self.ran_business(calendar, self.since, due);
                self.run_business(calendar, self.since, u64::try_from(share(whole)).ok()?)?
            }
        };
        Some(at.max(self.since).min(due))
    }

    /// The same share of another goal is used at a moment; what is left of what was granted stays.
    /// A share of days is one of whole days, today among them; the same goal once more changes
    /// nothing.
    #[must_use]
    pub fn prorated(&self, goal: Span, calendar: &Calendar, roll: Roll, now: Moment) -> Self {
        let at = if self.stands() { self.from() } else { now.max(self.from()) };
        let part = self.consumed(calendar, roll, at);
        let granted = self.granted_left(calendar, roll, at);
        let stands: Vec<Stand> =
            self.stands.iter().filter(|stand| stand.until.is_none_or(|until| until > at)).copied().collect();
        let goal = match Stretch::from_span(&goal, None) {
            Stretch::Business(_) | Stretch::Real(_) => goal,
            Stretch::Days(_) if part.of == 0 && matches!(self.first(), Stretch::Days(_)) => {
                return Self { goal: Goal::Span(goal), ..self.clone() };
            }
            Stretch::Days(count) => {
                let (kind, whole) = whole_days(calendar, count, at);
                in_days(kind, whole)
            }
        };
        Self { since: at, goal: Goal::Span(goal), used: Some(part), stands, granted }
    }

    /// How much of its goal was used until a moment, in milliseconds or days.
    fn consumed(&self, calendar: &Calendar, roll: Roll, at: Moment) -> Used {
        let part = |millis: Millis, ran: u64| Used {
            of: millis.whole.saturating_sub(millis.rest).saturating_add(ran),
            whole: millis.whole,
        };
        match self.first() {
            Stretch::Business(millis) => part(millis, self.ran_business(calendar, self.since, at)),
            Stretch::Real(millis) => part(millis, self.ran(self.since, at, elapsed)),
            Stretch::Days(count) => {
                let (kind, rest) = whole_days(calendar, count, self.since);
                let whole = match &self.goal {
                    Goal::Span(span) => match Stretch::from_span(span, None) {
                        Stretch::Days(count) => whole_days(calendar, count, self.since).1,
                        Stretch::Business(_) | Stretch::Real(_) => rest,
                    },
                    Goal::Day(_) | Goal::Moment(_) => rest,
                };
                let stood = u64::from(self.added(calendar, roll, count, self.since));
                let gone = passed(calendar, kind, self.since, at).saturating_sub(stood);
                Used { of: (whole - rest.min(whole)).saturating_add(gone), whole }
            }
        }
    }

    /// What is left at a moment of what was granted.
    fn granted_left(&self, calendar: &Calendar, roll: Roll, at: Moment) -> Vec<Span> {
        let mut before = self.reach(calendar, roll, self.first(), self.since).map(|due| due.at);
        let left = self.granted.iter().map(|span| {
            let Some(began) = before.filter(|began| *began < at) else { return span.clone() };
            let stretch = Stretch::from_span(span, None);
            before = self.reach(calendar, roll, stretch, began).map(|due| due.at);
            let seconds = |millis: Millis, ran: u64| millis.rest.saturating_sub(ran).div_ceil(1000);
            match stretch {
                Stretch::Business(millis) => {
                    Span::Business { seconds: seconds(millis, self.ran_business(calendar, began, at)) }
                }
                Stretch::Real(millis) => {
                    Span::Real { seconds: seconds(millis, self.ran(began, at, elapsed)) }
                }
                Stretch::Days(count) => {
                    let (kind, whole) = whole_days(calendar, count, began);
                    let stood = u64::from(self.added(calendar, roll, count, began));
                    let gone = passed(calendar, kind, began, at).saturating_sub(stood);
                    in_days(kind, whole.saturating_sub(gone))
                }
            }
        });
        left.collect()
    }
}

/// A rest of days; when none is left, the last is today.
fn in_days(kind: DayKind, rest: u64) -> Span {
    let days = u32::try_from(rest).unwrap_or(u32::MAX);
    match kind {
        DayKind::Working if days > 0 => Span::BusinessDays { days },
        DayKind::Working | DayKind::Calendar | DayKind::Months => Span::CalendarDays { days },
    }
}

/// Milliseconds from one moment to another; negative when that is earlier.
fn elapsed(from: Moment, to: Moment) -> i64 {
    to.millis() - from.millis()
}

/// Milliseconds from one moment to a later one.
fn between(from: Moment, to: Moment) -> u64 {
    u64::try_from(elapsed(from, to)).unwrap_or(0)
}

/// The due moment of a number of days from a moment, with the days that pauses added.
fn place(calendar: &Calendar, roll: Roll, count: Count, from: Moment, added: u32) -> Option<Moment> {
    let first = from.local(calendar.zone()).date();
    let later = |date: Date, days: u32| date.checked_add_days(Later::new(u64::from(days)));
    let last = match count {
        Count::Of(DayKind::Working, days) => {
            let days = days.checked_add(added)?;
            if days == 0 { calendar.rolled(first, roll)? } else { calendar.nth_working_day(first, days)? }
        }
        Count::Of(DayKind::Calendar, days) => {
            calendar.rolled(later(first, days.checked_add(added)?)?, roll)?
        }
        Count::Of(DayKind::Months, months) => {
            let date = first.checked_add_months(Months::new(months))?;
            calendar.rolled(later(date, added)?, roll)?
        }
        Count::Until(date) => calendar.rolled(later(date, added)?, roll)?,
    };
    Some(calendar.end_of_day(last).max(from))
}

/// How many days of a kind have come since the first, which never counts.
fn passed(calendar: &Calendar, kind: DayKind, start: Moment, until: Moment) -> u64 {
    let date = |at: Moment| at.local(calendar.zone()).date();
    match kind {
        DayKind::Working => calendar.working_days(date(start), date(until)),
        DayKind::Calendar | DayKind::Months => {
            u64::try_from((date(until) - date(start)).num_days()).unwrap_or(0)
        }
    }
}

/// Which days a number of days counts and how many they are; months as they lie from their start.
fn whole_days(calendar: &Calendar, count: Count, start: Moment) -> (DayKind, u64) {
    let first = start.local(calendar.zone()).date();
    match count {
        Count::Of(DayKind::Months, months) => {
            let last = first.checked_add_months(Months::new(months)).unwrap_or(first);
            (DayKind::Calendar, u64::try_from((last - first).num_days()).unwrap_or(0))
        }
        Count::Of(kind, days) => (kind, u64::from(days)),
        Count::Until(last) => (DayKind::Calendar, u64::try_from((last - first).num_days()).unwrap_or(0)),
    }
}

/// How many days after one day a pause adds: whole ones, and those of which more than half stood
/// still.
fn stood_days(calendar: &Calendar, kind: DayKind, after: Date, from: Moment, to: Moment) -> u32 {
    let zone = calendar.zone();
    let date = |at: Moment| at.local(zone).date();
    let (first, last) = (date(from), date(to));
    let counts = |day: Date| day > after && mostly(calendar, kind, day, from, to);
    if first == last {
        return u32::from(counts(first));
    }
    let inside = match (kind, last.pred_opt()) {
        (DayKind::Working, Some(until)) => calendar.working_days(first, until),
        (DayKind::Calendar | DayKind::Months, Some(until)) => {
            u64::try_from((until - first).num_days()).unwrap_or(0)
        }
        (DayKind::Working | DayKind::Calendar | DayKind::Months, None) => 0,
    };
    u32::from(counts(first)) + u32::from(counts(last)) + u32::try_from(inside).unwrap_or(u32::MAX)
}

/// Whether more than half of a day lies between two moments: of its hours, or of the day itself.
fn mostly(calendar: &Calendar, kind: DayKind, day: Date, from: Moment, to: Moment) -> bool {
    let (stood, whole) = match kind {
        DayKind::Working => {
            let whole: i64 = calendar.windows(day, day).map(|(a, b)| (b.millis() - a.millis()).max(0)).sum();
            (calendar.clipped(day, day, from, to), whole)
        }
        DayKind::Calendar | DayKind::Months => {
            let (a, b) = (calendar.at_minute(day, 0), calendar.at_minute(day, super::DAY_MINUTES));
            ((b.min(to).millis() - a.max(from).millis()).max(0), b.millis() - a.millis())
        }
    };
    stood * 2 > whole
}
