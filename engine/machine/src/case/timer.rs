//! The timers of a case: what each does, and when.

use alloc::vec::Vec;
use paidan_model::id::{PauseId, StateId, UnitId, VoteId};
use paidan_model::moment::Moment;
use serde::{Deserialize, Serialize};

use super::family::family;
use super::key::ClockKey;

/// What a timer does when it fires.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// The n-th `after` of a state.
    After {
        /// The state.
        state: StateId,
        /// Which of its timers.
        n: u32,
    },
    /// A share of a clock's budget is used.
    Warn {
        /// The clock.
        clock: ClockKey,
        /// The share.
        percent: u8,
    },
    /// A clock is due.
    Breach {
        /// The clock.
        clock: ClockKey,
    },
    /// A rung of a clock's ladder.
    Rung {
        /// The clock.
        clock: ClockKey,
        /// Which rung, from 0.
        rung: u32,
        /// How many times it fired before.
        again: u32,
    },
    /// The time for refusing is over: silence makes the leg answerable.
    OfferEnd {
        /// The unit.
        leg: UnitId,
    },
    /// A vote ends.
    VoteEnd {
        /// Which.
        vote: VoteId,
    },
    /// A vote may end from now on, if it is decided.
    VoteMay {
        /// Which.
        vote: VoteId,
    },
    /// A pause ends by itself.
    PauseEnd {
        /// Which pause.
        pause: PauseId,
        /// Whose leg.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        leg: Option<UnitId>,
    },
}

impl AlarmKind {
    /// The clock whose ladder it belongs to; nothing for timers of states, offers, votes and pauses.
    #[must_use]
    pub fn clock(&self) -> Option<&ClockKey> {
        match self {
            Self::Warn { clock, .. } | Self::Breach { clock } | Self::Rung { clock, .. } => Some(clock),
            Self::After { .. }
            | Self::OfferEnd { .. }
            | Self::VoteEnd { .. }
            | Self::VoteMay { .. }
            | Self::PauseEnd { .. } => None,
        }
    }
}

/// A timer that is armed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// What it does.
    pub kind: AlarmKind,
    /// When, computed.
    pub due: Moment,
}

family! {
    /// What happened to the timers of a case.
    TimerFact {
        /// Timers were armed.
        Armed = "armed" { #[serde(default)] alarms: Vec<Alarm> }
        /// Timers were disarmed.
        Disarmed = "disarmed" { #[serde(default)] alarms: Vec<AlarmKind> }
        /// A timer fired, at its computed moment.
        Fired = "fired" { alarm: AlarmKind, due: Moment }
    }
}

/// The timers of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Timers {
    /// In order of arming.
    #[serde(rename = "alarms")]
    pub armed: Vec<Alarm>,
}

impl Timers {
    /// The moment of the next timer.
    #[must_use]
    pub fn next_due(&self) -> Option<Moment> {
        self.armed.iter().map(|alarm| alarm.due).min()
    }

    /// Forgets what a clock still had to come.
    pub(super) fn drop_clock(&mut self, key: &ClockKey) {
        self.armed.retain(|held| held.kind.clock() != Some(key));
    }

    pub(super) fn evolve(&mut self, fact: &TimerFact) {
        match fact {
            TimerFact::Armed { alarms } => {
                for alarm in alarms {
                    self.armed.retain(|held| held.kind != alarm.kind);
                    self.armed.push(alarm.clone());
                }
            }
            TimerFact::Disarmed { alarms } => self.armed.retain(|held| !alarms.contains(&held.kind)),
            TimerFact::Fired { alarm, .. } => self.armed.retain(|held| held.kind != *alarm),
        }
    }
}
