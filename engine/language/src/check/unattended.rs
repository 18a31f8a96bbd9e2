//! Moves that nobody makes by hand lead only where nothing is missing: a timer cannot fill in a form.

use std::collections::BTreeSet;

use paidan_model::id::{ActionId, FieldId, StateId};
use paidan_model::state::{Alternative, Target};

use super::Check;
use crate::code::Code;
use crate::finding::Finding;
use crate::guard;

/// Events of the engine that come without a form of their own.
const WITHOUT_FORM: [&str; 8] =
    ["joined", "join_failed", "passed", "vote_failed", "vote_tied", "all_claimed", "released", "delivered"];

impl Check<'_> {
    /// Looks at every timer and every event of the engine.
    pub(super) fn unattended(&self) {
        let w = self.workflow;
        let sure = self.sure();
        for (id, state) in &w.states {
            let here = self.filled(id, &sure);
            for timer in &state.after {
                self.arrives(id, &timer.go, &here);
                self.raised_on_entry(id, &timer.go, &here);
            }
            for (event, action) in &state.on {
                let of_child = event.as_str().starts_with(paidan_machine::CHILD_PREFIX);
                if action.who.is_empty() && (of_child || WITHOUT_FORM.contains(&event.as_str())) {
                    action.alternatives.iter().for_each(|way| self.goes(id, way, &here));
                }
            }
        }
    }

    fn goes(&self, id: &StateId, way: &Alternative, here: &BTreeSet<FieldId>) {
        if let Some(Target::State(target)) = &way.go {
            let mut here = guard::learned(way.when.as_ref(), here);
            here.extend(way.set.keys().cloned());
            self.arrives(id, target, &here);
        }
    }

    /// What a state raises when a timer enters it is handled around it, also without a form.
    fn raised_on_entry(&self, from: &StateId, target: &StateId, here: &BTreeSet<FieldId>) {
        let w = self.workflow;
        let raised: Vec<&ActionId> =
            w.states.get(target).map(|s| s.enter.raise.iter().collect()).unwrap_or_default();
        for event in raised {
            let around = std::iter::once(target).chain(w.ancestors(target)).filter_map(|id| w.states.get(id));
            if let Some(action) = around.into_iter().find_map(|state| state.on.get(event)) {
                action.alternatives.iter().for_each(|way| self.goes(from, way, here));
            }
        }
    }

    fn arrives(&self, id: &StateId, target: &StateId, here: &BTreeSet<FieldId>) {
        let mut entered = BTreeSet::new();
        self.entered(target, &mut entered);
        let asked = |field: &paidan_model::field::Field| !field.required_from.is_disjoint(&entered);
        let missing = self.workflow.fields.iter().filter(|(field, f)| asked(f) && !here.contains(*field));
        for (field, _) in missing {
            let en = format!(
                "`{id}` goes on to `{target}` by itself, where `{field}` must be filled and may be empty"
            );
            let zh = format!("`{id}`会自动转入`{target}`，而那里必填的`{field}`可能还空着");
            let finding = Finding::new(Code::NoForm, self.place(id), zh, en);
            self.reader.note(finding.help("ask for it in a form before, or not in that state"));
        }
    }
}
