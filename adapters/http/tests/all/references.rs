//! What a form names is looked up at every door: a case, a person, a place, a unit, a file. What
//! the asker may not know of is refused like what is not there.

use crate::town::{Answer, Ask, Town};
use serde_json::{Value as Json, json};

const DESK: &str = "secretary-hailing";
const URL: &str = "application/x-www-form-urlencoded";

fn order(who: &str) -> Json {
    json!({ "reporter": who, "place": "gate-3", "category": "drain", "summary": "blocked" })
}

async fn ordered(town: &Town) -> String {
    town.open("resident-1", "resident-order", order("resident-1")).await
}

/// Opens an order with other values than usual, through the API.
async fn api(town: &Town, who: &'static str, more: Json) -> Answer {
    let mut fields = order(who);
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let body = json!({ "workflow": "resident-order", "fields": fields });
    town.ask(&Ask { who, ..Ask::post("/v1/cases", &body) }).await
}

/// Opens an order on the page.
async fn page(town: &Town, who: &'static str, form: &str) -> Answer {
    let body = format!("category=drain&summary=blocked&class=normal&{form}").into_bytes();
    town.ask(&Ask { method: "POST", kind: URL, who, body, ..Ask::get("/new/resident-order") }).await
}

/// Merges one order into another: through the API, in a batch, and on the page of the case.
async fn merged(town: &Town, case: &str, into: &str) -> [Answer; 3] {
    let fields = json!({ "same_as": into });
    let one = town.act(DESK, case, "merge", json!({ "fields": fields })).await;
    let all = json!({ "actions": [{ "case": case, "action": "merge", "fields": fields }] });
    let batch = town.ask(&Ask { who: DESK, ..Ask::post("/v1/cases:batch", &all) }).await;
    let body = format!("_action=merge&same_as={into}&_token=t-{case}-{into}").into_bytes();
    let ask = Ask { method: "POST", kind: URL, who: DESK, body, ..Ask::get(&format!("/case/{case}")) };
    [one, batch, town.ask(&ask).await]
}

/// The codes of the three doors.
fn codes(answers: &[Answer; 3]) -> [String; 3] {
    let [one, batch, page] = answers;
    let of_batch = batch.json()["items"][0]["problem"]["code"].as_str().unwrap_or_default().to_string();
    [one.code(), of_batch, page.code()]
}

#[tokio::test]
async fn a_place_that_is_not_there_is_refused() {
    let town = Town::new().await;
    let before = town.records().await;
    let refused = api(&town, "resident-1", json!({ "place": "nowhere" })).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "R1020"), "{}", refused.text);
    assert_eq!(refused.json()["errors"][0]["pointer"], "/fields/place");
    let refused = page(&town, "resident-1", "place=nowhere&reporter=resident-1&_token=t1").await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "R1020"), "{}", refused.text);
    assert_eq!(town.records().await, before);
}

#[tokio::test]
async fn a_resident_opens_in_no_other_name() {
    let town = Town::new().await;
    let before = town.records().await;
    // A colleague, another resident, nobody: one answer for all.
    for other in ["secretary-hailing", "resident-2", "banana"] {
        let refused = api(&town, "resident-1", json!({ "reporter": other })).await;
        assert_eq!((refused.status, refused.code().as_str()), (403, "R1040"), "{other}: {}", refused.text);
        let refused =
            page(&town, "resident-1", &format!("place=gate-3&reporter={other}&_token={other}")).await;
        assert_eq!((refused.status, refused.code().as_str()), (403, "R1040"), "{other}: {}", refused.text);
    }
    assert_eq!(town.records().await, before);
    let mut silent = order("resident-1");
    silent.as_object_mut().unwrap().remove("reporter");
    let own = town.open("resident-1", "resident-order", silent).await;
    let shown = town.ask(&Ask { who: "resident-1", ..Ask::get(&format!("/v1/cases/{own}")) }).await.json();
    assert_eq!(shown["fields"]["reporter"], "resident-1", "who says nothing means themselves");
}

#[tokio::test]
async fn a_post_opens_for_somebody_who_is_there() {
    let town = Town::new().await;
    let refused = api(&town, DESK, json!({ "reporter": "banana" })).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "R1020"), "{}", refused.text);
    let opened = api(&town, DESK, json!({ "reporter": "resident-2" })).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    // The desk of another community opens its own orders only.
    let refused = api(&town, "dispatcher-jinchen", json!({ "reporter": "resident-2" })).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "R1040"), "{}", refused.text);
    let mut silent = order(DESK);
    silent.as_object_mut().unwrap().remove("reporter");
    let called = town.open(DESK, "resident-order", silent).await;
    let shown = town.ask(&Ask { who: DESK, ..Ask::get(&format!("/v1/cases/{called}")) }).await.json();
    let reporter = shown["fields"]["reporter"].as_str().unwrap();
    assert!(reporter.starts_with("r-") && reporter.len() == 34, "somebody without an account: {reporter}");
}

