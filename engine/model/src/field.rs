//! Fields of a workflow's forms, and values that differ by a choice.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::absent::{is_default, is_false};
use crate::guard::Expr;
use crate::id::{ChoiceId, FieldId, PostId, StateId, WorkflowId};
use crate::span::Span;
use crate::table::{CellType, Column};
use crate::text::{Text, Tongue};
use crate::value::Value;

/// What a field may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Words.
    Text,
    /// A telephone number of mainland China.
    Phone,
    /// A whole number.
    Int,
    /// Yes or no.
    Bool,
    /// One of the declared choices.
    Choice,
    /// Several of the declared choices.
    Choices,
    /// A day.
    Date,
    /// A point in time.
    Moment,
    /// A person.
    Person,
    /// A unit.
    Unit,
    /// Several units.
    Units,
    /// A place of the town.
    Place,
    /// Photos and documents.
    Files,
    /// Money in whole fen.
    Money,
    /// An area in whole square centimetres.
    Area,
    /// Another case.
    Case,
    /// Owners with their parts and areas.
    Roster,
    /// Rows under declared columns.
    Table,
}

impl FieldType {
    /// Whether values live in the vault unless the field says `public`. Persons are recorded by
    /// random subject id, so what identifies them is in the vault too.
    #[must_use]
    pub fn is_personal(self) -> bool {
        matches!(self, Self::Text | Self::Phone | Self::Place | Self::Files)
    }
}

/// Who writes a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetBy {
    /// People, through forms.
    #[default]
    People,
    /// Only `set`, `clear` and blocks.
    Engine,
}

/// What a field is to the engine, whatever a definition calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// What the matter is about: cases of one category in one community may be the same matter.
    Category,
    /// How pressing it is: a choice whose `weights` say what a case weighs on somebody's desk.
    Class,
    /// Where it is: the units of the case are those above this place.
    Place,
}

impl Meaning {
    /// Every meaning, with its name in definitions.
    pub const ALL: [(&str, Self); 3] =
        [("category", Self::Category), ("class", Self::Class), ("place", Self::Place)];
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// What it may hold.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Label.
    #[serde(default)]
    pub label: Text,
    /// The declared choices of a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<ChoiceId>,
    /// What people call the choices; one without a title is called by its id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub titles: BTreeMap<ChoiceId, Text>,
    /// What it is to the engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub means: Option<Meaning>,
    /// Of a class: what a case of a choice weighs on somebody's desk, 1 to 9; 1 where nothing is
    /// said.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<ChoiceId, u8>,
    /// The columns of a table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Column>,
    /// The field it must be part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub among: Option<FieldId>,
    /// Of a person: the jobs one of which they must hold in the town; none: anybody.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub post: BTreeSet<PostId>,
    /// Of a case: the workflow it must be of; it is open, and stands on a list or may be seen by whoever names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<WorkflowId>,
    /// Of a case: it may have ended when it is named.
    #[serde(default, skip_serializing_if = "is_false")]
    pub may_be_closed: bool,
    /// Of a case: the states in which it may be named; empty: as long as it is open.
    #[serde(default, rename = "in", skip_serializing_if = "Vec::is_empty")]
    pub named_in: Vec<StateId>,
    /// Of a case: fields that are filled from it when it is named, each with the field of the other workflow.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub brings: BTreeMap<FieldId, FieldId>,
    /// Least number, length or count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// Greatest number, length or count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// For a date: how far ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahead: Option<Span>,
    /// Must be filled at intake.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// Must be filled before one of these states is entered.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub required_from: BTreeSet<StateId>,
    /// Must be filled while this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_when: Option<Expr>,
    /// Value at intake when none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Hidden from all but the holder.
    #[serde(default, skip_serializing_if = "is_false")]
    pub private: bool,
    /// Kept in the record in the clear.
    #[serde(default, skip_serializing_if = "is_false")]
    pub public: bool,
    /// Who writes it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub set_by: SetBy,
}

/// The most words of a text without a `max`, in characters.
pub const TEXT_CHARACTERS_MAX: i64 = 500;
/// The most files of a field without a `max`.
pub const FILES_MAX: i64 = 9;
/// The most units of a field without a `max`.
pub const UNITS_MAX: i64 = 8;
/// The most choices of a field.
pub const CHOICES_MAX: usize = 64;

impl Field {
    /// What people call a choice.
    #[must_use]
    pub fn choice_title<'f>(&'f self, choice: &'f str, tongue: Tongue) -> &'f str {
        self.titles.get(choice).map_or(choice, |title| title.or_id(tongue, choice))
    }

    /// Whether the record holds only a commitment of its values. A table with a column of text may name somebody.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        let words = self.columns.iter().any(|column| column.kind == CellType::Text);
        (self.kind.is_personal() || words) && !self.public
    }

    /// The column of a table.
    #[must_use]
    pub fn column(&self, id: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.id.as_str() == id)
    }

    /// The greatest length or count, with the defaults of the language.
    #[must_use]
    pub fn limit(&self) -> Option<i64> {
        self.max.or(match self.kind {
            FieldType::Text => Some(TEXT_CHARACTERS_MAX),
            FieldType::Files => Some(FILES_MAX),
            FieldType::Units => Some(UNITS_MAX),
            FieldType::Roster => i64::try_from(crate::vote::ROSTER_ROWS_MAX).ok(),
            FieldType::Table => i64::try_from(crate::table::ROWS_MAX).ok(),
            _ => None,
        })
    }
}

/// A value, or one for each choice of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per<T> {
    /// The same for all.
    One(T),
    /// One for each choice; the checker has filled in `otherwise`.
    By {
        /// The field of type choice.
        field: FieldId,
        /// The value for each choice.
        of: BTreeMap<ChoiceId, T>,
    },
}

impl<T> Per<T> {
    /// Every value that may apply.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        let (one, many) = match self {
            Self::One(value) => (Some(value), None),
            Self::By { of, .. } => (None, Some(of.values())),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }
}
