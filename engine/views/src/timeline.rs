//! The timeline: what happened, in plain words, in both languages.

mod choice;
mod wording;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_machine::Sight;
use paidan_machine::audience::Audience;
use paidan_machine::fact::{
    AlarmKind, CaseFact, ClockFact, ClockKey, Fact, FormFact, HandoffFact, How, LegFact, LinkFact,
    MessageFact, PauseFact, StateFact, TimerFact, Verdict,
};
use paidan_model::clock::Colour;
use paidan_model::field::{Field, SetBy};
use paidan_model::id::{ActionId, FieldId, PauseId, StateId, UnitId};
use paidan_model::moment::{Moment, Zone};
use paidan_model::roster::Roster;
use paidan_model::table::Cell;
use paidan_model::text::{Text, Tongue};
use paidan_model::value::{Held, Value};
use paidan_model::vote::Property;
use paidan_model::workflow::Workflow;

use self::wording::text;
use crate::people::{audiences as audience, unit};

fn pause_title(workflow: &Workflow, id: &PauseId) -> Text {
    let title = workflow.pauses.get(id).map(|pause| pause.title.clone()).filter(|t| *t != Text::default());
    title.unwrap_or_else(|| text(id.to_string(), id.to_string()))
}

/// Who handed a share back, why, and whose it should be.
fn handed_back(leg: &Text, ground: Option<Text>, other: Option<Text>) -> Text {
    let (why_zh, why_en) =
        ground.map_or_else(Default::default, |why| (format!("（{}）", why.zh), format!(" ({})", why.en)));
    let (zh, en) = other.map_or_else(Default::default, |other| {
        (format!("，认为应由{}承办", other.zh), format!("; {} should have it", other.en))
    });
    text(format!("{}退单{why_zh}{zh}", leg.zh), format!("{} handed it back{why_en}{en}", leg.en))
}

pub(crate) fn state(workflow: &Workflow, id: &StateId) -> Text {
    let title = workflow.states.get(id).map(|s| s.title.clone()).unwrap_or_default();
    let or_id = |words: String| if words.is_empty() { id.to_string() } else { words };
    Text { zh: or_id(title.zh), en: or_id(title.en) }
}

/// The title of an action; none for events that only the engine raises.
pub(crate) fn action(workflow: &Workflow, id: &ActionId) -> Option<Text> {
    if let Some(declared) = workflow.actions.get(id) {
        return Some(declared.clone());
    }
    let built_in = paidan_machine::built_in_title(id.as_str());
    let known = built_in.zh != id.as_str();
    let asked = workflow.states.values().filter_map(|state| state.on.get(id)).any(|on| !on.who.is_empty());
    (known || asked).then_some(built_in)
}

/// The title of an action by its name; nothing for what is no action of a workflow, nor built in.
#[must_use]
pub fn action_title(workflow: &Workflow, name: &str) -> Option<Text> {
    ActionId::parse(name).and_then(|id| action(workflow, &id))
}

/// What people call a clock: its title, and whose leg it is.
#[must_use]
pub fn clock_title(workflow: &Workflow, roster: &Roster, key: &ClockKey) -> Text {
    let title = workflow.clocks.get(&key.clock).map(|clock| clock.title.clone()).unwrap_or_default();
    let title =
        if title == Text::default() { text(key.clock.to_string(), key.clock.to_string()) } else { title };
    if let Some(n) = key.claim {
        return text(format!("{}·认领{n}", title.zh), format!("{} · claim {n}", title.en));
    }
    match &key.leg {
        Some(id) => {
            let unit = unit(roster, id);
            text(format!("{}·{}", title.zh, unit.zh), format!("{} · {}", title.en, unit.en))
        }
        None => title,
    }
}

pub use choice::{choice_title, tally_words, verdict_title};

fn colour(colour: Colour) -> Text {
    let (zh, en) = match colour {
        Colour::Blue => ("蓝色", "blue"),
        Colour::Yellow => ("黄色", "yellow"),
        Colour::Red => ("红色", "red"),
    };
    text(zh.into(), en.into())
}

