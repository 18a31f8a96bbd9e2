//! The checkout the tests run in: where it lies, and which files belong to it.

use std::io;
use std::path::{Path, PathBuf};

/// Folders that hold what was built or fetched, never what was written.
const FOREIGN: [&str; 2] = ["target", "node_modules"];

/// The top folder of the checkout.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Every written file, relative to the top, sorted; hidden folders and what was built are left out.
///
/// # Errors
/// When a folder cannot be listed.
pub fn files() -> io::Result<Vec<PathBuf>> {
    let root = root();
    let mut found = Vec::new();
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with('.') || FOREIGN.contains(&name.as_ref()) {
                continue;
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file()
                && let Ok(inside) = entry.path().strip_prefix(&root)
            {
                found.push(inside.to_path_buf());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The text of a file of the checkout.
///
/// # Errors
/// When it cannot be read or is no UTF-8.
pub fn text(file: &Path) -> io::Result<String> {
    std::fs::read_to_string(root().join(file))
}
