//! Tracking by code: what a resident without an account sees and does.

use std::collections::BTreeMap;

use axum::extract::{Extension, Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use paidan_model::leg::LegState;
use paidan_model::text::Text;
use paidan_model::value::Held;
use paidan_model::workflow::Workflow;
use paidan_runtime::fact::CaseFact;
use paidan_runtime::shelf::InForce;
use paidan_runtime::{Actor, Audience, Case, Fact, Ids as _, World, holders, leaves};
use paidan_runtime::{Entry, fold};
use paidan_views::people::audiences;

use crate::App;
use crate::form::{self, Arrived, Filled};
use crate::page::back::Back;
use crate::page::case::acted;
use crate::page::layout::page;
use crate::page::offered::Forms;
use crate::page::season::Links;
use crate::problem::{Code, Problem};
use crate::visitor::{Peer, Visitor, from};
use serde::Deserialize;

/// What a code opens.
struct Tracked {
    stream: String,
    case: Case,
    entries: Vec<Entry>,
    actor: Actor,
}

/// The empty form.
pub async fn ask<W: World>(State(app): State<App<W>>, headers: HeaderMap) -> Result<Markup, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    Ok(page(&app, &visitor, visitor.say("查询", "Track"), &code_form(&visitor, "")))
}

fn code_form(visitor: &Visitor, code: &str) -> Markup {
    html! {
        form .form method="post" action="/track" {
            label { span { (visitor.say("查询码", "Tracking code")) } input name="code" value=(code) required autocomplete="off" spellcheck="false"; }
            button { (visitor.say("查询", "Look")) }
        }
    }
}

/// What the code opens, as the page. Codes are in bodies, never in addresses, which logs and histories keep. A code that
/// opens nothing comes back with the form.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Filled(Coded { code }): Filled<Coded>,
) -> Result<Response, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    let from = from(&app, peer.map(|Extension(peer)| peer), &headers);
    match shown(&app, &visitor, &code, &from, None).await {
        Ok(page) => Ok(page.into_response()),
        Err(problem) if problem.is(Code::NotFound) => {
            let body = html! {
                div .refusal role="alert" {
                    p { (visitor.say("没有这个查询码，请核对。丢了的话，请带身份证件到服务窗口查询。", "There is no such code; look at it again. If it is lost, ask at the service counter.")) " " small { code { (problem.number()) } } }
                }
                (code_form(&visitor, &code))
            };
            Ok((problem.status(), page(&app, &visitor, visitor.say("查询", "Track"), &body)).into_response())
        }
        Err(problem) => Err(problem),
    }
}

/// What the form of a code holds.
#[derive(Deserialize)]
pub struct Coded {
    #[serde(default)]
    code: String,
}

async fn shown<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    code: &str,
    from: &str,
    back: Option<&Back>,
) -> Result<Markup, Problem> {
    let tracked = of_code(app, code, from).await?;
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&tracked.case.filing.digest).ok_or_else(Problem::not_found)?;
    let offers = app.desk.queries.offers(&tracked.case, &tracked.actor);
    let forms = Forms {
        visitor,
        workflow,
        in_force: &shelf,
        case: None,
        values: &BTreeMap::new(),
        links: &Links::new(),
        token: &app.desk.world.ids().code(),
        seq: tracked.entries.last().map_or(0, |entry| entry.seq),
        action: "/track/act",
        code: Some(code),
        back,
    };
    let listed = forms.hold_what_came_back(&offers);
    let reasons = app.desk.queries.reasons(&tracked.stream, &tracked.entries).await?;
    let body = html! {
        @if let Some(back) = back {
            (back.notice(visitor, listed))
            @if !listed { (back.kept(visitor, workflow, &shelf.roster)) }
        }
        (about(visitor, workflow, &shelf, &tracked.case))
        @if offers.iter().any(|offer| offer.open.is_ok()) {
            section {
                h2 { (visitor.say("您可以办的", "What you can do")) }
                (forms.open(&offers))
            }
        }
        section {
            h2 { (visitor.say("经过", "What happened")) }
            ol .timeline { @for entry in &tracked.entries { (line(visitor, workflow, entry, &reasons)) } }
        }
    };
    Ok(page(app, visitor, &tracked.case.filing.number, &body))
}

