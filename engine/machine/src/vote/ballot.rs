//! What people do in a vote: cast, recast, revoke, dispute, cure, name a proxy, veto.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_model::id::{ChoiceId, VoteId};
use paidan_model::roster::Post;
use paidan_model::text::Text;
use paidan_model::vote::Voters;
use serde_json::Value as Json;

use super::{How, Poll, active, close, collectors, proof, receipt};
use crate::actor::Actor;
use crate::audience::holds;
use crate::command::Act;
use crate::fact::{CaseFact, VoteFact};
use crate::form;
use crate::refusal::{Code, Refusal, both};
use crate::step::Step;
use crate::tally::{Choice, Elector, Verdict};
use crate::verb::VoteVerb;

/// Does what people do in the vote that is open.
pub(crate) fn act(step: &mut Step<'_>, act: &Act, verb: VoteVerb) -> Result<(), Refusal> {
    let not_open = || Refusal::new(Code::NotOpen).with("action", verb.name()).with("open", "");
    let id = active(&step.case, step.workflow()).ok_or_else(not_open)?;
    if step.case.votes.polls.get(&id).is_some_and(|poll| step.now >= poll.until) {
        return Err(not_open());
    }
    only(verb, &act.fill)?;
    form::reason(step, verb == VoteVerb::Veto, act.reason.as_deref())?;
    let acted = CaseFact::Acted { action: act.action.clone(), leg: None, state: None, way: None };
    if verb == VoteVerb::Veto {
        vetoes(step, &id)?;
        step.note(acted);
        return veto(step, &id, &act.fill);
    }
    if verb == VoteVerb::NameProxy && !has_proxies(step, &id) {
        return Err(Refusal::new(Code::NotYours).with("action", verb.name()).with("who", "owners"));
    }
    let (owner, how) = on_whose_behalf(step, &id, verb, &act.fill)?;
    step.note(acted);
    match verb {
        VoteVerb::Cast => cast(step, &id, &owner, how, &act.fill),
        VoteVerb::Revoke => revoke(step, &id, &owner, how),
        VoteVerb::Dispute => dispute(step, &id, &owner, how),
        VoteVerb::Cure => cure(step, &id, &owner, how),
        VoteVerb::NameProxy => name_proxy(step, &id, &owner, how, &act.fill),
        VoteVerb::Veto => Ok(()),
    }
}

/// Whether the asker may do it at all, for the list of what is open.
pub(crate) fn may(step: &Step<'_>, id: &VoteId, verb: VoteVerb) -> bool {
    let Some(poll) = step.case.votes.polls.get(id) else { return false };
    match verb {
        VoteVerb::NameProxy if !has_proxies(step, id) => false,
        VoteVerb::Veto => vetoes(step, id).is_ok(),
        VoteVerb::Cast | VoteVerb::Revoke | VoteVerb::Dispute | VoteVerb::Cure | VoteVerb::NameProxy => {
            poll.electors.iter().any(|elector| can(step, id, poll, elector, verb).is_some())
        }
    }
}

/// Whether there is something to do it to, for anybody for whom the asker may act: a ballot to take back, one of somebody
/// else to dispute, a dispute to settle that is the asker's own or that a paper settles.
pub(crate) fn has_object(step: &Step<'_>, id: &VoteId, verb: VoteVerb) -> bool {
    let Some(poll) = step.case.votes.polls.get(id) else { return false };
    let by = subject(step);
    let there = |elector: &Elector| {
        let Some(how) = can(step, id, poll, elector, verb) else { return false };
        let ballot = poll.ballots.get(&elector.owner);
        match verb {
            VoteVerb::Revoke => ballot.is_some(),
            VoteVerb::Dispute => ballot.is_some_and(|ballot| ballot.by != by),
            VoteVerb::Cure => ballot
                .and_then(|ballot| ballot.disputed.as_ref())
                .is_some_and(|who| *who == by || how == How::Paper),
            VoteVerb::Cast | VoteVerb::NameProxy | VoteVerb::Veto => true,
        }
    };
    verb == VoteVerb::Veto || poll.electors.iter().any(there)
}

/// How the asker may do it for an elector; not at all: none. A proxy votes while the owner has not, and neither undoes what
/// the owner said nor names another. The desk writes down a dispute only where somebody owns with the owner: an owner
/// alone takes the ballot back or casts it again.
fn can(step: &Step<'_>, id: &VoteId, poll: &Poll, elector: &Elector, verb: VoteVerb) -> Option<How> {
    let desk = || collects(step, id).then_some(How::Paper);
    let how = represents(step, id, poll, elector).or_else(desk)?;
    let of_owners = || poll.ballots.get(&elector.owner).is_some_and(|ballot| ballot.how != How::Proxy);
    let may = match how {
        How::Own => true,
        How::Proxy => matches!(verb, VoteVerb::Cast | VoteVerb::Revoke) && !of_owners(),
        How::Paper => verb != VoteVerb::Dispute || !elector.co_owners.is_empty(),
    };
    may.then_some(how)
}

