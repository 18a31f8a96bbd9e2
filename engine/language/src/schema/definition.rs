//! A definition as a whole, or a block.

use schemars::JsonSchema;

use super::case::{Claims, Effects, Handoff, Listing, Notice, Split, State, Vote};
use super::field::Field;
use super::script::Test;
use super::time::{Clock, Pause, Rung, Start};
use super::value::{Anything, ByName, Class, Guard, Id, Ids, Kind, Span, Then, Values, Words};

/// A definition of Paidan, with its tests; or a block that definitions use. 派单流程定义（含测试），或可复用的块
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("anyOf" = [{ "required": ["workflow", "states"] }, { "required": ["block"] }]))]
pub struct Definition {
    /// What this definition is. 流程本身
    workflow: Option<Workflow>,
    /// What this block is. 块本身
    block: Option<Block>,
    /// Who takes part: a job at a level, a person of the case, its departments, … 角色：谁参与
    roles: Option<ByName<Role>>,
    /// What is known of a case, and asked for in forms. 字段：事项里记录什么
    fields: Option<ByName<Field>>,
    /// Where a case can be; flat: `in` names the parent. 状态：事项走到哪一步
    states: Option<ByName<State>>,
    /// How cases end: what each outcome is called, and what reports count it as. 办理结果及其统计归类
    outcomes: Option<ByName<Outcome>>,
    /// What actions are called. 动作的名称
    actions: Option<ByName<Words>>,
    /// Departments as legs: who is called, what joins, who rules on a refusal. 交办：部门各自承办
    handoffs: Option<ByName<Handoff>>,
    /// Why departments may hand back; without them four common ones. 退单理由
    grounds: Option<ByName<Ground>>,
    /// Time limits, each with its calendar, warnings and ladder. 计时
    clocks: Option<ByName<Clock>>,
    /// What makes clocks stand still. 暂停计时的事由
    pauses: Option<ByName<Pause>>,
    /// Who hears of a late clock, and when. 逾期升级阶梯
    ladders: Option<ByName<Vec<Rung>>>,
    /// Messages: to whom, and what they say. 通知
    notices: Option<ByName<Notice>>,
    /// Votes. 表决
    votes: Option<ByName<Vote>>,
    /// Sums of money that are divided. 费用分摊
    splits: Option<ByName<Split>>,
    /// Which fields go along into a linked case: theirs on the left, ours on the right. 开启关联事项时带去哪些字段
    opens: Option<ByName<ByName<Id>>>,
    /// What is said while a condition holds. 条件成立时的提示
    hints: Option<ByName<Hint>>,
    /// Claims by volunteers, givers, units. 认领
    claims: Option<ByName<Claims>>,
    /// On which list cases of this kind stand. 列入哪张清单
    listing: Option<Listing>,
    /// Cases that begin by themselves, by a schedule. 按周期自动发起
    starts: Option<ByName<Start>>,
    /// What holds after every step. 每一步之后都须成立
    always: Option<Vec<Always>>,
    /// What is changed for one kind of town: tables merge, values replace. 地方参数：按地方调整期限、门槛
    profiles: Option<ByName<Values>>,
    /// What this definition swears to; the checker proves it or shows a counterexample. 承诺：由检查器证明
    promises: Option<Promises>,
    /// Lints that are accepted: code, and why. 接受哪些提示，为什么
    allow_findings: Option<std::collections::BTreeMap<String, String>>,
    /// Tests on a pretend clock. 测试：按虚拟时钟走一遍
    tests: Option<Vec<Test>>,
}

/// `[workflow]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Workflow {
    /// The name of this definition. 流程标识
    id: Id,
    /// Grows with each published change. 版本号，每次修改发布时加大
    #[schemars(range(min = 1, max = 2_147_483_648_u64))]
    version: u64,
    /// What people call it. 名称
    title: Option<Words>,
    /// The job that answers for this definition. 由谁负责
    owner: Option<Role>,
    /// The calendar of clocks, timers and guards that name none. 日历
    calendar: Option<Id>,
    /// The state in which a case begins; several: one of each region. 从哪个状态开始
    start: Ids,
    /// The highest round of rework. 最多返工几轮
    #[schemars(range(max = 9))]
    rounds: Option<u8>,
    /// The form of the public number. 编号格式
    #[schemars(extend("examples" = ["{date}-{unit}-{serial}"]))]
    number: Option<String>,
    /// The ladder of clocks that name none. 未指定时用哪个升级阶梯
    ladder: Option<Id>,
    /// What it is of. 种类
    kind: Option<Kind>,
    /// Who may open a case: a person in a field for themselves, a job for anybody. 谁可以发起
    who: Option<Ids>,
    /// Who may open a case in the name of somebody else; the jobs in `who` when nothing is said.
    /// 谁可以代他人发起
    for_others: Option<Ids>,
    /// What every end does that says nothing of its own. 办结时统一做什么
    at_end: Option<Effects>,
    /// How long personal values are kept. 个人信息保留多久
    keep: Option<Keep>,
    /// Blocks that are put in. 使用哪些块
    #[schemars(rename = "use")]
    uses: Option<Vec<Use>>,
}

