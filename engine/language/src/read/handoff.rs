//! Hand-offs to departments.

use paidan_model::leg::{Handoff, Join, LegRules, LegState, Rest, StartWithout};

use super::Desk;
use crate::code::Code;
use crate::tree::Node;

/// Reads a hand-off.
pub(super) fn handoff(desk: &Desk<'_>, node: &Node) -> Option<Handoff> {
    let reader = desk.reader;
    let table = reader.table(node, "a hand-off")?;
    reader.not_yet(&table, &["runs"]);
    if table.get("join").is_none() {
        reader.missing(&table, "join");
    }
    if table.get("each").is_none() && table.get("continues").is_none() {
        reader.missing(&table, "each");
    }
    let handoff = Handoff {
        each: reader.name_at(&table, "each"),
        lead: reader.name_at(&table, "lead"),
        optional: reader.name_at(&table, "optional"),
        continues: reader.name_at(&table, "continues"),
        only: reader.name_at(&table, "only"),
        join: table.get("join").and_then(|node| desk.per(node, |node| join(desk, node)))?,
        reach: table.get("reach").and_then(|node| reach(desk, node)).unwrap_or(LegState::Done),
        start_without: table.get("start_without").and_then(|node| start_without(desk, node)),
        agree_on: reader.name_at(&table, "agree_on"),
        rest: match table.get("rest").map(|node| (node.text(), node.place)) {
            None | Some((Some("kept"), _)) => Rest::Kept,
            Some((Some("recall"), _)) => Rest::Recall,
            Some((_, place)) => {
                reader.find(Code::WrongValue, place, "只能是kept或recall", "`rest` is `kept` or `recall`");
                Rest::Kept
            }
        },
        leg: table.get("leg").map(|node| leg(desk, node)).unwrap_or_default(),
    };
    reader.done(&table);
    Some(handoff)
}

fn reach(desk: &Desk<'_>, node: &Node) -> Option<LegState> {
    let found = node.text().and_then(LegState::parse);
    let found = found.filter(|s| matches!(s, LegState::Signed | LegState::Reported | LegState::Done));
    if found.is_none() {
        let en = "a leg counts when it has reached `signed`, `reported` or `done`";
        desk.reader.find(Code::WrongValue, node.place, "只能是signed、reported或done", en);
    }
    found
}

fn join(desk: &Desk<'_>, node: &Node) -> Option<Join> {
    let text = desk.reader.text(node)?;
    let found = match text.as_str() {
        "all" => Some(Join::All),
        "any" => Some(Join::Any),
        "lead" => Some(Join::Lead),
        _ => match text.strip_prefix("lead and ") {
            Some(share) => fraction(share).map(|(n, of)| Join::LeadAndShare(n, of)),
            None => fraction(&text).map(|(n, of)| Join::Share(n, of)),
        },
    };
    if found.is_none() {
        let en = format!("`{text}` is no join: `all`, `any`, `lead`, a share like `2/3`, or `lead and 2/3`");
        desk.reader.find(Code::WrongValue, node.place, format!("`{text}`不是汇合规则"), en);
    }
    found
}

fn fraction(text: &str) -> Option<(u32, u32)> {
    let (n, of) = text.split_once('/')?;
    let (n, of) = (n.parse::<u32>().ok()?, of.parse::<u32>().ok()?);
    (n >= 1 && n <= of && of <= 1000).then_some((n, of))
}

fn start_without(desk: &Desk<'_>, node: &Node) -> Option<StartWithout> {
    let reader = desk.reader;
    let table = reader.table(node, "`start_without`")?;
    let clock = reader.name_at(&table, "clock");
    let after = table.get("after").and_then(|node| super::ladder::at(desk, node));
    let who = reader.names_at(&table, "who");
    let tell = reader.names_at(&table, "tell");
    reader.done(&table);
    Some(StartWithout { who, clock: clock?, after: after?, tell })
}

fn leg(desk: &Desk<'_>, node: &Node) -> LegRules {
    let reader = desk.reader;
    let Some(table) = reader.table(node, "leg rules") else {
        return LegRules::default();
    };
    for (key, only) in [("pick", "named"), ("refusal", "arbitration"), ("expiry", "accepted")] {
        if let Some(node) = table.get(key)
            && node.text() != Some(only)
        {
            let en = format!("`{key}` can only be `{only}` in this version");
            reader.find(Code::NotThereYet, node.place, format!("`{key}`此版本只能是`{only}`"), en);
        }
    }
    let hops = table.get("hops").and_then(|node| reader.int(node, 1, 5)).and_then(|n| u8::try_from(n).ok());
    let rules = LegRules {
        clocks: reader.names_at(&table, "clocks"),
        grounds: super::ground::taken(reader, &desk.grounds, &table),
        send: reader.names_at(&table, "send"),
        refuse_within: table.get("refuse_within").and_then(|node| reader.span(node)),
        arbiter: reader.names_at(&table, "arbiter"),
        arbiter_again: reader.names_at(&table, "arbiter_again"),
        hops: hops.filter(|hops| *hops != paidan_machine::HOPS).unwrap_or(0),
    };
    reader.done(&table);
    rules
}
