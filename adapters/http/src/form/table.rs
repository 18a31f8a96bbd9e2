//! Tables as a browser sends them: one line for each row, as it is copied out of a spreadsheet.

use maud::{Markup, html};
use paidan_model::field::Field;
use paidan_model::table::{CellType, Column};
use serde_json::{Map, Value as Json, json};

use super::money;
use crate::visitor::Visitor;

/// Reads lines of cells in the order of the columns, between tabs, or between commas where none stands in a cell. What
/// does not fit stays the text it is, and the field refuses it with its row and column.
pub fn rows(columns: &[Column], text: &str) -> Json {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| row(columns, line)).collect()
}

fn row(columns: &[Column], line: &str) -> Json {
    let cells: Vec<&str> =
        if line.contains('\t') { line.split('\t').collect() } else { line.split([',', '，']).collect() };
    let cells = if columns.len() == 1 { vec![line] } else { cells };
    if cells.len() != columns.len() {
        return json!(line);
    }
    let cells =
        columns.iter().zip(cells).map(|(column, text)| (column.id.to_string(), cell(column, text.trim())));
    Json::Object(cells.collect::<Map<String, Json>>())
}

fn cell(column: &Column, text: &str) -> Json {
    let number = match column.kind {
        CellType::Text => None,
        CellType::Int => text.parse::<i64>().ok(),
        CellType::Money => money::fen(text),
    };
    number.map_or_else(|| json!(text), |number| json!(number))
}

/// The rows as lines again, to be corrected.
pub fn lines(columns: &[Column], value: &Json) -> String {
    let rows = value.as_array().into_iter().flatten();
    let line = |row: &Json| columns.iter().map(|column| plain(column, row)).collect::<Vec<_>>().join("\t");
    rows.map(line).collect::<Vec<_>>().join("\n")
}

fn plain(column: &Column, row: &Json) -> String {
    let cell = row.get(column.id.as_str());
    match column.kind {
        CellType::Text => cell.and_then(Json::as_str).unwrap_or_default().to_string(),
        CellType::Int => cell.and_then(Json::as_i64).unwrap_or_default().to_string(),
        CellType::Money => paidan_model::money::yuan(cell.and_then(Json::as_i64).unwrap_or_default()),
    }
}

/// What the columns are called, in order, as a hint for whoever writes.
pub fn titles(visitor: &Visitor, field: &Field) -> String {
    let title = |column: &Column| {
        let label = column.label.or_id(visitor.tongue, column.id.as_str());
        let unit = if column.kind == CellType::Money { visitor.say("（元）", " (yuan)") } else { "" };
        format!("{label}{unit}")
    };
    field.columns.iter().map(title).collect::<Vec<_>>().join(", ")
}

/// A table as people read it.
pub fn shown(visitor: &Visitor, field: &Field, value: &Json) -> Markup {
    let cell = |column: &Column, row: &Json| match row.get(column.id.as_str()) {
        Some(Json::Number(fen)) if column.kind == CellType::Money => {
            money::yuan(fen.as_i64().unwrap_or_default())
        }
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    html! {
        table {
            thead { tr { @for column in &field.columns {
                th { (column.label.or_id(visitor.tongue, column.id.as_str())) }
            } } }
            tbody { @for row in value.as_array().into_iter().flatten() {
                tr { @for column in &field.columns { td { (cell(column, row)) } } }
            } }
        }
    }
}

#[cfg(test)]
mod tests {
    use paidan_model::id::FieldId;
    use paidan_model::table::{CellType, Column};
    use paidan_model::text::Text;
    use serde_json::json;

    use super::{lines, rows};

    fn column(id: &str, kind: CellType) -> Option<Column> {
        Some(Column {
            id: FieldId::parse(id)?,
            kind,
            label: Text::default(),
            min: None,
            max: None,
            among: None,
        })
    }

    #[test]
    fn tables_round_trip_through_their_form() {
        let columns: Vec<Column> = [
            column("part", CellType::Text),
            column("amount", CellType::Money),
            column("ground", CellType::Text),
        ]
        .into_iter()
        .flatten()
        .collect();
        let text = "101, 1200.50, less light\n102\t300\tthe view, and noise";
        let read = rows(&columns, text);
        assert_eq!(
            read,
            json!([
                { "part": "101", "amount": 120_050, "ground": "less light" },
                { "part": "102", "amount": 30_000, "ground": "the view, and noise" },
            ])
        );
        assert_eq!(rows(&columns, &lines(&columns, &read)), read);
        // What does not fit stays as it is, in its row: nothing of it is guessed.
        for line in ["101", "101, 1,200.50, less light", "101, 5, light, and noise"] {
            assert_eq!(rows(&columns, line), json!([line]));
        }
        let much = rows(&columns, "101, much, light");
        assert_eq!(much, json!([{ "part": "101", "amount": "much", "ground": "light" }]));
    }
}
