//! A form that was not taken comes back with all that was written in it, and says in plain words what was wrong.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod town;

use serde_json::{Value as Json, json};
use town::{Answer, Ask, Town};

/// What a browser sends when a form is submitted.
async fn send(town: &Town, who: &'static str, path: &str, values: &[(&str, &str)]) -> Answer {
    let body = form_urlencoded(values);
    let kind = "application/x-www-form-urlencoded";
    town.ask(&Ask { who, kind, body, key: None, ..Ask::post(path, &json!({})) }).await
}

fn form_urlencoded(values: &[(&str, &str)]) -> Vec<u8> {
    let escaped = |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let pairs = values.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    pairs.collect::<Vec<_>>().join("&").into_bytes()
}

async fn lift(town: &Town) -> String {
    let fields = json!({ "applicant": "resident-1", "place": "dormitory", "topic": "lift" });
    let body = json!({ "workflow": "elevator-installation", "fields": fields });
    let opened = town.ask(&Ask { who: "resident-1", ..Ask::post("/v1/cases", &body) }).await.json();
    let id = opened["id"].as_str().unwrap().to_string();
    let accepted =
        Ask { who: "dispatcher-jinchen", ..Ask::post(&format!("/v1/cases/{id}/actions/accept"), &json!({})) };
    assert_eq!(town.ask(&accepted).await.status, 200);
    id
}

#[tokio::test]
async fn a_condition_that_fails_is_named_and_the_number_typed_is_still_there() {
    let town = Town::new().await;
    let id = lift(&town).await;
    let (desk, path) = ("dispatcher-jinchen", format!("/case/{id}"));
    let records = town.records().await;
    let values = [("_token", "t1"), ("_action", "eligible"), ("floors", "6"), ("answer", "住户说有六层")];
    let back = send(&town, desk, &path, &values).await;
    assert_eq!((back.status, town.records().await), (422, records), "{}", back.text);
    let page = &back.text;
    assert!(page.contains("没有办成") && page.contains("R1003"), "{page}");
    assert!(
        page.contains("“核查通过”还不能办，需要：“产权资料”已填写 <small>"),
        "what is missing is named: {page}"
    );
    assert!(page.contains("value=\"6\"") && page.contains("住户说有六层"), "what was typed is there: {page}");
    assert!(page.contains("id=\"refused\"") && page.contains("href=\"#refused\""), "{page}");
    assert!(!page.contains("it needs"), "no English in Chinese: {page}");
}

#[tokio::test]
async fn what_cannot_be_opened_comes_back_and_marks_the_field() {
    let town = Town::new().await;
    let long = "长".repeat(61);
    let values =
        [("_token", "t2"), ("place", "gate-3"), ("category", long.as_str()), ("summary", "三号门口积水")];
    let back = send(&town, "resident-1", "/new/resident-order", &values).await;
    assert_eq!(back.status, 422, "{}", back.text);
    assert!(back.text.contains("最多60") && back.text.contains("三号门口积水"), "{}", back.text);
    assert!(
        back.text.contains("class=\"wrong\"") && back.text.contains("value=\"gate-3\" selected"),
        "{}",
        back.text
    );
    // Mended, it is taken; the receipt is what a resident gets.
    let values = [("_token", "t3"), ("place", "gate-3"), ("category", "drain"), ("summary", "三号门口积水")];
    let sent = send(&town, "resident-1", "/new/resident-order", &values).await;
    assert_eq!(sent.status, 200, "{}", sent.text);
}

/// Whoever was too late hears it on the page, with the words written to be copied.
#[tokio::test]
async fn what_can_no_longer_be_done_is_said_and_the_words_are_kept() {
    let town = Town::new().await;
    let id = lift(&town).await;
    let values = [("_token", "t4"), ("_action", "accept"), ("_reason", "资料齐全"), ("answer", "欢迎申请")];
    let back = send(&town, "dispatcher-jinchen", &format!("/case/{id}"), &values).await;
    assert_eq!(back.status, 409, "{}", back.text);
    let (notice, page) = (&back.text, &back.text);
    assert!(notice.contains("<code>R1001</code>") && notice.contains("现在不能“"), "{notice}");
    assert!(
        page.contains("您填写的内容") && page.contains("欢迎申请") && page.contains("资料齐全"),
        "{page}"
    );
    assert!(!page.contains("“accept”"), "by its title: {page}");
}

#[tokio::test]
async fn a_resident_with_a_code_gets_the_form_back_too() {
    let town = Town::new().await;
    let fields =
        json!({ "reporter": "resident-2", "place": "gate-3", "category": "drain", "summary": "blocked" });
    let open = Ask::post("/v1/cases", &json!({ "workflow": "resident-order", "fields": fields }));
    let opened: Json = town.ask(&open).await.json();
    let code = opened["code"].as_str().unwrap();
    let values = [("_code", code), ("_token", "t5"), ("_action", "withdraw"), ("_reason", "")];
    let back = send(&town, "", "/track/act", &values).await;
    assert_eq!(back.status, 422, "{}", back.text);
    assert!(back.text.contains("请写明理由") && back.text.contains("id=\"refused\""), "{}", back.text);
    assert!(back.text.contains(code), "the code goes on with the form");
}

#[tokio::test]
async fn the_desk_stays_the_desk_when_an_order_has_moved_on() {
    let town = Town::new().await;
    let fields =
        json!({ "reporter": "resident-2", "place": "gate-3", "category": "drain", "summary": "blocked" });
    let open = Ask::post("/v1/cases", &json!({ "workflow": "resident-order", "fields": fields }));
    let opened = town.ask(&open).await.json();
    let (id, number) = (opened["id"].as_str().unwrap(), opened["number"].as_str().unwrap());
    let desk = "secretary-hailing";
    let body = json!({ "fields": { "order_type": "repair" } });
    let triage = Ask { who: desk, ..Ask::post(&format!("/v1/cases/{id}/actions/triage"), &body) };
    assert_eq!(town.ask(&triage).await.status, 200);
    let agent = [
        ("_token", "t6"),
        ("_action", "dispatch"),
        ("_next", "/dispatch"),
        ("_seen", "1"),
        ("agent", "agent-hailing"),
    ];
    let back = send(&town, desk, &format!("/case/{id}"), &agent).await;
    assert_eq!(back.status, 412, "{}", back.text);
    assert!(back.text.contains("R1019") && back.text.contains("class=\"desk\""), "{}", back.text);
    assert!(
        back.text.contains(&format!("/dispatch?order={number}")),
        "the order is at hand again: {}",
        back.text
    );
}
