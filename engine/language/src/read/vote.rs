//! Votes.

use std::collections::BTreeMap;

use paidan_model::id::RoleId;
use paidan_model::vote::{Axis, FRACTION_MAX, Share, Vote, Voters, Window};

use super::Desk;
use crate::code::Code;
use crate::reader::Table;
use crate::tree::Node;

/// Reads a vote.
pub(super) fn vote(desk: &Desk<'_>, node: &Node) -> Option<Vote> {
    let reader = desk.reader;
    let table = reader.table(node, "a vote")?;
    for key in ["roster", "axes", "consent", "window"] {
        let needed = key != "consent" || table.get("options").is_none();
        if needed && table.get(key).is_none() {
            reader.missing(&table, key);
        }
    }
    let voters = table.get("roster").and_then(|node| voters(desk, node));
    let axes = table.get("axes").map(|node| axes(desk, node)).unwrap_or_default();
    let vote = Vote {
        take_part: shares(desk, &table, "take_part", &axes),
        consent: shares(desk, &table, "consent", &axes),
        about: reader.names_at(&table, "about"),
        axes,
        must_all: reader.name_at(&table, "must_all"),
        window: table.get("window").and_then(|node| window(desk, node))?,
        to_the_end: to_the_end(desk, &table),
        secret: secret(desk, &table),
        collect: reader.names_at(&table, "collect"),
        veto: reader.names_at(&table, "veto"),
        options: reader.name_at(&table, "options"),
        winner: reader.name_at(&table, "winner"),
        voters: voters?,
    };
    reader.done(&table);
    Some(vote)
}

fn voters(desk: &Desk<'_>, node: &Node) -> Option<Voters> {
    use paidan_model::field::FieldType;
    if node.text() == Some("legs") {
        return Some(Voters::Legs);
    }
    let field = desk.reader.name::<paidan_model::id::FieldId>(node)?;
    if let Some(role) = RoleId::parse(field.as_str()).filter(|role| desk.roles.contains(role)) {
        if desk.fields.contains_key(&field) {
            let en = format!("`{field}` is a role and a field; one of them needs another name");
            desk.reader.find(Code::Duplicate, node.place, format!("`{field}`既是角色又是字段"), en);
        }
        return Some(Voters::Role(role));
    }
    match desk.fields.get(&field).map(|field| field.kind) {
        Some(FieldType::Roster) => Some(Voters::Owners(field)),
        Some(FieldType::Units) => Some(Voters::Units(field)),
        Some(_) | None => {
            let en = format!("`{field}` is no role, no field of type `roster` or `units`, and not `legs`");
            desk.reader.find(Code::WrongValue, node.place, format!("`{field}`不是角色、名册或单位字段"), en);
            None
        }
    }
}

fn axis(text: &str) -> Option<Axis> {
    [Axis::Heads, Axis::Area].into_iter().find(|axis| axis.name() == text)
}

fn axes(desk: &Desk<'_>, node: &Node) -> Vec<Axis> {
    let mut found = Vec::new();
    for item in desk.reader.list(node, 2, "axes") {
        match item.text().and_then(axis).filter(|axis| !found.contains(axis)) {
            Some(axis) => found.push(axis),
            None => {
                let en = "an axis is `heads` or `area`, each once";
                desk.reader.find(Code::WrongValue, item.place, "只能是heads或area，各一次", en);
            }
        }
    }
    if found.is_empty() {
        desk.reader.find(
            Code::WrongValue,
            node.place,
            "至少要有一种计票方式",
            "a vote has at least one axis",
        );
    }
    found
}

fn shares(desk: &Desk<'_>, table: &Table<'_>, key: &'static str, axes: &[Axis]) -> BTreeMap<Axis, Share> {
    let mut found = BTreeMap::new();
    let Some(node) = table.get(key) else {
        return found;
    };
    if let Some(text) = node.text() {
        let share = share(desk, text, node);
        return share.map(|share| axes.iter().map(|axis| (*axis, share)).collect()).unwrap_or_default();
    }
    let Some(inner) = desk.reader.table(node, "shares by axis") else {
        return found;
    };
    for (name, entry) in inner.node.entries() {
        let Some(axis) = axis(name).filter(|axis| axes.contains(axis)) else {
            let en = format!("`{name}` is no axis of this vote");
            desk.reader.find(Code::UnknownKey, entry.key, format!("此表决没有`{name}`"), en);
            continue;
        };
        let text = desk.reader.text(&entry.value).unwrap_or_default();
        found.extend(share(desk, &text, &entry.value).map(|share| (axis, share)));
    }
    found
}

/// `2/3`, at least; or `more than 1/2`.
fn share(desk: &Desk<'_>, text: &str, node: &Node) -> Option<Share> {
    let (more, fraction) = match text.strip_prefix("more than ") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let numbers =
        fraction.split_once('/').and_then(|(n, of)| Some((n.parse::<u32>().ok()?, of.parse::<u32>().ok()?)));
    let fits = |(n, of): &(u32, u32)| *n >= 1 && n <= of && *of <= FRACTION_MAX && !(more && n == of);
    let found = numbers.filter(fits).map(|(n, of)| Share { n, of, more });
    if found.is_none() {
        let en = format!("`{text}` is no share: `2/3` (at least) or `more than 1/2`, up to /{FRACTION_MAX}");
        desk.reader.find(Code::WrongValue, node.place, format!("`{text}`不是比例"), en);
    }
    found
}

fn window(desk: &Desk<'_>, node: &Node) -> Option<Window> {
    let reader = desk.reader;
    let table = reader.table(node, "`window`")?;
    for key in ["shortest", "longest"] {
        if table.get(key).is_none() {
            reader.missing(&table, key);
        }
    }
    let shortest = table.get("shortest").and_then(|node| reader.span(node));
    let longest = table.get("longest").and_then(|node| reader.span(node));
    let until = reader.name_at(&table, "until");
    reader.done(&table);
    Some(Window { shortest: shortest?, longest: longest?, until })
}

fn to_the_end(desk: &Desk<'_>, table: &Table<'_>) -> bool {
    match table.get("early").map(|node| (node.text(), node.place)) {
        None | Some((Some("when decided"), _)) => false,
        Some((Some("never"), _)) => true,
        Some((_, place)) => {
            let en = "`early` is `when decided` or `never`";
            desk.reader.find(Code::WrongValue, place, "只能是when decided或never", en);
            false
        }
    }
}

fn secret(desk: &Desk<'_>, table: &Table<'_>) -> bool {
    match table.get("ballots").map(|node| (node.text(), node.place)) {
        None | Some((Some("named"), _)) => false,
        Some((Some("secret"), _)) => true,
        Some((_, place)) => {
            desk.reader.find(
                Code::WrongValue,
                place,
                "只能是named或secret",
                "`ballots` is `named` or `secret`",
            );
            false
        }
    }
}
