//! Facts: what has happened to a case, by family. Names and shapes only grow; they are never renamed.

use alloc::format;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value as Json;

pub use crate::case::chart::StateFact;
pub use crate::case::claim::ClaimFact;
pub use crate::case::clock::{ClockFact, ClockKey, MoveCause, Standstill, Verdict};
pub use crate::case::filing::CaseFact;
pub use crate::case::form::FormFact;
pub use crate::case::leg::{HandoffFact, How, LegFact};
pub use crate::case::link::LinkFact;
pub use crate::case::message::MessageFact;
pub use crate::case::pause::PauseFact;
pub use crate::case::people::PeopleFact;
pub use crate::case::share::ShareFact;
pub use crate::case::timer::{Alarm, AlarmKind, TimerFact};
pub use crate::case::vote::VoteFact;

/// Declares the families. In records a fact stands flat, by its own name: which family it belongs to follows from that.
macro_rules! families {
    ($($(#[$doc:meta])* $family:ident($facts:ident),)+) => {
        /// One thing that has happened.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum Fact {
            $($(#[$doc])* $family($facts),)+
        }

        impl Fact {
            /// The name of this fact in records.
            #[must_use]
            pub fn kind(&self) -> &'static str {
                match self {
                    $(Self::$family(fact) => fact.kind(),)+
                }
            }

            /// One fact of each kind of each family, drawn by chance.
            #[cfg(test)]
            pub(crate) fn every(seed: &mut crate::case::member::Seed) -> alloc::vec::Vec<Self> {
                let mut all = alloc::vec::Vec::new();
                $(all.extend($facts::every(seed).into_iter().map(Self::$family));)+
                all
            }

            /// Writes what does not go without saying in a record of a moment.
            pub(crate) fn write_members<M: serde::ser::SerializeMap>(
                &self,
                moment: paidan_model::moment::Moment,
                map: &mut M,
            ) -> Result<(), M::Error> {
                match self {
                    $(Self::$family(fact) => fact.write_members(moment, map),)+
                }
            }
        }

        $(
            impl From<$facts> for Fact {
                fn from(fact: $facts) -> Self {
                    Self::$family(fact)
                }
            }
        )+

        impl<'de> Deserialize<'de> for Fact {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let json = Json::deserialize(deserializer)?;
                let kind = json.get("fact").and_then(Json::as_str).unwrap_or_default();
                $(
                    if $facts::KINDS.contains(&kind) {
                        let fact = serde_json::from_value::<$facts>(json);
                        return fact.map(Self::$family).map_err(D::Error::custom);
                    }
                )+
                Err(D::Error::custom(format!("there is no fact `{kind}`")))
            }
        }
    };
}

families! {
    /// The case as a whole.
    Case(CaseFact),
    /// States and rounds.
    State(StateFact),
    /// Fields.
    Form(FormFact),
    /// Timers.
    Timer(TimerFact),
    /// Clocks and more time.
    Clock(ClockFact),
    /// Pauses.
    Pause(PauseFact),
    /// Departments' legs.
    Leg(LegFact),
    /// Hand-offs.
    Handoff(HandoffFact),
    /// Votes.
    Vote(VoteFact),
    /// Claims.
    Claim(ClaimFact),
    /// Divided sums.
    Share(ShareFact),
    /// Messages and slips.
    Message(MessageFact),
    /// Who has to do with it besides the holders.
    People(PeopleFact),
    /// Linked cases.
    Link(LinkFact),
}
