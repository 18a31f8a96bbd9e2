//! The duty sheet (责任清单) of a workflow: for each clock who does what by when, what happens otherwise, and who hears.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_model::clock::{At, Clock, Colour, Rung, Scope, Trigger};
use paidan_model::field::Per;
use paidan_model::id::{ClockId, RoleId, StateId};
use paidan_model::span::Span;
use paidan_model::state::Limit;
use paidan_model::text::{Text, Tongue};
use paidan_model::workflow::Workflow;

/// One line of the sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// Who.
    pub who: String,
    /// Does what.
    pub what: String,
    /// By when.
    pub by: String,
    /// What happens otherwise.
    pub otherwise: String,
    /// Who hears.
    pub hears: String,
}

/// Every duty of a workflow that has a clock, then what states do by themselves after a time.
#[must_use]
pub fn sheet(workflow: &Workflow, tongue: Tongue) -> Vec<Duty> {
    let clocks = workflow.clocks.iter().map(|(id, clock)| of_clock(workflow, tongue, id, clock));
    let mut found: Vec<Duty> = clocks.collect();
    for (id, state) in &workflow.states {
        for after in &state.after {
            let goes = Text { zh: "自动流转".into(), en: "it moves on by itself".into() };
            found.push(Duty {
                who: names(who_of(workflow, id), tongue),
                what: title(&state.title, id.as_str(), tongue),
                by: limit(&after.time, tongue),
                otherwise: goes.in_tongue(tongue).to_string(),
                hears: String::new(),
            });
        }
    }
    found
}

fn title(text: &Text, id: &str, tongue: Tongue) -> String {
    let words = text.in_tongue(tongue);
    if words.is_empty() { id.to_string() } else { words.to_string() }
}

fn join(parts: &[String], tongue: Tongue) -> String {
    parts.join(if tongue == Tongue::Zh { "；" } else { "; " })
}

fn names(roles: &[RoleId], tongue: Tongue) -> String {
    let all: Vec<&str> = roles.iter().map(RoleId::as_str).collect();
    all.join(if tongue == Tongue::Zh { "、" } else { ", " })
}

/// Who acts in a state: its own `who`, or that of the nearest parent.
pub(crate) fn who_of<'w>(workflow: &'w Workflow, state: &StateId) -> &'w [RoleId] {
    let own = workflow.states.get_key_value(state).map(|(id, _)| id);
    let near = own.into_iter().chain(workflow.ancestors(state));
    let found = near.filter_map(|id| workflow.states.get(id)).find(|state| !state.who.is_empty());
    found.map(|state| state.who.as_slice()).unwrap_or_default()
}

fn of_clock(workflow: &Workflow, tongue: Tongue, id: &ClockId, clock: &Clock) -> Duty {
    let states: Vec<&StateId> = clock
        .starts
        .iter()
        .filter_map(|trigger| match trigger {
            Trigger::State(state) => Some(state),
            Trigger::Intake | Trigger::Action(_) | Trigger::Leg(_) | Trigger::Claim(_) => None,
        })
        .collect();
    let mut who: BTreeSet<RoleId> = clock.holder.iter().cloned().collect();
    if who.is_empty() {
        who.extend(states.iter().flat_map(|state| who_of(workflow, state).iter().cloned()));
    }
    let who: Vec<RoleId> = who.into_iter().collect();
    let department = Text { zh: "承办部门".into(), en: "the department".into() };
    let rungs = rungs(workflow, clock);
    let hears: BTreeSet<RoleId> = rungs.iter().flat_map(|rung| rung.tell.iter().cloned()).collect();
    let told: Vec<RoleId> = hears.into_iter().collect();
    let steps: Vec<String> = rungs.iter().map(|rung| step(workflow, rung, tongue)).collect();
    Duty {
        who: match (who.is_empty(), clock.scope) {
            (true, Scope::Leg) => department.in_tongue(tongue).to_string(),
            (_, _) => names(&who, tongue),
        },
        what: what(workflow, tongue, id, clock, &states),
        by: limits(clock, tongue),
        otherwise: join(&steps, tongue),
        hears: names(&told, tongue),
    }
}

/// The clock's title and what may be done while it runs.
fn what(workflow: &Workflow, tongue: Tongue, id: &ClockId, clock: &Clock, states: &[&StateId]) -> String {
    let name = title(&clock.title, id.as_str(), tongue);
    let mut deeds = Vec::new();
    for (action, _) in states.iter().filter_map(|id| workflow.states.get(*id)).flat_map(|state| &state.on) {
        let words = workflow.actions.get(action).map(|text| title(text, action.as_str(), tongue));
        let words = words.unwrap_or_default();
        if !words.is_empty() && !deeds.contains(&words) {
            deeds.push(words);
        }
    }
    if deeds.is_empty() { name } else { format!("{name} ({})", deeds.join(" / ")) }
}

fn span(span: &Span, tongue: Tongue) -> String {
    match tongue {
        Tongue::Zh => span.words_zh(),
        Tongue::En => span.to_string(),
    }
}

/// The limit of a clock, for each choice it differs by.
#[must_use]
pub fn limits(clock: &Clock, tongue: Tongue) -> String {
    match &clock.limit {
        Per::One(one) => limit(one, tongue),
        Per::By { of, .. } => {
            let each: Vec<String> =
                of.iter().map(|(choice, one)| format!("{choice}: {}", limit(one, tongue))).collect();
            join(&each, tongue)
        }
    }
}

pub(crate) fn limit(limit: &Limit, tongue: Tongue) -> String {
    match limit {
        Limit::Span(time) => span(time, tongue),
        Limit::Field(field) => format!("{{{field}}}"),
    }
}

fn rungs<'w>(workflow: &'w Workflow, clock: &'w Clock) -> Vec<&'w Rung> {
    let named = match &clock.ladder {
        Some(per) => per.values().collect(),
        None => workflow.ladder.iter().collect::<Vec<_>>(),
    };
    let mut seen = BTreeSet::new();
    let ladders = named.into_iter().filter(|id| seen.insert((*id).clone()));
    ladders.filter_map(|id| workflow.ladders.get(id)).flatten().collect()
}

pub(crate) fn step(workflow: &Workflow, rung: &Rung, tongue: Tongue) -> String {
    let say = |zh: &str, en: &str| if tongue == Tongue::Zh { zh.to_string() } else { en.to_string() };
    let mut words = match &rung.at {
        At::Percent(percent) => format!("{percent}%"),
        At::Breach => say("到期", "when due"),
        At::After(later) => format!("+{}", span(later, tongue)),
    };
    let mut add = |more: String| {
        words.push(' ');
        words.push_str(&more);
    };
    match rung.slip {
        Some(Colour::Blue) => add(say("蓝色督办单", "blue slip")),
        Some(Colour::Yellow) => add(say("黄色督办单", "yellow slip")),
        Some(Colour::Red) => add(say("红色督办单", "red slip")),
        None => {}
    }
    if let Some(role) = &rung.assign {
        add(format!("{} {role}", say("加派", "adds")));
    }
    if let Some(state) = &rung.take_over {
        let name = workflow.states.get(state).map(|found| title(&found.title, state.as_str(), tongue));
        add(format!("→ {}", name.unwrap_or_default()));
    }
    if let Some(repeat) = &rung.repeat {
        let every = span(&repeat.every, tongue);
        add(format!("{}{every} ×{}", say("每", "every "), repeat.times));
    }
    words
}
