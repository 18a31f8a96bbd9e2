//! `paidan test`: the tests of definitions, with what they cover.

use std::path::PathBuf;

use anyhow::{Result, anyhow};
use paidan_foresight::{Coverage, Verdict, run as play};
use paidan_language::Checked;
use paidan_model::id::ProfileId;
use serde_json::json;

use crate::exit::Exit;
use crate::line::say;

/// What `test` takes.
#[derive(clap::Args)]
pub struct Arguments {
    /// Files or folders; without any the folder one is in.
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// Prints verdicts as JSON.
    #[arg(long)]
    json: bool,
    /// Fails when a state, alternative, timer or rung is reached by no test.
    #[arg(long)]
    covered: bool,
}

struct Report {
    workflow: String,
    profile: Option<ProfileId>,
    verdicts: Vec<Verdict>,
    reached: (usize, usize),
    missing: Vec<String>,
}

/// Runs every test.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    let checked = crate::files::library(&arguments.paths)?.check();
    if checked.has_errors() {
        eprint!("{}", paidan_language::print::text(&checked, false));
        return Ok(Exit::Wrong);
    }
    let reports = reports(&checked)?;
    let failed = reports.iter().flat_map(|r| &r.verdicts).any(|verdict| verdict.failure.is_some());
    let uncovered = reports.iter().any(|report| !report.missing.is_empty());
    if arguments.json {
        say!("{}", serde_json::to_string_pretty(&as_json(&reports))?);
    } else {
        reports.iter().for_each(print);
    }
    Ok(if failed || (arguments.covered && uncovered) { Exit::Wrong } else { Exit::Fine })
}

fn reports(checked: &Checked) -> Result<Vec<Report>> {
    let mut found = Vec::new();
    for agreed in &checked.workflows {
        let mut coverage = Coverage::default();
        let mut verdicts = Vec::new();
        for script in &agreed.scripts {
            let (workflow, digest) = agreed.form_of(script);
            let verdict = play(workflow, digest, &checked.calendars, script, &mut coverage);
            verdicts.push(verdict.map_err(|refusal| anyhow!("{refusal}"))?);
        }
        found.push(Report {
            workflow: agreed.workflow.id.to_string(),
            profile: agreed.workflow.profile_id().cloned(),
            verdicts,
            reached: coverage.share(agreed.as_written()),
            missing: coverage.missing(agreed.as_written()),
        });
    }
    Ok(found)
}

fn print(report: &Report) {
    let profile = report.profile.as_ref().map(|profile| format!(" under the profile {profile}"));
    say!("{}{}", report.workflow, profile.unwrap_or_default());
    for verdict in &report.verdicts {
        match &verdict.failure {
            None => say!("  ok    {}", verdict.name),
            Some(failure) => {
                say!("  FAIL  {} (step {})", verdict.name, failure.step);
                say!("        expected: {}", failure.expected);
                say!("        found:    {}", failure.found);
            }
        }
    }
    let (reached, all) = report.reached;
    say!("  {reached} of {all} states, alternatives, timers and rungs reached");
    report.missing.iter().for_each(|name| say!("  not reached: {name}"));
}

fn as_json(reports: &[Report]) -> serde_json::Value {
    let each = |report: &Report| {
        json!({
            "workflow": report.workflow, "profile": report.profile, "tests": report.verdicts,
            "reached": report.reached.0, "all": report.reached.1, "missing": report.missing,
        })
    };
    reports.iter().map(each).collect()
}
