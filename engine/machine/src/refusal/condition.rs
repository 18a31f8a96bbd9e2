//! Conditions in words: which part of a guard does not hold, said with the titles that people know.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use paidan_model::field::{Field, FieldType};
use paidan_model::guard::{Expr, LegKey, Operator, Source};
use paidan_model::id::FieldId;
use paidan_model::state::Alternative;
use paidan_model::text::{Text, Tongue};
use paidan_model::workflow::Workflow;

use super::both;
use crate::step::Step;

/// What is missing for one of these ways to be open; between several ways stands "or".
pub(crate) fn needs(step: &Step<'_>, ways: &[Alternative]) -> Text {
    let guards = ways.iter().filter_map(|way| way.when.as_ref());
    let mut found: Vec<Text> = Vec::new();
    for guard in guards {
        let unmet: Vec<Text> = parts(guard)
            .into_iter()
            .filter(|part| crate::guard::holds(part, &step.view()) != Ok(true))
            .map(|part| words(step.workflow(), part))
            .collect();
        let way = join(&unmet, "，且", " and ");
        if !found.contains(&way) {
            found.push(way);
        }
    }
    join(&found, "；或者", ", or ")
}

fn join(all: &[Text], zh: &str, en: &str) -> Text {
    let pick = |of: fn(&Text) -> &str, by: &str| all.iter().map(of).collect::<Vec<_>>().join(by);
    Text { zh: pick(|text| &text.zh, zh), en: pick(|text| &text.en, en) }
}

/// What stands between the `&&` of a guard.
fn parts(guard: &Expr) -> Vec<&Expr> {
    match guard {
        Expr::Binary(Operator::And, left, right) => [parts(left), parts(right)].concat(),
        other => alloc::vec![other],
    }
}

/// An expression in words.
fn words(workflow: &Workflow, expr: &Expr) -> Text {
    let said = |inner: &Expr| words(workflow, inner);
    match expr {
        Expr::Int(number) => both!("{number}", "{number}"),
        Expr::Bool(true) => both!("是", "yes"),
        Expr::Bool(false) => both!("否", "no"),
        Expr::Text(text) => both!("“{text}”", "`{text}`"),
        Expr::List(all) => join(&all.iter().map(said).collect::<Vec<_>>(), "、", ", "),
        Expr::Field(id) => label(workflow, id),
        Expr::Round => both!("轮次（从0数起）", "the round, from 0"),
        Expr::Left => both!("尚未认领的数量", "what is not claimed yet"),
        Expr::Now => both!("现在", "now"),
        Expr::Item => both!("其中一项", "an entry"),
        Expr::Leg(key) => leg(*key),
        Expr::Has(id) => {
            let Text { zh, en } = label(workflow, id);
            both!("{zh}已填写", "{en} is filled in")
        }
        Expr::In(state) => {
            let title = workflow.states.get(state).map(|state| state.title.clone()).unwrap_or_default();
            let (zh, en) = (title.in_tongue(Tongue::Zh), title.in_tongue(Tongue::En));
            both!("处于“{zh}”", "the case is in `{en}`")
        }
        Expr::Size(Source::Legs) => both!("承办单位的个数", "the number of departments"),
        Expr::Size(Source::Field(id)) => {
            let Text { zh, en } = label(workflow, id);
            both!("{zh}的个数", "the number of {en}")
        }
        Expr::Total(id, column) => total(workflow, id, column),
        Expr::Add(from, span) => {
            let (Text { zh, en }, later) = (said(from), span.words_zh());
            both!("{zh}起{later}后", "{span} after {en}")
        }
        Expr::Not(inner) => not(workflow, inner),
        Expr::Negate(inner) => {
            let Text { zh, en } = said(inner);
            both!("-{zh}", "-{en}")
        }
        Expr::Binary(operator, left, right) => binary(workflow, *operator, left, right),
        Expr::Exists(source, inner) => {
            let (Text { zh: of, en: each }, Text { zh, en }) = (entries(workflow, source), said(inner));
            both!("至少一个{of}：{zh}", "for at least one of {each}: {en}")
        }
        Expr::All(source, inner) => {
            let (Text { zh: of, en: each }, Text { zh, en }) = (entries(workflow, source), said(inner));
            both!("每个{of}：{zh}", "for each of {each}: {en}")
        }
    }
}

