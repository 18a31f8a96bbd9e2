//! Limits that change under a running clock: the choice they depend on was written anew.

use paidan_model::calendar::Budget;
use paidan_model::clock::{Carry, Clock, Scope};
use paidan_model::field::Per;
use paidan_model::state::Limit;

use crate::clock;
use crate::fact::{ClockFact, ClockKey, MoveCause};
use crate::refusal::Refusal;
use crate::step::Step;

/// Lets every clock whose limit depends on a choice that changed in this step follow it.
pub(crate) fn follow(step: &mut Step<'_>) -> Result<(), Refusal> {
    if step.changed.is_empty() {
        return Ok(());
    }
    let workflow = step.workflow();
    for (id, declared) in &workflow.clocks {
        let Per::By { field, .. } = &declared.limit else { continue };
        if !step.changed.contains(field) {
            continue;
        }
        let open =
            |c: &&crate::case::clock::Clock| c.key.clock == *id && c.verdict.is_none() && c.from < step.now;
        let keys: alloc::vec::Vec<ClockKey> =
            step.case.clocks.all.iter().filter(open).map(|c| c.key.clone()).collect();
        for key in keys {
            change(step, &key, declared)?;
        }
    }
    Ok(())
}

fn change(step: &mut Step<'_>, key: &ClockKey, declared: &Clock) -> Result<(), Refusal> {
    let carry = declared.carry.unwrap_or(match declared.scope {
        Scope::Leg | Scope::Offer => Carry::Restart,
        Scope::Case | Scope::Gap => Carry::Keep,
    });
    match (carry, step.pick(&declared.limit).cloned()) {
        (Carry::Restart, _) => {
            clock::void(step, key);
            clock::start(step, key, declared)
        }
        (Carry::Keep | Carry::Prorate, Some(Limit::Span(span))) => {
            change_limit(step, key, declared, carry, &Budget::of(&span))
        }
        (Carry::Keep | Carry::Prorate, Some(Limit::Field(_)) | None) => Ok(()),
    }
}

/// The same time used, or the same share of it, with the new limit. What would be due in the past is due
/// now; a clock that was late stays late, so no change of class hides a breach.
fn change_limit(
    step: &mut Step<'_>,
    key: &ClockKey,
    declared: &Clock,
    carry: Carry,
    new: &Budget,
) -> Result<(), Refusal> {
    let Some(held) = step.case.clock(key).cloned() else { return Ok(()) };
    let calendar = clock::calendar_of(step, declared)?;
    let until = if held.paused.is_some() { held.from } else { step.now };
    let (budget, more) = match carry {
        Carry::Prorate => {
            held.budget.prorate_with(&held.more, new, calendar, (held.from, until), declared.roll)
        }
        Carry::Keep | Carry::Restart => (held.budget.with_limit(new), held.more),
    };
    let due = match held.paused {
        Some(_) => held.due,
        None => {
            let due = budget.due_with(&more, calendar, held.from, declared.roll);
            clock::cap(step, declared, due.ok_or_else(|| clock::no_due(step))?).at.max(step.now)
        }
    };
    clock::disarm(step, key);
    let (clock_key, why) = (key.clone(), MoveCause::Limit);
    step.note(ClockFact::Moved { clock: clock_key, budget, more, due, why });
    if held.paused.is_none() { clock::arm(step, key, declared, &held.fired) } else { Ok(()) }
}
