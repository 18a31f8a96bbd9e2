//! What a fact carries of fields beyond the names of whoever did it: whoever may not see those does not read the fact as it is
//! stored.

use paidan_model::id::FieldId;
use paidan_model::vote::{Vote, Voters};
use paidan_model::workflow::Workflow;

use crate::fact::{Fact, FormFact, LegFact, LinkFact, VoteFact};
use crate::sight::Sight;

/// Whether somebody may read a fact as it is stored, by the fields whose values stand in it. What names people is another
/// question ([`crate::Known`]). A fact whose definition is gone is not read.
#[must_use]
pub fn reads_as_stored(workflow: &Workflow, sight: &Sight, fact: &Fact) -> bool {
    match fact {
        Fact::Form(FormFact::Filled { field, .. } | FormFact::Cleared { field }) => {
            sight.fields.contains(field)
        }
        Fact::Link(LinkFact::ChildAsked { fields, .. }) => sight.covers(fields.keys()),
        Fact::Vote(fact) => reads_vote(workflow, sight, fact),
        Fact::Leg(LegFact::Opened { handoff, .. }) => workflow.handoffs.get(handoff).is_some_and(|handoff| {
            let named = [&handoff.each, &handoff.lead, &handoff.optional, &handoff.only];
            sight.covers(named.into_iter().flatten())
        }),
        Fact::Share(fact) => {
            workflow.splits.get(fact.split()).is_some_and(|split| sight.covers(split.terms()))
        }
        Fact::Leg(
            LegFact::Moved { .. }
            | LegFact::RoundBegan { .. }
            | LegFact::Agreed { .. }
            | LegFact::AskedAfresh { .. }
            | LegFact::MarkedLate { .. }
            | LegFact::WaiverAsked { .. }
            | LegFact::Refused { .. }
            | LegFact::Ruled { .. },
        )
        | Fact::Link(LinkFact::Reported { .. })
        | Fact::Case(_)
        | Fact::State(_)
        | Fact::Timer(_)
        | Fact::Clock(_)
        | Fact::Pause(_)
        | Fact::Handoff(_)
        | Fact::Claim(_)
        | Fact::Message(_)
        | Fact::People(_) => true,
    }
}

fn reads_vote(workflow: &Workflow, sight: &Sight, fact: &VoteFact) -> bool {
    let vote = workflow.votes.get(fact.vote());
    match fact {
        VoteFact::Opened { .. } => {
            vote.is_some_and(|vote| sight.covers(roster(vote).into_iter().chain(&vote.options)))
        }
        VoteFact::OptionStruck { .. } | VoteFact::Closed { .. } => {
            vote.is_some_and(|vote| sight.covers(&vote.options))
        }
        VoteFact::Moved { .. }
        | VoteFact::Cast { .. }
        | VoteFact::Revoked { .. }
        | VoteFact::Disputed { .. }
        | VoteFact::Cured { .. }
        | VoteFact::ProxyNamed { .. } => true,
    }
}

/// The field that says who votes.
fn roster(vote: &Vote) -> Option<&FieldId> {
    match &vote.voters {
        Voters::Owners(field) | Voters::Units(field) => Some(field),
        Voters::Role(_) | Voters::Legs => None,
    }
}
