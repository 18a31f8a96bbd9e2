//! A form that was not taken comes back: why, in words, and with all that was written in it.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use paidan_model::field::{Field, FieldType};
use paidan_model::id::FieldId;
use paidan_model::roster::Roster;
use paidan_model::text::Text;
use paidan_model::workflow::Workflow;
use paidan_runtime::shelf::InForce;
use paidan_runtime::{About, Offer};

use crate::form::{self, Draft, Sent};
use crate::page::value::shown;
use crate::problem::{Code, Problem};
use crate::visitor::Visitor;

/// What was sent, and why it was not taken.
pub struct Back {
    sent: Sent,
    problem: Problem,
    words: Text,
}

impl Back {
    /// A form about a case of a workflow; the reason is said with the titles of its fields and actions.
    #[must_use]
    pub fn of(problem: Problem, workflow: &Workflow, in_force: &InForce, sent: Sent) -> Self {
        let problem = problem.told(workflow, in_force);
        let words = problem.words();
        Self { sent, problem, words }
    }

    /// What was written, for the form of an action; nothing for the others.
    #[must_use]
    pub fn draft(&self, offer: &Offer) -> Option<Draft<'_>> {
        let action = form::one(&self.sent, "_action") == Some(offer.action.as_str());
        let leg = form::one(&self.sent, "_leg") == offer.leg.as_ref().map(|leg| leg.as_str());
        let about = offer.about.as_ref().map(About::field);
        let about = about.is_none_or(|(name, value)| form::one(&self.sent, name) == Some(value));
        (action && leg && about).then(|| self.whole())
    }

    /// What was written.
    #[must_use]
    pub fn whole(&self) -> Draft<'_> {
        Draft::of(&self.sent, self.problem.field().map(|field| (field, &self.words)))
    }

    /// Why it was not taken; `listed` says whether the form stands further down on the page.
    pub fn notice(&self, visitor: &Visitor, listed: bool) -> Markup {
        html! {
            div .refusal role="alert" {
                strong { (visitor.say("没有办成", "This was not done")) }
                p { (self.words.in_tongue(visitor.tongue)) " " small { code { (self.problem.number()) } } }
                @if let Some(advice) = self.problem.advice() { p { small { (advice.in_tongue(visitor.tongue)) } } }
                @if self.problem.is(Code::KeyReused) {
                    p { a href="?" { (visitor.say("打开这一页，看看前一次办成了什么", "Open this page anew and see what was done before")) } }
                } @else if listed && !self.may_be_done() {
                    p { a href="#refused" { (visitor.say("填写的内容还在，改好后再提交", "What you wrote is still there: mend it and send it again")) } }
                }
            }
        }
    }

    fn may_be_done(&self) -> bool {
        self.problem.status() == StatusCode::SERVICE_UNAVAILABLE
    }

    /// The token to send it again with: the same one where it may have been done already, so that it is done once.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        let same = self.may_be_done() || self.problem.is(Code::KeyReused);
        form::one(&self.sent, "_token").filter(|_| same)
    }

    /// What was written, to be copied, where the page no longer has a form for it.
    pub fn kept(&self, visitor: &Visitor, workflow: &Workflow, roster: &Roster) -> Markup {
        let values = form::values(&workflow.fields, &visitor.zone, &self.sent);
        let field = |(id, field): (&FieldId, &Field)| {
            let value = values.get(id.as_str()).filter(|_| field.kind != FieldType::Files)?;
            let label = field.label.or_id(visitor.tongue, id.as_str()).to_string();
            Some((label, shown(visitor, roster, field, "", value)))
        };
        let mut written: Vec<(String, Markup)> =
            workflow.fields_in_order().into_iter().filter_map(field).collect();
        let built_in: BTreeSet<&str> = self.sent.iter().map(|(name, _)| name.as_str()).collect();
        let more = built_in.into_iter().filter(|name| !workflow.fields.keys().any(|id| id.as_str() == *name));
        for name in more.filter(|name| !name.starts_with('_') && *name != "proof") {
            let label = paidan_views::refused::called(workflow, name);
            let label = label.map_or(name.to_string(), |label| label.in_tongue(visitor.tongue).to_string());
            let said = self.whole().all(name).join("、");
            if !said.is_empty() {
                written.push((label, html! { (said) }));
            }
        }
        if let Some(reason) = form::one(&self.sent, "_reason") {
            written.push((visitor.say("理由", "Reason").to_string(), html! { (reason) }));
        }
        html! {
            @if !written.is_empty() {
                section {
                    h2 { (visitor.say("您填写的内容", "What you wrote")) }
                    dl { @for (label, said) in written { dt { (label) } dd { (said) } } }
                }
            }
        }
    }

    /// The page, with the status of what went wrong.
    pub fn answer(&self, page: Markup) -> Response {
        let mut response = (self.problem.status(), page).into_response();
        self.problem.wait_header(&mut response);
        response
    }
}
