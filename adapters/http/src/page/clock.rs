//! The clock of a demonstration: put forward to a moment, or to the next timer.

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Redirect;
use paidan_model::moment::Moment;
use paidan_runtime::{Clock as _, World};
use serde::Deserialize;

use crate::App;
use crate::form::Filled;
use crate::page::visitor::came_from;
use crate::problem::{Code, Problem};
use crate::route::Table;

/// How long the answer waits for timers to fire.
const WAIT: Duration = Duration::from_secs(30);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(20);

/// Where to.
#[derive(Deserialize)]
pub struct To {
    to: String,
}

/// Puts the clock forward, and answers when whatever was due by then has fired.
pub async fn put_forward<W: World>(
    State(app): State<App<W>>,
    Extension(table): Extension<Table>,
    headers: HeaderMap,
    Filled(To { to }): Filled<To>,
) -> Result<Redirect, Problem> {
    let clock = app.desk.world.clock();
    let wrong = || Problem::of(Code::Malformed).because("`to` is `next` or `2026-10-08 12:00`");
    let to = match to.as_str() {
        "next" => app.desk.queries.next_due().await?.unwrap_or_else(|| clock.now()),
        text => Moment::parse_local(text, &app.desk.shelf.now().zone()).ok_or_else(wrong)?,
    };
    if !clock.put_forward(to) {
        return Err(Problem::not_found());
    }
    let fired = async {
        while app.desk.queries.next_due().await?.is_some_and(|due| due <= to) {
            tokio::time::sleep(LOOK).await;
        }
        Ok::<(), Problem>(())
    };
    tokio::time::timeout(WAIT, fired).await.map_err(|_| Problem::of(Code::Busy))??;
    Ok(Redirect::to(&came_from(&table, &headers)))
}
