//! The days of a clock one by one: which counted, which did not, and on what that rests. So one sees why nothing was
//! late yet, or why it was.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_machine::case::clock::Clock;
use paidan_model::calendar::{Budget, Calendar, DayKind, Nature};
use paidan_model::moment::{Date, Moment, Zone};
use paidan_model::text::Text;

use crate::arithmetic::{bounds, length};

/// Days that are looked at; a clock that counts longer is told by its sums alone.
const DAYS_MAX: usize = 120;

/// Days on end of which the same is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// What they count.
    pub counts: Text,
    /// What they are.
    pub nature: Text,
    /// The notice that makes them so, where it was written down.
    pub notice: Option<String>,
}

impl Stretch {
    /// The days as people write them.
    #[must_use]
    pub fn days(&self) -> String {
        let day = |date: Date| date.format("%m-%d").to_string();
        if self.first == self.last {
            day(self.first)
        } else {
            format!("{}–{}", day(self.first), day(self.last))
        }
    }
}

fn text(zh: &str, en: &str) -> Text {
    Text { zh: zh.into(), en: en.into() }
}

/// The days from the start of what is left of a clock to its due moment; none for clocks that count day and night, and
/// for those that count longer than anybody reads.
#[must_use]
pub fn days(calendar: &Calendar, clock: &Clock) -> Vec<Stretch> {
    let zone = calendar.zone();
    let start = match &clock.budget {
        Budget::Real { .. } => return Vec::new(),
        Budget::Business { .. } => clock.from,
        Budget::Days { start, .. } => start.unwrap_or(clock.from),
    };
    let (first, last) = (start.local(zone).date(), clock.due.local(zone).date());
    let all: Vec<Date> = first.iter_days().take(DAYS_MAX + 1).take_while(|day| *day <= last).collect();
    if all.len() > DAYS_MAX {
        return Vec::new();
    }
    let (mut found, mut counted): (Vec<Stretch>, u32) = (Vec::new(), 0);
    for (n, day) in all.into_iter().enumerate() {
        let counts = match &clock.budget {
            Budget::Days { kind, count, added, .. } => {
                let most = count.saturating_add(*added).saturating_add(granted(&clock.more, *kind));
                numbered(*kind, n, calendar.is_working_day(day), most, &mut counted)
            }
            Budget::Business { .. } | Budget::Real { .. } => hours(calendar, clock, day, zone),
        };
        add(&mut found, calendar, day, counts);
    }
    found
}

/// How many days were granted on top; where they are counted otherwise, no day is one too many.
fn granted(more: &[Budget], of: DayKind) -> u32 {
    more.iter().fold(0, |sum: u32, budget| match budget {
        Budget::Days { kind, count, added, .. } if *kind == of => {
            sum.saturating_add(*count).saturating_add(*added)
        }
        Budget::Days { .. } | Budget::Business { .. } | Budget::Real { .. } => u32::MAX,
    })
}

/// What a day gave of office time.
fn hours(calendar: &Calendar, clock: &Clock, day: Date, zone: &Zone) -> Text {
    let (start, end) = bounds(day, zone);
    match calendar.business_seconds(clock.from.max(start), clock.due.min(end)) {
        0 => text("不计", "does not count"),
        seconds => {
            let words = length(seconds);
            Text { zh: format!("计{}", words.zh), en: format!("counts {}", words.en) }
        }
    }
}

/// The how-manieth day it is. The day on which something begins is not counted (Civil Code, article 201), and a last day
/// that is off moves on to the next working day (article 203).
fn numbered(kind: DayKind, n: usize, works: bool, most: u32, counted: &mut u32) -> Text {
    let counts = match kind {
        DayKind::Working => works,
        DayKind::Calendar | DayKind::Months => true,
    };
    match (n, counts, kind) {
        (0, _, _) => text("起算当天，不计", "the day it begins; does not count"),
        (_, false, _) => text("不计", "does not count"),
        (_, true, DayKind::Months) => text("计入", "counts"),
        (_, true, DayKind::Calendar) if *counted >= most => {
            text("末日休息，顺延", "moved on, for the last day was off")
        }
        (_, true, DayKind::Working | DayKind::Calendar) => {
            *counted += 1;
            Text { zh: format!("第{counted}天"), en: format!("day {counted}") }
        }
    }
}

fn add(found: &mut Vec<Stretch>, calendar: &Calendar, day: Date, counts: Text) {
    let nature = calendar.nature(day);
    let rests_on = matches!(nature, Nature::MadeUp | Nature::Holiday);
    let notice = calendar.notice(day).filter(|_| rests_on).map(ToString::to_string);
    let nature = match nature {
        Nature::Working => text("工作日", "working day"),
        Nature::MadeUp => text("调休上班", "make-up workday"),
        Nature::Holiday => text("放假", "holiday"),
        Nature::Rest => text("休息日", "day of rest"),
    };
    match found.last_mut() {
        Some(before) if before.counts == counts && before.nature == nature && before.notice == notice => {
            before.last = day;
        }
        Some(_) | None => found.push(Stretch { first: day, last: day, counts, nature, notice }),
    }
}

/// How late a clock was at a moment, or how long it had; for whoever asks why nothing was sent up yet.
#[must_use]
pub fn stood(clock: &Clock, now: Moment, zone: &Zone) -> Text {
    let due = clock.due.local_text(zone);
    match (&clock.paused, now > clock.due) {
        (Some(_), _) => text("当时计时暂停，不会升级", "it stood still then: nothing is sent up meanwhile"),
        (None, true) => {
            Text { zh: format!("当时已过期限 {due}"), en: format!("it was past its due moment, {due}") }
        }
        (None, false) => {
            Text { zh: format!("当时未到期限 {due}"), en: format!("it was not due yet then: {due}") }
        }
    }
}
