//! The event log of one case, for tools of process mining: for whoever may verify its records. Taking it is a look.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use paidan_model::text::Tongue;
use paidan_runtime::{Actor, World, may_audit};
use paidan_views::eventlog::{Record, trace};

use super::caller::Caller;
use super::case::look_with;
use crate::App;
use crate::history::History;
use crate::openapi::{BYTES, Operation, Takes};
use crate::path::Path;
use crate::problem::{Api, Code, Problem};
use crate::visitor::Visitor;
use crate::xes::{MEDIA_TYPE, Xes};

/// `case-xes`.
pub const XES: Operation = Operation {
    id: "case-xes",
    summary: "What happened to a case as an event log by IEEE 1849 (XES), for whoever may verify its records.",
    query: &[],
    takes: Takes::Nothing,
    answers: &[(200, BYTES)],
    problems: &[],
};

/// The log of a case, for programs: activities are called in Chinese, and have ids beside that.
pub async fn xes<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Api> {
    let caller = Caller::of(&app, &headers).await?;
    Ok(of_case(&app, &caller.actor, &id, Tongue::Zh).await?)
}

/// The log of a case, from its page, in the language of whoever asks.
pub async fn from_page<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    if !visitor.is_known() {
        return Err(Problem::of(Code::NotSignedIn));
    }
    of_case(&app, &visitor.actor, &id, visitor.tongue).await
}

async fn of_case<W: World>(
    app: &App<W>,
    actor: &Actor,
    id: &str,
    tongue: Tongue,
) -> Result<Response, Problem> {
    let why = "the event log is for the person the case is about and for auditors";
    let seen = look_with(app, actor, id, "xes", (may_audit, why)).await?;
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&seen.case.filing.digest).ok_or_else(Problem::not_found)?;
    let history = History::of(&shelf, workflow, &seen);
    let records = seen.entries.iter().map(|entry| Record {
        seq: entry.seq,
        at: entry.at,
        due: entry.due,
        by: history.who(entry),
        facts: &entry.facts,
    });
    let trace = trace(workflow, &seen.case, records);
    let written = Xes::begin(Vec::new(), tongue, shelf.zone()).and_then(|mut log| {
        log.write(&trace)?;
        log.end()
    });
    let bytes = written.map_err(|error| Problem::of(Code::Fault).because(error.to_string()))?;
    let name = format!("attachment; filename=\"{}.xes\"", seen.case.filing.number);
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE.to_string()), (header::CONTENT_DISPOSITION, name)], bytes)
        .into_response())
}
