//! Stand-ins: while somebody is away a colleague does what is theirs, the history says for whom, and both are told.

use crate::town::{self, Ask, Town};
use serde_json::{Value as Json, json};

const AWAY: &str = "secretary-hailing";
const DEPUTY: &str = "lead-hailing";

async fn order(town: &Town) -> String {
    let fields =
        json!({ "reporter": "resident-2", "place": "gate-3", "category": "drain", "summary": "blocked" });
    let open = Ask::post("/v1/cases", &json!({ "workflow": "resident-order", "fields": fields }));
    let opened = town.ask(&open).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    opened.json()["id"].as_str().unwrap().to_string()
}

fn triage(case: &str, who: &'static str) -> Ask {
    let body = json!({ "fields": { "order_type": "repair", "class": "normal" } });
    Ask { who, ..Ask::post(&format!("/v1/cases/{case}/actions/triage"), &body) }
}

fn away(who: &'static str, body: &Json) -> Ask {
    Ask { who, key: None, ..Ask::post("/v1/absences", body) }
}

async fn told(town: &Town, case: &str) -> Vec<String> {
    let letters = town.desk.queries.letters(None, 200).await.unwrap();
    let of_case = letters.iter().filter(|posted| posted.letter.stream.ends_with(case));
    let mut people: Vec<String> = of_case
        .filter_map(|posted| serde_json::from_str::<Json>(&posted.letter.body).ok())
        .filter_map(|body| body.pointer("/tell/person").and_then(Json::as_str).map(String::from))
        .collect();
    people.sort();
    people.dedup();
    people
}

#[tokio::test]
async fn stand_ins_act_for_the_absent_on_record() {
    let town = Town::new().await;
    let before = order(&town).await;
    let refused = town.ask(&triage(&before, DEPUTY)).await;
    assert_eq!(refused.code(), "R1002", "not theirs: {}", refused.text);
    assert!(!told(&town, &before).await.contains(&DEPUTY.to_string()));
    let set = away(AWAY, &json!({ "deputy": DEPUTY, "until": "2026-10-09T09:00:00+08:00" }));
    let set = town.ask(&set).await;
    assert_eq!(set.status, 200, "{}", set.text);
    let case = order(&town).await;
    let told = told(&town, &case).await;
    assert!(told.contains(&AWAY.to_string()) && told.contains(&DEPUTY.to_string()), "both: {told:?}");
    let inbox = town.ask(&Ask { who: DEPUTY, ..Ask::get("/v1/inbox") }).await.text;
    assert!(inbox.contains(&case), "{inbox}");
    let done = town.ask(&triage(&case, DEPUTY)).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let events = town.ask(&Ask { who: DEPUTY, ..Ask::get(&format!("/v1/cases/{case}/events")) }).await.json();
    let by = events["items"].as_array().unwrap().last().unwrap()["by"]["person"].clone();
    assert_eq!(by["instead_of"], AWAY, "{by}");
    assert_eq!((by["subject"].as_str(), by["post"].as_str()), (Some(DEPUTY), Some("community-dispatcher")));
    let page = town.ask(&Ask { who: AWAY, ..Ask::get(&format!("/case/{case}")) }).await.text;
    assert!(page.contains("（代 海陵社区书记）"), "{page}");
    let back = Ask { method: "DELETE", who: AWAY, ..Ask::get(&format!("/v1/absences/{AWAY}")) };
    assert_eq!(town.ask(&back).await.status, 204);
    assert_eq!(town.ask(&back).await.status, 404, "back already");
    assert_eq!(town.ask(&triage(&before, DEPUTY)).await.code(), "R1002", "theirs no longer");
    let records = town.desk.world.store();
    let head = paidan_journal::Store::head(records, town.desk.tenant, "document/absences").await.unwrap();
    assert_eq!(head.unwrap().seq, 2, "going and coming back are in the history");
}

trait StoreOf {
    fn store(&self) -> &paidan_journal::Memory;
}

impl StoreOf for town::World {
    fn store(&self) -> &paidan_journal::Memory {
        &self.store
    }
}

