//! Resolving: every name that is used is declared, or is a finding with the nearest match.

use std::collections::BTreeSet;

use paidan_model::clock::{CalendarRef, Trigger};
use paidan_model::field::Per;
use paidan_model::id::{ActionId, CalendarId};
use paidan_model::state::{Effects, Limit, Target};
use paidan_model::workflow::{Role, Workflow};

use crate::code::Code;
use crate::finding::Finding;
use crate::reader::Reader;
use crate::source::Place;
use crate::tree::{Kind, Node};

/// Resolves a workflow's names; `root` is its tree, for places.
pub(crate) fn resolve(reader: &Reader, root: &Node, workflow: &Workflow, calendars: &BTreeSet<CalendarId>) {
    let names = Names::of(workflow, root, calendars);
    let check = Check { reader, root, names };
    check.header(workflow);
    check.states(workflow);
    check.handoffs(workflow);
    check.clocks(workflow);
    check.ladders(workflow);
    check.votes(workflow);
    check.claims(workflow);
    check.scripts(root);
}

struct Names {
    states: BTreeSet<String>,
    roles: BTreeSet<String>,
    fields: BTreeSet<String>,
    notices: BTreeSet<String>,
    handoffs: BTreeSet<String>,
    clocks: BTreeSet<String>,
    ladders: BTreeSet<String>,
    pauses: BTreeSet<String>,
    calendars: BTreeSet<String>,
    actions: BTreeSet<String>,
    votes: BTreeSet<String>,
    splits: BTreeSet<String>,
    claims: BTreeSet<String>,
}

/// The names of a table: those that were read, and those whose table has a fault of its own, which is told there.
fn declared<T: ToString>(root: &Node, key: &str, read: impl IntoIterator<Item = T>) -> BTreeSet<String> {
    let written = root.get(key).into_iter().flat_map(Node::entries).map(|(name, _)| name.clone());
    texts(read).into_iter().chain(written).collect()
}

fn texts<T: ToString>(names: impl IntoIterator<Item = T>) -> BTreeSet<String> {
    names.into_iter().map(|name| name.to_string()).collect()
}

impl Names {
    fn of(w: &Workflow, root: &Node, calendars: &BTreeSet<CalendarId>) -> Self {
        Self {
            states: declared(root, "states", w.states.keys()),
            roles: declared(root, "roles", w.roles.keys()),
            fields: declared(root, "fields", w.fields.keys()),
            notices: declared(root, "notices", w.notices.keys()),
            handoffs: declared(root, "handoffs", w.handoffs.keys()),
            clocks: declared(root, "clocks", w.clocks.keys()),
            ladders: declared(root, "ladders", w.ladders.keys()),
            pauses: declared(root, "pauses", w.pauses.keys()),
            calendars: texts(calendars),
            actions: texts(w.states.values().flat_map(|s| s.on.keys())),
            votes: declared(root, "votes", w.votes.keys()),
            splits: declared(root, "splits", w.splits.keys()),
            claims: declared(root, "claims", w.claims.keys()),
        }
    }
}

struct Check<'a> {
    reader: &'a Reader,
    root: &'a Node,
    names: Names,
}

