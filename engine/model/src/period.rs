//! Periods of the wall: days, weeks and months as people count them, for what is done once in each.

use serde::{Deserialize, Serialize};

use crate::moment::{Moment, Zone};
use crate::schedule::{Days, MonthDays, Schedule, WeekDays};

/// How often something is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    /// Not at all.
    Never,
    /// Once a day.
    Day,
    /// Once a week, from Monday on.
    Week,
    /// Once a month, from the first on.
    #[default]
    Month,
}

impl Every {
    /// Every one of them.
    pub const ALL: [Self; 4] = [Self::Never, Self::Day, Self::Week, Self::Month];

    /// Its name in settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|every| every.name() == text)
    }

    /// The midnights at which its periods begin; nothing where nothing is to be done.
    #[must_use]
    pub fn schedule(self) -> Option<Schedule> {
        match self {
            Self::Never => None,
            Self::Day => Some(Schedule::midnight(Days::Every)),
            Self::Week => {
                let monday = WeekDays { each: [0].into(), ..WeekDays::default() };
                Some(Schedule::midnight(Days::OfWeek(monday)))
            }
            Self::Month => {
                let first = MonthDays { numbers: [1].into(), last: false };
                Some(Schedule::midnight(Days::OfMonth(first)))
            }
        }
    }

    /// When the period began that a moment lies in; nothing where nothing is to be done.
    #[must_use]
    pub fn began(self, at: Moment, zone: &Zone) -> Option<Moment> {
        self.schedule()?.latest(at, zone)
    }

    /// When the next one begins.
    #[must_use]
    pub fn next(self, at: Moment, zone: &Zone) -> Option<Moment> {
        self.schedule()?.next_after(at, zone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_begin_and_end_at_local_midnight() {
        let zone = Zone::SHANGHAI;
        let at = |text: &str| Moment::parse_local(text, &zone);
        let check = |every: Every, now: &str, began: &str, next: &str| {
            let Some(now) = at(now) else { return false };
            every.began(now, &zone) == at(began) && every.next(now, &zone) == at(next)
        };
        assert!(check(Every::Month, "2026-09-30 14:50", "2026-09-01 00:00", "2026-10-01 00:00"));
        assert!(check(Every::Month, "2026-12-01 00:00", "2026-12-01 00:00", "2027-01-01 00:00"));
        assert!(check(Every::Week, "2026-10-04 23:59", "2026-09-28 00:00", "2026-10-05 00:00"));
        assert!(check(Every::Day, "2028-02-28 09:00", "2028-02-28 00:00", "2028-02-29 00:00"));
        assert!(at("2026-09-30 14:50").is_some_and(|now| Every::Never.next(now, &zone).is_none()));
        assert!(Every::ALL.iter().all(|every| Every::parse(every.name()) == Some(*every)));
    }
}
