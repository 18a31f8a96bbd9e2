//! Refusals: a request that is well formed and not allowed now, by a stable code with parameters.

mod advice;
pub(crate) mod condition;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use paidan_model::id::FieldId;
use paidan_model::text::{Text, Tongue};
use serde::{Deserialize, Serialize};

/// The same words in both languages; both may name what is in scope.
macro_rules! both {
    ($zh:literal, $en:literal) => {
        paidan_model::text::Text { zh: alloc::format!($zh), en: alloc::format!($en) }
    };
}
pub(crate) use both;

/// What kind of refusal a code is: each door has one answer for each kind, such as a status of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// It is for others.
    Forbidden,
    /// The asker looked at an older state of the case.
    Outdated,
    /// What was filled in, or named, does not fit.
    Unfit,
    /// Not as the case stands.
    Conflict,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $slug:literal, $kind:ident, $zh:literal, $en:literal;)+) => {
        /// Why something is refused. Codes are stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Code { $($(#[$doc])* $name),+ }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The stable number, such as `R1001`.
            #[must_use]
            pub fn number(self) -> &'static str { match self { $(Self::$name => $number),+ } }

            /// The stable name, such as `not-open`.
            #[must_use]
            pub fn slug(self) -> &'static str { match self { $(Self::$name => $slug),+ } }

            /// What kind of refusal it is.
            #[must_use]
            pub fn kind(self) -> RefusalKind { match self { $(Self::$name => RefusalKind::$kind),+ } }

            /// The sentence, with its parameters as names between braces.
            #[must_use]
            pub fn sentence(self, tongue: Tongue) -> &'static str {
                match (self, tongue) { $((Self::$name, Tongue::Zh) => $zh, (Self::$name, Tongue::En) => $en),+ }
            }
        }
    };
}

codes! {
    /// The action isn't open in the states the case is in.
    NotOpen = "R1001", "not-open", Conflict, "现在不能“{action}”；您可以办：{open}", "`{action}` is not open now; open to you are: {open}";
    /// The asker holds none of the roles.
    NotYours = "R1002", "not-yours", Forbidden, "“{action}”由{who}办理", "`{action}` is for {who}";
    /// The condition does not hold.
    GuardFalse = "R1003", "guard-false", Unfit, "“{action}”还不能办，需要：{needs}", "`{action}` is not open yet; it needs: {needs}";
    /// The condition reads something that is not there.
    GuardUndefined = "R1004", "guard-undefined", Conflict, "“{action}”的条件用到了还没有的内容：{what}", "the condition of `{action}` reads what is not there: {what}";
    /// A field must be filled.
    Required = "R1005", "required", Unfit, "请填写{field}", "`{field}` must be filled";
    /// A value does not fit its field.
    WrongValue = "R1006", "wrong-value", Unfit, "{field}填写不对：{why}", "`{field}` does not fit: {why}";
    /// The form has no such field.
    UnknownField = "R1007", "unknown-field", Unfit, "表单里没有{field}", "the form of `{action}` has no field `{field}`";
    /// A reason must be written.
    ReasonMissing = "R1008", "reason-missing", Unfit, "请写明理由", "a reason must be written";
    /// The time for it has passed.
    TooLate = "R1009", "too-late", Conflict, "“{action}”的期限已过：{until}", "`{action}` was possible until {until}";
    /// The case is closed.
    Closed = "R1010", "closed", Conflict, "事项已结", "the case is closed";
    /// The case has no leg of that unit.
    NoSuchLeg = "R1011", "no-such-leg", Conflict, "{leg}没有承办此事项", "`{leg}` has no leg of this case";
    /// The leg is in another state.
    LegElsewhere = "R1012", "leg-elsewhere", Conflict, "{leg}现在是“{state}”，不能“{action}”", "the leg of `{leg}` is {state}; `{action}` is not open";
    /// A unit refuses a case once.
    RefusedBefore = "R1013", "refused-before", Conflict, "{leg}已退过一次，不能再退", "`{leg}` has refused this case before; a unit refuses once";
    /// The hand-off has no refusal.
    CannotRefuse = "R1014", "cannot-refuse", Conflict, "此事项不能退单", "this hand-off cannot be refused";
    /// No rounds are left.
    RoundsUsed = "R1015", "rounds-used", Conflict, "返工次数已用完（{rounds}次）", "all {rounds} rounds are used";
    /// Eventless steps do not come to rest.
    TooManySteps = "R1016", "too-many-steps", Conflict, "流程停不下来（超过{limit}步）", "the chart did not come to rest within {limit} moves";
    /// A condition that always holds would be broken.
    AlwaysBroken = "R1017", "always-broken", Conflict, "不能违反约定：{condition}", "this would break: {name}";
    /// The pause is not allowed.
    PauseRefused = "R1018", "pause-refused", Conflict, "不能暂停计时：{why}", "the clock cannot pause: {why}";
    /// The asker looked at an older state of the case.
    Stale = "R1019", "stale", Outdated, "事项刚有新变化，请核对最新内容后再办", "the case has changed since; look at it as it is now";
    /// Nobody and nothing by that name in the town.
    Unknown = "R1020", "unknown", Unfit, "没有“{name}”", "`{name}` is not known here";
    /// The stream exists.
    AlreadyOpen = "R1021", "already-open", Conflict, "事项已存在", "the case exists already";
    /// No such case.
    NoCase = "R1022", "no-case", Conflict, "没有此事项", "there is no such case";
    /// A file must be given as proof.
    ProofMissing = "R1023", "proof-missing", Unfit, "请附证明材料", "a file must be given as proof";
    /// The clock cannot be extended.
    CannotExtend = "R1024", "cannot-extend", Conflict, "不能延期：{why}", "the clock cannot be extended: {why}";
    /// A calendar does not reach that far, or is empty.
    NoDue = "R1025", "no-due", Conflict, "日历{calendar}算不出期限", "calendar `{calendar}` gives no due moment";
    /// Too many legs, texts or other things at once.
    TooMany = "R1026", "too-many", Unfit, "{what}太多，最多{limit}", "too many {what}; at most {limit}";
    /// The hand-off may not start without the missing legs yet.
    NotYet = "R1027", "not-yet", Conflict, "还不能先行开始：{why}", "not yet: {why}";
    /// A vote without anybody who may vote.
    NobodyVotes = "R1028", "nobody-votes", Conflict, "没有可以表决的人", "there is nobody who may vote";
    /// The roster that was frozen does not have them.
    NotAVoter = "R1029", "not-a-voter", Conflict, "表决名册里没有{owner}", "`{owner}` is not in the frozen roster";
    /// There is no ballot of theirs, or none that is disputed.
    NoBallot = "R1030", "no-ballot", Conflict, "{owner}没有这样的票", "`{owner}` has no such ballot";
    /// Somebody else was first.
    AlreadyClaimed = "R1031", "already-claimed", Conflict, "已被{by}先认领（{at}），还剩{left}", "somebody was first ({at}); {left} left. {by}";
    /// A claimer has as many open claims as they may.
    CapReached = "R1032", "cap-reached", Conflict, "手上已有{open}个认领，最多{limit}个", "{open} claims are open; at most {limit}";
    /// There is no such claim of theirs, or there are several.
    NoSuchClaim = "R1033", "no-such-claim", Conflict, "没有可办的认领：{claim}", "no claim `{claim}` that is yours";
    /// The claim is in another state.
    ClaimElsewhere = "R1034", "claim-elsewhere", Conflict, "认领{claim}现在是“{state}”，不能“{action}”", "claim {claim} is {state}; `{action}` is not open";
    /// The field is being voted on.
    VotedOn = "R1035", "voted-on", Conflict, "正在表决，{field}不能改", "`{field}` is being voted on and stands still";
    /// What is named is there, and of another kind than the field asks for.
    OtherKind = "R1036", "other-kind", Unfit, "“{name}”不是{field}要填的一类：{why}", "`{name}` is not of the kind that `{field}` asks for: {why}";
    /// The case that is named has ended.
    NameClosed = "R1037", "name-closed", Unfit, "{name}已结，{field}不能再选", "`{name}` is closed; `{field}` needs a case that is open";
    /// The case names itself.
    Itself = "R1038", "itself", Unfit, "{field}不能选本事项自己", "`{field}` cannot be the case itself";
    /// A file is named that was never sent, or not by the asker, and is in no case that they see.
    NoFile = "R2017", "no-such-file", Unfit, "没有这个文件，请先上传：{name}", "no such file; send it first: {name}";
    /// A case would be opened in somebody else's name.
    NotForOthers = "R1040", "not-for-others", Forbidden, "{field}只能填本人，您不能代他人办理", "`{field}` can only be yourself: this is not opened for others by you";
    /// The case that is named leads back to this one.
    Ring = "R1039", "ring", Unfit, "{name}已指向本事项，{field}不能再指回去", "`{name}` leads back to this case; `{field}` would close a ring";
}

