//! `decide`: the single place that says no by the rules of the work.

use alloc::vec::Vec;
use paidan_model::id::{ActionId, StateId};
use paidan_model::moment::Moment;
use paidan_model::state::Action;

use crate::actor::{Actor, By};
use crate::case::{Case, evolve};
use crate::chart;
use crate::command::{Act, Ask, Command, Heard, Open};
use crate::decision::{Decision, Draft};
use crate::declared::{is_event, may, who_may};
use crate::fact::{Alarm, CaseFact, Fact, MoveCause, StateFact};
use crate::form;
use crate::law::Law;
use crate::refusal::{Code, Refusal};
use crate::right::right;
use crate::step::{Event, Step};

/// The most timers that fire before one command.
pub const TIMERS_MAX: usize = 10_000;

/// Decides a command upon a case: records to append, or a refusal. Timers that are due fire before
/// it, each at its computed moment; when the command itself is refused they are not lost, since the
/// alarm asks again with [`Ask::Tick`].
///
/// # Errors
/// A [`Refusal`] when the command is not allowed now.
pub fn decide(
    law: &Law<'_>,
    case: Option<&Case>,
    command: &Command,
    now: Moment,
    salt: &mut dyn FnMut() -> [u8; 32],
) -> Result<Decision, Refusal> {
    match (&command.ask, case) {
        (Ask::Open(open), None) => open_case(law, open, &command.actor, now, salt),
        (Ask::Open(_), Some(_)) => Err(Refusal::new(Code::AlreadyOpen)),
        (_, None) => Err(Refusal::new(Code::NoCase)),
        (ask, Some(case)) => {
            let mut decision = Decision::of(case.clone());
            if *ask == Ask::Recount {
                recount_case(law, &mut decision, now, salt)?;
                return Ok(decision);
            }
            if *ask == Ask::Redact {
                return Ok(redact_case(law, decision, now, salt));
            }
            fire_due(law, &mut decision, now, salt)?;
            let kind = match ask {
                Ask::Tick | Ask::Recount | Ask::Redact => return Ok(decision),
                Ask::Send(_) | Ask::Hear(_) => "sent",
                Ask::Hold(_) => "held",
                Ask::Act(_) | Ask::Open(_) => "acted",
            };
            let right = right(law, &decision.case, &command.actor, ask);
            let mut step = Step::new(law, decision.case.clone(), now, &command.actor, salt);
            match ask {
                Ask::Act(act) => do_act(&mut step, act)?,
                Ask::Send(event) => send(&mut step, event)?,
                Ask::Hear(heard) => hear(&mut step, heard)?,
                Ask::Hold(hold) => crate::claim::hold(&mut step, hold)?,
                Ask::Open(_) | Ask::Tick | Ask::Recount | Ask::Redact => {}
            }
            if let Some(fact) = right.as_ref().and_then(|right| crate::right::stood_in(&command.actor, right))
            {
                step.note(fact);
            }
            conclude(&mut step)?;
            record(&mut decision, step, command.actor.by(right.as_ref()), kind, None, now);
            Ok(decision)
        }
    }
}

fn record(decision: &mut Decision, step: Step<'_>, by: By, kind: &str, due: Option<Moment>, at: Moment) {
    decision.case = step.case;
    decision.sealed.extend(step.sealed);
    decision.touches.extend(step.touches);
    decision.eventless.extend(step.eventless);
    decision.files.extend(step.files);
    let due = due.filter(|due| *due != at);
    decision.drafts.push(Draft { at, due, by, kind: kind.into(), facts: step.facts });
}

fn conclude(step: &mut Step<'_>) -> Result<(), Refusal> {
    chart::settle(step)?;
    crate::split::settle(step)?;
    crate::vote::check_must(step)?;
    crate::table::check_parts(step)?;
    crate::claim::settle(step);
    crate::clock::settle(step)?;
    form::demand_now(step)?;
    for always in &step.workflow().always {
        let holds = crate::guard::holds(&always.that, &step.view());
        if !holds.map_err(|undefined| crate::step::undefined_in(&always.name, &undefined))? {
            let condition = crate::refusal::condition::words(step.workflow(), &always.that);
            return Err(Refusal::new(Code::AlwaysBroken)
                .with("name", &always.name)
                .saying("condition", condition));
        }
    }
    Ok(())
}

