//! What a simulation assumes of a town.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::value::{ByName, Day, Id};

/// `[demand]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Demand {
    /// How many cases come. 共来多少件
    #[schemars(range(min = 1))]
    cases: Option<u32>,
    /// Or how many on a working day. 或每个工作日多少件
    #[schemars(range(min = 1))]
    per_day: Option<u32>,
    /// Over how many working days they come. 在多少个工作日内
    #[schemars(range(min = 1))]
    days: Option<u32>,
    /// The first day. 第一天
    from: Option<Day>,
    /// How many come on each weekday, against the others. 各星期几的比重
    weekdays: Option<Weekdays>,
    /// When everybody works; else by the calendar of the definition. 日历
    calendar: Option<Id>,
    /// How many people are at each desk; else as many as the roster names there. 每处几人
    #[schemars(range(min = 1))]
    people: Option<u32>,
    /// How many minutes a handling takes, in time in which the desk works. 每次办理几分钟
    minutes: Option<u32>,
    /// In how many days a linked case reports. 关联事项几天后报告
    linked_days: Option<u32>,
    /// How many days are looked at after the last case has come. 最后一件之后再看几天
    #[schemars(range(min = 1))]
    watch_days: Option<u32>,
    /// The seed of chance: the same gives the same. 随机种子
    seed: Option<u64>,
    /// How many of a hundred residents never answer. 百分之几的居民不回应
    #[schemars(range(max = 100))]
    silent_percent: Option<u8>,
    /// How many of a hundred vote. 百分之几参加表决
    #[schemars(range(max = 100))]
    turnout_percent: Option<u8>,
    /// How many of a hundred agree. 百分之几同意
    #[schemars(range(max = 100))]
    agree_percent: Option<u8>,
    /// The soonest and the latest answer of residents, in minutes. 居民最早、最晚几分钟回应
    answer_minutes: Option<[u32; 2]>,
    /// Who works where: by role, unit, post@unit or person. 各处人手
    hands: Option<BTreeMap<String, Hand>>,
    /// How often something is chosen, and how long it takes. 各动作
    actions: Option<ByName<Choice>>,
}

/// How many come on each weekday; one that is left out has none.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Weekdays {
    /// Monday. 星期一
    mon: Option<u32>,
    /// Tuesday. 星期二
    tue: Option<u32>,
    /// Wednesday. 星期三
    wed: Option<u32>,
    /// Thursday. 星期四
    thu: Option<u32>,
    /// Friday. 星期五
    fri: Option<u32>,
    /// Saturday. 星期六
    sat: Option<u32>,
    /// Sunday. 星期日
    sun: Option<u32>,
}

/// Who works somewhere.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Hand {
    /// How many. 几人
    #[schemars(range(min = 1))]
    people: Option<u32>,
    /// How many minutes a handling takes them. 每次几分钟
    minutes: Option<u32>,
    /// When they work. 日历
    calendar: Option<Id>,
}

/// An action, as people choose it.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Choice {
    /// How often, against the others that are open. 比重
    weight: Option<u32>,
    /// How many minutes it takes. 几分钟
    minutes: Option<u32>,
}
