//! The pauses of a case and its legs: asked for, in force, over.

use alloc::string::String;
use alloc::vec::Vec;
use paidan_model::id::{PauseId, UnitId};
use paidan_model::moment::Moment;
use paidan_model::value::Held;
use serde::Serialize;

use super::family::family;

family! {
    /// What happened to the pauses of a case.
    PauseFact {
        /// A pause was asked for and waits for approval.
        Asked = "pause_asked" {
            pause: PauseId,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            leg: Option<UnitId>,
            proof: Held,
            /// Who asked: somebody else agrees.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            who: Option<String>,
        }
        /// The pause asked for was declined or withdrawn; the act before it says which.
        Dropped = "pause_dropped" {
            pause: PauseId,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            leg: Option<UnitId>,
        }
        /// A pause began.
        Began = "pause_began" {
            pause: PauseId,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            leg: Option<UnitId>,
            at: Moment,
        }
        /// A pause ended.
        Ended = "pause_ended" {
            pause: PauseId,
            #[serde(default, skip_serializing_if = "Option::is_none")]
            leg: Option<UnitId>,
            at: Moment,
        }
    }
}

/// A pause asked for or in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pause {
    /// Which.
    pub pause: PauseId,
    /// Whose leg.
    pub leg: Option<UnitId>,
    /// Who asked for it.
    pub asked_by: Option<String>,
    /// When it began; none while it waits for approval.
    pub began: Option<Moment>,
    /// When it ended.
    pub ended: Option<Moment>,
}

impl Pause {
    fn is_of(&self, pause: &PauseId, leg: Option<&UnitId>) -> bool {
        self.pause == *pause && self.leg.as_ref() == leg
    }
}

/// The pauses of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pauses {
    /// In the order in which they were asked for or began.
    #[serde(rename = "pauses")]
    pub all: Vec<Pause>,
}

impl Pauses {
    /// Requests for a pause lapse when the case closes.
    pub(super) fn lapse_requests(&mut self) {
        self.all.retain(|pause| pause.began.is_some());
    }

    pub(super) fn evolve(&mut self, fact: &PauseFact) {
        match fact {
            PauseFact::Asked { pause, leg, who, .. } => {
                let (pause, leg, asked_by) = (pause.clone(), leg.clone(), who.clone());
                self.all.push(Pause { pause, leg, asked_by, began: None, ended: None });
            }
            PauseFact::Dropped { pause, leg } => {
                self.all.retain(|held| !held.is_of(pause, leg.as_ref()) || held.began.is_some());
            }
            PauseFact::Began { pause, leg, at } => self.begin(pause, leg.as_ref(), *at),
            PauseFact::Ended { pause, leg, at } => {
                let open = |held: &&mut Pause| held.is_of(pause, leg.as_ref()) && held.ended.is_none();
                if let Some(open) = self.all.iter_mut().find(open) {
                    open.ended = Some(*at);
                }
            }
        }
    }

    fn begin(&mut self, pause: &PauseId, leg: Option<&UnitId>, at: Moment) {
        let asked = |held: &&mut Pause| held.is_of(pause, leg) && held.began.is_none();
        match self.all.iter_mut().find(asked) {
            Some(asked) => asked.began = Some(at),
            None => {
                let (pause, leg, began) = (pause.clone(), leg.cloned(), Some(at));
                self.all.push(Pause { pause, leg, asked_by: None, began, ended: None });
            }
        }
    }
}
