//! Figures: what the facts of all cases come to.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_machine::fact::{CaseFact, ClockFact, Fact, Verdict};
use paidan_machine::{Decision, Refusal};
use paidan_model::calendar::Calendar;
use paidan_model::id::{ClockId, OutcomeId};
use paidan_model::moment::Moment;

/// What became of the clocks of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ClockCount {
    pub started: u64,
    pub kept: u64,
    pub breached: u64,
    pub void: u64,
}

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub opened: u64,
    pub outcomes: BTreeMap<OutcomeId, u64>,
    pub clocks: BTreeMap<ClockId, ClockCount>,
    /// How often each action was taken, by `state.action`; what is built in by its name.
    pub acted: BTreeMap<String, u64>,
    pub refused: BTreeMap<String, u64>,
    /// Seconds of the workflow's calendar from opening to end, of each case that ended.
    pub seconds: Vec<i64>,
    /// Cases with which people went round in circles.
    pub circling: u64,
}

impl Figures {
    /// Takes in what a decision came to.
    pub(crate) fn absorb(&mut self, decision: &Decision, calendar: &Calendar) {
        for fact in decision.drafts.iter().flat_map(|draft| &draft.facts) {
            match fact {
                Fact::Case(CaseFact::Acted { action, state, .. }) => {
                    let name = state.as_ref().map_or_else(|| action.to_string(), |s| format!("{s}.{action}"));
                    *self.acted.entry(name).or_default() += 1;
                }
                Fact::Clock(ClockFact::Started { clock, .. }) => self.clock(&clock.clock).started += 1,
                Fact::Clock(ClockFact::Breached { clock, .. }) => self.clock(&clock.clock).breached += 1,
                Fact::Clock(ClockFact::Stopped { clock, verdict, .. }) => match verdict {
                    Verdict::Met => self.clock(&clock.clock).kept += 1,
                    Verdict::Void => self.clock(&clock.clock).void += 1,
                    Verdict::Late => {}
                },
                Fact::Case(CaseFact::Ended { outcome, at, .. }) => {
                    self.end(outcome, decision.case.filing.opened, *at, calendar)
                }
                _ => {}
            }
        }
    }

    fn clock(&mut self, id: &ClockId) -> &mut ClockCount {
        self.clocks.entry(id.clone()).or_default()
    }

    fn end(&mut self, outcome: &OutcomeId, opened: Moment, at: Moment, calendar: &Calendar) {
        *self.outcomes.entry(outcome.clone()).or_default() += 1;
        self.seconds.push(calendar.business_seconds(opened, at));
    }

    /// A refusal by the machine.
    pub(crate) fn refuse(&mut self, refusal: &Refusal) {
        *self.refused.entry(refusal.code.slug().to_string()).or_default() += 1;
    }
}

/// The value that so many of a hundred do not exceed, by nearest rank; the values are sorted.
pub(crate) fn percentile(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_values_that_were_counted() {
        let sorted = [10, 20, 30, 40];
        assert_eq!([50, 90, 99].map(|percent| percentile(&sorted, percent)), [Some(20), Some(40), Some(40)]);
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&[7], 1), Some(7));
    }
}
