//! Values of fields, as records hold them: in the clear, or as a commitment to a value kept in the vault.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::id::{ChoiceId, PlaceId, UnitId};
use crate::moment::Moment;
use crate::table::Row;
use crate::vote::Property;

/// A typed value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A whole number.
    Int(i64),
    /// Yes or no.
    Bool(bool),
    /// One of the declared choices.
    Choice(ChoiceId),
    /// Several of the declared choices.
    Choices(Vec<ChoiceId>),
    /// A day, as `YYYY-MM-DD`.
    Date(String),
    /// A point in time.
    Moment(Moment),
    /// A person, by random subject id.
    Person(String),
    /// A unit.
    Unit(UnitId),
    /// Several units.
    Units(Vec<UnitId>),
    /// A place of the town.
    Place(PlaceId),
    /// Words.
    Text(String),
    /// Files, by the hash of their bytes or, in scripts, by name.
    Files(Vec<String>),
    /// Money in whole fen.
    Money(i64),
    /// An area in whole square centimetres.
    Area(i64),
    /// Another case, by stream id.
    Case(String),
    /// Owners with their parts and areas.
    Roster(Vec<Property>),
    /// Rows under the columns of the field.
    Table(Vec<Row>),
}

/// What a case holds of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// The value itself.
    Open(Value),
    /// A commitment (hex of SHA-256); the value is in the vault and may have been erased.
    Sealed(String),
}

impl Held {
    /// The value, when it is held in the clear.
    #[must_use]
    pub fn open(&self) -> Option<&Value> {
        match self {
            Self::Open(value) => Some(value),
            Self::Sealed(_) => None,
        }
    }
}
