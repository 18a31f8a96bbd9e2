//! What a simulation is about, and why there was none.

use alloc::collections::BTreeMap;
use paidan_machine::Refusal;
use paidan_model::calendar::Calendar;
use paidan_model::id::CalendarId;
use paidan_model::roster::Roster;
use paidan_model::script::Script;
use paidan_model::workflow::Workflow;

/// What a simulation is about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The workflow, of kind case.
    pub workflow: &'a Workflow,
    /// Its digest.
    pub digest: &'a str,
    /// Its tests: what they fill in is what people are taken to fill in.
    pub scripts: &'a [Script],
    /// Calendars in force.
    pub calendars: &'a BTreeMap<CalendarId, Calendar>,
    /// The town; none: one unit of every kind, one person at every desk.
    pub roster: Option<&'a Roster>,
}

/// Why nothing was simulated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A plain chart has no hands.
    Chart,
    /// More cases than [`CASES_MOST`](super::demand::CASES_MOST), or none.
    Cases(u64),
    /// A calendar that is not in force.
    Calendar(CalendarId),
    /// No working day to come on: the weights of all working weekdays are zero, or the calendar
    /// ends.
    NoDays,
    /// No form of intake that is known opens a case: what the machine said to the last one.
    Intake(Refusal),
    /// The workflow's calendar is not in force.
    Law(Refusal),
}
