//! Tables as they come in: rows with a cell under each column; and money, in fen.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_model::field::Field;
use paidan_model::id::FieldId;
use paidan_model::table::{CELL_CHARACTERS_MAX, Cell, CellType, Column, Row};
use serde_json::Value as Json;

use crate::form::{shown, whole, wrong};
use crate::refusal::Refusal;

/// Reads the rows of a table: a cell under each column, and no others.
///
/// # Errors
/// What is wrong with which cell of which row.
pub(crate) fn rows(id: &FieldId, field: &Field, json: &Json) -> Result<Vec<Row>, Refusal> {
    let items = json.as_array().ok_or_else(|| wrong(id, "a list of rows is expected"))?;
    let row = |(n, item): (u32, &Json)| {
        let columns = || field.columns.iter().map(|column| column.id.as_str()).collect::<Vec<_>>().join(", ");
        let cells = item.as_object();
        let cells =
            cells.ok_or_else(|| wrong(id, format!("row {n}: a cell is wanted for each of {}", columns())))?;
        if let Some(name) = cells.keys().find(|name| field.column(name).is_none()) {
            return Err(wrong(id, format!("row {n}: there is no column `{}`", shown(name))));
        }
        let one = |column: &Column| {
            let found = cells.get(column.id.as_str()).ok_or_else(|| "is missing".to_string());
            let found = found.and_then(|json| cell(id, column, json));
            let at = |why| wrong(id, format!("row {n}, {}: {why}", column.id));
            found.map(|cell| (column.id.clone(), cell)).map_err(at)
        };
        field.columns.iter().map(one).collect()
    };
    (1..).zip(items).map(row).collect()
}

fn cell(id: &FieldId, column: &Column, json: &Json) -> Result<Cell, String> {
    let number = match column.kind {
        CellType::Text => return words(json).map(Cell::Text),
        CellType::Int => whole(id, json),
        CellType::Money => fen(id, json),
    };
    let number = number.map_err(|refusal| refusal.with.get("why").cloned().unwrap_or_default())?;
    let said = |number: i64| if column.kind == CellType::Money { yuan(number) } else { number.to_string() };
    match (column.min, column.max) {
        (Some(min), _) if number < min => Err(format!("at least {}", said(min))),
        (_, Some(max)) if number > max => Err(format!("at most {}", said(max))),
        _ => Ok(Cell::Int(number)),
    }
}

fn words(json: &Json) -> Result<String, String> {
    let text = json.as_str().map(str::trim).filter(|text| !text.is_empty()).ok_or("a text is expected")?;
    if text.chars().any(char::is_control) {
        return Err("a cell is one line without tabs".into());
    }
    if text.chars().count() > CELL_CHARACTERS_MAX {
        return Err(format!("at most {CELL_CHARACTERS_MAX} characters"));
    }
    Ok(text.into())
}

/// Money in whole fen; a text is what somebody wrote as yuan and is no amount.
///
/// # Errors
/// When it is no whole number.
pub(crate) fn fen(id: &FieldId, json: &Json) -> Result<i64, Refusal> {
    if json.is_string() {
        return Err(wrong(id, "an amount is yuan with at most two decimals; from programs, whole fen"));
    }
    whole(id, json)
}

/// Fen as people read them in a refusal.
pub(crate) fn yuan(fen: i64) -> String {
    format!("{} yuan", paidan_model::money::yuan(fen))
}
