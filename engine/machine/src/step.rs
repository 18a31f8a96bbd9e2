//! One step: the working copy of a case, the facts noted so far, and what is still to be worked off.

use alloc::collections::{BTreeSet, VecDeque};
use alloc::vec::Vec;
use paidan_model::calendar::Calendar;
use paidan_model::field::Per;
use paidan_model::guard::Expr;
use paidan_model::id::{ActionId, CalendarId, FieldId, StateId, UnitId};
use paidan_model::moment::{Date, Moment, Zone};
use paidan_model::span::Span;
use paidan_model::value::Held;
use paidan_model::workflow::Workflow;

use crate::actor::Actor;
use crate::case::Case;
use crate::decision::{NamedFile, Sealed, Touch};
use crate::fact::{Fact, FormFact};
use crate::guard::{Facts, LegFacts, Undefined};
use crate::law::Law;
use crate::refusal::{Code, Refusal};

/// An event to be worked off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// Its name.
    pub name: ActionId,
    /// The only state that may answer; none: any active one.
    pub of: Option<StateId>,
}

/// The working copy of a case within one record.
pub(crate) struct Step<'a> {
    /// What is in force.
    pub law: &'a Law<'a>,
    /// The case after the facts noted so far.
    pub case: Case,
    /// The facts noted so far.
    pub facts: Vec<Fact>,
    /// The moment that counts: of the command, or the computed one of a timer.
    pub now: Moment,
    /// Who asks.
    pub actor: &'a Actor,
    /// Salts for commitments.
    pub salt: &'a mut dyn FnMut() -> [u8; 32],
    /// Values for the vault.
    pub sealed: Vec<Sealed>,
    /// What is asked of other streams.
    pub touches: Vec<Touch>,
    /// Eventless alternatives that were taken, by state and number.
    pub eventless: Vec<(StateId, usize)>,
    /// Files that were named.
    pub files: Vec<NamedFile>,
    /// Raised events, oldest first.
    pub queue: VecDeque<Event>,
    /// Moves so far.
    pub moves: u32,
    /// Fields that have another value than before the step.
    pub changed: BTreeSet<FieldId>,
}

impl<'a> Step<'a> {
    /// A step upon a case.
    pub fn new(
        law: &'a Law<'a>,
        case: Case,
        now: Moment,
        actor: &'a Actor,
        salt: &'a mut dyn FnMut() -> [u8; 32],
    ) -> Self {
        Self {
            law,
            case,
            facts: Vec::new(),
            now,
            actor,
            salt,
            sealed: Vec::new(),
            touches: Vec::new(),
            eventless: Vec::new(),
            files: Vec::new(),
            queue: VecDeque::new(),
            moves: 0,
            changed: BTreeSet::new(),
        }
    }

    /// Notes a fact: the case changes by it at once, and it will be recorded.
    pub fn note(&mut self, fact: impl Into<Fact>) {
        let fact = fact.into();
        if let Fact::Form(fact) = &fact {
            let (field, value) = match fact {
                FormFact::Filled { field, value } => (field, Some(value)),
                FormFact::Cleared { field } => (field, None),
            };
            if self.case.form.fields.get(field) != value {
                self.changed.insert(field.clone());
            }
        }
        self.case.evolve(&fact);
        self.facts.push(fact);
    }

    /// Whether a field was written in this step.
    pub fn wrote(&self, field: &FieldId) -> bool {
        self.facts
            .iter()
            .any(|fact| matches!(fact, Fact::Form(FormFact::Filled { field: id, .. }) if id == field))
    }

