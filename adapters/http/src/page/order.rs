//! The form that opens a case: made from the definition's own fields.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use paidan_model::field::{Field, FieldType, SetBy};
use paidan_model::id::{FieldId, WorkflowId};
use paidan_model::state::{Alternative, Target};
use paidan_model::workflow::Workflow;
use paidan_runtime::commands::{Key, Want};
use paidan_runtime::{Actor, Case, CaseClock, Ids as _, Receipt, World, opens_for_others_somewhere};

use crate::form::input::Sheet;
use crate::form::{self, Arrived, Draft, Sent};
use crate::page::back::Back;
use crate::page::layout::page;
use crate::page::season::links;
use crate::path::Path;
use crate::problem::{Code, Problem};
use crate::visitor::Visitor;
use crate::{App, Door};

/// Residents open what the settings name; whoever is known opens the rest.
pub fn may_open<W: World>(app: &App<W>, visitor: &Visitor, workflow: &WorkflowId) -> bool {
    let open = app.open_to_residents.iter().any(|id| id == workflow.as_str());
    visitor.is_known() || app.door == Door::Demonstration || open
}

fn allowed<W: World>(app: &App<W>, visitor: &Visitor, name: &str) -> Result<WorkflowId, Problem> {
    let id = WorkflowId::parse(name).ok_or_else(Problem::not_found)?;
    if may_open(app, visitor, &id) { Ok(id) } else { Err(Problem::of(Code::NotSignedIn)) }
}

/// The fields of the form. A resident without an account is not asked who he is: the case gets a fresh id.
fn asked<'w>(workflow: &'w Workflow, visitor: &Visitor) -> Vec<(&'w FieldId, &'w Field)> {
    let shown = |(id, field): &(&FieldId, &Field)| {
        let later = workflow.states.values().flat_map(|state| state.on.values());
        let later = later.flat_map(|action| &action.fill).any(|filled| filled == *id);
        let photos = field.kind == FieldType::Files && field.required_from.is_empty() && !later;
        let intake = field.required || photos;
        let person = field.kind == FieldType::Person && !visitor.is_known();
        intake && field.required_when.is_none() && field.set_by == SetBy::People && !person
    };
    workflow.fields_in_order().into_iter().filter(shown).collect()
}

/// What may be said from the start and need not be: fields that no later step asks for.
fn optional<'w>(workflow: &'w Workflow, visitor: &Visitor) -> Vec<(&'w FieldId, &'w Field)> {
    let first: Vec<&FieldId> = asked(workflow, visitor).into_iter().map(|(id, _)| id).collect();
    // What is completed on the way back to the start is asked for at the start.
    let starts =
        |way: &Alternative| matches!(&way.go, Some(Target::State(to)) if workflow.start.contains(to));
    let later = workflow.states.values().flat_map(|state| state.on.values());
    let later =
        later.filter(|action| !action.alternatives.iter().any(starts)).flat_map(|action| &action.fill);
    let claims =
        workflow.claims.values().flat_map(|claims| claims.at_contact.iter().chain(&claims.at_delivery));
    let later: Vec<&FieldId> = later.chain(claims).collect();
    let free = |(id, field): &(&FieldId, &Field)| {
        let asked_later = !field.required_from.is_empty() || later.contains(id);
        let listed =
            matches!(field.kind, FieldType::Roster | FieldType::Table | FieldType::Case | FieldType::Person);
        field.set_by == SetBy::People && !asked_later && !listed && !first.contains(id)
    };
    workflow.fields_in_order().into_iter().filter(free).collect()
}

/// The empty form.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Markup, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    let id = allowed(&app, &visitor, &name)?;
    shown(&app, &visitor, &id, None).await
}

/// The form, empty or as it was when it was not taken.
async fn shown<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    id: &WorkflowId,
    back: Option<&Back>,
) -> Result<Markup, Problem> {
    let shelf = app.desk.shelf.now();
    let digest = shelf.latest(id).ok_or_else(Problem::not_found)?;
    let workflow = shelf.workflow(digest).ok_or_else(Problem::not_found)?;
    let token = app.desk.world.ids().code();
    let token = back.and_then(Back::token).unwrap_or(&token);
    let links = links(app, workflow).await?;
    let draft = back.map(Back::whole).unwrap_or_default();
    let sheet = Sheet { visitor, workflow, roster: &shelf.roster, links: &links, draft };
    let body = html! {
        @if let Some(back) = back { (back.notice(visitor, true)) }
        form .form id=[back.map(|_| "refused")] method="post" enctype="multipart/form-data" {
            input type="hidden" name="_token" value=(token);
            @for (id, field) in asked(workflow, visitor) {
                @if field.kind == FieldType::Person && field.post.is_empty() && opens_for_others(visitor, workflow) {
                    (whose(visitor, id, field, &draft))
                } @else {
                    (sheet.input(id, field, field.required && field.kind != FieldType::Person, None))
                }
            }
            @let more = optional(workflow, visitor);
            @if !more.is_empty() {
                details open[more.iter().any(|(id, _)| !draft.all(id.as_str()).is_empty())] {
                    summary { (visitor.say("补充（可不填）", "More, if you like")) }
                    @for (id, field) in more { (sheet.input(id, field, false, None)) }
                }
            }
            button { (visitor.say("提交", "Send")) }
        }
    };
    Ok(page(app, visitor, workflow.title.in_tongue(visitor.tongue), &body))
}

