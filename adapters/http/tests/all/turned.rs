//! An order that is beyond the community is turned into a whistle: the resident's time and receipt go along.

use crate::town::{Ask, Town};
use paidan_runtime::{Clock as _, Courier};
use serde_json::{Value as Json, json};

async fn case(town: &Town, who: &'static str, id: &str) -> Json {
    let shown = town.ask(&Ask { who, ..Ask::get(&format!("/v1/cases/{id}")) }).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    shown.json()
}

async fn track(town: &Town, code: &str) -> String {
    let form = Ask {
        kind: "application/x-www-form-urlencoded",
        body: format!("code={code}").into_bytes(),
        key: None,
        ..Ask::post("/track", &json!({}))
    };
    town.ask(&form).await.text
}

#[tokio::test]
async fn conversion_keeps_first_day_and_tracking_code() {
    let town = Town::new().await;
    let first = town.desk.world.clock.now();
    let fields =
        json!({ "reporter": "resident-2", "place": "gate-3", "category": "drain", "summary": "blocked" });
    let open = Ask::post("/v1/cases", &json!({ "workflow": "resident-order", "fields": fields }));
    let opened = town.ask(&open).await.json();
    let (order, code) = (opened["id"].as_str().unwrap(), opened["code"].as_str().unwrap());
    // Two days later the secretary sees that it is beyond the community.
    town.later(2 * 86_400);
    let body = json!({ "fields": { "kind": "enforcement" }, "reason": "the pipe is the city's" });
    let turn =
        Ask { who: "secretary-hailing", ..Ask::post(&format!("/v1/cases/{order}/actions/convert"), &body) };
    let turned = town.ask(&turn).await;
    assert_eq!(turned.status, 200, "{}", turned.text);
    Courier::new(town.desk.clone(), "http://127.0.0.1").step().await.unwrap();
    let rows = town.ask(&Ask { who: "secretary-hailing", ..Ask::get("/v1/cases") }).await.json();
    let whistle = rows["items"].as_array().unwrap().iter().find(|row| row["workflow"] == "whistle-report");
    let whistle = case(&town, "secretary-hailing", whistle.unwrap()["id"].as_str().unwrap()).await;
    assert_eq!(case(&town, "secretary-hailing", order).await["outcome"], "converted");
    assert_eq!(whistle["parent"], format!("case/{order}"));
    let clocks = whistle["clocks"].as_array().unwrap();
    let promise = clocks.iter().find(|clock| clock["clock"] == "case").unwrap();
    assert_eq!(promise["from"], first.rfc3339(), "the promise counts from the order, not from the whistle");
    assert_ne!(whistle["opened"], promise["from"]);
    // Seven calendar days after 30 September, by the office's close of 7 October, which is a holiday: the next day.
    assert_eq!(promise["due"], "2026-10-08T09:30:00.000Z");
    let page = track(&town, code).await;
    assert!(
        page.contains(whistle["number"].as_str().unwrap()),
        "the same code shows what became of it: {page}"
    );
    assert!(page.contains("最初受理") && page.contains("2026-09-30 15:00"), "{page}");
    // Each leads to the other, for whoever may see both.
    let shown = async |who: &'static str, id: &str| {
        town.ask(&Ask { who, ..Ask::get(&format!("/case/{id}")) }).await.text
    };
    let (id, number) = (whistle["id"].as_str().unwrap(), whistle["number"].as_str().unwrap());
    let from = shown("secretary-hailing", order).await;
    assert!(from.contains(&format!("开启了 <a href=\"/case/{id}\"")) && from.contains(number), "{from}");
    let to = shown("secretary-hailing", id).await;
    assert!(to.contains(&format!("由此开启 <a href=\"/case/{order}\"")), "{to}");
    // Nobody is told of what they may not see.
    for who in ["duty-xixi", "volunteer-3", "agent-hailing", "liaison-parks"] {
        let sees = async |id: &str| {
            town.ask(&Ask { who, ..Ask::get(&format!("/v1/cases/{id}")) }).await.status == 200
        };
        let (page, both) = (shown(who, order).await, sees(order).await && sees(id).await);
        assert_eq!(page.contains(&format!("/case/{id}")), both, "{who}: {page}");
    }
}

/// A pension is a right and no wish: the order knows who, where and what, under its own names, though a wish has a
/// `category` of another kind.
#[tokio::test]
async fn a_wish_with_legal_claim_becomes_an_order() {
    let town = Town::new().await;
    let desk = "secretary-hailing";
    let fields = json!({
        "wisher": "resident-2", "place": "gate-3", "alias": "阿明", "wish": "办理高龄津贴", "category": "other",
    });
    let open = Ask {
        who: desk,
        ..Ask::post("/v1/cases", &json!({ "workflow": "wish-fulfilment", "fields": fields }))
    };
    let opened = town.ask(&open).await.json();
    let path = format!("/v1/cases/{}/actions/entitled", opened["number"].as_str().unwrap());
    let body = json!({ "fields": { "order_category": "pension" }, "reason": "a legal claim" });
    let turned = town.ask(&Ask { who: desk, ..Ask::post(&path, &body) }).await;
    assert_eq!(turned.status, 200, "{}", turned.text);
    Courier::new(town.desk.clone(), "http://127.0.0.1").step().await.unwrap();
    let rows = town.ask(&Ask { who: desk, ..Ask::get("/v1/cases?workflow=resident-order") }).await.json();
    let order = rows["items"].as_array().unwrap().first().unwrap()["id"].as_str().unwrap();
    let order = case(&town, desk, order).await;
    let told = &order["fields"];
    assert_eq!((&told["summary"], &told["category"]), (&json!("办理高龄津贴"), &json!("pension")), "{order}");
    assert_eq!(told["reporter"], "resident-2");
}
