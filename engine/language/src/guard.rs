//! The guard language: a strict subset of CEL text, read into a typed tree.

mod defined;
mod parser;
mod token;

use std::collections::{BTreeMap, BTreeSet};

use paidan_model::field::FieldType;
use paidan_model::guard::Expr;
use paidan_model::id::{ChoiceId, FieldId, StateId};

pub use defined::{learned, undefined};

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
    /// The columns of a table that are numbers.
    pub numbers: Vec<FieldId>,
    /// Its values are in the vault: only `has(...)` may be asked.
    pub sealed: bool,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// A condition.
    Bool,
    /// A whole number.
    Int,
    /// Words, units, persons.
    Text,
    /// One of a field's choices.
    Choice(FieldId),
    /// A point in time.
    Moment,
    /// Several of a type; of no type when it is empty.
    List(Option<Box<Type>>),
}

impl Type {
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Bool => "a condition".into(),
            Self::Int => "a whole number".into(),
            Self::Text => "a text".into(),
            Self::Choice(field) => format!("a choice of `{field}`"),
            Self::Moment => "a moment".into(),
            Self::List(_) => "a list".into(),
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

/// Reads a guard.
///
/// # Errors
/// The first mistake in its text, types included.
pub fn parse(text: &str, names: &Names) -> Result<(Expr, Type), GuardError> {
    parser::parse(text, names)
}

/// Reads a guard that must be a condition.
///
/// # Errors
/// As for [`parse`], and when it is none.
pub fn condition(text: &str, names: &Names) -> Result<Expr, GuardError> {
    let (expr, kind) = parse(text, names)?;
    if kind == Type::Bool {
        return Ok(expr);
    }
    Err(GuardError {
        offset: 0,
        len: text.len(),
        zh: "这里要写条件".into(),
        en: format!("a condition is expected, this is {}", kind.words()),
        help: None,
    })
}
