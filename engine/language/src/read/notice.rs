//! Notices.

use paidan_model::notice::{AtMost, BUILT_IN_NAMES, COUNT_MAX, Notice, Piece, Quiet, pieces};

use super::Desk;
use crate::code::Code;
use crate::finding::Finding;
use crate::tree::Node;

/// Reads a notice; a placeholder without a field is a finding.
pub(super) fn notice(desk: &Desk<'_>, node: &Node) -> Option<Notice> {
    let reader = desk.reader;
    let table = reader.table(node, "a notice")?;
    if table.get("who").is_none() {
        reader.missing(&table, "who");
    }
    let text = reader.words(&table);
    for key in ["zh", "en"] {
        if let Some(node) = table.get(key) {
            placeholders(desk, node);
        }
    }
    let notice = Notice {
        who: reader.names_at(&table, "who"),
        via: reader.names_at(&table, "via"),
        text,
        quiet: table.get("quiet").and_then(|node| quiet(desk, node)),
        wakes: table.get("wakes").and_then(|node| desk.condition(node)),
        at_most: table.get("at_most").and_then(|node| at_most(desk, node)),
    };
    reader.done(&table);
    Some(notice)
}

fn at_most(desk: &Desk<'_>, node: &Node) -> Option<AtMost> {
    let reader = desk.reader;
    let table = reader.table(node, "`at_most`")?;
    for key in ["count", "per_time"] {
        if table.get(key).is_none() {
            reader.missing(&table, key);
        }
    }
    let most = i64::try_from(COUNT_MAX).unwrap_or(1);
    let count =
        table.get("count").and_then(|node| reader.int(node, 1, most)).and_then(|n| u32::try_from(n).ok());
    let per_time = table.get("per_time").and_then(|node| reader.span(node));
    reader.done(&table);
    Some(AtMost { count: count?, per_time: per_time? })
}

fn placeholders(desk: &Desk<'_>, node: &Node) {
    let Some(text) = node.text() else { return };
    for piece in pieces(text) {
        let Piece::Name(name) = piece else { continue };
        let known = BUILT_IN_NAMES.contains(&name) || desk.fields.keys().any(|id| id.as_str() == name);
        if !known {
            let en = format!("`{{{name}}}` is no field and none of number, state, due, link");
            let finding = Finding::new(Code::Placeholder, node.place, format!("没有字段`{{{name}}}`"), en);
            let all = desk.fields.keys().map(|id| id.as_str()).chain(BUILT_IN_NAMES);
            desk.reader.note(finding.nearest(name, all));
        }
    }
}

fn quiet(desk: &Desk<'_>, node: &Node) -> Option<Quiet> {
    let text = desk.reader.text(node)?;
    let minute = |text: &str| {
        let (hour, minute) = text.split_once(':')?;
        let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
        (hour < 24 && minute < 60).then_some(hour * 60 + minute)
    };
    let found = text
        .split_once('-')
        .and_then(|(from, until)| Some(Quiet { from: minute(from)?, until: minute(until)? }));
    if found.is_none() {
        desk.reader.find(
            Code::WrongValue,
            node.place,
            "应写作21:00-08:00",
            format!("`{text}` is no time such as `21:00-08:00`"),
        );
    }
    found
}
