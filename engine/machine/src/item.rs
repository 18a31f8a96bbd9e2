//! An item that can be claimed: which claims are open upon it, how many there are of it, how many
//! nobody has claimed.

use paidan_model::claim::Claims;
use paidan_model::id::{ClaimsId, FieldId};
use paidan_model::value::{Held, Value};
use paidan_model::workflow::Workflow;

use crate::case::Case;

/// The claims that are open in the states a case is in.
pub(crate) fn active<'w>(workflow: &'w Workflow, case: &Case) -> Option<(&'w ClaimsId, &'w Claims)> {
    let of = |state| workflow.states.get(state).and_then(|s| s.claims.as_ref());
    case.chart.active.keys().find_map(of).and_then(|id| workflow.claims.get_key_value(id))
}

/// How many of an item there are.
#[must_use]
pub fn whole(case: &Case, item: &FieldId) -> i64 {
    match case.form.fields.get(item).and_then(Held::open) {
        Some(Value::Int(n)) => *n,
        _ => 0,
    }
}

/// How many of an item nobody has claimed.
#[must_use]
pub fn left(case: &Case, id: &ClaimsId, claims: &Claims) -> i64 {
    let taken =
        case.claims.all.iter().filter(|c| c.claims == *id && c.is_active()).map(|c| c.qty).sum::<i64>();
    (whole(case, &claims.item) - taken).max(0)
}
