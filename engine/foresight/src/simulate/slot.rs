//! Slots: one case of a simulation, and the parts of it that lie with somebody.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use paidan_machine::{Case, Refusal};
use paidan_model::id::{ActionId, StateId, UnitId};
use paidan_model::moment::Moment;
use serde_json::Value as Json;

use super::town::Hand;

/// A part of a case that lies with a hand.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// The desk, by its place in the book.
    pub desk: usize,
    /// Tells this part from an earlier one of the same hand.
    pub stamp: u64,
    /// Somebody is at it.
    pub busy: bool,
    /// Whoever does it first has done it for all.
    pub shared: bool,
    /// A limit ran out while it lay here.
    pub late: bool,
}

/// A case and what is known about it besides.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    /// The case; none before it has come, and after it has ended.
    pub case: Option<Case>,
    /// Where the next timer is on the agenda.
    pub tick: Option<Moment>,
    /// The parts of it that lie with somebody.
    pub parts: BTreeMap<Hand, Part>,
    /// What was filled in since it came where it is, and led nowhere.
    pub done: BTreeSet<(ActionId, Option<UnitId>)>,
    /// Hands that have tried everything in vain since it changed.
    pub blocked: BTreeSet<Hand>,
    /// Whether a hand takes a rare turn, or a resident stays silent, while it is where it is.
    pub drawn: BTreeMap<Hand, bool>,
    /// Which unit of the town stands for one that the tests name.
    pub units: BTreeMap<String, UnitId>,
    /// What a secret ballot says, by commitment.
    pub opened: BTreeMap<String, Json>,
    /// What was done to it.
    pub steps: u32,
    /// How often it was looked at again since anything was done.
    pub looks: u32,
    /// A look is on the agenda.
    pub looking: bool,
    /// Linked cases that have not reported.
    pub children: u32,
    /// The active states, as a number.
    pub config: u32,
    /// What the machine said last to those who tried in vain.
    pub said: Option<Refusal>,
}

impl Slot {
    /// Forgets what was true of where the case was.
    pub(crate) fn arrive(&mut self, config: u32) {
        if self.config != config {
            self.config = config;
            self.done.clear();
            self.drawn.clear();
        }
        self.blocked.clear();
        self.looks = 0;
    }

    /// The active states.
    pub(crate) fn states(&self) -> Vec<StateId> {
        self.case.iter().flat_map(|case| case.chart.active.keys().cloned()).collect()
    }
}
