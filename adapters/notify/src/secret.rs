//! Secrets: read from the environment or a file when the program starts, never printed.

use std::fmt;

use paidan_model::channel::Secret;

use crate::unusable::Unusable;

/// A secret in memory. Its value is in no log and no debug output.
#[derive(Clone)]
pub struct Known(String);

impl Known {
    /// Reads a secret.
    ///
    /// # Errors
    /// When the variable or file is not there, or empty.
    pub fn read(secret: &Secret) -> Result<Self, Unusable> {
        let (found, place) = match secret {
            Secret::Env(name) => (std::env::var(name).ok(), format!("the variable {name}")),
            Secret::File(path) => (std::fs::read_to_string(path).ok(), format!("the file {path}")),
        };
        let value = found.map(|text| text.trim_end_matches(['\r', '\n']).to_string());
        value.filter(|text| !text.is_empty()).map(Self).ok_or(Unusable::Secret(place))
    }

    /// The value, for signing and logging in.
    pub fn value(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}
