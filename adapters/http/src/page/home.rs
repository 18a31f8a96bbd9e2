//! The lists: my tasks with the time left, and every case.

use axum::extract::State;
use axum::http::HeaderMap;
use maud::{Markup, html};
use paidan_model::moment::{Moment, Zone};
use paidan_runtime::Actor;
use paidan_runtime::After;
use paidan_runtime::ViewRow;
use paidan_runtime::{Clock as _, World};
use paidan_views::worklist::{Body, EVERYBODY};

use crate::App;
use crate::page::layout::page;
use crate::problem::Problem;
use crate::visitor::Visitor;

/// Rows of a list on one page.
const PAGE: u32 = 50;

fn from_start() -> After {
    After { due: i64::MIN, key: String::new() }
}

/// On whose lists a visitor's tasks stand.
fn owners(visitor: &Visitor) -> Vec<String> {
    let Actor::Person { subject, posts, .. } = &visitor.actor else { return Vec::new() };
    let of_posts = posts
        .iter()
        .flat_map(|held| [format!("post:{}@{}", held.post, held.unit), format!("unit:{}", held.unit)]);
    let mut all: Vec<String> = of_posts.chain([format!("person:{subject}")]).collect();
    all.sort();
    all.dedup();
    all
}

/// The page.
pub async fn show<W: World>(State(app): State<App<W>>, headers: HeaderMap) -> Result<Markup, Problem> {
    let visitor = Visitor::of(&app.desk, &headers);
    let mut tasks = Vec::new();
    for owner in owners(&visitor) {
        tasks.extend(app.desk.rows("task", &owner, from_start(), PAGE).await?);
    }
    tasks.sort_by_key(|row| row.due.unwrap_or(i64::MAX));
    let cases = app.desk.rows("case", EVERYBODY, from_start(), PAGE).await?;
    let shelf = app.desk.shelf.now();
    let now = app.desk.world.clock().now();
    let body = html! {
        (who(&app, &visitor))
        section {
            h2 { (visitor.say("我的任务", "My tasks")) }
            (table(&visitor, &tasks, now))
        }
        section {
            h2 { (visitor.say("新事项", "New")) }
            ul {
                @for workflow in shelf.workflows() {
                    li { a href={ "/new/" (workflow.id) } { (workflow.title.in_tongue(visitor.tongue)) } }
                }
            }
        }
        section {
            h2 { (visitor.say("全部事项", "All cases")) }
            (table(&visitor, &cases, now))
        }
    };
    Ok(page(&app, &visitor, visitor.say("清单", "Lists"), &body))
}

fn who<W: World>(app: &App<W>, visitor: &Visitor) -> Markup {
    let shelf = app.desk.shelf.now();
    html! {
        form .who method="post" action="/who" {
            label {
                span { (visitor.say("以谁的身份（仅演示）", "Act as (demonstration only)")) }
                select name="who" {
                    @for n in 1..=3 {
                        @let resident = format!("resident-{n}");
                        option value=(resident) selected[visitor.subject == resident] { (visitor.say("居民", "Resident")) " " (n) }
                    }
                    @for (id, person) in &shelf.roster.people {
                        option value=(id) selected[visitor.subject == *id] { (person.title.in_tongue(visitor.tongue)) " · " (id) }
                    }
                }
            }
            button { (visitor.say("切换", "Switch")) }
        }
    }
}

/// A list of rows.
pub fn table(visitor: &Visitor, rows: &[ViewRow], now: Moment) -> Markup {
    html! {
        @if rows.is_empty() { p .none { (visitor.say("没有", "None")) } }
        @else {
            table {
                thead { tr {
                    th { (visitor.say("编号", "Number")) }
                    th { (visitor.say("状态", "State")) }
                    th { (visitor.say("期限", "Due")) }
                } }
                tbody {
                    @for row in rows {
                        @if let Ok(body) = serde_json::from_str::<Body>(&row.body) { (line(visitor, row, &body, now)) }
                    }
                }
            }
        }
    }
}

fn line(visitor: &Visitor, row: &ViewRow, body: &Body, now: Moment) -> Markup {
    let due = row.due.map(Moment::from_millis);
    let late = body.late || due.is_some_and(|due| due < now);
    html! {
        tr .late[late] {
            td { a href={ "/" (body.stream) } { (body.number) } @if let Some(leg) = &body.leg { " · " (leg) } }
            td { (visitor.say(&body.zh, &body.en)) }
            td {
                @if let Some(due) = due {
                    time datetime=(due.rfc3339()) { (due.local_text(&Zone::SHANGHAI)) }
                    @if late { " " strong { (visitor.say("逾期", "late")) } }
                }
            }
        }
    }
}
