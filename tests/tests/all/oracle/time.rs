//! What the pages on clocks, pauses, hand-offs and ends say of whoever wants more time, a pause, a start without those who
//! are missing, or a closed case opened again.

use paidan_machine::Case;
use paidan_machine::actor::Actor;
use paidan_machine::case::clock::Clock;
use paidan_machine::case::leg::Leg;
use paidan_model::clock::Scope;
use paidan_model::id::{ClockId, PauseId, RoleId, UnitId};
use paidan_model::leg::LegState;
use paidan_model::value::Value;
use paidan_model::workflow::{Role, Whose, Workflow};

use super::{any_role, at, is_in_role, works_at};

/// Whether somebody has one of the roles; where a department's own matter is at hand, in that department.
pub fn has(w: &Workflow, case: &Case, actor: &Actor, roles: &[RoleId], leg: Option<&UnitId>) -> bool {
    let Some(unit) = leg else { return any_role(w, case, actor, roles) };
    roles.iter().any(|role| match w.roles.get(role).unwrap() {
        Role::Department => works_at(actor, unit),
        Role::Post { post, of: Whose::Leg } => {
            at(actor).1.iter().any(|held| held.post == *post && held.unit == *unit)
        }
        _ => is_in_role(w, case, actor, role),
    })
}

/// The clocks of a case that are open and that somebody may want longer, each with whose it is.
pub fn longer<'c>(w: &Workflow, case: &'c Case) -> Vec<(&'c ClockId, Option<&'c UnitId>)> {
    let open = |held: &&Clock| held.verdict.is_none() && held.key.claim.is_none();
    let found = case.clocks.all.iter().filter(open).map(|held| (&held.key.clock, held.key.leg.as_ref()));
    found.filter(|(id, _)| w.clocks.get(*id).unwrap().extend.is_some()).collect()
}

fn clock<'c>(case: &'c Case, id: &ClockId, leg: Option<&UnitId>) -> &'c Clock {
    case.clocks.all.iter().find(|held| held.key.clock == *id && held.key.leg.as_ref() == leg).unwrap()
}

/// Whether a word on more time is offered: the wish to whoever may have one, the word only where somebody asked.
pub fn is_longer_offered(
    w: &Workflow,
    case: &Case,
    actor: &Actor,
    name: &str,
    id: &ClockId,
    leg: Option<&UnitId>,
) -> bool {
    let rule = w.clocks.get(id).unwrap().extend.as_ref().unwrap();
    let held = clock(case, id, leg);
    match name {
        "extend" => held.paused.is_none() && has(w, case, actor, &rule.who, leg),
        "withdraw_extension" => held.asked.is_some() && has(w, case, actor, &rule.who, leg),
        "decline_extension" => held.asked.is_some() && has(w, case, actor, &rule.approve, leg),
        _ => {
            let left = held.asked.is_some() && held.extended < rule.times && !held.late;
            let own = held.asked_by.as_deref() == Some(at(actor).0);
            left && !own && held.paused.is_none() && has(w, case, actor, &rule.approve, leg)
        }
    }
}

/// The pauses that people may want, each with whose it would be.
pub fn pauses<'c>(w: &'c Workflow, case: &'c Case) -> Vec<(&'c PauseId, Option<&'c UnitId>)> {
    let mut found = Vec::new();
    for (id, pause) in w.pauses.iter().filter(|(_, pause)| pause.during.is_none()) {
        match pause.scope {
            Scope::Leg => found.extend(super::at_work(case, None).into_iter().map(|unit| (id, Some(unit)))),
            _ => found.push((id, None)),
        }
    }
    found
}

/// Who is asked for a word on a pause.
pub fn may_pause(
    w: &Workflow,
    case: &Case,
    actor: &Actor,
    name: &str,
    id: &PauseId,
    leg: Option<&UnitId>,
) -> bool {
    let rule = w.pauses.get(id).unwrap();
    let answers = ["approve_pause", "decline_pause"].contains(&name);
    has(w, case, actor, if answers { &rule.approve } else { &rule.who }, leg)
}

