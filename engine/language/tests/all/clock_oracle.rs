//! A second clock: slow, obvious, and without a line in common with the first. Random lives of a
//! case are lived by the machine and told by the second clock, and both must say the same of every
//! clock after every step.
//!
//! `PAIDAN_CLOCK_ROUNDS=5000000 cargo test --release -p paidan-language second_clock -- --nocapture` for many.

use std::collections::{BTreeMap, BTreeSet};

use paidan_language::Library;
use paidan_machine::actor::Actor;
use paidan_machine::command::{Act, Ask, Command, Open};
use paidan_machine::fact::{AlarmKind, ClockKey, Verdict};
use paidan_machine::{Case, Law, decide};
use paidan_model::calendar::{Calendar, Day, Parts, Window};
use paidan_model::id::{ActionId, CalendarId, ClockId, UnitId};
use paidan_model::moment::{Date, Moment, Zone};
use paidan_model::roster::Post;
use serde_json::{Value as Json, json};

const DEFINITION: &str = include_str!("clock_oracle.toml");
const OFFICE: &str =
    "[calendars.office]\nzone = \"Asia/Shanghai\"\nweek = { mon-fri = [\"08:30-12:00\", \"14:00-17:30\"] }\n";
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// When a working day ends.
const CLOSE: i64 = 1_050 * MINUTE;
/// The windows of a working day.
const HOURS: [(i64, i64); 2] = [(510 * MINUTE, 12 * HOUR), (14 * HOUR, CLOSE)];
/// 23 November 2026, a Monday, in days since 1970.
const MONDAY: i64 = 20_780;

/// The clocks of the definition.
const CLOCKS: [&str; 6] = ["case", "redo", "share", "zeal", "by_day", "help"];

/// Days off besides Saturdays and Sundays.
type Off = BTreeSet<i64>;

fn works(off: &Off, day: i64) -> bool {
    (day + 3).rem_euclid(7) < 5 && !off.contains(&day)
}

/// What a clock counts towards.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Goal {
    Hours(i64),
    Real(i64),
    Working(i64),
    Calendar(i64),
    Date(i64),
}

/// One clock, in milliseconds of local time.
#[derive(Clone, Debug)]
struct Second {
    id: &'static str,
    began: i64,
    since: i64,
    goal: Goal,
    /// How much of how much was used before `since`.
    used: (i64, i64),
    stands: Vec<(i64, Option<i64>)>,
    grants: Vec<i64>,
    due: i64,
    late: bool,
    ended: Option<(i64, Verdict)>,
}

impl Second {
    fn still(&self) -> bool {
        self.stands.last().is_some_and(|(_, until)| until.is_none())
    }

    fn runs(&self) -> bool {
        self.ended.is_none() && !self.still()
    }

    /// The pieces of a day in which time counts: its windows, or all of it, without what stood
    /// still.
    fn pieces(&self, off: &Off, day: i64, hours: bool) -> Vec<(i64, i64)> {
        let windows: Vec<(i64, i64)> = match (hours, works(off, day)) {
            (true, true) => HOURS.to_vec(),
            (true, false) => Vec::new(),
            (false, _) => vec![(0, DAY)],
        };
        let mut pieces: Vec<(i64, i64)> =
            windows.iter().map(|(a, b)| (day * DAY + a, day * DAY + b)).collect();
        for (from, until) in self.stands.iter().filter_map(|(from, until)| Some((*from, (*until)?))) {
            let cut = |(a, b): (i64, i64)| [(a, b.min(from)), (a.max(until), b)];
            pieces = pieces.into_iter().flat_map(cut).filter(|(a, b)| a < b).collect();
        }
        pieces
    }

    fn consume(&self, off: &Off, from: i64, mut length: i64, hours: bool) -> i64 {
        for day in from.div_euclid(DAY).. {
            for (a, b) in self.pieces(off, day, hours) {
                let a = a.max(from);
                if b - a >= length && b > a {
                    return a + length;
                }
                length -= (b - a).max(0);
            }
        }
        unreachable!()
    }

    fn roll(off: &Off, day: i64) -> i64 {
        (day..).find(|day| works(off, *day)).unwrap() * DAY + CLOSE
    }

