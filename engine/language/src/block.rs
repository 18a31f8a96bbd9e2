//! Blocks and profiles: expanded on the tree, before anything is read, checked or hashed.

use std::collections::{BTreeMap, BTreeSet};

use crate::code::Code;
use crate::finding::Finding;
use crate::reader::Reader;
use crate::tree::{Entry, Kind, Node};

/// The most blocks of a definition.
pub const BLOCKS_MAX: usize = 32;

/// The tables whose keys are ids that a block brings along.
const TABLES: [&str; 15] = [
    "states", "fields", "roles", "actions", "notices", "clocks", "ladders", "handoffs", "pauses", "votes",
    "claims", "splits", "hints", "outcomes", "grounds",
];

/// The keys whose texts name something, and in which table it is declared.
const NAMING: [(&str, &str); 66] = [
    ("in", "states"),
    ("start", "states"),
    ("go", "states"),
    ("during", "states"),
    ("take_over", "states"),
    ("required_from", "states"),
    ("starts", "states"),
    ("stops", "states"),
    ("who", "roles"),
    ("not_who", "roles"),
    ("tell", "roles"),
    ("copy", "roles"),
    ("assign", "roles"),
    ("holder", "roles"),
    ("approve", "roles"),
    ("arbiter", "roles"),
    ("arbiter_again", "roles"),
    ("notify", "notices"),
    ("notice", "notices"),
    ("fill", "fields"),
    ("clear", "fields"),
    ("among", "fields"),
    ("each", "fields"),
    ("lead", "fields"),
    ("optional", "fields"),
    ("only", "fields"),
    ("agree_on", "fields"),
    ("send", "fields"),
    ("per", "fields"),
    ("person", "fields"),
    ("time", "fields"),
    ("handoff", "handoffs"),
    ("continues", "handoffs"),
    ("ladder", "ladders"),
    ("pauses", "pauses"),
    ("vote", "votes"),
    ("claims", "claims"),
    ("roster", "fields"),
    ("must_all", "fields"),
    ("options", "fields"),
    ("winner", "fields"),
    ("until", "fields"),
    ("owners", "fields"),
    ("collect", "roles"),
    ("veto", "roles"),
    ("matcher", "roles"),
    ("item", "fields"),
    ("offered_by", "fields"),
    ("season", "fields"),
    ("reveal", "fields"),
    ("at_contact", "fields"),
    ("at_delivery", "fields"),
    ("show", "fields"),
    ("category", "fields"),
    ("quantity", "fields"),
    ("from", "fields"),
    ("vulnerable", "fields"),
    ("priority", "fields"),
    ("about", "fields"),
    ("weights", "fields"),
    ("outside", "fields"),
    ("since", "fields"),
    ("part", "fields"),
    ("join_late", "splits"),
    ("outcome", "outcomes"),
    ("grounds", "grounds"),
];

/// The keys whose texts are guards.
const GUARDS: [&str; 5] = ["when", "that", "required_when", "wakes", "amount"];

/// Notes each table of a block's text that a block does not have, used or not.
pub fn known_tables(reader: &Reader, root: &Node) {
    // `opens` is told where the block is used; a text may declare a workflow and a town too.
    let known = || TABLES.into_iter().chain(["block", "opens", "calendars"]);
    if root.get("workflow").is_some() {
        return;
    }
    for (name, entry) in root.entries().filter(|(name, _)| !known().any(|key| key == name.as_str())) {
        let en = format!("`{name}` means nothing in a block");
        let finding = Finding::new(Code::UnknownKey, entry.key, format!("块里没有`{name}`这个表"), en);
        reader.note(finding.nearest(name, known()));
    }
}

/// Expands every `use` of a definition; blocks are named by their id.
pub fn expand(reader: &Reader, root: &mut Node, blocks: &BTreeMap<String, Node>) {
    let uses: Vec<Node> = match root.get("workflow").and_then(|head| head.get("use")).map(|node| &node.kind) {
        Some(Kind::Array(items)) => items.clone(),
        _ => return,
    };
    if uses.len() > BLOCKS_MAX {
        let place = root.place;
        reader.find(
            Code::Limit,
            place,
            format!("最多{BLOCKS_MAX}个块"),
            format!("a definition uses at most {BLOCKS_MAX} blocks"),
        );
    }
    for node in uses.iter().take(BLOCKS_MAX) {
        expand_one(reader, root, node, blocks);
    }
}

