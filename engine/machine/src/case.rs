//! All that is known of one case, in parts, and `evolve`, the only way it changes.
//!
//! Each part has a file with the facts that change it. A family of facts goes to its part as a whole, so that a new fact
//! cannot be misrouted: the part's own `evolve` does not compile until it says what the fact does.

pub mod audience;
pub mod chart;
pub mod claim;
pub mod clock;
mod family;
pub mod filing;
pub mod form;
mod key;
pub mod leg;
pub mod link;
pub(crate) mod member;
pub mod message;
pub mod pause;
pub mod people;
pub mod share;
pub mod timer;
pub mod vote;

use paidan_model::moment::Moment;
use serde::Serialize;

use crate::fact::Fact;
use chart::Chart;
use claim::ClaimBook;
use clock::{Clock, ClockFact, ClockKey, Clocks};
use filing::{CaseFact, Filing, Life};
use form::FilledForm;
use leg::{Handoffs, Legs};
use link::Links;
use message::Messages;
use pause::Pauses;
use people::People;
use share::Splits;
use timer::{TimerFact, Timers};
use vote::Votes;

/// One case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Case {
    /// What it was filed under.
    #[serde(flatten)]
    pub filing: Filing,
    /// How its life went.
    #[serde(flatten)]
    pub life: Life,
    /// The states it is in.
    #[serde(flatten)]
    pub chart: Chart,
    /// Its fields.
    #[serde(flatten)]
    pub form: FilledForm,
    /// Its timers.
    #[serde(flatten)]
    pub timers: Timers,
    /// Its clocks.
    #[serde(flatten)]
    pub clocks: Clocks,
    /// Its pauses.
    #[serde(flatten)]
    pub pauses: Pauses,
    /// The departments' legs.
    #[serde(flatten)]
    pub legs: Legs,
    /// Its hand-offs.
    #[serde(flatten)]
    pub handoffs: Handoffs,
    /// Its votes.
    #[serde(flatten)]
    pub votes: Votes,
    /// Claims of what it offers.
    #[serde(flatten)]
    pub claims: ClaimBook,
    /// Its divided sums.
    #[serde(flatten)]
    pub splits: Splits,
    /// Messages and slips.
    #[serde(flatten)]
    pub messages: Messages,
    /// Who besides the holders has to do with it.
    #[serde(flatten)]
    pub people: People,
    /// The cases it has opened.
    #[serde(flatten)]
    pub links: Links,
}

impl Case {
    /// The case that a first fact makes; nothing for every fact but the one that files it.
    #[must_use]
    pub fn open(fact: &Fact) -> Option<Self> {
        let Fact::Case(fact) = fact else { return None };
        Some(Self {
            filing: Filing::from_fact(fact)?,
            life: Life::default(),
            chart: Chart::default(),
            form: FilledForm::default(),
            timers: Timers::default(),
            clocks: Clocks::default(),
            pauses: Pauses::default(),
            legs: Legs::default(),
            handoffs: Handoffs::default(),
            votes: Votes::default(),
            claims: ClaimBook::default(),
            splits: Splits::default(),
            messages: Messages::default(),
            people: People::default(),
            links: Links::default(),
        })
    }

    /// Folds one fact. A fact about something the case does not have changes nothing.
    pub fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::Case(fact) => {
                self.life.evolve(fact);
                if matches!(fact, CaseFact::Ended { .. }) {
                    self.pauses.lapse_requests();
                    self.clocks.lapse_requests();
                }
            }
            Fact::State(fact) => self.chart.evolve(fact),
            Fact::Form(fact) => self.form.evolve(fact),
            Fact::Timer(fact) => {
                self.timers.evolve(fact);
                if let TimerFact::Fired { alarm, due } = fact {
                    self.clocks.remember_fired(alarm, *due);
                }
            }
            Fact::Clock(fact) => {
                self.clocks.evolve(fact);
                // A clock that ends drops its ladder: no list of it stands in the record.
                if let ClockFact::Stopped { clock, .. } = fact {
                    self.timers.drop_clock(clock);
                }
            }
            Fact::Pause(fact) => self.pauses.evolve(fact),
            Fact::Leg(fact) => self.legs.evolve(fact, self.chart.round),
            Fact::Handoff(fact) => self.handoffs.evolve(fact),
            Fact::Vote(fact) => self.votes.evolve(fact),
            Fact::Claim(fact) => self.claims.evolve(fact),
            Fact::Share(fact) => self.splits.evolve(fact),
            Fact::Message(fact) => self.messages.evolve(fact),
            Fact::People(fact) => self.people.evolve(fact),
            Fact::Link(fact) => self.links.evolve(fact),
        }
    }

    /// The clock of that key that was started last.
    #[must_use]
    pub fn clock(&self, key: &ClockKey) -> Option<&Clock> {
        self.clocks.last(key)
    }

    /// The moment of the next timer.
    #[must_use]
    pub fn next_due(&self) -> Option<Moment> {
        self.timers.next_due()
    }

    /// Whether the case has ended.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.life.outcome.is_some()
    }
}

/// Folds one fact into a case; the first makes it.
#[must_use]
pub fn evolve(case: Option<Case>, fact: &Fact) -> Option<Case> {
    let Some(mut case) = case else {
        return Case::open(fact);
    };
    case.evolve(fact);
    Some(case)
}
