//! Clocks and pauses.

use std::collections::BTreeSet;

use paidan_model::calendar::Roll;
use paidan_model::claim::ClaimState;
use paidan_model::clock::{CalendarRef, Carry, Clock, Extend, Pause, Scope, Trigger};
use paidan_model::id::{ActionId, StateId};
use paidan_model::leg::LegState;

use super::Desk;
use super::state::time_limit;
use crate::code::Code;
use crate::finding::Finding;
use crate::reader::Table;
use crate::tree::{Kind, Node};

fn scope(desk: &Desk<'_>, table: &Table<'_>) -> Scope {
    let Some(node) = table.get("scope") else {
        return Scope::Case;
    };
    match node.text() {
        Some("case") => Scope::Case,
        Some("leg") => Scope::Leg,
        Some("gap") => Scope::Gap,
        Some("offer") => Scope::Offer,
        Some("milestone") => {
            desk.reader.find(
                Code::NotThereYet,
                node.place,
                "此版本尚不支持",
                "this scope is not there yet in this version",
            );
            Scope::Case
        }
        _ => {
            desk.reader.find(
                Code::WrongValue,
                node.place,
                "范围是case、leg、offer或gap",
                "a scope is `case`, `leg`, `offer` or `gap`",
            );
            Scope::Case
        }
    }
}

/// Reads a clock.
pub(super) fn clock(desk: &Desk<'_>, states: &BTreeSet<StateId>, node: &Node) -> Option<Clock> {
    let reader = desk.reader;
    let table = reader.table(node, "a clock")?;
    let scope = scope(desk, &table);
    for key in ["starts", "limit"] {
        if table.get(key).is_none() {
            reader.missing(&table, key);
        }
    }
    let warn = table.get("warn").map(|node| reader.list(node, 16, "warnings")).unwrap_or_default();
    let limit = table.get("limit").and_then(|node| desk.per(node, |node| time_limit(desk, node)));
    let clock = Clock {
        title: reader.title(&table),
        scope,
        starts: triggers(desk, &table, "starts", scope, states),
        stops: triggers(desk, &table, "stops", scope, states),
        limit: limit?,
        calendar: table.get("calendar").and_then(|node| desk.per(node, |node| calendar(desk, node))),
        roll: roll(desk, &table),
        capped_by: reader.name_at(&table, "capped_by"),
        warn: warn.iter().filter_map(|node| percent(desk, node)).collect(),
        ladder: table.get("ladder").and_then(|node| desk.per(node, |node| reader.name(node))),
        pauses: reader.names_at(&table, "pauses"),
        extend: table.get("extend").and_then(|node| extend(desk, node)),
        carry: carry(desk, &table),
        holder: reader.names_at(&table, "holder"),
        public: public(desk, &table),
    };
    reader.done(&table);
    Some(clock)
}

fn triggers(
    desk: &Desk<'_>,
    table: &Table<'_>,
    key: &'static str,
    scope: Scope,
    states: &BTreeSet<StateId>,
) -> Vec<Trigger> {
    let Some(node) = table.get(key) else {
        return Vec::new();
    };
    let items: &[Node] = match &node.kind {
        Kind::Array(items) => items,
        Kind::Table(_) | Kind::Text(_) | Kind::Int(_) | Kind::Bool(_) | Kind::Other(_) => {
            std::slice::from_ref(node)
        }
    };
    items.iter().filter_map(|node| trigger(desk, node, scope, states)).collect()
}

fn trigger(desk: &Desk<'_>, node: &Node, scope: Scope, states: &BTreeSet<StateId>) -> Option<Trigger> {
    let text = desk.reader.text(node)?;
    if text == "intake" {
        return Some(Trigger::Intake);
    }
    if let Some(action) = text.strip_prefix("on.") {
        return desk.reader.name_of::<ActionId>(action, node.place).map(Trigger::Action);
    }
    if scope == Scope::Leg {
        let found = LegState::parse(&text);
        if found.is_none() {
            let all = LegState::ALL.map(LegState::name);
            let finding = Finding::new(
                Code::UnknownName,
                node.place,
                format!("承办没有状态`{text}`"),
                format!("a leg has no state `{text}`"),
            );
            desk.reader.note(finding.nearest(&text, all));
        }
        return found.map(Trigger::Leg);
    }
    if scope == Scope::Offer {
        let found = ClaimState::parse(&text);
        if found.is_none() {
            let all = ClaimState::ALL.map(ClaimState::name);
            let finding = Finding::new(
                Code::UnknownName,
                node.place,
                format!("认领没有状态`{text}`"),
                format!("a claim has no state `{text}`"),
            );
            desk.reader.note(finding.nearest(&text, all));
        }
        return found.map(Trigger::Claim);
    }
    let found = StateId::parse(&text).filter(|id| states.contains(id));
    if found.is_none() {
        let finding = Finding::new(
            Code::UnknownName,
            node.place,
            format!("没有状态`{text}`"),
            format!("there is no state `{text}`"),
        );
        desk.reader.note(finding.nearest(&text, states.iter().map(StateId::as_str)));
    }
    found.map(Trigger::State)
}

