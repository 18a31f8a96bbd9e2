//! The states a case is in, how it came into them, and the round of rework.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use paidan_model::id::{ActionId, StateId};
use paidan_model::moment::Moment;
use serde::Serialize;

use super::family::family;

family! {
    /// What happened to the states of a case.
    StateFact {
        /// Rework began.
        RoundBegan = "round_began" { round: u8 }
        /// A state was left.
        Left = "left" { state: StateId }
        /// A state was entered; `from` are the states the same move left, for history.
        Entered = "entered" {
            state: StateId,
            at: Moment,
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            from: Vec<StateId>,
        }
        /// An event was sent that nothing listened to.
        Ignored = "ignored" { event: ActionId }
    }
}

/// Where a case came from when a state was entered, for history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// When the state was entered.
    pub at: Moment,
    /// The states that the same move left.
    pub from: Vec<StateId>,
}

/// The states a case is in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Chart {
    /// Active states, with their ancestors.
    pub active: BTreeMap<StateId, Entry>,
    /// The round of rework, from 0.
    pub round: u8,
}

impl Chart {
    pub(super) fn evolve(&mut self, fact: &StateFact) {
        match fact {
            StateFact::RoundBegan { round } => self.round = *round,
            StateFact::Left { state } => {
                self.active.remove(state);
            }
            StateFact::Entered { state, at, from } => {
                self.active.insert(state.clone(), Entry { at: *at, from: from.clone() });
            }
            StateFact::Ignored { .. } => {}
        }
    }
}
