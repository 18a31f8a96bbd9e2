//! Appendix D of the W3C SCXML recommendation, line by line and in its own words: slow, obvious, and
//! without a line in common with the machine. What it calls a procedure is a method here.

use std::collections::{BTreeSet, VecDeque};

use super::random::{Chart, Guard, Kind, Set, Way};

/// The most microsteps of one macrostep.
const MICROSTEPS_MAX: u32 = 1000;

/// Which event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Sent from outside, or raised.
    Named(&'static str),
    /// `done.state.id`.
    Done(usize),
}

/// What can be seen of a macrostep from outside, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A transition without an event was taken: its source, and which of them.
    Moved(usize, usize),
    /// A transition with an event was taken: the event, its source, and which of them.
    Acted(String, usize, usize),
    /// A state was left.
    Left(usize),
    /// A state was entered.
    Entered(usize),
    /// A field was written.
    Filled(usize, i64),
    /// The event enabled nothing.
    Ignored,
    /// A state was entered that ends all.
    Ended,
}

/// A chart that runs.
#[derive(Clone, Debug)]
pub struct Interpreter<'c> {
    chart: &'c Chart,
    /// The active states.
    pub configuration: BTreeSet<usize>,
    /// What the fields hold.
    pub data: Vec<i64>,
    internal_queue: VecDeque<Event>,
    running: bool,
    microsteps: u32,
    /// What was seen of the last macrostep.
    pub seen: Vec<Seen>,
}

/// One transition: its source, its event, which of those of that event, and itself.
#[derive(Clone, Debug)]
struct Transition<'c> {
    source: usize,
    event: Option<Event>,
    nth: usize,
    way: &'c Way,
}

/// The macrostep has no end.
#[derive(Debug, PartialEq, Eq)]
pub struct Endless;

impl<'c> Interpreter<'c> {
    /// `interpret`, up to the main event loop.
    pub fn interpret(chart: &'c Chart) -> Result<Self, Endless> {
        let mut new = Self {
            chart,
            configuration: BTreeSet::new(),
            data: vec![0; super::random::FIELDS.len()],
            internal_queue: VecDeque::new(),
            running: true,
            microsteps: 0,
            seen: Vec::new(),
        };
        let mut to_enter = BTreeSet::new();
        new.add_descendant_states_to_enter(chart.initial, &mut to_enter);
        new.add_ancestor_states_to_enter(chart.initial, None, &mut to_enter);
        new.enter(&to_enter);
        new.macrostep()?;
        Ok(new)
    }

    /// One turn of `mainEventLoop`: an external event, and all that follows from it.
    pub fn external(&mut self, event: &'static str) -> Result<(), Endless> {
        (self.seen, self.microsteps) = (Vec::new(), 0);
        let enabled = match self.running {
            true => self.select_transitions(Some(&Event::Named(event))),
            false => Vec::new(),
        };
        match enabled.is_empty() {
            true => self.seen.push(Seen::Ignored),
            false => self.microstep(&enabled)?,
        }
        self.macrostep()
    }

    fn macrostep(&mut self) -> Result<(), Endless> {
        while self.running {
            let mut enabled = self.select_transitions(None);
            if enabled.is_empty() {
                let Some(event) = self.internal_queue.pop_front() else { return Ok(()) };
                enabled = self.select_transitions(Some(&event));
            }
            if !enabled.is_empty() {
                self.microstep(&enabled)?;
            }
        }
        Ok(())
    }

