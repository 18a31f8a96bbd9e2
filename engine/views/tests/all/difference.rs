//! What a new version changes is told: no member of any shipped definition can be altered without a line about it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use paidan_language::Library;
use paidan_model::workflow::Workflow;
use paidan_views::difference::{LINES_MAX, difference};
use serde_json::{Value as Json, json};

/// The shipped definitions that are wanted.
fn shipped(wanted: impl Fn(&str) -> bool) -> Vec<Workflow> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut library = Library::new();
    for folder in ["config/calendars", "workflows/blocks", "workflows"] {
        for file in fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()) {
            let stem = file.file_stem().unwrap().to_str().unwrap();
            if file.extension().is_some_and(|end| end == "toml") && (folder != "workflows" || wanted(stem)) {
                library.add(&file.display().to_string(), fs::read_to_string(file).unwrap());
            }
        }
    }
    library.check().workflows.into_iter().map(|agreed| agreed.workflow).collect()
}

fn named(id: &str) -> Workflow {
    shipped(|stem| stem == id).pop().unwrap()
}

fn json_of(workflow: &Workflow) -> Json {
    serde_json::to_value(workflow).unwrap()
}

/// What is told when a definition's form is altered at a pointer; in English and Chinese.
fn altered(workflow: &Workflow, pointer: &str, value: Json) -> Vec<(String, String)> {
    let mut form = json_of(workflow);
    *form.pointer_mut(pointer).unwrap() = value;
    told(workflow, form)
}

/// The same for a member that is not there yet.
fn given(workflow: &Workflow, pointer: &str, name: &str, value: Json) -> Vec<(String, String)> {
    let mut form = json_of(workflow);
    form.pointer_mut(pointer).unwrap().as_object_mut().unwrap().insert(name.into(), value);
    told(workflow, form)
}

fn told(workflow: &Workflow, form: Json) -> Vec<(String, String)> {
    let changed: Workflow = serde_json::from_value(form).unwrap();
    difference(workflow, &changed).into_iter().map(|line| (line.en, line.zh)).collect()
}

