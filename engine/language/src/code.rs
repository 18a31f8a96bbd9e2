//! The codes of findings: each with a title and a page.

use crate::level::Level;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $level:ident, $zh:literal, $en:literal;)+) => {
        /// A stable code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])* $name),+ }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The number, such as `E0101`.
            #[must_use]
            pub fn number(self) -> &'static str { match self { $(Self::$name => $number),+ } }

            /// How grave findings of this code are.
            #[must_use]
            pub fn level(self) -> Level { match self { $(Self::$name => Level::$level),+ } }

            /// Whether a definition may accept it by code, with a reason. A lint that is an error is one until it does.
            #[must_use]
            pub fn is_lint(self) -> bool { self.number().starts_with('L') }

            /// What it is about, in Chinese and English.
            #[must_use]
            pub fn title(self) -> (&'static str, &'static str) { match self { $(Self::$name => ($zh, $en)),+ } }
        }
    };
}

codes! {
    /// The text is no TOML.
    Syntax = "E0101", Error, "不是合法的TOML", "the text is not TOML";
    /// A key that nothing reads.
    UnknownKey = "E0102", Error, "没有这个键", "a key that means nothing here";
    /// A value of another type.
    WrongType = "E0103", Error, "值的类型不对", "a value of another type";
    /// A key that must be there.
    MissingKey = "E0104", Error, "缺少必需的键", "a key that must be there";
    /// A text that is no id.
    NotAnId = "E0105", Error, "不是合法的标识", "a text that is no id";
    /// A duration that cannot be read.
    Duration = "E0106", Error, "时长写法不对", "a duration that does not say what it counts";
    /// A name that nothing declares.
    UnknownName = "E0107", Error, "引用了没有声明的名字", "a name that nothing declares";
    /// A part of the language this version does not have.
    NotThereYet = "E0108", Error, "此版本尚不支持", "a part of the language that is not there yet";
    /// More than a named limit.
    Limit = "E0109", Error, "超过上限", "more than a limit allows";
    /// A guard that cannot be read or does not type-check.
    Guard = "E0110", Error, "条件写法或类型不对", "a guard that does not read or type-check";
    /// A placeholder without a field.
    Placeholder = "E0111", Error, "占位符没有对应的字段", "a placeholder without a field";
    /// A value outside those that are allowed.
    WrongValue = "E0112", Error, "值不在允许的范围内", "a value that is not allowed here";
    /// A choice without a value.
    MissingChoice = "E0113", Error, "有选项没有给值", "a choice without a value";
    /// An id that nests by a dot.
    DottedId = "E0114", Error, "标识里不能有点号", "an id that nests by a dot";
    /// A calendar that cannot be.
    Calendar = "E0115", Error, "日历不成立", "a calendar that cannot be";
    /// Something that is declared twice.
    Duplicate = "E0116", Error, "重复声明", "something is declared twice";
    /// A guard that reads a field which can still be empty.
    MayBeEmpty = "E0117", Error, "条件用到可能为空的字段", "a guard reads a field that can still be empty";
    /// A hand-off whose state does not handle its join.
    NoJoin = "E0118", Error, "交办之后没有汇合", "a hand-off without a join";
    /// A parent without a start.
    NoStart = "E0119", Error, "没有指定从哪个子状态开始", "a parent that does not say where it starts";
    /// An action nobody can do.
    NobodyActs = "E0120", Error, "没有人能办这个动作", "an action nobody can do";
    /// Rungs that do not rise.
    LadderFalls = "E0121", Error, "梯级没有递进", "a ladder that does not rise";
    /// A promise that does not hold.
    PromiseBroken = "E0122", Error, "承诺不成立", "a promise that does not hold";
    /// A private field in a message that goes to others.
    PrivateTold = "E0123", Error, "消息里有不公开的内容", "a private field in a message to others";
    /// A vote or a claim whose result nothing handles.
    NoResult = "E0124", Error, "表决或认领之后没有处理结果", "a vote or claim whose result nothing handles";
    /// Clocks that cap one another in a circle.
    CapCircle = "E0125", Error, "计时互相限定", "clocks that cap one another";
    /// A recurrence that cannot be read, or never comes.
    Recurrence = "E0126", Error, "周期写法不对", "a recurrence that cannot be read or never comes";
    /// A state that nothing leads to.
    Unreachable = "L0301", Lint, "到达不了的状态", "a state that nothing leads to";
    /// A state without a way out.
    NoWayOut = "L0302", Error, "没有出口的状态", "a state without a way out";
    /// A wait without a clock.
    NoClock = "L0303", Lint, "等待没有计时", "a wait without a clock";
    /// A missing translation.
    Translation = "L0304", Lint, "缺少中文或英文", "a text in one language only";
    /// A clock without a ladder.
    NoLadder = "L0305", Lint, "计时没有升级梯", "a clock without a ladder";
    /// A role that resolves to nobody in a town.
    EmptyRole = "L0306", Lint, "没有人担任的角色", "a role that nobody holds";
    /// A move without a form into a state that asks for one.
    NoForm = "L0308", Lint, "自动转入的状态有必填项", "a move without a form into a state that asks for one";
    /// A promise that cannot be proved yet.
    NotProved = "L0307", Lint, "承诺尚未证明", "a promise that this version does not prove";
}

impl Code {
    /// The code of that number.
    #[must_use]
    pub fn parse(number: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.number() == number)
    }
}
