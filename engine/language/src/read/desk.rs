//! What every reader of a noun has at hand: the reader of the text, the names that guards may use, the limits.

use std::collections::{BTreeMap, BTreeSet};

use paidan_model::field::{Field, Per};
use paidan_model::guard::Expr;
use paidan_model::id::{ChoiceId, FieldId, OutcomeId, RoleId};
use paidan_model::moment::Zone;
use paidan_model::outcome::Outcome;

use crate::code::Code;
use crate::finding::Finding;
use crate::guard::{self, GuardError, Names};
use crate::reader::{Name, Reader, Table};
use crate::source::Place;
use crate::tree::{Kind as TreeKind, Node};

use super::ground::Grounds;

/// The most states of a definition.
pub const STATES_MAX: usize = 200;
/// The most transitions of a definition.
pub const TRANSITIONS_MAX: usize = 1_000;
/// The most actions of a state.
pub const ACTIONS_MAX: usize = 64;
/// The most alternatives of an action.
pub const ALTERNATIVES_MAX: usize = 32;
/// The most clocks of a definition.
pub const CLOCKS_MAX: usize = 64;
/// The most rungs of a ladder.
pub const RUNGS_MAX: usize = 16;
/// The deepest nesting of states.
pub const NESTING_MAX: usize = 8;
/// The most votes, and the most claims, of a definition.
pub const VOTES_MAX: usize = 16;
/// The most fields of a definition.
pub const FIELDS_MAX: usize = 200;

/// What reading needs at hand: the reader, and the names that guards may use.
pub(crate) struct Desk<'r> {
    pub reader: &'r Reader,
    pub fields: BTreeMap<FieldId, Field>,
    pub names: Names,
    pub roles: BTreeSet<RoleId>,
    pub outcomes: BTreeMap<OutcomeId, Outcome>,
    pub grounds: Grounds,
    pub zone: Zone,
}

impl Desk<'_> {
    /// A guard at a node.
    pub fn condition(&self, node: &Node) -> Option<Expr> {
        let text = self.reader.text(node)?;
        guard::condition(&text, &self.names).map_err(|error| self.guard_error(node, &error)).ok()
    }

    /// An expression at a node, as `set` takes them.
    pub fn expression(&self, node: &Node) -> Option<Expr> {
        let text = self.reader.text(node)?;
        guard::parse(&text, &self.names)
            .map(|found| found.0)
            .map_err(|error| self.guard_error(node, &error))
            .ok()
    }

    /// An expression that is a whole number.
    pub fn number(&self, node: &Node) -> Option<Expr> {
        let text = self.reader.text(node)?;
        let found = guard::parse(&text, &self.names).map_err(|error| self.guard_error(node, &error)).ok()?;
        if found.1.is_number() {
            return Some(found.0);
        }
        let en = format!("a whole number is expected, this is {}", found.1.words());
        self.reader.find(Code::WrongType, node.place, "此处应为整数", en);
        None
    }

    fn guard_error(&self, node: &Node, error: &GuardError) {
        let start = (node.place.start + 1 + error.offset).min(node.place.end);
        let end = (start + error.len).min(node.place.end.saturating_sub(1)).max(start);
        let place = Place { source: node.place.source, start, end };
        let finding = Finding::new(Code::Guard, place, error.zh.clone(), error.en.clone());
        self.reader.note(match &error.help {
            Some(help) => finding.help(help.clone()),
            None => finding,
        });
    }

    /// A value, or one per choice.
    pub fn per<T: Clone>(&self, node: &Node, read: impl Fn(&Node) -> Option<T>) -> Option<Per<T>> {
        let TreeKind::Table(entries) = &node.kind else {
            return read(node).map(Per::One);
        };
        let by = entries.get("per").map(|entry| &entry.value);
        let Some(by) = by else {
            let en = "a table here is one value per choice and needs `per`";
            self.reader.find(Code::MissingKey, node.place, "按选项取值的表缺少`per`", en);
            return None;
        };
        let field: FieldId = self.reader.name(by)?;
        let choices = self.choices(&field, by.place)?;
        let otherwise = entries.get("otherwise").and_then(|entry| read(&entry.value));
        let mut of = BTreeMap::new();
        for choice in &choices {
            match entries.get(choice.as_str()) {
                Some(entry) => drop(read(&entry.value).map(|value| of.insert(choice.clone(), value))),
                None => match &otherwise {
                    Some(value) => drop(of.insert(choice.clone(), value.clone())),
                    None => {
                        let en = format!(
                            "the choice `{choice}` of `{field}` has no value, and there is no `otherwise`"
                        );
                        self.reader.find(
                            Code::MissingChoice,
                            node.place,
                            format!("选项`{choice}`没有给值"),
                            en,
                        );
                    }
                },
            }
        }
        for (name, entry) in entries {
            if name != "per" && name != "otherwise" && !choices.iter().any(|c| c.as_str() == name) {
                let finding = Finding::new(
                    Code::UnknownName,
                    entry.key,
                    format!("`{field}`没有选项`{name}`"),
                    format!("`{field}` has no choice `{name}`"),
                );
                self.reader.note(finding.nearest(name, choices.iter().map(ChoiceId::as_str)));
            }
        }
        Some(Per::By { field, of })
    }

    fn choices(&self, field: &FieldId, place: Place) -> Option<Vec<ChoiceId>> {
        let found = self.fields.get(field).filter(|f| !f.choices.is_empty());
        if found.is_none() {
            let finding = Finding::new(
                Code::UnknownName,
                place,
                format!("没有选择型字段`{field}`"),
                format!("there is no field `{field}` of type choice"),
            );
            self.reader.note(finding.nearest(field.as_str(), self.fields.keys().map(FieldId::as_str)));
        }
        found.map(|f| f.choices.clone())
    }
}

/// Whether a field has that choice; a finding where it has not.
pub(super) fn is_choice(reader: &Reader, place: Place, id: &ChoiceId, choices: &[ChoiceId]) -> bool {
    let known = choices.contains(id);
    if !known {
        let (zh, en) = (format!("没有选项`{id}`"), format!("there is no choice `{id}`"));
        let finding = Finding::new(Code::UnknownName, place, zh, en);
        reader.note(finding.nearest(id.as_str(), choices.iter().map(ChoiceId::as_str)));
    }
    known
}

/// Reads the tables of a key, each by its own reader.
pub(crate) fn each<T: Name, V>(
    reader: &Reader,
    root: &Table<'_>,
    key: &'static str,
    read: impl Fn(&T, &Node) -> Option<V>,
) -> BTreeMap<T, V> {
    let Some(node) = root.get(key) else {
        return BTreeMap::new();
    };
    let named = reader.by_name::<T>(node);
    named.into_iter().filter_map(|(id, entry)| read(&id, &entry.value).map(|value| (id, value))).collect()
}

pub(crate) fn limit(reader: &Reader, place: Place, what: &str, found: usize, most: usize) {
    if found > most {
        let en = format!("{found} {what}; a definition has at most {most}");
        reader.find(Code::Limit, place, format!("{what}有{found}个，最多{most}个"), en);
    }
}
