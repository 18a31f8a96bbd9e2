//! The chart against the algorithm that it follows: random charts are run by the machine and by a
//! slow interpreter of appendix D of the W3C SCXML recommendation. After every event both have the
//! same states active, and have taken, left, entered and written the same things in the same order.
//!
//! `back` is not part of it: it remembers the move into a state, and SCXML's history a state's last stay.
//!
//! `PAIDAN_CHARTS=100000 cargo test --release -p paidan-machine --test all charts_run -- --nocapture` for many.

mod interpreter;
mod random;

use std::collections::{BTreeMap, BTreeSet};

use paidan_machine::actor::Actor;
use paidan_machine::command::{Ask, Command, Open};
use paidan_machine::fact::{CaseFact, Fact, FormFact, StateFact};
use paidan_machine::{Case, Code, Decision, Law, decide};
use paidan_model::calendar::{Calendar, Parts, Window};
use paidan_model::guard::{Expr, Operator};
use paidan_model::id::{ActionId, CalendarId, FieldId, OutcomeId, StateId};
use paidan_model::moment::Moment;
use paidan_model::state::{Action, Alternative, Effects, State, Target};
use paidan_model::value::{Held, Value};
use paidan_model::workflow::Workflow;
use serde_json::json;

use interpreter::{Endless, Interpreter, Seen};
use random::{Chart, Dice, FIELDS, Guard, Kind, SENT, Set, Way};

/// How many charts, when nothing says otherwise.
const CHARTS: u64 = 300;
/// How many events each chart is sent.
const EVENTS: usize = 12;

fn state_id(state: usize) -> StateId {
    StateId::parse(&format!("s{state:02}")).unwrap()
}

fn number(state: &StateId) -> usize {
    state.as_str()[1..].parse().unwrap()
}

fn action_id(name: &str) -> ActionId {
    ActionId::parse(name).unwrap()
}

fn field_id(field: usize) -> FieldId {
    FieldId::parse(FIELDS[field]).unwrap()
}

fn expr(guard: &Guard) -> Option<Expr> {
    match guard {
        Guard::Always => None,
        Guard::Less(field, than) => Some(Expr::Binary(
            Operator::Less,
            Box::new(Expr::Field(field_id(*field))),
            Box::new(Expr::Int(*than)),
        )),
        Guard::In(state) => Some(Expr::In(state_id(*state))),
        Guard::NotIn(state) => Some(Expr::Not(Box::new(Expr::In(state_id(*state))))),
    }
}

fn written(set: Option<&(usize, Set)>) -> BTreeMap<FieldId, Expr> {
    let one = |(field, set): &(usize, Set)| {
        let id = field_id(*field);
        let value = match set {
            Set::Is(n) => Expr::Int(*n),
            Set::Add(n) => {
                Expr::Binary(Operator::Plus, Box::new(Expr::Field(id.clone())), Box::new(Expr::Int(*n)))
            }
        };
        (id, value)
    };
    set.into_iter().map(one).collect()
}

fn effects(raise: &[&str], set: Option<&(usize, Set)>) -> Effects {
    let raise = raise.iter().map(|name| action_id(name)).collect();
    Effects { raise, set: written(set), ..Effects::default() }
}

fn alternatives(ways: &[Way]) -> Vec<Alternative> {
    let one = |way: &Way| Alternative {
        go: way.go.map(|to| Target::State(state_id(to))),
        when: expr(&way.when),
        set: written(way.set.as_ref()),
        raise: way.raise.iter().map(|name| action_id(name)).collect(),
        ..Alternative::default()
    };
    ways.iter().map(one).collect()
}

fn state(state: &random::State) -> State {
    let action = |ways: &[Way]| Action { alternatives: alternatives(ways), ..Action::default() };
    let mut on: BTreeMap<ActionId, Action> =
        state.on.iter().map(|(name, ways)| (action_id(name), action(ways))).collect();
    if !state.done.is_empty() {
        on.insert(action_id("done"), action(&state.done));
    }
    let is_final = state.kind == Kind::Final;
    State {
        parent: state.parent.map(state_id),
        start: state.start.map(state_id).into_iter().collect(),
        parallel: state.kind == Kind::Parallel,
        enter: effects(&state.enter_raise, state.enter_set.as_ref()),
        leave: effects(&state.leave_raise, state.leave_set.as_ref()),
        on,
        always: alternatives(&state.always),
        outcome: (is_final && state.parent.is_none()).then(|| OutcomeId::parse("done").unwrap()),
        end: is_final && state.parent.is_some(),
        rank: state.rank,
        ..State::default()
    }
}

