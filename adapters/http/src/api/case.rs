//! Cases: open, look, act, and what happened.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use paidan_model::id::{ActionId, FieldId, GroundId, UnitId, WorkflowId};
use paidan_model::leg::Ground;
use paidan_model::text::Text;
use paidan_model::workflow::Workflow;
use paidan_runtime::Entry;
use paidan_runtime::commands::Want;
use paidan_runtime::number::is_number;
use paidan_runtime::{About, Act, Actor, Case, Offer, Receipt, Seen, World, grounds, leaves};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::caller::{Caller, if_match};
use super::json::{answer, bytes, field, moment, read, tagged};
use crate::App;
use crate::history::History;
use crate::openapi::{NOTHING, Operation, Parameter, Takes, schema};
use crate::path::Path;
use crate::problem::{Api, Code, Problem};

/// `case-open`.
pub const OPEN: Operation = Operation {
    id: "case-open",
    summary: "Opens a case.",
    query: &[],
    takes: Takes::Keyed("Opening"),
    answers: &[(201, "Receipt")],
    problems: &[],
};

/// `case`.
pub const SHOW: Operation = Operation {
    id: "case",
    summary: "A case, now or as it was at a recorded time.",
    query: &[Parameter { name: "at", about: "The recorded time.", schema: schema::moment }],
    takes: Takes::Nothing,
    answers: &[(200, "Case"), (304, NOTHING)],
    problems: &[],
};

/// `case-actions`.
pub const ACTIONS: Operation = Operation {
    id: "case-actions",
    summary: "What the caller may do now, and for the rest why not.",
    query: &[],
    takes: Takes::Nothing,
    answers: &[(200, "Offers"), (304, NOTHING)],
    problems: &[],
};

/// `case-act`.
pub const ACT: Operation = Operation {
    id: "case-act",
    summary: "Does an action. With `If-Match` it is refused when the case has changed.",
    query: &[],
    takes: Takes::Keyed("Acting"),
    answers: &[(200, "Receipt")],
    problems: &[],
};

/// `case-events`.
pub const EVENTS: Operation = Operation {
    id: "case-events",
    summary: "What happened, in words, oldest first.",
    query: &[
        Parameter { name: "after", about: "The last sequence seen.", schema: schema::count },
        Parameter { name: "limit", about: "How many.", schema: schema::limit },
    ],
    takes: Takes::Nothing,
    answers: &[(200, "Events"), (304, NOTHING)],
    problems: &[],
};

/// The most bytes of a case's id or number.
const ID_BYTES_MAX: usize = 64;
/// Records when nothing else is asked for, and the most.
const EVENTS_MAX: usize = 200;

/// The id of a case, without the kind of its stream.
#[must_use]
pub fn id_of(stream: &str) -> &str {
    stream.split_once('/').map_or(stream, |(_, id)| id)
}

/// The stream of a case, by its id or number.
///
/// # Errors
/// Not found.
pub async fn stream<W: World>(app: &App<W>, id: &str) -> Result<String, Problem> {
    let fits = !id.is_empty()
        && id.len() <= ID_BYTES_MAX
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !fits {
        return Err(Problem::not_found());
    }
    let upper = id.to_ascii_uppercase();
    if is_number(&upper)
        && let Some(stream) = app.desk.queries.by_number(&upper).await?
    {
        return Ok(stream);
    }
    for kind in ["case", "item"] {
        let stream = format!("{kind}/{id}");
        if app.desk.queries.exists(&stream).await? {
            return Ok(stream);
        }
    }
    Err(Problem::not_found())
}

/// A case, if the asker may see it; with `at`, as it was then. `what` is looked at, for the access log.
///
/// # Errors
/// Not found, also when the asker may not know of it.
pub async fn look<W: World>(
    app: &App<W>,
    actor: &Actor,
    id: &str,
    at: Option<paidan_model::moment::Moment>,
    what: &str,
) -> Result<Seen, Problem> {
    let stream = stream(app, id).await?;
    app.desk.queries.look(actor, &stream, at, what).await?.ok_or_else(Problem::not_found)
}

