//! Many actions at once: each has its own result, and repeating the request does nothing twice.

use crate::town::{Ask, Town};
use serde_json::{Value as Json, json};

async fn order(town: &Town) -> String {
    let fields =
        json!({ "reporter": "resident-2", "place": "gate-3", "category": "tap", "summary": "drips" });
    let body = json!({ "workflow": "resident-order", "fields": fields });
    town.ask(&Ask::post("/v1/cases", &body)).await.json()["number"].as_str().unwrap().to_string()
}

async fn seq(town: &Town, case: &str) -> Json {
    town.ask(&Ask::get(&format!("/v1/cases/{case}"))).await.json()["seq"].clone()
}

#[tokio::test]
async fn batched_actions_have_own_results_and_run_once() {
    let town = Town::new().await;
    let (first, second) = (order(&town).await, order(&town).await);
    let actions = json!([
        { "case": first, "action": "triage", "fields": { "order_type": "repair" } },
        { "case": second, "action": "triage" },
        { "case": "NOWHERE-20260930-0001-1", "action": "triage" },
        { "case": second, "action": "triage", "fields": { "order_type": "repair" } },
    ]);
    let mut ask = Ask::post("/v1/cases:batch", &json!({ "actions": actions }));
    ask.who = "secretary-hailing";
    let done = town.ask(&ask).await;
    assert_eq!(done.status, 200, "{}", done.text);
    let items = done.json()["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 4);
    assert_eq!((&items[0]["number"], &items[0]["seq"]), (&json!(first), &json!(2)), "{items:?}");
    assert_eq!(items[1]["problem"]["code"], "R1005", "{items:?}");
    assert_eq!(items[2]["problem"]["status"], 404, "{items:?}");
    assert_eq!(items[3]["seq"], 2, "{items:?}");

    let again = town.ask(&ask).await.json();
    assert_eq!(
        (&again["items"][0]["repeated"], &again["items"][3]["repeated"]),
        (&json!(true), &json!(true))
    );
    assert_eq!((seq(&town, &first).await, seq(&town, &second).await), (json!(2), json!(2)));
}

#[tokio::test]
async fn a_batch_is_bounded_and_needs_a_key() {
    let town = Town::new().await;
    let one = json!({ "case": "X", "action": "triage" });
    let many = json!({ "actions": vec![one.clone(); 101] });
    assert_eq!(town.ask(&Ask::post("/v1/cases:batch", &many)).await.status, 400);
    assert_eq!(town.ask(&Ask::post("/v1/cases:batch", &json!({ "actions": [] }))).await.status, 400);
    let keyless = Ask { key: None, ..Ask::post("/v1/cases:batch", &json!({ "actions": [one] })) };
    assert_eq!(town.ask(&keyless).await.status, 400);
}
