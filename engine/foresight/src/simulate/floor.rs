//! The floor: an agenda of moments, the cases, the desks, and what happens next.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use paidan_machine::actor::Actor;
use paidan_machine::command::{Ask, Command, Open};
use paidan_machine::fact::{ClockFact, Fact, LinkFact};
use paidan_machine::party::Party;
use paidan_machine::{CHILD_PREFIX, Case, Decision, Law, Refusal, decide};
use paidan_model::calendar::Calendar;
use paidan_model::field::SetBy;
use paidan_model::id::{ActionId, StateId};
use paidan_model::moment::{Date, Moment};

use super::blank::{Lean, Pen};
use super::demand::Demand;
use super::desk::{Desk, weekday};
use super::dice::{Dice, salt};
use super::figures::Figures;
use super::lesson::Lessons;
use super::sample::Samples;
use super::slot::{Part, Slot};
use super::subject::{Fault, Subject};
use super::town::{Hand, Town};
use super::way::{Bent, Ways};

/// The most that is done to one case.
pub const STEPS_MOST: u32 = 2_000;
/// The most looks at a case with which nothing can be done, after which it is left lying.
const LOOKS_MOST: u32 = 64;
const DAY_SECONDS: i64 = 86_400;

/// What is on the agenda. At one moment timers come first, then what is finished, then what is new.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    /// A timer of a case is due.
    Tick(usize),
    /// A hand is done with a case.
    Done { number: usize, hand: Hand, stamp: u64, planned: Option<ActionId> },
    /// A linked case reports.
    Hear(usize),
    /// A case comes.
    Arrive(usize),
    /// A case with which nothing could be done is looked at again.
    Look(usize),
}

/// Everything at once.
pub(crate) struct Floor<'a> {
    pub(crate) law: Law<'a>,
    pub(crate) demand: &'a Demand,
    pub(crate) town: Town<'a>,
    pub(crate) ways: Ways,
    pub(crate) samples: Samples,
    pub(crate) dice: Dice,
    pub(crate) salts: u64,
    pub(crate) slots: Vec<Slot>,
    pub(crate) desks: Vec<Desk<'a>>,
    pub(crate) parties: BTreeMap<String, Party>,
    pub(crate) lessons: Lessons,
    pub(crate) figures: Figures,
    pub(crate) calendar: &'a Calendar,
    /// The last day on which cases come.
    pub(crate) last: Date,
    book: BTreeMap<Hand, usize>,
    configs: BTreeMap<Vec<StateId>, u32>,
    agenda: BTreeMap<(Moment, What), ()>,
    stamps: u64,
    /// Guards look at the clock, so what is closed now may open by itself.
    pub(crate) waits: bool,
    until: Moment,
}

impl<'a> Floor<'a> {
    pub(crate) fn new(subject: &Subject<'a>, demand: &'a Demand, law: Law<'a>) -> Result<Self, Fault> {
        let calendar = subject.calendars.get(&subject.workflow.calendar);
        let calendar = calendar.ok_or_else(|| Fault::Calendar(subject.workflow.calendar.clone()))?;
        let noon = Moment::from_local(demand.from.and_hms_opt(12, 0, 0).unwrap_or_default(), calendar.zone());
        let mut floor = Self {
            law,
            demand,
            town: Town::of(subject.workflow, subject.roster, noon),
            ways: Ways::of(subject.workflow),
            samples: Samples::of(subject),
            dice: Dice::new(demand.seed),
            salts: 0,
            slots: Vec::new(),
            desks: Vec::new(),
            parties: BTreeMap::new(),
            lessons: Lessons::new(),
            figures: Figures::default(),
            calendar,
            last: demand.from,
            book: BTreeMap::new(),
            configs: BTreeMap::new(),
            agenda: BTreeMap::new(),
            stamps: 0,
            waits: super::turn::reads_clock(subject.workflow),
            until: noon,
        };
        floor.arrivals()?;
        Ok(floor)
    }

