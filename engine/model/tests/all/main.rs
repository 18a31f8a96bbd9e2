//! Calendars and budgets against vectors that were computed elsewhere.
#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod vectors;
