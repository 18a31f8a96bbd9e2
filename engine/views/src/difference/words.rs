//! Values in words, in both languages: what a definition calls things, with the id by which its writers find them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;
use paidan_model::guard::Expr;
use paidan_model::id::{ActionId, ChoiceId, FieldId, RoleId, StateId};
use paidan_model::span::Span;
use paidan_model::text::Text;
use paidan_model::workflow::Workflow;

/// A text in both languages.
pub(super) fn text(zh: impl Into<String>, en: impl Into<String>) -> Text {
    Text { zh: zh.into(), en: en.into() }
}

/// What is not there.
pub(super) fn none() -> Text {
    text("无", "none")
}

/// The same in both languages.
pub(super) fn same(value: impl Display) -> Text {
    text(value.to_string(), value.to_string())
}

/// Yes or no.
pub(super) fn yes(truth: bool) -> Text {
    if truth { text("是", "yes") } else { text("否", "no") }
}

/// What may be there.
pub(super) fn maybe<T>(value: Option<&T>, said: impl Fn(&T) -> Text) -> Text {
    value.map_or_else(none, said)
}

/// Several, with something between them.
pub(super) fn join(all: &[Text], zh: &str, en: &str) -> Text {
    let pick = |of: fn(&Text) -> &str, by: &str| all.iter().map(of).collect::<Vec<_>>().join(by);
    text(pick(|one| &one.zh, zh), pick(|one| &one.en, en))
}

/// A list, or that there is none.
pub(super) fn list(all: &[Text]) -> Text {
    if all.is_empty() { none() } else { join(all, "、", ", ") }
}

/// An id.
pub(super) fn id<T: Display + ?Sized>(id: &T) -> Text {
    text(format!("“{id}”"), format!("`{id}`"))
}

/// An id with what people call it.
pub(super) fn called(title: Option<&Text>, id: &str) -> Text {
    let zh = match title.map(|title| title.zh.as_str()).filter(|zh| !zh.is_empty()) {
        Some(title) => format!("“{title}”（{id}）"),
        None => format!("“{id}”"),
    };
    text(zh, format!("`{id}`"))
}

/// Words as they are written in the definition.
pub(super) fn quoted(words: &Text) -> Text {
    text(format!("“{}”", words.zh), format!("\"{}\"", words.en))
}

/// A length of time.
pub(super) fn span(span: &Span) -> Text {
    text(span.words_zh(), span.to_string())
}

/// A role.
pub(super) fn role(role: &RoleId) -> Text {
    same(role)
}

/// A field.
pub(super) fn field(workflow: &Workflow, id: &FieldId) -> Text {
    called(workflow.fields.get(id).map(|field| &field.label), id.as_str())
}

/// A field of this workflow that may not be there.
pub(super) fn maybe_field(w: &Workflow, field: Option<&FieldId>) -> Text {
    maybe(field, |id| self::field(w, id))
}

/// A state.
pub(super) fn state(workflow: &Workflow, id: &StateId) -> Text {
    called(workflow.states.get(id).map(|state| &state.title), id.as_str())
}

/// An action or event.
pub(super) fn action(workflow: &Workflow, id: &ActionId) -> Text {
    called(workflow.actions.get(id), id.as_str())
}

/// A choice of a field.
pub(super) fn choice(workflow: &Workflow, field: &FieldId, id: &ChoiceId) -> Text {
    let title = workflow.fields.get(field).and_then(|field| field.titles.get(id));
    let zh = title.map(|title| title.zh.as_str()).filter(|zh| !zh.is_empty()).unwrap_or(id.as_str());
    text(zh, id.as_str())
}

/// A condition or another expression.
pub(super) fn expr(workflow: &Workflow, expr: &Expr) -> Text {
    paidan_machine::in_words(workflow, expr)
}

/// A name with what it is about in brackets.
pub(super) fn of(name: (&str, &str), about: &Text) -> Text {
    text(format!("{}（{}）", name.0, about.zh), format!("{} ({})", name.1, about.en))
}
