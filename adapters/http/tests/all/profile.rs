//! A town changes the profile of a definition: what is open counts as it did, what is opened counts by the new one.

use crate::town::{Ask, Town};
use paidan_journal::{Header, Store as _};
use paidan_model::id::ActionId;
use paidan_runtime::commands::Want;
use paidan_runtime::{Actor, Shelf};
use serde_json::{Value as Json, json};

/// Three homes vote: three quarters of them, or under the profile of before two thirds.
const FENCE: &str = r#"[workflow]
id       = "fence"
version  = 1
title    = { zh = "围栏", en = "Fence" }
calendar = "office"
start    = "roster"
who      = ["desk"]

[roles]
desk  = { post = "community-dispatcher", of = "community" }
owner = { owners = "owners" }

[fields]
place  = { type = "place", required = true, zh = "地点", en = "Place" }
owners = { type = "roster", min = 1, max = 9, required_from = "asked", zh = "名册", en = "Owners" }

[states.roster]
title  = { zh = "名册", en = "Roster" }
who    = ["desk"]
on.ask = { go = "asked", fill = ["owners"] }

[states.asked]
title          = { zh = "投票", en = "Asked" }
who            = ["desk"]
vote           = "ballot"
on.passed      = { go = "agreed" }
on.vote_failed = { go = "refused" }

[states.agreed]
title   = { zh = "同意", en = "Agreed" }
outcome = "solved"

[states.refused]
title   = { zh = "未通过", en = "Refused" }
outcome = "not_solved"

[votes.ballot]
roster    = "owners"
axes      = ["heads", "area"]
take_part = "2/3"
consent   = "3/4"
window    = { shortest = "1 calendar day", longest = "9 calendar days" }

[clocks.asking]
starts = "intake"
limit  = "60 business days"
ladder = "up"

[ladders]
up = [{ at = "breach", tell = ["desk"] }]

[actions]
ask = { zh = "投票", en = "Ask" }

[profiles.code]

[profiles.before.votes.ballot]
consent = "2/3"
"#;

async fn publish(town: &Town, definition: &str, profile: Option<&str>) -> (u16, Json) {
    let mut files = vec![json!({ "path": "fence.toml", "text": definition })];
    if let Some(profile) = profile {
        let text = format!("[profiles]\nfence = \"{profile}\"\n");
        files.push(json!({ "path": "profiles.toml", "text": text }));
    }
    let answer = town.ask(&Ask::post("/v1/workflows", &json!({ "files": files }))).await;
    (answer.status, answer.json())
}

const DESK: &str = "dispatcher-jinchen";

/// Opens a case whose three owners are asked, of whom two agree and one does not.
async fn asked(town: &Town) -> String {
    let body = json!({ "workflow": "fence", "fields": { "place": "dormitory" } });
    let opened = town.ask(&Ask { who: DESK, ..Ask::post("/v1/cases", &body) }).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    let case = opened.json()["number"].as_str().unwrap().to_string();
    let owner = |n: u32| json!({ "part": format!("10{n}"), "floor": 1, "area": 100, "owner": format!("resident-{n}") });
    town.does(DESK, &case, "ask", json!({ "owners": [owner(1), owner(2), owner(3)] })).await;
    for (who, choice) in [("resident-1", "agree"), ("resident-2", "agree"), ("resident-3", "oppose")] {
        town.does(who, &case, "cast", json!({ "choice": choice })).await;
    }
    case
}

async fn profile(town: &Town, path: &str) -> Json {
    town.ask(&Ask { who: DESK, ..Ask::get(path) }).await.json()["profile"].clone()
}

/// By which shares a case is counted.
async fn counted(town: &Town, case: &str) -> String {
    let votes = town.ask(&Ask { who: DESK, ..Ask::get(&format!("/v1/cases/{case}/votes")) }).await.json();
    votes["items"][0]["tests"].to_string()
}

