//! The event log: what happened to a case, as programs for process mining read it. Who acted is told by subject id and job,
//! never by name; no value of a field is told, and of a vote neither who took part nor how. Writing it as XES or CSV is the
//! edge's work.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_machine::Case;
use paidan_machine::actor::By;
use paidan_machine::fact::{
    AlarmKind, CaseFact, ClaimFact, ClockFact, ClockKey, Fact, HandoffFact, How, LegFact, LinkFact,
    MessageFact, PauseFact, PeopleFact, ShareFact, StateFact, TimerFact, VoteFact,
};
use paidan_model::id::{OutcomeId, PostId, StateId, UnitId, WorkflowId};
use paidan_model::moment::Moment;
use paidan_model::text::{Text, Tongue};
use paidan_model::workflow::Workflow;
use serde::Serialize;

use crate::timeline::{action, state};

/// The resource of what nobody did.
pub const ENGINE: &str = "engine";
/// The resource of what somebody did who is not told.
pub const WITHHELD: &str = "withheld";

/// One record of a case.
#[derive(Clone, Copy, Debug)]
pub struct Record<'r> {
    /// Its sequence.
    pub seq: u64,
    /// Recorded time.
    pub at: Moment,
    /// The computed moment, where it differs.
    pub due: Option<Moment>,
    /// Who did it; nothing where that may not be told.
    pub by: Option<&'r By>,
    /// What happened.
    pub facts: &'r [Fact],
}

/// Where an event stands in the life of its activity, by the standard's own model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// It began.
    Start,
    /// It stands still.
    Suspend,
    /// It goes on.
    Resume,
    /// It is done.
    Complete,
}

impl Transition {
    /// Its name in the standard.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Complete => "complete",
        }
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The sequence of its record.
    pub seq: u64,
    /// Recorded time.
    pub at: Moment,
    /// The computed moment, where it differs.
    pub due: Option<Moment>,
    /// What people call the activity.
    pub name: Text,
    /// The same for programs, such as `state:mustering`: the same in both languages, whatever the title.
    pub activity: String,
    /// Where in its life.
    pub transition: Transition,
    /// A subject id, [`ENGINE`] or [`WITHHELD`].
    pub resource: String,
    /// In which job.
    pub role: Option<PostId>,
    /// At which unit.
    pub group: Option<UnitId>,
    /// What else is told of it: a unit, a clock, a verdict.
    pub about: Vec<(&'static str, String)>,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Its public number.
    pub number: String,
    /// Its stream.
    pub stream: String,
    /// The workflow it follows.
    pub workflow: WorkflowId,
    /// What people call that.
    pub title: Text,
    /// The version of it.
    pub version: u32,
    /// The digest of that.
    pub digest: String,
    /// The channel it came by.
    pub channel: String,
    /// When the matter first came in.
    pub first: Moment,
    /// How it ended, if it did.
    pub outcome: Option<OutcomeId>,
    /// What happened, in the order in which it was recorded.
    pub events: Vec<Event>,
}

/// A case with all that happened to it.
#[must_use]
pub fn trace<'r>(workflow: &Workflow, case: &Case, records: impl IntoIterator<Item = Record<'r>>) -> Trace {
    Trace {
        number: case.filing.number.clone(),
        stream: case.filing.stream.clone(),
        workflow: case.filing.workflow.clone(),
        title: workflow.title.clone(),
        version: workflow.version,
        digest: case.filing.digest.clone(),
        channel: case.filing.channel.clone(),
        first: case.filing.since.unwrap_or(case.filing.opened),
        outcome: case.life.outcome.clone(),
        events: records.into_iter().flat_map(|record| events(workflow, record)).collect(),
    }
}