/// What somebody sees of a case, who needs a right beside that; where it is lacking, the look is written down as refused.
///
/// # Errors
/// Not found when the asker may not know of the case, else forbidden, for the reason given.
pub async fn look_with<W: World>(
    app: &App<W>,
    actor: &Actor,
    id: &str,
    what: &str,
    right: Right<'_>,
) -> Result<Seen, Problem> {
    let stream = stream(app, id).await?;
    demand(app, actor, &stream, what, right).await?;
    app.desk.queries.look(actor, &stream, None, what).await?.ok_or_else(Problem::not_found)
}

/// A right beside that to see a case, and who has it.
pub type Right<'r> = (fn(&Case, &Actor) -> bool, &'r str);

/// Refuses whoever may see a case but lacks a right, and writes the look down as refused.
///
/// # Errors
/// Forbidden, for the reason given.
pub async fn demand<W: World>(
    app: &App<W>,
    actor: &Actor,
    stream: &str,
    what: &str,
    (may, why): Right<'_>,
) -> Result<(), Problem> {
    let case =
        app.desk.queries.case(stream).await?.filter(|case| app.desk.queries.sight(case, actor).is_some());
    if case.is_none_or(|case| may(&case, actor)) {
        return Ok(());
    }
    app.desk.access.witness(actor, stream, what, Vec::new(), false).await?;
    Err(Problem::of(Code::Forbidden).because(why))
}

/// What opens a case.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    workflow: String,
    #[serde(default)]
    fields: BTreeMap<String, Json>,
}

fn receipt(receipt: &Receipt, status: StatusCode) -> Response {
    let id = id_of(&receipt.stream);
    let mut body = json!({ "id": id, "number": receipt.number, "seq": receipt.seq });
    if let (Some(map), Some(code)) = (body.as_object_mut(), &receipt.code) {
        map.insert("code".into(), json!(code));
    }
    let mut response = answer(status, &body);
    let headers = response.headers_mut();
    if let Ok(tag) = format!("\"{}\"", receipt.seq).parse() {
        headers.insert(header::ETAG, tag);
    }
    if let Ok(location) = format!("/v1/cases/{id}").parse() {
        headers.insert(header::LOCATION, location);
    }
    if receipt.repeated {
        headers.insert("idempotent-replayed", axum::http::HeaderValue::from_static("true"));
    }
    response
}

/// Opens a case.
pub async fn open<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Api> {
    let caller = Caller::who_changes(&app, &headers).await?;
    let body = bytes(body)?;
    let key = caller.key(&headers, "/v1/cases", &body)?;
    let opening: Opening = read(&headers, &body)?;
    let workflow = WorkflowId::parse(&opening.workflow).ok_or(Code::NotFound)?;
    let want =
        Want::Open { workflow, fill: opening.fields, channel: "api".into(), parent: None, levels_of: None };
    let done = app.desk.commands.ask(caller.actor, want, Some(key)).await?;
    Ok(receipt(&done, StatusCode::CREATED))
}

/// When to look at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct At {
    at: Option<String>,
}

/// One case, now or as it was.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    at: Result<Query<At>, QueryRejection>,
) -> Result<Response, Api> {
    let caller = Caller::of(&app, &headers).await?;
    let Query(At { at }) = at.map_err(|error| Problem::of(Code::Malformed).because(error.body_text()))?;
    let at = at.as_deref().map(moment).transpose()?;
    let seen = look(&app, &caller.actor, &id, at, "case").await?;
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&seen.case.filing.digest).ok_or(Code::NotFound)?;
    Ok(tagged(&headers, seen.seq, &whole(workflow, &seen, &app.desk.queries.hints(&seen))))
}

