//! Moments: points in time, in whole milliseconds of UTC, and zones to see them from.

use alloc::format;
use alloc::string::{String, ToString};
use chrono::{DateTime, LocalResult, NaiveDateTime, Offset as _, TimeZone as _, Timelike as _, Utc};
use serde::{Deserialize, Serialize};

pub use chrono::NaiveDate as Date;

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(i64);

/// A time zone by its IANA name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(chrono_tz::Tz);

/// When clocks on the wall show a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Showing {
    /// At one moment.
    Once(Moment),
    /// At two, where clocks were put back.
    Twice(Moment, Moment),
    /// Never, for clocks were put forward.
    Skipped {
        /// The first moment after the gap.
        resumes: Moment,
    },
}

/// Milliseconds around a skipped time within which its gap lies: no zone is further from UTC than a day, and no gap
/// longer.
const GAP_AROUND: i64 = 2 * 86_400_000;

impl Default for Zone {
    /// The zone of a town that names none.
    fn default() -> Self {
        Self::SHANGHAI
    }
}

/// A text that names no zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no time zone")]
pub struct NotAZone(pub String);

impl Zone {
    /// The zone all of China keeps.
    pub const SHANGHAI: Self = Self(chrono_tz::Asia::Shanghai);

    /// The zone of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        name.parse().ok().map(Self)
    }

    /// How many seconds clocks on the wall are ahead of UTC at a time of UTC.
    pub(crate) fn offset_at(self, utc: NaiveDateTime) -> i32 {
        self.0.offset_from_utc_datetime(&utc).fix().local_minus_utc()
    }

    /// The zone's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name()
    }
}

impl TryFrom<String> for Zone {
    type Error = NotAZone;
    fn try_from(name: String) -> Result<Self, NotAZone> {
        Self::parse(&name).ok_or(NotAZone(name))
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> String {
        zone.name().to_string()
    }
}

impl Moment {
    /// The moment so many milliseconds after 1970 began in UTC.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970 began in UTC.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Later by milliseconds (earlier, when negative); stays at the end of time.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Later by seconds (earlier, when negative); stays at the end of time.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1000))
    }

    /// Reads RFC 3339.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|at| Self(at.timestamp_millis()))
    }

    /// Reads `YYYY-MM-DD hh:mm` as local time of a zone.
    #[must_use]
    pub fn parse_local(text: &str, zone: &Zone) -> Option<Self> {
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").ok()?;
        Some(Self::from_local(local, zone))
    }

    /// RFC 3339 in UTC with milliseconds.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.utc().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }

    /// RFC 3339 as clocks on the wall show it, with milliseconds and the offset of the zone.
    #[must_use]
    pub fn rfc3339_in(self, zone: &Zone) -> String {
        self.utc().with_timezone(&zone.0).format("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
    }

    /// The same in whole seconds, as schedules fall.
    #[must_use]
    pub fn rfc3339_seconds_in(self, zone: &Zone) -> String {
        self.utc().with_timezone(&zone.0).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// What clocks on the wall show.
    #[must_use]
    pub fn local(self, zone: &Zone) -> NaiveDateTime {
        self.utc().with_timezone(&zone.0).naive_local()
    }

    /// `YYYY-MM-DD hh:mm` on the wall.
    #[must_use]
    pub fn local_text(self, zone: &Zone) -> String {
        format!("{}", self.local(zone).format("%Y-%m-%d %H:%M"))
    }

    /// Minutes since local midnight.
    #[must_use]
    pub fn minute_of_day(self, zone: &Zone) -> u16 {
        let local = self.local(zone);
        u16::try_from(local.hour() * 60 + local.minute()).unwrap_or(0)
    }

    /// The moment when clocks on the wall show `local`: the first of two, or the first after a gap.
    #[must_use]
    pub fn from_local(local: NaiveDateTime, zone: &Zone) -> Self {
        match Self::showing(local, zone) {
            Showing::Once(at) | Showing::Twice(at, _) | Showing::Skipped { resumes: at } => at,
        }
    }

    /// The moments when clocks on the wall show `local`.
    #[must_use]
    pub fn showing(local: NaiveDateTime, zone: &Zone) -> Showing {
        let moment = |at: DateTime<chrono_tz::Tz>| Self(at.timestamp_millis());
        match zone.0.from_local_datetime(&local) {
            LocalResult::Single(at) => Showing::Once(moment(at)),
            LocalResult::Ambiguous(first, second) => Showing::Twice(moment(first), moment(second)),
            LocalResult::None => Showing::Skipped { resumes: Self::first_past(local, zone) },
        }
    }

    /// The first moment when clocks on the wall show more than `local`, which they skip: halves the time around it.
    fn first_past(local: NaiveDateTime, zone: &Zone) -> Self {
        let middle = local.and_utc().timestamp_millis();
        let (mut before, mut past) = (middle.saturating_sub(GAP_AROUND), middle.saturating_add(GAP_AROUND));
        while before + 1 < past {
            let half = before + (past - before) / 2;
            if Self(half).local(zone) < local {
                before = half;
            } else {
                past = half;
            }
        }
        Self(past)
    }
}
