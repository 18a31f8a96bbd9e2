//! When a rung of a ladder is reached.

use serde::{Deserialize, Serialize};

use crate::span::Span;

/// When a rung fires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// When this share of the budget is used.
    Percent(u8),
    /// At the due moment.
    Breach,
    /// This long after the due moment, in the clock's calendar.
    After(Span),
}
