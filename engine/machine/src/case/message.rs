//! Messages that were ordered about a case, and supervision slips.

use alloc::vec::Vec;
use paidan_model::clock::Colour;
use paidan_model::id::{ChannelId, NoticeId, RoleId, UnitId};
use paidan_model::moment::Moment;
use paidan_model::notice::COUNT_MAX;
use serde::Serialize;

use super::audience::Audience;
use super::clock::ClockKey;
use super::family::family;

/// The most tellings that a case remembers; the oldest are forgotten first.
pub const TELLINGS_MAX: usize = 256;

family! {
    /// What somebody was told about a case.
    MessageFact {
        /// A message was ordered; the words and addresses are the courier's.
        Told = "told" {
            notice: NoticeId,
            #[serde(default)]
            to: Vec<Audience>,
            role: RoleId,
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            via: Vec<ChannelId>,
            not_before: Moment,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            clock: Option<ClockKey>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            leg: Option<UnitId>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            due: Option<Moment>,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            slip: Option<Colour>,
            /// It counts for the notice's ceiling.
            #[serde(default, skip_serializing_if = "core::ops::Not::not")]
            counted: bool,
        }
        /// A supervision slip was issued.
        SlipIssued = "slip_issued" {
            n: u32,
            colour: Colour,
            clock: ClockKey,
            #[serde(default)]
            to: Vec<Audience>,
            at: Moment,
        }
    }
}

/// A supervision slip (督办单).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Slip {
    /// Its number within the case, from 1.
    pub n: u32,
    /// Its colour.
    pub colour: Colour,
    /// The clock it is about.
    pub clock: ClockKey,
    /// To whom.
    pub to: Vec<Audience>,
    /// When.
    pub at: Moment,
}

/// One notice that was told to one audience and counts for its ceiling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Telling {
    /// Which notice.
    pub notice: NoticeId,
    /// To whom.
    pub to: Audience,
    /// When it rang, or will at the end of its quiet hours.
    pub at: Moment,
}

/// What a case remembers of its messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Messages {
    /// Slips, in order of their numbers.
    pub slips: Vec<Slip>,
    /// What was told lately of notices that have a ceiling, the oldest first.
    pub tellings: Vec<Telling>,
}

impl Messages {
    pub(super) fn evolve(&mut self, fact: &MessageFact) {
        match fact {
            MessageFact::Told { notice, to, not_before, counted, .. } => {
                if *counted {
                    self.remember(notice, to, *not_before);
                }
            }
            MessageFact::SlipIssued { n, colour, clock, to, at } => {
                let (clock, to) = (clock.clone(), to.clone());
                self.slips.push(Slip { n: *n, colour: *colour, clock, to, at: *at });
            }
        }
    }

    fn remember(&mut self, notice: &NoticeId, to: &[Audience], at: Moment) {
        for to in to {
            let same = |telling: &&Telling| telling.notice == *notice && telling.to == *to;
            let held = self.tellings.iter().filter(same).count();
            if held >= COUNT_MAX || self.tellings.len() >= TELLINGS_MAX {
                let only_same = held >= COUNT_MAX;
                let oldest = self.tellings.iter().position(|telling| !only_same || same(&telling));
                oldest.map(|n| self.tellings.remove(n));
            }
            self.tellings.push(Telling { notice: notice.clone(), to: to.clone(), at });
        }
    }
}
