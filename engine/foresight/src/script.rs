//! Runs one script: the same `decide` as in production, with a clock that only the script moves.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use paidan_machine::actor::Actor;
use paidan_machine::audience::{Audience, resolve};
use paidan_machine::claim::Touch;
use paidan_machine::command::{Act, Ask, Command, Open};
use paidan_machine::party;
use paidan_machine::reference::{Linked, References, chain};
use paidan_machine::{Code, Decision, Law, Refusal, chart, decide};
use paidan_model::calendar::{Calendar, Roll};
use paidan_model::field::FieldType;
use paidan_model::id::{CalendarId, FieldId, RoleId, StateId, UnitId, UnitKind, WorkflowId};
use paidan_model::leg::Part;
use paidan_model::moment::Moment;
use paidan_model::roster::Post;
use paidan_model::script::{Deed, Script, Step};
use paidan_model::workflow::{Kind, Role, Workflow};
use serde::Serialize;

use crate::coverage::Coverage;
use crate::see::see;
use crate::stage::Stage;

/// What came of a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The script's name.
    pub name: String,
    /// What went wrong; none: it holds.
    pub failure: Option<Failure>,
}

/// Where a script failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The step, from 1; 0 is the intake.
    pub step: usize,
    /// What was expected.
    pub expected: String,
    /// What was there.
    pub found: String,
}

/// The subject that scripts act as when a role names no person.
const SOMEBODY: &str = "somebody";

/// Runs a script upon its workflow and notes what it covers.
///
/// # Errors
/// The refusal when the workflow's calendar is not among `calendars`.
pub fn run(
    workflow: &Workflow,
    digest: &str,
    calendars: &BTreeMap<CalendarId, Calendar>,
    script: &Script,
    coverage: &mut Coverage,
) -> Result<Verdict, Refusal> {
    let references = references(workflow, script);
    let law = Law::new(workflow, digest, calendars, None)?.with_references(&references);
    let failure = play(law, script, coverage).err();
    Ok(Verdict { name: script.name.clone(), failure })
}

/// The number of the case that a script is about.
const NUMBER: &str = "script";

/// The cases that the script's forms may name; a script names people and files as it likes.
fn references(workflow: &Workflow, script: &Script) -> References {
    let fields = workflow.fields.iter().filter(|(_, field)| field.kind == FieldType::Case);
    let all = fields.flat_map(|(id, _)| {
        let others = script.others.iter();
        others.filter_map(move |(number, said)| {
            Some(((id.clone(), number.clone()), other(script, id, number, said)?))
        })
    });
    References { cases: all.collect(), ..References::default() }
}

fn other(
    script: &Script,
    id: &FieldId,
    number: &str,
    said: &BTreeMap<String, serde_json::Value>,
) -> Option<Linked> {
    let workflow = said.get("of").and_then(|of| of.as_str()).and_then(WorkflowId::parse)?;
    let closed = said.get("closed") == Some(&serde_json::Value::Bool(true));
    let fields = said.iter().filter_map(|(id, value)| Some((FieldId::parse(id)?, value.clone())));
    let states = said.get("in").and_then(|states| states.as_array()).into_iter().flatten();
    let states = states.filter_map(|state| StateId::parse(state.as_str()?)).collect();
    let names = |number: &str| Some(script.others.get(number)?.get(id.as_str())?.as_str()?.to_string());
    Some(Linked { workflow, closed, states, fields: fields.collect(), leads_to: chain(number, names) })
}

/// A working Monday morning of the town, for scripts that name no moment.
const MORNING: &str = "2026-11-23 09:00";

