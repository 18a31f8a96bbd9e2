//! The first workflow of the README, typed as the page says: what newcomers copy must work, and what they are shown
//! must be what they get.

use std::path::Path;

use anyhow::{Context, bail};

use crate::{built, process};

/// Where the section begins.
const HEADING: &str = "\n## A first workflow in five minutes\n";
/// How the lines begin that are typed.
const TYPED: &str = "    cargo run -- ";
/// What comes to an end by itself; a town and a watch are left to the tests of the binary.
const ENDS: [&str; 6] = ["new", "check", "test", "simulate", "explain", "graph"];

/// Types the commands of the section in a new folder, and looks for its excerpts in what they make.
pub fn prove(root: &Path) -> anyhow::Result<()> {
    let page = std::fs::read_to_string(root.join("README.md")).context("README.md cannot be read")?;
    let (_, section) = page.split_once(HEADING).context("README.md has no first workflow")?;
    let section = section.split("\n## ").next().unwrap_or_default();
    let folder = root.join("target").join("readme");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut made = None;
    for words in typed(section) {
        if let ["new", name, ..] = *words.as_slice() {
            made = Some(folder.join(name).join(format!("{name}.toml")));
        }
        // What `cargo run` would start, without compiling it again for itself alone.
        process::run(built::command(root, "paidan")?.args(&words).current_dir(&folder))?;
    }
    let made = made.context("the section makes no workflow")?;
    let text = std::fs::read_to_string(&made).with_context(|| format!("{} was not made", made.display()))?;
    for excerpt in excerpts(section) {
        if !text.contains(excerpt) {
            bail!("README.md shows what is not in {}:\n{excerpt}", made.display());
        }
    }
    Ok(())
}

/// The words of each command that ends by itself.
fn typed(section: &str) -> Vec<Vec<&str>> {
    let lines = section.lines().filter_map(|line| line.strip_prefix(TYPED));
    let commands = lines.map(|line| line.split_whitespace().collect::<Vec<_>>());
    commands
        .filter(|words| words.first().is_some_and(|word| ENDS.contains(word)) && !words.contains(&"--watch"))
        .collect()
}

/// The TOML blocks.
fn excerpts(section: &str) -> Vec<&str> {
    let blocks = section.split("\n```toml\n").skip(1);
    blocks.filter_map(|rest| rest.split_once("\n```\n").map(|(block, _)| block)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_commands_that_end_are_typed() {
        let section = "\n    cargo run -- new a\n    cargo run -- dev a\n    cargo run -- check --watch a\n    ls\n    cargo run -- test a\n";
        assert_eq!(typed(section), [vec!["new", "a"], vec!["test", "a"]]);
        let section = "a\n```toml\nx = 1\ny = 2\n```\n```sh\nls\n```\n\n```toml\nz = 3\n```\n";
        assert_eq!(excerpts(section), ["x = 1\ny = 2", "z = 3"]);
    }
}
