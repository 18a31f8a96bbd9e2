//! Votes and claims that can be lived by: their events are heard, their fields are of the right type, what is shown is public.

use paidan_model::claim::Claims;
use paidan_model::field::{FieldType, Per};
use paidan_model::id::{FieldId, RoleId, StateId};
use paidan_model::vote::{Axis, Vote, Voters};
use paidan_model::workflow::{Role, Whose, Workflow};

use super::Check;
use crate::code::Code;
use crate::resolve::place_of;

impl Check<'_> {
    /// Whether a state or one around it handles an event.
    fn hears(&self, id: &StateId, event: &str) -> bool {
        std::iter::once(id)
            .chain(self.workflow.ancestors(id))
            .filter_map(|id| self.workflow.states.get(id))
            .any(|s| s.on.keys().any(|action| action.as_str() == event))
    }

    fn must_hear(&self, id: &StateId, what: (&str, &str), events: &[&str]) {
        for event in events.iter().filter(|event| !self.hears(id, event)) {
            let en = format!("`{id}` {} and has no `on.{event}`", what.1);
            self.find(Code::NoResult, id, format!("`{id}`{}之后没有`on.{event}`", what.0), en);
        }
    }

    /// A field that a table names is of the type it must have.
    pub(super) fn typed(&self, path: &[&str], field: &FieldId, wanted: &[FieldType]) {
        let found = self.workflow.fields.get(field).map(|field| field.kind);
        if found.is_some_and(|kind| !wanted.contains(&kind)) {
            let place = place_of(self.root, path, field.as_str());
            let en = format!("`{field}` is of another type than is needed here");
            self.reader.find(Code::WrongValue, place, format!("`{field}`的类型不适用于此处"), en);
        }
    }

    /// Every vote ends somewhere, and its parts fit.
    pub(super) fn votes(&self) {
        for (id, state) in &self.workflow.states {
            let Some(vote) = state.vote.as_ref().and_then(|vote| self.workflow.votes.get(vote)) else {
                continue;
            };
            self.must_hear(id, ("表决", "votes"), &["passed", "vote_failed"]);
            if vote.options.is_some() {
                self.must_hear(id, ("表决", "votes"), &["vote_tied"]);
            }
        }
        for (id, vote) in &self.workflow.votes {
            self.vote(id.as_str(), vote);
            if !self.workflow.states.values().any(|state| state.vote.as_ref() == Some(id)) {
                let place = place_of(self.root, &["votes"], id.as_str());
                let en = format!("no state says `vote = \"{id}\"`: it is never held");
                self.reader.find(Code::NoResult, place, format!("没有状态使用表决`{id}`"), en);
            }
        }
    }

    fn vote(&self, id: &str, vote: &Vote) {
        let path = ["votes", id];
        let of = [
            (&vote.must_all, &[FieldType::Roster][..]),
            (&vote.options, &[FieldType::Choices]),
            (&vote.winner, &[FieldType::Choice]),
            (&vote.window.until, &[FieldType::Date, FieldType::Moment]),
        ];
        for (field, wanted) in of {
            if let Some(field) = field {
                self.typed(&path, field, wanted);
            }
        }
        if let Voters::Role(role) = &vote.voters {
            self.can_vote(&path, role);
        }
        let owners = matches!(vote.voters, Voters::Owners(_));
        let by_area = vote.axes.contains(&Axis::Area);
        if !owners && (by_area || vote.must_all.is_some()) {
            let place = place_of(self.root, &path, "area");
            let en = "areas and owners who must agree stand in a roster; units and legs have heads only";
            self.reader.find(Code::WrongValue, place, "按面积计票要有名册", en);
        }
        if vote.options.is_none() && vote.winner.is_some() {
            let place = place_of(self.root, &path, "winner");
            self.reader.find(Code::WrongValue, place, "没有选项就没有胜出", "without `options` nothing wins");
        }
    }

    /// A role that votes is held by people: each of them has one vote.
    fn can_vote(&self, path: &[&str], role: &RoleId) {
        let declared = self.workflow.roles.get(role);
        let people = match declared {
            Some(Role::Post { of, .. }) => *of != Whose::Leg,
            Some(Role::Person(_)) => true,
            _ => false,
        };
        if declared.is_some() && !people {
            let place = place_of(self.root, path, role.as_str());
            let en =
                format!("`{role}` has no votes by head: owners vote by their roster, departments by `legs`");
            self.reader.find(Code::WrongValue, place, format!("角色`{role}`不能按人表决"), en);
        }
    }

    /// Every claim that runs out is heard of, and what anybody may read is public.
    pub(super) fn claims(&self) {
        let w = self.workflow;
        for (id, claims) in &w.claims {
            let path = ["claims", id.as_str()];
            self.typed(&path, &claims.item, &[FieldType::Int]);
            if let Some(field) = &claims.offered_by {
                self.typed(&path, field, &[FieldType::Person, FieldType::Unit]);
            }
            self.caps(id.as_str(), claims);
            let here = w.states.iter().filter(|(_, state)| state.claims.as_ref() == Some(id));
            let heard = |event: &str| here.clone().any(|(state, _)| self.hears(state, event));
            if let Some((state, _)) = here.clone().next().filter(|_| !heard("delivered")) {
                self.must_hear(state, ("可认领", "can be claimed"), &["delivered"]);
            }
        }
        self.listing(w);
    }

    fn caps(&self, id: &str, claims: &Claims) {
        let Some(Per::By { of, field }) = &claims.cap else { return };
        let known = of.keys().all(|choice| ["person", "organisation"].contains(&choice.as_str()));
        if !known || of.len() != 2 {
            let place = place_of(self.root, &["claims", id], field.as_str());
            let en = "a cap per choice is by `person` and `organisation`: who claims for a unit is an organisation";
            self.reader.find(Code::WrongValue, place, "上限只能按person和organisation分", en);
        }
    }

    fn listing(&self, w: &Workflow) {
        let Some(listing) = &w.listing else { return };
        let path = ["listing"];
        for field in &listing.show {
            let sealed = w.fields.get(field).is_some_and(|field| field.private || field.is_sealed());
            if sealed {
                let place = place_of(self.root, &path, field.as_str());
                let en = format!("everybody would read `{field}`, which is not `public`");
                self.reader.find(Code::PrivateTold, place, format!("`{field}`不是公开字段"), en);
            }
        }
        let of = [
            (&listing.category, &[FieldType::Choice, FieldType::Choices][..]),
            (&listing.quantity, &[FieldType::Int]),
            (&listing.from, &[FieldType::Date]),
            (&listing.until, &[FieldType::Date]),
            (&listing.vulnerable, &[FieldType::Int]),
            (&listing.priority, &[FieldType::Int]),
        ];
        for (field, wanted) in of {
            if let Some(field) = field {
                self.typed(&path, field, wanted);
            }
        }
    }
}
