//! More time (延期): asked for before the due moment with a reason, and agreed to or declined where the rule names somebody.

use alloc::vec::Vec;
use paidan_model::calendar::Budget;
use paidan_model::clock::Extend;
use paidan_model::id::{ClockId, RoleId, UnitId};
use paidan_model::text::Text;
use paidan_model::workflow::Workflow;
use serde_json::Value as Json;

use crate::actor::Actor;
use crate::audience::{self, is_auditor};
use crate::case::Case;
use crate::command::Act;
use crate::fact::{CaseFact, ClockFact, ClockKey, Fact, PauseFact};
use crate::form;
use crate::pause::sees_proof;
use crate::refusal::{Code, Refusal, both};
use crate::step::Step;
use crate::verb::ExtensionVerb;

/// Who may do one of them: the wish and its withdrawal are the asker's, the word on it is another's.
pub(crate) fn who(rule: &Extend, verb: ExtensionVerb) -> &[RoleId] {
    match verb {
        ExtensionVerb::Approve | ExtensionVerb::Decline => &rule.approve,
        ExtensionVerb::Extend | ExtensionVerb::Withdraw => &rule.who,
    }
}

fn refused(why: Text) -> Refusal {
    Refusal::new(Code::CannotExtend).why(why)
}

/// Whether the asker may ask for more time of a clock, or agree to, decline or withdraw what was asked.
pub(crate) fn may<'a>(
    step: &Step<'a>,
    verb: ExtensionVerb,
    id: &ClockId,
    leg: Option<&UnitId>,
) -> Result<(ClockKey, &'a Extend), Refusal> {
    let clock = step.workflow().clocks.get(id);
    let clock = clock.ok_or_else(|| refused(both!("没有这个计时", "there is no such clock")))?;
    let rule =
        clock.extend.as_ref().ok_or_else(|| refused(both!("这个计时不能延", "it has no extension")))?;
    let key = ClockKey { clock: id.clone(), leg: leg.cloned(), claim: None };
    let held = step
        .case
        .clock(&key)
        .filter(|clock| clock.verdict.is_none())
        .ok_or_else(|| refused(both!("这个计时没有在走", "it does not run")))?;
    let who = who(rule, verb);
    if !audience::holds(step.workflow(), &step.case, step.actor, who, leg) {
        return Err(Refusal::new(Code::NotYours)
            .with("action", verb.name())
            .with("who", audience::names(who)));
    }
    if matches!(verb, ExtensionVerb::Decline | ExtensionVerb::Withdraw) && held.asked.is_some() {
        return Ok((key, rule));
    }
    if !held.runs() {
        return Err(refused(both!("这个计时没有在走", "it does not run")));
    }
    if held.late || step.now > held.due {
        return Err(refused(both!(
            "已逾期；延期要在到期前申请",
            "it is late; more time is asked for before the due moment"
        )));
    }
    if held.extended >= rule.times {
        return Err(refused(both!("延期次数已用完", "it was extended as often as it may be")));
    }
    match (verb == ExtensionVerb::Extend, held.asked.is_some()) {
        (true, true) => {
            return Err(refused(both!("已有延期申请待批", "an extension waits for approval already")));
        }
        (false, false) => return Err(refused(both!("没有人申请", "nobody has asked for it"))),
        (true, false) | (false, true) => {}
    }
    if verb == ExtensionVerb::Approve && held.asked_by.as_deref() == Some(step.actor.subject()) {
        return Err(refused(both!("申请人不能自己批准", "whoever asked for it does not agree to it")));
    }
    if matches!(verb, ExtensionVerb::Extend | ExtensionVerb::Approve)
        && crate::clock::longer(step, &key, &rule.step)?.is_none()
    {
        return Err(refused(both!("另一个期限不许它更晚", "another clock lets it be no later")));
    }
    Ok((key, rule))
}

/// Whether a reason must be given: for the wish, and for a word against it.
pub(crate) fn needs_reason(verb: ExtensionVerb) -> bool {
    matches!(verb, ExtensionVerb::Extend | ExtensionVerb::Decline)
}