fn open_case(
    law: &Law<'_>,
    open: &Open,
    actor: &Actor,
    now: Moment,
    salt: &mut dyn FnMut() -> [u8; 32],
) -> Result<Decision, Refusal> {
    let opened = Fact::Case(CaseFact::Opened {
        stream: open.stream.clone(),
        workflow: law.workflow.id.clone(),
        digest: law.digest.into(),
        number: open.number.clone(),
        levels: open.levels.clone(),
        channel: open.channel.clone(),
        at: now,
        code: open.code.clone(),
        parent: open.parent.as_ref().map(|parent| parent.stream.clone()),
        nth: open.parent.as_ref().map(|parent| parent.n),
        since: open.since,
    });
    let case = evolve(None, &opened).ok_or_else(|| Refusal::new(Code::NoCase))?;
    let mut step = Step::new(law, case.clone(), now, actor, salt);
    step.facts.push(opened);
    form::take_intake(&mut step, &open.fill)?;
    crate::opening::check_who(&step)?;
    chart::start(&mut step)?;
    conclude(&mut step)?;
    let mut decision = Decision::of(case);
    let job = crate::right::own_job(law, &step.case, actor, None);
    record(&mut decision, step, actor.by(job.as_ref()), "opened", None, now);
    Ok(decision)
}

/// Fires every timer that is due, in order of due moment, then of arming.
fn fire_due(
    law: &Law<'_>,
    decision: &mut Decision,
    now: Moment,
    salt: &mut dyn FnMut() -> [u8; 32],
) -> Result<(), Refusal> {
    for _ in 0..TIMERS_MAX {
        let next: Option<Alarm> = decision.case.timers.armed.iter().min_by_key(|alarm| alarm.due).cloned();
        let Some(alarm) = next.filter(|alarm| alarm.due <= now) else {
            return Ok(());
        };
        let mut step = Step::new(law, decision.case.clone(), alarm.due, &Actor::Engine, salt);
        crate::ladder::fire(&mut step, &alarm)?;
        conclude(&mut step)?;
        record(decision, step, By::Engine, "fired", Some(alarm.due), now);
    }
    Ok(())
}

/// Notes that personal values are erased; no record for an open case, or twice.
fn redact_case(
    law: &Law<'_>,
    mut decision: Decision,
    now: Moment,
    salt: &mut dyn FnMut() -> [u8; 32],
) -> Decision {
    if decision.case.is_closed() && decision.case.life.redacted.is_none() {
        let mut step = Step::new(law, decision.case.clone(), now, &Actor::Engine, salt);
        step.note(CaseFact::Redacted { at: now });
        record(&mut decision, step, By::Engine, "redacted", None, now);
    }
    decision
}

/// Counts due moments again; no record when none moves.
fn recount_case(
    law: &Law<'_>,
    decision: &mut Decision,
    now: Moment,
    salt: &mut dyn FnMut() -> [u8; 32],
) -> Result<(), Refusal> {
    let mut step = Step::new(law, decision.case.clone(), now, &Actor::Engine, salt);
    crate::clock::reckon(&mut step, Some(MoveCause::Calendar))?;
    if !step.facts.is_empty() {
        record(decision, step, By::Engine, "recounted", None, now);
    }
    Ok(())
}

fn do_act(step: &mut Step<'_>, act: &Act) -> Result<(), Refusal> {
    if step.case.is_closed() {
        return crate::act::reopen::act(step, act);
    }
    match crate::act::verb_of(step, act) {
        Some(verb) => crate::act::act(step, act, verb),
        None => act_in_chart(step, act),
    }
}

