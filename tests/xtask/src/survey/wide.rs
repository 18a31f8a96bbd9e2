//! Lines that are too wide to be read beside others, those inside `html!` included.

use std::path::Path;

use super::Finding;

/// Columns that a line may have, counted in characters.
pub const COLUMNS_MAX: usize = 100;

/// Every line of a file that is too wide, listed under the path of the file.
#[must_use]
pub fn findings(folder: &str, path: &Path, text: &str) -> Vec<Finding> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.chars().count()));
    let wide = lines.filter(|(_, columns)| *columns > COLUMNS_MAX);
    wide.map(|(line, columns)| Finding {
        krate: folder.to_owned(),
        key: path.display().to_string(),
        place: format!("{}:{line}", path.display()),
        message: format!("{columns} columns; {COLUMNS_MAX} is the limit"),
    })
    .collect()
}
