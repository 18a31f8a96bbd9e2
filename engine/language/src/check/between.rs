//! What only shows when several definitions are looked at together: a linked case that can never be opened, and fields
//! that are brought from another workflow and do not fit.

use std::collections::BTreeSet;

use paidan_model::field::{Field, Per, SetBy};
use paidan_model::id::{FieldId, WorkflowId};
use paidan_model::workflow::Workflow;

use crate::agreed::Agreed;
use crate::code::Code;
use crate::finding::Finding;
use crate::reader::Reader;
use crate::resolve::place_of;
use crate::tree::Node;

/// Looks at every definition together with those it names and those in force that name it, as far as they are at hand;
/// gives those that have an error.
pub(crate) fn between<'n>(
    reader: &Reader,
    all: &[Agreed],
    in_force: &[Workflow],
    root_of: impl Fn(&Agreed) -> Option<&'n Node>,
) -> BTreeSet<WorkflowId> {
    let mut wrong = BTreeSet::new();
    let is_new = |id: &WorkflowId| all.iter().any(|agreed| agreed.workflow.id == *id);
    let others: Vec<&Workflow> = in_force.iter().filter(|workflow| !is_new(&workflow.id)).collect();
    for agreed in all {
        let (Some(root), new) = (root_of(agreed), &agreed.workflow) else { continue };
        let every = all.iter().map(|agreed| &agreed.workflow).chain(others.iter().copied());
        let own = every.map(|other| Pair { reader, root, workflow: new, new: true }.names(other));
        let back = others.iter().map(|other| Pair { reader, root, workflow: other, new: false }.names(new));
        if !own.chain(back).collect::<Vec<bool>>().iter().all(|fits| *fits) {
            wrong.insert(new.id.clone());
        }
    }
    wrong
}

/// Every workflow of which a case may be opened.
fn opened(workflow: &Workflow) -> BTreeSet<&WorkflowId> {
    let ways = workflow.states.values().flat_map(|state| {
        let ways = state.on.values().flat_map(|action| &action.alternatives).chain(&state.always);
        let on_the_way = [state.enter.open.as_ref(), state.leave.open.as_ref()].into_iter().flatten();
        ways.filter_map(|way| way.open.as_ref()).chain(on_the_way)
    });
    let rungs = workflow.ladders.values().flatten().filter_map(|rung| rung.open.as_ref());
    ways.chain(workflow.at_end.open.as_ref()).flat_map(Per::values).chain(rungs).collect()
}

struct Pair<'a> {
    reader: &'a Reader,
    /// The tree of the definition that is looked at, for places.
    root: &'a Node,
    /// The workflow that names another.
    workflow: &'a Workflow,
    /// It is the one that is looked at, and not one in force.
    new: bool,
}

impl Pair<'_> {
    /// Whether what this workflow says of another fits it; it may say nothing.
    fn names(&self, other: &Workflow) -> bool {
        let opens = !opened(self.workflow).contains(&other.id) || self.can_open(other);
        let links = self.workflow.fields.iter().filter(|(_, field)| field.of.as_ref() == Some(&other.id));
        let links: Vec<bool> = links.map(|(id, field)| self.brings(id, field, other)).collect();
        opens && links.iter().all(|fits| *fits)
    }

    /// What the naming workflow is called in a finding.
    fn here(&self) -> String {
        if self.new { "here".into() } else { format!("`{}`, which is in force", self.workflow.id) }
    }

    /// Whether a case of `child` can be opened with what this one has: fields go along by id and type, or as `opens` says.
    fn can_open(&self, child: &Workflow) -> bool {
        let asked = child.fields.iter().filter(|(_, field)| field.set_by == SetBy::People);
        let mut fits = true;
        for (id, field) in asked {
            let source = self.workflow.source_of(&child.id, id);
            let own = self.workflow.fields.get(source);
            let goes = own.is_some_and(|own| own.kind == field.kind);
            let known = |own: &Field| own.choices.iter().all(|choice| field.choices.contains(choice));
            let shown =
                field.public || child.listing.as_ref().is_some_and(|listing| listing.show.contains(id));
            if let Some(own) = own.filter(|own| goes && (!known(own) || own.private && shown)) {
                fits = false;
                let place = place_of(self.root, &["states"], child.id.as_str());
                let why = if known(own) {
                    "is private here and public there"
                } else {
                    "has choices that are not known there"
                };
                let en = format!("`{source}` goes along to `{}` as `{id}`, and {why}", child.id);
                self.reader.find(Code::WrongValue, place, format!("`{source}`不能带到`{}`", child.id), en);
            }
            let misfit = own.is_some() && !goes && source != id;
            if misfit || (!goes && field.required && field.default.is_none()) {
                fits = false;
                let place = place_of(self.root, &["states"], child.id.as_str());
                let why = if own.is_none() { "nothing here fills it" } else { "it is of another type here" };
                let en = format!(
                    "`{}` can never be opened from {}: it needs `{id}`, and {why}",
                    child.id,
                    self.here()
                );
                let zh = format!("这里永远开不出`{}`：没有能填`{id}`的字段", child.id);
                let finding = Finding::new(Code::MissingKey, place, zh, en);
                let help = format!(
                    "fill it from a field of this definition: `[opens.{}]`, `{id} = \"…\"`",
                    child.id
                );
                self.reader.note(finding.help(help));
            }
        }
        fits
    }

    /// Whether what naming a case of `other` brings along fits the fields it fills.
    fn brings(&self, id: &FieldId, field: &Field, other: &Workflow) -> bool {
        let mut fits = true;
        for (target, source) in &field.brings {
            let place = place_of(self.root, &["fields", id.as_str()], source.as_str());
            let Some(from) = other.fields.get(source) else {
                fits = false;
                let en = format!("`{}` has no field `{source}`", other.id);
                self.reader.find(Code::UnknownName, place, format!("`{}`没有字段`{source}`", other.id), en);
                continue;
            };
            let hidden = from.private || from.is_sealed();
            let into = self.workflow.fields.get(target);
            let same = into.is_none_or(|into| into.kind == from.kind);
            let known =
                into.is_none_or(|into| from.choices.iter().all(|choice| into.choices.contains(choice)));
            let empty = !from.required && from.default.is_none();
            if hidden || !same || !known || empty {
                fits = false;
                let why = match (hidden, same, known) {
                    (true, ..) => "is not public there",
                    (false, false, _) => "is of another type there",
                    (false, true, false) => "has choices there that are not known here",
                    (false, true, true) => "may be empty there",
                };
                let en = format!("`{source}` {why}, so that naming a `{}` cannot fill `{target}`", other.id);
                self.reader.find(Code::WrongValue, place, format!("`{source}`不能填入`{target}`"), en);
            }
        }
        fits
    }
}
