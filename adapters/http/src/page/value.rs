//! Values of fields as people read them.

use maud::{Markup, html};
use paidan_model::field::{Field, FieldType, SetBy};
use paidan_model::id::UnitId;
use paidan_model::roster::Roster;
use paidan_model::value::Held;
use paidan_model::workflow::Workflow;
use paidan_runtime::Seen;
use serde_json::Value as Json;

use crate::form;
use crate::visitor::Visitor;

/// The values one may see, each by its label.
pub fn fields(visitor: &Visitor, workflow: &Workflow, roster: &Roster, seen: &Seen) -> Markup {
    html! {
        section {
            h2 { (visitor.say("内容", "What is known")) }
            dl {
                @for (id, field) in workflow.fields_in_order() {
                    @if let Some(value) = seen.values.get(id).filter(|_| !is_idle(field, seen.case.form.fields.get(id))) {
                        dt { (field.label.or_id(visitor.tongue, id.as_str())) }
                        dd { (shown(visitor, roster, field, &seen.case.filing.stream, value)) }
                    }
                }
            }
        }
    }
}

/// Whether the engine keeps a field for itself and nothing has come of it yet: there is nothing to read.
fn is_idle(field: &Field, held: Option<&Held>) -> bool {
    let value = held.and_then(Held::open);
    field.set_by == SetBy::Engine && value.is_some() && value == field.default.as_ref()
}

/// What people call somebody whom a field names; a resident whom the roster does not have is just that.
fn person(visitor: &Visitor, roster: &Roster, field: &Field, id: &str) -> String {
    match paidan_views::people::person(roster, id) {
        Some(title) => title.in_tongue(visitor.tongue).to_string(),
        None if field.private => visitor.say("一位居民", "a resident").to_string(),
        None => id.to_string(),
    }
}

/// A value as people read it.
pub fn shown(visitor: &Visitor, roster: &Roster, field: &Field, stream: &str, value: &Json) -> Markup {
    let text = |value: &Json| match value {
        Json::String(text) => text.clone(),
        Json::Bool(true) => visitor.say("是", "yes").to_string(),
        Json::Bool(false) => visitor.say("否", "no").to_string(),
        Json::Object(_) => visitor.say("（已删除）", "(erased)").to_string(),
        other => other.to_string(),
    };
    let named = |id: &str| {
        let unit = UnitId::parse(id).and_then(|id| roster.units.get(&id)).map(|unit| &unit.title);
        let place = paidan_model::id::PlaceId::parse(id).and_then(|id| roster.places.get(&id));
        let title = unit.or(place.map(|place| &place.title));
        title.map_or_else(|| id.to_string(), |title| title.in_tongue(visitor.tongue).to_string())
    };
    html! {
        @match (field.kind, value) {
            (FieldType::Files, Json::Array(all)) => @for (n, digest) in (1..).zip(all.iter().filter_map(Json::as_str)) {
                @if digest.len() == 64 {
                    a href={ "/" (stream) "/file/" (digest) } { (visitor.say("附件", "file ")) (n) } " "
                } @else { (digest) " " }
            },
            (FieldType::Choice, Json::String(choice)) => (field.choice_title(choice, visitor.tongue)),
            (FieldType::Choices, Json::Array(all)) => {
                (all.iter().filter_map(Json::as_str).map(|one| field.choice_title(one, visitor.tongue)).collect::<Vec<_>>().join("、"))
            },
            (FieldType::Phone, Json::String(kept)) => (paidan_model::phone::spoken(kept)),
            (FieldType::Unit | FieldType::Place, Json::String(id)) => (named(id)),
            (FieldType::Person, Json::String(id)) => (person(visitor, roster, field, id)),
            (FieldType::Units, Json::Array(all)) => {
                (all.iter().filter_map(Json::as_str).map(named).collect::<Vec<_>>().join("、"))
            }
            (FieldType::Roster, value) => (form::roster::shown(visitor, roster, value)),
            (FieldType::Money, Json::Number(fen)) => (form::money::yuan(fen.as_i64().unwrap_or_default())),
            (FieldType::Table, value) => (form::table::shown(visitor, field, value)),
            (_, Json::Array(all)) => (all.iter().map(text).collect::<Vec<_>>().join("、")),
            (_, value) => (text(value)),
        }
    }
}
