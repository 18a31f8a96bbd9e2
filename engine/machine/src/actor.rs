//! Who asks: a person with posts, or the engine itself.

use alloc::string::String;
use alloc::vec::Vec;
use paidan_model::id::{PostId, UnitId};
use paidan_model::roster::Post;
use serde::{Deserialize, Serialize};

/// Who asks for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The engine: timers, joins, reports of child cases.
    Engine,
    /// A person.
    Person {
        /// Random subject id.
        subject: String,
        /// Posts held now.
        posts: Vec<Post>,
        /// Through which door: `page`, `api`, `cli`, `story`.
        via: String,
    },
}

/// What a record keeps of who asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The engine.
    Engine,
    /// A person, in the post that gave the right.
    Person {
        /// Random subject id.
        subject: String,
        /// The post that gave the right, if one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        post: Option<PostId>,
        /// At which unit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<UnitId>,
        /// Through which door.
        via: String,
        /// The person who is away and for whom it was done.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead_of: Option<String>,
    },
}

impl Actor {
    /// Who it is; the engine is nobody.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            Self::Engine => "",
            Self::Person { subject, .. } => subject,
        }
    }

    /// What a record keeps, with the post that gave the right.
    #[must_use]
    pub fn by(&self, right: Option<&Post>) -> By {
        match self {
            Self::Engine => By::Engine,
            Self::Person { subject, via, .. } => By::Person {
                subject: subject.clone(),
                post: right.map(|p| p.post.clone()),
                unit: right.map(|p| p.unit.clone()),
                via: via.clone(),
                instead_of: right.and_then(|p| p.instead_of.clone()),
            },
        }
    }
}
