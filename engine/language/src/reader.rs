//! The reader: typed looks at the tree that note a finding for whatever does not fit.

use std::cell::RefCell;
use std::collections::BTreeSet;

use paidan_model::id;
use paidan_model::span::Span;
use paidan_model::text::Text;
use serde_json::Value as Json;
use unicode_normalization::UnicodeNormalization as _;

use crate::code::Code;
use crate::duration;
use crate::finding::{Finding, nearest};
use crate::source::Place;
use crate::tree::{Entry, Kind, Node};

#[cfg(test)]
thread_local! {
    /// Every key that was asked for of each kind of table, for the test that holds the schema against it.
    pub static ASKED: RefCell<std::collections::BTreeMap<&'static str, BTreeSet<&'static str>>> = RefCell::default();
}

/// Keeps the findings while a definition is read.
#[derive(Default)]
pub struct Reader {
    /// What was found so far.
    pub findings: RefCell<Vec<Finding>>,
}

/// A table that is being read: remembers which keys were asked for.
pub struct Table<'n> {
    /// Where it stands.
    pub place: Place,
    /// The table.
    pub node: &'n Node,
    what: &'static str,
    asked: RefCell<BTreeSet<&'static str>>,
}

/// Ids that can be made from a text.
pub trait Name: Sized + Ord + Clone {
    /// The id, if the text is one.
    fn of(text: &str) -> Option<Self>;
}

macro_rules! names { ($($name:ident),+) => { $(impl Name for id::$name {
    fn of(text: &str) -> Option<Self> { Self::parse(text) }
})+ } }
names!(
    WorkflowId, StateId, ActionId, RoleId, FieldId, ClockId, PauseId, LadderId, NoticeId, HandoffId,
    CalendarId, ChannelId, UnitId, UnitKind, PostId, PlaceId, ChoiceId, SplitId, HintId, VoteId, ClaimsId,
    ProfileId, OutcomeId, StartId, GroundId
);

impl<'n> Table<'n> {
    /// The value of a key; from now on the key is known here.
    pub fn get(&self, key: &'static str) -> Option<&'n Node> {
        self.asked.borrow_mut().insert(key);
        self.node.get(key)
    }

    /// The place of a key, or of the table.
    pub fn key_place(&self, key: &str) -> Place {
        self.node.entries().find(|(name, _)| *name == key).map_or(self.place, |(_, entry)| entry.key)
    }
}

impl Reader {
    /// Notes a finding.
    pub fn note(&self, finding: Finding) {
        self.findings.borrow_mut().push(finding);
    }

    /// Notes a finding of a code, in both languages.
    pub fn find(&self, code: Code, place: Place, zh: impl Into<String>, en: impl Into<String>) {
        self.note(Finding::new(code, place, zh.into(), en.into()));
    }

    fn wrong_type(&self, node: &Node, expected: &str) {
        let found = node.type_name();
        let en = format!("{expected} is expected here, this is {found}");
        self.find(Code::WrongType, node.place, format!("这里应为{expected}，实为{found}"), en);
    }

    /// The value as a table.
    pub fn table<'n>(&self, node: &'n Node, what: &'static str) -> Option<Table<'n>> {
        match &node.kind {
            Kind::Table(_) => Some(Table { place: node.place, node, what, asked: RefCell::default() }),
            Kind::Array(_) | Kind::Text(_) | Kind::Int(_) | Kind::Bool(_) | Kind::Other(_) => {
                self.wrong_type(node, "a table");
                None
            }
        }
    }

    /// Notes each key of a table that was never asked for.
    pub fn done(&self, table: &Table<'_>) {
        let asked = table.asked.borrow();
        #[cfg(test)]
        ASKED.with_borrow_mut(|all| all.entry(table.what).or_default().extend(asked.iter().copied()));
        for (name, entry) in table.node.entries().filter(|(name, _)| !asked.contains(name.as_str())) {
            self.unknown(table, name, entry.key, nearest(name, asked.iter().copied()));
        }
    }

    fn unknown(&self, table: &Table<'_>, name: &str, place: Place, near: Option<&str>) {
        let (zh, en) = (
            format!("{}里没有`{name}`这个键", table.what),
            format!("`{name}` means nothing in {}", table.what),
        );
        let finding = Finding::new(Code::UnknownKey, place, zh, en);
        self.note(match near {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding,
        });
    }

    /// Notes keys of the language that this version does not have.
    pub fn not_yet(&self, table: &Table<'_>, keys: &[&'static str]) {
        for key in keys {
            if table.get(key).is_some() {
                let place = table.key_place(key);
                let en = format!("`{key}` is part of the language, but not there yet in this version");
                self.find(Code::NotThereYet, place, format!("`{key}`此版本尚不支持"), en);
            }
        }
    }

    /// Notes a key that must be there; where one is misspelt, that it is.
    pub fn missing(&self, table: &Table<'_>, key: &str) {
        let asked = table.asked.borrow();
        let meant = |name: &str| name.len() > 2 && !asked.contains(name) && nearest(name, [key]).is_some();
        if let Some((name, entry)) = table.node.entries().find(|(name, _)| meant(name)) {
            self.unknown(table, name, entry.key, Some(key));
            return;
        }
        let en = format!("{} needs `{key}`", table.what);
        self.find(Code::MissingKey, table.place, format!("{}缺少`{key}`", table.what), en);
    }

