//! Personal values and photos are kept for as long as the definition says, and no longer; the chain holds afterwards.

use crate::town::{Ask, Town};
use paidan_journal::{Header, Store as _};
use paidan_runtime::Rounds;
use serde_json::json;

const CANARY: &str = "canary-51c0";
const YEAR: i64 = 365 * 86_400;

#[tokio::test]
async fn personal_values_are_erased_exactly_on_time() {
    let town = Town::new().await;
    let who = "secretary-hailing";
    let photo = Ask {
        body: b"\x89PNG\r\n\x1a\ncanary".to_vec(),
        kind: "image/png",
        ..Ask::post("/v1/files", &json!({}))
    };
    let digest = town.ask(&photo).await.json()["digest"].as_str().unwrap().to_string();
    let fields = json!({
        "reporter": "resident-2", "place": "gate-3", "category": "drain", "summary": CANARY, "photos": [digest],
    });
    let open = Ask::post("/v1/cases", &json!({ "workflow": "resident-order", "fields": fields }));
    let id = town.ask(&open).await.json()["id"].as_str().unwrap().to_string();
    let case = format!("/v1/cases/{id}");
    let shown = async || town.ask(&Ask { who, ..Ask::get(&case) }).await;
    let mut rounds = Rounds::new(town.desk.clone());
    // An open case is left alone, however old.
    town.later(6 * YEAR);
    assert_eq!(rounds.step().await.unwrap(), 0);
    assert!(shown().await.text.contains(CANARY));
    let body = json!({ "reason": "not needed any more" });
    let end = Ask { who, ..Ask::post(&format!("{case}/actions/withdraw"), &body) };
    assert_eq!(town.ask(&end).await.status, 200);
    // Five years after the end, not a day before.
    town.later(5 * YEAR - 86_400);
    assert_eq!(rounds.step().await.unwrap(), 0);
    assert!(shown().await.text.contains(CANARY));
    assert!(town.desk.file(&digest).await.unwrap().is_some());
    town.later(3 * 86_400);
    assert_eq!(rounds.step().await.unwrap(), 1);
    let after = shown().await;
    assert!(
        after.status == 200 && !after.text.contains(CANARY) && after.text.contains("erased"),
        "{}",
        after.text
    );
    assert!(town.desk.file(&digest).await.unwrap().is_none(), "the photo is gone");
    assert_eq!(after.json()["outcome"], "withdrawn", "the case itself stays");
    assert_eq!(rounds.step().await.unwrap(), 0, "once");
    let store = &town.desk.world.store;
    let last = store.load(town.desk.tenant, &format!("case/{id}"), 0).await.unwrap().pop().unwrap();
    assert_eq!(Header::read(&last.bytes).unwrap().kind, "redacted", "and the history says so");
    assert!(paidan_journal::verify::verify(store, town.desk.tenant).await.unwrap().broken.is_empty());
}

#[tokio::test]
async fn files_without_a_case_are_swept() {
    const DAY: i64 = 86_400;
    let town = Town::new().await;
    let keep = async |last: &[u8]| {
        let body = [b"\x89PNG\r\n\x1a\n", last].concat();
        let photo = Ask { body, kind: "image/png", ..Ask::post("/v1/files", &json!({})) };
        town.ask(&photo).await.json()["digest"].as_str().unwrap().to_string()
    };
    let report = async |photo: &str| {
        let fields = json!({
            "reporter": "resident-2", "place": "gate-3", "category": "drain", "summary": "water", "photos": [photo],
        });
        let body = json!({ "workflow": "resident-order", "fields": fields });
        town.ask(&Ask::post("/v1/cases", &body)).await
    };
    let (named, loose) = (keep(b"named").await, keep(b"loose").await);
    assert_eq!(report(&named).await.status, 201);
    let mut rounds = Rounds::new(town.desk.clone());
    town.later(7 * DAY - 60);
    assert_eq!(rounds.sweep().await.unwrap(), 0, "a form that came back may still be sent");
    town.later(DAY);
    assert_eq!(rounds.sweep().await.unwrap(), 1);
    assert!(town.desk.file(&named).await.unwrap().is_some());
    assert!(town.desk.file(&loose).await.unwrap().is_none());
    let refused = report(&loose).await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (422, Some("R2017")), "{}", refused.text);
}
