//! Steps in order, each with its name and its time; the first that fails ends the run.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::{built, process};

/// One check with the name under which it is announced.
#[derive(Clone, Copy)]
pub struct Step {
    /// What is printed.
    pub name: &'static str,
    /// What is done.
    pub work: Work,
}

/// What a step does.
#[derive(Clone, Copy)]
pub enum Work {
    /// A call of cargo with variables set for it alone.
    Cargo {
        /// The words after `cargo`.
        args: &'static [&'static str],
        /// Names and values.
        env: &'static [(&'static str, &'static str)],
    },
    /// A program that cargo has built.
    Built {
        /// Its path in the folder of debug builds.
        program: &'static str,
        /// Its words.
        args: &'static [&'static str],
    },
    /// A function of this program; it is handed the top of the checkout.
    Inside(fn(&Path) -> anyhow::Result<()>),
}

/// Runs the steps; prints a table of times when all went well.
pub fn run(root: &Path, steps: &[Step]) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut times = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let place = format!("{}/{}", index + 1, steps.len());
        println!("==> {place} {}", step.name);
        let started = Instant::now();
        perform(root, step.work).with_context(|| {
            format!("step {place}, {}, after {} s", step.name, seconds(started.elapsed()))
        })?;
        println!("<== {place} {}: {} s", step.name, seconds(started.elapsed()));
        times.push((step.name, started.elapsed()));
    }
    println!();
    for (name, time) in times {
        println!("{:>9} s  {name}", seconds(time));
    }
    println!("{:>9} s  all {} steps passed", seconds(begun.elapsed()), steps.len());
    Ok(())
}

fn perform(root: &Path, work: Work) -> anyhow::Result<()> {
    match work {
        Work::Cargo { args, env } => process::run(process::cargo(root).args(args).envs(env.iter().copied())),
        Work::Built { program, args } => process::run(built::command(root, program)?.args(args)),
        Work::Inside(work) => work(root),
    }
}

/// Seconds with one digit after the point, from whole milliseconds.
fn seconds(time: Duration) -> String {
    let tenths = time.as_millis() / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn fine(_: &Path) -> anyhow::Result<()> {
        Ok(())
    }

    fn broken(_: &Path) -> anyhow::Result<()> {
        anyhow::bail!("the lift is stuck")
    }

    #[test]
    fn the_first_failure_ends_the_run() {
        let steps = [
            Step { name: "first", work: Work::Inside(fine) },
            Step { name: "second", work: Work::Inside(broken) },
            Step { name: "third", work: Work::Inside(fine) },
        ];
        let failure = format!("{:#}", run(Path::new("."), &steps).unwrap_err());
        assert!(failure.starts_with("step 2/3, second, after 0."), "{failure}");
        assert!(failure.ends_with("the lift is stuck"), "{failure}");
    }

    #[test]
    fn seconds_are_cut_not_rounded() {
        assert_eq!(seconds(Duration::from_millis(61_999)), "61.9");
    }
}
