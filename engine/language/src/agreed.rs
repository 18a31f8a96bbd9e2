//! A workflow that was found sound, with every form of it.

use std::collections::BTreeMap;

use paidan_model::id::ProfileId;
use paidan_model::script::Script;
use paidan_model::workflow::Workflow;

use crate::read::Promises;
use crate::source::Place;

/// A definition as it is written, or under one of its profiles.
#[derive(Clone, Debug)]
pub struct Form {
    /// The workflow.
    pub workflow: Workflow,
    /// Its digest.
    pub digest: String,
}

/// A workflow that was found sound.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// The workflow, under the profile that the town has picked.
    pub workflow: Workflow,
    /// Its digest.
    pub digest: String,
    /// Every form of it: as it is written, and under each of its profiles.
    pub forms: BTreeMap<Option<ProfileId>, Form>,
    /// The file it was read from.
    pub path: String,
    /// The file's text.
    pub source: String,
    /// Where its version is written.
    pub version_place: Place,
    /// Its tests.
    pub scripts: Vec<Script>,
    /// Its promises.
    pub promises: Promises,
}
