//! Deals: one hand at one case. What is open is tried in an order drawn by weights, until the machine takes it.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_machine::actor::Actor;
use paidan_machine::claim::Touch;
use paidan_machine::command::{Act, Ask, Command};
use paidan_machine::party::{self, Party};
use paidan_machine::{Case, Decision, Law, Refusal, decide, grounds};
use paidan_model::id::ActionId;
use paidan_model::moment::Moment;
use serde_json::{Value as Json, json};

use super::blank::{Lean, Pen};
use super::call::IDLE_LOOKS;
use super::dice::salt;
use super::floor::Floor;
use super::sample::SAMPLES_MOST;
use super::slot::Slot;
use super::town::Hand;
use super::turn::{Choice, Kind, choices};
use super::way::Bent;

/// The most forms that are tried at one handling.
const TRIES_MOST: usize = 16;
/// The ways in which a blank form is filled in, after those of the tests.
const LEANS: [Lean; 3] = [Lean::High, Lean::Low, Lean::Any];
/// What is written as a reason.
const REASON: &str = "模拟";
/// A weight is shared among the forms of an action: it is multiplied by this first.
const SHARED: u32 = 36;

/// A form that may be tried.
struct Try {
    weight: u32,
    choice: usize,
    form: usize,
}

impl<'a> Floor<'a> {
    /// What a hand may do with a case, but for what was done where it is and led nowhere.
    pub(crate) fn open_to(
        &self,
        number: usize,
        slot: &Slot,
        case: &Case,
        hand: &Hand,
        now: Moment,
    ) -> Vec<Choice> {
        let actor = self.town.actor(hand, number);
        let mut open = choices(&self.law, &self.ways, case, hand, &actor, now);
        open.retain(|choice| {
            let key = (choice.action.clone(), choice.leg.clone());
            let fresh = choice.kind != Kind::State || !slot.done.contains(&key);
            fresh && self.weight(choice).is_none_or(|weight| weight > 0)
        });
        open
    }

    /// How often a choice is taken, if that is said or built in.
    fn weight(&self, choice: &Choice) -> Option<u32> {
        self.demand.actions.get(&choice.action).and_then(|said| said.weight).or(choice.weight)
    }

    /// Whether a choice is part of the work where the case is.
    pub(crate) fn is_work(&self, choice: &Choice, config: u32) -> bool {
        if let Some(weight) = self.weight(choice) {
            return weight >= WORK;
        }
        let known = self.lessons.get(&(config, choice.action.clone()));
        choice.likely.is_work() || known.into_iter().flatten().flatten().any(|bent| bent.is_work())
    }

    /// An action drawn by weight, for the time it takes.
    pub(crate) fn plan(&mut self, number: usize, hand: &Hand, now: Moment) -> Option<ActionId> {
        let slot = self.slots.get(number)?;
        let choices = self.open_to(number, slot, slot.case.as_ref()?, hand, now);
        let weights: Vec<u32> = choices
            .iter()
            .map(|choice| self.weight(choice).unwrap_or_else(|| choice.likely.weight()))
            .collect();
        let drawn = draw(&mut self.dice, &weights)?;
        choices.get(drawn).map(|choice| choice.action.clone())
    }

    /// One handling: the first form that the machine takes. Whether anything was done.
    pub(crate) fn deal(
        &mut self,
        number: usize,
        hand: &Hand,
        planned: Option<&ActionId>,
        now: Moment,
    ) -> bool {
        let Some(slot) = self.slots.get_mut(number) else { return false };
        let mut slot = core::mem::take(slot);
        let done = self.try_all(number, &mut slot, hand, planned, now);
        if let Some(place) = self.slots.get_mut(number) {
            *place = slot;
        }
        done
    }

