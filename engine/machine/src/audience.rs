//! Audiences: a role, resolved to a post at a unit or to a person, without any address.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use paidan_model::id::{FieldId, RoleId, UnitId};
use paidan_model::leg::Part;
use paidan_model::roster::{Post, Watch};
use paidan_model::value::{Held, Value};
use paidan_model::workflow::{Role, Whose, Workflow};

use crate::actor::Actor;
use crate::case::Case;
pub use crate::case::audience::Audience;
pub(crate) use crate::case::audience::stands_in;
use crate::case::claim::Claim;

/// Who a role is in a case; `leg` is the leg at hand. Empty when nobody can be meant.
#[must_use]
pub fn resolve(workflow: &Workflow, case: &Case, role: &RoleId, leg: Option<&UnitId>) -> Vec<Audience> {
    resolve_at_depth(workflow, case, role, leg, 0)
}

/// The deepest chain of roles that stand for other roles.
const ROLE_DEPTH_MAX: u8 = 4;

fn resolve_at_depth(
    w: &Workflow,
    case: &Case,
    role: &RoleId,
    leg: Option<&UnitId>,
    depth: u8,
) -> Vec<Audience> {
    let Some(declared) = w.roles.get(role) else {
        return Vec::new();
    };
    match declared {
        Role::Post { post, of: Whose::Level(kind) } => case
            .filing
            .levels
            .get(kind)
            .map(|unit| vec![Audience::Post { post: post.clone(), unit: unit.clone() }])
            .unwrap_or_default(),
        Role::Post { post, of: Whose::Leg } => {
            let units = leg.map_or_else(|| case.legs.live_units(None), |unit| vec![unit.clone()]);
            units.into_iter().map(|unit| Audience::Post { post: post.clone(), unit }).collect()
        }
        Role::Post { post, of: Whose::Anywhere } => vec![Audience::Anywhere(post.clone())],
        Role::Owners(field) => owners(case, field),
        Role::Claimer => {
            let open =
                case.claims.all.iter().filter(|claim| claim.state.is_open() && !claim.party.is_empty());
            open.map(Claim::audience).collect()
        }
        Role::Person(field) => named(w, case, field).into_iter().collect(),
        Role::Department => leg
            .map_or_else(|| case.legs.live_units(None), |unit| vec![unit.clone()])
            .into_iter()
            .map(Audience::Unit)
            .collect(),
        Role::Lead => case.legs.live_units(Some(Part::Lead)).into_iter().map(Audience::Unit).collect(),
        Role::Per { field, of } => {
            if depth >= ROLE_DEPTH_MAX {
                return Vec::new();
            }
            let chosen = match case.form.fields.get(field).and_then(Held::open) {
                Some(Value::Choice(choice)) => of.get(choice),
                _ => None,
            };
            chosen.map(|role| resolve_at_depth(w, case, role, leg, depth + 1)).unwrap_or_default()
        }
    }
}

/// The person in a field; one who was named for a job is not meant alone.
fn named(w: &Workflow, case: &Case, field: &FieldId) -> Option<Audience> {
    let Some(Value::Person(person)) = case.form.fields.get(field).and_then(Held::open) else { return None };
    let posts = w.fields.get(field).map(|declared| declared.post.clone()).unwrap_or_default();
    Some(match posts.is_empty() {
        true => Audience::Person(person.clone()),
        false => Audience::Agent { person: person.clone(), posts },
    })
}

fn owners(case: &Case, field: &FieldId) -> Vec<Audience> {
    let rows = case.form.roster(field).unwrap_or_default();
    let mut found: Vec<Audience> = Vec::new();
    for person in rows.iter().flat_map(|row| core::iter::once(&row.owner).chain(&row.co_owners)) {
        let person = Audience::Person(person.clone());
        if !found.contains(&person) {
            found.push(person);
        }
    }
    found
}

/// Whether the actor holds one of the roles; the engine holds all of them.
#[must_use]
pub fn holds(w: &Workflow, case: &Case, actor: &Actor, roles: &[RoleId], leg: Option<&UnitId>) -> bool {
    matches!(actor, Actor::Engine)
        || roles.iter().any(|role| resolve(w, case, role, leg).iter().any(|a| a.includes(actor)))
}

/// Whether a role stands for departments' legs.
#[must_use]
pub fn is_of_leg(w: &Workflow, role: &RoleId) -> bool {
    match w.roles.get(role) {
        Some(Role::Department | Role::Lead) => true,
        Some(Role::Post { of, .. }) => *of == Whose::Leg,
        Some(Role::Per { of, .. }) => {
            of.values().any(|r| matches!(w.roles.get(r), Some(Role::Department | Role::Lead)))
        }
        Some(Role::Person(_) | Role::Owners(_) | Role::Claimer) | None => false,
    }
}

/// Roles as a list of names.
pub(crate) fn names(roles: &[RoleId]) -> String {
    let names: Vec<&str> = roles.iter().map(RoleId::as_str).collect();
    names.join(", ")
}

/// Whether somebody is an auditor (审计员) above a case: they may have its records as they are stored, but for
/// those that carry what they may not see.
#[must_use]
pub fn is_auditor(case: &Case, actor: &Actor) -> bool {
    let Actor::Person { posts, .. } = actor else { return false };
    let above = |unit: &UnitId| case.filing.levels.values().any(|level| level == unit);
    posts.iter().any(|held| held.watch == Watch::Audits && above(&held.unit))
}

/// The actor as whom they acted in this case while they stood in for others; nothing when they did not.
pub(crate) fn once(case: &Case, actor: &Actor) -> Option<Actor> {
    let Actor::Person { subject, via, .. } = actor else { return None };
    let then = case.people.stood_in.iter().filter(|(who, _, _)| who == subject);
    let posts: Vec<Post> = then.map(|(_, post, unit)| Post::new(post.clone(), unit.clone())).collect();
    let once = || Actor::Person { subject: subject.clone(), posts: posts.clone(), via: via.clone() };
    (!posts.is_empty()).then(once)
}
