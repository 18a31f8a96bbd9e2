//! By which calendar a clock counts: one that it names, that of the unit that has to act, or the
//! definition's own.

use paidan_model::clock::{CalendarRef, Clock};
use paidan_model::id::{CalendarId, UnitId};
use paidan_model::roster::Roster;
use paidan_model::workflow::Workflow;

use crate::case::Case;
use crate::fact::ClockKey;

/// The name of the calendar by which a clock of a case counts. A unit without a calendar works by
/// that of the unit above it; where none of them has one, the definition's own counts.
#[must_use]
pub fn calendar_of<'a>(
    workflow: &'a Workflow,
    case: &Case,
    roster: Option<&'a Roster>,
    key: &ClockKey,
) -> Option<&'a CalendarId> {
    let declared = workflow.clocks.get(&key.clock)?;
    let named = declared.calendar.as_ref().and_then(|per| case.form.pick(per));
    let of_unit = || {
        let roster = roster?;
        roster.calendar_of(acting(workflow, case, roster, declared, key)?)
    };
    match named {
        Some(CalendarRef::Named(id)) => Some(id),
        Some(CalendarRef::Unit) => Some(of_unit().unwrap_or(&workflow.calendar)),
        None => Some(&workflow.calendar),
    }
}

/// The unit that has to act: that of the leg, else the one at which those who answer for the clock
/// have their job, else the nearest unit of the case.
fn acting<'c>(
    workflow: &Workflow,
    case: &'c Case,
    roster: &Roster,
    declared: &Clock,
    key: &'c ClockKey,
) -> Option<&'c UnitId> {
    let levels = &case.filing.levels;
    let mut holders = declared.holder.iter().filter_map(|role| workflow.roles.get(role)?.at_level());
    let of_holder = holders.find_map(|(_, kind)| levels.get(kind));
    key.leg.as_ref().or(of_holder).or_else(|| roster.nearest(levels))
}
