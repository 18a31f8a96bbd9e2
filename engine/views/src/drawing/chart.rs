//! What is to be drawn: states as a tree, moves between them, and what each level of the tree sees of a move.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_model::id::{ActionId, StateId};
use paidan_model::state::{Limit, Target};
use paidan_model::text::Tongue;
use paidan_model::workflow::Workflow;

use super::words::{self, LABEL_SIZE, TITLE_SIZE};

/// A state.
pub struct Node {
    pub id: StateId,
    /// The whole title.
    pub title: String,
    /// The title as drawn.
    pub lines: Vec<String>,
    pub parent: Option<usize>,
    pub children: Vec<usize>,
    pub ends: bool,
    pub parallel: bool,
    /// Whether the workflow begins here, or only its parent.
    pub entry: Option<Entry>,
}

/// How a state is entered without a move.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    Case,
    Parent,
}

/// What makes a move happen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Action,
    Timer,
    Always,
}

/// A move; several actions of one way share it.
pub struct Edge {
    pub from: usize,
    pub to: usize,
    pub kind: Kind,
    /// Actions and timers, as they are called in the definition.
    pub by: Vec<String>,
    pub labels: Vec<String>,
    /// Whether it leads up, against the flow.
    pub back: bool,
}

/// One end of what a level sees of a move: a child, or the level's own border.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    Child(usize),
    Top,
    Bottom,
}

/// The part of a move on one level.
pub struct Link {
    pub edge: usize,
    /// Order along the move.
    pub step: usize,
    pub from: End,
    pub to: End,
    pub labelled: bool,
}

/// Everything that is drawn.
pub struct Chart {
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
}

impl Chart {
    /// Reads a workflow.
    pub fn new(workflow: &Workflow, tongue: Tongue) -> Self {
        let index: BTreeMap<&StateId, usize> = workflow.states.keys().zip(0..).collect();
        let mut inner = BTreeSet::new();
        workflow.states.values().for_each(|state| inner.extend(state.start.iter()));
        let mut nodes: Vec<Node> = Vec::new();
        for (id, state) in &workflow.states {
            let title = state.title.in_tongue(tongue);
            let title = if title.trim().is_empty() { id.as_str() } else { title };
            let rooted = workflow.ancestors(id).take(workflow.states.len()).count() < workflow.states.len();
            let entry = match (workflow.start.contains(id), inner.contains(id)) {
                (true, _) => Some(Entry::Case),
                (false, true) => Some(Entry::Parent),
                _ => None,
            };
            nodes.push(Node {
                id: id.clone(),
                title: title.to_string(),
                lines: words::wrap(title, TITLE_SIZE),
                parent: state.parent.as_ref().and_then(|p| index.get(p)).copied().filter(|_| rooted),
                children: Vec::new(),
                ends: state.outcome.is_some(),
                parallel: state.parallel,
                entry,
            });
        }
        let ranked = |at: &usize| nodes.get(*at).and_then(|n| workflow.states.get(&n.id)).map(|s| s.rank);
        let mut order: Vec<usize> = (0..nodes.len()).collect();
        order.sort_by_key(ranked);
        for child in order {
            let parent = nodes.get(child).and_then(|node| node.parent);
            if let Some(parent) = parent.and_then(|p| nodes.get_mut(p)) {
                parent.children.push(child);
            }
        }
        Self { nodes, edges: edges(workflow, tongue, &index) }
    }

    /// The children of a state, or the states at the top.
    pub fn children(&self, parent: Option<usize>) -> Vec<usize> {
        match parent {
            Some(at) => self.nodes.get(at).map(|node| node.children.clone()).unwrap_or_default(),
            None => (0..self.nodes.len())
                .filter(|at| self.nodes.get(*at).is_some_and(|n| n.parent.is_none()))
                .collect(),
        }
    }

    /// From the top down to a state.
    pub fn path(&self, node: usize) -> Vec<usize> {
        let mut path: Vec<usize> =
            core::iter::successors(Some(node), |at| self.nodes.get(*at).and_then(|n| n.parent)).collect();
        path.reverse();
        path
    }

