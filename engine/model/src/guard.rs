//! Guards: conditions on transitions, as a checked tree. Parsing is the language's, evaluation the machine's.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::id::{FieldId, StateId};
use crate::span::Span;

/// The longest guard, in bytes of text.
pub const GUARD_BYTES_MAX: usize = 1024;
/// The most nodes of a guard.
pub const GUARD_NODES_MAX: usize = 256;
/// The deepest nesting of a guard.
pub const GUARD_DEPTH_MAX: usize = 16;

/// A guard or an expression: total, typed, without loops but `exists` and `all` over one list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expr {
    /// A whole number.
    Int(i64),
    /// True or false.
    Bool(bool),
    /// Text: a choice, a unit, a state of a leg, words.
    Text(String),
    /// A list written out.
    List(Vec<Expr>),
    /// The value of a field.
    Field(FieldId),
    /// The round of rework, from 0.
    Round,
    /// What is left of the item that may be claimed here.
    Left,
    /// The moment of the command.
    Now,
    /// The element that an `exists` or `all` is looking at.
    Item,
    /// A property of the leg that an `exists` or `all` is looking at.
    Leg(LegKey),
    /// Whether a field is filled.
    Has(FieldId),
    /// Whether a state is active.
    In(StateId),
    /// How many elements a list has.
    Size(Source),
    /// The sum of a column of a table.
    Total(FieldId, FieldId),
    /// A moment later by a duration.
    Add(Box<Expr>, Span),
    /// Logical not.
    Not(Box<Expr>),
    /// Arithmetic minus.
    Negate(Box<Expr>),
    /// Two operands.
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// Whether the guard holds for at least one element.
    Exists(Source, Box<Expr>),
    /// Whether the guard holds for every element.
    All(Source, Box<Expr>),
}

impl Expr {
    /// The fields it reads.
    #[must_use]
    pub fn fields(&self) -> BTreeSet<&FieldId> {
        let mut found = BTreeSet::new();
        self.read(&mut found);
        found
    }

    /// Whether it asks for a state.
    #[must_use]
    pub fn names_state(&self, state: &StateId) -> bool {
        match self {
            Self::In(named) => named == state,
            Self::Not(inner) | Self::Negate(inner) | Self::Add(inner, _) => inner.names_state(state),
            Self::Binary(_, left, right) => left.names_state(state) || right.names_state(state),
            Self::Exists(_, guard) | Self::All(_, guard) => guard.names_state(state),
            Self::List(all) => all.iter().any(|one| one.names_state(state)),
            _ => false,
        }
    }

    fn read<'e>(&'e self, found: &mut BTreeSet<&'e FieldId>) {
        match self {
            Self::Field(id) | Self::Has(id) | Self::Total(id, _) | Self::Size(Source::Field(id)) => {
                found.insert(id);
            }
            Self::List(all) => all.iter().for_each(|expr| expr.read(found)),
            Self::Not(inner) | Self::Negate(inner) | Self::Add(inner, _) => inner.read(found),
            Self::Binary(_, left, right) => {
                left.read(found);
                right.read(found);
            }
            Self::Exists(source, guard) | Self::All(source, guard) => {
                if let Source::Field(id) = source {
                    found.insert(id);
                }
                guard.read(found);
            }
            Self::Int(_)
            | Self::Bool(_)
            | Self::Text(_)
            | Self::Round
            | Self::Left
            | Self::Now
            | Self::Item
            | Self::Leg(_)
            | Self::In(_)
            | Self::Size(Source::Legs) => {}
        }
    }
}

/// A list that guards may look through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The legs of the case.
    Legs,
    /// A field of type units or choices.
    Field(FieldId),
}

/// What a guard may read of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegKey {
    /// The unit's id, text.
    Unit,
    /// `lead`, `assist` or `optional`.
    Part,
    /// The leg's state, text.
    State,
    /// The round it belongs to.
    Round,
    /// Whether it agreed to the plan.
    Agreed,
    /// Whether it was marked late.
    Late,
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    Different,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `in`
    In,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
}
