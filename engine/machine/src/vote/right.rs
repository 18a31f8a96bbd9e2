//! Who may see a vote's ballots and papers, and for whom somebody may act in it.

use alloc::vec::Vec;
use paidan_model::id::{RoleId, StateId, VoteId};
use paidan_model::roster::Post;
use paidan_model::vote::Voters;
use paidan_model::workflow::Workflow;

use crate::actor::Actor;
use crate::case::Case;
use crate::case::vote::Poll;
use crate::tally::Elector;

/// For whom somebody may act in a vote: every elector for those who write papers down, else themselves, whoever they own
/// a part with, and those who named them as proxy.
#[must_use]
pub fn acts_for<'c>(workflow: &Workflow, case: &'c Case, id: &VoteId, actor: &Actor) -> Vec<&'c Elector> {
    let Some(poll) = case.votes.polls.get(id) else { return Vec::new() };
    let Actor::Person { subject, .. } = actor else { return Vec::new() };
    let all = collects_papers(workflow, case, id, actor);
    let mine = |e: &&Elector| {
        e.owner == *subject || e.co_owners.contains(subject) || poll.proxies.get(&e.owner) == Some(subject)
    };
    poll.electors.iter().filter(|elector| all || mine(elector)).collect()
}

/// Whether somebody may see how each voter voted, where the vote is not secret: those who vote in it, those who write
/// down its papers, may stop it or audit it. Others see the sums (paper signatures hang in the stairwell, not in an
/// office on the other side of the town).
#[must_use]
pub fn sees_ballots(workflow: &Workflow, case: &Case, id: &VoteId, actor: &Actor) -> bool {
    let Actor::Person { subject, posts, .. } = actor else { return true };
    let (Some(vote), Some(poll)) = (workflow.votes.get(id), case.votes.polls.get(id)) else {
        return false;
    };
    let votes = poll.elector_of(subject).is_some()
        || poll.proxies.values().any(|proxy| proxy == subject)
        || votes_for_unit(workflow, id, poll, posts);
    let vetoes = crate::audience::holds(workflow, case, actor, &vote.veto, None);
    votes || vetoes || writes_papers(workflow, case, id, actor)
}

/// Whether one of these jobs is at a unit that has a vote.
pub(crate) fn votes_for_unit(workflow: &Workflow, id: &VoteId, poll: &Poll, posts: &[Post]) -> bool {
    let voters = workflow.votes.get(id).map(|vote| &vote.voters);
    matches!(voters, Some(Voters::Units(_) | Voters::Legs))
        && poll.electors.iter().any(|e| posts.iter().any(|post| post.unit.as_str() == e.owner))
}

/// Whether somebody may see the photo of the paper on which an owner voted: a signature is for its owner and co-owners,
/// for those who write papers down, and for auditors.
#[must_use]
pub fn sees_paper(workflow: &Workflow, case: &Case, id: &VoteId, owner: &str, actor: &Actor) -> bool {
    let Actor::Person { subject, .. } = actor else { return true };
    let own = case.votes.polls.get(id).and_then(|poll| poll.elector_of(subject));
    own.is_some_and(|elector| elector.owner == owner) || writes_papers(workflow, case, id, actor)
}

/// Whether somebody writes papers down, or audits.
fn writes_papers(workflow: &Workflow, case: &Case, id: &VoteId, actor: &Actor) -> bool {
    collects_papers(workflow, case, id, actor) || crate::audience::is_auditor(case, actor)
}

/// Whether somebody writes down the papers of a vote.
#[must_use]
pub fn collects_papers(workflow: &Workflow, case: &Case, id: &VoteId, actor: &Actor) -> bool {
    let Some(vote) = workflow.votes.get(id) else { return false };
    let wherever = workflow.states.keys().filter_map(|state| holders_of(workflow, state, id)).flatten();
    let roles: Vec<RoleId> = if vote.collect.is_empty() { wherever.collect() } else { vote.collect.clone() };
    crate::audience::holds(workflow, case, actor, &roles, None)
}

/// Who holds a state in which a vote runs.
pub(super) fn holders_of(workflow: &Workflow, state: &StateId, id: &VoteId) -> Option<Vec<RoleId>> {
    workflow.states.get(state).filter(|s| s.vote.as_ref() == Some(id))?;
    let near = core::iter::once(state).chain(workflow.ancestors(state));
    near.filter_map(|state| workflow.states.get(state)).find(|s| !s.who.is_empty()).map(|s| s.who.clone())
}
