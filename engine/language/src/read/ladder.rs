//! Ladders of escalation.

use paidan_model::clock::{At, Colour, Repeat, Rung};

use super::{Desk, RUNGS_MAX};
use crate::code::Code;
use crate::tree::Node;

/// The colours of slips by name.
pub(crate) const COLOURS: [(&str, Colour); 3] =
    [("blue", Colour::Blue), ("yellow", Colour::Yellow), ("red", Colour::Red)];

/// Reads a ladder; a rung at or before an earlier one is a finding.
pub(super) fn ladder(desk: &Desk<'_>, node: &Node) -> Option<Vec<Rung>> {
    let rungs: Vec<(Rung, &Node)> = desk
        .reader
        .list(node, RUNGS_MAX, "rungs of a ladder")
        .iter()
        .filter_map(|node| rung(desk, node).map(|rung| (rung, node)))
        .collect();
    for ((before, _), (after, node)) in rungs.iter().zip(rungs.iter().skip(1)) {
        if !rises(&before.at, &after.at) {
            let en = "this rung comes at or before the one above it";
            desk.reader.find(Code::LadderFalls, node.place, "这一级不晚于上一级", en);
        }
    }
    Some(rungs.into_iter().map(|(rung, _)| rung).collect())
}

/// Whether one moment surely comes before another; durations of different kinds are let pass when neither is shorter.
fn rises(before: &At, after: &At) -> bool {
    use paidan_model::span::Span;
    match (before, after) {
        (At::Percent(a), At::Percent(b)) => a < b,
        (At::Percent(_), At::Breach | At::After(_)) | (At::Breach, At::After(_)) => true,
        (At::Breach | At::After(_), At::Percent(_)) | (At::After(_) | At::Breach, At::Breach) => false,
        (At::After(a), At::After(b)) => match (a, b) {
            (Span::Business { seconds: a }, Span::Business { seconds: b })
            | (Span::Real { seconds: a }, Span::Real { seconds: b }) => a < b,
            (Span::BusinessDays { days: a }, Span::BusinessDays { days: b })
            | (Span::CalendarDays { days: a }, Span::CalendarDays { days: b })
            | (Span::CalendarMonths { months: a }, Span::CalendarMonths { months: b }) => a < b,
            _ => true,
        },
    }
}

/// Reads `"80%"`, `"breach"`, `"breach + 4 business hours"`.
pub(super) fn at(desk: &Desk<'_>, node: &Node) -> Option<At> {
    let text = desk.reader.text(node)?;
    if text == "breach" {
        return Some(At::Breach);
    }
    if let Some(span) = text.strip_prefix("breach + ") {
        let inner = Node { kind: crate::tree::Kind::Text(span.to_string()), place: node.place };
        return desk.reader.span(&inner).map(At::After);
    }
    if text.ends_with('%') {
        return super::clock::percent(desk, node).map(At::Percent);
    }
    let en = format!("`{text}` is neither a share like `75%` nor `breach` nor `breach + 1 business hour`");
    desk.reader.find(Code::WrongValue, node.place, format!("`{text}`不是时点"), en);
    None
}

fn rung(desk: &Desk<'_>, node: &Node) -> Option<Rung> {
    let reader = desk.reader;
    let table = reader.table(node, "a rung")?;
    if table.get("at").is_none() {
        reader.missing(&table, "at");
    }
    let rung = Rung {
        at: table.get("at").and_then(|node| at(desk, node))?,
        tell: reader.names_at(&table, "tell"),
        via: reader.names_at(&table, "via"),
        notice: reader.name_at(&table, "notice"),
        slip: table.get("slip").and_then(|node| colour(desk, node)),
        assign: reader.name_at(&table, "assign"),
        take_over: reader.name_at(&table, "take_over"),
        open: reader.name_at(&table, "open"),
        repeat: table.get("repeat").and_then(|node| repeat(desk, node)),
    };
    reader.done(&table);
    Some(rung)
}

/// Reads a slip's colour.
pub(super) fn colour(desk: &Desk<'_>, node: &Node) -> Option<Colour> {
    let found = COLOURS.iter().find(|(name, _)| node.text() == Some(name)).map(|(_, colour)| *colour);
    if found.is_none() {
        let en = "a slip is `blue`, `yellow` or `red`";
        desk.reader.find(Code::WrongValue, node.place, "督办单只有blue、yellow、red", en);
    }
    found
}

fn repeat(desk: &Desk<'_>, node: &Node) -> Option<Repeat> {
    let reader = desk.reader;
    let table = reader.table(node, "`repeat`")?;
    let every = table.get("every").and_then(|node| reader.span(node));
    let times =
        table.get("times").and_then(|node| reader.int(node, 1, 30)).and_then(|n| u8::try_from(n).ok());
    reader.done(&table);
    Some(Repeat { every: every?, times: times? })
}
