//! Checking what was read and resolved: can it be lived by?

mod between;
mod cap;
mod split;
mod table;
mod unattended;
mod vote;
mod way;

use std::collections::{BTreeMap, BTreeSet};

use paidan_model::clock::{Scope, Trigger};
use paidan_model::field::{Field, SetBy};
use paidan_model::guard::Expr;
use paidan_model::id::{FieldId, StateId};
use paidan_model::state::{Action, ENGINE_EVENTS, Effects, State, Target};
use paidan_model::workflow::{Kind, Role, Whose, Workflow};

use crate::code::Code;
use crate::finding::Finding;
use crate::guard;
use crate::read::Read;
use crate::reader::Reader;
use crate::source::Place;
use crate::tree::Node;

pub(crate) use between::between;

/// Checks a workflow whose names resolve.
pub(crate) fn check(reader: &Reader, root: &Node, read: &Read) {
    let check = Check::of(reader, root, read);
    check.starts();
    check.reachable();
    check.handoffs();
    check.votes();
    check.splits();
    check.parts();
    check.claims();
    check.capped_clocks();
    check.empties();
    if read.workflow.kind == Kind::Case {
        check.ways_out();
        check.waits();
        check.unattended();
        check.actors();
        check.ladders();
        check.private();
    }
    check.promises(read);
}

struct Check<'a> {
    reader: &'a Reader,
    /// The tree, for places.
    root: &'a Node,
    workflow: &'a Workflow,
    places: &'a BTreeMap<StateId, Place>,
    /// Every way out of a state while the case is open: where it may lead.
    targets: BTreeMap<&'a StateId, BTreeSet<StateId>>,
    /// Where moves from outside a state lead into it; the state itself stands for where it starts.
    doors: BTreeMap<&'a StateId, BTreeSet<StateId>>,
}

/// The events that are raised anywhere.
fn raised(w: &Workflow) -> BTreeSet<String> {
    let of = |effects: &Effects| effects.raise.clone();
    let mut found: BTreeSet<String> = ENGINE_EVENTS.iter().map(ToString::to_string).collect();
    for state in w.states.values() {
        let ways = state.on.values().flat_map(|a| &a.alternatives).chain(&state.always);
        let events =
            of(&state.enter).into_iter().chain(of(&state.leave)).chain(ways.flat_map(|w| w.raise.clone()));
        found.extend(events.map(|event| event.to_string()));
    }
    found
}

impl<'a> Check<'a> {
    /// A workflow to be checked, with where its states lead: that is asked for every field of every state.
    fn of(reader: &'a Reader, root: &'a Node, read: &'a Read) -> Self {
        let workflow = &read.workflow;
        let mut check = Self {
            reader,
            root,
            workflow,
            places: &read.places,
            targets: BTreeMap::new(),
            doors: BTreeMap::new(),
        };
        let targets = |id| check.moves(id).into_iter().map(|(_, target)| target).collect();
        check.targets = workflow.states.keys().map(|id| (id, targets(id))).collect();
        check.doors = workflow.states.keys().map(|id| (id, check.doors_of(id))).collect();
        check
    }
}

