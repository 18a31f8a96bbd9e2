//! Clocks, pauses, ladders and notices, taken to pieces.

use alloc::format;
use alloc::vec::Vec;
use paidan_model::calendar::Roll;
use paidan_model::clock::{
    At, CalendarRef, Carry, Clock, Colour, Extend, Pause, Repeat, Rung, Scope, Trigger,
};
use paidan_model::notice::{AtMost, Notice, Quiet};
use paidan_model::start::{DaysOff, Filled, Missed, Start};
use paidan_model::text::Text;
use paidan_model::workflow::Workflow;

use super::member::per;
use super::part::Part;
use super::step::limits;
use super::words::{action, expr, field, id, maybe, quoted, role, same, span, state, text, yes};

/// Everything that is said of a clock.
pub(super) fn clock(part: &mut Part, w: &Workflow, clock: &Clock) {
    let Clock {
        title,
        scope: of,
        starts,
        stops,
        limit,
        calendar,
        roll,
        capped_by,
        warn,
        ladder,
        pauses,
        extend,
        carry: carries,
        holder,
        public,
    } = clock;
    part.says(("名称", "title"), title, quoted(title));
    part.says(("计谁的时间", "whose time"), of, scope(*of));
    part.lists(("何时起算", "starts with"), starts, |one| trigger(w, one));
    part.lists(("何时停止", "stops with"), stops, |one| trigger(w, one));
    limits(part, w, limit);
    per(part, w, ("日历", "calendar"), calendar.as_ref(), |one| match one {
        CalendarRef::Named(id) => same(id),
        CalendarRef::Unit => text("承办单位的日历", "that of the unit"),
    });
    part.says(
        ("最后一天不上班", "a last day off"),
        roll,
        match roll {
            Roll::Forward => text("顺延", "moves on to the next working day"),
            Roll::None => text("不顺延", "counts"),
        },
    );
    part.says(("不晚于另一计时", "not later than the clock"), capped_by, maybe(capped_by.as_ref(), id));
    part.lists(("预警", "warnings"), warn, |percent| same(format!("{percent}%")));
    per(part, w, ("升级梯", "ladder"), ladder.as_ref(), id);
    part.lists(("可以暂停", "pauses"), pauses, id);
    extended(part, extend.as_ref());
    part.says(("时限改变时", "when the limit changes"), carries, maybe(carries.as_ref(), carry));
    part.lists(("由谁负责", "who answers for it"), holder, role);
    part.says(("对居民承诺", "promised to the resident"), public, yes(*public));
}

fn scope(scope: Scope) -> Text {
    match scope {
        Scope::Case => text("事项", "the case"),
        Scope::Leg => text("承办单位", "a department"),
        Scope::Gap => text("无人承办的间隔", "the gaps in which nobody holds it"),
        Scope::Offer => text("认领", "a claim"),
    }
}

fn carry(carry: &Carry) -> Text {
    match carry {
        Carry::Keep => text("起点不变", "the same start"),
        Carry::Restart => text("重新起算", "a new clock"),
        Carry::Prorate => text("按已用比例折算", "the consumed share is kept"),
    }
}

fn trigger(w: &Workflow, trigger: &Trigger) -> Text {
    match trigger {
        Trigger::Intake => text("受理", "the filing"),
        Trigger::State(id) => {
            let state = state(w, id);
            text(format!("进入{}", state.zh), format!("entering {}", state.en))
        }
        Trigger::Action(id) => action(w, id),
        Trigger::Leg(leg) => {
            let state = leg.title();
            text(format!("承办单位{}", state.zh), format!("a department: {}", state.en))
        }
        Trigger::Claim(claim) => {
            let state = claim.title();
            text(format!("认领{}", state.zh), format!("a claim: {}", state.en))
        }
    }
}

fn extended(part: &mut Part, extend: Option<&Extend>) {
    let Some(Extend { who, approve, times, step, tell }) = extend else { return };
    part.lists(("延期，由谁提出", "extension, who may ask"), who, role);
    part.lists(("延期，由谁批准", "extension, who must agree"), approve, role);
    part.says(("延期，次数", "extension, how often"), times, same(times));
    part.says(("延期，每次最多", "extension, by at most"), step, span(step));
    part.lists(("延期，告知", "extension, who hears"), tell, role);
}

/// Everything that is said of a pause.
pub(super) fn pause(part: &mut Part, w: &Workflow, pause: &Pause) {
    let Pause { title, who, approve, scope: of, proof, during, max, times, resumes_after, tell } = pause;
    part.says(("名称", "title"), title, quoted(title));
    part.lists(("由谁提出", "who may"), who, role);
    part.lists(("由谁批准", "who must agree"), approve, role);
    part.says(("暂停谁的时间", "whose time"), of, scope(*of));
    part.says(("须附材料", "a file must be given"), proof, yes(*proof));
    part.says(("期间", "while in"), during, maybe(during.as_ref(), |id| state(w, id)));
    part.says(("最长", "at most"), max, span(max));
    part.says(("次数", "how often"), times, same(times));
    part.says(("自动恢复", "goes on by itself after"), resumes_after, maybe(resumes_after.as_ref(), span));
    part.lists(("告知", "who hears"), tell, role);
}

