//! The dispatch desk (派单台): orders that wait for somebody to be named, what may be the same, and who could take the one
//! at hand, with the reasons. A press of a number names the candidate.

use std::collections::BTreeSet;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use maud::{Markup, html};
use paidan_model::field::{Field, FieldType, SetBy};
use paidan_model::id::FieldId;
use paidan_model::moment::Moment;
use paidan_model::workflow::Workflow;
use paidan_runtime::shelf::InForce;
use paidan_runtime::{Case, Clock as _, Ids as _, Offer, Seen, ViewRow, World};
use paidan_views::matching::Score;
use paidan_views::worklist::Body;
use serde::Deserialize;

use crate::App;
use crate::candidates::{Duplicate, Who, candidates, duplicates};
use crate::page::back::Back;
use crate::page::layout::page;
use crate::page::wall::from_start;
use crate::problem::{Code, Problem};
use crate::visitor::Visitor;

/// Tasks looked through.
const TASKS_MAX: u32 = 1_000;
/// Tasks shown that need a step first.
const SORT_SHOWN: usize = 30;
/// Candidates shown.
const SHOWN: usize = 9;

/// Which order is at hand; the first that waits when nothing is said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AtHand {
    order: Option<String>,
}

/// An order that waits, and the action that names somebody.
struct Waiting {
    row: ViewRow,
    body: Body,
    case: Case,
    offer: Offer,
    field: FieldId,
}

/// The page.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    at_hand: Result<Query<AtHand>, QueryRejection>,
) -> Result<Markup, Problem> {
    let Query(at_hand) = at_hand.map_err(|error| Problem::of(Code::Malformed).because(error.body_text()))?;
    let visitor = Visitor::of(&app, &headers).await?;
    if !visitor.is_known() {
        return Err(Problem::of(Code::NotSignedIn));
    }
    shown(&app, &visitor, at_hand.order.as_deref(), None).await
}

/// The desk with an order at hand, and why somebody could not be named for it.
pub async fn shown<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    order: Option<&str>,
    back: Option<&Back>,
) -> Result<Markup, Problem> {
    let Queue { waiting, unsorted, more } = queue(app, visitor).await?;
    let wanted = |one: &&Waiting| order.is_none_or(|number| one.body.number == number);
    let gone = back.is_some() && !waiting.iter().any(|one| wanted(&one));
    let one = waiting.iter().find(wanted).or_else(|| waiting.first().filter(|_| gone));
    let detail = match one {
        Some(one) => detail(app, visitor, one).await?,
        None => {
            html! { p .none { (visitor.say("没有等待派单的事项。", "Nothing waits to be dispatched.")) } }
        }
    };
    let chosen = one.map(|one| one.body.number.as_str());
    let body = html! {
        @if let Some(back) = back { (back.notice(visitor, false)) }
        @if gone { p role="status" { (visitor.say("这一件已经派出或转走了。", "That order has been dispatched or has gone elsewhere.")) } }
        div .desk {
            div { (list(app, visitor, &waiting, chosen, more)) (to_sort(visitor, &unsorted)) }
            (detail)
        }
        script src="/static/dispatch.js" defer {}
    };
    Ok(page(app, visitor, visitor.say("派单台", "Dispatch desk"), &body))
}

/// What the desk has before it.
struct Queue {
    /// Tasks in which somebody is to be named.
    waiting: Vec<Waiting>,
    /// Tasks of the same workflows that need another step first.
    unsorted: Vec<Body>,
    /// Whether there are more tasks than were looked through.
    more: bool,
}

/// The visitor's tasks in which somebody is to be named, and those that need a step before that.
async fn queue<W: World>(app: &App<W>, visitor: &Visitor) -> Result<Queue, Problem> {
    let mut found: Vec<Waiting> = Vec::new();
    let mut unsorted: Vec<Body> = Vec::new();
    let (rows, more) = tasks(app, visitor).await?;
    let naming = naming(&app.desk.shelf.now());
    for row in rows {
        let Ok(body) = serde_json::from_str::<Body>(&row.body) else { continue };
        let known = found.iter().any(|one| one.body.stream == body.stream);
        if body.leg.is_some() || known || !naming.contains(&body.workflow) {
            continue;
        }
        let Some(case) = app.desk.queries.case(&body.stream).await? else { continue };
        let shelf = app.desk.shelf.now();
        let Some(workflow) = shelf.workflow(&case.filing.digest) else { continue };
        let offers = app.desk.queries.offers(&case, &visitor.actor);
        let named = offers.into_iter().find_map(|offer| names(workflow, &offer).map(|field| (offer, field)));
        match named {
            Some((offer, field)) => found.push(Waiting { row, body, case, offer, field }),
            None if unsorted.iter().any(|other| other.stream == body.stream) => {}
            None => unsorted.push(body),
        }
    }
    Ok(Queue { waiting: found, unsorted, more })
}

