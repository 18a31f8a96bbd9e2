//! The cases that a case has opened.

use alloc::collections::BTreeMap;
use paidan_model::id::{ActionId, FieldId, WorkflowId};
use paidan_model::value::Held;
use serde::Serialize;

use super::family::family;

family! {
    /// What passed between a case and those linked to it.
    LinkFact {
        /// A linked case is to be opened.
        ChildAsked = "child_asked" {
            workflow: WorkflowId,
            #[serde(default)]
            fields: BTreeMap<FieldId, Held>,
            n: u32,
        }
        /// The parent case is told of something.
        Reported = "reported" { event: ActionId }
    }
}

/// The cases that a case has opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Links {
    /// How many linked cases it has asked for.
    pub children: u32,
    /// The number of the last of each workflow: it alone is still listened to.
    #[serde(rename = "asked")]
    pub latest: BTreeMap<WorkflowId, u32>,
}

impl Links {
    pub(super) fn evolve(&mut self, fact: &LinkFact) {
        match fact {
            LinkFact::ChildAsked { workflow, n, .. } => {
                self.children += 1;
                self.latest.insert(workflow.clone(), *n);
            }
            LinkFact::Reported { .. } => {}
        }
    }
}
