//! What the status of an answer says about a delivery.

use paidan_runtime::Sent;
use reqwest::{Response, StatusCode, header};

/// What an answer means.
pub(crate) fn verdict(answer: &Response) -> Sent {
    let status = answer.status();
    let wait = answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    let note = status.to_string();
    match (status, wait.and_then(|text| text.parse().ok())) {
        (status, _) if status.is_success() => Sent::Delivered(note),
        (StatusCode::GONE, _) => Sent::Never(note),
        (_, Some(seconds)) => Sent::After { note, seconds, tried: true },
        (_, None) => Sent::Later(note),
    }
}
