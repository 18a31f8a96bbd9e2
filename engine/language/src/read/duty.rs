//! Duty lists: rows with the place of every mistake.

use std::collections::BTreeSet;

use paidan_model::duty::{Duty, DutyList, ROWS_MAX};

use super::channel::demanded;
use crate::code::Code;
use crate::reader::Reader;
use crate::source::Place;
use crate::tree::Node;

/// Reads `[[duties]]` of a file; the units are looked up later, when every roster is read.
pub fn duties(reader: &Reader, root: &Node, known: &mut DutyList, places: &mut Vec<Place>) {
    let Some(node) = root.get("duties") else { return };
    let mut seen: BTreeSet<String> = known.rows.iter().map(|duty| duty.id.clone()).collect();
    for item in reader.list(node, ROWS_MAX, "duties") {
        let Some(duty) = duty(reader, item) else { continue };
        if !seen.insert(duty.id.clone()) {
            let en = format!("the duty `{}` is declared twice", duty.id);
            reader.find(Code::Duplicate, item.place, format!("职责`{}`重复声明", duty.id), en);
            continue;
        }
        known.rows.push(duty);
        places.push(item.place);
    }
}

fn duty(reader: &Reader, node: &Node) -> Option<Duty> {
    let table = reader.table(node, "a duty")?;
    let id = demanded(reader, &table, "id");
    let category = demanded(reader, &table, "category");
    let basis = demanded(reader, &table, "basis");
    let unit = reader.name_at(&table, "unit");
    if table.get("unit").is_none() {
        reader.missing(&table, "unit");
    }
    let title = reader.words(&table);
    reader.done(&table);
    Some(Duty { id: id?, category: category?, title, unit: unit?, basis: basis? })
}
