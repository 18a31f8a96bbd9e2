//! Findings: what is wrong with a definition, where, and what would be right.

use serde::Serialize;

use crate::code::Code;
pub use crate::level::Level;
use crate::source::Place;

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The stable code.
    pub code: &'static str,
    /// How grave.
    pub level: Level,
    /// What is wrong, in Chinese.
    pub zh: String,
    /// What is wrong, in English.
    pub en: String,
    /// Where.
    pub place: Place,
    /// What would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Finding {
    /// A finding of a code at a place.
    #[must_use]
    pub fn new(code: Code, place: Place, zh: String, en: String) -> Self {
        Self { code: code.number(), level: code.level(), zh, en, place, help: None }
    }

    /// The same with a word of help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with the nearest of the names that were possible, if one is near.
    #[must_use]
    pub fn nearest<'n>(self, name: &str, known: impl IntoIterator<Item = &'n str>) -> Self {
        match nearest(name, known) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }
}

/// The nearest of the known names, if it is near enough to be what was meant.
#[must_use]
pub fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let limit = (name.chars().count() / 3).max(1);
    let scored = known.into_iter().map(|other| (strsim::osa_distance(name, other), other));
    scored.filter(|(distance, _)| *distance <= limit).min().map(|(_, other)| other)
}
