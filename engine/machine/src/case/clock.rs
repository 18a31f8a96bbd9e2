//! The clocks of a case: what each has left, when it is due, and how it ended.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use paidan_model::calendar::{Budget, Calendar, Course, Due, Goal, Roll};
use paidan_model::id::PauseId;
use paidan_model::moment::Moment;
use serde::{Deserialize, Serialize};

use super::family::family;
pub use super::key::ClockKey;
use super::timer::{Alarm, AlarmKind};

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
            /// What it counts towards; absent: what its budget says.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            goal: Option<Goal>,
        }
        /// A clock that had ended goes on as a new one with what was left: the case was opened again.
        Reopened = "clock_reopened" {
            clock: ClockKey,
            at: Moment,
            budget: Budget,
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            more: Vec<Budget>,
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
        Resumed = "clock_resumed" {
            clock: ClockKey,
            at: Moment,
            /// What it has from then on; absent: what it had when it stood still.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            budget: Option<Budget>,
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            more: Vec<Budget>,
            due: Moment,
            #[serde(default, skip_serializing_if = "core::ops::Not::not")]
            provisional: bool,
            /// The time in which it stood still counts after all.
            #[serde(default, skip_serializing_if = "core::ops::Not::not")]
            counts: bool,
            /// From when the rungs after the due moment are counted, when that is later than the due moment.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            rungs_from: Option<Moment>,
        }
        /// A clock's due moment moved, or what it has left.
        Moved = "clock_moved" {
            clock: ClockKey,
            budget: Budget,
            /// The extensions that it has.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            more: Vec<Budget>,
            due: Moment,
            #[serde(default, skip_serializing_if = "core::ops::Not::not")]
            provisional: bool,
            why: MoveCause,
            /// Its course from now on, where that is another: more time was granted, or its limit changed.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            course: Option<Box<Course>>,
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
    /// When it first started, UTC.
    pub began: Moment,
    /// What its due moment is computed from.
    pub course: Course,
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
    /// Warnings, breach and rungs that have fired, and when.
    pub fired: Vec<Alarm>,
    /// From when the rungs after its due moment are counted, when that is later than the due moment.
    pub rungs_from: Option<Moment>,
}

impl Clock {
    /// When it would be due by what it has, if it went on at a moment; another clock may cap it.
    #[must_use]
    pub fn due_from(&self, calendar: &Calendar, from: Moment, roll: Roll) -> Option<Due> {
        let mut course = self.course.clone();
        course.go_on(from, false);
        course.due(calendar, roll)
    }

    /// Whether it counts now.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.paused.is_none() && self.verdict.is_none()
    }

    /// A clock that starts; what it has and when it is due is to be computed.
    pub(crate) fn start(key: ClockKey, at: Moment, goal: Goal) -> Self {
        Self {
            key,
            began: at,
            course: Course::new(at, goal),
            from: at,
            budget: Budget::Real { left: 0, of: 0 },
            more: Vec::new(),
            due: at,
            provisional: false,
            paused: None,
            late: false,
            verdict: None,
            ended: None,
            extended: 0,
            asked: None,
            asked_by: None,
            fired: Vec::new(),
            rungs_from: None,
        }
    }

    /// The same clock in a case that was opened again: the time in which it was closed is no time of the clock.
    pub(crate) fn reopened(&self, at: Moment) -> Self {
        let mut again = self.clone();
        again.late |= self.verdict == Some(Verdict::Late);
        again.course.stop(self.ended.unwrap_or(at));
        again.course.go_on(at, false);
        again.from = at;
        again.rungs_from = if again.late { Some(at) } else { self.rungs_from };
        again.forget_request();
        (again.paused, again.verdict, again.ended) = (None, None, None);
        again
    }

    /// Whether it was judged: met or late.
    #[must_use]
    pub fn has_come_to_an_end(&self) -> bool {
        matches!(self.verdict, Some(Verdict::Met | Verdict::Late))
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
    pub(super) fn remember_fired(&mut self, kind: &AlarmKind, due: Moment) {
        if let Some(clock) = kind.clock().and_then(|key| self.last_mut(key)) {
            clock.fired.push(Alarm { kind: kind.clone(), due });
        }
    }

    /// A clock that had ended goes on; what it came to stays as it was.
    fn reopen(&mut self, fact: &ClockFact) {
        let ClockFact::Reopened { clock, .. } = fact else { return };
        if let Some(mut again) = self.last(clock).cloned() {
            again.evolve(fact);
            self.all.push(again);
        }
    }

    pub(super) fn evolve(&mut self, fact: &ClockFact) {
        match fact {
            ClockFact::Started { clock, at, budget, due, provisional, goal } => {
                let goal = goal.clone().unwrap_or_else(|| budget.goal());
                let mut started = Clock::start(clock.clone(), *at, goal);
                started.count(budget, &[], *due, *provisional);
                self.all.push(started);
            }
            ClockFact::Reopened { .. } => self.reopen(fact),
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
    fn count(&mut self, budget: &Budget, more: &[Budget], due: Moment, provisional: bool) {
        self.budget = budget.clone();
        self.more = more.to_vec();
        self.due = due;
        self.provisional = provisional;
    }

    fn evolve(&mut self, fact: &ClockFact) {
        match fact {
            ClockFact::Started { .. } => {}
            ClockFact::Reopened { at, budget, more, due, provisional, .. } => {
                *self = self.reopened(*at);
                self.count(budget, more, *due, *provisional);
            }
            ClockFact::Paused { at, left, more, why, .. } => {
                self.course.stop(*at);
                self.from = *at;
                self.paused = Some(why.clone());
                self.count(left, more, self.due, self.provisional);
            }
            ClockFact::Resumed { at, budget, more, due, provisional, counts, rungs_from, .. } => {
                self.course.go_on(*at, *counts);
                self.from = if *counts { self.course.from() } else { *at };
                self.paused = None;
                self.rungs_from = rungs_from.or(self.rungs_from);
                match budget {
                    Some(budget) => self.count(budget, more, *due, *provisional),
                    None => (self.due, self.provisional) = (*due, *provisional),
                }
            }
            ClockFact::Moved { budget, more, due, provisional, why, course, .. } => {
                if let Some(course) = course {
                    self.course = (**course).clone();
                    self.from = self.course.from();
                }
                self.count(budget, more, *due, *provisional);
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
