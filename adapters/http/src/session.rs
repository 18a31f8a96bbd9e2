//! Sessions: the first administrator, logging in and out. `serve` only.

use axum::extract::{Extension, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use paidan_runtime::World;
use paidan_runtime::account::{PASSWORD_CHARACTERS_MIN, SESSION_MILLIS};
use serde::Deserialize;

use crate::App;
use crate::form::Filled;
use crate::page::layout::page;
use crate::problem::{Code, Problem};
use crate::visitor::{Peer, Visitor, cookie, from};

/// What the login form holds.
#[derive(Deserialize)]
pub struct Login {
    name: String,
    password: String,
    next: Option<String>,
}

/// Where one wanted to go before one was asked who one is.
#[derive(Deserialize)]
pub struct Next {
    next: Option<String>,
}

/// The page of a case, or the lists; nowhere else, and never another site.
pub fn wanted(next: Option<&str>) -> &str {
    let case = |path: &&str| {
        let id = path.strip_prefix("/case/").or_else(|| path.strip_prefix("/item/")).unwrap_or_default();
        !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    next.filter(case).unwrap_or("/")
}

/// What the form of the first administrator holds.
#[derive(Deserialize)]
pub struct First {
    token: String,
    subject: String,
    name: String,
    password: String,
}

/// The token in the link that the program printed.
#[derive(Deserialize)]
pub struct Token {
    token: String,
}

fn field(label: &str, name: &str, kind: &str, complete: &str) -> Markup {
    html! { label { span { (label) } input name=(name) type=(kind) autocomplete=(complete) required; } }
}

/// The login form.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    axum::extract::Query(Next { next }): axum::extract::Query<Next>,
) -> Result<Markup, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    let body = html! {
        form .form method="post" {
            input type="hidden" name="next" value=(wanted(next.as_deref()));
            (field(visitor.say("用户名", "Name"), "name", "text", "username"))
            (field(visitor.say("密码", "Password"), "password", "password", "current-password"))
            button { (visitor.say("登录", "Log in")) }
        }
        p { (visitor.say("居民不用登录：", "Residents need no login: "))
            a href="/track" { (visitor.say("凭查询码查询", "track by code")) } }
    };
    Ok(page(&app, &visitor, visitor.say("登录", "Log in"), &body))
}

fn with_session<W: World>(app: &App<W>, token: &str, seconds: i64, to: &str) -> Response {
    let secure = if app.is_secure() { "; Secure" } else { "" };
    let name = app.cookie_name();
    // Lax: whoever follows the link of a message is still logged in; forms of other sites are refused by their origin.
    let cookie = format!("{name}={token}; Path=/; SameSite=Lax; HttpOnly; Max-Age={seconds}{secure}");
    ([(header::SET_COOKIE, cookie)], Redirect::to(to)).into_response()
}

/// Logs in.
pub async fn login<W: World>(
    State(app): State<App<W>>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Filled(login): Filled<Login>,
) -> Result<Response, Problem> {
    let from = from(&app, peer.map(|Extension(peer)| peer), &headers);
    let (token, account) = app.desk.accounts.login(&login.name, &login.password, &from).await?;
    tracing::info!(subject = account.subject, "logged in");
    Ok(with_session(&app, &token, SESSION_MILLIS / 1_000, wanted(login.next.as_deref())))
}

/// Logs out; the session ends in the store.
pub async fn logout<W: World>(State(app): State<App<W>>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(token) = cookie(&headers, app.cookie_name()) {
        app.desk.accounts.logout(&token).await?;
    }
    Ok(with_session(&app, "", 0, "/"))
}

/// The first administrator may be made once, by whoever can read what the program printed.
async fn may_set_up<W: World>(app: &App<W>, token: &str) -> Result<(), Problem> {
    let asked = paidan_runtime::account::token_hash(token);
    let known = app.setup.as_deref().map(paidan_runtime::account::token_hash);
    if known.as_deref() == Some(asked.as_str()) && app.desk.accounts.has_no_users().await? {
        Ok(())
    } else {
        Err(Problem::not_found())
    }
}

/// The form of the first administrator.
pub async fn set_up<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    axum::extract::Query(Token { token }): axum::extract::Query<Token>,
) -> Result<Markup, Problem> {
    may_set_up(&app, &token).await?;
    let visitor = Visitor::of(&app, &headers).await?;
    let hint = format!("{PASSWORD_CHARACTERS_MIN}+");
    let body = html! {
        form .form method="post" {
            input type="hidden" name="token" value=(token);
            (field(visitor.say("名册中的代号（没有就另起一个）", "Id in the roster, or a new one"), "subject", "text", "off"))
            (field(visitor.say("用户名", "Login name"), "name", "text", "username"))
            (field(&format!("{} ({hint})", visitor.say("密码", "Password")), "password", "password", "new-password"))
            button { (visitor.say("设为管理员", "Make administrator")) }
        }
    };
    Ok(page(&app, &visitor, visitor.say("第一位管理员", "The first administrator"), &body))
}

/// Makes the first administrator and logs in.
pub async fn make_first<W: World>(
    State(app): State<App<W>>,
    Filled(first): Filled<First>,
) -> Result<Response, Problem> {
    may_set_up(&app, &first.token).await?;
    app.desk.accounts.put_user(&first.subject, &first.name, &first.password, true).await?;
    let (token, _) = app.desk.accounts.login(&first.name, &first.password, "setup").await?;
    Ok(with_session(&app, &token, SESSION_MILLIS / 1_000, "/"))
}

/// Only for whoever looks after the house.
pub async fn admin<W: World>(app: &App<W>, headers: &HeaderMap) -> Result<Visitor, Problem> {
    let visitor = Visitor::of(app, headers).await?;
    let allowed = match app.door {
        crate::Door::Demonstration => true,
        crate::Door::Accounts => visitor.account.as_ref().is_some_and(|account| account.admin),
    };
    match (allowed, visitor.is_known()) {
        (true, _) => Ok(visitor),
        (false, true) => Err(Problem::of(Code::Forbidden)),
        (false, false) => Err(Problem::of(Code::NotSignedIn)),
    }
}
