//! Scripts: the `[[tests]]` of a definition and the steps of a town's story.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::claim::ClaimState;
use crate::clock::Colour;
use crate::id::{
    ActionId, ClockId, FieldId, HintId, NoticeId, OutcomeId, ProfileId, RoleId, SplitId, StateId, UnitId,
    VoteId,
};
use crate::leg::LegState;
use crate::moment::Moment;
use crate::span::Span;
use crate::vote::Axis;

/// One test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// What it shows.
    pub name: String,
    /// The profile it is played under; none: what is in force.
    pub profile: Option<ProfileId>,
    /// Fields at intake.
    pub given: BTreeMap<FieldId, Json>,
    /// Cases that fields of this one may name: by number, with the workflow under `of` and their fields.
    pub others: BTreeMap<String, BTreeMap<String, Json>>,
    /// Moment of intake; none: a fixed working morning.
    pub at: Option<Moment>,
    /// What happens.
    pub steps: Vec<Step>,
}

/// One step of a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Somebody acts.
    Do(Deed),
    /// An event arrives; ignored where nothing listens.
    Send(ActionId),
    /// The pretend clock moves on by this.
    Wait(Span),
    /// The pretend clock moves to this moment.
    WaitUntil(Moment),
    /// Exactly these leaf states are active.
    In(Vec<StateId>),
    /// Something is to be seen.
    See(alloc::boxed::Box<See>),
}

/// An action in a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// Which action.
    pub action: ActionId,
    /// As whom; none: the first role that may.
    pub who: Option<RoleId>,
    /// As which person, by subject id.
    pub person: Option<String>,
    /// The form.
    pub fill: BTreeMap<String, Json>,
    /// The reason.
    pub reason: Option<String>,
    /// The unit whose leg acts.
    pub leg: Option<UnitId>,
    /// The code of the refusal that is expected.
    pub refused: Option<String>,
}

/// What is to be seen; all given parts must hold of one and the same thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct See {
    /// A role was told.
    pub told: Option<RoleId>,
    /// By this notice.
    pub notice: Option<NoticeId>,
    /// With this slip.
    pub slip: Option<Colour>,
    /// A clock runs with this due moment.
    pub due: Option<ClockId>,
    /// The due moment.
    pub at: Option<Moment>,
    /// A clock is late.
    pub late: Option<ClockId>,
    /// Of this unit's leg.
    pub leg: Option<UnitId>,
    /// The leg is in this state.
    pub state: Option<LegState>,
    /// The claim of this number.
    pub claim: Option<u32>,
    /// The claim is in this state.
    pub claim_state: Option<ClaimState>,
    /// So much of the item is left.
    pub left: Option<i64>,
    /// This hint holds.
    pub hint: Option<HintId>,
    /// This sum is divided.
    pub split: Option<SplitId>,
    /// So: what each part named has paid by now, in fen.
    pub pays: BTreeMap<String, i64>,
    /// This vote has ended.
    pub vote: Option<VoteId>,
    /// It ended so: `passed`, `failed`, `tied`, `void`.
    pub verdict: Option<String>,
    /// Its sums by axis: everybody, those who took part, those who agreed.
    pub sums: BTreeMap<Axis, [i64; 3]>,
    /// A field.
    pub field: Option<FieldId>,
    /// Its value.
    pub is: Option<Json>,
    /// The case ended so.
    pub outcome: Option<OutcomeId>,
}
