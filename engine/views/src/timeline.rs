//! The timeline: what happened, in plain words, in both languages.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_machine::audience::Audience;
use paidan_machine::fact::{AlarmKind, ClockKey, Fact, How, Verdict};
use paidan_model::clock::Colour;
use paidan_model::id::{ActionId, StateId};
use paidan_model::moment::{Moment, Zone};
use paidan_model::text::Text;
use paidan_model::workflow::Workflow;

fn text(zh: String, en: String) -> Text {
    Text { zh, en }
}

fn state(workflow: &Workflow, id: &StateId) -> Text {
    let title = workflow.states.get(id).map(|s| s.title.clone()).unwrap_or_default();
    let or_id = |words: String| if words.is_empty() { id.to_string() } else { words };
    Text { zh: or_id(title.zh), en: or_id(title.en) }
}

fn action(workflow: &Workflow, id: &ActionId) -> Text {
    let declared = workflow.actions.get(id).cloned();
    declared.unwrap_or_else(|| paidan_machine::leg_title(id.as_str()))
}

/// What people call a clock: its title, and whose leg it is.
#[must_use]
pub fn clock_title(workflow: &Workflow, key: &ClockKey) -> Text {
    let title = workflow.clocks.get(&key.clock).map(|clock| clock.title.clone()).unwrap_or_default();
    let title =
        if title == Text::default() { text(key.clock.to_string(), key.clock.to_string()) } else { title };
    match &key.leg {
        Some(unit) => text(format!("{}·{unit}", title.zh), format!("{} · {unit}", title.en)),
        None => title,
    }
}

fn colour(colour: Colour) -> Text {
    let (zh, en) = match colour {
        Colour::Blue => ("蓝色", "blue"),
        Colour::Yellow => ("黄色", "yellow"),
        Colour::Red => ("红色", "red"),
    };
    text(zh.into(), en.into())
}

