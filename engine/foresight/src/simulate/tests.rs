//! Tests of the simulation upon a workflow with one desk, whose queue can be worked out by hand.
#![expect(clippy::unwrap_used, reason = "tests")]

use alloc::collections::BTreeMap;
use alloc::string::ToString as _;
use alloc::vec;
use alloc::vec::Vec;

use paidan_model::calendar::{Calendar, Parts, Window};
use paidan_model::clock::{Clock, Scope, Trigger};
use paidan_model::field::Per;
use paidan_model::id::{
    ActionId, CalendarId, ClockId, OutcomeId, PostId, RoleId, StateId, UnitKind, WorkflowId,
};
use paidan_model::moment::Moment;
use paidan_model::span::Span;
use paidan_model::state::{Action, Alternative, Limit, State, Target};
use paidan_model::text::Text;
use paidan_model::workflow::{FORM, Kind, Role, Whose, Workflow};

use super::demand::Hand as Said;
use super::floor::Floor;
use super::report::HandRow;
use super::town::Hand;
use super::{Demand, Fault, Report, Subject, sample, simulate};

fn state(who: &str, on: Option<(&str, &str)>, outcome: Option<&str>) -> State {
    let action = |(name, go): (&str, &str)| {
        let go = Some(Target::State(StateId::parse(go).unwrap()));
        let way = Alternative { go, ..Alternative::default() };
        (ActionId::parse(name).unwrap(), Action { alternatives: vec![way], ..Action::default() })
    };
    let who = RoleId::parse(who).into_iter().collect();
    let outcome = outcome.and_then(OutcomeId::parse);
    State { who, outcome, on: on.map(action).into_iter().collect(), ..State::default() }
}

/// One clerk answers within a limit.
fn workflow(limit_seconds: u64, calendar: &str) -> Workflow {
    let clock = Clock {
        title: Text::default(),
        scope: Scope::Case,
        starts: vec![Trigger::Intake],
        stops: Vec::new(),
        limit: Per::One(Limit::Span(Span::Business { seconds: limit_seconds })),
        calendar: None,
        roll: Default::default(),
        capped_by: None,
        warn: Vec::new(),
        ladder: None,
        pauses: Vec::new(),
        extend: None,
        carry: None,
        holder: Vec::new(),
        public: false,
    };
    let clock = Clock { starts: vec![Trigger::State(StateId::parse("asked").unwrap())], ..clock };
    let post = Role::Post {
        post: PostId::parse("clerk").unwrap(),
        of: Whose::Level(UnitKind::parse("community").unwrap()),
    };
    Workflow {
        outcomes: BTreeMap::new(),
        grounds: BTreeMap::new(),
        form: FORM,
        id: WorkflowId::parse("desk").unwrap(),
        version: 1,
        profile: None,
        kind: Kind::Case,
        title: Text::default(),
        owner: None,
        who: Vec::new(),
        for_others: Vec::new(),
        calendar: CalendarId::parse(calendar).unwrap(),
        start: vec![StateId::parse("asked").unwrap()],
        rounds: 0,
        number: alloc::string::String::new(),
        ladder: None,
        at_end: Default::default(),
        keep: None,
        roles: BTreeMap::from([(RoleId::parse("clerk").unwrap(), post)]),
        fields: BTreeMap::new(),
        order: Vec::new(),
        states: BTreeMap::from([
            (StateId::parse("asked").unwrap(), state("clerk", Some(("answer", "answered")), None)),
            (StateId::parse("answered").unwrap(), state("-", None, Some("solved"))),
        ]),
        actions: BTreeMap::new(),
        handoffs: BTreeMap::new(),
        clocks: BTreeMap::from([(ClockId::parse("answer").unwrap(), clock)]),
        pauses: BTreeMap::new(),
        ladders: BTreeMap::new(),
        notices: BTreeMap::new(),
        votes: BTreeMap::new(),
        opens: BTreeMap::new(),
        splits: BTreeMap::new(),
        hints: BTreeMap::new(),
        claims: BTreeMap::new(),
        listing: None,
        starts: BTreeMap::new(),
        always: Vec::new(),
    }
}

