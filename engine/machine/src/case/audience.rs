//! Audiences: who is meant, as a post at a unit, a unit or a person, without any address.

use alloc::collections::BTreeSet;
use alloc::string::String;
use paidan_model::id::{PostId, UnitId};
use paidan_model::roster::Post;
use serde::{Deserialize, Serialize};

use crate::actor::Actor;

/// Who is meant, without a name or an address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Whoever holds a post at a unit.
    Post {
        /// The post.
        post: PostId,
        /// The unit.
        unit: UnitId,
    },
    /// Whoever works for a unit.
    Unit(UnitId),
    /// A person by subject id.
    Person(String),
    /// A person who was named for one of these jobs, and whoever stands in for them in it.
    Agent {
        /// Whom the case names.
        person: String,
        /// The jobs that the field asks for.
        posts: BTreeSet<PostId>,
    },
    /// Whoever holds a post at any unit of the town.
    Anywhere(PostId),
}

impl Audience {
    /// Whether the actor is one of them.
    #[must_use]
    pub fn includes(&self, actor: &Actor) -> bool {
        match actor {
            Actor::Engine => false,
            Actor::Person { subject, posts, .. } => match self {
                Self::Post { post, unit } => {
                    posts.iter().any(|held| held.post == *post && held.unit == *unit)
                }
                Self::Unit(unit) => posts.iter().any(|held| held.unit == *unit),
                Self::Person(person) => subject == person,
                Self::Agent { person, posts: jobs } => {
                    subject == person || posts.iter().any(|held| stands_in(held, person, jobs))
                }
                Self::Anywhere(post) => posts.iter().any(|held| held.post == *post),
            },
        }
    }
}

/// Whether somebody has a job because they stand in for a person in one of these.
pub(crate) fn stands_in(held: &Post, person: &str, jobs: &BTreeSet<PostId>) -> bool {
    held.instead_of.as_deref() == Some(person) && jobs.contains(&held.post)
}
