//! Facts: what has happened to a case. Names and shapes only grow; they are never renamed.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use paidan_model::calendar::Budget;
use paidan_model::claim::ClaimState;
use paidan_model::clock::Colour;
use paidan_model::id::{
    ActionId, ChannelId, ChoiceId, ClaimsId, ClockId, FieldId, HandoffId, NoticeId, OutcomeId, PauseId,
    PostId, RoleId, SplitId, StateId, UnitId, UnitKind, VoteId, WorkflowId,
};
use paidan_model::leg::{LegState, Part, RefusalGround};
use paidan_model::moment::Moment;
use paidan_model::outcome::Class;
use paidan_model::value::Held;
use serde::{Deserialize, Serialize};

use crate::audience::Audience;
use crate::claim::Initiator;
use crate::party::Why;
use crate::tally::{Choice, Elector, Tally};

/// A clock of a case: its id, the unit for clocks of scope leg, the claim for clocks of scope offer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ClockKey {
    /// Which clock.
    pub clock: ClockId,
    /// Whose leg.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leg: Option<UnitId>,
    /// Which claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<u32>,
}

/// What a timer does when it fires.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmKind {
    /// The n-th `after` of a state.
    After {
        /// The state.
        state: StateId,
        /// Which of its timers.
        n: u32,
    },
    /// A share of a clock's budget is used.
    Warn {
        /// The clock.
        clock: ClockKey,
        /// The share.
        percent: u8,
    },
    /// A clock is due.
    Breach {
        /// The clock.
        clock: ClockKey,
    },
    /// A rung of a clock's ladder.
    Rung {
        /// The clock.
        clock: ClockKey,
        /// Which rung, from 0.
        rung: u32,
        /// How many times it fired before.
        again: u32,
    },
    /// The time for refusing is over: silence makes the leg answerable.
    OfferEnd {
        /// The unit.
        leg: UnitId,
    },
    /// A vote ends.
    VoteEnd {
        /// Which.
        vote: VoteId,
    },
    /// A vote may end from now on, if it is decided.
    VoteMay {
        /// Which.
        vote: VoteId,
    },
    /// A pause ends by itself.
    PauseEnd {
        /// Which pause.
        pause: PauseId,
        /// Whose leg.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        leg: Option<UnitId>,
    },
}

/// A timer that is armed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// What it does.
    pub kind: AlarmKind,
    /// When, computed.
    pub due: Moment,
}

/// How a clock ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// In time.
    Met,
    /// After its due moment.
    Late,
    /// It no longer counts.
    Void,
}

/// How a hand-off joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Its rule holds.
    Rule,
    /// Somebody started without the missing legs.
    Without,
}

