//! What a case was filed under, which never changes, and how its life went: opened, ended, opened again.

use alloc::collections::BTreeMap;
use alloc::string::String;
use paidan_model::id::{ActionId, OutcomeId, StateId, UnitId, UnitKind, WorkflowId};
use paidan_model::moment::Moment;
use paidan_model::outcome::Class;
use paidan_model::value::Held;
use serde::Serialize;

use super::family::family;

family! {
    /// The life of a case as a whole.
    CaseFact {
        /// The case was filed under this definition.
        Opened = "opened" {
            stream: String,
            workflow: WorkflowId,
            digest: String,
            number: String,
            #[serde(default)]
            levels: BTreeMap<UnitKind, UnitId>,
            channel: String,
            at: Moment,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            code: Option<String>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            parent: Option<String>,
            /// Which of its parent's linked cases it is, from 1.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            nth: Option<u32>,
            /// When the matter first came in, as the case it was turned into this one from.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            since: Option<Moment>,
        }
        /// An action was taken.
        Acted = "acted" {
            action: ActionId,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            leg: Option<UnitId>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            state: Option<StateId>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            way: Option<u32>,
        }
        /// A reason was written; the words are in the vault.
        Reasoned = "reasoned" { reason: Held }
        /// The case ended. Records from before outcomes were declared name no class.
        Ended = "ended" {
            outcome: OutcomeId,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            class: Option<Class>,
            at: Moment,
        }
        /// The case came back.
        Reopened = "reopened" { at: Moment }
        /// The time for which personal values are kept has passed; they are erased.
        Redacted = "redacted" { at: Moment }
    }
}

/// What a case was filed under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Filing {
    /// The stream's id.
    pub stream: String,
    /// The workflow's name.
    pub workflow: WorkflowId,
    /// The digest it is pinned to.
    pub digest: String,
    /// The public number.
    pub number: String,
    /// The units of its place, by kind.
    pub levels: BTreeMap<UnitKind, UnitId>,
    /// The channel it came by.
    pub channel: String,
    /// The hash of the code by which the resident tracks it.
    pub code: Option<String>,
    /// The stream of the case that opened it.
    pub parent: Option<String>,
    /// Which of its parent's linked cases it is, from 1.
    pub nth: Option<u32>,
    /// When it was filed.
    pub opened: Moment,
    /// When the matter first came in, if another case was turned into this one: what is public counts from then.
    pub since: Option<Moment>,
}

impl Filing {
    /// What the first fact of a case files it under; nothing for every other fact.
    pub(super) fn from_fact(fact: &CaseFact) -> Option<Self> {
        let CaseFact::Opened {
            stream,
            workflow,
            digest,
            number,
            levels,
            channel,
            at,
            code,
            parent,
            nth,
            since,
        } = fact
        else {
            return None;
        };
        Some(Self {
            stream: stream.clone(),
            workflow: workflow.clone(),
            digest: digest.clone(),
            number: number.clone(),
            levels: levels.clone(),
            channel: channel.clone(),
            code: code.clone(),
            parent: parent.clone(),
            nth: *nth,
            opened: *at,
            since: *since,
        })
    }
}

/// How the life of a case went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Life {
    /// How it ended; none while it is open.
    pub outcome: Option<OutcomeId>,
    /// What reports count that as.
    pub class: Option<Class>,
    /// When it ended.
    pub ended: Option<Moment>,
    /// When its personal values were erased because the time to keep them had passed.
    pub redacted: Option<Moment>,
}

impl Life {
    pub(super) fn evolve(&mut self, fact: &CaseFact) {
        match fact {
            CaseFact::Opened { .. } | CaseFact::Acted { .. } | CaseFact::Reasoned { .. } => {}
            CaseFact::Ended { outcome, class, at } => {
                let class = class.unwrap_or_else(|| Class::of_undeclared(outcome.as_str()));
                self.outcome = Some(outcome.clone());
                self.class = Some(class);
                self.ended = Some(*at);
            }
            CaseFact::Reopened { .. } => {
                self.outcome = None;
                self.class = None;
                self.ended = None;
            }
            CaseFact::Redacted { at } => self.redacted = Some(*at),
        }
    }
}
