//! What happened in a step, as clocks see it.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use paidan_model::claim::ClaimState;
use paidan_model::id::{ActionId, StateId, UnitId};
use paidan_model::leg::LegState;

use crate::fact::{CaseFact, ClaimFact, Fact, LegFact, StateFact};

/// What happened in a step, as clocks see it.
#[derive(Default)]
pub(super) struct Happened {
    pub(super) intake: bool,
    pub(super) entered: BTreeSet<StateId>,
    pub(super) left: BTreeSet<StateId>,
    pub(super) acted: BTreeSet<ActionId>,
    pub(super) moved: Vec<(UnitId, LegState, bool)>,
    pub(super) claims: Vec<(u32, ClaimState)>,
    pub(super) ended: bool,
    pub(super) reopened: bool,
}

pub(super) fn happened(facts: &[Fact]) -> Happened {
    let mut found = Happened::default();
    for fact in facts {
        match fact {
            Fact::Case(fact) => found.of_case(fact),
            Fact::State(fact) => found.of_state(fact),
            Fact::Leg(fact) => found.of_leg(fact),
            Fact::Claim(ClaimFact::Taken { claim, .. }) => {
                found.claims.push((*claim, ClaimState::Claimed));
            }
            Fact::Claim(ClaimFact::Moved { claim, to, .. }) => found.claims.push((*claim, *to)),
            Fact::Form(_)
            | Fact::Timer(_)
            | Fact::Clock(_)
            | Fact::Pause(_)
            | Fact::Handoff(_)
            | Fact::Vote(_)
            | Fact::Share(_)
            | Fact::Message(_)
            | Fact::People(_)
            | Fact::Link(_) => {}
        }
    }
    found
}

impl Happened {
    fn of_case(&mut self, fact: &CaseFact) {
        match fact {
            CaseFact::Opened { .. } => self.intake = true,
            CaseFact::Acted { action, .. } => {
                self.acted.insert(action.clone());
            }
            CaseFact::Ended { .. } => self.ended = true,
            CaseFact::Reopened { .. } => self.reopened = true,
            CaseFact::Reasoned { .. } | CaseFact::Redacted { .. } => {}
        }
    }

    fn of_state(&mut self, fact: &StateFact) {
        match fact {
            StateFact::Entered { state, .. } => {
                self.entered.insert(state.clone());
            }
            StateFact::Left { state } => {
                self.left.insert(state.clone());
            }
            StateFact::RoundBegan { .. } | StateFact::Ignored { .. } => {}
        }
    }

    fn of_leg(&mut self, fact: &LegFact) {
        match fact {
            LegFact::Opened { leg, .. } => self.moved.push((leg.clone(), LegState::Notified, false)),
            LegFact::Moved { leg, to, implicit, .. } => {
                self.moved.push((leg.clone(), *to, *implicit));
            }
            LegFact::RoundBegan { .. }
            | LegFact::Agreed { .. }
            | LegFact::AskedAfresh { .. }
            | LegFact::MarkedLate { .. }
            | LegFact::WaiverAsked { .. }
            | LegFact::Refused { .. }
            | LegFact::Ruled { .. } => {}
        }
    }
}
