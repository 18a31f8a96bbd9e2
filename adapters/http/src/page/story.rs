//! The story (DESIGN.md 2) as three panes: the resident's phone, a department's inbox, the subdistrict's desk, and the
//! messages below. A slider goes back to any record under the rules of that day. `dev` only.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use maud::{Markup, html};
use paidan_model::id::UnitId;
use paidan_model::moment::Moment;
use paidan_model::workflow::Workflow;
use paidan_runtime::past::named;
use paidan_runtime::shelf::InForce;
use paidan_runtime::{By, Case, CaseClock, Clock as _, Posted, World};
use paidan_runtime::{Entry, fold};
use paidan_views::strip::strip;
use serde::Deserialize;

use crate::App;
use crate::page::layout::page;
use crate::page::sink::{Line, line};
use crate::page::then::{Place, Rules, slider, states};
use crate::problem::{Code, Problem};
use crate::stage::Forged;
use crate::visitor::Visitor;

/// Messages looked through for those of the story.
const MESSAGES: u32 = 200;
/// Messages shown.
const SHOWN: usize = 12;

/// Up to which record.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Until {
    seq: Option<usize>,
}

/// The case of the story as it was, and what is needed to tell it.
struct Told<'s> {
    case: Case,
    entries: &'s [Entry],
    now: Moment,
}

/// The page.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    headers: HeaderMap,
    until: Result<Query<Until>, QueryRejection>,
) -> Result<Markup, Problem> {
    let Query(until) = until.map_err(|error| Problem::of(Code::Malformed).because(error.body_text()))?;
    let visitor = Visitor::of(&app, &headers).await?;
    shown(&app, &visitor, until.seq, None).await
}

/// Forges a byte on a copy, and shows what the audit says of it.
pub async fn forge<W: World>(State(app): State<App<W>>, headers: HeaderMap) -> Result<Markup, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    let stage = app.stage.clone().ok_or_else(Problem::not_found)?;
    let stream = stage.story().ok_or_else(Problem::not_found)?;
    let forged = stage.forge(&stream).await.map_err(|why| Problem::of(Code::Fault).because(why))?;
    shown(&app, &visitor, None, Some(&forged)).await
}

async fn shown<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    until: Option<usize>,
    forged: Option<&Forged>,
) -> Result<Markup, Problem> {
    let title = visitor.say("国庆前夜的电梯", "The lift on the eve of National Day");
    let stream = app.stage.as_ref().and_then(|stage| stage.story());
    let Some(stream) = stream else {
        let body = html! { p { (visitor.say("故事还没有开始，几秒后再看。", "The story has not begun; look again in a few seconds.")) } };
        return Ok(page(app, visitor, title, &body));
    };
    let entries = app.desk.queries.timeline(&stream).await?;
    let all = entries.len();
    let kept = until.unwrap_or(all).clamp(1, all.max(1));
    let entries = entries.get(..kept).unwrap_or_default();
    let case = fold(entries, None).ok_or_else(Problem::not_found)?;
    let clock = app.desk.world.clock().now();
    let last = entries.last().map_or(clock, |entry| entry.due.unwrap_or(entry.at));
    let told = Told { case, entries, now: if kept == all { clock } else { last } };
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&told.case.filing.digest).ok_or_else(Problem::not_found)?;
    let letters = letters(app, visitor, &told).await?;
    let place = Place { page: "/story", seq: told.entries.len(), all, at: told.now };
    let named = named(told.entries);
    let rules = Rules { workflow, case: &told.case, roster: &shelf.roster, named: &named, source: None };
    let body = html! {
        (slider(visitor, &place))
        div .panes {
            (resident(visitor, workflow, &told))
            (department(visitor, &shelf, workflow, &told))
            (subdistrict(visitor, &shelf, workflow, &told))
        }
        (sink(visitor, &letters))
        (rules.shown(visitor))
        (audit(visitor, forged))
        script src="/static/slider.js" defer {}
    };
    Ok(page(app, visitor, title, &body))
}

