//! Members of facts that are always said.

use alloc::boxed::Box;
use alloc::string::String;
use paidan_model::calendar::Budget;
use paidan_model::claim::ClaimState;
use paidan_model::clock::Colour;
use paidan_model::id::{
    ActionId, ChoiceId, ClaimsId, FieldId, HandoffId, NoticeId, OutcomeId, PauseId, PostId,
};
use paidan_model::id::{RoleId, SplitId, StateId, UnitId, VoteId, WorkflowId};
use paidan_model::leg::{LegState, Part};
use paidan_model::value::Held;

use crate::case::claim::Initiator;
use crate::case::clock::{ClockKey, MoveCause, Standstill, Verdict};
use crate::case::leg::How;
use crate::case::member::Member;
use crate::case::share::Joined;
use crate::case::timer::AlarmKind;
use crate::case::vote::How as Came;
use crate::tally::Tally;

macro_rules! always_said {
    ($($name:ty),+ $(,)?) => { $(impl Member for $name {})+ };
}

always_said!(
    u8,
    u32,
    i64,
    String,
    ActionId,
    ChoiceId,
    ClaimsId,
    FieldId,
    HandoffId,
    NoticeId,
    OutcomeId,
    PauseId,
    PostId,
    RoleId,
    SplitId,
    StateId,
    UnitId,
    VoteId,
    WorkflowId,
    Held,
    Budget,
    ClaimState,
    Colour,
    LegState,
    Part,
    Initiator,
    ClockKey,
    MoveCause,
    Standstill,
    Verdict,
    How,
    Came,
    Joined,
    AlarmKind,
    Box<Tally>,
);
