//! Claims: an item's own stream knows how much of it is taken; a claimer's stream knows how much it has open.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_model::claim::{ClaimState, Claims, OPEN_CLAIMS_MAX};
use paidan_model::field::Per;
use paidan_model::id::{ChoiceId, ClaimsId, FieldId, UnitId};
use paidan_model::text::Text;
use paidan_model::value::{Held, Value};

use serde_json::Value as Json;

use crate::actor::Actor;
use crate::audience::holds;
use crate::case::Case;
use crate::command::{Act, Hold};
use crate::fact::{CaseFact, ClaimFact};
use crate::form;
use crate::party::PartyAsk;

pub use crate::case::claim::{Claim, Initiator, Why};
pub use crate::decision::Touch;
pub(crate) use crate::item::active;
pub use crate::item::{left, whole};
use crate::refusal::{Code, Refusal, both};
use crate::step::Step;
use crate::verb::ClaimVerb;

/// The id of a unit's account.
#[must_use]
pub fn unit_party(unit: &UnitId) -> String {
    alloc::format!("unit-{unit}")
}

/// Does an action of claims.
pub(crate) fn act(step: &mut Step<'_>, act: &Act, verb: ClaimVerb) -> Result<(), Refusal> {
    let name = verb.name();
    let Some((id, claims)) = active(step.workflow(), &step.case) else {
        return Err(Refusal::new(Code::NotOpen).with("action", name).with("open", ""));
    };
    if verb == ClaimVerb::Claim {
        return take(step, act, id, claims);
    }
    let claim = find(step, act, id, verb == ClaimVerb::TakeBack)?;
    let asked = asked_for(claims, verb);
    let fits = fits(claim.state, verb);
    if !fits {
        let state = claim.state.name();
        return Err(Refusal::new(Code::ClaimElsewhere)
            .with("claim", claim.n)
            .with("state", state)
            .with("action", name));
    }
    let fill: BTreeMap<String, Json> =
        act.fill.iter().filter(|(key, _)| *key != "claim").map(|(k, v)| (k.clone(), v.clone())).collect();
    form::take(step, name, asked, &fill)?;
    if let Some(field) = asked.iter().find(|field| !fill.contains_key(field.as_str())) {
        return Err(Refusal::new(Code::Required).with("field", field));
    }
    form::reason(step, needs_reason(verb), act.reason.as_deref())?;
    step.note(CaseFact::Acted { action: act.action.clone(), leg: None, state: None, way: None });
    match verb {
        ClaimVerb::Claim => {}
        ClaimVerb::Contact => advance(step, claim.n, ClaimState::Contacted),
        ClaimVerb::Deliver => deliver(step, id, claims, &claim),
        ClaimVerb::Drop => release(step, claim.n, Why::Dropped),
        ClaimVerb::TakeBack => release(step, claim.n, Why::TakenBack),
    }
    Ok(())
}

/// The fields that the definition asks for with a verb.
pub(crate) fn asked_for(claims: &Claims, verb: ClaimVerb) -> &[FieldId] {
    match verb {
        ClaimVerb::Contact => &claims.at_contact,
        ClaimVerb::Deliver => &claims.at_delivery,
        ClaimVerb::Claim | ClaimVerb::Drop | ClaimVerb::TakeBack => &[],
    }
}

/// Whether a reason must be written.
pub(crate) fn needs_reason(verb: ClaimVerb) -> bool {
    matches!(verb, ClaimVerb::Drop | ClaimVerb::TakeBack)
}

/// Whether a claim that has come so far lets it be done; a new claim needs none.
pub(crate) fn fits(state: ClaimState, verb: ClaimVerb) -> bool {
    match verb {
        ClaimVerb::Claim => false,
        ClaimVerb::Contact => state == ClaimState::Claimed,
        ClaimVerb::Deliver => state == ClaimState::Contacted,
        ClaimVerb::Drop | ClaimVerb::TakeBack => state.is_open(),
    }
}

/// The claim that is meant: the one the form names, else the asker's only open one.
fn find(step: &Step<'_>, act: &Act, id: &ClaimsId, by_community: bool) -> Result<Claim, Refusal> {
    let named = act.fill.get("claim").map(|json| match json {
        Json::String(text) => text.parse::<u64>().unwrap_or(0),
        other => other.as_u64().unwrap_or(0),
    });
    let community = community(step);
    let mine =
        |claim: &&Claim| claim.claims == *id && (community || (!by_community && claim.is_of(step.actor)));
    let found: Vec<&Claim> = match named {
        Some(n) => step.case.claims.all.iter().filter(|c| u64::from(c.n) == n).filter(mine).collect(),
        None => step.case.claims.all.iter().filter(|c| c.state.is_open()).filter(mine).collect(),
    };
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] | [_, _, ..] => {
            let n = named.map_or_else(|| "?".to_string(), |n| n.to_string());
            Err(Refusal::new(Code::NoSuchClaim).with("claim", n))
        }
    }
}

