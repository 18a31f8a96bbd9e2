//! Pages and live events. Asks the desk; decides nothing; touches no table.

mod form;
mod page;
mod problem;
mod visitor;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::middleware;
use axum::routing::{get, post};
use paidan_runtime::{Desk, World};
use tower_http::set_header::SetResponseHeaderLayer;

/// The most bytes of a form.
pub const FORM_BYTES_MAX: usize = 64 * 1024;

/// What the pages stand on.
#[derive(Debug)]
pub struct App<W: World> {
    /// Where commands arrive.
    pub desk: Desk<W>,
    /// The town's name, in the header.
    pub title: String,
}

impl<W: World> Clone for App<W> {
    fn clone(&self) -> Self {
        Self { desk: self.desk.clone(), title: self.title.clone() }
    }
}

const POLICY: &str = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// Serves pages to whoever comes, until the process ends.
///
/// # Errors
/// When the socket fails.
pub async fn serve(listener: tokio::net::TcpListener, pages: Router) -> std::io::Result<()> {
    axum::serve(listener, pages).await
}

/// The routes of `dev`: a visitor chooses whom to be, which no other command offers.
pub fn dev_router<W: World>(app: App<W>) -> Router {
    Router::new()
        .route("/", get(page::home::show::<W>))
        .route("/who", post(visitor::choose::<W>))
        .route("/tongue", post(visitor::tongue))
        .route("/new/{workflow}", get(page::order::show::<W>).post(page::order::send::<W>))
        .route("/case/{id}", get(page::case::show::<W>).post(page::case::act::<W>))
        .route("/track", get(page::track::show::<W>))
        .route("/sink", get(page::sink::show::<W>))
        .route("/live", get(page::live::stream::<W>))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/static/paidan.css", get(page::layout::css))
        .route("/static/live.js", get(page::layout::script))
        .fallback(problem::not_found)
        .layer(middleware::from_fn(visitor::same_origin))
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(SetResponseHeaderLayer::overriding(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(POLICY),
        ))
        .layer(SetResponseHeaderLayer::overriding(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::overriding(
            header::REFERRER_POLICY,
            HeaderValue::from_static("same-origin"),
        ))
        .with_state(app)
}
