//! What a new version of a workflow changes, in terms of the process: for whoever decides whether it goes into force.
//!
//! Each kind of part is taken to pieces once, by a pattern that names every member: a member that is new to the model
//! does not compile before it is told here. What was said is compared with what is said, a line for each difference.

mod effect;
mod form;
mod member;
mod outline;
mod part;
mod step;
mod time;
mod words;

use alloc::format;
use alloc::vec::Vec;
use paidan_model::text::Text;
use paidan_model::workflow::Workflow;

/// The most lines that are told; one more says how many were left out.
pub const LINES_MAX: usize = 500;

/// What differs, in order of the parts of a definition; empty when nothing does. The version is not told.
#[must_use]
pub fn difference(old: &Workflow, new: &Workflow) -> Vec<Text> {
    let mut found = part::compare(&outline::outline(old, new), &outline::outline(new, old));
    let left = found.len().saturating_sub(LINES_MAX);
    if left > 0 {
        found.truncate(LINES_MAX);
        found.push(words::text(
            format!("另有{left}处改动没有列出"),
            format!("{left} more differences are not listed"),
        ));
    }
    found
}
