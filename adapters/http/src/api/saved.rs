//! Saved views: a filter of one's lists under a name of one's own.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use paidan_runtime::World;
use paidan_runtime::saved::{NotSaved, SavedView};
use paidan_views::filter::Filter;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::caller::Caller;
use super::json::{Strict, answer, bytes, read};
use crate::App;
use crate::openapi::{Operation, Takes};
use crate::path::Path;
use crate::problem::{Api, Code, Problem};

/// `views`.
pub const LIST: Operation = Operation {
    id: "views",
    summary: "The caller's saved views, by id.",
    query: &[],
    takes: Takes::Nothing,
    answers: &[(200, "Views")],
    problems: &[],
};

/// `view-put`.
pub const PUT: Operation = Operation {
    id: "view-put",
    summary: "Saves a view under an id of the caller's choice; twice is the same as once.",
    query: &[],
    takes: Takes::Plain("ViewWanted"),
    answers: &[(200, "View")],
    problems: &[422],
};

/// `view-drop`.
pub const DROP: Operation = Operation {
    id: "view-drop",
    summary: "Forgets a saved view.",
    query: &[],
    takes: Takes::Nothing,
    answers: &[(204, "")],
    problems: &[],
};

impl From<NotSaved> for Problem {
    fn from(why: NotSaved) -> Self {
        match why {
            NotSaved::Unfit(why) => Self::of(Code::Unfit).because(why),
            NotSaved::Fault(fault) => fault.into(),
        }
    }
}

fn shown(view: &SavedView) -> Json {
    let filter: Json = serde_json::from_str(&view.filter).unwrap_or_else(|_| json!({}));
    json!({ "id": view.id, "title": view.title, "filter": filter })
}

/// What a view keeps.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    title: String,
    filter: Strict<Filter>,
}

/// The caller's views.
pub async fn list<W: World>(State(app): State<App<W>>, headers: HeaderMap) -> Result<Response, Api> {
    let caller = Caller::of(&app, &headers).await?;
    let all = app.desk.saved(&caller.subject).await?;
    Ok(answer(StatusCode::OK, &json!({ "items": all.iter().map(shown).collect::<Vec<_>>() })))
}

/// Saves a view.
pub async fn put<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Api> {
    let caller = Caller::who_changes(&app, &headers).await?;
    let wanted: Wanted = read(&headers, &bytes(body)?)?;
    let view = saved(&app, &caller.subject, &id, &wanted.title, &wanted.filter.0).await?;
    Ok(answer(StatusCode::OK, &shown(&view)))
}

/// Saves a view of somebody's.
///
/// # Errors
/// What is wrong with it.
pub async fn saved<W: World>(
    app: &App<W>,
    subject: &str,
    id: &str,
    title: &str,
    filter: &Filter,
) -> Result<SavedView, Problem> {
    const LARGEST: i64 = (1 << 53) - 1;
    if filter.due_before.is_some_and(|before| !(-LARGEST..=LARGEST).contains(&before)) {
        return Err(Problem::of(Code::Unfit).because("`due_before` is a moment in milliseconds"));
    }
    let filter = serde_json::to_string(filter)
        .map_err(|error| Problem::of(Code::Malformed).because(error.to_string()))?;
    let view = SavedView { subject: subject.into(), id: id.into(), title: title.into(), filter };
    app.desk.put_saved(view.clone()).await?;
    Ok(view)
}

/// Forgets a view.
pub async fn forget<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Api> {
    let caller = Caller::who_changes(&app, &headers).await?;
    if !app.desk.drop_saved(&caller.subject, &id).await? {
        return Err(Code::NotFound.into());
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
