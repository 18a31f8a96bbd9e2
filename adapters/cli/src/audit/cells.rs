//! An event log as CSV, one event a row: for tools that read no XES, and for spreadsheets.

use std::io::Write;

use anyhow::Result;
use paidan_model::moment::Zone;
use paidan_model::text::Tongue;
use paidan_views::eventlog::Trace;

/// The columns, with the keys that the same things have in XES.
const COLUMNS: [&str; 15] = [
    "case",
    "workflow",
    "version",
    "outcome",
    "concept:name",
    "time:timestamp",
    "lifecycle:transition",
    "org:resource",
    "org:role",
    "org:group",
    "activity",
    "seq",
    "due",
    "about",
    "digest",
];

/// A log under way.
pub struct Cells<W: Write> {
    rows: csv::Writer<W>,
    tongue: Tongue,
    zone: Zone,
}

impl<W: Write> Cells<W> {
    /// Begins a log with the names of its columns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(out: W, tongue: Tongue, zone: Zone) -> Result<Self> {
        let mut rows = csv::Writer::from_writer(out);
        rows.write_record(COLUMNS)?;
        Ok(Self { rows, tongue, zone })
    }

    /// Writes the events of a case.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&mut self, trace: &Trace) -> Result<()> {
        for event in &trace.events {
            let about: Vec<String> =
                event.about.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let cells: [String; COLUMNS.len()] = [
                trace.number.clone(),
                trace.workflow.to_string(),
                trace.version.to_string(),
                trace.outcome_name().unwrap_or_default(),
                event.name.or_id(self.tongue, &event.activity).to_string(),
                event.at.rfc3339_in(&self.zone),
                event.transition.name().to_string(),
                event.resource.clone(),
                event.role.as_ref().map(ToString::to_string).unwrap_or_default(),
                event.group.as_ref().map(ToString::to_string).unwrap_or_default(),
                event.activity.clone(),
                event.seq.to_string(),
                event.due.map(|due| due.rfc3339_in(&self.zone)).unwrap_or_default(),
                about.join(" "),
                trace.digest.clone(),
            ];
            self.rows.write_record(cells.map(guarded))?;
        }
        Ok(())
    }

    /// Ends the log; returns what it was written to.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end(self) -> Result<W> {
        self.rows
            .into_inner()
            .map_err(|error| anyhow::anyhow!("the rows cannot be written: {}", error.error()))
    }
}

/// A spreadsheet takes a cell that begins like this for a formula and runs it; an apostrophe makes it a text.
/// Source: OWASP, CSV Injection.
fn guarded(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn no_cell_is_taken_for_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"] {
            assert_eq!(guarded(cell.into()), format!("'{cell}"));
        }
        assert_eq!(guarded("派单-1".into()), "派单-1");
    }
}
