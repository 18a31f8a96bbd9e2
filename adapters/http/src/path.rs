//! What stands in a path, or a problem as the asker reads it.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use serde::de::DeserializeOwned;

use crate::problem::{Code, Problem, shown};

/// What stands in a path.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(found)) => Ok(Self(found)),
            Err(rejection) => {
                let problem = Problem::of(Code::Malformed).because(rejection.body_text());
                Err(shown(parts.uri.path(), problem))
            }
        }
    }
}