/// Around the clock, and Monday to Friday from nine to five.
fn calendars() -> BTreeMap<CalendarId, Calendar> {
    let week = (0..5).map(|day| (day, vec![Window { open: 540, close: 1_020 }])).collect();
    let office = Calendar::build(Parts { week, ..Parts::default() }).unwrap();
    BTreeMap::from([
        (CalendarId::parse("always").unwrap(), Calendar::always(paidan_model::moment::Zone::default())),
        (CalendarId::parse("office").unwrap(), office),
    ])
}

fn run(workflow: &Workflow, demand: &Demand) -> Result<Report, Fault> {
    let calendars = calendars();
    simulate(&Subject { workflow, digest: "", scripts: &[], calendars: &calendars, roster: None }, demand)
}

/// The report when all cases come at one moment, a Monday at ten.
fn at_once(workflow: &Workflow, demand: &Demand) -> Report {
    let calendars = calendars();
    let subject = Subject { workflow, digest: "", scripts: &[], calendars: &calendars, roster: None };
    let references = sample::references(&subject, demand.from);
    let law = paidan_machine::Law::new(workflow, "", &calendars, None).unwrap().with_references(&references);
    let mut floor = Floor::new(&subject, demand, law).unwrap();
    let ten = Moment::parse_local("2026-11-23 10:00", law.zone()).unwrap();
    floor.come(ten);
    floor.run().unwrap();
    floor.report()
}

fn clerk(report: &Report) -> &HandRow {
    report.hands.iter().find(|row| matches!(row.hand, Hand::Desk { .. })).unwrap()
}

fn demand(cases: u32, minutes: u32) -> Demand {
    Demand { cases: Some(cases), days: 1, minutes, ..Demand::default() }
}

/// One clerk, an hour each, four at once, two hours to answer: done after one, two, three and four hours. The second is
/// done in the last moment of its limit, the third and the fourth are late, and three waited at first.
#[test]
fn a_queue_that_is_known_by_hand() {
    let report = at_once(&workflow(7_200, "always"), &demand(4, 60));
    let [clock] = report.clocks.as_slice() else { unreachable!() };
    assert_eq!((clock.started, clock.kept, clock.breached, clock.breached_permille), (4, 2, 2, 500));
    let row = clerk(&report);
    assert_eq!((row.handled, row.late, row.late_permille, row.longest, row.waiting), (4, 2, 500, 3, 0));
    assert_eq!((report.cases.closed, report.cases.open, report.cases.stuck), (4, 0, 0));
    let took = report.took.unwrap();
    assert_eq!(
        [took.p50, took.p90, took.p99],
        [7_199, 14_399, 14_399],
        "seconds, each done in the last moment"
    );
}

/// Two clerks are twice as quick: done after one, one, two and two hours.
#[test]
fn with_a_second_clerk_nobody_is_late() {
    let demand = Demand { people: Some(2), ..demand(4, 60) };
    let report = at_once(&workflow(7_200, "always"), &demand);
    assert_eq!((clerk(&report).late, clerk(&report).longest, clerk(&report).people), (0, 2, 2));
}

/// From ten to five are seven hours: of nine cases two are left over, and are done on Tuesday from nine on.
#[test]
fn work_rests_while_the_desk_is_closed() {
    let report = at_once(&workflow(7 * 3_600, "office"), &demand(9, 60));
    assert_eq!((clerk(&report).handled, clerk(&report).late), (9, 2));
    assert_eq!(report.took.unwrap().p99, 9 * 3_600 - 1, "hours of the calendar, not of the night");
}

#[test]
fn reports_depend_on_the_seed_alone() {
    let workflow = workflow(7_200, "office");
    let demand = Demand { days: 5, ..demand(200, 20) };
    let report = run(&workflow, &demand).unwrap();
    assert_eq!(run(&workflow, &demand).unwrap(), report);
    assert_ne!(run(&workflow, &Demand { seed: 2, ..demand }).unwrap(), report);
}

