//! What somebody may do about a case, each as a form.

use std::collections::BTreeMap;

use maud::{Markup, html};
use paidan_model::id::FieldId;
use paidan_model::state::Target;
use paidan_model::workflow::Workflow;
use paidan_runtime::shelf::InForce;
use paidan_runtime::{About, Case, Offer};
use serde_json::Value as Json;

use crate::form::Draft;
use crate::form::input::Sheet;
use crate::page::back::Back;
use crate::page::season::Links;
use crate::page::{inputs, vote};
use crate::visitor::Visitor;

/// What is seldom done in a vote.
const SELDOM: [&str; 5] = ["revoke", "name_proxy", "dispute", "cure", "veto"];
/// What the forms about a case are made of. They show of it no more than whoever fills them in may see.
pub struct Forms<'f> {
    /// Who fills them in.
    pub visitor: &'f Visitor,
    /// The definition of the case.
    pub workflow: &'f Workflow,
    /// The town.
    pub in_force: &'f InForce,
    /// The case, where the reader may see its vote.
    pub case: Option<&'f Case>,
    /// The values that may be shown, to be corrected.
    pub values: &'f BTreeMap<FieldId, Json>,
    /// What fields may name.
    pub links: &'f Links,
    /// What makes a form that is sent twice one command.
    pub token: &'f str,
    /// The last record that the reader has seen.
    pub seq: u64,
    /// Where the forms go.
    pub action: &'f str,
    /// The code of a resident who has no account.
    pub code: Option<&'f str>,
    /// A form that was not taken.
    pub back: Option<&'f Back>,
}

/// Whether it asks for time, or for a start before all are there, beside the chart.
fn wants_time(offer: &Offer) -> bool {
    let asks = ["extend", "pause"].contains(&offer.action.as_str()) && offer.about.is_some();
    asks || offer.action.as_str() == "start_without"
}

impl Forms<'_> {
    /// Whether one of these is the form that comes back.
    pub fn hold_what_came_back(&self, offers: &[Offer]) -> bool {
        let mine = |offer: &Offer| offer.open.is_ok() && self.draft(offer).is_some();
        offers.iter().any(mine)
    }

    fn draft(&self, offer: &Offer) -> Option<Draft<'_>> {
        self.back.and_then(|back| back.draft(offer))
    }

    /// Whether an action leads to an end: those stand last, so that nobody withdraws what they meant to go on with.
    fn ends(&self, offer: &Offer) -> bool {
        let actions = self.workflow.states.values().filter_map(|state| state.on.get(&offer.action));
        let first = actions.filter_map(|action| action.alternatives.first()?.go.as_ref()).next();
        let target = first.and_then(|go| match go {
            Target::State(state) => self.workflow.states.get(state),
            Target::Back | Target::BackDeep => None,
        });
        target.is_some_and(|state| state.outcome.is_some())
    }

    /// Every open action as a form: a ballot first, what ends the case last, and what is seldom done folded away.
    pub fn open(&self, offers: &[Offer]) -> Markup {
        let mut open: Vec<&Offer> = offers.iter().filter(|offer| offer.open.is_ok()).collect();
        open.sort_by_key(|offer| (offer.action.as_str() != "cast", self.ends(offer)));
        let (of_vote, rest): (Vec<&Offer>, Vec<&Offer>) =
            open.into_iter().partition(|offer| SELDOM.contains(&offer.action.as_str()));
        let (of_time, first): (Vec<&Offer>, Vec<&Offer>) =
            rest.into_iter().partition(|offer| wants_time(offer));
        html! {
            @for offer in first { (self.offered(offer)) }
            (self.folded(self.visitor.say("投票的其他事项：撤回、委托、异议", "More about the vote: take back, proxies, disputes"), &of_vote))
            (self.folded(self.visitor.say("时间不够？延期、暂停计时", "Not enough time? More of it, or a pause"), &of_time))
        }
    }

    /// What is seldom done, folded away; open where one of them came back.
    fn folded(&self, summary: &str, offers: &[&Offer]) -> Markup {
        let came_back = offers.iter().any(|offer| self.draft(offer).is_some());
        html! {
            @if !offers.is_empty() {
                details open[came_back] {
                    summary { (summary) }
                    @for offer in offers { (self.offered(offer)) }
                }
            }
        }
    }

    /// One open action as a form.
    fn offered(&self, offer: &Offer) -> Markup {
        let Ok(asked) = &offer.open else { return html! {} };
        let (visitor, roster) = (self.visitor, &self.in_force.roster);
        let came_back = self.draft(offer);
        let draft = came_back.unwrap_or_default();
        let sheet = Sheet { visitor, workflow: self.workflow, roster, links: self.links, draft };
        let again = self.back.filter(|_| came_back.is_some()).and_then(Back::token);
        html! {
            form .form id=[came_back.map(|_| "refused")] method="post" action=(self.action) enctype="multipart/form-data" {
                @if let Some(code) = self.code { input type="hidden" name="_code" value=(code); }
                h3 {
                    (offer.title.in_tongue(visitor.tongue))
                    @if let Some(leg) = &offer.leg { " · " (paidan_views::people::unit(roster, leg).in_tongue(visitor.tongue)) }
                }
                input type="hidden" name="_token" value=(again.unwrap_or(self.token));
                input type="hidden" name="_action" value=(offer.action);
                input type="hidden" name="_seen" value=(self.seq);
                @if let Some(leg) = &offer.leg { input type="hidden" name="_leg" value=(leg); }
                @if let Some((name, value)) = offer.about.as_ref().map(About::field) { input type="hidden" name=(name) value=(value); }
                @for id in &asked.fields {
                    @if let Some(field) = self.workflow.fields.get(id) {
                        (sheet.input(id, field, false, self.values.get(id)))
                    }
                }
                @if let Some(inputs) = vote::inputs(&sheet, self.case, offer) { (inputs) }
                (inputs::built_in(&sheet, self.in_force, self.case, offer))
                @if asked.proof { (sheet.files("proof", visitor.say("证明材料", "Proof"), true)) }
                @if asked.reason {
                    label { span { (visitor.say("理由 *", "Reason *")) } textarea name="_reason" rows="2" required { (draft.said("_reason").unwrap_or_default()) } }
                }
                button { (offer.title.in_tongue(visitor.tongue)) }
            }
        }
    }
}
