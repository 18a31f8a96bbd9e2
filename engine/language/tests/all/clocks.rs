//! Due moments that follow what they depend on: caps, classes, fields, pauses, grants, calendars,
//! reopening.

use std::collections::BTreeMap;

use paidan_foresight::{Coverage, run};
use paidan_language::{Checked, Library};
use paidan_machine::actor::Actor;
use paidan_machine::command::{Act, Ask, Command, Open};
use paidan_machine::fact::{AlarmKind, ClockKey, Fact, MessageFact, Verdict};
use paidan_machine::{Case, Law, decide};
use paidan_model::calendar::Calendar;
use paidan_model::id::{ActionId, CalendarId, ClockId, UnitId};
use paidan_model::moment::{Moment, Zone};
use paidan_model::roster::Post;
use serde_json::{Value as Json, json};

const CALENDARS: &str = r#"[calendars.office]
zone = "Asia/Shanghai"
week = { mon-fri = ["08:30-12:00", "14:00-17:30"] }
known_until = "2026-12-31"
"#;

const PUMP: &str = r#"[workflow]
id = "pump"
version = 1
title = { zh = "水泵", en = "Pump" }
calendar = "office"
ladder = "up"
start = "open"
[roles]
keeper = { post = "keeper", of = "community" }
boss = { post = "boss", of = "community" }
[fields]
size = { type = "choice", choices = ["small", "large", "real"], default = "small", zh = "大小", en = "Size" }
day = { type = "date", zh = "日", en = "Day" }
time = { type = "moment", zh = "时", en = "Time" }
[states.open]
title = { zh = "在办", en = "Open" }
start = "asked"
who = ["keeper"]
on.close = { go = "done" }
on.resize = { fill = ["size"] }
[states.asked]
title = { zh = "待办", en = "Asked" }
in = "open"
on.promise = { go = "promised", fill = ["day"] }
on.appoint = { go = "appointed", fill = ["time"] }
[states.promised]
title = { zh = "已约", en = "Promised" }
in = "open"
on.put_off = { fill = ["day"] }
[states.appointed]
title = { zh = "已定", en = "Appointed" }
in = "open"
after = [{ time = "time", go = "missed" }]
on.reappoint = { fill = ["time"] }
[states.missed]
title = { zh = "错过", en = "Missed" }
outcome = "unverified"
[states.done]
title = { zh = "办结", en = "Done" }
outcome = "solved"
reopen = { who = ["keeper"], within = "30 calendar days", go = "asked", reason = true }
[ladders]
up = [{ at = "75%", tell = ["keeper"] }, { at = "breach", tell = ["boss"] }, { at = "breach + 1 business day", tell = ["boss"] }]
[actions]
close = { zh = "办结", en = "Close" }
resize = { zh = "改", en = "Resize" }
promise = { zh = "约", en = "Promise" }
appoint = { zh = "定", en = "Appoint" }
put_off = { zh = "改约", en = "Put off" }
reappoint = { zh = "改定", en = "Appoint anew" }
[pauses.parts]
title = { zh = "等配件", en = "Parts" }
who = ["keeper"]
scope = "case"
max = "60 calendar days"
times = 9
"#;

fn checked(definition: &str) -> Checked {
    let mut library = Library::new();
    library.add("office.toml", CALENDARS.to_string());
    library.add("pump.toml", definition.to_string());
    let checked = library.check();
    assert!(!checked.has_errors(), "{}", paidan_language::print::text(&checked, false));
    checked
}

/// Plays steps of a pump with these clocks, from a Monday at nine.
fn plays(clocks: &str, steps: &str) {
    let script = "[[tests]]\nname = \"it\"\ngiven = {}\nat = \"2026-11-23 09:00\"\nsteps = [";
    let checked = checked(&format!("{PUMP}{clocks}\n{script}\n{steps}\n]\n"));
    let agreed = checked.workflows.first().unwrap();
    let script = agreed.scripts.first().unwrap();
    let (workflow, digest) = agreed.form_of(script);
    let verdict = run(workflow, digest, &checked.calendars, script, &mut Coverage::default()).unwrap();
    assert_eq!(verdict.failure, None);
}

const CAPPED: &str = r#"
[clocks.case]
scope = "case"
starts = "intake"
limit = "8 business hours"
pauses = ["parts"]
extend = { who = ["keeper"], approve = ["boss"], times = 2, step = "4 business hours" }
[clocks.zeal]
starts = "asked"
limit = "3 business days"
capped_by = "case"
[clocks.answer]
starts = "asked"
limit = "5 business days"
capped_by = "zeal"
"#;