    fn try_all(
        &mut self,
        number: usize,
        slot: &mut Slot,
        hand: &Hand,
        planned: Option<&ActionId>,
        now: Moment,
    ) -> bool {
        let Some(case) = slot.case.take() else { return false };
        let actor = self.town.actor(hand, number);
        let open = self.open_to(number, slot, &case, hand, now);
        let mut tries = self.tries(slot.config, &open, planned);
        for _ in 0..TRIES_MOST {
            let weights: Vec<u32> = tries.iter().map(|one| one.weight).collect();
            let Some(drawn) = draw(&mut self.dice, &weights) else { break };
            let one = tries.remove(drawn);
            let Some(choice) = open.get(one.choice) else { continue };
            let Some(act) = self.form(number, slot, (&case, &actor), (choice, one.form), now) else {
                continue;
            };
            match self.ask(slot, &case, actor.clone(), Ask::Act(act), now) {
                Ok(decision) => {
                    self.learn(slot, &case, (choice, one.form), &decision);
                    self.take(number, slot, decision);
                    return true;
                }
                Err(refusal) => {
                    self.figures.refuse(&refusal);
                    self.note(slot.config, &choice.action, one.form, Bent::Refused);
                    slot.said = Some(refusal);
                    if self.is_work(choice, slot.config) && slot.looks < IDLE_LOOKS {
                        // Whoever cannot do the work yet does not throw it away for that.
                        tries
                            .retain(|one| open.get(one.choice).is_some_and(|c| self.is_work(c, slot.config)));
                    }
                }
            }
        }
        slot.case = Some(case);
        false
    }

    /// Whether a hand could do anything of its work with a case now, were it at it; nothing changes. Asked only where all
    /// that was tried before in such a state was refused, or was by this hand.
    pub(crate) fn could(&mut self, number: usize, slot: &mut Slot, hand: &Hand, now: Moment) -> bool {
        let Some(case) = slot.case.take() else { return false };
        let (dice, units, salts) = (self.dice.clone(), slot.units.clone(), self.salts);
        let actor = self.town.actor(hand, number);
        let open = self.open_to(number, slot, &case, hand, now);
        let mut found = false;
        for one in self.tries(slot.config, &open, None).into_iter().take(TRIES_MOST) {
            let Some(choice) = open.get(one.choice).filter(|choice| self.is_work(choice, slot.config)) else {
                continue;
            };
            let Some(act) = self.form(number, slot, (&case, &actor), (choice, one.form), now) else {
                continue;
            };
            let law: Law<'_> = self.law.with_opened(&slot.opened);
            let command = Command { actor: actor.clone(), ask: Ask::Act(act) };
            found = decide(&law, Some(&case), &command, now, &mut || salt(&mut self.salts)).is_ok();
            if found {
                break;
            }
        }
        (self.dice, slot.units, self.salts) = (dice, units, salts);
        slot.case = Some(case);
        found
    }

    /// Whether every form of the work that is open to a hand was refused the last time it was tried in such a state.
    pub(crate) fn is_hopeless(&self, work: &[&Choice], config: u32) -> bool {
        let refused = |choice: &&Choice| {
            let known = self.lessons.get(&(config, choice.action.clone()));
            let mut tried = known.into_iter().flatten().flatten().peekable();
            choice.kind == Kind::State && tried.peek().is_some() && tried.all(|bent| *bent == Bent::Refused)
        };
        work.iter().all(refused)
    }

