//! Who gets in, and who sees what: sessions, keys, residents without an account, photos.

use crate::town::{Answer, Ask, Town};
use paidan_http::Door;
use serde_json::{Value as Json, json};

const URL: &str = "application/x-www-form-urlencoded";

fn form(path: &str, body: &str) -> Ask {
    Ask { kind: URL, body: body.as_bytes().to_vec(), key: None, who: "", ..Ask::post(path, &json!({})) }
}

fn session(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_string()
}

async fn login(town: &Town, name: &str, password: &str) -> Answer {
    town.ask(&form("/login", &format!("name={name}&password={password}"))).await
}

fn open(key: &str) -> Ask {
    let fields =
        json!({ "reporter": "resident-2", "place": "gate-3", "category": "drain", "summary": "blocked" });
    let body = json!({ "workflow": "resident-order", "fields": fields });
    Ask::post("/v1/cases", &body).with("authorization", &format!("Bearer {key}"))
}

#[tokio::test]
async fn the_setup_link_makes_one_administrator_once() {
    let town = Town::at(Door::Accounts).await;
    assert_eq!(town.ask(&Ask::get("/setup?token=guess")).await.status, 404);
    assert_eq!(town.ask(&Ask::get("/setup?token=setup-token")).await.status, 200);
    let first = "token=setup-token&subject=boss&name=boss&password=";
    let short = town.ask(&form("/setup", &format!("{first}short"))).await;
    assert_eq!((short.status, short.code().as_str()), (400, "R2001"));
    let made = town.ask(&form("/setup", &format!("{first}correct-horse-battery"))).await;
    assert_eq!(made.status, 303, "{}", made.text);
    let cookie = made.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let again = town.ask(&form("/setup", &format!("{first}correct-horse-battery"))).await;
    assert_eq!(again.status, 404, "there is a first administrator already");
    let sink = town.ask(&Ask::get("/sink").with("cookie", &session(&made))).await;
    assert_eq!(sink.status, 200);
    assert_eq!(town.ask(&Ask::get("/sink")).await.status, 401);
    let cookie = session(&made);
    let user = form("/admin/user", "subject=secretary-hailing&name=lin&password=correct-horse-battery");
    assert_eq!(town.ask(&user).await.status, 401, "only the administrator");
    assert_eq!(town.ask(&user.clone().with("cookie", &cookie)).await.status, 303);
    let lin = session(&login(&town, "lin", "correct-horse-battery").await);
    assert_eq!(town.ask(&Ask::get("/admin").with("cookie", &lin)).await.code(), "R2005");
    let key = form("/admin/key", "subject=secretary-hailing&title=hotline").with("cookie", &cookie);
    let key = town.ask(&key).await;
    let text = key.text.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_string();
    assert_eq!(town.ask(&open(&text)).await.status, 201);
    assert_eq!(town.ask(&form("/admin/user/disable", "id=lin").with("cookie", &cookie)).await.status, 303);
    assert_eq!(town.ask(&open(&text)).await.status, 401, "the keys of who is locked out open nothing");
    assert_eq!(
        town.ask(&Ask { who: "dispatcher", ..Ask::get("/v1/inbox") }).await.status,
        401,
        "no choosing"
    );
}

#[tokio::test]
async fn logins_are_throttled_and_sessions_end_at_once() {
    let town = Town::at(Door::Accounts).await;
    town.desk.accounts.put_user("dispatcher", "lin", "correct-horse-battery", false).await.unwrap();
    let good = login(&town, "lin", "correct-horse-battery").await;
    let cookie = session(&good);
    let inbox = Ask::get("/v1/inbox").with("cookie", &cookie);
    let link = town.ask(&Ask { who: "", ..Ask::get("/case/0199-abc") }).await;
    assert_eq!((link.status, link.header("location").as_str()), (303, "/login?next=/case/0199-abc"));
    let hostile = town.ask(&Ask { who: "", ..Ask::get("/case/a%0d%0aSet-Cookie:x") }).await;
    assert_eq!((hostile.status, hostile.header("location").as_str()), (303, "/login?next=/"));
    let elsewhere = ["//evil.example", "https://evil.example", "/case/../admin", "/case/"];
    for (next, to) in elsewhere.iter().map(|next| (*next, "/")).chain([("/case/0199-abc", "/case/0199-abc")])
    {
        let body = format!("name=lin&password=correct-horse-battery&next={next}");
        assert_eq!(town.ask(&form("/login", &body)).await.header("location"), to, "{next}");
    }
    assert_eq!(town.ask(&inbox).await.status, 200);
    let wrong = login(&town, "lin", "wrong-password-1").await;
    let nobody = login(&town, "nobody", "wrong-password-1").await;
    assert_eq!((wrong.status, wrong.code()), (nobody.status, nobody.code()), "which was wrong is not said");
    for _ in 0..8 {
        login(&town, "lin", "wrong-password-1").await;
    }
    let shut = login(&town, "lin", "correct-horse-battery").await;
    assert_eq!((shut.status, shut.code().as_str()), (429, "R2013"));
    assert!(!shut.header("retry-after").is_empty());
    assert_eq!(town.ask(&inbox).await.status, 200, "a session goes on");
    assert!(town.desk.accounts.disable_user("lin").await.unwrap());
    assert_eq!(town.ask(&inbox).await.status, 401, "and ends at once");
}

