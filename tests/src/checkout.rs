//! The checkout the tests run in: where it lies, and which files belong to it.

use std::io;
use std::path::{Path, PathBuf};

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
    xtask::checkout::files(&root())
}

/// The text of a file of the checkout.
///
/// # Errors
/// When it cannot be read or is no UTF-8.
pub fn text(file: &Path) -> io::Result<String> {
    std::fs::read_to_string(root().join(file))
}