    /// The links of every level; a move that leads up leaves through the top and comes in from below.
    pub fn links(&self) -> BTreeMap<Option<usize>, Vec<Link>> {
        let mut levels: BTreeMap<Option<usize>, Vec<Link>> = BTreeMap::new();
        for (at, edge) in self.edges.iter().enumerate().filter(|(_, edge)| edge.from != edge.to) {
            let (out, into) = if edge.back { (End::Top, End::Bottom) } else { (End::Bottom, End::Top) };
            let (from, to) = (self.path(edge.from), self.path(edge.to));
            let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            let mut steps = Vec::new();
            for child in from.iter().skip(same + usize::from(same < to.len())).rev() {
                steps.push((self.parent(*child), End::Child(*child), out));
            }
            if let (Some(a), Some(b)) = (from.get(same), to.get(same)) {
                steps.push((self.parent(*a), End::Child(*a), End::Child(*b)));
            }
            for child in to.iter().skip(same + usize::from(same < from.len())) {
                steps.push((self.parent(*child), into, End::Child(*child)));
            }
            for (step, (level, from, to)) in steps.into_iter().enumerate() {
                let link = Link { edge: at, step, from, to, labelled: step == 0 && !edge.labels.is_empty() };
                levels.entry(level).or_default().push(link);
            }
        }
        levels
    }

    fn parent(&self, node: usize) -> Option<usize> {
        self.nodes.get(node).and_then(|n| n.parent)
    }
}

/// Every move with a target of its own, as `paidan graph` has them; one edge for each way and kind.
fn edges(workflow: &Workflow, tongue: Tongue, index: &BTreeMap<&StateId, usize>) -> Vec<Edge> {
    let mut ways: BTreeMap<(usize, usize, Kind), Vec<(String, String)>> = BTreeMap::new();
    let mut add = |from: &StateId, to: &StateId, kind: Kind, by: &str, label: String| {
        if let (Some(from), Some(to)) = (index.get(from), index.get(to)) {
            let names = ways.entry((*from, *to, kind)).or_default();
            if !names.iter().any(|(known, said)| known == by && *said == label) {
                names.push((by.to_string(), label));
            }
        }
    };
    for (id, state) in &workflow.states {
        for (name, action) in &state.on {
            for way in &action.alternatives {
                if let Some(Target::State(target)) = &way.go {
                    add(id, target, Kind::Action, name.as_str(), called(workflow, tongue, name));
                }
            }
        }
        for way in &state.always {
            if let Some(Target::State(target)) = &way.go {
                add(id, target, Kind::Always, "always", String::new());
            }
        }
        for timer in &state.after {
            add(id, &timer.go, Kind::Timer, "after", lasting(workflow, tongue, &timer.time));
        }
    }
    let edge = |((from, to, kind), names): ((usize, usize, Kind), Vec<(String, String)>)| {
        let (by, said): (Vec<_>, Vec<_>) = names.into_iter().unzip();
        let said = said.iter().filter(|label| !label.is_empty());
        let labels = said.flat_map(|label| words::wrap(label, LABEL_SIZE)).collect();
        Edge { from, to, kind, by, labels, back: false }
    };
    ways.into_iter().map(edge).collect()
}

fn called(workflow: &Workflow, tongue: Tongue, action: &ActionId) -> String {
    let title = workflow.actions.get(action).map(|text| text.in_tongue(tongue)).unwrap_or_default();
    if title.trim().is_empty() { happening(tongue, action.as_str()) } else { title.to_string() }
}

/// What people call an event that the engine raises.
fn happening(tongue: Tongue, name: &str) -> String {
    let (zh, en) = match name {
        "joined" => ("已会齐", "all are in"),
        "join_failed" => ("未能会齐", "not all will be in"),
        "done" => ("各部分已完成", "all parts are done"),
        "passed" => ("表决通过", "carried"),
        "vote_failed" => ("表决未通过", "not carried"),
        "vote_tied" => ("票数相同", "a tie"),
        "claimed" => ("有人认领", "claimed"),
        "all_claimed" => ("已全部认领", "all claimed"),
        "released" => ("认领已放弃", "let go"),
        "delivered" => ("已送达", "delivered"),
        "child_ended" => ("所开事项已结束", "what it opened has ended"),
        other => (other, other),
    };
    match tongue {
        Tongue::Zh => zh.into(),
        Tongue::En => en.into(),
    }
}

fn lasting(workflow: &Workflow, tongue: Tongue, limit: &Limit) -> String {
    match (limit, tongue) {
        (Limit::Span(span), Tongue::Zh) => span.words_zh(),
        (Limit::Span(span), Tongue::En) => span.to_string(),
        (Limit::Field(field), _) => {
            let title = workflow.fields.get(field).map(|f| f.label.in_tongue(tongue)).unwrap_or_default();
            if title.is_empty() { field.to_string() } else { title.to_string() }
        }
    }
}
