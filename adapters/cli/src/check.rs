//! `paidan check`: every finding, as text or JSON.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use anyhow::Result;
use paidan_language::Level;

use crate::Exit;
use crate::line::say;

/// What `check` takes.
#[derive(clap::Args)]
pub struct Arguments {
    /// Files or folders.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Prints findings as JSON.
    #[arg(long)]
    json: bool,
}

/// Checks and prints.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let checked = crate::files::library(&arguments.paths)?.check();
    if arguments.json {
        say!("{}", serde_json::to_string_pretty(&paidan_language::print::json(&checked))?);
    } else {
        eprint!("{}", paidan_language::print::text(&checked, std::io::stderr().is_terminal()));
        for agreed in &checked.workflows {
            let workflow = &agreed.workflow;
            let short = agreed.digest.get(..12).unwrap_or_default();
            say!("{} version {} is sound (digest {short})", workflow.id, workflow.version);
        }
        let count = |level| checked.findings.iter().filter(|finding| finding.level == level).count();
        say!(
            "{} workflows, {} errors, {} lints",
            checked.workflows.len(),
            count(Level::Error),
            count(Level::Lint)
        );
    }
    Ok(if checked.has_errors() { Exit::Wrong } else { Exit::Fine })
}
