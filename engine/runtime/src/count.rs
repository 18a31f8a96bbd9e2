//! Counts of what happened since the start, for those who watch the process.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts; each only grows.
#[derive(Debug, Default)]
pub struct Counts {
    /// Commands that were made durable.
    pub stored: AtomicU64,
    /// Commands that the rules refused.
    pub refused: AtomicU64,
    /// Commands that were answered before.
    pub repeated: AtomicU64,
    /// Commands turned away because too many waited.
    pub busy: AtomicU64,
    /// Commands whose outcome the store could not say.
    pub unknown: AtomicU64,
    /// Commands that the store failed.
    pub failed: AtomicU64,
    /// Transactions.
    pub commits: AtomicU64,
    /// Microseconds spent in transactions.
    pub commit_micros: AtomicU64,
    /// Messages delivered.
    pub delivered: AtomicU64,
    /// Messages put off.
    pub put_off: AtomicU64,
    /// Messages given up.
    pub dead: AtomicU64,
}

/// Adds to a count.
pub(crate) fn add(count: &AtomicU64, more: u64) {
    count.fetch_add(more, Ordering::Relaxed);
}
