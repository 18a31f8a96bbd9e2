//! Notices: texts with `{placeholders}`, who gets them, and when they may ring.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::guard::Expr;
use crate::id::{ChannelId, RoleId};
use crate::span::Span;
use crate::text::Text;

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Who gets it.
    pub who: Vec<RoleId>,
    /// Channels in order; empty: those of the person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub via: Vec<ChannelId>,
    /// The words, with placeholders.
    pub text: Text,
    /// Local minutes of the day between which it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
    /// Rings in quiet hours all the same while this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wakes: Option<Expr>,
    /// How often at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<AtMost>,
}

/// Hours in which a notice waits; may cross midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// Local minute of the day, inclusive.
    pub from: u16,
    /// Local minute of the day, exclusive.
    pub until: u16,
}

/// The most that a ceiling may allow within its time; so many tellings to one audience are remembered.
pub const COUNT_MAX: usize = 16;

/// A ceiling on one notice to one audience.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtMost {
    /// How often.
    pub count: u32,
    /// In this time.
    pub per_time: Span,
}

/// A part of a notice's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words as they stand.
    Words(&'a str),
    /// The name between braces.
    Name(&'a str),
}

/// Names that need no field.
pub const BUILT_IN_NAMES: [&str; 5] = ["number", "state", "due", "clock", "link"];

/// Splits a text at its `{names}`; an opening brace without its closing one stays words.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once('{') {
        let Some((name, after)) = tail.split_once('}') else {
            break;
        };
        if !before.is_empty() {
            found.push(Piece::Words(before));
        }
        found.push(Piece::Name(name));
        rest = after;
    }
    if !rest.is_empty() {
        found.push(Piece::Words(rest));
    }
    found
}

/// Writes a text with each `{name}` replaced by what `value` gives, or left out.
#[must_use]
pub fn render(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut words = String::new();
    for piece in pieces(text) {
        match piece {
            Piece::Words(part) => words.push_str(part),
            Piece::Name(name) => words.push_str(&value(name).unwrap_or_default()),
        }
    }
    words
}
