//! A calendar changes while cases run: their due moments are counted again, and their records name the new one.

use crate::town::{Ask, Town};
use paidan_journal::Store as _;
use paidan_language::Library;
use serde_json::{Value as Json, json};

/// The office's calendar with one more day off, as a notice of the State Council would.
fn with_a_day_off_more() -> paidan_language::Checked {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/calendars/office.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let changed = text.replace("2026-10-01..2026-10-07", "2026-10-01..2026-10-08");
    assert_ne!(text, changed, "the calendar lists the last day of the holiday");
    let mut library = Library::new();
    library.add("office.toml", changed);
    let checked = library.check();
    assert!(!checked.has_errors(), "{}", paidan_language::print::text(&checked, false));
    checked
}

async fn law_of(town: &Town, stream: &str, seq: usize) -> Json {
    let records = town.desk.world.store.load(town.desk.tenant, stream, 0).await.unwrap();
    let record: Json = serde_json::from_slice(&records[seq - 1].bytes).unwrap();
    record[7]["law"].clone()
}

async fn due(town: &Town, case: &str) -> String {
    let shown = town.ask(&Ask::get(&format!("/v1/cases/{case}"))).await.json();
    shown["clocks"][0]["due"].as_str().unwrap().to_string()
}

#[tokio::test]
async fn running_cases_are_counted_again_and_say_so() {
    let town = Town::new().await;
    let fields =
        json!({ "reporter": "resident-2", "place": "gate-3", "category": "drain", "summary": "blocked" });
    let body = json!({ "workflow": "resident-order", "fields": fields });
    let opened = town.ask(&Ask::post("/v1/cases", &body)).await.json();
    let number = opened["number"].as_str().unwrap();
    let stream = format!("case/{}", opened["id"].as_str().unwrap());
    let before = due(&town, number).await;
    let named = law_of(&town, &stream, 1).await;
    assert!(named["calendars"].is_string() && named["roster"].is_string(), "{named}");
    let changed = with_a_day_off_more();
    town.desk.shelf.publish(town.desk.store(), &[], &changed.calendars, None).await.unwrap();
    assert!(town.desk.recount().await.unwrap() > 0);
    let after = due(&town, number).await;
    assert!(after > before, "{before} -> {after}");
    let again = law_of(&town, &stream, 2).await;
    assert_ne!(again["calendars"], named["calendars"]);
    assert!(again.get("roster").is_none(), "what did not change is not named again");
    let events = town.ask(&Ask::get(&format!("/v1/cases/{number}/events"))).await.json();
    let count = events["items"].as_array().unwrap().len();
    town.desk.recount().await.unwrap();
    let events = town.ask(&Ask::get(&format!("/v1/cases/{number}/events"))).await.json();
    assert_eq!(events["items"].as_array().unwrap().len(), count, "counted twice is counted once");
}
