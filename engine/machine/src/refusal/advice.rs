//! What would make it pass: a word of advice for every refusal.

use paidan_model::text::Text;

use super::Code;

macro_rules! advice {
    ($($name:ident, $zh:literal, $en:literal;)+) => {
        impl Code {
            /// What would make it pass, for whoever was refused.
            #[must_use]
            pub fn advice(self) -> Text {
                let (zh, en) = match self { $(Self::$name => ($zh, $en)),+ };
                Text { zh: zh.into(), en: en.into() }
            }
        }
    };
}

advice! {
    NotOpen,
        "请从现在可以办的动作里选一个；如果刚才还能办，说明别人已经先办了一步，请看最新的进展。",
        "Take one of the actions that are open now. If yours was open a moment ago, somebody else has moved the case: look again.";
    NotYours,
        "请由所列角色的人来办。如果本该由您办，请管理员核对名册里您的岗位。",
        "Let somebody who holds one of the roles do it. If it should be you, have your post in the roster checked.";
    GuardFalse,
        "看看动作要求什么条件，先把有关的内容填对或办完，再来办这一步。",
        "Look at what the action asks for, and bring the case there first: correct the field or finish the step it speaks of.";
    GuardUndefined,
        "请先填上提到的内容，再办这个动作。如果谁也填不了，请告诉维护流程的人。",
        "Fill in what is named first, then do the action. If nobody can fill it, tell whoever keeps the definition.";
    Required,
        "填上这一项再提交。",
        "Fill in the field that is named and send the form again.";
    WrongValue,
        "按提示的原因改正这一项：看类型、上下限和可选的值。",
        "Correct the field as the reason says; its type, its bounds and its choices decide what fits.";
    UnknownField,
        "去掉这一项再提交；如果是程序发来的，请按动作现在的表单来填。",
        "Leave the field out. A program should ask for the form of the action and fill only what stands in it.";
    ReasonMissing,
        "写一两句理由再提交，别人会看到，也会记入历史。",
        "Write a sentence or two of reason. Others will read it, and it stays in the history.";
    TooLate,
        "这个动作已经过期，请改办现在还开放的动作；确有必要时，请上级用自己的动作处理。",
        "The time for this is over: take an action that is still open, or ask the level above to use one of its own.";
    Closed,
        "已结的事项不能再办。有重办权限的人可以在期限内重新打开，否则请另开一个事项。",
        "Nothing more can be done in a closed case. Reopen it, if you may and the time allows, or open a new case.";
    NoSuchLeg,
        "请核对单位。需要它参与时，先把事项交办给它。",
        "Check the unit. If it ought to take part, the case must be handed to it first.";
    LegElsewhere,
        "先办这个承办现在该办的一步，例如先签收，再反馈。",
        "Do the step that is next for this leg: it is accepted before it is reported, for example.";
    RefusedBefore,
        "每个单位只能退一次：请承办，或请仲裁人另行处理。",
        "A unit refuses once: take the work on, or speak to the arbiter about it.";
    CannotRefuse,
        "这里不能退单：请承办，有困难可以申请延期，或向派单人说明。",
        "There is no refusal here: take the work on, ask for more time if it is allowed, or speak to whoever dispatched it.";
    RoundsUsed,
        "不能再返工：请用其他动作办结，例如给出最终答复，或提交上级。",
        "There is no further round: end the case another way, with a final answer for example, or give it to the level above.";
    TooManySteps,
        "这是流程的毛病，不是您的操作有误：请维护流程的人查自动转移是否绕圈。",
        "This is a mistake in the definition, not yours: whoever keeps it should look for moves without an action that go in a circle.";
    AlwaysBroken,
        "按提示的约定改正内容，使约定仍然成立，再来办。",
        "Change what you enter so that the condition that is named still holds, then try again.";
    PauseRefused,
        "请看原因：暂停有规定的种类、次数和状态，计时也要正在走。不能暂停就照常办理，或申请延期。",
        "Read the reason: a pause has its kind, its number of times and its states, and needs a clock that runs. Otherwise go on, or ask for more time.";
    Stale,
        "请看看发生了什么变化，如仍需要再办一次。",
        "Load the case again, see what has changed, and do it once more if it is still needed.";
    Unknown,
        "请核对编号或名称；如果是新单位、新人员或新地点，请管理员先加入名册。",
        "Check the number or the name. A unit, person or place that is new must be added to the roster first.";
    AlreadyOpen,
        "请打开已有的事项继续办；如果是另一件事，请用新的编号。",
        "Open the case that is there and go on with it. For another matter take a new id.";
    NoCase,
        "请核对编号；如果事项还没有开，先开一个。",
        "Check the number. If the case was never opened, open it first.";
    ProofMissing,
        "附上一份文件再提交，例如照片或盖章的材料。",
        "Add a file that proves it, such as a photograph or a stamped paper, and send it again.";
    CannotExtend,
        "请看原因：延期要在到期前申请，次数有限，有的要由别人批准。不能延期就尽快办结。",
        "Read the reason: more time is asked for before the due moment, only so often, and may need another's approval. Otherwise finish soon.";
    NoDue,
        "请管理员核对日历：是否已导入、有没有工作时间、是否排到那么远。",
        "Have the calendar checked: it must be loaded, have open hours, and reach as far as the deadline.";
    TooMany,
        "减少到上限以内再提交，或者分几次办。",
        "Stay within the limit that is named, or do it in several parts.";
    NotYet,
        "请再等等，或催一催所列单位；到了流程规定的时点就可以先行开始。",
        "Wait, or urge the unit that is named; once its clock has come to the point the definition sets, you may start without it.";
    NobodyVotes,
        "请先填好名册或参加表决的单位，再开始表决。",
        "Fill in the roster or the units that vote, then open the vote.";
    NotAVoter,
        "请核对产权人；名册在表决开始时已经固定，更正要在表决前提出。",
        "Check the owner. The roster was frozen when the vote opened; corrections are made before that.";
    NoBallot,
        "请先投票；没有争议的票不用解除争议。",
        "Cast a ballot first. One that nobody disputes needs no cure.";
    AlreadyClaimed,
        "别人先了一步，请看看还剩多少，或者认领别的。",
        "Somebody was quicker. Look again at what is left, or choose another one.";
    CapReached,
        "请先办完或放弃手上的认领，再认领新的。",
        "Finish a claim you have or give it up, then take another.";
    NoSuchClaim,
        "请写明是第几号认领；只能办自己的认领。",
        "Say which claim by its number; only the claimer acts on it.";
    VotedOn,
        "表决期间，被表决的内容和名册都不能改。请等表决结束，或先否决、作废这次表决，再改方案重新表决。",
        "What is voted on stands still, and so does the roster. Wait for the end of the vote, or stop it, change the scheme and put it to the vote again.";
    OtherKind,
        "请核对填的是哪一类：事项要是规定的流程，人员要有相应的岗位。",
        "Check what the field asks for: a case of the workflow that is named, or a person who holds the post.";
    NameClosed,
        "请选一个还没有结的事项；要并入的事项已结的，可以先重新打开它。",
        "Choose a case that is still open, or have the one you mean opened again first.";
    Itself,
        "请核对编号，选另一个事项。",
        "Check the number and choose another case.";
    NoFile,
        "请先上传文件，再在表单里填它的摘要值；别人上传的文件不能直接引用。",
        "Send the file yourself, then name it by its digest; what somebody else has sent is theirs to name.";
    NotForOthers,
        "请以本人名义办理；需要代办的，请找有权代办的工作人员。",
        "Open it in your own name, or ask somebody whose job it is to open it for the person concerned.";
    Ring,
        "请选不指向本事项的另一个；如果指反了，先撤销那一边的指向。",
        "Choose a case that does not lead back here; if it is the wrong way round, undo the other side first.";
    ClaimElsewhere,
        "按顺序办：先联系，再送达；已送达或已释放的不能再动。",
        "Take the steps in order: contact first, then deliver. What is delivered or given back stays so.";
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn every_refusal_has_advice_in_both_languages() {
        for code in Code::ALL {
            let advice = code.advice();
            let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
            assert!(advice.zh.chars().any(chinese) && advice.zh.ends_with('。'), "{code:?}: {}", advice.zh);
            assert!(!advice.en.chars().any(chinese) && advice.en.ends_with('.'), "{code:?}: {}", advice.en);
            let sentences = |text: &str, end: char| text.matches(end).count();
            assert!((1..=2).contains(&sentences(&advice.zh, '。')), "{code:?}: {}", advice.zh);
            assert!((1..=2).contains(&sentences(&advice.en, '.')), "{code:?}: {}", advice.en);
        }
    }
}
