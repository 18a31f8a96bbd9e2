//! The statechart: nested and parallel states, history, guarded alternatives, raised events.
//!
//! Follows appendix D of the W3C SCXML recommendation; where document order decides there, rank and
//! then id decide here.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;
use paidan_model::id::{ActionId, OutcomeId, StateId};
use paidan_model::state::{Action, Alternative, Effects, Target};
use paidan_model::workflow::Workflow;

use crate::case::Case;
use crate::fact::{CaseFact, Fact, FormFact, LinkFact, PeopleFact, StateFact};
use crate::refusal::{Code, Refusal};
pub use crate::states::leaves;
use crate::states::{is_inside, path};
use crate::step::{Event, Step};

/// The most moves of one step.
pub const MOVES_MAX: u32 = 1000;

/// One move that is enabled.
#[derive(Clone, Debug)]
pub(crate) struct Move<'a> {
    /// The state it belongs to.
    pub source: StateId,
    /// The states it goes to; none: it stays.
    pub targets: Option<Vec<StateId>>,
    /// What happens on the way.
    pub way: Option<&'a Alternative>,
    /// The action or event, and which of its alternatives.
    pub action: Option<(ActionId, u32)>,
}

/// The moves that an event enables, one for each region; `may` says whether an action is open to the asker.
pub(crate) fn enabled<'a>(
    step: &Step<'a>,
    event: &Event,
    may: &dyn Fn(&StateId, &Action) -> bool,
) -> Result<Vec<Move<'a>>, Refusal> {
    let workflow = step.workflow();
    let mut found: Vec<Move<'a>> = Vec::new();
    for leaf in leaves(workflow, &step.case) {
        for state in core::iter::once(leaf).chain(workflow.ancestors(leaf)) {
            if event.of.as_ref().is_some_and(|of| of != state) {
                continue;
            }
            let Some(action) = workflow.states.get(state).and_then(|s| s.on.get(&event.name)) else {
                continue;
            };
            if !may(state, action) {
                continue;
            }
            if let Some((n, way)) = first_open(step, &action.alternatives, event.name.as_str())? {
                push_once(&mut found, step, state, way, Some((event.name.clone(), n)));
                break;
            }
        }
    }
    Ok(without_conflicts(workflow, &step.case, found))
}

/// The eventless moves that are enabled.
fn eventless<'a>(step: &Step<'a>) -> Result<Vec<Move<'a>>, Refusal> {
    let workflow = step.workflow();
    let mut found = Vec::new();
    for leaf in leaves(workflow, &step.case) {
        for state in core::iter::once(leaf).chain(workflow.ancestors(leaf)) {
            let Some(declared) = workflow.states.get(state) else {
                continue;
            };
            if let Some((_, way)) = first_open(step, &declared.always, "always")? {
                push_once(&mut found, step, state, way, None);
                break;
            }
        }
    }
    Ok(without_conflicts(workflow, &step.case, found))
}

fn first_open<'a>(
    step: &Step<'_>,
    ways: &'a [Alternative],
    name: &str,
) -> Result<Option<(u32, &'a Alternative)>, Refusal> {
    for (n, way) in (0u32..).zip(ways) {
        if step.holds(way.when.as_ref(), name)? {
            return Ok(Some((n, way)));
        }
    }
    Ok(None)
}

fn push_once<'a>(
    found: &mut Vec<Move<'a>>,
    step: &Step<'a>,
    source: &StateId,
    way: &'a Alternative,
    action: Option<(ActionId, u32)>,
) {
    if found.iter().any(|m| m.source == *source) {
        return;
    }
    let targets = way.go.as_ref().map(|go| match go {
        Target::State(state) => vec![state.clone()],
        Target::Back => remembered(step, source, false),
        Target::BackDeep => remembered(step, source, true),
    });
    found.push(Move { source: source.clone(), targets, way: Some(way), action });
}