#[tokio::test]
async fn only_eligible_stand_ins_and_only_for_oneself() {
    let town = Town::at(paidan_http::Door::Accounts).await;
    let mut keys = Vec::new();
    for (subject, admin) in [(AWAY, false), (DEPUTY, false), ("liaison-fire", true)] {
        town.desk.accounts.put_user(subject, subject, "correct-horse-battery", admin).await.unwrap();
        keys.push(format!(
            "Bearer {}",
            town.desk.accounts.make_key(subject, "t", false, 1_000_000).await.unwrap().1
        ));
    }
    let ask = |key: usize, body: Json| away("", &body).with("authorization", &keys[key]);
    let until = "2026-10-09T09:00:00+08:00";
    let rows = [
        ("a stranger", 0, json!({ "deputy": "liaison-fire", "until": until }), "R2019"),
        ("whoever watches over others", 0, json!({ "deputy": "auditor", "until": until }), "R2019"),
        ("oneself", 0, json!({ "deputy": AWAY, "until": until }), "R2019"),
        ("nobody", 0, json!({ "deputy": "no-such", "until": until }), "R2019"),
        ("over already", 0, json!({ "deputy": DEPUTY, "until": "2026-09-01T09:00:00+08:00" }), "R2019"),
        ("for ever", 0, json!({ "deputy": DEPUTY, "until": "2028-09-01T09:00:00+08:00" }), "R2019"),
        ("no time", 0, json!({ "deputy": DEPUTY, "until": "tomorrow" }), "R2001"),
        ("somebody else's", 1, json!({ "person": AWAY, "deputy": DEPUTY, "until": until }), "R2005"),
        ("an administrator", 2, json!({ "person": AWAY, "deputy": DEPUTY, "until": until }), ""),
    ];
    for (what, key, body, code) in rows {
        let answer = town.ask(&ask(key, body)).await;
        assert_eq!(answer.code(), code, "{what}: {}", answer.text);
    }
    let list = |key: usize| Ask::get("/v1/absences").with("authorization", &keys[key]);
    let mine = town.ask(&list(1)).await.json();
    assert_eq!(mine["items"][0]["person"], AWAY, "whoever stands in knows of it");
    // What one only stands in for is not handed on.
    let on = town.ask(&ask(1, json!({ "deputy": "member-jinchen", "until": until }))).await;
    assert_eq!(on.code(), "R2019");
}

#[tokio::test]
async fn absences_written_at_the_same_moment_all_hold() {
    let town = Town::new().await;
    let secretaries = ["hailing", "xingye", "changqing", "qiping", "zhonglou", "guangchang", "chengzhong"];
    let asks = secretaries.iter().map(|community| {
        let who: &'static str = format!("secretary-{community}").leak();
        let body = json!({ "deputy": format!("lead-{community}"), "until": "2026-10-09T09:00:00+08:00" });
        town_ask(&town, away(who, &body))
    });
    let done = futures_util::future::join_all(asks).await;
    assert!(done.iter().all(|status| *status == 200), "{done:?}");
    assert_eq!(town.desk.shelf.now().absences.len(), secretaries.len(), "none was lost");
    // What the store says is what is in force, also for an engine that starts anew.
    let again = paidan_runtime::Shelf::default();
    again.load(town.desk.store()).await.unwrap();
    assert_eq!(again.now().absences, town.desk.shelf.now().absences);
}

async fn town_ask(town: &Town, ask: Ask) -> u16 {
    town.ask(&ask).await.status
}

#[tokio::test]
async fn stand_ins_never_judge_their_own_work() {
    let town = Town::new().await;
    let until = json!({ "deputy": DEPUTY, "until": "2026-10-09T09:00:00+08:00" });
    assert_eq!(town.ask(&away(AWAY, &until)).await.status, 200);
    let case = order(&town).await;
    let act = |who: &'static str, action: &str, body: Json| Ask {
        who,
        ..Ask::post(&format!("/v1/cases/{case}/actions/{action}"), &body)
    };
    // As a stand-in for the dispatcher they sort it, and give it to themselves: by their own name they do it.
    assert_eq!(town.ask(&triage(&case, DEPUTY)).await.status, 200);
    let given = town.ask(&act(DEPUTY, "dispatch", json!({ "fields": { "agent": DEPUTY } }))).await;
    assert_eq!(given.status, 200, "{}", given.text);
    assert_eq!(town.ask(&act(DEPUTY, "accept", json!({}))).await.status, 200);
    let events = town.ask(&Ask { who: DEPUTY, ..Ask::get(&format!("/v1/cases/{case}/events")) }).await.json();
    let by = events["items"].as_array().unwrap().last().unwrap()["by"]["person"].clone();
    assert_eq!(
        (&by["instead_of"], &by["post"]),
        (&Json::Null, &Json::Null),
        "accepted in their own name: {by}"
    );
    assert_eq!(town.ask(&act(DEPUTY, "start", json!({}))).await.status, 200);
    let photo = Ask {
        body: b"%PDF-1.7 done".to_vec(),
        kind: "application/pdf",
        who: DEPUTY,
        ..Ask::post("/v1/files", &json!({}))
    };
    let digest = town.ask(&photo).await.json()["digest"].clone();
    let finished = town.ask(&act(DEPUTY, "finish", json!({ "fields": { "proof": [digest] } }))).await;
    assert_eq!(finished.status, 200, "{}", finished.text);
    let answer = json!({ "fields": { "confirming_solved": true, "confirming_rating": 5 } });
    let noted =
        json!({ "fields": { "confirming_how": "phone", "confirming_solved": true, "confirming_rating": 5 } });
    let own = town.ask(&act(DEPUTY, "confirming_write_down", noted)).await;
    assert_eq!(own.code(), "R1002", "not the one who did it, whosever job they have: {}", own.text);
    assert_eq!(town.ask(&act("resident-2", "confirming_answer", answer)).await.status, 200);
}

