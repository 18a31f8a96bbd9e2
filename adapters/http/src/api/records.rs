//! The records of one case as they are stored, with the proof that the last anchor covers them, for auditors: whoever has
//! them verifies them without this server. A record that names somebody whom the asker may not know is there by its hash
//! alone. Taking them is a look.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use paidan_runtime::{Actor, Case, World, is_auditor, reads_as_stored};

use super::caller::Caller;
use super::case::look_with;
use crate::App;
use crate::openapi::{BYTES, Operation, Takes};
use crate::path::Path;
use crate::problem::{Api, Code, Problem};
use crate::visitor::Visitor;

/// What lines of JSON are called on the wire.
const MEDIA_TYPE: &str = "application/x-ndjson";

/// `case-records`.
pub const RECORDS: Operation = Operation {
    id: "case-records",
    summary: "The records of a case as they are stored, one a line, and the proof that the last anchor covers them, for auditors.",
    query: &[],
    takes: Takes::Nothing,
    answers: &[(200, BYTES)],
    problems: &[],
};

/// The records, for programs.
pub async fn records<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Api> {
    let caller = Caller::of(&app, &headers).await?;
    Ok(of_case(&app, &caller.actor, &id).await?)
}

/// The records, from the page of the case.
pub async fn from_page<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    if !visitor.is_known() {
        return Err(Problem::of(Code::NotSignedIn));
    }
    of_case(&app, &visitor.actor, &id).await
}

async fn of_case<W: World>(app: &App<W>, actor: &Actor, id: &str) -> Result<Response, Problem> {
    let right = (is_auditor as fn(&Case, &Actor) -> bool, "records as they are stored are for auditors");
    let seen = look_with(app, actor, id, "records", right).await?;
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&seen.case.filing.digest).ok_or_else(Problem::not_found)?;
    let reads = |seq: u64, text: &str| {
        let entry = seen.entries.iter().find(|entry| entry.seq == seq);
        entry.is_some_and(|entry| {
            let told = entry.facts.iter().all(|fact| reads_as_stored(workflow, &seen.sight, fact));
            told && seen.known.reads(&entry.by, &entry.facts, text)
        })
    };
    let text = app.desk.taken_out(&seen.case.filing.stream, reads).await?.ok_or_else(Problem::not_found)?;
    let name = format!("attachment; filename=\"{}.jsonl\"", seen.case.filing.number);
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE.to_string()), (header::CONTENT_DISPOSITION, name)], text)
        .into_response())
}
