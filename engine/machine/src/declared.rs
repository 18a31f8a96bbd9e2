//! Actions that a definition declares, events among them, and who may do them.

use paidan_model::id::{ActionId, StateId};
use paidan_model::state::{Action, ENGINE_EVENTS};
use paidan_model::workflow::{Kind, Workflow};

use crate::actor::Actor;
use crate::audience;
use crate::step::Step;

pub(crate) fn declares(workflow: &Workflow, action: &ActionId) -> bool {
    workflow.states.values().any(|state| state.on.contains_key(action))
}

/// How the events begin that a case hears of a case it opened: `child_` and what the child reports, or its outcome.
pub const CHILD_PREFIX: &str = "child_";

/// Whether an action is an event that only the engine raises.
pub(crate) fn is_event(workflow: &Workflow, action: &ActionId) -> bool {
    let raised = |effects: &paidan_model::state::Effects| effects.raise.contains(action);
    ENGINE_EVENTS.contains(&action.as_str())
        || action.as_str().starts_with(CHILD_PREFIX)
        || workflow.states.values().any(|state| {
            raised(&state.enter)
                || raised(&state.leave)
                || state.always.iter().any(|way| way.raise.contains(action))
                || state.on.values().any(|a| a.alternatives.iter().any(|way| way.raise.contains(action)))
        })
}

/// Who may do an action of a state: its own `who`, or that of the state or the nearest parent.
#[must_use]
pub fn who_may<'a>(
    workflow: &'a Workflow,
    state: &StateId,
    action: &'a Action,
) -> (&'a [paidan_model::id::RoleId], &'a [paidan_model::id::RoleId]) {
    let mut who = action.who.as_slice();
    let mut not_who = action.not_who.as_slice();
    let own = workflow.states.get_key_value(state).map(|(id, _)| id);
    for id in own.into_iter().chain(workflow.ancestors(state)) {
        let Some(declared) = workflow.states.get(id) else {
            continue;
        };
        if who.is_empty() {
            who = &declared.who;
        }
        if not_who.is_empty() {
            not_who = &declared.not_who;
        }
    }
    (who, not_who)
}

/// Whether the asker may do an action of a state.
pub(crate) fn may(step: &Step<'_>, state: &StateId, name: &ActionId, action: &Action) -> bool {
    let workflow = step.workflow();
    if workflow.kind == Kind::Chart || matches!(step.actor, Actor::Engine) {
        return true;
    }
    if action.who.is_empty() && is_event(workflow, name) {
        return false;
    }
    let (who, not_who) = who_may(workflow, state, action);
    audience::holds(workflow, &step.case, step.actor, who, None)
        && !audience::holds(workflow, &step.case, step.actor, not_who, None)
        && !audience::once(&step.case, step.actor)
            .is_some_and(|once| audience::holds(workflow, &step.case, &once, not_who, None))
}