/// The chart as the machine reads it.
fn workflow(chart: &Chart) -> Workflow {
    let field = json!({ "type": "int", "set_by": "engine", "default": { "int": 0 } });
    let mut workflow: Workflow = serde_json::from_value(json!({
        "form": 1, "id": "random", "version": 1, "kind": "chart", "title": { "zh": "图", "en": "chart" },
        "calendar": "plain", "start": [state_id(chart.initial)], "states": {},
        "fields": FIELDS.iter().map(|name| (*name, field.clone())).collect::<BTreeMap<_, _>>(),
    }))
    .unwrap();
    workflow.states = (0..).zip(&chart.states).map(|(n, one)| (state_id(n), state(one))).collect();
    workflow
}

/// What can be seen of a decision, in order; moves without an event stand in no fact.
fn seen(decision: &Decision) -> Vec<Seen> {
    let facts = decision.drafts.iter().flat_map(|draft| &draft.facts);
    facts
        .map(|fact| match fact {
            Fact::Case(CaseFact::Acted { action, state: Some(state), way: Some(way), .. }) => {
                Seen::Acted(action.to_string(), number(state), usize::try_from(*way).unwrap())
            }
            Fact::Case(CaseFact::Ended { .. }) => Seen::Ended,
            Fact::State(StateFact::Left { state }) => Seen::Left(number(state)),
            Fact::State(StateFact::Entered { state, .. }) => Seen::Entered(number(state)),
            Fact::State(StateFact::Ignored { .. }) => Seen::Ignored,
            Fact::Form(FormFact::Filled { field, value: Held::Open(Value::Int(n)) }) => {
                let field = FIELDS.iter().position(|name| *name == field.as_str()).unwrap();
                Seen::Filled(field, *n)
            }
            other => panic!("a plain chart knows no such fact: {other:?}"),
        })
        .collect()
}

/// Both say the same of what was done and of what stands now.
fn compare(decision: &Decision, second: &Interpreter<'_>) -> Result<(), String> {
    let (moved, told): (Vec<Seen>, Vec<Seen>) =
        second.seen.iter().cloned().partition(|one| matches!(one, Seen::Moved(..)));
    let first = seen(decision);
    if first != told {
        return Err(format!("the machine did {first:?},\nthe algorithm {told:?}"));
    }
    let eventless: Vec<Seen> =
        decision.eventless.iter().map(|(state, n)| Seen::Moved(number(state), *n)).collect();
    if eventless != moved {
        return Err(format!("without an event the machine took {eventless:?},\nthe algorithm {moved:?}"));
    }
    let active: BTreeSet<usize> = decision.case.chart.active.keys().map(number).collect();
    if active != second.configuration {
        return Err(format!("active are {active:?},\nby the algorithm {:?}", second.configuration));
    }
    Ok(())
}

/// What a run came to, to know that the charts are worth running.
#[derive(Default)]
struct Tried {
    steps: usize,
    moved: usize,
    endless: usize,
    done: usize,
}

