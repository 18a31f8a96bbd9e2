//! States, actions, alternatives, timers and what happens on the way.

use std::collections::{BTreeMap, BTreeSet};

use paidan_model::field::Per;
use paidan_model::id::{ActionId, FieldId, StateId, WorkflowId};
use paidan_model::state::{Action, After, Alternative, Effects, Limit, Reopen, State, Target};

use super::{ACTIONS_MAX, ALTERNATIVES_MAX, Desk, NESTING_MAX, STATES_MAX, limit, outcome};
use crate::code::Code;
use crate::finding::Finding;
use crate::reader::{Reader, Table};
use crate::source::Place;
use crate::tree::{Kind, Node};

/// The ids of all states, for those who name them.
pub(super) fn ids(reader: &Reader, root: &Table<'_>) -> BTreeSet<StateId> {
    let Some(node) = root.get("states") else {
        return BTreeSet::new();
    };
    let found: BTreeSet<StateId> = node.entries().filter_map(|(name, _)| StateId::parse(name)).collect();
    limit(reader, root.key_place("states"), "states", found.len(), STATES_MAX);
    found
}

/// Reads every state.
pub(super) fn states(
    desk: &Desk<'_>,
    root: &Table<'_>,
) -> (BTreeMap<StateId, State>, BTreeMap<StateId, Place>) {
    let Some(node) = root.get("states") else {
        desk.reader.missing(root, "states");
        return Default::default();
    };
    let mut places = BTreeMap::new();
    let mut found = BTreeMap::new();
    for (id, entry) in desk.reader.by_name::<StateId>(node) {
        places.insert(id.clone(), entry.key);
        if let Some(state) = state(desk, &id, &entry.value) {
            found.insert(id, state);
        }
    }
    let too_deep = |id: &StateId| {
        let parent = |id: &StateId| found.get(id).and_then(|s: &State| s.parent.clone());
        std::iter::successors(parent(id), parent).take(NESTING_MAX + 1).count() >= NESTING_MAX
    };
    if let Some(id) = found.keys().find(|id| too_deep(id)) {
        let place = places.get(id).copied().unwrap_or(node.place);
        let en = format!("`{id}` nests {NESTING_MAX} deep or within itself; at most {NESTING_MAX} levels");
        desk.reader.find(Code::Limit, place, format!("`{id}`嵌套过深，最多{NESTING_MAX}层"), en);
    }
    (found, places)
}

fn looks_nested(state: &Node) -> Option<(&String, Place)> {
    const OWN: [&str; 7] = ["title", "enter", "leave", "on", "reopen", "then", "after"];
    let nested = |(name, entry): &(&String, &crate::tree::Entry)| {
        !OWN.contains(&name.as_str())
            && ["title", "on", "in", "who"].iter().any(|key| entry.value.get(key).is_some())
    };
    state.entries().find(nested).map(|(name, entry)| (name, entry.key))
}

/// A state without the states that are written inside it by a dot; each of them is a finding.
fn flat(reader: &Reader, id: &StateId, node: &Node) -> Node {
    let mut flat = node.clone();
    while let Some((inner, place)) = looks_nested(&flat).map(|(inner, place)| (inner.clone(), place)) {
        let en = format!("`{id}.{inner}` nests: a dot is never part of an id");
        let zh = format!("`{id}.{inner}`：标识里不能有点号");
        let help = format!("states are flat: write `[states.{inner}]` with `in = \"{id}\"`");
        reader.note(Finding::new(Code::DottedId, place, zh, en).help(help));
        if let Kind::Table(entries) = &mut flat.kind {
            entries.remove(&inner);
        }
    }
    flat
}

