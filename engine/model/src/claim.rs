//! Claims and lists, as agreed: how much of an item there is, who may claim it, and what the public wall shows.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::absent::{is_default, is_false};
use crate::field::Per;
use crate::id::{ClockId, FieldId, RoleId, StateId};
use crate::text::Text;

/// The most claims of one item that are open at once: with the item itself, the most streams of one command.
pub const OPEN_CLAIMS_MAX: usize = 7;

/// The life of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimState {
    /// Taken, and nobody has spoken to the wisher yet.
    Claimed,
    /// The wisher has been spoken to.
    Contacted,
    /// Handed over with proof.
    Delivered,
    /// Given back, expired or withdrawn.
    Released,
}

impl ClaimState {
    /// Every state, in the order of a claim's life.
    pub const ALL: [Self; 4] = [Self::Claimed, Self::Contacted, Self::Delivered, Self::Released];

    /// The state's name in definitions.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Contacted => "contacted",
            Self::Delivered => "delivered",
            Self::Released => "released",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == text)
    }

    /// What people call the state.
    #[must_use]
    pub fn title(self) -> Text {
        let (zh, en) = match self {
            Self::Claimed => ("已认领", "claimed"),
            Self::Contacted => ("已联系", "in touch"),
            Self::Delivered => ("已送达", "delivered"),
            Self::Released => ("已释放", "released"),
        };
        Text { zh: zh.into(), en: en.into() }
    }

    /// Whether it counts against the claimer's cap: neither handed over nor given back.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Claimed | Self::Contacted)
    }
}

/// A lower cap for those who gave claims up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AfterDrops {
    /// After so many.
    pub drops: u32,
    /// So many open claims at most.
    pub cap: u32,
    /// The field that names the season within which drops are counted; none: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub season: Option<FieldId>,
}

/// What may be claimed, by whom, and how much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Field of type int: how many there are; active claims never exceed it.
    pub item: FieldId,
    /// Who may claim.
    pub who: Vec<RoleId>,
    /// Who may claim for somebody else, from what that party offers on another list.
    #[serde(default, skip_serializing_if = "is_default")]
    pub matcher: Vec<RoleId>,
    /// Field of type person or unit: whose the offered item is, when other items may hold parts of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered_by: Option<FieldId>,
    /// Several may each take a part; else one takes it all.
    #[serde(default, skip_serializing_if = "is_false")]
    pub partial: bool,
    /// Open claims of one claimer; per choice it is by `person` and `organisation`. None: no cap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Per<u32>>,
    /// The lower cap for those who gave claims up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_drops: Option<AfterDrops>,
    /// Clocks of scope offer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<ClockId>,
    /// A claim whose clock is late stays; else it is released.
    #[serde(default, skip_serializing_if = "is_false")]
    pub keep_late: bool,
    /// Fields a claimer sees at once; empty: all that is not private.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub send: Vec<FieldId>,
    /// Fields a claimer sees besides, from the first contact on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reveal: Vec<FieldId>,
    /// Fields that are filled with a contact.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at_contact: Vec<FieldId>,
    /// Fields that are filled with a delivery.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at_delivery: Vec<FieldId>,
}

/// One of the three lists (三张清单), or that of their seasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// What is wished for (需求清单).
    Needs,
    /// What is offered (资源清单).
    Resources,
    /// What is undertaken together (项目清单).
    Projects,
    /// In which seasons wishes are collected and fulfilled (季); what is over stays on it.
    Seasons,
}

impl List {
    /// Every list.
    pub const ALL: [Self; 4] = [Self::Needs, Self::Resources, Self::Projects, Self::Seasons];

    /// The list's name in definitions.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Needs => "needs",
            Self::Resources => "resources",
            Self::Projects => "projects",
            Self::Seasons => "seasons",
        }
    }

    /// What people call the list.
    #[must_use]
    pub fn title(self) -> Text {
        let (zh, en) = match self {
            Self::Needs => ("需求清单", "Needs"),
            Self::Resources => ("资源清单", "Resources"),
            Self::Projects => ("项目清单", "Projects"),
            Self::Seasons => ("微心愿季", "Seasons"),
        };
        Text { zh: zh.into(), en: en.into() }
    }
}

/// On which list the cases of a workflow stand, what the wall shows of them, and what matching looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// The list.
    pub list: List,
    /// Fields that everybody may read; each is public and none is private.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub show: Vec<FieldId>,
    /// The states in which a case stands on the list; empty: as long as it is open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<StateId>,
    /// Field of type choice: what kind of thing or help it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<FieldId>,
    /// Field of type int: how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<FieldId>,
    /// Field of type date: not before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<FieldId>,
    /// Field of type date: not after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<FieldId>,
    /// Field of type int, 0 to 10: how badly off the wisher is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vulnerable: Option<FieldId>,
    /// Field of type int: what was carried over stands first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<FieldId>,
}
