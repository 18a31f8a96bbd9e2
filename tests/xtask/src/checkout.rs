//! The files of a checkout: what was written, without what was built or fetched.

use std::io;
use std::path::{Path, PathBuf};

/// Folders that hold what was built or fetched, never what was written.
const FOREIGN: [&str; 2] = ["target", "node_modules"];

/// Every written file, relative to the top, sorted; hidden folders and what was built are left out.
///
/// # Errors
/// When a folder cannot be listed.
pub fn files(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![root.to_path_buf()];
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
                && let Ok(inside) = entry.path().strip_prefix(root)
            {
                found.push(inside.to_path_buf());
            }
        }
    }
    found.sort();
    Ok(found)
}
