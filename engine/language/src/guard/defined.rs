//! Which fields a guard reads where they may still be empty.

use std::collections::BTreeSet;

use paidan_model::guard::{Expr, Operator, Source};
use paidan_model::id::FieldId;

/// The fields a guard reads though they are not in `filled` and not behind `has(...)`.
#[must_use]
pub fn undefined(expr: &Expr, filled: &BTreeSet<FieldId>) -> BTreeSet<FieldId> {
    let mut found = BTreeSet::new();
    walk(expr, filled, &mut found);
    found
}

fn walk(expr: &Expr, filled: &BTreeSet<FieldId>, found: &mut BTreeSet<FieldId>) {
    match expr {
        Expr::Field(id) | Expr::Size(Source::Field(id)) | Expr::Total(id, _) => {
            if !filled.contains(id) {
                found.insert(id.clone());
            }
        }
        Expr::Binary(Operator::And, left, right) => {
            walk(left, filled, found);
            walk(right, &with(filled, left, true), found);
        }
        Expr::Binary(Operator::Or, left, right) => {
            walk(left, filled, found);
            walk(right, &with(filled, left, false), found);
        }
        // Nothing is in a list that is still empty.
        Expr::Binary(Operator::In, left, right) if matches!(**right, Expr::Field(_)) => {
            walk(left, filled, found);
        }
        Expr::Binary(_, left, right) => {
            walk(left, filled, found);
            walk(right, filled, found);
        }
        Expr::Not(inner) | Expr::Negate(inner) | Expr::Add(inner, _) => walk(inner, filled, found),
        Expr::List(items) => items.iter().for_each(|item| walk(item, filled, found)),
        Expr::Exists(source, guard) | Expr::All(source, guard) => {
            if let Source::Field(id) = source
                && !filled.contains(id)
            {
                found.insert(id.clone());
            }
            walk(guard, filled, found);
        }
        Expr::Int(_)
        | Expr::Bool(_)
        | Expr::Text(_)
        | Expr::Round
        | Expr::Left
        | Expr::Now
        | Expr::Item
        | Expr::Leg(_)
        | Expr::Has(_)
        | Expr::In(_)
        | Expr::Size(Source::Legs) => {}
    }
}

/// What is filled where a guard holds.
#[must_use]
pub fn learned(guard: Option<&Expr>, filled: &BTreeSet<FieldId>) -> BTreeSet<FieldId> {
    guard.map_or_else(|| filled.clone(), |guard| with(filled, guard, true))
}

/// What is filled as well when a guard is known to be `truth`.
fn with(filled: &BTreeSet<FieldId>, guard: &Expr, truth: bool) -> BTreeSet<FieldId> {
    let mut all = filled.clone();
    learn(guard, truth, &mut all);
    all
}

fn learn(guard: &Expr, truth: bool, all: &mut BTreeSet<FieldId>) {
    match guard {
        Expr::Has(id) if truth => drop(all.insert(id.clone())),
        Expr::Not(inner) => learn(inner, !truth, all),
        Expr::Binary(Operator::And, left, right) if truth => {
            learn(left, true, all);
            learn(right, true, all);
        }
        Expr::Binary(Operator::Or, left, right) if !truth => {
            learn(left, false, all);
            learn(right, false, all);
        }
        _ => {}
    }
}
