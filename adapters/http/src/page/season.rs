//! Seasons of wishes (微心愿季): targets and how far they are, counted from the wishes themselves; and what a form may name.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use maud::{Markup, html};
use paidan_model::claim::List;
use paidan_model::id::{PlaceId, WorkflowId};
use paidan_model::workflow::Workflow;
use paidan_runtime::shelf::InForce;
use paidan_runtime::{After, World};
use paidan_views::progress::Progress;
use paidan_views::worklist::{Body, linked_to};
use serde_json::Value as Json;

use crate::App;
use crate::page::layout::page;
use crate::page::wall::{Listed, definition, figures, from_start, listed};
use crate::problem::Problem;
use crate::visitor::Visitor;

/// Seasons on the page, the latest first.
const SEASONS_MAX: u32 = 24;
/// Cases that a form offers to name.
const LINKS_MAX: u32 = 100;
/// Rows read at once.
const PART: u32 = 1_000;
/// Cases counted for one season; of more, those that came first.
const COUNTED_MAX: u64 = 50_000;

/// What fields of a form may name, by workflow: numbers, and what they are called.
pub type Links = BTreeMap<WorkflowId, Vec<(String, String)>>;

/// What the fields of a workflow may name: what stands on a list and is not over.
///
/// # Errors
/// When the store cannot be read.
pub async fn links<W: World>(app: &App<W>, workflow: &Workflow) -> Result<Links, Problem> {
    let mut found = Links::new();
    for (field, of) in workflow.fields.values().filter_map(|field| Some((field, field.of.as_ref()?))) {
        let shelf = app.desk.shelf.now();
        let Some(listing) = definition(&shelf, of.as_str()).and_then(|other| other.listing.clone()) else {
            continue;
        };
        let all = listed(app, listing.list, from_start(), LINKS_MAX).await?;
        let stands = |item: &Listed| {
            field.named_in.is_empty()
                || item.item.here.as_ref().is_some_and(|here| field.named_in.contains(here))
        };
        // Of too many nobody chooses from a list: the number is written then.
        if all.next.is_some() {
            continue;
        }
        let open =
            all.items.into_iter().filter(|item| !item.over && item.workflow == of.as_str() && stands(item));
        let named = open.map(|item| {
            let first = listing.show.first().and_then(|id| item.item.show.get(id)).and_then(Json::as_str);
            let called = first.unwrap_or(&item.number).to_string();
            (item.number, called)
        });
        found.insert(of.clone(), named.collect());
    }
    Ok(found)
}

/// What has become of the cases that name another one.
///
/// # Errors
/// When the store cannot be read.
pub async fn progress<W: World>(app: &App<W>, number: &str) -> Result<Progress, Problem> {
    let mut found = Progress::default();
    let mut after = from_start();
    while found.total < COUNTED_MAX {
        let rows = app.desk.queries.rows("linked", &linked_to(number), after, PART).await?;
        let Some(last) = rows.last() else { break };
        after = After { due: last.due.unwrap_or(i64::MAX), key: last.key.clone() };
        rows.iter()
            .filter_map(|row| serde_json::from_str::<Body>(&row.body).ok())
            .for_each(|body| found.add(&body));
        if rows.len() < PART as usize {
            break;
        }
    }
    Ok(found)
}

/// The page, for everybody.
pub async fn show<W: World>(State(app): State<App<W>>, headers: HeaderMap) -> Result<Markup, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    let shelf = app.desk.shelf.now();
    let mut seasons = Vec::new();
    for season in listed(&app, List::Seasons, from_start(), SEASONS_MAX).await?.items {
        let progress = progress(&app, &season.number).await?;
        seasons.push((season, progress));
    }
    let together: u64 = seasons.iter().map(|(_, progress)| progress.total).sum();
    let body = html! {
        p .count {
            strong { (seasons.len()) } (visitor.say(" 季，", " seasons, "))
            strong { (together) } (visitor.say(" 个心愿", " wishes"))
        }
        @for workflow in shelf.workflows().filter(|workflow| workflow.listing.is_some()) { (figures(&visitor, &shelf, &workflow.id)) }
        @if seasons.is_empty() { p { (visitor.say("还没有微心愿季。", "There is no season yet.")) } }
        @for (season, progress) in &seasons { (one(&visitor, &shelf, season, progress)) }
    };
    Ok(page(&app, &visitor, visitor.say("微心愿季", "Seasons of wishes"), &body))
}

fn one(visitor: &Visitor, shelf: &InForce, season: &Listed, progress: &Progress) -> Markup {
    let shown = |id: &str| season.item.show.get(id);
    let text = |id: &str| shown(id).and_then(Json::as_str);
    let number = |id: &str| shown(id).and_then(Json::as_u64);
    let place = text("place").and_then(PlaceId::parse).and_then(|id| shelf.roster.places.get(&id));
    html! {
        section .season {
            h2 { (text("name").unwrap_or(&season.number)) " · " (season.item.state.in_tongue(visitor.tongue)) }
            p {
                (season.item.from.as_deref().unwrap_or_default()) " – " (season.item.until.as_deref().unwrap_or_default())
                @if let Some(day) = text("launch_on") { " · " (visitor.say("发布会 ", "launched on ")) (day) }
                @if let Some(place) = place { " · " (place.title.in_tongue(visitor.tongue)) }
                @if let Some(people) = number("people") { " · " (people) (visitor.say(" 人到会", " people came")) }
                @if let Some(clicks) = number("clicks") { " · " (clicks) (visitor.say(" 次点击", " clicks")) }
            }
            (meter(visitor.say("上墙的心愿", "On the wall"), progress.total, number("target_wishes")))
            (meter(visitor.say("点亮的心愿", "Fulfilled"), progress.delivered, number("target_lit")))
            @if !progress.states.is_empty() {
                ul .states { @for (title, count) in progress.states.values() {
                    li { (title.in_tongue(visitor.tongue)) " " strong { (count) } }
                } }
            }
        }
    }
}

/// How far a target is: a bar, and the numbers beside it.
fn meter(title: &str, reached: u64, target: Option<u64>) -> Markup {
    html! {
        p {
            (title) " " strong { (reached) }
            @if let Some(target) = target.filter(|target| *target > 0) {
                " / " (target) " (" (reached.saturating_mul(100) / target) "%) "
                progress max=(target) value=(reached.min(target)) aria-label=(title) {}
            }
        }
    }
}
