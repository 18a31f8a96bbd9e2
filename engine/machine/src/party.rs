//! Parties: a claimer's account across all items. It owns one invariant: how many claims are open at once.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_model::id::{ClaimsId, WorkflowId};
use paidan_model::moment::Moment;
use serde::{Deserialize, Serialize};

pub use crate::case::claim::Why;
use crate::refusal::{Code, Refusal};

/// The most open claims of a party, whatever definitions allow.
pub const PARTY_CLAIMS_MAX: usize = 200;
/// The most seasons whose drops are remembered.
const SEASONS_MAX: usize = 64;

/// One open claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// Of which workflow.
    pub workflow: WorkflowId,
    /// Which of its claims.
    pub claims: ClaimsId,
    /// How much.
    pub qty: i64,
    /// Since when.
    pub since: Moment,
}

/// A claimer's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its id: a person's subject, or `unit-` and the unit.
    pub id: String,
    /// Open claims, by item and number.
    pub open: BTreeMap<String, Open>,
    /// Claims given up, by season.
    pub drops: BTreeMap<String, u32>,
    /// Claims that were handed over.
    pub gave: u32,
}

/// What happened to a party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are explained by the fact they belong to")]
pub enum PartyFact {
    /// Its first claim began the account.
    Began { party: String, at: Moment },
    /// It took a claim.
    Took { item: String, claim: u32, workflow: WorkflowId, claims: ClaimsId, qty: i64, at: Moment },
    /// A claim no longer binds it.
    Freed { item: String, claim: u32, why: Why, season: String, at: Moment },
    /// It handed over what it claimed.
    Gave { item: String, claim: u32, at: Moment },
}

/// What is asked of a party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartyAsk {
    /// To take a claim, within its cap.
    Take {
        /// Of which workflow.
        workflow: WorkflowId,
        /// Which of its claims.
        claims: ClaimsId,
        /// How much.
        qty: i64,
        /// Open claims of this kind at most; none: no cap.
        cap: Option<u32>,
        /// After so many drops in the season, so many open claims at most.
        after_drops: Option<(u32, u32)>,
        /// The season.
        season: String,
    },
    /// To be rid of a claim.
    Free {
        /// Why.
        why: Why,
        /// The season it counts in.
        season: String,
    },
    /// To have handed it over.
    Give,
}

fn key(item: &str, claim: u32) -> String {
    format!("{item}#{claim}")
}

/// Decides what is asked of a party for one claim: the fact to record, or a refusal. Only taking is ever refused.
///
/// # Errors
/// [`Code::CapReached`].
pub fn decide(
    party: Option<&Party>,
    id: &str,
    item: &str,
    claim: u32,
    ask: &PartyAsk,
    at: Moment,
) -> Result<Vec<PartyFact>, Refusal> {
    let item = item.to_string();
    Ok(match ask {
        PartyAsk::Take { workflow, claims, qty, cap, after_drops, season } => {
            check_cap(party, workflow, claims, *cap, *after_drops, season)?;
            let took = PartyFact::Took {
                item,
                claim,
                workflow: workflow.clone(),
                claims: claims.clone(),
                qty: *qty,
                at,
            };
            let began = party.is_none().then(|| PartyFact::Began { party: id.to_string(), at });
            began.into_iter().chain([took]).collect()
        }
        PartyAsk::Free { why, season } => {
            alloc::vec![PartyFact::Freed { item, claim, why: *why, season: season.clone(), at }]
        }
        PartyAsk::Give => alloc::vec![PartyFact::Gave { item, claim, at }],
    })
}

fn check_cap(
    party: Option<&Party>,
    workflow: &WorkflowId,
    claims: &ClaimsId,
    cap: Option<u32>,
    after_drops: Option<(u32, u32)>,
    season: &str,
) -> Result<(), Refusal> {
    let Some(party) = party else { return Ok(()) };
    let alike = |open: &&Open| open.workflow == *workflow && open.claims == *claims;
    let open = party.open.values().filter(alike).count();
    let drops = party.drops.get(season).copied().unwrap_or(0);
    let lowered = after_drops.filter(|(many, _)| drops >= *many).map(|(_, cap)| cap);
    let limit = [cap, lowered].into_iter().flatten().min().and_then(|cap| usize::try_from(cap).ok());
    let limit = limit.unwrap_or(PARTY_CLAIMS_MAX).min(PARTY_CLAIMS_MAX);
    if open < limit {
        return Ok(());
    }
    Err(Refusal::new(Code::CapReached).with("open", open).with("limit", limit).with("drops", drops))
}

/// Folds a fact into a party; the first makes it.
#[must_use]
pub fn evolve(party: Option<Party>, fact: &PartyFact) -> Option<Party> {
    let Some(mut party) = party else {
        let PartyFact::Began { party, .. } = fact else { return None };
        let (open, drops) = (BTreeMap::new(), BTreeMap::new());
        return Some(Party { id: party.clone(), open, drops, gave: 0 });
    };
    match fact {
        PartyFact::Began { .. } => {}
        PartyFact::Took { item, claim, workflow, claims, qty, at } => {
            let open = Open { workflow: workflow.clone(), claims: claims.clone(), qty: *qty, since: *at };
            party.open.insert(key(item, *claim), open);
        }
        PartyFact::Freed { item, claim, why, season, .. } => {
            let held = party.open.remove(&key(item, *claim)).is_some();
            if held && why.is_drop() {
                if party.drops.len() >= SEASONS_MAX && !party.drops.contains_key(season) {
                    party.drops.pop_first();
                }
                *party.drops.entry(season.clone()).or_default() += 1;
            }
        }
        PartyFact::Gave { item, claim, .. } => {
            if party.open.remove(&key(item, *claim)).is_some() {
                party.gave = party.gave.saturating_add(1);
            }
        }
    }
    Some(party)
}
