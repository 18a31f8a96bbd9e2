//! The binary `paidan`: settings and commands.

mod audit;
mod check;
mod dev;
mod files;
mod graph;
mod line;
mod script;
mod story;
mod world;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use paidan_model::text::Tongue;

use crate::line::say;

/// Paidan 派单: moves cases by declarative workflow definitions.
#[derive(Parser)]
#[command(name = "paidan", version, about)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Checks definitions, calendars and rosters; prints every finding.
    Check(check::Arguments),
    /// Runs the tests of definitions.
    Test(script::Arguments),
    /// Draws a workflow.
    Graph(graph::Arguments),
    /// Opens a demonstration town: embedded store, fast clock, pages.
    Dev(dev::Arguments),
    /// Verifies a store, replays a case.
    #[command(subcommand)]
    Audit(audit::Arguments),
    /// Explains a code of a finding or refusal.
    Explain {
        /// The code, such as E0106 or R1003.
        code: String,
    },
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Fine = 0,
    /// What was checked is wrong.
    Wrong = 1,
    /// The command was used wrongly.
    Usage = 2,
    /// The history is not what it was.
    Integrity = 5,
}

fn main() -> ExitCode {
    let line = Line::parse();
    let ended = match &line.command {
        Command::Check(arguments) => check::run(arguments),
        Command::Test(arguments) => script::run(arguments),
        Command::Graph(arguments) => graph::run(arguments),
        Command::Dev(arguments) => dev::run(arguments),
        Command::Audit(arguments) => audit::run(arguments),
        Command::Explain { code } => Ok(explain(code)),
    };
    match ended {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(Exit::Usage as u8)
        }
    }
}

fn explain(code: &str) -> Exit {
    let refusal =
        paidan_machine::Code::ALL.iter().find(|known| known.number() == code || known.slug() == code);
    let page = paidan_language::print::explain(code).or_else(|| {
        refusal.map(|code| {
            let (zh, en) = (code.sentence(Tongue::Zh), code.sentence(Tongue::En));
            let advice = code.advice();
            format!("{} ({})\n{en}\n{zh}\n\n{}\n{}\n", code.number(), code.slug(), advice.en, advice.zh)
        })
    });
    match page {
        Some(page) => {
            say!("{page}");
            Exit::Fine
        }
        None => {
            eprintln!("error: there is no code `{code}`");
            Exit::Usage
        }
    }
}
