//! A form that was not taken comes back: why, in words, and with all that was written in it.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use paidan_model::roster::Roster;
use paidan_model::workflow::Workflow;
use paidan_runtime::Offer;

use crate::form::{self, Draft, Sent};
use crate::problem::Problem;
use crate::visitor::Visitor;

/// What was sent, and why it was not taken.
pub struct Back {
    sent: Sent,
    problem: Problem,
}

impl Back {
    /// A form about a case of a workflow; the reason is said with the titles of its fields and actions.
    #[must_use]
    pub fn of(problem: Problem, workflow: &Workflow, roster: &Roster, sent: Sent) -> Self {
        Self { sent, problem: problem.told(workflow, roster) }
    }

    /// What was written, for the form of an action; nothing for the others.
    #[must_use]
    pub fn draft(&self, offer: &Offer) -> Option<Draft<'_>> {
        let action = form::one(&self.sent, "_action") == Some(offer.action.as_str());
        let leg = form::one(&self.sent, "_leg") == offer.leg.as_ref().map(|leg| leg.as_str());
        (action && leg).then(|| self.whole())
    }

    /// What was written.
    #[must_use]
    pub fn whole(&self) -> Draft<'_> {
        Draft::of(&self.sent, self.problem.field())
    }

    /// Why it was not taken; `listed` says whether the form stands further down on the page.
    pub fn notice(&self, visitor: &Visitor, listed: bool) -> Markup {
        html! {
            div .refusal role="alert" {
                strong { (visitor.say("没有办成", "This was not done")) }
                p { (self.problem.words().in_tongue(visitor.tongue)) " " small { code { (self.problem.number()) } } }
                @if let Some(advice) = self.problem.advice() { p { small { (advice.in_tongue(visitor.tongue)) } } }
                @if listed {
                    p { a href="#refused" { (visitor.say("填写的内容还在，改好后再提交", "What you wrote is still there: mend it and send it again")) } }
                }
            }
        }
    }

    /// The token to send it again with: the same one where nobody knows whether it was done.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        let unknown = self.problem.status() == StatusCode::SERVICE_UNAVAILABLE;
        form::one(&self.sent, "_token").filter(|_| unknown)
    }

    /// What was written, to be copied, where the page no longer has a form for it.
    pub fn kept(&self, visitor: &Visitor, workflow: &Workflow) -> Markup {
        let fields = workflow
            .fields_in_order()
            .into_iter()
            .filter(|(_, field)| field.kind != paidan_model::field::FieldType::Files);
        let written: Vec<(&str, &str)> = fields
            .filter_map(|(id, field)| {
                let said = form::one(&self.sent, id.as_str())?;
                Some((field.label.or_id(visitor.tongue, id.as_str()), said))
            })
            .chain(form::one(&self.sent, "_reason").map(|reason| (visitor.say("理由", "Reason"), reason)))
            .collect();
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
