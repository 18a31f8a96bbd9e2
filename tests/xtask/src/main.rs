//! `cargo xtask`: the one command that prepares a machine and runs every check of this project.
//! It never changes a file of the project; what it installs lies in `target/tools`.

mod deny;
mod licence;
mod process;
mod readme;
mod step;
mod tools;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use step::{Step, Work};
use xtask::figures;

const USAGE: &str = "\
usage: cargo xtask <command>

  test    everything, in order; stops at the first failure
  check   everything that runs no test: format, lints, walls, documentation, dependencies
  tidy    the layout rules of the house: edges, circles, sizes, names, decision records
  deny    licences, banned crates and sources of what we depend on
  figures sizes, habits, module circles and packages of this checkout, or of the one at a path: figures PATH
  race    a thousand claims of one wish at once, a thousand times, in memory and in a file; takes minutes
  tools   fetches crates, and installs what tests need besides Rust into target/tools
";

fn main() -> ExitCode {
    let command = std::env::args().nth(1);
    let steps = match command.as_deref() {
        Some("test") => [prepare(), check(), prove()].concat(),
        Some("check") => check(),
        Some("tidy") => vec![TIDY],
        Some("deny") => vec![DENY],
        Some("race") => vec![RACE],
        Some("figures") => return print_figures(),
        Some("tools") => prepare(),
        Some("help" | "--help" | "-h") => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match root().and_then(|root| step::run(&root, &steps)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nSTOPPED: {failure:#}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a table and nothing else, so that two of them can be compared by line.
fn print_figures() -> ExitCode {
    let root = std::env::args_os().nth(2).map_or_else(root, |path| Ok(path.into()));
    match root.and_then(|root| figures::print(&root)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure:#}");
            ExitCode::FAILURE
        }
    }
}

/// The top of the checkout: two floors above this crate.
fn root() -> anyhow::Result<std::path::PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .context("this crate does not lie in tests/xtask of a checkout")
}

const TIDY: Step = cargo("tidy", &["test", "--package", "paidan-tests", "--test", "all", "tidy::"]);

/// Optimised, for a million decisions twice over; with every test it runs few rounds.
const RACE: Step = Step {
    name: "race",
    work: Work::Cargo {
        args: &[
            "test",
            "--release",
            "--package",
            "paidan-tests",
            "--test",
            "all",
            "claim::a_thousand",
            "--",
            "--test-threads=1",
            "--nocapture",
        ],
        env: &[("PAIDAN_RACE_ROUNDS", "1000")],
    },
};

const DENY: Step = inside("licences, bans, sources", deny::check);

/// What a fresh machine lacks.
fn prepare() -> Vec<Step> {
    vec![cargo("crates", &["fetch", "--locked"]), inside("tools", tools::install)]
}

/// All that can be known without running the product.
fn check() -> Vec<Step> {
    vec![
        cargo("format", &["fmt", "--all", "--check"]),
        cargo("lints", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        // Alone, so that no neighbour's `clock` feature of chrono is unified into the pure crates.
        cargo(
            "pure crates alone",
            &[
                "check",
                "--package",
                "paidan-model",
                "--package",
                "paidan-machine",
                "--package",
                "paidan-views",
                "--package",
                "paidan-foresight",
            ],
        ),
        Step {
            name: "documentation",
            work: Work::Cargo {
                args: &["doc", "--workspace", "--no-deps"],
                env: &[("RUSTDOCFLAGS", "-Dwarnings")],
            },
        },
        DENY,
    ]
}

/// All that has to be run to be known.
fn prove() -> Vec<Step> {
    vec![
        inside("tests", tests),
        cargo("example: whistle", &["run", "--package", "paidan-examples", "--example", "whistle"]),
        cargo("example: wish", &["run", "--package", "paidan-examples", "--example", "wish"]),
        cargo("example: elevator", &["run", "--package", "paidan-examples", "--example", "elevator"]),
        cargo("example: audit", &["run", "--package", "paidan-examples", "--example", "audit"]),
        cargo("documentation tests", &["test", "--workspace", "--doc"]),
        cargo("shipped workflows: check", &["run", "--package", "paidan-cli", "--", "check", "workflows"]),
        cargo(
            "shipped workflows: test",
            &["run", "--package", "paidan-cli", "--", "test", "--covered", "workflows"],
        ),
        inside("first workflow of the README", readme::prove),
    ]
}

const fn cargo(name: &'static str, args: &'static [&'static str]) -> Step {
    Step { name, work: Work::Cargo { args, env: &[] } }
}

const fn inside(name: &'static str, work: fn(&Path) -> anyhow::Result<()>) -> Step {
    Step { name, work: Work::Inside(work) }
}

/// Runs the tests with nextest where it is installed, else with cargo; documentation tests follow apart.
fn tests(root: &Path) -> anyhow::Result<()> {
    let args: &[&str] = if process::cargo_has(root, "nextest") {
        &["nextest", "run", "--workspace"]
    } else {
        println!(
            "cargo-nextest is not installed; `cargo test` runs the same tests, one binary after another"
        );
        &["test", "--workspace", "--lib", "--bins", "--tests"]
    };
    process::run(process::cargo(root).args(args))
}
