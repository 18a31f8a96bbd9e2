//! Promises: a closed vocabulary of what a definition swears to.

use std::collections::BTreeMap;

use paidan_model::id::{ActionId, FieldId, StateId};
use paidan_model::span::Span;

use super::Desk;
use crate::code::Code;
use crate::finding::Finding;
use crate::reader::Table;
use crate::source::Place;

/// The promises of a definition, by name, with their places.
#[derive(Clone, Debug, Default)]
pub struct Promises {
    /// Those that are simply true.
    pub kept: BTreeMap<&'static str, Place>,
    /// The actions closed to every leg role.
    pub doer_never_verifies: Option<(Vec<ActionId>, Place)>,
    /// From an answer below that, every end is reached through one of the states.
    pub unhappy: Option<(FieldId, i64, Vec<StateId>, Place)>,
    /// Every path ends in that time.
    pub ends_within: Option<(Span, Place)>,
}

/// The promises that are simply true.
const PLAIN: [&str; 6] = [
    "no_wait_without_clock",
    "no_unowned_minute",
    "department_never_moves_promise",
    "silence_has_its_own_outcome",
    "every_case_can_end",
    "refusal_stays_with_leg",
];

/// Reads the promises.
pub(super) fn promises(desk: &Desk<'_>, root: &Table<'_>) -> Promises {
    let reader = desk.reader;
    let mut found = Promises::default();
    let Some(table) = root.get("promises").and_then(|node| reader.table(node, "[promises]")) else {
        return found;
    };
    for name in PLAIN {
        if reader.flag(&table, name) {
            found.kept.insert(name, table.key_place(name));
        }
    }
    if let Some(inner) = table.get("doer_never_verifies").and_then(|node| reader.table(node, "this promise"))
    {
        found.doer_never_verifies = Some((reader.names_at(&inner, "action"), inner.place));
        reader.done(&inner);
    }
    if let Some(inner) =
        table.get("unhappy_never_closed_silently").and_then(|node| reader.table(node, "this promise"))
    {
        let field = reader.name_at::<FieldId>(&inner, "field");
        let below = inner.get("below").and_then(|node| reader.int(node, 0, 100));
        let through = reader.names_at(&inner, "through");
        reader.done(&inner);
        if let (Some(field), Some(below)) = (field, below) {
            if !desk.fields.contains_key(&field) {
                let finding = Finding::new(
                    Code::UnknownName,
                    inner.place,
                    format!("没有字段`{field}`"),
                    format!("there is no field `{field}`"),
                );
                reader.note(finding.nearest(field.as_str(), desk.fields.keys().map(FieldId::as_str)));
            }
            found.unhappy = Some((field, below, through, inner.place));
        }
    }
    if let Some(node) = table.get("ends_within") {
        found.ends_within = reader.span(node).map(|span| (span, node.place));
    }
    reader.done(&table);
    found
}
