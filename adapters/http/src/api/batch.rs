//! Many actions in one request (批量): each has its own result; one that is refused does not stop the others.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use paidan_model::id::{ActionId, UnitId};
use paidan_runtime::commands::{Key, Want};
use paidan_runtime::{Act, World};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::caller::Caller;
use super::case::{id_of, stream};
use super::json::{Strict, answer, bytes, read};
use crate::App;
use crate::openapi::{Operation, Takes};
use crate::problem::{Api, Code, Problem};

/// `actions-batch`.
pub const ACT: Operation = Operation {
    id: "actions-batch",
    summary: "Up to 100 actions, each by itself: not all or none.",
    query: &[],
    takes: Takes::Keyed("Actions"),
    answers: &[(200, "Done")],
    problems: &[],
};

/// The most actions of one request.
pub const ACTIONS_MAX: usize = 100;

/// Actions, in the order in which they are done.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    actions: Vec<Strict<One>>,
}

/// One action.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    case: String,
    action: String,
    #[serde(default)]
    fields: BTreeMap<String, Json>,
    reason: Option<String>,
    leg: Option<String>,
    /// The last sequence the caller has seen; an older one is refused.
    seen: Option<u64>,
}

/// Does each action by itself, not all or none; repeated under the same key, what was done is not done again.
pub async fn act<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Api> {
    let caller = Caller::who_changes(&app, &headers).await?;
    let body = bytes(body)?;
    caller.key(&headers, "/v1/cases:batch", &body)?;
    let wanted: Wanted = read(&headers, &body)?;
    if wanted.actions.is_empty() || wanted.actions.len() > ACTIONS_MAX {
        let why = format!("actions are 1 to {ACTIONS_MAX}");
        return Err(Problem::of(Code::Malformed).because(why).into());
    }
    let mut items = Vec::with_capacity(wanted.actions.len());
    for (n, Strict(one)) in wanted.actions.iter().enumerate() {
        let own = caller.key(&headers, &format!("/v1/cases:batch/{n}"), &body)?;
        items.push(match done(&app, &caller, one, own).await {
            Ok(item) => item,
            Err(problem) => json!({ "case": one.case, "problem": problem.json() }),
        });
    }
    Ok(answer(StatusCode::OK, &json!({ "items": items })))
}

async fn done<W: World>(app: &App<W>, caller: &Caller, one: &One, key: Key) -> Result<Json, Problem> {
    let stream = stream(app, &one.case).await?;
    let action = ActionId::parse(&one.action).ok_or_else(Problem::not_found)?;
    let leg = one.leg.as_deref().map(|leg| UnitId::parse(leg).ok_or_else(Problem::not_found)).transpose()?;
    let act = Act { action, fill: one.fields.clone(), reason: one.reason.clone(), leg, seen: one.seen };
    let receipt = app.desk.commands.ask(caller.actor.clone(), Want::Act { stream, act }, Some(key)).await?;
    Ok(json!({
        "case": one.case, "id": id_of(&receipt.stream), "number": receipt.number, "seq": receipt.seq,
        "repeated": receipt.repeated,
    }))
}
