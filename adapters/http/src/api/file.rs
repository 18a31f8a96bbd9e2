//! Files: taken in piece by piece, shown to those who may see the case that holds them.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt as _, stream};
use paidan_runtime::{Actor, Kept, World};
use serde_json::json;

use super::caller::Caller;
use super::case::look;
use super::json::answer;
use crate::App;
use crate::openapi::{BYTES, Operation, Takes};
use crate::path::Path;
use crate::problem::{Api, Problem};

/// `file-keep`.
pub const KEEP: Operation = Operation {
    id: "file-keep",
    summary: "Keeps a photo or document, to be named by its digest in a field.",
    query: &[],
    takes: Takes::File,
    answers: &[(201, "File")],
    problems: &[],
};

/// `case-file`.
pub const SHOW: Operation = Operation {
    id: "case-file",
    summary: "A file of a case.",
    query: &[],
    takes: Takes::Nothing,
    answers: &[(200, BYTES)],
    problems: &[],
};

/// Keeps the body as a file; what it is, its bytes tell.
pub async fn keep<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Api> {
    let caller = Caller::who_changes(&app, &headers).await?;
    let pieces = body.into_data_stream().map(|piece| piece.map_err(|error| error.to_string()));
    let kept = app.desk.keep_file(&caller.subject, Box::pin(pieces)).await??;
    let about = json!({ "digest": kept.digest, "kind": kept.kind, "size": kept.size });
    Ok(answer(StatusCode::CREATED, &about))
}

/// A file of a case.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    Path((id, digest)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Api> {
    let caller = Caller::of(&app, &headers).await?;
    Ok(of_case(&app, &caller.actor, &id, &digest).await?)
}

/// A file of a case, for whoever may see the field that holds it, or the ballot whose paper it is, or the
/// pause whose proof.
///
/// # Errors
/// Not found, also when the asker may not know of it.
pub async fn of_case<W: World>(
    app: &App<W>,
    actor: &Actor,
    id: &str,
    digest: &str,
) -> Result<Response, Problem> {
    let seen = look(app, actor, id, None, "file").await?;
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&seen.case.filing.digest).ok_or_else(Problem::not_found)?;
    let shown = seen.holds_file(workflow, digest);
    let kept = app.desk.file(digest).await?.filter(|_| shown).ok_or_else(Problem::not_found)?;
    Ok(sent(app, kept))
}

fn sent<W: World>(app: &App<W>, kept: Kept) -> Response {
    let how = if kept.kind.starts_with("image/") { "inline" } else { "attachment" };
    let name = kept.digest.get(..12).unwrap_or_default();
    let extension = kept.kind.rsplit('/').next().unwrap_or_default();
    let headers = [
        (header::CONTENT_TYPE, kept.kind.clone()),
        (header::CONTENT_LENGTH, kept.size.to_string()),
        (header::CONTENT_DISPOSITION, format!("{how}; filename=\"{name}.{extension}\"")),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_string()),
        (header::ETAG, format!("\"{}\"", kept.digest)),
    ];
    let desk = app.desk.clone();
    let pieces = stream::try_unfold((desk, kept.digest, 0u64), |(desk, digest, offset)| async move {
        let piece = desk.file_piece(&digest, offset).await.map_err(|fault| fault.to_string())?;
        let next = offset + piece.len() as u64;
        Ok::<_, String>((!piece.is_empty()).then_some((piece, (desk, digest, next))))
    });
    (headers, Body::from_stream(pieces)).into_response()
}