fn only(verb: VoteVerb, fill: &BTreeMap<String, Json>) -> Result<(), Refusal> {
    let known: &[&str] = match verb {
        VoteVerb::Cast => &["owner", "choice", "options", "proof"],
        VoteVerb::NameProxy => &["owner", "proxy", "proof"],
        VoteVerb::Veto => &["option"],
        VoteVerb::Revoke | VoteVerb::Dispute | VoteVerb::Cure => &["owner", "proof"],
    };
    match fill.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(Refusal::new(Code::UnknownField).with("action", verb.name()).with("field", key)),
        None => Ok(()),
    }
}

fn text<'f>(fill: &'f BTreeMap<String, Json>, key: &str) -> Option<&'f str> {
    fill.get(key).and_then(Json::as_str).filter(|text| !text.trim().is_empty())
}

fn vetoes(step: &Step<'_>, id: &VoteId) -> Result<(), Refusal> {
    let roles = step.workflow().votes.get(id).map(|vote| vote.veto.as_slice()).unwrap_or_default();
    if !roles.is_empty() && holds(step.workflow(), &step.case, step.actor, roles, None) {
        return Ok(());
    }
    Err(Refusal::new(Code::NotYours).with("action", "veto").with("who", crate::audience::names(roles)))
}

fn collects(step: &Step<'_>, id: &VoteId) -> bool {
    let roles = collectors(step.workflow(), &step.case, id);
    holds(step.workflow(), &step.case, step.actor, &roles, None)
}

fn poll<'s>(step: &'s Step<'_>, id: &VoteId) -> Result<&'s Poll, Refusal> {
    step.case
        .votes
        .polls
        .get(id)
        .ok_or_else(|| Refusal::new(Code::NotOpen).with("action", id).with("open", ""))
}

/// The electors for whom the asker votes by themselves: as owner, co-owner, for their unit, or as a proxy.
fn own<'s>(step: &'s Step<'_>, id: &VoteId) -> Option<(&'s Elector, How)> {
    let poll = step.case.votes.polls.get(id)?;
    let Actor::Person { subject, posts, .. } = step.actor else { return None };
    let seated = |e: &&Elector| posts.iter().any(|post| sits(step, post, e));
    match &step.workflow().votes.get(id)?.voters {
        Voters::Units(_) | Voters::Legs => {
            let is_mine = |e: &&Elector| posts.iter().any(|post| post.unit.as_str() == e.owner);
            return poll.electors.iter().find(is_mine).map(|e| (e, How::Own));
        }
        Voters::Role(_) if poll.electors.iter().any(|e| seated(&e)) => {
            return poll.electors.iter().find(seated).map(|e| (e, How::Own));
        }
        Voters::Role(_) | Voters::Owners(_) => {}
    }
    if let Some(elector) = poll.elector_of(subject) {
        return Some((elector, How::Own));
    }
    let by_proxy = |e: &&Elector| poll.proxies.get(&e.owner).is_some_and(|proxy| proxy == subject);
    poll.electors.iter().find(by_proxy).map(|e| (e, How::Proxy))
}

/// Whether a post is what a member is called by where no roster says who holds it.
fn sits(step: &Step<'_>, post: &Post, elector: &Elector) -> bool {
    let called = |unit| super::seat(&post.post, unit) == elector.owner;
    step.law.roster.is_none() && (called(Some(&post.unit)) || called(None))
}

/// For whom the asker acts: the owner that the form names, else themselves.
fn on_whose_behalf(
    step: &Step<'_>,
    id: &VoteId,
    verb: VoteVerb,
    fill: &BTreeMap<String, Json>,
) -> Result<(String, How), Refusal> {
    let poll = poll(step, id)?;
    let denied = || Refusal::new(Code::NotYours).with("action", verb.name()).with("who", "voters");
    let Some(named) = text(fill, "owner") else {
        let (elector, _) = own(step, id).ok_or_else(denied)?;
        let how = can(step, id, poll, elector, verb).ok_or_else(denied)?;
        return Ok((elector.owner.clone(), how));
    };
    let Some(elector) = poll.electors.iter().find(|e| e.owner == named) else {
        let strange = || Refusal::new(Code::NotAVoter).with("owner", named);
        return Err(if collects(step, id) { strange() } else { denied() });
    };
    match can(step, id, poll, elector, verb).ok_or_else(denied)? {
        How::Paper => paper(step, fill, elector),
        how => Ok((elector.owner.clone(), how)),
    }
}

