//! The legs of a case: one department's share each, and the hand-offs that opened them.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use paidan_model::id::{GroundId, HandoffId, UnitId};
use paidan_model::leg::{LegState, Part};
use paidan_model::moment::Moment;
use paidan_model::value::Held;
use serde::{Deserialize, Serialize};

use super::family::family;

/// How a hand-off joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Its rule holds.
    Rule,
    /// Somebody started without the missing legs.
    Without,
}

family! {
    /// What happened to a department's leg.
    LegFact {
        /// A leg was opened.
        Opened = "leg_opened" { leg: UnitId, part: Part, handoff: HandoffId, at: Moment }
        /// A leg moved on; `implicit` when silence did it.
        Moved = "leg_moved" {
            leg: UnitId,
            to: LegState,
            at: Moment,
            #[serde(default, skip_serializing_if = "core::ops::Not::not")]
            implicit: bool,
        }
        /// A leg began another round.
        RoundBegan = "leg_round" { leg: UnitId, round: u8 }
        /// A leg agreed to the plan, or objected.
        Agreed = "leg_agreed" { leg: UnitId, #[serde(default)] agreed: bool }
        /// Agreement is asked afresh.
        AskedAfresh = "leg_asked" { leg: UnitId }
        /// A leg was marked late.
        MarkedLate = "leg_late" { leg: UnitId }
        /// The lead proposed that a leg is not needed.
        WaiverAsked = "waiver_asked" { leg: UnitId }
        /// A leg was refused, on a ground where the definition declares some; the words of its basis
        /// are in the vault.
        Refused = "leg_refused" {
            leg: UnitId,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            ground: Option<GroundId>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            basis: Option<Held>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            instead: Option<UnitId>,
        }
        /// A refused or disputed leg was ruled on: kept, or released; the words of the ruling are in the vault.
        Ruled = "leg_ruled" {
            leg: UnitId,
            #[serde(default)]
            kept: bool,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            instead: Option<UnitId>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            basis: Option<Held>,
        }
    }
}

family! {
    /// What happened to a hand-off.
    HandoffFact {
        /// A hand-off began to run.
        Began = "handoff_began" { handoff: HandoffId }
        /// A hand-off has what it waits for.
        Joined = "joined" { handoff: HandoffId, how: How }
        /// No mandatory leg is left.
        Failed = "join_failed" { handoff: HandoffId }
    }
}

/// One department's share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Leg {
    /// Its part.
    pub part: Part,
    /// Its state.
    pub state: LegState,
    /// The state before arbitration.
    pub before: Option<LegState>,
    /// The hand-off that opened it.
    pub handoff: HandoffId,
    /// Its round, from 0.
    pub round: u8,
    /// Agreement to the plan.
    pub agreed: Option<bool>,
    /// Marked late.
    pub late: bool,
    /// Signed by silence.
    pub implicit: bool,
    /// Has refused this case once.
    pub refused: bool,
    /// Another unit had refused the case before this one did.
    pub refused_again: bool,
    /// The lead proposed that it is not needed.
    pub waiver: bool,
    /// When it was opened.
    pub since: Moment,
}

/// The legs of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Legs {
    /// Legs by unit.
    #[serde(rename = "legs")]
    pub by_unit: BTreeMap<UnitId, Leg>,
}

impl Legs {
    /// The units whose legs count, of a part or of all.
    #[must_use]
    pub fn live_units(&self, part: Option<Part>) -> Vec<UnitId> {
        let live = self.by_unit.iter().filter(|(_, leg)| !leg.state.is_gone());
        live.filter(|(_, leg)| part.is_none_or(|p| leg.part == p)).map(|(unit, _)| unit.clone()).collect()
    }

    /// Folds a fact; a leg that opens begins in the round that the case is in.
    pub(super) fn evolve(&mut self, fact: &LegFact, case_round: u8) {
        let unit = match fact {
            LegFact::Opened { leg, part, handoff, at } => {
                self.open(leg, *part, handoff, *at, case_round);
                return;
            }
            LegFact::Moved { leg, .. }
            | LegFact::RoundBegan { leg, .. }
            | LegFact::Agreed { leg, .. }
            | LegFact::AskedAfresh { leg }
            | LegFact::MarkedLate { leg }
            | LegFact::WaiverAsked { leg }
            | LegFact::Refused { leg, .. }
            | LegFact::Ruled { leg, .. } => leg,
        };
        let refused_elsewhere = self.by_unit.iter().any(|(other, leg)| other != unit && leg.refused);
        if let Some(leg) = self.by_unit.get_mut(unit) {
            leg.evolve(fact, refused_elsewhere);
        }
    }

    fn open(&mut self, unit: &UnitId, part: Part, handoff: &HandoffId, at: Moment, round: u8) {
        let refused = self.by_unit.get(unit).is_some_and(|old| old.refused);
        let opened = Leg {
            part,
            state: LegState::Notified,
            before: None,
            handoff: handoff.clone(),
            round,
            agreed: None,
            late: false,
            implicit: false,
            refused,
            refused_again: false,
            waiver: false,
            since: at,
        };
        self.by_unit.insert(unit.clone(), opened);
    }
}

impl Leg {
    fn evolve(&mut self, fact: &LegFact, refused_elsewhere: bool) {
        match fact {
            LegFact::Opened { .. } | LegFact::Ruled { .. } => {}
            LegFact::Moved { to, implicit, .. } => {
                self.before = (*to == LegState::Arbitration).then_some(self.state);
                self.state = *to;
                self.implicit = *implicit;
            }
            LegFact::RoundBegan { round, .. } => {
                self.round = *round;
                self.waiver = false;
            }
            LegFact::Agreed { agreed, .. } => self.agreed = Some(*agreed),
            LegFact::AskedAfresh { .. } => self.agreed = None,
            LegFact::MarkedLate { .. } => self.late = true,
            LegFact::WaiverAsked { .. } => self.waiver = true,
            LegFact::Refused { .. } => {
                self.refused = true;
                self.refused_again = refused_elsewhere;
            }
        }
    }
}

/// The hand-offs of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Handoffs {
    /// Hand-offs that have begun, and whether they have joined.
    #[serde(rename = "handoffs")]
    pub joined: BTreeMap<HandoffId, bool>,
}

impl Handoffs {
    pub(super) fn evolve(&mut self, fact: &HandoffFact) {
        match fact {
            HandoffFact::Began { handoff } => self.joined.insert(handoff.clone(), false),
            HandoffFact::Joined { handoff, .. } | HandoffFact::Failed { handoff } => {
                self.joined.insert(handoff.clone(), true)
            }
        };
    }
}
