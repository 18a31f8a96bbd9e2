//! Votes in which one can vote now, and what stands still for them.

use paidan_model::id::{FieldId, VoteId};
use paidan_model::vote::Vote;
use paidan_model::workflow::Workflow;

use crate::case::Case;
use crate::case::vote::Poll;
use crate::step::Step;

/// Every vote of the active states that can be voted in.
pub(crate) fn open_votes<'w>(case: &'w Case, workflow: &'w Workflow) -> impl Iterator<Item = &'w Vote> {
    let here = case.chart.active.keys().filter_map(|state| workflow.states.get(state)?.vote.as_ref());
    let open = here.filter(|id| case.votes.polls.get(*id).is_some_and(Poll::is_open));
    open.filter_map(|id| workflow.votes.get(id))
}

/// Whether a field is being voted on now.
pub(crate) fn is_voted_on(step: &Step<'_>, field: &FieldId) -> bool {
    let workflow = step.workflow();
    open_votes(&step.case, workflow).any(|vote| workflow.stands_still(vote, field))
}

/// The vote of the active states that can be voted in.
pub(crate) fn active(case: &Case, workflow: &Workflow) -> Option<VoteId> {
    let of = |state| workflow.states.get(state).and_then(|s| s.vote.clone());
    case.chart.active.keys().filter_map(of).find(|id| case.votes.polls.get(id).is_some_and(Poll::is_open))
}
