//! Anchors: one when a month begins, told to everybody, held against the records of a case; and nothing is published over a
//! history that is no longer what an earlier one says.

use crate::town::{Ask, Town, World};
use paidan_journal::Store as _;
use paidan_journal::anchor::{Anchor, Walk};
use paidan_journal::entry::{Append, Draft, Outcome, StreamAppend};
use paidan_journal::record::body;
use paidan_journal::verify::exported;
use paidan_model::period::Every;
use paidan_runtime::{After, Look, Rounds};
use serde_json::json;

const ORIGIN: &str = "town.test";
const DAY: i64 = 24 * 60 * 60;

async fn order(town: &Town) -> String {
    let fields =
        json!({ "reporter": "resident-1", "place": "gate-3", "category": "drain", "summary": "blocked" });
    let open = Ask::post("/v1/cases", &json!({ "workflow": "resident-order", "fields": fields }));
    let opened = town.ask(&Ask { who: "resident-1", ..open }).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    opened.json().get("id").unwrap().as_str().unwrap().to_string()
}

async fn withdraw(town: &Town, id: &str) {
    let body = json!({ "reason": "not needed" });
    let ask = Ask { who: "resident-1", ..Ask::post(&format!("/v1/cases/{id}/actions/withdraw"), &body) };
    assert_eq!(town.ask(&ask).await.status, 200);
}

fn rounds(town: &Town) -> Rounds<World> {
    Rounds::new(town.desk.clone()).anchoring(Every::Month, ORIGIN)
}

/// What the page says when the auditor has a case verified.
async fn verified(town: &Town, id: &str) -> String {
    let path = format!("/case/{id}/history?verify=yes");
    let page = town.ask(&Ask { who: "auditor", ..Ask::get(&path) }).await;
    assert_eq!(page.status, 200, "{}", page.text);
    page.text
}

