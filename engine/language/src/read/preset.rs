//! The words that every definition may use without declaring them: a text of the same language.

/// The text.
pub(super) const TEXT: &str = include_str!("../common.toml");
