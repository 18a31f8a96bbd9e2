//! `[grounds.x]`: why a department may hand its share back, in words of the definition's own.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use paidan_model::id::GroundId;
use paidan_model::leg::Ground;

use super::preset;
use crate::code::Code;
use crate::finding::Finding;
use crate::reader::{Reader, Table};
use crate::tree::Node;

/// The most grounds of a definition.
pub(super) const GROUNDS_MAX: usize = 32;

/// Grounds in the order in which they are offered: that in which they are written.
pub(crate) type Grounds = Vec<(GroundId, Ground)>;

/// What a definition that declares no ground offers.
static COMMON: LazyLock<Grounds> = LazyLock::new(|| {
    let reader = Reader::default();
    let (tree, _) = crate::tree::parse(0, preset::TEXT);
    reader.table(&tree, "the common words").map(|root| declared(&reader, &root)).unwrap_or_default()
});

/// Reads what a definition declares.
pub(super) fn declared(reader: &Reader, root: &Table<'_>) -> Grounds {
    let Some(node) = root.get("grounds") else {
        return Vec::new();
    };
    let mut named = reader.by_name::<GroundId>(node);
    named.sort_by_key(|(_, entry)| entry.key.start);
    let read = |(id, entry): (GroundId, &crate::tree::Entry)| Some((id, ground(reader, &entry.value)?));
    named.into_iter().filter_map(read).collect()
}

fn ground(reader: &Reader, node: &Node) -> Option<Ground> {
    let table = reader.table(node, "a ground")?;
    let ground = Ground { title: reader.words(&table), cites_duty: reader.flag(&table, "cites_duty") };
    reader.done(&table);
    Some(ground)
}

/// The grounds that a hand-off takes: those it names, else all that the definition declares, else
/// the common ones.
pub(super) fn taken(reader: &Reader, grounds: &[(GroundId, Ground)], table: &Table<'_>) -> Vec<GroundId> {
    let may_refuse = table.get("refuse_within").is_some();
    let known = || grounds.iter().map(|(id, _)| id);
    let Some(node) = table.get("grounds") else {
        let common = COMMON.iter().map(|(id, _)| id).filter(|_| grounds.is_empty());
        return known().chain(common).filter(|_| may_refuse).cloned().collect();
    };
    let named: Vec<GroundId> = reader.names(node);
    for id in named.iter().filter(|id| !known().any(|other| other == *id)) {
        let (zh, en) = (format!("没有退单理由`{id}`"), format!("there is no ground `{id}`"));
        let finding = Finding::new(Code::UnknownName, node.place, zh, en);
        let near = finding.nearest(id.as_str(), known().map(GroundId::as_str));
        reader.note(match near.help {
            Some(_) => near,
            None => near.help(format!("it is declared in [grounds.{id}]")),
        });
    }
    named
}

/// What a definition declares, or the common ones that its hand-offs take.
pub(super) fn used<'h>(
    declared: Grounds,
    taken: impl Iterator<Item = &'h GroundId>,
) -> BTreeMap<GroundId, Ground> {
    let mut found: BTreeMap<GroundId, Ground> = declared.into_iter().collect();
    for id in taken {
        if let (false, Some((_, common))) =
            (found.contains_key(id), COMMON.iter().find(|(other, _)| other == id))
        {
            found.insert(id.clone(), common.clone());
        }
    }
    found
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    const WARDS: &str = r#"
[workflow]
id = "bed"
version = 1
title = { zh = "转床", en = "Bed" }
calendar = "always"
start = "offered"
[roles]
ward = { leg = true }
boss = { post = "boss", of = "hospital" }
[fields]
wards = { type = "units", min = 1, max = 3, required = true, zh = "病区", en = "Wards" }
[states]
offered = { title = { zh = "待收", en = "Offered" }, who = ["ward"], handoff = "ask", on = { joined = { go = "done" }, join_failed = { go = "done" } } }
done = { title = { zh = "已收", en = "Taken" }, outcome = "solved" }
[handoffs.ask]
each = "wards"
join = "any"
leg = { clocks = ["answer"], refuse_within = "30 real minutes", refusal = "arbitration", arbiter = ["boss"] }
[clocks]
answer = { title = { zh = "答复", en = "Answer" }, scope = "leg", starts = "notified", stops = "signed", limit = "30 real minutes", ladder = "up" }
[ladders]
up = [{ at = "breach", tell = ["boss"] }]
"#;

    fn check(text: &str) -> crate::Checked {
        let mut library = crate::Library::new();
        library.add("bed.toml", text.to_string());
        library.check()
    }

    fn offered(text: &str) -> Vec<(String, bool)> {
        let checked = check(text);
        assert!(
            checked.findings.iter().all(|finding| finding.code.starts_with('L')),
            "{:?}",
            checked.findings
        );
        let workflow = &checked.workflows.first().unwrap().workflow;
        let rules = &workflow.handoffs.first_key_value().unwrap().1.leg;
        rules
            .grounds
            .iter()
            .map(|id| (id.to_string(), workflow.grounds.get(id).unwrap().cites_duty))
            .collect()
    }

    #[test]
    fn undeclared_grounds_are_the_common_ones() {
        let names = ["not-our-duty", "not-our-place", "unclear-duty", "no-power"];
        assert_eq!(offered(WARDS), names.map(|name| (name.to_string(), true)));
    }

    #[test]
    fn declared_grounds_are_offered_in_written_order() {
        let text = format!(
            "{WARDS}[grounds]\nno_bed = {{ zh = \"无床\", en = \"No bed\" }}\nisolation = {{ zh = \"无隔离条件\", en = \"No isolation\", cites_duty = true }}\n"
        );
        assert_eq!(offered(&text), [("no_bed".to_string(), false), ("isolation".to_string(), true)]);
        let one =
            text.replace("refusal = \"arbitration\"", "grounds = [\"isolation\"], refusal = \"arbitration\"");
        assert_eq!(offered(&one), [("isolation".to_string(), true)]);
        let wrong =
            text.replace("refusal = \"arbitration\"", "grounds = [\"no_bad\"], refusal = \"arbitration\"");
        let finding = check(&wrong).findings.into_iter().find(|finding| finding.code == "E0107").unwrap();
        assert_eq!(finding.help.as_deref(), Some("did you mean `no_bed`?"));
    }
}
