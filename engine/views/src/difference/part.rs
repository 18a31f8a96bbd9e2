//! Parts of a definition as they are compared: what is said of each, and the parts inside it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Debug;
use paidan_model::text::Text;

use super::words::{join, list, none, text};

/// The most characters of a value in a line.
const VALUE_CHARACTERS_MAX: usize = 160;
/// The most characters of what is said of a part that is new.
const SUMMARY_CHARACTERS_MAX: usize = 600;
/// Of lists longer than this, what came and what went is told instead of both lists.
const LISTED_MAX: usize = 3;

/// A part of a definition.
pub(super) struct Part {
    /// What it is found by in the other version, among its neighbours.
    key: String,
    /// Kind and name, such as state `asked`; empty where there is nothing to tell it from.
    name: Text,
    facets: Vec<Facet>,
    parts: Vec<Part>,
}

/// One thing that is said of a part.
struct Facet {
    name: Text,
    /// The whole of the value: what is compared.
    value: String,
    /// The value in words.
    said: Text,
    /// The entries, of a list.
    entries: Vec<Text>,
}

impl Part {
    /// A part of a kind, found by its name.
    pub(super) fn new(kind: (&str, &str), id: &str, called: &Text) -> Self {
        let name = text(format!("{}{}", kind.0, called.zh), format!("{} {}", kind.1, called.en));
        Self { key: format!("{} {id}", kind.1), name, facets: Vec::new(), parts: Vec::new() }
    }

    /// A part of a kind of which there is one at most.
    pub(super) fn only(kind: (&str, &str)) -> Self {
        Self { name: text(kind.0, kind.1), ..Self::unnamed(kind.1) }
    }

    /// A part that is found by its place, and not named.
    pub(super) fn unnamed(key: &str) -> Self {
        Self { key: key.to_string(), name: Text::default(), facets: Vec::new(), parts: Vec::new() }
    }

    /// Says something of it.
    pub(super) fn says(&mut self, name: (&str, &str), value: &impl Debug, said: Text) {
        self.says_of(text(name.0, name.1), value, said);
    }

    /// Says something of it, under a name with more in it.
    pub(super) fn says_of(&mut self, name: Text, value: &impl Debug, said: Text) {
        let (value, entries) = (format!("{value:?}"), Vec::new());
        self.facets.push(Facet { name, value, said, entries });
    }

    /// Says a list of it.
    pub(super) fn lists<'a, T: Debug + 'a>(
        &mut self,
        name: (&str, &str),
        all: impl IntoIterator<Item = &'a T>,
        called: impl Fn(&T) -> Text,
    ) {
        self.lists_of(text(name.0, name.1), all, called);
    }

    /// Says a list of it, under a name with more in it.
    pub(super) fn lists_of<'a, T: Debug + 'a>(
        &mut self,
        name: Text,
        all: impl IntoIterator<Item = &'a T>,
        called: impl Fn(&T) -> Text,
    ) {
        let all: Vec<&T> = all.into_iter().collect();
        let entries: Vec<Text> = all.iter().map(|one| called(one)).collect();
        self.facets.push(Facet { name, value: format!("{all:?}"), said: list(&entries), entries });
    }

    /// Has a part inside it.
    pub(super) fn has(&mut self, part: Self) {
        self.parts.push(part);
    }

    /// What is said of it and of what is inside it, in one line; what goes without saying is left out.
    fn summary(&self, deep: bool) -> Text {
        let facet = |facet: &Facet| {
            let (name, said) = (&facet.name, cut(&facet.said, VALUE_CHARACTERS_MAX));
            text(format!("{}：{}", name.zh, said.zh), format!("{}: {}", name.en, said.en))
        };
        let mut said: Vec<Text> = self.facets.iter().filter(|facet| !facet.is_idle()).map(facet).collect();
        for part in self.parts.iter().filter(|_| deep) {
            let Text { zh, en } = part.summary(true);
            let (of_zh, of_en) = (&part.name.zh, &part.name.en);
            said.push(match part.name == Text::default() {
                true => text(zh, en),
                false => text(format!("{of_zh}（{zh}）"), format!("{of_en} ({en})")),
            });
        }
        cut(&join(&said, "；", "; "), SUMMARY_CHARACTERS_MAX)
    }
}

impl Facet {
    /// Whether it says only that something is not there.
    fn is_idle(&self) -> bool {
        self.said == none() || self.said.en == "no" || self.said.en.is_empty()
    }
}

/// What differs between two versions of the same part.
pub(super) fn compare(old: &Part, new: &Part) -> Vec<Text> {
    let mut found = Vec::new();
    inside(&mut found, &Text::default(), old, new);
    found
}

