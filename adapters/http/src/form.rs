//! Forms: inputs made from fields, and what browsers send back as JSON values.

use std::collections::BTreeMap;

use maud::{Markup, html};
use paidan_model::field::{Field, FieldType};
use paidan_model::id::FieldId;
use paidan_model::roster::Roster;
use serde_json::{Value as Json, json};

use crate::visitor::Visitor;

/// What a browser sent: names and values in order; a name may come several times.
pub type Sent = Vec<(String, String)>;

/// The input of one field, with its label.
pub fn input(visitor: &Visitor, roster: &Roster, id: &FieldId, field: &Field, required: bool) -> Markup {
    let label = field.label.in_tongue(visitor.tongue);
    let label = if label.is_empty() { id.as_str() } else { label };
    html! {
        label {
            span { (label) @if required { " *" } }
            (control(visitor, roster, id, field, required))
        }
    }
}

fn control(visitor: &Visitor, roster: &Roster, id: &FieldId, field: &Field, required: bool) -> Markup {
    let name = id.as_str();
    let departments = roster.units.iter().filter(|(_, unit)| unit.kind.as_str() == "department");
    html! {
        @match field.kind {
            FieldType::Text => {
                @let most = field.limit().unwrap_or_default();
                @if most > 100 { textarea name=(name) rows="2" maxlength=(most) required[required] {} }
                @else { input name=(name) maxlength=(most) required[required]; }
            }
            FieldType::Int | FieldType::Money | FieldType::Area => {
                input name=(name) type="number" min=[field.min] max=[field.max] required[required];
            }
            FieldType::Bool => select name=(name) required[required] {
                option value="" { "—" }
                option value="true" { (visitor.say("是", "Yes")) }
                option value="false" { (visitor.say("否", "No")) }
            },
            FieldType::Choice => select name=(name) required[required] {
                @if !required { option value="" { "—" } }
                @for choice in &field.choices { option value=(choice) { (choice) } }
            },
            FieldType::Choices => select name=(name) multiple required[required] {
                @for choice in &field.choices { option value=(choice) { (choice) } }
            },
            FieldType::Unit => select name=(name) required[required] {
                option value="" { "—" }
                @for (unit, declared) in departments { option value=(unit) { (declared.title.in_tongue(visitor.tongue)) } }
            },
            FieldType::Units => select name=(name) multiple size="6" required[required] {
                @for (unit, declared) in departments { option value=(unit) { (declared.title.in_tongue(visitor.tongue)) } }
            },
            FieldType::Place => select name=(name) required[required] {
                @for (place, declared) in &roster.places { option value=(place) { (declared.title.in_tongue(visitor.tongue)) } }
            },
            FieldType::Date => input name=(name) type="date" required[required];
            FieldType::Person => input name=(name) value=(visitor.subject) required[required];
            FieldType::Moment | FieldType::Case | FieldType::Files => input name=(name) required[required];
        }
    }
}

/// What was sent, as the values of fields; empty inputs are left out.
pub fn values(fields: &BTreeMap<FieldId, Field>, sent: &Sent) -> BTreeMap<String, Json> {
    let mut found: BTreeMap<String, Json> = BTreeMap::new();
    for (name, text) in sent.iter().filter(|(name, text)| !text.is_empty() && !name.starts_with('_')) {
        let kind = FieldId::parse(name).and_then(|id| fields.get(&id)).map(|field| field.kind);
        let value = match kind {
            Some(FieldType::Int | FieldType::Money | FieldType::Area) => {
                text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number))
            }
            Some(FieldType::Bool) => text.parse::<bool>().map_or_else(|_| json!(text), |truth| json!(truth)),
            Some(FieldType::Units | FieldType::Choices) => {
                let mut all = found.remove(name).unwrap_or_else(|| json!([]));
                if let Some(list) = all.as_array_mut() {
                    list.push(json!(text));
                }
                all
            }
            Some(FieldType::Files) => text.split([',', '，']).map(|part| json!(part.trim())).collect(),
            Some(_) | None => json!(text),
        };
        found.insert(name.clone(), value);
    }
    found
}

/// One value of what was sent.
pub fn one<'s>(sent: &'s Sent, name: &str) -> Option<&'s str> {
    sent.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
}
