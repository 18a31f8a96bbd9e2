//! `[[tests]]`: scripts.

use std::collections::{BTreeMap, BTreeSet};

use paidan_model::claim::ClaimState;
use paidan_model::id::{FieldId, ProfileId};
use paidan_model::leg::LegState;
use paidan_model::moment::Moment;
use paidan_model::script::{Deed, Script, See, Step};
use paidan_model::vote::Axis;
use serde_json::Value as Json;

use super::Desk;
use crate::code::Code;
use crate::reader::Table;
use crate::tree::{Entry, Kind, Node};

/// The most tests of a definition.
const SCRIPTS_MAX: usize = 500;
/// The most steps of a test.
const STEPS_MAX: usize = 1_000;

/// Reads every test.
pub(super) fn scripts(desk: &Desk<'_>, root: &Table<'_>, profiles: &BTreeSet<ProfileId>) -> Vec<Script> {
    let Some(node) = root.get("tests") else {
        return Vec::new();
    };
    let each = |node| script(desk, node, profiles);
    desk.reader.list(node, SCRIPTS_MAX, "tests").iter().filter_map(each).collect()
}

fn script(desk: &Desk<'_>, node: &Node, profiles: &BTreeSet<ProfileId>) -> Option<Script> {
    let reader = desk.reader;
    let table = reader.table(node, "a test")?;
    for key in ["name", "steps"] {
        if table.get(key).is_none() {
            reader.missing(&table, key);
        }
    }
    let given = table.get("given").map(|node| reader.by_name::<FieldId>(node)).unwrap_or_default();
    let steps = table.get("steps").map(|node| reader.list(node, STEPS_MAX, "steps")).unwrap_or_default();
    let script = Script {
        name: table.get("name").and_then(|node| reader.text(node))?,
        profile: table.get("profile").and_then(|node| super::profile::of_test(reader, node, profiles)),
        given: given.into_iter().map(|(id, entry)| (id, desk.reader.json(&entry.value))).collect(),
        others: others(desk, &table),
        at: table.get("at").and_then(|node| moment(desk, node)),
        steps: steps.iter().filter_map(|node| step(desk, node)).collect(),
    };
    reader.done(&table);
    Some(script)
}

/// Cases that may be named: `others = { s4 = { of = "wish-season", name = "2026-4" } }`.
fn others(desk: &Desk<'_>, table: &Table<'_>) -> BTreeMap<String, BTreeMap<String, Json>> {
    let entries = table.get("others").into_iter().flat_map(Node::entries);
    let fields = |node: &Node| {
        node.entries().map(|(key, entry)| (key.clone(), desk.reader.json(&entry.value))).collect()
    };
    entries.map(|(number, entry)| (number.clone(), fields(&entry.value))).collect()
}

fn moment(desk: &Desk<'_>, node: &Node) -> Option<Moment> {
    let text = desk.reader.text(node)?;
    let found = Moment::parse_local(&text, &desk.zone);
    if found.is_none() {
        desk.reader.find(
            Code::WrongValue,
            node.place,
            "应写作2026-10-08 12:00",
            format!("`{text}` is no moment such as `2026-10-08 12:00`"),
        );
    }
    found
}

fn step(desk: &Desk<'_>, node: &Node) -> Option<Step> {
    let reader = desk.reader;
    let table = reader.table(node, "a step")?;
    let found = if table.get("do").is_some() {
        deed(desk, &table).map(Step::Do)
    } else if let Some(event) = table.get("send") {
        reader.name(event).map(Step::Send)
    } else if let Some(wait) = table.get("wait") {
        match wait.text().and_then(|text| text.strip_prefix("until ")) {
            Some(until) => {
                let inner = Node { kind: Kind::Text(until.to_string()), place: wait.place };
                moment(desk, &inner).map(Step::WaitUntil)
            }
            None => reader.span(wait).map(Step::Wait),
        }
    } else if let Some(states) = table.get("in") {
        Some(Step::In(reader.names(states)))
    } else if let Some(what) = table.get("see") {
        see(desk, what).map(|seen| Step::See(Box::new(seen)))
    } else {
        reader.find(
            Code::MissingKey,
            table.place,
            "步骤要有do、send、wait、in或see",
            "a step does one of `do`, `send`, `wait`, `in`, `see`",
        );
        None
    };
    reader.done(&table);
    found
}

