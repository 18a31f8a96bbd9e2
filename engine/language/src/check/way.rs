//! The moves of a state, and the shortest way that leads a case into one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use paidan_model::id::StateId;
use paidan_model::state::{Limit, Target};

use super::Check;

/// Where a case came from into a state, and by what; none: a case can start there.
type Step = Option<(StateId, String)>;

impl Check<'_> {
    /// Every move out of a state while the case is open: by what, and where it may lead.
    pub(super) fn moves(&self, id: &StateId) -> Vec<(String, StateId)> {
        let w = self.workflow;
        let Some(state) = w.states.get(id) else {
            return Vec::new();
        };
        let by_timer = state.after.iter().map(|timer| (after(&timer.time), timer.go.clone()));
        let mut found: Vec<(String, StateId)> = by_timer.collect();
        let acted =
            state.on.iter().flat_map(|(name, a)| a.alternatives.iter().map(|way| (name.as_str(), way)));
        for (by, way) in acted.chain(state.always.iter().map(|way| ("always", way))) {
            match &way.go {
                Some(Target::State(target)) => found.push((by.to_string(), target.clone())),
                Some(Target::Back | Target::BackDeep) => {
                    let before = w.states.keys().filter(|from| self.leads(from, id));
                    found.extend(before.map(|from| (by.to_string(), from.clone())));
                }
                None => {}
            }
        }
        found
    }

    /// The way with the fewest moves from where a case starts into a state, in words; none when nothing leads there.
    pub(super) fn way_into(&self, state: &StateId) -> Option<String> {
        let came = self.came_from();
        let mut last = state;
        let mut way = format!("`{state}`");
        // A state is found once, so the way back to the start has an end.
        while let Some((from, by)) = came.get(last)? {
            way = format!("`{from}` --{by}--> {way}");
            last = from;
        }
        Some(way)
    }

    /// By which move each state is first come into, when moves are counted from the start.
    fn came_from(&self) -> BTreeMap<StateId, Step> {
        let mut found: BTreeMap<StateId, Step> = BTreeMap::new();
        let mut waiting = VecDeque::new();
        let mut come = |target: &StateId, step: &Step, waiting: &mut VecDeque<StateId>| {
            let mut entered = BTreeSet::new();
            self.entered(target, &mut entered);
            for state in entered.into_iter().filter(|state| !found.contains_key(state)).collect::<Vec<_>>() {
                found.insert(state.clone(), step.clone());
                waiting.push_back(state);
            }
        };
        self.workflow.start.iter().for_each(|start| come(start, &None, &mut waiting));
        while let Some(id) = waiting.pop_front() {
            for (by, target) in self.moves(&id).into_iter().chain(self.reopened(&id)) {
                come(&target, &Some((id.clone(), by)), &mut waiting);
            }
        }
        found
    }

    /// Where a closed case comes back to.
    fn reopened(&self, id: &StateId) -> Option<(String, StateId)> {
        let reopen = self.workflow.states.get(id)?.reopen.as_ref()?;
        Some(("reopen".to_string(), reopen.go.clone()))
    }
}

/// What a timer waits for.
fn after(time: &Limit) -> String {
    match time {
        Limit::Span(span) => format!("after {span}"),
        Limit::Field(field) => format!("at {field}"),
    }
}
