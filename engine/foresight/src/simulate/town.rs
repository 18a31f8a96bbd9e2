//! The town of a simulation: where cases come from, who sits at which desk, and as whom the machine is asked.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use paidan_machine::actor::Actor;
use paidan_machine::audience::Audience;
use paidan_model::id::{PostId, RoleId, UnitId, UnitKind};
use paidan_model::moment::Moment;
use paidan_model::roster::{Post, Roster};
use paidan_model::workflow::{Role, Workflow};
use serde::Serialize;

use super::dice::Dice;

/// Who does something: a desk with people, or a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Hand {
    /// Those who hold a post at a unit.
    Desk {
        /// The post.
        post: PostId,
        /// The unit.
        unit: UnitId,
    },
    /// Those who work for a unit, as departments do for their legs.
    Unit(UnitId),
    /// Somebody who was named for a job.
    Person(String),
    /// A resident, in a role. They wait for nobody and answer when they like.
    Resident {
        /// The role.
        role: RoleId,
        /// Who.
        subject: String,
    },
}

/// A town, or as much of one as a workflow names.
pub(crate) struct Town<'a> {
    roster: Option<&'a Roster>,
    /// The units cases come from.
    from: Vec<UnitId>,
    /// The units that may be called to a case.
    called: Vec<UnitId>,
    /// Who holds a post, unit by unit.
    holders: BTreeMap<PostId, BTreeMap<UnitId, Vec<String>>>,
    /// Who works at a unit.
    at: BTreeMap<UnitId, BTreeSet<String>>,
    /// The kinds of unit that roles name.
    kinds: BTreeSet<UnitKind>,
}

impl<'a> Town<'a> {
    pub(crate) fn of(workflow: &Workflow, roster: Option<&'a Roster>, at: Moment) -> Self {
        let kinds = workflow.roles.values().filter_map(Role::at_level).map(|(_, kind)| kind.clone());
        let kinds: BTreeSet<UnitKind> = kinds.collect();
        let mut town = Self {
            roster,
            from: Vec::new(),
            called: Vec::new(),
            holders: BTreeMap::new(),
            at: BTreeMap::new(),
            kinds,
        };
        let Some(roster) = roster else { return town };
        for (subject, person) in &roster.people {
            for Post { post, unit, .. } in person.posts_at(at) {
                let here = town.holders.entry(post.clone()).or_default().entry(unit.clone()).or_default();
                here.push(subject.clone());
                town.at.entry(unit.clone()).or_default().insert(subject.clone());
            }
        }
        let above: BTreeSet<&UnitId> =
            roster.units.values().filter_map(|unit| unit.parent.as_ref()).collect();
        let leaves = roster.units.keys().filter(|id| !above.contains(id));
        let levels: Vec<(usize, usize, &UnitId)> = leaves
            .map(|id| {
                let levels = roster.levels(id);
                (town.kinds.iter().filter(|kind| levels.contains_key(*kind)).count(), levels.len(), id)
            })
            .collect();
        // Cases come from where most roles have somebody, and of those from the lowest units.
        let most = levels.iter().map(|(known, depth, _)| (*known, *depth)).max().unwrap_or_default();
        let low = |(known, depth, _): &&(usize, usize, &UnitId)| (*known, *depth) == most;
        town.from = levels.iter().filter(low).map(|(_, _, id)| (*id).clone()).collect();
        town.called = roster.departments().map(|(id, _)| id.clone()).collect();
        town
    }

    /// The units of a case's place, by kind.
    pub(crate) fn levels(&self, dice: &mut Dice) -> BTreeMap<UnitKind, UnitId> {
        let place = dice.one_of(&self.from).cloned();
        let known = self.roster.zip(place).map(|(roster, place)| roster.levels(&place));
        let mut levels = known.unwrap_or_default();
        for kind in &self.kinds {
            if !levels.contains_key(kind)
                && let Some(unit) = UnitId::parse(&format!("the-{kind}"))
            {
                levels.insert(kind.clone(), unit);
            }
        }
        levels
    }

