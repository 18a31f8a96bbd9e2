//! What may be asked of a case.

use alloc::collections::BTreeMap;
use alloc::string::String;
use paidan_model::id::{ActionId, UnitId, UnitKind, WorkflowId};
use paidan_model::moment::Moment;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::actor::Actor;

/// A command: who asks, and what.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Who asks.
    pub actor: Actor,
    /// What is asked.
    pub ask: Ask,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// A new case.
    Open(Open),
    /// An action of the case, of a leg, or built in.
    Act(Act),
    /// An event; ignored where nothing listens.
    Send(ActionId),
    /// An event from a linked case; ignored where nothing listens, and where a later one of its kind was asked for since.
    Hear(Heard),
    /// Fire what is due; nothing else.
    Tick,
    /// Count due moments again: a calendar has changed. Fires nothing.
    Recount,
    /// Note that the personal values of a closed case are erased; nothing when it is open, or noted already.
    Redact,
    /// Another item holds a part of this one, or lets it go.
    Hold(Hold),
}

/// What a linked case tells the one that opened it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The event.
    pub event: ActionId,
    /// Which of the linked cases tells it.
    pub child: Child,
}

/// Which of the linked cases of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Child {
    /// Its workflow.
    pub workflow: WorkflowId,
    /// The how-manieth linked case, of any workflow.
    pub n: u32,
}

/// The case that opens another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// Its stream.
    pub stream: String,
    /// The how-manieth of its linked cases this one is.
    pub n: u32,
}

/// What an item on one list asks of an item on another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    /// To hold a part of it for a claim.
    Take {
        /// The item that was claimed.
        item: String,
        /// The number of the claim there.
        claim: u32,
        /// How much.
        qty: i64,
        /// Whose it must be.
        party: String,
    },
    /// To let it go, or to have used it.
    End {
        /// The item that was claimed.
        item: String,
        /// The number of the claim there.
        claim: u32,
        /// It was handed over.
        used: bool,
    },
}

/// A new case.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// The stream's id.
    pub stream: String,
    /// The public number.
    pub number: String,
    /// The units of the case's place, by kind.
    pub levels: BTreeMap<UnitKind, UnitId>,
    /// The form.
    pub fill: BTreeMap<String, Json>,
    /// The channel it came by.
    pub channel: String,
    /// The hash of the code by which the resident tracks it.
    pub code: Option<String>,
    /// The case that opened it.
    pub parent: Option<Parent>,
    /// When the matter first came in, if that case was turned into this one.
    pub since: Option<Moment>,
}

/// An action of the definition, or one of the [`crate::verb::Verb`]s that are built in.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// Its name.
    pub action: ActionId,
    /// The form, by field.
    pub fill: BTreeMap<String, Json>,
    /// The reason.
    pub reason: Option<String>,
    /// The unit whose leg is meant.
    pub leg: Option<UnitId>,
    /// The last sequence the asker saw; older than what changed rights since is refused.
    pub seen: Option<u64>,
}
