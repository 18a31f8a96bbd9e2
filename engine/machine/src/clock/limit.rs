//! Limits that change under a clock: the choice, or the day, that they depend on was written anew.

use alloc::vec::Vec;
use paidan_model::calendar::{Course, Goal};
use paidan_model::clock::{Carry, Clock as Declared, Scope};
use paidan_model::field::Per;
use paidan_model::state::Limit;

use super::reckon::calendar_in;
use super::run::{goal, start, steer, void};
use crate::case::clock::Clock;
use crate::fact::{ClockKey, MoveCause};
use crate::refusal::Refusal;
use crate::step::Step;

/// Lets every clock whose limit depends on a field that changed in this step follow it.
pub(super) fn follow(step: &mut Step<'_>) -> Result<(), Refusal> {
    if step.changed.is_empty() {
        return Ok(());
    }
    for (id, declared) in super::reckon::in_order(step.workflow()) {
        let chosen = match &declared.limit {
            Per::By { field, .. } => step.changed.contains(field),
            Per::One(_) => false,
        };
        let dated = match step.pick(&declared.limit) {
            Some(Limit::Field(field)) => step.changed.contains(field),
            Some(Limit::Span(_)) | None => false,
        };
        if !chosen && !dated {
            continue;
        }
        // A clock that is late stays late: no other class and no other day hides it.
        let open = |c: &&Clock| c.key.clock == *id && c.verdict.is_none() && !c.late;
        let keys: Vec<ClockKey> = step.case.clocks.all.iter().filter(open).map(|c| c.key.clone()).collect();
        for key in keys {
            change(step, &key, declared)?;
        }
    }
    Ok(())
}

fn change(step: &mut Step<'_>, key: &ClockKey, declared: &Declared) -> Result<(), Refusal> {
    let Some(limit) = step.pick(&declared.limit).cloned() else { return Ok(()) };
    let goal = goal(step, &limit)?;
    let Some(held) = step.case.clock(key).filter(|held| held.course.goal != goal) else { return Ok(()) };
    let carry = declared.carry.unwrap_or(match declared.scope {
        Scope::Leg | Scope::Offer => Carry::Restart,
        Scope::Case | Scope::Gap => Carry::Keep,
    });
    let course = match (&goal, carry) {
        (Goal::Day(_) | Goal::Moment(_), _) => agreed_anew(step, held, goal),
        (Goal::Span(_), Carry::Restart) => {
            void(step, key);
            return start(step, key, declared);
        }
        (Goal::Span(_), Carry::Keep) => Course { since: held.began, goal, used: None, ..held.course.clone() },
        (Goal::Span(span), Carry::Prorate) => {
            let calendar = calendar_in(step, key)?;
            held.course.prorated(span.clone(), calendar, declared.roll, step.now)
        }
    };
    steer(step, key, declared, course, MoveCause::Limit)
}

/// Another day was agreed on: pauses and grants of before are part of it, those that come are not.
fn agreed_anew(step: &Step<'_>, held: &Clock, goal: Goal) -> Course {
    let open = held.course.stands.iter().filter(|stand| stand.until.is_none());
    Course { stands: open.copied().collect(), ..Course::new(step.now, goal) }
}