fn state(desk: &Desk<'_>, id: &StateId, node: &Node) -> Option<State> {
    let reader = desk.reader;
    let node = &flat(reader, id, node);
    let table = reader.table(node, "a state")?;
    let outcome = table.get("outcome").and_then(|node| outcome::named(desk, node));
    let rank = table.get("rank").and_then(|n| reader.int(n, -1000, 1000)).and_then(|n| i32::try_from(n).ok());
    let state = State {
        title: reader.title(&table),
        parent: reader.name_at(&table, "in"),
        start: reader.names_at(&table, "start"),
        parallel: reader.flag(&table, "parallel"),
        who: reader.names_at(&table, "who"),
        not_who: reader.names_at(&table, "not_who"),
        enter: table.get("enter").map(|node| effects(desk, node)).unwrap_or_default(),
        leave: table.get("leave").map(|node| effects(desk, node)).unwrap_or_default(),
        on: table.get("on").map(|node| actions(desk, node)).unwrap_or_default(),
        after: table.get("after").map(|node| timers(desk, node)).unwrap_or_default(),
        always: table.get("always").map(|node| eventless(desk, node)).unwrap_or_default(),
        handoff: reader.name_at(&table, "handoff"),
        vote: reader.name_at(&table, "vote"),
        claims: reader.name_at(&table, "claims"),
        outcome,
        end: reader.flag(&table, "end"),
        rank: rank.unwrap_or(0),
        reopen: table.get("reopen").and_then(|node| reopen(desk, node)),
    };
    reader.done(&table);
    Some(state)
}

fn reopen(desk: &Desk<'_>, node: &Node) -> Option<Reopen> {
    let reader = desk.reader;
    let table = reader.table(node, "`reopen`")?;
    let who = reader.names_at(&table, "who");
    let within = table.get("within").and_then(|node| reader.span(node));
    let go = reader.name_at(&table, "go");
    let reason = reader.flag(&table, "reason");
    reader.done(&table);
    Some(Reopen { who, within: within?, go: go?, reason })
}

/// Reads `enter`, `leave`, `at_end`.
pub(super) fn effects(desk: &Desk<'_>, node: &Node) -> Effects {
    let reader = desk.reader;
    let Some(table) = reader.table(node, "effects") else {
        return Effects::default();
    };
    reader.not_yet(&table, &["call"]);
    let effects = Effects {
        notify: reader.names_at(&table, "notify"),
        copy: reader.names_at(&table, "copy"),
        raise: reader.names_at(&table, "raise"),
        set: table.get("set").map(|node| sets(desk, node)).unwrap_or_default(),
        open: table.get("open").and_then(|node| open(desk, node)),
        report: reader.name_at(&table, "report"),
    };
    reader.done(&table);
    effects
}

fn sets(desk: &Desk<'_>, node: &Node) -> BTreeMap<FieldId, paidan_model::guard::Expr> {
    let named = desk.reader.by_name::<FieldId>(node);
    named.into_iter().filter_map(|(id, entry)| desk.expression(&entry.value).map(|expr| (id, expr))).collect()
}

fn open(desk: &Desk<'_>, node: &Node) -> Option<Per<WorkflowId>> {
    desk.per(node, |node| desk.reader.name(node))
}

fn actions(desk: &Desk<'_>, node: &Node) -> BTreeMap<ActionId, Action> {
    let named = desk.reader.by_name::<ActionId>(node);
    limit(desk.reader, node.place, "actions of a state", named.len(), ACTIONS_MAX);
    named
        .into_iter()
        .filter_map(|(id, entry)| action(desk, &entry.value).map(|action| (id, action)))
        .collect()
}

