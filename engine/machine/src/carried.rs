//! What a fact carries of fields beyond the names of whoever did it: whoever may not see those does not read the fact as it is
//! stored.

use paidan_model::id::FieldId;
use paidan_model::vote::{Vote, Voters};
use paidan_model::workflow::Workflow;

use crate::fact::Fact;
use crate::sight::Sight;

/// Whether somebody may read a fact as it is stored, by the fields whose values stand in it. What names people is another
/// question ([`crate::Known`]). A fact whose definition is gone is not read.
#[must_use]
pub fn reads_as_stored(workflow: &Workflow, sight: &Sight, fact: &Fact) -> bool {
    match fact {
        Fact::Filled { field, .. } | Fact::Cleared { field } => sight.fields.contains(field),
        Fact::ChildAsked { fields, .. } => sight.covers(fields.keys()),
        Fact::VoteOpened { vote, .. } => workflow
            .votes
            .get(vote)
            .is_some_and(|vote| sight.covers(roster(vote).into_iter().chain(&vote.options))),
        Fact::OptionStruck { vote, .. } | Fact::VoteClosed { vote, .. } => {
            workflow.votes.get(vote).is_some_and(|vote| sight.covers(&vote.options))
        }
        Fact::LegOpened { handoff, .. } => workflow.handoffs.get(handoff).is_some_and(|handoff| {
            let named = [&handoff.each, &handoff.lead, &handoff.optional, &handoff.only];
            sight.covers(named.into_iter().flatten())
        }),
        Fact::Shared { split, .. } | Fact::Unshared { split, .. } | Fact::JoinedLate { split, .. } => {
            workflow.splits.get(split).is_some_and(|split| sight.covers(split.terms()))
        }
        Fact::Opened { .. }
        | Fact::Acted { .. }
        | Fact::Reasoned { .. }
        | Fact::RoundBegan { .. }
        | Fact::Left { .. }
        | Fact::Entered { .. }
        | Fact::Armed { .. }
        | Fact::Disarmed { .. }
        | Fact::Fired { .. }
        | Fact::ClockStarted { .. }
        | Fact::ClockPaused { .. }
        | Fact::ClockResumed { .. }
        | Fact::ClockMoved { .. }
        | Fact::ClockBreached { .. }
        | Fact::ClockStopped { .. }
        | Fact::ExtensionAsked { .. }
        | Fact::ExtensionDropped { .. }
        | Fact::LegMoved { .. }
        | Fact::LegRound { .. }
        | Fact::LegAgreed { .. }
        | Fact::LegAsked { .. }
        | Fact::LegLate { .. }
        | Fact::WaiverAsked { .. }
        | Fact::LegRefused { .. }
        | Fact::LegRuled { .. }
        | Fact::HandoffBegan { .. }
        | Fact::Joined { .. }
        | Fact::JoinFailed { .. }
        | Fact::Told { .. }
        | Fact::SlipIssued { .. }
        | Fact::Copied { .. }
        | Fact::Assigned { .. }
        | Fact::PauseAsked { .. }
        | Fact::PauseDropped { .. }
        | Fact::PauseBegan { .. }
        | Fact::PauseEnded { .. }
        | Fact::BallotCast { .. }
        | Fact::BallotRevoked { .. }
        | Fact::BallotDisputed { .. }
        | Fact::BallotCured { .. }
        | Fact::ProxyNamed { .. }
        | Fact::ClaimTaken { .. }
        | Fact::ClaimMoved { .. }
        | Fact::Reported { .. }
        | Fact::Ignored { .. }
        | Fact::Ended { .. }
        | Fact::StoodIn { .. }
        | Fact::Reopened { .. }
        | Fact::Redacted { .. } => true,
    }
}

/// The field that says who votes.
fn roster(vote: &Vote) -> Option<&FieldId> {
    match &vote.voters {
        Voters::Owners(field) | Voters::Units(field) => Some(field),
        Voters::Role(_) | Voters::Legs => None,
    }
}