/// `[block]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Block {
    /// The name of the block. 块标识
    id: Id,
    /// What people call its root state. 名称
    title: Option<Words>,
    /// Where it begins. 从哪个状态开始
    start: Option<Ids>,
    /// Its parameters, each with its kind. 参数及其种类
    with: Option<std::collections::BTreeMap<String, String>>,
    /// The events it raises: the only way in which it speaks. 抛出哪些事件
    raises: Option<Vec<Id>>,
}

/// One use of a block.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Use {
    /// Which block. 哪个块
    block: Id,
    /// The id of its root state, and the prefix of all its ids. 前缀
    #[schemars(rename = "as")]
    prefix: Id,
    /// The state inside which it stands. 放在哪个状态里
    #[schemars(rename = "in")]
    parent: Option<Id>,
    /// Its parameters. 参数
    with: Option<Values>,
}

/// How long personal values of closed cases are kept.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Keep {
    /// How long after the end. 办结后多久
    closed_for: Option<Span>,
    /// What happens then. 之后如何
    then: Then,
}

/// A role: one of these, or one role for each choice of a field.
#[derive(JsonSchema)]
#[schemars(untagged, deny_unknown_fields)]
pub enum Role {
    /// A job at a unit of a level; `of = "leg"`: of the department at hand. 某级单位的岗位
    Post {
        /// The job. 岗位
        post: Id,
        /// The level, `"leg"` or `"any"`. 哪一级
        of: Id,
    },
    /// Whoever a field of type person names. 字段里的人
    Person {
        /// The field. 字段
        person: Id,
    },
    /// Whoever acts for a department: of the lead, or of each. 牵头或承办部门
    Leg {
        /// `"lead"`, or true. 牵头写"lead"，全部写true
        leg: Anything,
    },
    /// Owners of a roster. 名册里的业主
    Owners {
        /// The field of type roster. 名册字段
        owners: Id,
    },
    /// Whoever has an open claim. 认领人
    Claimer {
        /// True. 写true
        claimer: bool,
    },
    /// One role for each choice. 按选项取角色
    Per(PerRole),
}

/// One role for each choice of a field.
pub struct PerRole;

impl JsonSchema for PerRole {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PerRole".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let id = generator.subschema_for::<Id>();
        schemars::json_schema!({ "description": "One role for each choice of the field in `per`. 按选项取角色", "type": "object", "required": ["per"], "additionalProperties": id })
    }
}

/// `[grounds.<id>]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Ground {
    /// In Chinese. 中文
    zh: Option<String>,
    /// In English. 英文
    en: Option<String>,
    /// Whether a duty or an article of law must be cited. 是否须写明职责依据
    cites_duty: Option<bool>,
}

/// `[outcomes.<id>]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Outcome {
    /// In Chinese. 中文
    zh: Option<String>,
    /// In English. 英文
    en: Option<String>,
    /// What reports count it as. 统计归类
    class: Class,
}

/// What is said while a condition holds.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Hint {
    /// The condition. 条件
    when: Guard,
    /// In Chinese. 中文
    zh: Option<String>,
    /// In English. 英文
    en: Option<String>,
}

/// What holds after every step.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Always {
    /// What it is called when it does not. 名称
    name: String,
    /// The condition. 条件
    that: Guard,
}

/// `[promises]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Promises {
    /// Where a case waits, a clock, a timer or a pause with a limit runs. 等待必有时限
    no_wait_without_clock: Option<bool>,
    /// And somebody answers for it. 每一分钟都有人负责
    no_unowned_minute: Option<bool>,
    /// Nothing a department does alone moves the resident's date. 部门动作不推后对居民的期限
    department_never_moves_promise: Option<bool>,
    /// Time alone leads to no outcome but those of silence. 沉默只有自己的结果
    silence_has_its_own_outcome: Option<bool>,
    /// Every case can end. 每件事都能办结
    every_case_can_end: Option<bool>,
    /// A department alone moves the case only by what joins. 退单不改变事项的状态
    refusal_stays_with_leg: Option<bool>,
    /// Actions that are closed to every department. 承办单位不得自己验收
    doer_never_verifies: Option<DoerNeverVerifies>,
    /// After an unhappy answer the end is reached only through some states. 不满意不得悄悄办结
    unhappy_never_closed_silently: Option<Unhappy>,
    /// Every path ends in that time. 多久之内必有结果
    ends_within: Option<Span>,
}

/// Whoever did the work never checks it.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct DoerNeverVerifies {
    /// The actions. 哪些动作
    action: Ids,
}

/// From an answer below that, every end is reached through one of the states.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Unhappy {
    /// The field with the answer. 评价字段
    field: Id,
    /// Below which value. 低于多少
    #[schemars(range(max = 100))]
    below: u8,
    /// Through which states. 须经过哪些状态
    through: Ids,
}