fn expand_one(reader: &Reader, root: &mut Node, node: &Node, blocks: &BTreeMap<String, Node>) {
    let Some(table) = reader.table(node, "a use of a block") else {
        return;
    };
    let text = |key| table.get(key).and_then(|node| reader.text(node));
    let (id, name, parent) = (text("block"), text("as"), text("in"));
    let with = table.get("with");
    reader.done(&table);
    let (Some(id), Some(name)) = (id, name) else {
        reader.missing(&table, if table.node.get("block").is_none() { "block" } else { "as" });
        return;
    };
    let Some(block) = blocks.get(&id) else {
        let place = table.key_place("block");
        let finding = Finding::new(
            Code::UnknownName,
            place,
            format!("没有块`{id}`"),
            format!("there is no block `{id}`"),
        );
        reader.note(finding.nearest(&id, blocks.keys().map(String::as_str)));
        return;
    };
    if let Some(opens) = block.get("opens") {
        let en = "what goes along to a linked case is said by the definition, not by a block";
        reader.find(Code::WrongValue, opens.place, "opens不能写在块里", en);
    }
    let Some(given) = parameters(reader, block, with, node) else {
        return;
    };
    let mut declared: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    for key in TABLES {
        let names = block.get(key).map(|node| node.entries().map(|(name, _)| name.clone()).collect());
        declared.insert(key, names.unwrap_or_default());
    }
    let rename = Rename { prefix: &name, declared, given };
    for key in TABLES {
        if let Some(found) = block.get(key) {
            let mut renamed = rename.table(key, found);
            if key == "states" {
                put_inside(&mut renamed, &name);
            }
            insert(reader, root, key, renamed);
        }
    }
    insert(reader, root, "states", root_state(block, &name, parent.as_deref(), node, &rename));
}

/// The block's top states lie in its root state.
fn put_inside(states: &mut Node, name: &str) {
    let Kind::Table(entries) = &mut states.kind else {
        return;
    };
    for entry in entries.values_mut() {
        let place = entry.value.place;
        if let Kind::Table(state) = &mut entry.value.kind {
            let value = Node { kind: Kind::Text(name.to_string()), place };
            state.entry("in".to_string()).or_insert(Entry { key: place, value });
        }
    }
}

fn parameters(
    reader: &Reader,
    block: &Node,
    with: Option<&Node>,
    at: &Node,
) -> Option<BTreeMap<String, Node>> {
    let wanted = block.get("block").and_then(|head| head.get("with"));
    let mut given = BTreeMap::new();
    let mut complete = true;
    for (name, _) in wanted.into_iter().flat_map(Node::entries) {
        match with.and_then(|with| with.get(name)) {
            Some(node) => drop(given.insert(format!("<{name}>"), node.clone())),
            None => {
                complete = false;
                reader.find(
                    Code::MissingKey,
                    at.place,
                    format!("块缺少参数`{name}`"),
                    format!("the block needs `{name}` in `with`"),
                );
            }
        }
    }
    for (name, entry) in with.into_iter().flat_map(Node::entries) {
        if wanted.is_none_or(|wanted| wanted.get(name).is_none()) {
            reader.find(
                Code::UnknownKey,
                entry.key,
                format!("块没有参数`{name}`"),
                format!("the block has no parameter `{name}`"),
            );
            complete = false;
        }
    }
    complete.then_some(given)
}

fn text_node(text: &str, at: &Node) -> Node {
    Node { kind: Kind::Text(text.to_string()), place: at.place }
}

fn root_state(block: &Node, name: &str, parent: Option<&str>, at: &Node, rename: &Rename<'_>) -> Node {
    let mut state = BTreeMap::new();
    let mut add =
        |key: &str, value: Node| drop(state.insert(key.to_string(), Entry { key: at.place, value }));
    let head = block.get("block");
    if let Some(title) = head.and_then(|head| head.get("title")) {
        add("title", title.clone());
    }
    if let Some(start) = head.and_then(|head| head.get("start")) {
        add("start", rename.value("start", start));
    }
    if let Some(parent) = parent {
        add("in", text_node(parent, at));
    }
    let value = Node { kind: Kind::Table(state), place: at.place };
    Node {
        kind: Kind::Table(BTreeMap::from([(name.to_string(), Entry { key: at.place, value })])),
        place: at.place,
    }
}

fn insert(reader: &Reader, root: &mut Node, key: &str, more: Node) {
    let place = root.place;
    let Kind::Table(entries) = &mut root.kind else {
        return;
    };
    let slot = entries
        .entry(key.to_string())
        .or_insert_with(|| Entry { key: place, value: Node { kind: Kind::Table(BTreeMap::new()), place } });
    let (Kind::Table(here), Kind::Table(more)) = (&mut slot.value.kind, more.kind) else {
        return;
    };
    for (name, entry) in more {
        if let Some(before) = here.get(&name) {
            let en = format!("`{name}` is declared here and by a block");
            reader.find(Code::Duplicate, before.key, format!("`{name}`与块里的重名"), en);
        } else {
            here.insert(name, entry);
        }
    }
}

struct Rename<'a> {
    prefix: &'a str,
    declared: BTreeMap<&'static str, BTreeSet<String>>,
    given: BTreeMap<String, Node>,
}

