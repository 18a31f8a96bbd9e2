//! The visitors of a demonstration who have no account.

use crate::articles::WISHER;

/// Whether somebody is a resident of the demonstration, who has no account: of its story, or of the
/// articles' cases.
pub fn is_guest(subject: &str) -> bool {
    paidan_http::is_resident_of_story(subject) || subject.starts_with(WISHER)
}
