//! Not enough time: a department asks for more of it, or for a pause with proof, on its page; whoever has to agree has it on
//! the list and is told. A closed case is opened again by whom it is about.

use crate::town::{Ask, Town};
use serde_json::json;

/// A whistle at which two departments work; its id and number.
async fn at_work(town: &Town) -> (String, String) {
    let photo = town.photo("secretary-hailing").await;
    let fields = json!({
        "kind": "quick", "reporter": "resident-1", "place": "gate-3", "category": "drain", "summary": "blocked", "affected": 9,
    });
    let number = town.open("secretary-hailing", "whistle-report", fields).await;
    town.does("secretary-hailing", &number, "submit", json!({ "photos": [photo], "tried": "rodded" })).await;
    town.does("secretary-hailing", &number, "approve", json!({ "duty_row": "water-02" })).await;
    let asked = json!({ "departments": ["water", "roads"], "lead_unit": "water" });
    town.does("dispatcher", &number, "assign", asked).await;
    let id = town.desk.queries.by_number(&number).await.unwrap().unwrap();
    (id, number)
}

async fn page(town: &Town, who: &'static str, id: &str) -> String {
    town.ask(&Ask { who, ..Ask::get(&format!("/{id}")) }).await.text
}

/// The form of an action, as the page has it.
fn form<'p>(page: &'p str, action: &str) -> Option<&'p str> {
    page.split("<form").find(|form| form.contains(&format!("name=\"_action\" value=\"{action}\"")))
}

/// What stands in an input that nobody sees.
fn hidden(form: &str, name: &str) -> String {
    let (_, rest) = form.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    rest.split_once('"').unwrap().0.to_string()
}

/// Sends the form of an action with more in it, as a browser does.
async fn press(town: &Town, who: &'static str, id: &str, action: &str, more: &str) -> (u16, String) {
    let page = page(town, who, id).await;
    let form = form(&page, action).unwrap_or_else(|| panic!("{who} is not offered {action}: {page}"));
    let mut body = format!("_action={action}&_token={}", hidden(form, "_token"));
    for name in ["clock", "pause", "_leg"] {
        if form.contains(&format!("name=\"{name}\"")) {
            body += &format!("&{name}={}", hidden(form, name));
        }
    }
    let sent = Ask {
        who,
        kind: "application/x-www-form-urlencoded",
        body: format!("{body}{more}").into_bytes(),
        key: None,
        ..Ask::post(&format!("/{id}"), &json!({}))
    };
    let answer = town.ask(&sent).await;
    (answer.status, answer.text)
}

/// A document of its own: the picture of the whistle everybody on it may see.
async fn proof(town: &Town, who: &'static str) -> String {
    let body = b"%PDF-1.7\n%%EOF\n".to_vec();
    let sent = Ask { who, kind: "application/pdf", body, ..Ask::post("/v1/files", &json!({})) };
    let kept = town.ask(&sent).await;
    kept.json().get("digest").unwrap().as_str().unwrap().to_string()
}

async fn told(town: &Town, notice: &str) -> bool {
    let letters = town.desk.queries.letters(None, 100).await.unwrap();
    letters.iter().any(|posted| posted.letter.body.contains(notice))
}

async fn inbox(town: &Town, who: &'static str) -> String {
    town.ask(&Ask { who, ..Ask::get("/v1/inbox") }).await.text
}

#[tokio::test]
async fn departments_ask_and_streets_grant_more_time() {
    let town = Town::new().await;
    let (id, number) = at_work(&town).await;
    let due =
        |page: &str| page.split_once("办结承诺</td>").unwrap().1.split_once("</td>").unwrap().0.to_string();
    let before = due(&page(&town, "liaison-water", &id).await);
    assert!(form(&page(&town, "liaison-roads", &id).await, "extend").is_none(), "only the lead may ask");
    let (status, text) = press(&town, "liaison-water", &id, "extend", "").await;
    assert_eq!(status, 422, "not without a reason: {text}");
    assert!(!inbox(&town, "leader-donghe").await.contains(&number));
    let (status, text) = press(&town, "liaison-water", &id, "extend", "&_reason=pipes+are+ordered").await;
    assert_eq!(status, 303, "{text}");
    assert_eq!(due(&page(&town, "liaison-water", &id).await), before, "asking moves nothing");
    assert!(inbox(&town, "leader-donghe").await.contains("延期申请待批"), "whoever agrees has a task");
    assert!(told(&town, "to_extend").await, "and is told");
    let (status, text) = press(&town, "leader-donghe", &id, "decline_extension", "").await;
    assert_eq!(status, 422, "not without a reason: {text}");
    let why = "&_reason=pipes+are+in+stock";
    let (status, text) = press(&town, "leader-donghe", &id, "decline_extension", why).await;
    assert_eq!(status, 303, "{text}");
    assert!(!inbox(&town, "leader-donghe").await.contains(&number), "it is answered");
    assert!(told(&town, "extension_declined").await, "whoever asked is told");
    let own = page(&town, "liaison-water", &id).await;
    assert_eq!(due(&own), before);
    assert!(own.contains("pipes are in stock"), "and reads why: {own}");
    for (action, asked) in [("extend", true), ("withdraw_extension", false), ("extend", true)] {
        let (status, text) = press(&town, "liaison-water", &id, action, "&_reason=really+not").await;
        assert_eq!(status, 303, "{text}");
        assert_eq!(inbox(&town, "leader-donghe").await.contains(&number), asked, "{action}");
    }
    let (status, text) = press(&town, "leader-donghe", &id, "approve_extension", "").await;
    assert_eq!(status, 303, "{text}");
    assert_ne!(due(&page(&town, "liaison-water", &id).await), before);
    assert!(!inbox(&town, "leader-donghe").await.contains(&number), "it is done");
    assert!(told(&town, "extended").await, "the resident is told");
}

