//! Where a script is played: the case and the time that it has reached.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use paidan_machine::case::Case;
use paidan_machine::fact::Fact;
use paidan_machine::party::Party;
use paidan_machine::{Draft, Law};
use paidan_model::moment::Moment;

pub(crate) struct Stage<'a> {
    pub law: Law<'a>,
    pub now: Moment,
    pub case: Case,
    pub drafts: Vec<Draft>,
    pub salts: u64,
    pub parties: BTreeMap<String, Party>,
    pub opened: BTreeMap<String, serde_json::Value>,
}

/// Every fact of a stage so far.
pub(crate) fn facts<'s>(stage: &'s Stage<'_>) -> impl Iterator<Item = &'s Fact> {
    stage.drafts.iter().flat_map(|draft| draft.facts.iter())
}
