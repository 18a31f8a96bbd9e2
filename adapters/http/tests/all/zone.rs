//! The town's zone: programs are told its name, and pages tell times in it.

use serde_json::json;

use crate::town::{Ask, Town};

#[tokio::test]
async fn programs_and_pages_get_the_towns_zone() {
    let town = Town::in_zone("Europe/Berlin").await;
    let fields = json!({ "place": "gate-3", "category": "drain", "summary": "blocked" });
    let number = town.open("resident-1", "resident-order", fields).await;
    let who = "resident-1";
    let list = town.ask(&Ask { who, ..Ask::get("/v1/cases") }).await;
    assert_eq!(list.header("paidan-zone"), "Europe/Berlin", "{}", list.text);
    let refused = town.ask(&Ask::get("/v1/cases/none")).await;
    assert_eq!((refused.status, refused.header("paidan-zone").as_str()), (404, "Europe/Berlin"));
    let id = town.desk.queries.by_number(&number).await.unwrap().unwrap().replace("case/", "");
    let page = town.ask(&Ask { who, ..Ask::get(&format!("/case/{id}")) }).await;
    assert!(page.text.contains("2026-09-30 09:00"), "three in the afternoon in China: {}", page.text);
    assert_eq!(page.header("paidan-zone"), "", "people read no header");
}
