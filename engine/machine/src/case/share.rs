//! Sums that were divided among the parts of a roster: who pays what, and who joined later.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use paidan_model::id::SplitId;
use paidan_model::moment::Moment;
use serde::{Deserialize, Serialize};

use super::family::family;

family! {
    /// What happened to the shares of a divided sum.
    ShareFact {
        /// A sum was divided among the parts of a roster.
        Divided = "shared" {
            split: SplitId,
            amount: i64,
            #[serde(default)]
            portions: Vec<Portion>,
            at: Moment,
        }
        /// A term is missing: nothing is divided any more.
        Undone = "unshared" { split: SplitId, at: Moment }
        /// A part joined a split later, at a price that went to those who had paid.
        JoinedLate = "joined_late" { split: SplitId, joined: Joined }
    }
}

impl ShareFact {
    /// The split it is about.
    #[must_use]
    pub fn split(&self) -> &SplitId {
        match self {
            Self::Divided { split, .. } | Self::Undone { split, .. } | Self::JoinedLate { split, .. } => {
                split
            }
        }
    }
}

/// What one part of the roster pays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portion {
    /// The part.
    pub part: String,
    /// What it weighs; with areas, the floor's weight times the area in square centimetres.
    pub weight: i64,
    /// In fen; nothing for parts that do not pay.
    pub fen: i64,
    /// Does not pay for now.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub outside: bool,
}

/// A sum of money that goes to a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// The part.
    pub part: String,
    /// In fen.
    pub fen: i64,
}

/// Somebody who joined later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// The part that joined.
    pub part: String,
    /// From when what it joined ages, as `YYYY-MM-DD`; of the first that joined, for all that follow.
    pub since: String,
    /// What it paid, in fen.
    pub price: i64,
    /// To whom that went; together exactly the price.
    pub to: Vec<Paid>,
    /// When.
    pub at: Moment,
}

/// A split as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shares {
    /// What is divided, in fen.
    pub amount: i64,
    /// Who pays what, as it was worked out, in the order of the roster.
    pub portions: Vec<Portion>,
    /// Who joined later, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<Joined>,
}

impl Shares {
    /// Who has paid what by now: what was given back to those who paid at first is taken off. Still adds up to the
    /// amount, to the fen.
    #[must_use]
    pub fn now(&self) -> Vec<Portion> {
        let mut all = self.portions.clone();
        for joined in &self.joined {
            for portion in &mut all {
                if portion.part == joined.part {
                    portion.fen = joined.price;
                    portion.outside = false;
                }
                let back = joined.to.iter().find(|paid| paid.part == portion.part);
                portion.fen -= back.map_or(0, |paid| paid.fen);
            }
        }
        all
    }
}

/// The divided sums of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Splits {
    /// Who pays what, by split.
    #[serde(rename = "splits")]
    pub by_split: BTreeMap<SplitId, Shares>,
}

impl Splits {
    pub(super) fn evolve(&mut self, fact: &ShareFact) {
        match fact {
            ShareFact::Divided { split, amount, portions, .. } => {
                let shares = Shares { amount: *amount, portions: portions.clone(), joined: Vec::new() };
                self.by_split.insert(split.clone(), shares);
            }
            ShareFact::Undone { split, .. } => drop(self.by_split.remove(split)),
            ShareFact::JoinedLate { split, joined } => {
                if let Some(shares) = self.by_split.get_mut(split) {
                    shares.joined.push(joined.clone());
                }
            }
        }
    }
}