/// Who was told, and of what where every notice of that name says the same.
fn told(roster: &Roster, to: &[Audience], notice: &str) -> Text {
    let to = audience(roster, to);
    let (zh, en) = match notice {
        "overdue" => ("（已逾期）", " (late)"),
        "warning" => ("（将到期）", " (due soon)"),
        "to_rule" => ("（请裁定）", " (please rule)"),
        "to_extend" => ("（请定延期）", " (please decide on more time)"),
        "to_pause" => ("（请定暂停）", " (please decide on a pause)"),
        "extended" => ("（已延期）", " (it has more time)"),
        "extension_declined" => ("（延期未批准）", " (more time was declined)"),
        "pause_declined" => ("（暂停未批准）", " (the pause was declined)"),
        "ballot_on_paper" => ("（纸质票已登记）", " (the paper ballot is written down)"),
        "ballot_revoked" => ("（投票已撤回）", " (the ballot was taken back)"),
        "ballot_disputed" => ("（投票有异议）", " (the ballot is disputed)"),
        "proxy_named" => ("（已登记委托）", " (a proxy is named)"),
        _ => ("", ""),
    };
    text(format!("通知{}{zh}", to.zh), format!("Told {}{en}", to.en))
}

/// One fact as a sentence; nothing for facts that only the engine needs. Units are called as the roster has them.
#[must_use]
pub fn sentence(workflow: &Workflow, roster: &Roster, zone: &Zone, fact: &Fact) -> Option<Text> {
    match fact {
        Fact::Case(fact) => of_case(workflow, roster, fact),
        Fact::State(fact) => of_state(workflow, fact),
        Fact::Timer(fact) => of_timer(workflow, roster, fact),
        Fact::Clock(fact) => of_clock(workflow, roster, zone, fact),
        Fact::Pause(fact) => of_pause(workflow, fact),
        Fact::Leg(fact) => of_leg(workflow, roster, fact),
        Fact::Handoff(fact) => of_handoff(fact),
        Fact::Vote(fact) => Some(choice::of_vote(roster, zone, fact)),
        Fact::Claim(fact) => Some(choice::of_claim(roster, fact)),
        Fact::Share(fact) => Some(choice::of_share(fact)),
        Fact::Message(fact) => Some(of_message(roster, fact)),
        Fact::Link(LinkFact::ChildAsked { workflow, .. }) => {
            Some(text(format!("立下级事项 {workflow}"), format!("Opens {workflow}")))
        }
        Fact::Link(LinkFact::Reported { .. }) | Fact::Form(_) | Fact::People(_) => None,
    }
}

fn of_case(workflow: &Workflow, roster: &Roster, fact: &CaseFact) -> Option<Text> {
    Some(match fact {
        CaseFact::Opened { number, .. } => text(format!("受理 {number}"), format!("Opened {number}")),
        CaseFact::Acted { action: id, leg, .. } => {
            let title = action(workflow, id)?;
            match leg.as_ref().map(|id| unit(roster, id)) {
                Some(by) => text(format!("{}（{}）", title.zh, by.zh), format!("{} ({})", title.en, by.en)),
                None => title,
            }
        }
        CaseFact::Ended { .. } => text("办结".into(), "Closed".into()),
        CaseFact::Reopened { .. } => text("重新打开".into(), "Opened again".into()),
        CaseFact::Redacted { .. } => text(
            "保存期满，个人信息已清除".into(),
            "The time to keep personal values has passed; they are erased".into(),
        ),
        CaseFact::Reasoned { .. } => return None,
    })
}

fn of_state(workflow: &Workflow, fact: &StateFact) -> Option<Text> {
    match fact {
        StateFact::Entered { state: id, .. } => {
            let title = state(workflow, id);
            let (zh, en) = (format!("进入“{}”", title.zh), format!("Now in: {}", title.en));
            Some(text(zh, en))
        }
        StateFact::RoundBegan { round } => {
            Some(text(format!("第{round}次返工"), format!("Rework, round {round}")))
        }
        StateFact::Left { .. } | StateFact::Ignored { .. } => None,
    }
}

