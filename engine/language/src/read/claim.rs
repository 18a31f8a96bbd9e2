//! Claims, and the list that cases stand on.

use paidan_model::claim::{AfterDrops, Claims, List, Listing};

use super::Desk;
use crate::code::Code;
use crate::tree::Node;

/// The most open claims a cap may allow.
const CAP_MAX: i64 = 200;

/// Reads claims.
pub(super) fn claims(desk: &Desk<'_>, node: &Node) -> Option<Claims> {
    let reader = desk.reader;
    let table = reader.table(node, "claims")?;
    for key in ["item", "who"] {
        if table.get(key).is_none() {
            reader.missing(&table, key);
        }
    }
    let number = |node: &Node| reader.int(node, 1, CAP_MAX).and_then(|n| u32::try_from(n).ok());
    let cap = table.get("cap").and_then(|node| desk.per(node, number));
    let claims = Claims {
        item: reader.name_at(&table, "item")?,
        who: reader.names_at(&table, "who"),
        matcher: reader.names_at(&table, "matcher"),
        offered_by: reader.name_at(&table, "offered_by"),
        partial: one_of(desk, &table, "share", "exclusive", "partial"),
        cap,
        after_drops: table.get("after_drops").and_then(|node| after_drops(desk, node)),
        clocks: reader.names_at(&table, "clocks"),
        keep_late: one_of(desk, &table, "expiry", "release", "keep"),
        send: reader.names_at(&table, "send"),
        reveal: reader.names_at(&table, "reveal"),
        at_contact: reader.names_at(&table, "at_contact"),
        at_delivery: reader.names_at(&table, "at_delivery"),
    };
    reader.done(&table);
    Some(claims)
}

/// Whether a key says the second of two words; absent, the first.
fn one_of(desk: &Desk<'_>, table: &crate::reader::Table<'_>, key: &'static str, no: &str, yes: &str) -> bool {
    match table.get(key).map(|node| (node.text(), node.place)) {
        None => false,
        Some((Some(text), _)) if text == no => false,
        Some((Some(text), _)) if text == yes => true,
        Some((_, place)) => {
            let en = format!("`{key}` is `{no}` or `{yes}`");
            desk.reader.find(Code::WrongValue, place, format!("`{key}`只能是{no}或{yes}"), en);
            false
        }
    }
}

fn after_drops(desk: &Desk<'_>, node: &Node) -> Option<AfterDrops> {
    let reader = desk.reader;
    let table = reader.table(node, "`after_drops`")?;
    let number =
        |key| table.get(key).and_then(|n| reader.int(n, 1, CAP_MAX)).and_then(|n| u32::try_from(n).ok());
    for key in ["drops", "cap"] {
        if table.get(key).is_none() {
            reader.missing(&table, key);
        }
    }
    let (drops, cap) = (number("drops"), number("cap"));
    let season = reader.name_at(&table, "season");
    reader.done(&table);
    Some(AfterDrops { drops: drops?, cap: cap?, season })
}

/// Reads `[listing]`.
pub(super) fn listing(desk: &Desk<'_>, node: &Node) -> Option<Listing> {
    let reader = desk.reader;
    let table = reader.table(node, "[listing]")?;
    let list = table.get("list").and_then(|node| {
        let found = List::ALL.into_iter().find(|list| node.text() == Some(list.name()));
        if found.is_none() {
            let en = "a list is `needs`, `resources` or `projects`";
            reader.find(Code::WrongValue, node.place, "清单是needs、resources或projects", en);
        }
        found
    });
    if table.get("list").is_none() {
        reader.missing(&table, "list");
    }
    let listing = Listing {
        list: list?,
        states: reader.names_at(&table, "states"),
        show: reader.names_at(&table, "show"),
        category: reader.name_at(&table, "category"),
        quantity: reader.name_at(&table, "quantity"),
        from: reader.name_at(&table, "from"),
        until: reader.name_at(&table, "until"),
        vulnerable: reader.name_at(&table, "vulnerable"),
        priority: reader.name_at(&table, "priority"),
    };
    reader.done(&table);
    Some(listing)
}
