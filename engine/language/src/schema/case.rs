//! What happens to a case: states, actions, hand-offs, votes, claims, notices.

use schemars::JsonSchema;

use super::time::After;
use super::value::{
    Accepted, Arbitration, At, Axis, Ballots, By, ByName, Early, Expiry, Guard, Hours, Id, Ids, Join,
    ListName, Named, OneOrMore, Per, Reach, Rest, Share, Sharing, Span, Words,
};

/// `[states.<id>]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct State {
    /// What people call it. 名称
    title: Option<Words>,
    /// The state inside which it stands. 上级状态
    #[schemars(rename = "in")]
    parent: Option<Id>,
    /// Of a state with others inside: where it is entered. 从哪个下级状态开始
    start: Option<Ids>,
    /// Whether all inside are active together. 下级是否同时进行
    parallel: Option<bool>,
    /// Who holds the case here: it stands on their list. 由谁办理
    who: Option<Ids>,
    /// Who may not, even if they are listed. 谁不得办理
    not_who: Option<Ids>,
    /// What happens on the way in. 进入时做什么
    enter: Option<Effects>,
    /// What happens on the way out. 离开时做什么
    leave: Option<Effects>,
    /// Actions of people, and events of the engine. 动作与事件
    on: Option<ByName<Action>>,
    /// Timers, from entering. 定时
    after: Option<Vec<After>>,
    /// What is tried whenever the state is entered or a field changes. 条件成立即转移
    always: Option<Vec<Eventless>>,
    /// The hand-off that runs here. 在此进行的交办
    handoff: Option<Id>,
    /// The vote that runs here. 在此进行的表决
    vote: Option<Id>,
    /// The claims that run here. 在此进行的认领
    claims: Option<Id>,
    /// Ends the case, by an outcome of [outcomes] or a common one: solved, delivered, passed, not_solved, explained,
    /// unverified, duplicate, withdrawn, declined. 办结及其结果
    outcome: Option<Id>,
    /// Whether it ends the state around it. 是否结束上级状态
    end: Option<bool>,
    /// The order of entering among regions. 并行区域的先后
    #[schemars(range(min = -1000, max = 1000))]
    rank: Option<i32>,
    /// Who may open a closed case again. 谁可以重开
    reopen: Option<Reopen>,
}

/// Who may open a closed case again.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Reopen {
    /// Who may. 谁
    who: Option<Ids>,
    /// How long after its end. 办结后多久之内
    within: Span,
    /// Where it goes. 回到哪个状态
    go: Id,
    /// Whether a reason must be written. 是否须写理由
    reason: Option<bool>,
}

/// What happens on the way, in this order.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Effects {
    /// Notices that go out. 发出哪些通知
    notify: Option<Ids>,
    /// Roles that get to see the case. 抄送给谁
    copy: Option<Ids>,
    /// Events that are raised. 抛出哪些事件
    raise: Option<Ids>,
    /// Fields, each with an expression. 给字段赋值
    set: Option<ByName<Guard>>,
    /// The linked case that is opened. 开启哪种关联事项
    open: Option<Open>,
    /// The event that the case which opened this one hears. 向上级事项报告哪个事件
    report: Option<Id>,
}

/// One way of an action.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Alternative {
    /// Where to; absent: the case stays. `"back"`: where it came from. 转到哪个状态
    go: Option<Id>,
    /// Who may; stands on the first way. 谁可以
    who: Option<Ids>,
    /// Who may not, even if listed. 谁不可以
    not_who: Option<Ids>,
    /// When this way is taken. 条件
    when: Option<Guard>,
    /// The last way, when no other is taken. 其余情况
    otherwise: Option<bool>,
    /// Whether a reason must be written. 是否须写理由
    reason: Option<bool>,
    /// The fields of the form. 要填哪些字段
    fill: Option<Ids>,
    /// Refused later than this after entering the state. 多久之内有效
    within: Option<Span>,
    /// Fields, each with an expression. 给字段赋值
    set: Option<ByName<Guard>>,
    /// Fields that are emptied. 清空哪些字段
    clear: Option<Ids>,
    /// Whether the round grows by one. 是否进入下一轮
    next_round: Option<bool>,
    /// Events that are raised after it. 抛出哪些事件
    raise: Option<Ids>,
    /// The linked case that is opened. 开启哪种关联事项
    open: Option<Open>,
    /// The split that somebody joins late. 补交哪项分摊
    join_late: Option<Id>,
}

