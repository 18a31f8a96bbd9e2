//! How cases end: outcomes are a definition's own, what reports count by is a closed set.

use serde::{Deserialize, Serialize};

use crate::absent::is_default;
use crate::text::Text;

/// What reports count by, whatever a definition calls its outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// What the case was opened for is done.
    Solved,
    /// It was tried and is not done.
    NotSolved,
    /// It was answered or done, and nobody confirmed that it is solved.
    Answered,
    /// It goes on elsewhere: in another case, with another authority.
    MovedOn,
    /// Whoever asked took it back.
    Withdrawn,
    /// It ended in another way, such as being declined.
    EndedOtherwise,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 6] =
        [Self::Solved, Self::NotSolved, Self::Answered, Self::MovedOn, Self::Withdrawn, Self::EndedOtherwise];

    /// The name in definitions and records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Solved => "solved",
            Self::NotSolved => "not_solved",
            Self::Answered => "answered",
            Self::MovedOn => "moved_on",
            Self::Withdrawn => "withdrawn",
            Self::EndedOtherwise => "ended_otherwise",
        }
    }

    /// The class of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }

    /// The class of an outcome that names none: definitions and records from before outcomes were declared
    /// have the names of a fixed list.
    #[must_use]
    pub fn of_undeclared(outcome: &str) -> Self {
        match outcome {
            "solved" | "delivered" | "passed" | "in_service" => Self::Solved,
            "ledgered" | "vote_failed" | "not_feasible" | "stopped_by_court" => Self::NotSolved,
            "explained" | "unverified" | "final_answer" => Self::Answered,
            "legal_route" | "duplicate" | "transferred_emergency" | "converted" | "carried_over" => {
                Self::MovedOn
            }
            "withdrawn" => Self::Withdrawn,
            _ => Self::EndedOtherwise,
        }
    }
}

/// An outcome that a definition declares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What people call it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub title: Text,
    /// What reports count it as.
    pub class: Class,
}