fn whole(workflow: &Workflow, seen: &Seen, hints: &[Text]) -> Json {
    let case = &seen.case;
    let state = |id| {
        let title = workflow.states.get(id).map(|state| state.title.clone()).unwrap_or_default();
        json!({ "id": id, "zh": title.zh, "en": title.en })
    };
    let states: Vec<Json> = leaves(workflow, case).into_iter().map(state).collect();
    let clocks: Vec<Json> = case
        .clocks
        .all
        .iter()
        .map(|clock| {
            json!({
                "clock": clock.key.clock, "leg": clock.key.leg, "from": clock.from.rfc3339(),
                "due": clock.due.rfc3339(), "provisional": clock.provisional, "late": clock.late,
                "paused": clock.paused, "verdict": clock.verdict,
            })
        })
        .collect();
    let legs: BTreeMap<String, Json> = case
        .legs
        .by_unit
        .iter()
        .map(|(unit, leg)| {
            let about = json!({
                "part": leg.part, "state": leg.state, "round": leg.round, "late": leg.late,
                "agreed": leg.agreed,
            });
            (unit.to_string(), about)
        })
        .collect();
    let id = id_of(&case.filing.stream);
    json!({
        "id": id, "number": case.filing.number, "workflow": case.filing.workflow, "digest": case.filing.digest, "seq": seen.seq, "hints": hints,
        "profile": workflow.profile_id(),
        "opened": case.filing.opened.rfc3339(), "ended": case.life.ended.map(|at| at.rfc3339()), "outcome": case.life.outcome, "class": case.life.class,
        "round": case.chart.round, "levels": case.filing.levels, "states": states, "fields": seen.values,
        "clocks": clocks, "legs": legs, "parent": case.filing.parent, "claims": claims(case),
    })
}

/// Claims without the names of those who hold them.
fn claims(case: &Case) -> Vec<Json> {
    let one = |claim: &paidan_runtime::Claim| {
        json!({
            "claim": claim.n, "unit": claim.unit, "qty": claim.qty, "state": claim.state,
            "since": claim.since.rfc3339(), "initiator": claim.initiator,
        })
    };
    case.claims.all.iter().map(one).collect()
}

/// What the caller may do now, and for the rest why not.
pub async fn actions<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Api> {
    let caller = Caller::of(&app, &headers).await?;
    let seen = look(&app, &caller.actor, &id, None, "case").await?;
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&seen.case.filing.digest).ok_or(Code::NotFound)?;
    let offers = app.desk.queries.offers(&seen.case, &caller.actor);
    let tell = |offer| offered(workflow, &seen.case, offer);
    let items: Vec<Json> = offers.iter().map(tell).collect();
    Ok(tagged(&headers, seen.seq, &json!({ "items": items })))
}

fn offered(workflow: &Workflow, case: &Case, offer: &Offer) -> Json {
    let mut about = json!({
        "action": offer.action, "zh": offer.title.zh, "en": offer.title.en, "open": offer.open.is_ok(),
    });
    let Some(map) = about.as_object_mut() else { return about };
    if let Some(leg) = &offer.leg {
        map.insert("leg".into(), json!(leg));
    }
    if let Some((name, value)) = offer.about.as_ref().map(About::field) {
        map.insert("about".into(), json!({ name: value }));
    }
    match &offer.open {
        Ok(form) => {
            let each = |id: &FieldId| workflow.fields.get(id).map(|declared| field(declared, id.as_str()));
            let fields: Vec<Json> = form.fields.iter().filter_map(each).collect();
            map.insert("fields".into(), json!(fields));
            map.insert("reason".into(), json!(form.reason));
            if let Some(leg) = offer.leg.as_ref().filter(|_| offer.action.as_str() == "refuse") {
                map.insert("grounds".into(), json!(offered_grounds(workflow, case, leg)));
            }
            if form.proof {
                map.insert("proof".into(), json!(true));
            }
        }
        Err(refusal) => {
            let text = refusal.text();
            map.insert("code".into(), json!(refusal.code.number()));
            map.insert("why".into(), json!({ "zh": text.zh, "en": text.en }));
        }
    }
    about
}

