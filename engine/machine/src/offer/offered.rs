//! What an offer says.

use alloc::vec::Vec;
use paidan_model::id::{ActionId, ClockId, FieldId, PauseId, UnitId};
use paidan_model::text::Text;

use crate::refusal::Refusal;

/// What an action asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Fields, in order.
    pub fields: Vec<FieldId>,
    /// Whether a reason must be written.
    pub reason: bool,
    /// Whether a file must be given as proof.
    pub proof: bool,
}

/// What an offer is about, where its action alone does not say it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// A clock.
    Clock(ClockId),
    /// A ground on which clocks stand still.
    Pause(PauseId),
}

impl About {
    /// The name and the value by which the form says so.
    #[must_use]
    pub fn field(&self) -> (&'static str, &str) {
        match self {
            Self::Clock(id) => ("clock", id.as_str()),
            Self::Pause(id) => ("pause", id.as_str()),
        }
    }
}

/// One action, open or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Which.
    pub action: ActionId,
    /// Its title.
    pub title: Text,
    /// The unit whose leg acts.
    pub leg: Option<UnitId>,
    /// What it is about, where the action alone does not say it.
    pub about: Option<About>,
    /// What it asks for, or why it is not open.
    pub open: Result<Form, Refusal>,
}
