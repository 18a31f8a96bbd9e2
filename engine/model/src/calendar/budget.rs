//! Budgets: what is left of a clock, in its own unit, as records and pages show it.

use serde::{Deserialize, Serialize};

use super::Goal;
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

    /// What a clock with this budget counts towards.
    #[must_use]
    pub fn goal(&self) -> Goal {
        Goal::Span(match self {
            Self::Business { of, .. } => Span::Business { seconds: *of },
            Self::Real { of, .. } => Span::Real { seconds: *of },
            Self::Days { kind: DayKind::Working, count, .. } => Span::BusinessDays { days: *count },
            Self::Days { kind: DayKind::Calendar, count, .. } => Span::CalendarDays { days: *count },
            Self::Days { kind: DayKind::Months, count, .. } => Span::CalendarMonths { months: *count },
        })
    }
}
