//! Conditions in words: which part of a guard does not hold, said with the titles that people know.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use paidan_model::field::{Field, FieldType};
use paidan_model::guard::{Expr, LegKey, Operator, Source};
use paidan_model::id::FieldId;
use paidan_model::leg::{LegState, Part};
use paidan_model::state::Alternative;
use paidan_model::table::CellType;
use paidan_model::text::{Text, Tongue};
use paidan_model::workflow::Workflow;

use super::both;
use crate::step::Step;

/// What is missing for an action to be open: of its first way, and of others to the same end that ask for something
/// else. Ways to another end are no advice: nobody is told that a smaller number would lead elsewhere. What reads a
/// field that the asker may not see is not told.
pub(crate) fn needs(step: &Step<'_>, ways: &[Alternative]) -> Text {
    let first = ways.first().and_then(|way| way.go.as_ref());
    let same_end = ways.iter().filter(|way| way.go.as_ref() == first);
    let all: Vec<Vec<&Expr>> =
        same_end.filter_map(|way| way.when.as_ref()).map(|guard| unmet(step, guard)).collect();
    let sight = crate::sight::sight(step.workflow(), &step.case, step.actor);
    let told = |part: &Expr| sight.as_ref().is_some_and(|sight| sight.covers(part.fields()));
    let mut found: Vec<Text> = Vec::new();
    for (n, way) in all.iter().enumerate() {
        let asks_more = |(m, other): (usize, &Vec<&Expr>)| {
            let whole = other.iter().all(|part| way.contains(part));
            m != n && whole && (other.len() < way.len() || m < n)
        };
        if all.iter().enumerate().any(asks_more) {
            continue;
        }
        let binds = u8::from(way.len() > 1);
        let seen = way.iter().filter(|part| told(part));
        let mut said: Vec<Text> = seen.map(|part| bracketed(step.workflow(), part, binds)).collect();
        if said.len() < way.len() {
            said.push(both!("还有别的条件", "something else"));
        }
        found.push(join(&said, "，且", " and "));
    }
    match found.is_empty() {
        true => both!("另外的条件", "something else"),
        false => join(&found, "；或者", ", or "),
    }
}

/// The parts of a guard that do not hold; of a field that is not filled in, only that.
fn unmet<'g>(step: &Step<'_>, guard: &'g Expr) -> Vec<&'g Expr> {
    let open: Vec<&Expr> =
        parts(guard).into_iter().filter(|part| crate::guard::holds(part, &step.view()) != Ok(true)).collect();
    let missing: Vec<&FieldId> = open
        .iter()
        .filter_map(|part| match part {
            Expr::Has(id) => Some(id),
            _ => None,
        })
        .collect();
    let waits =
        |part: &Expr| !matches!(part, Expr::Has(_)) && part.fields().iter().any(|id| missing.contains(id));
    open.into_iter().filter(|part| !waits(part)).collect()
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

/// An expression in words, with the titles that people know.
#[must_use]
pub fn words(workflow: &Workflow, expr: &Expr) -> Text {
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
            both!("{zh}之后{later}", "{span} after {en}")
        }
        Expr::Not(inner) => not(workflow, inner),
        Expr::Negate(inner) => {
            let Text { zh, en } = bracketed(workflow, inner, 3);
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
            let Text { zh, en } = bracketed(workflow, other, 3);
            both!("不是{zh}", "not {en}")
        }
    }
}

fn binary(workflow: &Workflow, operator: Operator, left: &Expr, right: &Expr) -> Text {
    let timed = is_time(workflow, left) || is_time(workflow, right);
    let (zh, en) = match operator {
        Operator::Less if timed => ("早于", " is before "),
        Operator::AtMost if timed => ("不晚于", " is not after "),
        Operator::More if timed => ("晚于", " is after "),
        Operator::AtLeast if timed => ("不早于", " is not before "),
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
    let binds = binding(operator);
    let (first, second) = (beside(workflow, left, right, binds), beside(workflow, right, left, binds));
    Text { zh: format!("{}{zh}{}", first.zh, second.zh), en: format!("{}{en}{}", first.en, second.en) }
}

/// How strongly an operator binds its sides: what binds less stands in brackets beside it.
fn binding(operator: Operator) -> u8 {
    match operator {
        Operator::Or => 0,
        Operator::And => 1,
        Operator::Plus | Operator::Minus => 3,
        Operator::Times => 4,
        _ => 2,
    }
}

fn bracketed(workflow: &Workflow, expr: &Expr, outer: u8) -> Text {
    let Text { zh, en } = words(workflow, expr);
    match expr {
        Expr::Binary(inner, ..) if binding(*inner) < outer => both!("（{zh}）", "({en})"),
        _ => Text { zh, en },
    }
}

/// Whether an expression is a point in time.
fn is_time(workflow: &Workflow, expr: &Expr) -> bool {
    match expr {
        Expr::Now | Expr::Add(..) => true,
        Expr::Field(id) => {
            let kind = workflow.fields.get(id).map(|field| field.kind);
            matches!(kind, Some(FieldType::Date | FieldType::Moment))
        }
        _ => false,
    }
}

/// A side of a comparison: a choice by its title, an amount in yuan, as what stands on the other side has it.
fn beside(workflow: &Workflow, side: &Expr, other: &Expr, binds: u8) -> Text {
    let field = |id: &FieldId| workflow.fields.get(id);
    match (side, other) {
        (Expr::Text(choice), Expr::Field(id)) => {
            field(id).map_or_else(|| words(workflow, side), |field| titled(field, choice))
        }
        (Expr::List(all), Expr::Field(_)) => {
            join(&all.iter().map(|one| beside(workflow, one, other, binds)).collect::<Vec<_>>(), "、", ", ")
        }
        (Expr::Text(name), Expr::Leg(key)) => part_or_state(*key, name),
        (Expr::Int(number), Expr::Field(id)) if field(id).is_some_and(|f| f.kind == FieldType::Money) => {
            crate::table::amount(*number, true)
        }
        (Expr::Int(number), Expr::Total(id, column)) => {
            let kind = field(id).and_then(|field| field.column(column.as_str())).map(|column| column.kind);
            crate::table::amount(*number, kind == Some(CellType::Money))
        }
        _ => bracketed(workflow, side, binds),
    }
}

/// The part or the state of a leg, by its title.
fn part_or_state(key: LegKey, name: &str) -> Text {
    let part = || Part::ALL.into_iter().find(|part| part.name() == name).map(Part::title);
    let known = match key {
        LegKey::Part => part(),
        LegKey::State => LegState::parse(name).map(LegState::title),
        LegKey::Unit | LegKey::Round | LegKey::Agreed | LegKey::Late => None,
    };
    let Text { zh, en } = known.unwrap_or_else(|| both!("{name}", "{name}"));
    both!("“{zh}”", "`{en}`")
}

fn titled(field: &Field, choice: &str) -> Text {
    let in_tongue = |tongue| -> String { field.choice_title(choice, tongue).into() };
    let (zh, en) = (in_tongue(Tongue::Zh), in_tongue(Tongue::En));
    both!("“{zh}”", "`{en}`")
}
