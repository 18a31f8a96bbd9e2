//! How grave a finding is.

use serde::Serialize;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// An error: the definition is refused, unless it is one of a lint and the definition accepts it.
    Error,
    /// A lint: may be accepted by code, with a reason.
    Lint,
}
