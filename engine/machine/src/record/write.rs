//! From facts to groups. Each group takes as many of the next facts as it can say in its short
//! form.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;
use paidan_model::id::StateId;
use paidan_model::moment::Moment;
use paidan_model::value::Held;

use super::group::{Armed, Did, Filed, Group, In, Ladder, Started, Tell, TellMore, Whole};
use super::short::{Gap, Hash, Key, Term, asker};
use super::value::{Meant, Said};
use crate::actor::By;
use crate::fact::{Alarm, AlarmKind, CaseFact, ClockFact, ClockKey, Fact, FormFact};
use crate::fact::{MessageFact, StateFact, TimerFact, Verdict};

/// The groups of a record's facts.
type Groups<'f> = Vec<Group<Whole<'f>>>;
/// A group and how many facts it takes.
type Taken<'f> = Option<(Group<Whole<'f>>, usize)>;

/// What a record says once: its stream, its moment, who asked and by which door, and the states
/// that were just left.
struct Context<'c> {
    stream: &'c str,
    moment: Moment,
    asker: &'c str,
    via: &'c str,
    left: Vec<StateId>,
}

/// The groups of the facts of a record.
pub(super) fn groups<'f>(stream: &str, at: Moment, by: &By, facts: &'f [Fact]) -> Groups<'f> {
    let (asker, via) = asker(by);
    let mut context = Context { stream, moment: at, asker, via, left: Vec::new() };
    let (mut found, mut rest) = (Vec::new(), facts);
    while let Some((first, after)) = rest.split_first() {
        let (group, taken) = match context.short(rest) {
            Some(short) => short,
            None => (Group::Plain(Whole { fact: first, moment: at }), 1),
        };
        if let Group::Out(states) = &group {
            context.left.clone_from(states);
        }
        found.push(group);
        rest = rest.get(taken..).unwrap_or(after);
    }
    found
}

/// A group of the facts that come first and are all of a kind; nothing when there is none.
fn run<'f, T>(
    facts: &'f [Fact],
    each: impl FnMut(&'f Fact) -> Option<T>,
    group: fn(Vec<T>) -> Group<Whole<'f>>,
) -> Taken<'f> {
    let found: Vec<T> = facts.iter().map_while(each).collect();
    let taken = found.len();
    (taken > 0).then(|| (group(found), taken))
}

