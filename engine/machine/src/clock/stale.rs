//! Which clocks and timers have to be computed again: those for which something that they depend
//! on changed in this step.
//!
//! What a due moment depends on is listed in [`super::due::Inputs`]. All of it changes by a fact of
//! this step, or by another calendar, which is counted by a command of its own.

use alloc::collections::BTreeSet;

use paidan_model::clock::{CalendarRef, Clock as Declared};
use paidan_model::field::Per;
use paidan_model::id::FieldId;

use crate::case::clock::ClockFact;
use crate::fact::{AlarmKind, ClockKey, Fact, TimerFact};

/// What one step has changed so far.
pub(super) struct Changes<'a> {
    /// What happened in it.
    pub facts: &'a [Fact],
    /// Fields that have another value than before it.
    pub fields: &'a BTreeSet<FieldId>,
}

impl Changes<'_> {
    /// Whether a clock has to be computed again. Of a clock that is capped, also when the clock that
    /// caps it changed.
    pub fn concern(&self, key: &ClockKey, declared: &Declared) -> bool {
        let concerns = |clock: &ClockKey| clock == key || Some(&clock.clock) == declared.capped_by.as_ref();
        self.may_move_to_another_unit(declared)
            || self.choose_anew(declared.calendar.as_ref())
            || self.choose_anew(declared.ladder.as_ref())
            || self.facts.iter().any(|fact| changes(fact, &concerns))
    }

    /// The calendar of the unit that acts follows the place of the case.
    fn may_move_to_another_unit(&self, declared: &Declared) -> bool {
        let by_unit = declared.calendar.iter().flat_map(Per::values).any(|named| *named == CalendarRef::Unit);
        by_unit && !self.fields.is_empty()
    }

    fn choose_anew<T>(&self, per: Option<&Per<T>>) -> bool {
        match per {
            Some(Per::By { field, .. }) => self.fields.contains(field),
            Some(Per::One(_)) | None => false,
        }
    }
}

fn changes(fact: &Fact, concerns: &impl Fn(&ClockKey) -> bool) -> bool {
    match fact {
        Fact::Clock(fact) => concerns(clock_of(fact)),
        Fact::Timer(fact) => match fact {
            TimerFact::Armed { alarms } => alarms.iter().filter_map(|alarm| alarm.kind.clock()).any(concerns),
            TimerFact::Disarmed { alarms } => alarms.iter().filter_map(AlarmKind::clock).any(concerns),
            TimerFact::Fired { alarm, .. } => alarm.clock().is_some_and(concerns),
        },
        Fact::Case(_)
        | Fact::State(_)
        | Fact::Form(_)
        | Fact::Pause(_)
        | Fact::Leg(_)
        | Fact::Handoff(_)
        | Fact::Vote(_)
        | Fact::Claim(_)
        | Fact::Share(_)
        | Fact::Message(_)
        | Fact::People(_)
        | Fact::Link(_) => false,
    }
}

fn clock_of(fact: &ClockFact) -> &ClockKey {
    match fact {
        ClockFact::Started { clock, .. }
        | ClockFact::Reopened { clock, .. }
        | ClockFact::Paused { clock, .. }
        | ClockFact::Resumed { clock, .. }
        | ClockFact::Moved { clock, .. }
        | ClockFact::Breached { clock, .. }
        | ClockFact::Stopped { clock, .. }
        | ClockFact::ExtensionAsked { clock, .. }
        | ClockFact::ExtensionDropped { clock } => clock,
    }
}