#[tokio::test]
async fn extensions_are_decided_while_the_clock_is_paused() {
    let town = Town::new().await;
    let (id, number) = at_work(&town).await;
    let (status, text) = press(&town, "liaison-water", &id, "extend", "&_reason=pipes+are+ordered").await;
    assert_eq!(status, 303, "{text}");
    let photo = proof(&town, "secretary-hailing").await;
    let (status, text) = press(&town, "secretary-hailing", &id, "pause", &format!("&proof={photo}")).await;
    assert_eq!(status, 303, "{text}");
    assert!(inbox(&town, "leader-donghe").await.contains(&number), "it still waits for a word");
    assert!(form(&page(&town, "leader-donghe", &id).await, "approve_extension").is_none(), "it stands still");
    let why = "&_reason=ask+again+then";
    let (status, text) = press(&town, "leader-donghe", &id, "decline_extension", why).await;
    assert_eq!(status, 303, "{text}");
    assert!(!inbox(&town, "leader-donghe").await.contains(&number));
}

#[tokio::test]
async fn a_pause_needs_proof_and_approval_and_ends() {
    let town = Town::new().await;
    let (id, number) = at_work(&town).await;
    let own = page(&town, "liaison-roads", &id).await;
    let asked = form(&own, "pause").unwrap();
    assert!(asked.contains("等材料、等法院") && asked.contains("name=\"proof\""), "{asked}");
    let (status, text) = press(&town, "liaison-roads", &id, "pause", "").await;
    assert_eq!(status, 422, "not without proof: {text}");
    let photo = proof(&town, "liaison-roads").await;
    let (status, text) = press(&town, "liaison-roads", &id, "pause", &format!("&proof={photo}")).await;
    assert_eq!(status, 303, "{text}");
    assert!(form(&page(&town, "liaison-roads", &id).await, "pause").is_none(), "it waits for a word");
    assert!(inbox(&town, "supervisor").await.contains("暂停申请待批"));
    assert!(told(&town, "to_pause").await);
    let link = format!("/{id}/file/{photo}");
    for (who, sees) in
        [("supervisor", true), ("liaison-roads", true), ("auditor", true), ("liaison-water", false)]
    {
        assert_eq!(page(&town, who, &id).await.contains(&link), sees, "{who}");
        assert_eq!(
            town.ask(&Ask { who, ..Ask::get(&link) }).await.status,
            if sees { 200 } else { 404 },
            "{who}"
        );
    }
    assert_eq!(press(&town, "supervisor", &id, "approve_pause", "").await.0, 303);
    assert!(!inbox(&town, "supervisor").await.contains(&number));
    assert!(page(&town, "liaison-roads", &id).await.contains("暂停（等材料、等法院）"));
    assert_eq!(press(&town, "liaison-roads", &id, "resume_clock", "").await.0, 303);
    let after = page(&town, "liaison-roads", &id).await;
    assert!(
        form(&after, "resume_clock").is_none() && form(&after, "pause").is_none(),
        "once and no more: {after}"
    );
}

