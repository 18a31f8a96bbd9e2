//! All that is known of one case, and `evolve`, the only way it changes.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use paidan_model::calendar::{Budget, Calendar, Due, Roll};
use paidan_model::clock::Colour;
use paidan_model::id::{
    FieldId, HandoffId, OutcomeId, PauseId, PostId, SplitId, StateId, UnitId, UnitKind, VoteId, WorkflowId,
};
use paidan_model::leg::{LegState, Part};
use paidan_model::moment::Moment;
use paidan_model::outcome::Class;
use paidan_model::value::{Held, Value};
use serde::{Deserialize, Serialize};

use crate::audience::Audience;
use crate::ceiling::Telling;
use crate::claim::Claim;
use crate::fact::{Alarm, AlarmKind, ClockKey, Fact, Verdict};
use crate::split::Shares;
use crate::vote::Poll;

/// One department's share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leg {
    /// Its part.
    pub part: Part,
    /// Its state.
    pub state: LegState,
    /// The state before arbitration.
    pub before: Option<LegState>,
    /// The hand-off that opened it.
    pub handoff: HandoffId,
    /// Its round, from 0.
    pub round: u8,
    /// Agreement to the plan.
    pub agreed: Option<bool>,
    /// Marked late.
    pub late: bool,
    /// Signed by silence.
    pub implicit: bool,
    /// Has refused this case once.
    pub refused: bool,
    /// Another unit had refused the case before this one did.
    #[serde(default, skip_serializing_if = "crate::fact::is_false")]
    pub refused_again: bool,
    /// The lead proposed that it is not needed.
    #[serde(default, skip_serializing_if = "crate::fact::is_false")]
    pub waiver: bool,
    /// When it was opened.
    pub since: Moment,
}

/// A clock that has started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Which.
    pub key: ClockKey,
    /// When it started, or went on.
    pub from: Moment,
    /// Its budget from `from`.
    pub budget: Budget,
    /// What was granted on top of it, in turn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<Budget>,
    /// The due moment.
    pub due: Moment,
    /// Beyond what the calendar knows.
    pub provisional: bool,
    /// Why it stands still, if it does.
    pub paused: Option<String>,
    /// Its due moment has passed.
    pub late: bool,
    /// How it ended, if it did.
    pub verdict: Option<Verdict>,
    /// When it ended.
    pub ended: Option<Moment>,
    /// How often it was extended.
    pub extended: u8,
    /// An extension that waits for approval.
    pub asked: Option<Budget>,
    /// Who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<String>,
    /// Warnings, breach and rungs that have fired.
    pub fired: Vec<AlarmKind>,
}

impl Clock {
    /// When it would be due by what it has, if it went on at a moment; another clock may cap it.
    #[must_use]
    pub fn due_from(&self, calendar: &Calendar, from: Moment, roll: Roll) -> Option<Due> {
        self.budget.due_with(&self.more, calendar, from, roll)
    }

    /// Whether it counts now.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.paused.is_none() && self.verdict.is_none()
    }
}

/// A supervision slip (督办单).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slip {
    /// Its number within the case.
    pub n: u32,
    /// Its colour.
    pub colour: Colour,
    /// The clock it is about.
    pub clock: ClockKey,
    /// To whom.
    pub to: Vec<Audience>,
    /// When.
    pub at: Moment,
}

/// A pause asked for or in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Which.
    pub pause: PauseId,
    /// Whose leg.
    pub leg: Option<UnitId>,
    /// Who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<String>,
    /// When it began; none while it waits for approval.
    pub began: Option<Moment>,
    /// When it ended.
    pub ended: Option<Moment>,
}