fn line(visitor: &Visitor, workflow: &Workflow, entry: &Entry, reasons: &BTreeMap<String, String>) -> Markup {
    let zone = visitor.zone;
    let words = paidan_views::timeline::for_resident(workflow, &entry.facts);
    let reason = entry.facts.iter().find_map(|fact| match fact {
        Fact::Case(CaseFact::Reasoned { reason: Held::Sealed(commitment) }) => reasons.get(commitment),
        _ => None,
    });
    html! {
        @if !words.is_empty() {
            li {
                time { (entry.due.unwrap_or(entry.at).local_text(&zone)) }
                ul {
                    @for text in &words { li { (text.in_tongue(visitor.tongue)) } }
                    @if let Some(reason) = reason { li { (visitor.say("理由：", "Reason: ")) (reason) } }
                }
            }
        }
    }
}

fn about(visitor: &Visitor, workflow: &Workflow, in_force: &InForce, case: &Case) -> Markup {
    let title = |id| workflow.states.get(id).map(|s| s.title.in_tongue(visitor.tongue)).unwrap_or_default();
    let states: Vec<&str> = leaves(workflow, case).into_iter().map(title).collect();
    let public = case
        .clocks
        .all
        .iter()
        .rev()
        .find(|c| workflow.clocks.get(&c.key.clock).is_some_and(|clock| clock.public));
    html! {
        dl {
            dt { (visitor.say("编号", "Number")) } dd { (case.filing.number) }
            @if let Some(since) = case.filing.since {
                dt { (visitor.say("最初受理", "First received")) } dd { (since.local_text(&visitor.zone)) }
            }
            dt { (visitor.say("进展", "How far")) } dd { (states.join("、")) }
            @if let Some(who) = who_has_it(workflow, in_force, case) {
                dt { (visitor.say("现由谁办", "Who has it")) } dd { (who.in_tongue(visitor.tongue)) }
            }
            @if let Some(clock) = public {
                dt { (visitor.say("承诺日期", "Promised by")) } dd { (clock.due.local_text(&visitor.zone)) }
            }
        }
    }
}

/// Who has an open case now: whoever holds its states, and the departments that are asked and not done.
fn who_has_it(workflow: &Workflow, in_force: &InForce, case: &Case) -> Option<Text> {
    if case.is_closed() {
        return None;
    }
    let asked =
        case.legs.by_unit.iter().filter(|(_, leg)| !leg.state.is_gone() && leg.state != LegState::Done);
    let asked = asked.map(|(unit, _)| Audience::Unit(unit.clone()));
    let mut all: Vec<Audience> = Vec::new();
    for audience in holders(workflow, case).into_iter().chain(asked) {
        // The resident knows that it waits for themselves by what the page offers.
        if !all.contains(&audience) && !matches!(audience, Audience::Person(_)) {
            all.push(audience);
        }
    }
    (!all.is_empty()).then(|| audiences(&in_force.roster, &all))
}

async fn of_code<W: World>(app: &App<W>, code: &str, from: &str) -> Result<Tracked, Problem> {
    let stream = app.desk.queries.by_code_from(code.trim(), from).await?.ok_or_else(Problem::not_found)?;
    let entries = app.desk.queries.timeline(&stream).await?;
    let case = fold(&entries, None).ok_or_else(Problem::not_found)?;
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&case.filing.digest).ok_or_else(Problem::not_found)?;
    let subject = form::resident(workflow, &case).ok_or_else(Problem::not_found)?;
    let actor = Actor::Person { subject, posts: Vec::new(), via: "code".into() };
    app.desk.access.witness(&actor, &stream, "case", Vec::new(), true).await?;
    Ok(Tracked { stream, case, entries, actor })
}

/// Does what the holder of the code may do, as the resident.
pub async fn act<W: World>(
    State(app): State<App<W>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    let from = from(&app, peer.map(|Extension(peer)| peer), &headers);
    let Arrived { sent, refused } = form::arrive_by_code(&app, &visitor, request).await?;
    let code = form::one(&sent, "_code").unwrap_or_default().to_string();
    let tracked = of_code(&app, &code, &from).await?;
    let done = match refused {
        Some(problem) => Err(problem),
        None => acted(&app, tracked.actor, &tracked.stream, &tracked.case, &sent).await,
    };
    let Err(problem) = done else {
        return Ok(shown(&app, &visitor, &code, &from, None).await?.into_response());
    };
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&tracked.case.filing.digest).ok_or_else(Problem::not_found)?;
    let back = Back::of(problem, workflow, &shelf, sent);
    Ok(back.answer(shown(&app, &visitor, &code, &from, Some(&back)).await?))
}
