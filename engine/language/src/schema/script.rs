//! Tests of a definition.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::value::{Anything, Colour, Id, Ids, Moment, PartState, Values, Verdict, Wait};

/// `[[tests]]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Test {
    /// What it shows. 名称
    name: String,
    /// The profile under which it runs. 用哪套地方参数
    profile: Option<Id>,
    /// What is known when the case is opened. 发起时填什么
    given: Option<Values>,
    /// Other cases that may be named, by number. 可引用的其他事项
    others: Option<BTreeMap<String, Values>>,
    /// When it is opened. 何时发起
    at: Option<Moment>,
    /// What is done and what must be seen, in order. 步骤
    steps: Vec<Step>,
}

/// A step does one thing.
#[derive(JsonSchema)]
#[schemars(untagged, deny_unknown_fields)]
pub enum Step {
    /// Somebody does something. 某人做某事
    Do(Deed),
    /// Something happens. 发生某事件
    Send {
        /// The event. 事件
        send: Id,
    },
    /// Time passes. 等待
    Wait {
        /// How long, or until when. 多久，或等到何时
        wait: Wait,
    },
    /// The case is in exactly these states. 事项处于哪些状态
    In {
        /// The states. 状态
        #[schemars(rename = "in")]
        states: Ids,
    },
    /// Something can be seen. 能看到什么
    See {
        /// What. 什么
        see: See,
    },
}

/// Somebody does something.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Deed {
    /// The action. 动作
    #[schemars(rename = "do")]
    action: Id,
    /// As which role; else the first that may. 以什么角色
    who: Option<Id>,
    /// As which person. 以谁的身份
    #[schemars(rename = "as")]
    person: Option<String>,
    /// What is filled in. 填什么
    fill: Option<Values>,
    /// The reason; true for any. 理由
    reason: Option<Anything>,
    /// The unit whose leg acts. 哪个单位
    leg: Option<Id>,
    /// The refusal that is expected. 应被拒绝的编码
    refused: Option<String>,
}

/// What must be seen.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct See {
    /// The role that was told. 通知了谁
    told: Option<Id>,
    /// Of what. 用哪条通知
    notice: Option<Id>,
    /// A supervision slip. 督办单
    slip: Option<Colour>,
    /// The clock that is due. 哪个计时
    due: Option<Id>,
    /// At that moment. 何时到期
    at: Option<Moment>,
    /// The clock that is late. 哪个计时逾期
    late: Option<Id>,
    /// The unit. 哪个单位
    leg: Option<Id>,
    /// The state of its part, or of the claim. 状态
    state: Option<PartState>,
    /// The claim, by its number. 第几号认领
    claim: Option<u32>,
    /// How many are left to claim. 还剩多少
    left: Option<u64>,
    /// The hint that is shown. 哪条提示
    hint: Option<Id>,
    /// The split. 哪项分摊
    split: Option<Id>,
    /// What each part pays, in fen. 各户付多少（分）
    pays: Option<BTreeMap<String, u64>>,
    /// The vote. 哪次表决
    vote: Option<Id>,
    /// How it ended. 结果
    verdict: Option<Verdict>,
    /// Of each axis: all, those who took part, those who agreed. 总数、参与、同意
    sums: Option<Sums>,
    /// The field. 哪个字段
    field: Option<Id>,
    /// What it holds. 值
    is: Option<Anything>,
    /// How the case ended. 办理结果
    outcome: Option<Id>,
}

/// Of each axis three numbers: all, those who took part, those who agreed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Sums {
    /// Of heads. 户数
    heads: Option<[u64; 3]>,
    /// Of areas, in cm². 面积
    area: Option<[u64; 3]>,
}