fn action(desk: &Desk<'_>, node: &Node) -> Option<Action> {
    let reader = desk.reader;
    let ways: &[Node] = match &node.kind {
        Kind::Array(_) => reader.list(node, ALTERNATIVES_MAX, "alternatives"),
        Kind::Table(_) | Kind::Text(_) | Kind::Int(_) | Kind::Bool(_) | Kind::Other(_) => {
            std::slice::from_ref(node)
        }
    };
    let mut action = Action::default();
    for (n, way) in ways.iter().enumerate() {
        let table = reader.table(way, "an action")?;
        if n == 0 {
            head(desk, &table, &mut action);
        }
        let last = n + 1 == ways.len();
        if let Some(way) = alternative(desk, &table) {
            let open_end = ways.len() > 1 && way.when.is_none();
            if open_end && !last {
                let en = "the alternatives after this one can never be taken";
                reader.find(Code::WrongValue, table.place, "后面的分支永远走不到", en);
            }
            action.alternatives.push(way);
        }
        reader.done(&table);
    }
    (!action.alternatives.is_empty()).then_some(action)
}

fn head(desk: &Desk<'_>, table: &Table<'_>, action: &mut Action) {
    let reader = desk.reader;
    action.who = reader.names_at(table, "who");
    action.not_who = reader.names_at(table, "not_who");
    action.fill = reader.names_at(table, "fill");
    action.reason = reader.flag(table, "reason");
    action.within = table.get("within").and_then(|node| reader.span(node));
}

fn alternative(desk: &Desk<'_>, table: &Table<'_>) -> Option<Alternative> {
    let reader = desk.reader;
    reader.not_yet(table, &["call", "undo", "inside", "back_or"]);
    let when = table.get("when").and_then(|node| desk.condition(node));
    let otherwise = reader.flag(table, "otherwise");
    if otherwise && when.is_some() {
        reader.find(
            Code::WrongValue,
            table.place,
            "`when`和`otherwise`只能有一个",
            "`when` and `otherwise` exclude each other",
        );
    }
    Some(Alternative {
        go: table.get("go").and_then(|node| target(desk, node)),
        when,
        set: table.get("set").map(|node| sets(desk, node)).unwrap_or_default(),
        clear: reader.names_at(table, "clear"),
        next_round: reader.flag(table, "next_round"),
        raise: reader.names_at(table, "raise"),
        open: table.get("open").and_then(|node| open(desk, node)),
        join_late: reader.name_at(table, "join_late"),
    })
}

fn target(desk: &Desk<'_>, node: &Node) -> Option<Target> {
    if let Kind::Array(_) = node.kind {
        let en = "several targets are not there yet in this version";
        desk.reader.find(Code::NotThereYet, node.place, "多个目标此版本尚不支持", en);
        return None;
    }
    match node.text() {
        Some("back") => Some(Target::Back),
        Some("back-deep") => Some(Target::BackDeep),
        _ => desk.reader.name(node).map(Target::State),
    }
}

fn eventless(desk: &Desk<'_>, node: &Node) -> Vec<Alternative> {
    let one = |node: &Node| {
        let table = desk.reader.table(node, "an eventless alternative")?;
        let way = alternative(desk, &table);
        desk.reader.done(&table);
        way
    };
    desk.reader.list(node, ALTERNATIVES_MAX, "alternatives").iter().filter_map(one).collect()
}

fn timers(desk: &Desk<'_>, node: &Node) -> Vec<After> {
    let one = |node: &Node| {
        let table = desk.reader.table(node, "a timer")?;
        let time = table.get("time").and_then(|node| time_limit(desk, node));
        let go = desk.reader.name_at(&table, "go");
        for key in ["time", "go"] {
            if table.get(key).is_none() {
                desk.reader.missing(&table, key);
            }
        }
        desk.reader.done(&table);
        Some(After { time: time?, go: go? })
    };
    desk.reader.list(node, ALTERNATIVES_MAX, "timers").iter().filter_map(one).collect()
}

/// A duration, or a field of type date or moment.
pub(super) fn time_limit(desk: &Desk<'_>, node: &Node) -> Option<Limit> {
    let text = desk.reader.text(node)?;
    match FieldId::parse(&text).filter(|id| desk.fields.contains_key(id)) {
        Some(field) => Some(Limit::Field(field)),
        None => desk.reader.span(node).map(Limit::Span),
    }
}
