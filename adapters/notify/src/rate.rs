//! Rates: how often a channel may be used, so that a gateway does not shut us out.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use paidan_model::channel::Rate;

/// Remembers when a channel was used last.
#[derive(Debug)]
pub struct Gate {
    rate: Rate,
    used: Mutex<VecDeque<Instant>>,
}

impl Gate {
    /// A gate that lets through what a rate allows.
    pub fn new(rate: Rate) -> Self {
        Self { rate, used: Mutex::default() }
    }

    /// Lets one message through, or says after how many seconds to come again.
    ///
    /// # Errors
    /// The seconds, at least 1.
    pub fn pass(&self, now: Instant) -> Result<(), u32> {
        let window = Duration::from_secs(u64::from(self.rate.seconds));
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        while used.front().is_some_and(|first| now.duration_since(*first) >= window) {
            used.pop_front();
        }
        match used.front() {
            Some(first) if used.len() >= self.rate.count as usize => {
                let left = window.saturating_sub(now.duration_since(*first));
                Err(u32::try_from(left.as_secs()).unwrap_or(u32::MAX).saturating_add(1))
            }
            Some(_) | None => {
                used.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_rate_in_any_window() {
        let gate = Gate::new(Rate { count: 2, seconds: 60 });
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(gate.pass(at(0)), Ok(()));
        assert_eq!(gate.pass(at(50)), Ok(()));
        assert_eq!(gate.pass(at(55)), Err(6));
        assert_eq!(gate.pass(at(60)), Ok(()));
        assert_eq!(gate.pass(at(61)), Err(50));
    }
}