fn calendar(desk: &Desk<'_>, node: &Node) -> Option<CalendarRef> {
    if node.text() == Some("unit") {
        return Some(CalendarRef::Unit);
    }
    desk.reader.name(node).map(CalendarRef::Named)
}

fn roll(desk: &Desk<'_>, table: &Table<'_>) -> Roll {
    match table.get("roll").map(|node| (node.text(), node.place)) {
        None | Some((Some("forward"), _)) => Roll::Forward,
        Some((Some("none"), _)) => Roll::None,
        Some((_, place)) => {
            desk.reader.find(Code::WrongValue, place, "只能是forward或none", "`roll` is `forward` or `none`");
            Roll::Forward
        }
    }
}

/// Reads `"75%"`, or `75`.
pub(super) fn percent(desk: &Desk<'_>, node: &Node) -> Option<u8> {
    let text = desk.reader.text(node)?;
    let found =
        text.strip_suffix('%').and_then(|number| number.parse::<u8>().ok()).filter(|n| (1..100).contains(n));
    if found.is_none() {
        desk.reader.find(
            Code::WrongValue,
            node.place,
            "应为1%到99%",
            format!("`{text}` is no share from `1%` to `99%`"),
        );
    }
    found
}

fn extend(desk: &Desk<'_>, node: &Node) -> Option<Extend> {
    let reader = desk.reader;
    let table = reader.table(node, "`extend`")?;
    let step = table.get("step").and_then(|node| reader.span(node));
    let times = table.get("times").and_then(|node| reader.int(node, 1, 9)).and_then(|n| u8::try_from(n).ok());
    let extend = Extend {
        who: reader.names_at(&table, "who"),
        approve: reader.names_at(&table, "approve"),
        times: times.unwrap_or(1),
        step: step?,
        tell: reader.names_at(&table, "tell"),
    };
    reader.done(&table);
    Some(extend)
}

fn carry(desk: &Desk<'_>, table: &Table<'_>) -> Option<Carry> {
    let node = table.get("carry")?;
    match node.text() {
        Some("keep") => Some(Carry::Keep),
        Some("restart") => Some(Carry::Restart),
        Some("prorate") => Some(Carry::Prorate),
        _ => {
            desk.reader.find(
                Code::WrongValue,
                node.place,
                "只能是keep、restart、prorate",
                "`carry` is `keep`, `restart` or `prorate`",
            );
            None
        }
    }
}

fn public(desk: &Desk<'_>, table: &Table<'_>) -> bool {
    match table.get("counts_for").map(|node| (node.text(), node.place)) {
        None | Some((Some("internal"), _)) => false,
        Some((Some("public"), _)) => true,
        Some((_, place)) => {
            desk.reader.find(
                Code::WrongValue,
                place,
                "只能是public或internal",
                "`counts_for` is `public` or `internal`",
            );
            false
        }
    }
}

/// Reads a pause.
pub(super) fn pause(desk: &Desk<'_>, node: &Node) -> Option<Pause> {
    let reader = desk.reader;
    let table = reader.table(node, "a pause")?;
    let times = table.get("times").and_then(|node| reader.int(node, 1, 9)).and_then(|n| u8::try_from(n).ok());
    let max = table.get("max").and_then(|node| reader.span(node));
    if table.get("max").is_none() {
        reader.missing(&table, "max");
    }
    let pause = Pause {
        title: reader.title(&table),
        who: reader.names_at(&table, "who"),
        approve: reader.names_at(&table, "approve"),
        scope: scope(desk, &table),
        proof: reader.flag(&table, "proof"),
        during: reader.name_at(&table, "during"),
        max: max?,
        times: times.unwrap_or(1),
        resumes_after: table.get("resumes_after").and_then(|node| reader.span(node)),
        tell: reader.names_at(&table, "tell"),
    };
    reader.done(&table);
    Some(pause)
}
