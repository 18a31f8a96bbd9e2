//! What a guard may name, what its expressions are, and how a mistake in it is told.

use std::collections::{BTreeMap, BTreeSet};

use paidan_model::field::FieldType;
use paidan_model::id::{ChoiceId, FieldId, StateId};

/// What a guard may name.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Fields.
    pub fields: BTreeMap<FieldId, FieldKind>,
    /// States.
    pub states: BTreeSet<StateId>,
    /// There are claims: `left` may be read.
    pub claims: bool,
    /// `now` may not be read, as in `[[always]]`.
    pub without_now: bool,
}

/// What a guard needs to know of a field.
#[derive(Clone, Debug)]
pub struct FieldKind {
    /// Its type.
    pub kind: FieldType,
    /// Its choices.
    pub choices: Vec<ChoiceId>,
    /// The columns of a table that are numbers, with what they count.
    pub numbers: BTreeMap<FieldId, Type>,
    /// Its values are in the vault: only `has(...)` may be asked.
    pub sealed: bool,
}

/// What an id is the id of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// Somebody.
    Person,
    /// A department, community, subdistrict or centre.
    Unit,
    /// A place of the town.
    Place,
    /// Another case.
    Case,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// A condition.
    Bool,
    /// A number that is written out: a count, a sum of money or an area, as it is needed.
    Number,
    /// A count.
    Int,
    /// Money in fen.
    Money,
    /// An area in square centimetres.
    Area,
    /// Words; between quotes also the id of anything.
    Text,
    /// The id of something.
    Id(Thing),
    /// One of a field's choices.
    Choice(FieldId),
    /// The state of a leg.
    LegState,
    /// The part that a leg plays.
    Part,
    /// A point in time.
    Moment,
    /// Several of a type; of no type when it is empty.
    List(Option<Box<Type>>),
}

impl Type {
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Bool => "a condition".into(),
            Self::Number | Self::Int => "a whole number".into(),
            Self::Money => "money".into(),
            Self::Area => "an area".into(),
            Self::Text => "a text".into(),
            Self::Id(Thing::Person) => "a person".into(),
            Self::Id(Thing::Unit) => "a unit".into(),
            Self::Id(Thing::Place) => "a place".into(),
            Self::Id(Thing::Case) => "a case".into(),
            Self::Choice(field) => format!("a choice of `{field}`"),
            Self::LegState => "the state of a leg".into(),
            Self::Part => "the part of a leg".into(),
            Self::Moment => "a moment".into(),
            Self::List(_) => "a list".into(),
        }
    }

    /// Whether it can be counted with.
    pub(crate) fn is_number(&self) -> bool {
        match self {
            Self::Number | Self::Int | Self::Money | Self::Area => true,
            Self::Bool
            | Self::Text
            | Self::Id(_)
            | Self::Choice(_)
            | Self::LegState
            | Self::Part
            | Self::Moment
            | Self::List(_) => false,
        }
    }

    /// Whether both are of one kind, so that they can be compared and added.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number, number) | (number, Self::Number) => number.is_number(),
            (Self::Text, Self::Id(_)) | (Self::Id(_), Self::Text) => true,
            (one, other) => one == other,
        }
    }
}

/// What is wrong with a guard, and where in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardError {
    /// First byte in the guard's text.
    pub offset: usize,
    /// How many bytes.
    pub len: usize,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
    /// What would be right.
    pub help: Option<String>,
}
