//! Which clock of a case is meant.

use paidan_model::id::{ClockId, UnitId};
use serde::{Deserialize, Serialize};

/// A clock of a case: its id, the unit for clocks of scope leg, the claim for clocks of scope offer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ClockKey {
    /// Which clock.
    pub clock: ClockId,
    /// Whose leg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg: Option<UnitId>,
    /// Which claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<u32>,
}
