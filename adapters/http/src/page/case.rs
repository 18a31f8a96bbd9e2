//! The case: clocks in words, legs, what I can do and why not the rest, and the timeline.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Redirect;
use maud::{Markup, html};
use paidan_model::id::{ActionId, FieldId, UnitId};
use paidan_model::moment::Zone;
use paidan_model::roster::Roster;
use paidan_model::workflow::Workflow;
use paidan_runtime::Act;
use paidan_runtime::desk::{Entry, Key, Want, fold};
use paidan_runtime::{Case, Offer, leaves};
use paidan_runtime::{Ids as _, World};

use crate::App;
use crate::form::{self, Sent};
use crate::page::layout::page;
use crate::problem::Problem;
use crate::visitor::Visitor;

/// The page.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Markup, Problem> {
    let visitor = Visitor::of(&app.desk, &headers);
    let entries = app.desk.timeline(&format!("case/{id}")).await?;
    let case = fold(&entries, None).ok_or_else(Problem::not_found)?;
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&case.digest).ok_or_else(Problem::not_found)?;
    let offers = app.desk.offers(&case, &visitor.actor);
    let token = app.desk.world.ids().code();
    let seq = entries.last().map_or(0, |entry| entry.seq);
    let body = html! {
        p { (workflow.title.in_tongue(visitor.tongue)) " · " strong { (states(&visitor, workflow, &case)) } }
        (clocks(&visitor, &case))
        (legs(&visitor, &shelf.roster, &case))
        section {
            h2 { (visitor.say("我可以办的", "What I can do")) }
            @for offer in offers.iter().filter(|offer| offer.open.is_ok()) {
                (offered(&visitor, workflow, &shelf.roster, offer, &token, seq))
            }
            details {
                summary { (visitor.say("其他动作和原因", "The rest, and why not")) }
                ul { @for offer in &offers { @if let Err(refusal) = &offer.open { li {
                    strong { (offer.title.in_tongue(visitor.tongue)) } "：" (refusal.sentence(visitor.tongue))
                } } } }
            }
        }
        (timeline(&visitor, workflow, &entries))
    };
    Ok(page(&app, &visitor, &case.number, &body))
}

fn states(visitor: &Visitor, workflow: &Workflow, case: &Case) -> String {
    let title = |id| workflow.states.get(id).map(|s| s.title.in_tongue(visitor.tongue)).unwrap_or_default();
    leaves(workflow, case).into_iter().map(title).collect::<Vec<_>>().join("、")
}

