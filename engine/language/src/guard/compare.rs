//! What may be compared with what: two things of one kind, and names that their set has.

use paidan_model::guard::{Expr, Operator};
use paidan_model::id::ChoiceId;
use paidan_model::leg::{LegState, Part};

use super::{Names, Type};
use crate::finding::nearest;

/// One side of a comparison.
#[derive(Clone, Copy)]
pub(super) struct Operand<'a> {
    /// Its first token.
    pub place: usize,
    pub expr: &'a Expr,
    pub kind: &'a Type,
}

/// Why two things are not compared.
pub(super) struct Unlike {
    /// The first token of what is wrong.
    pub place: usize,
    pub en: String,
    pub help: Option<String>,
}

fn unlike(place: usize, en: String) -> Unlike {
    Unlike { place, en, help: None }
}

/// Refuses what compares two kinds of thing or can never hold.
pub(super) fn compare(
    names: &Names,
    operator: Operator,
    left: Operand<'_>,
    right: Operand<'_>,
) -> Result<(), Unlike> {
    if operator == Operator::In {
        return listed(names, left, right);
    }
    alike(names, left, right)?;
    let ordered = !matches!(operator, Operator::Equal | Operator::Different);
    if ordered && !left.kind.is_number() && *left.kind != Type::Moment {
        return Err(unlike(left.place, format!("{} has no order", left.kind.words())));
    }
    Ok(())
}

/// `left in right`: what is asked for is of the kind that the list has.
fn listed(names: &Names, left: Operand<'_>, right: Operand<'_>) -> Result<(), Unlike> {
    let Type::List(items) = right.kind else {
        let en = format!("choices, units or files are expected, this is {}", right.kind.words());
        return Err(unlike(right.place, en));
    };
    let Some(kind) = items.as_deref() else {
        return Err(unlike(right.place, "the list is empty: this never holds".into()));
    };
    if let Expr::List(written) = right.expr {
        let item = |expr| Operand { place: right.place, expr, kind };
        return written.iter().try_for_each(|expr| alike(names, left, item(expr)));
    }
    alike(names, left, Operand { kind, ..right })
}

/// Both are of one kind; a name between quotes is one of those that its set has.
fn alike(names: &Names, left: Operand<'_>, right: Operand<'_>) -> Result<(), Unlike> {
    match (closed(names, left.kind), closed(names, right.kind)) {
        (Some(all), None) => is_one_of(left.kind, &all, right),
        (None, Some(all)) => is_one_of(right.kind, &all, left),
        (Some(_), Some(_)) | (None, None) if left.kind.is_like(right.kind) => Ok(()),
        (Some(_), Some(_)) | (None, None) => Err(unlike(
            right.place,
            format!("{} is expected, this is {}", left.kind.words(), right.kind.words()),
        )),
    }
}

/// The names of a closed set.
fn closed<'n>(names: &'n Names, kind: &Type) -> Option<Vec<&'n str>> {
    match kind {
        Type::Choice(field) => {
            let field = names.fields.get(field);
            Some(field.into_iter().flat_map(|field| field.choices.iter().map(ChoiceId::as_str)).collect())
        }
        Type::LegState => Some(LegState::ALL.map(LegState::name).to_vec()),
        Type::Part => Some(Part::ALL.map(Part::name).to_vec()),
        Type::Bool
        | Type::Number
        | Type::Int
        | Type::Money
        | Type::Area
        | Type::Text
        | Type::Id(_)
        | Type::Moment
        | Type::List(_) => None,
    }
}

fn is_one_of(kind: &Type, all: &[&str], found: Operand<'_>) -> Result<(), Unlike> {
    let Expr::Text(text) = found.expr else {
        let en = format!("{} is expected, this is {}", kind.words(), found.kind.words());
        return Err(unlike(found.place, en));
    };
    if all.contains(&text.as_str()) {
        return Ok(());
    }
    let of = if let Type::Choice(field) = kind { format!("`{field}`") } else { "a leg".to_string() };
    let what = match kind {
        Type::Choice(_) => "choice",
        Type::Part => "part",
        _ => "state",
    };
    let near = nearest(text, all.iter().copied()).map(|near| format!("did you mean '{near}'?"));
    let help = near.unwrap_or_else(|| format!("the {what}s are {}", all.join(", ")));
    Err(Unlike { place: found.place, en: format!("{of} has no {what} '{text}'"), help: Some(help) })
}