fn play(law: Law<'_>, script: &Script, coverage: &mut Coverage) -> Result<(), Failure> {
    let morning = || Moment::parse_local(MORNING, law.zone());
    let now = script.at.or_else(morning).unwrap_or(Moment::from_millis(0));
    let command = Command {
        actor: Actor::Engine,
        ask: Ask::Open(Open {
            stream: "script".into(),
            number: NUMBER.into(),
            levels: levels(law.workflow),
            fill: script.given.iter().map(|(id, value)| (id.to_string(), value.clone())).collect(),
            channel: "script".into(),
            code: None,
            parent: None,
            since: None,
        }),
    };
    let mut salts = 0;
    let opened = decide(&law, None, &command, now, &mut salt(&mut salts)).map_err(|refusal| Failure {
        step: 0,
        expected: "the case opens".into(),
        found: refusal.text().en,
    })?;
    let mut stage = Stage {
        law,
        now,
        case: opened.case.clone(),
        drafts: Vec::new(),
        salts,
        parties: BTreeMap::new(),
        opened: BTreeMap::new(),
    };
    stage.keep(opened, coverage);
    for (n, step) in (1..).zip(&script.steps) {
        stage.take(step, coverage).map_err(|(expected, found)| Failure { step: n, expected, found })?;
    }
    Ok(())
}

fn salt(counter: &mut u64) -> impl FnMut() -> [u8; 32] {
    move || {
        *counter += 1;
        let mut salt = [0; 32];
        for (place, byte) in salt.iter_mut().zip(counter.to_be_bytes()) {
            *place = byte;
        }
        salt
    }
}

/// One unit of every kind that the roles name.
fn levels(workflow: &Workflow) -> BTreeMap<UnitKind, UnitId> {
    let kinds = workflow.roles.values().filter_map(Role::at_level).map(|(_, kind)| kind);
    kinds.filter_map(|kind| Some((kind.clone(), UnitId::parse(&format!("the-{kind}"))?))).collect()
}

type Gap = (String, String);