/// Where `back` leads from a state: into the outermost state that the move into it left.
fn remembered(step: &Step<'_>, source: &StateId, deep: bool) -> Vec<StateId> {
    let workflow = step.workflow();
    let from = step.case.chart.active.get(source).map(|entry| entry.from.as_slice()).unwrap_or_default();
    let Some(top) = from.iter().min_by_key(|id| path(workflow, id)) else {
        return vec![source.clone()];
    };
    let inside =
        |of: &StateId| from.iter().filter(|id| is_inside(workflow, id, of)).cloned().collect::<Vec<_>>();
    if deep {
        let all = inside(top);
        let leaf = |id: &StateId| !all.iter().any(|other| is_inside(workflow, other, id));
        let leaves: Vec<_> = all.iter().filter(|id| leaf(id)).cloned().collect();
        return if leaves.is_empty() { vec![top.clone()] } else { leaves };
    }
    let parallel = workflow.states.get(top).is_some_and(|s| s.parallel);
    let child = inside(top).into_iter().find(|id| workflow.ancestors(id).next() == Some(top));
    match child {
        Some(child) if !parallel => vec![child],
        Some(_) | None => vec![top.clone()],
    }
}

/// The state that stays active around a move: the nearest that holds source and targets and is no region's edge.
fn domain(workflow: &Workflow, source: &StateId, targets: &[StateId]) -> Option<StateId> {
    workflow
        .ancestors(source)
        .find(|above| {
            let compound = workflow.states.get(*above).is_some_and(|s| !s.parallel);
            compound && targets.iter().all(|target| is_inside(workflow, target, above))
        })
        .cloned()
}

fn exits(workflow: &Workflow, case: &Case, way: &Move<'_>) -> BTreeSet<StateId> {
    let Some(targets) = &way.targets else {
        return BTreeSet::new();
    };
    let around = domain(workflow, &way.source, targets);
    let inside = |id: &&StateId| around.as_ref().is_none_or(|around| is_inside(workflow, id, around));
    case.chart.active.keys().filter(inside).cloned().collect()
}

fn without_conflicts<'a>(workflow: &Workflow, case: &Case, found: Vec<Move<'a>>) -> Vec<Move<'a>> {
    let mut kept: Vec<(Move<'a>, BTreeSet<StateId>)> = Vec::new();
    for candidate in found {
        let left = exits(workflow, case, &candidate);
        let rivals: Vec<bool> = kept.iter().map(|(_, other)| !other.is_disjoint(&left)).collect();
        let loses = kept
            .iter()
            .zip(&rivals)
            .any(|((other, _), rival)| *rival && !is_inside(workflow, &candidate.source, &other.source));
        if loses {
            continue;
        }
        let mut rivals = rivals.into_iter();
        kept.retain(|_| !rivals.next().unwrap_or(false));
        kept.push((candidate, left));
    }
    kept.into_iter().map(|(way, _)| way).collect()
}

/// Takes the moves as one: leave, do, enter.
pub(crate) fn take(step: &mut Step<'_>, moves: &[Move<'_>]) -> Result<(), Refusal> {
    let workflow = step.workflow();
    step.moves += 1;
    if step.moves > MOVES_MAX {
        return Err(Refusal::new(Code::TooManySteps).with("limit", MOVES_MAX));
    }
    let mut left = BTreeSet::new();
    for way in moves {
        left.extend(exits(workflow, &step.case, way));
    }
    let mut order: Vec<StateId> = left.iter().cloned().collect();
    order.sort_by_cached_key(|id| core::cmp::Reverse(path(workflow, id)));
    for state in &order {
        leave(step, state)?;
    }
    for way in moves {
        do_way(step, way)?;
    }
    let mut entered = BTreeSet::new();
    for way in moves {
        if let Some(targets) = &way.targets {
            let around = domain(workflow, &way.source, targets);
            collect_entries(workflow, targets, around.as_ref(), &mut entered);
        }
    }
    enter_all(step, entered, &order)
}

/// Enters the states where a case begins.
pub(crate) fn start(step: &mut Step<'_>) -> Result<(), Refusal> {
    let workflow = step.workflow();
    let mut entered = BTreeSet::new();
    collect_entries(workflow, &workflow.start, None, &mut entered);
    enter_all(step, entered, &[])
}

/// Moves the case to a state from wherever it is, as a take-over does.
pub(crate) fn go_to(step: &mut Step<'_>, target: &StateId) -> Result<(), Refusal> {
    let workflow = step.workflow();
    let leaf = leaves(workflow, &step.case).into_iter().next().cloned();
    let Some(source) = leaf else { return Ok(()) };
    let way = Move { source, targets: Some(vec![target.clone()]), way: None, action: None };
    take(step, &[way])
}