/// One way that no action and no event takes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Eventless {
    /// Where to. 转到哪个状态
    go: Option<Id>,
    /// When. 条件
    when: Option<Guard>,
    /// When no other is taken. 其余情况
    otherwise: Option<bool>,
    /// Fields, each with an expression. 给字段赋值
    set: Option<ByName<Guard>>,
    /// Fields that are emptied. 清空哪些字段
    clear: Option<Ids>,
    /// Whether the round grows by one. 是否进入下一轮
    next_round: Option<bool>,
    /// Events that are raised after it. 抛出哪些事件
    raise: Option<Ids>,
    /// The linked case that is opened. 开启哪种关联事项
    open: Option<Open>,
    /// The split that somebody joins late. 补交哪项分摊
    join_late: Option<Id>,
}

/// `[handoffs.<id>]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Handoff {
    /// The field of type units: one leg each. 承办单位字段
    each: Option<Id>,
    /// The field of type unit: which one leads. 牵头单位字段
    lead: Option<Id>,
    /// The field of units that never hold the others up. 可缺席的单位
    optional: Option<Id>,
    /// The hand-off whose legs go on here. 接续哪次交办
    continues: Option<Id>,
    /// With `continues`: the field of units that get a new round. 只有哪些单位重办
    only: Option<Id>,
    /// When enough are there. 何时算到齐
    join: Per<Join>,
    /// What a unit must have reached to count. 办到哪一步才算
    reach: Option<Reach>,
    /// Who may start without those who are missing. 可以先行开始
    start_without: Option<StartWithout>,
    /// The field with the plan that each agrees to. 须各方同意的方案
    agree_on: Option<Id>,
    /// What becomes of the rest. 其余单位如何
    rest: Option<Rest>,
    /// The rules for each unit. 对每个单位的规则
    leg: Option<Leg>,
}

/// Who may start without those who are missing, and from when.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct StartWithout {
    /// Who may. 谁
    who: Option<Ids>,
    /// The clock of those who are missing. 缺席单位的哪个计时
    clock: Id,
    /// From when of that clock. 何时起
    after: At,
    /// Who hears. 告知谁
    tell: Option<Ids>,
}

/// `[handoffs.<id>.leg]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Leg {
    /// Clocks of scope leg. 部门的计时
    clocks: Option<Ids>,
    /// Fields a department sees; without them all that is not private. 部门能看到哪些字段
    send: Option<Ids>,
    /// The last moment for handing it back. 多久之内可以退单
    refuse_within: Option<Span>,
    /// On which grounds; without them on all of [grounds]. 可选哪些退单理由
    grounds: Option<Ids>,
    /// Who rules on a refusal. 退单由谁裁定
    arbiter: Option<Ids>,
    /// Who rules when another unit has refused the case before. 再次退单由谁裁定
    arbiter_again: Option<Ids>,
    /// How many units may refuse a case. 最多退几次
    #[schemars(range(min = 1, max = 5))]
    hops: Option<u8>,
    /// How a unit is found. 如何确定单位
    pick: Option<Named>,
    /// What a refusal leads to. 退单之后
    refusal: Option<Arbitration>,
    /// What silence means. 逾期未答
    expiry: Option<Accepted>,
}

/// `[notices.<id>]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Notice {
    /// To whom. 发给谁
    who: Ids,
    /// By which channels, the next when one fails. 经哪些渠道
    via: Option<Ids>,
    /// In Chinese; holds `{field}`, `{number}`, `{state}`, `{due}`, `{link}`. 中文内容
    zh: Option<String>,
    /// In English. 英文内容
    en: Option<String>,
    /// When it waits. 免打扰时段
    quiet: Option<Hours>,
    /// When it does not wait. 何时不受免打扰限制
    wakes: Option<Guard>,
    /// How often at most. 最多发几次
    at_most: Option<AtMost>,
}

/// How often at most.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct AtMost {
    /// How many. 几次
    #[schemars(range(min = 1))]
    count: u32,
    /// In which time. 多长时间内
    per_time: Span,
}