fn events(workflow: &Workflow, record: Record<'_>) -> Vec<Event> {
    let (resource, role, group) = who(record);
    let event = |fact| {
        let Told { name, activity, transition, about } = told(workflow, fact)?;
        let (resource, role, group) = (resource.clone(), role.clone(), group.clone());
        let (seq, at, due) = (record.seq, record.at, record.due);
        Some(Event { seq, at, due, name, activity, transition, resource, role, group, about })
    };
    record.facts.iter().filter_map(event).collect()
}

/// Who did what a record tells. Whoever took part in a vote is not told, whether or not it was secret.
fn who(record: Record<'_>) -> (String, Option<PostId>, Option<UnitId>) {
    match record.by.filter(|_| !record.facts.iter().any(is_ballot)) {
        Some(By::Engine) => (ENGINE.to_string(), None, None),
        Some(By::Person { subject, post, unit, .. }) => (subject.clone(), post.clone(), unit.clone()),
        None => (WITHHELD.to_string(), None, None),
    }
}

fn is_ballot(fact: &Fact) -> bool {
    matches!(fact, Fact::Vote(fact) if fact.names_voter())
}

/// What is told of a fact, apart from when and by whom.
struct Told {
    name: Text,
    activity: String,
    transition: Transition,
    about: Vec<(&'static str, String)>,
}

impl Told {
    fn new(activity: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Self {
        let (activity, transition) = (activity.into(), Transition::Complete);
        Self { name: Text { zh: zh.into(), en: en.into() }, activity, transition, about: Vec::new() }
    }

    fn at(self, transition: Transition) -> Self {
        Self { transition, ..self }
    }

    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.about.push((name, value.to_string()));
        self
    }

    fn of<'u>(self, unit: impl Into<Option<&'u UnitId>>) -> Self {
        match unit.into() {
            Some(unit) => self.with("unit", unit),
            None => self,
        }
    }
}

/// What a fact tells; nothing where it is about values, timers or messages.
fn told(workflow: &Workflow, fact: &Fact) -> Option<Told> {
    match fact {
        Fact::Case(fact) => of_case(workflow, fact),
        Fact::State(fact) => of_state(workflow, fact),
        Fact::Timer(TimerFact::Fired { alarm, .. }) => fired(workflow, alarm),
        Fact::Clock(fact) => of_time(workflow, fact),
        Fact::Pause(fact) => of_pause(fact),
        Fact::Leg(fact) => of_leg(fact),
        Fact::Handoff(fact) => of_handoff(fact),
        Fact::Vote(fact) => Some(of_vote(fact)),
        Fact::Claim(fact) => Some(of_claim(fact)),
        Fact::Share(fact) => Some(of_share(fact)),
        Fact::Message(MessageFact::SlipIssued { n, .. }) => {
            Some(Told::new("slip", "督办单", "Supervision slip").with("slip", n))
        }
        Fact::People(PeopleFact::Assigned { .. }) => {
            Some(Told::new("assigned", "增加负责人", "Somebody added as responsible"))
        }
        Fact::Link(LinkFact::ChildAsked { workflow: of, .. }) => {
            Some(Told::new("child", "立下级事项", "Linked case asked for").with("opens", of))
        }
        Fact::Form(_)
        | Fact::Timer(TimerFact::Armed { .. } | TimerFact::Disarmed { .. })
        | Fact::Message(MessageFact::Told { .. })
        | Fact::People(PeopleFact::Copied { .. } | PeopleFact::StoodIn { .. })
        | Fact::Link(LinkFact::Reported { .. }) => None,
    }
}

fn of_case(workflow: &Workflow, fact: &CaseFact) -> Option<Told> {
    Some(match fact {
        CaseFact::Opened { channel, .. } => Told::new("opened", "受理", "Opened").with("channel", channel),
        CaseFact::Acted { action: id, leg, .. } => {
            let title = action(workflow, id)?;
            Told::new(format!("action:{id}"), title.zh, title.en).of(leg)
        }
        CaseFact::Ended { outcome, .. } => Told::new("closed", "办结", "Closed").with("outcome", outcome),
        CaseFact::Reopened { .. } => Told::new("reopened", "重新打开", "Opened again"),
        CaseFact::Redacted { .. } => Told::new("redacted", "清除个人信息", "Personal values erased"),
        CaseFact::Reasoned { .. } => return None,
    })
}

