//! Live events: whoever is known hears of what is on a list of theirs, and of nothing else.

use crate::town::{Ask, Town};
use axum::body::Body;
use axum::http::Request;
use paidan_http::Door;
use serde_json::json;
use tokio_stream::StreamExt as _;
use tower::ServiceExt as _;

const WHO: &str = "secretary-hailing";

/// Opens an order at a place; its stream.
async fn order(town: &Town, place: &str) -> String {
    let fields =
        json!({ "reporter": "resident-2", "place": place, "category": "drain", "summary": "blocked" });
    let number = town.open("resident-2", "resident-order", fields).await;
    town.desk.queries.by_number(&number).await.unwrap().unwrap()
}

#[tokio::test]
async fn live_events_exclude_invisible_cases() {
    let open = Town::new().await;
    let town = open.behind(Door::Accounts);
    let (_, key) = {
        town.desk.accounts.put_user(WHO, "lin", "correct-horse-battery", false).await.unwrap();
        town.desk.accounts.make_key(WHO, "live", true, 1_000_000).await.unwrap()
    };
    let bearer = format!("Bearer {key}");
    for path in ["/live", "/v1/events/stream"] {
        let request = Request::get(path).header("host", "127.0.0.1:8311").header("authorization", &bearer);
        let answer = town.routes.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let mut events = answer.into_body().into_data_stream();
        let hidden = order(&open, "dormitory").await;
        let look = Ask::get(&format!("/v1/cases/{}", hidden.replace("case/", "")));
        assert_eq!(town.ask(&look.with("authorization", &bearer)).await.status, 404, "another community's");
        // Events come in the order in which things happened: the first that is heard is of the second order.
        let own = order(&open, "gate-3").await;
        let first = events.next().await.unwrap().unwrap();
        assert_eq!(String::from_utf8_lossy(&first), format!("data: {own}\n\n"), "{path}");
    }
}
