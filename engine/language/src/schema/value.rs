//! Values that stand in many places: ids, texts in two languages, durations, guards, fractions.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use paidan_model::claim::List;
use paidan_model::leg::LegState;
use paidan_model::period::Every;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::read::start::DAYS_OFF;
use crate::read::{COLOURS, TYPES};

/// A parameter of a block, which stands in the place of a value.
const PARAMETER: &str = "<[^<>]+>";

/// A text of one line with a form, or a parameter of a block.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident, $about:literal, $form:expr;)+) => {$(
        $(#[$doc])*
        pub struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "description": $about,
                    "pattern": format!("^({}|{PARAMETER})$", $form),
                })
            }
        }
    )+};
}

const ID: &str = "[A-Za-z][A-Za-z0-9_-]{0,63}";
const SPAN: &str =
    "[1-9][0-9]{0,5} (business (minute|hour|day)|calendar (day|month|year)|real (second|minute|hour))s?";
const FRACTION: &str = "[1-9][0-9]*/[1-9][0-9]*";
const PERCENT: &str = "[1-9][0-9]?%";

texts! {
    /// A name that is declared somewhere.
    Id, "A letter, then letters, digits, _ or -, at most 64. 字母开头，后接字母、数字、_或-，最多64个", ID;
    /// A duration.
    Span, "A duration that says which time it counts: \"4 business hours\", \"5 business days\", \"15 calendar days\", \"30 real minutes\". 时长要说明按哪种时间算", SPAN;
    /// A duration, or a field.
    Limit, "A duration, or a field of type date or moment. 时长，或日期、时刻字段", format!("{SPAN}|{ID}");
    /// When a rung fires.
    At, "\"80%\" of the clock, \"breach\", or \"breach + 4 business hours\". 时限的百分比、逾期，或逾期后多久", format!("{PERCENT}|breach( \\+ {SPAN})?");
    /// A share of a clock.
    Percent, "\"1%\" to \"99%\" of the clock's time. 时限的百分比", PERCENT;
    /// A share of votes.
    Share, "\"2/3\" (at least) or \"more than 1/2\". 不少于2/3，或过半数", format!("(more than )?{FRACTION}");
    /// When a hand-off is complete.
    Join, "\"all\", \"any\", \"lead\", \"2/3\", or \"lead and 2/3\" of the departments. 何时算到齐", format!("all|any|lead|(lead and )?{FRACTION}");
    /// What a clock starts or stops by.
    Trigger, "\"intake\", a state, \"on.<action>\"; of a clock of departments or claims, a state of theirs. 由受理、状态或动作触发", format!("(on\\.)?{ID}");
    /// A time span of every day.
    Hours, "From and until, such as \"08:30-12:00\". 起止时间", "[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]";
    /// A day.
    Day, "A day: \"2026-10-01\". 日期", "[0-9]{4}-[0-9]{2}-[0-9]{2}";
    /// A day, or days.
    Days, "A day \"2026-10-01\", or from and to: \"2026-10-01..2026-10-07\". 日期，或起止日期", "[0-9]{4}-[0-9]{2}-[0-9]{2}(\\.\\.[0-9]{4}-[0-9]{2}-[0-9]{2})?";
    /// A moment.
    Moment, "A moment in local time: \"2026-10-08 12:00\". 本地时刻", "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}";
    /// What a step waits for.
    Wait, "A duration, or \"until 2026-10-08 12:00\". 时长，或等到某一时刻", format!("{SPAN}|until [0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}} [0-9]{{2}}:[0-9]{{2}}");
    /// A secret that stands elsewhere.
    Secret, "\"env:NAME\" or \"file:PATH\": a secret never stands in a file of the configuration. 密钥不写在配置里", "(env|file):.+";
    /// How often something may be sent.
    Rate, "Such as \"20 per minute\". 频率", "[1-9][0-9]* per (second|minute|hour)";
    /// A condition or an expression.
    Guard, "A condition or an expression over fields, round, legs and In('state'). 条件或表达式", ".*";
}

/// One of a few words.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident, $about:literal, $words:expr;)+) => {$(
        $(#[$doc])*
        pub struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let words: Vec<&str> = $words.into_iter().collect();
                json_schema!({ "type": "string", "description": $about, "enum": words })
            }
        }
    )+};
}

