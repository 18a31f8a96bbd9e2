//! The routes, with the limits and headers that hold for all of them.

use std::time::Duration;

use axum::Extension;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use paidan_runtime::World;
use paidan_runtime::photo::FILE_BYTES_MAX;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

use crate::problem::{Code, Problem, is_api, method, not_found};
use crate::route::Access::{Admin, Code as WithCode, Demonstration, Everybody, Known};
use crate::route::{Route, Routes, Table};
use crate::{App, Door, api, metrics, openapi, page, session, visitor};

/// The header that names the town's zone in answers to programs, such as `Asia/Shanghai`.
pub const ZONE_HEADER: &str = "paidan-zone";
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

fn uploads<W: World>() -> Routes<W> {
    Routes::new()
        .get("/new/{workflow}", Everybody, page::order::show::<W>)
        .post("/new/{workflow}", Everybody, page::order::send::<W>)
        .get("/case/{id}", Known, page::case::show::<W>)
        .post("/case/{id}", Known, page::case::act::<W>)
        .get("/item/{id}", Known, page::case::show::<W>)
        .post("/item/{id}", Known, page::case::act::<W>)
        .post("/track/act", WithCode, page::track::act::<W>)
        .within(|router| router.layer(DefaultBodyLimit::max(UPLOAD_BYTES_MAX)))
}

fn files<W: World>() -> Routes<W> {
    let most = usize::try_from(FILE_BYTES_MAX).unwrap_or(UPLOAD_BYTES_MAX) + 1;
    Routes::new()
        .api(Method::POST, "/v1/files", Known, &api::file::KEEP, api::file::keep::<W>)
        .within(|router| router.layer(DefaultBodyLimit::max(most)))
}

fn pages<W: World>() -> Routes<W> {
    Routes::new()
        .get("/", Everybody, page::home::show::<W>)
        .post("/tongue", Everybody, page::visitor::tongue)
        .get("/case/{id}/file/{digest}", Known, page::case::file::<W>)
        .get("/item/{id}/file/{digest}", Known, page::case::file::<W>)
        .get("/case/{id}/access", Known, page::access::show::<W>)
        .get("/item/{id}/access", Known, page::access::show::<W>)
        .get("/case/{id}/history", Known, page::replay::show::<W>)
        .get("/item/{id}/history", Known, page::replay::show::<W>)
        .get("/case/{id}/receipt/{vote}", Known, page::ballot::show::<W>)
        .get("/item/{id}/receipt/{vote}", Known, page::ballot::show::<W>)
        .get("/case/{id}/xes", Known, api::eventlog::from_page::<W>)
        .get("/item/{id}/xes", Known, api::eventlog::from_page::<W>)
        .get("/case/{id}/records", Known, api::records::from_page::<W>)
        .get("/item/{id}/records", Known, api::records::from_page::<W>)
        .get("/anchors", Everybody, page::anchors::show::<W>)
        .get("/anchors/{day}", Everybody, page::anchors::text::<W>)
        .get("/wall", Everybody, page::wall::show::<W>)
        .get("/seasons", Everybody, page::season::show::<W>)
        .get("/lists", Known, page::lists::show::<W>)
        .get("/dispatch", Known, page::dispatch::show::<W>)
        .post("/view", Known, page::home::save::<W>)
        .post("/view/forget", Known, page::home::forget::<W>)
        .get("/away", Known, page::away::show::<W>)
        .post("/away", Known, page::away::leave::<W>)
        .post("/away/back", Known, page::away::back::<W>)
        .get("/track", Everybody, page::track::ask::<W>)
        .post("/track", WithCode, page::track::show::<W>)
        .get("/sink", Admin, page::sink::show::<W>)
        .post("/sink", Admin, page::sink::again::<W>)
        .get("/publish", Admin, page::publish::show::<W>)
        .post("/publish", Admin, page::publish::send::<W>)
        .get("/static/paidan.css", Everybody, page::layout::css)
        .get("/static/live.js", Everybody, page::layout::script)
        .get("/static/wall.js", Everybody, page::layout::wall_script)
        .get("/static/dispatch.js", Everybody, page::layout::dispatch_script)
        .get("/static/slider.js", Everybody, page::layout::slider_script)
        .get("/healthz", Everybody, || async { "ok\n" })
        .get("/readyz", Everybody, metrics::ready::<W>)
}

