//! Sums of a case that are divided among the parts of a roster.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use paidan_model::id::SplitId;
use paidan_runtime::{Clock as _, World};
use paidan_views::shares::{Share, divided};
use serde_json::{Value as Json, json};

use super::caller::Caller;
use super::case::look;
use super::json::tagged;
use crate::App;
use crate::openapi::{NOTHING, Operation, Takes};
use crate::path::Path;
use crate::problem::{Api, Code};

/// `splits`.
pub const SPLITS: Operation = Operation {
    id: "splits",
    summary: "Every sum of a case that is divided among the parts of a roster, in fen, and who joined later.",
    query: &[],
    takes: Takes::Nothing,
    answers: &[(200, "Splits"), (304, NOTHING)],
    problems: &[],
};

/// Every sum that is divided; those of which the caller may not see every term are left out.
pub async fn splits<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Api> {
    let caller = Caller::of(&app, &headers).await?;
    let seen = look(&app, &caller.actor, &id, None, "case").await?;
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&seen.case.filing.digest).ok_or(Code::NotFound)?;
    let now = app.desk.world.clock().now();
    let may = |id: &SplitId| workflow.splits.get(id).is_some_and(|split| seen.sight.covers(split.terms()));
    let one = |id: &SplitId| {
        let found = divided(workflow, &seen.case, id, &shelf.zone(), now)?;
        let joined = &seen.case.splits.by_split.get(id)?.joined;
        Some(json!({
            "split": id, "amount": found.amount,
            "shares": found.shares.iter().map(share).collect::<Vec<_>>(),
            "joined": joined.iter().map(|joined| json!({
                "part": joined.part, "price": joined.price, "at": joined.at.rfc3339(), "to": joined.to,
            })).collect::<Vec<_>>(),
        }))
    };
    let items: Vec<Json> = seen.case.splits.by_split.keys().filter(|id| may(id)).filter_map(one).collect();
    Ok(tagged(&headers, seen.seq, &json!({ "items": items })))
}

fn share(share: &Share) -> Json {
    json!({
        "part": share.part, "floor": share.floor, "area": share.area,
        "pays": share.fen, "outside": share.outside, "to_join_today": share.late,
    })
}
