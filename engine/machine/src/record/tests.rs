//! What is written is read again: every fact of every family, alone and in company.
#![expect(clippy::unwrap_used, reason = "tests")]

use alloc::collections::BTreeSet;
use alloc::string::ToString as _;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::group::NAMES;
use super::sample::MOMENT;
use super::*;
use crate::case::member::{Sample, Seed};
use crate::fact::{Alarm, AlarmKind, ClockFact, ClockKey, FormFact, TimerFact, Verdict};

const STREAM: &str = "case/1";

fn person() -> By {
    let (subject, via) = ("resident-2".into(), "page".into());
    By::Person { subject, post: None, unit: None, via, instead_of: None }
}

fn draft(facts: Vec<Fact>, by: By) -> Draft {
    Draft { at: MOMENT, due: None, by, kind: "acted".into(), facts }
}

fn written(draft: &Draft) -> String {
    serde_json::to_string(&Body::new(STREAM, draft, &BTreeMap::new())).unwrap()
}

fn read(text: &str) -> Recorded {
    serde_json::from_str::<Written>(text).unwrap().open(STREAM, MOMENT).unwrap()
}

/// Fields that were written one after another come in order of name.
fn in_order(facts: &[Fact]) -> Vec<Fact> {
    let mut found: Vec<Fact> = Vec::new();
    let mut run: BTreeMap<_, Fact> = BTreeMap::new();
    for fact in facts {
        match fact {
            Fact::Form(FormFact::Filled { field, .. }) => {
                if run.contains_key(field) {
                    found.extend(core::mem::take(&mut run).into_values());
                }
                run.insert(field.clone(), fact.clone());
            }
            other => {
                found.extend(core::mem::take(&mut run).into_values());
                found.push(other.clone());
            }
        }
    }
    found.extend(run.into_values());
    found
}

fn comes_back(facts: Vec<Fact>, by: By) {
    let wanted = in_order(&facts);
    let text = written(&draft(facts, by.clone()));
    let found = read(&text);
    assert_eq!(found.facts, wanted, "{text}");
    assert_eq!(found.by, by);
    // As it is stored: members in order of name.
    let sorted = serde_json::from_str::<Json>(&text).unwrap().to_string();
    assert_eq!(read(&sorted).facts, wanted, "{sorted}");
}

#[test]
fn every_fact_comes_back_by_itself() {
    let mut seed = Seed(7);
    let mut kinds = BTreeSet::new();
    for _ in 0..400 {
        for fact in Fact::every(&mut seed) {
            kinds.insert(fact.kind());
            comes_back(alloc::vec![fact], person());
        }
    }
    assert_eq!(kinds.len(), Fact::every(&mut seed).len(), "each kind has a name of its own");
    assert!(NAMES.iter().all(|name| !kinds.contains(name)), "no group is named as a fact is");
}

proptest! {
    #[test]
    fn facts_come_back_in_company(start in any::<u64>(), length in 0..24usize) {
        let mut seed = Seed(start);
        let mut facts: Vec<Fact> = Vec::new();
        for _ in 0..length {
            let mut every = Fact::every(&mut seed);
            let one = every.swap_remove(seed.below(every.len()));
            // Company of its own kind: what follows it is said together with it.
            for _ in 0..seed.below(3) {
                let mut every = Fact::every(&mut seed).into_iter();
                facts.extend(every.find(|fact| fact.kind() == one.kind()));
            }
            facts.push(one);
        }
        comes_back(facts, if seed.below(4) == 0 { By::Engine } else { person() });
    }

    #[test]
    fn clocks_come_back_with_their_timers(start in any::<u64>(), clocks in 1..5usize) {
        let mut seed = Seed(start);
        let (mut started, mut armed) = (Vec::new(), Vec::new());
        for _ in 0..clocks {
            let clock = ClockKey::sample(&mut seed);
            let due = Moment::sample(&mut seed);
            let mut alarms: Vec<Alarm> = Vec::new();
            for percent in [50u8, 75] {
                let kind = AlarmKind::Warn { clock: clock.clone(), percent };
                alarms.push(Alarm { kind, due: MOMENT });
            }
            alarms.push(Alarm { kind: AlarmKind::Breach { clock: clock.clone() }, due });
            for rung in 0..3 {
                let again = u32::sample(&mut seed) % 2;
                let kind = AlarmKind::Rung { clock: clock.clone(), rung, again };
                alarms.push(Alarm { kind, due: Moment::sample(&mut seed) });
            }
            // Some are left out, some are in another order.
            if seed.below(3) == 0 {
                alarms.remove(seed.below(alarms.len()));
            }
            if seed.below(6) == 0 {
                alarms.reverse();
            }
            let budget = paidan_model::calendar::Budget::sample(&mut seed);
            let (provisional, goal) = (seed.below(6) == 0, None);
            let fact = ClockFact::Started { clock, at: MOMENT, budget, due, provisional, goal };
            started.push(Fact::from(fact));
            if seed.below(5) > 0 {
                armed.push(Fact::from(TimerFact::Armed { alarms }));
            }
        }
        started.append(&mut armed);
        comes_back(started, person());
    }
}

