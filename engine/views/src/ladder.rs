//! What a clock's ladder had done by a moment, and what it would do next: why something was sent up, or was not.

use alloc::format;
use alloc::vec::Vec;
use paidan_machine::case::Case;
use paidan_machine::case::clock::Clock;
use paidan_machine::fact::{Alarm, AlarmKind, ClockKey};
use paidan_model::clock::{Clock as Declared, Rung};
use paidan_model::field::Per;
use paidan_model::moment::Zone;
use paidan_model::text::{Text, Tongue};
use paidan_model::value::{Held, Value};
use paidan_model::workflow::Workflow;

use crate::sheet::step;

/// What fired, then what is armed, earliest first.
#[must_use]
pub fn ladder(workflow: &Workflow, case: &Case, clock: &Clock, zone: &Zone) -> Vec<Text> {
    let rungs = rungs(workflow, case, clock);
    let mut armed: Vec<&Alarm> =
        case.timers.armed.iter().filter(|alarm| key(&alarm.kind) == Some(&clock.key)).collect();
    armed.sort_by_key(|alarm| alarm.due);
    let fired = clock.fired.iter().filter_map(|alarm| {
        let what = what(workflow, rungs, &alarm.kind)?;
        Some(Text { zh: format!("已发生：{}", what.zh), en: format!("had happened: {}", what.en) })
    });
    let next = armed.iter().filter_map(|alarm| {
        let (what, due) = (what(workflow, rungs, &alarm.kind)?, alarm.due.local_text(zone));
        Some(Text { zh: format!("{due} 才会：{}", what.zh), en: format!("not before {due}: {}", what.en) })
    });
    let mut found: Vec<Text> = fired.chain(next).collect();
    if rungs.is_empty() {
        found.push(Text {
            zh: "没有设升级：逾期只记录".into(),
            en: "no ladder: being late is written down, and sends nothing up".into(),
        });
    }
    found
}

fn key(kind: &AlarmKind) -> Option<&ClockKey> {
    match kind {
        AlarmKind::Warn { clock, .. } | AlarmKind::Breach { clock } | AlarmKind::Rung { clock, .. } => {
            Some(clock)
        }
        AlarmKind::After { .. }
        | AlarmKind::OfferEnd { .. }
        | AlarmKind::VoteEnd { .. }
        | AlarmKind::VoteMay { .. }
        | AlarmKind::PauseEnd { .. } => None,
    }
}

/// The ladder that a clock has in a case.
fn rungs<'w>(workflow: &'w Workflow, case: &Case, clock: &Clock) -> &'w [Rung] {
    let declared: Option<&Declared> = workflow.clocks.get(&clock.key.clock);
    let named = match declared.and_then(|declared| declared.ladder.as_ref()) {
        Some(Per::One(one)) => Some(one),
        Some(Per::By { field, of }) => match case.form.fields.get(field).and_then(Held::open) {
            Some(Value::Choice(choice)) => of.get(choice),
            _ => None,
        },
        None => workflow.ladder.as_ref(),
    };
    named.and_then(|id| workflow.ladders.get(id)).map(Vec::as_slice).unwrap_or_default()
}

fn what(workflow: &Workflow, rungs: &[Rung], kind: &AlarmKind) -> Option<Text> {
    Some(match kind {
        AlarmKind::Warn { percent, .. } => Text {
            zh: format!("用去{percent}%，提醒承办人"),
            en: format!("{percent}% used, its holder is reminded"),
        },
        AlarmKind::Breach { .. } => Text { zh: "记为逾期".into(), en: "it is late".into() },
        AlarmKind::Rung { rung, .. } => {
            let declared = usize::try_from(*rung).ok().and_then(|n| rungs.get(n));
            let words = |tongue| declared.map(|rung| step(workflow, rung, tongue)).unwrap_or_default();
            let n = rung + 1;
            let (zh, en) = (words(Tongue::Zh), words(Tongue::En));
            Text { zh: format!("升级第{n}级（{zh}）"), en: format!("rung {n} ({en})") }
        }
        AlarmKind::After { .. }
        | AlarmKind::OfferEnd { .. }
        | AlarmKind::VoteEnd { .. }
        | AlarmKind::VoteMay { .. }
        | AlarmKind::PauseEnd { .. } => return None,
    })
}
