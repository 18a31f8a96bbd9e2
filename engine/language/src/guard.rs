//! The guard language: a strict subset of CEL text, read into a typed tree.

mod compare;
mod defined;
mod parser;
mod terms;
mod token;

use paidan_model::guard::Expr;

pub use defined::{learned, undefined};
pub use terms::{FieldKind, GuardError, Names, Thing, Type};

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