#[test]
fn what_goes_without_saying_is_not_written() {
    let at = MOMENT;
    let clock = ClockKey { clock: Sample::sample(&mut Seed(1)), leg: None, claim: None };
    let stopped = ClockFact::Stopped { clock: clock.clone(), at, verdict: Verdict::Met };
    let text = written(&draft(alloc::vec![stopped.into()], person()));
    assert_eq!(
        text,
        json!({ "by": ["resident-2", "page"], "facts": [{ "met": [clock.clock] }] }).to_string()
    );
    let late = ClockFact::Stopped { clock, at: at.plus_seconds(-1), verdict: Verdict::Met };
    assert!(written(&draft(alloc::vec![late.into()], person())).contains("clock_stopped"));
}

#[test]
fn everybody_who_asked_comes_back() {
    let (subject, via) = (String::from("p1"), String::from("api"));
    let (post, unit) = (Sample::sample(&mut Seed(2)), Sample::sample(&mut Seed(3)));
    let (post, unit): (Option<_>, Option<_>) = (Some(post), Some(unit));
    let away = Some("p2".to_string());
    for (post, unit, instead_of) in [
        (None, None, None),
        (post.clone(), unit.clone(), None),
        (post.clone(), unit.clone(), away.clone()),
        (post.clone(), None, None),
        (None, unit, None),
        (None, None, away),
    ] {
        let (subject, via) = (subject.clone(), via.clone());
        comes_back(Vec::new(), By::Person { subject, post, unit, via, instead_of });
    }
    comes_back(Vec::new(), By::Engine);
}

#[test]
fn what_is_no_record_is_refused() {
    for wrong in [
        "{}",
        r#"{"by":"somebody","facts":[]}"#,
        r#"{"by":"engine","facts":[{}]}"#,
        r#"{"by":"engine","facts":[{"in":["a"],"out":["b"]}]}"#,
        r#"{"by":"engine","facts":[{"clocks":[["case","5xx",1]]}]}"#,
        r#"{"by":"engine","facts":[{"clocks":[["case","5wd"]]}]}"#,
    ] {
        assert!(serde_json::from_str::<Written>(wrong).is_err(), "{wrong}");
    }
    for wrong in [
        r#"{"by":"engine","facts":[{"nothing":{}}]}"#,
        r#"{"by":"engine","facts":[{"end":"nowhere"}]}"#,
        r#"{"by":"engine","facts":[{"set":{"a":":"}}]}"#,
        r#"{"by":"engine","facts":[{"arm":[["case",{"x":1}]]}]}"#,
        r#"{"by":"engine","facts":[{"leg_moved":{"leg":"a"}}]}"#,
    ] {
        let read = serde_json::from_str::<Written>(wrong).unwrap();
        assert!(read.open(STREAM, MOMENT).is_err(), "{wrong}");
    }
}
