//! The history of a case in words, as far as it may be told to whoever looks.

use paidan_model::text::Text;
use paidan_model::value::Held;
use paidan_model::workflow::Workflow;
use paidan_runtime::Entry;
use paidan_runtime::fact::{CaseFact, LegFact, LinkFact};
use paidan_runtime::shelf::InForce;
use paidan_runtime::{By, Fact, Seen};
use paidan_views::timeline::{Overwritten, filled, may_tell, overwritten};

/// The records of a case that somebody may see.
pub struct History<'h> {
    in_force: &'h InForce,
    workflow: &'h Workflow,
    seen: &'h Seen,
    before: Overwritten,
}

impl<'h> History<'h> {
    /// The history of a case of a workflow.
    #[must_use]
    pub fn of(in_force: &'h InForce, workflow: &'h Workflow, seen: &'h Seen) -> Self {
        let before = overwritten(seen.entries.iter().map(|entry| (entry.seq, entry.facts.as_slice())));
        Self { in_force, workflow, seen, before }
    }

    /// One record: what happened, what was filled in, what stood there before, and for what reason.
    #[must_use]
    pub fn told(&self, entry: &Entry) -> Vec<Text> {
        let facts = entry.facts.iter().filter_map(|fact| self.one(fact));
        let before = self.before.get(&entry.seq);
        let filled = filled(self.workflow, &self.seen.sight, before, &entry.facts);
        facts.chain(filled).collect()
    }

    /// Who did it, if that may be told.
    #[must_use]
    pub fn who<'e>(&self, entry: &'e Entry) -> Option<&'e By> {
        Some(&entry.by).filter(|by| self.seen.known.acted(by, &entry.facts))
    }

    /// Who did it in words; whoever may not be named is the person concerned.
    #[must_use]
    pub fn who_in_words(&self, entry: &Entry) -> Text {
        match self.who(entry) {
            Some(by) => paidan_views::people::by(&self.in_force.roster, by),
            None => Text { zh: "当事人".into(), en: "the person concerned".into() },
        }
    }

    /// One fact, if it may be told.
    #[must_use]
    pub fn one(&self, fact: &Fact) -> Option<Text> {
        match fact {
            Fact::Case(CaseFact::Reasoned { reason: Held::Sealed(commitment) }) => {
                let words = self.seen.reasons.get(commitment)?;
                Some(Text { zh: format!("理由：{words}"), en: format!("Reason: {words}") })
            }
            Fact::Link(LinkFact::ChildAsked { workflow, .. }) => {
                let digest = self.in_force.latest(workflow)?;
                let Text { zh, en } = &self.in_force.workflow(digest)?.title;
                Some(Text { zh: format!("开启“{zh}”"), en: format!("Opens `{en}`") })
            }
            Fact::Leg(
                LegFact::Refused { basis: Some(Held::Sealed(basis)), .. }
                | LegFact::Ruled { basis: Some(Held::Sealed(basis)), .. },
            ) => {
                let Text { zh, en } = self.plain(fact)?;
                Some(match self.seen.reasons.get(basis) {
                    Some(words) => {
                        Text { zh: format!("{zh}；依据：{words}"), en: format!("{en}; basis: {words}") }
                    }
                    None => Text { zh, en },
                })
            }
            fact => self.plain(fact),
        }
    }

    /// One fact, without the words behind it, if it may be told.
    fn plain(&self, fact: &Fact) -> Option<Text> {
        let told = self.seen.known.tells(fact) && may_tell(self.workflow, &self.seen.sight, fact);
        let sentence =
            || paidan_views::sentence(self.workflow, &self.in_force.roster, &self.in_force.zone(), fact);
        told.then(sentence).flatten()
    }
}