impl Rename<'_> {
    fn is_declared(&self, table: &str, name: &str) -> bool {
        self.declared.get(table).is_some_and(|names| names.contains(name))
    }

    fn name(&self, table: &str, name: &str) -> String {
        if self.is_declared(table, name) { format!("{}_{name}", self.prefix) } else { name.to_string() }
    }

    /// A top table: its keys are ids.
    fn table(&self, table: &'static str, node: &Node) -> Node {
        self.keys(table, node, |_, value| self.inside(value))
    }

    fn keys(&self, table: &str, node: &Node, each: impl Fn(&str, &Node) -> Node) -> Node {
        let entries = node.entries().map(|(name, entry)| {
            (self.name(table, name), Entry { key: entry.key, value: each(name, &entry.value) })
        });
        Node { kind: Kind::Table(entries.collect()), place: node.place }
    }

    /// The inside of a table whose keys are words of the language.
    fn inside(&self, node: &Node) -> Node {
        match &node.kind {
            Kind::Table(entries) => {
                let each = |(key, entry): (&String, &Entry)| {
                    (key.clone(), Entry { key: entry.key, value: self.value(key, &entry.value) })
                };
                Node { kind: Kind::Table(entries.iter().map(each).collect()), place: node.place }
            }
            Kind::Array(items) => Node {
                kind: Kind::Array(items.iter().map(|item| self.inside(item)).collect()),
                place: node.place,
            },
            Kind::Text(text) => self.given.get(text).cloned().unwrap_or_else(|| node.clone()),
            Kind::Int(_) | Kind::Bool(_) | Kind::Other(_) => node.clone(),
        }
    }

    /// The value of a key.
    fn value(&self, key: &str, node: &Node) -> Node {
        match key {
            "on" => self.keys("actions", node, |_, value| self.inside(value)),
            "set" => self.keys("fields", node, |_, value| self.guard(value)),
            // An electorate is a field of type roster, or a role.
            "roster" if node.text().is_some_and(|text| self.is_declared("roles", text)) => {
                self.names("roles", node)
            }
            // What is brought stands in another workflow.
            "brings" => self.keys("fields", node, |_, value| value.clone()),
            "zh" | "en" => self.words(node),
            _ if GUARDS.contains(&key) => self.guard(node),
            _ => match NAMING.iter().find(|(name, _)| *name == key) {
                Some((_, table)) => self.names(table, node),
                None => self.inside(node),
            },
        }
    }

    fn names(&self, table: &str, node: &Node) -> Node {
        match &node.kind {
            Kind::Text(text) => {
                if let Some(given) = self.given.get(text) {
                    return given.clone();
                }
                let renamed = match text.strip_prefix("on.") {
                    Some(action) => format!("on.{}", self.name("actions", action)),
                    None => self.name(table, text),
                };
                text_node(&renamed, node)
            }
            Kind::Array(items) => {
                let items = items.iter().map(|item| self.names(table, item)).collect();
                Node { kind: Kind::Array(items), place: node.place }
            }
            Kind::Table(_) | Kind::Int(_) | Kind::Bool(_) | Kind::Other(_) => self.inside(node),
        }
    }

    fn words(&self, node: &Node) -> Node {
        let Kind::Text(text) = &node.kind else {
            return node.clone();
        };
        let fields = self.declared.get("fields").into_iter().flatten();
        let renamed = fields.fold(text.clone(), |text, field| {
            text.replace(&format!("{{{field}}}"), &format!("{{{}_{field}}}", self.prefix))
        });
        text_node(&renamed, node)
    }

    /// Renames the fields and states that a guard's text names.
    fn guard(&self, node: &Node) -> Node {
        let Kind::Text(text) = &node.kind else {
            return node.clone();
        };
        let mut renamed = String::new();
        let mut quote = None;
        let mut word = String::new();
        for c in text.chars().chain(['\0']) {
            let in_word = c.is_ascii_alphanumeric() || c == '_' || (quote.is_some() && c == '-');
            if in_word {
                word.push(c);
                continue;
            }
            // What stands between quotes is a state after `In(`; else it is a choice, a column or words.
            match (quote.is_some(), renamed.trim_end_matches(['\'', '"']).trim_end().ends_with("In(")) {
                (true, true) => renamed.push_str(&self.name("states", &word)),
                (true, false) => renamed.push_str(&word),
                (false, _) => renamed.push_str(&self.name("fields", &word)),
            }
            word.clear();
            match quote {
                Some(open) if open == c => quote = None,
                None if c == '\'' || c == '"' => quote = Some(c),
                Some(_) | None => {}
            }
            if c != '\0' {
                renamed.push(c);
            }
        }
        text_node(&renamed, node)
    }
}

/// Merges a profile into a definition: tables merge, values and arrays replace. Says whether there is one.
pub fn apply_profile(root: &mut Node, profile: &str) -> bool {
    let found = root.get("profiles").and_then(|all| all.get(profile)).cloned();
    let there = found.is_some();
    if let Some(found) = found {
        merge(root, found);
    }
    there
}

fn merge(into: &mut Node, from: Node) {
    let place = from.place;
    match (&mut into.kind, from.kind) {
        (Kind::Table(here), Kind::Table(more)) => {
            for (name, entry) in more {
                match here.get_mut(&name) {
                    Some(slot) => merge(&mut slot.value, entry.value),
                    None => drop(here.insert(name, entry)),
                }
            }
        }
        (_, kind) => *into = Node { kind, place },
    }
}
