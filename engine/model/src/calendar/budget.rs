//! Budgets: what is left of a clock, in its own unit. A pause never shifts a date by wall time.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::{Calendar, Due, Roll};
use crate::moment::Moment;
use crate::span::Span;

/// Which days a day budget counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// Working days.
    Working,
    /// All days.
    Calendar,
    /// Months.
    Months,
}

/// What is left of a clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Budget {
    /// Seconds of business.
    Business {
        /// Left.
        left: u64,
        /// Of so many.
        of: u64,
    },
    /// Seconds of elapsed time.
    Real {
        /// Left.
        left: u64,
        /// Of so many.
        of: u64,
    },
    /// Whole days or months, counted from the start, with the days of pauses added.
    Days {
        /// Which days.
        kind: DayKind,
        /// How many.
        count: u32,
        /// Days that pauses added.
        #[serde(default, skip_serializing_if = "is_zero")]
        added: u32,
        /// When the clock first started; absent until it first stands still.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        start: Option<Moment>,
        /// When it last began to stand still.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        paused: Option<Moment>,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Budget {
    /// The whole budget of a duration.
    #[must_use]
    pub fn of(span: &Span) -> Self {
        let days = |kind, count| Self::Days { kind, count, added: 0, start: None, paused: None };
        match span {
            Span::Business { seconds } => Self::Business { left: *seconds, of: *seconds },
            Span::Real { seconds } => Self::Real { left: *seconds, of: *seconds },
            Span::BusinessDays { days: count } => days(DayKind::Working, *count),
            Span::CalendarDays { days: count } => days(DayKind::Calendar, *count),
            Span::CalendarMonths { months } => days(DayKind::Months, *months),
        }
    }

    /// The due moment of what is left, when the clock starts or goes on at `from`.
    #[must_use]
    pub fn due(&self, calendar: &Calendar, from: Moment, roll: Roll) -> Option<Due> {
        match self {
            Self::Business { left, .. } => calendar.due(from, &Span::Business { seconds: *left }, roll),
            Self::Real { left, .. } => calendar.due(from, &Span::Real { seconds: *left }, roll),
            Self::Days { kind, count, added, start, paused } => {
                let added =
                    added.checked_add(paused.map_or(0, |paused| counted(calendar, *kind, paused, from)))?;
                let start = start.unwrap_or(from);
                match kind {
                    DayKind::Working => {
                        calendar.due(start, &Span::BusinessDays { days: count.checked_add(added)? }, roll)
                    }
                    DayKind::Calendar => {
                        calendar.due(start, &Span::CalendarDays { days: count.checked_add(added)? }, roll)
                    }
                    DayKind::Months => {
                        let due = calendar.due(start, &Span::CalendarMonths { months: *count }, roll)?;
                        let more = Span::CalendarDays { days: added };
                        if added == 0 { Some(due) } else { calendar.due(due.at, &more, roll) }
                    }
                }
            }
        }
    }

    /// The due moment with what was granted on top: each from the due moment of what comes before it.
    #[must_use]
    pub fn due_with(&self, more: &[Self], calendar: &Calendar, from: Moment, roll: Roll) -> Option<Due> {
        let first = self.due(calendar, from, roll)?;
        more.iter().try_fold(first, |before, budget| {
            let due = budget.due(calendar, before.at, roll)?;
            Some(Due { at: due.at, provisional: due.provisional || before.provisional })
        })
    }

    /// What is left of this and of what was granted on top, when a clock that runs since `from` stands still at `now`: the
    /// first is used up before the second. Days that stand still move whatever comes after them.
    #[must_use]
    pub fn pause_with(
        &self,
        more: &[Self],
        calendar: &Calendar,
        from: Moment,
        now: Moment,
        roll: Roll,
    ) -> (Self, Vec<Self>) {
        let first = self.pause(calendar, from, now);
        let mut since = match self {
            Self::Days { .. } => None,
            Self::Business { .. } | Self::Real { .. } => self.due(calendar, from, roll).map(|due| due.at),
        };
        let rest = more.iter().map(|budget| {
            let Some(began) = since.filter(|began| *began < now) else { return budget.clone() };
            since = match budget {
                Self::Days { .. } => None,
                Self::Business { .. } | Self::Real { .. } => {
                    budget.due(calendar, began, roll).map(|due| due.at)
                }
            };
            budget.pause(calendar, began, now)
        });
        (first, rest.collect())
    }

    /// What is left when a clock that runs since `from` stands still at `now`.
    #[must_use]
    pub fn pause(&self, calendar: &Calendar, from: Moment, now: Moment) -> Self {
        match self {
            Self::Business { left, of } => {
                let used = u64::try_from(calendar.business_seconds(from, now)).unwrap_or(0);
                Self::Business { left: left.saturating_sub(used), of: *of }
            }
            Self::Real { left, of } => {
                let used = u64::try_from((now.millis() - from.millis()) / 1000).unwrap_or(0);
                Self::Real { left: left.saturating_sub(used), of: *of }
            }
            Self::Days { kind, count, added, start, paused } => Self::Days {
                kind: *kind,
                count: *count,
                added: added
                    .saturating_add(paused.map_or(0, |paused| counted(calendar, *kind, paused, from))),
                start: Some(start.unwrap_or(from)),
                paused: Some(now),
            },
        }
    }

    /// The same start and the same time used, with another limit. Time used in another unit cannot be
    /// carried over; then the whole new limit counts from where this one does.
    #[must_use]
    pub fn with_limit(&self, new: &Self) -> Self {
        match (self, new) {
            (Self::Business { left, of }, Self::Business { of: new, .. }) => {
                Self::Business { left: new.saturating_sub(of.saturating_sub(*left)), of: *new }
            }
            (Self::Real { left, of }, Self::Real { of: new, .. }) => {
                Self::Real { left: new.saturating_sub(of.saturating_sub(*left)), of: *new }
            }
            (Self::Days { added, start, paused, .. }, Self::Days { kind, count, .. }) => {
                Self::Days { kind: *kind, count: *count, added: *added, start: *start, paused: *paused }
            }
            (Self::Business { .. } | Self::Real { .. } | Self::Days { .. }, _) => new.clone(),
        }
    }

    /// Another limit of which the same share is used. `from` is when the clock started or went on, `until`
    /// now, or `from` of a clock that stands still. A share of days is one of whole days, today among them,
    /// rounded down; the same limit once more changes nothing.
    #[must_use]
    pub fn prorate(&self, new: &Self, calendar: &Calendar, from: Moment, until: Moment) -> Self {
        let (used, whole) = self.consumed(calendar, from, until);
        let rest = |n: u64| {
            let gone = u128::from(n) * u128::from(used.min(whole)) / u128::from(whole.max(1));
            n.saturating_sub(u64::try_from(gone).unwrap_or(n))
        };
        match new {
            Self::Business { of, .. } => {
                let since = u64::try_from(calendar.business_seconds(from, until)).unwrap_or(0);
                Self::Business { left: rest(*of).saturating_add(since), of: *of }
            }
            Self::Real { of, .. } => {
                Self::Real { left: rest(*of).saturating_add(seconds(from, until)), of: *of }
            }
            Self::Days { .. } if used == 0 && matches!(self, Self::Days { .. }) => self.with_limit(new),
            Self::Days { kind, count, .. } => {
                let start = match self {
                    Self::Days { start, .. } => start.unwrap_or(from),
                    Self::Business { .. } | Self::Real { .. } => from,
                };
                let rest = rest(whole_days(calendar, *kind, *count, start));
                let kind = match kind {
                    DayKind::Working if rest > 0 => DayKind::Working,
                    DayKind::Working | DayKind::Calendar | DayKind::Months => DayKind::Calendar,
                };
                let still = matches!(self, Self::Days { paused: Some(paused), .. } if *paused == until);
                Self::Days {
                    kind,
                    count: u32::try_from(rest).unwrap_or(u32::MAX),
                    added: 0,
                    start: Some(until),
                    paused: still.then_some(until),
                }
            }
        }
    }

    /// Another limit of which the same share is used, and what is left of what was granted on top: that stays as it is.
    #[must_use]
    pub fn prorate_with(
        &self,
        more: &[Self],
        new: &Self,
        calendar: &Calendar,
        (from, until): (Moment, Moment),
        roll: Roll,
    ) -> (Self, Vec<Self>) {
        let (_, more) = self.pause_with(more, calendar, from, until, roll);
        (self.prorate(new, calendar, from, until), more)
    }

    /// How much of the whole was used until a moment, in seconds, or in days of a budget of days.
    fn consumed(&self, calendar: &Calendar, from: Moment, until: Moment) -> (u64, u64) {
        match self {
            Self::Business { left, of } => {
                let since = u64::try_from(calendar.business_seconds(from, until)).unwrap_or(0);
                (of.saturating_sub(*left).saturating_add(since), *of)
            }
            Self::Real { left, of } => (of.saturating_sub(*left).saturating_add(seconds(from, until)), *of),
            Self::Days { kind, count, added, start, paused } => {
                let start = start.unwrap_or(from);
                let stood = added.saturating_add(paused.map_or(0, |p| counted(calendar, *kind, p, from)));
                let gone = passed(calendar, *kind, start, until).saturating_sub(u64::from(stood));
                (gone, whole_days(calendar, *kind, *count, start))
            }
        }
    }

    /// The moment at which so many percent of the whole budget are used, for a clock that runs since
    /// `from` and is due at `due`; of day budgets, percent of the business time between start and due.
    #[must_use]
    pub fn share(&self, calendar: &Calendar, from: Moment, due: Moment, percent: u8) -> Option<Moment> {
        let percent = u64::from(percent);
        let until = |left: u64, of: u64| (of * percent).div_ceil(100).saturating_sub(of.saturating_sub(left));
        let at = match self {
            Self::Business { left, of } => calendar.add_business_seconds(from, until(*left, *of))?,
            Self::Real { left, of } => from.plus_seconds(i64::try_from(until(*left, *of)).ok()?),
            Self::Days { start, .. } => {
                let start = start.unwrap_or(from);
                let whole = u64::try_from(calendar.business_seconds(start, due)).ok()?;
                calendar.add_business_seconds(start, (whole * percent).div_ceil(100))?
            }
        };
        Some(at.max(from).min(due))
    }

    /// How many percent of the whole budget are used at `now`, from 0; over 100 when late.
    #[must_use]
    pub fn used(&self, calendar: &Calendar, from: Moment, due: Moment, now: Moment) -> u64 {
        let (used, whole) = match self {
            Self::Business { left, of } => {
                let since = u64::try_from(calendar.business_seconds(from, now)).unwrap_or(0);
                (of.saturating_sub(*left).saturating_add(since), *of)
            }
            Self::Real { left, of } => {
                let since = u64::try_from((now.millis() - from.millis()) / 1000).unwrap_or(0);
                (of.saturating_sub(*left).saturating_add(since), *of)
            }
            Self::Days { start, .. } => {
                let start = start.unwrap_or(from);
                let seconds = |to| u64::try_from(calendar.business_seconds(start, to)).unwrap_or(0);
                (seconds(now), seconds(due))
            }
        };
        used.saturating_mul(100).checked_div(whole).unwrap_or(100)
    }
}

