//! The wish wall (微心愿墙): what everybody may read of the needs, and a mode for a big screen. No names, no addresses.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use maud::{Markup, html};
use paidan_model::claim::List;
use paidan_model::field::FieldType;
use paidan_model::id::{FieldId, UnitId, WorkflowId};
use paidan_model::workflow::Workflow;
use paidan_runtime::shelf::InForce;
use paidan_runtime::{After, World};
use paidan_views::listing::{Item, owner};
use paidan_views::worklist::Body;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::App;
use crate::api::cursor::{cursor, mark};
use crate::page::layout::{page, screen};
use crate::problem::{Api, Code, Problem};
use crate::visitor::Visitor;

/// Cards on the wall.
pub const CARDS_MAX: u32 = 200;

/// One item of a list.
pub struct Listed {
    /// Its stream.
    pub stream: String,
    /// Its number.
    pub number: String,
    /// Its workflow.
    pub workflow: String,
    /// It has ended, and stays on its list all the same.
    pub over: bool,
    /// What everybody may read, and what matching looks at.
    pub item: Item,
}

/// A part of a list.
pub struct Listing {
    /// Its items.
    pub items: Vec<Listed>,
    /// Where the list goes on.
    pub next: Option<String>,
}

/// The items of a list: what was carried over first, then what came first.
///
/// # Errors
/// When the store cannot be read.
pub async fn listed<W: World>(app: &App<W>, list: List, after: After, most: u32) -> Result<Listing, Problem> {
    let mut rows = app.desk.queries.rows("list", &owner(list), after, most + 1).await?;
    let more = rows.len() > most as usize;
    rows.truncate(most as usize);
    let next = rows.last().filter(|_| more).map(|row| mark(row.due.unwrap_or(i64::MAX), &row.key));
    let one = |body: Body| {
        let over = body.ended_as().is_some();
        let (stream, number, workflow) = (body.stream, body.number, body.workflow);
        body.item.map(|item| Listed { stream, number, workflow, over, item })
    };
    let items = rows.iter().filter_map(|row| serde_json::from_str(&row.body).ok()).filter_map(one).collect();
    Ok(Listing { items, next })
}

/// From where a page of a list begins.
///
/// # Errors
/// When it is not what a page before said.
pub fn from(after: Option<&str>) -> Result<After, Problem> {
    after
        .filter(|text| !text.is_empty())
        .map_or(Ok(from_start()), |text| cursor(text).map_err(|Api(problem)| problem))
}

/// From the start of a list.
#[must_use]
pub fn from_start() -> After {
    After { due: i64::MIN, key: String::new() }
}

/// How to look at the wall.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// For a big screen: it scrolls by itself.
    #[serde(default)]
    screen: Option<String>,
    /// Where it goes on.
    #[serde(default)]
    after: Option<String>,
}

/// The wall.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    look: Result<Query<Look>, QueryRejection>,
) -> Result<Markup, Problem> {
    let Query(look) = look.map_err(|error| Problem::of(Code::Malformed).because(error.body_text()))?;
    let visitor = Visitor::of(&app, &headers).await?;
    let shelf = app.desk.shelf.now();
    let all = listed(&app, List::Needs, from(look.after.as_deref())?, CARDS_MAX).await?;
    let wishes: Vec<&Listed> = all.items.iter().filter(|wish| wish.item.left.is_some()).collect();
    let open = wishes.iter().filter(|wish| wish.item.left != Some(0)).count();
    let title = visitor.say("微心愿墙", "The wish wall");
    let body = html! {
        p .count {
            strong { (wishes.len()) @if all.next.is_some() { "+" } } (visitor.say(" 个心愿在墙上，", " wishes on the wall, "))
            strong { (open) @if all.next.is_some() { "+" } } (visitor.say(" 个等人认领", " to be claimed"))
        }
        @for wish in shelf.workflows().filter(|workflow| workflow.listing.is_some()) { (figures(&visitor, &shelf, &wish.id)) }
        @if wishes.is_empty() { p { (visitor.say("现在没有心愿。", "There are no wishes now.")) } }
        ul .wall { @for wish in &wishes { li { (card(&visitor, &shelf, wish, look.screen.is_none())) } } }
        @if look.screen.is_none() {
            @if let Some(next) = &all.next { p { a href={ "/wall?after=" (next) } { (visitor.say("更多心愿", "More wishes")) } } }
            p {
                a href="/wall?screen=1" { (visitor.say("大屏滚动", "For a big screen")) } " · "
                a href="/seasons" { (visitor.say("各季进展", "The seasons, and how far they are")) }
            }
        }
    };
    Ok(if look.screen.is_some() {
        screen(&app, &visitor, title, &body)
    } else {
        page(&app, &visitor, title, &body)
    })
}