/// Where a case came from when a state was entered, for history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When the state was entered.
    pub at: Moment,
    /// The states that the same move left.
    pub from: Vec<StateId>,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The stream's id.
    pub stream: String,
    /// The workflow's name.
    pub workflow: WorkflowId,
    /// The digest it is pinned to.
    pub digest: String,
    /// The public number.
    pub number: String,
    /// The units of its place, by kind.
    pub levels: BTreeMap<UnitKind, UnitId>,
    /// The channel it came by.
    pub channel: String,
    /// The hash of the code by which the resident tracks it.
    pub code: Option<String>,
    /// The case that opened it.
    pub parent: Option<String>,
    /// The how-manieth linked case of its parent it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u32>,
    /// When it was filed.
    pub opened: Moment,
    /// Jobs in which people acted who only stood in for somebody.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub stood_in: BTreeSet<(String, PostId, UnitId)>,
    /// When its personal values were erased because the time to keep them had passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted: Option<Moment>,
    /// When the matter first came in, if another case was turned into this one: what is public counts from then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Moment>,
    /// Active states, with their ancestors.
    pub active: BTreeMap<StateId, Entry>,
    /// Fields.
    pub fields: BTreeMap<FieldId, Held>,
    /// The round of rework, from 0.
    pub round: u8,
    /// Legs by unit.
    pub legs: BTreeMap<UnitId, Leg>,
    /// Hand-offs that run, and whether they have joined.
    pub handoffs: BTreeMap<HandoffId, bool>,
    /// Clocks, in order of starting; a clock that starts again is a new one.
    pub clocks: Vec<Clock>,
    /// Timers, in order of arming.
    pub alarms: Vec<Alarm>,
    /// Pauses.
    pub pauses: Vec<Pause>,
    /// Slips.
    pub slips: Vec<Slip>,
    /// Who besides the holders gets to see it.
    pub copied: BTreeSet<Audience>,
    /// Who was added as responsible.
    pub assigned: BTreeSet<Audience>,
    /// What was told lately of notices that have a ceiling.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tellings: Vec<Telling>,
    /// Votes that were opened.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub votes: BTreeMap<VoteId, Poll>,
    /// Other cases that fields have named, those that another has taken the place of among them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub named: BTreeSet<(FieldId, String)>,
    /// Sums that were divided.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub splits: BTreeMap<SplitId, Shares>,
    /// Claims, in order of their numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// How many linked cases it has asked for.
    pub children: u32,
    /// The last of them of each workflow: it alone is still listened to.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub asked: BTreeMap<WorkflowId, u32>,
    /// How it ended.
    pub outcome: Option<OutcomeId>,
    /// What reports count that as.
    pub class: Option<Class>,
    /// When it ended.
    pub ended: Option<Moment>,
}

impl Case {
    /// The units whose legs count, of a part or of all.
    #[must_use]
    pub fn live_units(&self, part: Option<Part>) -> Vec<UnitId> {
        let live = self.legs.iter().filter(|(_, leg)| !leg.state.is_gone());
        live.filter(|(_, leg)| part.is_none_or(|p| leg.part == p)).map(|(unit, _)| unit.clone()).collect()
    }

    /// The clock of that key that was started last.
    #[must_use]
    pub fn clock(&self, key: &ClockKey) -> Option<&Clock> {
        self.clocks.iter().rev().find(|clock| clock.key == *key)
    }

    /// The moment of the next timer.
    #[must_use]
    pub fn next_due(&self) -> Option<Moment> {
        self.alarms.iter().map(|alarm| alarm.due).min()
    }

    /// Whether the case has ended.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.outcome.is_some()
    }

    fn clock_mut(&mut self, key: &ClockKey) -> Option<&mut Clock> {
        self.clocks.iter_mut().rev().find(|clock| clock.key == *key)
    }
}

