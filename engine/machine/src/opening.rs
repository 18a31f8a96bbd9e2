//! Who may open a case, and in whose name.
//!
//! Nobody, unless the definition says who: a role that is a person in a field opens for themselves,
//! a role that is a job opens for anybody. A definition that says nothing leaves it to the posts of
//! the unit that answers for it.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use paidan_model::field::{Field, FieldType, SetBy};
use paidan_model::id::{FieldId, RoleId};
use paidan_model::roster::Post;
use paidan_model::value::{Held, Value};
use paidan_model::workflow::{Role, Whose, Workflow};
use serde_json::Value as Json;

use crate::actor::Actor;
use crate::audience;
use crate::case::Case;
use crate::fact::FormFact;
use crate::reference::is_name;
use crate::refusal::{Code, Refusal, both};
use crate::step::Step;

/// Refuses whoever may not open this case.
///
/// # Errors
/// A refusal that names the roles.
pub(crate) fn check_who(step: &Step<'_>) -> Result<(), Refusal> {
    let workflow = step.workflow();
    if may_open(workflow, &step.case, step.actor) {
        return Ok(());
    }
    let refusal = Refusal::new(Code::NotYours).with("action", "open");
    Err(match workflow.who.is_empty() {
        true => refusal.saying("who", both!("责任单位的人员", "the unit that answers for it")),
        false => refusal.with("who", audience::names(&workflow.who)),
    })
}

/// Whether somebody may open this case, as its form is filled in.
#[must_use]
pub fn may_open(workflow: &Workflow, case: &Case, actor: &Actor) -> bool {
    match workflow.who.is_empty() {
        true => works_for_owner(workflow, case, actor),
        false => audience::holds(workflow, case, actor, &workflow.who, None),
    }
}

/// Whether somebody may open a case of this workflow in the name of another person.
#[must_use]
pub fn may_open_for_others(workflow: &Workflow, case: &Case, actor: &Actor) -> bool {
    if !workflow.for_others.is_empty() {
        return audience::holds(workflow, case, actor, &workflow.for_others, None);
    }
    if workflow.who.is_empty() {
        return works_for_owner(workflow, case, actor);
    }
    let jobs = workflow.who.iter().filter(|role| is_job(workflow, role));
    let jobs: alloc::vec::Vec<RoleId> = jobs.cloned().collect();
    audience::holds(workflow, case, actor, &jobs, None)
}

/// Whether somebody with these posts may open a case in the name of others, at some place of the
/// town: for pages, which ask before there is a place. The command is decided by the case's own
/// units.
#[must_use]
pub fn opens_for_others_somewhere(workflow: &Workflow, posts: &[Post]) -> bool {
    let roles = if workflow.for_others.is_empty() { &workflow.who } else { &workflow.for_others };
    let named = roles.iter().filter_map(|role| workflow.roles.get(role));
    let holds = |role: &Role| match role {
        Role::Post { post, .. } => posts.iter().any(|held| held.post == *post),
        Role::Per { of, .. } => of.values().any(|role| match workflow.roles.get(role) {
            Some(Role::Post { post, .. }) => posts.iter().any(|held| held.post == *post),
            Some(
                Role::Person(_)
                | Role::Department
                | Role::Lead
                | Role::Owners(_)
                | Role::Claimer
                | Role::Per { .. },
            )
            | None => false,
        }),
        Role::Person(_) | Role::Department | Role::Lead | Role::Owners(_) | Role::Claimer => false,
    };
    if roles.is_empty() { !posts.is_empty() } else { named.into_iter().any(holds) }
}

fn works_for_owner(workflow: &Workflow, case: &Case, actor: &Actor) -> bool {
    let Actor::Person { posts, .. } = actor else { return true };
    let Some(Role::Post { of: Whose::Level(kind), .. }) = &workflow.owner else { return false };
    case.filing.levels.get(kind).is_some_and(|unit| posts.iter().any(|held| held.unit == *unit))
}

fn is_job(workflow: &Workflow, role: &RoleId) -> bool {
    match workflow.roles.get(role) {
        Some(Role::Post { .. } | Role::Per { .. }) => true,
        Some(Role::Person(_) | Role::Department | Role::Lead | Role::Owners(_) | Role::Claimer) | None => {
            false
        }
    }
}

/// The fields that say whose matter a case is: people who are not asked for by a job.
fn about(workflow: &Workflow) -> impl Iterator<Item = (&FieldId, &Field)> {
    let of_people = |field: &Field| {
        field.kind == FieldType::Person && field.post.is_empty() && field.set_by == SetBy::People
    };
    workflow.fields.iter().filter(move |(_, field)| of_people(field))
}

/// Refuses a form that puts another person's name on a case, where its sender may not.
///
/// # Errors
/// A refusal that is the same whether or not there is such a person.
pub(crate) fn check_whose(step: &Step<'_>, fill: &BTreeMap<String, Json>) -> Result<(), Refusal> {
    if may_open_for_others(step.workflow(), &step.case, step.actor) {
        return Ok(());
    }
    let subject = step.actor.subject();
    let is_other = |id: &FieldId| {
        fill.get(id.as_str())
            .is_some_and(|json| json.as_str().is_some_and(|named| named != subject && is_name(named)))
    };
    match about(step.workflow()).find(|(id, _)| is_other(id)) {
        Some((id, _)) => Err(Refusal::new(Code::NotForOthers).with("field", id)),
        None => Ok(()),
    }
}

/// Fills in whose matter it is, where the form is silent: the sender's own or, of whoever opens
/// cases for others, that of somebody without an account, who gets a fresh id.
pub(crate) fn name_silent(step: &mut Step<'_>) {
    if matches!(step.actor, Actor::Engine) {
        return;
    }
    let for_others = may_open_for_others(step.workflow(), &step.case, step.actor);
    // Who may open a case because it is theirs is named, even where the form need not say so.
    let opens = |id: &FieldId| {
        let roles = step.workflow().who.iter().filter_map(|role| step.workflow().roles.get(role));
        !for_others && roles.into_iter().any(|role| *role == Role::Person(id.clone()))
    };
    let silent = about(step.workflow()).filter(|(id, field)| field.required || opens(id));
    let silent: alloc::vec::Vec<FieldId> =
        silent.map(|(id, _)| id.clone()).filter(|id| !step.case.form.fields.contains_key(id)).collect();
    for field in silent {
        let subject = match for_others {
            true => fresh(&(step.salt)()),
            false => step.actor.subject().into(),
        };
        step.note(FormFact::Filled { field, value: Held::Open(Value::Person(subject)) });
    }
}

/// The id of somebody who has no account: random, as those of accounts are.
fn fresh(salt: &[u8; 32]) -> String {
    let half = salt.get(..16).unwrap_or_default();
    format!("r-{}", hex::encode(half))
}
