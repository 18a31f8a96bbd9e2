//! Checks that span crates, and the layout rules.
#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod ballot;
mod claim;
mod oracle;
mod promise;
mod rights;
mod scene;
mod tidy;
mod town;
