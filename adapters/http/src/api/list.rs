//! Lists: the cases one may see and the tasks one has, page by page after a key.

use std::collections::BTreeSet;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use paidan_model::claim::List;
use paidan_model::moment::Moment;
use paidan_runtime::{Actor, After, Clock as _, ViewRow, World};
use paidan_views::filter::Filter;
use paidan_views::listing::owner;
use paidan_views::progress::Progress;
use paidan_views::worklist::Body;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::caller::Caller;
use super::cursor::{cursor, mark};
use super::json::answer;
use crate::App;
use crate::openapi::{Operation, Parameter, Takes, schema};
use crate::path::Path;
use crate::problem::{Api, Code, Problem};
use crate::visitor::lists;

/// The parameters of every paged list.
pub const PAGED: &[Parameter] = &[
    Parameter { name: "limit", about: "How many.", schema: schema::limit },
    Parameter { name: "after", about: "The `next` of the page before.", schema: schema::cursor },
];

/// The parameters of a list that can be filtered.
pub const FILTERED: &[Parameter] = &[
    Parameter { name: "limit", about: "How many.", schema: schema::limit },
    Parameter { name: "after", about: "The `next` of the page before.", schema: schema::cursor },
    Parameter { name: "view", about: "A saved view; what else is said narrows it.", schema: schema::id },
    Parameter { name: "workflow", about: "Of this workflow.", schema: schema::id },
    Parameter { name: "late", about: "Late, or not late.", schema: schema::truth },
    Parameter { name: "unit", about: "The leg of this unit.", schema: schema::id },
    Parameter { name: "clock", about: "Due by this clock.", schema: schema::id },
    Parameter { name: "due_before", about: "Due before this moment.", schema: schema::moment },
];

/// `cases`.
pub const CASES: Operation = Operation {
    id: "cases",
    summary: "The cases the caller may see, by due moment.",
    query: FILTERED,
    takes: Takes::Nothing,
    answers: &[(200, "Rows")],
    problems: &[404],
};

/// `inbox`.
pub const INBOX: Operation = Operation {
    id: "inbox",
    summary: "The tasks the caller has, by due moment.",
    query: FILTERED,
    takes: Takes::Nothing,
    answers: &[(200, "Rows")],
    problems: &[404],
};

/// `list-items`.
pub const ITEMS: Operation = Operation {
    id: "list-items",
    summary: "One of the three lists, or the seasons, for everybody.",
    query: PAGED,
    takes: Takes::Nothing,
    answers: &[(200, "Items")],
    problems: &[],
};

/// Rows when nothing else is asked for.
const PAGE: u32 = 50;
/// The most rows of a page.
pub const PAGE_MAX: u32 = 200;
/// Pages of rows that are looked through for one page of those that fit.
const PAGES_SCANNED_MAX: usize = 20;
/// Sorts after every owner of a case's rows.
const AFTER_OWNERS: char = '\u{7f}';

/// What is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    limit: Option<u32>,
    after: Option<String>,
}

/// What is asked for of a list that can be filtered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filtered {
    limit: Option<u32>,
    after: Option<String>,
    view: Option<String>,
    workflow: Option<String>,
    late: Option<bool>,
    unit: Option<String>,
    clock: Option<String>,
    due_before: Option<String>,
}

impl Filtered {
    /// What a link to the next page says of the filter again.
    fn kept(&self) -> String {
        let late = self.late.map(|late| late.to_string());
        let said = [
            ("view", &self.view),
            ("workflow", &self.workflow),
            ("late", &late),
            ("unit", &self.unit),
            ("clock", &self.clock),
            ("due_before", &self.due_before),
        ];
        let one = |(name, text): (&str, &String)| {
            format!("&{name}={}", utf8_percent_encode(text, NON_ALPHANUMERIC))
        };
        said.into_iter().filter_map(|(name, text)| Some(one((name, text.as_ref()?)))).collect()
    }
}

type Asked<T> = Result<Query<T>, axum::extract::rejection::QueryRejection>;

/// The cases one may see.
pub async fn cases<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    wanted: Asked<Filtered>,
) -> Result<Response, Api> {
    list(&app, &headers, "case", wanted).await
}

/// The tasks one has.
pub async fn inbox<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    wanted: Asked<Filtered>,
) -> Result<Response, Api> {
    list(&app, &headers, "task", wanted).await
}