#[tokio::test]
async fn monthly_anchors_are_written_and_public() {
    let town = Town::new().await;
    let id = order(&town).await;
    let mut rounds = rounds(&town);
    assert!(!rounds.anchor().await.unwrap(), "the month in which the history began is not over");
    assert!(verified(&town, &id).await.contains("还没有公布过锚"));
    town.later(DAY); // the first of October, at three in the afternoon
    assert!(rounds.anchor().await.unwrap() && !rounds.anchor().await.unwrap(), "once");
    let all = town.ask(&Ask { who: "", ..Ask::get("/anchors") }).await;
    assert!(all.status == 200 && all.text.contains("/anchors/2026-10-01"), "{}", all.text);
    let one = town.ask(&Ask { who: "", ..Ask::get("/anchors/2026-10-01") }).await;
    assert_eq!((one.status, one.header("content-type").as_str()), (200, "text/plain; charset=utf-8"));
    let anchor = Anchor::parse(&one.text).unwrap();
    let mut walk = Walk::default();
    walk.go(&town.desk.world.store, town.desk.tenant, anchor.size, |_| ()).await.unwrap();
    assert_eq!((anchor.origin.as_str(), anchor.root), (ORIGIN, walk.root()));
    assert_eq!(one.text, anchor.text());
    for nothing in ["2026-09-30", "2026-10-02", "x", "%00"] {
        assert_eq!(town.ask(&Ask::get(&format!("/anchors/{nothing}"))).await.status, 404, "{nothing}");
    }
    // A month without a look at the clock: one anchor, and the next one in the month after.
    town.later(75 * DAY);
    assert!(rounds.anchor().await.unwrap() && !rounds.anchor().await.unwrap());
    assert_eq!(town.desk.anchors().await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_page_lists_covered_records_and_verdicts() {
    let town = Town::new().await;
    let id = order(&town).await;
    let mut rounds = rounds(&town);
    town.later(DAY);
    assert!(rounds.anchor().await.unwrap());
    withdraw(&town, &id).await;
    let later = order(&town).await;
    let all = town.desk.queries.verify(&format!("case/{id}")).await.unwrap().unwrap().records;
    assert!(all > 1);
    let page = verified(&town, &id).await;
    assert!(page.contains("完整") && page.contains("相符"), "{page}");
    assert!(page.contains(&format!("覆盖这件事的1 / {all}条记录")), "{page}");
    assert!(
        verified(&town, &later).await.contains("还没有公布过锚"),
        "what was before it says nothing of it"
    );
    town.later(31 * DAY);
    assert!(rounds.anchor().await.unwrap());
    // The words are gone, and what was anchored is what it was.
    let stream = format!("case/{id}");
    assert!(town.desk.world.store.erase_stream(town.desk.tenant, &stream).await.unwrap() > 0);
    let found = town.desk.covering(&stream).await.unwrap();
    let all = town.desk.queries.verify(&stream).await.unwrap().unwrap().records;
    let told: Vec<_> = found.iter().map(|one| (one.records, one.holds)).collect();
    assert_eq!(told, [(Some(1), Some(true)), (Some(all), Some(true))]);
    assert_eq!(town.desk.covering(&format!("case/{later}")).await.unwrap().len(), 1);
}

/// Notes an anchor that the history never had.
async fn false_anchor(town: &Town, size: u64) {
    let anchor = Anchor { origin: ORIGIN.into(), size, root: [7; 32] };
    let said = json!({ "origin": ORIGIN, "root": anchor.root_text(), "size": size });
    let draft = Draft {
        at: 1_790_900_000_000,
        cmd: "forged".into(),
        kind: "anchored".into(),
        body: body("engine", None, &said).unwrap(),
    };
    let to = StreamAppend {
        stream: paidan_runtime::anchor::ANCHORS.into(),
        expected: 0,
        drafts: vec![draft],
        due: None,
        number: None,
        rows: Vec::new(),
        gone: Vec::new(),
    };
    let batch = vec![Append { streams: vec![to], ..Append::default() }];
    let done = town.desk.world.store.append(town.desk.tenant, batch).await;
    assert_eq!(done, [Outcome::Stored(vec![1])]);
}

#[tokio::test]
async fn no_anchor_is_published_over_another_history() {
    for size in [1, 900] {
        let town = Town::new().await;
        let id = order(&town).await;
        false_anchor(&town, size).await;
        town.later(75 * DAY);
        let refused = rounds(&town).anchor().await.unwrap_err().to_string();
        assert!(refused.contains("no other is written"), "{refused}");
        assert_eq!(town.desk.anchors().await.unwrap().len(), 1);
        assert!(verified(&town, &id).await.contains("不符"), "of {size} records");
    }
}

#[tokio::test]
async fn only_auditors_export_records_with_proofs() {
    let town = Town::new().await;
    let id = order(&town).await;
    let mut rounds = rounds(&town);
    let path = format!("/case/{id}/records");
    let fetch = async |who: &'static str| town.ask(&Ask { who, ..Ask::get(&path) }).await;
    let early = exported(&fetch("auditor").await.text);
    assert!(early.chain.broken.is_none() && early.covered.is_none(), "no anchor was published yet");
    town.later(DAY);
    assert!(rounds.anchor().await.unwrap());
    withdraw(&town, &id).await;
    let taken = fetch("auditor").await;
    assert_eq!((taken.status, taken.header("content-type").as_str()), (200, "application/x-ndjson"));
    assert!(!taken.text.contains("blocked"), "what was filled in privately is not in it: {}", taken.text);
    let found = exported(&taken.text);
    let here = town.desk.queries.verify(&format!("case/{id}")).await.unwrap().unwrap();
    assert_eq!(
        (found.stream.as_str(), &found.chain),
        (format!("case/{id}").as_str(), &here),
        "the same answer"
    );
    assert!(found.withheld >= 1, "whose matter it is, an auditor may not know: {}", taken.text);
    assert!(!taken.text.contains("resident-1"), "{}", taken.text);
    let covered = found.covered.unwrap();
    assert!(covered.holds && covered.seq == 1, "{covered:?}");
    assert!(
        found.loose.iter().all(|seq| *seq > covered.seq),
        "what can be read of them is held: {:?}",
        found.loose
    );
    assert_eq!(covered.proof.anchor, town.desk.anchors().await.unwrap()[0].anchor);
    let api = format!("/v1/cases/{id}/records");
    assert_eq!(town.ask(&Ask { who: "auditor", ..Ask::get(&api) }).await.text, taken.text);
    let refused = async |who: &'static str, what: &str| {
        let looks = town
            .desk
            .access
            .looks(&format!("case/{id}"), After { due: i64::MIN, key: String::new() }, 500)
            .await
            .unwrap();
        let of = |look: &Look| look.subject == who && look.what == what;
        let found: Vec<&Look> = looks.iter().map(|(_, look)| look).filter(|look| of(look)).collect();
        assert!(!found.is_empty(), "a look that is refused is one: {who}");
        assert!(found.iter().all(|look| !look.allowed && look.fields.is_empty()), "{who}: {found:?}");
    };
    for who in ["secretary-hailing", "supervisor"] {
        let verify = format!("/case/{id}/history?verify=yes");
        assert_eq!(town.ask(&Ask { who, ..Ask::get(&verify) }).await.status, 403, "{who}");
        refused(who, "verify").await;
    }
    for who in ["resident-1", "secretary-hailing", "supervisor"] {
        let page = town.ask(&Ask { who, ..Ask::get(&format!("/case/{id}/history")) }).await;
        assert!(!page.text.contains("/records\""), "{who}: {}", page.text);
        assert_eq!(fetch(who).await.status, 403, "{who}");
        refused(who, "records").await;
    }
    assert_eq!(fetch("volunteer-3").await.status, 404, "who may not know of it");
    let page = town.ask(&Ask { who: "auditor", ..Ask::get(&format!("/case/{id}/history")) }).await;
    assert!(page.text.contains(&format!("href=\"{path}\"")), "{}", page.text);
    let looks = town.ask(&Ask { who: "auditor", ..Ask::get(&format!("/case/{id}/access")) }).await;
    assert!(looks.text.contains("原样记录"), "taking them is a look: {}", looks.text);
}

/// An order that the desk writes down and its resident rates: their own record is withheld from the auditor.
async fn rated(town: &Town) -> String {
    let (desk, agent) = ("secretary-hailing", "volunteer-3");
    let fields = json!({ "reporter": "resident-1", "place": "gate-3", "category": "tap", "summary": "drips", "class": "normal" });
    let case = town.open(desk, "resident-order", fields).await;
    town.does(desk, &case, "triage", json!({ "order_type": "repair" })).await;
    town.does(desk, &case, "dispatch", json!({ "agent": agent })).await;
    town.does(agent, &case, "accept", json!({})).await;
    town.does(agent, &case, "start", json!({})).await;
    let file = town.photo(agent).await;
    town.does(agent, &case, "finish", json!({ "proof": [file] })).await;
    let rating = json!({ "confirming_solved": true, "confirming_rating": 5 });
    town.does("resident-1", &case, "confirming_answer", rating).await;
    town.desk.queries.by_number(&case).await.unwrap().unwrap()
}

#[tokio::test]
async fn records_before_a_withheld_one_are_proved() {
    let town = Town::new().await;
    let stream = rated(&town).await;
    town.later(DAY);
    assert!(rounds(&town).anchor().await.unwrap());
    let taken = town.ask(&Ask { who: "auditor", ..Ask::get(&format!("/{stream}/records")) }).await.text;
    let found = exported(&taken);
    assert!(found.chain.broken.is_none() && found.withheld > 0 && found.loose.is_empty(), "{taken}");
    assert_eq!(found.covered.map(|covered| covered.seq), Some(found.chain.records), "all of it is covered");
    let lines: Vec<&str> = taken.lines().collect();
    let proofs = lines.iter().filter(|line| line.contains("tlog-proof")).count();
    assert!(proofs > 1, "one for each that nothing that can be read holds in place: {taken}");
    let readable = |line: &&str| line.starts_with('[');
    let before = lines.windows(2).find(|two| readable(&two[0]) && !readable(&two[1])).unwrap()[0];
    let other = before.replacen("\"facts\":[", "\"facts\":[{\"did\":\"forge\"},", 1);
    let forged = taken.replacen(before, &other, 1);
    assert_ne!(forged, taken);
    let found = exported(&forged);
    assert!(found.chain.broken.is_none(), "nothing that can be read names its hash");
    assert!(found.covered.is_some_and(|covered| !covered.holds), "its own proof is not of it");
}
