//! Filters of lists: what a saved view keeps, and whether a row fits it.

use alloc::string::String;
use paidan_model::moment::Moment;
use serde::{Deserialize, Serialize};

use crate::worklist::Body;

/// What rows must be like; what is absent does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Of this workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// Late, or not late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<bool>,
    /// The leg of this unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Due by this clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
    /// Due before this moment, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_before: Option<i64>,
}

impl Filter {
    /// Whether everything fits it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a row fits at a moment: what is due by then and not yet marked is late too.
    #[must_use]
    pub fn fits(&self, body: &Body, due: Option<Moment>, now: Moment) -> bool {
        let late = body.late || due.is_some_and(|due| due < now);
        let same = |wanted: &Option<String>, found: Option<&String>| {
            wanted.as_ref().is_none_or(|wanted| found == Some(wanted))
        };
        same(&self.workflow, Some(&body.workflow))
            && same(&self.unit, body.leg.as_ref())
            && same(&self.clock, body.clock.as_ref())
            && self.late.is_none_or(|wanted| wanted == late)
            && self.due_before.is_none_or(|before| due.is_some_and(|due| due.millis() < before))
    }
}
