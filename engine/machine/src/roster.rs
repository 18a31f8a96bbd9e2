//! Rosters of owners as they come in: rows with a part, a floor, an area and an owner, each checked.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use paidan_model::id::FieldId;
use paidan_model::text::Text;
use paidan_model::vote::{AREA_MAX, CO_OWNERS_MAX, Property, ROSTER_ROWS_MAX};
use serde_json::Value as Json;

use crate::refusal::{Refusal, both, wrong};

/// Reads the rows of a roster. Each part stands in it once; unsold parts belong to one developer.
///
/// # Errors
/// What is wrong with which row.
pub(crate) fn rows(id: &FieldId, json: &Json) -> Result<Vec<Property>, Refusal> {
    let items =
        json.as_array().ok_or_else(|| wrong(id, both!("应为若干行", "a list of rows is expected")))?;
    if items.len() > ROSTER_ROWS_MAX {
        return Err(wrong(id, both!("最多{ROSTER_ROWS_MAX}行", "at most {ROSTER_ROWS_MAX} rows")));
    }
    let mut rows = Vec::with_capacity(items.len());
    let mut parts = BTreeSet::new();
    for (n, item) in (1u32..).zip(items) {
        if !item.is_object() {
            return Err(wrong(
                id,
                both!(
                    "第{n}行：请写作 房号, 楼层, 面积, 产权人的账号，例如 101, 1, 85.37, p-101",
                    "row {n}: a part, its floor, its area and its owner are wanted, as 101, 1, 85.37, p-101"
                ),
            ));
        }
        let row: Property = serde_json::from_value(item.clone())
            .map_err(|e| wrong(id, both!("第{n}行：{e}", "row {n}: {e}")))?;
        check(&row).map_err(|Text { zh, en }| wrong(id, both!("第{n}行：{zh}", "row {n}: {en}")))?;
        if !parts.insert(row.part.clone()) {
            let part = &row.part;
            return Err(wrong(
                id,
                both!("第{n}行：{part}重复了", "row {n}: the part `{part}` stands in it twice"),
            ));
        }
        rows.push(row);
    }
    let developers: BTreeSet<&str> = rows.iter().filter(|r| r.unsold).map(|r| r.owner.as_str()).collect();
    if developers.len() > 1 {
        return Err(wrong(id, both!("未售部分只能属于一个建设单位", "unsold parts belong to one developer")));
    }
    Ok(rows)
}

/// The most characters of a part.
const PART_CHARACTERS_MAX: usize = 24;

fn is_name(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    !text.is_empty() && text.len() <= 64 && text.bytes().all(fits)
}

/// Whether a text names a part of a building: letters and digits of any script, as 101 or 2幢301室.
fn is_part(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || "-_.#".contains(c);
    (1..=PART_CHARACTERS_MAX).contains(&text.chars().count()) && text.chars().all(fits)
}

fn check(row: &Property) -> Result<(), Text> {
    if !is_part(&row.part) {
        return Err(both!(
            "房号写作101或2幢301室这样，最多{PART_CHARACTERS_MAX}个字",
            "a part is at most {PART_CHARACTERS_MAX} letters and digits, `-`, `_`, `.` or `#`"
        ));
    }
    if !is_name(&row.owner) || !row.co_owners.iter().all(|other| is_name(other)) {
        return Err(both!(
            "产权人写账号，不写姓名（姓名会留在记录里）；没有账号的留空，用纸质票表决",
            "an owner is an id of at most 64 letters, digits, `-`, `_` or `.`, and no name"
        ));
    }
    if !(1..=AREA_MAX).contains(&row.area) {
        return Err(both!("面积大于0，最多1000000平方米", "an area is 1 to {AREA_MAX} square centimetres"));
    }
    if row.co_owners.len() > CO_OWNERS_MAX || row.co_owners.contains(&row.owner) {
        return Err(both!(
            "共有人最多{CO_OWNERS_MAX}个，且不能是产权人自己",
            "at most {CO_OWNERS_MAX} co-owners, none of them the owner"
        ));
    }
    if !(-9..=200).contains(&row.floor) {
        return Err(both!("楼层为-9到200", "a floor is -9 to 200"));
    }
    Ok(())
}
