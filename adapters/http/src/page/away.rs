//! Being away: who stands in for me, for whom I stand in, and a form to say so before a leave.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Redirect;
use maud::{Markup, html};
use paidan_model::moment::Moment;
use paidan_model::roster::{Absence, Roster};
use paidan_runtime::absence::may_stand_in;
use paidan_runtime::{Clock as _, World};
use serde::Deserialize;

use crate::api::absence::{known, written};
use crate::form::Filled;
use crate::page::layout::page;
use crate::problem::{Code, Problem};
use crate::visitor::Visitor;
use crate::{App, Door};

/// Colleagues to choose from.
const COLLEAGUES_MAX: usize = 500;

fn admin<W: World>(app: &App<W>, visitor: &Visitor) -> bool {
    app.door == Door::Accounts && visitor.account.as_ref().is_some_and(|account| account.admin)
}

async fn somebody<W: World>(app: &App<W>, headers: &HeaderMap) -> Result<Visitor, Problem> {
    let visitor = Visitor::of(app, headers).await?;
    if visitor.is_known() { Ok(visitor) } else { Err(Problem::of(Code::NotSignedIn)) }
}

/// The page.
pub async fn show<W: World>(State(app): State<App<W>>, headers: HeaderMap) -> Result<Markup, Problem> {
    let visitor = somebody(&app, &headers).await?;
    let shelf = app.desk.shelf.now();
    let name = |subject: &str| {
        let title = paidan_views::people::person(&shelf.roster, subject);
        title.map_or_else(|| subject.to_string(), |title| title.in_tongue(visitor.tongue).to_string())
    };
    let now = app.desk.world.clock().now();
    let fits = |id: &&String| may_stand_in(&shelf.roster, &visitor.subject, id, now);
    let mut colleagues: Vec<&String> = shelf.roster.people.keys().filter(fits).collect();
    colleagues.sort_by_key(|id| !same_unit(&shelf.roster, &visitor.subject, id));
    colleagues.truncate(COLLEAGUES_MAX);
    let all = known(&app, &visitor.subject, admin(&app, &visitor));
    let body = html! {
        p { (visitor.say(
            "请假或出差时，请一位同事代办：您的任务他也能看到、能办理，消息两人都收到。谁代谁办的，记录里写明。",
            "Before a leave, name a colleague: they see your tasks and may do them, and both of you get the messages. The history says who did it for whom.",
        )) }
        @if all.is_empty() { p .none { (visitor.say("现在没有人请假。", "Nobody is away.")) } }
        @else { table .stacks {
            thead { tr {
                th { (visitor.say("谁", "Who")) } th { (visitor.say("谁代办", "Who stands in")) }
                th { (visitor.say("时间", "When")) } th { (visitor.say("办理", "To do")) }
            } }
            tbody { @for absence in &all { (row(&visitor, absence, &name)) } }
        } }
        @if !colleagues.is_empty() {
            form .form method="post" action="/away" {
                label { span { (visitor.say("谁代办 *", "Who stands in *")) } select name="deputy" required {
                    option value="" { "—" }
                    @for id in colleagues { option value=(id) { (name(id)) } }
                } }
                label { span { (visitor.say("从（不填就是现在）", "From (leave it for now)")) } input type="datetime-local" name="from"; }
                label { span { (visitor.say("到 *", "Until *")) } input type="datetime-local" name="until" required; }
                button { (visitor.say("请他代办", "Ask them to stand in")) }
            }
        }
    };
    Ok(page(&app, &visitor, visitor.say("请假代办", "Stand-ins"), &body))
}

/// Whether two people work at the same unit: these come first, for they know the matters.
fn same_unit(roster: &Roster, one: &str, other: &str) -> bool {
    let units = |who: &str| roster.people.get(who).into_iter().flat_map(|person| &person.posts);
    units(one).any(|held| units(other).any(|of| of.unit == held.unit))
}

fn row(visitor: &Visitor, absence: &Absence, name: &dyn Fn(&str) -> String) -> Markup {
    let zone = visitor.zone;
    html! { tr {
        td { (name(&absence.person)) }
        td { (visitor.say("代办：", "Stands in: ")) (name(&absence.deputy)) }
        td { (absence.from.local_text(&zone)) " – " (absence.until.local_text(&zone)) }
        td { @if absence.person == visitor.subject {
            form method="post" action="/away/back" { button { (visitor.say("我回来了", "I am back")) } }
        } }
    } }
}

/// What the form holds.
#[derive(Deserialize)]
pub struct Leave {
    deputy: String,
    #[serde(default)]
    from: String,
    until: String,
}

fn local(visitor: &Visitor, text: &str) -> Result<Moment, Problem> {
    let wrong = || Problem::of(Code::Malformed).because("a time is written as 2026-10-08T12:00");
    Moment::parse_local(&text.replace('T', " "), &visitor.zone).ok_or_else(wrong)
}

/// Says that one is away.
pub async fn leave<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    Filled(leave): Filled<Leave>,
) -> Result<Redirect, Problem> {
    let visitor = somebody(&app, &headers).await?;
    let from = if leave.from.is_empty() { None } else { Some(local(&visitor, &leave.from)?) };
    let person = visitor.subject.clone();
    written(&app, &visitor.actor, person, leave.deputy, from, local(&visitor, &leave.until)?).await?;
    Ok(Redirect::to("/away"))
}

/// Says that one is back.
pub async fn back<W: World>(State(app): State<App<W>>, headers: HeaderMap) -> Result<Redirect, Problem> {
    let visitor = somebody(&app, &headers).await?;
    app.desk.end_absence(&visitor.actor, &visitor.subject).await?;
    Ok(Redirect::to("/away"))
}
