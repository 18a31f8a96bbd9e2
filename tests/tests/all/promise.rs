//! Whatever departments do, the resident's promised date never moves later without a permitted cause; and
//! folding the facts anew gives the case that the engine had.

use std::collections::BTreeMap;

use paidan_language::{Agreed, Checked};
use paidan_machine::actor::Actor;
use paidan_machine::command::{Act, Ask, Command, Open};
use paidan_machine::fact::{ClockFact, Fact, Standstill};
use paidan_machine::{Case, Draft, Law, decide, evolve};
use paidan_model::id::{ActionId, UnitId, UnitKind};
use paidan_model::moment::{Moment, Zone};
use paidan_model::roster::Post;
use paidan_tests::shipped;
use serde_json::{Value as Json, json};

/// Random sequences of actions.
const SEQUENCES: u64 = 10_000;
/// Actions of a sequence.
const ACTIONS: u64 = 12;

/// A small generator: the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let n = usize::try_from(self.roll(from.len() as u64)).unwrap();
        from.get(n).unwrap()
    }
}

fn definitions() -> Checked {
    let paths = [
        "config/calendars/office.toml",
        "workflows/blocks/survey.toml",
        "workflows/resident-order.toml",
        "workflows/whistle-report.toml",
    ];
    shipped::library(&paths).check()
}

struct Play<'a> {
    law: Law<'a>,
    now: Moment,
    case: Option<Case>,
    drafts: Vec<Draft>,
    salt: u8,
}

impl Play<'_> {
    /// Asks; a refusal changes nothing.
    fn ask(&mut self, actor: Actor, ask: Ask) -> bool {
        let mut salt = || {
            self.salt = self.salt.wrapping_add(1);
            [self.salt; 32]
        };
        match decide(&self.law, self.case.as_ref(), &Command { actor, ask }, self.now, &mut salt) {
            Ok(decision) => {
                self.case = Some(decision.case);
                self.drafts.extend(decision.drafts);
                true
            }
            Err(_) => false,
        }
    }

    fn act(&mut self, actor: Actor, action: &str, leg: Option<&str>, fill: Json) -> bool {
        let fill: BTreeMap<String, Json> = serde_json::from_value(fill).unwrap();
        let reason = Some("because".to_string());
        let leg = leg.and_then(UnitId::parse);
        self.ask(
            actor,
            Ask::Act(Act { action: ActionId::parse(action).unwrap(), fill, reason, leg, seen: None }),
        )
    }

    fn promised(&self) -> Moment {
        let clocks = &self.case.as_ref().unwrap().clocks;
        clocks.all.iter().find(|clock| clock.key.clock.as_str() == "case").unwrap().due
    }
}

fn member(unit: &str) -> Actor {
    let post = Post::new("liaison".to_string().try_into().unwrap(), unit.to_string().try_into().unwrap());
    Actor::Person { subject: unit.into(), posts: vec![post], via: "test".into() }
}

fn whistle(agreed: &Agreed, checked: &Checked, kind: &str, check: impl FnOnce(&mut Play<'_>)) {
    let law = Law::new(&agreed.workflow, &agreed.digest, &checked.calendars, None).unwrap();
    let now = Moment::parse_local("2026-09-28 09:00", &Zone::SHANGHAI).unwrap();
    let mut play = Play { law, now, case: None, drafts: Vec::new(), salt: 0 };
    let level = |kind: &str| (UnitKind::parse(kind).unwrap(), UnitId::parse(kind).unwrap());
    let fill =
        json!({ "kind": kind, "reporter": "p1", "place": "gate", "category": "drain", "summary": "blocked" });
    let open = Open {
        stream: "case/1".into(),
        number: "1".into(),
        levels: ["centre", "subdistrict", "community", "grid"].map(level).into(),
        fill: serde_json::from_value(fill).unwrap(),
        channel: "test".into(),
        code: None,
        parent: None,
        since: None,
    };
    assert!(play.ask(Actor::Engine, Ask::Open(open)));
    assert!(play.act(Actor::Engine, "submit", None, json!({ "photos": ["a"], "tried": "all" })));
    assert!(play.act(Actor::Engine, "approve", None, json!({ "duty_row": "w1" })));
    let assigned = json!({ "departments": ["fire", "roads", "water"], "lead_unit": "fire", "optional_units": ["water"] });
    assert!(play.act(Actor::Engine, "assign", None, assigned));
    check(&mut play);
}

#[test]
fn nothing_a_department_does_moves_the_promised_date() {
    let checked = definitions();
    assert!(!checked.has_errors());
    let agreed = checked.workflows.iter().find(|a| a.workflow.id.as_str() == "whistle-report").unwrap();
    let mut done = 0;
    for seed in 1..=SEQUENCES {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let kind = *dice.pick(&["quick", "enforcement", "hard"]);
        whistle(agreed, &checked, kind, |play| {
            let promised = play.promised();
            for _ in 0..ACTIONS {
                done += u64::from(department_acts(play, &mut dice));
                let moved = play.drafts.iter().flat_map(|d| &d.facts).any(|fact| {
                    matches!(fact, Fact::Clock(ClockFact::Moved { clock, .. } | ClockFact::Paused { clock, .. }) if clock.clock.as_str() == "case" && clock.leg.is_none())
                });
                let stopped = play
                    .case
                    .as_ref()
                    .unwrap()
                    .clocks
                    .all
                    .iter()
                    .any(|c| c.paused == Some(Standstill::Stopped));
                assert!(stopped || !moved, "seed {seed}: the case's clock was touched");
                assert!(play.promised() <= promised, "seed {seed}: {:?} > {promised:?}", play.promised());
            }
            let folded = play.drafts.iter().flat_map(|draft| &draft.facts).fold(None, evolve);
            assert_eq!(folded.as_ref(), play.case.as_ref(), "seed {seed}: folding the facts gives the case");
        });
    }
    println!("{SEQUENCES} sequences, {done} actions done, {} refused", SEQUENCES * ACTIONS - done);
    assert!(done > SEQUENCES, "most sequences do something");
}

/// One random action of a department, its lead or the arbiter, after a random wait.
fn department_acts(play: &mut Play<'_>, dice: &mut Dice) -> bool {
    play.now = play.now.plus_seconds(i64::try_from(dice.roll(30_000)).unwrap());
    let unit = *dice.pick(&["fire", "roads", "water", "parks"]);
    match dice.roll(9) {
        0 => play.act(member(unit), "sign", Some(unit), json!({})),
        1 => play.act(
            member(unit),
            "refuse",
            Some(unit),
            json!({ "ground": "not-our-duty", "basis": "w2", "instead": "parks" }),
        ),
        2 => play.act(member(unit), "check_in", Some(unit), json!({})),
        3 => play.act(member(unit), "agree", Some(unit), json!({})),
        4 => play.act(member(unit), "object", Some(unit), json!({})),
        5 => play.act(member(unit), "finish", Some(unit), json!({})),
        6 => play.act(
            member(unit),
            "propose",
            None,
            json!({ "plan_text": "jet it", "public_words": "soon", "budget": "own" }),
        ),
        7 => play.act(member(unit), "plan_agreed", None, json!({})),
        _ => {
            let ruling = *dice.pick(&["keep", "release"]);
            play.act(Actor::Engine, "rule", Some(unit), json!({ "ruling": ruling, "instead": "parks" }))
        }
    }
}
