//! Cases that begin by a schedule: one for each occurrence, whatever is killed or done twice.

use std::sync::atomic::Ordering;

use paidan_journal::verify::verify;
use paidan_journal::{Header, Memory, Store as _, Tenant};
use paidan_machine::actor::Actor;
use paidan_model::id::{StartId, WorkflowId};
use paidan_model::moment::{Moment, Zone};
use paidan_runtime::Starts;
use paidan_runtime::commands::Want;
use paidan_runtime::progress::StartKey;

use crate::town::{Town, town_of};

/// A walk that is due at nine, with the start's own lines after it.
fn walk(start: &str) -> String {
    format!(
        r#"
[workflow]
id = "walk"
version = 1
title = {{ zh = "巡查", en = "Walk" }}
calendar = "office"
start = "due"
who = ["boss"]
[roles]
keeper = {{ post = "keeper", of = "centre" }}
boss = {{ post = "boss", of = "centre" }}
[fields]
why = {{ type = "text", required = true, zh = "事由", en = "Why" }}
until = {{ type = "date", zh = "期限", en = "Until" }}
[states.due]
title = {{ zh = "待巡查", en = "Due" }}
who = ["keeper"]
on.walked = {{ go = "over" }}
[states.over]
title = {{ zh = "已巡查", en = "Walked" }}
outcome = "solved"
[clocks.due]
starts = "due"
limit = "2 real hours"
ladder = "up"
[ladders]
up = [{{ at = "breach", tell = ["boss"] }}]
[starts.daily]
{start}
fill = {{ why = "daily", until = {{ after = "2 calendar days" }} }}
"#
    )
}

const DAILY: &str = "every = \"day 09:00\"";

fn at(text: &str) -> Moment {
    Moment::parse_local(text, &Zone::SHANGHAI).unwrap()
}

/// An engine upon a store, with its starts.
struct Engine {
    town: Town,
    starts: Starts<crate::town::World>,
}

impl Engine {
    async fn new(definition: &str, store: Memory, now: &str) -> Self {
        let town = town_of(definition, store, at(now)).await;
        let starts = Starts::new(town.desk.clone());
        Self { town, starts }
    }

    /// Goes through the starts until nothing is left to open at this moment.
    async fn look(&mut self, now: &str) {
        self.town.world.clock.now.store(at(now).millis(), Ordering::SeqCst);
        for _ in 0..3 {
            let step = async { self.starts.step().await.unwrap() };
            let commits = async { while self.town.committer.step().await {} };
            tokio::select! { _ = step => {} () = commits => {} }
        }
    }
}

/// The planned moments of the cases that a start's stream names; each of them is there.
async fn opened(store: &Memory, stream: &str) -> Vec<String> {
    let mut found = Vec::new();
    for record in store.load(Tenant(0), stream, 0).await.unwrap() {
        let header = Header::read(&record.bytes).unwrap();
        if record.kind == "started" {
            let case = header.data["case"].as_str().unwrap();
            let head = store.head(Tenant(0), case).await.unwrap();
            assert!(head.is_some_and(|head| head.seq > 0), "{case}");
            let planned = Moment::from_millis(header.data["until"].as_i64().unwrap());
            found.push(planned.local_text(&Zone::SHANGHAI));
        }
    }
    found
}

async fn kinds(store: &Memory, stream: &str) -> Vec<String> {
    store.load(Tenant(0), stream, 0).await.unwrap().into_iter().map(|record| record.kind).collect()
}

async fn cases(store: &Memory) -> usize {
    let streams = store.streams(Tenant(0), "", 1_000).await.unwrap();
    streams.iter().filter(|stream| stream.starts_with("case/")).count()
}

/// Looks in on a town from the 9th to the 13th of November, twice a day.
async fn week(store: &Memory, from: u32) {
    let mut engine = Engine::new(&walk(DAILY), store.clone(), "2026-11-08 12:00").await;
    for day in from..=13 {
        engine.look(&format!("2026-11-{day:02} 09:00")).await;
        engine.look(&format!("2026-11-{day:02} 15:00")).await;
    }
}

#[tokio::test]
async fn each_occurrence_opens_one_case_with_its_form() {
    let store = Memory::new();
    week(&store, 8).await;
    let days: Vec<String> = (9..=13).map(|day| format!("2026-11-{day:02} 09:00")).collect();
    assert_eq!(opened(&store, "start/walk/daily").await, days);
    assert_eq!(cases(&store).await, 5);
    let engine = Engine::new(&walk(DAILY), store.clone(), "2026-11-13 16:00").await;
    let streams = store.streams(Tenant(0), "", 1_000).await.unwrap();
    let first = streams.iter().find(|stream| stream.starts_with("case/")).unwrap();
    let case = engine.town.desk.queries.case(first).await.unwrap().unwrap();
    let field = |id: &str| serde_json::to_string(&case.form.fields[id]).unwrap();
    assert!(field("until").contains("2026-11-11"), "{}", field("until"));
    assert!(field("why").contains("sealed"), "the text is in the vault");
    assert_eq!(case.filing.channel, "schedule");
    assert_eq!(verify(&store, Tenant(0)).await.unwrap().broken, vec![]);
}

#[tokio::test]
async fn killed_after_any_append_each_opens_once() {
    let whole = Memory::recording();
    week(&whole, 8).await;
    let appends = whole.appended();
    assert!(appends.len() > 6);
    for written in 0..=appends.len() {
        let store = Memory::new();
        store.append(Tenant(0), appends[..written].to_vec()).await;
        // The day on which it was killed is gone through again from its morning.
        let done = opened(&store, "start/walk/daily").await;
        let from = 8 + u32::try_from(done.len()).unwrap();
        week(&store, from).await;
        let opened = opened(&store, "start/walk/daily").await;
        assert_eq!(opened.len(), 5, "killed after {written} appends");
        assert_eq!(cases(&store).await, 5, "killed after {written} appends");
    }
}