/// What people call a field.
fn label(workflow: &Workflow, id: &FieldId) -> Text {
    let field = workflow.fields.get(id);
    let said = |tongue| field.map_or(id.as_str(), |field| field.label.or_id(tongue, id.as_str()));
    let (zh, en) = (said(Tongue::Zh), said(Tongue::En));
    both!("“{zh}”", "`{en}`")
}

fn total(workflow: &Workflow, id: &FieldId, column: &FieldId) -> Text {
    let Text { zh, en } = label(workflow, id);
    let declared = workflow.fields.get(id).and_then(|field| field.column(column.as_str()));
    let said = |tongue| declared.map_or(column.as_str(), |found| found.label.or_id(tongue, column.as_str()));
    let (of, each) = (said(Tongue::Zh), said(Tongue::En));
    both!("{zh}中“{of}”的合计", "the sum of `{each}` in {en}")
}

fn entries(workflow: &Workflow, source: &Source) -> Text {
    match source {
        Source::Legs => both!("承办单位", "the departments"),
        Source::Field(id) => label(workflow, id),
    }
}

fn leg(key: LegKey) -> Text {
    match key {
        LegKey::Unit => both!("单位", "the unit"),
        LegKey::Part => both!("分工", "its part"),
        LegKey::State => both!("进展", "its state"),
        LegKey::Round => both!("轮次", "its round"),
        LegKey::Agreed => both!("已同意方案", "it agreed to the plan"),
        LegKey::Late => both!("已逾期", "it is late"),
    }
}

fn not(workflow: &Workflow, inner: &Expr) -> Text {
    match inner {
        Expr::Has(id) => {
            let Text { zh, en } = label(workflow, id);
            both!("{zh}还没有填写", "{en} is not filled in yet")
        }
        other => {
            let Text { zh, en } = words(workflow, other);
            both!("不是：{zh}", "not: {en}")
        }
    }
}

fn binary(workflow: &Workflow, operator: Operator, left: &Expr, right: &Expr) -> Text {
    let (zh, en) = match operator {
        Operator::Or => ("或者", " or "),
        Operator::And => ("，且", " and "),
        Operator::Equal => ("为", " is "),
        Operator::Different => ("不为", " is not "),
        Operator::Less => ("小于", " is less than "),
        Operator::AtMost => ("不超过", " is at most "),
        Operator::More => ("大于", " is more than "),
        Operator::AtLeast => ("不少于", " is at least "),
        Operator::In => ("属于", " is one of "),
        Operator::Plus => ("＋", " + "),
        Operator::Minus => ("－", " - "),
        Operator::Times => ("×", " × "),
    };
    let (first, second) = (beside(workflow, left, right), beside(workflow, right, left));
    Text { zh: format!("{}{zh}{}", first.zh, second.zh), en: format!("{}{en}{}", first.en, second.en) }
}

/// A side of a comparison: a choice by its title, an amount in yuan, as the field on the other side has it.
fn beside(workflow: &Workflow, side: &Expr, other: &Expr) -> Text {
    let field = |expr: &Expr| match expr {
        Expr::Field(id) => workflow.fields.get(id),
        _ => None,
    };
    match (side, field(other)) {
        (Expr::Text(choice), Some(field)) => titled(field, choice),
        (Expr::Int(number), Some(field)) if field.kind == FieldType::Money => {
            crate::table::amount(*number, true)
        }
        _ => words(workflow, side),
    }
}

fn titled(field: &Field, choice: &str) -> Text {
    let in_tongue = |tongue| -> String { field.choice_title(choice, tongue).into() };
    let (zh, en) = (in_tongue(Tongue::Zh), in_tongue(Tongue::En));
    both!("“{zh}”", "`{en}`")
}