fn represents(step: &Step<'_>, id: &VoteId, poll: &Poll, elector: &Elector) -> Option<How> {
    let Actor::Person { subject, posts, .. } = step.actor else { return None };
    let of_unit = matches!(step.workflow().votes.get(id)?.voters, Voters::Units(_) | Voters::Legs);
    if of_unit {
        return posts.iter().any(|p| p.unit.as_str() == elector.owner).then_some(How::Own);
    }
    if posts.iter().any(|post| sits(step, post, elector)) {
        return Some(How::Own);
    }
    if elector.owner == *subject || elector.co_owners.contains(subject) {
        return Some(How::Own);
    }
    (poll.proxies.get(&elector.owner) == Some(subject)).then_some(How::Proxy)
}

/// A ballot on paper is written down with the paper, and so is whatever else is done to a ballot by the desk; without it
/// anybody at the desk could vote for everybody, or silence them.
fn paper(
    step: &Step<'_>,
    fill: &BTreeMap<String, Json>,
    elector: &Elector,
) -> Result<(String, How), Refusal> {
    if !form::proof(step, fill)?.is_empty() || matches!(step.actor, Actor::Engine) {
        return Ok((elector.owner.clone(), How::Paper));
    }
    Err(Refusal::new(Code::ProofMissing))
}

fn subject(step: &Step<'_>) -> String {
    match step.actor {
        Actor::Engine => "engine".to_string(),
        Actor::Person { subject, .. } => subject.clone(),
    }
}

fn cast(
    step: &mut Step<'_>,
    id: &VoteId,
    owner: &str,
    how: How,
    fill: &BTreeMap<String, Json>,
) -> Result<(), Refusal> {
    let choice = choice(poll(step, id)?, fill)?;
    let by = subject(step);
    // Whoever disputed the ballot and now casts it, has settled it; so has the paper that all have signed.
    let before = poll(step, id)?.ballots.get(owner).and_then(|ballot| ballot.disputed.clone());
    let disputed = before.filter(|disputer| *disputer != by && how != How::Paper);
    let receipt = receipt(step, id, owner, &choice)?;
    let files = form::proof(step, fill)?;
    let proof = proof(step, files)?;
    let secret = step.workflow().votes.get(id).is_some_and(|vote| vote.secret);
    step.note(VoteFact::Cast {
        vote: id.clone(),
        owner: owner.to_string(),
        choice: (!secret).then_some(choice),
        receipt,
        by,
        how,
        proof,
        disputed,
        at: step.now,
    });
    told_of_paper(step, id, owner, how, "ballot_on_paper")
}

/// Whoever's paper was written down hears of it, and so do those who own with them: nobody votes in their name, or takes
/// their vote away, unnoticed.
fn told_of_paper(
    step: &mut Step<'_>,
    id: &VoteId,
    owner: &str,
    how: How,
    notice: &str,
) -> Result<(), Refusal> {
    let units = |vote: &paidan_model::vote::Vote| matches!(vote.voters, Voters::Units(_) | Voters::Legs);
    if how != How::Paper || step.workflow().votes.get(id).is_none_or(units) {
        return Ok(());
    }
    let elector = poll(step, id)?.electors.iter().find(|elector| elector.owner == owner);
    let others = elector.map(|elector| elector.co_owners.clone()).unwrap_or_default();
    for person in core::iter::once(owner.to_string()).chain(others) {
        crate::message::tell_person(step, notice, &person)?;
    }
    Ok(())
}

fn choice(poll: &Poll, fill: &BTreeMap<String, Json>) -> Result<Choice, Refusal> {
    let wrong = |field: &str, why: Text| Refusal::new(Code::WrongValue).with("field", field).why(why);
    if poll.options.is_empty() {
        return match text(fill, "choice") {
            Some("agree") => Ok(Choice::Agree),
            Some("oppose") => Ok(Choice::Oppose),
            Some("abstain") => Ok(Choice::Abstain),
            Some(_) => {
                Err(wrong("choice", both!("只能是同意、反对或弃权", "it is `agree`, `oppose` or `abstain`")))
            }
            None => Err(Refusal::new(Code::Required).with("field", "choice")),
        };
    }
    let Some(listed) = fill.get("options") else {
        return Err(Refusal::new(Code::Required).with("field", "options"));
    };
    let names: Vec<&str> = match listed {
        Json::Array(items) => items.iter().filter_map(Json::as_str).collect(),
        Json::String(one) => alloc::vec![one.as_str()],
        _ => return Err(wrong("options", both!("应为列表", "a list is expected"))),
    };
    let mut chosen: Vec<ChoiceId> = Vec::new();
    for name in names {
        let known = poll.options.iter().find(|option| option.as_str() == name);
        let option = known.filter(|option| !poll.struck.contains(*option) && !chosen.contains(option));
        chosen.push(
            option
                .cloned()
                .ok_or_else(|| wrong("options", both!("“{name}”不能选", "`{name}` cannot be chosen")))?,
        );
    }
    Ok(if chosen.is_empty() { Choice::Abstain } else { Choice::Options(chosen) })
}

