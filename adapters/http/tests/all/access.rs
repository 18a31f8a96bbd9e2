//! The access log: each look is written before it is answered, is chained, and is read by whom it concerns.

use crate::town::{Ask, Town};
use paidan_http::Door;
use paidan_journal::Store as _;
use serde_json::{Value as Json, json};

async fn order(town: &Town) -> String {
    let fields =
        json!({ "reporter": "resident-2", "place": "gate-3", "category": "tap", "summary": "drips" });
    let asked = Ask::post("/v1/cases", &json!({ "workflow": "resident-order", "fields": fields }));
    let opened = town.ask(&asked).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    opened.json()["id"].as_str().unwrap().to_string()
}

async fn looks(town: &Town, id: &str, who: &'static str) -> Vec<Json> {
    let answer = town.ask(&Ask { who, ..Ask::get(&format!("/v1/cases/{id}/access?limit=200")) }).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn every_look_is_logged_even_refused_ones() {
    let town = Town::new().await;
    let id = order(&town).await;
    let path = format!("/v1/cases/{id}");
    assert_eq!(town.ask(&Ask::get(&path)).await.status, 200);
    assert_eq!(town.ask(&Ask { who: "resident-3", ..Ask::get(&path) }).await.status, 404);
    let found = looks(&town, &id, "resident-2").await;
    let told: Vec<(&str, &str, bool)> = found
        .iter()
        .map(|look| {
            (
                look["subject"].as_str().unwrap(),
                look["what"].as_str().unwrap(),
                look["allowed"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [("resident-2", "case", true), ("resident-3", "case", false), ("resident-2", "access", true)]
    );
    assert!(found[0]["fields"].as_array().unwrap().len() > 2, "{}", found[0]);
    assert!(found[1]["fields"].as_array().unwrap().is_empty());
    let auditor = looks(&town, &id, "auditor").await;
    assert_eq!(auditor.len(), 4, "the auditor's own look is the fourth");
    let page = town.ask(&Ask { who: "auditor", ..Ask::get(&format!("/case/{id}/access")) }).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("未获准"), "{}", page.text);
    let verified = paidan_journal::verify::verify(&town.desk.world.store, town.desk.tenant).await.unwrap();
    assert_eq!(verified.broken, []);
}

#[tokio::test]
async fn handlers_may_not_read_the_access_log() {
    let town = Town::new().await;
    let id = order(&town).await;
    let path = format!("/v1/cases/{id}/access");
    let holder = town.ask(&Ask { who: "secretary-hailing", ..Ask::get(&path) }).await;
    let stranger = town.ask(&Ask { who: "resident-3", ..Ask::get(&path) }).await;
    assert!(matches!(holder.status, 403 | 404), "{}", holder.text);
    assert_eq!(stranger.status, 404);
}

#[tokio::test]
async fn concurrent_looks_are_kept_in_fewer_records() {
    let town = Town::new().await;
    let id = order(&town).await;
    let path = format!("/v1/cases/{id}");
    let all = (0..200).map(|_| {
        let ask = Ask::get(&path);
        let town = &town;
        async move { town.ask(&ask).await.status }
    });
    let statuses = futures_util::future::join_all(all).await;
    assert!(statuses.iter().all(|status| *status == 200));
    let mut found = looks(&town, &id, "auditor").await;
    assert_eq!(found.len(), 200, "the page of 200 is full");
    found.retain(|look| look["subject"] == "resident-2");
    assert_eq!(found.len(), 200);
    let days = town.desk.world.store.streams(town.desk.tenant, "access/", 9).await.unwrap();
    let head = town.desk.world.store.head(town.desk.tenant, &days[0]).await.unwrap().unwrap();
    assert!(head.seq <= 201, "{}", head.seq);
}

#[tokio::test]
async fn accounts_need_to_say_who_they_are() {
    let town = Town::at(Door::Accounts).await;
    assert_eq!(town.ask(&Ask::get("/v1/cases/x/access")).await.status, 401);
}
