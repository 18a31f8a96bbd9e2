//! Durations: each says which time it counts, for "one day" is not eight hours and not twenty-four.

use alloc::string::{String, ToString};
use core::fmt;
use serde::{Deserialize, Serialize};

/// The largest number in a duration.
pub const COUNT_MAX: u64 = 100_000;

/// A duration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// Only seconds in which the calendar is open.
    Business {
        /// How many.
        seconds: u64,
    },
    /// Working days, the first not counted; due at the close of the last.
    BusinessDays {
        /// How many.
        days: u32,
    },
    /// Days, the first not counted; due at the close of the last.
    CalendarDays {
        /// How many.
        days: u32,
    },
    /// Months: the same day number, else the last day of the month.
    CalendarMonths {
        /// How many.
        months: u32,
    },
    /// Elapsed time.
    Real {
        /// How many.
        seconds: u64,
    },
}

/// Why a text is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// `1 day`: business, calendar or real is missing.
    #[error("`{0}` does not say which time it counts")]
    NoKind(String),
    /// A unit that the kind does not have.
    #[error("`{0}` is no unit of that kind of time")]
    UnknownUnit(String),
    /// Something else than a number, a kind and a unit.
    #[error("`{0}` is no duration")]
    NotADuration(String),
    /// None at all.
    #[error("a duration is at least 1")]
    Zero,
    /// More than [`COUNT_MAX`].
    #[error("a duration is at most {COUNT_MAX}")]
    TooLarge,
}

impl Span {
    /// Reads `4 business hours`.
    ///
    /// # Errors
    /// A [`SpanError`] that tells a missing kind from an unknown unit.
    pub fn parse(text: &str) -> Result<Self, SpanError> {
        let mut words = text.split(' ');
        let not = || SpanError::NotADuration(text.to_string());
        let number = words.next().ok_or_else(not)?;
        let count = number_of(number).ok_or_else(not)?;
        let kind = words.next().ok_or_else(not)?;
        let written = match (kind, words.next(), words.next()) {
            ("business" | "calendar" | "real", Some(unit), None) => unit,
            (unit, None, None) if is_unit(unit) => return Err(SpanError::NoKind(text.to_string())),
            _ => return Err(not()),
        };
        match count {
            0 => return Err(SpanError::Zero),
            1..=COUNT_MAX => {}
            _ => return Err(SpanError::TooLarge),
        }
        let days = u32::try_from(count).map_err(|_| SpanError::TooLarge)?;
        match (kind, written.strip_suffix('s').unwrap_or(written)) {
            ("business", "minute") => Ok(Self::Business { seconds: count * 60 }),
            ("business", "hour") => Ok(Self::Business { seconds: count * 3600 }),
            ("business", "day") => Ok(Self::BusinessDays { days }),
            ("calendar", "day") => Ok(Self::CalendarDays { days }),
            ("calendar", "month") => Ok(Self::CalendarMonths { months: days }),
            ("calendar", "year") => Ok(Self::CalendarMonths { months: days * 12 }),
            ("real", "second") => Ok(Self::Real { seconds: count }),
            ("real", "minute") => Ok(Self::Real { seconds: count * 60 }),
            ("real", "hour") => Ok(Self::Real { seconds: count * 3600 }),
            _ => Err(SpanError::UnknownUnit(written.to_string())),
        }
    }

    /// The number and the words of its unit, in English and Chinese.
    fn parts(&self) -> (u64, &'static str, &'static str) {
        match self {
            Self::Business { seconds } if seconds.is_multiple_of(3600) => {
                (seconds / 3600, "business hour", "个工作小时")
            }
            Self::Business { seconds } if seconds.is_multiple_of(60) => {
                (seconds / 60, "business minute", "个工作分钟")
            }
            Self::Business { seconds } => (*seconds, "business second", "个工作秒"),
            Self::BusinessDays { days } => (u64::from(*days), "business day", "个工作日"),
            Self::CalendarDays { days } => (u64::from(*days), "calendar day", "天"),
            Self::CalendarMonths { months } if months.is_multiple_of(12) => {
                (u64::from(months / 12), "calendar year", "年")
            }
            Self::CalendarMonths { months } => (u64::from(*months), "calendar month", "个月"),
            Self::Real { seconds } if seconds.is_multiple_of(3600) => {
                (seconds / 3600, "real hour", "小时（不分昼夜）")
            }
            Self::Real { seconds } if seconds.is_multiple_of(60) => {
                (seconds / 60, "real minute", "分钟（不分昼夜）")
            }
            Self::Real { seconds } => (*seconds, "real second", "秒"),
        }
    }

    /// The duration in Chinese.
    #[must_use]
    pub fn words_zh(&self) -> String {
        let (count, _, unit) = self.parts();
        alloc::format!("{count}{unit}")
    }
}

fn number_of(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain && !text.is_empty() { Some(text.parse().unwrap_or(u64::MAX)) } else { None }
}

fn is_unit(text: &str) -> bool {
    let unit = text.strip_suffix('s').unwrap_or(text);
    ["second", "minute", "hour", "day", "week", "month", "year"].contains(&unit)
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit, _) = self.parts();
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}
