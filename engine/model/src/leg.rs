//! Legs and hand-offs, as agreed: one department's share of a case.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::absent::{is_default, is_false};
use crate::field::Per;
use crate::id::{ClockId, FieldId, GroundId, HandoffId, RoleId};
use crate::rung::At;
use crate::span::Span;
use crate::text::Text;

/// The life of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegState {
    /// Told, not yet answered.
    Notified,
    /// Signed for (签收).
    Signed,
    /// Reported in on site (报到).
    Reported,
    /// At work.
    Working,
    /// Finished with proof.
    Done,
    /// Finished work was accepted.
    Accepted,
    /// Refused, waiting for the arbiter.
    Arbitration,
    /// Let go by the arbiter or because the join fired.
    Released,
    /// Sent back for another round.
    Returned,
    /// Not needed, by the lead with the community's consent.
    Waived,
}

impl LegState {
    /// The state's name in definitions and guards.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Notified => "notified",
            Self::Signed => "signed",
            Self::Reported => "reported",
            Self::Working => "working",
            Self::Done => "done",
            Self::Accepted => "accepted",
            Self::Arbitration => "arbitration",
            Self::Released => "released",
            Self::Returned => "returned",
            Self::Waived => "waived",
        }
    }

    /// What people call the state.
    #[must_use]
    pub fn title(self) -> Text {
        let (zh, en) = match self {
            Self::Notified => ("待签收", "asked"),
            Self::Signed => ("已签收", "signed"),
            Self::Reported => ("已报到", "reported in"),
            Self::Working => ("办理中", "at work"),
            Self::Done => ("已办完", "done"),
            Self::Accepted => ("已验收", "accepted"),
            Self::Arbitration => ("待裁定", "being ruled on"),
            Self::Released => ("不再承办", "released"),
            Self::Returned => ("退回重办", "to redo"),
            Self::Waived => ("免办", "waived"),
        };
        Text { zh: zh.into(), en: en.into() }
    }

    /// The state of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == text)
    }

    /// Every state, in the order of a leg's life.
    pub const ALL: [Self; 10] = [
        Self::Notified,
        Self::Signed,
        Self::Reported,
        Self::Working,
        Self::Done,
        Self::Accepted,
        Self::Arbitration,
        Self::Released,
        Self::Returned,
        Self::Waived,
    ];

    /// Whether the leg no longer counts for a join.
    #[must_use]
    pub fn is_gone(self) -> bool {
        matches!(self, Self::Released | Self::Waived)
    }
}

/// The part a department has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Answers to the resident (主办).
    Lead,
    /// Answers to the lead (协办).
    Assist,
    /// Never blocks a join.
    Optional,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 3] = [Self::Lead, Self::Assist, Self::Optional];

    /// What people call the part.
    #[must_use]
    pub fn title(self) -> Text {
        let (zh, en) = match self {
            Self::Lead => ("主办", "lead"),
            Self::Assist => ("协办", "assisting"),
            Self::Optional => ("可选", "optional"),
        };
        Text { zh: zh.into(), en: en.into() }
    }

    /// The part's name in guards.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Assist => "assist",
            Self::Optional => "optional",
        }
    }
}

/// When a hand-off has what it waits for, over its mandatory legs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Join {
    /// Every one.
    All,
    /// At least one.
    Any,
    /// The lead.
    Lead,
    /// At least this share; compared as integers.
    Share(u32, u32),
    /// The lead and at least this share of the others.
    LeadAndShare(u32, u32),
}

/// What becomes of legs still open when the join fires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// They go on.
    #[default]
    Kept,
    /// They are released.
    Recall,
}

/// Who may start without missing legs, and from when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartWithout {
    /// Who may.
    pub who: Vec<RoleId>,
    /// The missing legs' clock.
    pub clock: ClockId,
    /// From when of that clock.
    pub after: At,
    /// Who hears.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tell: Vec<RoleId>,
}

/// Why a department may hand a leg back (退单), as a definition declares it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    /// What people call it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub title: Text,
    /// Whether a duty or an article of law must be cited.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cites_duty: bool,
}

/// Rules for each leg of a hand-off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegRules {
    /// Clocks of scope leg.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<ClockId>,
    /// Fields a department sees; empty: all that is not private.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub send: Vec<FieldId>,
    /// The grounds on which it may be refused, in the order in which they are offered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grounds: Vec<GroundId>,
    /// Last moment for a refusal; none: cannot be refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refuse_within: Option<Span>,
    /// Who rules on a refusal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arbiter: Vec<RoleId>,
    /// Who rules when another unit has refused the case before; empty: the same as on the first refusal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arbiter_again: Vec<RoleId>,
    /// Refusals after which only the arbiter holds the leg; 0 stands for the default, 2.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hops: u8,
}

/// One hand-off to departments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handoff {
    /// Field of type units: one leg each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<FieldId>,
    /// Field of type unit: which leg leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<FieldId>,
    /// Field of type units: legs that never block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<FieldId>,
    /// Another hand-off whose legs go on here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continues: Option<HandoffId>,
    /// With `continues`: field naming the legs that get a new round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<FieldId>,
    /// When it has what it waits for.
    pub join: Per<Join>,
    /// What a leg must have reached to count.
    pub reach: LegState,
    /// Starting without missing legs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_without: Option<StartWithout>,
    /// The plan that each mandatory leg agrees to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agree_on: Option<FieldId>,
    /// What becomes of open legs when the join fires.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rest: Rest,
    /// Rules for each leg.
    #[serde(default, skip_serializing_if = "is_default")]
    pub leg: LegRules,
}