/// Whether a word on a pause is offered: a wish where a clock could stand still, a word where somebody asked, an end where it
/// stands still.
pub fn is_pause_offered(
    w: &Workflow,
    case: &Case,
    actor: &Actor,
    name: &str,
    id: &PauseId,
    leg: Option<&UnitId>,
) -> bool {
    let rule = w.pauses.get(id).unwrap();
    let own: Vec<_> =
        case.pauses.all.iter().filter(|held| held.pause == *id && held.leg.as_ref() == leg).collect();
    let asked = own.iter().any(|held| held.began.is_none());
    let by_them = own.iter().any(|held| held.asked_by.as_deref() == Some(at(actor).0));
    let open = own.iter().any(|held| held.began.is_some() && held.ended.is_none());
    let used = own.iter().filter(|held| held.began.is_some()).count() >= usize::from(rule.times);
    let counts = case.clocks.all.iter().any(|held| {
        let named = w.clocks.get(&held.key.clock).unwrap().pauses.contains(id);
        named && held.verdict.is_none() && held.key.leg.as_ref() == leg && held.key.claim.is_none()
    });
    let fits = match name {
        "pause" => !asked && !open && !used && counts,
        "approve_pause" => asked && !open && !used && counts && !by_them,
        "decline_pause" | "withdraw_pause" => asked,
        _ => open,
    };
    fits && may_pause(w, case, actor, name, id, leg)
}

/// Whether a start without those who are missing is spoken of: where a hand-off that allows it still waits for somebody.
pub fn is_start_offered(w: &Workflow, case: &Case, actor: &Actor) -> bool {
    let active = case.chart.active.keys().filter_map(|state| w.states.get(state)?.handoff.as_ref());
    let waiting = active.take(1).filter(|id| case.handoffs.joined.get(*id) == Some(&false));
    let rule = waiting.filter_map(|id| w.handoffs.get(id)?.start_without.as_ref()).next();
    rule.is_some_and(|rule| any_role(w, case, actor, &rule.who))
}

/// Whether somebody may urge: they wait for the case, do not work on it, and somebody is there to hear it.
pub fn may_urge(w: &Workflow, case: &Case, actor: &Actor) -> bool {
    let busy = |leg: &Leg| {
        let over = [LegState::Released, LegState::Waived, LegState::Done, LegState::Accepted];
        !over.contains(&leg.state)
    };
    let works = case.legs.by_unit.iter().any(|(unit, leg)| busy(leg) && works_at(actor, unit));
    let waits = super::is_about(case, at(actor).0) || super::reads_below(w, case, actor);
    waits && !works && !super::holds(w, case, actor)
}

/// Whether somebody is there who would hear of it.
pub fn is_heard(w: &Workflow, case: &Case) -> bool {
    let over = [LegState::Released, LegState::Waived, LegState::Done, LegState::Accepted];
    let at_work = case.legs.by_unit.values().any(|leg| !over.contains(&leg.state));
    let held = case.chart.active.keys().flat_map(|state| super::said(w, state, |s| &s.who));
    at_work || !case.people.assigned.is_empty() || held.into_iter().any(|role| is_somebody(w, case, role))
}

fn is_somebody(w: &Workflow, case: &Case, role: &RoleId) -> bool {
    match w.roles.get(role).unwrap() {
        Role::Post { of: Whose::Level(kind), .. } => case.filing.levels.contains_key(kind),
        Role::Post { of: Whose::Anywhere, .. } => true,
        Role::Post { of: Whose::Leg, .. } => !super::at_work(case, None).is_empty(),
        Role::Owners(field) => {
            matches!(super::open_value(case, field), Some(Value::Roster(rows)) if !rows.is_empty())
        }
        Role::Person(field) => {
            matches!(super::open_value(case, field), Some(Value::Person(_)))
        }
        Role::Claimer => case.claims.all.iter().any(|one| one.state.is_open() && !one.party.is_empty()),
        // Departments hold their leg, not the case.
        Role::Department | Role::Lead => false,
        Role::Per { field, of } => match super::open_value(case, field) {
            Some(Value::Choice(choice)) => of.get(choice).is_some_and(|role| is_somebody(w, case, role)),
            _ => false,
        },
    }
}

/// Whether a closed case may be opened again.
pub fn is_reopening_offered(w: &Workflow, case: &Case, actor: &Actor) -> bool {
    let rule = case.chart.active.keys().find_map(|state| w.states.get(state)?.reopen.as_ref());
    rule.is_some_and(|rule| any_role(w, case, actor, &rule.who))
}
