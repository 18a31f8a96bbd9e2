//! Ceilings: how often one notice is told to one audience within a time.

use alloc::vec::Vec;
use paidan_model::calendar::Roll;
use paidan_model::id::NoticeId;
use paidan_model::moment::Moment;
use paidan_model::notice::{AtMost, COUNT_MAX};

use crate::audience::Audience;
use crate::refusal::{Code, Refusal};
use crate::step::Step;

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
        for told in step.case.messages.tellings.iter().filter(|told| told.notice == *notice && told.to == *to)
        {
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