/// The resident's phone: the promised date, and what a resident is told.
fn resident(visitor: &Visitor, workflow: &Workflow, told: &Told<'_>) -> Markup {
    let is_public = |clock: &&CaseClock| workflow.clocks.get(&clock.key.clock).is_some_and(|c| c.public);
    let promised = told.case.clocks.all.iter().rev().find(is_public);
    let lines = told.entries.iter().rev().flat_map(|entry| {
        let words = paidan_views::timeline::for_resident(workflow, &entry.facts);
        words.into_iter().map(|text| (entry.due.unwrap_or(entry.at), text))
    });
    html! {
        section .pane {
            h2 { (visitor.say("居民的手机", "The resident's phone")) }
            p { strong { (told.case.filing.number) } br; (states(visitor, workflow, &told.case)) }
            @if let Some(clock) = promised {
                p { (visitor.say("承诺日期：", "Promised by: ")) strong { (clock.due.local_text(&visitor.zone)) } }
            }
            ul { @for (at, text) in lines.take(SHOWN) {
                li { small { (at.local_text(&visitor.zone)) } " " (text.in_tongue(visitor.tongue)) }
            } }
        }
    }
}

/// The department whose turn it is: the one that is late, else the one due first, else any.
fn whose_turn(case: &Case) -> Option<(&UnitId, Option<&CaseClock>)> {
    let mut open: Vec<&CaseClock> =
        case.clocks.all.iter().filter(|clock| clock.key.leg.is_some() && clock.verdict.is_none()).collect();
    open.sort_by_key(|clock| (!clock.late, clock.due));
    let clock = open.first().copied();
    let unit = clock.and_then(|clock| clock.key.leg.as_ref()).or_else(|| case.legs.by_unit.keys().next())?;
    Some((unit, clock))
}

/// A department's inbox, with the hours that count and where a clock on the wall would have ended.
fn department(visitor: &Visitor, shelf: &InForce, workflow: &Workflow, told: &Told<'_>) -> Markup {
    let turn = whose_turn(&told.case);
    html! {
        section .pane {
            @match turn {
                None => {
                    h2 { (visitor.say("部门的收件箱", "A department's inbox")) }
                    p .none { (visitor.say("还没有部门被叫到", "No department has been called yet")) }
                }
                Some((unit, clock)) => {
                    @let name = shelf.roster.units.get(unit).map_or(unit.as_str(), |u| u.title.in_tongue(visitor.tongue));
                    h2 { (visitor.say("收件箱：", "Inbox: ")) (name) }
                    @if let Some(leg) = told.case.legs.by_unit.get(unit) {
                        p { (told.case.filing.number) " · " (leg.part.title().in_tongue(visitor.tongue)) " · " strong { (leg.state.title().in_tongue(visitor.tongue)) } }
                    }
                    @if let Some(clock) = clock { (running(visitor, shelf, workflow, told, clock)) }
                    ul { @for (other, leg) in told.case.legs.by_unit.iter().filter(|(other, _)| *other != unit) {
                        @let name = shelf.roster.units.get(other).map_or(other.as_str(), |u| u.title.in_tongue(visitor.tongue));
                        li { (name) " · " (leg.state.title().in_tongue(visitor.tongue)) }
                    } }
                }
            }
        }
    }
}

fn running(
    visitor: &Visitor,
    shelf: &InForce,
    workflow: &Workflow,
    told: &Told<'_>,
    clock: &CaseClock,
) -> Markup {
    let calendar = shelf.calendar(workflow, &told.case, &clock.key);
    let title = paidan_views::timeline::clock_title(workflow, &shelf.roster, &clock.key);
    let wall = paidan_views::arithmetic::wall(clock);
    html! {
        p .late[clock.late] {
            (title.in_tongue(visitor.tongue)) "："
            strong { (clock.due.local_text(&visitor.zone)) }
            @if clock.late { " " strong { (visitor.say("逾期", "late")) } }
            @else if let Some(calendar) = calendar { br; (paidan_views::arithmetic::left(calendar, clock, told.now).in_tongue(visitor.tongue)) }
        }
        @if let Some(calendar) = calendar {
            (maud::PreEscaped(strip(calendar, clock, told.now, visitor.tongue)))
            @if let Some(wall) = wall.filter(|wall| *wall < clock.due) {
                p .wall-clock {
                    (visitor.say("灰线：按墙上的钟，", "The grey line: a clock on the wall would have been late on "))
                    (wall.local_text(&visitor.zone)) (visitor.say(" 就已超时", ""))
                }
            }
            details { summary { (visitor.say("怎么算的", "How it comes about")) } p { (paidan_views::arithmetic::account(workflow, calendar, clock).in_tongue(visitor.tongue)) } }
        }
    }
}