/// Fewer people, or longer handlings, are never quicker.
#[test]
fn half_the_people_are_never_quicker() {
    let workflow = workflow(7_200, "office");
    for seed in 1..=5 {
        let late = |people, minutes| {
            let demand = Demand { people: Some(people), seed, days: 5, ..demand(80, minutes) };
            run(&workflow, &demand).unwrap().clocks.iter().map(|clock| clock.breached).sum::<u64>()
        };
        let lateness: Vec<u64> = [8, 4, 2, 1].map(|people| late(people, 30)).to_vec();
        assert!(lateness.is_sorted(), "seed {seed}: {lateness:?}");
        // 80 half hours are five days of one clerk, in five days: with one some are late who are not with two.
        assert!(lateness.last() > lateness.get(2), "seed {seed}: {lateness:?}");
        assert!(late(2, 60) >= late(2, 30), "seed {seed}");
    }
}

#[test]
fn arrivals_follow_weekday_weights() {
    let workflow = workflow(4 * 3_600, "office");
    let mondays = Demand { weekdays: [6, 1, 1, 1, 1, 9, 9], days: 20, ..demand(500, 15) };
    let report = run(&workflow, &mondays).unwrap();
    let row = report.bottleneck().unwrap();
    assert_eq!((row.weekday, row.stands_out), (Some(0), true), "{row:?}");
    assert!(row.late_permille >= 100 && row.longest > 30, "{row:?}");
    let alike = run(&workflow, &demand(20, 15)).unwrap();
    assert_eq!(alike.bottleneck(), None);
}

#[test]
fn hands_are_named_by_role_and_unit() {
    let workflow = workflow(7_200, "always");
    for (name, people) in [("clerk", 3), ("the-community", 3), ("clerk@the-community", 3), ("nobody", 1)] {
        let said = Said { people: Some(3), ..Said::default() };
        let demand = Demand { hands: BTreeMap::from([(name.to_string(), said)]), ..demand(4, 60) };
        assert_eq!(clerk(&at_once(&workflow, &demand)).people, people, "{name}");
    }
}

#[test]
fn one_more_person_adds_one_to_the_desk() {
    let workflow = workflow(7_200, "always");
    let demand = Demand { days: 1, ..demand(40, 60) };
    let report = at_once(&workflow, &demand);
    let more = demand.with_one_more(&workflow, clerk(&report));
    let then = at_once(&workflow, &more);
    assert_eq!(clerk(&then).people, 2);
    assert!(clerk(&then).late < clerk(&report).late);
}

#[test]
fn zero_weight_actions_never_run_leaving_cases_stuck() {
    let answer = ActionId::parse("answer").unwrap();
    let said = super::demand::Action { weight: Some(0), minutes: None };
    let demand = Demand { actions: BTreeMap::from([(answer, said)]), ..demand(3, 60) };
    let report = at_once(&workflow(7_200, "always"), &demand);
    let [stuck] = report.stuck.as_slice() else { unreachable!() };
    assert_eq!((stuck.cases, report.cases.stuck, report.cases.closed), (3, 3, 0));
    assert_eq!(stuck.states, [StateId::parse("asked").unwrap()]);
}

#[test]
fn limits_are_told_before_anything_is_simulated() {
    let workflow = workflow(7_200, "office");
    let too_many = super::demand::CASES_MOST + 1;
    assert_eq!(run(&workflow, &demand(too_many, 1)), Err(Fault::Cases(u64::from(too_many))));
    assert_eq!(run(&workflow, &demand(0, 1)), Err(Fault::Cases(0)));
    let sundays = Demand { weekdays: [0, 0, 0, 0, 0, 0, 1], ..demand(1, 1) };
    assert_eq!(run(&workflow, &sundays), Err(Fault::NoDays));
    let moon = CalendarId::parse("moon");
    let unknown = Demand { calendar: moon.clone(), ..demand(1, 1) };
    assert_eq!(run(&workflow, &unknown), Err(Fault::Calendar(moon.unwrap())));
    let chart = Workflow { kind: Kind::Chart, ..workflow };
    assert_eq!(run(&chart, &demand(1, 1)), Err(Fault::Chart));
}
