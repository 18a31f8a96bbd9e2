//! Starts: cases that begin by themselves, one for each occurrence of a schedule.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::absent::is_default;
use crate::calendar::{Calendar, Roll};
use crate::id::{FieldId, UnitId};
use crate::moment::{Date, Moment, Zone};
use crate::schedule::Schedule;
use crate::span::Span;

/// Minutes of the clock on the wall after which the latest occurrence counts as missed.
pub const LATE_MINUTES: u32 = 10;
/// The most cases that are made up for after a downtime.
pub const MADE_UP_MAX: u32 = 366;
/// How many days before a day off, or after it, a working day is looked for.
const WORKING_DAY_WITHIN: usize = 366;
/// How long occurrences are looked for that fall on working days: ten years, in milliseconds.
const SKIPPED_WITHIN: i64 = 3_653 * 86_400_000;
/// The most occurrences that are gone through at once; the rest follows in the next round.
const PENDING_MAX: usize = 100_000;

/// What becomes of an occurrence on a day off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DaysOff {
    /// It does not happen.
    Skip,
    /// It happens on the working day before, at the same time.
    Before,
    /// It happens on the next working day, at the same time.
    After,
    /// It happens all the same.
    #[default]
    Keep,
}

/// What becomes of occurrences that came while nothing ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// Nothing.
    None,
    /// One case is opened for all of them, as of the latest.
    #[default]
    Once,
    /// A case is opened for each of the latest.
    All {
        /// How many at most, 1 to [`MADE_UP_MAX`].
        limit: u32,
    },
}

/// What a field is filled with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filled {
    /// Always the same, as a form would bring it.
    Value(Json),
    /// A day: so long after the occurrence, by the workflow's calendar.
    After(Span),
}

/// `[starts.<id>]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// As it is written, for people.
    pub written: String,
    /// When it comes.
    pub schedule: Schedule,
    /// Where its times are read from clocks; none: the zone of the workflow's calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// What becomes of it on a day off.
    #[serde(default, skip_serializing_if = "is_default")]
    pub days_off: DaysOff,
    /// What becomes of it after a downtime.
    #[serde(default, skip_serializing_if = "is_default")]
    pub missed: Missed,
    /// The unit that the case belongs to, or a kind of unit: then each of that kind has its case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// What the form is filled in with.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fill: BTreeMap<FieldId, Filled>,
}

/// One occurrence of a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Occurrence {
    /// When the schedule has it: what it is known by.
    pub planned: Moment,
    /// When it happens, days off considered.
    pub at: Moment,
}

/// What has come since an occurrence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// A case is to be opened for each, in order.
    pub open: Vec<Occurrence>,
    /// The last that has come, whether a case is opened for it or not.
    pub last: Option<Occurrence>,
    /// The next to come.
    pub next: Option<Occurrence>,
}

impl Start {
    /// Where its times are read from clocks.
    #[must_use]
    pub fn zone_by(&self, calendar: &Calendar) -> Zone {
        self.zone.unwrap_or(*calendar.zone())
    }

    /// The first occurrence that the schedule has after a moment; nothing where none falls on a day
    /// on which it happens.
    #[must_use]
    pub fn next_after(&self, after: Moment, calendar: &Calendar) -> Option<Occurrence> {
        let zone = self.zone_by(calendar);
        let until = after.plus_millis(SKIPPED_WITHIN);
        let first = self.schedule.next_after(after, &zone)?;
        let next = |at: &Moment| self.schedule.next_after(*at, &zone);
        let later = |at: &Moment| next(at).filter(|next| *next <= until);
        let mut planned = core::iter::successors(Some(first), later);
        planned.find_map(|planned| {
            let at = self.happens(planned, &zone, calendar)?;
            Some(Occurrence { planned, at })
        })
    }

    /// When an occurrence happens; nothing where it is skipped.
    fn happens(&self, planned: Moment, zone: &Zone, calendar: &Calendar) -> Option<Moment> {
        let local = planned.local(zone);
        if calendar.is_working_day(local.date()) {
            return Some(planned);
        }
        let on = |day: Date| Moment::from_local(day.and_time(local.time()), zone);
        let working = |day: &Date| calendar.is_working_day(*day);
        let day = local.date();
        match self.days_off {
            DaysOff::Skip => None,
            DaysOff::Before => {
                let before = core::iter::successors(Some(day), |day| day.pred_opt());
                before.take(WORKING_DAY_WITHIN).find(working).map(on)
            }
            DaysOff::After => day.iter_days().take(WORKING_DAY_WITHIN).find(working).map(on),
            DaysOff::Keep => Some(planned),
        }
    }

    /// What has come since the last occurrence that was dealt with. The latest counts as missed
    /// when it is more than [`LATE_MINUTES`] ago, by a clock that runs `speed` times as fast as
    /// that on the wall; every other does, for a later one has come.
    #[must_use]
    pub fn pending(&self, since: Moment, now: Moment, speed: u32, calendar: &Calendar) -> Pending {
        let most = match self.missed {
            Missed::None | Missed::Once => 1,
            Missed::All { limit } => limit as usize,
        };
        let (mut open, mut last) = (VecDeque::new(), None);
        let mut next = self.next_after(since, calendar);
        for _ in 0..PENDING_MAX {
            let Some(come) = next.filter(|next| next.at <= now) else { break };
            open.push_back(come);
            if open.len() > most {
                open.pop_front();
            }
            last = Some(come);
            next = self.next_after(come.planned, calendar);
        }
        if self.missed == Missed::None {
            let late = i64::from(LATE_MINUTES) * 60_000 * i64::from(speed);
            open.retain(|come: &Occurrence| now.millis() - come.at.millis() <= late);
        }
        Pending { open: open.into(), last, next }
    }

