//! The clocks of a case: what each has left, when it is due, and how it ended.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use paidan_model::calendar::{Budget, Calendar, Due, Roll};
use paidan_model::id::{ClockId, PauseId, UnitId};
use paidan_model::moment::Moment;
use serde::{Deserialize, Serialize};

use super::family::family;
use super::timer::AlarmKind;

/// A clock of a case: its id, the unit for clocks of scope leg, the claim for clocks of scope offer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ClockKey {
    /// Which clock.
    pub clock: ClockId,
    /// Whose leg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg: Option<UnitId>,
    /// Which claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<u32>,
}

/// How a clock ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// In time.
    Met,
    /// After its due moment.
    Late,
    /// It no longer counts.
    Void,
}

/// Why a clock stands still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Standstill {
    /// The case is in a state that stops it, and may still leave that state.
    Stopped,
    /// The refusal of its leg is being ruled on.
    Arbitration,
    /// A pause holds it.
    Pause(PauseId),
}

impl Standstill {
    /// Names that no pause may have: they mean something else in records.
    pub const RESERVED: [&'static str; 2] = ["stopped", "arbitration"];
}

impl fmt::Display for Standstill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [stopped, arbitration] = Self::RESERVED;
        f.write_str(match self {
            Self::Stopped => stopped,
            Self::Arbitration => arbitration,
            Self::Pause(id) => id.as_str(),
        })
    }
}

impl From<Standstill> for String {
    fn from(standstill: Standstill) -> Self {
        standstill.to_string()
    }
}

impl TryFrom<String> for Standstill {
    type Error = paidan_model::id::NotAnId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let [stopped, arbitration] = Self::RESERVED;
        match text.as_str() {
            word if word == stopped => Ok(Self::Stopped),
            word if word == arbitration => Ok(Self::Arbitration),
            _ => PauseId::try_from(text).map(Self::Pause),
        }
    }
}

/// Why a due moment moved: each is a permitted cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveCause {
    /// More time was granted.
    Extension,
    /// The calendar changed.
    Calendar,
    /// The choice that sets its limit changed.
    Limit,
    /// The clock that caps it moved.
    Cap,
    /// An order was published.
    Order,
}

impl MoveCause {
    /// Its name in records.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Extension => "extension",
            Self::Calendar => "calendar",
            Self::Limit => "limit",
            Self::Cap => "cap",
            Self::Order => "order",
        }
    }
}

family! {
    /// What happened to the clocks of a case.
    ClockFact {
        /// A clock started.
        Started = "clock_started" {
            clock: ClockKey,
            at: Moment,
            budget: Budget,
            due: Moment,
            #[serde(default, skip_serializing_if = "core::ops::Not::not")]
            provisional: bool,
        }
        /// A clock stood still; what was left of its budget.
        Paused = "clock_paused" {
            clock: ClockKey,
            at: Moment,
            left: Budget,
            /// What is left of extensions.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            more: Vec<Budget>,
            why: Standstill,
        }
        /// A clock went on.
        Resumed = "clock_resumed" { clock: ClockKey, at: Moment, due: Moment }
        /// A clock's due moment moved.
        Moved = "clock_moved" {
            clock: ClockKey,
            budget: Budget,
            /// The extensions that it has.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            more: Vec<Budget>,
            due: Moment,
            why: MoveCause,
        }
        /// A clock is late.
        Breached = "clock_breached" { clock: ClockKey, due: Moment }
        /// A clock ended.
        Stopped = "clock_stopped" { clock: ClockKey, at: Moment, verdict: Verdict }
        /// Somebody asked for more time.
        ExtensionAsked = "extension_asked" {
            clock: ClockKey,
            by: Budget,
            /// Who asked: somebody else agrees.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            who: Option<String>,
        }
        /// What was asked for was declined or withdrawn; the act before it says which.
        ExtensionDropped = "extension_dropped" { clock: ClockKey }
    }
}

