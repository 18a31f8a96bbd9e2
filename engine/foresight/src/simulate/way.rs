//! Ways: how far each state is from a good end, so that people can be taken to want to get there.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::cmp::Ordering;
use paidan_machine::{Case, chart};
use paidan_model::id::{ActionId, OutcomeId, StateId};
use paidan_model::outcome::Class;
use paidan_model::state::{Action, Alternative, State, Target};
use paidan_model::workflow::Workflow;

/// The distance of a state from which no good end can be reached.
const NOWHERE: u32 = 1_000;
/// What a move costs: by an action of the state itself, by one of a parent, by a timer.
const COST: (u32, u32, u32) = (1, 2, 4);

/// Where a doing leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bent {
    /// It was refused.
    Refused,
    /// To an end that nobody wanted.
    End,
    /// Away from a good end.
    Back,
    /// Nowhere: something was filled in.
    Stay,
    /// Deeper in, though no nearer to a good end.
    Deeper,
    /// Towards a good end.
    Forward,
}

impl Bent {
    /// How often it is chosen, beside others.
    pub(crate) fn weight(self) -> u32 {
        match self {
            Self::Refused => 1,
            Self::End => 3,
            Self::Back => 6,
            Self::Stay => 40,
            Self::Deeper => 20,
            Self::Forward => 100,
        }
    }

    /// Whether it is part of the work, rather than a rare turn of it.
    pub(crate) fn is_work(self) -> bool {
        matches!(self, Self::Stay | Self::Forward)
    }
}

/// How far every state of a workflow is from a good end.
pub(crate) struct Ways {
    far: BTreeMap<StateId, u32>,
    /// How far every state is from where a case begins.
    deep: BTreeMap<StateId, u32>,
    good: Vec<OutcomeId>,
}

impl Ways {
    pub(crate) fn of(workflow: &Workflow) -> Self {
        let ends: Vec<OutcomeId> =
            workflow.states.values().filter_map(|state| state.outcome.clone()).collect();
        // What cases are opened for.
        let solved = |end: &&OutcomeId| workflow.class_of(end) == Class::Solved;
        let wanted: Vec<OutcomeId> = ends.iter().filter(solved).cloned().collect();
        let good = if wanted.is_empty() { ends } else { wanted };
        let is_good = |state: &State| state.outcome.as_ref().is_some_and(|end| good.contains(end));
        let goals = workflow.states.iter().filter(|(_, state)| is_good(state)).map(|(id, _)| id);
        let edges = edges(workflow);
        let back: Vec<Edge<'_>> = edges.iter().map(|(from, to, cost)| (*to, *from, *cost)).collect();
        let begins = workflow.start.iter().map(|start| entered(workflow, start));
        let (far, deep) = (spread(goals, &back, workflow), spread(begins, &edges, workflow));
        Self { far, deep, good }
    }

    fn from(&self, state: &StateId) -> u32 {
        self.far.get(state).copied().unwrap_or(NOWHERE)
    }

    fn depth(&self, state: &StateId) -> u32 {
        self.deep.get(state).copied().unwrap_or(0)
    }

    /// How far a case is, and how deep in: the sums over its leaves.
    pub(crate) fn left(&self, workflow: &Workflow, case: &Case) -> (u32, u32) {
        let leaves = chart::leaves(workflow, case);
        (leaves.iter().map(|leaf| self.from(leaf)).sum(), leaves.iter().map(|leaf| self.depth(leaf)).sum())
    }

    /// Where an action of a state is likely to lead, before anybody has tried.
    pub(crate) fn likely(&self, workflow: &Workflow, left: (u32, u32), action: &Action) -> Bent {
        let of = |target: &StateId| {
            let end = workflow.states.get(target).and_then(|state| state.outcome.as_ref());
            match end {
                Some(end) if !self.good.contains(end) => Bent::End,
                _ => {
                    let leaf = entered(workflow, target);
                    towards(left, (self.from(leaf), self.depth(leaf)))
                }
            }
        };
        let back = |way: &Alternative| matches!(way.go, Some(Target::Back | Target::BackDeep));
        let led = |way: &Alternative| {
            let there = targets(workflow, way.go.as_ref(), &way.raise).into_iter().map(of).max();
            there.unwrap_or(if back(way) || way.open.is_some() { Bent::Back } else { Bent::Stay })
        };
        action.alternatives.iter().map(led).max().unwrap_or(Bent::Stay)
    }

