//! What a command comes to: records, values for the vault, files that are named, and what is asked of other streams.

use alloc::string::String;
use alloc::vec::Vec;
use paidan_model::id::StateId;
use paidan_model::moment::Moment;
use serde_json::Value as Json;

use crate::actor::By;
use crate::case::Case;
use crate::command::Hold;
use crate::fact::Fact;
use crate::party::PartyAsk;

/// One record to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Recorded time.
    pub at: Moment,
    /// The computed moment, where it differs from `at`.
    pub due: Option<Moment>,
    /// Who asked.
    pub by: By,
    /// `opened`, `acted`, `sent`, `fired` or `recounted`.
    pub kind: String,
    /// What happened.
    pub facts: Vec<Fact>,
}

/// A file that a value names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// The hash of its bytes or, in scripts, its name.
    pub file: String,
    /// The commitment of the value; none: it is recorded in the clear.
    pub commitment: Option<String>,
}

/// A personal value for the vault.
#[derive(Clone, Debug, PartialEq)]
pub struct Sealed {
    /// The field, or `reason`, `basis`, `proof`.
    pub field: String,
    /// The value.
    pub value: Json,
    /// Its salt.
    pub salt: [u8; 32],
    /// What the record holds.
    pub commitment: String,
    /// Whose it is, if the case says.
    pub subject: Option<String>,
}

/// What a command leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The case after it.
    pub case: Case,
    /// The records, in order: timers that fired first, then the command's own.
    pub drafts: Vec<Draft>,
    /// Values for the vault.
    pub sealed: Vec<Sealed>,
    /// What is asked of other streams: all of them take it, or nothing of this decision is recorded.
    pub touches: Vec<Touch>,
    /// Files that the records and the values for the vault name.
    pub files: Vec<NamedFile>,
    /// Eventless alternatives that were taken, by state and number. They stand in no record: they follow from it.
    pub eventless: Vec<(StateId, usize)>,
}

impl Decision {
    pub(crate) fn of(case: Case) -> Self {
        let (drafts, sealed, touches) = (Vec::new(), Vec::new(), Vec::new());
        Self { case, drafts, sealed, touches, files: Vec::new(), eventless: Vec::new() }
    }
}

/// What a command asks of other streams; all of them take it, or nothing is done.
#[derive(Clone, Debug, PartialEq)]
pub enum Touch {
    /// Of a claimer's account.
    Party {
        /// Which.
        party: String,
        /// The number of the claim.
        claim: u32,
        /// What.
        ask: PartyAsk,
    },
    /// Of an item on another list.
    Item {
        /// Its stream.
        stream: String,
        /// What.
        hold: Hold,
    },
}
