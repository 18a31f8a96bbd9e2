//! The real binary's API against schemathesis, which reads the OpenAPI document and tries what it allows and what it
//! does not: no server error, no answer that the document does not describe. Schemas are closed for this, so that an
//! answer with a member that is not described fails too.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod binary;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use binary::{Running, paidan, root, start};

use serde_json::{Value as Json, json};

/// Cases for each operation and phase; `PAIDAN_FUZZ=500` asks for more.
const CASES: &str = "25";

/// What is said to schemathesis beside the document. The header `Idempotency-Key` has no type on the wire: `0` and
/// `null` are texts there, so where each action has a result of its own a key of a wrong type is none.
const CONFIG: &str = r#"
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", 400, 401, 403, 404, 409, 412, 415, 422]

[[operations]]
include-name = "POST /v1/cases:batch"
checks.negative_data_rejection.expected-statuses = [200, 400, 401, 403, 404, 409, 413, 415, 422]
"#;

fn said(args: &[&str], input: &str) -> String {
    let mut child = paidan(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert!(done.status.success(), "{args:?}");
    String::from_utf8(done.stdout).unwrap().trim().to_string()
}

/// A server with an administrator who has a post, and their key.
fn serve(folder: &Path) -> (Running, String, String) {
    let store = folder.join("town.paidan").display().to_string();
    let user = ["user", "add", "lin", "--subject", "secretary-hailing", "--admin", "--store", &store];
    said(&user, "correct-horse-battery\n");
    let key =
        said(&["key", "add", "--subject", "secretary-hailing", "--title", "fuzz", "--store", &store], "");
    let (running, address, _) =
        start(&["serve", "--config", "config/paidan.toml", "--listen", "127.0.0.1:0", "--store", &store], 1);
    (running, address, key)
}

fn ask(address: &str, key: &str, method: &str, path: &str, kind: &str, body: &[u8]) -> Json {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\
         Idempotency-Key: first\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// Objects that list their members take no others.
fn close(schema: &mut Json) {
    match schema {
        Json::Object(map) => {
            let names = map.get("properties").and_then(Json::as_object);
            // Not `additionalProperties`, which schemathesis leaves aside in answers.
            if let Some(names) = names.map(|names| names.keys().cloned().collect::<Vec<_>>()) {
                map.insert("propertyNames".into(), json!({ "enum": names }));
            }
            map.values_mut().for_each(close);
        }
        Json::Array(all) => all.iter_mut().for_each(close),
        _ => {}
    }
}

/// Asks for a run; gives its last lines.
fn fuzz(
    folder: &Path,
    (address, key): (&str, &str),
    more: &str,
    document: &Path,
    which: &[&str],
) -> (bool, String) {
    let config = folder.join("schemathesis.toml");
    std::fs::write(&config, format!("{more}{CONFIG}")).unwrap();
    let program = root().join("target/tools/venv/bin/st");
    assert!(program.exists(), "run `cargo xtask tools` first: schemathesis is other people's");
    let cases = std::env::var("PAIDAN_FUZZ").unwrap_or_else(|_| CASES.into());
    let done = Command::new(program)
        .current_dir(folder)
        .arg("--config-file")
        .arg(&config)
        .arg("run")
        .arg(document)
        .args(["--url", &format!("http://{address}"), "--header", &format!("Authorization: Bearer {key}")])
        .args(["--seed", "20260930", "--max-examples", &cases, "--phases", "examples,coverage,fuzzing"])
        .args(["--no-shrink", "--warnings", "off", "--checks", "all"])
        .args(["--exclude-checks", "object_level_authorization"])
        .args(which)
        .output()
        .unwrap();
    (done.status.success(), String::from_utf8_lossy(&done.stdout).into_owned())
}

#[test]
fn the_api_does_what_its_document_says() {
    let folder = tempfile::tempdir().unwrap();
    let (_running, address, key) = serve(folder.path());
    let photo = ask(&address, &key, "POST", "/v1/files", "image/png", b"\x89PNG\r\n\x1a\n0000");
    let digest = photo["digest"].as_str().unwrap();
    let fields = json!({
        "reporter": "r-1", "place": "gate-3", "category": "drain", "summary": "blocked", "photos": [digest],
    });
    let body = json!({ "workflow": "resident-order", "fields": fields }).to_string();
    let opened = ask(&address, &key, "POST", "/v1/cases", "application/json", body.as_bytes());
    let number = opened["number"].as_str().unwrap();
    let mut document = ask(&address, &key, "GET", "/openapi.json", "application/json", b"");
    close(&mut document["components"]["schemas"]);
    let path = folder.path().join("openapi.json");
    std::fs::write(&path, document.to_string()).unwrap();
    // First whatever it makes up, then what is there.
    let known = format!(
        "[parameters]\n\"path.id\" = \"{number}\"\n\"path.digest\" = \"{digest}\"\n\"path.person\" = \"secretary-hailing\"\n\
         \n[[operations]]\ninclude-name = \"GET /v1/workflows/{{id}}\"\nparameters = {{ \"path.id\" = \"resident-order\" }}\n\
         \n[[operations]]\ninclude-name = \"GET /v1/cases/{{id}}\"\nparameters = {{ \"query.at\" = \"2999-01-01T00:00:00Z\" }}\n"
    );
    for more in ["", known.as_str()] {
        let (fine, report) = fuzz(folder.path(), (&address, &key), more, &path, &[]);
        assert!(fine, "{report}");
        let told = report.lines().find(|line| line.contains(" generated")).unwrap_or_default();
        println!("{}", told.trim());
    }
    // A member that is not described is seen: else the runs above prove nothing.
    document["components"]["schemas"]["Offer"]["propertyNames"] = json!({ "enum": ["action"] });
    std::fs::write(&path, document.to_string()).unwrap();
    let one = ["--include-name", "GET /v1/cases/{id}/actions"];
    let (fine, report) = fuzz(folder.path(), (&address, &key), &known, &path, &one);
    assert!(!fine && report.contains("ST108"), "{report}");
}