    /// So many days after the first, or a date, with so many days that were added.
    fn place(&self, off: &Off, added: i64) -> i64 {
        let first = self.since.div_euclid(DAY);
        let due = match self.goal {
            Goal::Working(days) => {
                let mut left = days + added;
                let day = (first + 1..).find(|day| {
                    left -= i64::from(works(off, *day));
                    left == 0
                });
                day.unwrap() * DAY + CLOSE
            }
            Goal::Calendar(days) => Self::roll(off, first + days + added),
            Goal::Date(day) => Self::roll(off, day + added),
            Goal::Hours(_) | Goal::Real(_) => unreachable!(),
        };
        due.max(self.since)
    }

    fn days(&self, off: &Off) -> i64 {
        let mut added = 0;
        for (from, until) in self.stands.iter().filter_map(|(from, until)| Some((*from, (*until)?))) {
            if until <= self.since {
                continue;
            }
            if from >= self.place(off, added) {
                break;
            }
            let from = from.max(self.since);
            for day in self.since.div_euclid(DAY) + 1..=until.div_euclid(DAY) {
                let windows: &[(i64, i64)] = match self.goal {
                    Goal::Working(_) if works(off, day) => &HOURS,
                    Goal::Working(_) => &[],
                    _ => &[(0, DAY)],
                };
                let whole: i64 = windows.iter().map(|(a, b)| b - a).sum();
                let overlap =
                    |(a, b): &(i64, i64)| ((day * DAY + b).min(until) - (day * DAY + a).max(from)).max(0);
                added += i64::from(windows.iter().map(overlap).sum::<i64>() * 2 > whole);
            }
        }
        self.place(off, added)
    }

    /// What is left of a length when the share that was used before is gone.
    fn rest(&self, length: i64) -> i64 {
        let (used, whole) = self.used;
        length - i64::try_from(i128::from(length) * i128::from(used) / i128::from(whole)).unwrap()
    }

    /// The share of its goal that is used, from the beginning until now.
    fn share(&self, off: &Off, now: i64) -> (i64, i64) {
        let (whole, hours) = match self.goal {
            Goal::Hours(length) => (length, true),
            Goal::Real(length) => (length, false),
            Goal::Working(_) | Goal::Calendar(_) | Goal::Date(_) => unreachable!(),
        };
        let days = self.since.div_euclid(DAY)..=now.div_euclid(DAY);
        let pieces = days.flat_map(|day| self.pieces(off, day, hours));
        let ran: i64 = pieces.map(|(a, b)| (b.min(now) - a.max(self.since)).max(0)).sum();
        (whole.min(whole - self.rest(whole) + ran), whole)
    }

    fn own(&self, off: &Off) -> i64 {
        let first = match self.goal {
            Goal::Hours(length) => self.consume(off, self.since, self.rest(length), true),
            Goal::Real(length) => self.consume(off, self.since, self.rest(length), false),
            Goal::Working(_) | Goal::Calendar(_) | Goal::Date(_) => self.days(off),
        };
        self.grants.iter().fold(first, |due, length| self.consume(off, due, *length, true))
    }
}

fn by_size(size: &str) -> Goal {
    match size {
        "small" => Goal::Hours(16 * HOUR),
        "large" => Goal::Hours(40 * HOUR),
        "real" => Goal::Real(72 * HOUR),
        "days" => Goal::Working(7),
        _ => Goal::Calendar(9),
    }
}

/// The limits of the clock that keeps the share that is used.
fn share_by_size(size: &str) -> Goal {
    match size {
        "days" => Goal::Hours(9 * HOUR),
        "week" => Goal::Real(25 * HOUR),
        size => by_size(size),
    }
}

/// All clocks of a case, as the second clock has them.
#[derive(Clone, Debug, Default)]
struct Told {
    off: Off,
    clocks: Vec<Second>,
    /// The pause is in force: what it names stands still, also what only now begins.
    paused: bool,
}

impl Told {
    fn last(&mut self, id: &str) -> Option<&mut Second> {
        self.clocks.iter_mut().rev().find(|clock| clock.id == id)
    }

    /// The latest moment that another clock allows.
    fn cap(&self, clock: &Second) -> i64 {
        let cap = self.clocks.iter().rev().find(|cap| cap.id == "case");
        let capped = matches!(clock.id, "zeal" | "help");
        let holds = |cap: &&Second| {
            (cap.ended.is_some() || cap.runs())
                && cap.due > clock.began
                && cap.ended.is_none_or(|(at, _)| at > clock.began)
        };
        cap.filter(|_| capped).filter(holds).map_or(i64::MAX, |cap| cap.due)
    }

    /// Everything that counts is computed again; who is late stays late, and nobody is late before
    /// it was said.
    fn compute(&mut self, now: i64) {
        for n in 0..self.clocks.len() {
            let clock = &self.clocks[n];
            if clock.runs() && !clock.late {
                let due = clock.own(&self.off).min(self.cap(clock));
                self.clocks[n].due = due.max(clock.due.min(now));
            }
        }
    }