/// The subdistrict's desk: what the engine did by itself, late clocks and slips first.
fn subdistrict(visitor: &Visitor, shelf: &InForce, workflow: &Workflow, told: &Told<'_>) -> Markup {
    let zone = visitor.zone;
    let by_itself = told.entries.iter().rev().filter(|entry| entry.by == By::Engine);
    let lines = by_itself.flat_map(|entry| {
        let say = |fact| paidan_views::sentence(workflow, &shelf.roster, &zone, fact);
        let words: Vec<_> = entry.facts.iter().filter_map(say).collect();
        words.into_iter().map(|text| (entry.due.unwrap_or(entry.at), text))
    });
    let late = told.case.clocks.all.iter().filter(|clock| clock.late && clock.verdict.is_none()).count();
    html! {
        section .pane {
            h2 { (visitor.say("街道的台面", "The subdistrict's desk")) }
            p { (visitor.say("逾期的计时：", "Late clocks: ")) strong { (late) } " · " (visitor.say("督办单：", "slips: ")) strong { (told.case.messages.slips.len()) } }
            ul { @for (at, text) in lines.take(SHOWN) {
                li { small { (at.local_text(&zone)) } " " (text.in_tongue(visitor.tongue)) }
            } }
            p { a href={ "/" (told.case.filing.stream) } { (visitor.say("打开事项", "Open the case")) } }
        }
    }
}

async fn letters<W: World>(app: &App<W>, visitor: &Visitor, told: &Told<'_>) -> Result<Vec<Line>, Problem> {
    let all = app.desk.queries.letters(None, MESSAGES).await?;
    let seq = told.entries.len() as u64;
    let of_story =
        |posted: &&Posted| posted.letter.stream == told.case.filing.stream && posted.letter.seq <= seq;
    let then = all.iter().filter(of_story);
    let mut lines: Vec<Line> =
        then.filter_map(|posted| line(app, visitor, posted, Some(&told.case))).collect();
    // One letter for each person of a post; here once for the post.
    lines.dedup();
    lines.truncate(SHOWN);
    Ok(lines)
}

fn sink(visitor: &Visitor, letters: &[Line]) -> Markup {
    html! {
        section {
            h2 { (visitor.say("会发出去的消息", "Messages that would have gone out")) }
            @if letters.is_empty() { p .none { (visitor.say("没有", "None")) } }
            @else {
                table .stacks {
                    thead { tr {
                        th { (visitor.say("时间", "When")) } th { (visitor.say("给谁", "To")) } th { (visitor.say("内容", "What")) }
                    } }
                    tbody { @for line in letters { tr {
                        td { (line.at.local_text(&visitor.zone)) } td { (line.to) } td { (line.words) }
                    } } }
                }
            }
        }
    }
}

/// The auditor's button, and what came of it.
fn audit(visitor: &Visitor, forged: Option<&Forged>) -> Markup {
    html! {
        section {
            h2 { (visitor.say("审计", "The auditor")) }
            form method="post" action="/story/forge" {
                button { (visitor.say("伪造一个字节（在副本上）", "Forge one byte (on a copy)")) }
            }
            @if let Some(forged) = forged {
                div .receipt-of-forgery role="status" {
                    p { code { (forged.before) } " → " code { (forged.after) } }
                    p { (visitor.say("核验了 ", "Looked through ")) (forged.records) (visitor.say(" 条记录：", " records: ")) }
                    @for broken in &forged.broken { p { strong { (broken) } } }
                    @if forged.broken.is_empty() { p { strong { (visitor.say("没有发现", "nothing was found")) } } }
                }
            }
        }
    }
}