    /// Puts every coming on the agenda: as many to each working day as its weekday weighs, at any minute of its hours.
    fn arrivals(&mut self) -> Result<(), Fault> {
        let demand = self.demand;
        let weight = |date: &Date| demand.weekdays.get(weekday(*date)).copied().unwrap_or(0);
        let working = demand.from.iter_days().take(paidan_model::calendar::DAYS_MAX as usize);
        let working = working.filter(|date| self.calendar.is_working_day(*date) && weight(date) > 0);
        let days: Vec<Date> = working.take(usize::try_from(demand.days).unwrap_or(0)).collect();
        let whole: u64 = days.iter().map(|date| u64::from(weight(date))).sum();
        let last = days.last().copied().filter(|_| whole > 0).ok_or(Fault::NoDays)?;
        let (mut before, mut come) = (0, 0);
        for date in &days {
            before += u64::from(weight(date));
            let so_far = demand.total() * before / whole;
            for _ in come..so_far {
                let at = self.minute_of(*date);
                self.agenda.insert((at, What::Arrive(self.slots.len())), ());
                self.slots.push(Slot::default());
            }
            come = so_far;
        }
        let end = last.and_hms_opt(23, 59, 59).unwrap_or_default();
        let end = Moment::from_local(end, self.calendar.zone());
        self.last = last;
        self.until = end.plus_seconds(i64::from(demand.watch_days) * DAY_SECONDS);
        Ok(())
    }

    /// Lets all cases come at one moment.
    #[cfg(test)]
    pub(crate) fn come(&mut self, at: Moment) {
        let all = core::mem::take(&mut self.agenda).into_keys();
        self.agenda = all.map(|(_, what)| ((at, what), ())).collect();
    }

    fn minute_of(&mut self, date: Date) -> Moment {
        let windows = self.calendar.opens_on(date);
        let whole: u64 = windows.iter().map(|w| u64::from(w.close.saturating_sub(w.open))).sum();
        let mut left = self.dice.below(whole);
        for window in windows {
            let long = u64::from(window.close.saturating_sub(window.open));
            if left < long {
                let minute = i64::from(window.open) + i64::try_from(left).unwrap_or(0);
                let midnight =
                    Moment::from_local(date.and_hms_opt(0, 0, 0).unwrap_or_default(), self.calendar.zone());
                return midnight.plus_seconds(minute * 60);
            }
            left -= long;
        }
        Moment::from_local(date.and_hms_opt(9, 0, 0).unwrap_or_default(), self.calendar.zone())
    }

    /// Lets everything on the agenda happen, in order.
    pub(crate) fn run(&mut self) -> Result<(), Fault> {
        while let Some(((now, what), ())) = self.agenda.pop_first() {
            if now > self.until {
                break;
            }
            match what {
                What::Arrive(number) => self.arrive(number, now)?,
                What::Tick(number) => self.tick(number, now),
                What::Hear(number) => self.hear(number, now),
                What::Look(number) => self.look(number, now),
                What::Done { number, hand, stamp, planned } => {
                    self.done(number, &hand, stamp, planned.as_ref(), now);
                }
            }
        }
        Ok(())
    }

    fn arrive(&mut self, number: usize, now: Moment) -> Result<(), Fault> {
        let Some(place) = self.slots.get_mut(number) else { return Ok(()) };
        let mut slot = core::mem::take(place);
        let levels = self.town.levels(&mut self.dice);
        let count = self.samples.intake.len();
        let first = usize::try_from(self.dice.below(count.max(1) as u64)).unwrap_or(0);
        let mut said = None;
        for n in 0..=count {
            let form = if n < count { Some((first + n) % count) } else { None };
            let fill = self.intake(number, &levels, form, &mut slot, now);
            let open = Open {
                stream: format!("simulated-{number}"),
                number: format!("simulated-{number}"),
                levels: levels.clone(),
                fill,
                channel: "simulation".into(),
                code: None,
                parent: None,
                since: None,
            };
            let command = Command { actor: Actor::Engine, ask: Ask::Open(open) };
            let salts = &mut self.salts;
            match decide(&self.law, None, &command, now, &mut || salt(salts)) {
                Ok(decision) => {
                    self.figures.opened += 1;
                    self.take(number, &mut slot, decision);
                    said = None;
                    break;
                }
                Err(refusal) => said = Some(refusal),
            }
        }
        if let Some(place) = self.slots.get_mut(number) {
            *place = slot;
        }
        if let Some(refusal) = said {
            return Err(Fault::Intake(refusal));
        }
        self.reconsider(number, now);
        Ok(())
    }

    fn intake(
        &mut self,
        number: usize,
        levels: &BTreeMap<paidan_model::id::UnitKind, paidan_model::id::UnitId>,
        form: Option<usize>,
        slot: &mut Slot,
        now: Moment,
    ) -> BTreeMap<String, serde_json::Value> {
        let sample = form.and_then(|form| self.samples.intake.get(form)).cloned();
        let workflow = self.law.workflow;
        let mut pen = Pen {
            law: &self.law,
            town: &self.town,
            dice: &mut self.dice,
            now,
            number,
            case: None,
            levels,
            units: &mut slot.units,
        };
        let mut fill = sample.as_ref().map(|sample| pen.copy(sample)).unwrap_or_default();
        let wanted =
            workflow.fields.iter().filter(|(_, field)| field.required && field.set_by == SetBy::People);
        pen.fill(wanted.map(|(id, _)| id), Lean::Any, &mut fill);
        fill
    }

