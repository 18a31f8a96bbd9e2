//! Who may log in and which programs may ask, for the administrator. What is made here is told once.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Redirect;
use maud::{Markup, html};
use paidan_model::moment::Moment;
use paidan_runtime::World;
use paidan_runtime::account::{KEY_MILLIS, PASSWORD_CHARACTERS_MIN};
use serde::Deserialize;

use crate::App;
use crate::form::Filled;
use crate::page::layout::page;
use crate::problem::Problem;
use crate::session::admin;
use crate::visitor::Visitor;

/// A user to be made, or given a new password.
#[derive(Deserialize)]
pub struct NewUser {
    subject: String,
    name: String,
    password: String,
    admin: Option<String>,
}

/// A key to be made.
#[derive(Deserialize)]
pub struct NewKey {
    subject: String,
    title: String,
    read_only: Option<String>,
}

/// Which user or key.
#[derive(Deserialize)]
pub struct Which {
    id: String,
}

fn day(visitor: &Visitor, millis: i64) -> String {
    Moment::from_millis(millis).local_text(&visitor.zone)
}

/// The page.
pub async fn show<W: World>(State(app): State<App<W>>, headers: HeaderMap) -> Result<Markup, Problem> {
    let visitor = admin(&app, &headers).await?;
    shown(&app, &visitor, None).await
}

async fn shown<W: World>(app: &App<W>, visitor: &Visitor, told: Option<&str>) -> Result<Markup, Problem> {
    let body = html! {
        @if let Some(key) = told {
            p { (visitor.say("密钥（请保存，只显示一次）：", "The key (keep it; it is shown once): ")) code { (key) } }
        }
        (users(app, visitor).await?)
        (keys(app, visitor).await?)
    };
    Ok(page(app, visitor, visitor.say("用户和密钥", "Users and keys"), &body))
}

async fn users<W: World>(app: &App<W>, visitor: &Visitor) -> Result<Markup, Problem> {
    let users = app.desk.accounts.users().await?;
    Ok(html! {
        section {
            h2 { (visitor.say("用户", "Users")) }
            table { tbody { @for user in &users { tr {
                td { (user.name) } td { (user.subject) }
                td { @if user.admin { (visitor.say("管理员", "administrator")) } }
                td { (day(visitor, user.changed)) }
                td { @if user.disabled { (visitor.say("已停用", "locked out")) } @else {
                    form method="post" action="/admin/user/disable" {
                        button name="id" value=(user.name) { (visitor.say("停用", "Lock out")) }
                    }
                } }
            } } } }
            form .form method="post" action="/admin/user" {
                label { span { (visitor.say("名册中的代号", "Id in the roster")) } input name="subject" required; }
                label { span { (visitor.say("用户名", "Login name")) } input name="name" required autocomplete="off"; }
                label {
                    span { (visitor.say("密码", "Password")) " (" (PASSWORD_CHARACTERS_MIN) "+)" }
                    input name="password" type="password" required autocomplete="new-password";
                }
                label { input name="admin" type="checkbox" value="yes"; (visitor.say(" 管理员", " administrator")) }
                button { (visitor.say("保存用户", "Save the user")) }
            }
        }
    })
}

async fn keys<W: World>(app: &App<W>, visitor: &Visitor) -> Result<Markup, Problem> {
    let keys = app.desk.accounts.keys().await?;
    Ok(html! {
        section {
            h2 { (visitor.say("程序密钥", "Keys of programs")) }
            table { tbody { @for key in &keys { tr {
                td { (key.id) } td { (key.title) } td { (key.subject) }
                td { @if key.read_only { (visitor.say("只读", "looks only")) } }
                td { (key.expires.map(|at| day(visitor, at)).unwrap_or_default()) }
                td { @if key.revoked { (visitor.say("已吊销", "revoked")) } @else {
                    form method="post" action="/admin/key/revoke" {
                        button name="id" value=(key.id) { (visitor.say("吊销", "Revoke")) }
                    }
                } }
            } } } }
            form .form method="post" action="/admin/key" {
                label { span { (visitor.say("以谁的名义（代号）", "In whose name (id)")) } input name="subject" required; }
                label { span { (visitor.say("用途", "What for")) } input name="title" required maxlength="80"; }
                label { input name="read_only" type="checkbox" value="yes"; (visitor.say(" 只读", " may only look")) }
                button { (visitor.say("新建密钥", "Make a key")) }
            }
        }
    })
}

/// Makes a user, or gives one a new password.
pub async fn put_user<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    Filled(new): Filled<NewUser>,
) -> Result<Redirect, Problem> {
    let by = admin(&app, &headers).await?;
    app.desk.accounts.put_user(&new.subject, &new.name, &new.password, new.admin.is_some()).await?;
    tracing::info!(by = by.subject, subject = new.subject, "a user was written");
    Ok(Redirect::to("/admin"))
}

/// Locks a user out.
pub async fn disable<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    Filled(Which { id }): Filled<Which>,
) -> Result<Redirect, Problem> {
    let by = admin(&app, &headers).await?;
    if !app.desk.accounts.disable_user(&id).await? {
        return Err(Problem::not_found());
    }
    tracing::info!(by = by.subject, name = id, "a user was locked out");
    Ok(Redirect::to("/admin"))
}

/// Makes a key and shows it, this once.
pub async fn make_key<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    Filled(new): Filled<NewKey>,
) -> Result<Markup, Problem> {
    let visitor = admin(&app, &headers).await?;
    let made =
        app.desk.accounts.make_key(&new.subject, &new.title, new.read_only.is_some(), KEY_MILLIS).await?;
    tracing::info!(by = visitor.subject, key = made.0, "a key was made");
    shown(&app, &visitor, Some(&made.1)).await
}

/// Revokes a key.
pub async fn revoke<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    Filled(Which { id }): Filled<Which>,
) -> Result<Redirect, Problem> {
    let by = admin(&app, &headers).await?;
    if !app.desk.accounts.revoke_key(&id).await? {
        return Err(Problem::not_found());
    }
    tracing::info!(by = by.subject, key = id, "a key was revoked");
    Ok(Redirect::to("/admin"))
}
