//! Votes of a case: how they stand, and each voter's receipt with what is needed to check it.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use paidan_model::id::VoteId;
use paidan_runtime::World;
use paidan_views::standing::{Standing, standing, test_words};
use serde_json::{Value as Json, json};

use super::caller::Caller;
use super::case::look;
use super::json::{answer, tagged};
use crate::App;
use crate::openapi::{NOTHING, Operation, Takes};
use crate::page::vote::{look_of, replaced};
use crate::path::Path;
use crate::problem::{Api, Code};

/// `votes`.
pub const VOTES: Operation = Operation {
    id: "votes",
    summary: "Every vote of a case that was opened, with its sums and tests.",
    query: &[],
    takes: Takes::Nothing,
    answers: &[(200, "Votes"), (304, NOTHING)],
    problems: &[],
};

/// `ballot-receipt`.
pub const RECEIPT: Operation = Operation {
    id: "ballot-receipt",
    summary: "The receipt of the caller's own ballot, with what is needed to check it.",
    query: &[],
    takes: Takes::Nothing,
    answers: &[(200, "BallotReceipt")],
    problems: &[],
};

/// How a receipt is computed, for those who check it with tools of their own.
const RECIPE: &str = "SHA-256 of `paidan/commit/1`, a zero byte, the 32 bytes of the salt, and the canonical JSON of [stream, field, value]";

/// Every vote of a case that was opened.
pub async fn votes<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Api> {
    let caller = Caller::of(&app, &headers).await?;
    let seen = look(&app, &caller.actor, &id, None, "case").await?;
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&seen.case.digest).ok_or(Code::NotFound)?;
    let one = |id: &VoteId| {
        let poll = seen.case.votes.get(id)?;
        let found = standing(workflow, &seen.case, id, look_of(workflow, &seen, id, &caller.actor))?;
        Some(json!({
            "vote": id, "open": found.open, "opened": poll.opened.rfc3339(), "until": poll.until.rfc3339(),
            "roster": poll.hash, "about": poll.about, "households": households(&found), "tally": found.tally,
            "tests": found.tally.iter().flat_map(|tally| &tally.tests).map(test_words).collect::<Vec<_>>(),
        }))
    };
    let items: Vec<Json> = seen.case.votes.keys().filter_map(one).collect();
    Ok(tagged(&headers, seen.seq, &json!({ "items": items })))
}

fn households(standing: &Standing) -> Vec<Json> {
    let floors = standing.floors.iter();
    let all = floors.flat_map(|(floor, all)| all.iter().map(move |household| (floor, household)));
    all.map(|(floor, household)| {
        json!({
            "part": household.part, "floor": floor, "area": household.area,
            "stance": household.stance.name(), "how": household.how,
        })
    })
    .collect()
}

/// The receipt of the caller's own ballot, with the salt: whoever has both can prove what they voted, and nobody else can.
pub async fn receipt<W: World>(
    State(app): State<App<W>>,
    Path((id, vote)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Api> {
    let caller = Caller::of(&app, &headers).await?;
    let seen = look(&app, &caller.actor, &id, None, "case").await?;
    let vote = VoteId::parse(&vote).ok_or(Code::NotFound)?;
    let poll = seen.case.votes.get(&vote).ok_or(Code::NotFound)?;
    let elector = poll.elector_of(&caller.subject).ok_or(Code::NotFound)?;
    let ballot = poll.ballots.get(&elector.owner).ok_or(Code::NotFound)?;
    let behind = app.desk.behind(&caller.actor, &seen.case.stream, &ballot.receipt).await?;
    let (salt, value) = behind.ok_or(Code::NotFound)?;
    let before = replaced(&seen, &vote, &elector.owner).into_iter();
    let before: Vec<Json> =
        before.map(|(receipt, at)| json!({ "receipt": receipt, "at": at.rfc3339() })).collect();
    let body = json!({
        "receipt": ballot.receipt, "replaced": before, "stream": seen.case.stream, "field": format!("ballot/{vote}/{}", elector.owner),
        "value": value, "salt": hex::encode(salt), "how": ballot.how, "check": RECIPE,
    });
    Ok(answer(StatusCode::OK, &body))
}
