//! The lists: my tasks with the time left, what can be opened, and the cases I may see.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Redirect;
use maud::{Markup, html};
use paidan_model::id::PlaceId;
use paidan_model::moment::Moment;
use paidan_runtime::saved::SavedView;
use paidan_runtime::shelf::InForce;
use paidan_runtime::{After, Clock as _, Ids as _, ViewRow, World};
use paidan_views::arithmetic;
use paidan_views::filter::Filter;
use paidan_views::worklist::Body;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::api::cursor::cursor;
use crate::api::list::fitting;
use crate::api::saved::saved;
use crate::form::Filled;
use crate::page::layout::page;
use crate::page::order::may_open;
use crate::problem::{Api, Code, Problem};
use crate::visitor::Visitor;
use crate::{App, Door};

/// Rows of a list on one page.
const PAGE: u32 = 50;
/// Of a hundred: with less than this left, a task is shown as due soon.
const SOON: u8 = 25;

fn from_start() -> After {
    After { due: i64::MIN, key: String::new() }
}

/// What the lists are narrowed to, and where they go on; an empty input does not matter.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Narrowed {
    #[serde(default)]
    workflow: String,
    #[serde(default)]
    late: String,
    /// A saved view.
    #[serde(default)]
    view: String,
    /// Where the tasks go on.
    #[serde(default)]
    tasks: String,
    /// Where the cases go on.
    #[serde(default)]
    cases: String,
}

impl Narrowed {
    fn filter(&self) -> Filter {
        Filter {
            workflow: Some(self.workflow.clone()).filter(|id| !id.is_empty()),
            late: (self.late == "true").then_some(true),
            ..Filter::default()
        }
    }

    /// The address of the same page where one of its lists goes on.
    fn on(&self, list: &str, next: &str) -> String {
        let mut to = format!("/?{list}={next}");
        for (name, said) in [("workflow", &self.workflow), ("late", &self.late), ("view", &self.view)] {
            if !said.is_empty() {
                to.push_str(&format!("&{name}={}", utf8_percent_encode(said, NON_ALPHANUMERIC)));
            }
        }
        to
    }
}

/// What is asked for: a saved view or what the form says.
struct Asked<'a> {
    said: &'a Narrowed,
    saved: &'a [SavedView],
    view: Option<&'a SavedView>,
    filter: Filter,
}

impl<'a> Asked<'a> {
    /// # Errors
    /// When there is no such view.
    fn of(said: &'a Narrowed, saved: &'a [SavedView]) -> Result<Self, Problem> {
        if said.view.is_empty() {
            return Ok(Self { said, saved, view: None, filter: said.filter() });
        }
        let view = saved.iter().find(|view| view.id == said.view).ok_or_else(Problem::not_found)?;
        let filter = serde_json::from_str(&view.filter).unwrap_or_default();
        Ok(Self { said, saved, view: Some(view), filter })
    }
}

/// A form that narrows the lists, and the views that were saved.
fn narrow<W: World>(app: &App<W>, visitor: &Visitor, asked: &Asked<'_>) -> Markup {
    let shelf = app.desk.shelf.now();
    let now = asked.said;
    html! {
        @if let Some(view) = asked.view {
            p .saved { (visitor.say("只看：", "Only: ")) strong { (view.title) } " " a href="/" { (visitor.say("看全部", "Show all")) } }
        }
        details open[!now.filter().is_empty()] {
            summary { (visitor.say("筛选", "Narrow the lists")) @if !asked.saved.is_empty() { " · " (asked.saved.len()) } }
            @for view in asked.saved {
                p .saved {
                    a href=(address(view)) { (view.title) }
                    form method="post" action="/view/forget" {
                        button name="id" value=(view.id) { (visitor.say("删除", "Forget")) " " (view.title) }
                    }
                }
            }
            form .form method="get" action="/" {
                label { span { (visitor.say("事项类型", "Of which kind")) } select name="workflow" {
                    option value="" { (visitor.say("全部", "All")) }
                    @for workflow in shelf.workflows() {
                        option value=(workflow.id) selected[workflow.id.as_str() == now.workflow] { (workflow.title.in_tongue(visitor.tongue)) }
                    }
                } }
                label .choice { input type="checkbox" name="late" value="true" checked[now.late == "true"]; " " (visitor.say("只看逾期", "Late ones only")) }
                button { (visitor.say("筛选", "Narrow")) }
            }
            @if !now.filter().is_empty() {
                form .form method="post" action="/view" {
                    input type="hidden" name="workflow" value=(now.workflow);
                    input type="hidden" name="late" value=(now.late);
                    label { span { (visitor.say("起个名字存下来", "Save it under a name")) } input name="title" required maxlength="60"; }
                    button { (visitor.say("保存", "Save")) }
                }
            }
        }
    }
}

