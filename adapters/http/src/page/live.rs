//! Live events: one line whenever something happened to a case one may see, so that pages look again.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_core::Stream;
use paidan_runtime::{Live, World};
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::BroadcastStream;

use crate::api::caller::Caller;
use crate::problem::Api;
use crate::{App, Door};

/// Seconds between signs of life.
const ALIVE_SECONDS: u64 = 15;

/// The stream; a reader that was too slow gets one event for all it missed.
pub async fn stream<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Api> {
    let caller = Caller::of(&app, &headers).await?;
    let (lists, all) = (caller.lists(), app.door == Door::Demonstration);
    let events = BroadcastStream::new(app.desk.commands.events());
    let lines = events.filter_map(move |news| match news {
        Ok(live) if all || live.owners.iter().any(|owner| lists.contains(owner)) => Some(Ok(line(&live))),
        Ok(_) => None,
        Err(_) => Some(Ok(Event::default().event("missed").data(""))),
    });
    Ok(Sse::new(lines).keep_alive(KeepAlive::new().interval(Duration::from_secs(ALIVE_SECONDS))))
}

fn line(live: &Live) -> Event {
    Event::default().data(live.stream.clone())
}
