//! The throttle of logins: each failure at a door makes the next try wait longer.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Failures that cost no waiting.
pub const FREE: u32 = 5;
/// The longest wait, in seconds.
pub const WAIT_SECONDS_MAX: u32 = 900;
/// Doors remembered at once; beyond it those that failed longest ago are forgotten.
pub const DOORS_MAX: usize = 10_000;

#[derive(Clone, Copy, Debug)]
struct Door {
    failures: u32,
    last: i64,
}

/// Remembers failures, in memory only: a restart forgives.
#[derive(Debug, Default)]
pub struct Throttle {
    doors: Mutex<BTreeMap<String, Door>>,
}

/// Seconds to wait after so many failures.
fn wait(failures: u32) -> u32 {
    let over = failures.saturating_sub(FREE);
    if over == 0 { 0 } else { 2u32.saturating_pow(over.min(16)).min(WAIT_SECONDS_MAX) }
}

impl Throttle {
    fn doors(&self) -> MutexGuard<'_, BTreeMap<String, Door>> {
        self.doors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether one may try at all these doors now.
    ///
    /// # Errors
    /// The seconds to wait.
    pub fn ask(&self, doors: &[String], now: i64) -> Result<(), u32> {
        let known = self.doors();
        let left = |name: &String| {
            let door = known.get(name)?;
            let until = door.last.saturating_add(i64::from(wait(door.failures)) * 1_000);
            u32::try_from((until - now + 999) / 1_000).ok().filter(|seconds| *seconds > 0)
        };
        doors.iter().filter_map(left).max().map_or(Ok(()), Err)
    }

    /// Notes a failure.
    pub fn failed(&self, doors: &[String], now: i64) {
        let mut known = self.doors();
        if known.len() >= DOORS_MAX {
            let oldest = known.iter().min_by_key(|(_, door)| door.last).map(|(name, _)| name.clone());
            oldest.map(|name| known.remove(&name));
        }
        for name in doors {
            let door = known.entry(name.clone()).or_insert(Door { failures: 0, last: now });
            door.failures = door.failures.saturating_add(1);
            door.last = now;
        }
    }

    /// Forgets the failures at these doors.
    pub fn passed(&self, doors: &[String]) {
        let mut known = self.doors();
        known.retain(|name, _| !doors.contains(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_after_the_free_ones_doubles_waits() {
        let throttle = Throttle::default();
        let doors = ["name:lin".to_string()];
        for _ in 0..FREE {
            assert_eq!(throttle.ask(&doors, 0), Ok(()));
            throttle.failed(&doors, 0);
        }
        assert_eq!(throttle.ask(&doors, 0), Ok(()));
        throttle.failed(&doors, 0);
        assert_eq!(throttle.ask(&doors, 0), Err(2));
        assert_eq!(throttle.ask(&doors, 1_999), Err(1));
        assert_eq!(throttle.ask(&doors, 2_000), Ok(()));
        for _ in 0..40 {
            throttle.failed(&doors, 2_000);
        }
        assert_eq!(throttle.ask(&doors, 2_000), Err(WAIT_SECONDS_MAX));
        throttle.passed(&doors);
        assert_eq!(throttle.ask(&doors, 2_000), Ok(()));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let throttle = Throttle::default();
        for n in 0..DOORS_MAX + 50 {
            throttle.failed(&[format!("from:{n}")], i64::try_from(n).unwrap_or(0));
        }
        assert!(throttle.doors().len() <= DOORS_MAX);
    }
}
