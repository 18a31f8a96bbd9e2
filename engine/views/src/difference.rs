//! What a new version of a workflow changes, in terms of the process: for whoever decides whether it goes into force.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;
use paidan_model::clock::Clock;
use paidan_model::field::Per;
use paidan_model::state::{Limit, State};
use paidan_model::text::Text;
use paidan_model::workflow::Workflow;

/// The most lines that are told.
pub const LINES_MAX: usize = 500;

/// What differs, in order of the parts of a definition; empty when nothing does that people would notice.
#[must_use]
pub fn difference(old: &Workflow, new: &Workflow) -> Vec<Text> {
    let mut found = Vec::new();
    if old.title != new.title {
        found.push(line("标题", "title", &old.title.zh, &new.title.zh, &old.title.en, &new.title.en));
    }
    if old.calendar != new.calendar {
        found.push(plain("日历", "calendar", &old.calendar, &new.calendar));
    }
    named(&mut found, ("角色", "role"), &old.roles, &new.roles, |_, _, _| Vec::new());
    named(&mut found, ("字段", "field"), &old.fields, &new.fields, |_, _, _| Vec::new());
    named(&mut found, ("状态", "state"), &old.states, &new.states, state);
    named(&mut found, ("计时", "clock"), &old.clocks, &new.clocks, clock);
    named(&mut found, ("升级梯", "ladder"), &old.ladders, &new.ladders, |id, a, b| {
        let (a, b) = (a.len(), b.len());
        let steps = |id: &str| {
            both(format!("升级梯“{id}”：{a}级改为{b}级"), format!("ladder `{id}`: {a} rungs become {b}"))
        };
        if a == b { Vec::new() } else { alloc::vec![steps(id)] }
    });
    named(&mut found, ("交办", "hand-off"), &old.handoffs, &new.handoffs, |_, _, _| Vec::new());
    named(&mut found, ("通知", "notice"), &old.notices, &new.notices, |_, _, _| Vec::new());
    named(&mut found, ("暂停", "pause"), &old.pauses, &new.pauses, |_, _, _| Vec::new());
    named(&mut found, ("表决", "vote"), &old.votes, &new.votes, |_, _, _| Vec::new());
    named(&mut found, ("分摊", "split"), &old.splits, &new.splits, |_, _, _| Vec::new());
    named(&mut found, ("提示", "hint"), &old.hints, &new.hints, |_, _, _| Vec::new());
    named(&mut found, ("认领", "claim"), &old.claims, &new.claims, |_, _, _| Vec::new());
    found.truncate(LINES_MAX);
    found
}

fn both(zh: String, en: String) -> Text {
    Text { zh, en }
}

fn line(zh: &str, en: &str, old_zh: &str, new_zh: &str, old_en: &str, new_en: &str) -> Text {
    both(format!("{zh}：“{old_zh}”改为“{new_zh}”"), format!("{en}: \"{old_en}\" becomes \"{new_en}\""))
}

fn plain(zh: &str, en: &str, old: &impl Display, new: &impl Display) -> Text {
    both(format!("{zh}：{old}改为{new}"), format!("{en}: {old} becomes {new}"))
}

/// What is new, what is gone, and what is there in both and differs; told closely where `close` can, else that it differs.
fn named<K: Ord + Display, V: PartialEq>(
    found: &mut Vec<Text>,
    what: (&str, &str),
    old: &BTreeMap<K, V>,
    new: &BTreeMap<K, V>,
    close: impl Fn(&str, &V, &V) -> Vec<Text>,
) {
    for id in new.keys().filter(|id| !old.contains_key(*id)) {
        found.push(both(format!("新增{}“{id}”", what.0), format!("new {} `{id}`", what.1)));
    }
    for (id, before) in old {
        match new.get(id) {
            None => found.push(both(format!("去掉{}“{id}”", what.0), format!("{} `{id}` is gone", what.1))),
            Some(after) if after == before => {}
            Some(after) => {
                let told = close(&id.to_string(), before, after);
                if told.is_empty() {
                    found.push(both(format!("{}“{id}”有改动", what.0), format!("{} `{id}` differs", what.1)));
                }
                found.extend(told);
            }
        }
    }
}

fn roles(ids: &[paidan_model::id::RoleId]) -> String {
    let names: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
    if names.is_empty() { "-".to_string() } else { names.join(", ") }
}

fn state(id: &str, old: &State, new: &State) -> Vec<Text> {
    let mut found = Vec::new();
    if old.title != new.title {
        let (zh, en) = (format!("状态“{id}”的名称"), format!("the title of state `{id}`"));
        found.push(line(&zh, &en, &old.title.zh, &new.title.zh, &old.title.en, &new.title.en));
    }
    if old.who != new.who {
        let (zh, en) = (format!("状态“{id}”由谁办"), format!("who holds `{id}`"));
        found.push(plain(&zh, &en, &roles(&old.who), &roles(&new.who)));
    }
    let owner = |action: &str, zh: &str, en: &str| {
        both(format!("状态“{id}”的动作“{action}”{zh}"), format!("the action `{action}` of `{id}` {en}"))
    };
    for action in new.on.keys().filter(|action| !old.on.contains_key(*action)) {
        found.push(owner(action.as_str(), "是新的", "is new"));
    }
    for (action, before) in &old.on {
        match new.on.get(action) {
            None => found.push(owner(action.as_str(), "没有了", "is gone")),
            Some(after) if after.who != before.who => {
                let (zh, en) = (format!("“{id}”的“{action}”由谁办"), format!("who may `{action}` in `{id}`"));
                found.push(plain(&zh, &en, &roles(&before.who), &roles(&after.who)));
            }
            Some(after) if after != before => found.push(owner(action.as_str(), "有改动", "differs")),
            Some(_) => {}
        }
    }
    if old.after != new.after {
        found.push(both(format!("状态“{id}”的定时有改动"), format!("the timers of `{id}` differ")));
    }
    found
}

fn limit(limit: &Limit) -> String {
    match limit {
        Limit::Span(span) => span.to_string(),
        Limit::Field(field) => field.to_string(),
    }
}

fn clock(id: &str, old: &Clock, new: &Clock) -> Vec<Text> {
    let mut found = Vec::new();
    match (&old.limit, &new.limit) {
        (a, b) if a == b => {}
        (Per::One(a), Per::One(b)) => {
            let (zh, en) = (format!("计时“{id}”的时限"), format!("the limit of `{id}`"));
            found.push(plain(&zh, &en, &limit(a), &limit(b)));
        }
        (Per::By { of: a, .. }, Per::By { of: b, .. }) => {
            for (choice, before) in a {
                let Some(after) = b.get(choice).filter(|after| *after != before) else { continue };
                let (zh, en) =
                    (format!("计时“{id}”（{choice}）的时限"), format!("the limit of `{id}` ({choice})"));
                found.push(plain(&zh, &en, &limit(before), &limit(after)));
            }
        }
        _ => found.push(both(
            format!("计时“{id}”的时限按选项变了"),
            format!("the limit of `{id}` depends on another choice"),
        )),
    }
    if old.ladder != new.ladder {
        found.push(both(format!("计时“{id}”换了升级梯"), format!("`{id}` climbs another ladder")));
    }
    found
}
