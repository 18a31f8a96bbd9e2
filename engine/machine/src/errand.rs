//! Errands: what the world must do because of facts. Intents, without any address.

use alloc::collections::BTreeMap;
use alloc::string::ToString as _;
use alloc::vec::Vec;
use paidan_model::clock::Colour;
use paidan_model::id::{ActionId, ChannelId, ClockId, FieldId, NoticeId, UnitId, WorkflowId};
use paidan_model::moment::Moment;
use paidan_model::text::Text;
use paidan_model::value::Held;
use paidan_model::workflow::Workflow;
use serde::{Deserialize, Serialize};

use crate::audience::Audience;
use crate::case::Case;
use crate::command::Child;
use crate::fact::{CaseFact, ClockKey, Fact, LinkFact, MessageFact};

/// Something the world must do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// Tell somebody.
    Tell(alloc::boxed::Box<Letter>),
    /// Open a linked case.
    OpenChild {
        /// Of which workflow.
        workflow: WorkflowId,
        /// Fields of the same id go with it.
        fields: BTreeMap<FieldId, Held>,
        /// The how-manieth of this case.
        n: u32,
    },
    /// Tell the parent something on the way.
    Report {
        /// The parent's stream.
        parent: alloc::string::String,
        /// The event it hears of.
        event: ActionId,
        /// Which of its linked cases tells it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        child: Option<Child>,
    },
    /// Tell the parent that this case has ended.
    ReportToParent {
        /// The parent's stream.
        parent: alloc::string::String,
        /// How this case ended.
        outcome: paidan_model::id::OutcomeId,
        /// Which of its linked cases tells it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        child: Option<Child>,
    },
}

/// A message that was ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Which notice.
    pub notice: NoticeId,
    /// The words, with placeholders.
    pub text: Text,
    /// To whom.
    pub to: Vec<Audience>,
    /// The one person of the audience this copy is for; none: whoever is there when it is delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<alloc::string::String>,
    /// That person only stands in for somebody who is away.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub stand_in: bool,
    /// By which channels, in order; empty: the person's.
    pub via: Vec<ChannelId>,
    /// Not before.
    pub not_before: Moment,
    /// The clock it is about.
    pub clock: Option<ClockKey>,
    /// The leg it is about.
    pub leg: Option<UnitId>,
    /// The due moment it speaks of.
    pub due: Option<Moment>,
    /// A slip that goes with it.
    pub slip: Option<Colour>,
    /// What people call that clock; the state's title where it is about none.
    #[serde(default)]
    pub clock_title: Text,
    /// The title of the state the case was in.
    pub state: Text,
    /// The case's number.
    pub number: alloc::string::String,
}

/// The errands of one record's facts, in their order; `case` is the case after them.
#[must_use]
pub fn errands(workflow: &Workflow, case: &Case, facts: &[Fact]) -> Vec<Errand> {
    facts.iter().filter_map(|fact| errand(workflow, case, fact)).collect()
}

fn errand(workflow: &Workflow, case: &Case, fact: &Fact) -> Option<Errand> {
    let filing = &case.filing;
    let child = || filing.nth.map(|n| Child { workflow: filing.workflow.clone(), n });
    match fact {
        Fact::Message(fact) => letter(workflow, case, fact).map(|letter| Errand::Tell(letter.into())),
        Fact::Link(LinkFact::ChildAsked { workflow, fields, n }) => {
            Some(Errand::OpenChild { workflow: workflow.clone(), fields: fields.clone(), n: *n })
        }
        Fact::Link(LinkFact::Reported { event }) => {
            let (parent, event) = (filing.parent.clone()?, event.clone());
            Some(Errand::Report { parent, event, child: child() })
        }
        Fact::Case(CaseFact::Ended { outcome, .. }) => {
            let (parent, outcome) = (filing.parent.clone()?, outcome.clone());
            Some(Errand::ReportToParent { parent, outcome, child: child() })
        }
        Fact::Case(
            CaseFact::Opened { .. }
            | CaseFact::Acted { .. }
            | CaseFact::Reasoned { .. }
            | CaseFact::Reopened { .. }
            | CaseFact::Redacted { .. },
        )
        | Fact::State(_)
        | Fact::Form(_)
        | Fact::Timer(_)
        | Fact::Clock(_)
        | Fact::Pause(_)
        | Fact::Leg(_)
        | Fact::Handoff(_)
        | Fact::Vote(_)
        | Fact::Claim(_)
        | Fact::Share(_)
        | Fact::People(_) => None,
    }
}