words! {
    /// What a definition is of.
    Kind, "A case with people and clocks, or a plain statechart. 事项流程，或单纯的状态图", ["case", "chart"];
    /// What becomes of what is kept.
    Then, "Whether personal values are erased. 是否清除个人信息", ["redact", "nothing"];
    /// What reports count an outcome as.
    Class, "What reports count it as. 统计归类", paidan_model::outcome::Class::ALL.map(paidan_model::outcome::Class::name);
    /// What a field holds.
    FieldType, "What the field holds. 字段类型", TYPES.map(|(name, _)| name);
    /// What a field is to the engine.
    Meaning, "What it is to the engine, whatever it is called. 含义", paidan_model::field::Meaning::ALL.map(|(name, _)| name);
    /// Who writes a field.
    SetBy, "Who writes it. 由谁填写", ["people", "engine"];
    /// What a column holds.
    CellType, "What the column holds. 列的类型", ["text", "int", "money"];
    /// What becomes of an occurrence on a day off.
    DaysOff, "Skipped, moved, or all the same. 遇休息日跳过、提前、顺延或照常", DAYS_OFF.map(|(name, _)| name);
    /// What becomes of what was missed.
    MissedWord, "One case for all that was missed, or none. 错过的只补一次，或不补", ["once", "none"];
    /// What a clock is about.
    Scope, "What the clock is about: the case, each department, each claim, or the time in which nobody holds the case. 计时对象", ["case", "leg", "offer", "gap"];
    /// What a due day on a day off becomes.
    Roll, "Whether a due day on a day off moves to the next working day. 遇休息日是否顺延", ["forward", "none"];
    /// What a changed limit makes of a clock.
    Carry, "What becomes of a running clock when its limit changes. 时限改变时如何接续", ["keep", "restart", "prorate"];
    /// Whom a clock is promised to.
    CountsFor, "Promised to the resident, or within the administration. 对居民的承诺，或内部计时", ["public", "internal"];
    /// The colour of a slip.
    Colour, "The colour of a supervision slip. 督办单的颜色", COLOURS.map(|(name, _)| name);
    /// What a department must have reached.
    Reach, "What a department must have reached to count. 部门办到哪一步才算", ["signed", "reported", "done"];
    /// What becomes of the rest.
    Rest, "What becomes of departments that are not done when enough are. 汇合时其余单位如何", ["kept", "recall"];
    /// A leg's state, or a claim's.
    PartState, "The state of a department's part, or of a claim. 承办或认领的状态", part_states();
    /// What a vote counts.
    Axis, "Heads, or areas. 按户数，或按面积", ["heads", "area"];
    /// When a vote ends.
    Early, "Whether a vote ends as soon as the rest cannot change it. 是否提前结束", ["when decided", "never"];
    /// Whether votes are told.
    Ballots, "Whether it is told who voted how. 记名或不记名", ["named", "secret"];
    /// Whether a claim takes all.
    Sharing, "Whether one claim takes everything. 独占，或可分份认领", ["exclusive", "partial"];
    /// What becomes of a late claim.
    Expiry, "What becomes of a claim that is late. 认领逾期后如何", ["release", "keep"];
    /// How a vote ended.
    Verdict, "How the vote ended. 表决结果", ["passed", "failed", "tied", "void"];
    /// A list.
    ListName, "The list on which cases stand. 三张清单之一", List::ALL.map(List::name);
    /// By what money is divided.
    By, "What the share is proportional to. 按什么分摊", ["floor", "area"];
    /// How often.
    Period, "How often. 多久一次", Every::ALL.map(Every::name);
    /// How mail is protected.
    Tls, "How the connection is protected. 连接如何加密", ["none", "starttls", "tls"];
    /// The kind of a channel.
    ChannelKind, "What carries the messages. 渠道种类", ["smtp", "webhook", "http", "black-hole", "sink"];
    /// How bytes are written.
    Encoding, "How the signature is written. 签名的编码", ["base64", "hex"];
    /// A weekday.
    Weekday, "A weekday. 星期几", crate::read::calendar::WEEKDAYS;
    /// Whose unit.
    Part, "Which department: the one that leads, or each. 牵头单位，或每个承办单位", ["lead"];
    /// How a person or unit is found.
    Named, "Who takes part is named in the case. 由事项指定", ["named"];
    /// What a refusal leads to.
    Arbitration, "A refusal goes to whoever rules. 退单交由裁定", ["arbitration"];
    /// What silence means.
    Accepted, "Silence until the end of the offer means yes. 逾期未答视为接受", ["accepted"];
}

fn part_states() -> Vec<&'static str> {
    let claims = paidan_model::claim::ClaimState::ALL.map(paidan_model::claim::ClaimState::name);
    let mut found: Vec<&str> = LegState::ALL.map(LegState::name).into_iter().chain(claims).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// A text in both languages.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Words {
    /// In Chinese. 中文
    zh: String,
    /// In English. 英文
    en: String,
}

/// Tables by their ids.
pub struct ByName<T>(PhantomData<T>);

impl<T: JsonSchema> JsonSchema for ByName<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}ById", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let of = generator.subschema_for::<T>();
        json_schema!({ "type": "object", "propertyNames": { "pattern": format!("^{ID}$") }, "additionalProperties": of })
    }
}

/// One of something by itself, or several in an array.
pub struct OneOrMore<T>(PhantomData<T>);

impl<T: JsonSchema> JsonSchema for OneOrMore<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}OrMore", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let of = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [of, { "type": "array", "items": of }] })
    }
}

/// One value, or one for each choice of a field: `{ per = "kind", hard = …, otherwise = … }`.
pub struct Per<T>(PhantomData<T>);

impl<T: JsonSchema> JsonSchema for Per<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}PerChoice", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let of = generator.subschema_for::<T>();
        let field = generator.subschema_for::<Id>();
        json_schema!({ "anyOf": [of, {
            "type": "object",
            "required": ["per"],
            "properties": { "per": {
                "description": "The choice by whose value it goes. 按哪个选择字段",
                "allOf": [field],
            } },
            "additionalProperties": of,
        }] })
    }
}

/// A whole number, or a parameter of a block.
pub struct Whole;

impl JsonSchema for Whole {
    fn schema_name() -> Cow<'static, str> {
        "Whole".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A whole number. 整数",
            "anyOf": [{ "type": "integer" }, { "type": "string", "pattern": format!("^{PARAMETER}$") }],
        })
    }
}

/// Whatever TOML can write.
pub struct Anything;

impl JsonSchema for Anything {
    fn schema_name() -> Cow<'static, str> {
        "Anything".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // Said, for some tools take an object that says nothing for one that has no keys.
        json_schema!({ "additionalProperties": true })
    }
}

/// Ids: one by itself, or an array of them.
pub type Ids = OneOrMore<Id>;
/// Values by the names of fields.
pub type Values = BTreeMap<String, Anything>;