    /// Clocks whose due moment has come are late.
    fn pass(&mut self, now: i64) {
        self.clocks.iter_mut().filter(|c| c.runs() && c.due <= now).for_each(|clock| clock.late = true);
    }

    fn start(&mut self, id: &'static str, now: i64, goal: Goal) {
        let (stands, grants) = (Vec::new(), Vec::new());
        let mut new = Second {
            id,
            began: now,
            since: now,
            goal,
            used: (0, 1),
            stands,
            grants,
            due: 0,
            late: false,
            ended: None,
        };
        new.due = new.own(&self.off).min(self.cap(&new));
        self.clocks.push(new);
    }

    fn stop(&mut self, id: &str, now: i64) {
        if let Some(clock) = self.last(id).filter(|clock| clock.ended.is_none()) {
            let at = clock.stands.last().filter(|(_, until)| until.is_none()).map_or(now, |(from, _)| *from);
            let late = clock.late || at > clock.due;
            clock.ended = Some((at, if late { Verdict::Late } else { Verdict::Met }));
        }
    }

    fn resize(&mut self, now: i64, size: &str) {
        let (goal, shared) = (by_size(size), share_by_size(size));
        if let Some(case) = self.last("case").filter(|c| c.ended.is_none() && !c.late) {
            case.goal = goal;
        }
        let redo = self.last("redo").filter(|c| c.ended.is_none() && !c.late && c.goal != goal);
        if let Some(redo) = redo {
            redo.ended = Some((now, Verdict::Void));
            self.start("redo", now, goal);
        }
        let off = self.off.clone();
        if let Some(share) = self.last("share").filter(|c| c.ended.is_none() && !c.late && c.goal != shared) {
            (share.used, share.since, share.goal) = (share.share(&off, now), now, shared);
        }
    }

    fn put_off(&mut self, now: i64, day: i64) {
        let goal = Goal::Date(day);
        if let Some(clock) = self.last("by_day").filter(|c| c.ended.is_none() && !c.late && c.goal != goal) {
            (clock.since, clock.goal) = (now, goal);
            clock.stands.retain(|(_, until)| until.is_none());
        }
    }

    fn pause(&mut self, now: i64) {
        self.paused = true;
        for id in ["case", "by_day"] {
            if let Some(clock) = self.last(id).filter(|clock| clock.runs()) {
                clock.stands.push((now, None));
            }
        }
    }

    fn go_on(&mut self, now: i64) {
        self.paused = false;
        for id in ["case", "by_day"] {
            if let Some(clock) = self.last(id).filter(|clock| clock.ended.is_none() && clock.still()) {
                clock.stands.last_mut().unwrap().1 = Some(now);
                // What is due while it stood still is due when it goes on.
                clock.due = if clock.late { clock.due } else { i64::MAX };
            }
        }
    }

    fn reopen(&mut self, now: i64) {
        if let Some(mut case) = self.last("case").filter(|clock| clock.ended.is_some()).cloned() {
            let (at, verdict) = case.ended.take().unwrap();
            case.late |= verdict == Verdict::Late;
            if !case.still() {
                case.stands.push((at, None));
            }
            case.stands.last_mut().unwrap().1 = Some(now);
            case.due = if case.late { case.due } else { i64::MAX };
            self.clocks.push(case);
        }
        self.start("zeal", now, Goal::Working(3));
    }
}

/// A source of chance that every run repeats.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % u64::try_from(most).unwrap()).unwrap()
    }
}

fn moment(local: i64) -> Moment {
    Moment::from_millis(local - 8 * HOUR)
}

fn date(day: i64) -> Date {
    Date::from_ymd_opt(1970, 1, 1).unwrap() + chrono::Days::new(u64::try_from(day).unwrap())
}

fn calendar(off: &Off) -> Calendar {
    let windows = vec![Window { open: 510, close: 720 }, Window { open: 840, close: 1_050 }];
    let parts = Parts {
        zone: Zone::SHANGHAI,
        week: (0..5).map(|day| (day, windows.clone())).collect(),
        off: off.iter().map(|day| Day(date(*day))).collect(),
        ..Parts::default()
    };
    Calendar::build(parts).unwrap()
}

/// The machine's case, with its rules.
struct First<'a> {
    agreed: &'a paidan_language::Agreed,
    calendars: BTreeMap<CalendarId, Calendar>,
    case: Option<Case>,
}