/// Whether a visitor may write down the matters of others.
fn opens_for_others(visitor: &Visitor, workflow: &Workflow) -> bool {
    match &visitor.actor {
        Actor::Engine => false,
        Actor::Person { posts, .. } => opens_for_others_somewhere(workflow, posts),
    }
}

/// Whose matter it is, when somebody with a post writes it down: of a resident who called or came and has neither
/// account nor telephone, or their own.
fn whose(visitor: &Visitor, id: &FieldId, field: &Field, draft: &Draft<'_>) -> Markup {
    html! {
        label {
            span { (field.label.in_tongue(visitor.tongue)) }
            select name=(id) {
                option value="" { (visitor.say("来电或来访的居民（不用手机、没有账号）", "A resident who called or came (no phone, no account needed)")) }
                option value=(visitor.subject) selected[draft.has(id.as_str(), &visitor.subject)] { (visitor.say("我自己", "Myself")) }
            }
        }
    }
}

/// The paper for a resident without a telephone: the number, the code and the promised date, to be printed.
fn slip<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    workflow: &Workflow,
    case: Option<&Case>,
    receipt: &Receipt,
) -> Markup {
    let is_public = |clock: &&CaseClock| workflow.clocks.get(&clock.key.clock).is_some_and(|c| c.public);
    let promised = case.and_then(|case| case.clocks.all.iter().rev().find(is_public));
    html! {
        section .slip {
            h2 { (workflow.title.in_tongue(visitor.tongue)) }
            p .receipt { (receipt.number) }
            @if let Some(clock) = promised {
                p { (visitor.say("承诺日期：", "Promised by: ")) strong { (clock.due.local_text(&visitor.zone)) } }
            }
            @if let Some(code) = &receipt.code {
                p { (visitor.say("查询码（请保存，只显示一次）：", "Tracking code (keep it; it is shown once): ")) code { (code) } }
                p { small { (visitor.say("凭查询码在网上或到服务窗口查询、评价、提出异议：", "With the code you can ask, rate or object, online or at the service counter: ")) (app.base) "/track" } }
            }
            @if visitor.has_posts() {
                p .screen-only { (visitor.say("没有手机的，打印本页交给本人；评价可用纸质票，由派单员代填并附照片。", "For somebody without a phone, print this page and hand it over; a rating on paper is entered by the dispatcher with a photo of it.")) }
            }
        }
    }
}

/// Opens the case; sending the same form twice opens one. What is not taken comes back as it was written.
pub async fn send<W: World>(
    State(app): State<App<W>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    let id = allowed(&app, &visitor, &name)?;
    let Arrived { sent, refused } = form::arrive(&app, &visitor, request).await?;
    let shelf = app.desk.shelf.now();
    let digest = shelf.latest(&id).ok_or_else(Problem::not_found)?;
    let workflow = shelf.workflow(digest).ok_or_else(Problem::not_found)?;
    let opened = match refused {
        Some(problem) => Err(problem),
        None => open(&app, &visitor, workflow, &sent).await,
    };
    match opened {
        Ok(receipt) => Ok(received(&app, &visitor, workflow, &receipt).await?.into_response()),
        Err(problem) => {
            let back = Back::of(problem, workflow, &shelf, sent);
            Ok(back.answer(shown(&app, &visitor, &id, Some(&back)).await?))
        }
    }
}

async fn open<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    definition: &Workflow,
    sent: &Sent,
) -> Result<Receipt, Problem> {
    let workflow = definition.id.clone();
    let fill = form::values(&definition.fields, &visitor.zone, sent);
    let body = serde_json::to_vec(&fill).unwrap_or_default();
    let token = form::one(sent, "_token").map_or_else(|| app.desk.world.ids().code(), ToString::to_string);
    let key = Key::of(&[&visitor.subject, &token, "open", workflow.as_str()], &body);
    let want = Want::Open { workflow, fill, channel: "page".into(), parent: None, levels_of: None };
    let actor = match visitor.is_known() {
        true => visitor.actor.clone(),
        false => app.desk.actor(&form::stranger(&token), "page"),
    };
    Ok(app.desk.commands.ask(actor, want, Some(key)).await?)
}

/// The receipt, to be kept or printed.
async fn received<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    workflow: &Workflow,
    receipt: &Receipt,
) -> Result<Markup, Problem> {
    let case = app.desk.queries.case(&receipt.stream).await?;
    let body = html! {
        (slip(app, visitor, workflow, case.as_ref(), receipt))
        @if let Some(code) = &receipt.code {
            form .screen-only method="post" action="/track" {
                input type="hidden" name="code" value=(code);
                button { (visitor.say("查看进度", "See how it stands")) }
            }
        }
        @if visitor.is_known() { p .screen-only { a href={ "/" (receipt.stream) } { (visitor.say("打开", "Open")) } } }
    };
    Ok(page(app, visitor, visitor.say("已受理", "Received"), &body))
}