    /// The workflow in force.
    pub fn workflow(&self) -> &'a Workflow {
        self.law.workflow
    }

    /// Raises an event, to be worked off after the move.
    pub fn raise(&mut self, name: &ActionId) {
        self.queue.push_back(Event { name: name.clone(), of: None });
    }

    /// Raises a built-in event.
    pub fn raise_named(&mut self, name: &str, of: Option<&StateId>) {
        if let Some(name) = ActionId::parse(name) {
            self.queue.push_back(Event { name, of: of.cloned() });
        }
    }

    /// The calendar of that name.
    ///
    /// # Errors
    /// A refusal when it is not in force.
    pub fn calendar(&self, id: &CalendarId) -> Result<&'a Calendar, Refusal> {
        self.law.calendars.get(id).ok_or_else(|| Refusal::new(Code::NoDue).with("calendar", id))
    }

    /// The value that applies, by the case's choice.
    pub fn pick<'p, T>(&self, per: &'p Per<T>) -> Option<&'p T> {
        self.case.form.pick(per)
    }

    /// Whether a guard holds now.
    ///
    /// # Errors
    /// A refusal when it reads what is not there.
    pub fn holds(&self, guard: Option<&Expr>, action: &str) -> Result<bool, Refusal> {
        let Some(guard) = guard else { return Ok(true) };
        crate::guard::holds(guard, &self.view()).map_err(|undefined| undefined_in(action, &undefined))
    }

    /// What guards may look at.
    pub fn view(&self) -> View<'_> {
        View { law: self.law, case: &self.case, now: Some(self.now) }
    }
}

/// The refusal for a guard that reads what is not there.
pub(crate) fn undefined_in(action: &str, undefined: &Undefined) -> Refusal {
    Refusal::new(Code::GuardUndefined).with("action", action).with("what", &undefined.what)
}

/// What guards may look at of a case.
pub(crate) struct View<'a> {
    /// What is in force.
    pub law: &'a Law<'a>,
    /// The case.
    pub case: &'a Case,
    /// The moment of the command.
    pub now: Option<Moment>,
}

impl Facts for View<'_> {
    fn field(&self, id: &FieldId) -> Option<&Held> {
        self.case.form.fields.get(id)
    }

    fn is_in(&self, state: &StateId) -> bool {
        self.case.chart.active.contains_key(state)
    }

    fn left(&self) -> Option<i64> {
        let (id, claims) = crate::item::active(self.law.workflow, self.case)?;
        Some(crate::item::left(self.case, id, claims))
    }

    fn round(&self) -> i64 {
        i64::from(self.case.chart.round)
    }

    fn now(&self) -> Option<Moment> {
        self.now
    }

    fn zone(&self) -> &Zone {
        self.law.zone()
    }

    fn legs(&self) -> impl Iterator<Item = LegFacts<'_>> {
        let live = self.case.legs.by_unit.iter().filter(|(_, leg)| !leg.state.is_gone());
        live.map(|(unit, leg): (&UnitId, _)| LegFacts {
            unit: unit.as_str(),
            part: leg.part.name(),
            state: leg.state.name(),
            round: i64::from(leg.round),
            agreed: leg.agreed == Some(true),
            late: leg.late,
        })
    }

    fn later(&self, from: Moment, span: &Span) -> Option<Moment> {
        let calendar = self.law.calendars.get(&self.law.workflow.calendar)?;
        calendar.due(from, span, paidan_model::calendar::Roll::default()).map(|due| due.at)
    }
}

pub(crate) fn no_due(step: &Step<'_>) -> Refusal {
    Refusal::new(Code::NoDue).with("calendar", &step.workflow().calendar)
}

/// The close of business of a day in the workflow's calendar, or its end.
pub(crate) fn end_of_day(step: &Step<'_>, date: &str) -> Option<Moment> {
    let calendar = step.law.calendars.get(&step.workflow().calendar)?;
    let date = Date::parse_from_str(date, "%Y-%m-%d").ok()?;
    let midnight = || {
        let next = date.succ_opt()?.and_hms_opt(0, 0, 0)?;
        Some(Moment::from_local(next, step.law.zone()))
    };
    calendar.closing(date).or_else(midnight)
}
