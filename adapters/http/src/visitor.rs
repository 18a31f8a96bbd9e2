//! The visitor: who asks, in which language, by which door; and that forms come from our own pages.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use paidan_model::moment::{Moment, Zone};
use paidan_model::text::Tongue;
use paidan_runtime::{Account, Actor, Clock as _, World};

use crate::problem::{Code, Problem, shown};
use crate::{App, Door};

/// Who looks at a page.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The person's subject id; empty for a resident without an account.
    pub subject: String,
    /// As whom they ask.
    pub actor: Actor,
    /// Their account, if they have one.
    pub account: Option<Account>,
    /// Their language.
    pub tongue: Tongue,
    /// The town's zone, in which pages tell times.
    pub zone: Zone,
    /// When they came.
    pub now: Moment,
}

/// Where a request came from.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// The value of a cookie.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| value.to_string()).next()
}

fn tongue_of(headers: &HeaderMap) -> Tongue {
    match cookie(headers, "tongue").as_deref() {
        Some("en") => Tongue::En,
        Some(_) => Tongue::Zh,
        None => {
            let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
            let english = asked.is_some_and(|text| text.trim_start().to_ascii_lowercase().starts_with("en"));
            if english { Tongue::En } else { Tongue::Zh }
        }
    }
}

impl Visitor {
    /// The visitor of a page: in a demonstration whom the browser chose, else whose session it has.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn of<W: World>(app: &App<W>, headers: &HeaderMap) -> Result<Self, Problem> {
        let (tongue, now) = (tongue_of(headers), app.desk.world.clock().now());
        let zone = app.desk.shelf.now().zone();
        if let Door::Demonstration = app.door {
            let subject = cookie(headers, "who").unwrap_or_else(|| "resident-1".to_string());
            let actor = app.desk.actor(&subject, "page");
            return Ok(Self { subject, actor, account: None, tongue, zone, now });
        }
        let account = match cookie(headers, app.cookie_name()) {
            Some(token) => app.desk.accounts.by_session(&token).await?,
            None => None,
        };
        let subject = account.as_ref().map(|account| account.subject.clone()).unwrap_or_default();
        let actor = app.desk.actor(&subject, "page");
        Ok(Self { subject, actor, account, tongue, zone, now })
    }

    /// Whether it is known who this is.
    pub fn is_known(&self) -> bool {
        !self.subject.is_empty()
    }

    /// Whether they hold a job in the town.
    pub fn has_posts(&self) -> bool {
        matches!(&self.actor, Actor::Person { posts, .. } if !posts.is_empty())
    }

    /// One of two texts, in the visitor's language.
    pub fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        match self.tongue {
            Tongue::Zh => zh,
            Tongue::En => en,
        }
    }

    /// On whose lists this visitor's cases and tasks stand.
    pub fn lists(&self) -> Vec<String> {
        lists(&self.actor)
    }
}

/// On whose lists an asker's cases and tasks stand.
pub fn lists(actor: &Actor) -> Vec<String> {
    let Actor::Person { subject, posts, .. } = actor else { return Vec::new() };
    let of_posts = posts
        .iter()
        .flat_map(|held| [format!("post:{}@{}", held.post, held.unit), format!("unit:{}", held.unit)]);
    let own = Some(format!("person:{subject}")).filter(|_| !subject.is_empty());
    let stands_in = posts
        .iter()
        .filter_map(|held| Some(paidan_views::worklist::in_place_of(held.instead_of.as_ref()?, &held.post)));
    let mut all: Vec<String> = of_posts.chain(own).chain(stands_in).collect();
    all.sort();
    all.dedup();
    all
}

/// Whether a subject id is that of a resident of the story: `resident-1` and so on.
#[must_use]
pub fn is_resident_of_story(subject: &str) -> bool {
    subject.strip_prefix("resident-").is_some_and(|n| n.parse::<u8>().is_ok())
}

/// Refuses what another site makes a browser send.
pub async fn same_origin(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none");
    let host = text("host").unwrap_or_default();
    let origin =
        text("origin").is_some_and(|origin| origin.split_once("://").is_none_or(|(_, from)| from != host));
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && (site || origin) {
        return shown(request.uri().path(), Problem::of(Code::OtherSite));
    }
    next.run(request).await
}

/// Where a request came from: the connection, or what a proxy before us wrote last.
pub fn from<W: World>(app: &App<W>, peer: Option<Peer>, headers: &HeaderMap) -> String {
    let forwarded = headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
    let last =
        forwarded.and_then(|all| all.rsplit(',').next()).and_then(|at| at.trim().parse::<IpAddr>().ok());
    match (app.behind_proxy, last, peer) {
        (true, Some(ip), _) | (_, _, Some(Peer(ip))) => ip.to_string(),
        (_, _, None) => "unknown".to_string(),
    }
}