#[tokio::test]
async fn requested_pauses_are_declined_or_withdrawn() {
    let town = Town::new().await;
    let (id, number) = at_work(&town).await;
    let photo = proof(&town, "liaison-roads").await;
    let proof = format!("&proof={photo}");
    assert_eq!(press(&town, "liaison-roads", &id, "pause", &proof).await.0, 303);
    assert!(form(&page(&town, "liaison-roads", &id).await, "decline_pause").is_none(), "another's word");
    assert_eq!(press(&town, "supervisor", &id, "decline_pause", "").await.0, 422, "not without a reason");
    let why = "&_reason=the+asphalt+is+here";
    let (status, text) = press(&town, "supervisor", &id, "decline_pause", why).await;
    assert_eq!(status, 303, "{text}");
    assert!(!inbox(&town, "supervisor").await.contains(&number));
    assert!(told(&town, "pause_declined").await);
    assert!(page(&town, "liaison-roads", &id).await.contains("the asphalt is here"));
    assert_eq!(
        press(&town, "liaison-roads", &id, "pause", &proof).await.0,
        303,
        "and may be asked for again"
    );
    assert_eq!(press(&town, "liaison-roads", &id, "withdraw_pause", "").await.0, 303);
    assert!(!inbox(&town, "supervisor").await.contains(&number));
    let own = page(&town, "liaison-roads", &id).await;
    assert!(form(&own, "pause").is_some() && form(&own, "withdraw_pause").is_none(), "{own}");
    assert!(!own.contains("暂停（等材料、等法院）"), "it never stood still");
}

#[tokio::test]
async fn proof_of_unapproved_pauses_is_kept_and_shown() {
    let town = Town::new().await;
    let (id, _) = at_work(&town).await;
    let photo = proof(&town, "secretary-hailing").await;
    let (status, text) = press(&town, "secretary-hailing", &id, "pause", &format!("&proof={photo}")).await;
    assert_eq!(status, 303, "{text}");
    let own = page(&town, "secretary-hailing", &id).await;
    assert!(
        own.contains("暂停（联系不上居民或缺材料）") && own.contains(&format!("/{id}/file/{photo}")),
        "{own}"
    );
    assert!(!page(&town, "liaison-roads", &id).await.contains(&photo), "not the departments' to see");
}

#[tokio::test]
async fn the_api_names_the_clock_and_required_proof() {
    let town = Town::new().await;
    let (_, number) = at_work(&town).await;
    let offers = async |who: &'static str| {
        town.ask(&Ask { who, ..Ask::get(&format!("/v1/cases/{number}/actions")) }).await.json()
    };
    let found = offers("liaison-water").await;
    let items = found.get("items").unwrap().as_array().unwrap();
    let one = |name: &str| items.iter().find(|item| item.get("action") == Some(&json!(name))).unwrap();
    assert_eq!(one("extend").get("about"), Some(&json!({ "clock": "case" })));
    assert_eq!(one("pause").get("about"), Some(&json!({ "pause": "blocked" })));
    assert_eq!(one("pause").get("proof"), Some(&json!(true)));
}

#[tokio::test]
async fn the_person_concerned_reopens_a_closed_case() {
    let town = Town::new().await;
    let (id, number) = at_work(&town).await;
    let of_leg = async |who: &'static str, leg: &str, action: &str| {
        let done = town.act(who, &number, action, json!({ "leg": leg })).await;
        assert_eq!(done.status, 200, "{action}: {}", done.text);
    };
    let both = [("liaison-water", "water"), ("liaison-roads", "roads")];
    for (who, leg) in both {
        of_leg(who, leg, "check_in").await;
    }
    let plan = json!({ "plan_text": "jet it", "public_words": "dry tomorrow", "budget": "own" });
    town.does("liaison-water", &number, "propose", plan).await;
    for (who, leg) in both {
        of_leg(who, leg, "agree").await;
    }
    town.does("liaison-water", &number, "plan_agreed", json!({})).await;
    for (who, leg) in both {
        of_leg(who, leg, "finish").await;
    }
    let photo = town.photo("secretary-hailing").await;
    town.does("secretary-hailing", &number, "pass", json!({ "evidence": [photo] })).await;
    assert!(form(&page(&town, "resident-1", &id).await, "reopen").is_none(), "it is open");
    let answer = json!({ "feedback_solved": true, "feedback_rating": 5 });
    town.does("resident-1", &number, "feedback_answer", answer).await;
    assert!(
        form(&page(&town, "liaison-water", &id).await, "reopen").is_none(),
        "not for the department to say"
    );
    let (status, text) = press(&town, "resident-1", &id, "reopen", "").await;
    assert_eq!(status, 422, "not without a reason: {text}");
    let (status, text) = press(&town, "resident-1", &id, "reopen", "&_reason=it+is+wet+again").await;
    assert_eq!(status, 303, "{text}");
    assert!(inbox(&town, "supervisor").await.contains(&number));
}