    /// Takes in what the machine decided.
    pub(crate) fn take(&mut self, number: usize, slot: &mut Slot, decision: Decision) {
        self.figures.absorb(&decision, self.calendar);
        slot.steps += 1;
        for draft in &decision.drafts {
            for fact in &draft.facts {
                match fact {
                    Fact::Link(LinkFact::ChildAsked { .. }) => {
                        slot.children += 1;
                        let days = i64::from(self.demand.linked_days);
                        let at = draft.at.plus_seconds(days * DAY_SECONDS + i64::from(slot.children));
                        self.agenda.insert((at, What::Hear(number)), ());
                    }
                    Fact::Clock(ClockFact::Breached { clock, .. }) => late(slot, clock.leg.as_ref()),
                    _ => {}
                }
            }
        }
        if self.law.workflow.votes.values().any(|vote| vote.secret) {
            slot.opened.extend(decision.sealed.into_iter().map(|sealed| (sealed.commitment, sealed.value)));
        }
        let states: Vec<StateId> = decision.case.chart.active.keys().cloned().collect();
        let next = u32::try_from(self.configs.len()).unwrap_or(u32::MAX);
        let config = *self.configs.entry(states).or_insert(next);
        // A linked case that ends and one that begins leave a case where it is; what was done there may be done again.
        slot.arrive(config);
        slot.case = Some(decision.case);
    }

    fn with_slot<T>(&mut self, number: usize, work: impl FnOnce(&mut Self, &mut Slot) -> T) -> Option<T> {
        let mut slot = core::mem::take(self.slots.get_mut(number)?);
        let found = work(self, &mut slot);
        if let Some(place) = self.slots.get_mut(number) {
            *place = slot;
        }
        Some(found)
    }

    fn engine(&mut self, number: usize, ask: Ask, now: Moment) {
        self.with_slot(number, |floor, slot| {
            let Some(case) = slot.case.take() else { return };
            match floor.ask(slot, &case, Actor::Engine, ask, now) {
                Ok(decision) => floor.take(number, slot, decision),
                Err(refusal) => {
                    floor.figures.refuse(&refusal);
                    slot.said = Some(refusal);
                    slot.case = Some(case);
                }
            }
        });
        self.reconsider(number, now);
    }

    fn tick(&mut self, number: usize, now: Moment) {
        let Some(slot) = self.slots.get_mut(number) else { return };
        if slot.tick != Some(now) {
            return;
        }
        slot.tick = None;
        match slot.case.as_ref().and_then(Case::next_due) {
            Some(due) if due <= now => self.engine(number, Ask::Tick, now),
            Some(due) => {
                slot.tick = Some(due);
                self.agenda.insert((due, What::Tick(number)), ());
            }
            None => {}
        }
    }

    /// A linked case reports: what the case listens to, and of that rather what leads on.
    fn hear(&mut self, number: usize, now: Moment) {
        let Some(slot) = self.slots.get_mut(number) else { return };
        slot.children = slot.children.saturating_sub(1);
        let Some(case) = &slot.case else { return };
        let workflow = self.law.workflow;
        let left = self.ways.left(workflow, case);
        let states = case.chart.active.keys().filter_map(|state| workflow.states.get(state));
        let heard =
            states.flat_map(|state| &state.on).filter(|(name, _)| name.as_str().starts_with(CHILD_PREFIX));
        let all: Vec<(Bent, ActionId)> =
            heard.map(|(name, action)| (self.ways.likely(workflow, left, action), name.clone())).collect();
        let well: Vec<(Bent, ActionId)> =
            all.iter().filter(|(bent, _)| *bent == Bent::Forward).cloned().collect();
        let from = if !well.is_empty() && self.dice.happens(9, 10) { &well } else { &all };
        if let Some((_, event)) = self.dice.one_of(from).cloned() {
            self.engine(number, Ask::Send(event), now);
        }
    }

    fn look(&mut self, number: usize, now: Moment) {
        if let Some(slot) = self.slots.get_mut(number) {
            slot.looking = false;
            slot.looks += 1;
        }
        self.with_slot(number, |floor, slot| {
            let blocked = core::mem::take(&mut slot.blocked);
            slot.blocked = blocked.into_iter().filter(|hand| !floor.could(number, slot, hand, now)).collect();
        });
        self.reconsider(number, now);
    }

