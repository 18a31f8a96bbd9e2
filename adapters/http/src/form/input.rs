//! Inputs: what a form shows for each type of field.

use maud::{Markup, html};
use paidan_model::field::{Field, FieldType};
use paidan_model::id::FieldId;
use paidan_model::roster::{Person, Roster};
use serde_json::Value as Json;

use super::{fingerprint, roster, table};
use crate::page::season::Links;
use crate::visitor::Visitor;

/// The input of one field, with its label. Tables, rosters and sums of money show what is `given` already, so that a
/// correction is not typed anew.
pub fn input(
    visitor: &Visitor,
    roster: &Roster,
    id: &FieldId,
    field: &Field,
    required: bool,
    given: Option<&Json>,
    links: &Links,
) -> Markup {
    let label = field.label.in_tongue(visitor.tongue);
    let label = if label.is_empty() { id.as_str() } else { label };
    html! {
        label {
            span { (label) @if required { " *" } }
            @match (field.kind, given) {
                (FieldType::Table | FieldType::Roster | FieldType::Money, given) => (written(visitor, id.as_str(), field, required, given)),
                (FieldType::Case, _) if field.of.as_ref().is_some_and(|of| links.get(of).is_some_and(|all| !all.is_empty())) => (named(id.as_str(), field, required, links)),
                _ => (control(visitor, roster, id, field, required)),
            }
        }
    }
}

fn control(visitor: &Visitor, roster: &Roster, id: &FieldId, field: &Field, required: bool) -> Markup {
    let name = id.as_str();
    html! {
        @match field.kind {
            FieldType::Text => {
                @let most = field.limit().unwrap_or_default();
                @if most > 100 { textarea name=(name) rows="2" maxlength=(most) required[required] {} }
                @else { input name=(name) maxlength=(most) required[required]; }
            }
            FieldType::Int | FieldType::Area => {
                input name=(name) type="number" min=[field.min] max=[field.max] required[required];
            }
            FieldType::Bool => select name=(name) required[required] {
                option value="" { "—" }
                option value="true" { (visitor.say("是", "Yes")) }
                option value="false" { (visitor.say("否", "No")) }
            },
            FieldType::Choice => select name=(name) required[required] {
                @if !required { option value="" { "—" } }
                @for choice in &field.choices { option value=(choice) { (field.choice_title(choice.as_str(), visitor.tongue)) } }
            },
            FieldType::Choices => select name=(name) multiple required[required] {
                @for choice in &field.choices { option value=(choice) { (field.choice_title(choice.as_str(), visitor.tongue)) } }
            },
            FieldType::Unit | FieldType::Units => (units(visitor, roster, name, field.kind == FieldType::Units, required)),
            FieldType::Place => select name=(name) required[required] {
                @for (place, declared) in &roster.places { option value=(place) { (declared.title.in_tongue(visitor.tongue)) } }
            },
            FieldType::Date => input name=(name) type="date" required[required];
            FieldType::Moment => input name=(name) type="datetime-local" required[required];
            FieldType::Person => @if field.post.is_empty() { input name=(name) value=(visitor.subject) required[required]; }
                @else { (holders(visitor, roster, name, field, required)) },
            FieldType::Files => input name=(name) type="file" multiple accept="image/*,application/pdf" required[required];
            FieldType::Case => input name=(name) required[required];
            // Written as lines or as yuan.
            FieldType::Table | FieldType::Roster | FieldType::Money => {}
        }
    }
}

/// What people write as text of their own: yuan, the lines of a roster or of a table.
fn written(visitor: &Visitor, name: &str, field: &Field, required: bool, given: Option<&Json>) -> Markup {
    let given = given.unwrap_or(&Json::Null);
    let lines = match field.kind {
        FieldType::Roster => roster::lines(given),
        FieldType::Table => table::lines(&field.columns, given),
        _ => String::new(),
    };
    html! {
        @if !lines.is_empty() { input type="hidden" name="_shown" value={ (name) ":" (fingerprint(&lines)) }; }
        @match field.kind {
            FieldType::Roster => {
                textarea name=(name) rows="6" required[required] placeholder="101, 1, 85.37, p-101" { (lines) }
                small { (visitor.say("每行一户：房号, 楼层, 面积（平方米）, 产权人[, 共有人…][, 未售]", "One part a line: part, floor, area in m², owner[, co-owners…][, unsold]")) }
            }
            FieldType::Table => {
                textarea name=(name) rows="5" required[required] { (lines) }
                small { (visitor.say("每行一条：", "One row a line: ")) (table::titles(visitor, field)) }
            }
            _ => {
                input name=(name) inputmode="decimal" pattern="¥?-?[0-9]{1,3}(,?[0-9]{3})*([.][0-9]{1,2})?|[0-9]+([.][0-9]{1,2})?" placeholder="0.00"
                    title=(visitor.say("元，最多两位小数", "yuan, at most two decimals"))
                    value=[given.as_i64().map(paidan_model::money::yuan)] required[required];
                small { (visitor.say("元", "yuan")) }
            }
        }
    }
}

/// The cases that a field may name, by what they are called.
fn named(name: &str, field: &Field, required: bool, links: &Links) -> Markup {
    let offered = field.of.as_ref().and_then(|of| links.get(of)).map(Vec::as_slice).unwrap_or_default();
    html! {
        select name=(name) required[required] {
            option value="" { "—" }
            @for (number, called) in offered { option value=(number) { (called) " · " (number) } }
        }
    }
}

/// Whoever holds a post that the field asks for, to choose from.
fn holders(visitor: &Visitor, roster: &Roster, name: &str, field: &Field, required: bool) -> Markup {
    let holds = |person: &Person| person.posts.iter().any(|held| field.post.contains(&held.post));
    html! {
        select name=(name) required[required] {
            option value="" { "—" }
            @for (id, person) in roster.people.iter().filter(|(_, person)| holds(person)) {
                option value=(id) { (person.title.in_tongue(visitor.tongue)) }
            }
        }
    }
}

fn units(visitor: &Visitor, roster: &Roster, name: &str, several: bool, required: bool) -> Markup {
    let departments = roster.units.iter().filter(|(_, unit)| unit.kind.as_str() == "department");
    html! {
        select name=(name) multiple[several] size=[several.then_some("6")] required[required] {
            @if !several { option value="" { "—" } }
            @for (unit, declared) in departments { option value=(unit) { (declared.title.in_tongue(visitor.tongue)) } }
        }
    }
}