fn clocks(visitor: &Visitor, case: &Case) -> Markup {
    let zone = Zone::SHANGHAI;
    html! {
        section {
            h2 { (visitor.say("计时", "Clocks")) }
            table {
                thead { tr {
                    th { (visitor.say("计时", "Clock")) }
                    th { (visitor.say("从", "From")) }
                    th { (visitor.say("期限", "Due")) }
                    th { (visitor.say("情况", "State")) }
                } }
                tbody {
                    @for clock in case.clocks.iter().filter(|clock| clock.verdict.is_none()) {
                        tr .late[clock.late] {
                            td { (clock.key.clock) @if let Some(leg) = &clock.key.leg { " · " (leg) } }
                            td { (clock.from.local_text(&zone)) }
                            td { (clock.due.local_text(&zone)) @if clock.provisional { (visitor.say("（暂定）", " (provisional)")) } }
                            td {
                                @if clock.paused.is_some() { (visitor.say("暂停", "stands still")) }
                                @else if clock.late { (visitor.say("逾期", "late")) }
                                @else { (visitor.say("进行中", "running")) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn legs(visitor: &Visitor, roster: &Roster, case: &Case) -> Markup {
    let name = |unit: &UnitId| {
        roster.units.get(unit).map_or(unit.as_str(), |u| u.title.in_tongue(visitor.tongue)).to_string()
    };
    html! {
        @if !case.legs.is_empty() {
            section {
                h2 { (visitor.say("承办部门", "Departments")) }
                table { tbody {
                    @for (unit, leg) in &case.legs {
                        tr { td { (name(unit)) } td { (leg.part.title().in_tongue(visitor.tongue)) } td { (leg.state.title().in_tongue(visitor.tongue)) @if leg.late { " ⚠" } } }
                    }
                } }
            }
        }
    }
}

fn offered(
    visitor: &Visitor,
    workflow: &Workflow,
    roster: &Roster,
    offer: &Offer,
    token: &str,
    seq: u64,
) -> Markup {
    let Ok(asked) = &offer.open else { return html! {} };
    let built_in: &[&str] = match offer.action.as_str() {
        "refuse" => &["basis", "instead"],
        "rule" => &["ruling", "instead"],
        _ => &[],
    };
    html! {
        form .form method="post" {
            h3 { (offer.title.in_tongue(visitor.tongue)) @if let Some(leg) = &offer.leg { " · " (leg) } }
            input type="hidden" name="_token" value=(token);
            input type="hidden" name="_action" value=(offer.action);
            input type="hidden" name="_seen" value=(seq);
            @if let Some(leg) = &offer.leg { input type="hidden" name="_leg" value=(leg); }
            @for id in &asked.fields {
                @if let Some(field) = workflow.fields.get(id) { (form::input(visitor, roster, id, field, false)) }
            }
            @for name in built_in { label { span { (words(visitor, name)) } input name=(name); } }
            @if asked.reason {
                label { span { (visitor.say("理由 *", "Reason *")) } textarea name="_reason" rows="2" required {} }
            }
            button { (offer.title.in_tongue(visitor.tongue)) }
        }
    }
}

fn words<'n>(visitor: &Visitor, name: &'n str) -> &'n str {
    match name {
        "basis" => visitor.say("职责依据", "Duty cited"),
        "instead" => visitor.say("应由哪个单位（代码）", "Which unit instead (its id)"),
        "ruling" => visitor.say("裁定：keep 或 release", "Ruling: keep or release"),
        other => other,
    }
}

fn timeline(visitor: &Visitor, workflow: &Workflow, entries: &[Entry]) -> Markup {
    let zone = Zone::SHANGHAI;
    html! {
        section {
            h2 { (visitor.say("经过", "What happened")) }
            ol .timeline reversed {
                @for entry in entries.iter().rev() {
                    li value=(entry.seq) {
                        time { (entry.due.unwrap_or(entry.at).local_text(&zone)) }
                        ul { @for fact in &entry.facts {
                            @if let Some(words) = paidan_views::sentence(workflow, &zone, fact) { li { (words.in_tongue(visitor.tongue)) } }
                        } }
                    }
                }
            }
        }
    }
}

/// Does an action of the page's forms.
pub async fn act<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(sent): Form<Sent>,
) -> Result<Redirect, Problem> {
    let visitor = Visitor::of(&app.desk, &headers);
    let stream = format!("case/{id}");
    let case = app.desk.case(&stream).await?.ok_or_else(Problem::not_found)?;
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&case.digest).ok_or_else(Problem::not_found)?;
    let action = form::one(&sent, "_action").and_then(ActionId::parse).ok_or_else(Problem::not_found)?;
    let fill = form::values(&workflow.fields, &sent);
    let body = serde_json::to_vec(&fill).unwrap_or_default();
    let key = form::one(&sent, "_token").map(|token| Key::of(&[token, "act", &id, action.as_str()], &body));
    let act = Act {
        action,
        fill: fill.into_iter().filter(|(name, _)| FieldId::parse(name).is_some()).collect(),
        reason: form::one(&sent, "_reason").map(Into::into),
        leg: form::one(&sent, "_leg").and_then(UnitId::parse),
        seen: None,
    };
    app.desk.ask(visitor.actor, Want::Act { stream: stream.clone(), act }, key).await?;
    Ok(Redirect::to(&format!("/{stream}")))
}
