//! Tracking by code: what a resident without an account sees.

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use maud::{Markup, html};
use paidan_model::moment::Zone;
use paidan_runtime::World;
use paidan_runtime::leaves;
use serde::Deserialize;

use crate::App;
use crate::page::layout::page;
use crate::problem::Problem;
use crate::visitor::Visitor;

/// What was asked for.
#[derive(Deserialize)]
pub struct Wanted {
    code: Option<String>,
}

/// The page.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Markup, Problem> {
    let visitor = Visitor::of(&app.desk, &headers);
    let found = match &wanted.code {
        Some(code) => Some(of_code(&app, &visitor, code.trim()).await?),
        None => None,
    };
    let body = html! {
        form .form method="get" {
            label { span { (visitor.say("查询码", "Tracking code")) } input name="code" required autocomplete="off"; }
            button { (visitor.say("查询", "Look")) }
        }
        @if let Some(found) = found { (found) }
    };
    Ok(page(&app, &visitor, visitor.say("查询", "Track"), &body))
}

async fn of_code<W: World>(app: &App<W>, visitor: &Visitor, code: &str) -> Result<Markup, Problem> {
    let stream = app.desk.by_code(code).await?.ok_or_else(Problem::not_found)?;
    let case = app.desk.case(&stream).await?.ok_or_else(Problem::not_found)?;
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&case.digest).ok_or_else(Problem::not_found)?;
    let title = |id| workflow.states.get(id).map(|s| s.title.in_tongue(visitor.tongue)).unwrap_or_default();
    let states: Vec<&str> = leaves(workflow, &case).into_iter().map(title).collect();
    let public = case
        .clocks
        .iter()
        .rev()
        .find(|c| workflow.clocks.get(&c.key.clock).is_some_and(|clock| clock.public));
    Ok(html! {
        dl {
            dt { (visitor.say("编号", "Number")) } dd { (case.number) }
            dt { (visitor.say("状态", "State")) } dd { (states.join("、")) }
            @if let Some(clock) = public {
                dt { (visitor.say("承诺日期", "Promised by")) } dd { (clock.due.local_text(&Zone::SHANGHAI)) }
            }
        }
    })
}