fn audience(to: &[Audience]) -> String {
    let name = |audience: &Audience| match audience {
        Audience::Post { post, unit } => format!("{unit}/{post}"),
        Audience::Unit(unit) => unit.to_string(),
        Audience::Person(_) => "…".to_string(),
    };
    to.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// One fact as a sentence; nothing for facts that only the engine needs.
#[must_use]
pub fn sentence(workflow: &Workflow, zone: &Zone, fact: &Fact) -> Option<Text> {
    let clock = |key: &ClockKey| clock_title(workflow, key);
    Some(match fact {
        Fact::Opened { number, .. } => text(format!("受理 {number}"), format!("Opened {number}")),
        Fact::Acted { action: id, leg, .. } => {
            let title = action(workflow, id);
            let unit = leg.as_ref().map(|l| format!("（{l}）")).unwrap_or_default();
            let by = leg.as_ref().map(|l| format!(" ({l})")).unwrap_or_default();
            text(format!("{}{unit}", title.zh), format!("{}{by}", title.en))
        }
        Fact::Entered { state: id, .. } => {
            let title = state(workflow, id);
            text(format!("进入“{}”", title.zh), format!("Now in: {}", title.en))
        }
        Fact::LegOpened { leg, .. } => text(format!("派给 {leg}"), format!("Asked of {leg}")),
        Fact::LegMoved { leg, to, implicit, .. } => {
            let silent = if *implicit { ("（默认）", " (by silence)") } else { ("", "") };
            text(
                format!("{leg}：{}{}", to.title().zh, silent.0),
                format!("{leg}: {}{}", to.title().en, silent.1),
            )
        }
        Fact::LegRefused { leg, instead, .. } => {
            let other = instead.as_ref().map(ToString::to_string).unwrap_or_default();
            text(format!("{leg} 退单 {other}"), format!("{leg} handed back {other}"))
        }
        Fact::LegRuled { leg, kept: true, .. } => {
            text(format!("裁定：{leg} 继续承办"), format!("Ruled: {leg} keeps it"))
        }
        Fact::LegRuled { leg, kept: false, .. } => {
            text(format!("裁定：{leg} 不承办"), format!("Ruled: {leg} is released"))
        }
        Fact::Joined { how: How::Rule, .. } => {
            text("各方已到齐".into(), "All that are needed are there".into())
        }
        Fact::Joined { how: How::Without, .. } => {
            text("先行开始".into(), "Started without those missing".into())
        }
        Fact::Fired { alarm: AlarmKind::Rung { clock: key, rung, .. }, .. } => text(
            format!("升级第{}级（{}）", rung + 1, clock(key).zh),
            format!("Rung {} of {}", rung + 1, clock(key).en),
        ),
        Fact::Told { to, notice, .. } => {
            text(format!("通知 {}（{notice}）", audience(to)), format!("Told {} ({notice})", audience(to)))
        }
        Fact::SlipIssued { n, colour: of, .. } => {
            let of = colour(*of);
            text(format!("{}督办单 第{n}号", of.zh), format!("Supervision slip {n}, {}", of.en))
        }
        Fact::RoundBegan { round } => text(format!("第{round}次返工"), format!("Rework, round {round}")),
        Fact::Ended { .. } => text("办结".into(), "Closed".into()),
        Fact::Reopened { .. } => text("重新打开".into(), "Opened again".into()),
        Fact::ChildAsked { workflow, .. } => {
            text(format!("立下级事项 {workflow}"), format!("Opens {workflow}"))
        }
        _ => return of_clock(workflow, zone, fact),
    })
}

/// A fact about a clock as a sentence.
fn of_clock(workflow: &Workflow, zone: &Zone, fact: &Fact) -> Option<Text> {
    let clock = |key: &ClockKey| clock_title(workflow, key);
    let on = |at: &Moment| at.local_text(zone);
    Some(match fact {
        Fact::ClockStarted { clock: key, due, .. } => text(
            format!("开始计时 {}，{} 前", clock(key).zh, on(due)),
            format!("Clock {} until {}", clock(key).en, on(due)),
        ),
        Fact::ClockBreached { clock: key, due } => text(
            format!("逾期 {}（{}）", clock(key).zh, on(due)),
            format!("Late: {} ({})", clock(key).en, on(due)),
        ),
        Fact::ClockStopped { clock: key, verdict: Verdict::Met, .. } => {
            text(format!("按时 {}", clock(key).zh), format!("In time: {}", clock(key).en))
        }
        Fact::ClockPaused { clock: key, .. } => {
            text(format!("暂停计时 {}", clock(key).zh), format!("Clock {} stands still", clock(key).en))
        }
        Fact::ClockResumed { clock: key, due, .. } => text(
            format!("恢复计时 {}，{} 前", clock(key).zh, on(due)),
            format!("Clock {} goes on until {}", clock(key).en, on(due)),
        ),
        Fact::ClockMoved { clock: key, due, .. } => text(
            format!("{} 改为 {}", clock(key).zh, on(due)),
            format!("{} is now due {}", clock(key).en, on(due)),
        ),
        _ => return None,
    })
}

/// What a resident is told of one record: where the matter stands, not who was reminded of what.
#[must_use]
pub fn for_resident(workflow: &Workflow, facts: &[Fact]) -> Vec<Text> {
    let told = |fact: &Fact| match fact {
        Fact::Opened { number, .. } => {
            Some(text(format!("已受理 {number}"), format!("Received as {number}")))
        }
        Fact::Entered { state: id, .. } => {
            let own = workflow.states.get(id)?;
            let leaf = !workflow.states.values().any(|other| other.parent.as_ref() == Some(id));
            Some(own.title.clone()).filter(|title| leaf && *title != Text::default())
        }
        Fact::RoundBegan { round } => {
            Some(text(format!("第{round}次返工"), format!("Done again, round {round}")))
        }
        Fact::Ended { .. } => Some(text("办结".into(), "Closed".into())),
        Fact::Reopened { .. } => Some(text("重新打开".into(), "Opened again".into())),
        _ => None,
    };
    facts.iter().filter_map(told).collect()
}