/// Folds one fact into a case; the first fact, [`Fact::Opened`], makes it. A fact about something
/// the case does not have changes nothing.
#[must_use]
pub fn evolve(case: Option<Case>, fact: &Fact) -> Option<Case> {
    let Some(mut case) = case else {
        return open(fact);
    };
    match fact {
        Fact::Opened { .. }
        | Fact::Acted { .. }
        | Fact::Reasoned { .. }
        | Fact::Reported { .. }
        | Fact::Ignored { .. } => {}
        Fact::VoteOpened { .. }
        | Fact::BallotCast { .. }
        | Fact::BallotRevoked { .. }
        | Fact::BallotDisputed { .. }
        | Fact::BallotCured { .. }
        | Fact::ProxyNamed { .. }
        | Fact::OptionStruck { .. }
        | Fact::VoteClosed { .. } => crate::vote::evolve(&mut case, fact),
        Fact::ClaimTaken { .. } | Fact::ClaimMoved { .. } => crate::claim::evolve(&mut case, fact),
        Fact::Shared { .. } | Fact::Unshared { .. } | Fact::JoinedLate { .. } => {
            crate::split::evolve(&mut case, fact)
        }
        Fact::Told { notice, to, not_before, counted, .. } => {
            if *counted {
                crate::ceiling::remember(&mut case, notice, to, *not_before);
            }
        }
        Fact::Filled { .. } | Fact::Cleared { .. } | Fact::RoundBegan { .. } => evolve_form(&mut case, fact),
        Fact::Left { .. }
        | Fact::Entered { .. }
        | Fact::Ended { .. }
        | Fact::Reopened { .. }
        | Fact::Redacted { .. }
        | Fact::StoodIn { .. } => evolve_states(&mut case, fact),
        Fact::Armed { .. } | Fact::Disarmed { .. } | Fact::Fired { .. } => evolve_alarms(&mut case, fact),
        Fact::ClockStarted { .. }
        | Fact::ClockPaused { .. }
        | Fact::ClockResumed { .. }
        | Fact::ClockMoved { .. }
        | Fact::ClockBreached { .. }
        | Fact::ClockStopped { .. } => evolve_clocks(&mut case, fact),
        Fact::ExtensionAsked { .. } | Fact::ExtensionDropped { .. } => evolve_extension(&mut case, fact),
        Fact::LegOpened { .. }
        | Fact::LegMoved { .. }
        | Fact::LegRound { .. }
        | Fact::LegAgreed { .. }
        | Fact::LegAsked { .. }
        | Fact::LegLate { .. }
        | Fact::WaiverAsked { .. }
        | Fact::LegRefused { .. }
        | Fact::LegRuled { .. }
        | Fact::HandoffBegan { .. }
        | Fact::Joined { .. }
        | Fact::JoinFailed { .. } => evolve_legs(&mut case, fact),
        Fact::SlipIssued { .. }
        | Fact::Copied { .. }
        | Fact::Assigned { .. }
        | Fact::ChildAsked { .. }
        | Fact::PauseAsked { .. }
        | Fact::PauseDropped { .. }
        | Fact::PauseBegan { .. }
        | Fact::PauseEnded { .. } => evolve_overlays(&mut case, fact),
    }
    Some(case)
}

fn open(fact: &Fact) -> Option<Case> {
    let Fact::Opened { stream, workflow, digest, number, levels, channel, at, code, parent, nth, since } =
        fact
    else {
        return None;
    };
    Some(Case {
        stream: stream.clone(),
        workflow: workflow.clone(),
        digest: digest.clone(),
        number: number.clone(),
        levels: levels.clone(),
        channel: channel.clone(),
        code: code.clone(),
        parent: parent.clone(),
        nth: *nth,
        opened: *at,
        since: *since,
        redacted: None,
        stood_in: BTreeSet::new(),
        active: BTreeMap::new(),
        fields: BTreeMap::new(),
        round: 0,
        legs: BTreeMap::new(),
        handoffs: BTreeMap::new(),
        clocks: Vec::new(),
        alarms: Vec::new(),
        pauses: Vec::new(),
        slips: Vec::new(),
        copied: BTreeSet::new(),
        assigned: BTreeSet::new(),
        tellings: Vec::new(),
        votes: BTreeMap::new(),
        named: BTreeSet::new(),
        splits: BTreeMap::new(),
        claims: Vec::new(),
        children: 0,
        asked: BTreeMap::new(),
        outcome: None,
        class: None,
        ended: None,
    })
}

fn evolve_form(case: &mut Case, fact: &Fact) {
    if let Fact::Filled { field, value } = fact {
        if let Held::Open(Value::Case(number)) = value {
            case.named.insert((field.clone(), number.clone()));
        }
        case.fields.insert(field.clone(), value.clone());
    } else if let Fact::Cleared { field } = fact {
        case.fields.remove(field);
    } else if let Fact::RoundBegan { round } = fact {
        case.round = *round;
    }
}

