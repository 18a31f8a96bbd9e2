//! `[starts.<id>]`: cases that begin by themselves.

use std::collections::BTreeMap;

use paidan_model::field::{Field, FieldType, SetBy};
use paidan_model::id::FieldId;
use paidan_model::moment::Zone;
use paidan_model::schedule::Schedule;
use paidan_model::start::{DaysOff, Filled, MADE_UP_MAX, Missed, Start};
use paidan_model::workflow::Workflow;

use crate::code::Code;
use crate::finding::Finding;
use crate::reader::{Reader, Table};
use crate::recurrence::{self, Unreadable};
use crate::tree::{Kind, Node};

/// The fields that a form can have.
type Fields = BTreeMap<FieldId, Field>;

/// The most starts of a definition.
pub(super) const STARTS_MAX: usize = 16;
/// What may be done with an occurrence on a day off.
pub(crate) const DAYS_OFF: [(&str, DaysOff); 4] = [
    ("skip", DaysOff::Skip),
    ("before", DaysOff::Before),
    ("after", DaysOff::After),
    ("keep", DaysOff::Keep),
];

/// Reads one start; `w` has the fields and states that its cases begin with.
pub(super) fn start(reader: &Reader, w: &Workflow, fields: &Fields, node: &Node) -> Option<Start> {
    let table = reader.table(node, "a start")?;
    let recurrence = recurs(reader, &table);
    let fill = table.get("fill").map(|node| fill(reader, fields, node)).unwrap_or_default();
    complete(reader, &table, w, fields, &fill);
    let days_off = table.get("days_off").and_then(|node| days_off(reader, node));
    let missed = table.get("missed").and_then(|node| missed(reader, node));
    let zone = table.get("zone").and_then(|node| zone(reader, node));
    let unit = reader.name_at(&table, "unit");
    reader.done(&table);
    let (written, schedule) = recurrence?;
    let (days_off, missed) = (days_off.unwrap_or_default(), missed.unwrap_or_default());
    Some(Start { written, schedule, zone, days_off, missed, unit, fill })
}

/// `cron` or `every`.
fn recurs(reader: &Reader, table: &Table<'_>) -> Option<(String, Schedule)> {
    let (cron, every) = (table.get("cron"), table.get("every"));
    if let (Some(_), Some(every)) = (cron, every) {
        let en = "a start has `cron` or `every`, not both";
        reader.find(Code::Recurrence, every.place, "cron与every只能写一个", en);
        return None;
    }
    let Some(node) = cron.or(every) else {
        reader.missing(table, "cron");
        return None;
    };
    let text = reader.text(node)?;
    let read = if cron.is_some() { recurrence::cron(&text) } else { recurrence::every(&text) };
    match read {
        Ok(schedule) => Some((text, schedule)),
        Err(Unreadable { zh, en, help, code: _ }) => {
            let finding = Finding::new(Code::Recurrence, node.place, zh, en);
            reader.note(if help.is_empty() { finding } else { finding.help(help) });
            None
        }
    }
}

fn zone(reader: &Reader, node: &Node) -> Option<Zone> {
    let name = reader.text(node)?;
    let found = Zone::parse(&name);
    if found.is_none() {
        let en = format!("`{name}` is no time zone; write an IANA name such as `Asia/Shanghai`");
        reader.find(Code::WrongValue, node.place, format!("没有时区`{name}`"), en);
    }
    found
}

fn days_off(reader: &Reader, node: &Node) -> Option<DaysOff> {
    let text = reader.text(node)?;
    let found = DAYS_OFF.iter().find(|(name, _)| *name == text).map(|(_, found)| *found);
    if found.is_none() {
        let en = format!("`{text}` is not `skip`, `before`, `after` or `keep`");
        let finding = Finding::new(Code::WrongValue, node.place, format!("休息日不能`{text}`"), en);
        reader.note(finding.nearest(&text, DAYS_OFF.iter().map(|(name, _)| *name)));
    }
    found
}

