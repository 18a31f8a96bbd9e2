//! JSON in and out: bodies read with clear problems, answers with their entity tag.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use paidan_model::field::Field;
use paidan_model::moment::Moment;
use paidan_model::table::Column;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use crate::problem::{Api, Code, Problem};

/// The bytes of a body, if they arrived and are not too many.
///
/// # Errors
/// When they did not.
pub fn bytes(body: Result<Bytes, BytesRejection>) -> Result<Bytes, Api> {
    body.map_err(|rejection| {
        let code = match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
            _ => Code::Broken,
        };
        Problem::of(code).because(rejection.body_text()).into()
    })
}

/// A value that is written as an object, with its names; a list of its members in order, which serde would take too, is
/// not.
#[derive(Clone, Debug)]
pub struct Strict<T>(pub T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Strict<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = serde_json::Map::<String, Json>::deserialize(deserializer)?;
        serde_json::from_value(Json::Object(members)).map(Self).map_err(serde::de::Error::custom)
    }
}

/// A body of JSON.
///
/// # Errors
/// When it says it is something else, or does not fit.
pub fn read<T: DeserializeOwned>(headers: &HeaderMap, bytes: &[u8]) -> Result<T, Api> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("application/json") {
        return Err(Problem::of(Code::Kind).because("the body is to be application/json").into());
    }
    serde_json::from_slice::<Strict<T>>(bytes).map(|Strict(read)| read).map_err(|error| {
        let at = json!([{ "line": error.line(), "column": error.column() }]);
        Problem::of(Code::Malformed).because(error.to_string()).with("errors", at).into()
    })
}

/// An answer of JSON.
pub fn answer(status: StatusCode, value: &Json) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], format!("{value}\n")).into_response()
}

/// An answer that its asker may keep until the case changes; `304` when they have this one already. The tag begins with
/// the sequence, for `If-Match`, and goes on with what was answered: what somebody else sees has another.
pub fn tagged(headers: &HeaderMap, seq: u64, value: &Json) -> Response {
    let hash = hex::encode(Sha256::digest(value.to_string().as_bytes()));
    let tag = format!("\"{seq}-{}\"", hash.get(..16).unwrap_or_default());
    let held = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let same = held.is_some_and(|held| held.split(',').any(|one| one.trim() == tag));
    let mut response =
        if same { StatusCode::NOT_MODIFIED.into_response() } else { answer(StatusCode::OK, value) };
    let headers = response.headers_mut();
    if let Ok(tag) = tag.parse() {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::VARY, header::HeaderValue::from_static("Cookie, Authorization"));
    response
}

/// A moment in a query.
///
/// # Errors
/// When it is none.
pub fn moment(text: &str) -> Result<Moment, Api> {
    // A `+` in a query means a space; whoever forgot to encode it meant the offset.
    let repaired = text.replace(' ', "+");
    let wrong = || Problem::of(Code::Malformed).because("a time is written as 2026-10-08T12:00:00+08:00");
    Moment::parse_rfc3339(&repaired).ok_or_else(|| wrong().into())
}

/// A field as a program needs it to make a form.
pub fn field(field: &Field, id: &str) -> Json {
    let mut found = json!({
        "id": id, "type": field.kind, "zh": field.label.zh, "en": field.label.en, "required": field.required,
    });
    if let Some(map) = found.as_object_mut() {
        let mut add = |name: &str, value: Json| drop(map.insert(name.to_string(), value));
        if !field.choices.is_empty() {
            add("choices", json!(field.choices));
        }
        for (name, value) in [("min", field.min), ("max", field.limit())] {
            if let Some(value) = value {
                add(name, json!(value));
            }
        }
        if !field.columns.is_empty() {
            let column = |column: &Column| json!({ "id": column.id, "type": column.kind, "zh": column.label.zh, "en": column.label.en });
            add("columns", field.columns.iter().map(column).collect());
        }
        if let Some(of) = &field.of {
            add("of", json!(of));
        }
        if field.private {
            add("private", json!(true));
        }
    }
    found
}
