//! Verbs: what can be done to a case without a definition declaring it. One table; whoever offers, decides, titles or
//! explains a verb reads its row.

use paidan_model::text::Text;

macro_rules! verbs {
    ($(
        $(#[$doc:meta])*
        $family:ident($verbs:ident) {
            $($(#[$verb_doc:meta])* $verb:ident = $name:literal, $zh:literal, $en:literal;)+
        }
    )+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
            pub enum $verbs {
                $($(#[$verb_doc])* $verb,)+
            }

            impl $verbs {
                /// All of them, in the order in which they are offered.
                pub const ALL: &'static [Self] = &[$(Self::$verb),+];

                /// Its name in commands and records.
                #[must_use]
                pub fn name(self) -> &'static str {
                    match self {
                        $(Self::$verb => $name,)+
                    }
                }

                /// What people call it.
                #[must_use]
                pub fn title(self) -> Text {
                    let (zh, en) = match self {
                        $(Self::$verb => ($zh, $en),)+
                    };
                    Text { zh: zh.into(), en: en.into() }
                }
            }

            impl From<$verbs> for Verb {
                fn from(verb: $verbs) -> Self {
                    Self::$family(verb)
                }
            }
        )+

        /// A verb, by what it is done to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Verb {
            $($(#[$doc])* $family($verbs),)+
        }

        impl Verb {
            /// All of them.
            pub fn all() -> impl Iterator<Item = Self> {
                core::iter::empty()$(.chain($verbs::ALL.iter().copied().map(Self::$family)))+
            }

            /// Its name in commands and records.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$family(verb) => verb.name(),)+
                }
            }

            /// What people call it.
            #[must_use]
            pub fn title(self) -> Text {
                match self {
                    $(Self::$family(verb) => verb.title(),)+
                }
            }
        }
    };
}

verbs! {
    /// What a department does on its leg, and what the arbiter rules.
    Leg(LegVerb) {
        /// Accepts its share.
        Sign = "sign", "签收", "Sign";
        /// Hands its share back, on a ground and with a cited duty.
        Refuse = "refuse", "退单", "Hand back";
        /// Reports in.
        CheckIn = "check_in", "报到", "Report in";
        /// Agrees to the plan.
        Agree = "agree", "同意方案", "Agree to the plan";
        /// Objects to the plan.
        Object = "object", "不同意方案", "Object to the plan";
        /// Has done its share.
        Finish = "finish", "办结", "Finish";
        /// The lead proposes that a leg is not needed; somebody else agrees.
        Waive = "waive", "免办", "Not needed";
        /// The arbiter rules on a refusal or an objection.
        Rule = "rule", "裁定", "Rule";
    }
    /// What people do in a vote.
    Vote(VoteVerb) {
        /// Casts a ballot, or casts it again.
        Cast = "cast", "投票", "Vote";
        /// Takes a ballot back.
        Revoke = "revoke", "撤回投票", "Take the ballot back";
        /// A co-owner says that a ballot is not theirs.
        Dispute = "dispute", "对投票有异议", "Dispute the ballot";
        /// Settles such a dispute.
        Cure = "cure", "消除异议", "Settle the dispute";
        /// Names somebody to vote in one's place.
        NameProxy = "name_proxy", "委托投票", "Name a proxy";
        /// Strikes an option out, or stops the vote.
        Veto = "veto", "否决", "Veto";
    }
    /// What is done with claims of an item.
    Claim(ClaimVerb) {
        /// Claims a part of it, or all of it.
        Claim = "claim", "认领", "Claim";
        /// Has got in touch.
        Contact = "contact", "已联系", "In touch";
        /// Has handed over what was claimed.
        Deliver = "deliver", "已送达", "Delivered";
        /// Gives the claim up.
        Drop = "drop", "放弃认领", "Give the claim up";
        /// The community takes the claim back.
        TakeBack = "take_back", "收回认领", "Take the claim back";
    }
    /// More time for a clock (延期).
    Extension(ExtensionVerb) {
        /// Asks for more time.
        Extend = "extend", "申请延期", "Ask for more time";
        /// Grants it.
        Approve = "approve_extension", "同意延期", "Agree to more time";
        /// Declines it.
        Decline = "decline_extension", "不同意延期", "Decline more time";
        /// Withdraws the request.
        Withdraw = "withdraw_extension", "撤回延期申请", "Withdraw what was asked for";
    }
    /// Pauses of a clock by hand.
    Pause(PauseVerb) {
        /// Pauses, or asks for it.
        Pause = "pause", "暂停计时", "Let the clock stand still";
        /// Agrees to the pause that was asked for.
        Approve = "approve_pause", "同意暂停计时", "Agree that the clock stands still";
        /// Declines it.
        Decline = "decline_pause", "不同意暂停计时", "Decline that the clock stands still";
        /// Withdraws the request.
        Withdraw = "withdraw_pause", "撤回暂停申请", "Withdraw the pause asked for";
        /// Ends the pause.
        Resume = "resume_clock", "恢复计时", "Let the clock go on";
    }
    /// What is done to the case as a whole.
    Case(CaseVerb) {
        /// Starts without the departments that are missing.
        StartWithout = "start_without", "先行开始", "Start without those who are missing";
        /// Asks those who hold the case to get on with it.
        Urge = "urge", "催办", "Send a reminder";
        /// Opens a closed case again.
        Reopen = "reopen", "重新办理", "Open it again";
    }
}

impl Verb {
    /// The verb of that name; nothing for actions of definitions.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::all().find(|verb| verb.name() == name)
    }

    /// Whether it is done beside the chart: to a clock, or to the case as a whole.
    #[must_use]
    pub fn is_beside_chart(self) -> bool {
        match self {
            Self::Extension(_) | Self::Pause(_) | Self::Case(_) => true,
            Self::Leg(_) | Self::Vote(_) | Self::Claim(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Verb;
    use alloc::collections::BTreeSet;
    use paidan_model::id::ActionId;

    #[test]
    fn verbs_have_ids_of_their_own() {
        let names: BTreeSet<&str> = Verb::all().map(Verb::name).collect();
        assert_eq!(names.len(), Verb::all().count());
        assert!(names.iter().all(|name| ActionId::parse(name).is_some()));
        assert!(Verb::all().all(|verb| Verb::parse(verb.name()) == Some(verb)));
    }
}
