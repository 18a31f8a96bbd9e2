//! Pauses: an overlay upon clocks, by hand with proof and limits, or exactly while a state is active.

use alloc::vec::Vec;
use paidan_model::clock::{Pause, Scope};
use paidan_model::id::{PauseId, RoleId, UnitId};
use paidan_model::value::{Held, Value};
use paidan_model::workflow::Workflow;
use serde_json::Value as Json;

use crate::actor::Actor;
use crate::audience::is_auditor;
use crate::case::Case;
use crate::clock::pause::{begin, check_times, clocks, end, refused, tell};
use crate::command::Act;
use crate::fact::{CaseFact, PauseFact};
use crate::form;
use crate::refusal::{Code, Refusal, both};
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
        let who = crate::audience::names(who);
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
