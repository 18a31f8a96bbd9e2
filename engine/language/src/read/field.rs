//! Fields: first without guards, for guards need their names; then with them.

use std::collections::{BTreeMap, BTreeSet};

use paidan_model::field::{CHOICES_MAX, Field, FieldType, SetBy};
use paidan_model::id::{ChoiceId, FieldId, PostId, StateId, WorkflowId};
use paidan_model::table::{COLUMNS_MAX, CellType, Column};
use paidan_model::text::Text;
use paidan_model::value::Value;

use super::desk::is_choice;
use super::{Desk, FIELDS_MAX, each, limit};
use crate::code::Code;
use crate::finding::Finding;
use crate::reader::{Reader, Table};
use crate::tree::{Kind, Node};

/// The types by name.
pub(crate) const TYPES: [(&str, FieldType); 18] = [
    ("text", FieldType::Text),
    ("phone", FieldType::Phone),
    ("int", FieldType::Int),
    ("bool", FieldType::Bool),
    ("choice", FieldType::Choice),
    ("choices", FieldType::Choices),
    ("date", FieldType::Date),
    ("moment", FieldType::Moment),
    ("person", FieldType::Person),
    ("unit", FieldType::Unit),
    ("units", FieldType::Units),
    ("place", FieldType::Place),
    ("files", FieldType::Files),
    ("money", FieldType::Money),
    ("area", FieldType::Area),
    ("case", FieldType::Case),
    ("roster", FieldType::Roster),
    ("table", FieldType::Table),
];

/// Reads every field, without its guards.
pub(super) fn fields(
    reader: &Reader,
    root: &Table<'_>,
    states: &BTreeSet<StateId>,
) -> BTreeMap<FieldId, Field> {
    let found = each(reader, root, "fields", |id: &FieldId, node| field(reader, id, node, states));
    limit(reader, root.key_place("fields"), "fields", found.len(), FIELDS_MAX);
    found
}

/// The fields with their guards.
pub(super) fn with_guards(desk: &Desk<'_>, root: &Table<'_>) -> BTreeMap<FieldId, Field> {
    let mut found = desk.fields.clone();
    let Some(node) = root.get("fields") else {
        return found;
    };
    for (name, entry) in node.entries() {
        let Some(guard) = entry.value.get("required_when") else {
            continue;
        };
        let guard = desk.condition(guard);
        if let Some(field) = FieldId::parse(name).and_then(|id| found.get_mut(&id)) {
            field.required_when = guard;
        }
    }
    found
}

/// The fields in the order in which they were written, those of blocks after the definition's own.
pub(super) fn order(root: &Table<'_>, own: usize) -> Vec<FieldId> {
    let Some(node) = root.get("fields") else { return Vec::new() };
    let mut found: Vec<_> = node.entries().collect();
    found.sort_by_key(|(_, entry)| (entry.key.source != own, entry.key.source, entry.key.start));
    found.into_iter().filter_map(|(name, _)| FieldId::parse(name)).collect()
}

fn field(reader: &Reader, id: &FieldId, node: &Node, states: &BTreeSet<StateId>) -> Option<Field> {
    let table = reader.table(node, "a field")?;
    if id.as_str().contains('-') {
        let en = format!("guards would read `{id}` as a subtraction; write `_` instead of `-`");
        reader.find(Code::NotAnId, node.place, format!("字段`{id}`请用下划线"), en);
    }
    let kind = kind(reader, &table)?;
    let choices: Vec<ChoiceId> = reader.names_at(&table, "choices");
    limit(reader, table.place, "choices", choices.len(), CHOICES_MAX);
    let titles = titles(reader, &table, &choices);
    let needs_choices = matches!(kind, FieldType::Choice | FieldType::Choices);
    if needs_choices && choices.is_empty() {
        reader.missing(&table, "choices");
    }
    let required_from = reader.names_at::<StateId>(&table, "required_from");
    for state in required_from.iter().filter(|state| !states.contains(*state)) {
        let en = format!("there is no state `{state}`");
        let finding = Finding::new(
            Code::UnknownName,
            table.key_place("required_from"),
            format!("没有状态`{state}`"),
            en,
        );
        reader.note(finding.nearest(state.as_str(), states.iter().map(StateId::as_str)));
    }
    let (max, ahead) = most(reader, &table, kind);
    let default = table.get("default").and_then(|node| default(reader, kind, &choices, node));
    if let (Some(Value::Table(rows)), Some(1..)) =
        (&default, table.get("min").and_then(|n| reader.int(n, 0, i64::MAX)))
    {
        let en = format!("{} rows by default are fewer than the least", rows.len());
        reader.find(Code::WrongValue, table.key_place("default"), "默认值少于下限", en);
    }
    if let Some(node) = table.get("among").filter(|_| !matches!(kind, FieldType::Unit | FieldType::Units)) {
        let en = "`among` is for units that must be part of others";
        reader.find(Code::WrongValue, node.place, "among只用于单位字段", en);
    }
    table.get("required_when");
    reader.not_yet(&table, &["sealed_with", "seal_for"]);
    let means = super::meaning::means(reader, &table, kind);
    let field = Field {
        kind,
        means,
        weights: super::meaning::weights(reader, &table, means, &choices),
        label: reader.words(&table),
        choices,
        titles,
        columns: columns(reader, &table, kind),
        among: reader.name_at(&table, "among"),
        post: post(reader, &table, kind),
        of: of(reader, &table, kind),
        named_in: reader.names_at(&table, "in"),
        may_be_closed: may_be_closed(reader, &table, kind),
        brings: brings(reader, &table, kind),
        min: table.get("min").and_then(|node| reader.int(node, i64::MIN + 1, i64::MAX)),
        max,
        ahead,
        required: reader.flag(&table, "required"),
        required_from: required_from.into_iter().collect(),
        required_when: None,
        default,
        private: reader.flag(&table, "private"),
        public: reader.flag(&table, "public"),
        set_by: set_by(reader, &table),
    };
    reader.done(&table);
    Some(field)
}

