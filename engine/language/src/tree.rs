//! The tree of a text: what TOML says, with the place of every key and value.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::code::Code;
use crate::finding::Finding;
use crate::source::Place;
use crate::version;

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub place: Place,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Keys in order of name, each with the place of the key.
    Table(BTreeMap<String, Entry>),
    /// Values in the order written.
    Array(Vec<Node>),
    /// Text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// True or false.
    Bool(bool),
    /// A float, a date, a number too large: nothing that the language has.
    Other(&'static str),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where the key stands.
    pub key: Place,
    /// The value.
    pub value: Node,
}

impl Node {
    /// What the value is called in findings.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Table(_) => "a table",
            Kind::Array(_) => "an array",
            Kind::Text(_) => "a text",
            Kind::Int(_) => "a whole number",
            Kind::Bool(_) => "true or false",
            Kind::Other(name) => name,
        }
    }

    /// The entry of a key, if this is a table that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Table(entries) => entries.get(key).map(|entry| &entry.value),
            Kind::Array(_) | Kind::Text(_) | Kind::Int(_) | Kind::Bool(_) | Kind::Other(_) => None,
        }
    }

    /// The keys and values of a table; none of anything else.
    pub fn entries(&self) -> impl Iterator<Item = (&String, &Entry)> {
        let entries = if let Kind::Table(entries) = &self.kind { Some(entries.iter()) } else { None };
        entries.into_iter().flatten()
    }

    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Kind::Text(text) = &self.kind { Some(text) } else { None }
    }
}

/// Reads a text; every syntax error is a finding, and what could be read is returned.
#[must_use]
pub fn parse(source: usize, text: &str) -> (Node, Vec<Finding>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let findings = errors.iter().map(|error| {
        let span = error.span().unwrap_or(0..0);
        let place = Place { source, start: span.start, end: span.end };
        let first = error.message().lines().next().unwrap_or_default().to_string();
        Finding::new(Code::Syntax, place, format!("不是合法的TOML：{first}"), format!("not TOML: {first}"))
    });
    let mut findings: Vec<Finding> = findings.collect();
    if findings.is_empty() {
        findings = version::newer(source, text);
    }
    let span = table.span();
    let place = Place { source, start: span.start, end: span.end.min(span.start + 1) };
    (Node { kind: of_table(source, table.get_ref()), place }, findings)
}

fn of_table(source: usize, table: &DeTable<'_>) -> Kind {
    let entry = |key: &Spanned<std::borrow::Cow<'_, str>>, value: &Spanned<DeValue<'_>>| {
        let span = key.span();
        let place = Place { source, start: span.start, end: span.end };
        (key.get_ref().to_string(), Entry { key: place, value: of_value(source, value) })
    };
    Kind::Table(table.iter().map(|(key, value)| entry(key, value)).collect())
}

fn of_value(source: usize, value: &Spanned<DeValue<'_>>) -> Node {
    let span = value.span();
    let place = Place { source, start: span.start, end: span.end };
    let kind = match value.get_ref() {
        DeValue::String(text) => Kind::Text(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Kind::Other("a number too large"), Kind::Int),
        DeValue::Boolean(truth) => Kind::Bool(*truth),
        DeValue::Float(_) => Kind::Other("a fraction"),
        DeValue::Datetime(_) => Kind::Other("a bare date; write it between quotes"),
        DeValue::Array(items) => Kind::Array(items.iter().map(|item| of_value(source, item)).collect()),
        DeValue::Table(table) => of_table(source, table),
    };
    Node { kind, place }
}
