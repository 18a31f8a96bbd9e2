//! What people look at: rows of lists, a case's history in words, the picture of a workflow.
#![no_std]

extern crate alloc;

pub mod alike;
pub mod arithmetic;
pub mod candidate;
pub mod days;
pub mod difference;
pub mod drawing;
pub mod eventlog;
pub mod filter;
pub mod ladder;
pub mod listing;
pub mod matching;
pub mod people;
pub mod progress;
pub mod refused;
pub mod rules;
pub mod shares;
pub mod sheet;
pub mod standing;
pub mod strip;
pub mod timeline;
pub mod worklist;

pub use drawing::drawing;
pub use refused::refused;
pub use timeline::sentence;
pub use worklist::{Row, rows};
