//! Tables as they come in: rows with a cell under each column; and money, in fen.

use alloc::string::String;
use alloc::vec::Vec;
use paidan_model::field::{Field, FieldType};
use paidan_model::id::FieldId;
use paidan_model::table::{CELL_CHARACTERS_MAX, Cell, CellType, Column, Row};
use paidan_model::text::{Text, Tongue};
use paidan_model::value::{Held, Value};
use serde_json::Value as Json;

use crate::refusal::{Refusal, both, shown, wrong};
use crate::step::Step;

/// Reads the rows of a table: a cell under each column, and no others.
///
/// # Errors
/// What is wrong with which cell of which row.
pub(crate) fn rows(id: &FieldId, field: &Field, json: &Json) -> Result<Vec<Row>, Refusal> {
    let items =
        json.as_array().ok_or_else(|| wrong(id, both!("应为若干行", "a list of rows is expected")))?;
    let row = |(n, item): (u32, &Json)| {
        let cells = item.as_object().ok_or_else(|| {
            let all = field.columns.iter().map(|column| column.id.as_str()).collect::<Vec<_>>().join(", ");
            let titles =
                field.columns.iter().map(|column| column.label.or_id(Tongue::Zh, column.id.as_str()));
            let titles = titles.collect::<Vec<_>>().join("、");
            wrong(id, both!("第{n}行：每栏都要填（{titles}）", "row {n}: a cell is wanted for each of {all}"))
        })?;
        if let Some(name) = cells.keys().find(|name| field.column(name).is_none()) {
            let name = shown(name);
            return Err(wrong(
                id,
                both!("第{n}行：没有“{name}”这一栏", "row {n}: there is no column `{name}`"),
            ));
        }
        let one = |column: &Column| {
            let found = cells.get(column.id.as_str()).ok_or_else(|| both!("没有填", "is missing"));
            let found = found.and_then(|json| cell(id, column, json));
            let at = |Text { zh, en }| {
                let (title, name) = (column.label.or_id(Tongue::Zh, column.id.as_str()), &column.id);
                wrong(id, both!("第{n}行“{title}”：{zh}", "row {n}, {name}: {en}"))
            };
            found.map(|cell| (column.id.clone(), cell)).map_err(at)
        };
        field.columns.iter().map(one).collect()
    };
    (1..).zip(items).map(row).collect()
}

fn cell(id: &FieldId, column: &Column, json: &Json) -> Result<Cell, Text> {
    let number = match column.kind {
        CellType::Text => return words(json).map(Cell::Text),
        CellType::Int => whole(id, json),
        CellType::Money => fen(id, json),
    };
    let said = |refusal: &Refusal, tongue| refusal.param("why", tongue).unwrap_or_default().into();
    let number =
        number.map_err(|refusal| Text { zh: said(&refusal, Tongue::Zh), en: said(&refusal, Tongue::En) })?;
    let counts = if column.kind == CellType::Money { Counts::Fen } else { Counts::Number };
    match (column.min, column.max) {
        (Some(min), _) if number < min => Err(counts.at_least(min)),
        (_, Some(max)) if number > max => Err(counts.at_most(max)),
        _ => Ok(Cell::Int(number)),
    }
}

fn words(json: &Json) -> Result<String, Text> {
    let text = json.as_str().map(str::trim).filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| both!("请填文字", "a text is expected"))?;
    if text.chars().any(char::is_control) {
        return Err(both!("一格只能是一行文字，不能有制表符", "a cell is one line without tabs"));
    }
    if text.chars().count() > CELL_CHARACTERS_MAX {
        return Err(both!("最多{CELL_CHARACTERS_MAX}个字", "at most {CELL_CHARACTERS_MAX} characters"));
    }
    Ok(text.into())
}

/// Checks that columns of parts name parts of their roster, where one of the two was written. A table that only the vault
/// holds is not read; the checker asks for public ones.
///
/// # Errors
/// The row that names a part which is not on the roster.
pub(crate) fn check_parts(step: &Step<'_>) -> Result<(), Refusal> {
    for (id, field) in &step.workflow().fields {
        for column in &field.columns {
            let Some(roster) = column.among.as_ref().filter(|roster| step.wrote(id) || step.wrote(roster))
            else {
                continue;
            };
            let held = |field| step.case.form.fields.get(field).and_then(Held::open);
            let (Some(Value::Table(rows)), Some(Value::Roster(known))) = (held(id), held(roster)) else {
                continue;
            };
            let named = (1u32..).zip(rows).filter_map(|(n, row)| Some((n, row.get(&column.id)?.text()?)));
            let mut strange = named.filter(|(_, part)| known.iter().all(|property| property.part != *part));
            if let Some((n, part)) = strange.next() {
                let part = shown(part);
                let why = both!("第{n}行：{part}不在名册里", "row {n}: `{part}` is not on the roster");
                return Err(wrong(id, why));
            }
        }
    }
    Ok(())
}

/// Money in whole fen; a text is what somebody wrote as yuan and is no amount.
///
/// # Errors
/// When it is no whole number.
pub(crate) fn fen(id: &FieldId, json: &Json) -> Result<i64, Refusal> {
    if json.is_string() {
        return Err(wrong(
            id,
            both!(
                "金额以元为单位，最多两位小数",
                "an amount is yuan with at most two decimals; from programs, whole fen"
            ),
        ));
    }
    whole(id, json)
}

/// What a bound counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    /// The number itself.
    Number,
    /// Fen.
    Fen,
    /// Characters of a text.
    Characters,
    /// Entries of a list.
    Entries,
}

impl Counts {
    /// What a bound of a field counts.
    pub(crate) fn of(kind: FieldType) -> Self {
        match kind {
            FieldType::Money => Self::Fen,
            FieldType::Text => Self::Characters,
            FieldType::Choices
            | FieldType::Units
            | FieldType::Files
            | FieldType::Roster
            | FieldType::Table => Self::Entries,
            _ => Self::Number,
        }
    }

    fn said(self, number: i64) -> Text {
        match self {
            Self::Number | Self::Fen => amount(number, self == Self::Fen),
            Self::Characters => both!("{number}个字", "{number} characters"),
            Self::Entries => both!("{number}项", "{number} entries"),
        }
    }

    /// A bound that is not reached.
    pub(crate) fn at_least(self, min: i64) -> Text {
        let Text { zh, en } = self.said(min);
        both!("至少{zh}", "at least {en}")
    }

    /// A bound that is passed.
    pub(crate) fn at_most(self, max: i64) -> Text {
        let Text { zh, en } = self.said(max);
        both!("最多{zh}", "at most {en}")
    }
}

/// A number as people read it; money is in fen.
pub(crate) fn amount(number: i64, money: bool) -> Text {
    let yuan = paidan_model::money::yuan(number);
    if money { both!("{yuan}元", "{yuan} yuan") } else { both!("{number}", "{number}") }
}

pub(crate) fn whole(id: &FieldId, json: &Json) -> Result<i64, Refusal> {
    const LARGEST: i64 = 1 << 53;
    let number = json.as_i64().ok_or_else(|| wrong(id, both!("请填整数", "a whole number is expected")))?;
    if (-LARGEST..LARGEST).contains(&number) {
        Ok(number)
    } else {
        Err(wrong(id, both!("数字太大", "the number is too large")))
    }
}