/// What people call the choices: `titles = { urgent = { zh = "…", en = "…" } }`.
fn titles(reader: &Reader, table: &Table<'_>, choices: &[ChoiceId]) -> BTreeMap<ChoiceId, Text> {
    let Some(node) = table.get("titles") else { return BTreeMap::new() };
    let mut found = BTreeMap::new();
    for (id, entry) in reader.by_name::<ChoiceId>(node) {
        if !is_choice(reader, entry.key, &id, choices) {
            continue;
        }
        if let Some(words) = reader.table(&entry.value, "a title") {
            found.insert(id, reader.words(&words));
            reader.done(&words);
        }
    }
    found
}

/// The columns of a table, in order: `columns = [{ id = "floor", type = "int", zh = "…", en = "…" }]`.
fn columns(reader: &Reader, table: &Table<'_>, kind: FieldType) -> Vec<Column> {
    let Some(node) = table.get("columns") else {
        if kind == FieldType::Table {
            reader.missing(table, "columns");
        }
        return Vec::new();
    };
    if kind != FieldType::Table {
        let en = "`columns` are those of a field of type `table`; this field is of another type";
        reader.find(Code::WrongValue, node.place, "只有table类型的字段才有columns", en);
    }
    let mut found: Vec<Column> = Vec::new();
    for item in reader.list(node, COLUMNS_MAX, "columns") {
        let Some(column) = column(reader, item) else { continue };
        if found.iter().any(|other| other.id == column.id) {
            let en = format!("the column `{}` stands in it twice", column.id);
            reader.find(Code::WrongValue, item.place, format!("列`{}`重复", column.id), en);
            continue;
        }
        found.push(column);
    }
    found
}

fn column(reader: &Reader, node: &Node) -> Option<Column> {
    let table = reader.table(node, "a column")?;
    for key in ["id", "type"] {
        if table.get(key).is_none() {
            reader.missing(&table, key);
        }
    }
    let kind = table.get("type").and_then(|node| {
        let found = match node.text() {
            Some("text") => Some(CellType::Text),
            Some("int") => Some(CellType::Int),
            Some("money") => Some(CellType::Money),
            _ => None,
        };
        if found.is_none() {
            let en = "a column is of type `text`, `int` or `money`";
            reader.find(Code::WrongValue, node.place, "列的类型是text、int或money", en);
        }
        found
    });
    let bounds = [table.get("min"), table.get("max")].into_iter().flatten().next();
    if let (Some(node), Some(CellType::Text)) = (bounds, kind) {
        let en = "a column of text has no bounds";
        reader.find(Code::WrongValue, node.place, "text列没有上下限", en);
    }
    let column = Column {
        id: reader.name_at(&table, "id")?,
        kind: kind?,
        label: reader.words(&table),
        min: table.get("min").and_then(|node| reader.int(node, i64::MIN + 1, i64::MAX)),
        max: table.get("max").and_then(|node| reader.int(node, i64::MIN + 1, i64::MAX)),
        among: reader.name_at(&table, "among"),
    };
    if let Some(node) = table.get("among").filter(|_| kind != Some(CellType::Text)) {
        let en = "`among` says of which roster a column of text names the parts";
        reader.find(Code::WrongValue, node.place, "只有text列才有among", en);
    }
    if column.min.zip(column.max).is_some_and(|(min, max)| min > max) {
        let en = format!(
            "nothing is at least {:?} and at most {:?}",
            column.min.unwrap_or(0),
            column.max.unwrap_or(0)
        );
        reader.find(Code::WrongValue, table.place, "下限大于上限", en);
    }
    reader.done(&table);
    Some(column)
}

