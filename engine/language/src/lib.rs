//! What was written: TOML with the place of every value becomes an agreed workflow, or all findings.
//!
//! Text, blocks and profile are expanded on the tree; then the tree is read, its names are resolved,
//! and the whole is checked. Nothing here runs a case.

mod agreed;
pub mod block;
mod check;
pub mod code;
mod duration;
mod encoding;
pub mod explain;
pub mod finding;
pub mod guard;
mod level;
mod library;
pub mod print;
mod profile;
pub mod read;
mod reader;
pub mod recurrence;
mod resolve;
pub mod schema;
pub mod source;
mod tree;
mod version;
pub mod words;

pub use code::Code;
pub use finding::{Finding, Level};
pub use library::{Agreed, Checked, Library, Unread};
pub use profile::Form;
pub use read::Settings;
pub use read::profile::AS_WRITTEN;
pub use schema::Document;