fn deed(desk: &Desk<'_>, table: &Table<'_>) -> Option<Deed> {
    let reader = desk.reader;
    let fill: BTreeMap<String, Json> = match table.get("fill") {
        Some(node) => {
            let member = |(key, entry): (&String, &Entry)| (key.clone(), reader.json(&entry.value));
            node.entries().map(member).collect()
        }
        None => BTreeMap::new(),
    };
    let reason = match table.get("reason").map(|node| (&node.kind, node)) {
        Some((Kind::Bool(true), _)) => Some("because".to_string()),
        Some((_, node)) => reader.text(node),
        None => None,
    };
    Some(Deed {
        action: reader.name_at(table, "do")?,
        who: reader.name_at(table, "who"),
        person: table.get("as").and_then(|node| reader.text(node)),
        fill,
        reason,
        leg: reader.name_at(table, "leg"),
        refused: table.get("refused").and_then(|node| reader.text(node)),
    })
}

fn see(desk: &Desk<'_>, node: &Node) -> Option<See> {
    let reader = desk.reader;
    let table = reader.table(node, "`see`")?;
    let claim =
        table.get("claim").and_then(|node| reader.int(node, 1, 1000)).and_then(|n| u32::try_from(n).ok());
    let claim_state = claim_state(desk, &table).filter(|_| claim.is_some());
    let state = table.get("state").filter(|_| claim.is_none()).and_then(|node| {
        let found = node.text().and_then(LegState::parse);
        if found.is_none() {
            reader.find(Code::WrongValue, node.place, "承办没有这个状态", "a leg has no such state");
        }
        found
    });
    let outcome = table.get("outcome").and_then(|node| super::outcome::named(desk, node));
    let see = See {
        told: reader.name_at(&table, "told"),
        notice: reader.name_at(&table, "notice"),
        slip: table.get("slip").and_then(|node| super::ladder::colour(desk, node)),
        due: reader.name_at(&table, "due"),
        at: table.get("at").and_then(|node| moment(desk, node)),
        late: reader.name_at(&table, "late"),
        leg: reader.name_at(&table, "leg"),
        state,
        claim,
        claim_state,
        left: table.get("left").and_then(|node| reader.int(node, 0, i64::MAX)),
        hint: reader.name_at(&table, "hint"),
        split: reader.name_at(&table, "split"),
        pays: pays(desk, &table),
        vote: reader.name_at(&table, "vote"),
        verdict: verdict(desk, &table),
        sums: sums(desk, &table),
        field: reader.name_at(&table, "field"),
        is: table.get("is").map(|node| desk.reader.json(node)),
        outcome,
    };
    reader.done(&table);
    Some(see)
}

fn claim_state(desk: &Desk<'_>, table: &Table<'_>) -> Option<ClaimState> {
    let node = table.get("state").filter(|_| table.get("claim").is_some())?;
    let found = node.text().and_then(ClaimState::parse);
    if found.is_none() {
        desk.reader.find(Code::WrongValue, node.place, "认领没有这个状态", "a claim has no such state");
    }
    found
}

/// What each part has paid: `pays = { "101" = 0, "201" = 333334 }`.
fn pays(desk: &Desk<'_>, table: &Table<'_>) -> BTreeMap<String, i64> {
    if table.get("pays").is_some() && table.get("split").is_none() {
        desk.reader.missing(table, "split");
    }
    let entries = table.get("pays").into_iter().flat_map(Node::entries);
    entries
        .filter_map(|(part, entry)| Some((part.clone(), desk.reader.int(&entry.value, 0, i64::MAX)?)))
        .collect()
}

fn verdict(desk: &Desk<'_>, table: &Table<'_>) -> Option<String> {
    let node = table.get("verdict")?;
    let text = desk.reader.text(node)?;
    if ["passed", "failed", "tied", "void"].contains(&text.as_str()) {
        return Some(text);
    }
    let en = "a vote ends `passed`, `failed`, `tied` or `void`";
    desk.reader.find(Code::WrongValue, node.place, "结果是passed、failed、tied或void", en);
    None
}

fn sums(desk: &Desk<'_>, table: &Table<'_>) -> BTreeMap<Axis, [i64; 3]> {
    let Some(inner) = table.get("sums").and_then(|node| desk.reader.table(node, "sums")) else {
        return BTreeMap::new();
    };
    let mut found = BTreeMap::new();
    for (axis, key) in [(Axis::Heads, "heads"), (Axis::Area, "area")] {
        let Some(node) = inner.get(key) else { continue };
        let numbers =
            desk.reader.list(node, 3, "sums").iter().filter_map(|n| desk.reader.int(n, 0, i64::MAX));
        match <[i64; 3]>::try_from(numbers.collect::<Vec<_>>()) {
            Ok(three) => drop(found.insert(axis, three)),
            Err(_) => {
                let en = "three numbers: everybody, those who took part, those who agreed";
                desk.reader.find(Code::WrongValue, node.place, "应为三个数：总数、参加、同意", en);
            }
        }
    }
    desk.reader.done(&inner);
    found
}