/// Seconds of elapsed time.
fn seconds(from: Moment, to: Moment) -> u64 {
    u64::try_from((to.millis() - from.millis()) / 1000).unwrap_or(0)
}

/// How many days of a budget have come since its first, which never counts.
fn passed(calendar: &Calendar, kind: DayKind, start: Moment, until: Moment) -> u64 {
    let date = |at: Moment| at.local(calendar.zone()).date();
    match kind {
        DayKind::Working => calendar.working_days(date(start), date(until)),
        DayKind::Calendar | DayKind::Months => {
            u64::try_from((date(until) - date(start)).num_days()).unwrap_or(0)
        }
    }
}

/// How many days a budget of days has; months as they lie from its start.
fn whole_days(calendar: &Calendar, kind: DayKind, count: u32, start: Moment) -> u64 {
    match kind {
        DayKind::Working | DayKind::Calendar => u64::from(count),
        DayKind::Months => {
            let date = start.local(calendar.zone()).date();
            let last = date.checked_add_months(chrono::Months::new(count)).unwrap_or(date);
            u64::try_from((last - date).num_days()).unwrap_or(0)
        }
    }
}

/// How many days a pause adds: whole days, and those of which more than half was paused.
fn counted(calendar: &Calendar, kind: DayKind, from: Moment, to: Moment) -> u32 {
    let zone = calendar.zone();
    let (first, last) = (from.local(zone).date(), to.local(zone).date());
    let mut added = 0;
    for date in first.iter_days().take_while(|date| *date <= last) {
        let (start, end) = (calendar.at_minute(date, 0), calendar.at_minute(date, super::DAY_MINUTES));
        let (a, b) = (start.max(from), end.min(to));
        let (paused, whole) = match kind {
            DayKind::Working => (calendar.business_seconds(a, b), calendar.business_seconds(start, end)),
            DayKind::Calendar | DayKind::Months => {
                ((b.millis() - a.millis()) / 1000, (end.millis() - start.millis()) / 1000)
            }
        };
        added += u32::from(whole > 0 && paused.max(0) * 2 > whole);
    }
    added
}