fn run(chart: &Chart, dice: &mut Dice, tried: &mut Tried) -> Result<(), String> {
    let workflow = workflow(chart);
    let plain = CalendarId::parse("plain").unwrap();
    let week = BTreeMap::from([(0, vec![Window { open: 540, close: 1_020 }])]);
    let calendar = Calendar::build(Parts { week, ..Parts::default() }).unwrap();
    let calendars = BTreeMap::from([(plain, calendar)]);
    let law = Law::new(&workflow, "digest", &calendars, None).unwrap();
    let ask = |case: Option<&Case>, ask: Ask| {
        let command = Command { actor: Actor::Engine, ask };
        decide(&law, case, &command, Moment::from_millis(0), &mut || [0; 32])
    };
    let open = Open {
        stream: "case/1".into(),
        number: "1".into(),
        levels: BTreeMap::new(),
        fill: BTreeMap::new(),
        channel: "test".into(),
        code: None,
        parent: None,
        since: None,
    };
    let (mut case, mut second) = match (ask(None, Ask::Open(open)), Interpreter::interpret(chart)) {
        (Ok(mut first), Ok(second)) => {
            // The opening itself, and the fields' first values.
            first.drafts[0].facts.drain(..=FIELDS.len());
            compare(&first, &second)?;
            (first.case, second)
        }
        (Err(refusal), Err(Endless)) if refusal.code == Code::TooManySteps => {
            tried.endless += 1;
            return Ok(());
        }
        (first, second) => return Err(format!("opened: {first:?}\nby the algorithm {second:?}")),
    };
    for _ in 0..EVENTS {
        let event = SENT[dice.below(SENT.len())];
        tried.steps += 1;
        match (ask(Some(&case), Ask::Send(action_id(event))), second.external(event)) {
            (Ok(first), Ok(())) => {
                compare(&first, &second).map_err(|what| format!("{event}: {what}"))?;
                tried.moved += usize::from(!second.seen.contains(&Seen::Ignored));
                let is_done = |one: &Seen| matches!(one, Seen::Acted(name, ..) if name == "done");
                tried.done += second.seen.iter().filter(|one| is_done(one)).count();
                case = first.case;
            }
            // What has no end is refused; the chart has shown what it can.
            (Err(refusal), Err(Endless)) if refusal.code == Code::TooManySteps => {
                tried.endless += 1;
                return Ok(());
            }
            (first, other) => return Err(format!("{event}: {first:?}\nby the algorithm {other:?}")),
        }
    }
    Ok(())
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how many charts is asked of the environment")]
fn charts_run_as_the_algorithm_says() {
    let many = std::env::var("PAIDAN_CHARTS").ok().and_then(|text| text.parse().ok());
    let mut tried = Tried::default();
    for seed in 0..many.unwrap_or(CHARTS) {
        let mut dice = Dice(seed.wrapping_mul(0x5851_F42D_4C95_7F2D));
        let chart = random::chart(&mut dice);
        if let Err(difference) = run(&chart, &mut dice, &mut tried) {
            panic!("chart {seed}: {difference}\n{:#?}", chart.states);
        }
    }
    let Tried { steps, moved, endless, done } = tried;
    println!(
        "{steps} events, {moved} of them moved something, {done} were of done states, {endless} had no end"
    );
    // Charts on which nothing happens would agree on everything.
    assert!(moved * 4 > steps && done > 0);
}

#[test]
fn nested_regions_end_their_parent() {
    let s = |kind, parent: Option<usize>| random::State {
        kind,
        parent,
        rank: 0,
        start: None,
        enter_raise: vec![],
        enter_set: None,
        leave_raise: vec![],
        leave_set: None,
        on: BTreeMap::new(),
        done: vec![],
        always: vec![],
    };
    let go = |to: usize| Way { go: Some(to), when: Guard::Always, set: None, raise: vec![] };
    // Two regions side by side, 3 and 6, are together one region of 1; the other one is 9.
    let mut all = vec![
        s(Kind::Compound, None),
        s(Kind::Parallel, Some(0)),
        s(Kind::Parallel, Some(1)),
        s(Kind::Compound, Some(2)),
        s(Kind::Atomic, Some(3)),
        s(Kind::Final, Some(3)),
        s(Kind::Compound, Some(2)),
        s(Kind::Atomic, Some(6)),
        s(Kind::Final, Some(6)),
        s(Kind::Compound, Some(1)),
        s(Kind::Atomic, Some(9)),
        s(Kind::Final, Some(9)),
        s(Kind::Atomic, Some(0)),
    ];
    all[4].on.insert("a", vec![go(5)]);
    all[7].on.insert("a", vec![go(8)]);
    all[10].on.insert("b", vec![go(11)]);
    all[1].done = vec![go(12)];
    let chart = Chart { states: all, initial: 0 };
    for seed in 0..20 {
        run(&chart, &mut Dice(seed), &mut Tried::default()).unwrap();
    }
}
