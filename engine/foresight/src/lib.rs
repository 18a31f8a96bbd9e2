//! What could happen: scripts run through the machine with a pretend clock, and what they cover.
#![no_std]

extern crate alloc;

pub mod coverage;
pub mod script;
mod see;
pub mod simulate;
mod stage;

pub use coverage::Coverage;
pub use script::{Failure, Verdict, run};