/// A refusal: code and parameters; sentences are rendered at the edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", self.sentence(Tongue::En))]
pub struct Refusal {
    /// Why.
    pub code: Code,
    /// Parameters of the sentence. What is said in words has a second one, whose name ends in `_zh`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub with: BTreeMap<String, String>,
}

impl Refusal {
    /// A refusal without parameters.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self { code, with: BTreeMap::new() }
    }

    /// The same with one parameter more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.with.insert(name.to_string(), value.to_string());
        self
    }

    /// The same with a parameter in words.
    #[must_use]
    pub fn saying(self, name: &str, words: Text) -> Self {
        self.with(name, words.en).with(&format!("{name}_zh"), words.zh)
    }

    /// The same with the reason in words.
    #[must_use]
    pub fn why(self, words: Text) -> Self {
        self.saying("why", words)
    }

    /// A parameter as it is said in a language.
    #[must_use]
    pub fn param(&self, name: &str, tongue: Tongue) -> Option<&str> {
        let zh = || self.with.get(&format!("{name}_zh")).filter(|_| tongue == Tongue::Zh);
        zh().or_else(|| self.with.get(name)).map(String::as_str)
    }

    /// The sentence in a language.
    #[must_use]
    pub fn sentence(&self, tongue: Tongue) -> String {
        self.sentence_with(tongue, |name| self.param(name, tongue).map(Into::into))
    }

    /// The sentence, with parameters said as the reader knows them.
    #[must_use]
    pub fn sentence_with(&self, tongue: Tongue, said: impl Fn(&str) -> Option<String>) -> String {
        let words = paidan_model::notice::render(self.code.sentence(tongue), said);
        words.trim_end().trim_end_matches(['：', ':']).into()
    }

    /// Number, name and both sentences, for pages and logs.
    #[must_use]
    pub fn text(&self) -> Text {
        Text {
            zh: format!("{} {}", self.code.number(), self.sentence(Tongue::Zh)),
            en: format!("{} {}", self.code.number(), self.sentence(Tongue::En)),
        }
    }
}

pub(crate) fn wrong(id: &FieldId, why: Text) -> Refusal {
    Refusal::new(Code::WrongValue).with("field", id).why(why)
}

/// The start of a text, for a message.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}
