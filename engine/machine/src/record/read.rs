//! From groups to facts.

use alloc::format;
use alloc::vec::Vec;
use paidan_model::id::StateId;
use paidan_model::moment::Moment;
use paidan_model::outcome::Class;
use paidan_model::value::Held;
use serde_json::Value as Json;

use super::group::{Armed, Did, Filed, Group, In, Ladder, Named, Started, Tell};
use super::short::{Gap, Hash, Key, NoRecord, Term, asker};
use crate::actor::By;
use crate::case::member::AT;
use crate::fact::{Alarm, AlarmKind, CaseFact, ClockFact, ClockKey, Fact, FormFact};
use crate::fact::{MessageFact, StateFact, TimerFact, Verdict};

/// The facts of the groups of a record.
pub(super) fn facts(
    stream: &str,
    moment: Moment,
    by: &By,
    groups: Vec<Group<Named>>,
) -> Result<Vec<Fact>, NoRecord> {
    let (asker, via) = asker(by);
    let mut reader = Reader { stream, moment, asker, via, left: Vec::new(), facts: Vec::new() };
    groups.into_iter().try_for_each(|group| reader.take(group))?;
    Ok(reader.facts)
}

struct Reader<'r> {
    stream: &'r str,
    moment: Moment,
    asker: &'r str,
    via: &'r str,
    left: Vec<StateId>,
    facts: Vec<Fact>,
}

impl Reader<'_> {
    fn take(&mut self, group: Group<Named>) -> Result<(), NoRecord> {
        match group {
            Group::Filed(filed) => self.file(filed),
            Group::Set(fields) => {
                for (field, said) in fields {
                    let value = said.held(self.asker)?;
                    self.facts.push(FormFact::Filled { field, value }.into());
                }
            }
            Group::Clear(fields) => {
                let cleared = |field| FormFact::Cleared { field }.into();
                self.facts.extend(fields.into_iter().map(cleared));
            }
            Group::In(states) => states.into_iter().for_each(|state| self.enter(state)),
            Group::Out(states) => {
                self.left.clone_from(&states);
                self.facts.extend(states.into_iter().map(|state| StateFact::Left { state }.into()));
            }
            Group::Did(Did::Alone(action)) => {
                let acted = CaseFact::Acted { action, leg: None, state: None, way: None };
                self.facts.push(acted.into());
            }
            Group::Did(Did::At(action, state, way)) => {
                let (state, way) = (Some(state), Some(way));
                self.facts.push(CaseFact::Acted { action, leg: None, state, way }.into());
            }
            Group::Why(Hash(commitment)) => {
                self.facts.push(CaseFact::Reasoned { reason: Held::Sealed(commitment) }.into());
            }
            Group::End(outcome) => {
                let class = Class::ALL.into_iter().find(|class| class.name() == outcome.as_str());
                if class.is_none() {
                    return Err(NoRecord(format!("`{outcome}` is no class")));
                }
                self.facts.push(CaseFact::Ended { outcome, class, at: self.moment }.into());
            }
            Group::Tell(messages) => messages.into_iter().for_each(|message| self.tell(message)),
            Group::Clocks(clocks) => self.start(clocks)?,
            Group::Arm(armed) => {
                for Armed(Key(clock), ladder) in armed {
                    let alarms = alarms(&ladder, &clock, self.moment)?;
                    self.facts.push(TimerFact::Armed { alarms }.into());
                }
            }
            Group::Met(clocks) => self.stop(clocks, Verdict::Met),
            Group::Late(clocks) => self.stop(clocks, Verdict::Late),
            Group::Void(clocks) => self.stop(clocks, Verdict::Void),
            Group::Plain(named) => self.facts.push(plain(named, self.moment)?),
        }
        Ok(())
    }

    fn file(&mut self, filed: Filed) {
        let Filed { channel, code, under, levels, nth, number, parent, since, stream } = filed;
        let (workflow, Hash(digest)) = under;
        let opened = CaseFact::Opened {
            stream: stream.unwrap_or_else(|| self.stream.into()),
            workflow,
            digest,
            number,
            levels,
            channel: channel.unwrap_or_else(|| self.via.into()),
            at: self.moment,
            code: code.map(|Hash(code)| code),
            parent,
            nth,
            since,
        };
        self.facts.push(opened.into());
    }

    fn enter(&mut self, In { at, from, state }: In) {
        let at = at.unwrap_or(self.moment);
        let from = from.unwrap_or_else(|| self.left.clone());
        self.facts.push(StateFact::Entered { state, at, from }.into());
    }

    fn tell(&mut self, Tell { notice, role, to, more }: Tell) {
        let more = more.unwrap_or_default();
        let told = MessageFact::Told {
            notice,
            to: to.into_iter().map(|meant| meant.audience(self.asker)).collect(),
            role,
            via: more.via,
            not_before: more.not_before.map_or(self.moment, |gap| gap.after(self.moment)),
            clock: more.clock.map(|Key(clock)| clock),
            leg: more.leg,
            due: more.due.map(|gap| gap.after(self.moment)),
            slip: more.slip,
            counted: more.counted,
        };
        self.facts.push(told.into());
    }

    fn start(&mut self, clocks: Vec<Started>) -> Result<(), NoRecord> {
        let mut armed = Vec::new();
        for Started { clock: Key(clock), budget: Term(budget), due, ladder } in clocks {
            let due = due.after(self.moment);
            if let Some(mut ladder) = ladder {
                ladder.breach = Some(Gap::NONE);
                armed.push(TimerFact::Armed { alarms: alarms(&ladder, &clock, due)? }.into());
            }
            let at = self.moment;
            let (provisional, goal) = (false, None);
            let started = ClockFact::Started { clock, at, budget, due, provisional, goal };
            self.facts.push(started.into());
        }
        self.facts.append(&mut armed);
        Ok(())
    }

    fn stop(&mut self, clocks: Vec<Key>, verdict: Verdict) {
        let at = self.moment;
        let stopped = |Key(clock)| ClockFact::Stopped { clock, at, verdict }.into();
        self.facts.extend(clocks.into_iter().map(stopped));
    }
}

