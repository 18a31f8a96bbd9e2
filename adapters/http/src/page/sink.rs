//! The sink: every message that went out, or would have.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Redirect;
use maud::{Markup, html};
use paidan_model::moment::{Moment, Zone};
use paidan_runtime::World;
use paidan_runtime::{Errand, Posted};

use serde::Deserialize;

use crate::App;
use crate::form::Filled;
use crate::page::layout::page;
use crate::problem::Problem;
use crate::visitor::Visitor;

/// Messages on the page.
const MESSAGES: u32 = 100;

/// The page.
pub async fn show<W: World>(State(app): State<App<W>>, headers: HeaderMap) -> Result<Markup, Problem> {
    let visitor = crate::session::admin(&app, &headers).await?;
    let dead = app.desk.letters(Some("dead"), MESSAGES).await?;
    let letters = app.desk.letters(None, MESSAGES).await?;
    let body = html! {
        @if !dead.is_empty() {
            section {
                h2 { (visitor.say("未送达，需要有人看", "Not delivered: somebody has to look")) }
                (table(&visitor, &dead))
            }
        }
        section {
            h2 { (visitor.say("最近的消息", "The latest")) }
            (table(&visitor, &letters))
        }
    };
    Ok(page(&app, &visitor, visitor.say("消息", "Messages"), &body))
}

fn table(visitor: &Visitor, letters: &[Posted]) -> Markup {
    html! {
        table {
            thead { tr {
                th { (visitor.say("时间", "When")) }
                th { (visitor.say("事项", "Case")) }
                th { (visitor.say("内容", "What")) }
                th { (visitor.say("结果", "Result")) }
            } }
            tbody {
                @for posted in letters {
                    tr .late[posted.state == "dead"] {
                        td { (Moment::from_millis(posted.letter.not_before).local_text(&Zone::SHANGHAI)) }
                        td { (about(visitor, &posted.letter.body, &posted.letter.stream)) }
                        td { (what(&posted.letter.body)) }
                        td {
                            (result(visitor, &posted.state)) " " (posted.note)
                            @if posted.state == "dead" {
                                form method="post" action="/sink" {
                                    button name="id" value=(posted.letter.id) { (visitor.say("再发", "Send again")) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Which message.
#[derive(Deserialize)]
pub struct Which {
    id: String,
}

/// Lets a message that was given up go out again.
pub async fn again<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    Filled(Which { id }): Filled<Which>,
) -> Result<Redirect, Problem> {
    let by = crate::session::admin(&app, &headers).await?;
    if !app.desk.send_again(&id).await? {
        return Err(Problem::not_found());
    }
    tracing::info!(by = by.subject, id, "a message goes out again");
    Ok(Redirect::to("/sink"))
}

fn about(visitor: &Visitor, body: &str, stream: &str) -> Markup {
    let number = match serde_json::from_str(body) {
        Ok(Errand::Tell(letter)) => letter.number.clone(),
        Ok(Errand::OpenChild { .. } | Errand::ReportToParent { .. } | Errand::Report { .. }) | Err(_) => {
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
        Ok(Errand::ReportToParent { parent, .. } | Errand::Report { parent, .. }) => html! { "→ " (parent) },
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
