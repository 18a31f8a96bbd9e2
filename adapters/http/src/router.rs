//! The routes, with the limits and headers that hold for all of them.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post};
use paidan_runtime::World;
use paidan_runtime::photo::FILE_BYTES_MAX;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

use crate::problem::{Code, Problem, method, not_found};
use crate::{App, api, metrics, page, session, visitor};

/// The most bytes of a form or of JSON.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
/// The most bytes of a form with photos.
const UPLOAD_BYTES_MAX: usize = 3 * 20 * 1024 * 1024;
/// The longest a request may take.
const REQUEST_SECONDS: u64 = 60;
/// The longest a sender may pause.
const PAUSE_SECONDS: u64 = 20;

const POLICY: &str =
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

fn common<W: World>() -> Router<App<W>> {
    let uploads = Router::new()
        .route("/new/{workflow}", get(page::order::show::<W>).post(page::order::send::<W>))
        .route("/case/{id}", get(page::case::show::<W>).post(page::case::act::<W>))
        .route("/item/{id}", get(page::case::show::<W>).post(page::case::act::<W>))
        .route("/track/act", post(page::track::act::<W>))
        .layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX));
    let files = Router::new()
        .route("/v1/files", post(api::file::keep::<W>))
        .layer(DefaultBodyLimit::max(usize::try_from(FILE_BYTES_MAX).unwrap_or(UPLOAD_BYTES_MAX) + 1));
    Router::new()
        .route("/", get(page::home::show::<W>))
        .route("/tongue", post(visitor::tongue))
        .route("/case/{id}/file/{digest}", get(page::case::file::<W>))
        .route("/item/{id}/file/{digest}", get(page::case::file::<W>))
        .route("/case/{id}/access", get(page::access::show::<W>))
        .route("/item/{id}/access", get(page::access::show::<W>))
        .route("/wall", get(page::wall::show::<W>))
        .route("/lists", get(page::lists::show::<W>))
        .route("/track", get(page::track::ask::<W>).post(page::track::show::<W>))
        .route("/sink", get(page::sink::show::<W>).post(page::sink::again::<W>))
        .route("/static/paidan.css", get(page::layout::css))
        .route("/static/live.js", get(page::layout::script))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(metrics::ready::<W>))
        .route("/publish", get(page::publish::show::<W>).post(page::publish::send::<W>))
        .route("/v1/workflows", get(api::workflow::list::<W>).post(api::publish::publish::<W>))
        .route("/v1/workflows/{id}", get(api::workflow::show::<W>))
        .route("/v1/cases", get(api::list::cases::<W>).post(api::case::open::<W>))
        .route("/v1/inbox", get(api::list::inbox::<W>))
        .route("/v1/lists/{list}", get(api::list::items::<W>))
        .route("/v1/cases/{id}", get(api::case::show::<W>))
        .route("/v1/cases/{id}/actions", get(api::case::actions::<W>))
        .route("/v1/cases/{id}/actions/{action}", post(api::case::act::<W>))
        .route("/v1/cases:batch", post(api::batch::act::<W>))
        .route("/v1/cases/{id}/votes", get(api::ballot::votes::<W>))
        .route("/v1/cases/{id}/votes/{vote}/receipt", get(api::ballot::receipt::<W>))
        .route("/v1/cases/{id}/access", get(api::access::list::<W>))
        .route("/v1/cases/{id}/events", get(api::case::events::<W>))
        .route("/v1/cases/{id}/files/{digest}", get(api::file::show::<W>))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .merge(uploads)
        .merge(files)
}

/// The limits and headers; live streams are let be.
fn finished<W: World>(routes: Router<App<W>>, app: App<W>) -> Router {
    let live = Router::new()
        .route("/live", get(page::live::stream::<W>))
        .route("/v1/events/stream", get(page::live::stream::<W>));
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    routes
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            Duration::from_secs(REQUEST_SECONDS),
        ))
        .layer(RequestBodyTimeoutLayer::new(Duration::from_secs(PAUSE_SECONDS)))
        .merge(live)
        .method_not_allowed_fallback(method)
        .fallback(not_found)
        .layer(middleware::from_fn(visitor::same_origin))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        ))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "same-origin"))
        .layer(header(header::X_FRAME_OPTIONS, "DENY"))
        .with_state(app)
}

fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a request ended in a panic");
    axum::response::IntoResponse::into_response(Problem::of(Code::Fault))
}

/// The routes of `dev`: a visitor chooses whom to be and may put the clock forward, which no other command offers.
pub fn dev_router<W: World>(app: App<W>) -> Router {
    let routes = common::<W>()
        .route("/who", post(visitor::choose::<W>))
        .route("/metrics", get(metrics::show::<W>))
        .route("/clock", post(page::clock::put_forward::<W>));
    finished(routes, app)
}

/// The routes of `serve`.
pub fn router<W: World>(app: App<W>) -> Router {
    let routes = common::<W>()
        .route("/login", get(session::show::<W>).post(session::login::<W>))
        .route("/logout", post(session::logout::<W>))
        .route("/admin", get(page::admin::show::<W>))
        .route("/admin/user", post(page::admin::put_user::<W>))
        .route("/admin/user/disable", post(page::admin::disable::<W>))
        .route("/admin/key", post(page::admin::make_key::<W>))
        .route("/admin/key/revoke", post(page::admin::revoke::<W>))
        .route("/setup", get(session::set_up::<W>).post(session::make_first::<W>));
    finished(routes, app)
}

/// The routes of whoever watches the process, on an address of their own.
pub fn metrics_router<W: World>(app: App<W>) -> Router {
    let routes = Router::new()
        .route("/metrics", get(metrics::show::<W>))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(metrics::ready::<W>));
    routes.with_state(app)
}