fn collect_entries(
    workflow: &Workflow,
    targets: &[StateId],
    around: Option<&StateId>,
    entered: &mut BTreeSet<StateId>,
) {
    let mut above: Vec<StateId> = Vec::new();
    for target in targets {
        entered.insert(target.clone());
        for id in workflow.ancestors(target).take_while(|id| Some(*id) != around) {
            if entered.insert(id.clone()) || !above.contains(id) {
                above.push(id.clone());
            }
        }
    }
    for target in targets {
        complete_down(workflow, target, entered);
    }
    for id in above {
        complete_down(workflow, &id, entered);
    }
}

/// Adds what a state needs below it: every region of a parallel one, the start of a compound one.
fn complete_down(workflow: &Workflow, state: &StateId, entered: &mut BTreeSet<StateId>) {
    let children = workflow.children(Some(state));
    if children.is_empty() {
        return;
    }
    let has = |child: &StateId, entered: &BTreeSet<StateId>| {
        entered.contains(child) || entered.iter().any(|id| is_inside(workflow, id, child))
    };
    let parallel = workflow.states.get(state).is_some_and(|s| s.parallel);
    if parallel {
        for child in children {
            if !has(child, entered) {
                entered.insert(child.clone());
            }
            complete_down(workflow, child, entered);
        }
    } else if !children.iter().any(|child| has(child, entered)) {
        let declared = workflow.states.get(state).map(|s| s.start.clone()).unwrap_or_default();
        let starts = match (declared.is_empty(), children.first()) {
            (true, Some(first)) => vec![(*first).clone()],
            _ => declared,
        };
        collect_entries(workflow, &starts, Some(state), entered);
    } else {
        for child in
            children.into_iter().filter(|child| entered.contains(*child)).cloned().collect::<Vec<_>>()
        {
            complete_down(workflow, &child, entered);
        }
    }
}

fn leave(step: &mut Step<'_>, state: &StateId) -> Result<(), Refusal> {
    let workflow = step.workflow();
    if let Some(declared) = workflow.states.get(state) {
        effects(step, &declared.leave)?;
    }
    step.note(StateFact::Left { state: state.clone() });
    crate::clock::disarm_state(step, state);
    if let Some(vote) = workflow.states.get(state).and_then(|s| s.vote.as_ref()) {
        crate::vote::leave(step, vote);
    }
    Ok(())
}

fn enter_all(step: &mut Step<'_>, entered: BTreeSet<StateId>, left: &[StateId]) -> Result<(), Refusal> {
    let workflow = step.workflow();
    let mut order: Vec<StateId> =
        entered.into_iter().filter(|id| !step.case.chart.active.contains_key(id)).collect();
    order.sort_by_cached_key(|id| path(workflow, id));
    for state in &order {
        enter(step, state, left)?;
        if step.case.is_closed() {
            break;
        }
    }
    Ok(())
}

fn enter(step: &mut Step<'_>, state: &StateId, left: &[StateId]) -> Result<(), Refusal> {
    let workflow = step.workflow();
    let Some(declared) = workflow.states.get(state) else {
        return Ok(());
    };
    crate::form::demand_before(step, state)?;
    step.note(StateFact::Entered { state: state.clone(), at: step.now, from: left.to_vec() });
    crate::clock::arm_state(step, state)?;
    if let Some(handoff) = &declared.handoff {
        crate::handoff::begin(step, handoff)?;
    }
    if let Some(vote) = &declared.vote {
        crate::vote::open(step, vote)?;
    }
    let own = declared.enter != Effects::default();
    if declared.outcome.is_some() && !own {
        effects(step, &workflow.at_end)?;
    } else {
        effects(step, &declared.enter)?;
    }
    match &declared.outcome {
        Some(outcome) => end(step, outcome),
        None if declared.end => raise_done(step, state),
        None => {}
    }
    Ok(())
}

fn end(step: &mut Step<'_>, outcome: &OutcomeId) {
    step.queue.clear();
    crate::handoff::accept_all(step);
    let class = Some(step.workflow().class_of(outcome));
    step.note(CaseFact::Ended { outcome: outcome.clone(), class, at: step.now });
}