/// A clock that has started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// Which.
    pub key: ClockKey,
    /// When it started, or went on.
    pub from: Moment,
    /// Its budget from `from`.
    pub budget: Budget,
    /// What was granted on top of it, in turn.
    pub more: Vec<Budget>,
    /// The due moment.
    pub due: Moment,
    /// Beyond what the calendar knows.
    pub provisional: bool,
    /// Why it stands still, if it does.
    pub paused: Option<Standstill>,
    /// Its due moment has passed.
    pub late: bool,
    /// How it ended, if it did.
    pub verdict: Option<Verdict>,
    /// When it ended.
    pub ended: Option<Moment>,
    /// How often it was extended.
    pub extended: u8,
    /// An extension that waits for approval.
    pub asked: Option<Budget>,
    /// Who asked for it.
    pub asked_by: Option<String>,
    /// Warnings, breach and rungs that have fired.
    pub fired: Vec<AlarmKind>,
}

impl Clock {
    /// When it would be due by what it has, if it went on at a moment; another clock may cap it.
    #[must_use]
    pub fn due_from(&self, calendar: &Calendar, from: Moment, roll: Roll) -> Option<Due> {
        self.budget.due_with(&self.more, calendar, from, roll)
    }

    /// Whether it counts now.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.paused.is_none() && self.verdict.is_none()
    }

    fn forget_request(&mut self) {
        self.asked = None;
        self.asked_by = None;
    }
}

/// The clocks of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Clocks {
    /// In order of starting; a clock that starts again is a new one.
    #[serde(rename = "clocks")]
    pub all: Vec<Clock>,
}

impl Clocks {
    /// The clock of a key that was started last.
    #[must_use]
    pub fn last(&self, key: &ClockKey) -> Option<&Clock> {
        self.all.iter().rev().find(|clock| clock.key == *key)
    }

    fn last_mut(&mut self, key: &ClockKey) -> Option<&mut Clock> {
        self.all.iter_mut().rev().find(|clock| clock.key == *key)
    }

    /// Requests for more time lapse when the case closes.
    pub(super) fn lapse_requests(&mut self) {
        self.all.iter_mut().for_each(Clock::forget_request);
    }

    /// Remembers that a warning, a breach or a rung fired.
    pub(super) fn remember_fired(&mut self, alarm: &AlarmKind) {
        if let Some(clock) = alarm.clock().and_then(|key| self.last_mut(key)) {
            clock.fired.push(alarm.clone());
        }
    }

    pub(super) fn evolve(&mut self, fact: &ClockFact) {
        match fact {
            ClockFact::Started { clock, at, budget, due, provisional } => self.all.push(Clock {
                key: clock.clone(),
                from: *at,
                budget: budget.clone(),
                more: Vec::new(),
                due: *due,
                provisional: *provisional,
                paused: None,
                late: false,
                verdict: None,
                ended: None,
                extended: 0,
                asked: None,
                asked_by: None,
                fired: Vec::new(),
            }),
            ClockFact::Paused { clock, .. }
            | ClockFact::Resumed { clock, .. }
            | ClockFact::Moved { clock, .. }
            | ClockFact::Breached { clock, .. }
            | ClockFact::Stopped { clock, .. }
            | ClockFact::ExtensionAsked { clock, .. }
            | ClockFact::ExtensionDropped { clock } => {
                if let Some(clock) = self.last_mut(clock) {
                    clock.evolve(fact);
                }
            }
        }
    }
}

impl Clock {
    fn evolve(&mut self, fact: &ClockFact) {
        match fact {
            ClockFact::Started { .. } => {}
            ClockFact::Paused { at, left, more, why, .. } => {
                self.from = *at;
                self.budget = left.clone();
                self.more.clone_from(more);
                self.paused = Some(why.clone());
            }
            ClockFact::Resumed { at, due, .. } => {
                self.from = *at;
                self.due = *due;
                self.paused = None;
                self.verdict = None;
                self.ended = None;
            }
            ClockFact::Moved { budget, more, due, why, .. } => {
                self.budget = budget.clone();
                self.more.clone_from(more);
                self.due = *due;
                match why {
                    MoveCause::Extension => {
                        self.asked = None;
                        self.extended += 1;
                    }
                    MoveCause::Calendar | MoveCause::Limit | MoveCause::Cap | MoveCause::Order => {}
                }
            }
            ClockFact::Breached { .. } => self.late = true,
            ClockFact::Stopped { at, verdict, .. } => {
                self.verdict = Some(*verdict);
                self.ended = Some(*at);
            }
            ClockFact::ExtensionAsked { by, who, .. } => {
                self.asked = Some(by.clone());
                self.asked_by.clone_from(who);
            }
            ClockFact::ExtensionDropped { .. } => self.forget_request(),
        }
    }
}
