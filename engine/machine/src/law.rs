//! What is in force for a case: its workflow, calendars, the roster, and what other streams say.

use alloc::collections::BTreeMap;
use alloc::string::String;
use paidan_model::calendar::Calendar;
use paidan_model::id::CalendarId;
use paidan_model::moment::Zone;
use paidan_model::roster::Roster;
use paidan_model::workflow::Workflow;
use serde_json::Value as Json;

use crate::reference::found::References;
use crate::refusal::{Code, Refusal};

/// What is in force for a case.
#[derive(Clone, Copy, Debug)]
pub struct Law<'a> {
    /// The workflow it is pinned to.
    pub workflow: &'a Workflow,
    /// That workflow's digest.
    pub digest: &'a str,
    /// Calendars in force.
    pub calendars: &'a BTreeMap<CalendarId, Calendar>,
    /// The roster in force; none: units and people are not checked.
    pub roster: Option<&'a Roster>,
    /// What the vault has of this case's secret ballots, by commitment; none: nothing is asked of it.
    pub opened: Option<&'a BTreeMap<String, Json>>,
    /// What was found of what the form at hand names; none: nothing is looked up, and nothing can
    /// be brought along.
    pub references: Option<&'a References>,
    /// The zone of the workflow's calendar.
    zone: &'a Zone,
}

impl<'a> Law<'a> {
    /// What is in force.
    ///
    /// # Errors
    /// A refusal when the workflow's calendar is not in force.
    pub fn new(
        workflow: &'a Workflow,
        digest: &'a str,
        calendars: &'a BTreeMap<CalendarId, Calendar>,
        roster: Option<&'a Roster>,
    ) -> Result<Self, Refusal> {
        let calendar = calendars.get(&workflow.calendar);
        let calendar =
            calendar.ok_or_else(|| Refusal::new(Code::NoDue).with("calendar", &workflow.calendar))?;
        Ok(Self {
            workflow,
            digest,
            calendars,
            roster,
            opened: None,
            references: None,
            zone: calendar.zone(),
        })
    }

    /// The same, with what the vault has of the case's secret ballots.
    #[must_use]
    pub fn with_opened(self, opened: &'a BTreeMap<String, Json>) -> Self {
        Self { opened: Some(opened), ..self }
    }

    /// The same, with what was found of what the form at hand names.
    #[must_use]
    pub fn with_references(self, references: &'a References) -> Self {
        Self { references: Some(references), ..self }
    }

    /// The zone in which days and quiet hours are counted.
    #[must_use]
    pub fn zone(&self) -> &'a Zone {
        self.zone
    }
}