fn has_ballot(step: &Step<'_>, id: &VoteId, owner: &str) -> Result<(), Refusal> {
    if poll(step, id)?.ballots.contains_key(owner) {
        return Ok(());
    }
    Err(Refusal::new(Code::NoBallot).with("owner", owner))
}

fn revoke(step: &mut Step<'_>, id: &VoteId, owner: &str, how: How) -> Result<(), Refusal> {
    has_ballot(step, id, owner)?;
    step.note(VoteFact::Revoked { vote: id.clone(), owner: owner.to_string(), at: step.now });
    told_of_paper(step, id, owner, how, "ballot_revoked")
}

/// A co-owner who did not cast the ballot may say that it is not theirs; then it counts for nothing.
fn dispute(step: &mut Step<'_>, id: &VoteId, owner: &str, how: How) -> Result<(), Refusal> {
    has_ballot(step, id, owner)?;
    let by = subject(step);
    if poll(step, id)?.ballots.get(owner).is_some_and(|ballot| ballot.by == by) {
        let why = both!("自己投的票可以重投或撤回", "whoever cast it can cast it again or revoke it");
        return Err(Refusal::new(Code::WrongValue).with("field", "owner").why(why));
    }
    step.note(VoteFact::Disputed { vote: id.clone(), owner: owner.to_string(), by, at: step.now });
    told_of_paper(step, id, owner, how, "ballot_disputed")
}

/// Whoever disputed takes it back, or the desk has the signatures of all co-owners.
fn cure(step: &mut Step<'_>, id: &VoteId, owner: &str, how: How) -> Result<(), Refusal> {
    has_ballot(step, id, owner)?;
    let disputed = poll(step, id)?.ballots.get(owner).and_then(|ballot| ballot.disputed.clone());
    match disputed {
        None => Err(Refusal::new(Code::NoBallot).with("owner", owner)),
        Some(by) if by == subject(step) || how == How::Paper => {
            step.note(VoteFact::Cured { vote: id.clone(), owner: owner.to_string(), at: step.now });
            Ok(())
        }
        Some(by) => Err(Refusal::new(Code::NotYours).with("action", "cure").with("who", by)),
    }
}

/// Owners may let somebody vote for them; whoever votes for a unit or by their job does it themselves.
fn has_proxies(step: &Step<'_>, id: &VoteId) -> bool {
    step.workflow().votes.get(id).is_some_and(|vote| matches!(vote.voters, Voters::Owners(_)))
}

fn name_proxy(
    step: &mut Step<'_>,
    id: &VoteId,
    owner: &str,
    how: How,
    fill: &BTreeMap<String, Json>,
) -> Result<(), Refusal> {
    let Some(proxy) = text(fill, "proxy") else {
        return Err(Refusal::new(Code::Required).with("field", "proxy"));
    };
    let fits = proxy.len() <= 64 && proxy.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if !fits || proxy == owner {
        return Err(Refusal::new(Code::WrongValue)
            .with("field", "proxy")
            .why(both!("应为另一个人的标识", "another person's id")));
    }
    let proxy = proxy.to_string();
    let files = form::proof(step, fill)?;
    let proof = proof(step, files)?;
    step.note(VoteFact::ProxyNamed {
        vote: id.clone(),
        owner: owner.to_string(),
        proxy,
        proof,
        at: step.now,
    });
    told_of_paper(step, id, owner, how, "proxy_named")
}

/// Strikes an option, or stops the whole vote.
fn veto(step: &mut Step<'_>, id: &VoteId, fill: &BTreeMap<String, Json>) -> Result<(), Refusal> {
    let poll = poll(step, id)?;
    if poll.options.is_empty() {
        close(step, id, Some(Verdict::Failed));
        return Ok(());
    }
    let Some(named) = text(fill, "option") else {
        return Err(Refusal::new(Code::Required).with("field", "option"));
    };
    let option =
        poll.options.iter().find(|option| option.as_str() == named && !poll.struck.contains(*option));
    let Some(option) = option.cloned() else {
        let why = both!("“{named}”不在待选之中", "`{named}` is not up for choice");
        return Err(Refusal::new(Code::WrongValue).with("field", "option").why(why));
    };
    step.note(VoteFact::OptionStruck { vote: id.clone(), option, at: step.now });
    let left = self::poll(step, id)?;
    if left.options.iter().all(|option| left.struck.contains(option)) {
        close(step, id, Some(Verdict::Failed));
    }
    Ok(())
}
