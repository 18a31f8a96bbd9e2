//! The case: clocks in words, legs, what I can do and why not the rest, and the timeline.

use std::collections::BTreeSet;

use axum::extract::{Query, Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, PreEscaped, html};
use paidan_model::id::{ActionId, FieldId, PauseId, StateId, UnitId};
use paidan_model::roster::Roster;
use paidan_model::workflow::Workflow;
use paidan_runtime::commands::{Key, Want};
use paidan_runtime::fact::StateFact;
use paidan_runtime::{Act, Actor, Case, Clock as _, Fact, Ids as _, Seen, World, leaves, may_audit};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::App;
use crate::api::case::look;
use crate::form::{self, Arrived, Sent};
use crate::history::History;
use crate::page::back::Back;
use crate::page::clocks::Counting;
use crate::page::layout::page;
use crate::page::offered::Forms;
use crate::page::related::related;
use crate::page::rounds;
use crate::page::season::links;
use crate::page::shares::shares;
use crate::page::then::states;
use crate::page::value::fields;
use crate::page::vote;
use crate::path::Path;
use crate::problem::Problem;
use crate::visitor::Visitor;
use paidan_runtime::shelf::InForce;

/// The page.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    Query(done): Query<Done>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    if let Some(query) = done.back() {
        return Ok(Redirect::to(&format!("/case/{}/history?{query}", encoded(&id))).into_response());
    }
    if !visitor.is_known() {
        let next = format!("/case/{id}");
        let to = format!("/login?next={}", crate::session::wanted(Some(&next)));
        return Ok(Redirect::to(&to).into_response());
    }
    let said = Said { done: done.done.as_deref(), back: None };
    Ok(shown_with(&app, &visitor, &id, said).await?.into_response())
}

/// The action that led here.
#[derive(Deserialize)]
pub struct Done {
    done: Option<String>,
    at: Option<String>,
    seq: Option<String>,
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

impl Done {
    /// Whoever asks for the case of another moment is led to its replay.
    fn back(&self) -> Option<String> {
        let asked = [("at", &self.at), ("seq", &self.seq)].into_iter();
        let asked = asked.filter_map(|(name, text)| Some(format!("{name}={}", encoded(text.as_deref()?))));
        Some(asked.collect::<Vec<_>>().join("&")).filter(|query| !query.is_empty())
    }
}

/// What is said above a case: what was done just now, or the form that was not taken.
#[derive(Clone, Copy)]
struct Said<'s> {
    done: Option<&'s str>,
    back: Option<&'s Back>,
}

