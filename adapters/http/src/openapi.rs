//! The description of the API for programs: OpenAPI 3.1, made from the table of routes. The schemas are in [`schema`].

pub mod schema;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use paidan_model::claim::List;
use paidan_runtime::World;
use serde_json::{Map, Value as Json, json};

use crate::App;
use crate::api::json::answer;
pub use crate::operation::{BYTES, NOTHING, Operation, Parameter, Takes};
use crate::route::{Access, Route, Table};

/// `GET /openapi.json`.
pub async fn show<W: World>(State(app): State<App<W>>, Extension(table): Extension<Table>) -> Response {
    answer(StatusCode::OK, &document(&table.0, &app.base))
}

/// The whole document, for the routes of one door.
#[must_use]
pub fn document(routes: &[Route], base: &str) -> Json {
    let mut paths: Map<String, Json> = Map::new();
    for route in routes {
        let Some(operation) = route.operation else { continue };
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            methods.insert(route.method.to_lowercase(), described(route, operation));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Paidan 派单",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
            "description": "Cases, lists, votes and definitions. A request that changes something carries an Idempotency-Key: sent again with the same key it is done once. Answers may gain members; a request with an unknown member is refused. Moments are in UTC; the header `Paidan-Zone` of each answer names the zone of the town.",
        },
        "servers": [{ "url": base }],
        "paths": paths,
        "components": {
            "schemas": schema::all(),
            "securitySchemes": {
                "key": { "type": "http", "scheme": "bearer", "description": "The key of a program, made by an administrator." },
            },
        },
    })
}

fn described(route: &Route, operation: &Operation) -> Json {
    let keyed = matches!(operation.takes, Takes::Keyed(_));
    let mut parameters: Vec<Json> = names(route.path).map(in_path).collect();
    parameters.extend(operation.query.iter().map(|parameter| {
        json!({
            "name": parameter.name, "in": "query", "required": false,
            "description": parameter.about, "schema": (parameter.schema)(),
        })
    }));
    if keyed {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": true,
            "description": "Chosen by the caller; the same key with the same body is answered as before, for 72 hours.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[A-Za-z0-9_.:-]+$" },
        }));
    }
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": parameters,
        "responses": responses(route, operation),
        "security": if route.access == Access::Everybody { json!([]) } else { json!([{ "key": [] }]) },
    });
    let content = match operation.takes {
        Takes::Nothing => None,
        Takes::Keyed(name) | Takes::Plain(name) => {
            Some(json!({ "application/json": { "schema": link(name) } }))
        }
        Takes::File => Some(
            json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } }),
        ),
    };
    if let (Some(map), Some(content)) = (described.as_object_mut(), content) {
        map.insert("requestBody".into(), json!({ "required": true, "content": content }));
    }
    described
}

/// The names in braces of a path.
fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')))
}

fn in_path(name: &str) -> Json {
    let schema = match name {
        "digest" => json!({ "type": "string", "pattern": "^[0-9a-f]{64}$" }),
        "list" => json!({ "enum": List::ALL.map(List::name) }),
        _ => json!({ "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$" }),
    };
    json!({ "name": name, "in": "path", "required": true, "schema": schema })
}

fn link(name: &str) -> Json {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn responses(route: &Route, operation: &Operation) -> Json {
    let mut found: Map<String, Json> = Map::new();
    for (status, name) in operation.answers {
        let about = StatusCode::from_u16(*status).ok().and_then(|status| status.canonical_reason());
        let mut response = json!({ "description": about.unwrap_or_default() });
        let content = match *name {
            NOTHING => None,
            BYTES => Some(json!({ "*/*": { "schema": { "type": "string", "format": "binary" } } })),
            name => Some(json!({ "application/json": { "schema": link(name) } })),
        };
        if let (Some(map), Some(content)) = (response.as_object_mut(), content) {
            map.insert("content".into(), content);
        }
        found.insert(status.to_string(), response);
    }
    for status in problems(route, operation) {
        let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let problem = json!({
            "description": reason.unwrap_or_default(),
            "content": { "application/problem+json": { "schema": link("Problem") } },
        });
        found.entry(status.to_string()).or_insert(problem);
    }
    Json::Object(found)
}

/// What may go wrong at a route of this kind.
fn problems(route: &Route, operation: &Operation) -> Vec<u16> {
    let mut found = vec![400, 405, 408, 503];
    if route.access != Access::Everybody {
        found.extend([401, 403]);
    }
    if route.path.contains('{') {
        found.push(404);
    }
    if operation.takes != Takes::Nothing {
        found.extend([413, 415]);
    }
    if let Takes::Keyed(_) = operation.takes {
        found.extend([404, 409, 412, 422]);
    }
    found.extend(operation.problems);
    found
}
