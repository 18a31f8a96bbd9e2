//! Messages: whom a notice is addressed to, and when it may ring.

use alloc::vec::Vec;
use paidan_model::clock::{Clock, Colour};
use paidan_model::id::{ChannelId, NoticeId, RoleId, UnitId};
use paidan_model::moment::Moment;
use paidan_model::notice::{Notice, Quiet};
use paidan_model::workflow::Role;

use crate::audience::{Audience, resolve};
use crate::case::claim::Claim;
use crate::fact::{ClockKey, MessageFact};
use crate::refusal::Refusal;
use crate::states::leaves;
use crate::step::Step;

/// The roles that answer for a clock; none for a leg's clock that names none: its unit answers.
pub(crate) fn holders(step: &Step<'_>, clock: &Clock, key: &ClockKey) -> Vec<RoleId> {
    if !clock.holder.is_empty() || key.leg.is_some() || key.claim.is_some() {
        return clock.holder.clone();
    }
    let workflow = step.workflow();
    leaves(workflow, &step.case)
        .into_iter()
        .flat_map(|leaf| core::iter::once(leaf).chain(workflow.ancestors(leaf)))
        .filter_map(|id| workflow.states.get(id))
        .find(|state| !state.who.is_empty())
        .map(|state| state.who.clone())
        .unwrap_or_default()
}

/// Sends a notice to those it names.
pub(crate) fn notify(step: &mut Step<'_>, notice: &NoticeId) -> Result<(), Refusal> {
    notify_about(step, Some(notice), None)
}

pub(crate) fn notify_about(
    step: &mut Step<'_>,
    notice: Option<&NoticeId>,
    clock: Option<&ClockKey>,
) -> Result<(), Refusal> {
    let Some((id, declared)) = notice.and_then(|id| step.workflow().notices.get_key_value(id)) else {
        return Ok(());
    };
    for role in &declared.who {
        let of_leg = crate::audience::is_of_leg(step.workflow(), role);
        let leg = clock.and_then(|key| key.leg.clone());
        let legs = match leg {
            Some(leg) => alloc::vec![Some(leg)],
            None if of_leg => step.case.legs.live_units(None).into_iter().map(Some).collect(),
            None => alloc::vec![None],
        };
        // The lead is the same for every leg: told once.
        let mut told = Vec::new();
        for leg in legs {
            let to = resolve(step.workflow(), &step.case, role, leg.as_ref());
            if told.contains(&to) {
                continue;
            }
            told.push(to);
            tell(step, id.as_str(), role, &[], leg.as_ref(), clock, None)?;
        }
    }
    Ok(())
}

/// Orders a message to a role.
pub(crate) fn tell(
    step: &mut Step<'_>,
    notice: &str,
    role: &RoleId,
    via: &[ChannelId],
    leg: Option<&UnitId>,
    clock: Option<&ClockKey>,
    slip: Option<Colour>,
) -> Result<(), Refusal> {
    let mut to = resolve(step.workflow(), &step.case, role, leg);
    let at_hand = clock.and_then(|key| claim_at_hand(step, key));
    if let (Some(claim), Some(Role::Claimer)) = (at_hand, step.workflow().roles.get(role)) {
        to = alloc::vec![claim.audience()];
    }
    let due = clock.and_then(|key| step.case.clock(key)).map(|c| c.due);
    order(step, notice, &Addressed { role: Some(role), to, via, leg, clock, due, slip })
}

/// Orders a message to whoever works for a leg's unit.
pub(crate) fn tell_unit(
    step: &mut Step<'_>,
    notice: &str,
    unit: &UnitId,
    clock: Option<&ClockKey>,
) -> Result<(), Refusal> {
    let due = clock.and_then(|key| step.case.clock(key)).map(|c| c.due);
    let to = alloc::vec![Audience::Unit(unit.clone())];
    order(step, notice, &Addressed { role: None, to, via: &[], leg: Some(unit), clock, due, slip: None })
}

