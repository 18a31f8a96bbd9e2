//! Simulation of demand: thousands of cases upon the desks of a town, on a pretend clock.
//!
//! The cases move by the same `decide` as in production. What a town does that no definition says (how many come, how
//! long a handling takes, who stays silent) is assumed, and each assumption stands in [`Demand`]. Whole numbers only;
//! the same seed gives the same report.

mod blank;
mod call;
mod deal;
pub mod demand;
mod desk;
mod dice;
mod figures;
mod floor;
pub mod report;
mod sample;
mod slot;
pub mod town;
mod turn;
mod way;

#[cfg(test)]
mod tests;

use alloc::collections::BTreeMap;
use paidan_machine::{Law, Refusal};
use paidan_model::calendar::Calendar;
use paidan_model::id::CalendarId;
use paidan_model::roster::Roster;
use paidan_model::script::Script;
use paidan_model::workflow::{Kind, Workflow};

pub use demand::Demand;
pub use report::Report;

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
    /// More cases than [`demand::CASES_MOST`], or none.
    Cases(u64),
    /// A calendar that is not in force.
    Calendar(CalendarId),
    /// No working day to come on: the weights of all working weekdays are zero, or the calendar ends.
    NoDays,
    /// No form of intake that is known opens a case: what the machine said to the last one.
    Intake(Refusal),
    /// The workflow's calendar is not in force.
    Law(Refusal),
}

/// Lets the cases of a demand come, and tells what became of them and of the desks.
///
/// # Errors
/// A [`Fault`]: nothing was simulated.
pub fn simulate(subject: &Subject<'_>, demand: &Demand) -> Result<Report, Fault> {
    if subject.workflow.kind == Kind::Chart {
        return Err(Fault::Chart);
    }
    let total = demand.total();
    if total == 0 || total > u64::from(demand::CASES_MOST) {
        return Err(Fault::Cases(total));
    }
    let named = demand.hands.values().filter_map(|hand| hand.calendar.as_ref()).chain(&demand.calendar);
    if let Some(unknown) = named.into_iter().find(|id| !subject.calendars.contains_key(*id)) {
        return Err(Fault::Calendar(unknown.clone()));
    }
    let linked = sample::linked(subject, demand.from);
    let law = Law::new(subject.workflow, subject.digest, subject.calendars, None).map_err(Fault::Law)?;
    let mut floor = floor::Floor::new(subject, demand, law.with_linked(&linked))?;
    floor.run()?;
    Ok(floor.report())
}
