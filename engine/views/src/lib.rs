//! What people look at: rows of lists, and a case's history in words.
#![no_std]

extern crate alloc;

pub mod arithmetic;
pub mod sheet;
pub mod timeline;
pub mod worklist;

pub use timeline::sentence;
pub use worklist::{Row, rows};