fn of_state(workflow: &Workflow, fact: &StateFact) -> Option<Told> {
    match fact {
        StateFact::RoundBegan { round } => Some(Told::new("round", "返工", "Rework").with("round", round)),
        StateFact::Entered { state: id, .. } => in_state(workflow, id).map(|told| told.at(Transition::Start)),
        StateFact::Left { state: id } => in_state(workflow, id),
        StateFact::Ignored { .. } => None,
    }
}

/// A state that has no states inside: those that have are in force whenever one of theirs is.
fn in_state(workflow: &Workflow, id: &StateId) -> Option<Told> {
    let leaf = !workflow.states.values().any(|other| other.parent.as_ref() == Some(id));
    let title = state(workflow, id);
    leaf.then(|| Told::new(format!("state:{id}"), title.zh, title.en))
}

/// The name that a value has in definitions and records.
fn name_of(value: impl Serialize) -> String {
    let name = serde_json::to_value(value).unwrap_or_default();
    name.as_str().unwrap_or_default().to_string()
}

impl Trace {
    /// How it ended, by the name of that in definitions.
    #[must_use]
    pub fn outcome_name(&self) -> Option<String> {
        self.outcome.as_ref().map(ToString::to_string)
    }
}

/// A timer, where nothing else that is told comes of it.
fn fired(workflow: &Workflow, alarm: &AlarmKind) -> Option<Told> {
    Some(match alarm {
        AlarmKind::After { state, .. } => {
            Told::new("timeout", "到时自动进行", "Moved on by time").with("state", state)
        }
        AlarmKind::Warn { clock: key, percent } => {
            of_clock(workflow, key, "warning", ("将到期", "Due soon")).with("percent", percent)
        }
        AlarmKind::Rung { clock: key, rung, .. } => {
            of_clock(workflow, key, "rung", ("升级督办", "Escalated")).with("rung", rung + 1)
        }
        AlarmKind::Breach { .. }
        | AlarmKind::OfferEnd { .. }
        | AlarmKind::VoteEnd { .. }
        | AlarmKind::VoteMay { .. }
        | AlarmKind::PauseEnd { .. } => return None,
    })
}

/// What becomes of a clock; it is called the same whoever's leg it counts for.
fn of_clock(workflow: &Workflow, key: &ClockKey, word: &str, (zh, en): (&str, &str)) -> Told {
    let title = workflow.clocks.get(&key.clock).map(|clock| clock.title.clone()).unwrap_or_default();
    let called = |tongue| title.or_id(tongue, key.clock.as_str());
    let (zh, en) = (format!("{zh}：{}", called(Tongue::Zh)), format!("{en}: {}", called(Tongue::En)));
    let told = Told::new(format!("{word}:{}", key.clock), zh, en).with("clock", &key.clock).of(&key.leg);
    if let Some(claim) = key.claim { told.with("claim", claim) } else { told }
}

