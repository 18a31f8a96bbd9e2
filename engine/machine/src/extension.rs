//! More time (延期): asked for before the due moment with a reason, and agreed to where the rule names somebody.

use paidan_model::calendar::Budget;
use paidan_model::clock::Extend;
use paidan_model::id::{ClockId, UnitId};
use paidan_model::text::Text;
use serde_json::Value as Json;

use crate::audience;
use crate::command::Act;
use crate::fact::{ClockKey, Fact};
use crate::form;
use crate::refusal::{Code, Refusal, both};
use crate::step::Step;

/// Who agrees to more time.
pub(crate) const APPROVE: &str = "approve_extension";

fn refused(why: Text) -> Refusal {
    Refusal::new(Code::CannotExtend).why(why)
}

/// Whether the asker may ask for more time of a clock, or agree to what was asked.
pub(crate) fn may<'a>(
    step: &Step<'a>,
    name: &str,
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
        .filter(|clock| clock.runs())
        .ok_or_else(|| refused(both!("这个计时没有在走", "it does not run")))?;
    let who = if name == APPROVE { &rule.approve } else { &rule.who };
    if !audience::holds(step.workflow(), &step.case, step.actor, who, leg) {
        return Err(Refusal::new(Code::NotYours).with("action", name).with("who", crate::leg::names(who)));
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
    match (name == APPROVE, held.asked.is_some()) {
        (false, true) => Err(refused(both!("已有延期申请待批", "an extension waits for approval already"))),
        (true, false) => Err(refused(both!("没有人申请", "nobody has asked for it"))),
        (false, false) | (true, true) => Ok((key, rule)),
    }
}

/// Does `extend` and `approve_extension`.
pub(crate) fn act(step: &mut Step<'_>, act: &Act) -> Result<(), Refusal> {
    let id = act.fill.get("clock").and_then(Json::as_str).and_then(ClockId::parse);
    let id = id.ok_or_else(|| refused(both!("没有这个计时", "there is no such clock")))?;
    let name = act.action.as_str();
    let (key, rule) = may(step, name, &id, act.leg.as_ref())?;
    form::reason(step, name != APPROVE, act.reason.as_deref())?;
    step.note(Fact::Acted { action: act.action.clone(), leg: act.leg.clone(), state: None, way: None });
    if name == APPROVE || rule.approve.is_empty() {
        return grant(step, &key, rule);
    }
    step.note(Fact::ExtensionAsked { clock: key.clone(), by: Budget::of(&rule.step) });
    for role in &rule.approve {
        crate::ladder::tell(step, "to_extend", role, &[], key.leg.as_ref(), Some(&key), None)?;
    }
    Ok(())
}

fn grant(step: &mut Step<'_>, key: &ClockKey, rule: &Extend) -> Result<(), Refusal> {
    crate::clock::extend(step, key, &rule.step)?;
    for role in &rule.tell {
        crate::ladder::tell(step, "extended", role, &[], key.leg.as_ref(), Some(key), None)?;
    }
    Ok(())
}
