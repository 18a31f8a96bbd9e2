//! Pauses: an overlay upon clocks, by hand with proof and limits, or exactly while a state is active.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use paidan_model::clock::{Pause, Scope};
use paidan_model::id::{ClockId, PauseId, RoleId, StateId, UnitId};
use paidan_model::text::Text;
use paidan_model::value::{Held, Value};
use paidan_model::workflow::Workflow;
use serde_json::Value as Json;

use crate::actor::Actor;
use crate::case::Case;
use crate::command::Act;
use crate::fact::{Alarm, AlarmKind, CaseFact, ClockKey, PauseFact, Standstill, TimerFact};
use crate::form;
use crate::refusal::{Code, Refusal, both};
use crate::sight::is_auditor;
use crate::step::Step;
use crate::verb::PauseVerb;

/// Who may do one of them: the wish, its withdrawal and the end are the asker's, the word on it is another's.
pub(crate) fn who(pause: &Pause, verb: PauseVerb) -> &[RoleId] {
    match verb {
        PauseVerb::Approve | PauseVerb::Decline => &pause.approve,
        PauseVerb::Pause | PauseVerb::Withdraw | PauseVerb::Resume => &pause.who,
    }
}

/// Whether a reason must be given: for a word against it. The wish has its proof.
pub(crate) fn needs_reason(verb: PauseVerb) -> bool {
    verb == PauseVerb::Decline
}

fn refused(why: Text) -> Refusal {
    Refusal::new(Code::PauseRefused).why(why)
}

/// The clocks that count now and that a pause makes stand still.
pub fn clocks_of(workflow: &Workflow, case: &Case, id: &PauseId, leg: Option<&UnitId>) -> Vec<ClockKey> {
    let named = |clock: &ClockId| workflow.clocks.get(clock).is_some_and(|clock| clock.pauses.contains(id));
    let of = |held: &&crate::case::clock::Clock| {
        let key = &held.key;
        held.verdict.is_none() && named(&key.clock) && key.leg.as_ref() == leg && key.claim.is_none()
    };
    case.clocks.all.iter().filter(of).map(|held| held.key.clone()).collect()
}

fn clocks(step: &Step<'_>, id: &PauseId, leg: Option<&UnitId>) -> Vec<ClockKey> {
    clocks_of(step.workflow(), &step.case, id, leg)
}

/// Begins the case's pauses that hold while a state is active, and ends them and those of legs.
pub(crate) fn settle(
    step: &mut Step<'_>,
    entered: &BTreeSet<StateId>,
    left: &BTreeSet<StateId>,
) -> Result<(), Refusal> {
    let mut declared: Vec<(&PauseId, &Pause)> = step.workflow().pauses.iter().collect();
    declared.sort_by_key(|(_, pause)| pause.scope == Scope::Leg); // clocks of legs are capped by those of the case
    for (id, pause) in declared {
        let Some(state) = &pause.during else { continue };
        let active = step.case.chart.active.contains_key(state);
        if pause.scope == Scope::Leg {
            let over = left.contains(state) && !active;
            for unit in if over { legs_in(step, id) } else { Vec::new() } {
                end(step, id, Some(&unit))?;
            }
        } else if entered.contains(state) && active {
            check_times(step, id, pause, None)?;
            begin(step, id, pause, None)?;
        } else if left.contains(state) && !active {
            end(step, id, None)?;
        }
    }
    Ok(())
}

/// The units whose legs are in a pause.
fn legs_in(step: &Step<'_>, id: &PauseId) -> Vec<UnitId> {
    let open =
        step.case.pauses.all.iter().filter(|p| p.pause == *id && p.began.is_some() && p.ended.is_none());
    open.filter_map(|p| p.leg.clone()).collect()
}

/// Sees to it that what a pause holds stands still, also what has only now begun to run: a leg that was
/// opened while the state is active, a clock that another cause let go on.
pub(crate) fn hold_all(step: &mut Step<'_>) -> Result<(), Refusal> {
    begin_legs(step)?;
    let armed = |p: &crate::case::pause::Pause| {
        let kind = AlarmKind::PauseEnd { pause: p.pause.clone(), leg: p.leg.clone() };
        step.case.timers.armed.iter().any(|alarm| alarm.kind == kind)
    };
    let open = step.case.pauses.all.iter().filter(|p| p.began.is_some() && p.ended.is_none() && armed(p));
    let open: Vec<(PauseId, Option<UnitId>)> = open.map(|p| (p.pause.clone(), p.leg.clone())).collect();
    for (id, leg) in open {
        for key in clocks(step, &id, leg.as_ref()) {
            crate::clock::hold(step, &key, Standstill::Pause(id.clone()))?;
        }
    }
    Ok(())
}