    /// What the form is filled in with for an occurrence.
    #[must_use]
    pub fn form(&self, occurrence: &Occurrence, calendar: &Calendar) -> BTreeMap<String, Json> {
        let zone = self.zone_by(calendar);
        let value = |filled: &Filled| match filled {
            Filled::Value(value) => Some(value.clone()),
            Filled::After(span) => {
                let due = calendar.due(occurrence.at, span, Roll::None)?;
                let day = last_moment(span, due.at).local(&zone).date();
                Some(Json::String(alloc::format!("{day}")))
            }
        };
        let mut form = BTreeMap::new();
        for (id, filled) in &self.fill {
            form.extend(value(filled).map(|value| (id.as_str().into(), value)));
        }
        form
    }
}

/// A moment of the last day of a duration; a day without hours ends when the next begins.
fn last_moment(span: &Span, due: Moment) -> Moment {
    match span {
        Span::BusinessDays { .. } | Span::CalendarDays { .. } | Span::CalendarMonths { .. } => {
            due.plus_millis(-1)
        }
        Span::Business { .. } | Span::Real { .. } => due,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use alloc::collections::BTreeSet;
    use alloc::vec;

    use super::*;
    use crate::calendar::{Day, Parts, Window};
    use crate::schedule::{Days, Pace};

    fn at(text: &str) -> Moment {
        Moment::parse_local(text, &Zone::SHANGHAI).unwrap()
    }

    /// Daily at nine; Thursday 1 to Sunday 4 October are off.
    fn daily(days_off: DaysOff, missed: Missed) -> Start {
        let schedule = Schedule {
            seconds: [0].into(),
            minutes: [0].into(),
            hours: [9].into(),
            months: (1..=12).collect(),
            days: Days::Every,
            pace: Pace::Wall,
        };
        let (written, fill) = ("day 09:00".into(), BTreeMap::new());
        Start { written, schedule, zone: None, days_off, missed, unit: None, fill }
    }

    fn office() -> Calendar {
        let week = (0..5).map(|day| (day, vec![Window { open: 540, close: 1_020 }])).collect();
        let off: BTreeSet<Day> = ["2026-10-01", "2026-10-02"]
            .iter()
            .map(|day| Day::try_from((*day).to_string()).unwrap())
            .collect();
        Calendar::build(Parts { week, off, ..Parts::default() }).unwrap()
    }

    use alloc::string::ToString as _;

    fn opened(start: &Start, since: &str, now: &str) -> Vec<String> {
        let pending = start.pending(at(since), at(now), 1, &office());
        pending.open.iter().map(|come| come.at.local_text(&Zone::SHANGHAI)).collect()
    }

    #[test]
    fn days_off_move_or_drop_occurrences() {
        let next = |days_off| {
            let start = daily(days_off, Missed::Once);
            start.next_after(at("2026-09-30 12:00"), &office()).map(|next| next.at)
        };
        assert_eq!(next(DaysOff::Keep), Some(at("2026-10-01 09:00")));
        assert_eq!(next(DaysOff::Skip), Some(at("2026-10-05 09:00")));
        assert_eq!(next(DaysOff::After), Some(at("2026-10-05 09:00")));
        assert_eq!(next(DaysOff::Before), Some(at("2026-09-30 09:00")));
    }

    #[test]
    fn downtime_is_made_up_for_as_declared() {
        let (monday, friday) = ("2026-11-02 09:00", "2026-11-06 12:00");
        let week = |missed| opened(&daily(DaysOff::Keep, missed), monday, friday);
        assert_eq!(week(Missed::Once), ["2026-11-06 09:00"]);
        assert_eq!(
            week(Missed::All { limit: 3 }),
            ["2026-11-04 09:00", "2026-11-05 09:00", "2026-11-06 09:00"]
        );
        assert!(week(Missed::None).is_empty());
    }

    #[test]
    fn what_comes_on_time_is_opened() {
        for missed in [Missed::None, Missed::Once, Missed::All { limit: 5 }] {
            let start = daily(DaysOff::Keep, missed);
            let found = opened(&start, "2026-11-05 09:00", "2026-11-06 09:01");
            assert_eq!(found, ["2026-11-06 09:00"], "{missed:?}");
        }
    }

    #[test]
    fn a_schedule_of_days_off_alone_never_comes() {
        let mut start = daily(DaysOff::Skip, Missed::Once);
        start.schedule.days =
            Days::OfWeek(crate::schedule::WeekDays { each: [6].into(), nth: BTreeSet::new() });
        assert_eq!(start.next_after(at("2026-09-30 12:00"), &office()), None);
    }

    #[test]
    fn days_after_the_occurrence_are_filled_in() {
        let mut start = daily(DaysOff::Keep, Missed::Once);
        start.fill = [
            (FieldId::parse("ends").unwrap(), Filled::After(Span::CalendarMonths { months: 2 })),
            (FieldId::parse("name").unwrap(), Filled::Value("x".into())),
        ]
        .into();
        let moment = at("2026-11-02 09:00");
        let form = start.form(&Occurrence { planned: moment, at: moment }, &office());
        assert_eq!(form.get("ends"), Some(&Json::from("2027-01-02")));
        assert_eq!(form.get("name"), Some(&Json::from("x")));
    }
}