/// Every place of a form where a single value stands, with another value of its kind.
fn leaves(form: &Json, at: &str, found: &mut Vec<(String, Json)>) {
    match form {
        Json::Object(members) => {
            for (name, member) in members {
                leaves(member, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Json::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                leaves(item, &format!("{at}/{n}"), found);
            }
            if items.len() > 1 {
                found.push((at.to_string(), json!(items[1..])));
            }
        }
        Json::Bool(truth) => found.push((at.to_string(), json!(!truth))),
        Json::Number(number) => found.push((at.to_string(), json!(number.as_i64().unwrap() + 1))),
        Json::String(text) => found.push((at.to_string(), json!(format!("{text}x")))),
        Json::Null => {}
    }
}

/// Which member it is: its table, how deep it stands and its name. The same member need not be tried for each thing.
fn member(pointer: &str) -> (String, usize, String) {
    let steps: Vec<&str> = pointer.split('/').filter(|step| step.parse::<u32>().is_err()).collect();
    let at = |n: usize| steps.get(n).copied().unwrap_or_default().to_string();
    (at(1), steps.len(), at(steps.len() - 1))
}

#[test]
fn nothing_of_a_shipped_definition_changes_unsaid() {
    let (mut tried, mut told) = (BTreeSet::new(), 0);
    let all = shipped(|_| true);
    assert!(all.len() >= 9, "only {} workflows are sound", all.len());
    for workflow in all {
        let form = json_of(&workflow);
        let mut next = workflow.clone();
        next.version += 1;
        assert_eq!(difference(&workflow, &next), [], "what is the same is not told");
        let mut found = Vec::new();
        leaves(&form, "", &mut found);
        // Which version it is stands above the lines.
        for (pointer, value) in found.into_iter().filter(|(pointer, _)| pointer != "/version") {
            if !tried.insert(member(&pointer)) {
                continue;
            }
            let mut other = form.clone();
            *other.pointer_mut(&pointer).unwrap() = value;
            let Ok(changed) = serde_json::from_value::<Workflow>(other) else { continue };
            if changed == workflow {
                continue;
            }
            told += 1;
            let lines = difference(&workflow, &changed);
            assert!(!lines.is_empty(), "{}: {pointer} is unsaid", workflow.id);
            assert!(lines.iter().all(|line| !line.zh.is_empty() && !line.en.contains('\n')), "{lines:?}");
        }
    }
    assert!(told > 250, "{told}");
}

#[test]
fn votes_are_described_with_their_thresholds() {
    let lift = named("elevator-installation");
    let vote = "voting_ballot".to_string();
    let at = |rest: &str| format!("/votes/{vote}{rest}");
    let lines = altered(&lift, &at("/consent/heads"), json!({ "n": 1, "of": 10 }));
    assert_eq!(lines.len(), 1, "{lines:?}");
    let (en, zh) = &lines[0];
    assert!(en.starts_with(&format!("vote `{vote}`, consent (heads): ")), "{en}");
    assert!(en.ends_with("becomes at least 1/10"), "{en}");
    assert!(zh.contains("同意比例（人数）") && zh.ends_with("改为不少于1/10"), "{zh}");
    let lines = altered(&lift, &at("/take_part/area"), json!({ "n": 1, "of": 10, "more": true }));
    assert!(
        lines[0].0.contains("participation (area)") && lines[0].0.ends_with("more than 1/10"),
        "{lines:?}"
    );
    let lines = altered(&lift, &at("/window/longest"), json!({ "calendar_days": { "days": 99 } }));
    assert!(lines[0].0.contains("open for at most") && lines[0].0.ends_with("becomes 99 calendar days"));
    let role = lift.roles.keys().next().unwrap();
    let lines = given(&lift, &at(""), "veto", json!([role]));
    assert!(lines[0].0.contains("who may stop it"), "{lines:?}");
}

#[test]
fn changed_conditions_are_shown_before_and_after() {
    let order = named("resident-order");
    let (state, action, n) = order
        .states
        .iter()
        .flat_map(|(id, state)| state.on.iter().map(move |(action, on)| (id, action, on)))
        .find_map(|(id, action, on)| {
            Some((id, action, on.alternatives.iter().position(|way| way.when.is_some())?))
        })
        .unwrap();
    let pointer = format!("/states/{state}/on/{action}/alternatives/{n}/when");
    let lines = altered(&order, &pointer, json!({ "binary": ["at_most", "round", { "int": 7 }] }));
    assert_eq!(lines.len(), 1, "{lines:?}");
    let (en, zh) = &lines[0];
    assert!(en.starts_with(&format!("state `{state}`, action `{action}`")), "{en}");
    assert!(en.contains(", condition: ") && en.ends_with("becomes the round, from 0 is at most 7"), "{en}");
    assert!(zh.contains("条件：") && zh.ends_with("改为轮次（从0数起）不超过7"), "{zh}");
}

#[test]
fn the_head_of_a_definition_is_read_too() {
    let order = named("resident-order");
    let role = order.roles.keys().next().unwrap();
    let begins = |lines: &[(String, String)], en: &str, zh: &str| {
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].0.starts_with(en) && lines[0].1.starts_with(zh), "{lines:?}");
    };
    begins(&given(&order, "", "who", json!([role])), "who may open a case: ", "谁可以开办：");
    let keep = json!({ "closed_for": { "calendar_days": { "days": 1 } } });
    begins(
        &given(&order, "", "keep", keep),
        "personal values are kept after closing: ",
        "办结后个人信息保留：",
    );
    begins(&given(&order, "", "rounds", json!(9)), "most rounds of rework: ", "最多返工：");
    begins(
        &given(&order, "", "owner", json!({ "post": { "post": "nobody", "of": "anywhere" } })),
        "who answers for it: ",
        "责任岗位：",
    );
    begins(&altered(&order, "/start", json!(["nowhere"])), "where a case begins: ", "从哪里开始：");
    let lines = given(&order, "/at_end", "raise", json!(["over"]));
    begins(&lines, "at every end, events raised: ", "每个结局时，引发事件：");
    let mut always = json_of(&order)["always"].as_array().unwrap().clone();
    always.push(json!({ "name": "sane", "that": { "bool": true } }));
    let lines = given(&order, "", "always", json!(always));
    begins(&lines, "new condition that always holds `sane`: ", "新增恒成立的条件“sane”：");
    let lines = given(&order, "", "opens", json!({ "other": { "a": "b" } }));
    begins(&lines, "what goes along to `other`: ", "开办“other”时带去：");
    let action = order.actions.keys().next().unwrap();
    let lines = altered(&order, &format!("/actions/{action}/en"), json!("Another name"));
    begins(&lines, &format!("action `{action}`, title: "), "动作“");
}

#[test]
fn claims_and_lists_are_told() {
    let wish = named("wish-fulfilment");
    let claims = wish.claims.keys().next().unwrap().to_string();
    let lines = given(&wish, &format!("/claims/{claims}"), "cap", json!({ "one": 77 }));
    assert!(
        lines.iter().any(|(en, zh)| en.contains("open claims at most")
            && en.ends_with("becomes 77")
            && zh.contains("同时认领上限")),
        "{lines:?}"
    );
    let lines = given(&wish, "/listing", "states", json!(["nowhere"]));
    assert!(lines[0].0.contains("list of cases, stands on it in"), "{lines:?}");
}

#[test]
fn additions_are_described_and_omissions_counted() {
    let lift = named("elevator-installation");
    let vote = lift.votes.keys().find(|id| id.as_str() == "voting_ballot").unwrap();
    let mut without = lift.clone();
    let gone = without.votes.remove(vote).unwrap();
    let lines = difference(&without, &lift);
    assert!(
        lines[0].en.starts_with(&format!("new vote `{vote}`: ")) && lines[0].en.contains("participation")
    );
    assert_eq!(difference(&lift, &without)[0].en, format!("vote `{vote}` is gone"));
    assert!(!gone.axes.is_empty());
    let mut many = lift.clone();
    let field = lift.fields.values().next().unwrap();
    for n in 0..LINES_MAX + 20 {
        many.fields.insert(format!("f{n}").try_into().unwrap(), field.clone());
    }
    let lines = difference(&lift, &many);
    assert_eq!(lines.len(), LINES_MAX + 1);
    assert!(lines[LINES_MAX].en.starts_with("20 more"), "{:?}", lines[LINES_MAX]);
}
