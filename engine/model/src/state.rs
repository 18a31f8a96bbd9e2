//! States, actions and what happens on the way.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::absent::{is_default, is_false};
use crate::field::Per;
use crate::guard::Expr;
use crate::id::{
    ActionId, ClaimsId, FieldId, HandoffId, NoticeId, OutcomeId, RoleId, SplitId, StateId, VoteId, WorkflowId,
};
use crate::span::Span;
use crate::text::Text;

/// Events that the engine says itself, whatever a definition raises.
pub const ENGINE_EVENTS: [&str; 10] = [
    "joined",
    "join_failed",
    "done",
    "passed",
    "vote_failed",
    "vote_tied",
    "claimed",
    "all_claimed",
    "released",
    "delivered",
];

/// One state of a workflow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Title.
    #[serde(default, skip_serializing_if = "is_default")]
    pub title: Text,
    /// Parent; none: at the top.
    #[serde(default, rename = "in", skip_serializing_if = "Option::is_none")]
    pub parent: Option<StateId>,
    /// Where a parent is entered; of a parallel state every child.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub start: Vec<StateId>,
    /// All children are active together.
    #[serde(default, skip_serializing_if = "is_false")]
    pub parallel: bool,
    /// Who holds the case here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub who: Vec<RoleId>,
    /// Who must not act here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_who: Vec<RoleId>,
    /// On the way in.
    #[serde(default, skip_serializing_if = "is_default")]
    pub enter: Effects,
    /// On the way out.
    #[serde(default, skip_serializing_if = "is_default")]
    pub leave: Effects,
    /// Actions and events.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub on: BTreeMap<ActionId, Action>,
    /// Timers, measured from entering.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<After>,
    /// Eventless alternatives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub always: Vec<Alternative>,
    /// The hand-off that runs here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handoff: Option<HandoffId>,
    /// The vote that runs here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vote: Option<VoteId>,
    /// The claims that are open here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<ClaimsId>,
    /// Ends the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OutcomeId>,
    /// Ends its parent.
    #[serde(default, skip_serializing_if = "is_false")]
    pub end: bool,
    /// Order of entry among regions.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rank: i32,
    /// How a closed case comes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopen: Option<Reopen>,
}

/// An action or event of a state: who may, what must be given, and the alternatives in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Who may; empty: the state's `who`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub who: Vec<RoleId>,
    /// Who may not, even if listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_who: Vec<RoleId>,
    /// Fields of the form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fill: Vec<FieldId>,
    /// A reason must be written.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reason: bool,
    /// Refused later than this after entering the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
    /// Tried in order; the first whose guard holds is taken.
    pub alternatives: Vec<Alternative>,
}

/// One way an action may go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternative {
    /// Where to; none: the case stays, nothing is left or entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub go: Option<Target>,
    /// Condition; none: always (also what `otherwise = true` becomes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Expr>,
    /// Fields written.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<FieldId, Expr>,
    /// Fields emptied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clear: Vec<FieldId>,
    /// The round grows by one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub next_round: bool,
    /// Events raised after the move.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub raise: Vec<ActionId>,
    /// A linked case to open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Per<WorkflowId>>,
    /// The split that somebody joins now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join_late: Option<SplitId>,
}

/// Where an alternative goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A state.
    State(StateId),
    /// The last active child of the composite the case came from.
    Back,
    /// Its whole last configuration.
    BackDeep,
}

/// A timer of a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    /// When.
    pub time: Limit,
    /// Where to.
    pub go: StateId,
}

/// A length of time, or a field that holds the moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// A duration.
    Span(Span),
    /// A field of type date or moment.
    Field(FieldId),
}

/// What happens on entering, leaving, or at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effects {
    /// Notices sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<NoticeId>,
    /// Roles that get to see the case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copy: Vec<RoleId>,
    /// Events raised.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub raise: Vec<ActionId>,
    /// Fields written.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<FieldId, Expr>,
    /// A linked case to open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<Per<WorkflowId>>,
    /// The event that the parent case hears of, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ActionId>,
}

/// How a closed case may be opened again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reopen {
    /// Who may.
    pub who: Vec<RoleId>,
    /// Until when after closing.
    pub within: Span,
    /// Where to.
    pub go: StateId,
    /// A reason must be written.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reason: bool,
}