fn programs<W: World>() -> Routes<W> {
    let (ask, tell) = (Method::GET, Method::POST);
    Routes::new()
        .get("/openapi.json", Everybody, openapi::show::<W>)
        .api(ask.clone(), "/v1/workflows", Known, &api::workflow::LIST, api::workflow::list::<W>)
        .api(tell.clone(), "/v1/workflows", Admin, &api::publish::PUBLISH, api::publish::publish::<W>)
        .api(ask.clone(), "/v1/workflows/{id}", Known, &api::workflow::SHOW, api::workflow::show::<W>)
        .api(ask.clone(), "/v1/cases", Known, &api::list::CASES, api::list::cases::<W>)
        .api(tell.clone(), "/v1/cases", Known, &api::case::OPEN, api::case::open::<W>)
        .api(ask.clone(), "/v1/inbox", Known, &api::list::INBOX, api::list::inbox::<W>)
        .api(ask.clone(), "/v1/lists/{list}", Everybody, &api::list::ITEMS, api::list::items::<W>)
        .api(ask.clone(), "/v1/cases/{id}", Known, &api::case::SHOW, api::case::show::<W>)
        .api(ask.clone(), "/v1/cases/{id}/actions", Known, &api::case::ACTIONS, api::case::actions::<W>)
        .api(tell.clone(), "/v1/cases/{id}/actions/{action}", Known, &api::case::ACT, api::case::act::<W>)
        .api(tell.clone(), "/v1/cases:batch", Known, &api::batch::ACT, api::batch::act::<W>)
        .api(ask.clone(), "/v1/cases/{id}/votes", Known, &api::ballot::VOTES, api::ballot::votes::<W>)
        .api(ask.clone(), "/v1/cases/{id}/splits", Known, &api::split::SPLITS, api::split::splits::<W>)
        .api(
            ask.clone(),
            "/v1/cases/{id}/votes/{vote}/receipt",
            Known,
            &api::ballot::RECEIPT,
            api::ballot::receipt::<W>,
        )
        .api(ask.clone(), "/v1/cases/{id}/access", Known, &api::access::LIST, api::access::list::<W>)
        .api(ask.clone(), "/v1/cases/{id}/events", Known, &api::case::EVENTS, api::case::events::<W>)
        .api(ask.clone(), "/v1/cases/{id}/records", Known, &api::records::RECORDS, api::records::records::<W>)
        .api(ask.clone(), "/v1/cases/{id}/xes", Known, &api::eventlog::XES, api::eventlog::xes::<W>)
        .api(ask.clone(), "/v1/views", Known, &api::saved::LIST, api::saved::list::<W>)
        .api(Method::PUT, "/v1/views/{view}", Known, &api::saved::PUT, api::saved::put::<W>)
        .api(Method::DELETE, "/v1/views/{view}", Known, &api::saved::DROP, api::saved::forget::<W>)
        .api(ask.clone(), "/v1/absences", Known, &api::absence::LIST, api::absence::list::<W>)
        .api(tell, "/v1/absences", Known, &api::absence::PUT, api::absence::put::<W>)
        .api(Method::DELETE, "/v1/absences/{person}", Known, &api::absence::END, api::absence::end::<W>)
        .api(ask, "/v1/cases/{id}/files/{digest}", Known, &api::file::SHOW, api::file::show::<W>)
}

/// A visitor of a demonstration chooses whom to be and may put the clock forward, which no other door offers.
fn demonstration<W: World>() -> Routes<W> {
    Routes::new()
        .post("/who", Demonstration, page::visitor::choose::<W>)
        .get("/metrics", Demonstration, metrics::show::<W>)
        .post("/clock", Demonstration, page::clock::put_forward::<W>)
        .get("/story", Demonstration, page::story::show::<W>)
        .post("/story/forge", Demonstration, page::story::forge::<W>)
}

fn accounts<W: World>() -> Routes<W> {
    Routes::new()
        .get("/login", Everybody, session::show::<W>)
        .post("/login", Everybody, session::login::<W>)
        .post("/logout", Everybody, session::logout::<W>)
        .get("/admin", Admin, page::admin::show::<W>)
        .post("/admin/user", Admin, page::admin::put_user::<W>)
        .post("/admin/user/disable", Admin, page::admin::disable::<W>)
        .post("/admin/key", Admin, page::admin::make_key::<W>)
        .post("/admin/key/revoke", Admin, page::admin::revoke::<W>)
        .get("/setup", WithCode, session::set_up::<W>)
        .post("/setup", WithCode, session::make_first::<W>)
}

/// Live events: they last, so no limit on time holds for them.
fn lasting<W: World>() -> Routes<W> {
    Routes::new().get("/live", Known, page::live::stream::<W>).get(
        "/v1/events/stream",
        Known,
        page::live::stream::<W>,
    )
}

fn timed<W: World>(door: Door) -> Routes<W> {
    let of_door = match door {
        Door::Demonstration => demonstration(),
        Door::Accounts => accounts(),
    };
    pages()
        .and(programs())
        .and(of_door)
        .within(|router| router.layer(DefaultBodyLimit::max(BODY_BYTES_MAX)))
        .and(uploads())
        .and(files())
}

/// Every route of a door.
#[must_use]
pub fn table<W: World>(door: Door) -> Vec<Route> {
    timed::<W>(door).and(lasting()).table
}

/// The routes of the app's door, with the limits and headers; live streams are let be.
pub fn router<W: World>(app: App<W>) -> Router {
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
    };
    let routes = Table(table::<W>(app.door).into());
    timed::<W>(app.door)
        .router
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            Duration::from_secs(REQUEST_SECONDS),
        ))
        .layer(RequestBodyTimeoutLayer::new(Duration::from_secs(PAUSE_SECONDS)))
        .merge(lasting::<W>().router)
        .method_not_allowed_fallback(method)
        .fallback(not_found)
        .layer(Extension(routes))
        .layer(middleware::from_fn_with_state(app.clone(), name_zone::<W>))
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

/// Names the town's zone to programs, which get moments in UTC and tell them to people.
async fn name_zone<W: World>(State(app): State<App<W>>, request: Request, next: Next) -> Response {
    let is_asked_by_program = is_api(request.uri().path());
    let mut response = next.run(request).await;
    if is_asked_by_program {
        let zone = HeaderValue::from_static(app.desk.shelf.now().zone().name());
        response.headers_mut().insert(ZONE_HEADER, zone);
    }
    response
}

fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a request ended in a panic");
    axum::response::IntoResponse::into_response(Problem::of(Code::Fault))
}

/// The routes of whoever watches the process, on an address of their own.
pub fn metrics_router<W: World>(app: App<W>) -> Router {
    let routes = Router::new()
        .route("/metrics", get(metrics::show::<W>))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(metrics::ready::<W>));
    routes.with_state(app)
}