/// The timers of a clock, in order of what they do.
fn alarms(ladder: &Ladder, clock: &ClockKey, base: Moment) -> Result<Vec<Alarm>, NoRecord> {
    let mut alarms = Vec::new();
    let mut arm = |kind, gap: Gap| alarms.push(Alarm { kind, due: gap.after(base) });
    for (name, gap) in &ladder.others {
        arm(other(name, clock).ok_or_else(|| NoRecord(format!("`{name}` is no timer")))?, *gap);
    }
    if let Some(gap) = ladder.breach {
        arm(AlarmKind::Breach { clock: clock.clone() }, gap);
    }
    for (rung, gap) in (0..).zip(&ladder.rungs) {
        arm(AlarmKind::Rung { clock: clock.clone(), rung, again: 0 }, *gap);
    }
    alarms.sort_by(|a, b| a.kind.cmp(&b.kind));
    Ok(alarms)
}

fn other(name: &str, clock: &ClockKey) -> Option<AlarmKind> {
    let clock = clock.clone();
    match name.strip_prefix('r') {
        None => Some(AlarmKind::Warn { clock, percent: name.parse().ok()? }),
        Some(rung) => {
            let (rung, again) = rung.split_once('.')?;
            Some(AlarmKind::Rung { clock, rung: rung.parse().ok()?, again: again.parse().ok()? })
        }
    }
}

/// A fact by its name and members; the moment goes without saying.
fn plain(Named { kind, mut members }: Named, moment: Moment) -> Result<Fact, NoRecord> {
    if !members.contains_key(AT) {
        members.insert(AT.into(), moment.millis().into());
    }
    members.insert("fact".into(), Json::String(kind));
    serde_json::from_value(Json::Object(members)).map_err(|error| NoRecord(format!("{error}")))
}
