//! Where the states of a workflow stand among each other, and which of the active ones lie lowest.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use paidan_model::id::StateId;
use paidan_model::workflow::Workflow;

use crate::case::Case;

/// The active states without active children, by rank and id.
#[must_use]
pub fn leaves<'a>(workflow: &Workflow, case: &'a Case) -> Vec<&'a StateId> {
    let parents: BTreeSet<&StateId> = case
        .chart
        .active
        .keys()
        .filter_map(|id| workflow.states.get(id).and_then(|s| s.parent.as_ref()))
        .collect();
    let mut found: Vec<_> = case.chart.active.keys().filter(|id| !parents.contains(id)).collect();
    found.sort_by_cached_key(|id| path(workflow, id));
    found
}

/// A state's place among all: ranks and ids from the top down. Sorting by it gives the order of entry.
pub(crate) fn path(workflow: &Workflow, state: &StateId) -> Vec<(i32, StateId)> {
    let mut found: Vec<_> = core::iter::once(state)
        .chain(workflow.ancestors(state))
        .map(|id| (workflow.states.get(id).map_or(0, |s| s.rank), id.clone()))
        .collect();
    found.reverse();
    found
}

pub(crate) fn is_inside(workflow: &Workflow, state: &StateId, of: &StateId) -> bool {
    workflow.ancestors(state).any(|above| above == of)
}