impl Check<'_> {
    /// Looks names up; what is not there is a finding at its place below `path`.
    fn known<T: ToString>(
        &self,
        what: (&str, &str),
        all: &BTreeSet<String>,
        path: &[&str],
        used: impl IntoIterator<Item = T>,
    ) {
        for name in used {
            let name = name.to_string();
            if all.contains(&name) {
                continue;
            }
            let place = place_of(self.root, path, &name);
            let finding = Finding::new(
                Code::UnknownName,
                place,
                format!("没有{}`{name}`", what.0),
                format!("there is no {} `{name}`", what.1),
            );
            self.reader.note(finding.nearest(&name, all.iter().map(String::as_str)));
        }
    }

    fn roles<T: ToString>(&self, path: &[&str], used: impl IntoIterator<Item = T>) {
        self.known(("角色", "role"), &self.names.roles, path, used);
    }

    fn states_named<T: ToString>(&self, path: &[&str], used: impl IntoIterator<Item = T>) {
        self.known(("状态", "state"), &self.names.states, path, used);
    }

    fn fields<T: ToString>(&self, path: &[&str], used: impl IntoIterator<Item = T>) {
        self.known(("字段", "field"), &self.names.fields, path, used);
    }

    fn notices<T: ToString>(&self, path: &[&str], used: impl IntoIterator<Item = T>) {
        self.known(("通知", "notice"), &self.names.notices, path, used);
    }

    fn header(&self, w: &Workflow) {
        let path = ["workflow"];
        self.states_named(&path, &w.start);
        self.roles(&path, w.who.iter().chain(&w.for_others));
        self.known(("日历", "calendar"), &self.names.calendars, &path, [&w.calendar]);
        self.known(("升级梯", "ladder"), &self.names.ladders, &path, &w.ladder);
        self.effects(&path, &w.at_end);
        for (id, role) in &w.roles {
            let path = ["roles", id.as_str()];
            match role {
                Role::Person(field) => self.fields(&path, [field]),
                Role::Per { of, .. } => self.roles(&path, of.values()),
                Role::Owners(field) => self.fields(&path, [field]),
                Role::Post { .. } | Role::Department | Role::Lead | Role::Claimer => {}
            }
        }
        for (id, field) in &w.fields {
            let path = ["fields", id.as_str()];
            let columns = field.columns.iter().filter_map(|column| column.among.as_ref());
            self.fields(&path, field.among.iter().chain(columns).chain(field.brings.keys()));
        }
        for (id, notice) in &w.notices {
            self.roles(&["notices", id.as_str()], &notice.who);
        }
        for (id, pause) in &w.pauses {
            let path = ["pauses", id.as_str()];
            self.roles(&path, pause.who.iter().chain(&pause.approve).chain(&pause.tell));
            self.states_named(&path, &pause.during);
        }
    }

    fn effects(&self, path: &[&str], effects: &Effects) {
        self.notices(path, &effects.notify);
        self.roles(path, &effects.copy);
        self.fields(path, effects.set.keys());
    }

    fn states(&self, w: &Workflow) {
        for (id, state) in &w.states {
            let path = ["states", id.as_str()];
            self.states_named(&path, state.parent.iter().chain(&state.start));
            self.roles(&path, state.who.iter().chain(&state.not_who));
            self.known(("交办", "hand-off"), &self.names.handoffs, &path, &state.handoff);
            self.known(("表决", "vote"), &self.names.votes, &path, &state.vote);
            self.known(("认领", "claims"), &self.names.claims, &path, &state.claims);
            self.effects(&path, &state.enter);
            self.effects(&path, &state.leave);
            self.states_named(&path, state.after.iter().map(|timer| &timer.go));
            if let Some(reopen) = &state.reopen {
                self.roles(&path, &reopen.who);
                self.states_named(&path, [&reopen.go]);
            }
            let ways = state.on.values().flat_map(|a| &a.alternatives).chain(&state.always);
            for way in ways {
                if let Some(Target::State(target)) = &way.go {
                    self.states_named(&path, [target]);
                }
                self.fields(&path, way.set.keys().chain(&way.clear));
                self.known(("分摊", "split"), &self.names.splits, &path, &way.join_late);
            }
            for action in state.on.values() {
                self.roles(&path, action.who.iter().chain(&action.not_who));
                self.fields(&path, &action.fill);
            }
        }
    }

    fn handoffs(&self, w: &Workflow) {
        for (id, handoff) in &w.handoffs {
            let path = ["handoffs", id.as_str()];
            let fields = [&handoff.each, &handoff.lead, &handoff.optional, &handoff.only, &handoff.agree_on];
            self.fields(&path, fields.into_iter().flatten().chain(&handoff.leg.send));
            self.known(("交办", "hand-off"), &self.names.handoffs, &path, &handoff.continues);
            self.known(("计时", "clock"), &self.names.clocks, &path, &handoff.leg.clocks);
            self.roles(&path, handoff.leg.arbiter.iter().chain(&handoff.leg.arbiter_again));
            if let Some(rule) = &handoff.start_without {
                self.known(("计时", "clock"), &self.names.clocks, &path, [&rule.clock]);
                self.roles(&path, rule.who.iter().chain(&rule.tell));
            }
        }
    }

    fn clocks(&self, w: &Workflow) {
        for (id, clock) in &w.clocks {
            let path = ["clocks", id.as_str()];
            let actions = clock.starts.iter().chain(&clock.stops).filter_map(|trigger| match trigger {
                Trigger::Action(action) => Some(action),
                Trigger::Intake | Trigger::State(_) | Trigger::Leg(_) | Trigger::Claim(_) => None,
            });
            self.known::<&ActionId>(("动作", "action"), &self.names.actions, &path, actions);
            self.known(("计时", "clock"), &self.names.clocks, &path, &clock.capped_by);
            self.known(("暂停", "pause"), &self.names.pauses, &path, &clock.pauses);
            self.known(
                ("升级梯", "ladder"),
                &self.names.ladders,
                &path,
                clock.ladder.iter().flat_map(Per::values),
            );
            self.roles(&path, &clock.holder);
            let named = clock.calendar.iter().flat_map(Per::values).filter_map(|calendar| match calendar {
                CalendarRef::Named(id) => Some(id),
                CalendarRef::Unit => None,
            });
            self.known(("日历", "calendar"), &self.names.calendars, &path, named);
            let fields = clock.limit.values().filter_map(|limit| match limit {
                Limit::Field(field) => Some(field),
                Limit::Span(_) => None,
            });
            self.fields(&path, fields);
            if let Some(extend) = &clock.extend {
                self.roles(&path, extend.who.iter().chain(&extend.approve).chain(&extend.tell));
            }
        }
    }

    fn ladders(&self, w: &Workflow) {
        for (id, rungs) in &w.ladders {
            let path = ["ladders", id.as_str()];
            for rung in rungs {
                self.roles(&path, rung.tell.iter().chain(&rung.assign));
                self.notices(&path, &rung.notice);
                self.states_named(&path, &rung.take_over);
            }
        }
    }

    fn votes(&self, w: &Workflow) {
        for (id, vote) in &w.votes {
            let path = ["votes", id.as_str()];
            let fields = [&vote.must_all, &vote.options, &vote.winner, &vote.window.until];
            self.fields(&path, fields.into_iter().flatten().chain(&vote.about));
            self.roles(&path, vote.collect.iter().chain(&vote.veto));
        }
        for (id, given) in &w.opens {
            self.fields(&["opens", id.as_str()], given.values());
        }
        for (id, split) in &w.splits {
            let late = split.late.iter().flat_map(|late| [&late.since, &late.part]);
            let fields = [&split.roster, &split.weights].into_iter().chain(&split.outside).chain(late);
            self.fields(&["splits", id.as_str()], fields);
        }
    }

    fn claims(&self, w: &Workflow) {
        for (id, claims) in &w.claims {
            let path = ["claims", id.as_str()];
            let season = claims.after_drops.as_ref().and_then(|rule| rule.season.as_ref());
            let one = [Some(&claims.item), claims.offered_by.as_ref(), season];
            let lists = [&claims.send, &claims.reveal, &claims.at_contact, &claims.at_delivery];
            self.fields(&path, one.into_iter().flatten().chain(lists.into_iter().flatten()));
            self.roles(&path, claims.who.iter().chain(&claims.matcher));
            self.known(("计时", "clock"), &self.names.clocks, &path, &claims.clocks);
        }
        if let Some(listing) = &w.listing {
            let of = [
                &listing.category,
                &listing.quantity,
                &listing.from,
                &listing.until,
                &listing.vulnerable,
                &listing.priority,
            ];
            self.states_named(&["listing"], &listing.states);
            self.fields(&["listing"], listing.show.iter().chain(of.into_iter().flatten()));
        }
    }

    fn scripts(&self, root: &Node) {
        let Some(Kind::Array(scripts)) = root.get("tests").map(|node| &node.kind) else {
            return;
        };
        for script in scripts {
            let Some(Kind::Array(steps)) = script.get("steps").map(|node| &node.kind) else {
                continue;
            };
            for step in steps {
                self.step(step);
            }
        }
    }

    fn step(&self, step: &Node) {
        let role = step.get("who").and_then(Node::text).into_iter();
        let told = step.get("see").and_then(|see| see.get("told")).and_then(Node::text);
        for name in role.chain(told).filter(|name| !self.names.roles.contains(*name) && *name != "holder") {
            let finding = Finding::new(
                Code::UnknownName,
                step.place,
                format!("没有角色`{name}`"),
                format!("there is no role `{name}`"),
            );
            self.reader.note(finding.nearest(name, self.names.roles.iter().map(String::as_str)));
        }
        if let Some(Kind::Array(states)) = step.get("in").map(|node| &node.kind) {
            for node in states {
                let Some(name) = node.text().filter(|name| !self.names.states.contains(*name)) else {
                    continue;
                };
                let finding = Finding::new(
                    Code::UnknownName,
                    node.place,
                    format!("没有状态`{name}`"),
                    format!("there is no state `{name}`"),
                );
                self.reader.note(finding.nearest(name, self.names.states.iter().map(String::as_str)));
            }
        }
    }
}

/// The place where a text stands below a path of keys; else of the last key found.
pub(crate) fn place_of(root: &Node, path: &[&str], text: &str) -> Place {
    let mut node = root;
    let mut place = root.place;
    for key in path {
        let Some((_, entry)) = node.entries().find(|(name, _)| name == key) else {
            break;
        };
        node = &entry.value;
        place = entry.key;
    }
    find(node, text).unwrap_or(place)
}

fn find(node: &Node, text: &str) -> Option<Place> {
    match &node.kind {
        Kind::Text(found) if found == text => Some(node.place),
        Kind::Array(items) => items.iter().find_map(|item| find(item, text)),
        Kind::Table(entries) => entries
            .iter()
            .find_map(|(key, entry)| if key == text { Some(entry.key) } else { find(&entry.value, text) }),
        Kind::Text(_) | Kind::Int(_) | Kind::Bool(_) | Kind::Other(_) => None,
    }
}