/// The case, and a form about it that was not taken.
async fn shown_with<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    id: &str,
    Said { done, back }: Said<'_>,
) -> Result<Markup, Problem> {
    let seen = look(app, &visitor.actor, id, None, "case").await?;
    let case = &seen.case;
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&case.filing.digest).ok_or_else(Problem::not_found)?;
    let offers = app.desk.queries.offers(case, &visitor.actor);
    let forms = Forms {
        visitor,
        workflow,
        in_force: &shelf,
        case: Some(case),
        values: &seen.values,
        links: &links(app, workflow).await?,
        token: &app.desk.world.ids().code(),
        seq: seen.seq,
        action: &format!("/{}", case.filing.stream),
        code: None,
        back,
    };
    let listed = forms.hold_what_came_back(&offers);
    let counting = Counting {
        workflow,
        roster: &shelf.roster,
        case,
        now: app.desk.world.clock().now(),
        calendar: &|clock| shelf.calendar(workflow, case, clock),
        why: false,
    };
    let body = html! {
        @if let Some(title) = done.and_then(|done| paidan_views::timeline::action_title(workflow, done)) {
            p .done role="status" { "✓ " (visitor.say("已办：", "Done: ")) (title.in_tongue(visitor.tongue)) }
        }
        @if let Some(back) = back {
            (back.notice(visitor, listed))
            @if !listed { (back.kept(visitor, workflow, &shelf.roster)) }
        }
        p { (workflow.title.in_tongue(visitor.tongue)) " · " strong { (states(visitor, workflow, case)) } }
        (asked(visitor, workflow, &shelf, &seen))
        (counting.first(visitor))
        (crate::page::wall::figures(visitor, &shelf, &workflow.id))
        @for hint in app.desk.queries.hints(&seen) { p .hint role="note" { "⚠ " (hint.in_tongue(visitor.tongue)) } }
        @let ballot_first = vote::has_own(visitor, workflow, case);
        @if !ballot_first { (fields(visitor, workflow, &shelf.roster, &seen)) }
        @let voting = case.votes.polls.values().any(paidan_runtime::Poll::is_open);
        @if voting { (vote::votes(visitor, workflow, &shelf.roster, &seen)) }
        (related(app, visitor, workflow, &seen).await?)
        (what_to_do(&forms, &offers))
        @if ballot_first { (fields(visitor, workflow, &shelf.roster, &seen)) }
        @if !voting { (vote::votes(visitor, workflow, &shelf.roster, &seen)) }
        (rounds::shown(visitor, workflow, &shelf, &seen))
        (shares(visitor, workflow, &seen, app.desk.world.clock().now()))
        (claims(visitor, &shelf.roster, case))
        (counting.shown(visitor))
        (proofs(visitor, workflow, &seen))
        (legs(visitor, &shelf.roster, case))
        (duties(visitor, &shelf, &seen))
        (picture(visitor, workflow, &seen))
        (timeline(visitor, workflow, &shelf, &seen))
        p { a href={ "/" (case.filing.stream) "/history" } { (visitor.say("回放：那时是什么样", "Replay: how it was then")) } }
        @if may_audit(case, &visitor.actor) {
            p { a href={ "/" (case.filing.stream) "/access" } { (visitor.say("谁看过这件事", "Who looked at this case")) } }
        }
    };
    Ok(page(app, visitor, &case.filing.number, &body))
}

/// Who asked for it, and when.
fn asked(visitor: &Visitor, workflow: &Workflow, shelf: &InForce, seen: &Seen) -> Markup {
    let Some(first) = seen.entries.first().filter(|entry| entry.seq == 1) else { return html! {} };
    let who = History::of(shelf, workflow, seen).who_in_words(first);
    let at = first.at.local_text(&visitor.zone);
    html! { p { (visitor.say("提出：", "Asked by ")) (who.in_tongue(visitor.tongue)) (visitor.say("，", ", ")) (at) } }
}

/// The forms of what the visitor may do, and why the rest may not be done.
fn what_to_do(forms: &Forms<'_>, offers: &[paidan_runtime::Offer]) -> Markup {
    html! {
        section {
            h2 { (forms.visitor.say("我可以办的", "What I can do")) }
            @if !offers.iter().any(|offer| offer.open.is_ok()) { p .none { (forms.visitor.say("现在没有要您办的。", "There is nothing for you to do now.")) } }
            (forms.open(offers))
            details {
                summary { (forms.visitor.say("其他动作和原因", "The rest, and why not")) }
                ul { @for offer in offers { @if let Err(refusal) = &offer.open { li {
                    strong { (offer.title.in_tongue(forms.visitor.tongue)) } "：" (paidan_views::refused(forms.workflow, &forms.in_force.roster, &forms.visitor.zone, refusal).in_tongue(forms.visitor.tongue))
                } } } }
            }
        }
    }
}

/// Rows of the duty list about this case: those whose category one of its words is.
fn duties(visitor: &Visitor, in_force: &InForce, seen: &Seen) -> Markup {
    let words = seen.values.values().filter_map(Json::as_str);
    let rows: Vec<_> = words.flat_map(|word| in_force.duties.about(word)).collect();
    html! {
        @if !rows.is_empty() {
            section {
                h2 { (visitor.say("职责清单", "Duty list")) }
                ul {
                    @for duty in rows {
                        @let unit = in_force.roster.units.get(&duty.unit);
                        @let name = unit.map_or(duty.unit.as_str(), |unit| unit.title.in_tongue(visitor.tongue));
                        li { code { (duty.id) } " " (name) "：" (duty.title.in_tongue(visitor.tongue)) "（" (duty.basis) "）" }
                    }
                }
            }
        }
    }
}

