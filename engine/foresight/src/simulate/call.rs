//! Calls: who may go on with a case, and which of them do.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use paidan_machine::Case;
use paidan_machine::fact::AlarmKind;
use paidan_model::moment::Moment;

use super::floor::Floor;
use super::slot::Slot;
use super::town::Hand;
use super::turn::{Kind, far_hands, hands, holders};
use super::way::Bent;

/// Looks in vain after which people take whatever way out there is.
pub(crate) const IDLE_LOOKS: u32 = 30;
/// Of a thousand hands that could only take a rare turn (withdraw, decline, hand back), those that do.
const RARE: (u32, u32) = (10, 1_000);

/// Hands, each with whether what they do is done for all.
pub(crate) type Hands = Vec<(Hand, bool)>;

/// Whom a case calls, as it were.
#[derive(Default)]
struct Call {
    /// Whose work it is where it is.
    work: Hands,
    /// Whose work it is by what contains where it is.
    aside: Hands,
    /// Who can take it deeper in.
    deeper: Hands,
    /// Who can turn it back, or end it.
    rare: Hands,
    /// Whose work it is, but not yet.
    barred: Hands,
}

impl Call {
    /// Whose turn it is: where there is no nearer work, that of what contains it; where no timer would end the wait
    /// either, a way deeper in. All others take a rare turn only.
    fn settle(&mut self, moves: bool, waiting: bool) {
        let alone = self.work.is_empty() && !waiting;
        if alone && !self.aside.is_empty() {
            self.work.append(&mut self.aside);
        } else if alone && !moves {
            self.work.append(&mut self.deeper);
        }
        self.rare.append(&mut self.aside);
        self.rare.append(&mut self.deeper);
    }
}

impl Floor<'_> {
    /// Who may go on with a case: those for whom it is work; where it is work for nobody and no timer stands, whoever
    /// may do anything. Each with whether they share it.
    pub(crate) fn wanted(&mut self, number: usize, slot: &mut Slot, now: Moment) -> Hands {
        let Some(case) = slot.case.clone() else { return Vec::new() };
        let mut call = Call::default();
        let near = hands(&self.law, &self.town, &case, number);
        let far = far_hands(&self.law, &self.town, &case, number, &near);
        for hand in near {
            self.ask_whether(number, slot, (&case, &mut call), hand, now);
        }
        for hand in far {
            // Beside those whose work it is the others take a rare turn only; most need not even be asked.
            let rare = !call.work.is_empty() && !slot.parts.contains_key(&hand);
            if !rare || self.turns(slot, &hand) {
                self.ask_whether(number, slot, (&case, &mut call), hand, now);
            }
        }
        let held = holders(&self.law, &self.town, &case, number);
        let timer = case.timers.armed.iter().any(|alarm| matches!(alarm.kind, AlarmKind::After { .. }));
        let moves = case.timers.armed.iter().any(|alarm| moves(&alarm.kind));
        let waiting = !call.barred.is_empty();
        call.settle(moves, waiting);
        let waits = (self.waits || waiting) && slot.looks < IDLE_LOOKS;
        let idle = call.work.is_empty() && slot.children == 0 && slot.parts.is_empty() && !moves && !waits;
        if idle {
            call.rare.append(&mut call.barred);
        }
        self.choose(slot, &held, timer, (call.work, call.rare, idle))
    }

    /// Whether a case is work for a hand, or something it might do.
    fn ask_whether(
        &mut self,
        number: usize,
        slot: &mut Slot,
        (case, call): (&Case, &mut Call),
        hand: Hand,
        now: Moment,
    ) {
        let open = self.open_to(number, slot, case, &hand, now);
        let mine: Vec<_> = open.iter().filter(|choice| self.is_work(choice, slot.config)).collect();
        let shared = mine.iter().all(|choice| choice.kind == Kind::State);
        let hopeless = self.is_hopeless(&mine, slot.config) && !slot.parts.contains_key(&hand);
        match (mine.is_empty(), open.is_empty()) {
            (true, true) => {}
            (true, false) if open.iter().any(|c| c.likely == Bent::Deeper) => call.deeper.push((hand, true)),
            (true, false) => call.rare.push((hand, true)),
            (false, _) if slot.blocked.contains(&hand) => call.barred.push((hand, true)),
            (false, _) if hopeless && !self.could(number, slot, &hand, now) => {
                slot.blocked.insert(hand.clone());
                call.barred.push((hand, true));
            }
            (false, _) if mine.iter().all(|choice| choice.aside) => call.aside.push((hand, shared)),
            (false, _) => call.work.push((hand, shared)),
        }
    }

    /// Whether a hand takes a rare turn while the case is where it is.
    fn turns(&mut self, slot: &mut Slot, hand: &Hand) -> bool {
        let drawn = slot.drawn.get(hand).copied();
        let turns = drawn.unwrap_or_else(|| self.dice.happens(RARE.0, RARE.1));
        slot.drawn.insert(hand.clone(), turns);
        turns
    }

    fn choose(
        &mut self,
        slot: &mut Slot,
        held: &BTreeSet<Hand>,
        timer: bool,
        (work, rare, idle): (Hands, Hands, bool),
    ) -> Hands {
        let is_resident = |hand: &Hand| matches!(hand, Hand::Resident { .. });
        // Where a resident has the word, a desk does not speak for them.
        let theirs = held.iter().any(is_resident) && work.iter().any(|(hand, _)| is_resident(hand));
        let mut found = Vec::new();
        for (hand, shared) in work {
            let speaks = if is_resident(&hand) {
                !self.silent(slot, &hand, shared, timer)
            } else {
                !(theirs && shared)
            };
            if speaks {
                found.push((hand, shared));
            }
        }
        for (hand, shared) in rare {
            if self.turns(slot, &hand) || idle {
                found.push((hand, shared));
            }
        }
        found
    }

    /// Whether a resident says nothing: only where a timer of the state ends the wait, and in votes.
    fn silent(&mut self, slot: &mut Slot, hand: &Hand, shared: bool, timer: bool) -> bool {
        let of = match (shared, timer) {
            (false, _) => 100u32.saturating_sub(self.demand.turnout),
            (true, true) => self.demand.silent,
            (true, false) => 0,
        };
        let drawn = slot.drawn.get(hand).copied();
        let silent = drawn.unwrap_or_else(|| self.dice.happens(of, 100));
        slot.drawn.insert(hand.clone(), silent);
        silent
    }
}

/// Whether a timer moves a case by itself, rather than telling somebody.
fn moves(alarm: &AlarmKind) -> bool {
    match alarm {
        AlarmKind::After { .. }
        | AlarmKind::OfferEnd { .. }
        | AlarmKind::VoteEnd { .. }
        | AlarmKind::VoteMay { .. }
        | AlarmKind::PauseEnd { .. } => true,
        AlarmKind::Warn { .. } | AlarmKind::Breach { .. } | AlarmKind::Rung { .. } => false,
    }
}