impl Context<'_> {
    fn short<'f>(&self, facts: &'f [Fact]) -> Taken<'f> {
        let left = |fact: &Fact| match fact {
            Fact::State(StateFact::Left { state }) => Some(state.clone()),
            _ => None,
        };
        let cleared = |fact: &Fact| match fact {
            Fact::Form(FormFact::Cleared { field }) => Some(field.clone()),
            _ => None,
        };
        self.set(facts)
            .or_else(|| run(facts, cleared, Group::Clear))
            .or_else(|| run(facts, left, Group::Out))
            .or_else(|| run(facts, |fact| self.entered(fact), Group::In))
            .or_else(|| run(facts, |fact| self.message(fact), Group::Tell))
            .or_else(|| self.started(facts))
            .or_else(|| run(facts, |fact| self.armed(fact), Group::Arm))
            .or_else(|| run(facts, |fact| self.stopped(fact, Verdict::Met), Group::Met))
            .or_else(|| run(facts, |fact| self.stopped(fact, Verdict::Late), Group::Late))
            .or_else(|| run(facts, |fact| self.stopped(fact, Verdict::Void), Group::Void))
            .or_else(|| Some((self.of_case(facts.first()?)?, 1)))
    }

    /// Fields that were written, each once.
    fn set<'f>(&self, facts: &'f [Fact]) -> Taken<'f> {
        let mut fields = BTreeMap::new();
        for fact in facts {
            let Fact::Form(FormFact::Filled { field, value }) = fact else { break };
            if fields.contains_key(field) {
                break;
            }
            fields.insert(field.clone(), Said::new(value, self.asker));
        }
        let taken = fields.len();
        (taken > 0).then_some((Group::Set(fields), taken))
    }

    fn entered(&self, fact: &Fact) -> Option<In> {
        let Fact::State(StateFact::Entered { state, at, from }) = fact else { return None };
        let at = Some(*at).filter(|at| *at != self.moment);
        let from = Some(from).filter(|from| **from != self.left).cloned();
        Some(In { at, from, state: state.clone() })
    }

    fn message(&self, fact: &Fact) -> Option<Tell> {
        let Fact::Message(MessageFact::Told {
            notice,
            to,
            role,
            via,
            not_before,
            clock,
            leg,
            due,
            slip,
            counted,
        }) = fact
        else {
            return None;
        };
        let gap = |to: Moment| Gap::between(self.moment, to);
        let due = match due {
            Some(due) => Some(gap(*due)?),
            None => None,
        };
        let not_before = match *not_before == self.moment {
            true => None,
            false => Some(gap(*not_before)?),
        };
        let clock = clock.clone().map(Key);
        let silent = due.is_none() && not_before.is_none() && clock.is_none() && leg.is_none();
        let silent = silent && slip.is_none() && via.is_empty() && !counted;
        let (leg, slip, via) = (leg.clone(), *slip, via.clone());
        let more = TellMore { clock, counted: *counted, due, leg, not_before, slip, via };
        let to = to.iter().map(|audience| Meant::new(audience, self.asker)).collect();
        let (notice, role) = (notice.clone(), role.clone());
        Some(Tell { notice, role, to, more: (!silent).then_some(more) })
    }

    /// Clocks that started, each with the timers that were armed once all had started, if these
    /// come in the same order.
    fn started<'f>(&self, facts: &'f [Fact]) -> Taken<'f> {
        let mut clocks: Vec<(&ClockKey, Moment, Started)> = Vec::new();
        for fact in facts {
            let Fact::Clock(started) = fact else { break };
            let ClockFact::Started { clock, at, budget, due, provisional, goal } = started else {
                break;
            };
            let again = clocks.iter().any(|(key, ..)| *key == clock);
            let plain = *at == self.moment && !provisional && goal.is_none() && !again;
            let Some(gap) = Gap::between(self.moment, *due).filter(|_| plain) else { break };
            let (key, budget) = (Key(clock.clone()), Term(budget.clone()));
            clocks.push((clock, *due, Started { clock: key, budget, due: gap, ladder: None }));
        }
        let mut taken = clocks.len();
        let mut rest = facts.iter().skip(taken);
        let mut next = rest.next();
        for (clock, due, started) in &mut clocks {
            let Some(Fact::Timer(TimerFact::Armed { alarms })) = next else { break };
            let breach = |ladder: &Ladder| ladder.breach.is_some_and(Gap::is_none);
            if let Some(ladder) = ladder(alarms, clock, *due).filter(breach) {
                let ladder = Ladder { breach: None, ..ladder };
                started.ladder = Some(ladder);
                taken += 1;
                next = rest.next();
            }
        }
        let clocks: Vec<Started> = clocks.into_iter().map(|(.., started)| started).collect();
        (!clocks.is_empty()).then_some((Group::Clocks(clocks), taken))
    }

    fn armed(&self, fact: &Fact) -> Option<Armed> {
        let Fact::Timer(TimerFact::Armed { alarms }) = fact else { return None };
        let clock = alarms.first()?.kind.clock()?;
        ladder(alarms, clock, self.moment).map(|ladder| Armed(Key(clock.clone()), ladder))
    }

    fn stopped(&self, fact: &Fact, how: Verdict) -> Option<Key> {
        let Fact::Clock(ClockFact::Stopped { clock, at, verdict }) = fact else { return None };
        (*at == self.moment && *verdict == how).then(|| Key(clock.clone()))
    }

    /// What happened to the case as a whole.
    fn of_case<'f>(&self, fact: &'f Fact) -> Option<Group<Whole<'f>>> {
        let Fact::Case(fact) = fact else { return None };
        match fact {
            CaseFact::Opened { .. } => self.filed(fact).map(Group::Filed),
            CaseFact::Acted { action, leg: None, state: None, way: None } => {
                Some(Group::Did(Did::Alone(action.clone())))
            }
            CaseFact::Acted { action, leg: None, state: Some(state), way: Some(way) } => {
                Some(Group::Did(Did::At(action.clone(), state.clone(), *way)))
            }
            CaseFact::Reasoned { reason: Held::Sealed(commitment) } => {
                Some(Group::Why(Hash(commitment.clone())))
            }
            CaseFact::Ended { outcome, class: Some(class), at } => {
                let plain = *at == self.moment && class.name() == outcome.as_str();
                plain.then(|| Group::End(outcome.clone()))
            }
            CaseFact::Acted { .. }
            | CaseFact::Reasoned { .. }
            | CaseFact::Ended { .. }
            | CaseFact::Reopened { .. }
            | CaseFact::Redacted { .. } => None,
        }
    }

    fn filed(&self, fact: &CaseFact) -> Option<Filed> {
        let CaseFact::Opened {
            stream,
            workflow,
            digest,
            number,
            levels,
            channel,
            at,
            code,
            parent,
            nth,
            since,
        } = fact
        else {
            return None;
        };
        (*at == self.moment).then(|| Filed {
            channel: (channel != self.via).then(|| channel.clone()),
            code: code.clone().map(Hash),
            under: (workflow.clone(), Hash(digest.clone())),
            levels: levels.clone(),
            nth: *nth,
            number: number.clone(),
            parent: parent.clone(),
            since: *since,
            stream: (stream != self.stream).then(|| stream.clone()),
        })
    }
}

/// The timers of one clock as they stand to a moment; nothing unless they are all its own, in the
/// order in which they are read again.
fn ladder(alarms: &[Alarm], clock: &ClockKey, base: Moment) -> Option<Ladder> {
    if alarms.is_empty() || !alarms.is_sorted_by(|a, b| a.kind < b.kind) {
        return None;
    }
    let is_next = |ladder: &Ladder, rung: u32| usize::try_from(rung) == Ok(ladder.rungs.len());
    let mut ladder = Ladder::default();
    for Alarm { kind, due } in alarms.iter().filter(|alarm| alarm.kind.clock() == Some(clock)) {
        let gap = Gap::between(base, *due)?;
        match kind {
            AlarmKind::Warn { percent, .. } => {
                ladder.others.insert(format!("{percent}"), gap);
            }
            AlarmKind::Breach { .. } => ladder.breach = Some(gap),
            AlarmKind::Rung { rung, again: 0, .. } if is_next(&ladder, *rung) => {
                ladder.rungs.push(gap);
            }
            AlarmKind::Rung { rung, again, .. } => {
                ladder.others.insert(format!("r{rung}.{again}"), gap);
            }
            AlarmKind::After { .. }
            | AlarmKind::OfferEnd { .. }
            | AlarmKind::VoteEnd { .. }
            | AlarmKind::VoteMay { .. }
            | AlarmKind::PauseEnd { .. } => return None,
        }
    }
    let all = ladder.others.len() + ladder.rungs.len() + usize::from(ladder.breach.is_some());
    (all == alarms.len()).then_some(ladder)
}