#[tokio::test]
async fn a_repeated_key_gets_the_first_answer() {
    let town = Town::at(Door::Accounts).await;
    town.desk.accounts.put_user("secretary-hailing", "lin", "correct-horse-battery", false).await.unwrap();
    let (id, key) =
        town.desk.accounts.make_key("secretary-hailing", "hotline", false, 1_000_000).await.unwrap();
    let (_, looks) =
        town.desk.accounts.make_key("secretary-hailing", "board", true, 1_000_000).await.unwrap();
    let (_, old) = town.desk.accounts.make_key("secretary-hailing", "old", false, 0).await.unwrap();
    let ask = open(&key);
    let first = town.ask(&ask).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let again = town.ask(&ask).await;
    assert_eq!((again.status, again.json()["number"].clone()), (201, first.json()["number"].clone()));
    assert_eq!(again.header("idempotent-replayed"), "true");
    let other = Ask { body: b"{\"workflow\":\"resident-order\"}".to_vec(), ..ask.clone() };
    assert_eq!(town.ask(&other).await.code(), "R2009");
    assert_eq!(town.ask(&open(&looks)).await.code(), "R2005", "a key that may only look");
    assert_eq!(town.ask(&open(&old)).await.code(), "R2004", "a key that has expired");
    let case = format!("/v1/cases/{}", first.json()["number"].as_str().unwrap());
    let look = |key: &str| Ask::get(&case).with("authorization", &format!("Bearer {key}"));
    let seen = town.ask(&look(&looks)).await;
    assert_eq!(seen.status, 200);
    let same = town.ask(&look(&looks).with("if-none-match", &seen.header("etag"))).await;
    assert_eq!(same.status, 304);
    assert!(town.desk.accounts.revoke_key(&id).await.unwrap());
    assert_eq!(town.ask(&look(&key)).await.status, 401, "a revoked key");
    let kept = town.desk.accounts.keys().await.unwrap();
    assert!(kept.iter().all(|kept| !key.contains(&kept.hash)), "the key itself is nowhere");
}

