//! Urging (催办): whoever waits for a case asks those who hold it to get on with it. The holders hear of it and the
//! history tells it; no clock is touched.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use paidan_model::id::{NoticeId, RoleId, UnitId};
use paidan_model::leg::LegState;
use paidan_model::text::Text;

use crate::actor::Actor;
use crate::audience::Audience;
use crate::command::Act;
use crate::fact::{CaseFact, MessageFact};
use crate::refusal::{Code, Refusal, both};
use crate::sight::{holders, is_about, read_by, watches};
use crate::step::Step;

/// How often on one day of the town somebody hears that a case is urged.
const HEARD_PER_DAY_MAX: usize = 2;

/// The notice by which those who hold the case hear of it.
pub(crate) const NOTICE: &str = "urged";

/// The departments whose share is not done.
fn units_at_work(step: &Step<'_>) -> Vec<UnitId> {
    let legs = step.case.legs.by_unit.iter();
    let at_work = legs
        .filter(|(_, leg)| !leg.state.is_gone() && !matches!(leg.state, LegState::Done | LegState::Accepted));
    at_work.map(|(unit, _)| unit.clone()).collect()
}

/// Who hears: whoever holds the case, and the departments at work on it, each once.
fn hearers(step: &Step<'_>) -> Vec<Audience> {
    let units = units_at_work(step).into_iter().map(Audience::Unit);
    let all = holders(step.workflow(), &step.case).into_iter().chain(units);
    all.collect::<BTreeSet<Audience>>().into_iter().collect()
}

/// Those of them who have not heard it as often today as they may.
fn still_to_hear(step: &Step<'_>) -> Vec<Audience> {
    let zone = step.law.zone();
    let today = step.now.local(zone).date();
    let heard = |to: &Audience| {
        let tellings = step.case.messages.tellings.iter();
        let same = tellings.filter(|told| told.notice.as_str() == NOTICE && told.to == *to);
        same.filter(|told| told.at.local(zone).date() == today).count()
    };
    hearers(step).into_iter().filter(|to| heard(to) < HEARD_PER_DAY_MAX).collect()
}

/// Whether somebody waits for the case: it is about them, or they have a job above it that reads it, and they do not hold
/// it themselves.
fn waits(step: &Step<'_>) -> bool {
    let Actor::Person { subject, posts, .. } = step.actor else { return true };
    let holds = hearers(step).iter().any(|audience| audience.includes(step.actor));
    let above = || {
        step.case.filing.levels.iter().any(|(kind, unit)| {
            let jobs = read_by(step.workflow(), kind);
            let mut here = posts.iter().filter(|held| held.unit == *unit);
            here.any(|held| watches(held) || jobs.contains(&held.post))
        })
    };
    !holds && (is_about(&step.case, subject) || above())
}

/// Whether the asker may urge, now.
pub(crate) fn may(step: &Step<'_>) -> Result<(), Refusal> {
    let action = crate::verb::CaseVerb::Urge.name();
    if !waits(step) {
        return Err(Refusal::new(Code::NotYours).with("action", action).with("who", "waiting"));
    }
    if hearers(step).is_empty() {
        return Err(Refusal::new(Code::NotOpen).with("action", action).with("open", ""));
    }
    if still_to_hear(step).is_empty() {
        let what = both!("今日催办", "reminders today");
        let limit = HEARD_PER_DAY_MAX;
        return Err(Refusal::new(Code::TooMany).saying("what", what).with("limit", limit));
    }
    Ok(())
}

/// Urges: those who hold the case, and departments at work on it, are told.
pub(crate) fn act(step: &mut Step<'_>, act: &Act) -> Result<(), Refusal> {
    may(step)?;
    crate::form::reason(step, false, act.reason.as_deref())?;
    step.note(CaseFact::Acted { action: act.action.clone(), leg: None, state: None, way: None });
    let to = still_to_hear(step);
    let notice = NoticeId::parse(NOTICE).zip(RoleId::parse("holder"));
    let Some((notice, role)) = notice else { return Ok(()) };
    step.note(MessageFact::Told {
        notice,
        to,
        role,
        via: Vec::new(),
        not_before: step.now,
        clock: None,
        leg: None,
        due: None,
        slip: None,
        // Remembered with the case, so that the next one is counted against the limit.
        counted: true,
    });
    Ok(())
}

/// The words of its notice.
pub(crate) fn words() -> Text {
    Text {
        zh: "{number}（{state}）有人催办，请尽快办理。{link}".into(),
        en: "{number} ({state}): somebody is waiting; please get on with it. {link}".into(),
    }
}
