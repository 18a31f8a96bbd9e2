//! The replay of a case: how it was at a record or a moment, for whoever may see it now, and the chain verified.

use crate::town::{Answer, Ask, Town};
use paidan_journal::Store as _;
use serde_json::{Value as Json, json};

const RESIDENT: &str = "resident-1";
const DISPATCHER: &str = "secretary-hailing";
const AGENT: &str = "lead-hailing";
/// Words that stand in a field which is written later.
const LATER: &str = "canary-later-41";

async fn act(town: &Town, who: &'static str, case: &str, action: &str, fields: Json) {
    let body = json!({ "fields": fields });
    let asked = Ask { who, ..Ask::post(&format!("/v1/cases/{case}/actions/{action}"), &body) };
    let done = town.ask(&asked).await;
    assert_eq!(done.status, 200, "{action}: {}", done.text);
}

/// An order that is placed at 15:00, sorted at 15:10, and offered to an agent at 15:20; its id.
async fn order(town: &Town) -> String {
    let fields =
        json!({ "reporter": RESIDENT, "place": "gate-3", "category": "drain", "summary": "blocked" });
    let open = Ask::post("/v1/cases", &json!({ "workflow": "resident-order", "fields": fields }));
    let opened = town.ask(&Ask { who: RESIDENT, ..open }).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    let id = opened.json().get("id").unwrap().as_str().unwrap().to_string();
    town.later(600);
    act(town, DISPATCHER, &id, "triage", json!({ "order_type": "repair", "class": "normal" })).await;
    town.later(600);
    act(town, DISPATCHER, &id, "dispatch", json!({ "agent": AGENT })).await;
    id
}

async fn replay(town: &Town, who: &'static str, id: &str, query: &str) -> Answer {
    town.ask(&Ask { who, ..Ask::get(&format!("/case/{id}/history{query}")) }).await
}

/// The state that a page says it was in.
fn state(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{}", page.text);
    let (_, rest) = page.text.split_once("<dd><strong>").unwrap();
    rest.split_once('<').unwrap().0.to_string()
}

#[tokio::test]
async fn a_case_is_shown_at_record_and_moment() {
    let town = Town::new().await;
    let id = order(&town).await;
    let of = async |query: &str| replay(&town, RESIDENT, &id, query).await;
    let (first, second, now) = (of("?seq=1").await, of("?seq=2").await, of("").await);
    assert_eq!(
        (state(&first).as_str(), state(&second).as_str(), state(&now).as_str()),
        ("已下单", "已分类", "待接单")
    );
    assert!(
        now.text.contains("<dt>代办员</dt>") && !first.text.contains("<dt>代办员</dt>"),
        "not written yet"
    );
    for at in
        ["2026-09-30+15:05", "2026-09-30T15:05", "2026-09-30T15:05:00%2B08:00", "2026-09-30T15:05:00+08:00"]
    {
        assert_eq!(state(&of(&format!("?at={at}")).await), "已下单", "{at}");
    }
    assert_eq!(
        state(&of("?at=2026-09-30T15:12&seq=").await),
        "已分类",
        "what a form leaves empty is not asked"
    );
    // What somebody may do then is nothing: it is over.
    assert!(
        !first.text.contains("value=\"triage\"")
            && first.text.contains("version") | first.text.contains("版本")
    );
    let rule = "on.triage       = { go = &quot;triaged&quot;";
    assert!(
        first.text.contains(rule) && !now.text.contains(rule),
        "the rule of that state, as it was written"
    );
    // The case page leads there, and sends on whoever asks it for another moment.
    let page = town.ask(&Ask { who: RESIDENT, ..Ask::get(&format!("/case/{id}")) }).await;
    assert!(page.text.contains(&format!("href=\"/case/{id}/history\"")), "{}", page.text);
    let sent = town.ask(&Ask { who: RESIDENT, ..Ask::get(&format!("/case/{id}?at=2026-09-30T15:05")) }).await;
    assert_eq!(
        sent.header("location"),
        format!("/case/{}/history?at=2026%2D09%2D30T15%3A05", id.replace('-', "%2D"))
    );
}

#[tokio::test]
async fn the_slider_works_without_a_script() {
    let town = Town::new().await;
    let id = order(&town).await;
    let page = replay(&town, RESIDENT, &id, "?seq=2").await.text;
    let action = format!("method=\"get\" action=\"/case/{id}/history\"");
    assert!(page.contains(&action), "{page}");
    assert!(page.contains("<input type=\"range\" name=\"seq\" min=\"1\" max=\"3\" value=\"2\">"), "{page}");
    assert!(page.contains("<input type=\"number\" name=\"seq\" min=\"1\" max=\"3\" value=\"2\" required>"));
    assert!(page.contains("<input type=\"datetime-local\" name=\"at\" value=\"2026-09-30T15:10\" required>"));
    for beside in ["?seq=1\">前一条", "?seq=3\">后一条"] {
        assert!(page.contains(beside), "{beside}");
    }
    let script = town.ask(&Ask::get("/static/slider.js")).await;
    assert_eq!((script.status, page.contains("src=\"/static/slider.js\"")), (200, true));
}

#[tokio::test]
async fn moments_outside_the_case_are_refused() {
    let town = Town::new().await;
    let id = order(&town).await;
    let wrong = [
        ("?seq=0", "从1起"),
        ("?seq=x", "从1起"),
        ("?seq=4", "3条记录"),
        ("?at=yesterday", "2026-10-08 12:00"),
        ("?at=2026-09-30T14:00", "还没有这件事"),
        ("?at=2027-01-01T00:00", "还没有到"),
        ("?seq=1&at=2026-09-30T15:05", "只能写一个"),
        ("?when=1", "when"),
    ];
    for (query, said) in wrong {
        let answer = replay(&town, RESIDENT, &id, query).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "R2001"), "{query}");
        assert!(answer.text.contains(said), "{query}: {}", answer.text);
    }
    for query in ["", "?seq=1", "?seq=4", "?at=2026-09-30T15:05", "?verify=yes"] {
        assert_eq!(replay(&town, "resident-3", &id, query).await.status, 404, "{query}");
    }
}

