//! Saved views: a filter under a name, for whoever made it; lists go on page by page through what fits.

use crate::town::{Ask, Town};
use serde_json::{Value as Json, json};

const WHO: &str = "secretary-hailing";

async fn open(town: &Town, workflow: &str, fields: &Json) {
    let opened = town.ask(&Ask::post("/v1/cases", &json!({ "workflow": workflow, "fields": fields }))).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
}

async fn items(town: &Town, path: &str) -> (Vec<String>, Option<String>) {
    let page = town.ask(&Ask { who: WHO, ..Ask::get(path) }).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    let page = page.json();
    let kinds =
        page["items"].as_array().unwrap().iter().map(|row| row["workflow"].as_str().unwrap().to_string());
    (kinds.collect(), page["next"].as_str().map(String::from))
}

#[tokio::test]
async fn saved_views_are_private_and_keep_valid_filters() {
    let town = Town::new().await;
    let order =
        json!({ "reporter": "resident-2", "place": "gate-3", "category": "drain", "summary": "blocked" });
    let wish = json!({ "wisher": "resident-2", "place": "gate-3", "alias": "A", "wish": "a lamp", "category": "school" });
    for _ in 0..3 {
        open(&town, "resident-order", &order).await;
        open(&town, "wish-fulfilment", &wish).await;
    }
    let (all, _) = items(&town, "/v1/inbox").await;
    assert_eq!(all.len(), 6);
    let (wishes, next) = items(&town, "/v1/inbox?workflow=wish-fulfilment&limit=2").await;
    assert_eq!(wishes, ["wish-fulfilment"; 2]);
    let rest =
        items(&town, &format!("/v1/inbox?workflow=wish-fulfilment&limit=2&after={}", next.unwrap())).await;
    assert_eq!((rest.0.len(), rest.1), (1, None), "through what fits, and then it ends");
    assert!(items(&town, "/v1/inbox?late=true").await.0.is_empty());
    let view = json!({ "title": "逾期的订单", "filter": { "workflow": "resident-order", "late": true } });
    let put =
        |who: &'static str, body: &Json| Ask { method: "PUT", who, ..Ask::post("/v1/views/late", body) };
    assert_eq!(town.ask(&put(WHO, &view)).await.status, 200);
    assert_eq!(town.ask(&put(WHO, &view)).await.status, 200, "twice is the same as once");
    assert!(items(&town, "/v1/inbox?view=late").await.0.is_empty(), "nothing is late yet");
    town.later(10 * 86_400);
    assert_eq!(items(&town, "/v1/inbox?view=late").await.0, ["resident-order"; 3], "now they are");
    let theirs = town.ask(&Ask { who: "secretary-jinchen", ..Ask::get("/v1/inbox?view=late") }).await;
    assert_eq!(theirs.status, 404, "a view is its maker's alone");
    let page = town.ask(&Ask { who: WHO, ..Ask::get("/?workflow=resident-order&late=true") }).await.text;
    assert!(page.contains("逾期的订单"), "it is on the page: {page}");
    let unknown = json!({ "title": "x", "filter": { "colour": "red" } });
    assert_eq!(town.ask(&put(WHO, &unknown)).await.code(), "R2001");
    let blank = json!({ "title": " ", "filter": {} });
    assert_eq!(town.ask(&put(WHO, &blank)).await.code(), "R2019");
    let gone = Ask { method: "DELETE", who: WHO, ..Ask::get("/v1/views/late") };
    assert_eq!(town.ask(&gone).await.status, 204);
    assert_eq!(town.ask(&gone).await.status, 404);
}