#[tokio::test]
async fn residents_without_accounts_act_by_tracking_code() {
    let town = Town::at(Door::Accounts).await;
    let shown = town.ask(&Ask { who: "", ..Ask::get("/new/resident-order") }).await;
    assert_eq!(shown.status, 200);
    assert!(!shown.text.contains("name=\"reporter\""), "nobody is asked for an id");
    assert_eq!(town.ask(&Ask { who: "", ..Ask::get("/new/whistle-report") }).await.code(), "R2004");
    let order = form("/new/resident-order", "_token=t1&place=gate-3&category=drain&summary=blocked");
    let receipt = town.ask(&order).await;
    assert_eq!(receipt.status, 200, "{}", receipt.text);
    let number = receipt.text.split("class=\"receipt\">").nth(1).unwrap().split('<').next().unwrap();
    let code = receipt.text.split("name=\"code\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let tracked = town.ask(&form("/track", &format!("code={code}"))).await;
    assert!(tracked.text.contains(number), "{}", tracked.text);
    let act = format!("_code={code}&_token=t2&_action=withdraw&_reason=solved");
    let done = town.ask(&form("/track/act", &act)).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert!(done.text.contains("撤回") || done.text.contains("Withdrawn"), "{}", done.text);
    assert_eq!(town.ask(&Ask::get(&format!("/v1/cases/{number}"))).await.status, 401);
}

#[tokio::test]
async fn photos_follow_the_visibility_of_their_case() {
    let town = Town::new().await;
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    let send = Ask { body: png.clone(), ..Ask::post("/v1/files", &json!({})) };
    let digest = town.ask(&send).await.json()["digest"].as_str().unwrap().to_string();
    let fields = json!({
        "reporter": "resident-2", "place": "gate-3", "category": "drain", "summary": "blocked", "photos": [digest],
    });
    let body = json!({ "workflow": "resident-order", "fields": fields });
    let opened = town.ask(&Ask::post("/v1/cases", &body)).await.json();
    let path = format!("/v1/cases/{}/files/{digest}", opened["number"].as_str().unwrap());
    let own = town.ask(&Ask::get(&path)).await;
    assert_eq!((own.status, own.header("content-type").as_str()), (200, "image/png"));
    assert!(own.header("content-security-policy").contains("sandbox"));
    assert_eq!(town.ask(&Ask { who: "resident-3", ..Ask::get(&path) }).await.status, 404);
    let other = path.replace(&digest, &"0".repeat(64));
    assert_eq!(town.ask(&Ask::get(&other)).await.status, 404);
}

#[tokio::test]
async fn lists_page_by_key_within_visibility() {
    let town = Town::new().await;
    for n in 0..7 {
        let who = if n % 2 == 0 { "resident-2" } else { "resident-3" };
        let fields = json!({
            "reporter": who, "place": "gate-3",
            "category": "drain", "summary": format!("blocked {n}"),
        });
        let body = json!({ "workflow": "resident-order", "fields": fields });
        assert_eq!(town.ask(&Ask { who, ..Ask::post("/v1/cases", &body) }).await.status, 201);
    }
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let page = town
            .ask(&Ask { who: "secretary-hailing", ..Ask::get(&format!("/v1/cases?limit=3{next}")) })
            .await;
        let json = page.json();
        let items = json["items"].as_array().unwrap();
        assert!(items.len() <= 3);
        seen.extend(items.iter().map(|item| item["number"].as_str().unwrap().to_string()));
        match json.get("next").and_then(Json::as_str) {
            Some(after) => next = format!("&after={after}"),
            None => break,
        }
    }
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((all, seen.len()), (7, 7), "each once");
    let own = town.ask(&Ask { who: "resident-3", ..Ask::get("/v1/cases") }).await.json();
    assert_eq!(own["items"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn nobody_reports_under_somebody_elses_name() {
    let town = Town::at(Door::Accounts).await;
    let new = "_token=t1&place=gate-3&category=drain&summary=blocked";
    // Somebody who is there and somebody who is not: the answer is the same.
    for other in ["secretary-hailing", "resident-7"] {
        let refused = town.ask(&form("/new/resident-order", &format!("{new}&reporter={other}"))).await;
        assert_eq!((refused.status, refused.code().as_str()), (403, "R1040"), "{}", refused.text);
    }
    let made = town.ask(&form("/new/resident-order", new)).await;
    assert_eq!(made.status, 200, "{}", made.text);
    town.desk.accounts.put_user("secretary-hailing", "sec", "correct-horse-battery", false).await.unwrap();
    let key = town.desk.accounts.make_key("secretary-hailing", "t", false, 1_000_000).await.unwrap().1;
    let rows = town.ask(&Ask::get("/v1/cases").with("authorization", &format!("Bearer {key}"))).await.json();
    assert_eq!(rows["items"].as_array().unwrap().len(), 1, "what was refused opened nothing");
    let id = rows["items"][0]["id"].as_str().unwrap();
    let case =
        town.ask(&Ask::get(&format!("/v1/cases/{id}")).with("authorization", &format!("Bearer {key}"))).await;
    let reporter = case.json()["fields"]["reporter"].as_str().unwrap_or("hidden").to_string();
    assert_ne!(reporter, "secretary-hailing");
}

#[tokio::test]
async fn wrong_codes_are_throttled_and_store_no_file() {
    let town = Town::at(Door::Accounts).await;
    let wrong = |n: u32| form("/track", &format!("code={n:032}"));
    for n in 0..6 {
        assert_eq!(town.ask(&wrong(n)).await.status, 404);
    }
    let shut = town.ask(&wrong(7)).await;
    assert_eq!((shut.status, shut.code().as_str()), (429, "R2013"));
    let head = "--x\r\nContent-Disposition: form-data; name=\"_code\"\r\n\r\n0000\r\n";
    let file = "--x\r\nContent-Disposition: form-data; name=\"proof\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.7 track\r\n--x--\r\n";
    let sent = Ask {
        kind: "multipart/form-data; boundary=x",
        body: format!("{head}{file}").into_bytes(),
        ..form("/track/act", "")
    };
    assert_eq!(town.ask(&sent).await.status, 404);
    let digest = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(b"%PDF-1.7 track"));
    assert!(town.desk.file(&digest).await.unwrap().is_none(), "a wrong code keeps no file");
}
