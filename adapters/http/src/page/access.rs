//! Who looked at a case, in words: for the person it is about, auditors above it, and administrators.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use maud::{Markup, html};
use paidan_model::id::FieldId;
use paidan_model::moment::Moment;
use paidan_model::roster::Roster;
use paidan_model::workflow::Workflow;
use paidan_runtime::{Look, World};
use serde::Deserialize;

use crate::api::access::audited;
use crate::page::layout::page;
use crate::path::Path;
use crate::problem::{Code, Problem};
use crate::visitor::Visitor;
use crate::{App, Door};

/// Looks on one page.
const LOOKS_SHOWN: usize = 200;

/// Before which look; milliseconds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Back {
    before: Option<i64>,
}

/// The page, the latest looks first.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    back: Result<Query<Back>, QueryRejection>,
) -> Result<Markup, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    if !visitor.is_known() {
        return Err(Problem::of(Code::NotSignedIn));
    }
    let admin = app.door == Door::Accounts && visitor.account.as_ref().is_some_and(|account| account.admin);
    let stream = audited(&app, &visitor.actor, admin, &id).await?;
    let Query(back) = back.map_err(|error| Problem::of(Code::Malformed).because(error.body_text()))?;
    let (looks, older) = app.desk.access.latest_looks(&stream, back.before, LOOKS_SHOWN).await?;
    let shelf = app.desk.shelf.now();
    let case = app.desk.queries.case(&stream).await?;
    let workflow = case.and_then(|case| shelf.workflow(&case.filing.digest));
    let body = html! {
        p { a href={ "/" (stream) } { (visitor.say("回到这件事", "Back to the case")) } }
        p { (visitor.say("每次查看都先记下来，再给看；您这一次也在里面。", "Each look is written down before it is answered; this one of yours too.")) }
        table .stacks {
            thead { tr {
                th { (visitor.say("时间", "When")) } th { (visitor.say("谁", "Who")) }
                th { (visitor.say("看了什么", "What")) } th { (visitor.say("怎么看的", "By which way")) }
            } }
            tbody { @for look in &looks { (row(&visitor, &shelf.roster, workflow, look)) } }
        }
        @if let (true, Some(last)) = (older, looks.last()) {
            p { a href={ "/" (stream) "/access?before=" (last.at) } { (visitor.say("更早的", "Earlier ones")) } }
        }
    };
    Ok(page(&app, &visitor, visitor.say("谁看过这件事", "Who looked at this case"), &body))
}

fn row(visitor: &Visitor, roster: &Roster, workflow: Option<&Workflow>, look: &Look) -> Markup {
    let called = |id: &String| {
        let field = FieldId::parse(id).and_then(|id| workflow?.fields.get(&id));
        field.map_or(id.as_str(), |field| field.label.or_id(visitor.tongue, id)).to_string()
    };
    let person = roster.people.get(&look.subject).map(|person| person.title.in_tongue(visitor.tongue));
    let who = if look.subject == visitor.subject { Some(visitor.say("我", "me")) } else { person };
    let mut units: Vec<&str> = look
        .posts
        .iter()
        .filter_map(|held| roster.units.get(&held.unit))
        .map(|unit| unit.title.in_tongue(visitor.tongue))
        .collect();
    units.sort_unstable();
    units.dedup();
    let what = match look.what.as_str() {
        "file" => visitor.say("附件", "a file"),
        "receipt" => visitor.say("投票凭据", "a ballot's receipt"),
        "history" => visitor.say("回放", "the replay"),
        "verify" => visitor.say("回放并核验", "the replay, and verified it"),
        "access" => visitor.say("这份记录", "this log"),
        "records" => visitor.say("原样记录", "the records as they are stored"),
        "xes" => visitor.say("事件日志", "the event log"),
        "compare" => visitor.say("与另一件比对", "compared with another case"),
        _ => visitor.say("内容", "the case"),
    };
    let via = match look.via.as_str() {
        "page" => visitor.say("网页", "page"),
        "code" => visitor.say("查询码", "tracking code"),
        "api" => visitor.say("程序接口", "program"),
        other => other,
    };
    html! { tr {
        td { (Moment::from_millis(look.at).local_text(&visitor.zone)) }
        td { (who.unwrap_or(&look.subject)) @if !units.is_empty() { br; small { (units.join("、")) } } }
        td {
            (what)
            @if !look.allowed { " " strong { (visitor.say("未获准", "refused")) } }
            @if !look.fields.is_empty() { br; small { (look.fields.iter().map(called).collect::<Vec<_>>().join(visitor.say("、", ", "))) } }
        }
        td { (via) }
    } }
}
