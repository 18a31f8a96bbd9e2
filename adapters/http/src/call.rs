//! One request answered without a socket, by the same routes.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, header};
use tower::ServiceExt as _;

/// The most bytes of an answer.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A request of the API.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// The path with its query.
    pub path: String,
    /// The body of a POST; none: GET.
    pub body: Option<String>,
    /// The `Idempotency-Key` of a POST.
    pub key: String,
    /// As whom, at the door of a demonstration.
    pub who: String,
}

/// Answers a call; the status and the body.
///
/// # Errors
/// A sentence, when the call is no request or the answer is too long.
pub async fn call(routes: Router, call: &Call) -> Result<(u16, String), String> {
    let method = if call.body.is_some() { Method::POST } else { Method::GET };
    let request = Request::builder()
        .method(method)
        .uri(&call.path)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::COOKIE, format!("who={}", call.who))
        .header("idempotency-key", &call.key)
        .body(Body::from(call.body.clone().unwrap_or_default()))
        .map_err(|error| error.to_string())?;
    let answer = routes.oneshot(request).await.map_err(|error| error.to_string())?;
    let status = answer.status().as_u16();
    let bytes = to_bytes(answer.into_body(), ANSWER_BYTES_MAX).await.map_err(|error| error.to_string())?;
    Ok((status, String::from_utf8_lossy(&bytes).into_owned()))
}
