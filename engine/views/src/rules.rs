//! The rules of a state in words, and as they were written: who holds it, what they may do, what it does by itself.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_model::clock::Trigger;
use paidan_model::id::{RoleId, StateId};
use paidan_model::roster::Roster;
use paidan_model::state::{Action, Target};
use paidan_model::text::{Text, Tongue};
use paidan_model::workflow::Workflow;

use crate::people;
use crate::sheet::{limit, limits, who_of};
use crate::timeline::action;

/// The most lines of what was written about one state.
const LINES_MAX: usize = 80;

/// What holds in a state: its holders, its actions, its timers and the clocks that start there.
#[must_use]
pub fn of_state(workflow: &Workflow, roster: &Roster, id: &StateId) -> Vec<Text> {
    let Some(state) = workflow.states.get(id) else { return Vec::new() };
    let holders = roles(workflow, roster, who_of(workflow, id));
    let mut found = Vec::new();
    if !holders.zh.is_empty() {
        found
            .push(Text { zh: format!("由谁办：{}", holders.zh), en: format!("held by: {}", holders.en) });
    }
    let near = core::iter::once(state).chain(workflow.ancestors(id).filter_map(|id| workflow.states.get(id)));
    for (name, on) in near.flat_map(|state| &state.on) {
        found.extend(action(workflow, name).map(|title| deed(workflow, roster, &title, on)));
    }
    for after in &state.after {
        let (title, zh, en) =
            (title(workflow, &after.go), limit(&after.time, Tongue::Zh), limit(&after.time, Tongue::En));
        found.push(Text {
            zh: format!("满{zh}自动转入“{}”", title.zh),
            en: format!("after {en} by itself to `{}`", title.en),
        });
    }
    let starts = |trigger: &Trigger| matches!(trigger, Trigger::State(at) if at == id);
    for (name, clock) in workflow.clocks.iter().filter(|(_, clock)| clock.starts.iter().any(starts)) {
        let (zh, en) = (limits(clock, Tongue::Zh), limits(clock, Tongue::En));
        found.push(Text {
            zh: format!("计时“{}”：{zh}", clock.title.or_id(Tongue::Zh, name.as_str())),
            en: format!("clock `{}`: {en}", clock.title.or_id(Tongue::En, name.as_str())),
        });
    }
    found
}

fn title(workflow: &Workflow, id: &StateId) -> Text {
    let title = workflow.states.get(id).map(|state| state.title.clone()).unwrap_or_default();
    let or_id = |words: &str| if words.is_empty() { id.to_string() } else { words.to_string() };
    Text { zh: or_id(title.in_tongue(Tongue::Zh)), en: or_id(title.in_tongue(Tongue::En)) }
}

fn roles(workflow: &Workflow, roster: &Roster, ids: &[RoleId]) -> Text {
    let all: Vec<Text> = ids.iter().map(|id| people::role(workflow, roster, id)).collect();
    let join = |pick: fn(&Text) -> &str, by: &str| all.iter().map(pick).collect::<Vec<_>>().join(by);
    Text { zh: join(|text| &text.zh, "、"), en: join(|text| &text.en, ", ") }
}

/// One action: who else may, what must be given, and where it leads.
fn deed(workflow: &Workflow, roster: &Roster, name: &Text, on: &Action) -> Text {
    let who = roles(workflow, roster, &on.who);
    let (mut zh, mut en) = (format!("可办“{}”", name.zh), format!("may be done: {}", name.en));
    if !who.zh.is_empty() {
        zh.push_str(&format!("（{}）", who.zh));
        en.push_str(&format!(" ({})", who.en));
    }
    if on.reason {
        zh.push_str("，须写理由");
        en.push_str(", with a reason");
    }
    if on.alternatives.iter().all(|way| way.when.is_some()) {
        zh.push_str("，须满足条件");
        en.push_str(", under a condition");
    }
    let goes = on.alternatives.iter().filter_map(|way| match way.go.as_ref()? {
        Target::State(id) => Some(title(workflow, id)),
        Target::Back | Target::BackDeep => {
            Some(Text { zh: "原来的状态".into(), en: "where it was".into() })
        }
    });
    let mut goes: Vec<Text> = goes.collect();
    goes.dedup();
    let join = |pick: fn(&Text) -> &str, by: &str| goes.iter().map(pick).collect::<Vec<_>>().join(by);
    if !goes.is_empty() {
        zh.push_str(&format!(" → {}", join(|text| &text.zh, "／")));
        en.push_str(&format!(" → {}", join(|text| &text.en, " / ")));
    }
    Text { zh, en }
}

/// What a definition's own text says of a state, with the comment above it; nothing for a state that comes from a block.
#[must_use]
pub fn excerpt(source: &str, id: &StateId) -> Option<String> {
    let lines: Vec<&str> = source.lines().collect();
    let own = |line: &str| {
        let Some(rest) = line.strip_prefix("[states.").and_then(|rest| rest.strip_prefix(id.as_str())) else {
            return false;
        };
        rest.starts_with(']') || rest.starts_with('.')
    };
    let first = lines.iter().position(|line| own(line))?;
    let above = lines.get(..first)?.iter().rev().take_while(|line| line.starts_with('#')).count();
    let mut inside = true;
    let kept = lines.get(first.checked_sub(above)?..)?.iter().enumerate().take_while(|(n, line)| {
        if *n >= above && line.starts_with('[') {
            inside = own(line);
        }
        inside
    });
    let mut text: Vec<&str> = kept.take(LINES_MAX).map(|(_, line)| *line).collect();
    // What stands above the next heading belongs to that.
    while text.last().is_some_and(|line| line.is_empty() || line.starts_with('#')) {
        text.pop();
    }
    Some(text.join("\n").trim_end().to_string())
}

#[cfg(test)]
mod tests {
    use super::{StateId, ToString as _, excerpt};

    #[test]
    fn a_state_is_quoted_exactly() {
        let text = "[states.a]\ntitle = 1\n\n# two hours\n[states.b]\nwho = [\"x\"]\non.go = { to = [\n  1,\n] }\n\n\
                    [states.b.on]\nstop = 1\n\n[states.bc]\ntitle = 2\n";
        let of = |id| StateId::parse(id).and_then(|id| excerpt(text, &id));
        let b =
            "# two hours\n[states.b]\nwho = [\"x\"]\non.go = { to = [\n  1,\n] }\n\n[states.b.on]\nstop = 1";
        assert_eq!(of("b"), Some(b.to_string()));
        assert_eq!(of("a"), Some("[states.a]\ntitle = 1".to_string()));
        assert_eq!(of("bc"), Some("[states.bc]\ntitle = 2".to_string()));
        assert_eq!(of("of_a_block"), None);
    }
}