/// The jobs one of which a person must hold; other fields have none.
fn post(reader: &Reader, table: &Table<'_>, kind: FieldType) -> BTreeSet<PostId> {
    let Some(node) = table.get("post") else { return BTreeSet::new() };
    if kind != FieldType::Person {
        let en = "`post` says which job a person must hold; this field is of another type";
        reader.find(Code::WrongValue, node.place, "只有person类型的字段才有post", en);
    }
    reader.names(node).into_iter().collect()
}

/// The workflow of which a named case must be.
fn of(reader: &Reader, table: &Table<'_>, kind: FieldType) -> Option<WorkflowId> {
    let node = table.get("of")?;
    if kind != FieldType::Case {
        let en = "`of` says of which workflow a case must be; this field is of another type";
        reader.find(Code::WrongValue, node.place, "只有case类型的字段才有of", en);
    }
    reader.name(node)
}

/// Whether a case that has ended may be named.
fn may_be_closed(reader: &Reader, table: &Table<'_>, kind: FieldType) -> bool {
    let said = reader.flag(table, "may_be_closed");
    if said && kind != FieldType::Case {
        let en = "`may_be_closed` is for fields of type `case`";
        reader.find(Code::WrongValue, table.key_place("may_be_closed"), "may_be_closed只用于case类型", en);
    }
    said
}

/// What a named case fills: `brings = { season_ends = "ends" }`.
fn brings(reader: &Reader, table: &Table<'_>, kind: FieldType) -> BTreeMap<FieldId, FieldId> {
    let Some(node) = table.get("brings") else { return BTreeMap::new() };
    if kind != FieldType::Case || table.get("of").is_none() {
        let en = "`brings` needs a field of type `case` that says `of` which workflow";
        reader.find(Code::WrongValue, node.place, "brings要与case类型的of一起用", en);
    }
    let entries = reader.by_name::<FieldId>(node).into_iter();
    entries.filter_map(|(id, entry)| Some((id, reader.name(&entry.value)?))).collect()
}

fn kind(reader: &Reader, table: &Table<'_>) -> Option<FieldType> {
    let Some(node) = table.get("type") else {
        reader.missing(table, "type");
        return None;
    };
    let text = reader.text(node)?;
    let found = TYPES.iter().find(|(name, _)| *name == text).map(|(_, kind)| *kind);
    if found.is_none() {
        let finding = Finding::new(
            Code::WrongValue,
            node.place,
            format!("没有`{text}`类型"),
            format!("there is no type `{text}`"),
        );
        reader.note(finding.nearest(&text, TYPES.iter().map(|(name, _)| *name)));
    }
    found
}

fn most(
    reader: &Reader,
    table: &Table<'_>,
    kind: FieldType,
) -> (Option<i64>, Option<paidan_model::span::Span>) {
    match table.get("max") {
        None => (None, None),
        Some(node) if matches!(kind, FieldType::Date | FieldType::Moment) => (None, reader.span(node)),
        Some(node) => (reader.int(node, 0, i64::MAX), None),
    }
}

fn set_by(reader: &Reader, table: &Table<'_>) -> SetBy {
    match table.get("set_by").and_then(|node| reader.text(node).map(|text| (text, node.place))) {
        Some((text, _)) if text == "engine" => SetBy::Engine,
        Some((text, place)) if text != "people" => {
            reader.find(
                Code::WrongValue,
                place,
                format!("`{text}`不行"),
                format!("`{text}` is neither `people` nor `engine`"),
            );
            SetBy::People
        }
        _ => SetBy::People,
    }
}

fn default(reader: &Reader, kind: FieldType, choices: &[ChoiceId], node: &Node) -> Option<Value> {
    let found = match (kind, &node.kind) {
        (FieldType::Int, Kind::Int(n)) => Some(Value::Int(*n)),
        (FieldType::Money, Kind::Int(n)) => Some(Value::Money(*n)),
        (FieldType::Area, Kind::Int(n)) => Some(Value::Area(*n)),
        (FieldType::Bool, Kind::Bool(b)) => Some(Value::Bool(*b)),
        (FieldType::Choice, Kind::Text(text)) => {
            choices.iter().find(|c| c.as_str() == text).cloned().map(Value::Choice)
        }
        (FieldType::Table, Kind::Array(rows)) if rows.is_empty() => Some(Value::Table(Vec::new())),
        _ => None,
    };
    if found.is_none() {
        reader.find(
            Code::WrongValue,
            node.place,
            "默认值与类型不符",
            "this default does not fit the field's type",
        );
    }
    found
}
