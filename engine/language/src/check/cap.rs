//! Clocks that cap others: each ends at one that nothing caps, and is of the case or of the same
//! leg or claim.

use std::collections::BTreeSet;

use paidan_model::clock::{Clock, Scope};
use paidan_model::id::ClockId;

use super::Check;
use crate::code::Code;
use crate::resolve::place_of;

impl Check<'_> {
    /// Finds circles of clocks that cap one another, each once, and caps that no clock can have.
    pub(super) fn capped_clocks(&self) {
        let mut told: BTreeSet<&ClockId> = BTreeSet::new();
        for (id, clock) in &self.workflow.clocks {
            self.of_same_scope(id, clock);
            let circle = self.circle(id);
            if circle.is_empty() || !told.is_disjoint(&circle.iter().copied().collect()) {
                continue;
            }
            told.extend(&circle);
            let names: Vec<&str> = circle.iter().copied().chain([id]).map(ClockId::as_str).collect();
            let (zh, en) = match names.as_slice() {
                [one, _] => (
                    format!("计时`{one}`的到期时间不能由自己限定"),
                    format!("the clock `{one}` cannot be capped by itself"),
                ),
                _ => (
                    format!("计时互相限定，成了一个圈：{}", names.join("、")),
                    format!("these clocks cap one another in a circle: {}", names.join(" by ")),
                ),
            };
            let cap = circle.get(1).map_or(id.as_str(), |cap| cap.as_str());
            let place = place_of(self.root, &["clocks", id.as_str()], cap);
            self.reader.find(Code::CapCircle, place, zh, en);
        }
    }

    /// The clocks from one to itself, each capped by the next; none when it is in no circle.
    fn circle(&self, id: &ClockId) -> Vec<&ClockId> {
        let above = |id: &ClockId| self.workflow.clocks.get(id).and_then(|clock| clock.capped_by.as_ref());
        let mut found: Vec<&ClockId> = Vec::new();
        let mut next = above(id);
        while let Some(cap) = next.filter(|cap| !found.contains(cap)) {
            found.push(cap);
            if cap == id {
                found.rotate_right(1);
                return found;
            }
            next = above(cap);
        }
        Vec::new()
    }

    fn of_same_scope(&self, id: &ClockId, clock: &Clock) {
        let Some((cap, scope)) = clock.capped_by.as_ref().and_then(|cap| Some((cap, self.scope(cap)?)))
        else {
            return;
        };
        if matches!(scope, Scope::Leg | Scope::Offer) && scope != clock.scope {
            let place = place_of(self.root, &["clocks", id.as_str()], cap.as_str());
            let zh = format!("`{cap}`不是事项的计时，不能限定`{id}`");
            let en =
                format!("`{cap}` is no clock of the case and cannot cap `{id}`, which is of another scope");
            self.reader.find(Code::WrongValue, place, zh, en);
        }
    }

    fn scope(&self, id: &ClockId) -> Option<Scope> {
        self.workflow.clocks.get(id).map(|clock| clock.scope)
    }
}
