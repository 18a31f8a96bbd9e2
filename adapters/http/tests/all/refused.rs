//! A share that a department hands back: whoever rules on it has it on the list and is told; the department chooses from
//! lists, and its list is clear of it meanwhile.

use crate::town::{Ask, Town};
use serde_json::{Value as Json, json};

async fn inbox(town: &Town, who: &'static str) -> String {
    town.ask(&Ask { who, ..Ask::get("/v1/inbox") }).await.text
}

/// A whistle that two departments are asked about; its id and number.
async fn mustered(town: &Town) -> (String, String) {
    let digest = town.photo("secretary-jinchen").await;
    let fields = json!({
        "kind": "enforcement", "reporter": "resident-1", "place": "dormitory", "category": "lift", "summary": "no lift",
        "affected": 48,
    });
    let number = town.open("secretary-jinchen", "whistle-report", fields).await;
    let id = town.desk.queries.by_number(&number).await.unwrap().unwrap().replace("case/", "");
    // What the review will ask for can be given on the way there.
    let draft = town.ask(&Ask { who: "secretary-jinchen", ..Ask::get(&format!("/case/{id}")) }).await.text;
    assert!(draft.contains("name=\"photos\"") && draft.contains("name=\"tried\""), "{draft}");
    let tried = json!({ "photos": [digest], "tried": "three meetings" });
    town.does("secretary-jinchen", &number, "submit", tried).await;
    town.does("duty-xixi", &number, "approve", json!({ "duty_row": "housing-11" })).await;
    let asked = json!({ "departments": ["fire", "parks"], "lead_unit": "fire" });
    town.does("dispatcher", &number, "assign", asked).await;
    (id, number)
}

#[tokio::test]
async fn arbiters_are_notified_and_have_the_task() {
    let town = Town::new().await;
    let (id, number) = mustered(&town).await;
    let number = number.as_str();
    let act = async |who: &'static str, action: &str, body: &Json| {
        town.ask(&Ask { who, ..Ask::post(&format!("/v1/cases/{id}/actions/{action}"), body) }).await
    };
    let page = town.ask(&Ask { who: "liaison-parks", ..Ask::get(&format!("/case/{id}")) }).await.text;
    assert!(
        page.contains("<datalist") && page.contains("name=\"instead\"") && page.contains("住房和城乡建设局"),
        "{page}"
    );
    assert!(
        page.contains("value=\"not-our-duty\"") && page.contains("value=\"no-power\""),
        "a list of grounds: {page}"
    );
    assert!(
        page.contains("本单位对这件事只能退一次") && page.contains("督查员"),
        "a second one goes to the supervisor, and it says so before: {page}"
    );
    let offers =
        town.ask(&Ask { who: "liaison-parks", ..Ask::get(&format!("/v1/cases/{id}/actions")) }).await.json();
    let refuse =
        offers["items"].as_array().unwrap().iter().find(|offer| offer["action"] == "refuse").unwrap();
    let ground = json!({ "ground": "not-our-duty", "zh": "不属于本单位职责", "en": "not our duty", "cites_duty": true });
    assert_eq!(refuse["grounds"][0], ground, "programs are told the same list: {refuse}");
    // Whom it is about is private; that the community asks is not.
    let first = page.split_once("<li value=\"1\">").unwrap().1.split_once("<ul>").unwrap().0;
    assert!(first.contains("金陈社区") && !page.contains("resident-1"), "{first}");
    assert!(!inbox(&town, "arbiter").await.contains(number));
    let own = json!({ "leg": "parks", "fields": { "ground": "not-our-duty", "basis": "not ours", "instead": "parks" } });
    let refused = act("liaison-parks", "refuse", &own).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (422, "R1006"),
        "its own is no other: {}",
        refused.text
    );
    let refuse = json!({ "leg": "parks", "fields": { "ground": "not-our-duty", "basis": "housing-11: lifts are housing's", "instead": "housing" } });
    assert_eq!(act("liaison-parks", "refuse", &refuse).await.status, 200);
    assert!(inbox(&town, "arbiter").await.contains(number), "whoever rules has it on the list");
    assert!(!inbox(&town, "liaison-parks").await.contains(number), "and the department has not");
    let letters = town.desk.queries.letters(None, 100).await.unwrap();
    assert!(letters.iter().any(|posted| posted.letter.body.contains("to_rule")), "and is told");
    let page = town.ask(&Ask { who: "arbiter", ..Ask::get(&format!("/case/{id}")) }).await.text;
    assert!(page.contains("退单成立，另派"), "a choice, not a word to type: {page}");
    assert!(
        page.contains("依据：housing-11: lifts are housing&#39;s")
            || page.contains("依据：housing-11: lifts are housing's"),
        "whoever rules reads what it rests on: {page}"
    );
    assert!(page.contains("退单（不属于本单位职责），认为应由"), "and on which ground: {page}");
    let second = town.ask(&Ask { who: "liaison-fire", ..Ask::get(&format!("/case/{id}")) }).await.text;
    assert!(
        second.contains("这件事已经退过1次：这次由<strong>督查员</strong>裁定")
            && second.contains("此后不能再退"),
        "{second}"
    );
    let rule = json!({ "leg": "parks", "fields": { "ruling": "keep", "basis": "the trees stand in the fire lane" } });
    assert_eq!(act("arbiter", "rule", &rule).await.status, 200);
    let page = town.ask(&Ask { who: "dispatcher", ..Ask::get(&format!("/case/{id}")) }).await.text;
    assert!(
        page.contains("依据：the trees stand in the fire lane"),
        "and everybody who sees all of it the ruling's: {page}"
    );
    assert!(inbox(&town, "liaison-parks").await.contains(number), "it is theirs again");
    assert!(!inbox(&town, "arbiter").await.contains(number));
}