/// Begins the pauses of legs that hold while a state is active, once for each stay in it. A leg that has
/// used up its times goes on counting: what a leg may no more have does not keep the case from moving.
fn begin_legs(step: &mut Step<'_>) -> Result<(), Refusal> {
    let workflow = step.workflow();
    for (id, pause) in workflow.pauses.iter().filter(|(_, pause)| pause.scope == Scope::Leg) {
        let Some(since) = pause.during.as_ref().and_then(|s| step.case.chart.active.get(s)).map(|e| e.at)
        else {
            continue;
        };
        for unit in step.case.legs.live_units(None) {
            let runs = clocks(step, id, Some(&unit))
                .iter()
                .any(|key| step.case.clock(key).is_some_and(crate::case::clock::Clock::runs));
            let here = |p: &crate::case::pause::Pause| {
                p.pause == *id && p.leg.as_ref() == Some(&unit) && p.began.is_some_and(|began| began >= since)
            };
            let had = step.case.pauses.all.iter().any(here);
            if runs && !had && check_times(step, id, pause, Some(&unit)).is_ok() {
                begin(step, id, pause, Some(&unit))?;
            }
        }
    }
    Ok(())
}

/// The end of a case is the end of its pauses.
pub(crate) fn end_all(step: &mut Step<'_>) {
    let open = step.case.pauses.all.iter().filter(|p| p.began.is_some() && p.ended.is_none());
    let open: Vec<(PauseId, Option<UnitId>)> = open.map(|p| (p.pause.clone(), p.leg.clone())).collect();
    for (pause, leg) in open {
        step.note(PauseFact::Ended { pause, leg, at: step.now });
    }
}

fn check_times(step: &Step<'_>, id: &PauseId, pause: &Pause, leg: Option<&UnitId>) -> Result<(), Refusal> {
    let used = step
        .case
        .pauses
        .all
        .iter()
        .filter(|p| p.pause == *id && p.leg.as_ref() == leg && p.began.is_some())
        .count();
    let open = step
        .case
        .pauses
        .all
        .iter()
        .any(|p| p.pause == *id && p.leg.as_ref() == leg && p.ended.is_none() && p.began.is_some());
    if open {
        return Err(refused(both!("已经暂停", "it stands still already")));
    }
    if used >= usize::from(pause.times) {
        return Err(refused(both!("次数已用完", "it was used as often as it may be")));
    }
    Ok(())
}

fn begin(step: &mut Step<'_>, id: &PauseId, pause: &Pause, leg: Option<&UnitId>) -> Result<(), Refusal> {
    for key in clocks(step, id, leg) {
        crate::clock::hold(step, &key, Standstill::Pause(id.clone()))?;
    }
    step.note(PauseFact::Began { pause: id.clone(), leg: leg.cloned(), at: step.now });
    let length = pause.resumes_after.as_ref().unwrap_or(&pause.max);
    let calendar = step.calendar(&step.workflow().calendar)?;
    let due = calendar.due(step.now, length, paidan_model::calendar::Roll::default());
    let due = due.ok_or_else(|| Refusal::new(Code::NoDue).with("calendar", &step.workflow().calendar))?;
    let kind = AlarmKind::PauseEnd { pause: id.clone(), leg: leg.cloned() };
    step.note(TimerFact::Armed { alarms: alloc::vec![Alarm { kind, due: due.at }] });
    tell(step, "paused", &pause.tell, leg)
}

/// Ends a pause: its clocks go on with what was left.
pub(crate) fn end(step: &mut Step<'_>, id: &PauseId, leg: Option<&UnitId>) -> Result<(), Refusal> {
    let open = step
        .case
        .pauses
        .all
        .iter()
        .any(|p| p.pause == *id && p.leg.as_ref() == leg && p.began.is_some() && p.ended.is_none());
    if !open {
        return Ok(());
    }
    step.note(PauseFact::Ended { pause: id.clone(), leg: leg.cloned(), at: step.now });
    step.note(TimerFact::Disarmed {
        alarms: alloc::vec![AlarmKind::PauseEnd { pause: id.clone(), leg: leg.cloned() }],
    });
    for key in clocks(step, id, leg) {
        if step.case.clock(&key).is_some_and(|c| c.paused == Some(Standstill::Pause(id.clone()))) {
            crate::clock::resume(step, &key)?;
        }
    }
    Ok(())
}

/// The pause of a case or a leg that waits for somebody's word.
fn asked<'s>(
    step: &'s Step<'_>,
    id: &PauseId,
    leg: Option<&UnitId>,
) -> Option<&'s crate::case::pause::Pause> {
    step.case.pauses.all.iter().find(|p| p.pause == *id && p.leg.as_ref() == leg && p.began.is_none())
}