/// Every rung of a ladder, found by when it fires.
pub(super) fn ladder(part: &mut Part, w: &Workflow, rungs: &[Rung]) {
    let mut seen: Vec<Text> = Vec::new();
    for rung in rungs {
        let when = at(&rung.at);
        let before = seen.iter().filter(|other| **other == when).count();
        let mut inner = Part::new(("一级：", "rung"), &format!("{} {before}", when.en), &when);
        step(&mut inner, w, rung);
        part.has(inner);
        seen.push(when);
    }
}

fn at(at: &At) -> Text {
    match at {
        At::Percent(percent) => text(format!("时限用去{percent}%"), format!("at {percent}%")),
        At::Breach => text("到期", "when due"),
        At::After(later) => {
            let later = span(later);
            text(format!("逾期{}", later.zh), format!("{} after it is due", later.en))
        }
    }
}

fn step(part: &mut Part, w: &Workflow, rung: &Rung) {
    let Rung { at: _, tell, via, notice, slip, assign, take_over, open, repeat } = rung;
    part.lists(("告知", "who hears"), tell, role);
    part.lists(("渠道", "channels"), via, id);
    part.says(("通知", "notice"), notice, maybe(notice.as_ref(), id));
    part.says(("督办单", "supervision slip"), slip, maybe(slip.as_ref(), |slip: &Colour| slip.title()));
    part.says(("加派", "added as responsible"), assign, maybe(assign.as_ref(), role));
    part.says(("转到", "the case moves to"), take_over, maybe(take_over.as_ref(), |id| state(w, id)));
    part.says(("开办关联事项", "opens a case of"), open, maybe(open.as_ref(), id));
    let again = |Repeat { every, times }: &Repeat| {
        let every = span(every);
        text(format!("每{}一次，共{times}次", every.zh), format!("every {}, {times} times", every.en))
    };
    part.says(("重复", "again"), repeat, maybe(repeat.as_ref(), again));
}

/// Everything that is said of a notice.
pub(super) fn notice(part: &mut Part, w: &Workflow, notice: &Notice) {
    let Notice { who, via, text: words, quiet, wakes, at_most } = notice;
    part.lists(("发给", "who gets it"), who, role);
    part.lists(("渠道", "channels"), via, id);
    part.says(("文字", "text"), words, quoted(words));
    let hours = |Quiet { from, until }: &Quiet| same(format!("{}-{}", minute(*from), minute(*until)));
    part.says(("免打扰", "quiet hours"), quiet, maybe(quiet.as_ref(), hours));
    part.says(
        ("免打扰时也发", "rings all the same when"),
        wakes,
        maybe(wakes.as_ref(), |when| expr(w, when)),
    );
    let most = |AtMost { count, per_time }: &AtMost| {
        let time = span(per_time);
        text(format!("{}内{count}次", time.zh), format!("{count} in {}", time.en))
    };
    part.says(("最多", "at most"), at_most, maybe(at_most.as_ref(), most));
}

fn minute(of_day: u16) -> alloc::string::String {
    format!("{:02}:{:02}", of_day / 60, of_day % 60)
}

/// Everything that is said of a start.
pub(super) fn start(part: &mut Part, w: &Workflow, start: &Start) {
    let Start { written, schedule, zone, days_off, missed, unit, fill } = start;
    part.says(("周期", "recurrence"), &(written, schedule), same(written));
    part.says(("时区", "time zone"), zone, maybe(zone.as_ref(), |zone| same(zone.name())));
    part.says(
        ("遇休息日", "on a day off"),
        days_off,
        match days_off {
            DaysOff::Skip => text("跳过", "skipped"),
            DaysOff::Before => text("提前到前一个工作日", "on the working day before"),
            DaysOff::After => text("顺延到下一个工作日", "on the next working day"),
            DaysOff::Keep => text("照常", "all the same"),
        },
    );
    part.says(
        ("停机期间错过的", "what was missed"),
        missed,
        match missed {
            Missed::None => text("不补", "is not made up for"),
            Missed::Once => text("只补一次", "is made up for once"),
            Missed::All { limit } => {
                text(format!("逐次补，最多{limit}次"), format!("is made up for, {limit} times at most"))
            }
        },
    );
    part.says(("归哪个单位", "belongs to the unit"), unit, maybe(unit.as_ref(), id));
    for (name, filled) in fill {
        let field = field(w, name);
        let said = match filled {
            Filled::Value(value) => same(value),
            Filled::After(time) => {
                let time = span(time);
                text(format!("{}之后", time.zh), format!("{} later", time.en))
            }
        };
        let name = text(format!("{}填", field.zh), format!("{} is filled in with", field.en));
        part.says_of(name, filled, said);
    }
}
