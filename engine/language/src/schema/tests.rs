//! The schema against what is read: the same keys, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value as Json;

use super::Document;
use crate::Library;
use crate::reader::ASKED;

/// The shapes of each kind of table, by what findings call it.
const SHAPES: [(&str, &[&str]); 60] = [
    ("the definition", &["Definition"]),
    ("[workflow]", &["Workflow"]),
    ("[block]", &["Block"]),
    ("a use of a block", &["Use"]),
    ("`keep`", &["Keep"]),
    ("a role", &["Role"]),
    ("a title", &["Words"]),
    ("an action's title", &["Words"]),
    ("a field", &["Field"]),
    ("a column", &["Column"]),
    ("a state", &["State"]),
    ("`reopen`", &["Reopen"]),
    ("effects", &["Effects"]),
    ("an outcome", &["Outcome"]),
    ("a ground", &["Ground"]),
    ("an action", &["Alternative"]),
    ("an eventless alternative", &["Eventless"]),
    ("a timer", &["After"]),
    ("a hand-off", &["Handoff"]),
    ("`start_without`", &["StartWithout"]),
    ("leg rules", &["Leg"]),
    ("a clock", &["Clock"]),
    ("`extend`", &["Extend"]),
    ("a pause", &["Pause"]),
    ("a rung", &["Rung"]),
    ("`repeat`", &["Repeat"]),
    ("a notice", &["Notice"]),
    ("`at_most`", &["AtMost"]),
    ("a vote", &["Vote"]),
    ("`window`", &["VoteWindow"]),
    ("a split", &["Split"]),
    ("`late`", &["Late"]),
    ("claims", &["Claims"]),
    ("`after_drops`", &["AfterDrops"]),
    ("[listing]", &["Listing"]),
    ("a hint", &["Hint"]),
    ("a start", &["Start"]),
    ("`missed`", &["MissedAll"]),
    ("a day after", &["DayAfter"]),
    ("[[always]]", &["Always"]),
    ("[promises]", &["Promises"]),
    ("this promise", &["DoerNeverVerifies", "Unhappy"]),
    ("a test", &["Test"]),
    ("a step", &["Step"]),
    ("`see`", &["See"]),
    ("sums", &["Sums"]),
    ("a channel", &["Channel"]),
    ("a signature", &["Sign"]),
    ("[serve]", &["Serve"]),
    ("[audit]", &["Audit"]),
    ("[demand]", &["Demand"]),
    ("`weekdays`", &["Weekdays"]),
    ("a hand of [demand]", &["Hand"]),
    ("an action of [demand]", &["Choice"]),
    ("a duty", &["Duty"]),
    ("a calendar", &["Calendar"]),
    ("a kind of units", &["UnitsKind"]),
    ("a unit", &["Unit"]),
    ("a person", &["Person"]),
    ("a place", &["Place"]),
];

/// Keys that are known and not there yet: an editor does not offer them.
const NOT_THERE_YET: [&str; 10] = [
    // tables
    "effects",
    "allow",
    "upgrades",
    // keys
    "call",
    "undo",
    "inside",
    "back_or",
    "runs",
    "sealed_with",
    "seal_for",
];

/// What no shipped text has.
const REST: &str = r#"
[channels.mail]
kind = "smtp"
host = "mail.town.example"
from = "paidan@town.example"
tls  = "tls"
[channels.hook]
kind    = "webhook"
secrets = ["env:HOOK"]
[demand]
weekdays = { mon = 3 }
hands    = { clerk = { people = 2 } }
actions  = { sign = { minutes = 3 } }
[serve]
listen = "127.0.0.1:8311"
[audit]
anchor = "month"
"#;

/// What no shipped definition has.
const RARE: &str = r#"
[workflow]
id = "rare"
version = 1
start = "here"
kind = "chart"
[states]
here = { on = { go = { go = "there" } } }
there = { outcome = "solved" }
[fields]
day = { type = "date" }
[starts]
weekly.every    = "mon 09:00"
weekly.missed   = { all = 2 }
weekly.fill.day = { after = "1 calendar day" }
[notices]
often = { who = ["x"], at_most = { count = 1, per_time = "1 business day" } }
"#;

