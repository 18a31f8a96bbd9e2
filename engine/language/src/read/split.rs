//! Splits of a sum of money.

use paidan_model::span::Span;
use paidan_model::split::{LATE_YEARS_MAX, Late, Split};

use super::Desk;
use crate::code::Code;
use crate::tree::{Kind, Node};

/// Reads a split.
pub(super) fn split(desk: &Desk<'_>, node: &Node) -> Option<Split> {
    let reader = desk.reader;
    let table = reader.table(node, "a split")?;
    for key in ["roster", "amount", "weights"] {
        if table.get(key).is_none() {
            reader.missing(&table, key);
        }
    }
    let split = Split {
        roster: reader.name_at(&table, "roster")?,
        amount: table.get("amount").and_then(|node| desk.number(node))?,
        weights: reader.name_at(&table, "weights")?,
        by_area: table.get("by").is_some_and(|node| by_area(desk, node)),
        outside: reader.name_at(&table, "outside"),
        late: table.get("late").and_then(|node| late(desk, node)),
    };
    reader.done(&table);
    Some(split)
}

/// `by = ["floor"]` or `by = ["floor", "area"]`.
fn by_area(desk: &Desk<'_>, node: &Node) -> bool {
    let named = match &node.kind {
        Kind::Array(items) => items.iter().map(Node::text).collect(),
        Kind::Text(_) | Kind::Int(_) | Kind::Bool(_) | Kind::Table(_) | Kind::Other(_) => Vec::new(),
    };
    match named.as_slice() {
        [Some("floor")] => false,
        [Some("floor"), Some("area")] => true,
        _ => {
            let en = "a sum is divided by `[\"floor\"]` or by `[\"floor\", \"area\"]`";
            desk.reader.find(Code::WrongValue, node.place, "按[\"floor\"]或[\"floor\", \"area\"]分摊", en);
            false
        }
    }
}

/// `late = { since = "in_service_on", over = "15 calendar years", part = "joining" }`.
fn late(desk: &Desk<'_>, node: &Node) -> Option<Late> {
    let reader = desk.reader;
    let table = reader.table(node, "`late`")?;
    for key in ["since", "over", "part"] {
        if table.get(key).is_none() {
            reader.missing(&table, key);
        }
    }
    let years = table.get("over").and_then(|node| {
        let span = reader.span(node)?;
        let years = years(&span);
        if years.is_none() {
            let en = format!("a share ages over 1 to {LATE_YEARS_MAX} calendar years");
            reader.find(
                Code::WrongValue,
                node.place,
                format!("折旧期为1至{LATE_YEARS_MAX}年（calendar years）"),
                en,
            );
        }
        years
    });
    let late = Late {
        since: reader.name_at(&table, "since")?,
        years: years?,
        part: reader.name_at(&table, "part")?,
    };
    reader.done(&table);
    Some(late)
}

fn years(span: &Span) -> Option<u32> {
    let Span::CalendarMonths { months } = span else { return None };
    let whole = months % 12 == 0 && (12..=LATE_YEARS_MAX * 12).contains(months);
    whole.then_some(months / 12)
}