/// Where a saved view is looked at.
fn address(view: &SavedView) -> String {
    format!("/?view={}", utf8_percent_encode(&view.id, NON_ALPHANUMERIC))
}

/// What is saved.
#[derive(Deserialize)]
pub struct ToSave {
    title: String,
    #[serde(default)]
    workflow: String,
    #[serde(default)]
    late: String,
}

/// Saves what the lists are narrowed to.
pub async fn save<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    Filled(ToSave { title, workflow, late }): Filled<ToSave>,
) -> Result<Redirect, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    if !visitor.is_known() {
        return Err(Problem::of(Code::NotSignedIn));
    }
    let id = app.desk.world.ids().code();
    let filter = Narrowed { workflow, late, ..Narrowed::default() }.filter();
    let view = saved(&app, &visitor.subject, &id, &title, &filter).await?;
    Ok(Redirect::to(&address(&view)))
}

/// Which view.
#[derive(Deserialize)]
pub struct Which {
    id: String,
}

/// Forgets a saved view.
pub async fn forget<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    Filled(Which { id }): Filled<Which>,
) -> Result<Redirect, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    if !visitor.is_known() {
        return Err(Problem::of(Code::NotSignedIn));
    }
    app.desk.drop_saved(&visitor.subject, &id).await?;
    Ok(Redirect::to("/"))
}

/// One line of a list.
struct Line {
    row: ViewRow,
    body: Body,
    /// How much is left of the clock, in words and of a hundred.
    left: Option<(String, u8)>,
}

/// The page.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    narrowed: Result<Query<Narrowed>, QueryRejection>,
) -> Result<Markup, Problem> {
    let Query(narrowed) =
        narrowed.map_err(|error| Problem::of(Code::Malformed).because(error.body_text()))?;
    let visitor = Visitor::of(&app, &headers).await?;
    let saved = if visitor.is_known() { app.desk.saved(&visitor.subject).await? } else { Vec::new() };
    let asked = Asked::of(&narrowed, &saved)?;
    let tasks = part(&app, &visitor, ("task", &narrowed.tasks), &asked.filter).await?;
    let cases = part(&app, &visitor, ("case", &narrowed.cases), &asked.filter).await?;
    let shelf = app.desk.shelf.now();
    let body = html! {
        @if app.door == Door::Demonstration { (who(&app, &visitor)) }
        @if visitor.is_known() {
            (narrow(&app, &visitor, &asked))
            section {
                h2 { (visitor.say("我的任务", "My tasks")) }
                (table(&app, &visitor, &tasks))
                @if tasks.lines.is_empty() { (next_due(&app, &visitor, &cases)) }
                (more(&visitor, &narrowed, "tasks", &tasks))
            }
        }
        section {
            h2 { (visitor.say("新事项", "New")) }
            ul {
                @for workflow in shelf.workflows().filter(|workflow| may_open(&app, &visitor, &workflow.id)) {
                    li { a href={ "/new/" (workflow.id) } { (workflow.title.in_tongue(visitor.tongue)) } }
                }
            }
        }
        @if visitor.is_known() {
            section {
                h2 { (visitor.say("我能看到的事项", "Cases I may see")) }
                (table(&app, &visitor, &cases))
                (more(&visitor, &narrowed, "cases", &cases))
            }
        } @else {
            p { a href="/track" { (visitor.say("凭查询码查看进度", "See how your case stands, by its code")) } }
        }
    };
    Ok(page(&app, &visitor, visitor.say("清单", "Lists"), &body))
}

/// A page of a list.
struct Part {
    lines: Vec<Line>,
    /// Where it begins; empty: at the start.
    after: String,
    /// Where it goes on.
    next: Option<String>,
}

async fn part<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    (view, after): (&str, &str),
    filter: &Filter,
) -> Result<Part, Problem> {
    let from = match after {
        "" => from_start(),
        text => cursor(text).map_err(|Api(problem)| problem)?,
    };
    let (rows, next) = fitting(app, view, &visitor.actor, filter, from, PAGE).await?;
    let mut found = Vec::new();
    for row in rows {
        let Ok(body) = serde_json::from_str::<Body>(&row.body) else { continue };
        let left = match view {
            "task" => left(app, visitor, &body).await?,
            _ => None,
        };
        found.push(Line { row, body, left });
    }
    Ok(Part { lines: found, after: after.to_string(), next })
}

/// The way to the rest of a list, and back to its start.
fn more(visitor: &Visitor, narrowed: &Narrowed, list: &str, part: &Part) -> Markup {
    html! {
        @if part.next.is_some() || !part.after.is_empty() {
            p .more {
                @if !part.after.is_empty() { a href=(narrowed.on(list, "")) { (visitor.say("回到开头", "Back to the start")) } " " }
                @if let Some(next) = &part.next { a href=(narrowed.on(list, next)) { (visitor.say("下一页", "Next page")) } }
            }
        }
    }
}

