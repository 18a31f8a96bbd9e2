//! What happens to one clock: it starts, stands still, goes on, gets more time, ends, and begins
//! again with its case.

use alloc::boxed::Box;
use paidan_model::calendar::{Course, Day, Goal};
use paidan_model::clock::Clock as Declared;
use paidan_model::id::FieldId;
use paidan_model::moment::{Date, Moment};
use paidan_model::span::Span;
use paidan_model::state::Limit;
use paidan_model::value::{Held, Value};

use super::reckon::{disarm, outcome};
use crate::case::clock::Clock;
use crate::fact::{ClockFact, ClockKey, MoveCause, Standstill, Verdict};
use crate::refusal::{Code, Refusal};
use crate::step::Step;

/// What a limit says now: so much time, or what stands in its field.
pub(super) fn goal(step: &Step<'_>, limit: &Limit) -> Result<Goal, Refusal> {
    match limit {
        Limit::Span(span) => Ok(Goal::Span(span.clone())),
        Limit::Field(field) => goal_in(step, field),
    }
}

/// The day or the moment in a field.
pub(super) fn goal_in(step: &Step<'_>, field: &FieldId) -> Result<Goal, Refusal> {
    let day = |text: &str| Date::parse_from_str(text, "%Y-%m-%d").ok();
    let goal = match step.case.form.fields.get(field).and_then(Held::open) {
        Some(Value::Moment(at)) => Some(Goal::Moment(*at)),
        Some(Value::Date(date)) => day(date).map(|date| Goal::Day(Day(date))),
        _ => None,
    };
    goal.ok_or_else(|| Refusal::new(Code::Required).with("field", field))
}

/// Starts a clock now.
pub(super) fn start(step: &mut Step<'_>, key: &ClockKey, declared: &Declared) -> Result<(), Refusal> {
    let now = step.now;
    start_from(step, key, declared, now)
}

/// Starts a clock; nothing when its limit depends on a choice that nobody has made.
pub(super) fn start_from(
    step: &mut Step<'_>,
    key: &ClockKey,
    declared: &Declared,
    from: Moment,
) -> Result<(), Refusal> {
    let Some(limit) = step.pick(&declared.limit).cloned() else {
        return Ok(());
    };
    let goal = goal(step, &limit)?;
    let new = Clock::start(key.clone(), from, goal.clone());
    let found = outcome(step, &new, declared, None)?;
    let (due, provisional) = (found.due.at, found.due.provisional);
    let goal = (found.budget.goal() != goal).then_some(goal);
    let clock = key.clone();
    step.note(ClockFact::Started { clock, at: from, budget: found.budget, due, provisional, goal });
    Ok(())
}

/// Lets a clock that was judged go on as a new one: its case was opened again. What it came to
/// stays.
pub(super) fn reopen(step: &mut Step<'_>, key: &ClockKey, declared: &Declared) -> Result<(), Refusal> {
    let Some(held) = step.case.clock(key) else { return Ok(()) };
    let again = held.reopened(step.now);
    let found = outcome(step, &again, declared, Some(step.now))?;
    let (due, provisional) = (found.due.at, found.due.provisional);
    let (clock, at) = (key.clone(), step.now);
    let (budget, more) = (found.budget, found.more);
    step.note(ClockFact::Reopened { clock, at, budget, more, due, provisional });
    Ok(())
}

fn declared<'a>(step: &Step<'a>, key: &ClockKey) -> Option<&'a Declared> {
    step.workflow().clocks.get(&key.clock)
}

fn finish(step: &mut Step<'_>, key: &ClockKey, at: Moment, verdict: Verdict) {
    step.note(ClockFact::Stopped { clock: key.clone(), at, verdict });
}

/// Stops a clock for good: late if its due moment has passed.
pub(super) fn stop(step: &mut Step<'_>, key: &ClockKey) {
    let Some(held) = step.case.clock(key) else { return };
    // What stands still is judged by the moment from which it stood: it was not late then.
    let (at, passed) = match held.paused {
        Some(_) => (held.from, false),
        None => (step.now, step.now > held.due),
    };
    let verdict = if held.late || passed { Verdict::Late } else { Verdict::Met };
    finish(step, key, at, verdict);
}

/// Ends a clock that no longer counts.
pub(super) fn void(step: &mut Step<'_>, key: &ClockKey) {
    let now = step.now;
    finish(step, key, now, Verdict::Void);
}

