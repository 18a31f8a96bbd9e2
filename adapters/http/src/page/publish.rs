//! Publishing on a page: texts are checked, what they change is told, and only then they are put into force.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use paidan_language::{Finding, Level, print};
use paidan_runtime::World;
use paidan_runtime::town::Kind;
use serde_json::Value as Json;

use crate::App;
use crate::api::publish::{Changed, FILES_MAX, Reply, published};
use crate::form::texts::{self, Texts};
use crate::page::layout::page;
use crate::problem::{Code, Problem};
use crate::session::admin;
use crate::visitor::Visitor;

/// The empty form.
pub async fn show<W: World>(State(app): State<App<W>>, headers: HeaderMap) -> Result<Markup, Problem> {
    let visitor = admin(&app, &headers).await?;
    Ok(form(&app, &visitor, &[], None, false))
}

/// Checks what was sent; publishes it when that button was pressed.
pub async fn send<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let visitor = admin(&app, &headers).await?;
    let Texts { pressed, texts } = texts::receive(request).await?;
    if texts.len() > FILES_MAX {
        return Err(Problem::of(Code::Malformed).because(format!("at most {FILES_MAX} texts")));
    }
    let asked = pressed != "publish";
    let (status, answer, sound) = match published(&app, &visitor.actor, texts.clone(), asked).await {
        Ok(reply) => {
            let status = if reply.is_sound() { StatusCode::OK } else { reply.status() };
            (status, told(&visitor, &reply, asked), reply.is_sound())
        }
        Err(problem) if problem.is(Code::NotPublished) => {
            (problem.status(), refused(&visitor, &problem), false)
        }
        Err(problem) => return Err(problem),
    };
    Ok((status, form(&app, &visitor, &texts, Some(answer), sound)).into_response())
}

/// The form with what was written in it, below what is said of it.
fn form<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    texts: &[(String, String)],
    answer: Option<Markup>,
    sound: bool,
) -> Markup {
    let empty = [(String::new(), String::new())];
    let texts = if texts.is_empty() { &empty } else { texts };
    let body = html! {
        p { (visitor.say(
            "选择文件（TOML，可一次选几个）：流程定义、日历、名册、职责清单；也可粘贴在下面。先检查，看清改动，再发布。正在办理的事项仍按原来的流程版本办完；日历、名册改动后立即适用。",
            "Choose files (TOML, several at once): definitions, calendars, a roster, a duty list; or paste one below. They are checked first; look at what changes, then publish. Cases under way are finished under the version of the definition they were opened with; another calendar or roster applies to them at once.",
        )) }
        @if !app.blocks.is_empty() { (blocks(app, visitor)) }
        @if let Some(answer) = answer { (answer) }
        form .form .wide method="post" enctype="multipart/form-data" {
            label {
                span { (visitor.say("文件", "Files")) }
                input type="file" name="files" multiple accept=".toml";
            }
            @for (path, text) in texts {
                input type="hidden" name="path" value=(path);
                label {
                    span { (visitor.say("定义", "The definition")) @if !path.is_empty() { " " (path) } }
                    // The first line end of a text is not part of it.
                    textarea name="text" rows="20" spellcheck="false" { "\n" (text) }
                }
            }
            button name="do" value="check" { (visitor.say("检查", "Check")) }
            @if sound { button name="do" value="publish" { (visitor.say("发布", "Publish")) } }
        }
    };
    page(app, visitor, visitor.say("发布流程", "Publish a definition"), &body)
}

/// Which blocks need not be sent.
fn blocks<W: World>(app: &App<W>, visitor: &Visitor) -> Markup {
    html! {
        details {
            summary { (visitor.say("不用一起上传的块", "Blocks that need not be sent")) }
            ul { @for block in app.blocks.iter() { li { code { (block.path) } } } }
        }
    }
}

fn list<'j>(value: &'j Json, key: &str) -> impl Iterator<Item = &'j Json> {
    value.get(key).and_then(Json::as_array).into_iter().flatten()
}

fn text(value: &Json, key: &str) -> String {
    match value.get(key) {
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// Why a sound definition is not published.
fn refused(visitor: &Visitor, problem: &Problem) -> Markup {
    html! {
        div .refusal role="alert" {
            p { (problem.words().in_tongue(visitor.tongue)) " " small { code { (problem.number()) } } }
            @if let Some(excerpt) = problem.member("excerpt") { pre .excerpt tabindex="0" { (excerpt) } }
            p { (visitor.say("什么也没有改变", "Nothing has changed")) }
        }
    }
}

fn told(visitor: &Visitor, reply: &Reply, asked: bool) -> Markup {
    html! {
        section {
            @for finding in &reply.checked.findings { (found(visitor, reply, finding)) }
            @for workflow in &reply.workflows { (changed(visitor, workflow)) }
            @for change in &reply.town { (changed_town(visitor, change)) }
            @for line in &reply.left { p .late { (line.in_tongue(visitor.tongue)) } }
            @if !reply.is_sound() {
                p .receipt { (visitor.say("有错误，什么也没有改变", "There are errors; nothing has changed")) }
            } @else if !(reply.published.is_empty() && reply.put.is_empty()) {
                p .receipt { (visitor.say("已发布，立即生效", "Published; in force now")) }
            } @else if !asked {
                p .receipt { (visitor.say("没有新的内容，什么也没有改变", "There is nothing new; nothing has changed")) }
            }
        }
    }
}

/// What another document of the town changes.
fn changed_town(visitor: &Visitor, change: &Changed) -> Markup {
    let title = match change.kind {
        Kind::Calendars => visitor.say("日历", "Calendars"),
        Kind::Roster => visitor.say("名册", "Roster"),
        Kind::Duties => visitor.say("职责清单", "Duty list"),
    };
    html! {
        h2 { (title) }
        ul { @for line in &change.difference { li { (line.in_tongue(visitor.tongue)) } } }
    }
}

/// A finding with its place, as `paidan check` prints it.
fn found(visitor: &Visitor, reply: &Reply, finding: &Finding) -> Markup {
    let sources = &reply.checked.sources;
    let (path, line) = sources.line(finding.place);
    let level = match finding.level {
        Level::Error => visitor.say("错误", "error"),
        Level::Lint => visitor.say("提示", "lint"),
    };
    html! {
        div .refusal {
            p {
                strong { (level) " " (finding.code) } " " (visitor.say(&finding.zh, &finding.en)) " "
                code { (path) ":" (line) }
            }
            pre .excerpt tabindex="0" { (print::excerpt(sources, finding)) }
        }
    }
}

/// What a definition changes, and what stays as it is.
fn changed(visitor: &Visitor, workflow: &Json) -> Markup {
    let tongue = visitor.say("zh", "en");
    let in_force = workflow.get("in_force").and_then(Json::as_u64);
    html! {
        h2 { (text(workflow, "id")) " " (text(workflow, "version")) }
        @if workflow.get("same") == Some(&Json::Bool(true)) {
            p { (visitor.say("与正在实行的相同", "The same as what is in force")) }
        } @else if let Some(before) = in_force {
            p { (visitor.say("正在实行的是版本", "In force now is version")) " " (before) }
        }
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
}
