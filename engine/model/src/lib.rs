//! The agreed things: workflow, guard, calendar, roster, moments and durations.
//!
//! Pure values without clock, randomness or I/O. The language makes them, the machine runs them.
#![no_std]

extern crate alloc;

mod absent;
pub mod calendar;
pub mod channel;
pub mod claim;
pub mod clock;
pub mod commitment;
pub mod duty;
pub mod field;
pub mod guard;
pub mod id;
pub mod leg;
pub mod moment;
pub mod money;
pub mod notice;
pub mod outcome;
pub mod period;
pub mod phone;
pub mod roster;
mod rung;
pub mod schedule;
pub mod script;
pub mod span;
pub mod split;
pub mod start;
pub mod state;
pub mod table;
pub mod text;
pub mod value;
pub mod vote;
pub mod workflow;