    fn done(&mut self, number: usize, hand: &Hand, stamp: u64, planned: Option<&ActionId>, now: Moment) {
        let Some(slot) = self.slots.get_mut(number) else { return };
        let part = slot.parts.get(hand).filter(|part| part.stamp == stamp).cloned();
        let at = part.as_ref().map(|part| part.desk).or_else(|| self.book.get(&grouped(hand)).copied());
        let late = part.as_ref().is_some_and(|part| part.late);
        if part.is_some() {
            slot.parts.remove(hand);
        }
        let did = part.is_some() && self.deal(number, hand, planned, now);
        if let Some(slot) = self.slots.get_mut(number).filter(|_| !did) {
            slot.blocked.insert(hand.clone());
        }
        if let Some(desk) = at.and_then(|at| self.desks.get_mut(at)) {
            desk.busy = desk.busy.saturating_sub(1);
            desk.count.handled += u64::from(did);
            desk.count.late += u64::from(did && late);
            desk.count.missed += u64::from(!did && late);
            desk.count.vain += u64::from(!did);
        }
        self.reconsider(number, now);
        if let Some(at) = at {
            self.pull(at, now.plus_millis(1));
        }
    }

    /// Lays a case with those who may go on with it, and takes it from those who may not any more.
    fn reconsider(&mut self, number: usize, now: Moment) {
        let Some(mut slot) = self.slots.get_mut(number).map(core::mem::take) else { return };
        let ended = slot.case.as_ref().is_none_or(Case::is_closed);
        let circles = slot.steps >= STEPS_MOST;
        if ended || circles {
            self.figures.circling += u64::from(circles && !ended);
            self.withdraw(&mut slot, &BTreeSet::new());
            if ended {
                slot.case = None;
            }
            slot.tick = None;
            self.put(number, slot);
            return;
        }
        let next = slot.case.as_ref().and_then(Case::next_due);
        if let Some(next) = next.filter(|next| slot.tick.is_none_or(|tick| *next < tick || tick <= now)) {
            let at = next.max(now);
            slot.tick = Some(at);
            self.agenda.insert((at, What::Tick(number)), ());
        }
        let wanted = self.wanted(number, &mut slot, now);
        let names: BTreeSet<Hand> = wanted.iter().map(|(hand, _)| hand.clone()).collect();
        self.withdraw(&mut slot, &names);
        let mut desks = Vec::new();
        for (hand, shared) in wanted {
            if !slot.parts.contains_key(&hand) {
                desks.push(self.lay(number, &mut slot, hand, shared, now));
            }
        }
        let waits = self.waits || !slot.blocked.is_empty();
        if slot.parts.is_empty() && waits && !slot.looking && slot.looks < LOOKS_MOST {
            slot.looking = true;
            let days = 1 + i64::from(slot.looks / 8);
            self.agenda.insert((now.plus_seconds(days * DAY_SECONDS), What::Look(number)), ());
        }
        self.put(number, slot);
        for at in desks {
            self.pull(at, now);
        }
    }

    fn put(&mut self, number: usize, slot: Slot) {
        if let Some(place) = self.slots.get_mut(number) {
            *place = slot;
        }
    }

    /// Takes a case from all desks but those named; whoever is at it finds out when done.
    fn withdraw(&mut self, slot: &mut Slot, but: &BTreeSet<Hand>) {
        let gone: Vec<Hand> = slot
            .parts
            .iter()
            .filter(|(hand, part)| !part.busy && !but.contains(hand))
            .map(|(h, _)| h.clone())
            .collect();
        for hand in gone {
            if let Some(part) = slot.parts.remove(&hand)
                && let Some(desk) = self.desks.get_mut(part.desk)
            {
                desk.leaves();
                desk.count.missed += u64::from(part.late);
            }
        }
    }

    /// Lays a case with a hand; its desk, where somebody may be free.
    fn lay(&mut self, number: usize, slot: &mut Slot, hand: Hand, shared: bool, now: Moment) -> usize {
        let at = self.desk(&hand);
        self.stamps += 1;
        let stamp = self.stamps;
        let (least, most) = self.demand.answer;
        let delay = self.dice.between(i64::from(least), i64::from(most.max(least)));
        let mut busy = false;
        if let Some(desk) = self.desks.get_mut(at) {
            if desk.is_resident() {
                busy = true;
                desk.busy += 1;
                let what = What::Done { number, hand: hand.clone(), stamp, planned: None };
                self.agenda.insert((now.plus_seconds(delay * 60), what), ());
            } else {
                desk.joins(number, stamp, now);
            }
        }
        slot.parts.insert(hand, Part { desk: at, stamp, busy, shared, late: false });
        at
    }

