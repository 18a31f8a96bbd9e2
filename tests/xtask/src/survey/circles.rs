//! Modules of a crate that import each other, straight or in a ring.

use std::collections::BTreeSet;

use super::arrows::{Arrow, arrows};
use super::{Finding, Krate};

/// The circles of a crate, the largest first; each is the indices of its modules.
#[must_use]
pub fn circles(krate: &Krate, arrows: &[Arrow]) -> Vec<Vec<usize>> {
    let count = krate.modules.len();
    let reach: Vec<BTreeSet<usize>> = (0..count).map(|from| reachable(from, arrows)).collect();
    let mutual = |one: usize, other: usize| {
        reach.get(one).is_some_and(|set| set.contains(&other))
            && reach.get(other).is_some_and(|set| set.contains(&one))
    };
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for module in 0..count {
        if seen.contains(&module) {
            continue;
        }
        let ring: Vec<usize> = (module..count).filter(|other| mutual(module, *other)).collect();
        seen.extend(ring.iter().copied());
        if ring.len() > 1 {
            found.push(ring);
        }
    }
    found.sort_by_key(|ring| std::cmp::Reverse(ring.len()));
    found
}

/// Every module to which the arrows lead from one, itself only if they lead back.
fn reachable(from: usize, arrows: &[Arrow]) -> BTreeSet<usize> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        let next = arrows.iter().filter(|arrow| arrow.from == module).map(|arrow| arrow.to);
        open.extend(next.filter(|to| seen.insert(*to)));
    }
    seen
}

/// One finding for each module in a circle, with the arrows that tie it there.
#[must_use]
pub fn findings(krate: &Krate) -> Vec<Finding> {
    let arrows = arrows(krate);
    let mut findings = Vec::new();
    for ring in circles(krate, &arrows) {
        for module in &ring {
            let ties = arrows.iter().filter(|arrow| arrow.from == *module && ring.contains(&arrow.to));
            let ties: Vec<&Arrow> = ties.collect();
            let (Some(from), Some(first)) = (krate.modules.get(*module), ties.first()) else { continue };
            let taken: BTreeSet<String> = ties
                .iter()
                .filter_map(|arrow| {
                    Some(format!("{} of {}", arrow.name, krate.modules.get(arrow.to)?.title()))
                })
                .collect();
            findings.push(Finding {
                krate: krate.name.clone(),
                key: from.title(),
                place: from.place(first.line),
                message: format!(
                    "`{}` is in a circle of {}: it takes {}",
                    from.title(),
                    ring.len(),
                    taken.into_iter().collect::<Vec<_>>().join(", ")
                ),
            });
        }
    }
    findings
}
