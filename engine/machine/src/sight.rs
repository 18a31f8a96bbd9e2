//! Sight: who may see a case, and which of its fields. Pure; the desk asks before anybody sees anything.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use paidan_model::claim::ClaimState;
use paidan_model::field::{Field, FieldType};
use paidan_model::id::{FieldId, PostId, StateId, UnitId, UnitKind};
use paidan_model::roster::{Post, Watch};
use paidan_model::value::{Held, Value};
use paidan_model::workflow::{Role, Workflow};

use crate::actor::Actor;
use crate::audience::{Audience, is_auditor, resolve};
use crate::case::Case;
use crate::case::claim::Claim;

/// What somebody may see of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// Fields whose values may be shown.
    pub fields: BTreeSet<FieldId>,
}

impl Sight {
    /// Whether all that an expression reads may be shown.
    #[must_use]
    pub fn covers<'e>(&self, fields: impl IntoIterator<Item = &'e FieldId>) -> bool {
        fields.into_iter().all(|field| self.fields.contains(field))
    }
}

/// What an asker may see; nothing when the case is none of his business, as if it were not there.
///
/// The person a case is about, and whoever holds it now, see every field. Whoever has a job that reads it at one of the
/// units above its place ([`read_by`]), or got a copy, sees what is not private. A department sees what its hand-off
/// sends; without a list, what is not private.
#[must_use]
pub fn sight(workflow: &Workflow, case: &Case, actor: &Actor) -> Option<Sight> {
    let Actor::Person { subject, posts, .. } = actor else {
        return Some(Sight { fields: workflow.fields.keys().cloned().collect() });
    };
    if is_close(workflow, case, actor) {
        return Some(Sight { fields: workflow.fields.keys().cloned().collect() });
    }
    let mut seen = None;
    let reads = |(kind, unit): (&UnitKind, &UnitId)| {
        let jobs = read_by(workflow, kind);
        let mut here = posts.iter().filter(|held| held.unit == *unit);
        here.any(|held| watches(held) || jobs.contains(&held.post))
    };
    if case.filing.levels.iter().any(reads)
        || case.people.copied.iter().any(|audience| audience.includes(actor))
    {
        add(&mut seen, &open_fields(workflow));
    }
    if votes(workflow, case, subject, posts) {
        add(&mut seen, &open_fields(workflow));
    }
    if may_claim(workflow, case, actor) {
        let shown = workflow.listing.as_ref().map(|listing| listing.show.as_slice());
        add(&mut seen, shown.unwrap_or_default());
    }
    for claim in case.claims.all.iter().filter(|claim| claim.is_active() && claim.is_of(actor)) {
        add(&mut seen, &told_to_claimer(workflow, claim));
    }
    for unit in case.legs.by_unit.keys().filter(|unit| posts.iter().any(|held| held.unit == **unit)) {
        add(&mut seen, &sent_to(workflow, case, unit));
    }
    seen
}

/// The jobs at units of a kind that read every case below them: those that the definition gives a role there. A volunteer or
/// an agent of the same community, who has none, reads what they were given and no more.
#[must_use]
pub fn read_by<'w>(workflow: &'w Workflow, kind: &UnitKind) -> BTreeSet<&'w PostId> {
    let jobs = workflow.roles.values().filter_map(Role::at_level);
    jobs.filter(|(_, level)| *level == kind).map(|(post, _)| post).collect()
}

/// Whether a job reads all that is below it, whatever a definition says.
#[must_use]
pub fn watches(held: &Post) -> bool {
    match held.watch {
        Watch::Watches | Watch::Audits => true,
        Watch::No => false,
    }
}

fn add(seen: &mut Option<Sight>, fields: &[FieldId]) {
    seen.get_or_insert_with(Sight::default).fields.extend(fields.iter().cloned());
}

/// Whether a case is about an asker, or they hold it now.
pub(crate) fn is_close(workflow: &Workflow, case: &Case, actor: &Actor) -> bool {
    let about = match actor {
        Actor::Engine => true,
        Actor::Person { subject, .. } => is_about(case, subject),
    };
    about || holders(workflow, case).iter().any(|audience| audience.includes(actor))
}

