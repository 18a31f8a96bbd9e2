//! The clock of the machine. Cases have their own.

use std::time::{SystemTime, UNIX_EPOCH};

/// The time outside, which signatures are dated by; cases have their own clock.
pub(crate) fn unix_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
