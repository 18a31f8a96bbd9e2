//! Recount: due moments counted again after a calendar changed. Late clocks and those that were extended keep theirs.

use alloc::vec;
use alloc::vec::Vec;
use paidan_model::calendar::Roll;
use paidan_model::moment::Moment;
use paidan_model::state::Limit;

use crate::clock::{arm, calendar_of, cap, disarm, no_due};
use crate::fact::{Alarm, AlarmKind, ClockFact, ClockKey, MoveCause, TimerFact};
use crate::refusal::Refusal;
use crate::step::Step;

/// Counts every running clock and every timer of a state again, by the calendars in force.
///
/// # Errors
/// When a calendar gives no due moment.
pub(crate) fn recount(step: &mut Step<'_>) -> Result<(), Refusal> {
    let running =
        step.case.clocks.all.iter().filter(|clock| clock.runs() && !clock.late && clock.extended == 0);
    let keys: Vec<ClockKey> = running.map(|clock| clock.key.clone()).collect();
    for key in keys {
        clock(step, &key)?;
    }
    let timers: Vec<Alarm> = step.case.timers.armed.clone();
    for timer in timers {
        state(step, &timer)?;
    }
    Ok(())
}

fn clock(step: &mut Step<'_>, key: &ClockKey) -> Result<(), Refusal> {
    let (Some(declared), Some(held)) =
        (step.workflow().clocks.get(&key.clock), step.case.clock(key).cloned())
    else {
        return Ok(());
    };
    let calendar = calendar_of(step, declared)?;
    let due = held.due_from(calendar, held.from, declared.roll).ok_or_else(|| no_due(step))?;
    let due = cap(step, declared, due);
    if due.at == held.due {
        return Ok(());
    }
    disarm(step, key);
    let (budget, more, why) = (held.budget, held.more, MoveCause::Calendar);
    step.note(ClockFact::Moved { clock: key.clone(), budget, more, due: due.at, why });
    arm(step, key, declared, &held.fired)
}

fn state(step: &mut Step<'_>, timer: &Alarm) -> Result<(), Refusal> {
    let AlarmKind::After { state, n } = &timer.kind else { return Ok(()) };
    let declared = step.workflow().states.get(state);
    let after = declared.and_then(|state| usize::try_from(*n).ok().and_then(|n| state.after.get(n)));
    let (Some(after), Some(entry)) = (after, step.case.chart.active.get(state)) else { return Ok(()) };
    let Limit::Span(span) = &after.time else { return Ok(()) };
    let calendar = step.calendar(&step.workflow().calendar)?;
    let due: Moment = calendar.due(entry.at, span, Roll::default()).ok_or_else(|| no_due(step))?.at;
    if due != timer.due {
        step.note(TimerFact::Disarmed { alarms: vec![timer.kind.clone()] });
        step.note(TimerFact::Armed { alarms: vec![Alarm { kind: timer.kind.clone(), due }] });
    }
    Ok(())
}
