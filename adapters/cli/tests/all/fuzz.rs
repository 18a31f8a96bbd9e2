//! The real binary's API against schemathesis, which reads the OpenAPI document and tries what it allows and what it
//! does not: no server error, no answer that the document does not describe. Schemas are closed for this, so that an
//! answer with a member that is not described fails too.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::binary::{Running, paidan, root, start};
use crate::client::{PHOTO, Request};

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

/// Of its checks all but one: nobody else owns what is asked for.
const KNOWN: [&str; 2] = ["--exclude-checks", "object_level_authorization"];
/// An owner whose ballot is open in the scenes.
const OWNER: &str = "resident-2";

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

fn ask(address: &str, key: &str, path: &str, kind: &str, body: &[u8]) -> Json {
    let bearer = format!("Bearer {key}");
    Request::post(path, kind, body).header("Authorization", &bearer).key("first").send(address).json()
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

/// The document of a door that asks for no key.
fn without_keys(document: &mut Json) {
    let operations = document["paths"].as_object_mut().unwrap().values_mut();
    for operation in operations.flat_map(|path| path.as_object_mut().unwrap().values_mut()) {
        operation.as_object_mut().unwrap().remove("security");
    }
    document.as_object_mut().unwrap().remove("security");
    document["components"].as_object_mut().unwrap().remove("securitySchemes");
}

/// The document with closed schemas, and the file it is in.
fn closed(folder: &Path, address: &str) -> (Json, PathBuf) {
    let mut document = Request::get("/openapi.json").send(address).json();
    close(&mut document["components"]["schemas"]);
    let path = folder.join("openapi.json");
    std::fs::write(&path, document.to_string()).unwrap();
    (document, path)
}

/// Asks for a run; gives its last lines.
fn fuzz(
    folder: &Path,
    (address, header): (&str, &str),
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
        .args(["--url", &format!("http://{address}"), "--header", header])
        .args(["--seed", "20260930", "--max-examples", &cases, "--phases", "examples,coverage,fuzzing"])
        .args(["--no-shrink", "--warnings", "off", "--checks", "all"])
        .args(which)
        .output()
        .unwrap();
    (done.status.success(), String::from_utf8_lossy(&done.stdout).into_owned())
}

#[test]
fn the_api_does_what_its_document_says() {
    let folder = tempfile::tempdir().unwrap();
    let (_running, address, key) = serve(folder.path());
    let photo = ask(&address, &key, "/v1/files", "image/png", PHOTO);
    let digest = photo["digest"].as_str().unwrap();
    let fields = json!({
        "place": "gate-3", "category": "drain", "summary": "blocked", "photos": [digest],
    });
    let body = json!({ "workflow": "resident-order", "fields": fields }).to_string();
    let opened = ask(&address, &key, "/v1/cases", "application/json", body.as_bytes());
    let number = opened["number"].as_str().unwrap();
    let (mut document, path) = closed(folder.path(), &address);
    let header = format!("Authorization: Bearer {key}");
    // First whatever it makes up, then what is there.
    let known = format!(
        "[parameters]\n\"path.id\" = \"{number}\"\n\"path.digest\" = \"{digest}\"\n\"path.person\" = \"secretary-hailing\"\n\
         \n[[operations]]\ninclude-name = \"GET /v1/workflows/{{id}}\"\nparameters = {{ \"path.id\" = \"resident-order\" }}\n\
         \n[[operations]]\ninclude-name = \"GET /v1/cases/{{id}}\"\nparameters = {{ \"query.at\" = \"2999-01-01T00:00:00Z\" }}\n"
    );
    for more in ["", known.as_str()] {
        let (fine, report) = fuzz(folder.path(), (&address, &header), more, &path, &KNOWN);
        assert!(fine, "{report}");
        let told = report.lines().find(|line| line.contains(" generated")).unwrap_or_default();
        println!("{}", told.trim());
    }
    // A member that is not described is seen: else the runs above prove nothing.
    document["components"]["schemas"]["Offer"]["propertyNames"] = json!({ "enum": ["action"] });
    std::fs::write(&path, document.to_string()).unwrap();
    let one = [&KNOWN[..], &["--include-name", "GET /v1/cases/{id}/actions"]].concat();
    let (fine, report) = fuzz(folder.path(), (&address, &header), &known, &path, &one);
    assert!(!fine && report.contains("ST108"), "{report}");
}

/// What an owner is told of a lift with an open ballot: the vote, the receipt of theirs, the shares; and each of the lists.
const OF_SCENES: [(&str, &str); 4] = [
    ("GET /v1/cases/{id}/votes", "Votes"),
    ("GET /v1/cases/{id}/votes/{vote}/receipt", "BallotReceipt"),
    ("GET /v1/cases/{id}/splits", "Splits"),
    ("GET /v1/lists/{list}", "Items"),
];

#[test]
fn owner_and_public_reads_match_the_openapi_document() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("town.paidan").display().to_string();
    let (_running, address, told) =
        start(&["dev", "--still", "--listen", "127.0.0.1:0", "--store", &store], 12);
    let scene = told.iter().find(|line| line.contains("the owners of building 3 are voting")).unwrap();
    let lift = scene.split_whitespace().nth(1).unwrap();
    let cast = format!("/v1/cases/{lift}/actions/cast");
    let vote = Request::json(&cast, &json!({ "fields": { "choice": "agree" } }));
    let voted = vote.who(OWNER).key("first").send(&address).json();
    assert_eq!(voted["number"], lift, "{voted}");
    let (mut document, path) = closed(folder.path(), &address);
    // A visitor of a demonstration chooses whom to be, and needs no key.
    without_keys(&mut document);
    std::fs::write(&path, document.to_string()).unwrap();
    let known = format!(
        "[parameters]\n\"path.id\" = \"{lift}\"\n\"path.vote\" = \"voting_ballot\"\n\
         \n[[operations]]\ninclude-name = \"GET /v1/workflows/{{id}}\"\nparameters = {{ \"path.id\" = \"resident-order\" }}\n"
    );
    let looks = [&KNOWN[..], &["--include-method", "GET"]].concat();
    let header = format!("Cookie: who={OWNER}");
    let (fine, report) = fuzz(folder.path(), (&address, &header), &known, &path, &looks);
    assert!(fine, "{report}");
    // Each of them was answered with what its schema is about: were that wrong, it would be seen.
    for (_, schema) in OF_SCENES {
        document["components"]["schemas"][schema]["propertyNames"] = json!({ "enum": ["nothing"] });
    }
    std::fs::write(&path, document.to_string()).unwrap();
    for (operation, schema) in OF_SCENES {
        let one = [&KNOWN[..], &["--include-name", operation]].concat();
        let (fine, report) = fuzz(folder.path(), (&address, &header), &known, &path, &one);
        assert!(!fine && report.contains("nothing"), "{schema}: {report}");
    }
}
