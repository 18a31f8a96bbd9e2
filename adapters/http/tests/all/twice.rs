//! A wish on a page that is open in two tabs: however often its button is pressed, it is claimed once, and each press is
//! answered in words that say how it stands.

use crate::town::{Answer, Ask, Town};
use serde_json::json;

/// Who claims.
const GIVER: &str = "volunteer-3";

/// A wish on the wall, for so many lamps; the path of its page.
async fn wish(town: &Town, wanted: u32) -> String {
    let desk = "dispatcher-jinchen";
    let file = town.photo(desk).await;
    let fields = json!({
        "name": "4", "starts": "2026-10-01", "ends": "2026-12-31", "target_wishes": 9, "target_lit": 9,
        "launch_on": "2026-10-09", "place": "dormitory",
    });
    let season = town.open("duty-xixi", "wish-season", fields).await;
    town.does("duty-xixi", &season, "launch", json!({ "people": 1 })).await;
    let fields = json!({
        "wisher": "resident-3", "place": "dormitory", "alias": "小星", "wish": "台灯", "category": "school",
        "wanted": wanted,
    });
    let case = town.open(desk, "wish-fulfilment", fields).await;
    town.does(desk, &case, "check", json!({ "check_proof": [file], "worth": 100 })).await;
    town.does("lead-jinchen", &case, "publish", json!({ "season": season })).await;
    format!("/{}", town.desk.queries.by_number(&case).await.unwrap().unwrap())
}

/// Opens the page in a tab: the token of its form.
async fn tab(town: &Town, path: &str) -> String {
    let page = town.ask(&Ask { who: GIVER, ..Ask::get(path) }).await.text;
    let form = page.split("<form").find(|form| form.contains("name=\"_action\" value=\"claim\"")).unwrap();
    let (_, tail) = form.split_once("name=\"_token\" value=\"").unwrap();
    tail.split_once('"').unwrap().0.to_string()
}

/// Presses the button of a tab.
fn press(path: &str, token: &str, qty: &str) -> Ask {
    Ask {
        who: GIVER,
        kind: "application/x-www-form-urlencoded",
        body: format!("_token={token}&_action=claim&qty={qty}").into_bytes(),
        key: None,
        ..Ask::post(path, &json!({}))
    }
}

/// Presses several buttons at the same moment.
async fn at_once(town: &Town, asks: [Ask; 4]) -> [Answer; 4] {
    let [a, b, c, d] = &asks;
    let (a, b, c, d) = tokio::join!(town.ask(a), town.ask(b), town.ask(c), town.ask(d));
    [a, b, c, d]
}

/// How many claims there are, and how much they take.
async fn claimed(town: &Town, path: &str) -> (usize, i64) {
    let case = town.desk.queries.case(path.trim_start_matches('/')).await.unwrap().unwrap();
    (case.claims.all.len(), case.claims.all.iter().map(|claim| claim.qty).sum())
}

#[tokio::test]
async fn two_tabs_of_one_page_claim_once() {
    let town = Town::new().await;
    let path = wish(&town, 4).await;
    // Of four lamps one is claimed: nothing but the token says that the second press means the same.
    let token = tab(&town, &path).await;
    let again = || press(&path, &token, "1");
    for answer in at_once(&town, [again(), again(), again(), again()]).await {
        let to = answer.header("location");
        assert_eq!((answer.status, to), (303, format!("{path}?done=claim")), "{}", answer.text);
    }
    assert_eq!(claimed(&town, &path).await, (1, 1));
    let records = town.records().await;
    let late = town.ask(&again()).await;
    assert_eq!((late.status, town.records().await), (303, records), "and when the other tab comes later");
    let done = town.ask(&Ask { who: GIVER, ..Ask::get(&late.header("location")) }).await;
    assert!(done.text.contains("已办：认领"), "{}", done.text);
    // The button of a page that was opened afresh means another one.
    let fresh = tab(&town, &path).await;
    assert_ne!(fresh, token);
    assert_eq!(town.ask(&press(&path, &fresh, "1")).await.status, 303);
    assert_eq!(claimed(&town, &path).await, (2, 2));
}

#[tokio::test]
async fn two_claims_for_the_last_item_one_wins() {
    let town = Town::new().await;
    let path = wish(&town, 1).await;
    let (one, two) = (tab(&town, &path).await, tab(&town, &path).await);
    assert_ne!(one, two, "each page has a token of its own");
    let asks =
        [press(&path, &one, ""), press(&path, &two, ""), press(&path, &one, ""), press(&path, &two, "")];
    let answers = at_once(&town, asks).await;
    assert_eq!(claimed(&town, &path).await, (1, 1));
    let done: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 303).collect();
    assert_eq!(done.len(), 2, "both presses of one page are the same claim");
    for told in answers.iter().filter(|answer| answer.status != 303) {
        assert_eq!((told.status, told.code().as_str()), (409, "R1031"), "{}", told.text);
        assert!(
            told.text.contains("没有办成") && told.text.contains("先认领（2026-09-30 15:00），还剩0"),
            "{}",
            told.text
        );
        assert!(!told.text.contains('{'), "no hole is left in the sentence: {}", told.text);
    }
    let page = town.ask(&Ask { who: GIVER, ..Ask::get(&path) }).await.text;
    assert!(!page.contains("name=\"_action\" value=\"claim\""), "and there is nothing more to claim: {page}");
}

#[tokio::test]
async fn a_token_with_another_quantity_is_no_repetition() {
    let town = Town::new().await;
    let path = wish(&town, 4).await;
    let token = tab(&town, &path).await;
    assert_eq!(town.ask(&press(&path, &token, "1")).await.status, 303);
    let other = town.ask(&press(&path, &token, "3")).await;
    assert_eq!((other.status >= 400, claimed(&town, &path).await), (true, (1, 1)), "{}", other.text);
    assert!(other.text.contains("没有办成"), "{}", other.text);
}
