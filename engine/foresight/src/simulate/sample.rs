//! Samples: what the tests of a definition fill in, as a store of values that are known to fit.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use paidan_machine::{Linked, References};
use paidan_model::calendar::Roll;
use paidan_model::field::FieldType;
use paidan_model::id::{ActionId, FieldId, StateId, WorkflowId};
use paidan_model::moment::{Date, Moment};
use paidan_model::script::Step;
use serde_json::Value as Json;

use super::subject::Subject;

/// The most samples of one form.
pub(crate) const SAMPLES_MOST: usize = 6;
/// When a script begins that says nothing.
const MORNING: Moment = Moment::from_millis(1_795_395_600_000);

/// A form as a test filled it in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sample {
    /// By field.
    pub fill: BTreeMap<String, Json>,
    /// The moment at which it was filled in: days in it are counted from there.
    pub at: Moment,
}

/// Every form that the tests fill in.
pub(crate) struct Samples {
    /// Forms of intake.
    pub intake: Vec<Sample>,
    of: BTreeMap<ActionId, Vec<Sample>>,
}

impl Samples {
    pub(crate) fn of(subject: &Subject<'_>) -> Self {
        let mut samples = Self { intake: Vec::new(), of: BTreeMap::new() };
        for script in subject.scripts {
            let mut at = script.at.unwrap_or(MORNING);
            let given = script.given.iter().map(|(id, value)| (id.as_str().into(), value.clone()));
            add(&mut samples.intake, Sample { fill: given.collect(), at });
            for step in &script.steps {
                match step {
                    Step::Do(deed) if deed.refused.is_none() => {
                        let known = samples.of.entry(deed.action.clone()).or_default();
                        add(known, Sample { fill: deed.fill.clone(), at });
                    }
                    Step::Wait(span) => {
                        let calendar = subject.calendars.get(&subject.workflow.calendar);
                        at = calendar.and_then(|c| c.due(at, span, Roll::default())).map_or(at, |due| due.at);
                    }
                    Step::WaitUntil(until) => at = *until,
                    Step::Do(_) | Step::Send(_) | Step::In(_) | Step::See(_) => {}
                }
            }
        }
        samples
    }

    /// The forms of an action.
    pub(crate) fn of_action(&self, action: &ActionId) -> &[Sample] {
        self.of.get(action).map(Vec::as_slice).unwrap_or_default()
    }
}

fn add(known: &mut Vec<Sample>, sample: Sample) {
    if known.len() < SAMPLES_MOST && known.iter().all(|other| other.fill != sample.fill) {
        known.push(sample);
    }
}

/// The open cases that the tests' forms name, as if they were there, their days counted from the
/// first of the simulation.
pub(crate) fn references(subject: &Subject<'_>, from: Date) -> References {
    let zone = subject.calendars.get(&subject.workflow.calendar).map(|calendar| *calendar.zone());
    let fields = || subject.workflow.fields.iter().filter(|(_, field)| field.kind == FieldType::Case);
    let mut cases = BTreeMap::new();
    for script in subject.scripts {
        let at = script.at.unwrap_or(MORNING);
        let days = zone.map_or(0, |zone| from.signed_duration_since(at.local(&zone).date()).num_days());
        for (number, said) in &script.others {
            let Some(linked) = one(said, days).filter(|linked| !linked.closed) else { continue };
            cases.extend(fields().map(|(id, _)| ((id.clone(), number.clone()), linked.clone())));
        }
    }
    References { cases, ..References::default() }
}

fn one(said: &BTreeMap<String, Json>, days: i64) -> Option<Linked> {
    let workflow = said.get("of").and_then(Json::as_str).and_then(WorkflowId::parse)?;
    let closed = said.get("closed") == Some(&Json::Bool(true));
    let fields = said.iter().filter_map(|(id, value)| Some((FieldId::parse(id)?, shifted(value, days))));
    let states = said.get("in").and_then(Json::as_array).into_iter().flatten();
    let states: BTreeSet<StateId> = states.filter_map(|state| StateId::parse(state.as_str()?)).collect();
    Some(Linked { workflow, closed, states, fields: fields.collect(), leads_to: BTreeSet::new() })
}

/// A value with its days later; what is neither a day nor a moment stays.
pub(crate) fn shifted(value: &Json, days: i64) -> Json {
    let Some(text) = value.as_str() else { return value.clone() };
    if let Some(at) = Moment::parse_rfc3339(text) {
        return Json::String(at.plus_seconds(days.saturating_mul(86_400)).rfc3339());
    }
    day(text, days).map_or_else(|| value.clone(), |date| Json::String(alloc::format!("{date}")))
}

fn day(text: &str, days: i64) -> Option<Date> {
    let date = Date::parse_from_str(text, "%Y-%m-%d").ok()?;
    plus(date, days)
}

/// A day so many days later; earlier, when negative.
pub(crate) fn plus(date: Date, days: i64) -> Option<Date> {
    let count = usize::try_from(days.unsigned_abs()).ok()?;
    if days >= 0 { date.iter_days().nth(count) } else { back(date, count) }
}

fn back(date: Date, count: usize) -> Option<Date> {
    (0..count).try_fold(date, |date, _| date.pred_opt())
}