/// Does what may be done about more time.
pub(crate) fn act(step: &mut Step<'_>, act: &Act, verb: ExtensionVerb) -> Result<(), Refusal> {
    let id = act.fill.get("clock").and_then(Json::as_str).and_then(ClockId::parse);
    let id = id.ok_or_else(|| refused(both!("没有这个计时", "there is no such clock")))?;
    let (key, rule) = may(step, verb, &id, act.leg.as_ref())?;
    form::reason(step, needs_reason(verb), act.reason.as_deref())?;
    step.note(CaseFact::Acted { action: act.action.clone(), leg: act.leg.clone(), state: None, way: None });
    match verb {
        ExtensionVerb::Extend if !rule.approve.is_empty() => {
            let (by, who) = (Budget::of(&rule.step), Some(step.actor.subject().into()));
            step.note(ClockFact::ExtensionAsked { clock: key.clone(), by, who });
            tell(step, "to_extend", &rule.approve, &key)
        }
        ExtensionVerb::Extend | ExtensionVerb::Approve => grant(step, &key, rule),
        ExtensionVerb::Decline => {
            step.note(ClockFact::ExtensionDropped { clock: key.clone() });
            tell(step, "extension_declined", &rule.who, &key)
        }
        ExtensionVerb::Withdraw => {
            step.note(ClockFact::ExtensionDropped { clock: key });
            Ok(())
        }
    }
}

/// Whether somebody reads why more time or a pause was asked for, declined or withdrawn in a record: those who may ask for
/// it or answer it, and auditors.
#[must_use]
pub fn reads_why(workflow: &Workflow, case: &Case, facts: &[Fact], actor: &Actor) -> bool {
    let answers = |key: &ClockKey| {
        let rule = workflow.clocks.get(&key.clock).and_then(|clock| clock.extend.as_ref());
        let roles = rule.into_iter().flat_map(|rule| [&rule.who, &rule.approve]);
        let holds = |roles: &Vec<RoleId>| audience::holds(workflow, case, actor, roles, key.leg.as_ref());
        roles.into_iter().any(holds) || is_auditor(case, actor)
    };
    facts.iter().any(|fact| match fact {
        Fact::Clock(ClockFact::ExtensionAsked { clock, .. } | ClockFact::ExtensionDropped { clock }) => {
            answers(clock)
        }
        Fact::Pause(PauseFact::Asked { pause, leg, .. } | PauseFact::Dropped { pause, leg }) => {
            sees_proof(workflow, case, pause, leg.as_ref(), actor)
        }
        Fact::Clock(
            ClockFact::Started { .. }
            | ClockFact::Reopened { .. }
            | ClockFact::Paused { .. }
            | ClockFact::Resumed { .. }
            | ClockFact::Moved { .. }
            | ClockFact::Breached { .. }
            | ClockFact::Stopped { .. },
        )
        | Fact::Pause(PauseFact::Began { .. } | PauseFact::Ended { .. })
        | Fact::Case(_)
        | Fact::State(_)
        | Fact::Form(_)
        | Fact::Timer(_)
        | Fact::Leg(_)
        | Fact::Handoff(_)
        | Fact::Vote(_)
        | Fact::Claim(_)
        | Fact::Share(_)
        | Fact::Message(_)
        | Fact::People(_)
        | Fact::Link(_) => false,
    })
}

fn grant(step: &mut Step<'_>, key: &ClockKey, rule: &Extend) -> Result<(), Refusal> {
    crate::clock::extend(step, key, &rule.step)?;
    tell(step, "extended", &rule.tell, key)
}

fn tell(step: &mut Step<'_>, notice: &str, roles: &[RoleId], key: &ClockKey) -> Result<(), Refusal> {
    for role in roles {
        crate::message::tell(step, notice, role, &[], key.leg.as_ref(), Some(key), None)?;
    }
    Ok(())
}
