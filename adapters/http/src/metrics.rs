//! What those see who watch the process: whether it is ready, and counts in the text format of Prometheus.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use paidan_runtime::{Clock as _, World};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::App;
use crate::problem::{Code, Problem};

/// Whether the store answers and the committer is there.
pub async fn ready<W: World>(State(app): State<App<W>>) -> Response {
    let alive = app.desk.commands.waiting().is_some();
    match app.desk.queries.letters(None, 1).await {
        Ok(_) if alive => "ready\n".into_response(),
        Ok(_) => (StatusCode::SERVICE_UNAVAILABLE, "the committer has stopped\n").into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n").into_response(),
    }
}

/// The counts.
pub async fn show<W: World>(State(app): State<App<W>>) -> Result<Response, Problem> {
    let mut text = String::new();
    let registry = registry(&app);
    encode(&mut text, &registry).map_err(|_| Problem::of(Code::Fault))?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

fn registry<W: World>(app: &App<W>) -> Registry {
    let mut registry = Registry::with_prefix("paidan");
    let counts = &app.desk.counts;
    let counters: [(&str, &str, &AtomicU64); 11] = [
        ("commands_stored", "Commands made durable", &counts.stored),
        ("commands_refused", "Commands refused by the rules", &counts.refused),
        ("commands_repeated", "Commands answered before", &counts.repeated),
        ("commands_busy", "Commands turned away because too many waited", &counts.busy),
        ("commands_unknown", "Commands whose outcome the store could not say", &counts.unknown),
        ("commands_failed", "Commands the store failed", &counts.failed),
        ("commits", "Transactions", &counts.commits),
        ("commit_microseconds", "Time spent in transactions", &counts.commit_micros),
        ("messages_delivered", "Messages delivered", &counts.delivered),
        ("messages_put_off", "Messages put off", &counts.put_off),
        ("messages_dead", "Messages given up", &counts.dead),
    ];
    for (name, help, count) in counters {
        registry.register(name, help, ConstCounter::new(count.load(Ordering::Relaxed)));
    }
    let waiting = i64::try_from(app.desk.commands.waiting().unwrap_or_default()).unwrap_or(i64::MAX);
    registry.register("commands_waiting", "Commands before the committer", ConstGauge::new(waiting));
    let clock = app.desk.world.clock().now().millis() / 1_000;
    registry.register("clock_seconds", "What the engine's clock shows", ConstGauge::new(clock));
    registry
}