    /// A unit that may be called, that is not among those given; none without a roster.
    pub(crate) fn another(&self, dice: &mut Dice, than: &BTreeSet<&UnitId>) -> Option<UnitId> {
        let free: Vec<&UnitId> = self.called.iter().filter(|unit| !than.contains(unit)).collect();
        dice.one_of(&free).map(|unit| (*unit).clone())
    }

    /// Somebody with one of these posts, at a unit of the case if there is one.
    pub(crate) fn somebody(
        &self,
        dice: &mut Dice,
        posts: &BTreeSet<PostId>,
        levels: &BTreeMap<UnitKind, UnitId>,
    ) -> Option<String> {
        let held = || posts.iter().filter_map(|post| self.holders.get(post)).flatten();
        let near: Vec<&String> = held()
            .filter(|(unit, _)| levels.values().any(|at| at == *unit))
            .flat_map(|(_, all)| all)
            .collect();
        let all = || -> Vec<&String> { held().flat_map(|(_, all)| all).collect() };
        let from = if near.is_empty() { all() } else { near };
        dice.one_of(&from).map(|subject| (*subject).clone())
    }

    /// Whose hand an audience is in the case of that number; `role` is the one it stands for.
    pub(crate) fn hand(&self, audience: &Audience, role: &RoleId, number: usize) -> Option<Hand> {
        Some(match audience {
            Audience::Post { post, unit } => Hand::Desk { post: post.clone(), unit: unit.clone() },
            Audience::Unit(unit) => Hand::Unit(unit.clone()),
            Audience::Agent { person, .. } => Hand::Person(person.clone()),
            Audience::Person(subject) if self.works(subject) => Hand::Person(subject.clone()),
            Audience::Person(subject) => Hand::Resident { role: role.clone(), subject: subject.clone() },
            Audience::Anywhere(post) => {
                let units: Vec<&UnitId> = self.holders.get(post)?.keys().collect();
                let unit = units.get(number.checked_rem(units.len())?)?;
                Hand::Desk { post: post.clone(), unit: (*unit).clone() }
            }
        })
    }

    /// Somebody anywhere, where no roster says who holds a post.
    pub(crate) fn nowhere(&self, audience: &Audience) -> Option<Hand> {
        match audience {
            Audience::Anywhere(post) if !self.holders.contains_key(post) => {
                Some(Hand::Desk { post: post.clone(), unit: UnitId::parse("anywhere")? })
            }
            _ => None,
        }
    }

    fn works(&self, subject: &str) -> bool {
        self.roster
            .and_then(|roster| roster.people.get(subject))
            .is_some_and(|person| !person.posts.is_empty())
    }

    /// As whom a hand asks, in the case of that number.
    pub(crate) fn actor(&self, hand: &Hand, number: usize) -> Actor {
        let (subject, posts) = match hand {
            Hand::Desk { post, unit } => {
                let all = self.holders.get(post).and_then(|units| units.get(unit));
                let one = all.and_then(|all| all.get(number.checked_rem(all.len())?)).cloned();
                let subject = one.unwrap_or_else(|| format!("{post}.{unit}"));
                (subject, vec![Post::new(post.clone(), unit.clone())])
            }
            Hand::Unit(unit) => {
                let post = PostId::parse("member").map(|post| Post::new(post, unit.clone()));
                (format!("member.{unit}"), post.into_iter().collect())
            }
            Hand::Person(subject) | Hand::Resident { subject, .. } => (subject.clone(), Vec::new()),
        };
        Actor::Person { subject, posts, via: "simulation".to_string() }
    }

    /// How many people the roster names for a hand, at least one.
    pub(crate) fn people(&self, hand: &Hand) -> u32 {
        let named = match hand {
            Hand::Desk { post, unit } => {
                self.holders.get(post).and_then(|units| units.get(unit)).map_or(0, Vec::len)
            }
            Hand::Unit(unit) => self.at.get(unit).map_or(0, BTreeSet::len),
            Hand::Person(_) | Hand::Resident { .. } => 1,
        };
        u32::try_from(named.max(1)).unwrap_or(1)
    }
}