#[test]
fn caps_hold_whatever_ids_sort_first() {
    plays(
        CAPPED,
        r#"
  { see = { due = "zeal", at = "2026-11-24 10:00" } },
  { see = { due = "answer", at = "2026-11-24 10:00" } },"#,
    );
}

#[test]
fn extended_caps_move_every_capped_clock() {
    plays(
        CAPPED,
        r#"
  { do = "extend", who = "keeper", fill = { clock = "case" }, reason = "needs time" },
  { do = "approve_extension", who = "boss", fill = { clock = "case" } },
  { see = { due = "case", at = "2026-11-24 16:00" } },
  { see = { due = "zeal", at = "2026-11-24 16:00" } },
  { see = { due = "answer", at = "2026-11-24 16:00" } },"#,
    );
}

#[test]
fn caps_that_stand_still_do_not_hold() {
    plays(
        CAPPED,
        r#"
  { do = "pause", who = "keeper", fill = { pause = "parts" } },
  { wait = "until 2026-11-25 09:00" },
  { see = { due = "zeal", at = "2026-11-26 17:30" } },
  { do = "resume_clock", who = "keeper", fill = { pause = "parts" } },
  { see = { due = "case", at = "2026-11-26 10:00" } },
  { see = { due = "zeal", at = "2026-11-26 10:00" } },"#,
    );
}

fn by_size(limits: &str, more: &str) -> String {
    format!(
        "[clocks.case]\nscope = \"case\"\nstarts = \"intake\"\nlimit = {{ per = \"size\", {limits} }}\n{more}\n"
    )
}

