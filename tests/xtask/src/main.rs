//! `cargo xtask`: the one command that prepares a machine and runs every check of this project.
//! It never changes a file of the project; what it installs lies in `target/tools`.

mod built;
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
  quick   what to run while writing: format, lints, tidy, pure crates, language, shipped workflows
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
        Some("quick") => quick(),
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

const TIDY_ARGS: &[&str] = &["test", "--package", "paidan-tests", "--test", "all", "tidy::"];
const TIDY: Step = cargo("tidy", TIDY_ARGS);

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

const FORMAT: Step = cargo("format", &["fmt", "--all", "--check"]);
const LINT_ARGS: &[&str] = &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
const LINTS: Step = cargo("lints", LINT_ARGS);

/// Crates whose tests touch no file, socket or process, so that all of them take seconds.
const FAST: [&str; 5] =
    ["paidan-model", "paidan-machine", "paidan-views", "paidan-foresight", "paidan-language"];

/// How many lives the second clock is held against: all tests take a hundred thousand.
const CLOCK_ROUNDS: &str = "PAIDAN_CLOCK_ROUNDS";
const FEW_ROUNDS: &str = "2000";

/// What answers before one loses the thread.
fn quick() -> Vec<Step> {
    vec![
        FORMAT,
        LINTS,
        inside("tidy, pure crates, language", fast_tests),
        BUILD,
        program("shipped workflows: test", "paidan", &["test", "workflows"]),
    ]
}

/// What a fresh machine lacks.
fn prepare() -> Vec<Step> {
    vec![cargo("crates", &["fetch", "--locked"]), inside("tools", tools::install)]
}

/// All that can be known without running the product.
fn check() -> Vec<Step> {
    vec![
        FORMAT,
        LINTS,
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
        // Alone too: what a test needs besides must not be what the shipped binary compiles with.
        cargo("binary alone", &["check", "--package", "paidan-cli"]),
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
        BUILD,
        program("example: whistle", "examples/whistle", &[]),
        program("example: wish", "examples/wish", &[]),
        program("example: elevator", "examples/elevator", &[]),
        program("example: audit", "examples/audit", &[]),
        cargo("documentation tests", &["test", "--workspace", "--doc"]),
        program("shipped workflows: check", "paidan", &["check", "workflows"]),
        program("shipped workflows: test", "paidan", &["test", "--covered", "workflows"]),
        inside("first workflow of the README", readme::prove),
    ]
}

const fn cargo(name: &'static str, args: &'static [&'static str]) -> Step {
    Step { name, work: Work::Cargo { args, env: &[] } }
}

/// All at once: cargo chooses the features of outside crates by what is asked for, so that
/// `cargo run --package` would compile again, with fewer, what the tests have just compiled.
const BUILD: Step = cargo("binaries", &["build", "--workspace", "--bin", "paidan", "--examples"]);

const fn program(name: &'static str, path: &'static str, args: &'static [&'static str]) -> Step {
    Step { name, work: Work::Built { program: path, args } }
}

const fn inside(name: &'static str, work: fn(&Path) -> anyhow::Result<()>) -> Step {
    Step { name, work: Work::Inside(work) }
}

/// Runs all tests; documentation tests follow apart, because nextest runs none.
fn tests(root: &Path) -> anyhow::Result<()> {
    let args: &[&str] = if has_nextest(root) {
        &["nextest", "run", "--workspace"]
    } else {
        &["test", "--workspace", "--lib", "--bins", "--tests"]
    };
    process::run(process::cargo(root).args(args))
}

/// Runs tidy and the tests of the fast crates.
fn fast_tests(root: &Path) -> anyhow::Result<()> {
    if has_nextest(root) {
        // The whole workspace is compiled, so that `cargo xtask test` finds everything there.
        let chosen = FAST.map(|name| format!("package({name})")).join(" | ");
        let filter = format!("{chosen} | (package(paidan-tests) & test(/^tidy::/))");
        let args = ["nextest", "run", "--workspace", "--status-level", "fail", "-E", &filter];
        return process::run(process::cargo(root).args(args).env(CLOCK_ROUNDS, FEW_ROUNDS));
    }
    let packages = FAST.iter().flat_map(|name| ["--package", name]);
    let mut tests = process::cargo(root);
    process::run(tests.args(["test", "--lib", "--tests"]).args(packages).env(CLOCK_ROUNDS, FEW_ROUNDS))?;
    process::run(process::cargo(root).args(TIDY_ARGS))
}

fn has_nextest(root: &Path) -> bool {
    let there = process::cargo_has(root, "nextest");
    if !there {
        println!("cargo-nextest is not installed; `cargo test` runs the same, one binary after another");
    }
    there
}