/// Who held a case when it was placed, and holds it no more, sees of then what they may see now.
#[tokio::test]
async fn to_have_held_a_case_once_opens_nothing() {
    let town = Town::new().await;
    let fields = json!({ "reporter": RESIDENT, "place": "gate-3", "category": "drain", "summary": LATER });
    let open = Ask::post("/v1/cases", &json!({ "workflow": "resident-order", "fields": fields }));
    let id = town.ask(&Ask { who: RESIDENT, ..open }).await.json();
    let id = id.get("id").unwrap().as_str().unwrap().to_string();
    let held = replay(&town, DISPATCHER, &id, "").await.text;
    assert!(held.contains("下单居民") && held.contains(LATER), "who holds it sees whom it is about: {held}");
    act(&town, DISPATCHER, &id, "triage", json!({ "order_type": "repair", "class": "normal" })).await;
    act(&town, DISPATCHER, &id, "dispatch", json!({ "agent": AGENT })).await;
    for query in ["?seq=1", "?seq=2", ""] {
        let page = replay(&town, DISPATCHER, &id, query).await;
        assert_eq!(page.status, 200);
        let (_, main) = page.text.split_once("<main").unwrap();
        for name in ["<dt>下单居民</dt>", "何阿婆", RESIDENT] {
            assert!(!main.contains(name), "{query} tells of {name}: {main}");
        }
        assert!(main.contains(LATER), "what is not private stays");
    }
}

#[tokio::test]
async fn days_without_escalation_are_explained() {
    let town = Town::new().await;
    let id = order(&town).await;
    let page = replay(&town, "auditor", &id, "?seq=3").await.text;
    for told in [
        "当时未到期限",
        "升级第1级",
        "10-01–10-07</strong> 放假 · 不计",
        "10-10</strong> 调休上班 · 第3天",
        "国务院办公厅关于2026年部分节假日安排的通知",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
}

#[tokio::test]
async fn auditors_and_persons_concerned_verify_the_chain() {
    let town = Town::new().await;
    let id = order(&town).await;
    let (store, tenant) = (&town.desk.world.store, town.desk.tenant);
    let head = store.head(tenant, &format!("case/{id}")).await.unwrap().unwrap();
    for who in ["auditor", RESIDENT] {
        let page = replay(&town, who, &id, "?seq=2&verify=yes").await;
        assert_eq!(state(&page), "已分类", "one stays where one was");
        assert!(page.text.contains("完整") && page.text.contains(&head.hash), "{}", page.text);
    }
    let other = replay(&town, DISPATCHER, &id, "").await;
    assert!(!other.text.contains("name=\"verify\""), "no button for whoever may not");
    assert_eq!(replay(&town, DISPATCHER, &id, "?verify=yes").await.status, 403);
    let looks = town.ask(&Ask { who: "auditor", ..Ask::get(&format!("/v1/cases/{id}/access")) }).await.json();
    let whats: Vec<&str> = looks
        .get("items")
        .unwrap()
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l.get("what").unwrap().as_str().unwrap())
        .collect();
    assert_eq!(whats, ["verify", "verify", "history", "verify", "access"], "each look is written down");
}

#[tokio::test]
async fn event_log_exports_are_restricted_and_logged() {
    let town = Town::new().await;
    let fields = json!({ "reporter": RESIDENT, "place": "gate-3", "category": "drain", "summary": LATER });
    let open = Ask::post("/v1/cases", &json!({ "workflow": "resident-order", "fields": fields }));
    let id = town.ask(&Ask { who: RESIDENT, ..open }).await.json();
    let id = id.get("id").unwrap().as_str().unwrap().to_string();
    act(&town, DISPATCHER, &id, "triage", json!({ "order_type": "repair", "class": "normal" })).await;
    let page = replay(&town, "auditor", &id, "").await.text;
    assert!(page.contains(&format!("href=\"/case/{id}/xes\" download")), "{page}");
    for path in [format!("/case/{id}/xes"), format!("/v1/cases/{id}/xes")] {
        let log = town.ask(&Ask { who: "auditor", ..Ask::get(&path) }).await;
        assert_eq!(
            (log.status, log.header("content-type").as_str()),
            (200, "application/xml"),
            "{}",
            log.text
        );
        assert!(log.header("content-disposition").ends_with(".xes\""));
        assert_eq!(log.text.matches("<event>").count(), 5, "{}", log.text);
        assert!(log.text.contains("<string key=\"org:resource\" value=\"secretary-hailing\"/>"));
        for personal in [LATER, "何阿婆", "summary"] {
            assert!(!log.text.contains(personal), "{personal}: {}", log.text);
        }
        // Who holds it may see it, and does not take it out; who may not know of it is told that it is not there.
        assert_eq!(town.ask(&Ask { who: "resident-3", ..Ask::get(&path) }).await.status, 404);
        assert_eq!(town.ask(&Ask { who: DISPATCHER, ..Ask::get(&path) }).await.status, 403);
    }
    let page = replay(&town, DISPATCHER, &id, "").await.text;
    assert!(!page.contains("/xes"), "no link for whoever may not");
    let looks = town.ask(&Ask { who: "auditor", ..Ask::get(&format!("/v1/cases/{id}/access")) }).await.text;
    assert_eq!(looks.matches("\"what\":\"xes\"").count(), 6, "{looks}");
}