/// What was counted of a workflow before this store, by others.
pub fn figures(visitor: &Visitor, shelf: &InForce, workflow: &WorkflowId) -> Markup {
    let of = shelf.roster.figures.iter().filter(|figure| figure.workflow == *workflow);
    html! {
        @for figure in of {
            p .before {
                (visitor.say("此前：", "Before: ")) (figure.title.in_tongue(visitor.tongue)) " "
                strong { (figure.count) } " " small { (figure.source.in_tongue(visitor.tongue)) }
            }
        }
    }
}

/// The definition that an item's fields are of.
pub fn definition<'s>(shelf: &'s InForce, workflow: &str) -> Option<&'s Workflow> {
    let id = WorkflowId::parse(workflow)?;
    shelf.latest(&id).and_then(|digest| shelf.workflow(digest))
}

/// One field of an item, as people read it.
pub fn words(visitor: &Visitor, workflow: Option<&Workflow>, id: &FieldId, value: &Json) -> String {
    let field = workflow.and_then(|workflow| workflow.fields.get(id));
    match (field, value) {
        (Some(field), Json::String(choice)) if field.kind == FieldType::Choice => {
            field.choice_title(choice, visitor.tongue).to_string()
        }
        (_, Json::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

/// The name of a unit.
pub fn unit_name(visitor: &Visitor, shelf: &InForce, unit: Option<&String>) -> String {
    let id = unit.and_then(|unit| UnitId::parse(unit));
    let title = id
        .as_ref()
        .and_then(|id| shelf.roster.units.get(id))
        .map(|unit| unit.title.in_tongue(visitor.tongue));
    title.map_or_else(|| unit.cloned().unwrap_or_default(), ToString::to_string)
}

fn card(visitor: &Visitor, shelf: &InForce, wish: &Listed, links: bool) -> Markup {
    let workflow = definition(shelf, &wish.workflow);
    let value = |name: &str| {
        let id = FieldId::parse(name)?;
        wish.item.show.get(&id).map(|value| words(visitor, workflow, &id, value))
    };
    let category = workflow.and_then(|workflow| workflow.listing.as_ref()?.category.as_ref());
    let category = category.and_then(|id| value(id.as_str()));
    let left = wish.item.left.unwrap_or(0);
    html! {
        article .card .taken[left == 0] {
            h2 { (value("wish").or_else(|| value("what")).unwrap_or_else(|| wish.number.clone())) }
            p {
                (value("alias").unwrap_or_default()) " · " (value("age_band").unwrap_or_default()) " · "
                (unit_name(visitor, shelf, wish.item.community.as_ref()))
            }
            p {
                (category.unwrap_or_default()) " · "
                @if left == 0 { strong { (visitor.say("已认领", "claimed")) } }
                @else if wish.item.quantity > 1 {
                    (visitor.say("还需", "still wanted: ")) strong { (left) } "/" (wish.item.quantity)
                } @else { strong { (visitor.say("等人认领", "to be claimed")) } }
                @if wish.item.priority > 0 { " · " (visitor.say("上季结转", "carried over")) }
            }
            @if links && left > 0 {
                p { a .button href={ "/" (wish.stream) } { (visitor.say("我来认领", "I will do it")) } }
            }
        }
    }
}
