//! Sight: who may see a case, and which of its fields. Pure; the desk asks before anybody sees anything.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use paidan_model::field::Field;
use paidan_model::id::{FieldId, StateId, UnitId};
use paidan_model::value::{Held, Value};
use paidan_model::workflow::Workflow;

use crate::actor::Actor;
use crate::audience::{Audience, resolve};
use crate::case::Case;

/// What somebody may see of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// Fields whose values may be shown.
    pub fields: BTreeSet<FieldId>,
}

/// What an asker may see; nothing when the case is none of his business, as if it were not there.
///
/// The person a case is about, and whoever holds it now, see every field. Whoever holds a post at one of the
/// units above the case's place, or got a copy, sees what is not private. A department sees what its hand-off
/// sends; without a list, what is not private.
#[must_use]
pub fn sight(workflow: &Workflow, case: &Case, actor: &Actor) -> Option<Sight> {
    let Actor::Person { subject, posts, .. } = actor else {
        return Some(Sight { fields: workflow.fields.keys().cloned().collect() });
    };
    let holds = holders(workflow, case).iter().any(|audience| audience.includes(actor));
    if is_about(case, subject) || holds {
        return Some(Sight { fields: workflow.fields.keys().cloned().collect() });
    }
    let mut seen = None;
    let above = case.levels.values().any(|unit| posts.iter().any(|held| held.unit == *unit));
    if above || case.copied.iter().any(|audience| audience.includes(actor)) {
        add(&mut seen, &open_fields(workflow));
    }
    for unit in case.legs.keys().filter(|unit| posts.iter().any(|held| held.unit == **unit)) {
        add(&mut seen, &sent_to(workflow, case, unit));
    }
    seen
}

fn add(seen: &mut Option<Sight>, fields: &[FieldId]) {
    seen.get_or_insert_with(Sight::default).fields.extend(fields.iter().cloned());
}

/// Whether the case is about a person: a field in the clear names them.
#[must_use]
pub fn is_about(case: &Case, subject: &str) -> bool {
    let names = |held: &Held| matches!(held.open(), Some(Value::Person(person)) if person == subject);
    case.fields.values().any(names)
}

/// Whoever holds a case now, by the states it is in and by assignment.
#[must_use]
pub fn holders(workflow: &Workflow, case: &Case) -> Vec<Audience> {
    let of_state = |state: &StateId| {
        let near = core::iter::once(state).chain(workflow.ancestors(state));
        let who = near.filter_map(|id| workflow.states.get(id)).find(|s| !s.who.is_empty());
        who.map(|s| s.who.clone()).unwrap_or_default()
    };
    let roles = case.active.keys().flat_map(of_state);
    let resolved = roles.flat_map(|role| resolve(workflow, case, &role, None));
    let posts = resolved.filter(|audience| !matches!(audience, Audience::Unit(_)));
    posts.chain(case.assigned.iter().cloned()).collect()
}

fn open_fields(workflow: &Workflow) -> Vec<FieldId> {
    let open = |(_, field): &(&FieldId, &Field)| !field.private;
    workflow.fields.iter().filter(open).map(|(id, _)| id.clone()).collect()
}

fn sent_to(workflow: &Workflow, case: &Case, unit: &UnitId) -> Vec<FieldId> {
    let handoff = case.legs.get(unit).and_then(|leg| workflow.handoffs.get(&leg.handoff));
    match handoff.map(|handoff| handoff.leg.send.as_slice()) {
        Some(sent) if !sent.is_empty() => sent.to_vec(),
        Some(_) | None => open_fields(workflow),
    }
}
