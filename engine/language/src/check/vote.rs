//! Votes and claims that can be lived by: their events are heard, their fields are of the right type, what is shown is public.

use paidan_model::claim::Claims;
use paidan_model::field::{FieldType, Per};
use paidan_model::id::{FieldId, StateId};
use paidan_model::table::CellType;
use paidan_model::vote::{Axis, Vote, Voters};
use paidan_model::workflow::Workflow;

use super::Check;
use crate::code::Code;
use crate::resolve::place_of;

impl Check<'_> {
    /// Whether a state or one around it handles an event.
    fn hears(&self, id: &StateId, event: &str) -> bool {
        std::iter::once(id)
            .chain(self.workflow.ancestors(id))
            .filter_map(|id| self.workflow.states.get(id))
            .any(|s| s.on.keys().any(|action| action.as_str() == event))
    }

    fn must_hear(&self, id: &StateId, what: (&str, &str), events: &[&str]) {
        for event in events.iter().filter(|event| !self.hears(id, event)) {
            let en = format!("`{id}` {} and has no `on.{event}`", what.1);
            self.find(Code::NoResult, id, format!("`{id}`{}之后没有`on.{event}`", what.0), en);
        }
    }

    /// A field that a table names is of the type it must have.
    fn typed(&self, path: &[&str], field: &FieldId, wanted: &[FieldType]) {
        let found = self.workflow.fields.get(field).map(|field| field.kind);
        if found.is_some_and(|kind| !wanted.contains(&kind)) {
            let place = place_of(self.root, path, field.as_str());
            let en = format!("`{field}` is of another type than is needed here");
            self.reader.find(Code::WrongValue, place, format!("`{field}`的类型不适用于此处"), en);
        }
    }

    /// Every vote ends somewhere, and its parts fit.
    pub(super) fn votes(&self) {
        for (id, state) in &self.workflow.states {
            let Some(vote) = state.vote.as_ref().and_then(|vote| self.workflow.votes.get(vote)) else {
                continue;
            };
            self.must_hear(id, ("表决", "votes"), &["passed", "vote_failed"]);
            if vote.options.is_some() {
                self.must_hear(id, ("表决", "votes"), &["vote_tied"]);
            }
        }
        for (id, vote) in &self.workflow.votes {
            self.vote(id.as_str(), vote);
        }
    }

    fn vote(&self, id: &str, vote: &Vote) {
        let path = ["votes", id];
        let of = [
            (&vote.must_all, &[FieldType::Roster][..]),
            (&vote.options, &[FieldType::Choices]),
            (&vote.winner, &[FieldType::Choice]),
            (&vote.window.until, &[FieldType::Date, FieldType::Moment]),
        ];
        for (field, wanted) in of {
            if let Some(field) = field {
                self.typed(&path, field, wanted);
            }
        }
        let owners = matches!(vote.voters, Voters::Owners(_));
        let by_area = vote.axes.contains(&Axis::Area);
        if !owners && (by_area || vote.must_all.is_some()) {
            let place = place_of(self.root, &path, "area");
            let en = "areas and owners who must agree stand in a roster; units and legs have heads only";
            self.reader.find(Code::WrongValue, place, "按面积计票要有名册", en);
        }
        if vote.options.is_none() && vote.winner.is_some() {
            let place = place_of(self.root, &path, "winner");
            self.reader.find(Code::WrongValue, place, "没有选项就没有胜出", "without `options` nothing wins");
        }
    }

    /// Every split reads fields that have what it needs.
    pub(super) fn splits(&self) {
        let w = self.workflow;
        for (id, split) in &w.splits {
            let path = ["splits", id.as_str()];
            self.typed(&path, &split.roster, &[FieldType::Roster]);
            self.columned(&path, &split.weights, &[("floor", CellType::Int), ("weight", CellType::Int)]);
            if let Some(field) = &split.outside {
                self.columned(&path, field, &[("part", CellType::Text)]);
            }
            if let Some(late) = &split.late {
                self.typed(&path, &late.since, &[FieldType::Date, FieldType::Moment]);
                self.typed(&path, &late.part, &[FieldType::Text]);
                self.in_the_clear(&path, &late.part);
            }
        }
        let ways = w.states.iter().flat_map(|(id, state)| {
            state.on.values().flat_map(|action| &action.alternatives).map(move |way| (id, way))
        });
        for (id, split) in ways.filter_map(|(id, way)| Some((id, way.join_late.as_ref()?))) {
            if w.splits.get(split).is_some_and(|split| split.late.is_none()) {
                let place = place_of(self.root, &["states", id.as_str()], split.as_str());
                let en = format!("nobody can join `{split}`, which has no `late`");
                self.reader.find(Code::MissingKey, place, format!("分摊`{split}`缺少`late`"), en);
            }
        }
    }

    /// A table that is read by rules has these columns, and stands in the record in the clear.
    fn columned(&self, path: &[&str], id: &FieldId, wanted: &[(&str, CellType)]) {
        self.typed(path, id, &[FieldType::Table]);
        let Some(field) = self.workflow.fields.get(id).filter(|field| field.kind == FieldType::Table) else {
            return;
        };
        for (name, kind) in wanted {
            if field.column(name).is_none_or(|column| column.kind != *kind) {
                let place = place_of(self.root, &["fields", id.as_str()], "columns");
                let kind = if *kind == CellType::Int { "int" } else { "text" };
                let en = format!("`{id}` needs a column `{name}` of type `{kind}`");
                self.reader.find(Code::MissingKey, place, format!("`{id}`缺少{kind}类型的列`{name}`"), en);
            }
        }
        self.in_the_clear(path, id);
    }

    fn in_the_clear(&self, path: &[&str], id: &FieldId) {
        if self.workflow.fields.get(id).is_some_and(paidan_model::field::Field::is_sealed) {
            let place = place_of(self.root, path, id.as_str());
            let en = format!("`{id}` is in the vault; what rules read is declared `public = true`");
            self.reader.find(Code::WrongValue, place, format!("`{id}`须声明public = true"), en);
        }
    }

    /// Every claim that runs out is heard of, and what anybody may read is public.
    pub(super) fn claims(&self) {
        let w = self.workflow;
        for (id, claims) in &w.claims {
            let path = ["claims", id.as_str()];
            self.typed(&path, &claims.item, &[FieldType::Int]);
            if let Some(field) = &claims.offered_by {
                self.typed(&path, field, &[FieldType::Person, FieldType::Unit]);
            }
            self.caps(id.as_str(), claims);
            let here = w.states.iter().filter(|(_, state)| state.claims.as_ref() == Some(id));
            let heard = |event: &str| here.clone().any(|(state, _)| self.hears(state, event));
            if let Some((state, _)) = here.clone().next().filter(|_| !heard("delivered")) {
                self.must_hear(state, ("可认领", "can be claimed"), &["delivered"]);
            }
        }
        self.listing(w);
    }

    fn caps(&self, id: &str, claims: &Claims) {
        let Some(Per::By { of, field }) = &claims.cap else { return };
        let known = of.keys().all(|choice| ["person", "organisation"].contains(&choice.as_str()));
        if !known || of.len() != 2 {
            let place = place_of(self.root, &["claims", id], field.as_str());
            let en = "a cap per choice is by `person` and `organisation`: who claims for a unit is an organisation";
            self.reader.find(Code::WrongValue, place, "上限只能按person和organisation分", en);
        }
    }

    fn listing(&self, w: &Workflow) {
        let Some(listing) = &w.listing else { return };
        let path = ["listing"];
        for field in &listing.show {
            let sealed = w.fields.get(field).is_some_and(|field| field.private || field.is_sealed());
            if sealed {
                let place = place_of(self.root, &path, field.as_str());
                let en = format!("everybody would read `{field}`, which is not `public`");
                self.reader.find(Code::PrivateTold, place, format!("`{field}`不是公开字段"), en);
            }
        }
        let of = [
            (&listing.category, &[FieldType::Choice, FieldType::Choices][..]),
            (&listing.quantity, &[FieldType::Int]),
            (&listing.from, &[FieldType::Date]),
            (&listing.until, &[FieldType::Date]),
            (&listing.vulnerable, &[FieldType::Int]),
            (&listing.priority, &[FieldType::Int]),
        ];
        for (field, wanted) in of {
            if let Some(field) = field {
                self.typed(&path, field, wanted);
            }
        }
    }
}
