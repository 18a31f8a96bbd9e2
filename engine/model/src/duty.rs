//! The duty list (职责清单): which unit answers for what, and by which rule. A value with a version, handed in.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::id::UnitId;
use crate::text::Text;

/// The most rows of a list.
pub const ROWS_MAX: usize = 5_000;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// Its id, which refusals and whistles cite.
    pub id: String,
    /// The category of cases it is about.
    pub category: String,
    /// What it says.
    pub title: Text,
    /// Who answers.
    pub unit: UnitId,
    /// The law, rule or decision it comes from.
    pub basis: String,
}

/// A list of duties, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyList {
    /// The rows, in order of id.
    pub rows: Vec<Duty>,
}

impl DutyList {
    /// The rows about a category, in order of id.
    pub fn about<'a>(&'a self, category: &'a str) -> impl Iterator<Item = &'a Duty> {
        self.rows.iter().filter(move |duty| duty.category == category)
    }
}
