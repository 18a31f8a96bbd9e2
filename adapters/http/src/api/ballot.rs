//! Votes of a case: how they stand, and each voter's receipt with what is needed to check it.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use paidan_model::id::VoteId;
use paidan_runtime::{Actor, How, Seen, World};
use paidan_views::standing::{Standing, standing, test_words};
use serde_json::{Value as Json, json};

use super::caller::Caller;
use super::case::look;
use super::json::{answer, tagged};
use crate::App;
use crate::openapi::{NOTHING, Operation, Takes};
use crate::page::vote::{look_of, replaced};
use crate::path::Path;
use crate::problem::{Api, Code, Problem};

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
pub const RECIPE: &str = "SHA-256 of `paidan/commit/1`, a zero byte, the 32 bytes of the salt, and the canonical JSON of [stream, field, value]";

/// Every vote of a case that was opened.
pub async fn votes<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Api> {
    let caller = Caller::of(&app, &headers).await?;
    let seen = look(&app, &caller.actor, &id, None, "case").await?;
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&seen.case.filing.digest).ok_or(Code::NotFound)?;
    let one = |id: &VoteId| {
        let poll = seen.case.votes.polls.get(id)?;
        let found = standing(workflow, &seen.case, id, look_of(workflow, &seen, id, &caller.actor))?;
        Some(json!({
            "vote": id, "open": found.open, "opened": poll.opened.rfc3339(), "until": poll.until.rfc3339(),
            "roster": poll.hash, "about": poll.about, "households": households(&found), "tally": found.tally,
            "tests": found.tally.iter().flat_map(|tally| &tally.tests).map(test_words).collect::<Vec<_>>(),
        }))
    };
    let items: Vec<Json> = seen.case.votes.polls.keys().filter_map(one).collect();
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

/// A ballot of somebody's own home, with what is behind its receipt.
pub struct Own {
    /// The case.
    pub seen: Seen,
    /// The vote.
    pub vote: VoteId,
    /// The elector whose ballot it is.
    pub owner: String,
    /// The commitment in the record.
    pub receipt: String,
    /// Under which name it was computed.
    pub field: String,
    /// What the ballot says.
    pub value: Json,
    /// The salt.
    pub salt: Vec<u8>,
    /// How it came.
    pub how: How,
}

/// The ballot of an asker's own home: as its elector or a co-owner; the look is written down.
///
/// # Errors
/// Not found, where the asker has no ballot in that vote or it was erased.
pub async fn own<W: World>(
    app: &App<W>,
    actor: &Actor,
    subject: &str,
    id: &str,
    vote: &str,
) -> Result<Own, Problem> {
    let seen = look(app, actor, id, None, "case").await?;
    let vote = VoteId::parse(vote).ok_or_else(Problem::not_found)?;
    let poll = seen.case.votes.polls.get(&vote).ok_or_else(Problem::not_found)?;
    let owner = poll.elector_of(subject).ok_or_else(Problem::not_found)?.owner.clone();
    let ballot = poll.ballots.get(&owner).ok_or_else(Problem::not_found)?;
    let (receipt, how) = (ballot.receipt.clone(), ballot.how);
    let behind = app.desk.queries.behind(actor, &seen.case.filing.stream, &receipt).await?;
    let (salt, value) = behind.ok_or_else(Problem::not_found)?;
    let field = format!("ballot/{vote}/{owner}");
    Ok(Own { seen, vote, owner, receipt, field, value, salt, how })
}

/// The receipt of the caller's own ballot, with the salt: whoever has both can prove what they voted, and nobody else can.
pub async fn receipt<W: World>(
    State(app): State<App<W>>,
    Path((id, vote)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Api> {
    let caller = Caller::of(&app, &headers).await?;
    let own = own(&app, &caller.actor, &caller.subject, &id, &vote).await?;
    let before = replaced(&own.seen, &own.vote, &own.owner).into_iter();
    let before: Vec<Json> =
        before.map(|(receipt, at)| json!({ "receipt": receipt, "at": at.rfc3339() })).collect();
    let body = json!({
        "receipt": own.receipt, "replaced": before, "stream": own.seen.case.filing.stream, "field": own.field,
        "value": own.value, "salt": hex::encode(&own.salt), "how": own.how, "check": RECIPE,
    });
    Ok(answer(StatusCode::OK, &body))
}