/// Makes a clock stand still.
pub(crate) fn hold(step: &mut Step<'_>, key: &ClockKey, why: Standstill) -> Result<(), Refusal> {
    let Some(held) = step.case.clock(key).filter(|c| c.runs()) else { return Ok(()) };
    let Some(declared) = declared(step, key) else { return Ok(()) };
    let mut still = held.clone();
    still.course.stop(step.now);
    let found = outcome(step, &still, declared, None)?;
    let (left, more) = (found.budget, found.more);
    disarm(step, key);
    step.note(ClockFact::Paused { clock: key.clone(), at: step.now, left, more, why });
    Ok(())
}

/// Lets a clock go on with what is left; a clock that was late stays late and keeps its due moment.
pub(crate) fn resume(step: &mut Step<'_>, key: &ClockKey) -> Result<(), Refusal> {
    go_on(step, key, false)
}

/// The leg was kept: the time of the arbitration counts, the due moment is the one that it would
/// have been.
pub(super) fn give_back(step: &mut Step<'_>, key: &ClockKey) -> Result<(), Refusal> {
    go_on(step, key, true)
}

fn go_on(step: &mut Step<'_>, key: &ClockKey, counts: bool) -> Result<(), Refusal> {
    let Some(held) = step.case.clock(key).filter(|c| c.paused.is_some()) else { return Ok(()) };
    let Some(declared) = declared(step, key) else { return Ok(()) };
    // What is still to come of the ladder of a late clock counts from when a pause ends. A "done"
    // that was disputed is no pause: it gives no time back.
    let disputed = held.paused == Some(Standstill::Stopped);
    let rungs_from = (held.late && !disputed && !counts).then_some(step.now);
    let mut again = held.clone();
    again.course.go_on(step.now, counts);
    let floor = if counts { held.due.min(step.now) } else { step.now };
    let found = outcome(step, &again, declared, Some(floor))?;
    let (clock, at) = (key.clone(), step.now);
    let (budget, more) = (Some(found.budget), found.more);
    let (due, provisional) = (found.due.at, found.due.provisional);
    step.note(ClockFact::Resumed { clock, at, budget, more, due, provisional, counts, rungs_from });
    Ok(())
}

/// Gives a clock another course, for a permitted cause.
pub(super) fn steer(
    step: &mut Step<'_>,
    key: &ClockKey,
    declared: &Declared,
    course: Course,
    why: MoveCause,
) -> Result<(), Refusal> {
    let Some(held) = step.case.clock(key) else { return Ok(()) };
    let stands = !held.runs();
    let old = (held.due, held.provisional);
    let other = Clock { course: course.clone(), ..held.clone() };
    let found = outcome(step, &other, declared, Some(held.due.min(step.now)))?;
    let (due, provisional) = if stands { old } else { (found.due.at, found.due.provisional) };
    let (budget, more, course) = (found.budget, found.more, Some(Box::new(course)));
    step.note(ClockFact::Moved { clock: key.clone(), budget, more, due, provisional, why, course });
    Ok(())
}

fn with_more(held: &Clock, by: &Span) -> Course {
    let mut course = held.course.clone();
    course.granted.push(by.clone());
    course
}

/// When a clock would be due with more time; nothing when another clock caps it and it would gain
/// nothing.
pub(crate) fn longer(step: &Step<'_>, key: &ClockKey, by: &Span) -> Result<Option<Moment>, Refusal> {
    let (Some(held), Some(declared)) = (step.case.clock(key), declared(step, key)) else {
        return Ok(None);
    };
    let longer = Clock { course: with_more(held, by), ..held.clone() };
    let due = outcome(step, &longer, declared, None)?.due.at;
    Ok(Some(due).filter(|due| *due > held.due))
}

/// Gives a running clock more time, for a permitted cause; it is kept when the clock stands still.
pub(crate) fn extend(step: &mut Step<'_>, key: &ClockKey, by: &Span) -> Result<(), Refusal> {
    let gains = longer(step, key, by)?.is_some();
    let (Some(declared), Some(held), true) = (declared(step, key), step.case.clock(key), gains) else {
        return Ok(());
    };
    let course = with_more(held, by);
    steer(step, key, declared, course, MoveCause::Extension)
}