#[test]
fn shorter_classes_shorten_capped_clocks() {
    let clocks =
        by_size(r#"small = "16 business hours", large = "8 business hours", real = "1 real hour""#, "")
            + "[clocks.zeal]\nstarts = \"asked\"\nlimit = \"3 business days\"\ncapped_by = \"case\"\n";
    plays(
        &clocks,
        r#"
  { wait = "until 2026-11-23 09:30" },
  { do = "resize", who = "keeper", fill = { size = "large" } },
  { see = { due = "case", at = "2026-11-24 10:00" } },
  { see = { due = "zeal", at = "2026-11-24 10:00" } },"#,
    );
}

#[test]
fn used_time_is_carried_into_other_units() {
    let clocks = by_size(
        r#"small = "5 business days", large = "9 business days", real = "24 real hours""#,
        "pauses = [\"parts\"]",
    );
    plays(
        &clocks,
        r#"
  { wait = "until 2026-11-24 09:00" },
  { do = "pause", who = "keeper", fill = { pause = "parts" } },
  { wait = "until 2026-11-25 09:00" },
  { do = "resume_clock", who = "keeper", fill = { pause = "parts" } },
  { wait = "until 2026-11-25 10:00" },
  { do = "resize", who = "keeper", fill = { size = "real" } },
  { see = { due = "case", at = "2026-11-25 10:00" } },"#,
    );
}

#[test]
fn classes_changed_at_the_start_count() {
    let clocks =
        by_size(r#"small = "8 business hours", large = "16 business hours", real = "1 real hour""#, "");
    plays(
        &clocks,
        r#"
  { do = "resize", who = "keeper", fill = { size = "large" } },
  { see = { due = "case", at = "2026-11-25 11:00" } },"#,
    );
}

#[test]
fn late_clocks_stay_late_when_restarted() {
    let clocks = by_size(
        r#"small = "1 business hour", large = "40 business hours", real = "1 real hour""#,
        "carry = \"restart\"",
    );
    plays(
        &clocks,
        r#"
  { wait = "until 2026-11-23 10:30" },
  { see = { late = "case" } },
  { do = "resize", who = "keeper", fill = { size = "large" } },
  { see = { late = "case" } },
  { wait = "until 2026-11-24 10:30" },
  { see = { told = "boss" } },"#,
    );
}

const BY_DAY: &str = r#"
[clocks.by_day]
starts = "promised"
limit = "day"
pauses = ["parts"]
[clocks.whole]
scope = "case"
starts = "intake"
limit = "30 business days"
"#;

#[test]
fn dates_on_days_off_roll_forward() {
    plays(
        BY_DAY,
        r#"
  { do = "promise", who = "keeper", fill = { day = "2026-11-29" } },
  { see = { due = "by_day", at = "2026-11-30 17:30" } },"#,
    );
}

#[test]
fn dates_paused_overnight_stay_in_office_hours() {
    plays(
        BY_DAY,
        r#"
  { do = "promise", who = "keeper", fill = { day = "2026-11-27" } },
  { do = "pause", who = "keeper", fill = { pause = "parts" } },
  { wait = "until 2026-11-24 15:00" },
  { do = "resume_clock", who = "keeper", fill = { pause = "parts" } },
  { see = { due = "by_day", at = "2026-11-30 17:30" } },"#,
    );
}

#[test]
fn dates_put_off_move_clocks() {
    plays(
        BY_DAY,
        r#"
  { do = "promise", who = "keeper", fill = { day = "2026-11-27" } },
  { wait = "1 real hour" },
  { do = "put_off", who = "keeper", fill = { day = "2026-12-02" } },
  { see = { due = "by_day", at = "2026-12-02 17:30" } },"#,
    );
}

#[test]
fn appointments_put_off_move_timers() {
    plays(
        BY_DAY,
        r#"
  { do = "appoint", who = "keeper", fill = { time = "2026-11-24T10:00:00+08:00" } },
  { wait = "1 real hour" },
  { do = "reappoint", who = "keeper", fill = { time = "2026-11-26T10:00:00+08:00" } },
  { wait = "until 2026-11-25 10:00" },
  { in = ["appointed"] },
  { wait = "until 2026-11-26 10:00" },
  { in = ["missed"] },"#,
    );
}

const PROMISE: &str = r#"
[clocks.promise]
scope = "case"
counts_for = "public"
starts = "intake"
stops = "done"
limit = "8 real hours"
calendar = "always"
holder = ["keeper"]
"#;

#[test]
fn reopened_promises_go_on_from_what_was_left() {
    plays(
        PROMISE,
        r#"
  { wait = "1 real hour" },
  { do = "close", who = "keeper" },
  { wait = "24 real hours" },
  { do = "reopen", who = "keeper", reason = "again" },
  { see = { due = "promise", at = "2026-11-24 17:00" } },
  { wait = "8 real hours" },
  { see = { late = "promise" } },
  { see = { told = "boss" } },"#,
    );
}

#[test]
fn pausing_on_the_first_day_adds_none() {
    let clocks = "[clocks.case]\nscope = \"case\"\nstarts = \"intake\"\nlimit = \"5 business days\"\npauses = [\"parts\"]\n";
    plays(
        clocks,
        r#"
  { wait = "until 2026-11-23 09:30" },
  { do = "pause", who = "keeper", fill = { pause = "parts" } },
  { wait = "until 2026-11-23 17:00" },
  { do = "resume_clock", who = "keeper", fill = { pause = "parts" } },
  { see = { due = "case", at = "2026-11-30 17:30" } },"#,
    );
}

/// One case, lived by hand, so that the calendar may change in between.
struct Life {
    checked: Checked,
    calendars: BTreeMap<CalendarId, Calendar>,
    now: Moment,
    case: Option<Case>,
    facts: Vec<Fact>,
}

fn at(text: &str) -> Moment {
    Moment::parse_local(text, &Zone::SHANGHAI).unwrap()
}

impl Life {
    fn begin(clocks: &str, now: &str) -> Self {
        let checked = checked(&format!("{PUMP}{clocks}"));
        let calendars = checked.calendars.clone();
        let mut life = Self { checked, calendars, now: at(now), case: None, facts: Vec::new() };
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
        life.ask(Actor::Engine, Ask::Open(open));
        life
    }

    fn ask(&mut self, actor: Actor, ask: Ask) {
        let agreed = self.checked.workflows.first().unwrap();
        let law = Law::new(&agreed.workflow, &agreed.digest, &self.calendars, None).unwrap();
        let decision =
            decide(&law, self.case.as_ref(), &Command { actor, ask }, self.now, &mut || [0; 32]).unwrap();
        self.facts.extend(decision.drafts.into_iter().flat_map(|draft| draft.facts));
        self.case = Some(decision.case);
    }

    fn act(&mut self, post: &str, action: &str, fill: Json) {
        let subject = post.to_string();
        let post = Post::new(subject.clone().try_into().unwrap(), "river".to_string().try_into().unwrap());
        let actor = Actor::Person { subject, posts: vec![post], via: "test".into() };
        let act = Act {
            action: ActionId::parse(action).unwrap(),
            fill: serde_json::from_value(fill).unwrap(),
            reason: Some("because".into()),
            leg: None::<UnitId>,
            seen: None,
        };
        self.ask(actor, Ask::Act(act));
    }

    fn wait(&mut self, until: &str) {
        self.now = at(until);
        self.ask(Actor::Engine, Ask::Tick);
    }

    /// The calendar changes: the office has other lines; every case is counted again.
    fn revise(&mut self, lines: &str) {
        let mut library = Library::new();
        library.add("office.toml", CALENDARS.replacen("known_until = \"2026-12-31\"\n", lines, 1));
        self.calendars = library.check().calendars;
        self.ask(Actor::Engine, Ask::Recount);
    }

    fn clock(&self, id: &str) -> &paidan_machine::case::clock::Clock {
        let key = ClockKey { clock: ClockId::parse(id).unwrap(), leg: None, claim: None };
        self.case.as_ref().unwrap().clock(&key).unwrap()
    }

    fn due(&self, id: &str) -> String {
        self.clock(id).due.local_text(&Zone::SHANGHAI)
    }

    fn timer(&self, which: impl Fn(&AlarmKind) -> bool) -> String {
        let armed = &self.case.as_ref().unwrap().timers.armed;
        armed.iter().find(|alarm| which(&alarm.kind)).unwrap().due.local_text(&Zone::SHANGHAI)
    }

    fn times_told(&self, notice: &str) -> usize {
        let is = |fact: &&Fact| matches!(fact, Fact::Message(MessageFact::Told { notice: id, .. }) if id.as_str() == notice);
        self.facts.iter().filter(is).count()
    }
}

const FIVE: &str = r#"
[clocks.case]
scope = "case"
counts_for = "public"
starts = "intake"
limit = "5 business days"
pauses = ["parts"]
extend = { who = ["keeper"], approve = ["boss"], times = 2, step = "4 business hours" }
"#;

#[test]
fn extended_clocks_follow_a_changed_calendar() {
    let mut life = Life::begin(FIVE, "2026-11-23 09:00");
    life.act("keeper", "extend", json!({ "clock": "case" }));
    life.act("boss", "approve_extension", json!({ "clock": "case" }));
    assert_eq!(life.due("case"), "2026-12-01 14:30");
    let rung = |kind: &AlarmKind| matches!(kind, AlarmKind::Rung { rung: 2, .. });
    assert_eq!(life.timer(rung), "2026-12-02 17:30");
    life.revise("off = [\"2026-11-26\", \"2026-12-02\"]\n");
    assert_eq!(life.due("case"), "2026-12-03 14:30");
    assert_eq!(life.timer(rung), "2026-12-04 17:30");
}

#[test]
fn rungs_of_late_clocks_follow_a_changed_calendar() {
    let mut life = Life::begin(FIVE, "2026-11-23 09:00");
    life.wait("2026-11-30 18:00");
    assert!(life.clock("case").late);
    let rung = |kind: &AlarmKind| matches!(kind, AlarmKind::Rung { rung: 2, .. });
    assert_eq!(life.timer(rung), "2026-12-01 17:30");
    life.revise("off = [\"2026-12-01\"]\n");
    assert_eq!(life.timer(rung), "2026-12-02 17:30");
    assert_eq!((life.due("case").as_str(), life.clock("case").late), ("2026-11-30 17:30", true));
}

#[test]
fn pause_ends_follow_a_changed_calendar() {
    let mut life = Life::begin(FIVE, "2026-11-23 09:00");
    life.act("keeper", "pause", json!({ "pause": "parts" }));
    let end = |kind: &AlarmKind| matches!(kind, AlarmKind::PauseEnd { .. });
    assert_eq!(life.timer(end), "2027-01-22 17:30");
    life.revise("off = [\"2027-01-22\"]\n");
    assert_eq!(life.timer(end), "2027-01-25 17:30");
}

#[test]
fn moved_promises_are_told_once() {
    let mut life = Life::begin(FIVE, "2026-11-23 09:00");
    life.revise("off = [\"2026-11-26\"]\n");
    assert_eq!((life.due("case").as_str(), life.times_told("rescheduled")), ("2026-12-01 17:30", 1));
    let facts = life.facts.len();
    life.ask(Actor::Engine, Ask::Recount);
    assert_eq!(life.facts.len(), facts);
}

#[test]
fn provisional_follows_the_calendar() {
    let mut life = Life::begin(FIVE, "2026-12-29 09:00");
    assert!(life.clock("case").provisional);
    life.act("keeper", "pause", json!({ "pause": "parts" }));
    life.wait("2026-12-30 09:00");
    life.act("keeper", "resume_clock", json!({ "pause": "parts" }));
    assert!(life.clock("case").provisional, "still beyond what is known");
    let due = life.due("case");
    life.revise("known_until = \"2027-12-31\"\n");
    assert_eq!((life.due("case"), life.clock("case").provisional), (due, false));
}

#[test]
fn reopened_clocks_keep_the_old_verdict() {
    let mut life = Life::begin(PROMISE, "2026-11-23 09:00");
    life.wait("2026-11-23 10:00");
    life.act("keeper", "close", json!({}));
    life.wait("2026-11-24 10:00");
    life.act("keeper", "reopen", json!({}));
    let clocks = &life.case.as_ref().unwrap().clocks.all;
    let verdicts: Vec<Option<Verdict>> = clocks.iter().map(|clock| clock.verdict).collect();
    assert_eq!(verdicts, [Some(Verdict::Met), None]);
}
