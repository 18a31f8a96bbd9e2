//! The replay of a case: a slider over its records, and for each the states, who held it, the fields, the departments,
//! the clocks as they were, and the rules of that version. For auditors and the persons it is about, the chain verified.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};
use maud::{Markup, html};
use paidan_model::moment::{Moment, Zone};
use paidan_model::workflow::Workflow;
use paidan_runtime::past::{Then, VERIFIED_RECORDS_MAX};
use paidan_runtime::shelf::InForce;
use paidan_runtime::{
    Audience, Case, Chain, Clock as _, Covering, Past, Seen, Until, World, holders, is_auditor, may_audit,
};
use serde::Deserialize;

use crate::App;
use crate::api::case::{demand, stream};
use crate::history::History;
use crate::page::anchors::day;
use crate::page::case::legs;
use crate::page::clocks::Counting;
use crate::page::layout::page;
use crate::page::then::{Place, Rules, slider, states};
use crate::page::value::fields;
use crate::path::Path;
use crate::problem::{Code, Problem};
use crate::visitor::Visitor;

/// Which moment, and whether the chain is to be verified. A form sends what was left empty too.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    seq: Option<String>,
    at: Option<String>,
    verify: Option<String>,
}

fn malformed(zh: &str, en: &str) -> Problem {
    Problem::of(Code::Malformed).because(format!("{zh} {en}"))
}

impl Asked {
    fn until(&self, now: Moment, zone: &Zone) -> Result<Until, Problem> {
        let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        match (said(&self.seq), said(&self.at)) {
            (None, None) => Ok(Until::Now),
            (Some(_), Some(_)) => Err(malformed("seq和at只能写一个。", "Write seq or at, not both.")),
            (Some(seq), None) => {
                let seq = seq.trim().parse::<u64>().ok().filter(|seq| *seq > 0);
                let wrong = || malformed("seq是从1起的序号。", "seq is a whole number from 1.");
                seq.map(Until::Record).ok_or_else(wrong)
            }
            (None, Some(at)) => {
                let at = moment(at.trim(), zone).ok_or_else(|| {
                    malformed(
                        "at写成2026-10-08 12:00或2026-10-08T12:00:00+08:00。",
                        "at is written as 2026-10-08 12:00 or 2026-10-08T12:00:00+08:00.",
                    )
                })?;
                if at > now {
                    return Err(malformed("at还没有到。", "at is still to come."));
                }
                Ok(Until::At(at))
            }
        }
    }
}

/// A moment as people, programs and a browser's own input write it.
fn moment(text: &str, zone: &Zone) -> Option<Moment> {
    let local = Moment::parse_local(&text.replace('T', " "), zone);
    // A `+` in a query means a space; whoever forgot to encode it meant the offset.
    local.or_else(|| Moment::parse_rfc3339(text)).or_else(|| Moment::parse_rfc3339(&text.replace(' ', "+")))
}

/// The page.
pub async fn show<W: World>(
    State(app): State<App<W>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let visitor = Visitor::of(&app, &headers).await?;
    if !visitor.is_known() {
        let next = format!("/case/{id}/history");
        let to = format!("/login?next={}", crate::session::wanted(Some(&next)));
        return Ok(Redirect::to(&to).into_response());
    }
    let stream = stream(&app, &id).await?;
    let Query(asked) = asked.map_err(|error| Problem::of(Code::Malformed).because(error.body_text()))?;
    let until = asked.until(app.desk.world.clock().now(), &visitor.zone);
    let what = if asked.verify.is_some() { "verify" } else { "history" };
    if asked.verify.is_some() {
        let why = "records are verified for the person the case is about and for auditors";
        demand(&app, &visitor.actor, &stream, what, (may_audit, why)).await?;
    }
    // What is wrong with the query is told to those alone who may know of the case.
    let past = app
        .desk
        .queries
        .look_back(&visitor.actor, &stream, until.clone().unwrap_or(Until::Now), what)
        .await?;
    let past = past.ok_or_else(Problem::not_found)?;
    Ok(shown(&app, &visitor, until?, past, asked.verify.is_some()).await?.into_response())
}