impl First<'_> {
    fn law(&self) -> Law<'_> {
        let paidan_language::Agreed { workflow, digest, .. } = self.agreed;
        Law::new(workflow, digest, &self.calendars, None).unwrap()
    }

    fn ask(&mut self, now: i64, actor: Actor, ask: Ask) -> bool {
        let command = Command { actor, ask };
        let decision = decide(&self.law(), self.case.as_ref(), &command, moment(now), &mut || [0; 32]);
        let done = decision.is_ok();
        if let Ok(decision) = decision {
            self.case = Some(decision.case);
        }
        done
    }

    /// Counting everything again finds nothing that the step before it left as it was.
    fn is_counted(&self, now: i64) -> bool {
        let recount = Command { actor: Actor::Engine, ask: Ask::Recount };
        let decision = decide(&self.law(), self.case.as_ref(), &recount, moment(now), &mut || [0; 32]);
        decision.is_ok_and(|decision| decision.drafts.is_empty())
    }

    fn open(&mut self, now: i64) {
        let levels = [("community".to_string().try_into().unwrap(), "river".to_string().try_into().unwrap())];
        let open = Open {
            stream: "case/1".into(),
            number: "1".into(),
            levels: levels.into(),
            fill: BTreeMap::new(),
            channel: "test".into(),
            code: None,
            parent: None,
            since: None,
        };
        assert!(self.ask(now, Actor::Engine, Ask::Open(open)));
    }

    fn act(&mut self, now: i64, post: &str, action: &str, fill: Json) -> bool {
        let subject = post.to_string();
        let post = Post::new(subject.clone().try_into().unwrap(), "river".to_string().try_into().unwrap());
        let actor = Actor::Person { subject, posts: vec![post], via: "test".into() };
        let act = Act {
            action: ActionId::parse(action).unwrap(),
            fill: serde_json::from_value(fill).unwrap(),
            reason: Some("because".into()),
            leg: None,
            seen: None,
        };
        self.ask(now, actor, Ask::Act(act))
    }
}

/// One life: what was done, for whoever has to look at a difference.
fn live(agreed: &paidan_language::Agreed, plain: &Calendar, dice: &mut Dice) -> Result<(), String> {
    let office: CalendarId = "office".to_string().try_into().unwrap();
    let calendars = BTreeMap::from([(office.clone(), plain.clone())]);
    let mut first = First { agreed, calendars, case: None };
    let mut told = Told::default();
    let mut now = MONDAY * DAY + dice.below(7 * DAY);
    let mut log = format!("opened at {}\n", moment(now).local_text(&Zone::SHANGHAI));
    let mut size = "small";
    first.open(now);
    let share = share_by_size(size);
    for (id, goal) in
        [("case", by_size(size)), ("redo", by_size(size)), ("share", share), ("zeal", Goal::Working(3))]
    {
        told.start(id, now, goal);
    }
    for _ in 0..9 {
        now += if dice.below(4) == 0 { 0 } else { dice.below(2 * DAY) };
        assert!(first.ask(now, Actor::Engine, Ask::Tick));
        told.pass(now);
        let what = step(&mut first, &mut told, &mut size, now, dice, &office);
        told.compute(now);
        log = format!("{log}{} {what}\n", moment(now).local_text(&Zone::SHANGHAI));
        compare(&first, &told).map_err(|difference| format!("{log}{difference}"))?;
        if !first.is_counted(now) {
            return Err(format!("{log}counting again moves something"));
        }
    }
    Ok(())
}