/// On which grounds a leg may be refused.
fn offered_grounds(workflow: &Workflow, case: &Case, leg: &UnitId) -> Vec<Json> {
    let known = case.legs.by_unit.get(leg).map(|leg| grounds(workflow, leg)).unwrap_or_default();
    let one = |(id, ground): &(&GroundId, &Ground)| {
        let title = workflow.ground_title(id);
        json!({ "ground": id, "zh": title.zh, "en": title.en, "cites_duty": ground.cites_duty })
    };
    known.iter().map(one).collect()
}

/// What an action takes.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acting {
    #[serde(default)]
    fields: BTreeMap<String, Json>,
    reason: Option<String>,
    leg: Option<String>,
}

/// Does an action.
pub async fn act<W: World>(
    State(app): State<App<W>>,
    Path((id, action)): Path<(String, String)>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Api> {
    let caller = Caller::who_changes(&app, &headers).await?;
    let body = bytes(body)?;
    let stream = stream(&app, &id).await?;
    let key = caller.key(&headers, &format!("/v1/{stream}/actions/{action}"), &body)?;
    let acting: Acting = if body.is_empty() { Acting::default() } else { read(&headers, &body)? };
    let action = ActionId::parse(&action).ok_or(Code::NotFound)?;
    let leg = acting.leg.as_deref().map(|leg| UnitId::parse(leg).ok_or(Code::NotFound)).transpose()?;
    let act = Act { action, fill: acting.fields, reason: acting.reason, leg, seen: if_match(&headers)? };
    let done = app.desk.commands.ask(caller.actor, Want::Act { stream, act }, Some(key)).await?;
    Ok(receipt(&done, StatusCode::OK))
}

/// Which records.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    after: Option<u64>,
    limit: Option<usize>,
}

/// What happened, in words, oldest first.
pub async fn events<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    which: Result<Query<Which>, QueryRejection>,
) -> Result<Response, Api> {
    let caller = Caller::of(&app, &headers).await?;
    let Query(which) = which.map_err(|error| Problem::of(Code::Malformed).because(error.body_text()))?;
    let limit = which.limit.unwrap_or(EVENTS_MAX);
    if limit == 0 || limit > EVENTS_MAX {
        return Err(Problem::of(Code::Malformed).because(format!("limit is 1 to {EVENTS_MAX}")).into());
    }
    let seen = look(&app, &caller.actor, &id, None, "case").await?;
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&seen.case.filing.digest).ok_or(Code::NotFound)?;
    let after = which.after.unwrap_or(0);
    let rest: Vec<&Entry> = seen.entries.iter().filter(|entry| entry.seq > after).collect();
    let history = History::of(&shelf, workflow, &seen);
    let items: Vec<Json> = rest.iter().take(limit).map(|entry| event(&history, entry)).collect();
    let mut body = json!({ "items": items });
    if let (true, Some(map), Some(last)) =
        (rest.len() > limit, body.as_object_mut(), rest.get(limit.saturating_sub(1)))
    {
        map.insert("next".into(), json!(last.seq));
    }
    Ok(tagged(&headers, seen.seq, &body))
}

/// Who did it, where the asker may not know: the person whom the case is about, who claims it or who votes in it.
const CONCERNED: &str = "concerned";

fn event(history: &History<'_>, entry: &Entry) -> Json {
    let words = history.told(entry).into_iter();
    let words: Vec<Json> = words.map(|text| json!({ "zh": text.zh, "en": text.en })).collect();
    let by = history.who(entry).map_or_else(|| json!(CONCERNED), |by| json!(by));
    let mut about = json!({ "seq": entry.seq, "at": entry.at.rfc3339(), "by": by, "what": words });
    if let (Some(map), Some(due)) = (about.as_object_mut(), entry.due) {
        map.insert("due".into(), json!(due.rfc3339()));
    }
    about
}