/// What is due next of what one may see, for whoever has no task.
fn next_due<W: World>(app: &App<W>, visitor: &Visitor, cases: &Part) -> Markup {
    let now = app.desk.world.clock().now();
    let due = cases.lines.iter().find(|line| line.row.due.is_some_and(|due| Moment::from_millis(due) >= now));
    html! {
        @if let Some(line) = due {
            p {
                (visitor.say("您能看到的事项中，最近的期限：", "Of what you may see, the next is due: "))
                @if let Some(at) = line.row.due { (Moment::from_millis(at).local_text(&visitor.zone)) " " }
                a href={ "/" (line.body.stream) } { (line.body.number) }
            }
        }
    }
}

/// How much is left of the clock that the row's due moment is of, in the time that clock counts.
async fn left<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    body: &Body,
) -> Result<Option<(String, u8)>, Problem> {
    let Some(case) = app.desk.queries.case(&body.stream).await? else { return Ok(None) };
    let shelf = app.desk.shelf.now();
    let now = app.desk.world.clock().now();
    let clock = case.clocks.all.iter().rev().find(|clock| {
        let leg = clock.key.leg.as_ref().map(|leg| leg.as_str());
        clock.verdict.is_none()
            && Some(clock.key.clock.as_str()) == body.clock.as_deref()
            && leg == body.leg.as_deref()
    });
    Ok(clock.and_then(|clock| {
        let workflow = shelf.workflow(&case.filing.digest)?;
        let calendar = shelf.calendar(workflow, &case, &clock.key)?;
        let words = arithmetic::left(calendar, clock, now).in_tongue(visitor.tongue).to_string();
        Some((words, arithmetic::share_left(calendar, clock, now)))
    }))
}

fn who<W: World>(app: &App<W>, visitor: &Visitor) -> Markup {
    let shelf = app.desk.shelf.now();
    html! {
        form .who method="post" action="/who" {
            label {
                span { (visitor.say("以谁的身份（仅演示）", "Act as (demonstration only)")) }
                select name="who" {
                    @for (id, person) in &shelf.roster.people {
                        option value=(id) selected[visitor.subject == *id] { (person.title.in_tongue(visitor.tongue)) " · " (id) }
                    }
                }
            }
            button { (visitor.say("切换", "Switch")) }
        }
    }
}

fn table<W: World>(app: &App<W>, visitor: &Visitor, part: &Part) -> Markup {
    let lines = &part.lines;
    let now = app.desk.world.clock().now();
    let shelf = app.desk.shelf.now();
    html! {
        @if lines.is_empty() { p .none { (visitor.say("没有", "None")) } }
        @else {
            table {
                thead { tr {
                    th { (visitor.say("编号", "Number")) }
                    th { (visitor.say("进展", "How far")) }
                    th { (visitor.say("期限", "Due")) }
                } }
                tbody { @for line in lines { (one(visitor, &shelf, line, now)) } }
            }
        }
    }
}

/// What people call a workflow.
fn kind<'s>(visitor: &Visitor, shelf: &'s InForce, id: &'s str) -> &'s str {
    crate::page::wall::definition(shelf, id).map_or(id, |workflow| workflow.title.in_tongue(visitor.tongue))
}

/// What people call a place.
fn place<'s>(visitor: &Visitor, shelf: &'s InForce, id: &str) -> Option<&'s str> {
    let place = PlaceId::parse(id).and_then(|id| shelf.roster.places.get(&id));
    place.map(|place| place.title.in_tongue(visitor.tongue))
}

fn one(visitor: &Visitor, shelf: &InForce, line: &Line, now: Moment) -> Markup {
    let due = line.row.due.map(Moment::from_millis);
    let late = line.body.late || due.is_some_and(|due| due < now);
    let soon = !late && line.left.as_ref().is_some_and(|(_, share)| *share < SOON);
    html! {
        tr class=[late.then_some("late").or(soon.then_some("soon"))] {
            td { a href={ "/" (line.body.stream) } { (line.body.number) }
                br; small {
                    (kind(visitor, shelf, &line.body.workflow))
                    @if let Some(about) = &line.body.about { " · " (about) }
                    @if let Some(place) = line.body.place.as_deref().and_then(|id| place(visitor, shelf, id)) { " · " (place) }
                    @if let Some(leg) = &line.body.leg { " · " (crate::page::wall::unit_name(visitor, shelf, Some(leg))) }
                }
            }
            td { (visitor.say(&line.body.zh, &line.body.en)) }
            td {
                @if let Some(due) = due {
                    time datetime=(due.rfc3339()) { (due.local_text(&visitor.zone)) }
                    @if late { " " strong { (visitor.say("逾期", "late")) } }
                    @else if let Some((words, share)) = &line.left {
                        br;
                        meter min="0" max="100" low=(SOON) optimum="100" value=(share) aria-label=(words) {}
                        " " small { (words) }
                    }
                }
            }
        }
    }
}