    /// The value as text, in Unicode's composed form.
    pub fn text(&self, node: &Node) -> Option<String> {
        if let Kind::Text(text) = &node.kind {
            return Some(text.nfc().collect());
        }
        self.wrong_type(node, "a text");
        None
    }

    /// A value of TOML as JSON.
    pub fn json(&self, node: &Node) -> Json {
        match &node.kind {
            Kind::Text(text) => Json::String(text.clone()),
            Kind::Int(number) => Json::from(*number),
            Kind::Bool(truth) => Json::Bool(*truth),
            Kind::Array(items) => Json::Array(items.iter().map(|item| self.json(item)).collect()),
            Kind::Table(entries) => {
                let member = |(key, entry): (&String, &Entry)| -> (String, Json) {
                    (key.clone(), self.json(&entry.value))
                };
                Json::Object(entries.iter().map(member).collect())
            }
            Kind::Other(name) => {
                let en = format!("{name} means nothing here");
                self.find(Code::WrongType, node.place, "不支持的值", en);
                Json::Null
            }
        }
    }

    /// The value as a whole number within bounds.
    pub fn int(&self, node: &Node, least: i64, most: i64) -> Option<i64> {
        let Kind::Int(number) = node.kind else {
            self.wrong_type(node, "a whole number");
            return None;
        };
        if (least..=most).contains(&number) {
            return Some(number);
        }
        let en = format!("{number} is not between {least} and {most}");
        self.find(Code::Limit, node.place, format!("{number}不在{least}到{most}之间"), en);
        None
    }

    /// Whether a key is there and true.
    pub fn flag(&self, table: &Table<'_>, key: &'static str) -> bool {
        match table.get(key).map(|node| (&node.kind, node)) {
            None => false,
            Some((Kind::Bool(truth), _)) => *truth,
            Some((_, node)) => {
                self.wrong_type(node, "true or false");
                false
            }
        }
    }

    /// The values of an array.
    pub fn list<'n>(&self, node: &'n Node, most: usize, what: &str) -> &'n [Node] {
        let Kind::Array(items) = &node.kind else {
            self.wrong_type(node, "an array");
            return &[];
        };
        if items.len() > most {
            let en = format!("{} {what}; at most {most}", items.len());
            self.find(Code::Limit, node.place, format!("{what}有{}个，最多{most}个", items.len()), en);
        }
        items
    }

    /// The value as an id.
    pub fn name<T: Name>(&self, node: &Node) -> Option<T> {
        let text = self.text(node)?;
        self.name_of(&text, node.place)
    }

    /// A text as an id.
    pub fn name_of<T: Name>(&self, text: &str, place: Place) -> Option<T> {
        let found = T::of(text);
        if found.is_none() {
            let en = format!("`{text}` is no id: a letter, then letters, digits, `_` or `-`, at most 64");
            self.find(Code::NotAnId, place, format!("`{text}`不是合法的标识"), en);
        }
        found
    }

    /// An array of ids; a single id stands for an array of one.
    pub fn names<T: Name>(&self, node: &Node) -> Vec<T> {
        if let Kind::Text(_) = node.kind {
            return self.name(node).into_iter().collect();
        }
        self.list(node, 64, "names").iter().filter_map(|item| self.name(item)).collect()
    }

    /// The ids of an optional key.
    pub fn names_at<T: Name>(&self, table: &Table<'_>, key: &'static str) -> Vec<T> {
        table.get(key).map(|node| self.names(node)).unwrap_or_default()
    }

    /// The id of an optional key.
    pub fn name_at<T: Name>(&self, table: &Table<'_>, key: &'static str) -> Option<T> {
        table.get(key).and_then(|node| self.name(node))
    }

    /// The tables of a table, by id; a dotted id is explained.
    pub fn by_name<'n, T: Name>(&self, node: &'n Node) -> Vec<(T, &'n Entry)> {
        let Kind::Table(entries) = &node.kind else {
            self.wrong_type(node, "a table");
            return Vec::new();
        };
        let name =
            |(text, entry): (&String, &'n Entry)| self.name_of(text, entry.key).map(|name| (name, entry));
        entries.iter().filter_map(name).collect()
    }

    /// The value as a duration.
    pub fn span(&self, node: &Node) -> Option<Span> {
        let text = self.text(node)?;
        match Span::parse(&text) {
            Ok(span) => Some(span),
            Err(error) => {
                let finding = Finding::new(
                    Code::Duration,
                    node.place,
                    format!("时长`{text}`：{error}"),
                    error.to_string(),
                );
                self.note(finding.help(duration::help(&text, &error)));
                None
            }
        }
    }

    /// `zh` and `en` of a table.
    pub fn words(&self, table: &Table<'_>) -> Text {
        let text = |key| table.get(key).and_then(|node| self.text(node)).unwrap_or_default();
        let words = Text { zh: text("zh"), en: text("en") };
        if words.zh.is_empty() != words.en.is_empty() {
            let missing = if words.zh.is_empty() { "zh" } else { "en" };
            let en = format!("this text has no `{missing}`");
            self.find(Code::Translation, table.place, format!("缺少`{missing}`"), en);
        }
        words
    }

    /// The title `{ zh, en }` of a table.
    pub fn title(&self, table: &Table<'_>) -> Text {
        let Some(node) = table.get("title") else {
            return Text::default();
        };
        let Some(title) = self.table(node, "a title") else {
            return Text::default();
        };
        let words = self.words(&title);
        self.done(&title);
        words
    }
}
