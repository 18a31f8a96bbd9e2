//! Publishing: texts come in, findings, the difference and the cases they leave alone come back; a bad text changes nothing.

use std::collections::BTreeSet;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use paidan_language::{Agreed, Checked, Library};
use paidan_model::id::PostId;
use paidan_model::roster::Roster;
use paidan_model::workflow::{Kind, Role, Workflow};
use paidan_runtime::publish::NotPublished;
use paidan_runtime::{Actor, Published, World};
use paidan_views::difference::difference;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::caller::Caller;
use super::json::{Strict, answer, bytes, read};
use crate::App;
use crate::openapi::{Operation, Takes};
use crate::problem::{Api, Code, Problem};

/// `publish`.
pub const PUBLISH: Operation = Operation {
    id: "publish",
    summary: "Publishes definitions, or with `dry_run` says what would happen.",
    query: &[],
    takes: Takes::Plain("Texts"),
    answers: &[(200, "Published"), (201, "Published"), (422, "Published")],
    problems: &[409],
};

/// The most texts at once.
pub const FILES_MAX: usize = 64;

/// Texts to be published.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    files: Vec<Strict<File>>,
    #[serde(default)]
    dry_run: bool,
}

/// One text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    path: String,
    text: String,
}

/// Publishes, or with `dry_run` says what would happen; for administrators.
pub async fn publish<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Api> {
    let caller = Caller::who_changes(&app, &headers).await?;
    if !caller.admin {
        return Err(Problem::of(Code::Forbidden)
            .because("definitions are published by administrators")
            .into());
    }
    let wanted: Wanted = read(&headers, &bytes(body)?)?;
    if wanted.files.len() > FILES_MAX {
        return Err(Problem::of(Code::Malformed).because(format!("at most {FILES_MAX} texts")).into());
    }
    let texts = wanted.files.into_iter().map(|Strict(file)| (file.path, file.text)).collect();
    let (status, body) = published(&app, &caller.actor, texts, wanted.dry_run).await?;
    Ok(answer(status, &body))
}

/// Checks texts together with the calendars in force, and publishes what is sound unless it is only asked.
///
/// # Errors
/// When a version is there already with another form, or the store fails.
pub async fn published<W: World>(
    app: &App<W>,
    actor: &Actor,
    texts: Vec<(String, String)>,
    dry_run: bool,
) -> Result<(StatusCode, Json), Problem> {
    let shelf = app.desk.shelf.now();
    let mut library = Library::new();
    library.know(shelf.calendars());
    library.beside(shelf.workflows().cloned().collect());
    for (path, text) in texts {
        library.add(&path, text);
    }
    let checked = library.check();
    let findings = paidan_language::print::json(&checked);
    if checked.has_errors() || checked.workflows.is_empty() {
        let body = json!({ "findings": findings, "published": [], "workflows": [] });
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, body));
    }
    let mut workflows = Vec::new();
    for agreed in &checked.workflows {
        workflows.push(told(app, agreed).await?);
    }
    let new = if dry_run { Vec::new() } else { app.desk.publish(actor, &cases(&checked), false).await? };
    let status = if new.is_empty() { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, json!({ "findings": findings, "published": new, "workflows": workflows })))
}

fn cases(checked: &Checked) -> Vec<Published> {
    let cases = checked.workflows.iter().filter(|agreed| agreed.workflow.kind == Kind::Case);
    cases
        .map(|agreed| Published {
            workflow: agreed.workflow.clone(),
            digest: agreed.digest.clone(),
            source: agreed.source.clone(),
        })
        .collect()
}

/// What a definition changes, and the cases that go on under what they were opened with.
async fn told<W: World>(app: &App<W>, agreed: &Agreed) -> Result<Json, Problem> {
    let shelf = app.desk.shelf.now();
    let before = shelf.latest(&agreed.workflow.id).and_then(|digest| shelf.workflow(digest));
    let lines = before.map(|before| difference(before, &agreed.workflow)).unwrap_or_default();
    let running = app.desk.running(&agreed.workflow.id).await?;
    let stays = |running: &paidan_runtime::publish::Running| json!({ "version": running.version, "state": running.state, "count": running.count });
    Ok(json!({
        "id": agreed.workflow.id,
        "version": agreed.workflow.version,
        "digest": agreed.digest,
        "nobody_holds": nobody_holds(&shelf.roster, &agreed.workflow),
        "in_force": before.map(|before| before.version),
        "same": shelf.workflow(&agreed.digest).is_some(),
        "difference": lines,
        "stay_as_they_are": running.iter().map(stays).collect::<Vec<_>>(),
    }))
}

/// The jobs that roles of a definition name and nobody in the roster has: what they are to do would wait for ever.
fn nobody_holds(roster: &Roster, workflow: &Workflow) -> Vec<PostId> {
    let held: BTreeSet<&PostId> =
        roster.people.values().flat_map(|person| person.posts.iter().map(|held| &held.post)).collect();
    let named = workflow.roles.values().filter_map(|role| match role {
        Role::Post { post, .. } if !held.contains(post) => Some(post.clone()),
        _ => None,
    });
    let found: BTreeSet<PostId> = named.collect();
    found.into_iter().collect()
}

impl From<NotPublished> for Problem {
    fn from(why: NotPublished) -> Self {
        match why {
            NotPublished::Fault(fault) => fault.into(),
            NotPublished::OldVersion(..) | NotPublished::Conflict => {
                Self::of(Code::NotPublished).because(why.to_string())
            }
        }
    }
}
