//! Time: timers, clocks, pauses, ladders.

use schemars::JsonSchema;

use super::value::{Anything, DaysOff, MissedWord};
use super::value::{
    At, Carry, Colour, CountsFor, Id, Ids, Limit, OneOrMore, Per, Percent, Roll, Scope, Span, Trigger, Words,
};

/// A timer of a state.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct After {
    /// How long after entering, or the field with the moment. 进入后多久，或时刻字段
    time: Limit,
    /// Where to. 转到哪个状态
    go: Id,
}

/// `[clocks.<id>]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Clock {
    /// What people call it. 名称
    title: Option<Words>,
    /// What it is about. 计时对象
    scope: Option<Scope>,
    /// What starts it. 何时开始
    starts: OneOrMore<Trigger>,
    /// What stops it; without it leaving the state in which it starts. 何时停止
    stops: Option<OneOrMore<Trigger>>,
    /// How long, or the field with the moment. 时限
    limit: Per<Limit>,
    /// A calendar. 日历
    calendar: Option<Per<Id>>,
    /// What a due day on a day off becomes. 遇休息日是否顺延
    roll: Option<Roll>,
    /// The clock whose due moment is the latest possible one of this. 不晚于哪个计时
    capped_by: Option<Id>,
    /// When the holder is warned. 何时预警
    warn: Option<Vec<Percent>>,
    /// Who hears of it, and when. 升级阶梯
    ladder: Option<Per<Id>>,
    /// Pauses that make it stand still. 哪些暂停对它有效
    pauses: Option<Ids>,
    /// Who may ask for more time. 谁可以申请延期
    extend: Option<Extend>,
    /// What becomes of it when its limit changes. 时限改变时
    carry: Option<Carry>,
    /// Who answers for it. 由谁负责
    holder: Option<Ids>,
    /// Whom it is promised to. 对谁承诺
    counts_for: Option<CountsFor>,
}

/// Who may ask for more time.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Extend {
    /// Who asks. 谁申请
    who: Option<Ids>,
    /// Who agrees. 谁批准
    approve: Option<Ids>,
    /// How many times. 几次
    #[schemars(range(min = 1, max = 9))]
    times: Option<u8>,
    /// How much each time. 每次多久
    step: Span,
    /// Who hears. 告知谁
    tell: Option<Ids>,
}

/// `[pauses.<id>]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Pause {
    /// What people call it. 名称
    title: Option<Words>,
    /// Who may begin it. 谁可以暂停
    who: Option<Ids>,
    /// Who agrees. 谁批准
    approve: Option<Ids>,
    /// What it is about. 对象
    scope: Option<Scope>,
    /// Whether a file must be given. 是否须附证明
    proof: Option<bool>,
    /// The state while which it holds. 在哪个状态期间
    during: Option<Id>,
    /// The longest. 最长
    max: Span,
    /// How many times. 几次
    #[schemars(range(min = 1, max = 9))]
    times: Option<u8>,
    /// When it ends by itself. 多久自动恢复
    resumes_after: Option<Span>,
    /// Who hears. 告知谁
    tell: Option<Ids>,
}

/// A rung of a ladder.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Rung {
    /// When. 何时
    at: At,
    /// Who hears. 告知谁
    tell: Option<Ids>,
    /// By which channels. 经哪些渠道
    via: Option<Ids>,
    /// What they read. 用哪条通知
    notice: Option<Id>,
    /// A supervision slip. 督办单
    slip: Option<Colour>,
    /// A role that becomes responsible, too. 增加责任人
    assign: Option<Id>,
    /// The state to which the case moves. 转到哪个状态
    take_over: Option<Id>,
    /// The linked case that is opened. 开启哪种关联事项
    open: Option<Id>,
    /// How often again. 重复
    repeat: Option<Repeat>,
}

/// How often again, until somebody answers.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Repeat {
    /// Each after how long. 每隔多久
    every: Span,
    /// How many times. 几次
    #[schemars(range(min = 1, max = 30))]
    times: u8,
}

/// `[starts.<id>]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Start {
    /// Five fields as in POSIX, or six with seconds first and weekdays by name. cron表达式
    cron: Option<String>,
    /// In short: `"mon 09:00"`, `"month 1 09:00"`, `"year 05-01 09:00"`. 简写周期
    every: Option<String>,
    /// The time zone by its IANA name; without it that of the calendar. 时区，默认按日历
    zone: Option<String>,
    /// What becomes of it on a day off; without it, it happens all the same. 遇休息日如何
    days_off: Option<DaysOff>,
    /// What is made up for after a downtime; without it one case. 停机期间错过的如何补
    missed: Option<Missed>,
    /// The unit, or a kind of unit: then each of that kind has its own case. 归哪个单位，或哪类单位各一件
    unit: Option<Id>,
    /// What the form is filled in with. 表单填什么
    fill: Option<std::collections::BTreeMap<String, Fill>>,
}

/// What becomes of occurrences that came during a downtime.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Missed {
    /// `"once"` or `"none"`. 只补一次，或不补
    Word(MissedWord),
    /// Each of the latest. 逐次补
    All(MissedAll),
}

/// Each of the latest that were missed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct MissedAll {
    /// How many at most. 最多补几次
    #[schemars(range(min = 1, max = 366))]
    all: u32,
}

/// What a field is filled with.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Fill {
    /// A day after the occurrence. 周期之后多久的日期
    After(DayAfter),
    /// A constant. 固定值
    Value(Anything),
}

/// A day after the occurrence.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct DayAfter {
    /// How long after. 多久之后
    after: Span,
}
