//! The choices in the header: whom to be in a demonstration, and the language.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use paidan_model::text::Tongue;
use paidan_runtime::World;
use serde::Deserialize;

use crate::App;
use crate::form::Filled;
use crate::problem::Problem;
use crate::route::Table;

/// Whom to be.
#[derive(Deserialize)]
pub struct Choice {
    who: String,
    /// The page to go on with; the start when nothing is said.
    to: Option<String>,
}

fn remember(name: &str, value: &str, to: &str) -> Response {
    let cookie = format!("{name}={value}; Path=/; SameSite=Lax; HttpOnly; Max-Age=86400");
    ([(header::SET_COOKIE, cookie)], Redirect::to(to)).into_response()
}

/// The page from which a button of the header was pressed, if it is one of ours that can be asked for; else the start.
pub fn came_from(table: &Table, headers: &HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let path = || {
        let (_, rest) = text(header::REFERER)?.split_once("://")?;
        let path = rest.strip_prefix(text(header::HOST)?).filter(|path| path.starts_with('/'))?;
        shows(table, path).then(|| path.to_string())
    };
    path().unwrap_or_else(|| "/".to_string())
}

/// Whether a path is one of a page of ours.
fn shows(table: &Table, path: &str) -> bool {
    let bare = path.split(['?', '#']).next().unwrap_or_default();
    table.0.iter().any(|route| route.method == "GET" && leads(route.path, bare))
}

/// Whether a path is one of a route's.
fn leads(route: &str, path: &str) -> bool {
    let (wanted, said) = (route.split('/'), path.split('/'));
    let same = |(wanted, said): (&str, &str)| match wanted.starts_with('{') {
        true => !said.is_empty(),
        false => wanted == said,
    };
    wanted.clone().count() == said.clone().count() && wanted.zip(said).all(same)
}

/// Chooses whom to be; people of the town and residents of the story only. No other door has this.
pub async fn choose<W: World>(
    State(app): State<App<W>>,
    Extension(table): Extension<Table>,
    Filled(choice): Filled<Choice>,
) -> Result<Response, Problem> {
    let known = app.desk.shelf.now().roster.people.contains_key(&choice.who);
    if !known && !app.desk.is_guest(&choice.who) {
        return Err(Problem::not_found());
    }
    let to = choice.to.filter(|to| shows(&table, to));
    Ok(remember("who", &choice.who, to.as_deref().unwrap_or("/")))
}

/// A language.
#[derive(Deserialize)]
pub struct Language {
    tongue: Tongue,
}

/// Chooses the language.
pub async fn tongue(
    Extension(table): Extension<Table>,
    headers: HeaderMap,
    Filled(language): Filled<Language>,
) -> Response {
    let tongue = if language.tongue == Tongue::En { "en" } else { "zh" };
    remember("tongue", tongue, &came_from(&table, &headers))
}