impl Check<'_> {
    fn place(&self, state: &StateId) -> Place {
        self.places.get(state).copied().unwrap_or_default()
    }

    fn find(&self, code: Code, state: &StateId, zh: String, en: String) {
        self.reader.find(code, self.place(state), zh, en);
    }

    /// Where a state may lead while the case is open.
    fn targets(&self, id: &StateId) -> impl Iterator<Item = &StateId> {
        self.targets.get(id).into_iter().flatten()
    }

    fn leads(&self, from: &StateId, to: &StateId) -> bool {
        let state = self.workflow.states.get(from);
        state.is_some_and(|s| {
            s.on.values().flat_map(|a| &a.alternatives).any(|w| w.go == Some(Target::State(to.clone())))
        })
    }

    /// A target with everything that is entered along with it.
    fn entered(&self, target: &StateId, into: &mut BTreeSet<StateId>) {
        if !into.insert(target.clone()) {
            return;
        }
        let w = self.workflow;
        for above in w.ancestors(target).cloned().collect::<Vec<_>>() {
            into.insert(above.clone());
            if w.states.get(&above).is_some_and(|s| s.parallel) {
                for region in w.children(Some(&above)).into_iter().cloned().collect::<Vec<_>>() {
                    self.entered(&region, into);
                }
            }
        }
        let Some(state) = w.states.get(target) else { return };
        let children = w.children(Some(target));
        if state.parallel {
            children.into_iter().for_each(|child| self.entered(child, into));
        } else if state.start.is_empty() {
            children.into_iter().take(1).for_each(|child| self.entered(child, into));
        } else {
            state.start.iter().for_each(|child| self.entered(child, into));
        }
    }

    fn starts(&self) {
        for (id, state) in &self.workflow.states {
            let children = self.workflow.children(Some(id));
            if children.len() > 1 && state.start.is_empty() && !state.parallel {
                let en = format!("`{id}` has {} children and no `start`", children.len());
                self.find(Code::NoStart, id, format!("`{id}`有{}个子状态却没有`start`", children.len()), en);
            }
            for start in &state.start {
                if self.workflow.states.contains_key(start)
                    && !self.workflow.ancestors(start).any(|above| above == id)
                {
                    let en = format!("`{id}` starts in `{start}`, which does not lie in it");
                    self.find(Code::NoStart, id, format!("`{start}`不在`{id}`之内"), en);
                }
            }
        }
    }

    fn reached(&self) -> BTreeSet<StateId> {
        let w = self.workflow;
        let mut found = BTreeSet::new();
        w.start.iter().for_each(|start| self.entered(start, &mut found));
        let take_overs = w.ladders.values().flatten().filter_map(|rung| rung.take_over.as_ref());
        take_overs.for_each(|state| self.entered(state, &mut found));
        loop {
            let reopened =
                |id: &StateId| w.states.get(id).and_then(|s| s.reopen.as_ref()).map(|r| r.go.clone());
            let next: Vec<StateId> = found
                .iter()
                .flat_map(|id| self.targets(id).cloned().chain(reopened(id)))
                .filter(|id| !found.contains(id))
                .collect();
            if next.is_empty() {
                return found;
            }
            next.iter().for_each(|id| self.entered(id, &mut found));
        }
    }

    fn reachable(&self) {
        let reached = self.reached();
        for id in self.workflow.states.keys().filter(|id| !reached.contains(*id)) {
            self.find(
                Code::Unreachable,
                id,
                format!("没有什么通向`{id}`"),
                format!("nothing leads to `{id}`"),
            );
        }
    }

    fn ways_out(&self) {
        let w = self.workflow;
        for (id, state) in &w.states {
            let leaf = w.children(Some(id)).is_empty();
            let own = |id: &StateId| self.targets(id).next().is_some() || self.raises(id);
            let out = std::iter::once(id).chain(w.ancestors(id)).any(own);
            if leaf && state.outcome.is_none() && !state.end && !out {
                let (zh, en) = (format!("`{id}`没有出口"), format!("`{id}` has no way out and no outcome"));
                let finding = Finding::new(Code::NoWayOut, self.place(id), zh, en);
                self.reader.note(match self.way_into(id) {
                    Some(way) => finding.help(format!("the shortest way into it: {way}")),
                    None => finding,
                });
            }
        }
    }

    fn raises(&self, id: &StateId) -> bool {
        self.workflow.states.get(id).is_some_and(|state| {
            !state.enter.raise.is_empty()
                || state.on.values().flat_map(|a| &a.alternatives).any(|w| !w.raise.is_empty())
        })
    }

    /// A leaf that waits for people has a clock, a timer, or a pause with a limit.
    fn waits(&self) {
        let w = self.workflow;
        for (id, state) in &w.states {
            // A region that has ended waits for nobody; the others have clocks of their own.
            let over = state.outcome.is_some() || state.end;
            let rests = w.children(Some(id)).is_empty() && !over && state.always.is_empty();
            if !rests || !state.enter.raise.is_empty() || self.is_timed(id) {
                continue;
            }
            let en = format!("whoever waits in `{id}` waits without a clock of its own");
            self.find(Code::NoClock, id, format!("在`{id}`等待没有计时"), en);
        }
    }

    fn is_timed(&self, id: &StateId) -> bool {
        let w = self.workflow;
        let near: BTreeSet<&StateId> = std::iter::once(id).chain(w.ancestors(id)).collect();
        let timed = |state: &StateId| {
            w.states
                .get(state)
                .is_some_and(|s| !s.after.is_empty() || s.handoff.is_some() || s.vote.is_some())
        };
        let clock = w.clocks.values().any(|clock| match clock.scope {
            Scope::Case | Scope::Gap => clock.starts.iter().any(|t| match t {
                Trigger::State(state) => near.contains(state),
                Trigger::Intake => {
                    !clock.stops.iter().any(|s| matches!(s, Trigger::State(stop) if near.contains(stop)))
                }
                Trigger::Action(_) | Trigger::Leg(_) | Trigger::Claim(_) => false,
            }),
            Scope::Leg | Scope::Offer => false,
        });
        clock || self.is_in_givers_hands(id) || near.iter().any(|state| timed(state))
    }

    /// Whether everything that can be claimed here is claimed, and each claim has a clock of its own.
    fn is_in_givers_hands(&self, id: &StateId) -> bool {
        let w = self.workflow;
        let near = std::iter::once(id).chain(w.ancestors(id)).filter_map(|id| w.states.get(id));
        let rules = near.filter_map(|state| state.claims.as_ref()).find_map(|claims| w.claims.get(claims));
        let waits_for_givers = |s: &State| s.on.keys().any(|event| event.as_str() == "all_claimed");
        let own = w.states.get(id).is_some_and(waits_for_givers);
        rules.is_some_and(|rules| !rules.clocks.is_empty()) && !own
    }

    fn handoffs(&self) {
        for (id, state) in &self.workflow.states {
            if state.handoff.is_none() {
                continue;
            }
            for event in ["joined", "join_failed"] {
                let handled = std::iter::once(id)
                    .chain(self.workflow.ancestors(id))
                    .filter_map(|id| self.workflow.states.get(id))
                    .any(|s| s.on.keys().any(|action| action.as_str() == event));
                if !handled {
                    let en = format!("`{id}` hands off and has no `on.{event}`");
                    self.find(Code::NoJoin, id, format!("`{id}`交办之后没有`on.{event}`"), en);
                }
            }
        }
    }

    fn actors(&self) {
        let w = self.workflow;
        let raised = raised(w);
        for (id, state) in &w.states {
            for (name, action) in &state.on {
                let somebody = !action.who.is_empty()
                    || std::iter::once(id)
                        .chain(w.ancestors(id))
                        .filter_map(|s| w.states.get(s))
                        .any(|s| !s.who.is_empty());
                let of_child = name.as_str().starts_with(paidan_machine::CHILD_PREFIX);
                if !somebody && !of_child && !raised.contains(name.as_str()) {
                    let en =
                        format!("nobody can do `{name}` in `{id}`: it has no `who` and nothing raises it");
                    self.find(Code::NobodyActs, id, format!("`{id}`里没有人能办`{name}`"), en);
                }
            }
        }
    }

    fn ladders(&self) {
        for (id, clock) in &self.workflow.clocks {
            if clock.ladder.is_none() && self.workflow.ladder.is_none() {
                let en = format!("nobody hears when the clock `{id}` is late: it has no ladder");
                self.reader.find(Code::NoLadder, Place::default(), format!("计时`{id}`没有升级梯"), en);
            }
        }
    }

    /// A private field is told only to the person it belongs to.
    fn private(&self) {
        let w = self.workflow;
        for (id, notice) in &w.notices {
            let to_person = notice.who.iter().all(|role| matches!(w.roles.get(role), Some(Role::Person(_))));
            for field in w.fields.iter().filter(|(_, f)| f.private).map(|(field, _)| field) {
                let name = format!("{{{field}}}");
                let told = notice.text.zh.contains(&name) || notice.text.en.contains(&name);
                if told && !to_person {
                    let en = format!(
                        "the notice `{id}` tells `{field}`, which is private, to more than its person"
                    );
                    self.reader.find(
                        Code::PrivateTold,
                        Place::default(),
                        format!("通知`{id}`含不公开的`{field}`"),
                        en,
                    );
                }
            }
        }
    }

    /// The fields that are filled from the intake on.
    fn sure(&self) -> BTreeSet<FieldId> {
        let sure = |f: &Field| (f.required && f.set_by == SetBy::People) || f.default.is_some();
        self.workflow.fields.iter().filter(|(_, f)| sure(f)).map(|(id, _)| id.clone()).collect()
    }

    /// The fields that are surely filled in a state.
    fn filled(&self, id: &StateId, sure: &BTreeSet<FieldId>) -> BTreeSet<FieldId> {
        let demanded = |f: &Field| !f.required_from.is_empty() && self.is_past(id, &f.required_from);
        let here = self.workflow.fields.iter().filter(|(_, f)| demanded(f)).map(|(id, _)| id.clone());
        sure.iter().cloned().chain(here).collect()
    }

    /// Guards read only what is filled, or ask `has` first.
    fn empties(&self) {
        let w = self.workflow;
        let sure = self.sure();
        for (id, state) in &w.states {
            let here = self.filled(id, &sure);
            for action in state.on.values() {
                self.action_reads(id, action, &here);
            }
            for way in &state.always {
                self.reads(id, way.when.as_ref(), &here);
            }
        }
        for always in &w.always {
            for field in guard::undefined(&always.that, &sure) {
                let en = format!("`{}` reads `{field}`, which can still be empty", always.name);
                self.reader.find(
                    Code::MayBeEmpty,
                    Place::default(),
                    format!("`{}`用到可能为空的`{field}`", always.name),
                    en,
                );
            }
        }
    }

    /// Whether a case in `id` has surely come through one of `gates`: it lies in one, or whatever leads
    /// from outside into it, or into something around it, goes to one.
    fn is_past(&self, id: &StateId, gates: &BTreeSet<StateId>) -> bool {
        std::iter::once(id).chain(self.workflow.ancestors(id)).any(|around| {
            gates.contains(around) || {
                let doors = self.doors.get(around);
                doors.is_some_and(|all| !all.is_empty() && all.iter().all(|door| gates.contains(door)))
            }
        })
    }

    fn doors_of(&self, around: &StateId) -> BTreeSet<StateId> {
        let w = self.workflow;
        let inside = |id: &StateId| id == around || w.ancestors(id).any(|above| above == around);
        let outside = w.states.keys().filter(|id| !inside(id)).flat_map(|id| self.targets(id));
        let targets = outside.chain(w.start.iter()).filter(|target| inside(target));
        let starts = || w.states.get(around).map(|s| s.start.clone()).unwrap_or_default();
        targets.flat_map(|target| if target == around { starts() } else { vec![target.clone()] }).collect()
    }

    fn action_reads(&self, id: &StateId, action: &Action, here: &BTreeSet<FieldId>) {
        let mut here = here.clone();
        here.extend(action.fill.iter().cloned());
        for way in &action.alternatives {
            self.reads(id, way.when.as_ref(), &here);
            for expr in way.set.values() {
                self.reads(id, Some(expr), &here);
            }
        }
    }

    fn reads(&self, id: &StateId, expr: Option<&Expr>, filled: &BTreeSet<FieldId>) {
        for field in expr.map(|expr| guard::undefined(expr, filled)).into_iter().flatten() {
            let en = format!("a guard of `{id}` reads `{field}`, which can still be empty");
            let zh = format!("`{id}`的条件用到可能为空的`{field}`");
            let finding = Finding::new(Code::MayBeEmpty, self.place(id), zh, en);
            self.reader.note(finding.help(format!("write `has({field}) && ...`, or give it a default")));
        }
    }

    fn is_of_leg(&self, role: &paidan_model::id::RoleId) -> bool {
        match self.workflow.roles.get(role) {
            Some(Role::Department | Role::Lead) => true,
            Some(Role::Post { of, .. }) => *of == Whose::Leg,
            Some(Role::Per { of, .. }) => of.values().any(|role| self.is_of_leg(role)),
            Some(Role::Person(_) | Role::Owners(_) | Role::Claimer) | None => false,
        }
    }

    fn promises(&self, read: &Read) {
        let promises = &read.promises;
        if let Some((actions, place)) = &promises.doer_never_verifies {
            for (id, state) in &self.workflow.states {
                for (name, action) in state.on.iter().filter(|(name, _)| actions.contains(name)) {
                    let (who, _) = paidan_machine::who_may(self.workflow, id, action);
                    if let Some(role) = who.iter().find(|role| self.is_of_leg(role)) {
                        let en = format!("`{name}` in `{id}` is open to `{role}`, who acts for a department");
                        self.reader.find(
                            Code::PromiseBroken,
                            *place,
                            format!("`{name}`对部门`{role}`开放"),
                            en,
                        );
                    }
                }
            }
        }
        if let Some(place) = promises.kept.get("no_wait_without_clock") {
            for id in self.workflow.states.keys().filter(|id| self.rests(id) && !self.is_timed(id)) {
                let en = format!("`{id}` waits without a clock");
                self.reader.find(Code::PromiseBroken, *place, format!("`{id}`等待没有计时"), en);
            }
        }
        if let Some(place) = promises.kept.get("every_case_can_end") {
            self.can_end(*place);
        }
        self.unproved(read);
    }

    fn rests(&self, id: &StateId) -> bool {
        let state = self.workflow.states.get(id);
        let quiet = state.is_some_and(|s| {
            s.outcome.is_none() && !s.end && s.always.is_empty() && s.enter.raise.is_empty()
        });
        quiet && self.workflow.children(Some(id)).is_empty()
    }

    /// From every state that can be reached an end can be reached, guards left aside.
    fn can_end(&self, place: Place) {
        let w = self.workflow;
        let mut ends: BTreeSet<StateId> =
            w.states.iter().filter(|(_, s)| s.outcome.is_some()).map(|(id, _)| id.clone()).collect();
        loop {
            let leads = |id: &StateId| {
                w.children(Some(id)).into_iter().any(|child| ends.contains(child))
                    || std::iter::once(id).chain(w.ancestors(id)).any(|id| {
                        self.targets(id).any(|target| {
                            let mut entered = BTreeSet::new();
                            self.entered(target, &mut entered);
                            entered.iter().any(|s| ends.contains(s))
                        }) || self.raises(id)
                    })
            };
            let next: Vec<StateId> =
                w.states.keys().filter(|id| !ends.contains(*id) && leads(id)).cloned().collect();
            if next.is_empty() {
                break;
            }
            ends.extend(next);
        }
        for id in self.reached().iter().filter(|id| !ends.contains(*id)) {
            self.reader.find(
                Code::PromiseBroken,
                place,
                format!("从`{id}`到不了任何结局"),
                format!("no end can be reached from `{id}`"),
            );
        }
    }

    fn unproved(&self, read: &Read) {
        const PROVED: [&str; 2] = ["no_wait_without_clock", "every_case_can_end"];
        let promises = &read.promises;
        let rest = promises
            .kept
            .iter()
            .filter(|(name, _)| !PROVED.contains(name))
            .map(|(name, place)| (*name, *place));
        let unhappy = promises.unhappy.as_ref().map(|p| ("unhappy_never_closed_silently", p.3));
        let within = promises.ends_within.as_ref().map(|p| ("ends_within", p.1));
        for (name, place) in rest.chain(unhappy).chain(within) {
            let en = format!("this version reads the promise `{name}`, but does not prove it yet");
            self.reader.find(Code::NotProved, place, format!("承诺`{name}`此版本尚不能证明"), en);
        }
    }
}