/// The open claims that the asker acts for.
pub(crate) fn mine<'s>(step: &'s Step<'_>, id: &ClaimsId) -> Vec<&'s Claim> {
    let mine = |claim: &&Claim| claim.claims == *id && claim.state.is_open() && claim.is_of(step.actor);
    step.case.claims.all.iter().filter(mine).collect()
}

/// Whether the asker holds the case here: the community writes down what a claimer says on the telephone.
pub(crate) fn community(step: &Step<'_>) -> bool {
    if matches!(step.actor, Actor::Engine) {
        return true;
    }
    crate::sight::holders(step.workflow(), &step.case).iter().any(|audience| audience.includes(step.actor))
}

/// Whether the asker may claim here, for the list of what is open.
pub(crate) fn may_claim(step: &Step<'_>, claims: &Claims) -> bool {
    let roles: Vec<_> = claims.who.iter().chain(&claims.matcher).cloned().collect();
    holds(step.workflow(), &step.case, step.actor, &roles, None)
}

struct Wanted {
    party: String,
    unit: Option<UnitId>,
    qty: i64,
    initiator: Initiator,
    other: Option<String>,
}

fn take(step: &mut Step<'_>, act: &Act, id: &ClaimsId, claims: &Claims) -> Result<(), Refusal> {
    if let Some(key) =
        act.fill.keys().find(|key| !["qty", "unit", "resource", "party"].contains(&key.as_str()))
    {
        return Err(Refusal::new(Code::UnknownField).with("action", "claim").with("field", key));
    }
    if claims.offered_by.is_some() {
        return Err(Refusal::new(Code::NotOpen).with("action", "claim").with("open", ""));
    }
    let wanted = wanted(step, act, id, claims)?;
    form::reason(step, false, act.reason.as_deref())?;
    check_left(step, id, claims, wanted.qty)?;
    check_room(step, &wanted)?;
    let n = u32::try_from(step.case.claims.all.len()).unwrap_or(u32::MAX).saturating_add(1);
    step.note(CaseFact::Acted { action: act.action.clone(), leg: None, state: None, way: None });
    step.note(ClaimFact::Taken {
        claims: id.clone(),
        claim: n,
        party: wanted.party.clone(),
        unit: wanted.unit.clone(),
        qty: wanted.qty,
        initiator: wanted.initiator,
        other: wanted.other.clone(),
        at: step.now,
    });
    let ask = PartyAsk::Take {
        workflow: step.workflow().id.clone(),
        claims: id.clone(),
        qty: wanted.qty,
        cap: cap(claims, wanted.unit.is_some()),
        after_drops: claims.after_drops.as_ref().map(|rule| (rule.drops, rule.cap)),
        season: season(step, claims),
    };
    step.touches.push(Touch::Party { party: wanted.party.clone(), claim: n, ask });
    if let Some(stream) = wanted.other {
        let hold = Hold::Take {
            item: step.case.filing.stream.clone(),
            claim: n,
            qty: wanted.qty,
            party: wanted.party,
        };
        step.touches.push(Touch::Item { stream, hold });
    }
    step.raise_named("claimed", None);
    if left(&step.case, id, claims) == 0 {
        step.raise_named("all_claimed", None);
    }
    Ok(())
}

/// Refuses a claim beyond those that could all be let go of in one append: each account and each resource is a stream.
fn check_room(step: &Step<'_>, wanted: &Wanted) -> Result<(), Refusal> {
    let open = || step.case.claims.all.iter().filter(|claim| claim.state.is_open());
    let streams = open().flat_map(|claim| [Some(claim.party.as_str()), claim.other.as_deref()]);
    let more = [Some(wanted.party.as_str()), wanted.other.as_deref()];
    let streams: BTreeSet<&str> = streams.chain(more).flatten().collect();
    if open().count() < OPEN_CLAIMS_MAX && streams.len() <= OPEN_CLAIMS_MAX {
        return Ok(());
    }
    let what = both!("认领方和资源", "claims, claimers and resources");
    Err(Refusal::new(Code::TooMany).saying("what", what).with("limit", OPEN_CLAIMS_MAX))
}

