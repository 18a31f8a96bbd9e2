//! `[profiles]`: of a definition, which there are; of a town, which of them it picks.

use std::collections::{BTreeMap, BTreeSet};

use paidan_model::id::{ProfileId, WorkflowId};

use super::limit;
use crate::code::Code;
use crate::finding::Finding;
use crate::reader::{Reader, Table};
use crate::source::Place;
use crate::tree::Node;

/// The most profiles of a definition: each is checked as a definition of its own.
pub const PROFILES_MAX: usize = 16;

/// What a town writes that takes a definition as it is written; no profile is called so.
pub const AS_WRITTEN: &str = "as-written";

/// The tables that a profile leaves alone: what a definition is tried and proved by, and what it is.
const FIXED: [&str; 5] = ["profiles", "tests", "promises", "always", "allow_findings"];
/// The same within `[workflow]`.
const FIXED_IN_HEAD: [&str; 3] = ["id", "version", "use"];

/// What a town picks for a workflow, and where it says so.
#[derive(Clone, Debug)]
pub(crate) struct Pick {
    /// The profile; none: as written.
    pub profile: Option<ProfileId>,
    /// Where the workflow is named.
    pub key: Place,
    /// Where the profile is named.
    pub place: Place,
}

/// The profiles that a definition declares.
pub(super) fn declared(reader: &Reader, root: &Table<'_>) -> BTreeSet<ProfileId> {
    let Some(node) = root.get("profiles") else {
        return BTreeSet::new();
    };
    let found = reader.by_name::<ProfileId>(node);
    limit(reader, root.key_place("profiles"), "profiles", found.len(), PROFILES_MAX);
    for (id, entry) in &found {
        if id.as_str() == AS_WRITTEN {
            let en = format!("`{AS_WRITTEN}` is what a town writes that picks no profile");
            reader.find(Code::WrongValue, entry.key, format!("`{AS_WRITTEN}`表示不选地方参数"), en);
        }
        fixed(reader, &entry.value);
    }
    found.into_iter().map(|(id, _)| id).collect()
}

/// Notes what a profile says of things that stay as they are.
fn fixed(reader: &Reader, profile: &Node) {
    let Some(table) = reader.table(profile, "a profile") else {
        return;
    };
    let head = table.get("workflow").into_iter().flat_map(Node::entries);
    let head = head.filter(|(key, _)| FIXED_IN_HEAD.contains(&key.as_str()));
    let top = profile.entries().filter(|(key, _)| FIXED.contains(&key.as_str()));
    for (key, entry) in top.chain(head) {
        let en = format!("a profile changes limits and thresholds; `{key}` is the definition's alone");
        reader.find(Code::UnknownKey, entry.key, format!("地方参数不能改`{key}`"), en);
    }
}

/// The profile that a test names.
pub(super) fn of_test(reader: &Reader, node: &Node, declared: &BTreeSet<ProfileId>) -> Option<ProfileId> {
    let found: ProfileId = reader.name(node)?;
    if !declared.contains(&found) {
        let en = format!("there is no profile `{found}`");
        let finding = Finding::new(Code::UnknownName, node.place, format!("没有地方参数`{found}`"), en);
        reader.note(offered(finding, &found, declared.iter()));
    }
    Some(found)
}

/// A finding with the profiles that may be meant: the nearest, else all of them.
pub(crate) fn offered<'n>(
    finding: Finding,
    name: &ProfileId,
    known: impl Iterator<Item = &'n ProfileId>,
) -> Finding {
    let known: Vec<&str> = known.map(ProfileId::as_str).collect();
    let near = finding.nearest(name.as_str(), known.iter().copied());
    match (&near.help, known.is_empty()) {
        (Some(_), _) => near,
        (None, true) => near.help("the definition declares no profile"),
        (None, false) => near.help(format!("the definition declares `{}`", known.join("`, `"))),
    }
}

/// Reads what a town picks: `[profiles]` of a text that is neither a definition nor a block.
pub(crate) fn picks(reader: &Reader, root: &Node, found: &mut BTreeMap<WorkflowId, Pick>) {
    if root.get("workflow").is_some() || root.get("block").is_some() {
        return;
    }
    let Some(node) = root.get("profiles") else {
        return;
    };
    for (workflow, entry) in reader.by_name::<WorkflowId>(node) {
        let Some(profile) = reader.name::<ProfileId>(&entry.value) else {
            continue;
        };
        let profile = Some(profile).filter(|profile| profile.as_str() != AS_WRITTEN);
        let pick = Pick { profile, key: entry.key, place: entry.value.place };
        let before = found.insert(workflow.clone(), pick.clone());
        if before.is_some_and(|before| before.profile != pick.profile) {
            let en = format!("another profile is picked for `{workflow}` elsewhere");
            reader.find(Code::Duplicate, pick.key, format!("流程`{workflow}`的地方参数选了两次"), en);
        }
    }
}
