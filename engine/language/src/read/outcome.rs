//! `[outcomes.x]`: how cases end, by names of the definition's own, each with what reports count it as.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use paidan_model::id::OutcomeId;
use paidan_model::outcome::{Class, Outcome};

use super::{Desk, each, limit, preset};
use crate::code::Code;
use crate::finding::Finding;
use crate::reader::{Reader, Table};
use crate::tree::Node;

/// The most outcomes of a definition.
const OUTCOMES_MAX: usize = 64;

/// What every definition may use without declaring it: a text of the same language.
static COMMON: LazyLock<BTreeMap<OutcomeId, Outcome>> = LazyLock::new(|| {
    let reader = Reader::default();
    let (tree, _) = crate::tree::parse(0, preset::TEXT);
    reader.table(&tree, "the common words").map(|root| declared(&reader, &root)).unwrap_or_default()
});

/// Reads what a definition declares.
pub(super) fn declared(reader: &Reader, root: &Table<'_>) -> BTreeMap<OutcomeId, Outcome> {
    let found = each(reader, root, "outcomes", |_, node| outcome(reader, node));
    limit(reader, root.key_place("outcomes"), "outcomes", found.len(), OUTCOMES_MAX);
    found
}

fn outcome(reader: &Reader, node: &Node) -> Option<Outcome> {
    let table = reader.table(node, "an outcome")?;
    let title = reader.words(&table);
    if table.get("class").is_none() {
        reader.missing(&table, "class");
    }
    let class = table.get("class").and_then(|node| class(reader, node));
    reader.done(&table);
    // Without its class it is still declared: the states that name it are not at fault.
    Some(Outcome { title, class: class.unwrap_or(Class::EndedOtherwise) })
}

fn class(reader: &Reader, node: &Node) -> Option<Class> {
    let name = reader.text(node)?;
    let class = Class::parse(&name);
    if class.is_none() {
        let (zh, en) = (format!("没有统计归类`{name}`"), format!("`{name}` is no reporting class"));
        let help = format!("write one of `{}`", Class::ALL.map(Class::name).join("`, `"));
        reader.note(Finding::new(Code::WrongValue, node.place, zh, en).help(help));
    }
    class
}

/// The outcome that a state or a test names: declared by the definition, or common to all.
pub(super) fn named(desk: &Desk<'_>, node: &Node) -> Option<OutcomeId> {
    let id: OutcomeId = desk.reader.name(node)?;
    if desk.outcomes.contains_key(&id) || COMMON.contains_key(&id) {
        return Some(id);
    }
    let (zh, en) = (format!("没有结果`{id}`"), format!("there is no outcome `{id}`"));
    let list = |all: &BTreeMap<OutcomeId, Outcome>| {
        all.keys().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
    };
    let own = match desk.outcomes.is_empty() {
        true => "none is declared".to_string(),
        false => format!("declared are {}", list(&desk.outcomes)),
    };
    let help = format!("{own}; common to all are {}; another is declared in [outcomes.{id}]", list(&COMMON));
    desk.reader.note(Finding::new(Code::UnknownName, node.place, zh, en).help(help));
    None
}

/// What a definition declares, with what its states use of the common ones.
pub(super) fn used<'s>(
    mut declared: BTreeMap<OutcomeId, Outcome>,
    states: impl Iterator<Item = &'s OutcomeId>,
) -> BTreeMap<OutcomeId, Outcome> {
    for id in states {
        if let (false, Some(common)) = (declared.contains_key(id), COMMON.get(id)) {
            declared.insert(id.clone(), common.clone());
        }
    }
    declared
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn common_outcomes_are_declared_without_a_finding() {
        let reader = Reader::default();
        let (tree, findings) = crate::tree::parse(0, preset::TEXT);
        let root = reader.table(&tree, "the common words").unwrap();
        let found = declared(&reader, &root);
        assert_eq!(super::super::ground::declared(&reader, &root).len(), 4);
        reader.done(&root);
        assert!(findings.is_empty() && reader.findings.borrow().is_empty());
        assert_eq!(found.len(), tree.get("outcomes").unwrap().entries().count());
        assert_eq!(*COMMON, found);
    }

    const PLAIN: &str = "[workflow]\nid = \"plain\"\nversion = 1\nkind = \"chart\"\nstart = \"asked\"\n\
        [states]\nasked = { on = { go = { go = \"done\" } } }\ndone = { outcome = \"solved\" }\n";

    fn check(text: &str) -> crate::Checked {
        let mut library = crate::Library::new();
        library.add("plain.toml", text.to_string());
        library.check()
    }

    #[test]
    fn unknown_outcome_lists_declared_and_common_ones() {
        let text = PLAIN.replacen("outcome = \"solved\"", "outcome = \"transferred\"", 1);
        let text = format!(
            "{text}\n[outcomes]\nmoved = {{ zh = \"已转\", en = \"Moved\", class = \"moved_on\" }}\n"
        );
        let checked = check(&text);
        let finding = checked.findings.first().unwrap();
        assert_eq!((finding.code, finding.en.as_str()), ("E0107", "there is no outcome `transferred`"));
        let help = finding.help.as_deref().unwrap();
        assert!(help.contains("declared are `moved`") && help.contains("`withdrawn`"), "{help}");
        // Declared, it is one of its own, and its title and class go along with the definition.
        let text = text.replace("moved = {", "transferred = {");
        let checked = check(&text);
        assert!(checked.findings.is_empty(), "{:?}", checked.findings);
        let workflow = &checked.workflows.first().unwrap().workflow;
        let ends: Vec<_> =
            workflow.outcomes.iter().map(|(id, outcome)| (id.as_str(), outcome.class.name())).collect();
        assert_eq!(ends, [("transferred", "moved_on")]);
    }

    #[test]
    fn outcome_needs_a_reporting_class() {
        let with = |class: &str| {
            check(&format!("{PLAIN}\n[outcomes]\nsolved = {{ zh = \"好\", en = \"Good\"{class} }}\n"))
        };
        let missing = with("");
        assert!(missing.findings.iter().any(|finding| finding.code == "E0104"), "{:?}", missing.findings);
        let checked = with(", class = \"good\"");
        let help = checked.findings.first().unwrap().help.clone().unwrap();
        assert!(help.contains("`not_solved`") && help.contains("`ended_otherwise`"), "{help}");
        let checked = with(", class = \"answered\"");
        let outcomes = &checked.workflows.first().unwrap().workflow.outcomes;
        assert_eq!(
            outcomes.first_key_value().unwrap().1.class.name(),
            "answered",
            "its own replaces the common one"
        );
    }
}