/// The picture of the workflow with the path walked.
fn picture(visitor: &Visitor, workflow: &Workflow, seen: &Seen) -> Markup {
    let here: BTreeSet<StateId> = leaves(workflow, &seen.case).into_iter().cloned().collect();
    let entered = |fact: &Fact| match fact {
        Fact::State(StateFact::Entered { state, .. }) => Some(state.clone()),
        _ => None,
    };
    let walked = seen.entries.iter().flat_map(|entry| &entry.facts).filter_map(entered).collect();
    html! {
        section {
            details .picture {
                summary { (visitor.say("办理步骤图和走过的路", "The picture of the steps, and the path walked")) }
                p { small { (rules(visitor, workflow)) } }
                (PreEscaped(paidan_views::drawing(workflow, visitor.tongue, &walked, &here)))
            }
        }
    }
}

/// By which definition the case goes: its version, and the profile that the town had picked when it was opened.
pub fn rules(visitor: &Visitor, workflow: &Workflow) -> Markup {
    html! {
        (visitor.say("办理规则", "Rules")) " " code { (workflow.id) } " · " (visitor.say("版本", "version")) " " (workflow.version)
        @if let Some(profile) = workflow.profile_id() {
            " · " (visitor.say("地方参数", "profile")) ": " code { (profile) }
        }
    }
}

/// A file of the case.
pub async fn file<W: World>(
    State(app): State<App<W>>,
    Path((id, digest)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    crate::api::file::of_case(&app, &visitor.actor, &id, &digest).await
}

fn claims(visitor: &Visitor, roster: &Roster, case: &Case) -> Markup {
    let name = |unit: &UnitId| {
        roster.units.get(unit).map_or(unit.as_str(), |u| u.title.in_tongue(visitor.tongue)).to_string()
    };
    html! {
        @if !case.claims.all.is_empty() {
            section {
                h2 { (visitor.say("认领", "Claims")) }
                table {
                    thead { tr {
                        th { "#" }
                        th { (visitor.say("认领方", "By")) }
                        th { (visitor.say("数量", "How many")) }
                        th { (visitor.say("进展", "How far")) }
                    } }
                    tbody { @for claim in &case.claims.all { tr {
                        td { (claim.n) }
                        td { @match &claim.unit {
                            Some(unit) => (name(unit)),
                            None if claim.party == visitor.subject => (visitor.say("我", "me")),
                            None => (visitor.say("个人", "a person")),
                        } }
                        td { (claim.qty) }
                        td { (claim.state.title().in_tongue(visitor.tongue)) }
                    } } }
                }
            }
        }
    }
}

/// What was given as proof for pauses.
fn proofs(visitor: &Visitor, workflow: &Workflow, seen: &Seen) -> Markup {
    let title = |id: &PauseId| {
        let title = workflow.pauses.get(id).map(|pause| pause.title.or_id(visitor.tongue, id.as_str()));
        title.unwrap_or(id.as_str()).to_string()
    };
    html! {
        @for (pause, files) in &seen.proofs {
            p { (visitor.say("暂停计时的证明（", "Proof for the pause (")) (title(pause)) (visitor.say("）：", "): "))
                @for (n, digest) in (1..).zip(files) { a href={ "/" (seen.case.filing.stream) "/file/" (digest) } { (visitor.say("附件", "file ")) (n) } " " }
            }
        }
    }
}

/// The departments that take part.
pub fn legs(visitor: &Visitor, roster: &Roster, case: &Case) -> Markup {
    let name = |unit: &UnitId| {
        roster.units.get(unit).map_or(unit.as_str(), |u| u.title.in_tongue(visitor.tongue)).to_string()
    };
    html! {
        @if !case.legs.by_unit.is_empty() {
            section {
                h2 { (visitor.say("承办部门", "Departments")) }
                table { tbody {
                    @for (unit, leg) in &case.legs.by_unit {
                        tr { td { (name(unit)) } td { (leg.part.title().in_tongue(visitor.tongue)) } td { (leg.state.title().in_tongue(visitor.tongue)) @if leg.late { " ⚠" } } }
                    }
                } }
            }
        }
    }
}

fn timeline(visitor: &Visitor, workflow: &Workflow, in_force: &InForce, seen: &Seen) -> Markup {
    let zone = visitor.zone;
    let history = History::of(in_force, workflow, seen);
    html! {
        section {
            h2 { (visitor.say("经过", "What happened")) }
            ol .timeline reversed {
                @for entry in seen.entries.iter().rev() {
                    li value=(entry.seq) {
                        time { (entry.due.unwrap_or(entry.at).local_text(&zone)) }
                        " " small { (history.who_in_words(entry).in_tongue(visitor.tongue)) }
                        ul {
                            @for words in history.told(entry) { li { (words.in_tongue(visitor.tongue)) } }
                        }
                    }
                }
            }
        }
    }
}

/// Does an action of the page's forms. What is not taken comes back with the page that it was written on.
pub async fn act<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    let seen = look(&app, &visitor.actor, &id, None, "case").await?;
    let Arrived { sent, refused } = form::arrive(&app, &visitor, request).await?;
    let desk = form::one(&sent, "_next") == Some("/dispatch");
    let done = match refused {
        Some(problem) => Err(problem),
        None => acted(&app, visitor.actor.clone(), &seen.case.filing.stream, &seen.case, &sent).await,
    };
    let Err(problem) = done else {
        let action = form::one(&sent, "_action").and_then(ActionId::parse);
        let done = action.map(|action| format!("?done={action}")).unwrap_or_default();
        let to = if desk { "/dispatch".to_string() } else { format!("/{}{done}", seen.case.filing.stream) };
        return Ok(Redirect::to(&to).into_response());
    };
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&seen.case.filing.digest).ok_or_else(Problem::not_found)?;
    let back = Back::of(problem, workflow, &shelf, sent);
    let page = match desk {
        true => {
            crate::page::dispatch::shown(&app, &visitor, Some(&seen.case.filing.number), Some(&back)).await?
        }
        false => shown_with(&app, &visitor, &id, Said { done: None, back: Some(&back) }).await?,
    };
    Ok(back.answer(page))
}

