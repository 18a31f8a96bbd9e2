//! Who looked at a case: for the person it is about, auditors above it, and administrators. Reading it is a look too.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use paidan_model::moment::Moment;
use paidan_runtime::{Actor, Look, World, may_audit};
use serde_json::{Value as Json, json};

use super::caller::Caller;
use super::case::look_with;
use super::cursor::mark;
use super::json::answer;
use super::list::{PAGED, Wanted, part};
use crate::openapi::{Operation, Takes};
use crate::path::Path;
use crate::problem::{Api, Problem};
use crate::{App, Door};

/// `access-list`.
pub const LIST: Operation = Operation {
    id: "access-list",
    summary: "Who looked at a case, earliest first.",
    query: PAGED,
    takes: Takes::Nothing,
    answers: &[(200, "Looks")],
    problems: &[],
};

/// One page of who looked, earliest first.
pub async fn list<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Api> {
    let caller = Caller::of(&app, &headers).await?;
    let (limit, after) = part(wanted)?;
    let stream = audited(&app, &caller.actor, caller.admin && app.door == Door::Accounts, &id).await?;
    let mut found = app.desk.access.looks(&stream, after, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|(after, _)| mark(after.due, &after.key));
    let items: Vec<Json> = found.iter().map(|(_, look)| shown(look)).collect();
    let mut body = json!({ "items": items });
    if let (Some(map), Some(next)) = (body.as_object_mut(), next) {
        map.insert("next".into(), json!(next));
    }
    Ok(answer(StatusCode::OK, &body))
}

fn shown(look: &Look) -> Json {
    let posts: Vec<String> = look.posts.iter().map(|held| format!("{}@{}", held.post, held.unit)).collect();
    json!({
        "at": Moment::from_millis(look.at).rfc3339(), "subject": look.subject, "posts": posts, "via": look.via,
        "what": look.what, "fields": look.fields, "allowed": look.allowed,
    })
}

/// The stream of a case whose access log the asker may read.
///
/// # Errors
/// Not found when they may not know of the case, else forbidden.
pub async fn audited<W: World>(
    app: &App<W>,
    actor: &Actor,
    admin: bool,
    id: &str,
) -> Result<String, Problem> {
    let stream = super::case::stream(app, id).await?;
    if admin {
        app.desk.access.witness(actor, &stream, "access", Vec::new(), true).await?;
        return Ok(stream);
    }
    let why = "the access log is for the person the case is about, auditors and administrators";
    look_with(app, actor, id, "access", (may_audit, why)).await?;
    Ok(stream)
}