/// Who wants how much: for themselves, for their unit, or the community for whoever offers a resource.
fn wanted(step: &Step<'_>, act: &Act, id: &ClaimsId, claims: &Claims) -> Result<Wanted, Refusal> {
    let text = |key: &str| act.fill.get(key).and_then(Json::as_str).filter(|text| !text.is_empty());
    let other = text("resource").map(ToString::to_string);
    let denied = || {
        let roles: Vec<_> = claims.who.iter().chain(&claims.matcher).cloned().collect();
        Refusal::new(Code::NotYours).with("action", "claim").with("who", crate::audience::names(&roles))
    };
    let roles =
        |roles: &[paidan_model::id::RoleId]| holds(step.workflow(), &step.case, step.actor, roles, None);
    let unit = text("unit").map(|name| {
        UnitId::parse(name).ok_or_else(|| wrong("unit", both!("请从单位清单里选", "a unit's id is expected")))
    });
    let unit = unit.transpose()?;
    let (party, initiator) = match (step.actor, text("party"), &unit) {
        (_, Some(party), _) if other.is_some() && roles(&claims.matcher) => {
            (party.to_string(), Initiator::Community)
        }
        (Actor::Engine, Some(party), _) => (party.to_string(), Initiator::Giver),
        (Actor::Engine, None, Some(unit)) => (unit_party(unit), Initiator::Giver),
        (Actor::Engine, None, None) => ("engine".to_string(), Initiator::Giver),
        (Actor::Person { .. }, Some(_), _) => return Err(denied()),
        (Actor::Person { posts, .. }, None, Some(unit)) => {
            if !roles(&claims.who) || !posts.iter().any(|post| post.unit == *unit) {
                return Err(denied());
            }
            (unit_party(unit), Initiator::Giver)
        }
        (Actor::Person { subject, .. }, None, None) if roles(&claims.who) => {
            (subject.clone(), Initiator::Giver)
        }
        (Actor::Person { .. }, None, None) => return Err(denied()),
    };
    let unit = unit.or_else(|| party.strip_prefix("unit-").and_then(UnitId::parse));
    let all = if claims.partial { left(&step.case, id, claims) } else { whole(&step.case, &claims.item) };
    let qty = match act.fill.get("qty") {
        None => all.max(1),
        Some(Json::String(number)) => {
            number.parse().map_err(|_| wrong("qty", both!("请填整数", "a whole number is expected")))?
        }
        Some(json) => {
            json.as_i64().ok_or_else(|| wrong("qty", both!("请填整数", "a whole number is expected")))?
        }
    };
    if qty < 1 || (!claims.partial && qty != whole(&step.case, &claims.item)) {
        let why = match qty < 1 {
            true => both!("至少1", "at least 1"),
            false => both!("要由一方全部认领", "one claimer takes all of it"),
        };
        return Err(wrong("qty", why));
    }
    Ok(Wanted { party, unit, qty, initiator, other })
}

fn wrong(field: &str, why: Text) -> Refusal {
    Refusal::new(Code::WrongValue).with("field", field).why(why)
}

/// Refuses more than is left, and says who was first and when.
fn check_left(step: &Step<'_>, id: &ClaimsId, claims: &Claims, qty: i64) -> Result<(), Refusal> {
    let left = left(&step.case, id, claims);
    if qty <= left {
        return Ok(());
    }
    let last = step.case.claims.all.iter().rev().find(|claim| claim.claims == *id && claim.is_active());
    let mut refusal = Refusal::new(Code::AlreadyClaimed).with("left", left);
    if let Some(last) = last {
        refusal = refusal.with("at", last.since.local_text(step.law.zone()));
        if let Some(unit) = &last.unit {
            refusal = refusal.with("by", unit);
        }
    }
    Err(refusal)
}

/// The cap of a claimer: one number, or by kind of claimer.
fn cap(claims: &Claims, organisation: bool) -> Option<u32> {
    let kind = if organisation { "organisation" } else { "person" };
    match claims.cap.as_ref()? {
        Per::One(cap) => Some(*cap),
        Per::By { of, .. } => ChoiceId::parse(kind).and_then(|kind| of.get(&kind)).copied(),
    }
}

/// The season in which drops are counted.
fn season(step: &Step<'_>, claims: &Claims) -> String {
    let field = claims.after_drops.as_ref().and_then(|rule| rule.season.as_ref());
    match field.and_then(|field| step.case.form.fields.get(field)).and_then(Held::open) {
        Some(Value::Text(text) | Value::Case(text)) => text.clone(),
        Some(Value::Choice(choice)) => choice.to_string(),
        Some(Value::Int(n)) => n.to_string(),
        _ => String::new(),
    }
}

fn advance(step: &mut Step<'_>, claim: u32, to: ClaimState) {
    step.note(ClaimFact::Moved { claim, to, why: None, at: step.now });
}

