//! The post that gave the right to do something, for the record: one's own before one that is stood in for.

use alloc::vec::Vec;
use paidan_model::id::{ClockId, PauseId, RoleId, UnitId};
use paidan_model::roster::Post;

use crate::actor::Actor;
use crate::audience::{Audience, resolve, stands_in};
use crate::case::Case;
use crate::command::{Act, Ask};
use crate::declared::{declares, who_may};
use crate::fact::{Fact, PeopleFact};
use crate::law::Law;
use crate::verb::{LegVerb, Verb};
use crate::{extension, handoff, pause};

/// The post by which an actor asks, in the case as it was before; nothing for the engine, for residents, and for whoever
/// may do it by name. Where no action says who may, only a job of one's own is named.
pub(crate) fn right(law: &Law<'_>, case: &Case, actor: &Actor, ask: &Ask) -> Option<Post> {
    let Actor::Person { posts, subject, .. } = actor else {
        return None;
    };
    let act = match ask {
        Ask::Act(act) => Some(act),
        Ask::Open(_)
        | Ask::Send(_)
        | Ask::Hear(_)
        | Ask::Tick
        | Ask::Recount
        | Ask::Redact
        | Ask::Hold(_) => None,
    };
    let leg = act.and_then(|act| act.leg.as_ref());
    let named = act.map(|act| roles(law, case, act)).unwrap_or_default();
    let audiences = all(law, case, leg, &named);
    let by_name = |audience: &Audience| match audience {
        Audience::Person(person) | Audience::Agent { person, .. } => person == subject,
        Audience::Post { .. } | Audience::Unit(_) | Audience::Anywhere(_) => false,
    };
    if audiences.iter().any(by_name) {
        return None;
    }
    let of_action = posts.iter().find(|held| audiences.iter().any(|audience| fits(audience, held))).cloned();
    let of_leg = || leg.and_then(|unit| posts.iter().find(|held| held.unit == *unit)).cloned();
    of_action.or_else(of_leg).or_else(|| own_job(law, case, actor, leg))
}

/// A job of an actor's own that has a role in the case: by it they opened it, or did what everybody may do.
pub(crate) fn own_job(law: &Law<'_>, case: &Case, actor: &Actor, leg: Option<&UnitId>) -> Option<Post> {
    let Actor::Person { posts, .. } = actor else { return None };
    let audiences = all(law, case, leg, &law.workflow.roles.keys().collect::<Vec<_>>());
    let own =
        |held: &&Post| held.instead_of.is_none() && audiences.iter().any(|audience| fits(audience, held));
    posts.iter().find(own).cloned()
}

/// The roles that an action of a state the case is in names.
fn roles<'l>(law: &Law<'l>, case: &Case, act: &Act) -> Vec<&'l RoleId> {
    let workflow = law.workflow;
    let states = case.chart.active.keys().filter_map(|state| Some((state, workflow.states.get(state)?)));
    let actions = states.filter_map(|(state, declared)| Some((state, declared.on.get(&act.action)?)));
    let mut found = actions.flat_map(|(state, action)| who_may(workflow, state, action).0).peekable();
    if found.peek().is_some() || declares(workflow, &act.action) {
        return found.collect();
    }
    beside(law, case, act)
}

/// The roles that the definition names for what is done beside the chart: rulings, more time, pauses, a start without those
/// who are missing, a closed case opened again.
fn beside<'l>(law: &Law<'l>, case: &Case, act: &Act) -> Vec<&'l RoleId> {
    let workflow = law.workflow;
    let said = |name: &str| act.fill.get(name).and_then(serde_json::Value::as_str);
    let extend = || workflow.clocks.get(&ClockId::parse(said("clock")?)?)?.extend.as_ref();
    let paused = || workflow.pauses.get(&PauseId::parse(said("pause")?)?);
    let leg = || case.legs.by_unit.get(act.leg.as_ref()?);
    let roles: Option<&[RoleId]> = match Verb::parse(act.action.as_str()) {
        Some(Verb::Leg(LegVerb::Rule)) => leg().map(|leg| handoff::arbiters(workflow, leg)),
        Some(Verb::Extension(verb)) => extend().map(|rule| extension::who(rule, verb)),
        Some(Verb::Pause(verb)) => paused().map(|rule| pause::who(rule, verb)),
        Some(Verb::Case(verb)) => crate::act::roles(workflow, case, verb),
        Some(
            Verb::Leg(
                LegVerb::Sign
                | LegVerb::Refuse
                | LegVerb::CheckIn
                | LegVerb::Agree
                | LegVerb::Object
                | LegVerb::Finish
                | LegVerb::Waive,
            )
            | Verb::Vote(_)
            | Verb::Claim(_),
        )
        | None => None,
    };
    roles.into_iter().flatten().collect()
}

fn all(law: &Law<'_>, case: &Case, leg: Option<&UnitId>, roles: &[&RoleId]) -> Vec<Audience> {
    roles.iter().flat_map(|role| resolve(law.workflow, case, role, leg)).collect()
}

fn fits(audience: &Audience, held: &Post) -> bool {
    match audience {
        Audience::Post { post, unit } => *post == held.post && *unit == held.unit,
        Audience::Unit(unit) => *unit == held.unit,
        Audience::Anywhere(post) => *post == held.post,
        Audience::Person(_) => false,
        Audience::Agent { person, posts } => stands_in(held, person, posts),
    }
}

/// That somebody acted in a job they only stand in for.
pub(crate) fn stood_in(actor: &Actor, right: &Post) -> Option<Fact> {
    let Actor::Person { subject, .. } = actor else { return None };
    right.instead_of.as_ref()?;
    Some(Fact::People(PeopleFact::StoodIn {
        subject: subject.clone(),
        post: right.post.clone(),
        unit: right.unit.clone(),
    }))
}