/// Every text that ships with the binary.
fn shipped() -> Library {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut library = Library::new();
    let mut waiting = vec![root.join("workflows"), root.join("config")];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "toml")
            && !path.ends_with("demand.toml")
        {
            library.add(&path.display().to_string(), std::fs::read_to_string(&path).unwrap());
        }
    }
    library.add("rest.toml", REST.to_string());
    library.add("rare.toml", RARE.to_string());
    library
}

/// The keys of a shape, with those of each form it can have.
fn keys(all: &Json, shape: &Json, found: &mut BTreeSet<String>) {
    if let Some(name) = shape.get("$ref").and_then(Json::as_str) {
        keys(all, all.pointer(name.trim_start_matches('#')).unwrap(), found);
    }
    let own = shape.get("properties").and_then(Json::as_object).into_iter().flatten();
    found.extend(own.map(|(key, _)| key.clone()));
    for forms in ["anyOf", "oneOf", "allOf"] {
        let forms = shape.get(forms).and_then(Json::as_array).into_iter().flatten();
        forms.for_each(|form| keys(all, form, found));
    }
}

/// The keys of every shape, by its name.
fn shapes() -> BTreeMap<String, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for schema in Document::ALL.map(Document::schema) {
        let mut add = |name: &str, shape: &Json| {
            let mut of = BTreeSet::new();
            keys(&schema, shape, &mut of);
            found.insert(name.to_string(), of);
        };
        add(schema.get("title").unwrap().as_str().unwrap(), &schema);
        schema
            .get("definitions")
            .unwrap()
            .as_object()
            .unwrap()
            .iter()
            .for_each(|(name, shape)| add(name, shape));
    }
    found
}

#[test]
fn the_schema_describes_exactly_the_keys_read() {
    drop(shipped().check());
    let asked = ASKED.with_borrow(Clone::clone);
    let shapes = shapes();
    for (what, names) in SHAPES {
        let described: BTreeSet<&str> =
            names.iter().flat_map(|name| &shapes[*name]).map(String::as_str).collect();
        let read = asked.get(what).unwrap_or_else(|| panic!("{what} is in no text that ships"));
        let missing: Vec<_> =
            read.difference(&described).filter(|key| !NOT_THERE_YET.contains(key)).collect();
        assert!(missing.is_empty(), "{what} reads {missing:?}, the schema does not have them");
        let more: Vec<_> = described.difference(read).collect();
        let free = ["the definition", "a role"].contains(&what); // `block` and `per` are looked at elsewhere
        assert!(free || more.is_empty(), "{what} does not read {more:?}, the schema has them");
    }
    let known: BTreeSet<&str> = SHAPES.iter().map(|(what, _)| *what).collect();
    let elsewhere = ["a roster", "a post", "a figure", "a source"]; // lists of a town, and words
    let new: Vec<_> =
        asked.keys().filter(|what| !known.contains(**what) && !elsewhere.contains(what)).collect();
    assert!(new.is_empty(), "no shape is known of {new:?}");
}

#[test]
fn schema_shapes_are_described_and_closed() {
    for schema in Document::ALL.map(Document::schema) {
        let shapes = schema.get("definitions").unwrap().as_object().unwrap();
        for (name, shape) in shapes {
            assert!(shape.get("description").is_some(), "{name}");
            let object = shape.get("properties").is_some();
            assert!(!object || shape.get("additionalProperties") == Some(&Json::Bool(false)), "{name}");
            let own = shape.get("properties").and_then(Json::as_object).into_iter().flatten();
            for (key, about) in own {
                let words = about.get("description").and_then(Json::as_str).unwrap_or_default();
                assert!(
                    !words.is_ascii() && words.len() > 3,
                    "{name}.{key} is told in both languages: {words}"
                );
            }
        }
        assert!(!schema.to_string().contains("null"), "nothing of TOML is null");
    }
}