async fn shown<W: World>(
    app: &App<W>,
    visitor: &Visitor,
    until: Until,
    past: Past,
    verify: bool,
) -> Result<Markup, Problem> {
    let early = || malformed("那时还没有这件事。", "The case was not there yet.");
    let seen = past.seen.ok_or_else(early)?;
    let all = seen.entries.len() + past.later.len();
    if matches!(until, Until::Record(seq) if seq > seen.seq) {
        return Err(malformed(&format!("一共只有{all}条记录。"), &format!("There are {all} records.")));
    }
    let case = &seen.case;
    let shelf = app.desk.shelf.now();
    let workflow = shelf.workflow(&case.filing.digest).ok_or_else(Problem::not_found)?;
    let then = app.desk.queries.then(&seen.entries).await?;
    let source = app.desk.queries.source(&case.filing.digest).await?;
    let now = moment_of(until, &seen, past.later.is_empty(), app.desk.world.clock().now());
    let history = format!("/{}/history", case.filing.stream);
    let place = Place { page: &history, seq: seen.entries.len(), all, at: now };
    let counting = Counting {
        workflow,
        roster: then.roster(),
        case,
        now,
        calendar: &|clock| then.calendar(workflow, case, clock),
        why: true,
    };
    let source = source.as_deref();
    let rules = Rules { workflow, case, roster: then.roster(), named: &then.named, source };
    let verified = if verify { Some(verified(app, &seen).await?) } else { None };
    let body = html! {
        p { a href={ "/" (case.filing.stream) } { (visitor.say("回到这件事", "Back to the case")) } }
        (slider(visitor, &place))
        (beside(visitor, &place))
        @if let Some(verified) = &verified { (verdict(visitor, verified)) }
        (stood(visitor, workflow, &then, &seen))
        (fields(visitor, workflow, then.roster(), &seen))
        (legs(visitor, then.roster(), case))
        (counting.shown(visitor))
        (rules.shown(visitor))
        (told(visitor, workflow, &shelf, &seen, &history))
        @if may_audit(case, &visitor.actor) { (button(visitor, &place)) (taken_out(visitor, case)) }
        script src="/static/slider.js" defer {}
    };
    let title = format!("{} · {}", case.filing.number, visitor.say("回放", "Replay"));
    Ok(page(app, visitor, &title, &body))
}

/// The moment that is shown: the one that was asked for, else that of the last record, else now.
fn moment_of(until: Until, seen: &Seen, to_the_end: bool, now: Moment) -> Moment {
    match until {
        Until::At(at) => at,
        Until::Now | Until::Record(_) if to_the_end => now,
        Until::Now | Until::Record(_) => {
            seen.entries.last().map_or(now, |entry| entry.due.unwrap_or(entry.at))
        }
    }
}

/// The records beside this one, and two inputs for whoever knows the number or the hour.
fn beside(visitor: &Visitor, place: &Place<'_>) -> Markup {
    let Place { page, seq, all, at } = place;
    html! {
        nav .beside aria-label=(visitor.say("前后记录", "Records beside this one")) {
            @if *seq > 1 {
                a href={ (page) "?seq=1" } { (visitor.say("第一条", "First")) }
                a href={ (page) "?seq=" (seq - 1) } { (visitor.say("前一条", "Previous")) }
            }
            @if seq < all {
                a href={ (page) "?seq=" (seq + 1) } { (visitor.say("后一条", "Next")) }
                a href={ (page) "?seq=" (all) } { (visitor.say("最后一条", "Last")) }
            }
        }
        details #find {
            summary { (visitor.say("按序号、时刻查", "By number or moment")) }
            form .form method="get" action=(page) {
                label { span { (visitor.say("第几条记录", "Record")) } input type="number" name="seq" min="1" max=(all) value=(seq) required; }
                button { (visitor.say("看", "Look")) }
            }
            form .form method="get" action=(page) {
                label {
                    span { (visitor.say("那一刻", "Moment")) }
                    input type="datetime-local" name="at" value=(at.local_text(&visitor.zone).replace(' ', "T")) required;
                }
                button { (visitor.say("看", "Look")) }
            }
        }
    }
}

