//! A whistle opens a lift as a case of its own, and is verified only when the owners of that lift have carried it.

use crate::town;
use crate::town::lift::brought_to_vote;
use crate::town::{Ask, Town};
use paidan_runtime::Courier;
use serde_json::{Value as Json, json};

const DESK: &str = "dispatcher-jinchen";
const SECRETARY: &str = "secretary-jinchen";
const HOUSING: &str = "liaison-housing";

async fn shown(town: &Town, who: &'static str, case: &str) -> Json {
    let shown = town.ask(&Ask { who, ..Ask::get(&format!("/v1/cases/{case}")) }).await;
    assert_eq!(shown.status, 200, "{who} {case}: {}", shown.text);
    shown.json()
}

/// The states a case is in.
async fn stands(town: &Town, case: &str) -> Json {
    let case = shown(town, SECRETARY, case).await;
    case["states"].as_array().unwrap().iter().map(|state| state["id"].clone()).collect()
}

/// What a department does on its leg.
async fn on_leg(town: &Town, case: &str, action: &str) {
    let done = town.act(HOUSING, case, action, json!({ "leg": "housing" })).await;
    assert_eq!(done.status, 200, "{action}: {}", done.text);
}

/// A whistle whose departments have met; its number.
async fn whistle(town: &Town) -> String {
    let photo = town.photo("lead-jinchen").await;
    let fields = json!({
        "kind": "quick", "reporter": "resident-1", "place": "dormitory", "category": "lift", "summary": "no lift",
    });
    let whistle = town.open(SECRETARY, "whistle-report", fields).await;
    let tried = json!({ "photos": [photo], "tried": "asked the landlord" });
    town.does("lead-jinchen", &whistle, "submit", tried).await;
    town.does(SECRETARY, &whistle, "approve", json!({ "duty_row": "housing-11" })).await;
    let called = json!({ "departments": ["housing"], "lead_unit": "housing" });
    town.does("dispatcher", &whistle, "assign", called).await;
    on_leg(town, &whistle, "check_in").await;
    whistle
}

/// The lift that the whistle opened, which names it as its parent; its number.
async fn opened(town: &Town, whistle: &str, courier: &mut Courier<town::World>) -> String {
    let lift = json!({ "applicant": "resident-1", "topic": "冷冻厂宿舍加装电梯" });
    town.does(SECRETARY, whistle, "open_lift", lift).await;
    courier.step().await.unwrap();
    let lifts = Ask { who: DESK, ..Ask::get("/v1/cases?workflow=elevator-installation") };
    let lifts = town.ask(&lifts).await.json();
    assert_eq!(lifts["items"].as_array().unwrap().len(), 1, "{lifts}");
    let lift = lifts["items"][0]["number"].as_str().unwrap();
    let whistle = shown(town, SECRETARY, whistle).await;
    let case = shown(town, DESK, lift).await;
    assert_eq!(case["parent"].as_str().unwrap(), format!("case/{}", whistle["id"].as_str().unwrap()));
    for (field, is) in [("applicant", "resident-1"), ("topic", "冷冻厂宿舍加装电梯"), ("place", "dormitory")]
    {
        assert_eq!(case["fields"][field], is, "{field} goes along");
    }
    assert_eq!(
        case["fields"]["lead_unit"],
        Json::Null,
        "the lead of the whistle is none of the lift's departments"
    );
    assert_eq!(whistle["fields"]["lift"], "asked");
    lift.to_string()
}

/// The plan of the whistle is carried out, and the community could look at it.
async fn done(town: &Town, whistle: &str) {
    let plan = json!({ "plan_text": "a lift", "public_words": "the owners are asked", "budget": "owners" });
    town.does(HOUSING, whistle, "propose", plan).await;
    on_leg(town, whistle, "agree").await;
    town.does(HOUSING, whistle, "plan_agreed", json!({})).await;
    on_leg(town, whistle, "finish").await;
    assert_eq!(stands(town, whistle).await, json!(["verifying"]));
}

/// All agree, all sign, nobody objects in time, and the community seals it.
async fn sealed(town: &Town, lift: &str) {
    for who in ["resident-1", "resident-2", "p-101", "p-202"] {
        town.does(who, lift, "cast", json!({ "choice": "agree" })).await;
    }
    town.later(16 * 86_400);
    let photo = town.photo(DESK).await;
    let home = |part: &str, owner: &str| json!({ "part": part, "floor": part.as_bytes()[0] - b'0', "area": 900_000, "owner": owner });
    let agreement = json!({
        "agreement": [photo],
        "signers": [home("201", "resident-1"), home("202", "p-202")],
        "not_signing": [home("101", "p-101"), home("102", "resident-2")],
    });
    town.does("resident-1", lift, "lay_out", agreement).await;
    town.later(2 * 3_600);
    for who in ["resident-1", "p-202"] {
        town.does(who, lift, "cast", json!({ "choice": "agree" })).await;
    }
    let places = ["stairwell", "board"].map(|place| json!({ "place": place, "photo": "9:00" }));
    let posted = json!({ "publicity_posted": [photo], "publicity_places": places });
    town.does(DESK, lift, "publicity_post", posted).await;
    town.later(12 * 86_400);
    let seal = json!({ "seal": [photo], "review_units": ["housing", "fire"], "lead_unit": "housing" });
    town.does(SECRETARY, lift, "seal", seal).await;
    assert_eq!(stands(town, lift).await, json!(["joint_precheck"]));
}

#[tokio::test]
async fn a_whistle_waits_for_its_lifts_vote() {
    let town = Town::new().await;
    let mut courier = Courier::new(town.desk.clone(), "http://127.0.0.1");
    let whistle = whistle(&town).await;
    let lift = opened(&town, &whistle, &mut courier).await;
    done(&town, &whistle).await;
    brought_to_vote(&town, &lift).await;
    let evidence = json!({ "fields": { "evidence": [town.photo(SECRETARY).await] } });
    let early = town.act(SECRETARY, &whistle, "pass", evidence.clone()).await;
    assert_eq!((early.status, early.code().as_str()), (422, "R1003"), "the owners vote: {}", early.text);
    sealed(&town, &lift).await;
    assert_eq!(shown(&town, SECRETARY, &whistle).await["fields"]["lift"], "asked", "nothing is told yet");
    courier.step().await.unwrap();
    assert_eq!(shown(&town, SECRETARY, &whistle).await["fields"]["lift"], "carried");
    let passed = town.act(SECRETARY, &whistle, "pass", evidence).await;
    assert_eq!(passed.status, 200, "{}", passed.text);
    assert_eq!(stands(&town, &whistle).await, json!(["feedback_sent"]));
}