#[tokio::test]
async fn a_second_attempt_finds_the_first() {
    let store = Memory::new();
    let mut engine = Engine::new(&walk(DAILY), store.clone(), "2026-11-08 12:00").await;
    engine.look("2026-11-08 12:00").await;
    let key = StartKey {
        workflow: WorkflowId::parse("walk").unwrap(),
        start: StartId::parse("daily").unwrap(),
        unit: None,
    };
    let planned = at("2026-11-09 09:00");
    engine.town.world.clock.now.store(planned.millis(), Ordering::SeqCst);
    let desk = engine.town.desk.clone();
    let ask = || desk.commands.ask(Actor::Engine, Want::Start { key: key.clone(), planned }, None);
    // Both are decided before either is written, then again after.
    let (first, second, _) = tokio::join!(ask(), ask(), engine.town.committer.step());
    assert!(first.unwrap().seq > 0 && second.unwrap().stream.is_empty());
    let (third, _) = tokio::join!(ask(), engine.town.committer.step());
    assert!(third.unwrap().stream.is_empty());
    assert_eq!(cases(&store).await, 1);
    let never = Want::Start { key: key.clone(), planned: at("2026-11-09 10:00") };
    let ask = desk.commands.ask(Actor::Engine, never, None);
    let (answer, _) = tokio::join!(ask, engine.town.committer.step());
    assert!(answer.unwrap().stream.is_empty(), "no occurrence is planned for ten");
}

#[tokio::test]
async fn two_engines_upon_one_store_open_each_once() {
    let store = Memory::new();
    let mut one = Engine::new(&walk(DAILY), store.clone(), "2026-11-08 12:00").await;
    let mut other = Engine::new(&walk(DAILY), store.clone(), "2026-11-08 12:00").await;
    for day in 8..=13 {
        let now = format!("2026-11-{day:02} 09:00");
        tokio::join!(one.look(&now), other.look(&now));
    }
    assert_eq!((opened(&store, "start/walk/daily").await.len(), cases(&store).await), (5, 5));
}

#[tokio::test]
async fn downtime_is_made_up_for_as_declared() {
    let policies = [("\"none\"", 0), ("\"once\"", 1), ("{ all = 3 }", 3), ("{ all = 30 }", 5)];
    for (missed, wanted) in policies {
        let store = Memory::new();
        let definition = walk(&format!("{DAILY}\nmissed = {missed}"));
        let mut first = Engine::new(&definition, store.clone(), "2026-11-08 12:00").await;
        first.look("2026-11-08 12:00").await;
        let mut later = Engine::new(&definition, store.clone(), "2026-11-13 15:00").await;
        later.look("2026-11-13 15:00").await;
        assert_eq!(cases(&store).await, wanted, "{missed}");
        later.look("2026-11-14 09:00").await;
        assert_eq!(cases(&store).await, wanted + 1, "{missed}: what comes on time is opened");
    }
}

#[tokio::test]
async fn days_off_follow_the_calendar_in_force() {
    let store = Memory::new();
    let definition = walk("cron = \"0 9 1 * *\"\ndays_off = \"after\"");
    let mut engine = Engine::new(&definition, store.clone(), "2026-09-30 12:00").await;
    engine.look("2026-09-30 12:00").await;
    engine.look("2026-10-07 17:00").await;
    assert_eq!(cases(&store).await, 0);
    engine.look("2026-10-08 09:00").await;
    assert_eq!(opened(&store, "start/walk/daily").await, ["2026-10-01 09:00"]);
}

#[tokio::test]
async fn a_refused_occurrence_is_noted() {
    let store = Memory::new();
    let definition = walk(DAILY).replace("why = \"daily\"", "why = \" \"");
    let mut engine = Engine::new(&definition, store.clone(), "2026-11-08 12:00").await;
    engine.look("2026-11-08 12:00").await;
    engine.look("2026-11-09 09:00").await;
    engine.look("2026-11-10 09:00").await;
    assert_eq!(kinds(&store, "start/walk/daily").await, ["scheduled", "refused", "refused"]);
    assert_eq!(cases(&store).await, 0);
}

#[tokio::test]
async fn another_rule_is_watched_from_then_on() {
    let store = Memory::new();
    let mut first = Engine::new(&walk(DAILY), store.clone(), "2026-11-01 12:00").await;
    first.look("2026-11-01 12:00").await;
    let definition =
        walk("every = \"day 10:00\"\nmissed = { all = 30 }").replace("version = 1", "version = 2");
    let mut engine = Engine::new(&definition, store.clone(), "2026-11-08 12:00").await;
    engine.look("2026-11-08 12:00").await;
    engine.look("2026-11-09 10:00").await;
    assert_eq!(opened(&store, "start/walk/daily").await, ["2026-11-09 10:00"]);
}

#[tokio::test]
async fn each_unit_has_its_own_case() {
    let store = Memory::new();
    let definition = walk(&format!("{DAILY}\nunit = \"centre\""));
    let mut engine = Engine::new(&definition, store.clone(), "2026-11-08 12:00").await;
    engine.look("2026-11-08 12:00").await;
    engine.look("2026-11-09 09:00").await;
    assert_eq!(opened(&store, "start/walk/daily/centre").await, ["2026-11-09 09:00"]);
    assert_eq!(cases(&store).await, 1);
}
