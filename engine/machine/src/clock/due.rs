//! The due moment of a clock and the timers of its ladder, as a function of everything that they
//! depend on.
//!
//! Pure: what happened to the clock, the calendar in force, the clock that caps it, its rungs.
//! Nothing is carried over from what was computed before but `floor`, for nobody can have been late
//! before it was said when it is due.

use alloc::vec::Vec;
use paidan_model::calendar::{Budget, Calendar, Due, Roll};
use paidan_model::clock::{At, Clock as Declared, Rung};
use paidan_model::moment::Moment;

use crate::case::clock::Clock;
use crate::fact::{Alarm, AlarmKind, ClockKey};

/// All that a due moment depends on.
pub(super) struct Inputs<'a> {
    /// What happened to the clock.
    pub clock: &'a Clock,
    /// What was agreed about it.
    pub declared: &'a Declared,
    /// The rungs of its ladder.
    pub rungs: &'a [Rung],
    /// The calendar in which it counts.
    pub calendar: &'a Calendar,
    /// The due moment of the clock that caps it, while that counts.
    pub cap: Option<Due>,
    /// The earliest due moment.
    pub floor: Option<Moment>,
}

/// What comes of it.
pub(super) struct Outcome {
    /// When it is due.
    pub due: Due,
    /// What is left of its budget, since it last began to count or to stand still.
    pub budget: Budget,
    /// What is left of what was granted.
    pub more: Vec<Budget>,
    /// The timers of its ladder, in order of firing at one moment.
    pub timers: Vec<Alarm>,
}

impl Inputs<'_> {
    /// Computes it; nothing when the calendar does not reach that far.
    pub fn compute(&self) -> Option<Outcome> {
        let due = self.due()?;
        let (budget, more) = self.clock.course.left(self.calendar, self.declared.roll);
        let timers = if self.clock.runs() { self.timers(due.at)? } else { Vec::new() };
        Some(Outcome { due, budget, more, timers })
    }

    /// The due moment. Whoever is late stays late.
    fn due(&self) -> Option<Due> {
        let Clock { course, due, provisional, late, .. } = self.clock;
        if *late {
            return Some(Due { at: *due, provisional: *provisional });
        }
        let own = course.due(self.calendar, self.declared.roll)?;
        let capped = self.cap.filter(|cap| cap.at < own.at).unwrap_or(own);
        Some(Due { at: self.floor.map_or(capped.at, |floor| capped.at.max(floor)), ..capped })
    }

    fn timers(&self, due: Moment) -> Option<Vec<Alarm>> {
        let key = || self.clock.key.clone();
        let mut timers = Vec::new();
        for percent in &self.declared.warn {
            let kind = AlarmKind::Warn { clock: key(), percent: *percent };
            timers.push(Alarm { kind, due: self.clock.course.share(self.calendar, due, *percent)? });
        }
        timers.push(Alarm { kind: AlarmKind::Breach { clock: key() }, due });
        for (n, rung) in (0u32..).zip(self.rungs) {
            timers.push(self.rung(&key(), n, rung, due)?);
        }
        timers.retain(|timer| self.clock.fired.iter().all(|fired| fired.kind != timer.kind));
        Some(timers)
    }

    /// The next time that a rung fires, also when that was its last.
    fn rung(&self, key: &ClockKey, n: u32, rung: &Rung, due: Moment) -> Option<Alarm> {
        let fired = self.clock.fired.iter().rev().find_map(|alarm| match &alarm.kind {
            AlarmKind::Rung { rung, again, .. } if *rung == n => Some((*again, alarm.due)),
            AlarmKind::Rung { .. }
            | AlarmKind::After { .. }
            | AlarmKind::Warn { .. }
            | AlarmKind::Breach { .. }
            | AlarmKind::OfferEnd { .. }
            | AlarmKind::VoteEnd { .. }
            | AlarmKind::VoteMay { .. }
            | AlarmKind::PauseEnd { .. } => None,
        });
        let kind = |again| AlarmKind::Rung { clock: key.clone(), rung: n, again };
        let since = |at: Moment| self.clock.rungs_from.map_or(at, |from| from.max(at));
        let roll = self.declared.roll;
        let (again, at) = match (fired, &rung.repeat) {
            (Some((again, at)), Some(repeat)) if again < u32::from(repeat.times) => {
                (again + 1, self.calendar.due(since(at), &repeat.every, roll)?.at)
            }
            (Some((again, at)), Some(_) | None) => (again, at),
            (None, _) => (0, come_to(self.calendar, self.clock, roll, due, since(due), &rung.at)?),
        };
        Some(Alarm { kind: kind(again), due: at })
    }
}

/// The moment of a rung: a share of its clock, the due moment, or later than that or than a pause
/// that came after it.
pub(super) fn come_to(
    calendar: &Calendar,
    clock: &Clock,
    roll: Roll,
    due: Moment,
    late_since: Moment,
    at: &At,
) -> Option<Moment> {
    match at {
        At::Percent(percent) => clock.course.share(calendar, due, *percent),
        At::Breach => Some(due),
        At::After(span) => calendar.due(late_since, span, roll).map(|due| due.at),
    }
}
