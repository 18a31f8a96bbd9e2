//! Workflows in force: what can be opened, and what must be filled in for it.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use paidan_model::field::SetBy;
use paidan_model::id::WorkflowId;
use paidan_model::workflow::Workflow;
use paidan_runtime::World;
use serde_json::{Value as Json, json};

use super::caller::Caller;
use super::json::{answer, field};
use crate::App;
use crate::openapi::{Operation, Takes};
use crate::path::Path;
use crate::problem::{Api, Code};

/// `workflows`.
pub const LIST: Operation = Operation {
    id: "workflows",
    summary: "Every workflow in force.",
    query: &[],
    takes: Takes::Nothing,
    answers: &[(200, "Briefs")],
    problems: &[],
};

/// `workflow`.
pub const SHOW: Operation = Operation {
    id: "workflow",
    summary: "One workflow: the fields of its form, its states and actions.",
    query: &[],
    takes: Takes::Nothing,
    answers: &[(200, "Workflow")],
    problems: &[],
};

fn brief(workflow: &Workflow, digest: &str) -> Json {
    json!({
        "id": workflow.id, "version": workflow.version, "digest": digest, "profile": workflow.profile_id(),
        "zh": workflow.title.zh, "en": workflow.title.en,
    })
}

/// Every workflow in force.
pub async fn list<W: World>(State(app): State<App<W>>, headers: HeaderMap) -> Result<Response, Api> {
    Caller::of(&app, &headers).await?;
    let shelf = app.desk.shelf.now();
    let each = |workflow: &Workflow| brief(workflow, shelf.latest(&workflow.id).unwrap_or_default());
    let items: Vec<Json> = shelf.workflows().map(each).collect();
    Ok(answer(StatusCode::OK, &json!({ "items": items })))
}

/// One workflow: the fields of its form, its states and the texts of its actions.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Api> {
    Caller::of(&app, &headers).await?;
    let shelf = app.desk.shelf.now();
    let digest = WorkflowId::parse(&id).and_then(|id| shelf.latest(&id)).ok_or(Code::NotFound)?;
    let workflow = shelf.workflow(digest).ok_or(Code::NotFound)?;
    let fields = workflow.fields_in_order().into_iter();
    let people = fields.filter(|(_, field)| field.set_by == SetBy::People);
    let mut found = brief(workflow, digest);
    if let Some(map) = found.as_object_mut() {
        let fields: Vec<Json> = people.map(|(id, declared)| field(declared, id.as_str())).collect();
        map.insert("fields".into(), json!(fields));
        let states = workflow.states.iter().map(|(id, state)| (id.to_string(), json!(state.title)));
        map.insert("states".into(), Json::Object(states.collect()));
        map.insert("actions".into(), json!(workflow.actions));
    }
    Ok(answer(StatusCode::OK, &found))
}
