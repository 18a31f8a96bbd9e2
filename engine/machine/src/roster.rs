//! Rosters of owners as they come in: rows with a part, a floor, an area and an owner, each checked.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;
use paidan_model::id::FieldId;
use paidan_model::vote::{AREA_MAX, CO_OWNERS_MAX, Property, ROSTER_ROWS_MAX};
use serde_json::Value as Json;

use crate::form::wrong;
use crate::refusal::Refusal;

/// Reads the rows of a roster. Each part stands in it once; unsold parts belong to one developer.
///
/// # Errors
/// What is wrong with which row.
pub(crate) fn rows(id: &FieldId, json: &Json) -> Result<Vec<Property>, Refusal> {
    let items = json.as_array().ok_or_else(|| wrong(id, "a list of rows is expected"))?;
    if items.len() > ROSTER_ROWS_MAX {
        return Err(wrong(id, format!("at most {ROSTER_ROWS_MAX} rows")));
    }
    let mut rows = Vec::with_capacity(items.len());
    let mut parts = BTreeSet::new();
    for (n, item) in (1u32..).zip(items) {
        if !item.is_object() {
            return Err(wrong(id, format!("row {n}: a part, its floor, its area and its owner are wanted")));
        }
        let row: Property =
            serde_json::from_value(item.clone()).map_err(|error| wrong(id, format!("row {n}: {error}")))?;
        check(&row).map_err(|why| wrong(id, format!("row {n}: {why}")))?;
        if !parts.insert(row.part.clone()) {
            return Err(wrong(id, format!("row {n}: the part `{}` stands in it twice", row.part)));
        }
        rows.push(row);
    }
    let developers: BTreeSet<&str> = rows.iter().filter(|r| r.unsold).map(|r| r.owner.as_str()).collect();
    if developers.len() > 1 {
        return Err(wrong(id, "unsold parts belong to one developer"));
    }
    Ok(rows)
}

fn is_name(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    !text.is_empty() && text.len() <= 64 && text.bytes().all(fits)
}

fn check(row: &Property) -> Result<(), alloc::string::String> {
    if !is_name(&row.part) || !is_name(&row.owner) || !row.co_owners.iter().all(|other| is_name(other)) {
        return Err("a part and an owner are ids of at most 64 letters, digits, `-`, `_` or `.`".into());
    }
    if !(1..=AREA_MAX).contains(&row.area) {
        return Err(format!("an area is 1 to {AREA_MAX} square centimetres"));
    }
    if row.co_owners.len() > CO_OWNERS_MAX || row.co_owners.contains(&row.owner) {
        return Err(format!("at most {CO_OWNERS_MAX} co-owners, none of them the owner"));
    }
    if !(-9..=200).contains(&row.floor) {
        return Err("a floor is -9 to 200".into());
    }
    Ok(())
}
