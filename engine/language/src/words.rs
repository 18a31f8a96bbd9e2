//! Every key of the language, from the one description that the schema is made of: which table has it,
//! what it is, what may be written, what it is when absent.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::schema::Document;

/// Tables within tables, at most: further ones are the same again.
const DEPTH_MAX: usize = 8;

/// A key of the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The file it stands in.
    pub document: Document,
    /// Its place, as in `states.X.on.X.go`; `X` stands for a name of one's own, `[]` for each of a list.
    pub path: String,
    /// What it is, in English and then in Chinese.
    pub about: String,
    /// What may be written.
    pub kind: String,
    /// Whether it must be written where its table is.
    pub required: bool,
}

impl Key {
    /// The path without names of one's own and lists, by which people ask: `states.on.go`.
    #[must_use]
    pub fn plain(&self) -> String {
        let parts = self.path.split('.').map(|part| part.trim_end_matches("[]"));
        parts.filter(|part| *part != "X").collect::<Vec<_>>().join(".")
    }
}

/// Every key of a kind of file, in order of its path.
#[must_use]
pub fn keys(document: Document) -> Vec<Key> {
    let schema = document.schema();
    let mut found = Found { document, definitions: schema.get("definitions"), keys: BTreeMap::new() };
    found.table(&schema, "", &mut Vec::new());
    found.keys.into_values().collect()
}

/// The keys that somebody means: those of that path, or whose path ends so.
#[must_use]
pub fn named(asked: &str) -> Vec<Key> {
    let all = Document::ALL.into_iter().flat_map(keys);
    let tail = format!(".{asked}");
    let mut found: Vec<Key> = all
        .filter(|key| {
            let plain = key.plain();
            plain == asked || key.path == asked || plain.ends_with(&tail)
        })
        .collect();
    if found.iter().any(|key| key.plain() == asked || key.path == asked) {
        found.retain(|key| key.plain() == asked || key.path == asked);
    }
    found
}

struct Found<'s> {
    document: Document,
    definitions: Option<&'s Json>,
    keys: BTreeMap<String, Key>,
}

impl<'s> Found<'s> {
    /// What a schema says once references are followed: its alternatives.
    fn alternatives<'a>(&self, schema: &'a Json) -> Vec<(Option<String>, &'a Json)>
    where
        's: 'a,
    {
        if let Some(name) = schema.get("$ref").and_then(Json::as_str) {
            let name = name.rsplit('/').next().unwrap_or_default();
            let named = self.definitions.and_then(|all| all.get(name));
            return named.map(|named| (Some(name.to_string()), named)).into_iter().collect();
        }
        let several = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)?.as_array());
        let several: Vec<&Json> = several.flatten().collect();
        if several.is_empty() || schema.get("properties").is_some() {
            return vec![(None, schema)];
        }
        several.into_iter().flat_map(|one| self.alternatives(one)).collect()
    }

    fn table(&mut self, schema: &'s Json, path: &str, above: &mut Vec<String>) {
        if above.len() > DEPTH_MAX {
            return;
        }
        let required: BTreeSet<&str> = schema
            .get("required")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect();
        for (name, key) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let about = key.get("description").and_then(Json::as_str).unwrap_or_default().to_string();
            let (document, kind) = (self.document, self.kind(key));
            let required = required.contains(name.as_str());
            self.keys.entry(path.clone()).or_insert(Key {
                document,
                path: path.clone(),
                about,
                kind,
                required,
            });
            self.below(key, &path, above);
        }
    }

    /// The tables that a value may be, or that a list or a table of one's own names has.
    fn below(&mut self, schema: &'s Json, path: &str, above: &mut Vec<String>) {
        for (name, one) in self.alternatives(schema) {
            if name.as_ref().is_some_and(|name| above.contains(name)) {
                continue;
            }
            let depth = above.len();
            above.extend(name.clone());
            if name.is_some() && one.get("properties").is_none() && one.get("items").is_none() {
                self.below(one, path, above);
            }
            if one.get("properties").is_some() {
                self.table(one, path, above);
            }
            if let Some(item) = one.get("items") {
                self.below(item, &format!("{path}[]"), above);
            }
            if let Some(value) = one.get("additionalProperties").filter(|value| value.is_object()) {
                self.below(value, &format!("{path}.X"), above);
            }
            above.truncate(depth);
        }
    }

    /// What may be written, in a few words.
    fn kind(&self, schema: &Json) -> String {
        let mut kinds = BTreeSet::new();
        for (_, one) in self.alternatives(schema) {
            match (one.get("enum").and_then(Json::as_array), one.get("const")) {
                (Some(words), _) => kinds.extend(words.iter().map(ToString::to_string)),
                (None, Some(word)) => {
                    kinds.insert(word.to_string());
                }
                (None, None) => {
                    kinds.insert(self.one_kind(one));
                }
            }
        }
        kinds.into_iter().collect::<Vec<_>>().join(" | ")
    }

    fn one_kind(&self, schema: &Json) -> String {
        let bound = |key: &str| schema.get(key).map(ToString::to_string);
        match schema.get("type").and_then(Json::as_str) {
            Some("string") => match bound("maxLength") {
                Some(most) => format!("text of at most {most} characters"),
                None => "text".into(),
            },
            Some("integer") => match (bound("minimum"), bound("maximum")) {
                (Some(least), Some(most)) => format!("whole number, {least} to {most}"),
                (Some(least), None) => format!("whole number from {least}"),
                (None, Some(most)) => format!("whole number up to {most}"),
                (None, None) => "whole number".into(),
            },
            Some("boolean") => "true or false".into(),
            Some("array") => {
                let item = schema.get("items").map(|item| self.kind(item)).unwrap_or_default();
                format!("list of {item}")
            }
            Some("object") | None if schema.get("additionalProperties").is_some_and(Json::is_object) => {
                "table, by names of one's own".into()
            }
            Some(_) | None => {
                if schema.get("anyOf").or(schema.get("oneOf")).is_some() {
                    return self.kind(schema);
                }
                "table".into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Document, keys, named};

    #[test]
    fn keys_are_found_by_place_and_by_end() {
        let go = named("states.on.go");
        assert!(go.iter().any(|key| key.path == "states.X.on.X.go"), "{go:?}");
        assert!(go.iter().all(|key| key.plain() == "states.on.go"), "{go:?}");
        let limits = named("limit");
        assert!(limits.iter().any(|key| key.path == "clocks.X.limit"), "{limits:?}");
        assert!(named("no_such_key").is_empty());
    }

    #[test]
    fn every_key_says_what_it_is() {
        for key in Document::ALL.into_iter().flat_map(keys) {
            assert!(!key.about.is_empty() && !key.kind.is_empty(), "{key:?}");
        }
    }
}
