//! The binary `paidan`: settings and commands.

mod account;
mod articles;
mod audit;
mod case;
mod check;
mod cron;
mod dev;
mod engine;
mod exit;
mod explain;
mod files;
mod folder;
mod forge;
mod gather;
mod graph;
mod guest;
mod line;
mod new;
mod publish;
mod reference;
mod schema;
mod script;
mod serve;
mod simulate;
mod starts;
mod store;
mod story;
mod watch;
mod world;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use self::exit::Exit;

/// Paidan 派单: moves cases by declarative workflow definitions.
#[derive(Parser)]
#[command(name = "paidan", version, about)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes a folder with a definition and its tests.
    New(new::Arguments),
    /// Checks definitions, calendars and rosters; prints every finding.
    Check(check::Arguments),
    /// Runs the tests of definitions.
    Test(script::Arguments),
    /// Works out what thousands of cases would do to the desks of a town.
    Simulate(simulate::Arguments),
    /// Draws a workflow.
    Graph(graph::Arguments),
    /// Opens a demonstration town: embedded store, fast clock, pages.
    Dev(dev::Arguments),
    /// Verifies a store, replays a case.
    #[command(subcommand)]
    Audit(audit::Arguments),
    /// Serves a town: the clock on the wall, logins, keys, messages that go out.
    Serve(serve::Arguments),
    /// Puts definitions into force while cases run; they stay with the version they were opened under.
    Publish(publish::Arguments),
    /// Works on cases, through a running server or on the file.
    #[command(subcommand)]
    Case(case::What),
    /// Works out when a recurrence comes.
    #[command(subcommand)]
    Cron(cron::Cron),
    /// Lists the cases that definitions open by themselves.
    #[command(subcommand)]
    Starts(starts::Starts),
    /// Looks after the file of a town.
    #[command(subcommand)]
    Store(store::Upkeep),
    /// Looks after those who may log in.
    #[command(subcommand)]
    User(account::User),
    /// Looks after the keys of programs.
    #[command(subcommand)]
    Key(account::Key),
    /// Explains a code of a finding or refusal, or a workflow by its duty sheet.
    Explain(explain::Arguments),
    /// Prints the JSON Schema by which editors complete and underline.
    Schema(schema::Arguments),
    /// Prints completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// How a command that failed ends.
fn exit(error: &anyhow::Error) -> Exit {
    if error.downcast_ref::<case::Unreachable>().is_some() {
        return Exit::Unreachable;
    }
    match error.downcast_ref::<paidan_journal::Fault>() {
        Some(paidan_journal::Fault::Locked | paidan_journal::Fault::Format { .. }) => Exit::Unreachable,
        Some(_) => Exit::Fault,
        None => Exit::Usage,
    }
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("PAIDAN_LOG").unwrap_or_else(|_| "warn".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    let line = Line::parse();
    let ended = match &line.command {
        Command::New(arguments) => new::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Test(arguments) => script::run(arguments),
        Command::Simulate(arguments) => simulate::run(arguments),
        Command::Graph(arguments) => graph::run(arguments),
        Command::Dev(arguments) => dev::run(arguments),
        Command::Audit(arguments) => audit::run(arguments),
        Command::Serve(arguments) => serve::run(arguments),
        Command::Publish(arguments) => publish::run(arguments),
        Command::Case(what) => case::run(what),
        Command::Cron(what) => cron::run(what),
        Command::Starts(what) => starts::run(what),
        Command::Store(what) => store::run(what),
        Command::User(what) => account::user(what),
        Command::Key(what) => account::key(what),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Schema(arguments) => Ok(schema::run(arguments)),
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Line::command(), "paidan", &mut std::io::stdout());
            Ok(Exit::Fine)
        }
    };
    match ended {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(exit(&error) as u8)
        }
    }
}
