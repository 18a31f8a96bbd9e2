//! Checks that span crates, and the layout rules.
#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod ballot;
mod claim;
mod golden;
mod oracle;
mod promise;
mod record;
mod rights;
mod scene;
mod tidy;
mod town;
