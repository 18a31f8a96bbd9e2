//! The history verified by hand: each record is the SHA-256 of its stored bytes, and names the one before. Nothing of
//! the engine is asked whether the chain holds; `sha256sum` would do.
#![expect(clippy::unwrap_used, reason = "an example shows the way that goes well")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use paidan::journal::Tenant;
use paidan::journal::entry::{Append, Draft, StreamAppend};
use paidan::journal::record::body;
use paidan::journal::{Memory, Store as _, StoredRecord};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

/// Where the chain breaks, if it does.
fn broken(records: &[StoredRecord]) -> Option<u64> {
    let mut before = String::new();
    for record in records {
        // The fourth item of a record is the hash of the one before.
        let said: Json = serde_json::from_slice(&record.bytes).unwrap_or_default();
        let prev = said.get(3).and_then(Json::as_str).unwrap_or("none");
        let hash = Sha256::digest(&record.bytes).to_vec();
        if prev != before || hash != record.hash {
            return Some(record.seq);
        }
        before = STANDARD_NO_PAD.encode(hash);
    }
    None
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let store = Memory::new();
    for n in 0..3u64 {
        let draft = Draft {
            at: 1_790_000_000_000 + i64::try_from(n).unwrap(),
            cmd: format!("command-{n}"),
            kind: "acted".into(),
            body: body("engine", None, &json!({ "facts": [{ "did": "mend" }] })).unwrap(),
        };
        let part = StreamAppend {
            stream: "case/1".into(),
            expected: n,
            drafts: vec![draft],
            due: None,
            number: None,
            rows: Vec::new(),
            gone: Vec::new(),
        };
        store.append(Tenant(0), vec![Append { streams: vec![part], ..Append::default() }]).await;
    }
    let mut records = store.load(Tenant(0), "case/1", 0).await.unwrap();
    for record in &records {
        println!("{}", String::from_utf8_lossy(&record.bytes));
    }
    assert_eq!(broken(&records), None);
    println!("the chain holds");
    // Somebody with the file in his hands changes one word of the second record.
    if let Some(second) = records.get_mut(1) {
        second.bytes = String::from_utf8_lossy(&second.bytes).replace("mend", "lend").into_bytes();
    }
    assert_eq!(broken(&records), Some(2));
    println!("one word changed: found at record 2");
}