/// Tells one person.
pub(crate) fn tell_person(step: &mut Step<'_>, notice: &str, subject: &str) -> Result<(), Refusal> {
    let to = alloc::vec![Audience::Person(subject.into())];
    order(
        step,
        notice,
        &Addressed { role: None, to, via: &[], leg: None, clock: None, due: None, slip: None },
    )
}

/// The claim that a clock is about.
pub(crate) fn claim_at_hand(step: &Step<'_>, key: &ClockKey) -> Option<Claim> {
    let n = key.claim?;
    step.case.claims.all.iter().find(|claim| claim.n == n).cloned()
}

/// Tells a claimer of their claim.
pub(crate) fn tell_claimer(step: &mut Step<'_>, notice: &str, claim: &Claim) -> Result<(), Refusal> {
    tell_claim(step, notice, claim, None)
}

pub(crate) fn tell_claim(
    step: &mut Step<'_>,
    notice: &str,
    claim: &Claim,
    clock: Option<&ClockKey>,
) -> Result<(), Refusal> {
    let due = clock.and_then(|key| step.case.clock(key)).map(|c| c.due);
    let to = alloc::vec![claim.audience()];
    order(step, notice, &Addressed { role: None, to, via: &[], leg: None, clock, due, slip: None })
}

struct Addressed<'a> {
    role: Option<&'a RoleId>,
    to: Vec<Audience>,
    via: &'a [ChannelId],
    leg: Option<&'a UnitId>,
    clock: Option<&'a ClockKey>,
    due: Option<Moment>,
    slip: Option<Colour>,
}

fn order(step: &mut Step<'_>, notice: &str, what: &Addressed<'_>) -> Result<(), Refusal> {
    let Some(id) = NoticeId::parse(notice) else {
        return Ok(());
    };
    let declared = step.workflow().notices.get(&id);
    let via = if what.via.is_empty() {
        declared.map(|n| n.via.clone()).unwrap_or_default()
    } else {
        what.via.to_vec()
    };
    let not_before = not_before(step, declared)?;
    let role = what.role.cloned().or_else(|| RoleId::parse("holder"));
    let Some(role) = role else { return Ok(()) };
    // A letter that carries a slip is never held back: whoever gets a slip has to hear of it.
    let ceiling = declared.and_then(|n| n.at_most.as_ref()).filter(|_| what.slip.is_none());
    let to = match ceiling {
        Some(ceiling) => crate::ceiling::below(step, &id, ceiling, &what.to, not_before)?,
        None => what.to.clone(),
    };
    if to.is_empty() && !what.to.is_empty() {
        return Ok(());
    }
    step.note(MessageFact::Told {
        notice: id,
        to,
        role,
        via,
        not_before,
        clock: what.clock.cloned(),
        leg: what.leg.cloned(),
        due: what.due,
        slip: what.slip,
        counted: ceiling.is_some(),
    });
    Ok(())
}

/// When a notice may ring: now, or at the end of its quiet hours.
fn not_before(step: &Step<'_>, notice: Option<&Notice>) -> Result<Moment, Refusal> {
    let Some((notice, quiet)) = notice.and_then(|n| n.quiet.map(|q| (n, q))) else {
        return Ok(step.now);
    };
    let wakes = notice.wakes.is_some() && step.holds(notice.wakes.as_ref(), "wakes")?;
    Ok(if wakes { step.now } else { end_of_quiet(step, quiet) })
}

fn end_of_quiet(step: &Step<'_>, quiet: Quiet) -> Moment {
    let zone = step.law.zone();
    let local = step.now.local(zone);
    let minute = step.now.minute_of_day(zone);
    let over_midnight = quiet.from > quiet.until;
    let inside = if over_midnight {
        minute >= quiet.from || minute < quiet.until
    } else {
        (quiet.from..quiet.until).contains(&minute)
    };
    if !inside {
        return step.now;
    }
    let today = local.date();
    let day = if over_midnight && minute >= quiet.from { today.succ_opt().unwrap_or(today) } else { today };
    let end = day.and_hms_opt(u32::from(quiet.until / 60), u32::from(quiet.until % 60), 0);
    end.map_or(step.now, |end| Moment::from_local(end, zone))
}