#[tokio::test]
async fn a_case_keeps_the_profile_of_its_opening() {
    let town = Town::new().await;
    let (status, told) = publish(&town, FENCE, Some("code")).await;
    assert_eq!((status, &told["workflows"][0]["profile"]), (201, &json!("code")), "{told}");
    let first = asked(&town).await;

    let (status, told) = publish(&town, FENCE, Some("before")).await;
    assert_eq!((status, &told["published"]), (201, &json!(["fence"])), "the same version is no hindrance");
    let told = &told["workflows"][0];
    let lines = told["difference"].to_string();
    assert!(lines.contains("profile: `code` becomes `before`") && lines.contains("ballot"), "{lines}");
    assert_eq!((&told["same"], &told["stay_as_they_are"][0]["count"]), (&json!(false), &json!(1)));
    let second = asked(&town).await;

    assert_eq!(profile(&town, "/v1/workflows/fence").await, "before");
    assert_eq!(profile(&town, &format!("/v1/cases/{first}")).await, "code");
    assert_eq!(profile(&town, &format!("/v1/cases/{second}")).await, "before");
    assert!(counted(&town, &first).await.contains("3/4"), "{}", counted(&town, &first).await);
    assert!(counted(&town, &second).await.contains("2/3"), "{}", counted(&town, &second).await);
    let page = town.ask(&Ask { who: DESK, ..Ask::get(&format!("/case/{second}")) }).await.text;
    assert!(page.contains("地方参数: <code>before</code>"), "{page}");

    // And so it ends when the ballot closes: the next command finds it closed.
    town.later(10 * 86_400);
    for (case, outcome) in [(&first, "not_solved"), (&second, "solved")] {
        let stream = town.desk.queries.by_number(case).await.unwrap().unwrap();
        let want = Want::Send { stream, event: ActionId::parse("bell").unwrap() };
        town.desk.commands.ask(Actor::Engine, want, None).await.unwrap();
        let shown = town.ask(&Ask { who: DESK, ..Ask::get(&format!("/v1/cases/{case}")) }).await.json();
        assert_eq!(shown["outcome"], outcome, "{shown}");
    }
}

#[tokio::test]
async fn the_last_publication_is_active_after_a_restart() {
    let town = Town::new().await;
    for picked in ["code", "before", "code", "as-written", "before"] {
        let (status, told) = publish(&town, FENCE, Some(picked)).await;
        assert_eq!(status, 201, "{picked}: {told}");
        let expected = if picked == "as-written" { Json::Null } else { json!(picked) };
        assert_eq!(profile(&town, "/v1/workflows/fence").await, expected);
        let (status, told) = publish(&town, FENCE, Some(picked)).await;
        assert_eq!((status, &told["workflows"][0]["same"]), (200, &json!(true)), "{told}");
    }
    // Nobody picks: it stays, also under a new version.
    let (status, _) = publish(&town, FENCE, None).await;
    assert_eq!((status, profile(&town, "/v1/workflows/fence").await), (200, json!("before")));
    let next = FENCE.replace("version  = 1", "version  = 2");
    let (status, told) = publish(&town, &next, None).await;
    assert_eq!((status, &told["workflows"][0]["profile"]), (201, &json!("before")));

    let (store, tenant) = (&town.desk.world.store, town.desk.tenant);
    let records = store.load(tenant, "document/definition/fence", 0).await.unwrap();
    let names = records.iter().map(|record| Header::read(&record.bytes).unwrap().data["profile"].clone());
    let names: Vec<Json> = names.collect();
    assert_eq!(json!(names), json!(["code", "before", "code", null, "before", "before"]));
    let again = Shelf::default();
    again.load(town.desk.store()).await.unwrap();
    let held = again.now().profiles().into_iter().map(|(id, profile)| (id.to_string(), profile.to_string()));
    assert_eq!(held.collect::<Vec<_>>(), [("fence".to_string(), "before".to_string())]);
}

#[tokio::test]
async fn a_changed_text_needs_a_new_version() {
    let town = Town::new().await;
    let (status, _) = publish(&town, FENCE, Some("code")).await;
    assert_eq!(status, 201);
    let records = town.records().await;
    let text = FENCE.replace("60 business days", "6 business days");
    assert_eq!(publish(&town, &text, Some("before")).await.0, 409, "another text under another profile");
    let (status, _) = publish(&town, FENCE, Some("before")).await;
    assert_eq!(status, 201);
    assert_eq!(publish(&town, FENCE, Some("code")).await.0, 201);
    let profile = FENCE.replace("consent = \"2/3\"", "consent = \"1/2\"");
    assert_eq!(publish(&town, &profile, Some("before")).await.0, 409, "a profile that is not what it was");
    assert_eq!(publish(&town, &profile, Some("code")).await.0, 200, "what is in force is the same");
    let (status, told) = publish(&town, FENCE, Some("beefore")).await;
    assert_eq!((status, &told["findings"][0]["code"]), (422, &json!("E0107")));
    assert_eq!(told["findings"][0]["path"], "profiles.toml");
    assert_eq!(town.records().await, records + 2);
}
