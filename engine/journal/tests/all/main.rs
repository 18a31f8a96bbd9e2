//! The stores from outside: each file holds all of them to the same promises.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

mod account;
mod exam;
mod tenant;