fn deliver(step: &mut Step<'_>, id: &ClaimsId, claims: &Claims, claim: &Claim) {
    advance(step, claim.n, ClaimState::Delivered);
    if !claim.party.is_empty() {
        step.touches.push(Touch::Party { party: claim.party.clone(), claim: claim.n, ask: PartyAsk::Give });
    }
    other(step, claim, true);
    let given = |c: &&Claim| c.claims == *id && c.state == ClaimState::Delivered;
    let delivered: i64 = step.case.claims.all.iter().filter(given).map(|c| c.qty).sum();
    if delivered >= whole(&step.case, &claims.item) {
        step.raise_named("delivered", None);
    }
}

/// What goes with the claim on another list hears that it is over.
fn other(step: &mut Step<'_>, claim: &Claim, used: bool) {
    if let Some(stream) = claim.other.clone().filter(|_| !claim.party.is_empty()) {
        let hold = Hold::End { item: step.case.filing.stream.clone(), claim: claim.n, used };
        step.touches.push(Touch::Item { stream, hold });
    }
}

/// Gives a claim back: what it took is free again.
pub(crate) fn release(step: &mut Step<'_>, n: u32, why: Why) {
    let Some(claim) = step.case.claims.all.iter().find(|c| c.n == n && c.state.is_open()).cloned() else {
        return;
    };
    step.note(ClaimFact::Moved { claim: n, to: ClaimState::Released, why: Some(why), at: step.now });
    if !claim.party.is_empty() {
        let season = step.workflow().claims.get(&claim.claims).map(|c| season(step, c)).unwrap_or_default();
        let ask = PartyAsk::Free { why, season };
        step.touches.push(Touch::Party { party: claim.party.clone(), claim: n, ask });
        if why != Why::Dropped {
            drop(crate::message::tell_claimer(step, "claim_released", &claim));
        }
    }
    other(step, &claim, false);
    step.raise_named("released", None);
}

/// A claim whose clock is late is released, unless the definition keeps it.
pub(crate) fn late(step: &mut Step<'_>, n: u32) {
    let claim = step.case.claims.all.iter().find(|claim| claim.n == n);
    let rules = claim.and_then(|claim| step.workflow().claims.get(&claim.claims));
    if rules.is_some_and(|rules| !rules.keep_late) {
        release(step, n, Why::Expired);
    }
}

/// Where the case can no longer be claimed, claims that are still open are taken away, and claimers are told.
pub(crate) fn settle(step: &mut Step<'_>) {
    let here = active(step.workflow(), &step.case).map(|(id, _)| id.clone());
    let open = |claim: &&Claim| claim.state.is_open() && Some(&claim.claims) != here.as_ref();
    let over: Vec<u32> = step.case.claims.all.iter().filter(open).map(|claim| claim.n).collect();
    for n in over {
        release(step, n, Why::Withdrawn);
    }
}

/// What another item asks of this one: to hold a part of it, to let it go, to have used it.
pub(crate) fn hold(step: &mut Step<'_>, hold: &Hold) -> Result<(), Refusal> {
    let Some((id, claims)) = active(step.workflow(), &step.case) else {
        let ending = matches!(hold, Hold::End { .. });
        return if ending {
            Ok(())
        } else {
            Err(Refusal::new(Code::NotOpen).with("action", "claim").with("open", ""))
        };
    };
    match hold {
        Hold::Take { item, claim, qty, party } => {
            let offered = offered_by(claims, &step.case);
            if !may_claim(step, claims) || offered.as_ref() != Some(party) {
                let who = crate::audience::names(&claims.who);
                return Err(Refusal::new(Code::NotYours).with("action", "claim").with("who", who));
            }
            check_left(step, id, claims, *qty)?;
            let n = u32::try_from(step.case.claims.all.len()).unwrap_or(u32::MAX).saturating_add(1);
            let other = Some(alloc::format!("{item}#{claim}"));
            step.note(ClaimFact::Taken {
                claims: id.clone(),
                claim: n,
                party: String::new(),
                unit: None,
                qty: *qty,
                initiator: Initiator::Community,
                other,
                at: step.now,
            });
            step.raise_named("claimed", None);
            if left(&step.case, id, claims) == 0 {
                step.raise_named("all_claimed", None);
            }
        }
        Hold::End { item, claim, used } => {
            let other = alloc::format!("{item}#{claim}");
            let held =
                step.case.claims.all.iter().find(|c| c.other.as_ref() == Some(&other) && c.state.is_open());
            let Some(held) = held.cloned() else { return Ok(()) };
            if *used { deliver(step, id, claims, &held) } else { release(step, held.n, Why::Withdrawn) }
        }
    }
    Ok(())
}

/// Whose the offered item is.
fn offered_by(claims: &Claims, case: &Case) -> Option<String> {
    let field = claims.offered_by.as_ref()?;
    match case.form.fields.get(field).and_then(Held::open)? {
        Value::Person(subject) => Some(subject.clone()),
        Value::Unit(unit) => Some(unit_party(unit)),
        _ => None,
    }
}