    /// Where a case was led.
    pub(crate) fn led(&self, workflow: &Workflow, before: (&Case, (u32, u32)), after: &Case) -> Bent {
        if let Some(end) = &after.life.outcome {
            return if self.good.contains(end) { Bent::Forward } else { Bent::End };
        }
        if before.0.chart.active.keys().eq(after.chart.active.keys())
            && before.0.chart.round == after.chart.round
        {
            return Bent::Stay;
        }
        towards(before.1, self.left(workflow, after))
    }
}

/// Where a move leads from one distance and depth to another.
fn towards(before: (u32, u32), after: (u32, u32)) -> Bent {
    match after.0.cmp(&before.0) {
        Ordering::Less => Bent::Forward,
        Ordering::Equal if after.1 > before.1 => Bent::Deeper,
        Ordering::Equal | Ordering::Greater => Bent::Back,
    }
}

/// The shortest distance of each state from the nearest of some, along edges.
fn spread<'w>(
    from: impl Iterator<Item = &'w StateId>,
    edges: &[Edge<'w>],
    workflow: &Workflow,
) -> BTreeMap<StateId, u32> {
    let mut found: BTreeMap<StateId, u32> = from.map(|id| (id.clone(), 0)).collect();
    // The longest way without a circle has as many moves as there are states.
    for _ in 0..workflow.states.len() {
        let mut shorter = Vec::new();
        for (from, to, cost) in edges {
            let through = found.get(*from).map(|so_far| so_far + cost);
            let held = found.get(*to).copied().unwrap_or(NOWHERE);
            shorter.extend(through.filter(|through| *through < held).map(|through| (*to, through)));
        }
        if shorter.is_empty() {
            break;
        }
        for (id, distance) in shorter {
            let held = found.entry(id.clone()).or_insert(NOWHERE);
            *held = distance.min(*held);
        }
    }
    found
}

/// The leaf that is entered with a state, the first of several.
fn entered<'w>(workflow: &'w Workflow, state: &'w StateId) -> &'w StateId {
    let mut at = state;
    for _ in 0..workflow.states.len() {
        match workflow.states.get(at).and_then(|state| state.start.first()) {
            Some(start) => at = start,
            None => break,
        }
    }
    at
}

/// Where a move leads: its own target, and those of whatever listens to what it raises.
fn targets<'w>(w: &'w Workflow, go: Option<&'w Target>, raise: &'w [ActionId]) -> Vec<&'w StateId> {
    let state = |target: &'w Target| match target {
        Target::State(state) => Some(state),
        Target::Back | Target::BackDeep => None,
    };
    let own = go.and_then(state);
    if raise.is_empty() {
        return own.into_iter().collect();
    }
    let heard = w.states.values().flat_map(|state| &state.on).filter(|(name, _)| raise.contains(name));
    let heard = heard.flat_map(|(_, action)| &action.alternatives).filter_map(|way| way.go.as_ref());
    own.into_iter().chain(heard.filter_map(state)).collect()
}

/// The events that something in the workflow raises: nobody does them.
fn raised<'w>(workflow: &'w Workflow) -> BTreeSet<&'w ActionId> {
    let of = |state: &'w State| {
        let State { enter, leave, on, always, .. } = state;
        let ways = on.values().flat_map(|action| &action.alternatives).chain(always.iter());
        enter.raise.iter().chain(&leave.raise).chain(ways.flat_map(|way| &way.raise))
    };
    workflow.states.values().flat_map(of).collect()
}

type Edge<'w> = (&'w StateId, &'w StateId, u32);

fn edges<'w>(workflow: &'w Workflow) -> Vec<Edge<'w>> {
    let raised = raised(workflow);
    let mut found: Vec<Edge<'w>> = Vec::new();
    for (id, state) in &workflow.states {
        let mut lead = |state: &'w State, cost| {
            let done = state.on.iter().filter(|(name, _)| !raised.contains(name));
            let ways = done.flat_map(|(_, action)| &action.alternatives).chain(&state.always);
            let led = ways.flat_map(|way| targets(workflow, way.go.as_ref(), &way.raise));
            found.extend(led.map(|to| (id, entered(workflow, to), cost)));
            found.extend(state.after.iter().map(|after| (id, entered(workflow, &after.go), COST.2)));
        };
        lead(state, COST.0);
        workflow
            .ancestors(id)
            .filter_map(|parent| workflow.states.get(parent))
            .for_each(|above| lead(above, COST.1));
        // What is raised on the way in leads on; entering a parent enters its start; a final child ends its parent.
        let heard = targets(workflow, None, &state.enter.raise).into_iter();
        found.extend(heard.map(|to| (id, entered(workflow, to), COST.0)));
        found.extend(state.start.iter().map(|start| (id, start, 0)));
        if state.end {
            found.extend(state.parent.iter().map(|parent| (id, parent, COST.0)));
        }
    }
    found
}
