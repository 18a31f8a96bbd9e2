//! Reports: what became of the cases and of the desks, and where it is narrow.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use paidan_machine::Case;
use paidan_model::id::{ClockId, OutcomeId, StateId};
use paidan_model::moment::Date;
use serde::Serialize;

use super::desk::Desk;
use super::figures::percentile;
use super::floor::{Floor, said};
pub use super::hand_row::{HandRow, LATE_LEAST, LATE_PERMILLE_LEAST};

/// The most kinds of stuck cases that are told apart.
const STUCK_MOST: usize = 20;

/// What became of the cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cases {
    /// That came.
    pub opened: u64,
    /// That ended.
    pub closed: u64,
    /// That were still open when nobody watched any more.
    pub open: u64,
    /// Of those, the ones with which nobody could do anything, and for which no timer stood.
    pub stuck: u64,
    /// Of those, the ones that went round and round: more was done to them than a simulated case has steps for.
    pub circling: u64,
}

/// What became of one clock of the definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClockRow {
    /// Which.
    pub clock: ClockId,
    /// How often it started.
    pub started: u64,
    /// Stopped in time.
    pub kept: u64,
    /// Ran out.
    pub breached: u64,
    /// Stopped counting for nothing.
    pub void: u64,
    /// Of a thousand that were kept or breached, those breached.
    pub breached_permille: u64,
}

/// Cases that are stuck in the same states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stuck {
    /// Where.
    pub states: Vec<StateId>,
    /// How many.
    pub cases: u64,
    /// What the machine said to whoever tried last, in English; nobody could even try: none.
    pub said: Option<String>,
}

/// How long cases took, in seconds of the workflow's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Took {
    /// Half of them took no longer.
    pub p50: i64,
    /// Nine of ten.
    pub p90: i64,
    /// Ninety-nine of a hundred.
    pub p99: i64,
}

/// What a simulation came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The cases.
    pub cases: Cases,
    /// How those ended that did.
    pub outcomes: BTreeMap<OutcomeId, u64>,
    /// From opening to end; none ended: none.
    pub took: Option<Took>,
    /// The clocks, by name.
    pub clocks: Vec<ClockRow>,
    /// The hands: those with most late parts first, then those with the longest queue.
    pub hands: Vec<HandRow>,
    /// Where cases are stuck.
    pub stuck: Vec<Stuck>,
    /// How often each action was taken, by `state.action`; what is built in by its name.
    pub acted: BTreeMap<String, u64>,
    /// What the machine refused, by code.
    pub refused: BTreeMap<String, u64>,
    /// The first and the last day on which cases came.
    #[serde(skip)]
    pub days: (Date, Date),
}

impl Report {
    /// The hand at which it is narrow: of those with a tenth of their parts late, five at least, and more waiting than work
    /// there, or with more than a day's work waiting, the one with most late parts, then with the longest queue. None: nobody's queue was long.
    #[must_use]
    pub fn bottleneck(&self) -> Option<&HandRow> {
        self.hands.iter().find(|row| row.is_narrow())
    }

    /// The longest queue of all hands.
    #[must_use]
    pub fn longest(&self) -> u32 {
        self.hands.iter().map(|row| row.longest).max().unwrap_or(0)
    }
}

impl Floor<'_> {
    /// What it all came to.
    pub(crate) fn report(mut self) -> Report {
        let mut seconds = core::mem::take(&mut self.figures.seconds);
        seconds.sort_unstable();
        let took = percentile(&seconds, 50).zip(percentile(&seconds, 90)).zip(percentile(&seconds, 99));
        let stuck = self.stuck();
        let closed = self.figures.outcomes.values().sum();
        let cases = Cases {
            opened: self.figures.opened,
            closed,
            open: self.figures.opened.saturating_sub(closed),
            stuck: stuck.iter().map(|stuck| stuck.cases).sum(),
            circling: self.figures.circling,
        };
        let clocks = self.figures.clocks.iter().map(|(clock, count)| ClockRow {
            clock: clock.clone(),
            started: count.started,
            kept: count.kept,
            breached: count.breached,
            void: count.void,
            breached_permille: permille(count.breached, count.kept + count.breached),
        });
        let mut hands: Vec<HandRow> =
            self.desks.iter().map(|desk| row(desk, self.demand.from, self.last)).collect();
        hands.sort_by(|a, b| {
            (b.late, b.longest, b.handled, &a.hand).cmp(&(a.late, a.longest, a.handled, &b.hand))
        });
        Report {
            cases,
            took: took.map(|((p50, p90), p99)| Took { p50, p90, p99 }),
            clocks: clocks.collect(),
            hands,
            stuck,
            outcomes: self.figures.outcomes,
            acted: self.figures.acted,
            refused: self.figures.refused,
            days: (self.demand.from, self.last),
        }
    }

    fn stuck(&self) -> Vec<Stuck> {
        let mut found: BTreeMap<(Vec<StateId>, Option<String>), u64> = BTreeMap::new();
        for slot in &self.slots {
            let alive = slot.children > 0 || slot.looking || !slot.parts.is_empty();
            let timer = slot.case.as_ref().is_none_or(|case| Case::next_due(case).is_some());
            if !alive && !timer && slot.steps < super::floor::STEPS_MOST {
                *found.entry((slot.states(), said(slot.said.as_ref()))).or_default() += 1;
            }
        }
        let all = found.into_iter().map(|((states, said), cases)| Stuck { states, cases, said });
        all.take(STUCK_MOST).collect()
    }
}

fn permille(part: u64, whole: u64) -> u64 {
    (part * 1000).checked_div(whole).unwrap_or(0)
}

fn row(desk: &Desk<'_>, from: Date, last: Date) -> HandRow {
    let count = &desk.count;
    let late = count.late + count.missed;
    let until = count.peaks.keys().next_back().copied().unwrap_or(last).max(last);
    let (days, sums) = (desk.workdays(from, until), desk.sums());
    let means = (0u8..7).zip(days.iter().zip(sums)).filter(|(_, (days, sum))| **days > 0 && *sum > 0);
    let means = means.map(|(weekday, (days, sum))| (sum * 10 / u64::from(*days), weekday));
    let most = means.max_by_key(|(mean, weekday)| (*mean, core::cmp::Reverse(*weekday)));
    let all: u64 = days.iter().map(|days| u64::from(*days)).sum();
    let mean = (sums.iter().sum::<u64>() * 10).checked_div(all).unwrap_or(0);
    let times = most.map_or(0, |(_, busiest)| {
        count.peaks.keys().filter(|date| super::desk::weekday(**date) == usize::from(busiest)).count()
    });
    HandRow {
        hand: desk.hand.clone(),
        people: desk.people,
        minutes: desk.minutes,
        handled: count.handled,
        late,
        late_permille: permille(late, count.handled + count.missed),
        vain: count.vain,
        longest: count.longest,
        waiting: desk.waiting,
        weekday: most.map(|(_, weekday)| weekday),
        weekday_tenths: most.map_or(0, |(tenths, _)| tenths),
        stands_out: most.is_some_and(|(tenths, _)| tenths * 4 >= mean * 5) && times >= 2,
        day_minutes: desk.day_minutes(from),
    }
}