/// One thing that has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
#[expect(missing_docs, reason = "fields are explained by the fact they belong to")]
pub enum Fact {
    /// The case was filed under this definition.
    Opened {
        stream: String,
        workflow: WorkflowId,
        digest: String,
        number: String,
        levels: BTreeMap<UnitKind, UnitId>,
        channel: String,
        at: Moment,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<String>,
        /// The how-manieth linked case of its parent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nth: Option<u32>,
        /// When the matter first came in, as the case it was turned into this one from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Moment>,
    },
    /// An action was taken.
    Acted {
        action: ActionId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        leg: Option<UnitId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        state: Option<StateId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        way: Option<u32>,
    },
    /// A reason was written; the words are in the vault.
    Reasoned { reason: Held },
    /// A field was written.
    Filled { field: FieldId, value: Held },
    /// A field was emptied.
    Cleared { field: FieldId },
    /// Rework began.
    RoundBegan { round: u8 },
    /// A state was left.
    Left { state: StateId },
    /// A state was entered; `from` are the states the same move left, for history.
    Entered {
        state: StateId,
        at: Moment,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        from: Vec<StateId>,
    },
    /// Timers were armed.
    Armed { alarms: Vec<Alarm> },
    /// Timers were disarmed.
    Disarmed { alarms: Vec<AlarmKind> },
    /// A timer fired, at its computed moment.
    Fired { alarm: AlarmKind, due: Moment },
    /// A clock started.
    ClockStarted {
        clock: ClockKey,
        at: Moment,
        budget: Budget,
        due: Moment,
        #[serde(default, skip_serializing_if = "is_false")]
        provisional: bool,
    },
    /// A clock stood still; what was left of its budget. `why` names the pause, or `arbitration`, `stopped`.
    ClockPaused {
        clock: ClockKey,
        at: Moment,
        left: Budget,
        /// What is left of extensions.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        more: Vec<Budget>,
        why: String,
    },
    /// A clock went on.
    ClockResumed { clock: ClockKey, at: Moment, due: Moment },
    /// A clock's due moment moved for a permitted cause: `extension`, `calendar`, `limit`, `cap`, `order`.
    ClockMoved {
        clock: ClockKey,
        budget: Budget,
        /// The extensions that it has.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        more: Vec<Budget>,
        due: Moment,
        why: String,
    },
    /// A clock is late.
    ClockBreached { clock: ClockKey, due: Moment },
    /// A clock ended.
    ClockStopped { clock: ClockKey, at: Moment, verdict: Verdict },
    /// Somebody asked for more time.
    ExtensionAsked {
        clock: ClockKey,
        by: Budget,
        /// Who asked: somebody else agrees.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        who: Option<String>,
    },
    /// What was asked for was declined or withdrawn; the act before it says which.
    ExtensionDropped { clock: ClockKey },
    /// A leg was opened.
    LegOpened { leg: UnitId, part: Part, handoff: HandoffId, at: Moment },
    /// A leg moved on; `implicit` when silence did it.
    LegMoved {
        leg: UnitId,
        to: LegState,
        at: Moment,
        #[serde(default, skip_serializing_if = "is_false")]
        implicit: bool,
    },
    /// A leg began another round.
    LegRound { leg: UnitId, round: u8 },
    /// A leg agreed to the plan, or objected.
    LegAgreed { leg: UnitId, agreed: bool },
    /// Agreement is asked afresh.
    LegAsked { leg: UnitId },
    /// A leg was marked late.
    LegLate { leg: UnitId },
    /// The lead proposed that a leg is not needed.
    WaiverAsked { leg: UnitId },
    /// A leg was refused on a ground and with a cited duty; the words are in the vault. Records of before version 0.1 have
    /// no ground.
    LegRefused {
        leg: UnitId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ground: Option<RefusalGround>,
        basis: Held,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead: Option<UnitId>,
    },
    /// A refused or disputed leg was ruled on: kept, or released; the words of the ruling are in the vault.
    LegRuled {
        leg: UnitId,
        kept: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead: Option<UnitId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<Held>,
    },
    /// A hand-off began to run.
    HandoffBegan { handoff: HandoffId },
    /// A hand-off has what it waits for.
    Joined { handoff: HandoffId, how: How },
    /// No mandatory leg is left.
    JoinFailed { handoff: HandoffId },
    /// A message was ordered; the words and addresses are the courier's.
    Told {
        notice: NoticeId,
        to: Vec<Audience>,
        role: RoleId,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        via: Vec<ChannelId>,
        not_before: Moment,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        clock: Option<ClockKey>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        leg: Option<UnitId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Moment>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        slip: Option<Colour>,
        /// It counts for the notice's ceiling.
        #[serde(default, skip_serializing_if = "is_false")]
        counted: bool,
    },
    /// A supervision slip was issued.
    SlipIssued { n: u32, colour: Colour, clock: ClockKey, to: Vec<Audience>, at: Moment },
    /// Somebody else gets to see the case.
    Copied { to: Vec<Audience> },
    /// Somebody was added as responsible.
    Assigned { to: Vec<Audience>, role: RoleId },
    /// A linked case is to be opened.
    ChildAsked { workflow: WorkflowId, fields: BTreeMap<FieldId, Held>, n: u32 },
    /// A pause was asked for and waits for approval.
    PauseAsked {
        pause: PauseId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        leg: Option<UnitId>,
        proof: Held,
        /// Who asked: somebody else agrees.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        who: Option<String>,
    },
    /// The pause asked for was declined or withdrawn; the act before it says which.
    PauseDropped {
        pause: PauseId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        leg: Option<UnitId>,
    },
    /// A pause began.
    PauseBegan {
        pause: PauseId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        leg: Option<UnitId>,
        at: Moment,
    },
    /// A pause ended.
    PauseEnded {
        pause: PauseId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        leg: Option<UnitId>,
        at: Moment,
    },
    /// A vote opened upon a frozen electorate, whose hash this is.
    VoteOpened {
        vote: VoteId,
        electors: Vec<Elector>,
        hash: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        options: Vec<ChoiceId>,
        /// The digest of what is voted on, if the definition names it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<String>,
        at: Moment,
        may_close: Moment,
        until: Moment,
    },
    /// A ballot was cast or cast again; `receipt` commits to what it says, which a secret vote keeps in the vault.
    BallotCast {
        vote: VoteId,
        owner: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        choice: Option<Choice>,
        receipt: String,
        by: String,
        how: crate::vote::How,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proof: Option<Held>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        disputed: Option<String>,
        at: Moment,
    },
    /// A ballot was taken back.
    BallotRevoked { vote: VoteId, owner: String, at: Moment },
    /// A co-owner disputes a ballot: it counts for nothing.
    BallotDisputed { vote: VoteId, owner: String, by: String, at: Moment },
    /// A disputed ballot counts again.
    BallotCured { vote: VoteId, owner: String, at: Moment },
    /// A voter named somebody to vote in their place.
    ProxyNamed {
        vote: VoteId,
        owner: String,
        proxy: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proof: Option<Held>,
        at: Moment,
    },
    /// An option was struck out.
    OptionStruck { vote: VoteId, option: ChoiceId, at: Moment },
    /// A vote was counted.
    VoteClosed { vote: VoteId, tally: alloc::boxed::Box<Tally>, at: Moment },
    /// A part of the item, or all of it, was claimed.
    ClaimTaken {
        claims: ClaimsId,
        claim: u32,
        party: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<UnitId>,
        qty: i64,
        initiator: Initiator,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        other: Option<String>,
        at: Moment,
    },
    /// A claim moved on, or was given back for a reason.
    ClaimMoved {
        claim: u32,
        to: ClaimState,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<Why>,
        at: Moment,
    },
    /// A sum was divided among the parts of a roster.
    Shared { split: SplitId, amount: i64, portions: Vec<crate::split::Portion>, at: Moment },
    /// A term is missing: nothing is divided any more.
    Unshared { split: SplitId, at: Moment },
    /// A part joined a split later, at a price that went to those who had paid.
    JoinedLate { split: SplitId, joined: crate::split::Joined },
    /// The parent case is told of something.
    Reported { event: ActionId },
    /// An event was sent that nothing listened to.
    Ignored { event: ActionId },
    /// The case ended. Records from before outcomes were declared name no class.
    Ended {
        outcome: OutcomeId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        class: Option<Class>,
        at: Moment,
    },
    /// It was done in the job of somebody who is away: whoever stood in then never judges it as somebody else.
    StoodIn { subject: String, post: PostId, unit: UnitId },
    /// The case came back.
    Reopened { at: Moment },
    /// The time for which personal values are kept has passed; they are erased.
    Redacted { at: Moment },
}

/// For serde: leaves `false` out.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}