/// Where it stood, and who held it.
fn stood(visitor: &Visitor, workflow: &Workflow, then: &Then, seen: &Seen) -> Markup {
    let case = &seen.case;
    let held = held_by(workflow, seen);
    let who = paidan_views::people::audiences(then.roster(), &held);
    html! {
        section {
            h2 { (visitor.say("那一刻", "At that moment")) }
            dl {
                dt { (visitor.say("状态", "State")) } dd { strong { (states(visitor, workflow, case)) } }
                @if !held.is_empty() { dt { (visitor.say("由谁办", "Held by")) } dd { (who.in_tongue(visitor.tongue)) } }
                @if case.chart.round > 0 { dt { (visitor.say("返工轮次", "Round of rework")) } dd { (case.chart.round) } }
                @if let Some(outcome) = &case.life.outcome {
                    dt { (visitor.say("结果", "Outcome")) }
                    dd { (workflow.outcome_title(outcome).in_tongue(visitor.tongue)) }
                }
            }
        }
    }
}

/// Whoever held a case; of people only those who may be named.
fn held_by(workflow: &Workflow, seen: &Seen) -> Vec<Audience> {
    if seen.case.is_closed() {
        return Vec::new();
    }
    let nobody = || Audience::Person(String::new());
    let mut all = Vec::new();
    for audience in holders(workflow, &seen.case) {
        let named = match audience {
            Audience::Agent { ref person, .. } if !seen.known.names(person) => nobody(),
            Audience::Person(_) => nobody(),
            Audience::Agent { .. } | Audience::Post { .. } | Audience::Unit(_) | Audience::Anywhere(_) => {
                audience
            }
        };
        if !all.contains(&named) {
            all.push(named);
        }
    }
    // Where no job holds it, those do who are asked for their part.
    if all.is_empty() {
        all.extend(seen.case.legs.live_units(None).into_iter().map(Audience::Unit));
    }
    all
}

/// What had happened by then, the latest first; each record leads to its own moment.
fn told(visitor: &Visitor, workflow: &Workflow, in_force: &InForce, seen: &Seen, page: &str) -> Markup {
    let history = History::of(in_force, workflow, seen);
    html! {
        section {
            h2 { (visitor.say("到那时为止的经过", "What had happened by then")) }
            ol .timeline reversed {
                @for entry in seen.entries.iter().rev() {
                    li value=(entry.seq) {
                        a href={ (page) "?seq=" (entry.seq) } { time { (entry.due.unwrap_or(entry.at).local_text(&visitor.zone)) } }
                        " " small { (history.who_in_words(entry).in_tongue(visitor.tongue)) }
                        ul { @for words in history.told(entry) { li { (words.in_tongue(visitor.tongue)) } } }
                    }
                }
            }
        }
    }
}

fn button(visitor: &Visitor, place: &Place<'_>) -> Markup {
    html! {
        section {
            h2 { (visitor.say("核验", "Verify")) }
            p { (visitor.say("从第一条到最后一条重新计算每条记录的指纹，看有没有被改动。", "Computes the fingerprint of every record again, from the first to the last, and says whether one was changed.")) }
            form method="get" action=(place.page) {
                input type="hidden" name="seq" value=(place.seq);
                button name="verify" value="yes" { (visitor.say("核验这件事的全部记录", "Verify every record of this case")) }
            }
        }
    }
}

