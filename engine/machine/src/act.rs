//! Doing a verb: which room does it. What a definition declares under the name of a verb is the definition's own.

pub(crate) mod reopen;
mod urge;

use paidan_model::id::{NoticeId, RoleId};
use paidan_model::text::Text;
use paidan_model::workflow::Workflow;

use crate::case::Case;
use crate::command::Act;
use crate::handoff;
use crate::refusal::{Code, Refusal};
use crate::step::Step;
use crate::verb::{CaseVerb, Verb};

/// The verb that is meant by an action of an open case; nothing where the chart is asked.
pub(crate) fn verb_of(step: &Step<'_>, act: &Act) -> Option<Verb> {
    let verb = Verb::parse(act.action.as_str())?;
    let declared = || crate::declared::declares(step.workflow(), &act.action);
    let meant = match verb {
        Verb::Leg(_) => act.leg.is_some(),
        Verb::Vote(_) => !declared() && crate::vote::active(&step.case, step.workflow()).is_some(),
        Verb::Claim(_) => !declared() && crate::claim::active(step.workflow(), &step.case).is_some(),
        // An open case has nothing to be opened again.
        Verb::Case(CaseVerb::Reopen) => false,
        Verb::Extension(_) | Verb::Pause(_) | Verb::Case(_) => !declared(),
    };
    meant.then_some(verb)
}

/// Does a verb.
pub(crate) fn act(step: &mut Step<'_>, act: &Act, verb: Verb) -> Result<(), Refusal> {
    match (verb, &act.leg) {
        (Verb::Leg(verb), Some(unit)) => crate::leg::act(step, act, verb, unit),
        (Verb::Leg(_), None) => Err(not_open(verb)),
        (Verb::Vote(verb), _) => crate::vote::act(step, act, verb),
        (Verb::Claim(verb), _) => crate::claim::act(step, act, verb),
        (Verb::Extension(verb), _) => crate::extension::act(step, act, verb),
        (Verb::Pause(verb), _) => crate::pause::act(step, act, verb),
        (Verb::Case(verb), _) => of_case(step, act, verb),
    }
}

fn not_open(verb: impl Into<Verb>) -> Refusal {
    Refusal::new(Code::NotOpen).with("action", verb.into().name()).with("open", "")
}

fn of_case(step: &mut Step<'_>, act: &Act, verb: CaseVerb) -> Result<(), Refusal> {
    match verb {
        CaseVerb::StartWithout => crate::leg::start_without(step, act),
        CaseVerb::Urge => urge::act(step, act),
        CaseVerb::Reopen => Err(not_open(verb)),
    }
}

/// Whether the asker may do a verb to an open case as a whole, now.
pub(crate) fn may(step: &Step<'_>, verb: CaseVerb) -> Result<(), Refusal> {
    match verb {
        CaseVerb::StartWithout => crate::leg::may_start_without(step).map(|_| ()),
        CaseVerb::Urge => urge::may(step),
        CaseVerb::Reopen => Err(not_open(verb)),
    }
}

/// The roles that a definition names for a verb done to the case as a whole.
pub(crate) fn roles<'w>(workflow: &'w Workflow, case: &Case, verb: CaseVerb) -> Option<&'w [RoleId]> {
    match verb {
        CaseVerb::StartWithout => {
            let (_, running) = handoff::active(workflow, case)?;
            running.start_without.as_ref().map(|rule| rule.who.as_slice())
        }
        CaseVerb::Urge => None,
        CaseVerb::Reopen => {
            let states = case.chart.active.keys().filter_map(|id| workflow.states.get(id));
            let rules = states.filter_map(|state| state.reopen.as_ref());
            rules.map(|rule| rule.who.as_slice()).next()
        }
    }
}

/// The words of the notices that verbs send by themselves.
pub(crate) fn words(notice: &NoticeId) -> Option<Text> {
    (notice.as_str() == urge::NOTICE).then(urge::words)
}
