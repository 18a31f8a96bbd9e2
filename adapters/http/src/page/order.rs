//! The form that opens a case: made from the definition's own fields.

use std::collections::BTreeMap;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use maud::{Markup, html};
use paidan_model::field::{Field, FieldType, SetBy};
use paidan_model::id::{FieldId, WorkflowId};
use paidan_model::workflow::Workflow;
use paidan_runtime::desk::{Key, Want};
use paidan_runtime::{Ids as _, World};
use serde_json::{Value as Json, json};

use crate::api::case::check_files;
use crate::form;
use crate::page::layout::page;
use crate::path::Path;
use crate::problem::{Code, Problem};
use crate::visitor::Visitor;
use crate::{App, Door};

/// Residents open what the settings name; whoever is known opens the rest.
pub fn may_open<W: World>(app: &App<W>, visitor: &Visitor, workflow: &WorkflowId) -> bool {
    let open = app.open_to_residents.iter().any(|id| id == workflow.as_str());
    visitor.is_known() || app.door == Door::Demonstration || open
}

fn allowed<W: World>(app: &App<W>, visitor: &Visitor, name: &str) -> Result<WorkflowId, Problem> {
    let id = WorkflowId::parse(name).ok_or_else(Problem::not_found)?;
    if may_open(app, visitor, &id) { Ok(id) } else { Err(Problem::of(Code::NotSignedIn)) }
}

/// The fields of the form. A resident without an account is not asked who he is: the case gets a fresh id.
fn asked<'w>(workflow: &'w Workflow, visitor: &Visitor) -> Vec<(&'w FieldId, &'w Field)> {
    let shown = |(id, field): &(&FieldId, &Field)| {
        let later = workflow.states.values().flat_map(|state| state.on.values());
        let later = later.flat_map(|action| &action.fill).any(|filled| filled == *id);
        let photos = field.kind == FieldType::Files && field.required_from.is_empty() && !later;
        let intake = field.required || photos;
        let person = field.kind == FieldType::Person && !visitor.is_known();
        intake && field.required_when.is_none() && field.set_by == SetBy::People && !person
    };
    workflow.fields.iter().filter(shown).collect()
}

/// The empty form.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Markup, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    let id = allowed(&app, &visitor, &name)?;
    let shelf = app.desk.shelf.now();
    let digest = shelf.latest(&id).ok_or_else(Problem::not_found)?;
    let workflow = shelf.workflow(digest).ok_or_else(Problem::not_found)?;
    let token = app.desk.world.ids().code();
    let body = html! {
        form .form method="post" enctype="multipart/form-data" {
            input type="hidden" name="_token" value=(token);
            @for (id, field) in asked(workflow, &visitor) {
                (form::input(&visitor, &shelf.roster, id, field, field.required && field.kind != FieldType::Person))
            }
            button { (visitor.say("提交", "Send")) }
        }
    };
    Ok(page(&app, &visitor, workflow.title.in_tongue(visitor.tongue), &body))
}

/// People the form does not name get a fresh id: the resident himself, or whom a clerk writes for.
fn name_people(fields: &BTreeMap<FieldId, Field>, fill: &mut BTreeMap<String, Json>, token: &str) {
    let people = fields.iter().filter(|(_, field)| field.kind == FieldType::Person && field.required);
    for (id, _) in people {
        let hash = paidan_runtime::desk::code_hash(&format!("{id}/{token}"));
        let subject = format!("r-{}", hash.get(..32).unwrap_or(&hash));
        fill.entry(id.to_string()).or_insert_with(|| json!(subject));
    }
}

/// Opens the case; sending the same form twice opens one.
pub async fn send<W: World>(
    State(app): State<App<W>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Markup, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    let workflow = allowed(&app, &visitor, &name)?;
    let sent = form::receive(&app, &visitor, request).await?;
    let shelf = app.desk.shelf.now();
    let digest = shelf.latest(&workflow).ok_or_else(Problem::not_found)?;
    let fields = &shelf.workflow(digest).ok_or_else(Problem::not_found)?.fields;
    let fill = &mut form::values(fields, &sent);
    let body = serde_json::to_vec(&fill).unwrap_or_default();
    check_files(&app, fields, fill).await?;
    let token = form::one(&sent, "_token").map_or_else(|| app.desk.world.ids().code(), ToString::to_string);
    name_people(fields, fill, &token);
    let key = Key::of(&[&token, "open", &name], &body);
    let want =
        Want::Open { workflow, fill: fill.clone(), channel: "page".into(), parent: None, levels_of: None };
    let actor = match visitor.is_known() {
        true => visitor.actor.clone(),
        false => app.desk.actor("resident", "page"),
    };
    let receipt = app.desk.ask(actor, want, Some(key)).await?;
    let body = html! {
        p .receipt { (receipt.number) }
        @if let Some(code) = &receipt.code {
            p { (visitor.say("查询码（请保存，只显示一次）：", "Tracking code (keep it; it is shown once): ")) code { (code) } }
            form method="post" action="/track" {
                input type="hidden" name="code" value=(code);
                button { (visitor.say("查看进度", "See how it stands")) }
            }
        }
        @if visitor.is_known() { p { a href={ "/" (receipt.stream) } { (visitor.say("打开", "Open")) } } }
    };
    Ok(page(&app, &visitor, visitor.say("已受理", "Received"), &body))
}
