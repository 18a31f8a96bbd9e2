//! What a clock counts towards.

use serde::{Deserialize, Serialize};

use super::Day;
use crate::moment::Moment;
use crate::span::Span;

/// What a clock counts towards: its limit, with the field read that it may name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// So much time.
    Span(Span),
    /// The close of a day.
    Day(Day),
    /// A moment.
    Moment(Moment),
}
