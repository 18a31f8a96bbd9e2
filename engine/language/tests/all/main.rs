//! Definitions as they are written: what is found in them, and what they do.
#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod ballots;
mod calendars;
mod clock_oracle;
mod clocks;
mod conditions;
mod explain;
mod findings;
mod guards;
mod lived;
mod loader;
mod profiles;
mod recurrence;
mod starts;

/// Hours of an office, for definitions that count business time and have no town.
const OFFICE: &str = "[calendars.office]\nzone = \"Asia/Shanghai\"\n\
    week = { mon-fri = [\"09:00-17:00\"] }\n";
