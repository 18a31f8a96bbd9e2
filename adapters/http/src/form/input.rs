//! Inputs: what a form shows for each type of field.

use maud::{Markup, html};
use paidan_model::field::{Field, FieldType};
use paidan_model::id::FieldId;
use paidan_model::roster::{Person, Roster};
use paidan_model::workflow::Workflow;
use serde_json::Value as Json;

use super::{Draft, fingerprint, roster, table};
use crate::page::season::Links;
use crate::visitor::Visitor;

/// A form that is being written.
pub struct Sheet<'s> {
    /// Who reads it.
    pub visitor: &'s Visitor,
    /// The definition.
    pub workflow: &'s Workflow,
    /// The town.
    pub roster: &'s Roster,
    /// The cases that fields may name.
    pub links: &'s Links,
    /// What stands in it already, when it was not taken and comes back.
    pub draft: Draft<'s>,
}

/// What an input of text shows, and what somebody had written there before it was changed by somebody else.
struct Text<'t> {
    shown: &'t str,
    other: Option<&'t str>,
}

impl Sheet<'_> {
    /// The input of one field, with its label. Tables, rosters and sums of money show what is `given` already, so that
    /// a correction is not typed anew.
    pub fn input(&self, id: &FieldId, field: &Field, required: bool, given: Option<&Json>) -> Markup {
        let name = id.as_str();
        let label = field.label.or_id(self.visitor.tongue, name);
        if field.kind == FieldType::Files {
            return self.files(name, label, required);
        }
        html! {
            label class=[self.draft.is_wrong(name).then_some("wrong")] {
                span { (label) @if required { " *" } }
                @match field.kind {
                    FieldType::Table | FieldType::Roster | FieldType::Money => (self.written(name, field, required, given)),
                    FieldType::Case if self.offers_cases(field) => (self.named(name, field, required)),
                    _ => (self.control(name, field, required)),
                }
                (self.why(name))
            }
        }
    }

    /// Why this input did not fit, below it; nothing for those that do.
    pub fn why(&self, name: &str) -> Markup {
        html! {
            @if let Some(why) = self.draft.why(name) { small .why { (why.in_tongue(self.visitor.tongue)) } }
        }
    }

    /// Files, with those that have arrived already: each can be taken out again, and none has to be sent twice.
    pub fn files(&self, name: &str, label: &str, required: bool) -> Markup {
        let kept = self.draft.all(name);
        let wrong = self.draft.is_wrong(name);
        let control = html! {
            input name=(name) type="file" multiple accept="image/*,application/pdf" required[required && kept.is_empty()] autofocus[wrong];
            small { (self.visitor.say("图片或PDF，每个不超过20MB", "Pictures or PDF, 20 MB each at most")) }
            (self.why(name))
        };
        html! {
            @if kept.is_empty() {
                label class=[wrong.then_some("wrong")] { span { (label) @if required { " *" } } (control) }
            } @else {
                fieldset class=[wrong.then_some("wrong")] {
                    legend { (label) }
                    @for (n, digest) in (1..).zip(&kept) {
                        label .choice {
                            input type="checkbox" name=(name) value=(digest) checked;
                            " " (self.visitor.say("附件", "file ")) (n) (self.visitor.say("，已收到", ", has arrived"))
                        }
                    }
                    label { span { (self.visitor.say("再加附件", "More files")) } (control) }
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
                    // What is too long comes back with the form; a browser would cut it without a word.
                    @if most > 100 { textarea name=(name) rows="2" required[required] autofocus[wrong] { (said.unwrap_or_default()) } }
                    @else { input name=(name) maxlength=(most) value=[said] required[required] autofocus[wrong]; }
                }
                FieldType::Phone => input name=(name) type="tel" value=[said] required[required] autofocus[wrong];
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
                // With a frame of their own.
                FieldType::Files => {}
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
        let now = match field.kind {
            FieldType::Roster => roster::lines(given),
            FieldType::Table => table::lines(&field.columns, given),
            _ => given.as_i64().map(paidan_model::money::yuan).unwrap_or_default(),
        };
        let Text { shown, other } = self.text(name, &now);
        html! {
            @if !now.is_empty() { input type="hidden" name="_shown" value={ (name) ":" (fingerprint(&now)) }; }
            @if let Some(other) = other {
                small .why { (visitor.say("别人刚改过这一项，下面是现在的内容。您写的是：", "Somebody has changed this meanwhile; below is what stands now. You wrote:")) }
                pre { (other) }
            }
            @match field.kind {
                FieldType::Roster => {
                    textarea name=(name) rows="6" required[required] autofocus[wrong] placeholder="101, 1, 85.37, p-101" { (shown) }
                    small { (visitor.say("每行一户：房号, 楼层, 面积（平方米）, 产权人的账号[, 共有人…][, 未售]。没有账号的可不填，用纸质票表决。", "One part a line: part, floor, area in m², the owner's id[, co-owners…][, unsold]. Leave out the id of whoever has no account: they vote on paper.")) }
                }
                FieldType::Table => {
                    textarea name=(name) rows="5" required[required] autofocus[wrong] { (shown) }
                    small { (visitor.say("每行一条：", "One row a line: ")) (table::titles(visitor, field)) }
                }
                _ => {
                    input name=(name) inputmode="decimal" placeholder="0.00"
                        value=[(!shown.is_empty()).then_some(shown)] required[required] autofocus[wrong];
                    small { (visitor.say("元，最多两位小数", "yuan, at most two decimals")) }
                }
            }
        }
    }

    /// What stands in a list or a sum. In a form that came back it is what was written there, unless nothing was changed
    /// in it; where somebody else has changed it meanwhile it is theirs, and what was written stands beside it.
    fn text<'t>(&'t self, name: &str, now: &'t str) -> Text<'t> {
        let (said, before) = (self.draft.said(name), self.draft.shown_as(name));
        let untouched = |said: &str| before.is_some_and(|before| before == fingerprint(said));
        match said {
            Some(said) if untouched(said) => Text { shown: now, other: None },
            Some(said) if before.is_some_and(|before| before != fingerprint(now)) => {
                Text { shown: now, other: Some(said) }
            }
            Some(said) => Text { shown: said, other: None },
            None => Text { shown: now, other: None },
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
        let now = self.visitor.now;
        let holds = |person: &Person| person.posts_at(now).any(|held| field.post.contains(&held.post));
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
        html! {
            select name=(name) multiple[several] size=[several.then_some("6")] required[required] autofocus[self.draft.is_wrong(name)] {
                @if !several { option value="" { "—" } }
                @for (unit, declared) in self.roster.departments() {
                    option value=(unit) selected[self.draft.has(name, unit.as_str())] { (declared.title.in_tongue(self.visitor.tongue)) }
                }
            }
        }
    }
}
