//! The frame of every page.

use axum::http::header;
use axum::response::IntoResponse;
use maud::{DOCTYPE, Markup, html};
use paidan_model::moment::Zone;
use paidan_model::text::Tongue;
use paidan_runtime::{Clock as _, World};

use crate::App;
use crate::visitor::Visitor;

/// The style sheet.
pub async fn css() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../../static/paidan.css"))
}

/// The script that keeps a page fresh; everything works without it.
pub async fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("../../static/live.js"))
}

/// A page with its header.
pub fn page<W: World>(app: &App<W>, visitor: &Visitor, title: &str, body: &Markup) -> Markup {
    let clock = app.desk.world.clock();
    let now = clock.now().local_text(&Zone::SHANGHAI);
    let english = visitor.tongue == Tongue::En;
    html! {
        (DOCTYPE)
        html lang=(if english { "en" } else { "zh-CN" }) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · 派单 Paidan" }
                link rel="stylesheet" href="/static/paidan.css";
                script src="/static/live.js" defer {}
            }
            body {
                a .skip href="#main" { (visitor.say("跳到正文", "Skip to the page")) }
                header {
                    a .brand href="/" { "派单 Paidan" }
                    span { (app.title) }
                    nav {
                        a href="/" { (visitor.say("清单", "Lists")) }
                        a href="/track" { (visitor.say("查询", "Track")) }
                        a href="/sink" { (visitor.say("消息", "Messages")) }
                    }
                    span #clock { (now) " ×" (clock.speed()) }
                    form method="post" action="/tongue" {
                        button name="tongue" value=(if english { "zh" } else { "en" }) { (if english { "中文" } else { "English" }) }
                    }
                }
                main id="main" { h1 { (title) } (body) }
            }
        }
    }
}
