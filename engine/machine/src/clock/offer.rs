//! Clocks of scope offer: one for each claim, started and stopped by how far the claim has come.

use paidan_model::claim::ClaimState;
use paidan_model::clock::{Clock, Trigger};
use paidan_model::id::ClockId;

use super::run::{start, stop, void};
use crate::fact::ClockKey;
use crate::refusal::Refusal;
use crate::step::Step;

fn key(id: &ClockId, claim: u32) -> ClockKey {
    ClockKey { clock: id.clone(), leg: None, claim: Some(claim) }
}

fn stops_at(clock: &Clock, to: ClaimState) -> bool {
    if clock.stops.is_empty() {
        return !clock.starts.contains(&Trigger::Claim(to));
    }
    clock.stops.iter().any(|trigger| matches!(trigger, Trigger::Claim(state) if to >= *state))
}

/// Stops the clocks of claims that have come far enough; of those given back they count no more,
/// unless late.
pub(super) fn stop_all(step: &mut Step<'_>, id: &ClockId, clock: &Clock, moved: &[(u32, ClaimState)]) {
    for (claim, to) in moved {
        let key = key(id, *claim);
        let Some(held) = step.case.clock(&key).filter(|held| held.verdict.is_none()) else {
            continue;
        };
        if *to == ClaimState::Released {
            if held.late { stop(step, &key) } else { void(step, &key) }
        } else if stops_at(clock, *to) {
            stop(step, &key);
        }
    }
}

/// Starts the clocks of claims that have come to where they start.
pub(super) fn start_all(
    step: &mut Step<'_>,
    id: &ClockId,
    clock: &Clock,
    moved: &[(u32, ClaimState)],
) -> Result<(), Refusal> {
    for (n, to) in moved {
        let Some(claim) = step.case.claims.all.iter().find(|claim| claim.n == *n) else {
            continue;
        };
        let rules = step.workflow().claims.get(&claim.claims);
        let listed = rules.is_some_and(|rules| rules.clocks.contains(id)) && !claim.party.is_empty();
        let key = key(id, *n);
        let counts = step.case.clock(&key).is_some_and(|held| held.verdict.is_none());
        if listed && !counts && claim.state == *to && clock.starts.contains(&Trigger::Claim(*to)) {
            start(step, &key, clock)?;
        }
    }
    Ok(())
}
