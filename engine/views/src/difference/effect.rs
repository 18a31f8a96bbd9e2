//! What a step does on its way: what it writes and raises.

use alloc::collections::BTreeMap;
use alloc::format;
use paidan_model::guard::Expr;
use paidan_model::id::{ActionId, FieldId};
use paidan_model::workflow::Workflow;

use super::part::Part;
use super::words::{action, expr, field, text};

/// Fields that are written, each with what is written.
pub(super) fn written(part: &mut Part, w: &Workflow, on: (&str, &str), set: &BTreeMap<FieldId, Expr>) {
    for (id, value) in set {
        let field = field(w, id);
        let name = text(format!("{}写入{}", on.0, field.zh), format!("{}writes {}", on.1, field.en));
        part.says_of(name, value, expr(w, value));
    }
}

/// Events that are raised.
pub(super) fn raised(part: &mut Part, w: &Workflow, on: (&str, &str), raise: &[ActionId]) {
    let name = text(format!("{}引发事件", on.0), format!("{}events raised", on.1));
    part.lists_of(name, raise, |id| action(w, id));
}
