//! The agreed workflow: what the checker has found sound, expanded and resolved, with its digest.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::absent::is_default;
use crate::claim::{Claims, Listing};
use crate::clock::{CalendarRef, Clock, Pause, Rung};
use crate::field::{Field, Meaning, Per};
use crate::guard::Expr;
use crate::id::StartId;
use crate::id::{
    ActionId, CalendarId, ChoiceId, ClaimsId, ClockId, FieldId, GroundId, HandoffId, HintId, LadderId,
    NoticeId, OutcomeId, PauseId, PostId, ProfileId, RoleId, SplitId, StateId, UnitKind, VoteId, WorkflowId,
};
use crate::leg::{Ground, Handoff};
use crate::notice::Notice;
use crate::outcome::{Class, Outcome};
use crate::span::Span;
use crate::split::Split;
use crate::start::Start;
use crate::state::{Effects, State};
use crate::text::Text;
use crate::vote::Vote;

/// The form that digests are taken of.
pub const FORM: u32 = 1;

/// What kind of definition it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A case with parties and clocks.
    #[default]
    Case,
    /// A plain statechart.
    Chart,
}

/// Who a role is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A job at a unit of the case's place, or at the leg's unit.
    Post {
        /// The job.
        post: PostId,
        /// Where.
        of: Whose,
    },
    /// The person in a field.
    Person(FieldId),
    /// Whoever acts for a department's leg.
    Department,
    /// Whoever acts for the lead's leg.
    Lead,
    /// The owners in a field of type roster, with their co-owners.
    Owners(FieldId),
    /// Whoever holds an open claim; about a clock of scope offer, of that claim.
    Claimer,
    /// Another role for each choice.
    Per {
        /// The field of type choice.
        field: FieldId,
        /// The role for each choice.
        of: BTreeMap<ChoiceId, RoleId>,
    },
}

impl Role {
    /// The job, and the level of the case's place at whose unit it is; nothing of every other role.
    #[must_use]
    pub fn at_level(&self) -> Option<(&PostId, &UnitKind)> {
        match self {
            Self::Post { post, of: Whose::Level(kind) } => Some((post, kind)),
            Self::Post { of: Whose::Leg | Whose::Anywhere, .. }
            | Self::Person(_)
            | Self::Department
            | Self::Lead
            | Self::Owners(_)
            | Self::Claimer
            | Self::Per { .. } => None,
        }
    }
}

/// At which unit a post is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// The level of the case's place of that kind.
    Level(UnitKind),
    /// The unit of the leg at hand.
    Leg,
    /// Any unit of the town.
    Anywhere,
}

/// What becomes of personal values after closing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keep {
    /// Kept this long after closing, then redacted.
    pub closed_for: Span,
}

/// Words that are shown with a case while a condition holds; they stop nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// The condition.
    pub when: Expr,
    /// What is said.
    pub text: Text,
}

/// A condition that must hold after every step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Always {
    /// Its name.
    pub name: String,
    /// The condition.
    pub that: Expr,
}

/// Which of a definition's profiles a form was made by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Its name.
    pub id: ProfileId,
    /// The digest of the definition as it is written, without a profile: forms that share it are of one text.
    pub of: String,
}

/// One agreed workflow. Order lives in arrays only; tables are sorted by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workflow {
    /// The number of this form, [`FORM`].
    pub form: u32,
    /// Its name.
    pub id: WorkflowId,
    /// Grows with each published change.
    pub version: u32,
    /// The profile that is applied; none: as it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Case or plain chart.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: Kind,
    /// Title.
    pub title: Text,
    /// The post that answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Role>,
    /// Who may open a case: a person in a field for themselves, a job for anybody; empty: the posts
    /// of the owning unit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub who: Vec<RoleId>,
    /// Who may open a case in the name of somebody else; empty: the jobs that `who` names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub for_others: Vec<RoleId>,
    /// Calendar for what names none.
    pub calendar: CalendarId,
    /// Where a case begins.
    pub start: Vec<StateId>,
    /// Highest round.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rounds: u8,
    /// Form of the public number; empty: the default.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub number: String,
    /// Ladder for clocks that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ladder: Option<LadderId>,
    /// `enter` of every final state that has none of its own.
    #[serde(default, skip_serializing_if = "is_default")]
    pub at_end: Effects,
    /// What becomes of personal values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<Keep>,
    /// Roles.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<RoleId, Role>,
    /// Fields.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<FieldId, Field>,
    /// The fields in the order in which they were written, for forms and pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<FieldId>,
    /// States.
    pub states: BTreeMap<StateId, State>,
    /// Outcomes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outcomes: BTreeMap<OutcomeId, Outcome>,
    /// Titles of actions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub actions: BTreeMap<ActionId, Text>,
    /// Hand-offs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub handoffs: BTreeMap<HandoffId, Handoff>,
    /// Grounds of refusal.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub grounds: BTreeMap<GroundId, Ground>,
    /// Clocks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub clocks: BTreeMap<ClockId, Clock>,
    /// Pauses.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pauses: BTreeMap<PauseId, Pause>,
    /// Ladders.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ladders: BTreeMap<LadderId, Vec<Rung>>,
    /// Notices.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notices: BTreeMap<NoticeId, Notice>,
    /// Votes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub votes: BTreeMap<VoteId, Vote>,
    /// What goes along to a linked case under another name: by its workflow, its fields and those of this one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub opens: BTreeMap<WorkflowId, BTreeMap<FieldId, FieldId>>,
    /// Sums of money that are divided.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub splits: BTreeMap<SplitId, Split>,
    /// What is worth a thought, while it is so.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub hints: BTreeMap<HintId, Hint>,
    /// Claims.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<ClaimsId, Claims>,
    /// The list its cases stand on; then each is a stream of kind item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listing: Option<Listing>,
    /// When cases begin by themselves.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub starts: BTreeMap<StartId, Start>,
    /// Conditions that must hold after every step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub always: Vec<Always>,
}

