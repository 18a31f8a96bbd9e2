//! What a person reads, in both languages.

use alloc::string::String;
use serde::{Deserialize, Serialize};

/// A text in Chinese and English; either may be empty where a lint allows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Text {
    /// Chinese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zh: String,
    /// English.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub en: String,
}

/// A language of the pages and messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tongue {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Text {
    /// The text in a language, or in the other one where that is missing.
    #[must_use]
    pub fn in_tongue(&self, tongue: Tongue) -> &str {
        let (first, second) = match tongue {
            Tongue::Zh => (&self.zh, &self.en),
            Tongue::En => (&self.en, &self.zh),
        };
        if first.is_empty() { second } else { first }
    }

    /// The same; an id where nothing is written in either.
    #[must_use]
    pub fn or_id<'t>(&'t self, tongue: Tongue, id: &'t str) -> &'t str {
        Some(self.in_tongue(tongue)).filter(|words| !words.is_empty()).unwrap_or(id)
    }
}
