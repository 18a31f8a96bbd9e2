//! The engine over a town in memory.
#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod starts;
mod town;