/// Whether the case is about a person: a field in the clear names them.
#[must_use]
pub fn is_about(case: &Case, subject: &str) -> bool {
    let names = |held: &Held| matches!(held.open(), Some(Value::Person(person)) if person == subject);
    case.form.fields.values().any(names)
}

/// Whoever holds a case now, by the states it is in and by assignment.
#[must_use]
pub fn holders(workflow: &Workflow, case: &Case) -> Vec<Audience> {
    let of_state = |state: &StateId| {
        let near = core::iter::once(state).chain(workflow.ancestors(state));
        let who = near.filter_map(|id| workflow.states.get(id)).find(|s| !s.who.is_empty());
        who.map(|s| s.who.clone()).unwrap_or_default()
    };
    let roles = case.chart.active.keys().flat_map(of_state);
    let resolved = roles.flat_map(|role| resolve(workflow, case, &role, None));
    let posts = resolved.filter(|audience| !matches!(audience, Audience::Unit(_)));
    posts.chain(case.people.assigned.iter().cloned()).collect()
}

/// Whether somebody owns a part, has a vote or works for a unit that has one, or votes for somebody who does.
fn votes(workflow: &Workflow, case: &Case, subject: &str, posts: &[Post]) -> bool {
    let owns = |held: &Held| match held.open() {
        Some(Value::Roster(rows)) => {
            rows.iter().any(|row| row.owner == subject || row.co_owners.iter().any(|other| other == subject))
        }
        _ => false,
    };
    let rosters = workflow.fields.iter().filter(|(_, field)| field.kind == FieldType::Roster);
    rosters.filter_map(|(id, _)| case.form.fields.get(id)).any(owns)
        || case.votes.polls.iter().any(|(id, poll)| {
            poll.elector_of(subject).is_some()
                || poll.proxies.values().any(|proxy| proxy == subject)
                || crate::vote::right::votes_for_unit(workflow, id, poll, posts)
        })
}

/// Whether somebody may claim what can be claimed now: then they may know of it.
fn may_claim(workflow: &Workflow, case: &Case, actor: &Actor) -> bool {
    crate::item::active(workflow, case).is_some_and(|(_, claims)| {
        let roles: Vec<_> = claims.who.iter().chain(&claims.matcher).cloned().collect();
        crate::audience::holds(workflow, case, actor, &roles, None)
    })
}

/// A claimer sees what the definition sends, and from the first contact on where to go.
fn told_to_claimer(workflow: &Workflow, claim: &Claim) -> Vec<FieldId> {
    let Some(rules) = workflow.claims.get(&claim.claims) else {
        return Vec::new();
    };
    let mut fields = if rules.send.is_empty() { open_fields(workflow) } else { rules.send.clone() };
    if matches!(claim.state, ClaimState::Contacted | ClaimState::Delivered) {
        fields.extend(rules.reveal.iter().cloned());
    } else {
        fields.retain(|field| !rules.reveal.contains(field));
    }
    fields
}

fn open_fields(workflow: &Workflow) -> Vec<FieldId> {
    let open = |(_, field): &(&FieldId, &Field)| !field.private;
    workflow.fields.iter().filter(open).map(|(id, _)| id.clone()).collect()
}

fn sent_to(workflow: &Workflow, case: &Case, unit: &UnitId) -> Vec<FieldId> {
    let handoff = case.legs.by_unit.get(unit).and_then(|leg| workflow.handoffs.get(&leg.handoff));
    match handoff.map(|handoff| handoff.leg.send.as_slice()) {
        Some(sent) if !sent.is_empty() => sent.to_vec(),
        Some(_) | None => open_fields(workflow),
    }
}

/// Whether an asker may see who looked at a case: the person it is about, and an auditor (审计员) above it.
#[must_use]
pub fn may_audit(case: &Case, actor: &Actor) -> bool {
    let Actor::Person { subject, .. } = actor else { return true };
    is_about(case, subject) || is_auditor(case, actor)
}
