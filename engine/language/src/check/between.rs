//! What only shows when several definitions are looked at together: a linked case that can never be opened, and fields
//! that are brought from another workflow and do not fit.

use std::collections::BTreeSet;

use paidan_model::field::{Field, Per, SetBy};
use paidan_model::id::{FieldId, WorkflowId};
use paidan_model::workflow::Workflow;

use crate::code::Code;
use crate::finding::Finding;
use crate::library::Agreed;
use crate::reader::Reader;
use crate::resolve::place_of;
use crate::tree::Node;

/// Looks at every definition together with those it names, as far as they are at hand; gives those that have an error.
pub(crate) fn between<'n>(
    reader: &Reader,
    all: &[Agreed],
    root_of: impl Fn(&Agreed) -> Option<&'n Node>,
) -> BTreeSet<WorkflowId> {
    let mut wrong = BTreeSet::new();
    for agreed in all {
        let Some(root) = root_of(agreed) else { continue };
        let of = |id: &WorkflowId| all.iter().find(|other| other.workflow.id == *id).map(|o| &o.workflow);
        let pair = Pair { reader, root, workflow: &agreed.workflow };
        let opened = opened(&agreed.workflow).into_iter().filter_map(of);
        let opens: Vec<bool> = opened.map(|child| pair.can_open(child)).collect();
        let links = agreed.workflow.fields.iter().map(|(id, field)| {
            let other = field.of.as_ref().and_then(of);
            other.is_none_or(|other| pair.brings(id, field, other))
        });
        if !links.chain(opens).collect::<Vec<bool>>().iter().all(|fits| *fits) {
            wrong.insert(agreed.workflow.id.clone());
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
    root: &'a Node,
    workflow: &'a Workflow,
}

impl Pair<'_> {
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
                let en = format!("`{}` can never be opened from here: it needs `{id}`, and {why}", child.id);
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
