//! Programs that cargo has built: where they lie.

use std::path::Path;
use std::process::Command;

use anyhow::Context;
use serde_json::Value;

use crate::process;

/// A program of the debug build, started in the checkout.
pub fn command(root: &Path, program: &str) -> anyhow::Result<Command> {
    let args = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let metadata = process::read(process::cargo(root).args(args))?;
    let metadata: Value = serde_json::from_slice(&metadata).context("cargo prints no JSON")?;
    // Not always `target`: whoever builds several checkouts sets CARGO_TARGET_DIR.
    let folder = metadata.get("target_directory").and_then(Value::as_str);
    let folder = folder.context("cargo metadata names no target folder")?;
    let mut command = Command::new(Path::new(folder).join("debug").join(program));
    command.current_dir(root);
    Ok(command)
}
