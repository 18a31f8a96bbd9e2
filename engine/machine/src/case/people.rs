//! Who besides the holders has to do with a case.

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use paidan_model::id::{PostId, RoleId, UnitId};
use serde::Serialize;

use super::audience::Audience;
use super::family::family;

family! {
    /// Who came to have to do with a case.
    PeopleFact {
        /// Somebody else gets to see the case.
        Copied = "copied" { #[serde(default)] to: Vec<Audience> }
        /// Somebody was added as responsible.
        Assigned = "assigned" { #[serde(default)] to: Vec<Audience>, role: RoleId }
        /// It was done in the job of somebody who is away: whoever stood in then never judges it as somebody else.
        StoodIn = "stood_in" { subject: String, post: PostId, unit: UnitId }
    }
}

/// Who besides the holders has to do with a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct People {
    /// Who gets to see it.
    pub copied: BTreeSet<Audience>,
    /// Who was added as responsible.
    pub assigned: BTreeSet<Audience>,
    /// Jobs in which people acted who only stood in for somebody: subject, post, unit.
    pub stood_in: BTreeSet<(String, PostId, UnitId)>,
}

impl People {
    pub(super) fn evolve(&mut self, fact: &PeopleFact) {
        match fact {
            PeopleFact::Copied { to } => self.copied.extend(to.iter().cloned()),
            PeopleFact::Assigned { to, .. } => self.assigned.extend(to.iter().cloned()),
            PeopleFact::StoodIn { subject, post, unit } => {
                self.stood_in.insert((subject.clone(), post.clone(), unit.clone()));
            }
        }
    }
}