fn act_in_chart(step: &mut Step<'_>, act: &Act) -> Result<(), Refusal> {
    let workflow = step.workflow();
    let active: Vec<(StateId, Action)> = step
        .case
        .chart
        .active
        .keys()
        .filter_map(|id| {
            workflow.states.get(id).and_then(|s| s.on.get(&act.action)).map(|a| (id.clone(), a.clone()))
        })
        .collect();
    if active.is_empty() {
        return Err(not_open(step, &act.action));
    }
    let mine: Vec<&(StateId, Action)> = active.iter().filter(|(s, a)| may(step, s, &act.action, a)).collect();
    let Some((state, action)) = mine.first().map(|found| (&found.0, &found.1)) else {
        let roles: Vec<_> = active.iter().flat_map(|(s, a)| who_may(workflow, s, a).0.to_vec()).collect();
        return Err(Refusal::new(Code::NotYours)
            .with("action", &act.action)
            .with("who", crate::audience::names(&roles)));
    };
    check_within(step, state, action, &act.action)?;
    form::take(step, act.action.as_str(), &action.fill, &act.fill)?;
    form::reason(step, action.reason, act.reason.as_deref())?;
    let event = Event { name: act.action.clone(), of: None };
    let allowed: Vec<StateId> = mine.iter().map(|(s, _)| s.clone()).collect();
    let moves = chart::enabled(step, &event, &|state, _| allowed.contains(state))
        .map_err(|refusal| asked(action, refusal))?;
    if moves.is_empty() {
        let ways = mine.iter().flat_map(|(_, action)| action.alternatives.clone()).collect::<Vec<_>>();
        let needs = crate::refusal::condition::needs(step, &ways);
        return Err(Refusal::new(Code::GuardFalse).with("action", &act.action).saying("needs", needs));
    }
    chart::take(step, &moves)
}

/// A guard that misses a field of the action's own form asks for that field.
fn asked(action: &Action, refusal: Refusal) -> Refusal {
    let missing =
        refusal.with.get("what").and_then(|what| action.fill.iter().find(|field| field.as_str() == what));
    match (refusal.code, missing) {
        (Code::GuardUndefined, Some(field)) => Refusal::new(Code::Required).with("field", field),
        _ => refusal,
    }
}

fn not_open(step: &Step<'_>, action: &ActionId) -> Refusal {
    let workflow = step.workflow();
    let mut open: Vec<&str> = step
        .case
        .chart
        .active
        .keys()
        .filter_map(|id| workflow.states.get_key_value(id))
        .flat_map(|(id, state)| state.on.iter().map(move |(name, action)| (id, name, action)))
        .filter(|(_, name, action)| !(action.who.is_empty() && is_event(workflow, name)))
        .filter(|(id, name, action)| may(step, id, name, action))
        .map(|(_, name, _)| name.as_str())
        .collect();
    open.sort_unstable();
    open.dedup();
    Refusal::new(Code::NotOpen).with("action", action).with("open", open.join(", "))
}

fn check_within(step: &Step<'_>, state: &StateId, action: &Action, name: &ActionId) -> Result<(), Refusal> {
    let (Some(within), Some(entry)) = (&action.within, step.case.chart.active.get(state)) else {
        return Ok(());
    };
    let calendar = step.calendar(&step.workflow().calendar)?;
    let until = calendar.due(entry.at, within, paidan_model::calendar::Roll::default()).map(|due| due.at);
    match until {
        Some(until) if step.now > until => {
            Err(Refusal::new(Code::TooLate).with("action", name).with("until", until.rfc3339()))
        }
        Some(_) | None => Ok(()),
    }
}

/// Listens to a linked case, unless a later one of its workflow was asked for: what an earlier round comes to belongs to a
/// matter that has moved on.
fn hear(step: &mut Step<'_>, heard: &Heard) -> Result<(), Refusal> {
    let Heard { event, child } = heard;
    if step.case.links.latest.get(&child.workflow).is_some_and(|last| child.n < *last) {
        step.note(StateFact::Ignored { event: event.clone() });
        return Ok(());
    }
    send(step, event)
}

fn send(step: &mut Step<'_>, event: &ActionId) -> Result<(), Refusal> {
    if step.case.is_closed() {
        step.note(StateFact::Ignored { event: event.clone() });
        return Ok(());
    }
    let sent = Event { name: event.clone(), of: None };
    let moves = chart::enabled(step, &sent, &|_, _| true)?;
    if moves.is_empty() {
        step.note(StateFact::Ignored { event: event.clone() });
        return Ok(());
    }
    chart::take(step, &moves)
}