#[tokio::test]
async fn a_workflow_is_opened_by_whom_it_names() {
    let town = Town::new().await;
    let fields = json!({
        "kind": "quick", "reporter": "resident-1", "place": "gate-3", "category": "lift", "summary": "no lift",
    });
    let body = json!({ "workflow": "whistle-report", "fields": fields });
    let refused = town.ask(&Ask { who: "resident-1", ..Ask::post("/v1/cases", &body) }).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "R1002"), "{}", refused.text);
    let opened = town.ask(&Ask { who: DESK, ..Ask::post("/v1/cases", &body) }).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
}

#[tokio::test]
async fn an_agent_is_somebody_who_does_the_job() {
    let town = Town::new().await;
    let case = ordered(&town).await;
    town.does(DESK, &case, "triage", json!({ "order_type": "repair" })).await;
    for (agent, code) in [("banana", "R1020"), ("dispatcher", "R1036"), ("volunteer-3", "")] {
        let named = town.act(DESK, &case, "dispatch", json!({ "fields": { "agent": agent } })).await;
        assert_eq!(named.code(), code, "{agent}: {}", named.text);
    }
}

#[tokio::test]
async fn merging_takes_an_open_case_of_its_kind() {
    let town = Town::new().await;
    let (a, b) = (ordered(&town).await, ordered(&town).await);
    let whistle = json!({
        "kind": "quick", "reporter": "resident-1", "place": "gate-3", "category": "lift", "summary": "no lift",
    });
    let whistle = town.open(DESK, "whistle-report", whistle).await;
    let gone = ordered(&town).await;
    let bye = town.act("resident-1", &gone, "withdraw", json!({ "reason": "it runs again" })).await;
    assert_eq!(bye.status, 200, "{}", bye.text);
    // One that is there, of another community: the desk may not know of it.
    let far =
        json!({ "reporter": "resident-1", "place": "dormitory", "category": "tap", "summary": "drips" });
    let far = town.open("resident-1", "resident-order", far).await;
    let before = town.records().await;
    let wrong = [
        (a.as_str(), "R1038"),
        ("HAILING-20260930-0999-1", "R1020"),
        ("banana", "R1020"),
        (far.as_str(), "R1020"),
        (whistle.as_str(), "R1036"),
        (gone.as_str(), "R1037"),
    ];
    for (into, code) in wrong {
        let refused = merged(&town, &a, into).await;
        assert_eq!(codes(&refused), [code; 3], "{into}: {}", refused[0].text);
    }
    let (there, nowhere) = (merged(&town, &a, &far).await, merged(&town, &a, "banana").await);
    let told = |answer: &Answer, name: &str| answer.text.replace(name, "NAME");
    assert_eq!(told(&there[0], &far), told(&nowhere[0], "banana"), "hidden is told as what is not there");
    assert_eq!(town.records().await, before);
    town.does(DESK, &b, "merge", json!({ "same_as": a })).await;
    let ring = merged(&town, &a, &b).await;
    assert_eq!(codes(&ring), ["R1039"; 3], "{}", ring[0].text);
}

#[tokio::test]
async fn files_are_named_by_whom_they_belong_to() {
    let town = Town::new().await;
    let digest = town.photo("resident-1").await;
    let stolen = json!({ "photos": [digest] });
    let not_there = json!({ "photos": ["0".repeat(64)] });
    let refused = api(&town, "resident-3", stolen.clone()).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "R2017"), "{}", refused.text);
    let unknown = api(&town, "resident-3", not_there).await;
    let told = |answer: &Answer, name: &str| answer.text.replace(name.get(..12).unwrap(), "NAME");
    assert_eq!(told(&refused, &digest), told(&unknown, &"0".repeat(64)));
    let form = format!("place=gate-3&reporter=resident-3&photos={digest}&_token=t9");
    assert_eq!(page(&town, "resident-3", &form).await.code(), "R2017");
    // Sent by two people it is both's.
    let mine = api(&town, "resident-1", stolen.clone()).await;
    assert_eq!(mine.status, 201, "{}", mine.text);
    let case = mine.json()["number"].as_str().unwrap().to_string();
    assert_eq!(town.photo("resident-3").await, digest);
    assert_eq!(api(&town, "resident-3", stolen).await.status, 201);
    // Whoever sees the case that holds it may name it; whoever does not may not.
    let answer = json!({ "fields": { "contact_proof": [digest] } });
    town.does(DESK, &case, "triage", json!({ "order_type": "repair" })).await;
    town.does(DESK, &case, "dispatch", json!({ "agent": "volunteer-3" })).await;
    town.does("volunteer-3", &case, "accept", json!({})).await;
    let noted = town.act("volunteer-3", &case, "note_attempt", answer.clone()).await;
    assert_eq!(noted.status, 200, "{}", noted.text);
    let other = ordered(&town).await;
    town.does(DESK, &other, "triage", json!({ "order_type": "repair" })).await;
    town.does(DESK, &other, "dispatch", json!({ "agent": "volunteer-1" })).await;
    town.does("volunteer-1", &other, "accept", json!({})).await;
    let refused = town.act("volunteer-1", &other, "note_attempt", answer).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "R2017"), "{}", refused.text);
    // A proof that no field of the definition declares is a file, too.
    let pause = json!({ "fields": { "pause": "resident", "proof": [digest] }, "reason": "nobody opens" });
    let refused = town.act("volunteer-1", &other, "pause", pause).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "R2017"), "{}", refused.text);
}
