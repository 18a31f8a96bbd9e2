//! Sums that are divided, and fields that are written by rules: what they read is there, in the clear, and stands still
//! while it is voted on.

use paidan_model::field::{Field, FieldType};
use paidan_model::guard::{Expr, Operator};
use paidan_model::id::{FieldId, StateId};
use paidan_model::split::Split;
use paidan_model::state::{Alternative, State, Target};
use paidan_model::table::CellType;
use paidan_model::vote::Vote;

use super::Check;
use crate::code::Code;
use crate::resolve::place_of;

impl Check<'_> {
    /// Every split reads fields that have what it needs.
    pub(super) fn splits(&self) {
        let w = self.workflow;
        for (id, split) in &w.splits {
            self.split(id.as_str(), split);
        }
        for (id, way) in w.states.iter().flat_map(|(id, state)| ways(state).map(move |way| (id, way))) {
            let joined = way.join_late.as_ref().and_then(|split| w.splits.get(split).map(|s| (split, s)));
            if let Some((split, _)) = joined.filter(|(_, split)| split.late.is_none()) {
                let place = place_of(self.root, &["states", id.as_str()], split.as_str());
                let en = format!("nobody can join `{split}`, which has no `late`");
                self.reader.find(Code::MissingKey, place, format!("分摊`{split}`缺少`late`"), en);
            }
        }
        self.written();
    }

    fn split(&self, id: &str, split: &Split) {
        let path = ["splits", id];
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
        if !is_sum(&split.amount) {
            let place = place_of(self.root, &path, "amount");
            let en = "an amount is made of whole numbers, fields and totals of tables";
            self.reader.find(Code::WrongValue, place, "金额只能由整数、字段和表格合计组成", en);
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

    pub(super) fn in_the_clear(&self, path: &[&str], id: &FieldId) {
        if self.workflow.fields.get(id).is_some_and(Field::is_sealed) {
            let place = place_of(self.root, path, id.as_str());
            let en = format!("`{id}` is in the vault; what rules read is declared `public = true`");
            self.reader.find(Code::WrongValue, place, format!("`{id}`须声明public = true"), en);
        }
    }

    /// What `set` and `clear` may not write: tables, rosters and files, which no expression makes; terms of a sum, which
    /// people write so that a refusal reaches somebody; what is being voted on.
    fn written(&self) {
        for (id, state) in &self.workflow.states {
            let on_the_way = state.enter.set.keys().chain(state.leave.set.keys());
            let moves = ways(state).flat_map(|way| way.set.keys());
            for field in on_the_way.chain(moves) {
                self.may_set(id, field);
            }
            for field in ways(state).flat_map(|way| &way.clear) {
                let joined = |split: &Split| split.late.is_some() && split.terms().contains(field);
                if self.workflow.splits.values().any(joined) {
                    self.refuse(id, field, "is a term of a sum that somebody may join, and is not cleared");
                }
            }
        }
        for vote in self.workflow.votes.values() {
            self.still(vote);
        }
    }

    fn may_set(&self, id: &StateId, field: &FieldId) {
        let kind = self.workflow.fields.get(field).map(|field| field.kind);
        if matches!(kind, Some(FieldType::Table | FieldType::Roster | FieldType::Files)) {
            self.refuse(id, field, "is of a type that no expression makes");
        } else if self.workflow.splits.values().any(|split| split.terms().contains(field)) {
            self.refuse(id, field, "is a term of a sum that is divided: people write it on a form");
        }
    }

    /// While a ballot is open nothing that may happen then writes what it is about.
    fn still(&self, vote: &Vote) {
        let w = self.workflow;
        let open =
            w.states.iter().filter(|(_, s)| s.vote.as_ref().and_then(|v| w.votes.get(v)) == Some(vote));
        for (here, _) in open {
            for (id, state) in w.states.iter().filter(|(id, _)| self.together(here, id)) {
                let on_the_way = state.enter.set.keys().chain(state.leave.set.keys());
                let staying = ways(state).filter(|way| !self.leaves(id, here, way));
                let moved = staying.flat_map(|way| way.set.keys().chain(&way.clear));
                for field in on_the_way.chain(moved).filter(|field| w.stands_still(vote, field)) {
                    self.refuse(id, field, "is being voted on while this may happen");
                }
                // A form is read before anything is left.
                let asked = state.on.values().flat_map(|action| &action.fill);
                for field in asked.filter(|field| w.stands_still(vote, field)) {
                    self.refuse(
                        id,
                        field,
                        "is being voted on while this form asks for it: it would be refused",
                    );
                }
            }
        }
    }

    fn refuse(&self, state: &StateId, field: &FieldId, why: &str) {
        let place = place_of(self.root, &["states", state.as_str()], field.as_str());
        let zh = format!("这里不能写`{field}`");
        self.reader.find(Code::WrongValue, place, zh, format!("`{field}` {why}"));
    }

    /// Whether a way of `id` leaves `here`: its target lies outside, or it begins at `here` or around it.
    fn leaves(&self, id: &StateId, here: &StateId, way: &Alternative) -> bool {
        let w = self.workflow;
        let outside = |target: &StateId| target != here && !w.ancestors(target).any(|s| s == here);
        let around = id == here || w.ancestors(here).any(|s| s == id);
        let inside = w.ancestors(id).any(|s| s == here);
        match &way.go {
            Some(Target::State(target)) => around || inside && outside(target),
            Some(Target::Back | Target::BackDeep) | None => false,
        }
    }

    /// Whether two states may be active at the same time.
    fn together(&self, a: &StateId, b: &StateId) -> bool {
        let w = self.workflow;
        if a == b || w.ancestors(a).any(|s| s == b) || w.ancestors(b).any(|s| s == a) {
            return true;
        }
        match w.ancestors(a).find(|above| w.ancestors(b).any(|other| other == *above)) {
            Some(common) => w.states.get(common).is_some_and(|state| state.parallel),
            None => w.start.len() > 1,
        }
    }
}

fn ways(state: &State) -> impl Iterator<Item = &Alternative> {
    state.on.values().flat_map(|action| &action.alternatives).chain(&state.always)
}

/// Whether an expression is a sum that only a form can change.
fn is_sum(expr: &Expr) -> bool {
    match expr {
        Expr::Int(_) | Expr::Field(_) | Expr::Total(..) => true,
        Expr::Negate(inner) => is_sum(inner),
        Expr::Binary(Operator::Plus | Operator::Minus | Operator::Times, left, right) => {
            is_sum(left) && is_sum(right)
        }
        _ => false,
    }
}