impl Stage<'_> {
    fn keep(&mut self, decision: Decision, coverage: &mut Coverage) {
        coverage.note(self.law.workflow, &decision);
        self.opened.extend(decision.sealed.into_iter().map(|sealed| (sealed.commitment, sealed.value)));
        self.case = decision.case;
        self.drafts.extend(decision.drafts);
    }

    fn ask(&mut self, actor: Actor, ask: Ask) -> Result<Decision, Refusal> {
        let command = Command { actor, ask };
        let law = self.law.with_opened(&self.opened);
        let decision = decide(&law, Some(&self.case), &command, self.now, &mut salt(&mut self.salts))?;
        self.touch(&decision)?;
        Ok(decision)
    }

    /// What the decision asks of claimers' accounts; one of them may refuse.
    fn touch(&mut self, decision: &Decision) -> Result<(), Refusal> {
        let mut parties = self.parties.clone();
        for touch in &decision.touches {
            // Items on other lists are other cases: scripts are about one.
            let Touch::Party { party, claim, ask } = touch else { continue };
            let held = parties.remove(party);
            let facts = party::decide(held.as_ref(), party, &self.case.filing.stream, *claim, ask, self.now)?;
            if let Some(after) = facts.iter().fold(held, party::evolve) {
                parties.insert(party.clone(), after);
            }
        }
        self.parties = parties;
        Ok(())
    }

    fn take(&mut self, step: &Step, coverage: &mut Coverage) -> Result<(), Gap> {
        match step {
            Step::Do(deed) => self.act(deed, coverage),
            Step::Send(event) => {
                let sent = self.ask(Actor::Engine, Ask::Send(event.clone()));
                let decision = sent.map_err(|r| (format!("`{event}` is sent"), r.text().en))?;
                self.keep(decision, coverage);
                Ok(())
            }
            Step::Wait(span) => {
                let calendar = self.law.calendars.get(&self.law.workflow.calendar);
                let due = calendar.and_then(|c| c.due(self.now, span, Roll::default()));
                let until = due.ok_or_else(|| {
                    (format!("a wait of {span}"), "the calendar does not reach".to_string())
                })?;
                self.wait(until.at, coverage)
            }
            Step::WaitUntil(moment) => self.wait(*moment, coverage),
            Step::In(states) => {
                let mut expected: Vec<String> = states.iter().map(ToString::to_string).collect();
                let mut found: Vec<String> = chart::leaves(self.law.workflow, &self.case)
                    .into_iter()
                    .map(ToString::to_string)
                    .collect();
                expected.sort();
                found.sort();
                if expected == found { Ok(()) } else { Err((expected.join(", "), found.join(", "))) }
            }
            Step::See(what) => see(self, what),
        }
    }

    fn wait(&mut self, until: Moment, coverage: &mut Coverage) -> Result<(), Gap> {
        if until < self.now {
            return Err((
                "time goes on".into(),
                format!("{} is before {}", until.rfc3339(), self.now.rfc3339()),
            ));
        }
        while let Some(due) = self.case.next_due().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            let fired = self.ask(Actor::Engine, Ask::Tick);
            let decision = fired.map_err(|r| ("timers fire".to_string(), r.text().en))?;
            self.keep(decision, coverage);
        }
        self.now = until;
        Ok(())
    }

    fn act(&mut self, deed: &Deed, coverage: &mut Coverage) -> Result<(), Gap> {
        let ask = Ask::Act(Act {
            action: deed.action.clone(),
            fill: deed.fill.clone(),
            reason: deed.reason.clone(),
            leg: deed.leg.clone(),
            seen: None,
        });
        let actor = match &deed.who {
            Some(role) => self.somebody(role, deed.leg.as_ref()),
            None if deed.person.is_some() => self.nobody(),
            None => Actor::Engine,
        };
        let actor = named(actor, deed.person.as_ref());
        match (self.ask(actor, ask), &deed.refused) {
            (Ok(decision), None) => {
                self.keep(decision, coverage);
                Ok(())
            }
            (Ok(_), Some(code)) => {
                Err((format!("`{}` is refused with {code}", deed.action), "it was done".into()))
            }
            (Err(refusal), None) => Err((format!("`{}` is done", deed.action), refusal.text().en)),
            (Err(refusal), Some(code)) if is_code(refusal.code, code) => Ok(()),
            (Err(refusal), Some(code)) => Err((format!("a refusal with {code}"), refusal.text().en)),
        }
    }

    /// Somebody without a post.
    fn nobody(&self) -> Actor {
        Actor::Person { subject: SOMEBODY.to_string(), posts: Vec::new(), via: "script".into() }
    }

    /// Somebody who holds the role in this case; whoever holds another job is another person.
    fn somebody(&self, role: &RoleId, leg: Option<&UnitId>) -> Actor {
        let mut posts = Vec::new();
        let mut named = None;
        let lead = self.case.legs.live_units(Some(Part::Lead)).into_iter().next();
        let at = leg.cloned().or(lead);
        for audience in resolve(self.law.workflow, &self.case, role, at.as_ref()) {
            match audience {
                Audience::Post { post, unit } => posts.push(Post::new(post, unit)),
                Audience::Unit(unit) => posts.extend(member(unit)),
                Audience::Person(person) | Audience::Agent { person, .. } => named = Some(person),
                Audience::Anywhere(post) => {
                    posts.extend(UnitId::parse("anywhere").map(|unit| Post::new(post, unit)))
                }
            }
        }
        let job = posts.first().map(|held| format!("{}@{}", held.post, held.unit));
        let subject = named.or(job).unwrap_or_else(|| SOMEBODY.to_string());
        Actor::Person { subject, posts, via: "script".into() }
    }
}

/// The same actor, as a person who is named.
fn named(actor: Actor, person: Option<&String>) -> Actor {
    match (actor, person) {
        (Actor::Person { posts, via, .. }, Some(subject)) => {
            Actor::Person { subject: subject.clone(), posts, via }
        }
        (actor, _) => actor,
    }
}

fn member(unit: UnitId) -> Vec<Post> {
    paidan_model::id::PostId::parse("member").map(|post| vec![Post::new(post, unit)]).unwrap_or_default()
}

fn is_code(found: Code, expected: &str) -> bool {
    found.number() == expected || found.slug() == expected
}

/// Whether a workflow is a plain chart.
#[must_use]
pub fn is_chart(workflow: &Workflow) -> bool {
    workflow.kind == Kind::Chart
}
