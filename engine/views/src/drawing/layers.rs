//! Layers: which moves lead back, and how far down each state of a level stands.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::vec::Vec;

use super::chart::Chart;

/// So many states stand in one layer; further ends move down a layer.
const LAYER_STATES_MAX: usize = 8;

/// The layer of every state, counted within its level. Marks the edges that lead back.
pub fn layers(chart: &mut Chart, starts: &BTreeSet<usize>) -> Vec<usize> {
    let mut layer = Vec::from_iter(chart.nodes.iter().map(|_| 0));
    let levels: Vec<Option<usize>> = core::iter::once(None).chain((0..chart.nodes.len()).map(Some)).collect();
    let mut crossing: BTreeMap<Option<usize>, Vec<(usize, usize, usize)>> = BTreeMap::new();
    let mut called: BTreeSet<usize> = BTreeSet::new();
    for (at, edge) in chart.edges.iter().enumerate() {
        let (from, to) = (chart.path(edge.from), chart.path(edge.to));
        let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        match (from.get(same), to.get(same)) {
            (Some(a), Some(b)) => {
                let level = same.checked_sub(1).and_then(|last| from.get(last)).copied();
                crossing.entry(level).or_default().push((at, *a, *b));
            }
            (None, Some(_)) => called.extend(to.iter().skip(same)),
            _ => {}
        }
    }
    for level in levels {
        let children = chart.children(level);
        let moves = crossing.remove(&level).unwrap_or_default();
        let mut next: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for (_, a, b) in &moves {
            next.entry(*a).or_default().insert(*b);
        }
        let visits = visits(&children, starts, &called, &mut next);
        let rank = |node: &usize| visits.get(node).copied().unwrap_or_default();
        for (at, a, b) in &moves {
            let back = rank(b) < rank(a) && reaches(&next, *b).contains(a);
            if let Some(edge) = chart.edges.get_mut(*at) {
                edge.back = back;
            }
        }
        let down = downward(&next, &visits);
        for (node, depth) in longest(&children, &down) {
            if let Some(place) = layer.get_mut(node) {
                *place = depth;
            }
        }
    }
    layer
}

/// The order in which a walk from the start meets the states. Where the walk ends, it goes on with what the
/// parent may call up.
fn visits(
    children: &[usize],
    entered: &BTreeSet<usize>,
    called: &BTreeSet<usize>,
    next: &mut BTreeMap<usize, BTreeSet<usize>>,
) -> BTreeMap<usize, usize> {
    let mut seen = BTreeMap::new();
    let first: Vec<usize> = children.iter().copied().filter(|c| entered.contains(c)).collect();
    walk(&first, next, &mut seen);
    let late: Vec<usize> =
        children.iter().copied().filter(|c| called.contains(c) && !seen.contains_key(c)).collect();
    let ends: Vec<usize> = seen.keys().copied().filter(|c| !next.contains_key(c)).collect();
    for end in ends {
        if !late.is_empty() {
            next.entry(end).or_default().extend(late.iter().copied());
        }
    }
    walk(&late, next, &mut seen);
    let targets: BTreeSet<usize> = next.values().flatten().copied().collect();
    let sources: Vec<usize> = children.iter().copied().filter(|c| !targets.contains(c)).collect();
    walk(&sources, next, &mut seen);
    for child in children {
        walk(&[*child], next, &mut seen);
    }
    seen
}

fn walk(from: &[usize], next: &BTreeMap<usize, BTreeSet<usize>>, seen: &mut BTreeMap<usize, usize>) {
    let mut open: VecDeque<usize> = from.iter().copied().collect();
    while let Some(node) = open.pop_front() {
        if seen.contains_key(&node) {
            continue;
        }
        let number = seen.len();
        seen.insert(node, number);
        open.extend(next.get(&node).into_iter().flatten());
    }
}

fn reaches(next: &BTreeMap<usize, BTreeSet<usize>>, from: usize) -> BTreeSet<usize> {
    let mut seen = BTreeMap::new();
    walk(&[from], next, &mut seen);
    seen.into_keys().collect()
}

/// All moves, those that lead back turned round.
fn downward(
    next: &BTreeMap<usize, BTreeSet<usize>>,
    visits: &BTreeMap<usize, usize>,
) -> BTreeMap<usize, BTreeSet<usize>> {
    let reach: BTreeMap<usize, BTreeSet<usize>> =
        next.keys().map(|node| (*node, reaches(next, *node))).collect();
    let mut down: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (a, b) in next.iter().flat_map(|(a, targets)| targets.iter().map(move |b| (*a, *b))) {
        let turned = visits.get(&b) < visits.get(&a) && reach.get(&b).is_some_and(|all| all.contains(&a));
        let (upper, lower) = if turned { (b, a) } else { (a, b) };
        down.entry(upper).or_default().insert(lower);
    }
    down
}

fn longest(children: &[usize], down: &BTreeMap<usize, BTreeSet<usize>>) -> BTreeMap<usize, usize> {
    let mut depth: BTreeMap<usize, usize> = children.iter().map(|child| (*child, 0)).collect();
    for _ in children {
        let mut moved = false;
        for (a, b) in down.iter().flat_map(|(a, targets)| targets.iter().map(move |b| (a, b))) {
            let least = depth.get(a).copied().unwrap_or_default() + 1;
            if let Some(place) = depth.get_mut(b).filter(|place| **place < least) {
                *place = least;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    let mut full: BTreeMap<usize, usize> = BTreeMap::new();
    for child in children {
        let Some(place) = depth.get_mut(child) else { continue };
        if !down.contains_key(child) {
            while full.get(place).is_some_and(|count| *count >= LAYER_STATES_MAX) {
                *place += 1;
            }
        }
        *full.entry(*place).or_default() += 1;
    }
    depth
}