/// Does what a form asks for; sending the same form twice does it once.
///
/// # Errors
/// The problem that the page shows.
pub async fn acted<W: World>(
    app: &App<W>,
    actor: Actor,
    stream: &str,
    case: &Case,
    sent: &Sent,
) -> Result<(), Problem> {
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&case.filing.digest).ok_or_else(Problem::not_found)?;
    let action = form::one(sent, "_action").and_then(ActionId::parse).ok_or_else(Problem::not_found)?;
    let fill = form::values(&workflow.fields, &shelf.zone(), sent);
    let leg = form::one(sent, "_leg");
    let reason = form::one(sent, "_reason");
    let body = serde_json::to_vec(&(&fill, leg, reason)).unwrap_or_default();
    // Whose press it is belongs to the key: somebody else's token brings no answer of theirs.
    let who = actor.subject().to_string();
    let key =
        form::one(sent, "_token").map(|token| Key::of(&[&who, token, "act", stream, action.as_str()], &body));
    let act = Act {
        action,
        fill: fill.into_iter().filter(|(name, _)| FieldId::parse(name).is_some()).collect(),
        reason: reason.map(Into::into),
        leg: leg.and_then(UnitId::parse),
        // The dispatch desk insists, for a person named for an order that has moved on meanwhile is none; and so does
        // whoever corrects a list as it was shown.
        seen: (form::one(sent, "_next").is_some() || form::corrects_a_list(&workflow.fields, sent))
            .then(|| form::one(sent, "_seen"))
            .flatten()
            .and_then(|seq| seq.parse().ok()),
    };
    app.desk.commands.ask(actor, Want::Act { stream: stream.to_string(), act }, key).await?;
    Ok(())
}