fn of_leg(workflow: &Workflow, roster: &Roster, fact: &LegFact) -> Option<Text> {
    let unit = |id: &UnitId| unit(roster, id);
    Some(match fact {
        LegFact::Opened { leg, .. } => {
            let leg = unit(leg);
            text(format!("派给{}", leg.zh), format!("Asked of {}", leg.en))
        }
        LegFact::Moved { leg, to, implicit, .. } => {
            let silent = if *implicit { ("（默认）", " (by silence)") } else { ("", "") };
            let (leg, to) = (unit(leg), to.title());
            let zh = format!("{}：{}{}", leg.zh, to.zh, silent.0);
            text(zh, format!("{}: {}{}", leg.en, to.en, silent.1))
        }
        LegFact::Refused { leg, ground, instead, .. } => {
            let ground = ground.as_ref().map(|id| workflow.ground_title(id));
            handed_back(&unit(leg), ground, instead.as_ref().map(unit))
        }
        LegFact::Ruled { leg, kept, .. } => {
            let Text { zh, en } = unit(leg);
            match kept {
                true => text(format!("裁定：{zh}继续承办"), format!("Ruled: {en} keeps it")),
                false => text(format!("裁定：{zh}不承办"), format!("Ruled: {en} is released")),
            }
        }
        LegFact::RoundBegan { .. }
        | LegFact::Agreed { .. }
        | LegFact::AskedAfresh { .. }
        | LegFact::MarkedLate { .. }
        | LegFact::WaiverAsked { .. } => return None,
    })
}

fn of_handoff(fact: &HandoffFact) -> Option<Text> {
    match fact {
        HandoffFact::Joined { how: How::Rule, .. } => {
            Some(text("各方已到齐".into(), "All that are needed are there".into()))
        }
        HandoffFact::Joined { how: How::Without, .. } => {
            Some(text("先行开始".into(), "Started without those missing".into()))
        }
        HandoffFact::Began { .. } | HandoffFact::Failed { .. } => None,
    }
}

fn of_timer(workflow: &Workflow, roster: &Roster, fact: &TimerFact) -> Option<Text> {
    let TimerFact::Fired { alarm: AlarmKind::Rung { clock, rung, .. }, .. } = fact else {
        return None;
    };
    let Text { zh, en } = clock_title(workflow, roster, clock);
    let n = rung + 1;
    Some(text(format!("升级第{n}级（{zh}）"), format!("Rung {n} of {en}")))
}

fn of_message(roster: &Roster, fact: &MessageFact) -> Text {
    match fact {
        MessageFact::Told { to, notice, .. } => told(roster, to, notice.as_str()),
        MessageFact::SlipIssued { n, colour: of, .. } => {
            let of = colour(*of);
            text(format!("{}督办单 第{n}号", of.zh), format!("Supervision slip {n}, {}", of.en))
        }
    }
}

/// A fact about a clock as a sentence.
fn of_clock(workflow: &Workflow, roster: &Roster, zone: &Zone, fact: &ClockFact) -> Option<Text> {
    let clock = |key: &ClockKey| clock_title(workflow, roster, key);
    let on = |at: &Moment| at.local_text(zone);
    Some(match fact {
        ClockFact::Started { clock: key, due, .. } => text(
            format!("开始计时 {}，{} 前", clock(key).zh, on(due)),
            format!("Clock {} until {}", clock(key).en, on(due)),
        ),
        ClockFact::Breached { clock: key, due } => text(
            format!("逾期 {}（{}）", clock(key).zh, on(due)),
            format!("Late: {} ({})", clock(key).en, on(due)),
        ),
        ClockFact::Stopped { clock: key, verdict: Verdict::Met, .. } => {
            text(format!("按时 {}", clock(key).zh), format!("In time: {}", clock(key).en))
        }
        ClockFact::Paused { clock: key, .. } => {
            text(format!("暂停计时 {}", clock(key).zh), format!("Clock {} stands still", clock(key).en))
        }
        ClockFact::Resumed { clock: key, due, .. } => text(
            format!("恢复计时 {}，{} 前", clock(key).zh, on(due)),
            format!("Clock {} goes on until {}", clock(key).en, on(due)),
        ),
        ClockFact::Reopened { clock: key, due, .. } => text(
            format!("重新计时 {}，{} 前", clock(key).zh, on(due)),
            format!("Clock {} runs again until {}", clock(key).en, on(due)),
        ),
        ClockFact::ExtensionAsked { clock: key, .. } => {
            text(format!("申请延期 {}", clock(key).zh), format!("More time is asked for: {}", clock(key).en))
        }
        ClockFact::Moved { clock: key, due, .. } => text(
            format!("{} 改为 {}", clock(key).zh, on(due)),
            format!("{} is now due {}", clock(key).en, on(due)),
        ),
        ClockFact::Stopped { verdict: Verdict::Late | Verdict::Void, .. }
        | ClockFact::ExtensionDropped { .. } => return None,
    })
}

