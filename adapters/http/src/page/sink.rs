//! The sink: every message that went out, or would have.

use axum::extract::State;
use axum::http::HeaderMap;
use maud::{Markup, html};
use paidan_model::moment::{Moment, Zone};
use paidan_runtime::Errand;
use paidan_runtime::World;

use crate::App;
use crate::page::layout::page;
use crate::problem::Problem;
use crate::visitor::Visitor;

/// Messages on the page.
const MESSAGES: u32 = 100;

/// The page.
pub async fn show<W: World>(State(app): State<App<W>>, headers: HeaderMap) -> Result<Markup, Problem> {
    let visitor = crate::session::admin(&app, &headers).await?;
    let letters = app.desk.letters(MESSAGES).await?;
    let body = html! {
        table {
            thead { tr {
                th { (visitor.say("时间", "When")) }
                th { (visitor.say("事项", "Case")) }
                th { (visitor.say("内容", "What")) }
                th { (visitor.say("结果", "Result")) }
            } }
            tbody {
                @for posted in &letters {
                    tr .late[posted.state == "dead"] {
                        td { (Moment::from_millis(posted.letter.not_before).local_text(&Zone::SHANGHAI)) }
                        td { (about(&visitor, &posted.letter.body, &posted.letter.stream)) }
                        td { (what(&posted.letter.body)) }
                        td { (result(&visitor, &posted.state)) " " (posted.note) }
                    }
                }
            }
        }
    };
    Ok(page(&app, &visitor, visitor.say("消息", "Messages"), &body))
}

fn about(visitor: &Visitor, body: &str, stream: &str) -> Markup {
    let number = match serde_json::from_str(body) {
        Ok(Errand::Tell(letter)) => letter.number.clone(),
        Ok(Errand::OpenChild { .. } | Errand::ReportToParent { .. }) | Err(_) => {
            visitor.say("事项", "case").to_string()
        }
    };
    html! { a href={ "/" (stream) } { (number) } }
}

fn what(body: &str) -> Markup {
    match serde_json::from_str(body) {
        Ok(Errand::Tell(letter)) => html! {
            @for to in &letter.to { (paidan_views::worklist::owner(to)) " " }
            "· " (letter.notice)
            @if let Some(clock) = &letter.clock { " · " (clock.clock) }
            @if let Some(slip) = letter.slip { " · " (format!("{slip:?}").to_lowercase()) }
        },
        Ok(Errand::OpenChild { workflow, .. }) => html! { "→ " (workflow) },
        Ok(Errand::ReportToParent { parent, .. }) => html! { "→ " (parent) },
        Err(error) => html! { (error) },
    }
}

fn result<'v>(visitor: &'v Visitor, state: &'v str) -> &'v str {
    match state {
        "waiting" => visitor.say("待发", "waiting"),
        "delivered" => visitor.say("已送达", "delivered"),
        "dead" => visitor.say("未送达", "not delivered"),
        other => other,
    }
}
