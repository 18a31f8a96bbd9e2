//! Stand-ins: who is away and who has their posts meanwhile. One writes one's own; administrators write anybody's.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use paidan_model::moment::Moment;
use paidan_model::roster::Absence;
use paidan_runtime::absence::NotAway;
use paidan_runtime::{Actor, Clock as _, World};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::caller::Caller;
use super::json::{answer, bytes, moment, read};
use crate::App;
use crate::openapi::{Operation, Takes};
use crate::path::Path;
use crate::problem::{Api, Code, Problem};

/// `absences`.
pub const LIST: Operation = Operation {
    id: "absences",
    summary: "The absences of the caller, and those for whom the caller stands in; of everybody for administrators.",
    query: &[],
    takes: Takes::Nothing,
    answers: &[(200, "Absences")],
    problems: &[],
};

/// `absence-put`.
pub const PUT: Operation = Operation {
    id: "absence-put",
    summary: "Says that a person is away and who stands in; the last one written for a person counts.",
    query: &[],
    takes: Takes::Plain("Away"),
    answers: &[(200, "Absence")],
    problems: &[404, 409, 422],
};

/// `absence-end`.
pub const END: Operation = Operation {
    id: "absence-end",
    summary: "Says that a person is back.",
    query: &[],
    takes: Takes::Nothing,
    answers: &[(204, "")],
    problems: &[409],
};

impl From<NotAway> for Problem {
    fn from(why: NotAway) -> Self {
        match why {
            NotAway::Unfit(why) => Self::of(Code::Unfit).because(format!("{} {}", why.zh, why.en)),
            NotAway::Conflict => Self::of(Code::NotPublished).because(why.to_string()),
            NotAway::Fault(fault) => fault.into(),
        }
    }
}

/// The absences that are not over and that an asker may know of.
pub fn known<W: World>(app: &App<W>, subject: &str, admin: bool) -> Vec<Absence> {
    let now = app.desk.world.clock().now();
    let concerns = |absence: &&Absence| {
        absence.until > now && (admin || absence.person == subject || absence.deputy == subject)
    };
    app.desk.shelf.now().absences.iter().filter(concerns).cloned().collect()
}

/// Whose absence an asker may write.
///
/// # Errors
/// Forbidden, for anybody's but one's own.
pub fn may_write(subject: &str, admin: bool, person: &str) -> Result<(), Problem> {
    if admin || subject == person {
        return Ok(());
    }
    Err(Problem::of(Code::Forbidden).because("one says for oneself that one is away"))
}

fn shown(absence: &Absence) -> Json {
    json!({
        "person": absence.person, "deputy": absence.deputy,
        "from": absence.from.rfc3339(), "until": absence.until.rfc3339(),
    })
}

/// The absences one may know of.
pub async fn list<W: World>(State(app): State<App<W>>, headers: HeaderMap) -> Result<Response, Api> {
    let caller = Caller::of(&app, &headers).await?;
    let items: Vec<Json> = known(&app, &caller.subject, caller.admin).iter().map(shown).collect();
    Ok(answer(StatusCode::OK, &json!({ "items": items })))
}

/// An absence.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Away {
    person: Option<String>,
    deputy: String,
    from: Option<String>,
    until: String,
}

/// Writes an absence.
pub async fn put<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Api> {
    let caller = Caller::who_changes(&app, &headers).await?;
    let away: Away = read(&headers, &bytes(body)?)?;
    let from = away.from.as_deref().map(moment).transpose()?;
    let until = moment(&away.until)?;
    let person = away.person.unwrap_or_else(|| caller.subject.clone());
    may_write(&caller.subject, caller.admin, &person)?;
    let absence = written(&app, &caller.actor, person, away.deputy, from, until).await?;
    Ok(answer(StatusCode::OK, &shown(&absence)))
}

/// Writes an absence, from now on when nothing else is said.
///
/// # Errors
/// What is wrong with it.
pub async fn written<W: World>(
    app: &App<W>,
    by: &Actor,
    person: String,
    deputy: String,
    from: Option<Moment>,
    until: Moment,
) -> Result<Absence, Problem> {
    let from = from.unwrap_or_else(|| app.desk.world.clock().now());
    let absence = Absence { person, deputy, from, until };
    app.desk.put_absence(by, absence.clone()).await?;
    Ok(absence)
}

/// Ends an absence.
pub async fn end<W: World>(
    State(app): State<App<W>>,
    Path(person): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Api> {
    let caller = Caller::who_changes(&app, &headers).await?;
    may_write(&caller.subject, caller.admin, &person)?;
    let was = app.desk.end_absence(&caller.actor, &person).await.map_err(Problem::from)?;
    if !was {
        return Err(Code::NotFound.into());
    }
    Ok(axum::response::IntoResponse::into_response(StatusCode::NO_CONTENT))
}