/// What needs another step before somebody can be named for it.
fn to_sort(visitor: &Visitor, unsorted: &[Body]) -> Markup {
    html! {
        @if !unsorted.is_empty() {
            details {
                summary { (visitor.say("还要先办一步的 ", "Need a step first ")) (unsorted.len()) }
                ul { @for body in unsorted.iter().take(SORT_SHOWN) {
                    li { a href={ "/" (body.stream) } { (body.number) } br; small { (visitor.say(&body.zh, &body.en)) } }
                } }
            }
        }
    }
}

/// The workflows in which somebody is named at all; the cases of others need not be read.
fn naming(shelf: &InForce) -> BTreeSet<String> {
    let names = |workflow: &&Workflow| {
        workflow.fields.values().any(|f| !f.post.is_empty() || f.kind == FieldType::Units)
    };
    shelf.workflows().filter(names).map(|workflow| workflow.id.to_string()).collect()
}

/// The visitor's tasks, those due first before the others; and whether there are more than are looked through.
async fn tasks<W: World>(app: &App<W>, visitor: &Visitor) -> Result<(Vec<ViewRow>, bool), Problem> {
    let mut rows = app.desk.queries.page("task", &visitor.lists(), &from_start(), TASKS_MAX + 1).await?;
    let more = rows.len() > TASKS_MAX as usize;
    rows.truncate(TASKS_MAX as usize);
    Ok((rows, more))
}

/// The field of an open action that names who does it: a person with a job, or departments.
fn names(workflow: &Workflow, offer: &Offer) -> Option<FieldId> {
    let form = offer.open.as_ref().ok().filter(|_| offer.leg.is_none())?;
    let of_people = |field: &Field| field.kind == FieldType::Person && !field.post.is_empty();
    let fits = |id: &&FieldId| {
        workflow.fields.get(*id).is_some_and(|field| of_people(field) || field.kind == FieldType::Units)
    };
    form.fields.iter().find(fits).cloned()
}

fn list<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    waiting: &[Waiting],
    chosen: Option<&str>,
    more: bool,
) -> Markup {
    let now = app.desk.world.clock().now();
    html! {
        nav .orders aria-label=(visitor.say("等待派单", "Waiting")) {
            h2 { (visitor.say("等待派单", "Waiting")) " " small { (waiting.len()) } }
            @if more { p { (visitor.say("任务很多，这里只看最先到期的一千件。", "There are many tasks; these are from the thousand due first.")) } }
            ol {
                @for one in waiting {
                    @let due = one.row.due.map(Moment::from_millis);
                    li .late[due.is_some_and(|due| due < now)] {
                        a href={ "/dispatch?order=" (one.body.number) } aria-current=[(chosen == Some(one.body.number.as_str())).then_some("true")] {
                            (one.body.number)
                        }
                        br; small {
                            (visitor.say(&one.body.zh, &one.body.en))
                            @if let Some(due) = due { " · " (due.local_text(&visitor.zone)) }
                        }
                    }
                }
            }
        }
    }
}

/// The order at hand: what is asked, what may be the same, and who could take it.
async fn detail<W: World>(app: &App<W>, visitor: &Visitor, one: &Waiting) -> Result<Markup, Problem> {
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&one.case.filing.digest).ok_or_else(Problem::not_found)?;
    let seen = app.desk.queries.look(&visitor.actor, &one.body.stream, None, "case").await?;
    let seen = seen.ok_or_else(Problem::not_found)?;
    let who = candidates(app, workflow, &one.case, &one.field).await?;
    let alike = duplicates(app, visitor, workflow, &seen).await?;
    let token = app.desk.world.ids().code();
    Ok(html! {
        section .order {
            h2 { a href={ "/" (one.body.stream) } { (one.body.number) } }
            (asked(visitor, &shelf, workflow, &seen))
            (same(app, visitor, one, &alike))
            h3 { (one.offer.title.in_tongue(visitor.tongue)) }
            @if who.is_empty() { p .none { (visitor.say("名册里没有合适的人。", "Nobody in the roster fits.")) } }
            (people(visitor, workflow, one, &who, &token, seen.seq))
            p { a href={ "/" (one.body.stream) } { (visitor.say("其他办法", "Something else")) } }
        }
    })
}

