//! A lift of the pretend town, brought as far as its ballot.

use paidan_runtime::Courier;
use serde_json::{Value as Json, json};

use super::{Ask, Town};

/// A lift whose ballot is open: four owners on two floors.
pub async fn voting(town: &Town) -> String {
    let fields = json!({ "applicant": "resident-1", "place": "dormitory", "topic": "lift" });
    let case = town.open("resident-1", "elevator-installation", fields).await;
    brought_to_vote(town, &case).await;
    case
}

/// The same lift, from the first day of its case until its ballot is open.
pub async fn brought_to_vote(town: &Town, case: &str) {
    let (desk, file) = ("dispatcher-jinchen", town.photo("resident-1").await);
    // The same picture from each who names it: nobody names what only somebody else has sent.
    for who in [desk, "expert"] {
        assert_eq!(town.photo(who).await, file);
    }
    town.does(desk, case, "accept", json!({})).await;
    town.does(desk, case, "eligible", json!({ "floors": 6, "title": [file] })).await;
    town.does("expert", case, "feasible", json!({ "survey": [file] })).await;
    let owner = |part: &str, floor: i64, owner: &str| json!({ "part": part, "floor": floor, "area": 900_000, "owner": owner });
    let owners = [
        owner("101", 1, "p-101"),
        json!({ "part": "102", "floor": 1, "area": 900_000, "owner": "resident-2", "co_owners": ["p-102"] }),
        owner("201", 2, "resident-1"),
        owner("202", 2, "p-202"),
    ];
    let weights = [json!({ "floor": 1, "weight": 0 }), json!({ "floor": 2, "weight": 1 })];
    let scheme = json!({
        "sketch": [file], "cost": 60_000_001, "running_costs": "r", "weights": weights, "owners": owners,
    });
    town.does("resident-1", case, "publish", scheme).await;
    town.does(desk, case, "consult", json!({})).await;
    meets(town, case, &file).await;
    town.does(desk, case, "open_ballot", json!({ "ballot_until": "2026-11-20" })).await;
}

/// The states a case is in.
async fn states(town: &Town, case: &str) -> Json {
    let shown = town.ask(&Ask { who: "dispatcher-jinchen", ..Ask::get(&format!("/v1/cases/{case}")) }).await;
    let shown = shown.json();
    shown["states"].as_array().unwrap().iter().map(|state| state["id"].clone()).collect()
}

/// The neighbours meet: the lift's case opened the consultation, and goes to the vote when it has a result.
async fn meets(town: &Town, case: &str, file: &str) {
    let (desk, mut courier) = ("dispatcher-jinchen", Courier::new(town.desk.clone(), "http://127.0.0.1"));
    courier.step().await.unwrap();
    let cases =
        town.ask(&Ask { who: desk, ..Ask::get("/v1/cases?workflow=consultation-meeting") }).await.json();
    let meeting = cases["items"][0]["number"].as_str().unwrap().to_string();
    assert_eq!(states(town, case).await, json!(["consultation"]));
    town.does(desk, &meeting, "screen", json!({})).await;
    let sides = json!([{ "side": "一楼", "at_stake": 1 }, { "side": "二楼", "at_stake": 1 }, { "side": "社区", "at_stake": 0 }]);
    let day =
        json!({ "agenda": "采光与出行", "experts": "结构", "invited": sides, "meeting_on": "2026-10-03" });
    town.does(desk, &meeting, "announce", day).await;
    // Not before its day, and not without the ground floor.
    let side = |side, at_stake| json!({ "side": side, "at_stake": at_stake, "who": "代表" });
    let both = [side("一楼", 1), side("二楼", 1)];
    let early = town.act(desk, &meeting, "hold", json!({ "fields": { "present": both } })).await;
    assert_eq!(early.status, 422, "{}", early.text);
    town.later(3 * 86_400);
    let alone = [side("二楼", 1), side("社区", 0)];
    town.does(desk, &meeting, "hold", json!({ "present": alone })).await;
    assert_eq!(
        states(town, &meeting).await,
        json!(["preparing"]),
        "another day, when the ground floor comes too"
    );
    let day =
        json!({ "agenda": "采光与出行", "experts": "结构", "invited": sides, "meeting_on": "2026-10-06" });
    town.does(desk, &meeting, "announce", day).await;
    town.later(3 * 86_400);
    town.does(desk, &meeting, "hold", json!({ "present": both })).await;
    let result = json!({ "minutes": [file], "result_text": "通透井道", "items": "出图" });
    town.does(desk, &meeting, "agree", result).await;
    courier.step().await.unwrap();
    assert_eq!(states(town, case).await, json!(["to_vote"]), "what the meeting agreed upon goes to the vote");
}
