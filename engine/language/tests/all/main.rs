//! Definitions as they are written: what is found in them, and what they do.
#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod ballots;
mod conditions;
mod explain;
mod findings;
mod lived;
mod profiles;
mod recurrence;
