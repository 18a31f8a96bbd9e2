//! `paidan check`: every finding, as text or JSON.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use anyhow::Result;
use paidan_language::{Checked, Level};

use crate::engine::stopping;
use crate::exit::Exit;
use crate::files::with_shipped;
use crate::line::say;
use crate::watch::Watch;

/// What `check` takes.
#[derive(clap::Args)]
pub struct Arguments {
    /// Files or folders; without any the folder one is in.
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// Prints findings as JSON.
    #[arg(long)]
    json: bool,
    /// Checks again whenever something is saved, until Ctrl-C.
    #[arg(long, conflicts_with = "json")]
    watch: bool,
}

/// Checks and prints.
pub fn run(arguments: &Arguments) -> Result<Exit> {
    if arguments.watch {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        return runtime.block_on(watch(&arguments.paths));
    }
    let checked = crate::files::library(&arguments.paths)?.check();
    if arguments.json {
        say!("{}", serde_json::to_string_pretty(&paidan_language::print::json(&checked))?);
    } else {
        print(&checked);
    }
    Ok(if checked.has_errors() { Exit::Wrong } else { Exit::Fine })
}

/// Checks, and again after each change; what was printed stays.
async fn watch(paths: &[PathBuf]) -> Result<Exit> {
    let stop = stopping()?;
    tokio::pin!(stop);
    let mut watch = Watch::on(paths)?;
    loop {
        match &watch.texts {
            Ok(texts) => print(&with_shipped(texts).check()),
            Err(why) => eprintln!("error: {why}"),
        }
        say!("watching; Ctrl-C ends it");
        let changed = tokio::select! {
            () = &mut stop => return Ok(Exit::Fine),
            changed = watch.changed() => changed?,
        };
        changed.iter().for_each(|name| say!("\nsaved: {name}"));
    }
}

fn print(checked: &Checked) {
    eprint!("{}", findings(checked));
    for agreed in &checked.workflows {
        let workflow = &agreed.workflow;
        let short = agreed.digest.get(..12).unwrap_or_default();
        let profile = workflow.profile_id().map(|id| format!(", profile {id}")).unwrap_or_default();
        say!("{} version {} is sound (digest {short}{profile})", workflow.id, workflow.version);
    }
    let count = |level| checked.findings.iter().filter(|finding| finding.level == level).count();
    say!(
        "{} workflows, {} errors, {} lints",
        checked.workflows.len(),
        count(Level::Error),
        count(Level::Lint)
    );
}

/// The findings for standard error, coloured where somebody looks.
pub fn findings(checked: &Checked) -> String {
    paidan_language::print::text(checked, std::io::stderr().is_terminal())
}