fn step(
    first: &mut First<'_>,
    told: &mut Told,
    size: &mut &'static str,
    now: i64,
    dice: &mut Dice,
    office: &CalendarId,
) -> String {
    let day = now.div_euclid(DAY) + dice.below(9);
    match dice.below(10) {
        0 | 1 => {
            let new = ["small", "large", "real", "days", "week"][usize::try_from(dice.below(5)).unwrap()];
            if first.act(now, "keeper", "resize", json!({ "size": new })) && new != *size {
                *size = new;
                told.resize(now, new);
            }
            format!("resize {new}")
        }
        2 => {
            if first.act(now, "keeper", "pause", json!({ "pause": "parts" })) {
                told.pause(now);
            }
            "pause".into()
        }
        3 | 4 => {
            if first.act(now, "keeper", "resume_clock", json!({ "pause": "parts" })) {
                told.go_on(now);
            }
            "resume".into()
        }
        5 => {
            first.act(now, "keeper", "extend", json!({ "clock": "case" }));
            if first.act(now, "boss", "approve_extension", json!({ "clock": "case" })) {
                told.last("case").unwrap().grants.push(4 * HOUR);
            }
            "extend".into()
        }
        6 => {
            let fill = json!({ "day": date(day).to_string() });
            if first.act(now, "keeper", "promise", fill.clone()) {
                told.stop("zeal", now);
                told.start("by_day", now, Goal::Date(day));
                if told.paused {
                    told.pause(now);
                }
            } else if first.act(now, "keeper", "put_off", fill) {
                told.put_off(now, day);
            }
            format!("promise {}", date(day))
        }
        7 => revise(first, told, now, dice, office),
        8 => {
            if first.act(now, "keeper", "call", json!({ "units": ["roads"], "who_leads": "roads" })) {
                told.stop("zeal", now);
                if told.last("help").is_none() {
                    told.start("help", now, Goal::Working(2));
                }
            }
            "call".into()
        }
        _ => close_or_reopen(first, told, now),
    }
}

/// The office has other days off from now on, and every due moment is computed again.
fn revise(first: &mut First<'_>, told: &mut Told, now: i64, dice: &mut Dice, office: &CalendarId) -> String {
    told.off = (0..dice.below(4)).map(|_| now.div_euclid(DAY) - 3 + dice.below(15)).collect();
    first.calendars.insert(office.clone(), calendar(&told.off));
    assert!(first.ask(now, Actor::Engine, Ask::Recount));
    format!("off {:?}", told.off.iter().map(|day| date(*day).to_string()).collect::<Vec<_>>())
}

fn close_or_reopen(first: &mut First<'_>, told: &mut Told, now: i64) -> String {
    if first.act(now, "keeper", "close", json!({})) {
        CLOCKS.iter().for_each(|id| told.stop(id, now));
        told.paused = false;
        return "close".into();
    }
    if first.act(now, "keeper", "reopen", json!({})) {
        told.reopen(now);
    }
    "reopen".into()
}

fn compare(first: &First<'_>, told: &Told) -> Result<(), String> {
    let case = first.case.as_ref().unwrap();
    for id in CLOCKS {
        let leg = if id == "help" { UnitId::parse("roads") } else { None };
        let key = ClockKey { clock: ClockId::parse(id).unwrap(), leg, claim: None };
        let second = told.clocks.iter().rev().find(|clock| clock.id == id);
        let (Some(held), Some(second)) = (case.clock(&key), second) else {
            if case.clock(&key).is_some() || second.is_some() {
                return Err(format!("`{id}` runs for one of both"));
            }
            continue;
        };
        let says =
            |at: Moment, late, verdict| format!("{} {late} {verdict:?}", at.rfc3339_in(&Zone::SHANGHAI));
        let (one, other) = (
            says(held.due, held.late, held.verdict),
            says(moment(second.due), second.late, second.ended.map(|(_, verdict)| verdict)),
        );
        // Of a clock that stands still the due moment is the one it had.
        if one != other {
            return Err(format!("`{id}`: the first says {one}, the second {other}; {second:?}"));
        }
        let armed =
            case.timers.armed.iter().find(|alarm| alarm.kind == AlarmKind::Breach { clock: key.clone() });
        let wanted = (second.runs() && !second.late).then(|| moment(second.due));
        if armed.map(|alarm| alarm.due) != wanted {
            return Err(format!("`{id}`: its breach is armed for {armed:?}, not {wanted:?}"));
        }
    }
    Ok(())
}

#[test]
fn second_clock_agrees_with_the_first() {
    let rounds = std::env::var("PAIDAN_CLOCK_ROUNDS").ok().and_then(|text| text.parse().ok());
    let (rounds, threads): (u64, u64) = (rounds.unwrap_or(100_000), 2);
    let mut library = Library::new();
    library.add("office.toml", OFFICE.to_string());
    library.add("pump.toml", DEFINITION.to_string());
    let checked = library.check();
    assert!(!checked.has_errors(), "{}", paidan_language::print::text(&checked, false));
    let agreed = checked.workflows.first().unwrap();
    let plain = calendar(&Off::new());
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (agreed, plain) = (&agreed, &plain);
            scope.spawn(move || {
                for n in 0..rounds / threads {
                    let seed = thread * 1_000_000_007 + n;
                    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
                    dice.below(2);
                    if let Err(difference) = live(agreed, plain, &mut dice) {
                        panic!("life {seed}: {difference}");
                    }
                }
            });
        }
    });
}
