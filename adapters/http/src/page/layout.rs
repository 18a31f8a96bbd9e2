//! The frame of every page.

use axum::http::header;
use axum::response::IntoResponse;
use maud::{DOCTYPE, Markup, html};
use paidan_model::text::Tongue;
use paidan_runtime::{Clock as _, World};

use crate::visitor::Visitor;
use crate::{App, Door};

/// The style sheet.
pub async fn css() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../../static/paidan.css"))
}

const fn javascript(text: &'static str) -> ([(header::HeaderName, &'static str); 1], &'static str) {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], text)
}

/// The script that keeps a page fresh; everything works without it.
pub async fn script() -> impl IntoResponse {
    javascript(include_str!("../../static/live.js"))
}

/// The script of the dispatch desk's keys.
pub async fn dispatch_script() -> impl IntoResponse {
    javascript(include_str!("../../static/dispatch.js"))
}

/// The script of the slider over records.
pub async fn slider_script() -> impl IntoResponse {
    javascript(include_str!("../../static/slider.js"))
}

/// The script of the wall on a big screen.
pub async fn wall_script() -> impl IntoResponse {
    javascript(include_str!("../../static/wall.js"))
}

/// A page with its header.
pub fn page<W: World>(app: &App<W>, visitor: &Visitor, title: &str, body: &Markup) -> Markup {
    let english = visitor.tongue == Tongue::En;
    // A town without lists has no pages of them.
    let lists = app.desk.shelf.now().workflows().any(|workflow| workflow.listing.is_some());
    html! {
        (DOCTYPE)
        html lang=(if english { "en" } else { "zh-CN" }) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · 派单 Paidan" }
                link rel="stylesheet" href="/static/paidan.css";
                @if visitor.is_known() { script src="/static/live.js" defer {} }
            }
            body data-speed=(app.desk.world.clock().speed()) {
                a .skip href="#main" { (visitor.say("跳到正文", "Skip to the page")) }
                header {
                    a .brand href="/" { "派单 Paidan" }
                    span { (app.title) }
                    nav {
                        a href="/" { (visitor.say("清单", "Lists")) }
                        @if app.stage.is_some() { a href="/story" { (visitor.say("故事", "Story")) } }
                        a href="/track" { (visitor.say("查询", "Track")) }
                        @if lists { a href="/wall" { (visitor.say("心愿墙", "Wishes")) } }
                        @if lists && visitor.is_known() { a href="/lists" { (visitor.say("三张清单", "Three lists")) } }
                        @if visitor.has_posts() { a href="/dispatch" { (visitor.say("派单台", "Dispatch")) } }
                        @if visitor.has_posts() { a href="/away" { (visitor.say("代办", "Stand-ins")) } }
                        @if may_see_messages(app, visitor) { a href="/sink" { (visitor.say("消息", "Messages")) } }
                    }
                    (clock(app, visitor))
                    form method="post" action="/tongue" {
                        button name="tongue" value=(if english { "zh" } else { "en" }) { (if english { "中文" } else { "English" }) }
                    }
                    (account(app, visitor))
                }
                main id="main" { h1 { (title) } (body) }
            }
        }
    }
}

/// A page for a big screen: nothing but its body, which scrolls by itself.
pub fn screen<W: World>(app: &App<W>, visitor: &Visitor, title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(if visitor.tongue == Tongue::En { "en" } else { "zh-CN" }) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · " (app.title) }
                link rel="stylesheet" href="/static/paidan.css";
                script src="/static/wall.js" defer {}
            }
            body .screen { main id="main" { h1 { (title) " · " (app.title) } (body) } }
        }
    }
}

fn may_see_messages<W: World>(app: &App<W>, visitor: &Visitor) -> bool {
    app.door == Door::Demonstration || visitor.account.as_ref().is_some_and(|account| account.admin)
}

/// What the clock shows; in a demonstration also a way to put it forward.
fn clock<W: World>(app: &App<W>, visitor: &Visitor) -> Markup {
    let clock = app.desk.world.clock();
    let now = clock.now().local_text(&visitor.zone);
    html! {
        @if app.door == Door::Demonstration {
            span #clock {
                (now) " "
                @if clock.stands_still() { (visitor.say("已停走", "stands still")) }
                @else { "×" (clock.speed()) }
            }
            form method="post" action="/clock" {
                button name="to" value="next" { (visitor.say("到下一个时限", "To the next timer")) }
            }
        } @else { span #clock { (now) } }
    }
}

fn account<W: World>(app: &App<W>, visitor: &Visitor) -> Markup {
    html! {
        @if app.door == Door::Accounts {
            @match &visitor.account {
                Some(account) => {
                    @if account.admin {
                        a href="/admin" { (visitor.say("用户和密钥", "Users and keys")) }
                        a href="/publish" { (visitor.say("发布流程", "Publish")) }
                    }
                    form method="post" action="/logout" {
                    span { (account.name) " " }
                    button { (visitor.say("退出", "Log out")) }
                    }
                },
                None => a href="/login" { (visitor.say("登录", "Log in")) },
            }
        }
    }
}
