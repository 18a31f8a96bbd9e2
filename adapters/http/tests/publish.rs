//! A new version goes into force while cases run; a bad one, an old number and somebody else change nothing.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod town;

use paidan_journal::{Header, Store as _};
use serde_json::{Value as Json, json};
use town::{Ask, Town};

fn shipped(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../../workflows/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The version of the order's definition, and one that follows it.
const IN_FORCE: u32 = 4;
const NEXT: u32 = 5;

/// The order's definition with a shorter promise, as a new version.
fn shorter(version: u32) -> String {
    let text = shipped("resident-order.toml");
    let changed = text.replacen(&format!("version  = {IN_FORCE}"), &format!("version  = {version}"), 1);
    let changed = changed.replacen("normal    = \"5 business days\"", "normal    = \"3 business days\"", 1);
    assert_ne!(
        changed,
        text.replacen(&format!("version  = {IN_FORCE}"), &format!("version  = {version}"), 1)
    );
    changed
}

fn files(order: &str, dry_run: bool) -> Json {
    let files = json!([
        { "path": "order.toml", "text": order },
        { "path": "survey.toml", "text": shipped("blocks/survey.toml") },
    ]);
    json!({ "files": files, "dry_run": dry_run })
}

async fn order(town: &Town) -> (String, String) {
    let fields =
        json!({ "reporter": "resident-2", "place": "gate-3", "category": "tap", "summary": "drips" });
    let body = json!({ "workflow": "resident-order", "fields": fields });
    let number =
        town.ask(&Ask::post("/v1/cases", &body)).await.json()["number"].as_str().unwrap().to_string();
    let due = due(town, &number).await;
    (number, due)
}

async fn due(town: &Town, number: &str) -> String {
    let shown = town.ask(&Ask::get(&format!("/v1/cases/{number}"))).await.json();
    let clocks = shown["clocks"].as_array().unwrap().clone();
    clocks.iter().find(|clock| clock["clock"] == "case").unwrap()["due"].as_str().unwrap().to_string()
}

#[tokio::test]
async fn what_runs_stays_as_it_is_and_what_comes_follows_the_new_version() {
    let town = Town::new().await;
    let (number, before) = order(&town).await;

    let asked = town.ask(&Ask::post("/v1/workflows", &files(&shorter(NEXT), true))).await;
    let told = asked.json();
    assert_eq!((asked.status, &told["published"]), (200, &json!([])), "{told}");
    let workflow = &told["workflows"][0];
    assert_eq!((&workflow["in_force"], &workflow["version"]), (&json!(IN_FORCE), &json!(NEXT)));
    let lines = workflow["difference"].as_array().unwrap();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(
        lines[0]["en"].as_str().unwrap().contains("5 business days becomes 3 business days"),
        "{lines:?}"
    );
    assert_eq!(workflow["stay_as_they_are"][0]["count"], 1);
    let (_, still) = order(&town).await;
    assert_eq!(still, before, "a dry run changes nothing");

    let done = town.ask(&Ask::post("/v1/workflows", &files(&shorter(NEXT), false))).await;
    assert_eq!((done.status, &done.json()["published"]), (201, &json!(["resident-order"])));
    let (_, after) = order(&town).await;
    assert!(after < before, "{after} {before}");
    assert_eq!(due(&town, &number).await, before, "the one that ran is pinned");

    let again = town.ask(&Ask::post("/v1/workflows", &files(&shorter(NEXT), false))).await;
    assert_eq!(
        (again.status, &again.json()["published"]),
        (200, &json!([])),
        "the same is not published twice"
    );

    // Who published what stands in the chained history.
    let store = &town.desk.world.store;
    let records = store.load(town.desk.tenant, "document/definition/resident-order", 0).await.unwrap();
    let header = Header::read(&records[0].bytes).unwrap();
    assert_eq!(
        (records.len(), header.kind.as_str(), &header.data["version"]),
        (1, "published", &json!(NEXT))
    );
    assert_eq!(header.by["person"]["subject"], "resident-2");
    assert!(paidan_journal::verify::verify(store, town.desk.tenant).await.unwrap().broken.is_empty());
}

#[tokio::test]
async fn a_bad_definition_an_old_number_and_a_stranger_change_nothing() {
    let town = Town::new().await;
    let (_, before) = order(&town).await;
    let records = town.records().await;
    let bad = shorter(NEXT).replacen("3 business days", "3 days", 1);
    let refused = town.ask(&Ask::post("/v1/workflows", &files(&bad, false))).await;
    let findings = refused.json()["findings"].clone();
    assert_eq!((refused.status, &findings[0]["code"]), (422, &json!("E0106")), "{findings}");
    let clash = town.ask(&Ask::post("/v1/workflows", &files(&shorter(IN_FORCE), false))).await;
    assert_eq!((clash.status, clash.code().as_str()), (409, "R2018"));
    let unknown = town.ask(&Ask::post("/v1/workflows", &json!({ "files": [], "force": true }))).await;
    assert_eq!(unknown.status, 400);
    assert_eq!(town.records().await, records);
    let (_, after) = order(&town).await;
    assert_eq!(after, before);

    let town = Town::at(paidan_http::Door::Accounts).await;
    let nobody =
        town.ask(&Ask { who: "", ..Ask::post("/v1/workflows", &files(&shorter(NEXT), false)) }).await;
    assert_eq!(nobody.status, 401);
    let page = town.ask(&Ask { who: "", ..Ask::get("/publish") }).await;
    assert_eq!(page.status, 401);
}

#[tokio::test]
async fn the_page_checks_first_and_publishes_then() {
    let town = Town::new().await;
    let alone = "[workflow]\nid = \"tea\"\nversion = 1\ntitle = { zh = \"茶\", en = \"Tea\" }\ncalendar = \"office\"\nstart = \"asked\"\n[roles]\nhost = { post = \"community-secretary\", of = \"community\" }\n[states.asked]\ntitle = { zh = \"待办\", en = \"Asked\" }\nwho = [\"host\"]\non.pour = { go = \"poured\" }\n[states.poured]\ntitle = { zh = \"已办\", en = \"Poured\" }\noutcome = \"solved\"\n[clocks.pour]\nstarts = \"asked\"\nlimit = \"1 business hour\"\nladder = \"up\"\n[ladders]\nup = [{ at = \"breach\", tell = [\"host\"] }]\n[actions]\npour = { zh = \"倒茶\", en = \"Pour\" }\n";
    let form = |what: &str, text: &str| {
        let text: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        Ask {
            method: "POST",
            kind: "application/x-www-form-urlencoded",
            body: format!("do={what}&text={text}").into_bytes(),
            ..Ask::get("/publish")
        }
    };
    let checked = town.ask(&form("check", alone)).await;
    assert!(checked.status == 200 && checked.text.contains("value=\"publish\""), "{}", checked.text);
    assert!(town.ask(&Ask::get("/v1/workflows/tea")).await.status == 404);
    let wrong = town.ask(&form("publish", &alone.replace("1 business hour", "1 hour"))).await;
    assert!(wrong.text.contains("E0106") && !wrong.text.contains("value=\"publish\""), "{}", wrong.text);
    let done = town.ask(&form("publish", alone)).await;
    assert!(done.text.contains("立即生效"), "{}", done.text);
    assert_eq!(town.ask(&Ask::get("/v1/workflows/tea")).await.status, 200);
}
