//! Sources: the texts that were read, and places in them.

use serde::Serialize;

/// A place in a source, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// Which source.
    pub source: usize,
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// One text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its path, as it was given.
    pub path: String,
    /// The text.
    pub text: String,
}

/// Every text that was read.
#[derive(Clone, Debug, Default)]
pub struct Sources(pub Vec<Source>);

impl Sources {
    /// The path and line (from 1) of a place.
    #[must_use]
    pub fn line(&self, place: Place) -> (&str, usize) {
        self.0.get(place.source).map_or(("", 0), |source| {
            let before = source.text.get(..place.start).unwrap_or_default();
            (source.path.as_str(), before.matches('\n').count() + 1)
        })
    }
}
