//! Live events: one line whenever something happened, so that pages look again.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_core::Stream;
use paidan_runtime::World;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::BroadcastStream;

use crate::App;

/// Seconds between signs of life.
const ALIVE_SECONDS: u64 = 15;

/// The stream; a reader that was too slow gets one event for all it missed.
pub async fn stream<W: World>(
    State(app): State<App<W>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = BroadcastStream::new(app.desk.events());
    let lines = events.map(|news| {
        let stream = news.map(|live| live.stream).unwrap_or_default();
        Ok(Event::default().data(stream))
    });
    Sse::new(lines).keep_alive(KeepAlive::new().interval(Duration::from_secs(ALIVE_SECONDS)))
}
