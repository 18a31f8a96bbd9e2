//! Who of the people of a case may be named to somebody: an entry of the history tells who acted, and that may be the very
//! person whom a private field hides.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use paidan_model::id::{FieldId, VoteId};
use paidan_model::value::{Held, Value};
use paidan_model::workflow::Workflow;

use crate::actor::{Actor, By};
use crate::case::Case;
use crate::fact::{ClaimFact, Fact, FormFact};
use crate::sight::{Sight, is_close};
use crate::vote::sees_ballots;

/// The people of a case as one asker may know them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The asker holds the case, or it is about them: they may know everybody in it. So may the engine.
    close: bool,
    /// The asker.
    own: String,
    /// Whom a field names or named that the asker may see.
    shown: BTreeSet<String>,
    /// Whom a field names or named that the asker may not see, and people who claim for themselves.
    hidden: BTreeSet<String>,
    /// The votes of which the asker may see who voted.
    ballots: BTreeSet<VoteId>,
}

impl Known {
    /// Who may be named to an asker with this sight of a case, by all that was ever recorded of it.
    #[must_use]
    pub fn of<'f>(
        workflow: &Workflow,
        case: &Case,
        sight: &Sight,
        actor: &Actor,
        facts: impl IntoIterator<Item = &'f Fact>,
    ) -> Self {
        let votes = case.votes.polls.keys().filter(|id| sees_ballots(workflow, case, id, actor));
        let mut known = Self {
            close: is_close(workflow, case, actor),
            own: actor.subject().into(),
            ballots: votes.cloned().collect(),
            ..Self::default()
        };
        for fact in facts {
            known.learn(sight, fact);
        }
        known
    }

    fn learn(&mut self, sight: &Sight, fact: &Fact) {
        match fact {
            Fact::Form(FormFact::Filled { field, value }) => self.named(sight, field, value),
            Fact::Claim(ClaimFact::Taken { party, unit: None, .. }) => {
                self.hidden.insert(party.clone());
            }
            Fact::Form(FormFact::Cleared { .. })
            | Fact::Claim(ClaimFact::Taken { unit: Some(_), .. } | ClaimFact::Moved { .. })
            | Fact::Case(_)
            | Fact::State(_)
            | Fact::Timer(_)
            | Fact::Clock(_)
            | Fact::Pause(_)
            | Fact::Leg(_)
            | Fact::Handoff(_)
            | Fact::Vote(_)
            | Fact::Share(_)
            | Fact::Message(_)
            | Fact::People(_)
            | Fact::Link(_) => {}
        }
    }

    fn named(&mut self, sight: &Sight, field: &FieldId, value: &Held) {
        let to = if sight.fields.contains(field) { &mut self.shown } else { &mut self.hidden };
        match value.open() {
            Some(Value::Person(subject)) => drop(to.insert(subject.clone())),
            Some(Value::Roster(rows)) => {
                to.extend(
                    rows.iter().flat_map(|row| core::iter::once(&row.owner).chain(&row.co_owners)).cloned(),
                );
            }
            _ => {}
        }
    }

    /// Whether the asker may be told who this is.
    #[must_use]
    pub fn names(&self, subject: &str) -> bool {
        let free = self.close || self.own == subject;
        free || (self.shown.contains(subject) && !self.hidden.contains(subject))
    }

    /// Whether the asker may be told who acted: whoever did it by their job is named, unless they stand in the case as a
    /// person whom the asker may not know.
    #[must_use]
    pub fn acted(&self, by: &By, facts: &[Fact]) -> bool {
        let By::Person { subject, post, .. } = by else { return true };
        let by_job = post.is_some() && !self.hidden.contains(subject);
        let told = facts.iter().all(|fact| self.tells(fact)) && (by_job || self.names(subject));
        told || self.own == *subject
    }

    /// Whether the asker may read a record as it is stored: they may be told who acted, and nobody stands in its text whom
    /// they may not know.
    #[must_use]
    pub fn reads(&self, by: &By, facts: &[Fact], text: &str) -> bool {
        let stands = |subject: &&String| !self.names(subject) && text.contains(&format!("\"{subject}\""));
        self.acted(by, facts)
            && facts.iter().all(|fact| self.tells(fact))
            && !self.hidden.iter().any(|s| stands(&s))
    }

    /// Whether a fact may be told as far as it says who voted: only to those who may see that.
    #[must_use]
    pub fn tells(&self, fact: &Fact) -> bool {
        match fact {
            Fact::Vote(fact) => !fact.names_voter() || self.ballots.contains(fact.vote()),
            Fact::Case(_)
            | Fact::State(_)
            | Fact::Form(_)
            | Fact::Timer(_)
            | Fact::Clock(_)
            | Fact::Pause(_)
            | Fact::Leg(_)
            | Fact::Handoff(_)
            | Fact::Claim(_)
            | Fact::Share(_)
            | Fact::Message(_)
            | Fact::People(_)
            | Fact::Link(_) => true,
        }
    }
}
