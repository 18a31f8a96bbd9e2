//! The form that opens a case: made from the definition's own fields.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use maud::{Markup, html};
use paidan_model::field::SetBy;
use paidan_model::id::WorkflowId;
use paidan_runtime::desk::{Key, Want};
use paidan_runtime::{Ids as _, World};

use crate::App;
use crate::form::{self, Sent};
use crate::page::layout::page;
use crate::problem::Problem;
use crate::visitor::Visitor;

fn id(name: &str) -> Result<WorkflowId, Problem> {
    WorkflowId::parse(name).ok_or_else(Problem::not_found)
}

/// The empty form.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Markup, Problem> {
    let visitor = Visitor::of(&app.desk, &headers);
    let shelf = app.desk.shelf.now();
    let digest = shelf.latest(&id(&name)?).ok_or_else(Problem::not_found)?;
    let workflow = shelf.workflow(digest).ok_or_else(Problem::not_found)?;
    let fields = workflow.fields.iter().filter(|(_, field)| field.required && field.set_by == SetBy::People);
    let token = app.desk.world.ids().code();
    let body = html! {
        form .form method="post" {
            input type="hidden" name="_token" value=(token);
            @for (id, field) in fields { (form::input(&visitor, &shelf.roster, id, field, true)) }
            button { (visitor.say("提交", "Send")) }
        }
    };
    Ok(page(&app, &visitor, workflow.title.in_tongue(visitor.tongue), &body))
}

/// Opens the case; sending the same form twice opens one.
pub async fn send<W: World>(
    State(app): State<App<W>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Form(sent): Form<Sent>,
) -> Result<Markup, Problem> {
    let visitor = Visitor::of(&app.desk, &headers);
    let workflow = id(&name)?;
    let shelf = app.desk.shelf.now();
    let digest = shelf.latest(&workflow).ok_or_else(Problem::not_found)?;
    let fields = &shelf.workflow(digest).ok_or_else(Problem::not_found)?.fields;
    let fill = form::values(fields, &sent);
    let body = serde_json::to_vec(&fill).unwrap_or_default();
    let key = form::one(&sent, "_token").map(|token| Key::of(&[token, "open", &name], &body));
    let want = Want::Open { workflow, fill, channel: "page".into(), parent: None, levels_of: None };
    let receipt = app.desk.ask(visitor.actor.clone(), want, key).await?;
    let body = html! {
        p .receipt { (receipt.number) }
        @if let Some(code) = &receipt.code {
            p { (visitor.say("查询码（请保存，只显示一次）：", "Tracking code (keep it; it is shown once): ")) code { (code) } }
        }
        p { a href={ "/" (receipt.stream) } { (visitor.say("打开", "Open")) } }
    };
    Ok(page(&app, &visitor, visitor.say("已受理", "Received"), &body))
}