    /// Every form that may be tried, with its weight. What is no part of the work weighs little beside the work, however
    /// doubtful that is.
    fn tries(&self, config: u32, open: &[Choice], planned: Option<&ActionId>) -> Vec<Try> {
        let own = open.iter().any(|choice| !choice.aside && self.is_work(choice, config));
        let is_rare = |choice: &Choice| (own && choice.aside) || !self.is_work(choice, config);
        let weigh = |choice: &Choice, form: usize| {
            let known = self.lessons.get(&(config, choice.action.clone()));
            match (
                self.weight(choice),
                known.and_then(|known: &Vec<Option<Bent>>| known.get(form).copied().flatten()),
            ) {
                (Some(weight), _) => weight,
                // What was refused to one or led another astray may fit the next.
                (None, Some(bent)) => bent.weight().max(choice.likely.weight() / DOUBT),
                (None, None) => choice.likely.weight(),
            }
        };
        let samples = |choice: &Choice| self.samples.of_action(&choice.action).len();
        let first = planned.filter(|planned| open.iter().any(|choice| choice.action == **planned));
        let forms = |choice: &Choice| forms(choice, samples(choice));
        let work = open.iter().filter(|choice| !is_rare(choice));
        let best =
            work.flat_map(|choice| (0..forms(choice)).map(|form| weigh(choice, form))).max().unwrap_or(FULL);
        let mut tries = Vec::new();
        for (n, choice) in open.iter().enumerate() {
            let share = u32::try_from(samples(choice).max(1).min(forms(choice))).unwrap_or(1);
            let part = if is_rare(choice) { best.min(FULL) } else { FULL };
            for form in 0..forms(choice) {
                // A blank form is for where no test's fits.
                let blank = samples(choice) > 0 && form >= samples(choice);
                let other = first.is_some_and(|first| *first != choice.action);
                let weight = if is_rare(choice) && choice.aside {
                    weigh(choice, form).min(Bent::Back.weight())
                } else {
                    weigh(choice, form)
                };
                let weight = if blank || other { 0 } else { weight * SHARED * part / FULL / share };
                tries.push(Try { weight, choice: n, form });
            }
        }
        tries
    }

    /// The form as it is filled in.
    fn form(
        &mut self,
        number: usize,
        slot: &mut Slot,
        (case, actor): (&Case, &Actor),
        (choice, form): (&Choice, usize),
        now: Moment,
    ) -> Option<Act> {
        let mut fill = match choice.kind {
            Kind::Leg => self.of_leg(slot, choice),
            Kind::Vote => self.of_vote(case),
            Kind::State | Kind::Claim => BTreeMap::new(),
        };
        if choice.kind == Kind::State || (choice.kind == Kind::Claim && !choice.fields.is_empty()) {
            let levels = case.filing.levels.clone();
            let samples = self.samples.of_action(&choice.action).to_vec();
            let mut pen = Pen {
                law: &self.law,
                town: &self.town,
                dice: &mut self.dice,
                now,
                number,
                case: Some(case),
                levels: &levels,
                units: &mut slot.units,
            };
            if let Some(sample) = samples.get(form) {
                fill = pen.copy(sample);
                let missing = choice.fields.iter().filter(|id| !case.form.fields.contains_key(*id));
                if choice.kind == Kind::State && sample.fill.is_empty() {
                    pen.fill(missing, Lean::High, &mut fill);
                }
            } else {
                let lean = LEANS.get(form - samples.len()).copied().unwrap_or(Lean::Any);
                pen.fill(&choice.fields, lean, &mut fill);
            }
        }
        if choice.kind == Kind::Claim && choice.action.as_str() != "claim" {
            let mine = case.claims.all.iter().find(|claim| claim.state.is_open() && claim.is_of(actor))?;
            fill.retain(|id, _| choice.fields.iter().any(|field| field.as_str() == id));
            fill.insert("claim".to_string(), json!(mine.n));
        }
        Some(Act {
            action: choice.action.clone(),
            fill,
            reason: Some(REASON.to_string()),
            leg: choice.leg.clone(),
            seen: None,
        })
    }

    fn of_leg(&mut self, slot: &Slot, choice: &Choice) -> BTreeMap<String, Json> {
        let mut fill = BTreeMap::new();
        match choice.action.as_str() {
            "refuse" => {
                let at = slot.case.as_ref().zip(choice.leg.as_ref());
                let leg = at.and_then(|(case, unit)| case.legs.by_unit.get(unit));
                let known = leg.map(|leg| grounds(self.law.workflow, leg)).unwrap_or_default();
                fill.extend(known.first().map(|(id, _)| ("ground".to_string(), json!(id))));
                fill.insert("basis".to_string(), json!(REASON));
            }
            "rule" => {
                let keeps = self.dice.happens(3, 4);
                let taken = slot.units.values().collect();
                let instead = self.town.another(&mut self.dice, &taken).filter(|_| !keeps);
                let ruling = if instead.is_some() { "release" } else { "keep" };
                fill.insert("ruling".to_string(), json!(ruling));
                fill.extend(instead.map(|unit| ("instead".to_string(), json!(unit.as_str()))));
            }
            _ => {}
        }
        fill
    }