fn raise_done(step: &mut Step<'_>, state: &StateId) {
    let workflow = step.workflow();
    let mut above = workflow.ancestors(state);
    let Some(parent) = above.next() else { return };
    step.raise_named("done", Some(parent));
    let Some(grand) = above.next() else { return };
    let parallel = workflow.states.get(grand).is_some_and(|s| s.parallel);
    if parallel && workflow.children(Some(grand)).into_iter().all(|region| has_ended(step, region)) {
        step.raise_named("done", Some(grand));
    }
}

/// Whether a region has come to its end; one that is parallel itself when all of its own have.
fn has_ended(step: &Step<'_>, region: &StateId) -> bool {
    let workflow = step.workflow();
    let ends = |id: &StateId| {
        workflow.states.get(id).is_some_and(|s| s.end) && step.case.chart.active.contains_key(id)
    };
    let children = workflow.children(Some(region));
    let parallel = workflow.states.get(region).is_some_and(|s| s.parallel);
    if parallel && !children.is_empty() {
        return children.into_iter().all(|inner| has_ended(step, inner));
    }
    ends(region) || children.into_iter().any(ends)
}

fn do_way(step: &mut Step<'_>, way: &Move<'_>) -> Result<(), Refusal> {
    if let Some((action, n)) = &way.action {
        let fact = Fact::Case(CaseFact::Acted {
            action: action.clone(),
            leg: None,
            state: Some(way.source.clone()),
            way: Some(*n),
        });
        step.note(fact);
    }
    let Some(alternative) = way.way else { return Ok(()) };
    let declared = step.workflow().states.get(&way.source);
    let always = declared.into_iter().flat_map(|state| state.always.iter().enumerate());
    let taken =
        always.filter(|(_, one)| core::ptr::eq(*one, alternative)).map(|(n, _)| (way.source.clone(), n));
    step.eventless.extend(taken);
    crate::form::set(step, &alternative.set)?;
    for field in &alternative.clear {
        step.note(FormFact::Cleared { field: field.clone() });
    }
    if let Some(split) = &alternative.join_late {
        crate::split::settle(step)?;
        crate::split::join(step, split)?;
    }
    if alternative.next_round {
        let rounds = step.workflow().rounds;
        if step.case.chart.round >= rounds {
            return Err(Refusal::new(Code::RoundsUsed).with("rounds", rounds));
        }
        step.note(StateFact::RoundBegan { round: step.case.chart.round + 1 });
    }
    for event in &alternative.raise {
        step.raise(event);
    }
    if let Some(open) = &alternative.open {
        crate::form::ask_child(step, open);
    }
    Ok(())
}

/// Does what a state says about its way in or out.
pub(crate) fn effects(step: &mut Step<'_>, effects: &Effects) -> Result<(), Refusal> {
    for notice in &effects.notify {
        crate::message::notify(step, notice)?;
    }
    for role in &effects.copy {
        let to = crate::audience::resolve(step.workflow(), &step.case, role, None);
        step.note(PeopleFact::Copied { to });
    }
    for event in &effects.raise {
        step.raise(event);
    }
    crate::form::set(step, &effects.set)?;
    if let Some(open) = &effects.open {
        crate::form::ask_child(step, open);
    }
    if let Some(event) = effects.report.as_ref().filter(|_| step.case.filing.parent.is_some()) {
        step.note(LinkFact::Reported { event: event.clone() });
    }
    Ok(())
}

/// Works off eventless moves, raised events and joins until the chart rests.
pub(crate) fn settle(step: &mut Step<'_>) -> Result<(), Refusal> {
    while !step.case.is_closed() {
        let moves = eventless(step)?;
        if !moves.is_empty() {
            take(step, &moves)?;
            continue;
        }
        if let Some(event) = step.queue.pop_front() {
            let moves = enabled(step, &event, &|_, _| true)?;
            if !moves.is_empty() {
                take(step, &moves)?;
            }
            continue;
        }
        if !crate::handoff::join(step)? && !crate::vote::settle(step)? {
            break;
        }
    }
    Ok(())
}