/// One of the three lists, for everybody: what is public and nothing else, what was carried over first.
pub async fn items<W: World>(
    State(app): State<App<W>>,
    Path(name): Path<String>,
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Api> {
    let list = List::ALL.into_iter().find(|list| list.name() == name).ok_or(Code::NotFound)?;
    let (limit, after) = part(wanted)?;
    let rows = app.desk.queries.rows("list", &owner(list), after, limit + 1).await?;
    let shown: Vec<&ViewRow> = rows.iter().take(limit as usize).collect();
    let next = shown.last().filter(|_| rows.len() > limit as usize).map(|row| write("list", row));
    let mut items: Vec<Json> = shown.iter().filter_map(|row| listed(row)).collect();
    if list == List::Seasons {
        for item in &mut items {
            let number = item.get("number").and_then(Json::as_str).unwrap_or_default().to_string();
            let linked = told(&crate::page::season::progress(&app, &number).await?);
            item.as_object_mut().map(|map| map.insert("linked".into(), linked));
        }
    }
    let mut body = json!({ "items": items });
    if let (Some(map), Some(next)) = (body.as_object_mut(), next) {
        map.insert("next".into(), json!(next));
    }
    Ok(answer(StatusCode::OK, &body))
}

/// What has become of the wishes of a season.
fn told(progress: &Progress) -> Json {
    let states = progress.states.values().map(|(title, count)| json!({ "state": title, "count": count }));
    json!({ "total": progress.total, "delivered": progress.delivered, "states": states.collect::<Vec<_>>() })
}

/// An item as everybody may see it.
fn listed(row: &ViewRow) -> Option<Json> {
    let body: Body = serde_json::from_str(&row.body).ok()?;
    let item = body.item?;
    let mut found = json!({
        "id": super::case::id_of(&body.stream), "number": body.number, "workflow": body.workflow,
        "show": item.show, "category": item.category, "quantity": item.quantity,
        "state": { "zh": item.state.zh, "en": item.state.en },
        "opened": Moment::from_millis(item.opened).rfc3339(), "carried_over": item.priority,
    });
    let map = found.as_object_mut()?;
    let texts = [("from", item.from), ("until", item.until), ("community", item.community)];
    map.extend(texts.into_iter().filter_map(|(key, text)| text.map(|text| (key.to_string(), json!(text)))));
    if let Some(left) = item.left {
        map.insert("left".into(), json!(left));
    }
    Some(found)
}

/// How many rows, and after which.
///
/// # Errors
/// When it is not written so.
pub fn part(
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
) -> Result<(u32, After), Api> {
    let Query(wanted) = wanted.map_err(|error| Problem::of(Code::Malformed).because(error.body_text()))?;
    part_of(wanted.limit, wanted.after.as_deref())
}

fn part_of(limit: Option<u32>, after: Option<&str>) -> Result<(u32, After), Api> {
    let limit = limit.unwrap_or(PAGE);
    if !(1..=PAGE_MAX).contains(&limit) {
        let why = format!("limit is 1 to {PAGE_MAX}");
        return Err(Problem::of(Code::Malformed).because(why).into());
    }
    let after = match after {
        Some(text) => cursor(text)?,
        None => After { due: i64::MIN, key: String::new() },
    };
    Ok((limit, after))
}

/// The filter that is asked for: a saved one, narrowed by what else is said.
async fn filter<W: World>(app: &App<W>, caller: &Caller, wanted: &Filtered) -> Result<Filter, Api> {
    for said in [&wanted.view, &wanted.workflow, &wanted.unit, &wanted.clock].into_iter().flatten() {
        let is_id = !said.is_empty()
            && said.len() <= 64
            && said.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if !is_id {
            let why = format!("`{}` is no id", said.chars().take(64).collect::<String>());
            return Err(Problem::of(Code::Malformed).because(why).into());
        }
    }
    let mut filter = match &wanted.view {
        Some(id) => {
            let all = app.desk.saved(&caller.subject).await?;
            let view = all.into_iter().find(|view| view.id == *id).ok_or(Code::NotFound)?;
            serde_json::from_str(&view.filter).unwrap_or_default()
        }
        None => Filter::default(),
    };
    let narrow = |held: &mut Option<String>, said: &Option<String>| {
        if said.is_some() {
            held.clone_from(said);
        }
    };
    narrow(&mut filter.workflow, &wanted.workflow);
    narrow(&mut filter.unit, &wanted.unit);
    narrow(&mut filter.clock, &wanted.clock);
    filter.late = wanted.late.or(filter.late);
    if let Some(text) = &wanted.due_before {
        filter.due_before = Some(super::json::moment(text)?.millis());
    }
    Ok(filter)
}

/// One page of the rows that fit, and where a next page goes on, if there may be one.
///
/// # Errors
/// When the store cannot be read.
pub async fn fitting<W: World>(
    app: &App<W>,
    view: &str,
    actor: &Actor,
    filter: &Filter,
    after: After,
    limit: u32,
) -> Result<(Vec<ViewRow>, Option<String>), Problem> {
    let now = app.desk.world.clock().now();
    let lists = lists(actor);
    let Actor::Person { posts, .. } = actor else { return Ok((Vec::new(), None)) };
    // Whoever reads a case in several ways has one row of it.
    let mut seen = BTreeSet::new();
    let mut fits = |row: &ViewRow| {
        let body: Option<Body> = serde_json::from_str(&row.body).ok();
        let read = body.filter(|body| body.is_read_by(&row.owner, posts));
        let fits = read.filter(|body| filter.fits(body, row.due.map(Moment::from_millis), now));
        fits.is_some_and(|body| view != "case" || seen.insert(body.stream))
    };
    let (mut found, mut after) = (Vec::new(), after);
    for _ in 0..PAGES_SCANNED_MAX {
        let rows = app.desk.queries.page(view, &lists, &after, PAGE_MAX).await?;
        let last = rows.len() < PAGE_MAX as usize;
        let Some(end) = rows.last().map(|row| write(view, row)) else { return Ok((found, None)) };
        for row in rows {
            if !fits(&row) {
                continue;
            }
            if found.len() == limit as usize {
                let next = found.last().map(|row| write(view, row));
                return Ok((found, next));
            }
            found.push(row);
        }
        if last {
            return Ok((found, None));
        }
        after = cursor(&end).map_err(|Api(problem)| problem)?;
    }
    // Much was looked at and little fits: the next page goes on from here.
    Ok((found, Some(mark(after.due, &after.key))))
}

async fn list<W: World>(
    app: &App<W>,
    headers: &HeaderMap,
    view: &str,
    wanted: Asked<Filtered>,
) -> Result<Response, Api> {
    let caller = Caller::of(app, headers).await?;
    let Query(wanted) = wanted.map_err(|error| Problem::of(Code::Malformed).because(error.body_text()))?;
    let (limit, after) = part_of(wanted.limit, wanted.after.as_deref())?;
    let filter = filter(app, &caller, &wanted).await?;
    let (rows, next) = fitting(app, view, &caller.actor, &filter, after, limit).await?;
    let items: Vec<Json> = rows.iter().filter_map(item).collect();
    let mut body = json!({ "items": items });
    if let (Some(map), Some(next)) = (body.as_object_mut(), &next) {
        map.insert("next".into(), json!(next));
    }
    let mut response = answer(StatusCode::OK, &body);
    let path = if view == "case" { "cases" } else { "inbox" };
    let link =
        next.map(|next| format!("</v1/{path}?limit={limit}&after={next}{}>; rel=\"next\"", wanted.kept()));
    if let Some(link) = link.and_then(|link| link.parse().ok()) {
        response.headers_mut().insert(header::LINK, link);
    }
    Ok(response)
}

fn item(row: &ViewRow) -> Option<Json> {
    let body: Body = serde_json::from_str(&row.body).ok()?;
    let id = super::case::id_of(&body.stream).to_string();
    let mut found = json!({
        "id": id, "number": body.number, "workflow": body.workflow,
        "state": { "zh": body.zh, "en": body.en }, "late": body.late,
    });
    if let Some(map) = found.as_object_mut() {
        if let Some(due) = row.due {
            map.insert("due".into(), json!(Moment::from_millis(due).rfc3339()));
        }
        if let Some(clock) = body.clock {
            map.insert("clock".into(), json!(clock));
        }
        if let Some(leg) = body.leg {
            map.insert("leg".into(), json!(leg));
        }
    }
    Some(found)
}

/// A cursor means nothing to its reader.
fn write(view: &str, row: &ViewRow) -> String {
    let key = match (view, row.key.rsplit_once('/')) {
        ("case", Some((stream, _))) => format!("{stream}/{AFTER_OWNERS}"),
        _ => row.key.clone(),
    };
    mark(row.due.unwrap_or(i64::MAX), &key)
}
