//! Stand-ins: while somebody is away a colleague does what is theirs, the history says for whom, and both are told.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod town;

use serde_json::{Value as Json, json};
use town::{Ask, Town};

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
    let letters = town.desk.letters(None, 200).await.unwrap();
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
async fn a_colleague_does_what_is_mine_while_i_am_away_and_the_history_says_so() {
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
async fn nobody_stands_in_who_may_not_and_nobody_says_it_for_others() {
    let town = Town::at(paidan_http::Door::Accounts).await;
    let mut keys = Vec::new();
    for (subject, admin) in [(AWAY, false), (DEPUTY, false), ("liaison-fire", true)] {
        town.desk.put_user(subject, subject, "correct-horse-battery", admin).await.unwrap();
        keys.push(format!("Bearer {}", town.desk.make_key(subject, "t", false, 1_000_000).await.unwrap().1));
    }
    let ask = |key: usize, body: Json| away("", &body).with("authorization", &keys[key]);
    let until = "2026-10-09T09:00:00+08:00";
    let rows = [
        ("a stranger", 0, json!({ "deputy": "liaison-fire", "until": until }), "R2019"),
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