fn of_pause(workflow: &Workflow, fact: &PauseFact) -> Option<Text> {
    match fact {
        PauseFact::Asked { pause, .. } => {
            let Text { zh, en } = pause_title(workflow, pause);
            Some(text(format!("申请暂停计时（{zh}）"), format!("A pause is asked for ({en})")))
        }
        PauseFact::Began { pause, .. } => {
            let Text { zh, en } = pause_title(workflow, pause);
            Some(text(format!("暂停（{zh}）"), format!("It stands still ({en})")))
        }
        PauseFact::Dropped { .. } | PauseFact::Ended { .. } => None,
    }
}

/// What stood in fields before a record wrote them anew, by the record's sequence.
pub type Overwritten = BTreeMap<u64, BTreeMap<FieldId, Held>>;

/// What records wrote over, from the first on.
#[must_use]
pub fn overwritten<'f>(records: impl Iterator<Item = (u64, &'f [Fact])>) -> Overwritten {
    let mut now: BTreeMap<&FieldId, &Held> = BTreeMap::new();
    let mut found = Overwritten::new();
    for (seq, facts) in records {
        let mut written: BTreeSet<&FieldId> = BTreeSet::new();
        for fact in facts {
            match fact {
                Fact::Form(FormFact::Filled { field, value }) => {
                    let before = now.insert(field, value);
                    // What the same record wrote twice was never there before.
                    if let Some(before) = before.filter(|_| written.insert(field)) {
                        found.entry(seq).or_default().insert(field.clone(), before.clone());
                    }
                    written.insert(field);
                }
                Fact::Form(FormFact::Cleared { field }) => drop(now.remove(field)),
                _ => {}
            }
        }
    }
    found
}

/// What was filled in with one record, by label, with what fits on a line, and what stood there before; of what may be
/// seen.
#[must_use]
pub fn filled(
    workflow: &Workflow,
    sight: &Sight,
    before: Option<&BTreeMap<FieldId, Held>>,
    facts: &[Fact],
) -> Option<Text> {
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    for (n, fact) in (1..).zip(facts).filter(|(_, fact)| may_tell(workflow, sight, fact)) {
        let Fact::Form(FormFact::Filled { field: id, value }) = fact else { continue };
        let again = |later: &Fact| matches!(later, Fact::Form(FormFact::Filled { field, .. }) if field == id);
        if facts.iter().skip(n).any(again) {
            continue;
        }
        let Some(field) = workflow.fields.get(id).filter(|field| field.set_by == SetBy::People) else {
            continue;
        };
        let old = before.and_then(|before| before.get(id));
        zh.push(written(id, field, old, value, Tongue::Zh));
        en.push(written(id, field, old, value, Tongue::En));
    }
    (!zh.is_empty())
        .then(|| text(format!("填写：{}", zh.join("、")), format!("Filled in: {}", en.join(", "))))
}

/// One field that was written: its label, what stood there before, what stands there now.
fn written(id: &FieldId, field: &Field, old: Option<&Held>, new: &Held, tongue: Tongue) -> String {
    let label = field.label.or_id(tongue, id.as_str());
    let said = |held: &Held| held.open().and_then(|value| short(field, value, tongue));
    let changed = old.is_some_and(|old| old != new);
    if let (true, Some(lines)) = (changed, old.and_then(|old| rows_changed(old, new, tongue))) {
        return format!("{label}：{lines}");
    }
    match (old.filter(|_| changed).and_then(said), said(new)) {
        (Some(old), Some(new)) => format!("{label} {old} → {new}"),
        (None, Some(new)) => format!("{label} {new}"),
        (_, None) if changed && tongue == Tongue::Zh => format!("{label}（有改动）"),
        (_, None) if changed => format!("{label} (changed)"),
        (_, None) => label.to_string(),
    }
}

