//! Fields, and columns of tables.

use schemars::JsonSchema;

use super::value::{Anything, ByName, CellType, FieldType, Guard, Id, Ids, Meaning, SetBy, Whole, Words};

/// `[fields]`
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Field {
    /// What it holds. 类型
    #[schemars(rename = "type")]
    kind: FieldType,
    /// What people call it, in Chinese. 中文名称
    zh: Option<String>,
    /// In English. 英文名称
    en: Option<String>,
    /// What can be chosen. 选项
    choices: Option<Ids>,
    /// What people call the choices. 选项的名称
    titles: Option<ByName<Words>>,
    /// What it is to the engine, whatever it is called. 对系统的含义
    means: Option<Meaning>,
    /// Of a class: what a case of each choice weighs on a desk, 1 to 9. 各选项的工作量，1至9
    weights: Option<ByName<Whole>>,
    /// Of a table: its columns, in order. 表格的列
    columns: Option<Vec<Column>>,
    /// The field of units of which this one must be part. 必须是哪个字段的一部分
    among: Option<Id>,
    /// Of a person: the job they must hold. 须担任什么岗位
    post: Option<Ids>,
    /// Of a case: of which workflow it must be. 须是哪种事项
    of: Option<Id>,
    /// Of a case: in which states it may be named. 在哪些状态可以填
    #[schemars(rename = "in")]
    named_in: Option<Ids>,
    /// Of a case: it may be named when it has ended. 已结的也可以填
    may_be_closed: Option<bool>,
    /// Of a case: fields that it fills, theirs on the right. 带来哪些字段
    brings: Option<ByName<Id>>,
    /// The least number, length or count. 下限
    min: Option<Whole>,
    /// The most; of a date a duration: how far ahead. 上限；日期写最多提前多久
    max: Option<Anything>,
    /// Asked for when a case is opened. 发起时必填
    required: Option<bool>,
    /// Filled before that state is entered. 从哪个状态起必填
    required_from: Option<Ids>,
    /// Asked for while that holds. 在什么条件下必填
    required_when: Option<Guard>,
    /// What it holds when nothing is said. 默认值
    default: Option<Anything>,
    /// Hidden from all but those who hold the case. 不公开
    private: Option<bool>,
    /// Kept in the record in the clear. 以明文留在记录里
    public: Option<bool>,
    /// Who writes it. 由谁填写
    set_by: Option<SetBy>,
}

/// A column of a table.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Column {
    /// Its name. 标识
    id: Id,
    /// What it holds. 类型
    #[schemars(rename = "type")]
    kind: CellType,
    /// What people call it, in Chinese. 中文名称
    zh: Option<String>,
    /// In English. 英文名称
    en: Option<String>,
    /// The least number. 下限
    min: Option<i64>,
    /// The most. 上限
    max: Option<i64>,
    /// The roster whose parts it names. 取自哪个名册
    among: Option<Id>,
}
