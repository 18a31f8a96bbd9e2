//! Publishing on a page: a text is checked, what it changes is told, and only then it is put into force.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use maud::{Markup, html};
use paidan_runtime::World;
use serde_json::Value as Json;

use crate::App;
use crate::api::publish::published;
use crate::form;
use crate::page::layout::page;
use crate::problem::{Code, Problem};
use crate::session::admin;
use crate::visitor::Visitor;

/// The empty form.
pub async fn show<W: World>(State(app): State<App<W>>, headers: HeaderMap) -> Result<Markup, Problem> {
    let visitor = admin(&app, &headers).await?;
    Ok(shown(&app, &visitor, "", None))
}

/// Checks what was sent; publishes it when that button was pressed.
pub async fn send<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    request: Request,
) -> Result<Markup, Problem> {
    let visitor = admin(&app, &headers).await?;
    let sent = form::receive(&app, &visitor, request).await?;
    let Some(text) = form::one(&sent, "text") else {
        return Err(Problem::of(Code::Malformed).because("there is no text"));
    };
    let dry_run = form::one(&sent, "do") != Some("publish");
    let texts = vec![("definition.toml".to_string(), text.to_string())];
    let (_, answer) = published(&app, &visitor.actor, texts, dry_run).await?;
    Ok(shown(&app, &visitor, text, Some(&answer)))
}

fn shown<W: World>(app: &App<W>, visitor: &Visitor, text: &str, answer: Option<&Json>) -> Markup {
    let sound = answer.is_some_and(|answer| list(answer, "workflows").next().is_some());
    let body = html! {
        p { (visitor.say(
            "粘贴一个流程定义（TOML）。先检查，看清改动，再发布。正在办理的事项仍按原来的版本办完。",
            "Paste a definition (TOML). It is checked first; look at what changes, then publish. Cases under way are finished under the version they were opened with.",
        )) }
        @if let Some(answer) = answer { (told(visitor, answer)) }
        form .form method="post" {
            label { span { (visitor.say("定义", "The definition")) } textarea name="text" rows="20" spellcheck="false" required { (text) } }
            button name="do" value="check" { (visitor.say("检查", "Check")) }
            @if sound { button name="do" value="publish" { (visitor.say("发布", "Publish")) } }
        }
    };
    page(app, visitor, visitor.say("发布流程", "Publish a definition"), &body)
}

fn list<'j>(value: &'j Json, key: &str) -> impl Iterator<Item = &'j Json> {
    value.get(key).and_then(Json::as_array).into_iter().flatten()
}

fn told(visitor: &Visitor, answer: &Json) -> Markup {
    let text = |value: &Json, key: &str| match value.get(key) {
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let tongue = visitor.say("zh", "en");
    html! {
        section {
            @for finding in list(answer, "findings") {
                p { strong { (text(finding, "code")) } " " (text(finding, tongue)) }
            }
            @for workflow in list(answer, "workflows") {
                h2 { (text(workflow, "id")) " " (text(workflow, "version")) }
                @if workflow.get("same") == Some(&Json::Bool(true)) { p { (visitor.say("与已发布的相同", "The same as what is published")) } }
                @for post in list(workflow, "nobody_holds") {
                    p .late { (visitor.say("名册里没有人担任岗位 ", "Nobody in the roster holds the post ")) code { (post.as_str().unwrap_or_default()) } }
                }
                ul { @for line in list(workflow, "difference") { li { (text(line, tongue)) } } }
                @for running in list(workflow, "stay_as_they_are") {
                    p {
                        (visitor.say("仍按版本", "Stay on version ")) (text(running, "version")) "："
                        (running.get("state").map(|state| text(state, tongue)).unwrap_or_default()) " × " (text(running, "count"))
                    }
                }
            }
            @if list(answer, "published").next().is_some() {
                p .receipt { (visitor.say("已发布，立即生效", "Published; in force now")) }
            } @else if list(answer, "workflows").next().is_none() {
                p .receipt { (visitor.say("有错误，什么也没有改变", "There are errors; nothing has changed")) }
            }
        }
    }
}
