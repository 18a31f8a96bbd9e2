//! Opening a closed case again (重新办理), within the time that its end allows.

use paidan_model::calendar::Roll;
use paidan_model::state::Reopen;

use crate::audience;
use crate::chart;
use crate::command::Act;
use crate::fact::CaseFact;
use crate::form;
use crate::refusal::{Code, Refusal};
use crate::step::Step;
use crate::verb::CaseVerb;

/// Whether a closed case may be opened again, by the asker and now.
pub(crate) fn may<'a>(step: &Step<'a>) -> Result<&'a Reopen, Refusal> {
    let workflow = step.workflow();
    let rule = step
        .case
        .chart
        .active
        .keys()
        .filter_map(|id| workflow.states.get(id))
        .find_map(|state| state.reopen.as_ref());
    let (Some(rule), Some(ended)) = (rule, step.case.life.ended) else {
        return Err(Refusal::new(Code::Closed));
    };
    if !audience::holds(workflow, &step.case, step.actor, &rule.who, None) {
        return Err(Refusal::new(Code::NotYours)
            .with("action", CaseVerb::Reopen.name())
            .with("who", audience::names(&rule.who)));
    }
    let until = step.calendar(&workflow.calendar)?.due(ended, &rule.within, Roll::default());
    if until.as_ref().is_some_and(|until| step.now > until.at) {
        let until = until.map(|u| u.at.rfc3339()).unwrap_or_default();
        return Err(Refusal::new(Code::TooLate).with("action", CaseVerb::Reopen.name()).with("until", until));
    }
    Ok(rule)
}

pub(crate) fn act(step: &mut Step<'_>, act: &Act) -> Result<(), Refusal> {
    if act.action.as_str() != CaseVerb::Reopen.name() {
        return Err(Refusal::new(Code::Closed));
    }
    let rule = may(step)?;
    form::reason(step, rule.reason, act.reason.as_deref())?;
    step.note(CaseFact::Acted { action: act.action.clone(), leg: None, state: None, way: None });
    step.note(CaseFact::Reopened { at: step.now });
    chart::go_to(step, &rule.go)
}