/// The differences of a part and of what is inside it; `path` is what it is called with all that it is inside of.
fn inside(found: &mut Vec<Text>, path: &Text, old: &Part, new: &Part) {
    for facet in &new.facets {
        let before = old.facets.iter().find(|before| before.name.en == facet.name.en);
        found.extend(changed(path, &facet.name, before, Some(facet)));
    }
    for before in &old.facets {
        if !new.facets.iter().any(|facet| before.name.en == facet.name.en) {
            found.extend(changed(path, &before.name, Some(before), None));
        }
    }
    for part in &new.parts {
        match old.parts.iter().find(|before| before.key == part.key) {
            Some(before) => inside(found, &beneath(path, &part.name), before, part),
            None => arrived(found, path, part),
        }
    }
    for before in &old.parts {
        if !new.parts.iter().any(|part| before.key == part.key) {
            let (zh, en) = (&before.name.zh, &before.name.en);
            found.push(at(path, &text(format!("去掉{zh}"), format!("{en} is gone"))));
        }
    }
}

/// A part that is new, with what is said of it; parts at the top have a line for each that is inside them.
fn arrived(found: &mut Vec<Text>, path: &Text, part: &Part) {
    let at_top = *path == Text::default();
    let Text { zh, en } = part.summary(!at_top);
    let (of_zh, of_en) = (&part.name.zh, &part.name.en);
    let line = match en.is_empty() {
        true => text(format!("新增{of_zh}"), format!("new {of_en}")),
        false => text(format!("新增{of_zh}：{zh}"), format!("new {of_en}: {en}")),
    };
    found.push(at(path, &line));
    let path = beneath(path, &part.name);
    part.parts.iter().filter(|_| at_top).for_each(|inner| arrived(found, &path, inner));
}

/// The line about one thing that is said otherwise.
fn changed(path: &Text, name: &Text, old: Option<&Facet>, new: Option<&Facet>) -> Option<Text> {
    if old.map(|facet| &facet.value) == new.map(|facet| &facet.value) {
        return None;
    }
    if let Some(moved) = old.zip(new).and_then(|(old, new)| moved(&old.entries, &new.entries)) {
        let line = text(format!("{}：{}", name.zh, moved.zh), format!("{}: {}", name.en, moved.en));
        return Some(beneath(path, &line));
    }
    let said =
        |facet: Option<&Facet>| facet.map_or_else(none, |facet| cut(&facet.said, VALUE_CHARACTERS_MAX));
    let (before, after) = (said(old), said(new));
    let (of_zh, of_en) = (&name.zh, &name.en);
    // A value may differ where its words, or their beginnings, do not.
    let line = match before == after {
        true => text(format!("{of_zh}有改动"), format!("{of_en} differs")),
        false => text(
            format!("{of_zh}：{}改为{}", before.zh, after.zh),
            format!("{of_en}: {} becomes {}", before.en, after.en),
        ),
    };
    Some(beneath(path, &line))
}

/// What came to a long list and what went from it; nothing for short ones.
fn moved(old: &[Text], new: &[Text]) -> Option<Text> {
    if old.len().max(new.len()) <= LISTED_MAX || old.is_empty() || new.is_empty() {
        return None;
    }
    let without = |all: &[Text], others: &[Text]| -> Vec<Text> {
        all.iter().filter(|one| !others.contains(one)).cloned().collect()
    };
    let (came, went) = (list(&without(new, old)), list(&without(old, new)));
    let mut said = Vec::new();
    if came != none() {
        said.push(text(format!("增加{}", came.zh), format!("{} added", came.en)));
    }
    if went != none() {
        said.push(text(format!("去掉{}", went.zh), format!("{} dropped", went.en)));
    }
    if said.is_empty() {
        return Some(text("先后有改动", "in another order"));
    }
    Some(join(&said, "，", ", "))
}

fn beneath(path: &Text, name: &Text) -> Text {
    let all: Vec<Text> = [path, name].into_iter().filter(|one| **one != Text::default()).cloned().collect();
    join(&all, "，", ", ")
}

/// A line about a part inside others.
fn at(path: &Text, line: &Text) -> Text {
    if *path == Text::default() { line.clone() } else { join(&[path.clone(), line.clone()], "：", ": ") }
}

fn cut(said: &Text, most: usize) -> Text {
    let one = |words: &str| {
        let words: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        if words.chars().count() <= most {
            return words;
        }
        let kept: String = words.chars().take(most).collect();
        format!("{kept}…")
    };
    text(one(&said.zh), one(&said.en))
}
