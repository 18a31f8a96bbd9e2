//! The dispatch desk: who could take an order and why, what may be the same matter, and one press that names somebody.

use crate::town::{self, Ask, Town};
use serde_json::json;

const DISPATCHER: &str = "secretary-hailing";
const AGENT: &str = "lead-hailing";

/// Opens an order and sorts it; its id and number.
async fn order(town: &Town, who: &'static str, place: &str, summary: &str) -> (String, String) {
    let fields = json!({ "reporter": who, "place": place, "category": "drain", "summary": summary });
    let open = Ask::post("/v1/cases", &json!({ "workflow": "resident-order", "fields": fields }));
    let opened = town.ask(&Ask { who, ..open }).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    let text = |name: &str| opened.json().get(name).unwrap().as_str().unwrap().to_string();
    let (id, number) = (text("id"), text("number"));
    let body = json!({ "fields": { "order_type": "repair", "class": "urgent" } });
    let sorted = Ask { who: DISPATCHER, ..Ask::post(&format!("/v1/cases/{id}/actions/triage"), &body) };
    assert_eq!(town.ask(&sorted).await.status, 200);
    (id, number)
}

async fn desk(town: &Town, number: &str) -> String {
    let page = town.ask(&Ask { who: DISPATCHER, ..Ask::get(&format!("/dispatch?order={number}")) }).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page.text
}

/// Sends the form of a page that has a button with these words.
async fn press(town: &Town, id: &str, more: &str) -> town::Answer {
    let form = Ask {
        kind: "application/x-www-form-urlencoded",
        body: more.as_bytes().to_vec(),
        who: DISPATCHER,
        key: None,
        ..Ask::post(&format!("/case/{id}"), &json!({}))
    };
    town.ask(&form).await
}

/// The agent does the work, and the resident says on the telephone that all is well.
async fn finish(town: &Town, id: &str) {
    let pdf =
        Ask { body: b"%PDF-1.7".to_vec(), kind: "application/pdf", ..Ask::post("/v1/files", &json!({})) };
    let proof = town.ask(&Ask { who: AGENT, ..pdf }).await.json().get("digest").unwrap().clone();
    let rated = json!({ "confirming_how": "phone", "confirming_solved": true, "confirming_rating": 5 });
    let steps = [
        (AGENT, "accept", json!({})),
        (AGENT, "start", json!({})),
        (AGENT, "finish", json!({ "proof": [proof] })),
        (DISPATCHER, "confirming_write_down", rated),
    ];
    for (who, action, fields) in steps {
        let body = json!({ "fields": fields });
        let done =
            town.ask(&Ask { who, ..Ask::post(&format!("/v1/cases/{id}/actions/{action}"), &body) }).await;
        assert_eq!(done.status, 200, "{action}: {}", done.text);
    }
}

#[tokio::test]
async fn candidates_have_reasons_and_one_press_assigns() {
    let town = Town::new().await;
    let (id, number) = order(&town, "resident-2", "gate-3", "water stands in the yard").await;
    let page = desk(&town, &number).await;
    for words in ["water stands in the yard", "海陵社区网格长", "同一社区", "与这位居民初次", "手上0件的量"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("金陈社区网格长"), "agents of other communities are not offered");
    assert!(page.contains("data-number=\"1\""), "a number names the first");
    let body = format!("_action=dispatch&agent={AGENT}&_next=/dispatch&_token=t1");
    let done = press(&town, &id, &body).await;
    assert_eq!((done.status, done.header("location").as_str()), (303, "/dispatch"));
    // Whoever has an urgent one on hand has less room for the next, and has not helped anybody with it yet.
    let (_, second) = order(&town, "resident-2", "gate-3", "the lamp is broken").await;
    let page = desk(&town, &second).await;
    assert!(page.contains("手上3件的量") && !page.contains("以前帮过这位居民"), "{page}");
    finish(&town, &id).await;
    let page = desk(&town, &second).await;
    assert!(page.contains("手上0件的量") && page.contains("以前帮过这位居民"), "{page}");
    let (third, _) = order(&town, "resident-3", "gate-3", "a tree has fallen").await;
    let nobody = press(&town, &third, "_action=dispatch&agent=resident-1&_token=t2").await;
    assert_eq!(nobody.code(), "R1036", "no agent: {}", nobody.text);
}

#[tokio::test]
async fn whoever_is_away_is_not_offered() {
    let town = Town::new().await;
    let (_, number) = order(&town, "resident-2", "gate-3", "water stands in the yard").await;
    assert!(desk(&town, &number).await.contains("海陵社区网格长"));
    let away = json!({ "deputy": DISPATCHER, "until": "2026-10-09T09:00:00+08:00" });
    let away = Ask { who: AGENT, key: None, ..Ask::post("/v1/absences", &away) };
    assert_eq!(town.ask(&away).await.status, 200);
    assert!(!desk(&town, &number).await.contains("海陵社区网格长"));
}

#[tokio::test]
async fn possible_duplicates_have_grounds_and_one_press_joins() {
    let town = Town::new().await;
    let (_, first) = order(&town, "resident-2", "gate-3", "三号门口下水道堵了，污水外溢").await;
    let (id, second) = order(&town, "resident-3", "gate-3", "三号门口下水道堵了").await;
    let (_, other) = order(&town, "resident-3", "gate-3", "路灯不亮").await;
    let page = desk(&town, &second).await;
    assert!(page.contains("可能是同一件事") && page.contains(&first), "{page}");
    assert!(page.contains("地点相同，说法"), "{page}");
    assert!(page.contains(&format!("并入 {other}")) && page.contains("地点相同，类别相同"), "{page}");
    let joined = press(&town, &id, &format!("_action=merge&same_as={first}&_next=/dispatch&_token=t3")).await;
    assert_eq!(joined.status, 303, "{}", joined.text);
    let case = town.ask(&Ask { who: DISPATCHER, ..Ask::get(&format!("/v1/cases/{second}")) }).await.json();
    assert_eq!(case.get("outcome").unwrap(), "duplicate");
}
