//! Tables in forms: rows of cells under declared columns, such as a list of weights or of compensations.

use alloc::collections::BTreeMap;
use alloc::string::String;
use serde::{Deserialize, Serialize};

use crate::id::FieldId;
use crate::text::Text;

/// The most columns of a table.
pub const COLUMNS_MAX: usize = 8;
/// The most rows of a table without a `max`.
pub const ROWS_MAX: usize = 200;
/// The most characters of a cell of text.
pub const CELL_CHARACTERS_MAX: usize = 200;

/// What a column may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellType {
    /// Words.
    Text,
    /// A whole number.
    Int,
    /// Money in whole fen.
    Money,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name in rows.
    pub id: FieldId,
    /// What its cells hold.
    #[serde(rename = "type")]
    pub kind: CellType,
    /// Label.
    #[serde(default)]
    pub label: Text,
    /// Least number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// Greatest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// Of text: the roster whose parts its cells must name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub among: Option<FieldId>,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// A whole number, or money in fen.
    Int(i64),
    /// Words.
    Text(String),
}

impl Cell {
    /// The number of a cell of int or money.
    #[must_use]
    pub fn int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Text(_) => None,
        }
    }

    /// The words of a cell of text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Int(_) => None,
        }
    }
}

/// One row: a cell for each column.
pub type Row = BTreeMap<FieldId, Cell>;