fn letter(workflow: &Workflow, case: &Case, fact: &MessageFact) -> Option<Letter> {
    let MessageFact::Told { notice, to, via, not_before, clock, leg, due, slip, .. } = fact else {
        return None;
    };
    let leaf = crate::chart::leaves(workflow, case).into_iter().next();
    let state = leaf.and_then(|id| workflow.states.get(id)).map(|s| s.title.clone()).unwrap_or_default();
    let of = clock.as_ref().and_then(|key| workflow.clocks.get_key_value(&key.clock));
    let clock_title = of.map_or_else(|| state.clone(), |(id, clock)| titled(id, &clock.title));
    Some(Letter {
        clock_title,
        notice: notice.clone(),
        text: words(workflow, notice),
        to: to.clone(),
        person: None,
        stand_in: false,
        via: via.clone(),
        not_before: *not_before,
        clock: clock.clone(),
        leg: leg.clone(),
        due: due.or_else(|| earliest(case, leg.as_ref())),
        slip: *slip,
        state,
        number: case.filing.number.clone(),
    })
}

fn titled(id: &ClockId, title: &Text) -> Text {
    let or_id = |words: &str| if words.is_empty() { id.to_string() } else { words.to_string() };
    Text { zh: or_id(&title.zh), en: or_id(&title.en) }
}

/// The moment by which something must be done: of the leg, or of the case.
fn earliest(case: &Case, leg: Option<&UnitId>) -> Option<Moment> {
    let of = |leg: Option<&UnitId>| {
        let of =
            |clock: &&crate::case::clock::Clock| clock.key.leg.as_ref() == leg && clock.key.claim.is_none();
        let running = case.clocks.all.iter().filter(|clock| clock.runs()).filter(of);
        running.map(|clock| clock.due).min()
    };
    of(leg).or_else(|| of(None))
}

/// The words of a notice: the definition's, or the built-in ones.
#[must_use]
pub fn words(workflow: &Workflow, notice: &NoticeId) -> Text {
    if let Some(declared) = workflow.notices.get(notice) {
        return declared.text.clone();
    }
    if let Some(words) = crate::act::words(notice) {
        return words;
    }
    let (zh, en) = match notice.as_str() {
        "warning" => ("{number}（{clock}）将于{due}到期。{link}", "{number} ({clock}) is due {due}. {link}"),
        "overdue" => (
            "{number}（{clock}）应于{due}前办，已逾期。{link}",
            "{number} ({clock}) was due {due} and is late. {link}",
        ),
        "ballot_on_paper" => (
            "{number}：已按纸质票登记您的投票。如果不是您的意思，请重新投票或联系社区：{link}",
            "{number}: your vote was written down from paper. If it is not yours, vote again or ask the community: {link}",
        ),
        "ballot_revoked" => (
            "{number}：已按书面要求撤回您家的投票。如果不是您的意思，请重新投票或联系社区：{link}",
            "{number}: the vote of your home was taken back, as a paper asks. If that is not so, vote again or ask the community: {link}",
        ),
        "ballot_disputed" => (
            "{number}：有共有人书面提出异议，您家的票暂不计入。请到社区核对：{link}",
            "{number}: a co-owner disputes the vote of your home on paper; it does not count for now. Ask the community: {link}",
        ),
        "proxy_named" => (
            "{number}：已按书面委托登记代您投票的人。如果不是您的意思，请本人投票或联系社区：{link}",
            "{number}: somebody was named to vote for you, as a paper says. If that is not so, vote yourself or ask the community: {link}",
        ),
        "extended" => ("{number}的期限改为{due}。{link}", "{number} is now due {due}. {link}"),
        "rescheduled" => (
            "节假日安排有调整，{number}的期限改为{due}。{link}",
            "The calendar was changed: {number} is now due {due}. {link}",
        ),
        "to_extend" => (
            "{number}：有人申请延期，请在{due}前定夺。{link}",
            "{number}: more time is asked for; please decide before {due}. {link}",
        ),
        "extension_declined" => (
            "{number}的延期申请没有批准，仍应于{due}前办。{link}",
            "more time for {number} was declined; it is still due {due}. {link}",
        ),
        "pause_declined" => (
            "{number}的暂停申请没有批准，计时照走。{link}",
            "the pause asked for on {number} was declined; its clock goes on. {link}",
        ),
        "to_pause" => (
            "{number}：有人申请暂停计时，请定夺。{link}",
            "{number}: a pause of the clock is asked for; please decide. {link}",
        ),
        "waiver" => (
            "{number}：主办提出一个部门免办，请定夺。{link}",
            "{number}: the lead says a department is not needed; please decide. {link}",
        ),
        "to_rule" => (
            "{number}：一个部门退单，请裁定。{link}",
            "{number}: a department has handed its share back; please rule. {link}",
        ),
        "waived" => {
            ("{number}不再需要贵部门办理。{link}", "your department is no longer needed for {number}. {link}")
        }
        "claim_released" => (
            "您认领的{number}已释放，可由别人认领。{link}",
            "your claim of {number} was given back; others may take it. {link}",
        ),
        "paused" => ("{number}暂停计时。{link}", "the clock of {number} stands still. {link}"),
        _ => ("{number}（{state}）{link}", "{number} ({state}) {link}"),
    };
    Text { zh: zh.into(), en: en.into() }
}
