//! The sink: every message that went out, or would have.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Redirect;
use maud::{Markup, html};
use paidan_model::moment::Moment;
use paidan_runtime::Clock as _;
use paidan_runtime::recipient::subjects_at;
use paidan_runtime::{Case, Errand, Posted, World};
use serde::Deserialize;

use crate::form::Filled;
use crate::page::layout::page;
use crate::problem::Problem;
use crate::visitor::Visitor;
use crate::{App, Door};

/// Messages on the page.
const MESSAGES: u32 = 100;

/// The page.
pub async fn show<W: World>(State(app): State<App<W>>, headers: HeaderMap) -> Result<Markup, Problem> {
    let visitor = crate::session::admin(&app, &headers).await?;
    let dead = app.desk.queries.letters(Some("dead"), MESSAGES).await?;
    let letters = app.desk.queries.letters(None, MESSAGES).await?;
    let body = html! {
        @if !dead.is_empty() {
            section {
                h2 { (visitor.say("未送达，需要有人看", "Not delivered: somebody has to look")) }
                (table(&app, &visitor, &dead).await?)
            }
        }
        section {
            h2 { (visitor.say("最近的消息", "The latest")) }
            (table(&app, &visitor, &letters).await?)
        }
    };
    Ok(page(&app, &visitor, visitor.say("消息", "Messages"), &body))
}

async fn table<W: World>(app: &App<W>, visitor: &Visitor, letters: &[Posted]) -> Result<Markup, Problem> {
    let mut cases: BTreeMap<String, Case> = BTreeMap::new();
    for posted in letters {
        let stream = &posted.letter.stream;
        if !cases.contains_key(stream)
            && let Some(case) = app.desk.queries.case(stream).await?
        {
            cases.insert(stream.clone(), case);
        }
    }
    Ok(html! {
        table .stacks {
            thead { tr {
                th { (visitor.say("时间", "When")) }
                th { (visitor.say("事项", "Case")) }
                th { (visitor.say("内容", "What")) }
                th { (visitor.say("结果", "Result")) }
            } }
            tbody {
                @for posted in letters {
                    tr .late[posted.state == "dead"] {
                        td { (Moment::from_millis(posted.letter.not_before).local_text(&visitor.zone)) }
                        td { (about(visitor, &posted.letter.body, &posted.letter.stream)) }
                        td {
                            (what(line(app, visitor, posted, cases.get(&posted.letter.stream)).as_ref(), &posted.letter.body))
                            (as_recipient(app, visitor, posted))
                        }
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
    })
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

/// In a demonstration: the way a message's link takes whoever got it, who is signed in on the phone it came to.
fn as_recipient<W: World>(app: &App<W>, visitor: &Visitor, posted: &Posted) -> Markup {
    let Ok(Errand::Tell(letter)) = serde_json::from_str(&posted.letter.body) else { return html! {} };
    let shelf = app.desk.shelf.now();
    let now = app.desk.world.clock().now();
    let mut reached = letter.to.iter().flat_map(|audience| subjects_at(&shelf, audience, now));
    let first = reached.find_map(|id| shelf.roster.people.get_key_value(&id));
    html! {
        @if let Some((id, person)) = first.filter(|_| app.door == Door::Demonstration) {
            form method="post" action="/who" {
                input type="hidden" name="who" value=(id);
                input type="hidden" name="to" value={ "/" (posted.letter.stream) };
                button .small { (visitor.say("以收件人身份打开：", "Open it as ")) (person.title.in_tongue(visitor.tongue)) }
            }
        }
    }
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

/// A message as people read it.
#[derive(PartialEq, Eq)]
pub struct Line {
    /// When it was to go.
    pub at: Moment,
    /// For whom.
    pub to: String,
    /// Its words.
    pub words: String,
}

/// The line of a message to people; nothing for what cases send each other.
pub fn line<W: World>(app: &App<W>, visitor: &Visitor, posted: &Posted, case: Option<&Case>) -> Option<Line> {
    let Ok(Errand::Tell(letter)) = serde_json::from_str(&posted.letter.body) else { return None };
    let shelf = app.desk.shelf.now();
    let to = paidan_views::people::audiences(&shelf.roster, &letter.to);
    let words =
        paidan_runtime::courier::words(&app.base, &visitor.zone, &letter, case, &posted.letter.stream);
    let slip = letter.slip.map(|slip| slip.title());
    let slip = slip.map(|slip| format!("【{}】", slip.in_tongue(visitor.tongue))).unwrap_or_default();
    Some(Line {
        at: Moment::from_millis(posted.letter.not_before),
        to: to.in_tongue(visitor.tongue).to_string(),
        words: format!("{slip}{}", words.in_tongue(visitor.tongue)),
    })
}

fn what(line: Option<&Line>, body: &str) -> Markup {
    match (line, serde_json::from_str(body)) {
        (Some(line), _) => html! { strong { (line.to) } " " (line.words) },
        (None, Ok(Errand::OpenChild { workflow, .. })) => html! { "→ " (workflow) },
        (None, Ok(Errand::ReportToParent { parent, .. } | Errand::Report { parent, .. })) => {
            html! { "→ " (parent) }
        }
        (None, Ok(Errand::Tell(letter))) => html! { (letter.notice) },
        (None, Err(error)) => html! { (error) },
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
