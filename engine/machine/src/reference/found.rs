//! What was found of what a form names.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use paidan_model::id::{FieldId, StateId, WorkflowId};
use serde_json::Value as Json;

/// Another case that a field names: what of it is in the clear.
#[derive(Clone, Debug, PartialEq)]
pub struct Linked {
    /// Its workflow.
    pub workflow: WorkflowId,
    /// It has ended: nothing new is linked to it.
    pub closed: bool,
    /// Its active states.
    pub states: BTreeSet<StateId>,
    /// Its fields, as a form takes them.
    pub fields: BTreeMap<FieldId, Json>,
    /// The cases that it leads to by the same field, directly or through others: numbers.
    pub leads_to: BTreeSet<String>,
}

/// What was found of what a form names, as far as the asker may know of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct References {
    /// Cases, by the field that names them and their number.
    pub cases: BTreeMap<(FieldId, String), Linked>,
    /// People of the town who are not on its roster; none: people, places and units are not checked
    /// beyond the roster, as in scripts.
    pub people: Option<BTreeSet<String>>,
    /// Digests of files that the asker may name; none: files are not checked, as in scripts.
    pub files: Option<BTreeSet<String>>,
}