    fn desk(&mut self, hand: &Hand) -> usize {
        let key = grouped(hand);
        if let Some(at) = self.book.get(&key) {
            return *at;
        }
        let demand = self.demand;
        let roles = super::turn::named(self.law.workflow, hand);
        let said = roles.iter().find_map(|name| demand.hands.get(name));
        let people = said.and_then(|said| said.people).or(demand.people);
        let named = said.and_then(|said| said.calendar.as_ref()).or(demand.calendar.as_ref());
        let desk = Desk {
            people: people.unwrap_or_else(|| self.town.people(hand)),
            minutes: said.and_then(|said| said.minutes).unwrap_or(demand.minutes),
            calendar: named.and_then(|id| self.law.calendars.get(id)).unwrap_or(self.calendar),
            busy: 0,
            queue: Default::default(),
            waiting: 0,
            count: Default::default(),
            hand: key.clone(),
        };
        let at = self.desks.len();
        self.desks.push(desk);
        self.book.insert(key, at);
        at
    }

    /// Lets those at a desk who are free take what waits, first come first.
    fn pull(&mut self, at: usize, now: Moment) {
        loop {
            let Some(desk) = self.desks.get_mut(at) else { return };
            if desk.is_resident() || desk.busy >= desk.people {
                return;
            }
            let Some((number, stamp)) = desk.queue.pop_front() else { return };
            let Some(slot) = self.slots.get_mut(number) else { continue };
            let taken = slot.parts.values().any(|part| part.busy && part.shared);
            let mine = slot.parts.iter().find(|(_, part)| part.stamp == stamp);
            let Some((hand, part)) = mine.map(|(hand, part)| (hand.clone(), part.clone())) else { continue };
            desk.leaves();
            if part.shared && taken {
                // Somebody else is at it: it comes back to this desk if there is more to do.
                slot.parts.remove(&hand);
                continue;
            }
            self.begin(at, number, &hand, stamp, now);
        }
    }

    fn begin(&mut self, at: usize, number: usize, hand: &Hand, stamp: u64, now: Moment) {
        let Some(start) = self.desks.get(at).and_then(|desk| desk.open_from(now)) else { return };
        let timed = self.demand.actions.values().any(|action| action.minutes.is_some());
        let planned = if timed { self.plan(number, hand, now) } else { None };
        let said = planned.as_ref().and_then(|action| self.demand.actions.get(action)?.minutes);
        let Some(desk) = self.desks.get_mut(at) else { return };
        let minutes = said.unwrap_or(desk.minutes);
        let end = desk.calendar.add_business_seconds(start, u64::from(minutes) * 60);
        let Some(end) = end else { return };
        desk.busy += 1;
        desk.keeps(start);
        desk.count.minutes += u64::from(minutes);
        if let Some(part) = self.slots.get_mut(number).and_then(|slot| slot.parts.get_mut(hand)) {
            part.busy = true;
        }
        // Done in the last moment of the time it takes: what ends at the very due moment is in time.
        let end = if minutes == 0 { end.max(now) } else { end.plus_millis(-1) };
        let what = What::Done { number, hand: hand.clone(), stamp, planned };
        self.agenda.insert((end, what), ());
    }
}

/// Residents of one role are counted together.
fn grouped(hand: &Hand) -> Hand {
    match hand {
        Hand::Resident { role, .. } => Hand::Resident { role: role.clone(), subject: String::new() },
        Hand::Desk { .. } | Hand::Unit(_) | Hand::Person(_) => hand.clone(),
    }
}

/// A limit ran out: wherever the case lies, or where that leg lies.
fn late(slot: &mut Slot, leg: Option<&paidan_model::id::UnitId>) {
    for (hand, part) in &mut slot.parts {
        let here = match (hand, leg) {
            (_, None) => true,
            (Hand::Unit(unit) | Hand::Desk { unit, .. }, Some(leg)) => unit == leg,
            (Hand::Person(_) | Hand::Resident { .. }, Some(_)) => false,
        };
        part.late |= here;
    }
}

/// What the machine said when nobody could go on, for the report.
pub(crate) fn said(refusal: Option<&Refusal>) -> Option<String> {
    refusal.map(|refusal| refusal.text().en)
}
