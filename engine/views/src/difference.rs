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
pub mod town;
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
    at_most(part::compare(&outline::outline(old, new), &outline::outline(new, old)))
}

/// The first lines, and how many more there are.
fn at_most(mut found: Vec<Text>) -> Vec<Text> {
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
