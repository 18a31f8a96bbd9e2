//! The three lists side by side (三张清单), with what fits what and why. It suggests; people claim.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use maud::{Markup, html};
use paidan_model::claim::List;
use paidan_model::id::FieldId;
use paidan_model::value::{Held, Value};
use paidan_runtime::shelf::InForce;
use paidan_runtime::{Clock as _, Ids as _, World};
use paidan_views::matching::{Score, score};

use serde::Deserialize;

use crate::App;
use crate::page::layout::page;
use crate::page::wall::{Listed, Listing, definition, from, listed, unit_name, words};
use crate::problem::{Code, Problem};
use crate::visitor::Visitor;

/// Items of each list on the page.
const ITEMS_MAX: u32 = 100;
/// Suggestions for one need.
const SUGGESTED: usize = 3;

/// A resource that fits a need, whose it is, and why.
struct Fit<'l> {
    resource: &'l Listed,
    party: String,
    score: Score,
}

/// Where each of the lists begins.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct From {
    needs: Option<String>,
    resources: Option<String>,
    projects: Option<String>,
}

/// The page; for whoever is known.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    asked: Result<Query<From>, QueryRejection>,
) -> Result<Markup, Problem> {
    let Query(asked) = asked.map_err(|error| Problem::of(Code::Malformed).because(error.body_text()))?;
    let visitor = Visitor::of(&app, &headers).await?;
    if !visitor.is_known() {
        return Err(Problem::of(Code::NotSignedIn));
    }
    let shelf = app.desk.shelf.now();
    let part =
        async |list, after: &Option<String>| listed(&app, list, from(after.as_deref())?, ITEMS_MAX).await;
    let needs = part(List::Needs, &asked.needs).await?;
    let resources = part(List::Resources, &asked.resources).await?;
    let projects = part(List::Projects, &asked.projects).await?;
    let mut columns = Vec::new();
    for need in &needs.items {
        columns.push((need, fits(&app, need, &resources.items).await?));
    }
    let more = |list: List, part: &Listing| {
        html! {
            @if let Some(next) = &part.next { p { a href={ "/lists?" (list.name()) "=" (next) } { (visitor.say("下一页", "Next page")) } } }
        }
    };
    let body = html! {
        div .lists {
            section {
                h2 { (List::Needs.title().in_tongue(visitor.tongue)) " " small { (count(&needs)) } }
                @for (need, fits) in &columns {
                    (entry(&visitor, &shelf, need))
                    (suggestions(&app, &visitor, &shelf, need, fits))
                }
                (more(List::Needs, &needs))
            }
            section {
                h2 { (List::Resources.title().in_tongue(visitor.tongue)) " " small { (count(&resources)) } }
                @for resource in &resources.items { (entry(&visitor, &shelf, resource)) }
                (more(List::Resources, &resources))
            }
            section {
                h2 { (List::Projects.title().in_tongue(visitor.tongue)) " " small { (count(&projects)) } }
                @for project in &projects.items { (entry(&visitor, &shelf, project)) }
                (more(List::Projects, &projects))
            }
        }
    };
    Ok(page(&app, &visitor, visitor.say("三张清单", "The three lists"), &body))
}

/// How many there are on a page; with a sign when there are more.
fn count(part: &Listing) -> String {
    format!("{}{}", part.items.len(), if part.next.is_some() { "+" } else { "" })
}

/// The resources that fit a need best.
async fn fits<'l, W: World>(
    app: &App<W>,
    need: &Listed,
    resources: &'l [Listed],
) -> Result<Vec<Fit<'l>>, Problem> {
    let now = app.desk.world.clock().now().millis();
    let scored = resources.iter().filter_map(|r| score(&need.item, &r.item, now).map(|score| (r, score)));
    let mut scored: Vec<(&Listed, Score)> = scored.collect();
    scored.sort_by(|a, b| (b.1.points, a.0.item.opened).cmp(&(a.1.points, b.0.item.opened)));
    let mut found = Vec::new();
    for (resource, score) in scored.into_iter().take(SUGGESTED) {
        if let Some(party) = party_of(app, &resource.stream).await? {
            found.push(Fit { resource, party, score });
        }
    }
    Ok(found)
}

/// Whose a resource is, as its definition says.
async fn party_of<W: World>(app: &App<W>, stream: &str) -> Result<Option<String>, Problem> {
    let Some(case) = app.desk.queries.case(stream).await? else { return Ok(None) };
    let shelf = app.desk.shelf.now();
    let rules = shelf.workflow(&case.filing.digest).into_iter().flat_map(|workflow| workflow.claims.values());
    let field = rules.filter_map(|claims| claims.offered_by.as_ref()).next();
    Ok(match field.and_then(|field| case.form.fields.get(field)).and_then(Held::open) {
        Some(Value::Person(subject)) => Some(subject.clone()),
        Some(Value::Unit(unit)) => Some(format!("unit-{unit}")),
        _ => None,
    })
}

fn entry(visitor: &Visitor, shelf: &InForce, listed: &Listed) -> Markup {
    let workflow = definition(shelf, &listed.workflow);
    let title = ["wish", "what"].iter().filter_map(|name| FieldId::parse(name));
    let title =
        title.filter_map(|id| listed.item.show.get(&id).map(|v| words(visitor, workflow, &id, v))).next();
    html! {
        article .item {
            h3 { a href={ "/" (listed.stream) } { (title.unwrap_or_else(|| listed.number.clone())) } }
            p {
                (listed.item.state.in_tongue(visitor.tongue)) " · "
                (unit_name(visitor, shelf, listed.item.community.as_ref()))
                @if let Some(left) = listed.item.left {
                    " · " (visitor.say("剩余 ", "left ")) (left) "/" (listed.item.quantity)
                }
            }
        }
    }
}

fn suggestions<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    shelf: &InForce,
    need: &Listed,
    fits: &[Fit<'_>],
) -> Markup {
    html! {
        @if !fits.is_empty() {
            details {
                summary { (visitor.say("合适的资源", "What would fit")) " " (fits.len()) }
                @for fit in fits {
                    @let qty = need.item.left.unwrap_or(1).min(fit.resource.item.left.unwrap_or(1));
                    div .fit {
                        (entry(visitor, shelf, fit.resource))
                        p { strong { (fit.score.points) } "/100" }
                        ul { @for ground in &fit.score.grounds {
                            li { (ground.text.in_tongue(visitor.tongue)) " " (ground.points) "/" (ground.most) }
                        } }
                        form method="post" action={ "/" (need.stream) } {
                            input type="hidden" name="_token" value=(app.desk.world.ids().code());
                            input type="hidden" name="_action" value="claim";
                            input type="hidden" name="resource" value=(fit.resource.stream);
                            input type="hidden" name="party" value=(fit.party);
                            input type="hidden" name="qty" value=(qty);
                            button { (visitor.say("对接 ", "Match ")) (qty) }
                        }
                    }
                }
            }
        }
    }
}
