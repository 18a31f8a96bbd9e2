//! Ceilings: how often one notice is told to one audience within a time.

use alloc::vec::Vec;
use paidan_model::calendar::Roll;
use paidan_model::id::NoticeId;
use paidan_model::moment::Moment;
use paidan_model::notice::{AtMost, COUNT_MAX};
use serde::{Deserialize, Serialize};

use crate::audience::Audience;
use crate::case::Case;
use crate::refusal::{Code, Refusal};
use crate::step::Step;

/// The most tellings that a case remembers; the oldest are forgotten first.
pub const TELLINGS_MAX: usize = 256;

/// One notice that was told to one audience and counts for its ceiling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    /// Which notice.
    pub notice: NoticeId,
    /// To whom.
    pub to: Audience,
    /// When it rang, or will at the end of its quiet hours.
    pub at: Moment,
}

/// Remembers that a notice was told.
pub(crate) fn remember(case: &mut Case, notice: &NoticeId, to: &[Audience], at: Moment) {
    for to in to {
        let same = |telling: &&Telling| telling.notice == *notice && telling.to == *to;
        let held = case.tellings.iter().filter(same).count();
        if held >= COUNT_MAX || case.tellings.len() >= TELLINGS_MAX {
            let only_same = held >= COUNT_MAX;
            let oldest = case.tellings.iter().position(|telling| !only_same || same(&telling));
            oldest.map(|n| case.tellings.remove(n));
        }
        case.tellings.push(Telling { notice: notice.clone(), to: to.clone(), at });
    }
}

/// Those of the audiences who may still hear a notice that would ring at `rings`.
pub(crate) fn below(
    step: &Step<'_>,
    notice: &NoticeId,
    ceiling: &AtMost,
    to: &[Audience],
    rings: Moment,
) -> Result<Vec<Audience>, Refusal> {
    let calendar = step.calendar(&step.workflow().calendar)?;
    let count = usize::try_from(ceiling.count).unwrap_or(COUNT_MAX);
    let mut below = Vec::new();
    for to in to {
        let mut lately = 0;
        for told in step.case.tellings.iter().filter(|told| told.notice == *notice && told.to == *to) {
            let over = calendar.due(told.at, &ceiling.per_time, Roll::default());
            let over =
                over.ok_or_else(|| Refusal::new(Code::NoDue).with("calendar", &step.workflow().calendar))?;
            lately += usize::from(rings < over.at);
        }
        if lately < count {
            below.push(to.clone());
        }
    }
    Ok(below)
}
