//! Who may do what in a vote: voters for themselves and whoever named them, those who write papers down for everybody.

use paidan_machine::Case;
use paidan_machine::actor::Actor;
use paidan_machine::tally::Elector;
use paidan_machine::vote::{Ballot, How, Poll};
use paidan_model::id::VoteId;
use paidan_model::vote::{Vote, Voters};
use paidan_model::workflow::Workflow;

use super::{any_role, at, is_auditor, said};

/// The vote that can be voted in now.
pub fn open<'w>(w: &'w Workflow, case: &'w Case) -> Option<(&'w VoteId, &'w Vote, &'w Poll)> {
    let ids = case.chart.active.keys().filter_map(|state| w.states.get(state)?.vote.as_ref());
    let mut polls = ids.filter_map(|id| Some((id, w.votes.get(id)?, case.votes.polls.get(id)?)));
    polls.find(|(_, _, poll)| poll.result.is_none())
}

/// Whether somebody has a part in a vote, or votes for somebody or for their unit.
pub fn takes_part(w: &Workflow, case: &Case, actor: &Actor) -> bool {
    let (subject, _) = at(actor);
    case.votes.polls.iter().any(|(id, poll)| {
        let vote = w.votes.get(id).unwrap();
        let is = |e: &Elector| e.owner == subject || e.co_owners.iter().any(|other| other == subject);
        let proxy = poll.proxies.values().any(|proxy| proxy == subject);
        proxy || poll.electors.iter().any(|e| is(e) || acts_for(vote, poll, actor, e))
    })
}

/// Whether somebody votes for an elector by themselves: as owner, co-owner or proxy, or at the unit.
pub fn acts_for(vote: &Vote, poll: &Poll, actor: &Actor, elector: &Elector) -> bool {
    let (subject, posts) = at(actor);
    match &vote.voters {
        Voters::Units(_) | Voters::Legs => posts.iter().any(|post| post.unit.as_str() == elector.owner),
        Voters::Owners(_) => {
            elector.owner == subject
                || elector.co_owners.iter().any(|other| other == subject)
                || poll.proxies.get(&elector.owner).is_some_and(|proxy| proxy == subject)
        }
        Voters::Role(_) => unreachable!("no shipped vote is one of a role"),
    }
}

/// Whether somebody writes down what comes on paper.
pub fn collects(w: &Workflow, case: &Case, actor: &Actor, id: &VoteId) -> bool {
    let vote = w.votes.get(id).unwrap();
    let states =
        case.chart.active.keys().filter(|state| w.states.get(*state).unwrap().vote.as_ref() == Some(id));
    let mut holders = states.map(|state| said(w, state, |s| &s.who));
    let named = !vote.collect.is_empty();
    if named {
        any_role(w, case, actor, &vote.collect)
    } else {
        holders.any(|who| any_role(w, case, actor, who))
    }
}

/// Whether somebody may do something in a vote for an elector; none: for whomever they vote themselves.
pub fn may(w: &Workflow, case: &Case, actor: &Actor, name: &str, owner: Option<&str>) -> bool {
    let (id, vote, poll) = open(w, case).unwrap();
    if name == "veto" {
        return any_role(w, case, actor, &vote.veto);
    }
    if name == "name_proxy" && !matches!(vote.voters, Voters::Owners(_)) {
        return false;
    }
    let mine = |e: &&Elector| acts_for(vote, poll, actor, e);
    let Some(elector) = poll.electors.iter().find(|e| owner.is_none_or(|owner| e.owner == owner) && mine(e))
    else {
        // On paper; nobody but co-owners disputes.
        let named = poll.electors.iter().find(|e| Some(e.owner.as_str()) == owner);
        let shared = named.is_none_or(|e| !e.co_owners.is_empty());
        return owner.is_some() && collects(w, case, actor, id) && (name != "dispute" || shared);
    };
    let ballot = poll.ballots.get(&elector.owner);
    if is_proxy(vote, actor, elector) {
        // A proxy votes while the owner has not, and does nothing else.
        let by_owner = ballot.is_some_and(|ballot| ballot.how != How::Proxy);
        return ["cast", "revoke"].contains(&name) && !by_owner;
    }
    name != "cure" || ballot.is_none_or(|ballot| may_cure(ballot, actor))
}

/// Whether somebody votes for an elector only because they were named to.
fn is_proxy(vote: &Vote, actor: &Actor, elector: &Elector) -> bool {
    let (subject, _) = at(actor);
    let owns = elector.owner == subject || elector.co_owners.iter().any(|other| other == subject);
    matches!(vote.voters, Voters::Owners(_)) && !owns
}

/// A dispute is taken back by whoever began it; those who write papers down settle it with a paper, for others.
fn may_cure(ballot: &Ballot, actor: &Actor) -> bool {
    ballot.disputed.as_ref().is_none_or(|by| by == at(actor).0)
}

/// Whether it is offered: somebody may do it for at least one elector for whom there is something to do.
pub fn is_offered(w: &Workflow, case: &Case, actor: &Actor, name: &str) -> bool {
    let (_, _, poll) = open(w, case).unwrap();
    let there = |elector: &Elector| {
        let ballot = poll.ballots.get(&elector.owner);
        match name {
            "revoke" => ballot.is_some(),
            "dispute" => ballot.is_some_and(|ballot| ballot.by != at(actor).0),
            "cure" => ballot.is_some_and(|ballot| ballot.disputed.is_some()),
            _ => true,
        }
    };
    let mut electors = poll.electors.iter();
    electors.any(|elector| there(elector) && may(w, case, actor, name, Some(&elector.owner)))
}

/// Whether somebody may see the paper of an elector's ballot: its owners, those who write papers down, auditors.
pub fn sees_paper(w: &Workflow, case: &Case, actor: &Actor, id: &VoteId, elector: &Elector) -> bool {
    let (subject, _) = at(actor);
    let owns = elector.owner == subject || elector.co_owners.iter().any(|other| other == subject);
    let vote = w.votes.get(id).unwrap();
    let states = w.states.iter().filter(|(_, state)| state.vote.as_ref() == Some(id));
    let mut holders = states.map(|(state, _)| said(w, state, |s| &s.who));
    let writes = match vote.collect.is_empty() {
        true => holders.any(|who| any_role(w, case, actor, who)),
        false => any_role(w, case, actor, &vote.collect),
    };
    owns || writes || is_auditor(case, actor)
}
