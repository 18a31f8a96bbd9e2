//! What programs find at a route: what it takes, answers and refuses.

use serde_json::Value as Json;

/// What programs find at a route.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Its name, unique, for generated clients.
    pub id: &'static str,
    /// What it is for.
    pub summary: &'static str,
    /// Parameters of the query.
    pub query: &'static [Parameter],
    /// What it takes.
    pub takes: Takes,
    /// The answers that are no problems: status, and the name of the schema.
    pub answers: &'static [(u16, &'static str)],
    /// Problems beyond those that every route of its kind has.
    pub problems: &'static [u16],
}

/// A parameter of a query; never required.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its schema.
    pub schema: fn() -> Json,
}

/// What a route takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// JSON, by the name of its schema; repeated under the same `Idempotency-Key` it is done once.
    Keyed(&'static str),
    /// JSON that is harmless when repeated.
    Plain(&'static str),
    /// The bytes of a file.
    File,
}

/// The answer that has no body.
pub const NOTHING: &str = "";

/// The answer whose body is the bytes of a file.
pub const BYTES: &str = "bytes";
