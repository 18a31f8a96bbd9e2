//! The visitor: whom a browser acts as, in which language, and that forms come from our own pages.

use axum::Form;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use paidan_model::text::Tongue;
use paidan_runtime::Actor;
use paidan_runtime::{Desk, World};
use serde::Deserialize;

use crate::App;
use crate::problem::Problem;

/// Who looks at a page.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The person's subject id; a resident without any has one of this browser.
    pub subject: String,
    /// As whom they ask.
    pub actor: Actor,
    /// Their language.
    pub tongue: Tongue,
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| value.to_string()).next()
}

impl Visitor {
    /// The visitor of a request.
    pub fn of<W: World>(desk: &Desk<W>, headers: &HeaderMap) -> Self {
        let subject = cookie(headers, "who").unwrap_or_else(|| "resident-1".to_string());
        let shelf = desk.shelf.now();
        let posts = shelf.roster.people.get(&subject).map(|person| person.posts.clone()).unwrap_or_default();
        let tongue = if cookie(headers, "tongue").as_deref() == Some("en") { Tongue::En } else { Tongue::Zh };
        let actor = Actor::Person { subject: subject.clone(), posts, via: "page".into() };
        Self { subject, actor, tongue }
    }

    /// One of two texts, in the visitor's language.
    pub fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        match self.tongue {
            Tongue::Zh => zh,
            Tongue::En => en,
        }
    }
}

/// Whom to be.
#[derive(Deserialize)]
pub struct Choice {
    who: String,
}

fn remember(name: &str, value: &str) -> Response {
    let cookie = format!("{name}={value}; Path=/; SameSite=Strict; HttpOnly; Max-Age=86400");
    ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}

/// Chooses whom to be; people of the town and residents of the story only.
pub async fn choose<W: World>(
    State(app): State<App<W>>,
    Form(choice): Form<Choice>,
) -> Result<Response, Problem> {
    let known = app.desk.shelf.now().roster.people.contains_key(&choice.who);
    let resident = choice.who.strip_prefix("resident-").is_some_and(|n| n.parse::<u8>().is_ok());
    if known || resident { Ok(remember("who", &choice.who)) } else { Err(Problem::not_found()) }
}

/// A language.
#[derive(Deserialize)]
pub struct Language {
    tongue: Tongue,
}

/// Chooses the language.
pub async fn tongue(Form(language): Form<Language>) -> Response {
    remember("tongue", if language.tongue == Tongue::En { "en" } else { "zh" })
}

/// Refuses forms that another site sends.
pub async fn same_origin(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let foreign = site.is_some_and(|site| site != "same-origin" && site != "none")
        || origin.is_some_and(|origin| origin.split_once("://").is_none_or(|(_, from)| from != host));
    if request.method() == Method::POST && foreign {
        return Problem::new(StatusCode::FORBIDDEN, "请求来自别的网站", "this form came from another site")
            .into_response();
    }
    next.run(request).await
}
