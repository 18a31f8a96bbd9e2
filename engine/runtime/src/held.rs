//! What the committer holds in memory, and what one command will write.

use std::collections::BTreeMap;

use paidan_journal::entry::{Append, ViewRow};
use paidan_machine::Case;
use paidan_machine::party::Party;
use paidan_model::moment::Moment;
use serde_json::Value as Json;

use crate::commands::Receipt;

/// A case in memory, with what the store has of it.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    pub case: Case,
    pub seq: u64,
    pub at: Moment,
    /// The view rows it has in the store.
    pub rows: Vec<ViewRow>,
    /// The digests of calendars, roster and duty list that its records named last, by kind.
    pub named: BTreeMap<String, String>,
    /// What its secret ballots say, by commitment, while a vote is open.
    pub opened: BTreeMap<String, Json>,
}

/// A claimer's account in memory; none before its first claim.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    pub party: Option<Party>,
    pub seq: u64,
    pub at: i64,
}

/// What one command will write, and what its streams are afterwards.
pub(crate) struct Ready {
    pub append: Append,
    pub receipt: Receipt,
    pub cases: Vec<(String, Loaded)>,
    pub parties: Vec<(String, Account)>,
}
