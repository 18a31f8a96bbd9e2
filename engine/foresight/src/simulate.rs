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
mod hand_row;
mod lesson;
pub mod report;
mod sample;
mod slot;
mod subject;
pub mod town;
mod turn;
mod way;

#[cfg(test)]
mod tests;

use paidan_machine::Law;
use paidan_model::workflow::Kind;

pub use demand::Demand;
pub use report::Report;
pub use subject::{Fault, Subject};

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
    let references = sample::references(subject, demand.from);
    let law = Law::new(subject.workflow, subject.digest, subject.calendars, None).map_err(Fault::Law)?;
    let mut floor = floor::Floor::new(subject, demand, law.with_references(&references))?;
    floor.run()?;
    Ok(floor.report())
}