fn of_leg(fact: &LegFact) -> Option<Told> {
    let (leg, activity, zh, en) = match fact {
        LegFact::Opened { leg, .. } => (leg, "leg:asked", "派给部门", "Department asked"),
        LegFact::Moved { leg, to, implicit, .. } => {
            let title = to.title();
            let (zh, en) = (format!("部门{}", title.zh), format!("Department: {}", title.en));
            let told = Told::new(format!("leg:{}", to.name()), zh, en).of(leg);
            return Some(if *implicit { told.with("how", "silence") } else { told });
        }
        LegFact::Agreed { leg, agreed: true } => {
            (leg, "leg:agreed", "部门同意方案", "Department agreed to the plan")
        }
        LegFact::Agreed { leg, agreed: false } => {
            (leg, "leg:objected", "部门不同意方案", "Department objected to the plan")
        }
        LegFact::AskedAfresh { leg } => {
            (leg, "leg:asked-afresh", "重新征求部门意见", "Department asked afresh")
        }
        LegFact::WaiverAsked { leg } => {
            (leg, "leg:waiver-asked", "提议部门免办", "Waiver of a department proposed")
        }
        LegFact::Refused { leg, ground, .. } => {
            let told = Told::new("leg:refused", "部门退单", "Department refused").of(leg);
            return Some(match ground {
                Some(ground) => told.with("ground", ground),
                None => told,
            });
        }
        LegFact::Ruled { leg, kept: true, .. } => (leg, "leg:kept", "裁定继续承办", "Ruled: keeps it"),
        LegFact::Ruled { leg, kept: false, .. } => (leg, "leg:let-go", "裁定不承办", "Ruled: let go"),
        // A round and lateness are told by the moves and clocks that come with them.
        LegFact::RoundBegan { .. } | LegFact::MarkedLate { .. } => return None,
    };
    Some(Told::new(activity, zh, en).of(leg))
}

fn of_handoff(fact: &HandoffFact) -> Option<Told> {
    Some(match fact {
        HandoffFact::Joined { how: How::Rule, .. } => {
            Told::new("joined", "各方到齐", "All that are needed are there")
        }
        HandoffFact::Joined { how: How::Without, .. } => {
            Told::new("started-without", "先行开始", "Started without those missing")
        }
        HandoffFact::Failed { .. } => Told::new("join-failed", "无部门承办", "No department is left"),
        // A hand-off is told by the legs that it opens.
        HandoffFact::Began { .. } => return None,
    })
}

fn of_time(workflow: &Workflow, fact: &ClockFact) -> Option<Told> {
    let of_clock = |key, word, words| of_clock(workflow, key, word, words);
    Some(match fact {
        ClockFact::Paused { clock, why, .. } => {
            of_clock(clock, "clock", ("计时", "Clock")).at(Transition::Suspend).with("why", why)
        }
        ClockFact::Resumed { clock, .. } => {
            of_clock(clock, "clock", ("计时", "Clock")).at(Transition::Resume)
        }
        ClockFact::Reopened { clock, .. } => {
            of_clock(clock, "reopened", ("计时重新开始", "Clock runs again"))
        }
        ClockFact::Moved { clock, why, .. } => {
            of_clock(clock, "moved", ("改期", "Due date moved")).with("why", why.name())
        }
        ClockFact::Breached { clock, .. } => of_clock(clock, "breach", ("逾期", "Late")),
        ClockFact::ExtensionAsked { clock, .. } => {
            of_clock(clock, "extension-asked", ("申请延期", "More time asked for"))
        }
        // That a clock runs and was kept is seen by what is done; what is late is told.
        ClockFact::Started { .. } | ClockFact::Stopped { .. } | ClockFact::ExtensionDropped { .. } => {
            return None;
        }
    })
}

fn of_pause(fact: &PauseFact) -> Option<Told> {
    let pause = |id| Told::new(format!("pause:{id}"), "暂停", "Pause");
    Some(match fact {
        PauseFact::Asked { pause, leg, .. } => {
            Told::new(format!("pause-asked:{pause}"), "申请暂停", "Pause asked for").of(leg)
        }
        PauseFact::Began { pause: id, leg, .. } => pause(id).of(leg).at(Transition::Start),
        PauseFact::Ended { pause: id, leg, .. } => pause(id).of(leg),
        PauseFact::Dropped { .. } => return None,
    })
}

