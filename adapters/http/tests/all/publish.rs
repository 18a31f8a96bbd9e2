//! A new version goes into force while cases run; a bad one, an old number and somebody else change nothing.

use crate::town::{Ask, Town};
use paidan_journal::{Header, Store as _};
use serde_json::{Value as Json, json};

fn shipped(name: &str) -> String {
    std::fs::read_to_string(format!("{}/../../workflows/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The version of the order's definition, and one that follows it.
const IN_FORCE: u32 = 7;
const NEXT: u32 = 8;

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
async fn open_cases_keep_their_version() {
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
async fn invalid_old_and_foreign_publications_change_nothing() {
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

#[tokio::test]
async fn stale_versions_are_refused_with_the_right_number() {
    let town = Town::new().await;
    let high = shorter(9);
    let done = town.ask(&Ask::post("/v1/workflows", &files(&high, false))).await;
    assert_eq!(done.status, 201, "{}", done.text);
    let records = town.records().await;
    let other = |version: u32| shorter(version).replacen("3 business days", "2 business days", 1);
    // Lower, the same with another form, and what was in force before: whether it is only asked or meant.
    for (text, version) in [(other(NEXT), NEXT), (other(9), 9), (shipped("resident-order.toml"), IN_FORCE)] {
        for dry_run in [true, false] {
            let refused = town.ask(&Ask::post("/v1/workflows", &files(&text, dry_run))).await;
            let told = refused.json();
            assert_eq!((refused.status, refused.code().as_str()), (409, "R2018"), "{told}");
            let detail = told["detail"].as_str().unwrap();
            assert!(detail.contains("`resident-order`") && detail.contains("a number above 9"), "{detail}");
            assert!(told["detail_zh"].as_str().unwrap().contains("大于9"), "{told}");
            assert_eq!(told["with"]["in_force"], "9");
            assert_eq!(told["with"]["version"], version.to_string());
            let excerpt = told["excerpt"].as_str().unwrap();
            assert!(excerpt.contains("--> order.toml:") && excerpt.contains("^"), "{excerpt}");
        }
    }
    assert_eq!(town.records().await, records, "nothing changed");
    let shown = town.ask(&Ask::get("/v1/workflows/resident-order")).await.json();
    assert_eq!(shown["version"], 9);
    let again = town.ask(&Ask::post("/v1/workflows", &files(&high, false))).await;
    let told = again.json();
    assert_eq!((again.status, &told["published"]), (200, &json!([])), "the same again is harmless");
    assert_eq!(told["workflows"][0]["same"], true);
    assert_eq!(town.records().await, records);
}

#[tokio::test]
async fn shipped_blocks_fill_in_and_findings_have_excerpts() {
    let town = Town::new().await;
    let alone = |text: &str| json!({ "files": [{ "path": "order.toml", "text": text }], "dry_run": true });
    let asked = town.ask(&Ask::post("/v1/workflows", &alone(&shorter(NEXT)))).await;
    assert_eq!(asked.status, 200, "{}", asked.text);
    assert_eq!(asked.json()["workflows"].as_array().unwrap().len(), 1);
    let bad = shorter(NEXT).replacen("3 business days", "3 days", 1);
    let findings = town.ask(&Ask::post("/v1/workflows", &alone(&bad))).await.json()["findings"].clone();
    let excerpt = findings[0]["excerpt"].as_str().unwrap();
    assert!(excerpt.starts_with("error[E0106]") && excerpt.contains("--> order.toml:"), "{excerpt}");
    // One that is sent comes before the server's.
    let block = shipped("blocks/survey.toml").replacen("2 calendar days", "7 calendar days", 1);
    let body = json!({ "dry_run": true, "files": [
        { "path": "mine.toml", "text": block },
        { "path": "order.toml", "text": shorter(NEXT) },
    ] });
    let told = town.ask(&Ask::post("/v1/workflows", &body)).await.text;
    assert!(told.contains("7 calendar days"), "{told}");
}

/// A form as a browser sends it with files: names, names of files and contents.
fn with_files(parts: &[(&str, Option<&str>, &str)]) -> Ask {
    let mut body = String::new();
    for (name, file, content) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        body.push_str(&format!(
            "--b\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n"
        ));
    }
    body.push_str("--b--\r\n");
    Ask {
        method: "POST",
        kind: "multipart/form-data; boundary=b",
        body: body.into_bytes(),
        ..Ask::get("/publish")
    }
}

#[tokio::test]
async fn uploaded_definitions_come_back_for_publishing() {
    let town = Town::new().await;
    let empty = town.ask(&Ask::get("/publish")).await.text;
    assert!(empty.contains("multipart/form-data") && empty.contains("type=\"file\""), "{empty}");
    assert!(empty.contains(" multiple"), "{empty}");
    let block = shipped("blocks/survey.toml").replace('\n', "\r\n");
    let parts = [
        ("do", None, "check"),
        ("files", Some("order.toml"), &shorter(NEXT)),
        ("files", Some("order.toml"), &block),
        ("path", None, ""),
        ("text", None, ""),
    ];
    let checked = town.ask(&with_files(&parts)).await;
    assert!(checked.status == 200 && checked.text.contains("value=\"publish\""), "{}", checked.text);
    assert!(checked.text.contains("5个工作日改为3个工作日"), "{}", checked.text);
    for name in ["order.toml", "order-2.toml"] {
        assert!(checked.text.contains(&format!("name=\"path\" value=\"{name}\"")), "{}", checked.text);
    }
    // What came back is sent again by the button, without the files.
    let order = shorter(NEXT).replace('\n', "\r\n");
    let parts = [
        ("do", None, "publish"),
        ("path", None, "order.toml"),
        ("text", None, order.as_str()),
        ("files", Some(""), ""),
    ];
    let done = town.ask(&with_files(&parts)).await;
    assert!(done.status == 200 && done.text.contains("立即生效"), "{}", done.text);
    // A file that is chosen again comes in the place of what was read from it.
    let (old, new) = (shorter(NEXT).replacen("[workflow]", "[workflew]", 1), shorter(NEXT));
    let anew = [
        ("do", None, "publish"),
        ("files", Some("order.toml"), new.as_str()),
        ("path", None, "order.toml"),
        ("text", None, old.as_str()),
    ];
    let again = town.ask(&with_files(&anew)).await;
    assert!(again.status == 200 && again.text.contains("与正在实行的相同"), "{}", again.text);
    assert!(!again.text.contains("立即生效"), "{}", again.text);
}

#[tokio::test]
async fn findings_on_the_page_have_place_and_help() {
    let town = Town::new().await;
    let bad = shorter(NEXT).replacen("block = \"survey\"", "block = \"survei\"", 1);
    let parts = [("do", None, "publish"), ("files", Some("a<b>.toml"), bad.as_str())];
    let wrong = town.ask(&with_files(&parts)).await;
    assert_eq!(wrong.status, 422);
    let page = &wrong.text;
    assert!(page.contains("error[E0104]") || page.contains("there is no block `survei`"), "{page}");
    assert!(page.contains("did you mean `survey`?"), "{page}");
    assert!(page.contains("a&lt;b&gt;.toml:") && page.contains("^^^"), "{page}");
    assert!(!page.contains("a<b>"), "escaped");
    assert!(page.contains("block = &quot;survei&quot;"), "what was written is still there: {page}");
    // A number that is not above: on the page too, with what was written.
    let old = shorter(IN_FORCE);
    let parts = [("do", None, "publish"), ("files", Some("order.toml"), old.as_str())];
    let refused = town.ask(&with_files(&parts)).await;
    assert_eq!(refused.status, 409);
    let page = &refused.text;
    assert!(
        page.contains("R2018") && page.contains(&format!("大于{IN_FORCE}")) && page.contains("order.toml:"),
        "{page}"
    );
    assert!(page.contains("什么也没有改变") && !page.contains("value=\"publish\""), "{page}");
    // Nothing at all, and what is no text.
    let none = town.ask(&with_files(&[("do", None, "check"), ("files", Some(""), "")])).await;
    assert!(none.status == 400 && none.text.contains("R2001"), "{}", none.text);
}
