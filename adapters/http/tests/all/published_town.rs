//! Calendars, a roster and a duty list are published as definitions are; what is not taken is said.

use crate::town::{Ask, Town};
use paidan_journal::{Header, Store as _};
use serde_json::{Value as Json, json};

fn config(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../../config/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

async fn publish(town: &Town, files: &[(&str, String)], dry_run: bool) -> (u16, Json) {
    let files: Vec<Json> = files.iter().map(|(path, text)| json!({ "path": path, "text": text })).collect();
    let answer = town.ask(&Ask::post("/v1/workflows", &json!({ "files": files, "dry_run": dry_run }))).await;
    (answer.status, answer.json())
}

/// Who published a document last, and which.
async fn last_record(town: &Town, stream: &str) -> Json {
    let records = town.desk.world.store.load(town.desk.tenant, stream, 0).await.unwrap();
    Header::read(&records.last().unwrap().bytes).unwrap().data
}

async fn due(town: &Town, number: &str) -> String {
    let shown = town.ask(&Ask::get(&format!("/v1/cases/{number}"))).await.json();
    let clocks = shown["clocks"].as_array().unwrap().clone();
    clocks.iter().find(|clock| clock["clock"] == "case").unwrap()["due"].as_str().unwrap().to_string()
}

async fn order(town: &Town) -> String {
    let fields =
        json!({ "reporter": "resident-2", "place": "gate-3", "category": "tap", "summary": "drips" });
    let body = json!({ "workflow": "resident-order", "fields": fields });
    town.ask(&Ask::post("/v1/cases", &body)).await.json()["number"].as_str().unwrap().to_string()
}

#[tokio::test]
async fn published_calendars_move_open_cases() {
    let town = Town::new().await;
    let number = order(&town).await;
    let before = due(&town, &number).await;
    let office = config("calendars/office.toml").replace("2026-10-01..2026-10-07", "2026-10-01..2026-10-08");
    let files = [("office.toml", office)];

    let (status, told) = publish(&town, &files, true).await;
    assert_eq!((status, &told["town"][0]["published"]), (200, &json!(false)), "{told}");
    let lines: Vec<&Json> =
        told["town"][0]["difference"].as_array().unwrap().iter().map(|line| &line["en"]).collect();
    assert!(lines.contains(&&json!("`office`: 2026-10-08 is a day off")), "{lines:?}");
    assert_eq!(due(&town, &number).await, before, "asking changes nothing");

    let (status, told) = publish(&town, &files, false).await;
    assert_eq!((status, &told["town"][0]["published"]), (201, &json!(true)), "{told}");
    town.desk.recount().await.unwrap();
    assert!(due(&town, &number).await > before);
    let named = &town.desk.shelf.now().named["calendars"];
    assert_eq!(last_record(&town, "document/calendars").await["digest"], json!(named));

    let (status, told) = publish(&town, &files, false).await;
    assert_eq!((status, &told["town"]), (422, &json!([])), "the same calendars are no news: {told}");
}

#[tokio::test]
async fn published_rosters_and_duties_are_in_force() {
    let town = Town::new().await;
    let (roster, duties) = (config("towns/dongtai/roster.toml"), config("towns/dongtai/duties.toml"));
    let bench = "[[people]]\nid = \"newcomer\"\nzh = \"新人\"\nen = \"A newcomer\"\n\
                 posts = [{ post = \"liaison\", unit = \"water\" }]\n";
    let (status, told) = publish(&town, &[("roster.toml", format!("{roster}\n{bench}"))], false).await;
    assert_eq!(status, 201, "{told}");
    assert!(town.desk.shelf.now().roster.people.contains_key("newcomer"));

    let own = "[[duties]]\nid = \"w9\"\ncategory = \"drain\"\nunit = \"water\"\nzh = \"疏通\"\n\
               en = \"unblocks drains\"\nbasis = \"the list of 2026\"\n";
    publish(&town, &[("duties.toml", duties.clone())], false).await;
    let (status, told) = publish(&town, &[("duties.toml", format!("{duties}\n{own}"))], false).await;
    assert_eq!(status, 201, "{told}");
    assert_eq!(told["town"][0]["difference"][0]["en"], "the duty `w9` (unblocks drains) is new");
    assert!(town.desk.shelf.now().duties.rows.iter().any(|duty| duty.id == "w9"));

    let nobody = own.replace("\"water\"", "\"moon\"");
    let (status, told) = publish(&town, &[("duties.toml", nobody)], false).await;
    assert_eq!(status, 422, "no roster has the unit: {told}");
    assert_eq!(told["findings"][0]["code"], "E0107", "{told}");
}

#[tokio::test]
async fn rosters_keep_the_units_of_duties() {
    let town = Town::new().await;
    let (status, _) = publish(&town, &[("duties.toml", config("towns/dongtai/duties.toml"))], false).await;
    assert_eq!(status, 201);
    let small = "[[units]]\nid = \"hall\"\nkind = \"centre\"\nzh = \"厅\"\nen = \"Hall\"\n";
    let (status, told) = publish(&town, &[("roster.toml", small.into())], false).await;
    assert_eq!(status, 409, "{told}");
    assert!(told["detail"].as_str().unwrap().contains("publish the duty list with it"), "{told}");
    assert!(town.desk.shelf.now().roster.units.len() > 1, "nothing changed");
}

#[tokio::test]
async fn what_is_not_published_is_said() {
    let town = Town::new().await;
    let texts = "[channels.mail]\nkind = \"smtp\"\n[serve]\ntitle = \"Elsewhere\"\n";
    let (status, told) = publish(&town, &[("town.toml", texts.into())], false).await;
    let left: Vec<&str> =
        told["left"].as_array().unwrap().iter().map(|line| line["en"].as_str().unwrap()).collect();
    assert_eq!(status, 422, "{told}");
    assert!(left.iter().any(|line| line.starts_with("[serve] is not published")), "{told}");
}

#[tokio::test]
async fn records_outlive_a_lost_mark() {
    let town = Town::new().await;
    let store = &town.desk.world.store;
    let mark = format!("in force/{}/calendars", town.desk.tenant.0);
    let before = paidan_journal::Store::marked(store, &mark).await.unwrap().unwrap();
    let office = config("calendars/office.toml").replace("2026-10-01..2026-10-07", "2026-10-01..2026-10-08");
    publish(&town, &[("office.toml", office)], false).await;
    let published = town.desk.shelf.now().named["calendars"].clone();
    assert_ne!(published, before);
    // Stopped between the record and the mark.
    store.mark(&mark, &before).await.unwrap();
    town.desk.shelf.load(town.desk.store()).await.unwrap();
    assert_eq!(town.desk.shelf.now().named["calendars"], published);
}
