//! What a script may look at, and how it says what was there instead.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_machine::case::clock::Clock;
use paidan_machine::claim::left;
use paidan_machine::fact::{ClockKey, Fact, MessageFact};
use paidan_model::id::{ClockId, OutcomeId, UnitId};
use paidan_model::moment::Moment;
use paidan_model::script::See;
use paidan_model::value::Held;

use crate::stage::{Stage, facts};

type Gap = (String, String);

/// Looks at one thing.
pub(crate) fn see(stage: &Stage<'_>, what: &See) -> Result<(), Gap> {
    if what.told.is_some() || what.notice.is_some() || what.slip.is_some() {
        told(stage, what)?;
    }
    if let Some(clock) = &what.due {
        due(stage, what, clock)?;
    }
    if let Some(clock) = &what.late {
        let held = find(stage, what, clock)?;
        if !held.late {
            return Err((format!("`{clock}` is late"), describe(stage, held)));
        }
    }
    if let Some(state) = what.state {
        let unit = what.leg.as_ref().ok_or_else(|| ("a leg".to_string(), "none is named".to_string()))?;
        let found = stage.case.legs.by_unit.get(unit).map_or("no such leg", |leg| leg.state.name());
        if found != state.name() {
            return Err((format!("the leg of `{unit}` is {}", state.name()), found.to_string()));
        }
    }
    claims(stage, what)?;
    votes(stage, what)?;
    splits(stage, what)?;
    hints(stage, what)?;
    if let Some(field) = &what.field {
        let found = stage.case.form.fields.get(field);
        let plain = found.map(|held| match held {
            Held::Open(value) => serde_json_plain(value),
            Held::Sealed(_) => "sealed".to_string(),
        });
        let expected = what.is.as_ref().map(ToString::to_string);
        if plain != expected {
            let say = |text: Option<String>| text.unwrap_or_else(|| "empty".to_string());
            return Err((format!("`{field}` is {}", say(expected)), say(plain)));
        }
    }
    match &what.outcome {
        Some(outcome) if stage.case.life.outcome.as_ref() != Some(outcome) => {
            let found = stage.case.life.outcome.as_ref().map_or("still open", OutcomeId::as_str);
            Err((format!("the case ended as {outcome}"), found.to_string()))
        }
        Some(_) | None => Ok(()),
    }
}

fn claims(stage: &Stage<'_>, what: &See) -> Result<(), Gap> {
    if let Some(wanted) = what.claim_state {
        let n = what.claim.unwrap_or(1);
        let found = stage.case.claims.all.iter().find(|claim| claim.n == n);
        let found = found.map_or("no such claim", |claim| claim.state.name());
        if found != wanted.name() {
            return Err((format!("claim {n} is {}", wanted.name()), found.to_string()));
        }
    }
    let Some(wanted) = what.left else { return Ok(()) };
    let kinds = stage.law.workflow.claims.iter();
    let found: Vec<i64> = kinds.map(|(id, rules)| left(&stage.case, id, rules)).collect();
    if found.contains(&wanted) { Ok(()) } else { Err((format!("{wanted} left"), format!("{found:?}"))) }
}

fn votes(stage: &Stage<'_>, what: &See) -> Result<(), Gap> {
    let Some(id) = &what.vote else { return Ok(()) };
    let poll = stage.case.votes.polls.get(id);
    let Some(tally) = poll.and_then(|poll| poll.result.as_ref()) else {
        let found = if poll.is_some() { "it is open" } else { "it was never opened" };
        return Err((format!("the vote `{id}` has ended"), found.to_string()));
    };
    let found = format!("{:?}", tally.verdict).to_lowercase();
    if what.verdict.as_ref().is_some_and(|wanted| *wanted != found) {
        return Err((format!("`{id}` {}", what.verdict.clone().unwrap_or_default()), found));
    }
    for (axis, wanted) in &what.sums {
        let sums = tally.sums.get(axis).copied().unwrap_or_default();
        if *wanted != [sums.all, sums.part, sums.yes] {
            let found = format!("{:?}", [sums.all, sums.part, sums.yes]);
            return Err((format!("{} {wanted:?} (all, taking part, agreeing)", axis.name()), found));
        }
    }
    Ok(())
}

