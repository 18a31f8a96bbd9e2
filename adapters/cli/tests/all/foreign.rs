//! Workflows of other fields: a hospital, a library and a change board open in `dev` and `serve`
//! and read as themselves.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Output;

use serde_json::{Value as Json, json};

use crate::binary::{paidan, start};

/// A field: its folder, its workflow, who opens a case, the form, and the words that its number
/// begins with.
const FIELDS: [(&str, &str, &str, &str, &str); 3] = [
    (
        "examples/hospital",
        "bed-transfer",
        "nurse-surgery",
        r#"{"place":"surgery-12","condition":"pneumonia","urgency":"urgent"}"#,
        "SURGERY-",
    ),
    (
        "examples/library",
        "complaint",
        "desk",
        r#"{"reader":"reader-1","place":"main-hall","matter":"The lights flicker."}"#,
        "LIBRARY-",
    ),
    (
        "examples/changes",
        "change",
        "eng-1",
        r#"{"requester":"eng-1","place":"billing","summary":"New tax rate","cost":200000}"#,
        "PLATFORM-",
    ),
];

/// Words of a town with subdistricts; none of them belongs on a page of another field.
const TOWN: [&str; 13] = [
    "街道",
    "社区",
    "网格",
    "吹哨",
    "心愿",
    "东台",
    "三张清单",
    "subdistrict",
    "community",
    "grid member",
    "whistle",
    "wish",
    "dongtai",
];

fn ask(address: &str, who: &str, tongue: &str, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "{head} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nCookie: who={who}; tongue={tongue}\r\n\
         Content-Type: application/json\r\nIdempotency-Key: once\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

/// What a reader sees of a page: without addresses, names of inputs and scripts.
fn seen(page: &str) -> String {
    let mut words = String::new();
    let mut rest = body(page);
    while let Some((before, after)) = rest.split_once('<') {
        words.push_str(before);
        words.push(' ');
        rest = after.split_once('>').map_or("", |(_, after)| after);
    }
    words.push_str(rest);
    words.to_lowercase()
}

fn printed(done: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    format!("{out}{err}")
}

#[test]
fn every_field_is_sound_and_covered() {
    for (folder, ..) in FIELDS {
        let done = paidan(&["check", folder]).output().unwrap();
        let told = printed(&done);
        assert!(done.status.success() && told.contains("0 errors, 0 lints"), "{folder}: {told}");
        let done = paidan(&["test", "--covered", folder]).output().unwrap();
        assert!(done.status.success(), "{folder}: {}", printed(&done));
    }
}

#[test]
fn pages_of_other_fields_name_no_town() {
    for (folder, workflow, who, form, number) in FIELDS {
        let args =
            ["dev", "--workflows", folder, "--quiet", "--still", "--no-browser", "--listen", "127.0.0.1:0"];
        let args: Vec<&str> = args.into_iter().chain(["--start", "2026-11-24 09:30"]).collect();
        let (_running, address, _) = start(&args, 1);
        let fields: Json = serde_json::from_str(form).unwrap();
        let want = json!({ "workflow": workflow, "fields": fields }).to_string();
        let opened = ask(&address, who, "en", "POST /v1/cases", &want);
        let receipt: Json = serde_json::from_str(body(&opened)).expect(&opened);
        let id = receipt["id"].as_str().expect(&opened);
        assert!(receipt["number"].as_str().unwrap().starts_with(number), "{receipt}");
        let case = format!("/case/{id}");
        let new = format!("/new/{workflow}");
        let history = format!("/case/{id}/history");
        let pages =
            ["/", case.as_str(), new.as_str(), history.as_str(), "/track", "/dispatch", "/away", "/anchors"];
        for tongue in ["zh", "en"] {
            for path in pages {
                let page = ask(&address, who, tongue, &format!("GET {path}"), "");
                assert!(page.starts_with("HTTP/1.1 200"), "{folder} {path}: {page}");
                let words = seen(&page);
                let found: Vec<_> = TOWN.iter().filter(|word| words.contains(**word)).collect();
                assert!(found.is_empty(), "{folder} {path} in {tongue} says {found:?}: {words}");
            }
        }
    }
}

#[test]
fn a_server_opens_another_field() {
    let folder = tempfile::tempdir().unwrap();
    for (definitions, ..) in FIELDS {
        let store = folder.path().join(definitions.replace('/', "-")).display().to_string();
        let args = ["serve", "--definitions", definitions, "--store", &store, "--listen", "127.0.0.1:0"];
        let (_running, address, _) = start(&args, 2);
        let page = ask(&address, "nobody", "en", "GET /login", "");
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        let words = seen(&page);
        assert!(!TOWN.iter().any(|word| words.contains(word)), "{definitions}: {words}");
    }
}

/// By which moment each section has to be done.
fn due_of_legs(address: &str, case: &str) -> Vec<(String, String)> {
    let shown = ask(address, "desk", "en", &format!("GET /v1/cases/{case}"), "");
    let shown: Json = serde_json::from_str(body(&shown)).expect(&shown);
    let clocks = shown["clocks"].as_array().unwrap().iter().filter(|clock| clock["clock"] == "look");
    let word = |value: &Json| value.as_str().unwrap().to_string();
    clocks.map(|clock| (word(&clock["leg"]), word(&clock["due"]))).collect()
}

#[test]
fn each_unit_counts_by_its_own_calendar() {
    let folder = "examples/library";
    let args =
        ["dev", "--workflows", folder, "--quiet", "--still", "--no-browser", "--listen", "127.0.0.1:0"];
    let args: Vec<&str> = args.into_iter().chain(["--start", "2026-11-24 09:30"]).collect();
    let (_running, address, _) = start(&args, 1);
    let fields = json!({ "reader": "reader-1", "place": "main-hall", "matter": "The lights flicker." });
    let want = json!({ "workflow": "complaint", "fields": fields }).to_string();
    let receipt: Json =
        serde_json::from_str(body(&ask(&address, "desk", "en", "POST /v1/cases", &want))).unwrap();
    let case = receipt["id"].as_str().unwrap();
    let pass = json!({ "fields": { "sections": ["reading", "systems"], "leading": "reading" } }).to_string();
    let done = ask(&address, "desk", "en", &format!("POST /v1/cases/{case}/actions/pass"), &pass);
    assert!(done.starts_with("HTTP/1.1 200"), "{done}");
    // Eight days: the reading rooms work from Tuesday to Sunday, the technicians from Monday to
    // Friday. They close at 18:00 and at 17:00 in Shanghai.
    let of = |unit: &str, due: &str| (unit.to_string(), due.to_string());
    assert_eq!(
        due_of_legs(&address, case),
        [of("reading", "2026-12-03T10:00:00.000Z"), of("systems", "2026-12-04T09:00:00.000Z")]
    );
}