/// A vote: that it was opened and counted, that a ballot came in, and no more of it.
fn of_vote(fact: &VoteFact) -> Told {
    match fact {
        VoteFact::Opened { vote, electors, .. } => Told::new(format!("vote:{vote}"), "表决", "Vote")
            .at(Transition::Start)
            .with("electors", electors.len()),
        VoteFact::Moved { vote, .. } => {
            Told::new(format!("vote-moved:{vote}"), "表决改期", "End of vote moved")
        }
        VoteFact::Cast { vote, .. } => Told::new(format!("ballot:{vote}"), "投票", "Ballot cast"),
        VoteFact::Revoked { vote, .. } => {
            Told::new(format!("ballot-revoked:{vote}"), "撤回投票", "Ballot taken back")
        }
        VoteFact::Disputed { vote, .. } => {
            Told::new(format!("ballot-disputed:{vote}"), "投票有异议", "Ballot disputed")
        }
        VoteFact::Cured { vote, .. } => {
            Told::new(format!("ballot-cured:{vote}"), "投票恢复有效", "Ballot counts again")
        }
        VoteFact::ProxyNamed { vote, .. } => Told::new(format!("proxy:{vote}"), "委托投票", "Proxy named"),
        VoteFact::OptionStruck { vote, .. } => {
            Told::new(format!("struck:{vote}"), "否决选项", "Option struck out")
        }
        VoteFact::Closed { vote, tally, .. } => {
            let verdict = name_of(tally.verdict);
            Told::new(format!("vote:{vote}"), "表决", "Vote").with("verdict", verdict)
        }
    }
}

fn of_claim(fact: &ClaimFact) -> Told {
    match fact {
        ClaimFact::Taken { claim, unit, .. } => {
            Told::new("claim:taken", "认领", "Claimed").with("claim", claim).of(unit)
        }
        ClaimFact::Moved { claim, to, .. } => {
            let title = to.title();
            let (zh, en) = (format!("认领{}", title.zh), format!("Claim: {}", title.en));
            Told::new(format!("claim:{}", to.name()), zh, en).with("claim", claim)
        }
    }
}

fn of_share(fact: &ShareFact) -> Told {
    match fact {
        ShareFact::Divided { split, .. } => Told::new(format!("split:{split}"), "费用分摊", "Costs divided"),
        ShareFact::Undone { split, .. } => {
            Told::new(format!("unsplit:{split}"), "暂不分摊", "Costs not divided any more")
        }
        ShareFact::JoinedLate { split, .. } => {
            Told::new(format!("joined-late:{split}"), "后加入分摊", "Joined the costs later")
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use paidan_machine::vote::How as Cast;
    use paidan_model::id::VoteId;

    fn person() -> By {
        By::Person {
            subject: "owner-7".into(),
            post: PostId::parse("grid-lead"),
            unit: UnitId::parse("hailing"),
            via: "page".into(),
            instead_of: None,
        }
    }

    fn record<'r>(by: &'r By, facts: &'r [Fact]) -> Record<'r> {
        Record { seq: 3, at: Moment::from_millis(0), due: None, by: Some(by), facts }
    }

    #[test]
    fn no_event_tells_who_voted() {
        let vote = VoteId::parse("owners").unwrap();
        let cast = Fact::Vote(VoteFact::Cast {
            vote,
            owner: "owner-7".into(),
            choice: Some(paidan_machine::tally::Choice::Oppose),
            receipt: "00".into(),
            by: "owner-7".into(),
            how: Cast::Own,
            proof: None,
            disputed: None,
            at: Moment::from_millis(0),
        });
        let by = person();
        let facts = [Fact::State(StateFact::RoundBegan { round: 1 }), cast];
        assert_eq!(who(record(&by, &facts)), (WITHHELD.to_string(), None, None));
        let Fact::Vote(cast) = &facts[1] else { unreachable!("it was put there above") };
        let told = of_vote(cast);
        assert!(told.about.is_empty() && told.activity == "ballot:owners");
        // The same person is told where no ballot comes with it.
        let (subject, role, group) = who(record(&by, &facts[..1]));
        assert_eq!(subject, "owner-7");
        assert!(role.is_some() && group.is_some());
        assert_eq!(who(record(&By::Engine, &facts[..1])).0, ENGINE);
    }
}
