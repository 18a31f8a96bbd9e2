//! Child processes: how they are started, and the word that is said when one fails.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// Variables that cargo sets for this very program; a build script that watches them would run again.
const OURS: [&str; 5] =
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE"];

/// Cargo, in the checkout, as the person who called us would start it.
pub fn cargo(root: &Path) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.current_dir(root);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| OURS.iter().any(|start| name.starts_with(start))) {
            command.env_remove(name);
        }
    }
    command
}

/// True when `cargo <subcommand>` is installed.
pub fn cargo_has(root: &Path, subcommand: &str) -> bool {
    succeeds(cargo(root).arg(subcommand).arg("--version"))
}

/// True when the command can be started and ends well; it says nothing either way.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a command with our own output; fails with the line to type to see it again.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let line = line(command);
    let status = command.status().with_context(|| format!("`{line}` cannot be started"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Runs a command and returns what it printed.
pub fn read(command: &mut Command) -> anyhow::Result<Vec<u8>> {
    let line = line(command);
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("`{line}` cannot be started"))?;
    if !output.status.success() {
        bail!("`{line}` failed ({})", output.status);
    }
    Ok(output.stdout)
}

/// The command as one would type it.
fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_else(|| command.get_program());
    let set = command.get_envs().filter_map(|(name, value)| value.map(|value| (name, value)));
    let set = set.map(|(name, value)| format!("{}={}", name.to_string_lossy(), value.to_string_lossy()));
    let words = std::iter::once(program).chain(command.get_args());
    set.chain(words.map(OsStr::to_string_lossy).map(String::from)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_failure_names_the_line_to_type() {
        let mut command = Command::new("false");
        command.arg("--loud").env("RUSTDOCFLAGS", "-Dwarnings");
        let failure = run(&mut command).unwrap_err().to_string();
        assert!(failure.starts_with("`RUSTDOCFLAGS=-Dwarnings false --loud` failed"), "{failure}");
    }

    #[test]
    fn a_missing_program_is_a_failure() {
        let mut command = Command::new("no-such-program-anywhere");
        assert!(!succeeds(&mut command));
        assert!(run(&mut command).unwrap_err().to_string().contains("cannot be started"));
    }
}
