//! Bad input: every door with every class of fault. Each gets a refusal with a code; none is a fault of ours, and none
//! changes a case. `PAIDAN_TABLE=1` prints the table.

use crate::town::{Ask, Town};
use serde_json::{Value as Json, json};

/// One row: the door, the class of fault, what is sent, and the status and code it gets.
struct Row {
    door: &'static str,
    fault: &'static str,
    ask: Ask,
    gets: (u16, &'static str),
}

fn row(door: &'static str, fault: &'static str, ask: Ask, status: u16, code: &'static str) -> Row {
    Row { door, fault, ask, gets: (status, code) }
}

fn fields(more: &Json) -> Json {
    let mut all =
        json!({ "reporter": "resident-2", "place": "gate-3", "category": "drain", "summary": "blocked" });
    for (name, value) in more.as_object().unwrap() {
        match value {
            Json::Null => drop(all.as_object_mut().unwrap().remove(name)),
            value => drop(all.as_object_mut().unwrap().insert(name.clone(), value.clone())),
        }
    }
    all
}

fn open(more: Json) -> Ask {
    Ask::post("/v1/cases", &json!({ "workflow": "resident-order", "fields": fields(&more) }))
}

fn raw(body: &str) -> Ask {
    Ask { body: body.as_bytes().to_vec(), ..Ask::post("/v1/cases", &json!({})) }
}

/// Bodies of JSON.
fn bodies() -> Vec<Row> {
    let deep = format!("{}1{}", "[".repeat(2_000), "]".repeat(2_000));
    let unknown = json!({ "workflow": "resident-order", "field": {} });
    let infinite = "{\"workflow\":\"resident-order\",\"fields\":{\"summary\":1e999}}";
    let named = |id: &str| Ask::post("/v1/cases", &json!({ "workflow": id, "fields": {} }));
    let bytes = Ask { body: b"{\"workflow\": \"\xff\xfe\"}".to_vec(), ..raw("") };
    vec![
        row("JSON", "missing", raw(""), 400, "R2001"),
        row("JSON", "missing", Ask::post("/v1/cases", &json!({ "fields": {} })), 400, "R2001"),
        row("JSON", "wrong type", raw("[]"), 400, "R2001"),
        row("JSON", "wrong type", raw("{\"workflow\": 7}"), 400, "R2001"),
        row("JSON", "unknown", Ask::post("/v1/cases", &unknown), 400, "R2001"),
        row("JSON", "too large", raw(&format!("\"{}\"", "x".repeat(1_100_000))), 413, "R2002"),
        row("JSON", "wrong encoding", bytes, 400, "R2001"),
        row("JSON", "wrong encoding", Ask { kind: "text/plain", ..open(json!({})) }, 415, "R2003"),
        row("JSON", "hostile", raw(&deep), 400, "R2001"),
        row("JSON", "hostile", raw(infinite), 400, "R2001"),
        row("JSON", "not there", named("no-such"), 404, "R2006"),
        row("JSON", "not there", named("../x"), 404, "R2006"),
    ]
}

/// Fields of a form.
fn values() -> Vec<Row> {
    vec![
        row("field", "missing", open(json!({ "summary": null })), 422, "R1005"),
        row("field", "missing", open(json!({ "summary": "" })), 422, "R1006"),
        row("field", "wrong type", open(json!({ "summary": 7 })), 422, "R1006"),
        row("field", "wrong type", open(json!({ "summary": { "a": 1 } })), 422, "R1006"),
        row("field", "out of range", open(json!({ "class": "enormous" })), 422, "R1006"),
        row("field", "too large", open(json!({ "category": "x".repeat(61) })), 422, "R1006"),
        row("field", "hostile", open(json!({ "reporter": "<script>" })), 422, "R1006"),
        row("field", "hostile", open(json!({ "reporter": "a'; DROP TABLE records; --" })), 422, "R1006"),
        row("field", "not allowed", open(json!({ "attempts": 3 })), 422, "R1007"),
        row("field", "unknown", open(json!({ "no_such": 3 })), 422, "R1007"),
        row("field", "unknown", open(json!({ "__proto__": 3 })), 422, "R1007"),
        row("photo", "not there", open(json!({ "photos": ["0".repeat(64)] })), 422, "R2017"),
        row("photo", "hostile", open(json!({ "photos": ["../../etc/passwd"] })), 422, "R2017"),
        row("photo", "wrong type", open(json!({ "photos": "a.png" })), 422, "R1006"),
    ]
}

/// Photos.
fn photos() -> Vec<Row> {
    let send =
        |bytes: &[u8]| Ask { body: bytes.to_vec(), kind: "image/png", ..Ask::post("/v1/files", &json!({})) };
    let large = [b"\x89PNG\r\n\x1a\n".to_vec(), vec![0; 20 * 1024 * 1024]].concat();
    vec![
        row("photo", "missing", send(b""), 400, "R2016"),
        row("photo", "wrong type", send(b"just words"), 415, "R2003"),
        row("photo", "hostile", send(b"<svg onload=alert(1)>"), 415, "R2003"),
        row("photo", "hostile", send(b"MZ\x90\0"), 415, "R2003"),
        row("photo", "too large", send(&large), 413, "R2002"),
    ]
}

/// Ids, times and pages in the path and query.
fn paths(case: &str) -> Vec<Row> {
    let get = |path: String| Ask::get(&path);
    let at = |time: &str| get(format!("/v1/cases/{case}?at={time}"));
    vec![
        row("id", "missing", get("/v1/cases/".into()), 404, "R2006"),
        row("id", "wrong type", get("/v1/cases/7".into()), 404, "R2006"),
        row("id", "too large", get(format!("/v1/cases/{}", "9".repeat(5_000))), 404, "R2006"),
        row("id", "wrong encoding", get("/v1/cases/%ff%fe".into()), 400, "R2001"),
        row("id", "hostile", get("/v1/cases/..%2f..%2fetc%2fpasswd".into()), 404, "R2006"),
        row("id", "hostile", get("/v1/cases/'%20OR%201=1--".into()), 404, "R2006"),
        row("id", "wrong digit", get("/v1/cases/HAILING-20260930-0001-9".into()), 404, "R2006"),
        row("id", "not allowed", Ask { who: "resident-3", ..get(format!("/v1/cases/{case}")) }, 404, "R2006"),
        row("time", "wrong type", at("yesterday"), 400, "R2001"),
        row("time", "out of range", at("2026-13-45T99:00:00Z"), 400, "R2001"),
        row("time", "out of range", at("1999-01-01T00:00:00Z"), 404, "R2006"),
        row("time", "too large", at("999999-01-01T00:00:00Z"), 400, "R2001"),
        row("time", "unknown", get(format!("/v1/cases/{case}?when=now")), 400, "R2001"),
        row("page", "out of range", get("/v1/cases?limit=0".into()), 400, "R2001"),
        row("page", "out of range", get("/v1/cases?limit=100000".into()), 400, "R2001"),
        row("page", "wrong type", get("/v1/cases?limit=many".into()), 400, "R2001"),
        row("page", "hostile", get("/v1/cases?after=zz".into()), 400, "R2001"),
        row("page", "hostile", get("/v1/cases?after=ffff".into()), 400, "R2001"),
        row("page", "out of range", get(format!("/v1/cases/{case}/events?limit=0")), 400, "R2001"),
        row("path", "not there", get("/v2/anything".into()), 404, "R2006"),
        row("path", "not there", get("/v1/anything".into()), 404, "R2006"),
        row("path", "wrong method", Ask { method: "DELETE", ..at("") }, 405, "R2007"),
    ]
}

/// Headers, and what is stale or not the asker's to do.
fn headers(case: &str) -> Vec<Row> {
    let act = |action: &str| Ask::post(&format!("/v1/cases/{case}/actions/{action}"), &json!({}));
    let sign = |body: &str| Ask { body: body.as_bytes().to_vec(), ..act("sign") };
    vec![
        row("header", "missing", Ask { key: None, ..open(json!({})) }, 400, "R2008"),
        row("header", "wrong type", Ask { key: Some("\"\"".into()), ..open(json!({})) }, 400, "R2001"),
        row("header", "too large", Ask { key: Some("k".repeat(300)), ..open(json!({})) }, 400, "R2001"),
        row("header", "hostile", Ask { key: Some("a\"b".into()), ..open(json!({})) }, 400, "R2001"),
        row("header", "wrong type", act("withdraw").with("if-match", "seventeen"), 400, "R2001"),
        row("header", "stale", act("withdraw").with("if-match", "\"0\""), 412, "R1019"),
        row("header", "hostile", act("withdraw").with("origin", "https://evil.example"), 403, "R2014"),
        row("header", "hostile", act("withdraw").with("sec-fetch-site", "cross-site"), 403, "R2014"),
        row(
            "header",
            "not allowed",
            act("withdraw").with("authorization", "Bearer paidan_x_y"),
            401,
            "R2004",
        ),
        row("header", "wrong encoding", act("withdraw").with("authorization", "Basic ///"), 401, "R2004"),
        row("action", "not there", act("no_such"), 409, "R1001"),
        row("action", "wrong encoding", act("%00"), 404, "R2006"),
        row("action", "not allowed", act("triage"), 403, "R1002"),
        row("action", "not there", sign("{\"leg\":\"no-such\"}"), 409, "R1011"),
        row("action", "wrong type", sign("{\"leg\":7}"), 400, "R2001"),
        row("action", "hidden", Ask { who: "resident-3", ..act("withdraw") }, 404, "R2006"),
    ]
}

const URL: &str = "application/x-www-form-urlencoded";
const PARTS: &str = "multipart/form-data; boundary=x";

/// Forms of the pages, in both encodings.
fn forms() -> Vec<Row> {
    let form = |body: &str, kind: &'static str| Ask {
        body: body.as_bytes().to_vec(),
        kind,
        ..Ask::post("/new/resident-order", &json!({}))
    };
    let at = |path: &str, body: &str| Ask { path: path.into(), ..form(body, URL) };
    let part = |name: &str, value: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--x--\r\n")
    };
    let file = "--x\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a.png\"\r\n\r\n<html>\r\n--x--\r\n";
    vec![
        row("form", "missing", form("", URL), 422, "R1005"),
        row("form", "wrong encoding", form("{\"place\":\"gate-3\"}", "application/json"), 400, "R2001"),
        row("form", "too many", form(&"a=b&".repeat(500), URL), 413, "R2002"),
        row("form", "too large", form(&format!("a={}", "b".repeat(70 * 1024 * 1024)), URL), 413, "R2002"),
        row("form", "broken", form("--x\r\nnothing", PARTS), 400, "R2001"),
        row("form", "missing", form(&part("summary", "blocked"), PARTS), 422, "R1005"),
        row("form", "too large", form(&part("summary", &"x".repeat(70_000)), PARTS), 413, "R2002"),
        row("form", "hostile", form(file, PARTS), 415, "R2003"),
        row("form", "not there", at("/new/no-such", ""), 404, "R2006"),
        row("form", "not there", at("/track", "code=guess"), 404, "R2006"),
        row("form", "wrong type", at("/clock", "to=tomorrow"), 400, "R2001"),
        row("form", "not there", at("/who", "who=nobody"), 404, "R2006"),
        row("form", "missing", at("/who", ""), 400, "R2001"),
        row("form", "missing", at("/clock", "when=now"), 400, "R2001"),
        row("form", "wrong encoding", at("/tongue", "tongue=fr"), 400, "R2001"),
    ]
}

#[tokio::test]
async fn every_route_refuses_every_fault_with_a_code() {
    let town = Town::new().await;
    let opened = town.ask(&open(json!({}))).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    let case = opened.json()["number"].as_str().unwrap().to_string();
    let before = town.records().await;
    let groups = [bodies(), values(), photos(), paths(&case), headers(&case), forms()];
    let mut wrong = Vec::new();
    for row in groups.iter().flatten() {
        let answer = town.ask(&row.ask).await;
        let code = answer.code();
        let line = format!("| {} | {} | {} | {} |", row.door, row.fault, answer.status, code);
        if std::env::var_os("PAIDAN_TABLE").is_some() {
            println!("{line}");
        }
        if (answer.status, code.as_str()) != row.gets {
            let start: String = String::from_utf8_lossy(&row.ask.body).chars().take(60).collect();
            let text: String = answer.text.chars().take(200).collect();
            wrong.push(format!("{line} should be {:?}: {} {start} -> {text}", row.gets, row.ask.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(town.records().await, before, "a refused request changed something");
}