/// `[votes.<id>]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Vote {
    /// Who votes: a field of type roster or units, a role, or `"legs"`. 谁投票
    roster: Id,
    /// What is counted. 按什么计票
    axes: Vec<Axis>,
    /// What must take part. 参与门槛
    take_part: Option<Shares>,
    /// What of those who take part must agree. 同意门槛
    consent: Option<Shares>,
    /// The fields the vote is about. 表决什么
    about: Option<Ids>,
    /// A roster of whom everyone must agree. 须全部同意的人
    must_all: Option<Id>,
    /// How long it is open. 投票期
    window: VoteWindow,
    /// Whether it may end early. 是否提前结束
    early: Option<Early>,
    /// Whether votes are told. 记名或不记名
    ballots: Option<Ballots>,
    /// Who notes votes on paper. 谁代录纸质票
    collect: Option<Ids>,
    /// Who may say no alone. 谁可以一票否决
    veto: Option<Ids>,
    /// The field with what can be chosen. 选项字段
    options: Option<Id>,
    /// The field that gets the choice that won. 胜出选项写入哪个字段
    winner: Option<Id>,
}

/// How long a vote is open.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct VoteWindow {
    /// At least. 最短
    shortest: Span,
    /// At most. 最长
    longest: Span,
    /// The field with the end. 截止字段
    until: Option<Id>,
}

/// One share for all axes, or one for each.
#[derive(JsonSchema)]
#[schemars(untagged, deny_unknown_fields)]
pub enum Shares {
    /// For all. 统一
    All(Share),
    /// For each. 分别
    Each {
        /// Of heads. 户数
        heads: Option<Share>,
        /// Of areas. 面积
        area: Option<Share>,
    },
}

/// `[splits.<id>]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Split {
    /// The field of type roster: who pays. 名册字段
    roster: Id,
    /// What is divided, in fen. 分摊多少
    amount: Guard,
    /// The field of type table with the weights of floors. 楼层系数表
    weights: Id,
    /// By what. 按什么
    by: Option<Vec<By>>,
    /// The field of parts that pay nothing. 哪些户不分摊
    outside: Option<Id>,
    /// What joining late costs. 后期加入如何计算
    late: Option<Late>,
}

/// What joining late costs.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Late {
    /// The field with the day since when it ages. 从哪天起折旧
    since: Id,
    /// Over how many years. 折旧多少年
    over: Span,
    /// The field with the part that joins. 加入的户
    part: Id,
}

/// `[claims.<id>]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Claims {
    /// The field of type int: how many there are. 数量字段
    item: Id,
    /// Who may claim. 谁可以认领
    who: Ids,
    /// Who may match. 谁可以撮合
    matcher: Option<Ids>,
    /// Whoever offered it. 由谁提供
    offered_by: Option<Id>,
    /// Whether one claim takes everything. 独占或分份
    share: Option<Sharing>,
    /// How many open claims one claimer may have. 每人最多同时认领几个
    cap: Option<Per<u32>>,
    /// What broken claims lead to. 失约之后
    after_drops: Option<AfterDrops>,
    /// Clocks of scope offer. 认领的计时
    clocks: Option<Ids>,
    /// What becomes of a late claim. 逾期之后
    expiry: Option<Expiry>,
    /// Fields a claimer sees. 认领人能看到哪些字段
    send: Option<Ids>,
    /// Fields that only a claimer sees. 只有认领人能看到的字段
    reveal: Option<Ids>,
    /// Fields asked for at the first contact. 联系时要填什么
    at_contact: Option<Ids>,
    /// Fields asked for at the delivery. 送达时要填什么
    at_delivery: Option<Ids>,
}

/// What broken claims lead to, within a season.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct AfterDrops {
    /// After how many. 失约几次
    drops: u32,
    /// How many open claims are allowed then. 之后最多几个
    cap: u32,
    /// The field that names the season. 季度字段
    season: Option<Id>,
}

/// `[listing]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Listing {
    /// Which list. 哪张清单
    list: ListName,
    /// In which states. 在哪些状态列出
    states: Option<Ids>,
    /// Which fields are shown. 显示哪些字段
    show: Option<Ids>,
    /// The field with the category. 类别字段
    category: Option<Id>,
    /// The field with the quantity. 数量字段
    quantity: Option<Id>,
    /// The field with the first day. 起始日期字段
    from: Option<Id>,
    /// The field with the last day. 截止日期字段
    until: Option<Id>,
    /// The field that says whether somebody is vulnerable. 困难群体字段
    vulnerable: Option<Id>,
    /// The field that says what stands first. 优先字段
    priority: Option<Id>,
}

/// The alternatives of an action: one, or several of which the first is taken whose condition holds.
pub type Action = OneOrMore<Alternative>;

/// A workflow to open, or one for each choice.
pub type Open = Per<Id>;