fn hints(stage: &Stage<'_>, what: &See) -> Result<(), Gap> {
    let Some(id) = &what.hint else { return Ok(()) };
    let held = paidan_machine::hints(&stage.law, &stage.case, stage.now);
    let wanted = stage.law.workflow.hints.get(id);
    if wanted.is_some_and(|wanted| held.contains(&wanted)) {
        return Ok(());
    }
    let said: Vec<&str> = held.iter().map(|hint| hint.text.en.as_str()).collect();
    Err((format!("the hint `{id}`"), if said.is_empty() { "no hint".into() } else { said.join("; ") }))
}

fn splits(stage: &Stage<'_>, what: &See) -> Result<(), Gap> {
    let Some(id) = &what.split else { return Ok(()) };
    let Some(shares) = stage.case.splits.by_split.get(id) else {
        return Err((format!("`{id}` is divided"), "it is not".to_string()));
    };
    let now = shares.now();
    for (part, wanted) in &what.pays {
        let found = now.iter().find(|portion| portion.part == *part).map(|portion| portion.fen);
        if found != Some(*wanted) {
            let all: Vec<String> = now.iter().map(|p| format!("{} pays {}", p.part, p.fen)).collect();
            return Err((format!("{part} pays {wanted}"), all.join(", ")));
        }
    }
    Ok(())
}

fn serde_json_plain(value: &paidan_model::value::Value) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::Object(map)) => {
            map.into_iter().next().map(|(_, v)| v.to_string()).unwrap_or_default()
        }
        Ok(other) => other.to_string(),
        Err(error) => error.to_string(),
    }
}

fn told(stage: &Stage<'_>, what: &See) -> Result<(), Gap> {
    let mut seen: Vec<String> = Vec::new();
    for fact in facts(stage) {
        let Fact::Message(MessageFact::Told { notice, role, leg, slip, to, .. }) = fact else {
            continue;
        };
        let fits = what.told.as_ref().is_none_or(|r| r == role)
            && what.notice.as_ref().is_none_or(|n| n == notice)
            && what.slip.is_none_or(|s| Some(s) == *slip)
            && what.leg.as_ref().is_none_or(|l| Some(l) == leg.as_ref());
        if fits && !to.is_empty() {
            return Ok(());
        }
        let leg = leg.as_ref().map(|l| format!(" about {l}")).unwrap_or_default();
        let slip = slip.map(|s| format!(" with a {s:?} slip")).unwrap_or_default();
        seen.push(format!("{role} by {notice}{leg}{slip}"));
    }
    seen.dedup();
    let expected = format!(
        "told {}{}{}{}",
        what.told.as_ref().map(ToString::to_string).unwrap_or_else(|| "anybody".into()),
        what.notice.as_ref().map(|n| format!(" by {n}")).unwrap_or_default(),
        what.leg.as_ref().map(|l| format!(" about {l}")).unwrap_or_default(),
        what.slip.map(|s| format!(" with a {s:?} slip")).unwrap_or_default(),
    );
    Err((expected, if seen.is_empty() { "nobody was told".into() } else { seen.join("; ") }))
}

fn find<'s>(stage: &'s Stage<'_>, what: &See, id: &ClockId) -> Result<&'s Clock, Gap> {
    let leg: Option<UnitId> = what.leg.clone();
    let key = ClockKey { clock: id.clone(), leg, claim: what.claim };
    stage.case.clock(&key).ok_or_else(|| {
        let all: Vec<String> = stage.case.clocks.all.iter().map(|c| describe(stage, c)).collect();
        (format!("the clock `{id}` has started"), all.join("; "))
    })
}

fn due(stage: &Stage<'_>, what: &See, id: &ClockId) -> Result<(), Gap> {
    let held = find(stage, what, id)?;
    match what.at {
        Some(at) if at != held.due => {
            Err((format!("`{id}` is due {}", local(stage, at)), describe(stage, held)))
        }
        Some(_) | None => Ok(()),
    }
}

fn local(stage: &Stage<'_>, at: Moment) -> String {
    at.local(stage.law.zone()).format("%Y-%m-%d %H:%M").to_string()
}

fn describe(stage: &Stage<'_>, clock: &Clock) -> String {
    let leg = clock.key.leg.as_ref().map(|l| format!(" of {l}")).unwrap_or_default();
    let state = match (&clock.verdict, &clock.paused) {
        (Some(verdict), _) => format!(", {verdict:?}"),
        (None, Some(why)) => format!(", standing still ({why})"),
        (None, None) => String::new(),
    };
    let late = if clock.late { ", late" } else { "" };
    format!("`{}`{leg} is due {}{state}{late}", clock.key.clock, local(stage, clock.due))
}
