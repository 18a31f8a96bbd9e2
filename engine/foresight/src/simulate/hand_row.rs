//! What was counted at one hand, and when that is too much.

use serde::Serialize;

use super::town::Hand;

/// How many late parts are the least of which a bottleneck is told.
pub const LATE_LEAST: u64 = 5;

/// Of a thousand parts, how many late ones are the least of which a bottleneck is told.
pub const LATE_PERMILLE_LEAST: u64 = 100;

/// What was counted at one hand. Parts are what it did, and what was taken from it after a limit
/// had run out there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HandRow {
    /// Whose; residents of a role are one hand.
    pub hand: Hand,
    /// How many work there.
    pub people: u32,
    /// How long a handling takes, in minutes.
    pub minutes: u32,
    /// Parts that were done.
    pub handled: u64,
    /// Parts in which a limit ran out while they lay here, done or taken away.
    pub late: u64,
    /// Of a thousand parts, those.
    pub late_permille: u64,
    /// Handlings in which nothing could be done any more.
    pub vain: u64,
    /// The most that waited at once.
    pub longest: u32,
    /// Those that still wait.
    pub waiting: u32,
    /// The weekday on which most wait, by the mean of what waits at most on its days; 0 is Monday.
    pub weekday: Option<u8>,
    /// That mean, in tenths.
    pub weekday_tenths: u64,
    /// Whether that weekday stands out: its mean is at least a quarter above that of all days, and
    /// it was so twice.
    pub stands_out: bool,
    /// Minutes of one working day.
    #[serde(skip)]
    pub day_minutes: u32,
}

impl HandRow {
    /// Whether more comes here than can be done: see
    /// [`Report::bottleneck`](super::report::Report::bottleneck). Residents wait for nobody.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        let resident = matches!(self.hand, Hand::Resident { .. });
        let late = self.late >= LATE_LEAST
            && self.late_permille >= LATE_PERMILLE_LEAST
            && self.longest > self.people;
        let work = u64::from(self.longest) * u64::from(self.minutes);
        !resident && (late || work > u64::from(self.day_minutes) * u64::from(self.people))
    }
}
