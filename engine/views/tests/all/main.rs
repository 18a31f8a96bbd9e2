//! What people look at, made from the shipped definitions.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests")]

mod difference;
mod drawing;
mod matching;
