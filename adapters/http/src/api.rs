//! The JSON API, below `/v1`.

pub mod absence;
pub mod access;
pub mod ballot;
pub mod batch;
pub mod caller;
pub mod case;
pub mod cursor;
pub mod eventlog;
pub mod file;
pub mod json;
pub mod list;
pub mod publish;
pub mod records;
pub mod saved;
pub mod split;
pub mod workflow;
