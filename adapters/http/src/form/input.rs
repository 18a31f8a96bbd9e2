//! Inputs: what a form shows for each type of field.

use maud::{Markup, html};
use paidan_model::field::{Field, FieldType};
use paidan_model::id::FieldId;
use paidan_model::roster::{Person, Roster};
use serde_json::Value as Json;

use super::{Draft, fingerprint, roster, table};
use crate::page::season::Links;
use crate::visitor::Visitor;

/// A form that is being written.
pub struct Sheet<'s> {
    /// Who reads it.
    pub visitor: &'s Visitor,
    /// The town.
    pub roster: &'s Roster,
    /// The cases that fields may name.
    pub links: &'s Links,
    /// What stands in it already, when it was not taken and comes back.
    pub draft: Draft<'s>,
}

impl Sheet<'_> {
    /// The input of one field, with its label. Tables, rosters and sums of money show what is `given` already, so that
    /// a correction is not typed anew.
    pub fn input(&self, id: &FieldId, field: &Field, required: bool, given: Option<&Json>) -> Markup {
        let wrong = self.draft.is_wrong(id.as_str());
        html! {
            label class=[wrong.then_some("wrong")] {
                span { (field.label.or_id(self.visitor.tongue, id.as_str())) @if required { " *" } }
                @match field.kind {
                    FieldType::Table | FieldType::Roster | FieldType::Money => (self.written(id.as_str(), field, required, given)),
                    FieldType::Case if self.offers_cases(field) => (self.named(id.as_str(), field, required)),
                    _ => (self.control(id.as_str(), field, required)),
                }
            }
        }
    }

    fn offers_cases(&self, field: &Field) -> bool {
        field.of.as_ref().and_then(|of| self.links.get(of)).is_some_and(|all| !all.is_empty())
    }

    fn control(&self, name: &str, field: &Field, required: bool) -> Markup {
        let (visitor, draft) = (self.visitor, &self.draft);
        let wrong = draft.is_wrong(name);
        let said = draft.said(name);
        html! {
            @match field.kind {
                FieldType::Text => {
                    @let most = field.limit().unwrap_or_default();
                    @if most > 100 { textarea name=(name) rows="2" maxlength=(most) required[required] autofocus[wrong] { (said.unwrap_or_default()) } }
                    @else { input name=(name) maxlength=(most) value=[said] required[required] autofocus[wrong]; }
                }
                FieldType::Int | FieldType::Area => {
                    input name=(name) type="number" min=[field.min] max=[field.max] value=[said] required[required] autofocus[wrong];
                }
                FieldType::Bool => select name=(name) required[required] autofocus[wrong] {
                    option value="" { "—" }
                    option value="true" selected[draft.has(name, "true")] { (visitor.say("是", "Yes")) }
                    option value="false" selected[draft.has(name, "false")] { (visitor.say("否", "No")) }
                },
                FieldType::Choice | FieldType::Choices => {
                    @let several = field.kind == FieldType::Choices;
                    select name=(name) multiple[several] required[required] autofocus[wrong] {
                        @if !required && !several { option value="" { "—" } }
                        @for choice in &field.choices {
                            option value=(choice) selected[draft.has(name, choice.as_str())] { (field.choice_title(choice.as_str(), visitor.tongue)) }
                        }
                    }
                },
                FieldType::Unit | FieldType::Units => (self.units(name, field.kind == FieldType::Units, required)),
                FieldType::Place => select name=(name) required[required] autofocus[wrong] {
                    @for (place, declared) in &self.roster.places {
                        option value=(place) selected[draft.has(name, place.as_str())] { (declared.title.in_tongue(visitor.tongue)) }
                    }
                },
                FieldType::Date => input name=(name) type="date" value=[said] required[required] autofocus[wrong];
                FieldType::Moment => input name=(name) type="datetime-local" value=[said] required[required] autofocus[wrong];
                FieldType::Person => @if field.post.is_empty() {
                    input name=(name) value=(said.unwrap_or(&visitor.subject)) required[required] autofocus[wrong];
                } @else { (self.holders(name, field, required)) },
                FieldType::Files => (files(visitor, draft, name, required)),
                FieldType::Case => input name=(name) value=[said] required[required] autofocus[wrong];
                // Written as lines or as yuan.
                FieldType::Table | FieldType::Roster | FieldType::Money => {}
            }
        }
    }

    /// What people write as text of their own: yuan, the lines of a roster or of a table.
    fn written(&self, name: &str, field: &Field, required: bool, given: Option<&Json>) -> Markup {
        let visitor = self.visitor;
        let wrong = self.draft.is_wrong(name);
        let given = given.unwrap_or(&Json::Null);
        let lines = match field.kind {
            FieldType::Roster => roster::lines(given),
            FieldType::Table => table::lines(&field.columns, given),
            _ => String::new(),
        };
        let text = self.draft.said_or(name, &lines);
        html! {
            @if !lines.is_empty() { input type="hidden" name="_shown" value={ (name) ":" (fingerprint(&lines)) }; }
            @match field.kind {
                FieldType::Roster => {
                    textarea name=(name) rows="6" required[required] autofocus[wrong] placeholder="101, 1, 85.37, p-101" { (text) }
                    small { (visitor.say("每行一户：房号, 楼层, 面积（平方米）, 产权人[, 共有人…][, 未售]", "One part a line: part, floor, area in m², owner[, co-owners…][, unsold]")) }
                }
                FieldType::Table => {
                    textarea name=(name) rows="5" required[required] autofocus[wrong] { (text) }
                    small { (visitor.say("每行一条：", "One row a line: ")) (table::titles(visitor, field)) }
                }
                _ => {
                    @let yuan = given.as_i64().map(paidan_model::money::yuan);
                    input name=(name) inputmode="decimal" pattern="¥?-?[0-9]{1,3}(,?[0-9]{3})*([.][0-9]{1,2})?|[0-9]+([.][0-9]{1,2})?" placeholder="0.00"
                        title=(visitor.say("元，最多两位小数", "yuan, at most two decimals"))
                        value=[self.draft.said(name).or(yuan.as_deref())] required[required] autofocus[wrong];
                    small { (visitor.say("元", "yuan")) }
                }
            }
        }
    }

    /// The cases that a field may name, by what they are called.
    fn named(&self, name: &str, field: &Field, required: bool) -> Markup {
        let offered = field.of.as_ref().and_then(|of| self.links.get(of));
        html! {
            select name=(name) required[required] autofocus[self.draft.is_wrong(name)] {
                option value="" { "—" }
                @for (number, called) in offered.map(Vec::as_slice).unwrap_or_default() {
                    option value=(number) selected[self.draft.has(name, number)] { (called) " · " (number) }
                }
            }
        }
    }

    /// Whoever holds a post that the field asks for, to choose from.
    fn holders(&self, name: &str, field: &Field, required: bool) -> Markup {
        let holds = |person: &Person| person.posts.iter().any(|held| field.post.contains(&held.post));
        html! {
            select name=(name) required[required] autofocus[self.draft.is_wrong(name)] {
                option value="" { "—" }
                @for (id, person) in self.roster.people.iter().filter(|(_, person)| holds(person)) {
                    option value=(id) selected[self.draft.has(name, id)] { (person.title.in_tongue(self.visitor.tongue)) }
                }
            }
        }
    }

    fn units(&self, name: &str, several: bool, required: bool) -> Markup {
        let departments = self.roster.units.iter().filter(|(_, unit)| unit.kind.as_str() == "department");
        html! {
            select name=(name) multiple[several] size=[several.then_some("6")] required[required] autofocus[self.draft.is_wrong(name)] {
                @if !several { option value="" { "—" } }
                @for (unit, declared) in departments {
                    option value=(unit) selected[self.draft.has(name, unit.as_str())] { (declared.title.in_tongue(self.visitor.tongue)) }
                }
            }
        }
    }
}

/// The input of files. What has arrived already is named by its digest, so that nobody has to send it twice.
pub fn files(visitor: &Visitor, draft: &Draft<'_>, name: &str, required: bool) -> Markup {
    let kept = draft.all(name);
    html! {
        @for digest in &kept { input type="hidden" name=(name) value=(digest); }
        input name=(name) type="file" multiple accept="image/*,application/pdf" required[required && kept.is_empty()] autofocus[draft.is_wrong(name)];
        @if !kept.is_empty() { small { (visitor.say("已收到的附件：", "Files that have arrived: ")) (kept.len()) } }
    }
}
