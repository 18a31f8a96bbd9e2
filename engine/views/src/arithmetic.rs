//! A clock's arithmetic in words: which days counted, which did not, and how much is left.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_machine::case::clock::Clock;
use paidan_model::calendar::{Budget, Calendar, DayKind, Goal, Roll};
use paidan_model::moment::{Date, Moment, Zone};
use paidan_model::text::Text;
use paidan_model::workflow::Workflow;

/// Days that are told one by one; the rest is told as one.
const DAYS_TOLD: usize = 12;
/// Days that are looked at.
const DAYS_MAX: usize = 400;

/// A length of time, such as `3 h 20 min`.
#[must_use]
pub fn length(seconds: i64) -> Text {
    let (hours, minutes) = (seconds / 3_600, seconds % 3_600 / 60);
    let part = |n: i64, unit: &str| if n > 0 { format!("{n}{unit}") } else { String::new() };
    if hours == 0 && minutes == 0 {
        return Text { zh: format!("{seconds}秒"), en: format!("{seconds} s") };
    }
    let zh = format!("{}{}", part(hours, "小时"), part(minutes, "分钟"));
    let en = format!("{} {}", part(hours, " h"), part(minutes, " min"));
    Text { zh, en: en.trim().to_string() }
}

/// How much is left of a clock that runs, in the time it counts.
#[must_use]
pub fn left(calendar: &Calendar, clock: &Clock, now: Moment) -> Text {
    if now >= clock.due {
        return Text { zh: "已逾期".into(), en: "late".into() };
    }
    match &clock.budget {
        Budget::Business { .. } => {
            let seconds = calendar.business_seconds(now.max(clock.from), clock.due);
            let words = length(seconds);
            Text {
                zh: format!("还有{}（工作时间）", words.zh),
                en: format!("{} of office time left", words.en),
            }
        }
        Budget::Real { .. } => {
            let words = length((clock.due.millis() - now.millis()) / 1_000);
            Text { zh: format!("还有{}", words.zh), en: format!("{} left", words.en) }
        }
        Budget::Days { kind, .. } => days_left(calendar, *kind, now, clock.due),
    }
}

/// How much of a clock is left, of a hundred, in the time that its calendar counts as business, or day and night for a
/// clock in real time; 0 when it is late. The whole is what was used before it last went on, and what lies between then and
/// its due moment: so a clock that is capped or was extended is whole when it starts.
#[must_use]
pub fn share_left(calendar: &Calendar, clock: &Clock, now: Moment) -> u8 {
    let between = |from: Moment, to: Moment| match &clock.budget {
        Budget::Real { .. } => (to.millis() - from.millis()) / 1_000,
        Budget::Business { .. } | Budget::Days { .. } => calendar.business_seconds(from, to),
    };
    let all = match &clock.budget {
        Budget::Business { .. } | Budget::Real { .. } => {
            let used = core::iter::once(&clock.budget).chain(&clock.more).map(used).sum::<u64>();
            signed(used).saturating_add(between(clock.from, clock.due))
        }
        Budget::Days { start, .. } => between(start.unwrap_or(clock.from), clock.due),
    };
    let left = between(now.max(clock.from), clock.due).clamp(0, all.max(0));
    let share = left.saturating_mul(100).checked_div(all).unwrap_or(0);
    u8::try_from(share).unwrap_or(100)
}

/// What was used of a budget of seconds before its clock last went on.
fn used(budget: &Budget) -> u64 {
    match budget {
        Budget::Business { left, of } | Budget::Real { left, of } => of.saturating_sub(*left),
        Budget::Days { .. } => 0,
    }
}

fn days_left(calendar: &Calendar, kind: DayKind, now: Moment, due: Moment) -> Text {
    let zone = calendar.zone();
    let (today, last) = (now.local(zone).date(), due.local(zone).date());
    let between = today.iter_days().skip(1).take(DAYS_MAX).take_while(|day| *day <= last);
    let (count, zh, en) = match kind {
        DayKind::Working => {
            (between.filter(|day| calendar.is_working_day(*day)).count(), "个工作日", "working days")
        }
        DayKind::Calendar | DayKind::Months => (between.count(), "天", "days"),
    };
    if count == 0 {
        return Text { zh: "今天到期".into(), en: "due today".into() };
    }
    Text { zh: format!("还有{count}{zh}"), en: format!("{count} {en} left") }
}

/// When a clock on the wall would have ended what this one counts in office time; nothing for clocks that count
/// days, or day and night, or were extended.
#[must_use]
pub fn wall(clock: &Clock) -> Option<Moment> {
    match &clock.budget {
        Budget::Business { left, .. } if clock.more.is_empty() => {
            Some(clock.from.plus_millis(signed(*left).saturating_mul(1_000)))
        }
        Budget::Business { .. } | Budget::Real { .. } | Budget::Days { .. } => None,
    }
}