fn evolve_states(case: &mut Case, fact: &Fact) {
    if let Fact::Left { state } = fact {
        case.active.remove(state);
    } else if let Fact::Entered { state, at, from } = fact {
        case.active.insert(state.clone(), Entry { at: *at, from: from.clone() });
    } else if let Fact::Ended { outcome, class, at } = fact {
        case.outcome = Some(outcome.clone());
        case.class = Some(class.unwrap_or_else(|| Class::of_undeclared(outcome.as_str())));
        case.ended = Some(*at);
        // What waits for a word waits no more.
        case.pauses.retain(|pause| pause.began.is_some());
        case.clocks.iter_mut().for_each(|clock| (clock.asked, clock.asked_by) = (None, None));
    } else if let Fact::Reopened { .. } = fact {
        (case.outcome, case.class, case.ended) = (None, None, None);
    } else if let Fact::StoodIn { subject, post, unit } = fact {
        case.stood_in.insert((subject.clone(), post.clone(), unit.clone()));
    } else if let Fact::Redacted { at } = fact {
        case.redacted = Some(*at);
    }
}

fn evolve_alarms(case: &mut Case, fact: &Fact) {
    if let Fact::Armed { alarms } = fact {
        for alarm in alarms {
            case.alarms.retain(|held| held.kind != alarm.kind);
            case.alarms.push(alarm.clone());
        }
    } else if let Fact::Disarmed { alarms } = fact {
        case.alarms.retain(|held| !alarms.contains(&held.kind));
    } else if let Fact::Fired { alarm, .. } = fact {
        case.alarms.retain(|held| held.kind != *alarm);
        if let AlarmKind::Warn { clock, .. } | AlarmKind::Breach { clock } | AlarmKind::Rung { clock, .. } =
            alarm
            && let Some(clock) = case.clock_mut(clock)
        {
            clock.fired.push(alarm.clone());
        }
    }
}

fn evolve_clocks(case: &mut Case, fact: &Fact) {
    match fact {
        Fact::ClockStarted { clock, at, budget, due, provisional } => case.clocks.push(Clock {
            key: clock.clone(),
            from: *at,
            budget: budget.clone(),
            more: Vec::new(),
            due: *due,
            provisional: *provisional,
            paused: None,
            late: false,
            verdict: None,
            ended: None,
            extended: 0,
            asked: None,
            asked_by: None,
            fired: Vec::new(),
        }),
        Fact::ClockPaused { clock, at, left, more, why } => {
            if let Some(clock) = case.clock_mut(clock) {
                clock.from = *at;
                clock.budget = left.clone();
                clock.more.clone_from(more);
                clock.paused = Some(why.clone());
            }
        }
        Fact::ClockResumed { clock, at, due } => {
            if let Some(clock) = case.clock_mut(clock) {
                clock.from = *at;
                clock.due = *due;
                clock.paused = None;
                clock.verdict = None;
                clock.ended = None;
            }
        }
        Fact::ClockMoved { clock, budget, more, due, why } => {
            if let Some(clock) = case.clock_mut(clock) {
                clock.budget = budget.clone();
                clock.more.clone_from(more);
                clock.due = *due;
                if why == "extension" {
                    clock.asked = None;
                    clock.extended += 1;
                }
            }
        }
        Fact::ClockBreached { clock, .. } => {
            if let Some(clock) = case.clock_mut(clock) {
                clock.late = true;
            }
        }
        Fact::ClockStopped { clock, at, verdict } => {
            if let Some(clock) = case.clock_mut(clock) {
                clock.verdict = Some(*verdict);
                clock.ended = Some(*at);
            }
        }
        _ => {}
    }
}

fn evolve_extension(case: &mut Case, fact: &Fact) {
    let (clock, asked, asked_by) = match fact {
        Fact::ExtensionAsked { clock, by, who } => (clock, Some(by.clone()), who.clone()),
        Fact::ExtensionDropped { clock } => (clock, None, None),
        _ => return,
    };
    if let Some(clock) = case.clock_mut(clock) {
        (clock.asked, clock.asked_by) = (asked, asked_by);
    }
}

