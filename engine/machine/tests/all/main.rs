//! Counting, a second time: slow and obvious oracles of tallies and shares.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

mod split;
mod tally;