/// What is asked: the words that the asker may see.
fn asked(visitor: &Visitor, shelf: &InForce, workflow: &Workflow, seen: &Seen) -> Markup {
    let shown = |(id, field): (&FieldId, &Field)| {
        let value = seen.values.get(id)?;
        if field.set_by == SetBy::Engine {
            return None;
        }
        let kind = matches!(
            field.kind,
            FieldType::Text
                | FieldType::Phone
                | FieldType::Place
                | FieldType::Choice
                | FieldType::Int
                | FieldType::Files
        );
        let words = crate::page::value::shown(visitor, &shelf.roster, field, &seen.case.filing.stream, value);
        kind.then(|| (field.label.in_tongue(visitor.tongue).to_string(), words))
    };
    html! {
        dl { @for (label, words) in workflow.fields_in_order().into_iter().filter_map(shown) {
            dt { (label) } dd { (words) }
        } }
    }
}

/// What may be the same matter, with the ground; one press makes them one, where the definition has such an action.
fn same<W: World>(app: &App<W>, visitor: &Visitor, one: &Waiting, alike: &[Duplicate]) -> Markup {
    let merge = app
        .desk
        .queries
        .offers(&one.case, &visitor.actor)
        .into_iter()
        .find(|offer| offer.action.as_str() == "merge" && offer.open.is_ok());
    html! {
        @if !alike.is_empty() {
            div .alike role="status" {
                strong { (visitor.say("可能是同一件事", "May be the same matter")) }
                ul { @for other in alike { li {
                    a href={ "/" (other.stream) } { (other.number) } " · " (other.ground.in_tongue(visitor.tongue))
                    @if let Some(merge) = &merge {
                        form method="post" action={ "/" (one.body.stream) } {
                            input type="hidden" name="_token" value=(app.desk.world.ids().code());
                            input type="hidden" name="_action" value=(merge.action);
                            input type="hidden" name="_next" value="/dispatch";
                            input type="hidden" name="same_as" value=(other.number);
                            button { (visitor.say("并入 ", "Join with ")) (other.number) }
                        }
                    }
                } } }
            }
        }
    }
}

fn people(
    visitor: &Visitor,
    workflow: &Workflow,
    one: &Waiting,
    who: &[Who],
    token: &str,
    seq: u64,
) -> Markup {
    let several = workflow.fields.get(&one.field).is_some_and(|field| field.kind == FieldType::Units);
    html! {
        ol .candidates {
            @for (n, who) in (1..).zip(who.iter().take(SHOWN)) {
                li {
                    @if several {
                        strong { (who.title.in_tongue(visitor.tongue)) }
                        (grounds(visitor, &who.score))
                    } @else {
                        form method="post" action={ "/" (one.body.stream) } {
                            input type="hidden" name="_token" value={ (token) "-" (n) };
                            input type="hidden" name="_action" value=(one.offer.action);
                            input type="hidden" name="_seen" value=(seq);
                            input type="hidden" name="_next" value="/dispatch";
                            input type="hidden" name=(one.field) value=(who.id);
                            button accesskey=(n) data-number=(n) { (n) " " (who.title.in_tongue(visitor.tongue)) }
                            " " strong { (who.score.points) } "/" (most(&who.score))
                        }
                        (grounds(visitor, &who.score))
                    }
                }
            }
        }
    }
}

fn most(score: &Score) -> i64 {
    score.grounds.iter().map(|ground| ground.most).sum()
}

fn grounds(visitor: &Visitor, score: &Score) -> Markup {
    html! {
        ul { @for ground in &score.grounds {
            li { (ground.text.in_tongue(visitor.tongue)) @if ground.most > 0 { " " small { (ground.points) "/" (ground.most) } } }
        } }
    }
}
