//! Clocks, pauses and ladders of escalation, as agreed.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::absent::{is_default, is_false};
use crate::calendar::Roll;
use crate::claim::ClaimState;
use crate::field::Per;
use crate::id::{
    ActionId, CalendarId, ChannelId, ClockId, LadderId, NoticeId, PauseId, RoleId, StateId, WorkflowId,
};
use crate::leg::LegState;
pub use crate::rung::At;
use crate::span::Span;
use crate::state::Limit;
use crate::text::Text;

/// Whose time a clock counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The case's: the resident's view.
    #[default]
    Case,
    /// One department's.
    Leg,
    /// Minutes in which no leg holds the case.
    Gap,
    /// One claim's.
    Offer,
}

/// What starts or stops a clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The case was filed.
    Intake,
    /// A state was entered.
    State(StateId),
    /// An action was done.
    Action(ActionId),
    /// A leg reached this state.
    Leg(LegState),
    /// A claim reached this state.
    Claim(ClaimState),
}

/// Which calendar a clock counts in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarRef {
    /// A named one.
    Named(CalendarId),
    /// That of the unit that has to act.
    Unit,
}

/// What becomes of a running clock when its limit changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carry {
    /// Same start, new limit.
    Keep,
    /// A new clock from now.
    Restart,
    /// The consumed share is kept.
    Prorate,
}

/// One clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// What people call it; empty: its id.
    #[serde(default, skip_serializing_if = "is_default")]
    pub title: Text,
    /// Whose time it counts.
    #[serde(default, skip_serializing_if = "is_default")]
    pub scope: Scope,
    /// What starts it.
    pub starts: Vec<Trigger>,
    /// What stops it; empty: leaving the state it starts in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<Trigger>,
    /// Its budget.
    pub limit: Per<Limit>,
    /// Its calendar; none: the workflow's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<Per<CalendarRef>>,
    /// What a last day off does.
    #[serde(default, skip_serializing_if = "is_default")]
    pub roll: Roll,
    /// The clock whose due moment is the latest of this one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capped_by: Option<ClockId>,
    /// Percentages at which the holder hears.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warn: Vec<u8>,
    /// Its ladder; none: the workflow's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ladder: Option<Per<LadderId>>,
    /// Pauses that make it stand still.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pauses: Vec<PauseId>,
    /// How it may be extended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extend: Option<Extend>,
    /// What a changed limit does; none: keep for the case, restart for a leg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carry: Option<Carry>,
    /// Who answers for it; empty: the state's `who`, or the leg.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holder: Vec<RoleId>,
    /// Whether it is the date promised to the resident.
    #[serde(default, skip_serializing_if = "is_false")]
    pub public: bool,
}

/// How a clock may be extended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extend {
    /// Who may ask.
    pub who: Vec<RoleId>,
    /// Who must agree.
    pub approve: Vec<RoleId>,
    /// How often.
    pub times: u8,
    /// By how much at most each time.
    pub step: Span,
    /// Who hears of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tell: Vec<RoleId>,
}

/// A ground on which clocks stand still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// What people call it; empty: its id.
    #[serde(default, skip_serializing_if = "is_default")]
    pub title: Text,
    /// Who may open one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub who: Vec<RoleId>,
    /// Who must agree.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approve: Vec<RoleId>,
    /// Of the case or of one leg.
    #[serde(default, skip_serializing_if = "is_default")]
    pub scope: Scope,
    /// A file must be given.
    #[serde(default, skip_serializing_if = "is_false")]
    pub proof: bool,
    /// It holds exactly while this state is active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub during: Option<StateId>,
    /// Longest duration.
    pub max: Span,
    /// How often per case or leg.
    pub times: u8,
    /// Goes on by itself after this; none: after `max`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes_after: Option<Span>,
    /// Who hears.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tell: Vec<RoleId>,
}

/// Colour of a supervision slip (督办单).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// Near due.
    Blue,
    /// Behind.
    Yellow,
    /// Overdue.
    Red,
}

impl Colour {
    /// What people call a slip of this colour.
    #[must_use]
    pub fn title(self) -> Text {
        let (zh, en) = match self {
            Self::Blue => ("蓝色督办单", "blue slip"),
            Self::Yellow => ("黄色督办单", "yellow slip"),
            Self::Red => ("红色督办单", "red slip"),
        };
        Text { zh: zh.into(), en: en.into() }
    }
}

/// A repeated rung.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeat {
    /// Spacing, in the clock's calendar.
    pub every: Span,
    /// How often, besides the first.
    pub times: u8,
}

/// One rung of a ladder: fires once per clock and round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    /// When.
    pub at: At,
    /// Who hears.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tell: Vec<RoleId>,
    /// By which channels; empty: the notice's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<ChannelId>,
    /// Which text; none: the built-in `overdue`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeId>,
    /// A supervision slip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slip: Option<Colour>,
    /// A role added as responsible; the executor stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assign: Option<RoleId>,
    /// The state the case moves to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub take_over: Option<StateId>,
    /// A linked case to open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<WorkflowId>,
    /// Fires again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Repeat>,
}