    fn of_vote(&mut self, case: &Case) -> BTreeMap<String, Json> {
        let open = case.votes.polls.values().find(|poll| poll.is_open());
        let options = open.map(|poll| {
            let all = poll.options.iter().filter(|option| !poll.struck.contains(*option));
            all.map(|option| option.as_str().to_string()).collect::<Vec<String>>()
        });
        let options = options.unwrap_or_default();
        if let Some(option) = self.dice.one_of(&options) {
            return BTreeMap::from([("options".to_string(), json!([option]))]);
        }
        let choice = if self.dice.happens(self.demand.agree, 100) { "agree" } else { "oppose" };
        BTreeMap::from([("choice".to_string(), json!(choice))])
    }

    /// Asks the machine, and the accounts of claimers that it names.
    pub(crate) fn ask(
        &mut self,
        slot: &Slot,
        case: &Case,
        actor: Actor,
        ask: Ask,
        now: Moment,
    ) -> Result<Decision, Refusal> {
        let law: Law<'_> = self.law.with_opened(&slot.opened);
        let salts = &mut self.salts;
        let decision = decide(&law, Some(case), &Command { actor, ask }, now, &mut || salt(salts))?;
        let mut after: Vec<(String, Option<Party>)> = Vec::new();
        for touch in &decision.touches {
            // Items on other lists are other cases: a simulation is about one workflow.
            let Touch::Party { party, claim, ask } = touch else { continue };
            let held = self.parties.get(party).cloned();
            let facts = party::decide(held.as_ref(), party, &case.filing.stream, *claim, ask, now)?;
            after.push((party.clone(), facts.iter().fold(held, party::evolve)));
        }
        for (id, party) in after {
            self.parties.extend(party.map(|party| (id, party)));
        }
        Ok(decision)
    }

    fn learn(&mut self, slot: &mut Slot, case: &Case, (choice, form): (&Choice, usize), decision: &Decision) {
        if choice.kind != Kind::State {
            return;
        }
        let before = (case, self.ways.left(self.law.workflow, case));
        let opens = decision.case.links.children > case.links.children;
        let bent = match self.ways.led(self.law.workflow, before, &decision.case) {
            // What is filled in on the side, or opens another case, is no part of the work here.
            Bent::Stay if opens || choice.likely < Bent::Stay => Bent::Back,
            bent => bent,
        };
        self.note(slot.config, &choice.action, form, bent);
        if case.chart.active.keys().eq(decision.case.chart.active.keys()) {
            slot.done.insert((choice.action.clone(), choice.leg.clone()));
        }
    }

    fn note(&mut self, config: u32, action: &ActionId, form: usize, bent: Bent) {
        let known = self.lessons.entry((config, action.clone())).or_default();
        if known.len() <= form {
            known.resize(form + 1, None);
        }
        if let Some(place) = known.get_mut(form) {
            *place = Some(bent);
        }
    }
}

/// What leads on weighs this.
const FULL: u32 = 100;
/// Of a form that was refused or led astray, this part of the weight stays.
const DOUBT: u32 = 5;
/// From which weight on something is part of the work.
const WORK: u32 = 30;

/// How many forms of a choice may be tried: those of the tests, then blank ones.
fn forms(choice: &Choice, samples: usize) -> usize {
    match choice.kind {
        Kind::Leg | Kind::Vote => 1,
        Kind::Claim if choice.fields.is_empty() => 1,
        Kind::State | Kind::Claim if choice.fields.is_empty() => samples.max(1),
        Kind::State | Kind::Claim => samples.min(SAMPLES_MOST) + LEANS.len(),
    }
}

/// The place of one that is drawn by weight; the first where nothing weighs anything.
fn draw(dice: &mut super::dice::Dice, weights: &[u32]) -> Option<usize> {
    let total: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    if weights.is_empty() || total == 0 {
        return (!weights.is_empty()).then_some(0);
    }
    let mut drawn = dice.below(total);
    weights.iter().position(|weight| {
        let here = drawn < u64::from(*weight);
        drawn = drawn.saturating_sub(u64::from(*weight));
        here
    })
}
