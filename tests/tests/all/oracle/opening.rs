//! Who may open a case and for whom, read from the definition by itself.

use std::collections::BTreeMap;

use paidan_machine::Case;
use paidan_machine::actor::Actor;
use paidan_model::field::{FieldType, SetBy};
use paidan_model::id::{FieldId, RoleId};
use paidan_model::value::{Held, Value};
use paidan_model::workflow::{Role, Whose, Workflow};
use serde_json::Value as Json;

/// The fields that say whose matter it is: people, but for those who are asked for by their job.
pub fn whose(w: &Workflow) -> Vec<FieldId> {
    let people = w.fields.iter().filter(|(_, f)| f.kind == FieldType::Person);
    let asked = people.filter(|(_, f)| f.post.is_empty() && f.set_by == SetBy::People);
    asked.map(|(id, _)| id.clone()).collect()
}

/// Somebody of the unit that answers for the workflow, whatever their job.
fn is_owners(w: &Workflow, case: &Case, actor: &Actor) -> bool {
    match &w.owner {
        Some(Role::Post { of: Whose::Level(level), .. }) => {
            case.filing.levels.get(level).is_some_and(|unit| super::works_at(actor, unit))
        }
        _ => false,
    }
}

fn opens(w: &Workflow, case: &Case, actor: &Actor) -> bool {
    if w.who.is_empty() { is_owners(w, case, actor) } else { super::any_role(w, case, actor, &w.who) }
}

/// Whether somebody opens cases for others: those who are named for it, else the jobs among those
/// who open.
fn for_others(w: &Workflow, case: &Case, actor: &Actor) -> bool {
    if !w.for_others.is_empty() {
        return super::any_role(w, case, actor, &w.for_others);
    }
    if w.who.is_empty() {
        return is_owners(w, case, actor);
    }
    let is_job = |role: &&RoleId| matches!(w.roles.get(*role), Some(Role::Post { .. } | Role::Per { .. }));
    let jobs: Vec<RoleId> = w.who.iter().filter(is_job).cloned().collect();
    super::any_role(w, case, actor, &jobs)
}

/// Whether somebody may open the case with this form; the case is as the form makes it.
pub fn may(w: &Workflow, case: &Case, actor: &Actor, fill: &BTreeMap<String, Json>) -> bool {
    let (subject, _) = super::at(actor);
    let named = whose(w).into_iter().filter_map(|id| fill.get(id.as_str())?.as_str().map(String::from));
    let own = named.into_iter().all(|named| named == subject);
    opens(w, case, actor) && (own || for_others(w, case, actor))
}

/// The same, when the form says of nobody whose matter it is.
pub fn may_silently(w: &Workflow, case: &Case, actor: &Actor) -> bool {
    let (subject, _) = super::at(actor);
    let mut case = case.clone();
    let others = for_others(w, &case, actor);
    for id in whose(w) {
        case.form.fields.remove(&id);
        let opens = w.who.iter().any(|role| w.roles.get(role) == Some(&Role::Person(id.clone())));
        let required = w.fields.get(&id).unwrap().required;
        if required || (opens && !others) {
            let who = if others { "somebody-new" } else { subject };
            case.form.fields.insert(id, Held::Open(Value::Person(who.into())));
        }
    }
    opens(w, &case, actor)
}
