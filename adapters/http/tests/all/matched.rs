//! The three lists side by side: what fits a wish stands beneath it with its grounds, and one press matches both.

use crate::town::{Ask, Town};
use serde_json::{Value as Json, json};

const DESK: &str = "dispatcher-jinchen";

async fn shown(town: &Town, case: &str) -> Json {
    let shown = town.ask(&Ask { who: DESK, ..Ask::get(&format!("/v1/cases/{case}")) }).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    shown.json()
}

/// A wish for quilts on the wall; its number.
async fn wish(town: &Town) -> String {
    let season = json!({
        "name": "2026年第四季", "starts": "2026-10-01", "ends": "2026-12-31", "target_wishes": 560, "target_lit": 500,
        "launch_on": "2026-10-09", "place": "dormitory",
    });
    let season = town.open("duty-xixi", "wish-season", season).await;
    town.does("duty-xixi", &season, "launch", json!({ "people": 1000 })).await;
    let fields = json!({
        "wisher": "resident-3", "place": "dormitory", "alias": "小星", "wish": "两床棉被", "category": "bedding",
        "wanted": 2, "hardship": 6,
    });
    let wish = town.open(DESK, "wish-fulfilment", fields).await;
    let check = json!({ "check_proof": [town.photo(DESK).await], "worth": 100 });
    town.does(DESK, &wish, "check", check).await;
    town.does("lead-jinchen", &wish, "publish", json!({ "season": season })).await;
    wish
}

/// Something that a volunteer offers, checked; its number.
async fn offer(town: &Town, what: &str, category: &str) -> String {
    let fields = json!({
        "offerer": "volunteer-1", "place": "dormitory", "what": what, "category": category, "quantity": 3,
        "until": "2026-12-31",
    });
    let offer = town.open("volunteer-1", "resource-offer", fields).await;
    town.does(DESK, &offer, "verify", json!({ "checked": [town.photo(DESK).await] })).await;
    offer
}

/// What the page says beneath the wish: all of it, and what its form would send where.
async fn suggested(town: &Town, who: &'static str) -> (String, String, String) {
    let page = town.ask(&Ask { who, ..Ask::get("/lists") }).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let (_, fit) = page.text.split_once("<div class=\"fit\">").unwrap();
    let (fit, _) = fit.split_once("</form>").unwrap();
    let (_, form) = fit.split_once("<form method=\"post\" action=\"").unwrap();
    let (to, inputs) = form.split_once('"').unwrap();
    let value = |input: &str| {
        let (name, rest) = input.split_once('"').unwrap();
        format!("{name}={}", rest.split_once("value=\"").unwrap().1.split_once('"').unwrap().0)
    };
    let sent: Vec<String> = inputs.split("name=\"").skip(1).map(value).collect();
    (fit.to_string(), to.to_string(), sent.join("&"))
}

/// The left of an item on a public list; nothing when nobody can claim of it.
async fn left(town: &Town, list: &str, number: &str) -> Json {
    let items = town.ask(&Ask { who: "", ..Ask::get(&format!("/v1/lists/{list}")) }).await.json();
    let items = items["items"].as_array().unwrap().clone();
    items.into_iter().find(|item| item["number"] == number).unwrap()["left"].clone()
}

#[tokio::test]
async fn matches_have_grounds_and_one_press_claims_both() {
    let town = Town::new().await;
    let wish = wish(&town).await;
    let quilts = offer(&town, "三床棉被", "bedding").await;
    let rice = offer(&town, "一袋大米", "food").await;
    let (fit, to, sent) = suggested(&town, DESK).await;
    // The kind 40, the community 20, the days 15, enough of it 10, hardship 6, and not a day waited.
    assert!(fit.contains("<strong>91</strong>/100") && fit.contains("三床棉被"), "{fit}");
    for ground in [
        "种类相符 40/40",
        "同一社区 20/20",
        "时间相合 15/15",
        "数量够 10/10",
        "困难程度6 6/10",
        "已等0天 0/5",
    ] {
        assert!(fit.contains(&format!("<li>{ground}</li>")), "{ground}: {fit}");
    }
    assert!(!fit.contains("大米") && fit.contains("对接 2"), "of another kind: {fit}");
    assert_eq!(
        (left(&town, "needs", &wish).await, left(&town, "resources", &quilts).await),
        (json!(2), json!(3))
    );
    let form = Ask {
        kind: "application/x-www-form-urlencoded",
        body: sent.into_bytes(),
        key: None,
        ..Ask::post(&to, &json!({}))
    };
    let stranger = town.ask(&Ask { who: "resident-2", ..form.clone() }).await;
    assert!((400..500).contains(&stranger.status), "only who matches: {} {}", stranger.status, stranger.text);
    let pressed = town.ask(&Ask { who: DESK, ..form }).await;
    assert_eq!(pressed.status, 303, "{}", pressed.text);
    let (wished, given) = (shown(&town, &wish).await, shown(&town, &quilts).await);
    assert_eq!(wished["states"][0]["id"], "claimed", "{wished}");
    for (held, of) in [(&wished["claims"], "the wish"), (&given["claims"], "the offer")] {
        assert_eq!((held.as_array().unwrap().len(), &held[0]["qty"]), (1, &json!(2)), "{of}: {held}");
    }
    assert_eq!(
        (left(&town, "needs", &wish).await, left(&town, "resources", &quilts).await),
        (json!(0), json!(1))
    );
    assert_eq!(left(&town, "resources", &rice).await, json!(3));
    let after = town.ask(&Ask { who: DESK, ..Ask::get("/lists") }).await.text;
    assert!(!after.contains("class=\"fit\""), "nothing is left to match: {after}");
}
