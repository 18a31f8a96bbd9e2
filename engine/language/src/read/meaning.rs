//! `means`: what a field is to the engine, whatever it is called.

use std::collections::BTreeMap;

use paidan_model::field::{Field, FieldType, Meaning};
use paidan_model::id::{ChoiceId, FieldId};

use super::desk::is_choice;
use crate::code::Code;
use crate::finding::Finding;
use crate::reader::{Reader, Table};

/// The most that a case weighs on somebody's desk.
const WEIGHT_MAX: i64 = 9;

/// Reads `means`. The kind of the field has to fit.
pub(super) fn means(reader: &Reader, table: &Table<'_>, kind: FieldType) -> Option<Meaning> {
    let node = table.get("means")?;
    let words = reader.text(node)?;
    let found = Meaning::ALL.into_iter().find(|(name, _)| *name == words);
    let Some((_, meaning)) = found else {
        let names = Meaning::ALL.map(|(name, _)| name);
        let (zh, en) = (format!("没有含义`{words}`"), format!("a field cannot mean `{words}`"));
        reader.note(Finding::new(Code::UnknownName, node.place, zh, en).nearest(&words, names));
        return None;
    };
    let (fits, of) = match meaning {
        Meaning::Category => (
            kind == FieldType::Choice || (kind == FieldType::Text && reader.flag(table, "public")),
            "a choice, or a text that is public",
        ),
        Meaning::Class => (kind == FieldType::Choice, "a choice"),
        Meaning::Place => (kind == FieldType::Place, "a place"),
    };
    if !fits {
        let en = format!("what means `{words}` is {of}");
        reader.find(Code::WrongValue, node.place, format!("字段类型与含义`{words}`不符"), en);
    }
    fits.then_some(meaning)
}

/// Reads `weights = { urgent = 3 }`, which a class has.
pub(super) fn weights(
    reader: &Reader,
    table: &Table<'_>,
    means: Option<Meaning>,
    choices: &[ChoiceId],
) -> BTreeMap<ChoiceId, u8> {
    let Some(node) = table.get("weights") else { return BTreeMap::new() };
    if means != Some(Meaning::Class) {
        let en = "`weights` are those of the field with `means = \"class\"`";
        reader.find(Code::WrongValue, node.place, "只有`means = \"class\"`的字段才有weights", en);
    }
    let mut found = BTreeMap::new();
    for (id, entry) in reader.by_name::<ChoiceId>(node) {
        if !is_choice(reader, entry.key, &id, choices) {
            continue;
        }
        let weight = reader.int(&entry.value, 1, WEIGHT_MAX).and_then(|weight| u8::try_from(weight).ok());
        found.extend(weight.map(|weight| (id, weight)));
    }
    found
}

/// Finds two fields that mean the same.
pub(super) fn once(reader: &Reader, root: &Table<'_>, fields: &BTreeMap<FieldId, Field>) {
    for (name, meaning) in Meaning::ALL {
        let mut all = fields.iter().filter(|(_, field)| field.means == Some(meaning));
        let (Some((first, _)), Some((second, _))) = (all.next(), all.next()) else { continue };
        let entry = root.get("fields").and_then(|node| node.get(second.as_str()));
        let place = entry.map_or(root.place, |node| node.place);
        let zh = format!("`{first}`和`{second}`的含义都是`{name}`");
        let en = format!("`{first}` and `{second}` both mean `{name}`");
        reader.find(Code::Duplicate, place, zh, en);
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use paidan_model::field::Meaning;

    const DRAFT: &str = r#"
[workflow]
id = "draft"
version = 1
title = { zh = "例", en = "Example" }
calendar = "always"
start = "done"
[states]
done = { title = { zh = "办结", en = "Done" }, outcome = "solved" }
[fields]
"#;

    fn check(fields: &str) -> crate::Checked {
        let mut library = crate::Library::new();
        library.add("draft.toml", format!("{DRAFT}{fields}"));
        library.check()
    }

    fn codes(fields: &str) -> Vec<&'static str> {
        let found = check(fields).findings.into_iter().map(|finding| finding.code);
        found.filter(|code| code.starts_with('E')).collect()
    }

    const RANK: &str = "type = \"choice\", choices = [\"high\", \"low\"], zh = \"级\", en = \"Rank\"";

    #[test]
    fn a_field_means_something_by_any_name() {
        let checked = check(&format!("rank = {{ {RANK}, means = \"class\", weights = {{ high = 4 }} }}\n"));
        let workflow = &checked.workflows.first().unwrap().workflow;
        let (id, field) = workflow.field_that_means(Meaning::Class).unwrap();
        assert_eq!(id.as_str(), "rank");
        assert_eq!(field.weights.values().copied().collect::<Vec<_>>(), [4]);
        assert!(workflow.field_that_means(Meaning::Category).is_none());
    }

    #[test]
    fn a_name_alone_means_nothing() {
        let checked = check(&format!("class = {{ {RANK} }}\ncategory = {{ {RANK} }}\n"));
        let workflow = &checked.workflows.first().unwrap().workflow;
        assert!(Meaning::ALL.iter().all(|(_, meaning)| workflow.field_that_means(*meaning).is_none()));
    }

    #[test]
    fn meanings_that_cannot_be_are_found() {
        assert_eq!(codes(&format!("a = {{ {RANK}, means = \"clas\" }}\n")), ["E0107"]);
        assert_eq!(codes(&format!("a = {{ {RANK}, means = \"place\" }}\n")), ["E0112"]);
        assert_eq!(codes(&format!("a = {{ {RANK}, weights = {{ high = 4 }} }}\n")), ["E0112"]);
        let class = format!("{RANK}, means = \"class\"");
        assert_eq!(codes(&format!("a = {{ {class} }}\nb = {{ {class} }}\n")), ["E0116"]);
        assert_eq!(codes(&format!("a = {{ {class}, weights = {{ hihg = 4 }} }}\n")), ["E0107"]);
        assert_eq!(
            codes("a = { type = \"text\", means = \"category\", zh = \"类\", en = \"Kind\" }\n"),
            ["E0112"]
        );
    }
}
