//! The votes of a case: who may vote, what was cast, and how it was counted.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use paidan_model::id::{ChoiceId, VoteId};
use paidan_model::moment::Moment;
use paidan_model::value::Held;
use serde::{Deserialize, Serialize};

use super::family::family;
use crate::tally::{Choice, Elector, Tally};

family! {
    /// What happened in a vote.
    VoteFact {
        /// A vote opened upon a frozen electorate, whose hash this is.
        Opened = "vote_opened" {
            vote: VoteId,
            #[serde(default)]
            electors: Vec<Elector>,
            hash: String,
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            options: Vec<ChoiceId>,
            /// The digest of what is voted on, if the definition names it.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            about: Option<String>,
            at: Moment,
            may_close: Moment,
            until: Moment,
        }
        /// The end of a vote moved: the day in a field, or the calendar, changed.
        Moved = "vote_moved" { vote: VoteId, may_close: Moment, until: Moment }
        /// A ballot was cast or cast again; `receipt` commits to what it says, which a secret vote keeps in the vault.
        Cast = "ballot_cast" {
            vote: VoteId,
            owner: String,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            choice: Option<Choice>,
            receipt: String,
            by: String,
            how: How,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            proof: Option<Held>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            disputed: Option<String>,
            at: Moment,
        }
        /// A ballot was taken back.
        Revoked = "ballot_revoked" { vote: VoteId, owner: String, at: Moment }
        /// A co-owner disputes a ballot: it counts for nothing.
        Disputed = "ballot_disputed" { vote: VoteId, owner: String, by: String, at: Moment }
        /// A disputed ballot counts again.
        Cured = "ballot_cured" { vote: VoteId, owner: String, at: Moment }
        /// A voter named somebody to vote in their place.
        ProxyNamed = "proxy_named" {
            vote: VoteId,
            owner: String,
            proxy: String,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            proof: Option<Held>,
            at: Moment,
        }
        /// An option was struck out.
        OptionStruck = "option_struck" { vote: VoteId, option: ChoiceId, at: Moment }
        /// A vote was counted.
        Closed = "vote_closed" { vote: VoteId, tally: Box<Tally>, at: Moment }
    }
}

impl VoteFact {
    /// The vote it is about.
    #[must_use]
    pub fn vote(&self) -> &VoteId {
        match self {
            Self::Opened { vote, .. }
            | Self::Moved { vote, .. }
            | Self::Cast { vote, .. }
            | Self::Revoked { vote, .. }
            | Self::Disputed { vote, .. }
            | Self::Cured { vote, .. }
            | Self::ProxyNamed { vote, .. }
            | Self::OptionStruck { vote, .. }
            | Self::Closed { vote, .. } => vote,
        }
    }

    /// Whether it tells who took part: whose ballot came in, went or is argued about.
    #[must_use]
    pub fn names_voter(&self) -> bool {
        match self {
            Self::Cast { .. }
            | Self::Revoked { .. }
            | Self::Disputed { .. }
            | Self::Cured { .. }
            | Self::ProxyNamed { .. } => true,
            Self::Opened { .. } | Self::Moved { .. } | Self::OptionStruck { .. } | Self::Closed { .. } => {
                false
            }
        }
    }
}

/// A ballot that counts, unless it is disputed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ballot {
    /// What it says; none when the vote is secret.
    pub choice: Option<Choice>,
    /// The commitment to what it says: the voter's receipt.
    pub receipt: String,
    /// Who cast it.
    pub by: String,
    /// How it came.
    pub how: How,
    /// Who disputes it.
    pub disputed: Option<String>,
}

/// How a ballot came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// By the voter's own hand on a page.
    Own,
    /// By somebody the voter named.
    Proxy,
    /// On paper, written down by somebody who keeps the paper as proof.
    Paper,
}

/// A vote that was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Poll {
    /// The electorate, frozen.
    pub electors: Vec<Elector>,
    /// The hash of the electorate.
    pub hash: String,
    /// The options, of a vote on options.
    pub options: Vec<ChoiceId>,
    /// Options that were struck out.
    pub struck: BTreeSet<ChoiceId>,
    /// The digest of what is voted on.
    pub about: Option<String>,
    /// When it opened.
    pub opened: Moment,
    /// When it may close at the soonest.
    pub may_close: Moment,
    /// When it closes.
    pub until: Moment,
    /// Ballots by owner; the last valid one counts.
    pub ballots: BTreeMap<String, Ballot>,
    /// Who may vote for whom, by owner.
    pub proxies: BTreeMap<String, String>,
    /// The result.
    pub result: Option<Tally>,
}

impl Poll {
    /// Whether ballots can be cast.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.result.is_none()
    }

    /// The elector whose owner or co-owner somebody is.
    #[must_use]
    pub fn elector_of(&self, subject: &str) -> Option<&Elector> {
        let is = |e: &&Elector| e.owner == subject || e.co_owners.iter().any(|other| other == subject);
        self.electors.iter().find(is)
    }
}

/// The votes of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Votes {
    /// Votes that were opened.
    #[serde(rename = "votes")]
    pub polls: BTreeMap<VoteId, Poll>,
}

impl Votes {
    pub(super) fn evolve(&mut self, fact: &VoteFact) {
        if let VoteFact::Opened { vote, electors, hash, options, about, at, may_close, until } = fact {
            let poll = Poll {
                electors: electors.clone(),
                hash: hash.clone(),
                options: options.clone(),
                about: about.clone(),
                struck: BTreeSet::new(),
                opened: *at,
                may_close: *may_close,
                until: *until,
                ballots: BTreeMap::new(),
                proxies: BTreeMap::new(),
                result: None,
            };
            self.polls.insert(vote.clone(), poll);
        } else if let Some(poll) = self.polls.get_mut(fact.vote()) {
            poll.evolve(fact);
        }
    }
}

impl Poll {
    fn evolve(&mut self, fact: &VoteFact) {
        match fact {
            VoteFact::Opened { .. } => {}
            VoteFact::Moved { may_close, until, .. } => {
                (self.may_close, self.until) = (*may_close, *until);
            }
            VoteFact::Cast { owner, choice, receipt, by, how, disputed, .. } => {
                let ballot = Ballot {
                    choice: choice.clone(),
                    receipt: receipt.clone(),
                    by: by.clone(),
                    how: *how,
                    disputed: disputed.clone(),
                };
                self.ballots.insert(owner.clone(), ballot);
            }
            VoteFact::Revoked { owner, .. } => drop(self.ballots.remove(owner)),
            VoteFact::Disputed { owner, by, .. } => self.mark_disputed(owner, Some(by.clone())),
            VoteFact::Cured { owner, .. } => self.mark_disputed(owner, None),
            VoteFact::ProxyNamed { owner, proxy, .. } => {
                self.proxies.insert(owner.clone(), proxy.clone());
            }
            VoteFact::OptionStruck { option, .. } => {
                self.struck.insert(option.clone());
            }
            VoteFact::Closed { tally, .. } => self.result = Some((**tally).clone()),
        }
    }

    fn mark_disputed(&mut self, owner: &str, by: Option<String>) {
        if let Some(ballot) = self.ballots.get_mut(owner) {
            ballot.disputed = by;
        }
    }
}
