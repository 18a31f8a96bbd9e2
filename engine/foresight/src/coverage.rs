//! Coverage: which alternatives, timers and rungs the scripts of a definition have reached.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use paidan_machine::fact::{AlarmKind, CaseFact, ClaimFact, Fact, StateFact, TimerFact, VoteFact};
use paidan_machine::tally::Verdict;
use paidan_machine::{Case, Decision};
use paidan_model::clock::Clock;
use paidan_model::field::Per;
use paidan_model::id::LadderId;
use paidan_model::value::{Held, Value};
use paidan_model::workflow::Workflow;

/// What has been reached, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    reached: BTreeSet<String>,
}

impl Coverage {
    /// Notes what a decision reached.
    pub fn note(&mut self, workflow: &Workflow, decision: &Decision) {
        self.reached.extend(decision.eventless.iter().map(|(state, n)| format!("{state}.always[{n}]")));
        let facts = || decision.drafts.iter().flat_map(|draft| draft.facts.iter());
        if facts().any(|fact| matches!(fact, Fact::Case(CaseFact::Reopened { .. }))) {
            let left = facts().filter_map(|fact| match fact {
                Fact::State(StateFact::Left { state }) => Some(format!("{state}.reopen")),
                _ => None,
            });
            self.reached.extend(left);
        }
        for fact in facts() {
            match fact {
                Fact::Case(CaseFact::Acted { action, state: Some(state), way: Some(way), .. }) => {
                    self.reached.insert(format!("{state}.on.{action}[{way}]"));
                }
                Fact::Timer(TimerFact::Fired { alarm: AlarmKind::After { state, n }, .. }) => {
                    self.reached.insert(format!("{state}.after[{n}]"));
                }
                Fact::Timer(TimerFact::Fired { alarm: AlarmKind::Rung { clock, rung, .. }, .. }) => {
                    let climbed =
                        workflow.clocks.get(&clock.clock).and_then(|c| climbed(workflow, &decision.case, c));
                    self.reached.extend(climbed.map(|ladder| format!("{ladder}[{rung}]")));
                }
                Fact::Vote(VoteFact::Closed { vote, tally, .. }) if tally.verdict != Verdict::Void => {
                    self.reached.insert(format!("vote {vote} {:?}", tally.verdict));
                }
                Fact::Claim(ClaimFact::Moved { claim, to, why, .. }) => {
                    let of = decision.case.claims.all.iter().find(|held| held.n == *claim);
                    let why = why.map(|why| format!(" {why:?}")).unwrap_or_default();
                    self.reached.extend(of.map(|of| format!("claims {} {}{why}", of.claims, to.name())));
                }
                Fact::State(StateFact::Entered { state, .. }) => {
                    self.reached.insert(format!("state {state}"));
                }
                _ => {}
            }
        }
    }

    /// What no script has reached: states, alternatives, timers and rungs, in order of name.
    #[must_use]
    pub fn missing(&self, workflow: &Workflow) -> Vec<String> {
        wanted(workflow).into_iter().filter(|name| !self.reached.contains(name)).collect()
    }

    /// How many of how many are reached.
    #[must_use]
    pub fn share(&self, workflow: &Workflow) -> (usize, usize) {
        let all = wanted(workflow);
        (all.iter().filter(|name| self.reached.contains(*name)).count(), all.len())
    }
}

fn wanted(workflow: &Workflow) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for (id, state) in &workflow.states {
        all.insert(format!("state {id}"));
        for (name, action) in &state.on {
            all.extend((0..action.alternatives.len()).map(|n| format!("{id}.on.{name}[{n}]")));
        }
        all.extend((0..state.after.len()).map(|n| format!("{id}.after[{n}]")));
        all.extend((0..state.always.len()).map(|n| format!("{id}.always[{n}]")));
        all.extend(state.reopen.iter().map(|_| format!("{id}.reopen")));
    }
    for (id, vote) in &workflow.votes {
        let verdicts: &[Verdict] = match vote.options {
            Some(_) => &[Verdict::Passed, Verdict::Failed, Verdict::Tied],
            None => &[Verdict::Passed, Verdict::Failed],
        };
        all.extend(verdicts.iter().map(|verdict| format!("vote {id} {verdict:?}")));
    }
    // What is held by other items is moved by them.
    for (id, claims) in workflow.claims.iter().filter(|(_, claims)| claims.offered_by.is_none()) {
        all.extend(["contacted", "delivered", "released Dropped"].map(|end| format!("claims {id} {end}")));
        if !claims.keep_late && !claims.clocks.is_empty() {
            all.insert(format!("claims {id} released Expired"));
        }
    }
    for (ladder, rungs) in &workflow.ladders {
        if workflow.clocks.values().any(|clock| ladders(workflow, clock).contains(&ladder)) {
            all.extend((0..rungs.len()).map(|n| format!("{ladder}[{n}]")));
        }
    }
    all
}

/// The ladder a clock climbs in this case.
fn climbed<'a>(workflow: &'a Workflow, case: &Case, clock: &'a Clock) -> Option<&'a LadderId> {
    match &clock.ladder {
        None => workflow.ladder.as_ref(),
        Some(Per::One(ladder)) => Some(ladder),
        Some(Per::By { field, of }) => match case.form.fields.get(field).and_then(Held::open) {
            Some(Value::Choice(choice)) => of.get(choice),
            _ => None,
        },
    }
}

/// The ladders a clock may climb.
fn ladders<'a>(workflow: &'a Workflow, clock: &'a Clock) -> Vec<&'a LadderId> {
    match &clock.ladder {
        Some(per) => {
            let mut found: Vec<&LadderId> = per.values().collect();
            found.sort();
            found.dedup();
            found
        }
        None => workflow.ladder.iter().collect(),
    }
}