/// The way to what can be looked at without this server: the records for auditors, the event log for tools not ours.
fn taken_out(visitor: &Visitor, case: &Case) -> Markup {
    let stream = &case.filing.stream;
    html! {
        section {
            h2 { (visitor.say("导出", "Take out")) }
            @if is_auditor(case, &visitor.actor) {
                p { (visitor.say("原样记录（每行一条JSON）：附最近一个锚覆盖它们的证明，在自己的电脑上就能核验，不用连本系统。", "The records as they are stored (JSON, one a line), with the proof that the last anchor covers them: they are verified on a machine of your own, without this server.")) }
                p { a href={ "/" (stream) "/records" } download { (visitor.say("下载这件事的全部记录", "Download every record of this case")) } }
                p { small { code { "paidan audit verify --records " (case.filing.number) ".jsonl --anchor ANCHOR" } } }
            }
            p { (visitor.say("事件日志（XES，IEEE 1849）：可以用任何流程挖掘工具打开；不含姓名和填写的内容。", "The event log (XES, IEEE 1849) opens in any process-mining tool; it has no names and nothing that was filled in.")) }
            p { a href={ "/" (stream) "/xes" } download { (visitor.say("下载这件事的事件日志", "Download the event log of this case")) } }
        }
    }
}

/// What was found of the records of a case: by themselves, and by each anchor since it was opened.
struct Verified {
    chain: Chain,
    anchors: Vec<Covering>,
}

/// Looks through the chain, for those who may.
async fn verified<W: World>(app: &App<W>, seen: &Seen) -> Result<Verified, Problem> {
    let long = || {
        Problem::of(Code::TooLarge).because(format!(
            "more than {VERIFIED_RECORDS_MAX} records; use `paidan audit verify --case {}`",
            seen.case.filing.number
        ))
    };
    let chain = app.desk.queries.verify(&seen.case.filing.stream).await?.ok_or_else(long)?;
    Ok(Verified { chain, anchors: app.desk.covering(&seen.case.filing.stream).await? })
}

/// What became of the records, and their head, to be compared with that of a copy.
fn verdict(visitor: &Visitor, Verified { chain, anchors }: &Verified) -> Markup {
    let head = &chain.head;
    html! {
        section .verified role="status" {
            h2 { (visitor.say("核验结果", "Verified")) }
            @match &chain.broken {
                None => p { strong { (visitor.say("完整：", "Intact: ")) } (chain.records) (visitor.say("条记录，从第一条到最后一条都对得上。", " records, from the first to the last.")) },
                Some(broken) => p { strong { (visitor.say("断在第", "Broken at record ")) (broken.seq) (visitor.say("条记录", "")) } "：" (broken.what) },
            }
            p { (visitor.say("末条指纹 ", "Head ")) code { (head.get(..12).unwrap_or(head)) } br; small { code { (head) } } }
            p { small { (visitor.say("抄下它：以后谁改了记录，末条指纹就不一样。", "Write it down: whoever changes a record later changes it, too.")) } }
            (anchored(visitor, chain.records, anchors))
        }
    }
}

/// What each anchor since the case was opened says of its records.
fn anchored(visitor: &Visitor, all: u64, anchors: &[Covering]) -> Markup {
    html! {
        h3 { (visitor.say("与公布的锚核对", "Held against the anchors that were published")) }
        @if anchors.is_empty() { p { (visitor.say("这件事开始以来还没有公布过锚。", "None was published since this case was opened.")) } }
        @else { ul { @for Covering { anchored, records, holds } in anchors {
            li {
                a href={ "/anchors/" (day(anchored, &visitor.zone)) } { (anchored.at.local_text(&visitor.zone)) } " "
                @match (holds, records) {
                    (Some(true), Some(covered)) => { strong { (visitor.say("相符：", "Matches: ")) } (visitor.say("覆盖这件事的", "covers ")) (covered) " / " (all) (visitor.say("条记录", " records of this case")) },
                    (Some(false), _) => strong { (visitor.say("不符：全部记录与公布的不一样", "Does not match: the whole history is another than the one published")) },
                    (None, _) | (_, None) => { (visitor.say("还没有算到这里；再核验一次就接着算。", "Not computed so far; verify again to go on.")) },
                }
            }
        } } }
        p { small { (visitor.say("每个锚在程序启动后核算一次。", "Each anchor is computed once after the program starts. ")) a href="/anchors" { (visitor.say("全部锚", "All anchors")) } } }
    }
}