/// How the due moment came about, by its workflow.
#[must_use]
pub fn account(workflow: &Workflow, calendar: &Calendar, clock: &Clock) -> Text {
    let capped = workflow.clocks.get(&clock.key.clock).is_some_and(|declared| declared.capped_by.is_some());
    let zone = calendar.zone();
    let (from, due) = (clock.from.local_text(zone), clock.due.local_text(zone));
    let (zh, en) = match &clock.course.goal {
        Goal::Span(_) => counted(calendar, clock, &from),
        Goal::Day(day) => {
            (format!("约定 {} 当天下班前", day.0), format!("by the close of {}, as was agreed", day.0))
        }
        Goal::Moment(at) => {
            let at = at.local_text(zone);
            (format!("约定 {at}"), format!("at {at}, as was agreed"))
        }
    };
    let own = clock.due_from(calendar, clock.from, Roll::None).map(|own| own.at);
    let (zh, en) = match clock.extended {
        0 => (zh, en),
        n => (format!("{zh}，延期{n}次"), format!("{en}, extended {}", times(n))),
    };
    match own.filter(|own| capped && !clock.late && *own > clock.due) {
        Some(own) => {
            let own = own.local_text(zone);
            let zh = format!("{zh} → {own}；受另一期限限制，提前到 {due}");
            Text { zh, en: format!("{en} → {own}; another clock caps it: {due}") }
        }
        // A late clock that went on keeps the moment that it missed.
        None if clock.late && clock.from > clock.due => Text {
            zh: format!("应于 {due} 前办，已逾期"),
            en: format!("it was due {due} and is late"),
        },
        None => Text { zh: format!("{zh} → {due}"), en: format!("{en} → {due}") },
    }
}

/// What is left, since when, and of how much.
fn counted(calendar: &Calendar, clock: &Clock, from: &str) -> (String, String) {
    match &clock.budget {
        // The first limit is used up: what counts now was granted on top.
        Budget::Business { left: 0, .. } | Budget::Real { left: 0, .. } if !clock.more.is_empty() => {
            (format!("{from} 起用延期的时间"), format!("in the time that was added, from {from}"))
        }
        Budget::Business { left, of } => {
            let words = days(calendar, clock.from, clock.due);
            let (of, left) = (length(signed(*of)), length(signed(*left)));
            let zh = format!("{from} 起{}工作时间（共{}）：{}", left.zh, of.zh, words.zh);
            (zh, format!("{} of office time (of {}) from {from}: {}", left.en, of.en, words.en))
        }
        Budget::Real { left, .. } => {
            let words = length(signed(*left));
            (format!("{from} 起{}", words.zh), format!("{} from {from}, day and night", words.en))
        }
        Budget::Days { kind, count, added, .. } => {
            let more = if *added > 0 { format!("＋{added}") } else { String::new() };
            let (zh, en) = match kind {
                DayKind::Working => ("个工作日", "working days"),
                DayKind::Calendar => ("天", "calendar days"),
                DayKind::Months => ("个月", "months"),
            };
            let plus = if *added > 0 { format!(" and {added} days of pauses") } else { String::new() };
            (format!("{from} 起{count}{more}{zh}"), format!("{count} {en}{plus} after {from}"))
        }
    }
}

fn times(n: u8) -> String {
    if n == 1 { "once".into() } else { format!("{n} times") }
}

fn signed(seconds: u64) -> i64 {
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

/// A stretch of days.
struct Stretch {
    first: Date,
    last: Date,
    seconds: i64,
}

/// The days between two moments: what each gave, and which were off.
fn days(calendar: &Calendar, from: Moment, due: Moment) -> Text {
    let zone = calendar.zone();
    let (first, last) = (from.local(zone).date(), due.local(zone).date());
    let mut found: Vec<Stretch> = Vec::new();
    for day in first.iter_days().take(DAYS_MAX).take_while(|day| *day <= last) {
        let (start, end) = bounds(day, zone);
        let seconds = calendar.business_seconds(from.max(start), due.min(end));
        match found.last_mut() {
            Some(before) if before.seconds == 0 && seconds == 0 => before.last = day,
            Some(_) | None => found.push(Stretch { first: day, last: day, seconds }),
        }
    }
    let rest = found.len().saturating_sub(DAYS_TOLD);
    let told: Vec<Text> = found.iter().take(DAYS_TOLD).map(stretch).collect();
    let join = |pick: fn(&Text) -> &str, by: &str| told.iter().map(pick).collect::<Vec<_>>().join(by);
    let (more_zh, more_en) = match rest {
        0 => (String::new(), String::new()),
        n => (format!("，另{n}段"), format!(", and {n} more stretches")),
    };
    Text {
        zh: format!("{}{more_zh}", join(|text| &text.zh, "，")),
        en: format!("{}{more_en}", join(|text| &text.en, ", ")),
    }
}

/// The first moment of a day, and of the next.
pub(crate) fn bounds(day: Date, zone: &Zone) -> (Moment, Moment) {
    let midnight = |day: Date| day.and_hms_opt(0, 0, 0).map(|at| Moment::from_local(at, zone));
    let start = midnight(day).unwrap_or(Moment::from_millis(i64::MIN / 2));
    let end = day.succ_opt().and_then(midnight).unwrap_or(Moment::from_millis(i64::MAX / 2));
    (start, end)
}

fn stretch(stretch: &Stretch) -> Text {
    let day = |date: Date| date.format("%m-%d").to_string();
    let words = length(stretch.seconds);
    match (stretch.seconds, stretch.first == stretch.last) {
        (0, true) => {
            let day = day(stretch.first);
            Text { zh: format!("{day} 不计"), en: format!("{day} off") }
        }
        (0, false) => {
            let (a, b) = (day(stretch.first), day(stretch.last));
            Text { zh: format!("{a}至{b} 不计"), en: format!("{a} to {b} off") }
        }
        (_, _) => {
            let day = day(stretch.first);
            Text { zh: format!("{day} 计{}", words.zh), en: format!("{day}: {}", words.en) }
        }
    }
}
