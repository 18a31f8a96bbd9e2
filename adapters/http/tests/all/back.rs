//! A form that was not taken comes back with all that was written in it, and says in plain words what was wrong.

use crate::town::{Answer, Ask, Town};
use serde_json::{Value as Json, json};

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
async fn failed_conditions_are_named_and_input_is_kept() {
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
async fn an_invalid_form_returns_with_fields_marked() {
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
async fn late_actions_are_refused_and_input_is_kept() {
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
async fn residents_by_code_get_their_form_back() {
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
    let carried = format!("name=\"_code\" value=\"{code}\"");
    assert!(back.text.contains(&carried), "the code goes on with the form: {}", back.text);
}

#[tokio::test]
async fn the_dispatch_desk_stays_after_an_order_moves() {
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

/// The commonest failure on a phone: the wrong file. What was typed stays, and so does the file that was right.
#[tokio::test]
async fn a_refused_file_keeps_the_other_input() {
    let town = Town::new().await;
    let id = lift(&town).await;
    let (desk, path) = ("dispatcher-jinchen", format!("/case/{id}"));
    let values = [("_token", "f1"), ("_action", "eligible"), ("floors", "6"), ("answer", "六层楼")];
    let files: [(&str, &str, &[u8]); 2] =
        [("title", "application/pdf", b"%PDF-1.7"), ("title", "text/plain", b"hello")];
    let back = town.send_files(desk, &path, &values, &files).await;
    assert_eq!(back.status, 415, "{}", back.text);
    assert!(
        back.text.contains("只收图片或PDF") && !back.text.contains("no kind that is taken"),
        "{}",
        back.text
    );
    assert!(back.text.contains("六层楼") && back.text.contains("value=\"6\""), "{}", back.text);
    let (_, kept) = back.text.split_once("type=\"checkbox\" name=\"title\" value=\"").unwrap();
    let digest = kept.split_once('"').unwrap().0.to_string();
    // The same file chosen once more beside the one that is kept is one file.
    let mut again = values.to_vec();
    again[0] = ("_token", "f2");
    again.push(("title", digest.as_str()));
    let done = town.send_files(desk, &path, &again, &[("title", "application/pdf", b"%PDF-1.7")]).await;
    assert_eq!(done.status, 303, "{}", done.text);
}

/// Whoever mends one list of a form does not write over what somebody else has put into another meanwhile.
#[tokio::test]
async fn a_returned_form_keeps_changes_by_others() {
    let town = Town::new().await;
    let id = lift(&town).await;
    let (desk, path) = ("dispatcher-jinchen", format!("/case/{id}"));
    let pdf: [(&str, &str, &[u8]); 1] = [("title", "application/pdf", b"%PDF-1.7")];
    let values = [("_token", "l1"), ("_action", "eligible"), ("floors", "6")];
    assert_eq!(town.send_files(desk, &path, &values, &pdf).await.status, 303);
    let survey: [(&str, &str, &[u8]); 1] = [("survey", "application/pdf", b"%PDF-1.7")];
    let values = [("_token", "l2"), ("_action", "feasible")];
    assert_eq!(town.send_files("expert", &path, &values, &survey).await.status, 303);
    let values = [
        ("_token", "l3"),
        ("_action", "publish"),
        ("cost", "60万"),
        ("running_costs", "r"),
        ("owners", "101, 1, 90\n201, 2, 90, resident-1"),
        ("weights", "1, 0\n2, 1"),
    ];
    let sketch: [(&str, &str, &[u8]); 1] = [("sketch", "application/pdf", b"%PDF-1.7")];
    assert_eq!(town.send_files("resident-1", &path, &values, &sketch).await.status, 303);
    let print = |page: &str, field: &str| {
        let found =
            page.split_once(&format!("value=\"{field}:")).map(|(_, rest)| rest.split_once('"').unwrap().0);
        found.map(|print| format!("{field}:{print}")).unwrap_or_default()
    };
    let seen = |page: &str| {
        page.split_once("name=\"_seen\" value=\"").unwrap().1.split_once('"').unwrap().0.to_string()
    };
    let first = town.ask(&Ask { who: desk, ..Ask::get(&path) }).await.text;
    let correct = async |page: &str, token: &str, owners: &str, weights: &str, occupied: &str| {
        let (o, w, seen) = (print(page, "owners"), print(page, "weights"), seen(page));
        let values = [
            ("_token", token),
            ("_action", "correct"),
            ("_reason", "title shown"),
            ("_seen", seen.as_str()),
            ("_shown", o.as_str()),
            ("_shown", w.as_str()),
            ("owners", owners),
            ("weights", weights),
            ("occupied", occupied),
        ];
        send(&town, desk, &path, &values).await
    };
    let owners = "101, 1, 90, o-101\n201, 2, 90, resident-1";
    // Somebody else corrects the weights; then a slip in another list of the same form comes back.
    assert_eq!(correct(&first, "l4", owners, "1\t0\n2\t9", "").await.status, 303);
    let back = correct(&first, "l5", owners, "1\t0\n2\t1", "999, 1, 90, o-999").await;
    assert_eq!(back.status, 422, "{}", back.text);
    assert!(back.text.contains("999不在名册里"), "a stranger would have a veto: {}", back.text);
    assert!(back.text.contains("1\t0\n2\t9</textarea>"), "the weights are theirs now: {}", back.text);
    let done = correct(&back.text, "l6", owners, "1\t0\n2\t9", "101, 1, 90, o-101").await;
    assert_eq!(done.status, 303, "{}", done.text);
    // Both have changed the weights: neither is lost without a word.
    let second = town.ask(&Ask { who: desk, ..Ask::get(&path) }).await.text;
    assert_eq!(correct(&second, "l7", owners, "1\t0\n2\t7", "101, 1, 90, o-101").await.status, 303);
    let back = correct(&second, "l8", owners, "1\t0\n2\t5", "101, 1, 90, o-101").await;
    assert_eq!(back.status, 412, "{}", back.text);
    assert!(back.text.contains("您写的是") && back.text.contains("<pre>1\t0\n2\t5</pre>"), "{}", back.text);
    assert!(back.text.contains("1\t0\n2\t7</textarea>"), "{}", back.text);
    let stream = format!("case/{id}");
    let held = town.desk.queries.case(&stream).await.unwrap().unwrap();
    let held = serde_json::to_value(&held.form.fields["weights"]).unwrap()["open"]["table"].clone();
    assert_eq!(held[1]["weight"], 7, "a press on what came back says nothing new");
    let history = town.ask(&Ask { who: desk, ..Ask::get(&path) }).await.text;
    assert!(history.contains("去掉 2 9，增加 2 7"), "who changed what: {history}");
}

/// What may have been done already is not opened again by mending the form.
#[tokio::test]
async fn a_resent_form_opens_no_second_case() {
    let town = Town::new().await;
    let values = |summary: &'static str| {
        [("_token", "k1"), ("place", "gate-3"), ("category", "drain"), ("summary", summary)]
    };
    let first = send(&town, "resident-1", "/new/resident-order", &values("blocked")).await;
    assert_eq!(first.status, 200, "{}", first.text);
    let other = send(&town, "resident-1", "/new/resident-order", &values("blocked, and it smells")).await;
    assert_eq!((other.status, other.code().as_str()), (422, "R2009"), "{}", other.text);
    assert!(other.text.contains("name=\"_token\" value=\"k1\""), "the same token: {}", other.text);
    assert!(other.text.contains("前一次已经提交"), "{}", other.text);
}