#[tokio::test]
async fn stand_ins_see_no_personal_matters() {
    let town = Town::new().await;
    let until = json!({ "deputy": DEPUTY, "until": "2026-10-09T09:00:00+08:00" });
    assert_eq!(town.ask(&away(AWAY, &until)).await.status, 200);
    let fields = json!({ "reporter": AWAY, "place": "dormitory", "category": "lamp", "summary": "dark" });
    let open = Ask {
        who: AWAY,
        ..Ask::post("/v1/cases", &json!({ "workflow": "resident-order", "fields": fields }))
    };
    let own = town.ask(&open).await.json()["id"].as_str().unwrap().to_string();
    let told = told(&town, &own).await;
    assert!(told.contains(&AWAY.to_string()) && !told.contains(&DEPUTY.to_string()), "{told:?}");
    assert_eq!(town.ask(&Ask { who: DEPUTY, ..Ask::get(&format!("/v1/cases/{own}")) }).await.status, 404);
}

/// What was given to an agent by name is a job of theirs, and goes on while they are away; what they asked for as a
/// resident is nobody else's.
#[tokio::test]
async fn work_named_to_an_absent_agent_goes_on() {
    let town = Town::new().await;
    let (agent, deputy) = ("agent-hailing-1", DEPUTY);
    let case = order(&town).await;
    assert_eq!(town.ask(&triage(&case, AWAY)).await.status, 200);
    let body = json!({ "fields": { "agent": agent } });
    let dispatch = Ask { who: AWAY, ..Ask::post(&format!("/v1/cases/{case}/actions/dispatch"), &body) };
    let done = town.ask(&dispatch).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let accept =
        |who: &'static str| Ask { who, ..Ask::post(&format!("/v1/cases/{case}/actions/accept"), &json!({})) };
    assert_eq!(town.ask(&accept(deputy)).await.code(), "R1002", "not theirs");
    let inbox = async || town.ask(&Ask { who: deputy, ..Ask::get("/v1/inbox") }).await.text;
    assert!(!inbox().await.contains(&case));
    let set = away(agent, &json!({ "deputy": deputy, "until": "2026-10-09T09:00:00+08:00" }));
    let set = town.ask(&set).await;
    assert_eq!(set.status, 200, "{}", set.text);
    assert!(inbox().await.contains(&case), "on the list of whoever stands in");
    let done = town.ask(&accept(deputy)).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let events = town.ask(&Ask { who: deputy, ..Ask::get(&format!("/v1/cases/{case}/events")) }).await.json();
    let by = events["items"].as_array().unwrap().last().unwrap()["by"]["person"].clone();
    assert_eq!((&by["instead_of"], by["subject"].as_str()), (&json!(agent), Some(deputy)), "{by}");
    // What the agent ordered for themselves stays theirs.
    let fields =
        json!({ "reporter": agent, "place": "gate-3", "category": "tap", "summary": "drips at home" });
    let open = Ask {
        who: agent,
        ..Ask::post("/v1/cases", &json!({ "workflow": "resident-order", "fields": fields }))
    };
    let own = town.ask(&open).await.json()["id"].as_str().unwrap().to_string();
    let body = json!({ "reason": "mended" });
    let withdraw = Ask { who: deputy, ..Ask::post(&format!("/v1/cases/{own}/actions/withdraw"), &body) };
    assert_eq!(town.ask(&withdraw).await.code(), "R1002");
}
