//! The claims of an item: who has taken how much of it, and how far each has come.

use alloc::string::String;
use alloc::vec::Vec;
use paidan_model::claim::ClaimState;
use paidan_model::id::{ClaimsId, UnitId};
use paidan_model::moment::Moment;
use serde::{Deserialize, Serialize};

use super::audience::Audience;
use super::family::family;
use crate::actor::Actor;

/// Why a claim no longer binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The claimer gave it up.
    Dropped,
    /// Its clock was late.
    Expired,
    /// The community took it back: a check failed.
    TakenBack,
    /// The item went away.
    Withdrawn,
}

impl Why {
    /// Whether it counts against the claimer.
    #[must_use]
    pub fn is_drop(self) -> bool {
        matches!(self, Self::Dropped | Self::Expired | Self::TakenBack)
    }
}

family! {
    /// What happened to the claims of an item.
    ClaimFact {
        /// A part of the item, or all of it, was claimed.
        Taken = "claim_taken" {
            claims: ClaimsId,
            claim: u32,
            party: String,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            unit: Option<UnitId>,
            qty: i64,
            initiator: Initiator,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            other: Option<String>,
            at: Moment,
        }
        /// A claim moved on, or was given back for a reason.
        Moved = "claim_moved" {
            claim: u32,
            to: ClaimState,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            why: Option<Why>,
            at: Moment,
        }
    }
}

/// Who began it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Initiator {
    /// The giver claimed what is needed.
    Giver,
    /// The community claimed what is offered.
    Community,
}

/// One claim of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// Its number within the item, from 1.
    pub n: u32,
    /// Which of the workflow's claims.
    pub claims: ClaimsId,
    /// Whose: a person's subject, or `unit-` and the unit; empty for what another item holds of this one.
    pub party: String,
    /// The unit, when it is an organisation's.
    pub unit: Option<UnitId>,
    /// How much.
    pub qty: i64,
    /// How far it has come.
    pub state: ClaimState,
    /// Since when.
    pub since: Moment,
    /// Who began it.
    pub initiator: Initiator,
    /// The item on another list that goes with it.
    pub other: Option<String>,
}

impl Claim {
    /// Whether the quantity is taken.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.state != ClaimState::Released
    }

    /// Who hears about it.
    #[must_use]
    pub fn audience(&self) -> Audience {
        match &self.unit {
            Some(unit) => Audience::Unit(unit.clone()),
            None => Audience::Person(self.party.clone()),
        }
    }

    /// Whether the actor is the claimer.
    #[must_use]
    pub fn is_of(&self, actor: &Actor) -> bool {
        self.audience().includes(actor)
    }
}

/// The claims of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClaimBook {
    /// In order of their numbers.
    #[serde(rename = "claims")]
    pub all: Vec<Claim>,
}

impl ClaimBook {
    pub(super) fn evolve(&mut self, fact: &ClaimFact) {
        match fact {
            ClaimFact::Taken { claims, claim, party, unit, qty, initiator, other, at } => {
                self.all.push(Claim {
                    n: *claim,
                    claims: claims.clone(),
                    party: party.clone(),
                    unit: unit.clone(),
                    qty: *qty,
                    state: ClaimState::Claimed,
                    since: *at,
                    initiator: *initiator,
                    other: other.clone(),
                });
            }
            ClaimFact::Moved { claim, to, .. } => {
                if let Some(held) = self.all.iter_mut().find(|held| held.n == *claim) {
                    held.state = *to;
                }
            }
        }
    }
}