/// Rows of a list that a record takes out and puts in, as many as fit on a line.
fn rows_changed(old: &Held, new: &Held, tongue: Tongue) -> Option<String> {
    let (before, after) = (rows_of(old)?, rows_of(new)?);
    let only = |some: &[String], others: &[String]| -> Vec<String> {
        some.iter().filter(|row| !others.contains(row)).cloned().collect()
    };
    let said = |verb: (&str, &str), rows: &[String]| {
        let shown = rows.iter().take(ROWS_TOLD).cloned().collect::<Vec<_>>().join("; ");
        let more = rows.len().saturating_sub(ROWS_TOLD);
        let rest = if more > 0 { format!(" +{more}") } else { String::new() };
        let verb = if tongue == Tongue::Zh { verb.0 } else { verb.1 };
        (!rows.is_empty()).then(|| format!("{verb} {shown}{rest}"))
    };
    let (gone, come) = (only(&before, &after), only(&after, &before));
    let told = [said(("去掉", "without"), &gone), said(("增加", "with"), &come)];
    Some(told.into_iter().flatten().collect::<Vec<_>>().join(if tongue == Tongue::Zh { "，" } else { ", " }))
}

/// Rows of a list that are told of one change.
const ROWS_TOLD: usize = 3;

fn rows_of(held: &Held) -> Option<Vec<String>> {
    match held.open()? {
        Value::Roster(rows) => {
            let row = |row: &Property| format!("{} {} {}", row.part, row.floor, row.owner);
            Some(rows.iter().map(row).collect())
        }
        Value::Table(rows) => {
            let cell = |cell: &Cell| match cell {
                Cell::Int(number) => number.to_string(),
                Cell::Text(words) => words.clone(),
            };
            Some(rows.iter().map(|row| row.values().map(cell).collect::<Vec<_>>().join(" ")).collect())
        }
        _ => None,
    }
}

/// A value that fits on a line.
fn short(field: &Field, value: &Value, tongue: Tongue) -> Option<String> {
    Some(match value {
        Value::Int(number) => number.to_string(),
        Value::Money(fen) => paidan_model::money::yuan(*fen),
        Value::Date(day) => day.clone(),
        Value::Choice(choice) => field.choice_title(choice.as_str(), tongue).to_string(),
        _ => return None,
    })
}

/// Whether what a fact tells may be told to somebody: what is said of a sum is for those who may see all its terms.
#[must_use]
pub fn may_tell(workflow: &Workflow, sight: &Sight, fact: &Fact) -> bool {
    match fact {
        Fact::Share(fact) => {
            workflow.splits.get(fact.split()).is_some_and(|split| sight.covers(split.terms()))
        }
        Fact::Form(FormFact::Filled { field, .. } | FormFact::Cleared { field }) => {
            sight.fields.contains(field)
        }
        Fact::Case(_)
        | Fact::State(_)
        | Fact::Timer(_)
        | Fact::Clock(_)
        | Fact::Pause(_)
        | Fact::Leg(_)
        | Fact::Handoff(_)
        | Fact::Vote(_)
        | Fact::Claim(_)
        | Fact::Message(_)
        | Fact::People(_)
        | Fact::Link(_) => true,
    }
}

/// What a resident is told of one record: where the matter stands, not who was reminded of what.
#[must_use]
pub fn for_resident(workflow: &Workflow, facts: &[Fact]) -> Vec<Text> {
    let told = |fact: &Fact| match fact {
        Fact::Case(CaseFact::Opened { number, .. }) => {
            Some(text(format!("已受理 {number}"), format!("Received as {number}")))
        }
        Fact::State(StateFact::Entered { state: id, .. }) => {
            let own = workflow.states.get(id)?;
            let leaf = !workflow.states.values().any(|other| other.parent.as_ref() == Some(id));
            Some(own.title.clone()).filter(|title| leaf && *title != Text::default())
        }
        Fact::State(StateFact::RoundBegan { round }) => {
            Some(text(format!("第{round}次返工"), format!("Done again, round {round}")))
        }
        Fact::Case(CaseFact::Ended { .. }) => Some(text("办结".into(), "Closed".into())),
        Fact::Case(CaseFact::Reopened { .. }) => Some(text("重新打开".into(), "Opened again".into())),
        _ => None,
    };
    facts.iter().filter_map(told).collect()
}
