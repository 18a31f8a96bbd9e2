//! Votes, as agreed: who may vote, what must be reached on each axis, and how long the ballot is open.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::absent::{is_default, is_false};
use crate::id::{FieldId, RoleId};
use crate::span::Span;

/// The most rows of a roster of owners.
pub const ROSTER_ROWS_MAX: usize = 500;
/// The greatest area of one part, in square centimetres: one square kilometre.
pub const AREA_MAX: i64 = 10_000_000_000;
/// The most co-owners of one part.
pub const CO_OWNERS_MAX: usize = 16;
/// The greatest denominator of a fraction.
pub const FRACTION_MAX: u32 = 100;

/// By what votes are weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// One head, one vote; an owner of several parts counts once.
    Heads,
    /// Exclusive area in whole square centimetres; an owner's parts add up.
    Area,
}

impl Axis {
    /// The axis's name in definitions.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Heads => "heads",
            Self::Area => "area",
        }
    }
}

/// A share that must be reached, compared as integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Numerator.
    pub n: u32,
    /// Denominator, at most [`FRACTION_MAX`].
    pub of: u32,
    /// More than it; else at least it (Civil Code art. 1259: 以上 includes the number itself, 过半数 does not).
    #[serde(default, skip_serializing_if = "is_false")]
    pub more: bool,
}

impl Share {
    /// Whether `part` is that share of `whole`: `of * part >= n * whole`, or `>`.
    #[must_use]
    pub fn is_reached(&self, part: i64, whole: i64) -> bool {
        let (left, right) = self.sides(part, whole);
        if self.more { left > right } else { left >= right }
    }

    /// The two products that are compared.
    #[must_use]
    pub fn sides(&self, part: i64, whole: i64) -> (i128, i128) {
        (i128::from(self.of) * i128::from(part), i128::from(self.n) * i128::from(whole))
    }
}

/// Who may vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Voters {
    /// The owners in a field of type roster.
    Owners(FieldId),
    /// The units in a field of type units, one vote each.
    Units(FieldId),
    /// The units whose legs are at work, one vote each.
    Legs,
    /// Whoever holds the role when the vote opens, one vote each.
    Role(RoleId),
}

/// How long a ballot is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// No vote closes sooner, even if it is decided.
    pub shortest: Span,
    /// No vote stays open longer.
    pub longest: Span,
    /// The field of type date or moment that says until when, within the two; none: the longest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<FieldId>,
}

/// One vote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Who may vote.
    pub voters: Voters,
    /// The fields that are voted on: they stand still while the ballot is open, and the record names their digest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<FieldId>,
    /// By what votes are weighed, at least one.
    pub axes: Vec<Axis>,
    /// The share of all that must take part, on each axis named.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub take_part: BTreeMap<Axis, Share>,
    /// The share of those taking part that must agree, on each axis named.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub consent: BTreeMap<Axis, Share>,
    /// Field of type roster: everyone in it must agree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub must_all: Option<FieldId>,
    /// How long it is open.
    pub window: Window,
    /// It stays open to the end even when the rest cannot change the result.
    #[serde(default, skip_serializing_if = "is_false")]
    pub to_the_end: bool,
    /// What was chosen is in the vault; records and pages show that somebody voted, not how.
    #[serde(default, skip_serializing_if = "is_false")]
    pub secret: bool,
    /// Who writes down ballots cast on paper, with the paper as proof; empty: the state's `who`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub collect: Vec<RoleId>,
    /// Who may stop it, or strike one of its options, with a reason.
    #[serde(default, skip_serializing_if = "is_default")]
    pub veto: Vec<RoleId>,
    /// Field of type choices: what may be chosen, several at once; none: agree or oppose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<FieldId>,
    /// Field of type choice that gets the option with the most votes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<FieldId>,
}

impl Vote {
    /// Whether a field stands still while the ballot is open: it is voted on, or the roster that was frozen for it.
    #[must_use]
    pub fn holds_still(&self, field: &FieldId) -> bool {
        self.about.contains(field)
            || self.must_all.as_ref() == Some(field)
            || self.voters == Voters::Owners(field.clone())
    }
}

/// One row of a roster: an exclusive part of a building and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Property {
    /// The part, such as `301`.
    pub part: String,
    /// The floor it is on.
    pub floor: i64,
    /// Its exclusive area in square centimetres.
    pub area: i64,
    /// Whose it is, by subject id.
    pub owner: String,
    /// Who owns it together with them; they have one vote together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub co_owners: Vec<String>,
    /// Not sold yet: all unsold parts are one head.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unsold: bool,
}
