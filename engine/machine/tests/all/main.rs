//! Counting and moving, a second time: slow and obvious oracles of tallies, shares and charts.
#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod chart;
mod split;
mod tally;
