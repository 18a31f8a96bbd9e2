//! A case as it was at one of its records: the slider that leads there, its states, and the rules of that day. For the
//! story and for the replay of a case.

use std::collections::BTreeMap;

use maud::{Markup, html};
use paidan_model::moment::Moment;
use paidan_model::roster::Roster;
use paidan_model::workflow::Workflow;
use paidan_runtime::{Case, leaves};
use paidan_views::rules;

use crate::visitor::Visitor;

/// Where among the records somebody stands.
pub struct Place<'p> {
    /// The page.
    pub page: &'p str,
    /// The record, from 1.
    pub seq: usize,
    /// How many there are.
    pub all: usize,
    /// The moment that is shown.
    pub at: Moment,
}

/// Goes back to any record; a button does it where there is no script.
pub fn slider(visitor: &Visitor, place: &Place<'_>) -> Markup {
    let Place { page, seq, all, at } = place;
    html! {
        form #slider method="get" action=(page) {
            label {
                span { (visitor.say("回到第几条记录", "Go back to record")) " " output { (seq) "/" (all) } }
                input type="range" name="seq" min="1" max=(all) value=(seq);
            }
            button { (visitor.say("看那一刻", "Look")) }
            " " time datetime=(at.rfc3339()) { (at.local_text(&visitor.zone)) }
            @if seq < all { " " a href=(page) { (visitor.say("回到现在", "Back to now")) } }
        }
    }
}

/// The states a case is in, in words.
pub fn states(visitor: &Visitor, workflow: &Workflow, case: &Case) -> String {
    let title = |id| workflow.states.get(id).map(|s| s.title.in_tongue(visitor.tongue)).unwrap_or_default();
    leaves(workflow, case).into_iter().map(title).collect::<Vec<_>>().join("、")
}

/// The rules of a day: the definition the case is pinned to, and what else was in force then.
pub struct Rules<'r> {
    /// The definition.
    pub workflow: &'r Workflow,
    /// The case.
    pub case: &'r Case,
    /// The roster, for what jobs are called.
    pub roster: &'r Roster,
    /// What records name as in force, by kind.
    pub named: &'r BTreeMap<String, String>,
    /// The text from which the definition was read.
    pub source: Option<&'r str>,
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

impl Rules<'_> {
    /// All of them: those of its states first.
    pub fn shown(&self, visitor: &Visitor) -> Markup {
        let workflow = self.workflow;
        html! {
            section {
                details #rules {
                    summary { (visitor.say("那一刻的规则", "The rules of that moment")) }
                    p {
                        (workflow.title.in_tongue(visitor.tongue)) " · " (visitor.say("版本", "version")) " " (workflow.version)
                        " · " code { (short(&self.case.filing.digest)) }
                    }
                    (self.of_states(visitor))
                    h3 { (visitor.say("当时生效的日历、名册等", "Calendars, roster and the like in force then")) }
                    ul { @for (kind, digest) in self.named { li { (kind) " " code { (short(digest)) } } } }
                    h3 { (visitor.say("全部时限", "Every limit")) }
                    ul { @for (id, clock) in &workflow.clocks {
                        @let title = clock.title.in_tongue(visitor.tongue);
                        @if !title.is_empty() {
                            li { (title) " (" (id) ")：" (paidan_views::sheet::limits(clock, visitor.tongue)) }
                        }
                    } }
                }
            }
        }
    }

    fn of_states(&self, visitor: &Visitor) -> Markup {
        let here = leaves(self.workflow, self.case);
        html! {
            @for id in here {
                @let title = self.workflow.states.get(id).map(|state| state.title.in_tongue(visitor.tongue)).unwrap_or_default();
                h3 { (title) " (" (id) ")" }
                ul { @for rule in rules::of_state(self.workflow, self.roster, id) { li { (rule.in_tongue(visitor.tongue)) } } }
                @if let Some(text) = self.source.and_then(|source| rules::excerpt(source, id)) {
                    p { small { (visitor.say("原文：", "As it was written:")) } }
                    pre .rule tabindex="0" { (text) }
                }
            }
        }
    }
}