    /// `selectTransitions`, and `selectEventlessTransitions` where there is no event.
    fn select_transitions(&self, event: Option<&Event>) -> Vec<Transition<'c>> {
        let mut enabled: Vec<Transition<'c>> = Vec::new();
        for state in self.chart.in_document_order(&self.configuration) {
            if !self.chart.is_atomic(state) {
                continue;
            }
            let up = std::iter::once(state).chain(self.chart.proper_ancestors(state));
            let first = up.into_iter().find_map(|s| self.first_enabled(s, event));
            // An ordered set: what two atomic states share is in it once.
            if let Some(new) = first
                && enabled.iter().all(|old| (old.source, old.nth) != (new.source, new.nth))
            {
                enabled.push(new);
            }
        }
        self.remove_conflicting_transitions(enabled)
    }

    fn first_enabled(&self, source: usize, event: Option<&Event>) -> Option<Transition<'c>> {
        let state = &self.chart.states[source];
        let ways = match event {
            None => Some(&state.always),
            Some(Event::Named(name)) => state.on.get(name),
            Some(Event::Done(of)) => (*of == source).then_some(&state.done),
        };
        let mut open = ways.into_iter().flatten().enumerate().filter(|(_, way)| self.holds(&way.when));
        open.next().map(|(nth, way)| Transition { source, event: event.cloned(), nth, way })
    }

    fn remove_conflicting_transitions(&self, enabled: Vec<Transition<'c>>) -> Vec<Transition<'c>> {
        let mut filtered: Vec<Transition<'c>> = Vec::new();
        for t1 in enabled {
            let mut preempted = false;
            let mut to_remove = BTreeSet::new();
            for t2 in &filtered {
                let (left1, left2) = (
                    self.compute_exit_set(std::slice::from_ref(&t1)),
                    self.compute_exit_set(std::slice::from_ref(t2)),
                );
                if left1.intersection(&left2).next().is_none() {
                    continue;
                }
                if self.chart.is_descendant(t1.source, t2.source) {
                    to_remove.insert(t2.source);
                } else {
                    preempted = true;
                    break;
                }
            }
            if !preempted {
                filtered.retain(|t| !to_remove.contains(&t.source));
                filtered.push(t1);
            }
        }
        filtered
    }

    fn microstep(&mut self, enabled: &[Transition<'c>]) -> Result<(), Endless> {
        self.microsteps += 1;
        if self.microsteps > MICROSTEPS_MAX {
            return Err(Endless);
        }
        self.exit_states(enabled);
        for transition in enabled {
            self.execute_content(transition);
        }
        self.enter_states(enabled);
        Ok(())
    }

    fn compute_exit_set(&self, transitions: &[Transition<'_>]) -> BTreeSet<usize> {
        let mut to_exit = BTreeSet::new();
        for t in transitions {
            let Some(target) = t.way.go else { continue };
            let domain = self.transition_domain(t.source, target);
            let inside = |s: &&usize| domain.is_none_or(|domain| self.chart.is_descendant(**s, domain));
            to_exit.extend(self.configuration.iter().filter(inside));
        }
        to_exit
    }

    /// `getTransitionDomain` of a transition that is not internal: `findLCCA` of source and target;
    /// nothing stands for the whole chart.
    fn transition_domain(&self, source: usize, target: usize) -> Option<usize> {
        let compound = |s: &usize| self.chart.states[*s].kind == Kind::Compound;
        let holds_both = |s: &usize| self.chart.is_descendant(target, *s);
        self.chart.proper_ancestors(source).into_iter().filter(compound).find(holds_both)
    }

    fn exit_states(&mut self, enabled: &[Transition<'_>]) {
        let to_exit = self.chart.in_document_order(&self.compute_exit_set(enabled));
        for s in to_exit.into_iter().rev() {
            let state = &self.chart.states[s];
            self.raise(&state.leave_raise);
            self.assign(state.leave_set.as_ref());
            self.configuration.remove(&s);
            self.seen.push(Seen::Left(s));
        }
    }

    fn execute_content(&mut self, transition: &Transition<'_>) {
        let Transition { source, event, nth, way } = transition;
        self.seen.push(match event {
            None => Seen::Moved(*source, *nth),
            Some(Event::Named(name)) => Seen::Acted((*name).to_string(), *source, *nth),
            Some(Event::Done(_)) => Seen::Acted("done".to_string(), *source, *nth),
        });
        self.assign(way.set.as_ref());
        self.raise(&way.raise);
    }

    fn enter_states(&mut self, enabled: &[Transition<'_>]) {
        let mut to_enter = BTreeSet::new();
        for t in enabled {
            let Some(target) = t.way.go else { continue };
            self.add_descendant_states_to_enter(target, &mut to_enter);
            let ancestor = self.transition_domain(t.source, target);
            self.add_ancestor_states_to_enter(target, ancestor, &mut to_enter);
        }
        self.enter(&to_enter);
    }

    fn enter(&mut self, to_enter: &BTreeSet<usize>) {
        for s in self.chart.in_document_order(to_enter) {
            let state = &self.chart.states[s];
            self.configuration.insert(s);
            self.seen.push(Seen::Entered(s));
            self.raise(&state.enter_raise);
            self.assign(state.enter_set.as_ref());
            match (state.kind, state.parent) {
                (Kind::Final, Some(parent)) => {
                    self.internal_queue.push_back(Event::Done(parent));
                    let grandparent = self.chart.states[parent].parent;
                    if let Some(grandparent) = grandparent
                        && self.chart.states[grandparent].kind == Kind::Parallel
                        && self.chart.children(grandparent).into_iter().all(|s| self.is_in_final_state(s))
                    {
                        self.internal_queue.push_back(Event::Done(grandparent));
                    }
                }
                (Kind::Final, None) => {
                    self.running = false;
                    self.seen.push(Seen::Ended);
                }
                (Kind::Atomic | Kind::Compound | Kind::Parallel, _) => {}
            }
        }
    }

    fn add_descendant_states_to_enter(&self, state: usize, to_enter: &mut BTreeSet<usize>) {
        to_enter.insert(state);
        match self.chart.states[state].kind {
            Kind::Compound => {
                let initial = self.chart.initial_of(state);
                self.add_descendant_states_to_enter(initial, to_enter);
                self.add_ancestor_states_to_enter(initial, Some(state), to_enter);
            }
            Kind::Parallel => self.add_regions(state, to_enter),
            Kind::Atomic | Kind::Final => {}
        }
    }

    fn add_ancestor_states_to_enter(
        &self,
        state: usize,
        ancestor: Option<usize>,
        to_enter: &mut BTreeSet<usize>,
    ) {
        for above in self.chart.proper_ancestors(state).into_iter().take_while(|s| Some(*s) != ancestor) {
            to_enter.insert(above);
            if self.chart.states[above].kind == Kind::Parallel {
                self.add_regions(above, to_enter);
            }
        }
    }

    fn add_regions(&self, parallel: usize, to_enter: &mut BTreeSet<usize>) {
        for child in self.chart.children(parallel) {
            if !to_enter.iter().any(|s| *s == child || self.chart.is_descendant(*s, child)) {
                self.add_descendant_states_to_enter(child, to_enter);
            }
        }
    }

    fn is_in_final_state(&self, state: usize) -> bool {
        let mut children = self.chart.children(state).into_iter();
        match self.chart.states[state].kind {
            Kind::Compound => {
                children.any(|s| self.chart.states[s].kind == Kind::Final && self.configuration.contains(&s))
            }
            Kind::Parallel => children.all(|s| self.is_in_final_state(s)),
            Kind::Atomic | Kind::Final => false,
        }
    }

    fn raise(&mut self, events: &[&'static str]) {
        self.internal_queue.extend(events.iter().map(|name| Event::Named(name)));
    }

    fn assign(&mut self, set: Option<&(usize, Set)>) {
        let Some((field, set)) = set else { return };
        let value = match set {
            Set::Add(n) => self.data[*field] + n,
            Set::Is(n) => *n,
        };
        self.data[*field] = value;
        self.seen.push(Seen::Filled(*field, value));
    }

    fn holds(&self, guard: &Guard) -> bool {
        match guard {
            Guard::Always => true,
            Guard::Less(field, than) => self.data[*field] < *than,
            Guard::In(state) => self.configuration.contains(state),
            Guard::NotIn(state) => !self.configuration.contains(state),
        }
    }
}
