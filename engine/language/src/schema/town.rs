//! A town: its units, people, places, duties, calendars; and what of it stands in files of their own.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::server::{Audit, Channel, Serve};
use super::simulation::Demand;
use super::value::{ByName, Day, Days, Hours, Id, Span, Weekday, Words};

/// What a town is made of; each table may stand in a file of its own. 地方配置，可分成几个文件
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Town {
    /// When offices are open, and which days are off. 日历
    calendars: Option<ByName<Calendar>>,
    /// Kinds of units, from the nearest to a place to the farthest. 单位种类，由近及远
    kinds: Option<Vec<UnitsKind>>,
    /// Communities, streets, departments. 单位
    units: Option<Vec<Unit>>,
    /// Who works where. 人员
    people: Option<Vec<Person>>,
    /// What jobs are called. 岗位名称
    posts: Option<Vec<Job>>,
    /// Gates, buildings, estates. 地点
    places: Option<Vec<Place>>,
    /// Numbers of before that reports begin with. 已有的数字
    figures: Option<Vec<Figure>>,
    /// Which unit answers for what, and by which law. 职责清单
    duties: Option<Vec<Duty>>,
    /// Which profile is picked of each workflow. 各流程选用的地方参数
    profiles: Option<ByName<Id>>,
    /// What carries the messages. 渠道
    channels: Option<ByName<Channel>>,
    /// The server. 服务
    serve: Option<Serve>,
    /// Anchors. 锚
    audit: Option<Audit>,
    /// What a simulation assumes. 模拟的假设
    demand: Option<Demand>,
}

/// `[calendars.<id>]`: one of its own, or like another.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Calendar {
    /// The time zone. 时区
    #[schemars(extend("examples" = ["Asia/Shanghai"]))]
    zone: Option<String>,
    /// When it is open, by weekday: `{ mon-fri = ["08:30-12:00"] }`. 每周开放时间
    week: Option<BTreeMap<String, Vec<Hours>>>,
    /// Days off. 休息日
    off: Option<Vec<Days>>,
    /// Days worked instead. 调休上班日
    work: Option<Vec<Days>>,
    /// The weekday whose hours those have. 调休日按星期几的时间
    work_like: Option<Weekday>,
    /// The last day that is known. 已公布到哪天
    known_until: Option<Day>,
    /// What the days of each year rest on. 各年的依据
    notices: Option<BTreeMap<String, String>>,
    /// The calendar it is like. 同哪个日历
    like: Option<Id>,
    /// How much earlier it opens. 提前多久
    earlier: Option<Span>,
    /// How much later it closes. 推后多久
    later: Option<Span>,
}

/// `[[kinds]]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct UnitsKind {
    /// The name that units and roles give it. 标识
    id: Id,
    /// In Chinese. 中文
    zh: Option<String>,
    /// In English. 英文
    en: Option<String>,
    /// Whether case numbers begin with the nearest unit of this kind. 工单编号是否以这一级单位开头
    numbers: Option<bool>,
    /// Whether forms offer its units for a share of a case. 是否可以承办
    takes_shares: Option<bool>,
}

/// `[[units]]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Unit {
    /// Its name. 标识
    id: Id,
    /// Its level, such as `community`. 级别
    kind: Id,
    /// The unit above it. 上级
    parent: Option<Id>,
    /// The calendar that it works by, for clocks with `calendar = "unit"`. 工作日历
    calendar: Option<Id>,
    /// In Chinese. 中文
    zh: Option<String>,
    /// In English. 英文
    en: Option<String>,
}

/// `[[people]]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Person {
    /// The name of the account. 账号
    id: String,
    /// In Chinese. 中文
    zh: Option<String>,
    /// In English. 英文
    en: Option<String>,
    /// The jobs. 岗位
    posts: Option<Vec<Post>>,
    /// An address for each channel. 各渠道的地址
    channels: Option<ByName<String>>,
}

/// A job that somebody holds.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Post {
    /// The job. 岗位
    post: Id,
    /// Where. 单位
    unit: Id,
    /// The first day. 第一天
    from: Option<Day>,
    /// The last day. 最后一天
    until: Option<Day>,
}

/// `[[posts]]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Job {
    /// The job. 岗位
    id: Id,
    /// Whether it reads every case below its unit and is never done by a stand-in. 是否督查岗位
    watches: Option<bool>,
    /// Whether it also reads who looked at them, and the records as they are stored. 是否审计岗位
    audits: Option<bool>,
    /// In Chinese. 中文
    zh: Option<String>,
    /// In English. 英文
    en: Option<String>,
}

/// `[[places]]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Place {
    /// Its name. 标识
    id: Id,
    /// The unit of the lowest level in which it lies. 所在网格
    grid: Id,
    /// In Chinese. 中文
    zh: Option<String>,
    /// In English. 英文
    en: Option<String>,
}

/// `[[figures]]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Figure {
    /// Of which workflow. 流程
    workflow: Id,
    /// How many. 数量
    count: u64,
    /// Where it was said. 出处
    source: Option<Words>,
    /// In Chinese. 中文
    zh: Option<String>,
    /// In English. 英文
    en: Option<String>,
}

/// `[[duties]]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Duty {
    /// The row. 条目
    id: String,
    /// The category of matter. 类别
    category: String,
    /// In Chinese. 中文
    zh: Option<String>,
    /// In English. 英文
    en: Option<String>,
    /// The unit that answers for it. 责任单位
    unit: Id,
    /// By which law. 依据
    basis: String,
}