fn evolve_legs(case: &mut Case, fact: &Fact) {
    match fact {
        Fact::LegOpened { leg, part, handoff, at } => {
            let refused = case.legs.get(leg).is_some_and(|old| old.refused);
            let opened = Leg {
                part: *part,
                state: LegState::Notified,
                before: None,
                handoff: handoff.clone(),
                round: case.round,
                agreed: None,
                late: false,
                implicit: false,
                refused,
                refused_again: false,
                waiver: false,
                since: *at,
            };
            case.legs.insert(leg.clone(), opened);
        }
        Fact::HandoffBegan { handoff } => {
            case.handoffs.insert(handoff.clone(), false);
        }
        Fact::Joined { handoff, .. } | Fact::JoinFailed { handoff } => {
            case.handoffs.insert(handoff.clone(), true);
        }
        Fact::LegRefused { leg: unit, .. } => {
            let before = case.legs.iter().any(|(other, leg)| other != unit && leg.refused);
            if let Some(leg) = case.legs.get_mut(unit) {
                (leg.refused, leg.refused_again) = (true, before);
            }
        }
        Fact::LegMoved { leg, .. }
        | Fact::LegRound { leg, .. }
        | Fact::LegAgreed { leg, .. }
        | Fact::LegAsked { leg }
        | Fact::LegLate { leg }
        | Fact::WaiverAsked { leg }
        | Fact::LegRuled { leg, .. } => {
            if let Some(leg) = case.legs.get_mut(leg) {
                evolve_leg(leg, fact);
            }
        }
        _ => {}
    }
}

fn evolve_leg(leg: &mut Leg, fact: &Fact) {
    match fact {
        Fact::LegMoved { to, implicit, .. } => {
            leg.before = (*to == LegState::Arbitration).then_some(leg.state);
            leg.state = *to;
            leg.implicit = *implicit;
        }
        Fact::LegRound { round, .. } => {
            leg.round = *round;
            leg.waiver = false;
        }
        Fact::LegAgreed { agreed, .. } => leg.agreed = Some(*agreed),
        Fact::LegAsked { .. } => leg.agreed = None,
        Fact::LegLate { .. } => leg.late = true,
        Fact::WaiverAsked { .. } => leg.waiver = true,
        _ => {}
    }
}

fn evolve_overlays(case: &mut Case, fact: &Fact) {
    match fact {
        Fact::SlipIssued { n, colour, clock, to, at } => {
            case.slips.push(Slip { n: *n, colour: *colour, clock: clock.clone(), to: to.clone(), at: *at });
        }
        Fact::Copied { to } => case.copied.extend(to.iter().cloned()),
        Fact::Assigned { to, .. } => case.assigned.extend(to.iter().cloned()),
        Fact::ChildAsked { workflow, n, .. } => {
            case.children += 1;
            case.asked.insert(workflow.clone(), *n);
        }
        Fact::PauseAsked { pause, leg, who, .. } => {
            let (pause, leg, asked_by) = (pause.clone(), leg.clone(), who.clone());
            case.pauses.push(Pause { pause, leg, asked_by, began: None, ended: None });
        }
        Fact::PauseDropped { pause, leg } => {
            case.pauses.retain(|p| !(p.pause == *pause && p.leg == *leg && p.began.is_none()));
        }
        Fact::PauseBegan { pause, leg, at } => {
            let asked =
                case.pauses.iter_mut().find(|p| p.pause == *pause && p.leg == *leg && p.began.is_none());
            match asked {
                Some(asked) => asked.began = Some(*at),
                None => {
                    let (pause, leg, began) = (pause.clone(), leg.clone(), Some(*at));
                    case.pauses.push(Pause { pause, leg, asked_by: None, began, ended: None });
                }
            }
        }
        Fact::PauseEnded { pause, leg, at } => {
            let open =
                case.pauses.iter_mut().find(|p| p.pause == *pause && p.leg == *leg && p.ended.is_none());
            if let Some(open) = open {
                open.ended = Some(*at);
            }
        }
        _ => {}
    }
}
