//! The rounds of a case that is voted on or objected to: each vote with its result, what was objected and what came of
//! it, in order. What belongs to a notice or a mediation is known by the fields that those blocks bring.

use std::collections::BTreeSet;

use maud::{Markup, html};
use paidan_model::field::{Field, SetBy};
use paidan_model::id::{FieldId, StateId};
use paidan_model::value::Held;
use paidan_model::workflow::Workflow;
use paidan_runtime::Entry;
use paidan_runtime::fact::{FormFact, LinkFact, StateFact, VoteFact};
use paidan_runtime::shelf::InForce;
use paidan_runtime::{Fact, Seen, plainly};

use crate::history::History;
use crate::page::value::shown as value;
use crate::visitor::Visitor;

/// The fields that tell the blocks of a public notice and of a mediation.
const BLOCKS: [&[&str]; 2] =
    [&["posted", "objection", "signed_by"], &["sessions", "visit_note", "minutes", "agreed"]];

/// The notices and mediations of a definition, by the names under which it uses them.
fn blocks(workflow: &Workflow) -> BTreeSet<&str> {
    let has = |name: &str, field: &str| {
        FieldId::parse(&format!("{name}_{field}")).is_some_and(|id| workflow.fields.contains_key(&id))
    };
    let names = workflow.states.keys().map(StateId::as_str);
    names.filter(|name| BLOCKS.iter().any(|block| block.iter().all(|field| has(name, field)))).collect()
}

/// What is told of the rounds.
struct Rounds<'r> {
    visitor: &'r Visitor,
    workflow: &'r Workflow,
    in_force: &'r InForce,
    seen: &'r Seen,
    history: History<'r>,
    blocks: BTreeSet<&'r str>,
}

/// One record that belongs to a round.
struct Row<'r> {
    entry: &'r Entry,
    words: Vec<String>,
    filled: Vec<(&'r Field, &'r FieldId, &'r Held)>,
}

/// The section; nothing where there is neither a vote nor an objection yet.
pub fn shown(visitor: &Visitor, workflow: &Workflow, in_force: &InForce, seen: &Seen) -> Markup {
    let history = History::of(in_force, workflow, seen);
    let rounds = Rounds { visitor, workflow, in_force, seen, history, blocks: blocks(workflow) };
    let found = rounds.rounds();
    html! {
        @if found.iter().any(|rows| !rows.is_empty()) {
            section .rounds {
                h2 { (visitor.say("历次协商、公示异议和表决", "Rounds: consultations, objections, votes")) }
                @for (n, rows) in (1..).zip(&found) {
                    h3 { @if visitor.say("zh", "en") == "zh" { "第" (n) "轮" } @else { "Round " (n) } }
                    @if rows.is_empty() { p .none { (visitor.say("还没有", "Nothing yet")) } }
                    ul { @for row in rows { (rounds.row(row)) } }
                }
            }
        }
    }
}

impl<'r> Rounds<'r> {
    /// The rows of each round, the first one first.
    fn rounds(&self) -> Vec<Vec<Row<'r>>> {
        let mut found: Vec<Vec<Row<'r>>> = vec![Vec::new()];
        for entry in &self.seen.entries {
            if entry.facts.iter().any(|fact| matches!(fact, Fact::State(StateFact::RoundBegan { .. }))) {
                found.push(Vec::new());
            }
            let row = self.of(entry);
            if let (true, Some(rows)) = (!row.words.is_empty() || !row.filled.is_empty(), found.last_mut()) {
                rows.push(row);
            }
        }
        found
    }

    fn of(&self, entry: &'r Entry) -> Row<'r> {
        let told = entry.facts.iter().filter(|fact| self.belongs(fact));
        let words = told.filter_map(|fact| self.history.one(fact));
        let words = words.map(|words| words.in_tongue(self.visitor.tongue).to_string()).collect();
        let filled = entry.facts.iter().filter_map(|fact| match fact {
            Fact::Form(FormFact::Filled { field: id, value }) if self.of_block(id.as_str()) => {
                let field = self.workflow.fields.get(id).filter(|field| field.set_by == SetBy::People)?;
                self.seen.sight.fields.contains(id).then_some((field, id, value))
            }
            _ => None,
        });
        Row { entry, words, filled: filled.collect() }
    }

    fn of_block(&self, name: &str) -> bool {
        let inside = |block: &&str| name.strip_prefix(*block).is_some_and(|rest| rest.starts_with('_'));
        self.blocks.iter().any(inside)
    }

    fn belongs(&self, fact: &Fact) -> bool {
        match fact {
            Fact::Vote(VoteFact::Opened { .. })
            | Fact::Vote(VoteFact::Closed { .. })
            | Fact::Link(LinkFact::ChildAsked { .. }) => true,
            Fact::State(StateFact::Entered { state, .. }) => {
                self.blocks.contains(state.as_str()) || self.of_block(state.as_str())
            }
            _ => false,
        }
    }

    fn row(&self, row: &Row<'_>) -> Markup {
        let Row { entry, words, filled } = row;
        let (visitor, stream) = (self.visitor, self.seen.case.filing.stream.as_str());
        html! {
            li {
                time { (entry.due.unwrap_or(entry.at).local_text(&visitor.zone)) } " "
                (words.join("；"))
                @for (field, id, held) in filled {
                    br; strong { (field.label.or_id(visitor.tongue, id.as_str())) } "："
                    (value(visitor, &self.in_force.roster, field, stream, &plainly(held, &self.seen.words)))
                }
            }
        }
    }
}