/// `"once"`, `"none"`, or `{ all = 12 }`.
fn missed(reader: &Reader, node: &Node) -> Option<Missed> {
    if let Kind::Table(_) = node.kind {
        let table = reader.table(node, "`missed`")?;
        if table.get("all").is_none() {
            reader.missing(&table, "all");
        }
        let limit = table.get("all").and_then(|node| reader.int(node, 1, i64::from(MADE_UP_MAX)));
        reader.done(&table);
        return limit.and_then(|limit| u32::try_from(limit).ok()).map(|limit| Missed::All { limit });
    }
    let text = reader.text(node)?;
    match text.as_str() {
        "once" => Some(Missed::Once),
        "none" => Some(Missed::None),
        _ => {
            let en = format!("`{text}` is not `once`, `none` or `{{ all = 12 }}`");
            reader.find(Code::WrongValue, node.place, format!("错过的不能`{text}`"), en);
            None
        }
    }
}

fn fill(reader: &Reader, fields: &Fields, node: &Node) -> BTreeMap<FieldId, Filled> {
    let mut found = BTreeMap::new();
    for (id, entry) in reader.by_name::<FieldId>(node) {
        if let Some(filled) = filled(reader, fields, &id, &entry.value) {
            found.insert(id, filled);
        }
    }
    found
}

/// A constant, or `{ after = "2 calendar months" }` for a day.
fn filled(reader: &Reader, fields: &Fields, id: &FieldId, node: &Node) -> Option<Filled> {
    let Some(field) = fields.get(id) else {
        let (zh, en) = (format!("没有字段`{id}`"), format!("there is no field `{id}`"));
        let finding = Finding::new(Code::UnknownName, node.place, zh, en);
        reader.note(finding.nearest(id.as_str(), fields.keys().map(FieldId::as_str)));
        return None;
    };
    let wrong = |en: String| {
        reader.find(Code::WrongValue, node.place, format!("字段`{id}`不能这样填"), en);
        None
    };
    if field.set_by == SetBy::Engine {
        return wrong(format!("`{id}` is written by the engine, no form fills it in"));
    }
    if let Kind::Table(_) = node.kind {
        if field.kind != FieldType::Date {
            let en = "only a field of type date is filled in by a time";
            return wrong(format!("{en}, `{id}` is none"));
        }
        let table = reader.table(node, "a day after")?;
        if table.get("after").is_none() {
            reader.missing(&table, "after");
        }
        let after = table.get("after").and_then(|node| reader.span(node));
        reader.done(&table);
        return after.map(Filled::After);
    }
    if !fits(field, node) {
        return wrong(format!("`{id}` is of another type than {}", node.type_name()));
    }
    Some(Filled::Value(reader.json(node)))
}

/// Whether a constant is of the type of its field; the rest of what a form asks is checked when a
/// case is opened.
fn fits(field: &Field, node: &Node) -> bool {
    match field.kind {
        FieldType::Text
        | FieldType::Phone
        | FieldType::Date
        | FieldType::Moment
        | FieldType::Person
        | FieldType::Unit
        | FieldType::Place
        | FieldType::Case
        | FieldType::Roster => matches!(node.kind, Kind::Text(_)),
        FieldType::Choice => {
            let mut choices = field.choices.iter();
            node.text().is_some_and(|text| choices.any(|choice| choice.as_str() == text))
        }
        FieldType::Int | FieldType::Money | FieldType::Area => matches!(node.kind, Kind::Int(_)),
        FieldType::Bool => matches!(node.kind, Kind::Bool(_)),
        FieldType::Choices | FieldType::Units | FieldType::Files | FieldType::Table => {
            matches!(node.kind, Kind::Array(_))
        }
    }
}

/// Nobody is there to be asked: what the form requires must be filled in.
fn complete(
    reader: &Reader,
    table: &Table<'_>,
    workflow: &Workflow,
    fields: &Fields,
    fill: &BTreeMap<FieldId, Filled>,
) {
    let begins = |field: &Field| {
        let mut states = workflow.start.iter();
        states.any(|state| field.required_from.contains(state))
    };
    for (id, field) in fields {
        let asked = field.set_by == SetBy::People && (field.required || begins(field));
        let named = table.node.get("fill").is_some_and(|node| node.get(id.as_str()).is_some());
        if asked && field.default.is_none() && !fill.contains_key(id) && !named {
            let en = format!("the form requires `{id}`; a start needs it in `fill`");
            reader.find(Code::MissingKey, table.place, format!("fill缺少必填字段`{id}`"), en);
        }
    }
}
