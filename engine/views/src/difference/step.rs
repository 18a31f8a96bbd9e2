//! States, actions and what happens on the way, taken to pieces.

use alloc::format;
use paidan_model::field::Per;
use paidan_model::id::{StateId, WorkflowId};
use paidan_model::state::{Action, After, Alternative, Effects, Limit, Reopen, State, Target};
use paidan_model::text::Text;
use paidan_model::workflow::Workflow;

use super::effect::{raised, written};
use super::member::{per, per_words};
use super::part::Part;
use super::words::{action, expr, field, id, maybe, quoted, role, same, span, state as at, text, yes};

/// Everything that is said of a state.
pub(super) fn state(part: &mut Part, w: &Workflow, state: &State) {
    let State {
        title,
        parent,
        start,
        parallel,
        who,
        not_who,
        enter,
        leave,
        on,
        after,
        always,
        handoff,
        vote,
        claims,
        outcome,
        end,
        rank,
        reopen,
    } = state;
    part.says(("名称", "title"), title, quoted(title));
    part.says(("属于", "inside"), parent, maybe(parent.as_ref(), |id| at(w, id)));
    part.lists(("从哪里开始", "where it begins"), start, |id| at(w, id));
    part.says(("各部分同时进行", "its parts run together"), parallel, yes(*parallel));
    part.lists(("由谁办", "who holds it"), who, role);
    part.lists(("谁不能办", "who must not act"), not_who, role);
    effects(part, w, ("进入时", "on entering"), enter);
    effects(part, w, ("离开时", "on leaving"), leave);
    part.says(("交办", "hand-off"), handoff, maybe(handoff.as_ref(), id));
    part.says(("表决", "vote"), vote, maybe(vote.as_ref(), id));
    part.says(("认领", "claims"), claims, maybe(claims.as_ref(), id));
    part.says(("结局", "outcome"), outcome, maybe(outcome.as_ref(), id));
    part.says(("结束所属状态", "ends what it is inside of"), end, yes(*end));
    part.says(("进入次序", "order of entry"), rank, same(rank));
    again(part, w, reopen.as_ref());
    for (name, on) in on {
        let mut inner = Part::new(("动作", "action"), name.as_str(), &action(w, name));
        act(&mut inner, w, on);
        part.has(inner);
    }
    for (n, after) in (1..).zip(after) {
        part.has(timer(w, n, after));
    }
    ways(part, w, ("自动去向", "way by itself"), always, true);
}

fn act(part: &mut Part, w: &Workflow, action: &Action) {
    let Action { who, not_who, fill, reason, within, alternatives } = action;
    part.lists(("由谁办", "who may"), who, role);
    part.lists(("谁不能办", "who may not"), not_who, role);
    part.lists(("要填的字段", "fields of the form"), fill, |id| field(w, id));
    part.says(("须写理由", "a reason must be written"), reason, yes(*reason));
    part.says(("期限", "not later than"), within, maybe(within.as_ref(), span));
    ways(part, w, ("去向", "way"), alternatives, alternatives.len() > 1);
}

/// The ways an action may go, in order; one that is alone has no name.
fn ways(part: &mut Part, w: &Workflow, kind: (&str, &str), all: &[Alternative], named: bool) {
    for (n, way) in (1..).zip(all) {
        let number = format!("{n}");
        let mut inner = match named {
            true => Part::new(kind, &number, &same(n)),
            false => Part::unnamed(&format!("{} {number}", kind.1)),
        };
        alternative(&mut inner, w, way);
        part.has(inner);
    }
}

fn alternative(part: &mut Part, w: &Workflow, way: &Alternative) {
    let Alternative { go, when, set, clear, next_round, raise, open, join_late } = way;
    let stays = || text("原处不动", "stays where it is");
    part.says(("去往", "goes to"), go, go.as_ref().map_or_else(stays, |go| target(w, go)));
    let always = || text("无条件", "in any case");
    part.says(("条件", "condition"), when, when.as_ref().map_or_else(always, |when| expr(w, when)));
    written(part, w, ("", ""), set);
    part.lists(("清空字段", "fields emptied"), clear, |id| field(w, id));
    part.says(("进入下一轮", "begins the next round"), next_round, yes(*next_round));
    raised(part, w, ("", ""), raise);
    part.says(("开办关联事项", "opens a case of"), open, maybe(open.as_ref(), |open| opened(w, open)));
    part.says(("后来加入的分摊", "split that is joined"), join_late, maybe(join_late.as_ref(), id));
}

fn target(w: &Workflow, target: &Target) -> Text {
    match target {
        Target::State(id) => at(w, id),
        Target::Back => text("来处", "where it came from"),
        Target::BackDeep => text("来处的全部状态", "the whole of where it came from"),
    }
}

fn opened(w: &Workflow, open: &Per<WorkflowId>) -> Text {
    per_words(w, open, id)
}

fn timer(w: &Workflow, n: usize, after: &After) -> Part {
    let After { time, go } = after;
    let mut part = Part::new(("定时", "timer"), &format!("{n}"), &same(n));
    part.says(("时间", "time"), time, limit(w, time));
    part.says(("去往", "goes to"), go, at(w, go));
    part
}

/// A length of time, or the field that holds the moment.
pub(super) fn limit(w: &Workflow, limit: &Limit) -> Text {
    match limit {
        Limit::Span(time) => span(time),
        Limit::Field(id) => {
            let field = field(w, id);
            text(format!("{}所填的时间", field.zh), format!("what {} says", field.en))
        }
    }
}

/// What happens at a moment; `on` says at which.
pub(super) fn effects(part: &mut Part, w: &Workflow, on: (&str, &str), effects: &Effects) {
    let Effects { notify, copy, raise, set, open, report } = effects;
    let name = |zh: &str, en: &str| text(format!("{}，{zh}", on.0), format!("{}, {en}", on.1));
    part.lists_of(name("通知", "notices sent"), notify, id);
    part.lists_of(name("抄送", "who gets to see the case"), copy, role);
    let on = (format!("{}，", on.0), format!("{}, ", on.1));
    let on = (on.0.as_str(), on.1.as_str());
    raised(part, w, on, raise);
    written(part, w, on, set);
    let opens = maybe(open.as_ref(), |open| opened(w, open));
    part.says_of(name("开办关联事项", "opens a case of"), open, opens);
    let reports = maybe(report.as_ref(), |id| action(w, id));
    part.says_of(name("报告原事项", "the first case hears"), report, reports);
}

fn again(part: &mut Part, w: &Workflow, reopen: Option<&Reopen>) {
    let go = |id: &StateId| at(w, id);
    let Some(Reopen { who, within, go: to, reason }) = reopen else { return };
    part.lists(("重新办理，由谁", "reopening, who may"), who, role);
    part.says(("重新办理，期限", "reopening, within"), within, span(within));
    part.says(("重新办理，去往", "reopening, goes to"), to, go(to));
    part.says(("重新办理，须写理由", "reopening, a reason must be written"), reason, yes(*reason));
}

/// A value of a clock that may differ by a choice.
pub(super) fn limits(part: &mut Part, w: &Workflow, all: &Per<Limit>) {
    per(part, w, ("时限", "limit"), Some(all), |one| limit(w, one));
}