/// Whether the asker may do it to a pause that is declared, now.
pub(crate) fn may<'a>(
    step: &Step<'a>,
    verb: PauseVerb,
    id: &PauseId,
    leg: Option<&UnitId>,
) -> Result<&'a Pause, Refusal> {
    let found = step.workflow().pauses.get(id).filter(|pause| pause.during.is_none());
    let pause = found.ok_or_else(|| refused(both!("没有这种暂停", "there is no such pause")))?;
    if (pause.scope == Scope::Leg) != leg.is_some() {
        return Err(refused(both!("这种暂停不在这里用", "it is of the other scope")));
    }
    let who = who(pause, verb);
    if !crate::audience::holds(step.workflow(), &step.case, step.actor, who, leg) {
        let who = crate::leg::names(who);
        return Err(Refusal::new(Code::NotYours).with("action", verb.name()).with("who", who));
    }
    let open = |p: &crate::case::pause::Pause| {
        p.pause == *id && p.leg.as_ref() == leg && p.began.is_some() && p.ended.is_none()
    };
    let asked = asked(step, id, leg);
    match verb {
        PauseVerb::Resume if !step.case.pauses.all.iter().any(open) => {
            return Err(refused(both!("没有在暂停", "it does not stand still")));
        }
        PauseVerb::Resume => return Ok(pause),
        PauseVerb::Pause if asked.is_some() => {
            return Err(refused(both!("已有暂停申请待批", "a pause waits for approval already")));
        }
        PauseVerb::Pause => {}
        PauseVerb::Approve | PauseVerb::Decline | PauseVerb::Withdraw if asked.is_none() => {
            return Err(refused(both!("没有人申请", "nobody has asked for it")));
        }
        PauseVerb::Approve if asked.and_then(|p| p.asked_by.as_deref()) == Some(step.actor.subject()) => {
            return Err(refused(both!("申请人不能自己批准", "whoever asked for it does not agree to it")));
        }
        PauseVerb::Approve => {}
        PauseVerb::Decline | PauseVerb::Withdraw => return Ok(pause),
    }
    check_times(step, id, pause, leg)?;
    if clocks(step, id, leg).is_empty() {
        return Err(refused(both!("没有可以暂停的计时在走", "no clock that it could hold is running")));
    }
    Ok(pause)
}

/// Whether somebody may see what was given as proof for a pause: those who may ask for it or agree to it, and auditors.
#[must_use]
pub fn sees_proof(
    workflow: &Workflow,
    case: &Case,
    id: &PauseId,
    leg: Option<&UnitId>,
    actor: &Actor,
) -> bool {
    let roles = workflow.pauses.get(id).into_iter().flat_map(|pause| [&pause.who, &pause.approve]);
    let holds = |roles: &Vec<_>| crate::audience::holds(workflow, case, actor, roles, leg);
    roles.into_iter().any(holds) || is_auditor(case, actor)
}

/// Does what may be done about a pause.
pub(crate) fn act(step: &mut Step<'_>, act: &Act, verb: PauseVerb) -> Result<(), Refusal> {
    let id = act.fill.get("pause").and_then(Json::as_str).and_then(PauseId::parse);
    let id = id.ok_or_else(|| refused(both!("没有这种暂停", "there is no such pause")))?;
    let leg = act.leg.as_ref();
    let pause = may(step, verb, &id, leg)?;
    form::reason(step, needs_reason(verb), act.reason.as_deref())?;
    step.note(CaseFact::Acted { action: act.action.clone(), leg: leg.cloned(), state: None, way: None });
    match verb {
        PauseVerb::Resume => end(step, &id, leg),
        PauseVerb::Approve => begin(step, &id, pause, leg),
        PauseVerb::Pause => ask(step, act, &id, pause),
        PauseVerb::Decline => {
            step.note(PauseFact::Dropped { pause: id, leg: leg.cloned() });
            tell(step, "pause_declined", &pause.who, leg)
        }
        PauseVerb::Withdraw => {
            step.note(PauseFact::Dropped { pause: id, leg: leg.cloned() });
            Ok(())
        }
    }
}

fn ask(step: &mut Step<'_>, act: &Act, id: &PauseId, pause: &Pause) -> Result<(), Refusal> {
    let leg = act.leg.as_ref();
    let files = form::proof(step, &act.fill)?;
    if pause.proof && files.is_empty() {
        return Err(Refusal::new(Code::ProofMissing));
    }
    if !files.is_empty() || !pause.approve.is_empty() {
        let proof: Held = form::seal(step, "proof", true, Value::Files(files))?;
        let (pause, leg, who) = (id.clone(), leg.cloned(), Some(step.actor.subject().into()));
        step.note(PauseFact::Asked { pause, leg, proof, who });
    }
    if pause.approve.is_empty() {
        return begin(step, id, pause, leg);
    }
    tell(step, "to_pause", &pause.approve, leg)
}

fn tell(step: &mut Step<'_>, notice: &str, roles: &[RoleId], leg: Option<&UnitId>) -> Result<(), Refusal> {
    for role in roles {
        crate::ladder::tell(step, notice, role, &[], leg, None, None)?;
    }
    Ok(())
}