impl Workflow {
    /// The canonical bytes of the agreed form: JSON with sorted keys and defaults left out.
    ///
    /// # Errors
    /// Never for a workflow that the checker made; serde's error is passed on all the same.
    pub fn canonical(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&serde_json::to_value(self)?)
    }

    /// Reads canonical bytes back.
    ///
    /// # Errors
    /// When the bytes are no workflow of a form this program knows.
    pub fn from_canonical(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// The digest that cases are pinned to: SHA-256 of [`Workflow::canonical`], as hex.
    ///
    /// # Errors
    /// As for [`Workflow::canonical`].
    pub fn digest(&self) -> Result<String, serde_json::Error> {
        Ok(hex::encode(Sha256::digest(self.canonical()?)))
    }

    /// What reports count an outcome as.
    #[must_use]
    pub fn class_of(&self, outcome: &OutcomeId) -> Class {
        let declared = self.outcomes.get(outcome).map(|outcome| outcome.class);
        declared.unwrap_or_else(|| Class::of_undeclared(outcome.as_str()))
    }

    /// What people call an outcome: its title, else its id.
    #[must_use]
    pub fn outcome_title(&self, outcome: &OutcomeId) -> Text {
        let id = || Text { zh: outcome.as_str().into(), en: outcome.as_str().into() };
        let title = self.outcomes.get(outcome).map(|outcome| outcome.title.clone());
        title.filter(|title| *title != Text::default()).unwrap_or_else(id)
    }

    /// The field that means something, whatever it is called.
    #[must_use]
    pub fn field_that_means(&self, meaning: Meaning) -> Option<(&FieldId, &Field)> {
        self.fields.iter().find(|(_, field)| field.means == Some(meaning))
    }

    /// Whether a clock counts by the calendar of the unit that acts.
    #[must_use]
    pub fn counts_by_units(&self) -> bool {
        let mut named = self.clocks.values().flat_map(|clock| &clock.calendar).flat_map(Per::values);
        named.any(|calendar| *calendar == CalendarRef::Unit)
    }

    /// What people call a ground of refusal: its title, else its id.
    #[must_use]
    pub fn ground_title(&self, ground: &GroundId) -> Text {
        let id = || Text { zh: ground.as_str().into(), en: ground.as_str().into() };
        let title = self.grounds.get(ground).map(|ground| ground.title.clone());
        title.filter(|title| *title != Text::default()).unwrap_or_else(id)
    }

    /// The name of the profile that is applied, if one is.
    #[must_use]
    pub fn profile_id(&self) -> Option<&ProfileId> {
        self.profile.as_ref().map(|profile| &profile.id)
    }

    /// The fields as people read them: in the order in which they were written; what has no place there follows by id.
    #[must_use]
    pub fn fields_in_order(&self) -> Vec<(&FieldId, &Field)> {
        let mut found: Vec<_> = self.fields.iter().collect();
        let place = |id: &FieldId| self.order.iter().position(|other| other == id).unwrap_or(usize::MAX);
        found.sort_by_cached_key(|(id, _)| place(id));
        found
    }

    /// The field of this workflow that fills a field of a linked case: the one that is named for it, else its namesake.
    #[must_use]
    pub fn source_of<'a>(&'a self, child: &WorkflowId, field: &'a FieldId) -> &'a FieldId {
        self.opens.get(child).and_then(|given| given.get(field)).unwrap_or(field)
    }

    /// Whether a field stands still while a vote is open: it is voted on, or a term of a sum that is.
    #[must_use]
    pub fn stands_still(&self, vote: &Vote, field: &FieldId) -> bool {
        vote.holds_still(field)
            || self
                .splits
                .values()
                .map(Split::terms)
                .any(|terms| terms.contains(field) && terms.iter().any(|term| vote.about.contains(*term)))
    }

    /// The parents of a state, nearest first.
    pub fn ancestors<'a>(&'a self, state: &StateId) -> impl Iterator<Item = &'a StateId> {
        let first = self.states.get(state).and_then(|s| s.parent.as_ref());
        core::iter::successors(first, |id| self.states.get(*id).and_then(|s| s.parent.as_ref()))
    }

    /// The children of a state (of none: the top), in order of entry: rank, then id.
    #[must_use]
    pub fn children(&self, parent: Option<&StateId>) -> Vec<&StateId> {
        let mut found: Vec<_> = self.states.iter().filter(|(_, s)| s.parent.as_ref() == parent).collect();
        found.sort_by(|(a, x), (b, y)| x.rank.cmp(&y.rank).then_with(|| a.cmp(b)));
        found.into_iter().map(|(id, _)| id).collect()
    }
}
