//! The first workflow of the README, taken out of the page and run: what newcomers copy must work.

use std::path::Path;

use anyhow::Context;

use crate::process;

/// Checks and tests the definition shown in README.md.
pub fn prove(root: &Path) -> anyhow::Result<()> {
    let page = std::fs::read_to_string(root.join("README.md")).context("README.md cannot be read")?;
    let definition = block(&page).context("README.md shows no definition between ```toml and ```")?;
    let folder = root.join("target").join("readme");
    let file = folder.join("borrow-the-room.toml");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    std::fs::write(&file, definition).with_context(|| format!("cannot write {}", file.display()))?;
    for command in ["check", "test"] {
        let args = ["run", "--quiet", "--package", "paidan-cli", "--", command];
        process::run(process::cargo(root).args(args).arg(&folder))?;
    }
    Ok(())
}

/// The first TOML block of a page.
fn block(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("\n```toml\n")?;
    rest.split_once("\n```\n").map(|(block, _)| block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_block_is_taken_and_a_page_without_one_is_noticed() {
        assert_eq!(block("a\n```toml\nx = 1\ny = 2\n```\n```toml\nz = 3\n```\n"), Some("x = 1\ny = 2"));
        assert_eq!(block("a\n```sh\nls\n```\n"), None);
    }
}
