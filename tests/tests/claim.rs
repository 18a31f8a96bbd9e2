//! Nothing is claimed twice: a thousand at once for one wish, and one claimer against the cap from both sides.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod town;

use std::collections::BTreeMap;

use paidan_journal::verify::verify;
use paidan_journal::{Header, Memory, Sqlite, Store};
use paidan_machine::Code;
use paidan_machine::party::{self, Party, PartyFact};
use paidan_model::id::ActionId;
use paidan_runtime::desk::Want;
use paidan_runtime::{Act, Actor, After, Denied, Desk};
use serde_json::{Value as Json, json};
use town::{World, act, code, engine, open, open_again, person};

/// The three lists.
const LISTS: [(&str, &str); 3] = [
    ("wish", include_str!("../../workflows/wish-fulfilment.toml")),
    ("offer", include_str!("../../workflows/resource-offer.toml")),
    ("season", include_str!("../../workflows/wish-season.toml")),
];

fn volunteer(n: usize) -> Actor {
    person(&format!("giver-{n}"), "volunteer", "jinchen")
}

/// A season that runs, by its number; the one there is, else a new one.
async fn season<S: Store>(desk: &Desk<World<S>>) -> String {
    let rows =
        desk.rows("list", "list:seasons", After { due: i64::MIN, key: String::new() }, 1).await.unwrap();
    if let Some(row) = rows.first() {
        let body: Json = serde_json::from_str(&row.body).unwrap();
        return body["number"].as_str().unwrap().to_string();
    }
    let fill = json!({ "name": "4", "starts": "2026-10-01", "ends": "2027-01-31", "target_wishes": 50, "target_lit": 50, "launch_on": "2026-12-09", "place": "dormitory" });
    let stream = open(desk, "wish-season", fill).await;
    let launched = act(desk, Actor::Engine, &stream, "launch", json!({ "people": 1 })).await.unwrap();
    launched.number
}

/// A wish that stands on the wall.
async fn wish<S: Store>(desk: &Desk<World<S>>, wanted: u32) -> String {
    let fill = json!({ "wisher": "resident-1", "place": "dormitory", "alias": "a", "wish": "w", "category": "bedding", "wanted": wanted });
    let stream = open(desk, "wish-fulfilment", fill).await;
    let check = json!({ "check_proof": ["a.jpg"], "worth": 100 });
    act(desk, Actor::Engine, &stream, "check", check).await.unwrap();
    let publish = json!({ "season": season(desk).await });
    act(desk, Actor::Engine, &stream, "publish", publish).await.unwrap();
    stream
}

/// A resource of a giver, on the list.
async fn offer<S: Store>(desk: &Desk<World<S>>, offerer: &str, quantity: u32) -> String {
    let fill = json!({ "offerer": offerer, "place": "gate-3", "what": "quilts", "category": "bedding", "quantity": quantity, "until": "2027-06-30" });
    let stream = open(desk, "resource-offer", fill).await;
    act(desk, Actor::Engine, &stream, "verify", json!({ "checked": ["q.jpg"] })).await.unwrap();
    stream
}

async fn account<S: Store>(store: &S, party: &str) -> Option<Party> {
    let mut found = None;
    for record in store.load(Default::default(), &format!("party/{party}"), 0).await.unwrap() {
        let facts = Header::read(&record.bytes).unwrap().data["facts"].clone();
        let facts: Vec<PartyFact> = serde_json::from_value(facts).unwrap();
        found = facts.iter().fold(found, party::evolve);
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_claim_one_wish_at_once_one_wins_and_the_others_hear_why() {
    const CLAIMERS: usize = 1_000;
    let rounds = std::env::var("PAIDAN_RACE_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(5);
    let (desk, _committer) = engine(Memory::default(), 0, &LISTS).await;
    for round in 0..rounds {
        let stream = wish(&desk, 1).await;
        let claims: Vec<_> = (0..CLAIMERS)
            .map(|n| {
                let (desk, stream) = (desk.clone(), stream.clone());
                tokio::spawn(async move {
                    act(&desk, volunteer(round * CLAIMERS + n), &stream, "claim", json!({})).await
                })
            })
            .collect();
        let mut won = 0;
        for claim in claims {
            match claim.await.unwrap() {
                Ok(_) => won += 1,
                Err(denied) => {
                    assert_eq!(code(&denied), Code::AlreadyClaimed);
                    let Denied::Refused(refusal) = denied else { unreachable!() };
                    assert!(refusal.with.contains_key("at"), "who was first, and when: {refusal}");
                }
            }
        }
        assert_eq!(won, 1, "round {round}");
        let case = desk.case(&stream).await.unwrap().unwrap();
        assert_eq!(case.claims.len(), 1);
    }
    println!("{rounds} rounds of {CLAIMERS} claims: one winner each");
}

#[tokio::test]
async fn fifty_claims_of_one_giver_from_both_sides_with_the_engine_stopped_in_between_exactly_three_hold() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("town.paidan");
    let (mut wishes, resource) = (Vec::new(), {
        let (desk, committer) = engine(Sqlite::open(&path).await.unwrap(), 0, &LISTS).await;
        let resource = offer(&desk, "giver-7", 100).await;
        committer.abort();
        resource
    });
    let mut held = 0;
    for part in 0u64..5 {
        // Each engine is stopped without a word, whatever it is doing, and another goes on with the file.
        let store = open_again(&path).await;
        let (desk, committer) = engine(store, (part + 1) << 32, &LISTS).await;
        for _ in 0..10 {
            wishes.push(wish(&desk, 1).await);
        }
        let asked = wishes.iter().skip(usize::try_from(part).unwrap() * 10).enumerate().map(|(n, stream)| {
            let (desk, stream, resource) = (desk.clone(), stream.clone(), resource.clone());
            tokio::spawn(async move {
                if n % 2 == 0 {
                    return act(&desk, volunteer(7), &stream, "claim", json!({})).await;
                }
                let dispatcher = person("dispatcher-jinchen", "community-dispatcher", "jinchen");
                let fill = json!({ "party": "giver-7", "resource": resource });
                act(&desk, dispatcher, &stream, "claim", fill).await
            })
        });
        let asked: Vec<_> = asked.collect();
        for (n, claim) in asked.into_iter().enumerate() {
            if part == 1 && n == 5 {
                committer.abort();
            }
            match claim.await.unwrap() {
                Ok(_) => held += 1,
                Err(Denied::Refused(refusal)) => assert_eq!(refusal.code, Code::CapReached),
                Err(Denied::Unknown | Denied::Fault(_)) => {
                    assert_eq!(part, 1, "only the stopped engine leaves it open")
                }
                Err(other) => panic!("{other}"),
            }
        }
        committer.abort();
        drop(committer.await);
    }
    let store = open_again(&path).await;
    let account = account(&store, "giver-7").await.unwrap();
    assert_eq!((account.open.len(), account.gave), (3, 0));
    assert!(held <= 3, "{held}");
    let (desk, _committer) = engine(store, 9 << 32, &LISTS).await;
    let mut claims = Vec::new();
    for stream in &wishes {
        claims.extend(desk.case(stream).await.unwrap().unwrap().claims);
    }
    assert_eq!(claims.len(), 3, "the items say what the account says");
    let with_resource = claims.iter().filter(|claim| claim.other.is_some()).count();
    let reserved = desk.case(&resource).await.unwrap().unwrap().claims;
    assert_eq!(reserved.len(), with_resource, "and so does the resource");
    let report = verify(&desk.world.store, Default::default()).await.unwrap();
    assert!(report.broken.is_empty(), "{:?}", report.broken);
}

#[tokio::test]
async fn a_resource_goes_with_a_claim_comes_back_with_it_and_is_used_with_it() {
    let (desk, _committer) = engine(Memory::default(), 0, &LISTS).await;
    let resource = offer(&desk, "giver-1", 3).await;
    let dispatcher = || person("dispatcher-jinchen", "community-dispatcher", "jinchen");
    let left = async || {
        let case = desk.case(&resource).await.unwrap().unwrap();
        3 - case.claims.iter().filter(|claim| claim.is_active()).map(|claim| claim.qty).sum::<i64>()
    };
    let four = wish(&desk, 4).await;
    // More than is offered, somebody else's, and by somebody who may not: nothing of it is done anywhere.
    let claim = |qty: u32, party: &str| json!({ "qty": qty, "party": party, "resource": resource });
    let refused = act(&desk, dispatcher(), &four, "claim", claim(4, "giver-1")).await.unwrap_err();
    assert_eq!(code(&refused), Code::AlreadyClaimed);
    let refused = act(&desk, dispatcher(), &four, "claim", claim(1, "giver-2")).await.unwrap_err();
    assert_eq!(code(&refused), Code::NotYours);
    let refused = act(&desk, volunteer(2), &four, "claim", claim(1, "giver-1")).await.unwrap_err();
    assert_eq!(code(&refused), Code::NotYours);
    assert_eq!(account(&desk.world.store, "giver-1").await, None);
    assert_eq!(left().await, 3);

    act(&desk, dispatcher(), &four, "claim", claim(2, "giver-1")).await.unwrap();
    assert_eq!(left().await, 1);
    assert_eq!(account(&desk.world.store, "giver-1").await.unwrap().open.len(), 1);
    let drop_it = Act {
        action: ActionId::parse("drop").unwrap(),
        fill: BTreeMap::new(),
        reason: Some("they are wet".into()),
        leg: None,
        seen: None,
    };
    desk.ask(volunteer(1), Want::Act { stream: four.clone(), act: drop_it }, None).await.unwrap();
    assert_eq!(left().await, 3);
    let after = account(&desk.world.store, "giver-1").await.unwrap();
    assert_eq!((after.open.len(), after.drops[&season(&desk).await]), (0, 1));

    act(&desk, dispatcher(), &four, "claim", claim(3, "giver-1")).await.unwrap();
    let word = json!({ "contact_log": "comes on Sunday", "promised_on": "2026-11-29" });
    act(&desk, volunteer(1), &four, "contact", word).await.unwrap();
    let proof = json!({ "delivery_proof": ["q.jpg"], "face_shown": false });
    act(&desk, volunteer(1), &four, "deliver", proof).await.unwrap();
    assert_eq!(account(&desk.world.store, "giver-1").await.unwrap().gave, 1);
    let used = desk.case(&resource).await.unwrap().unwrap();
    assert!(used.is_closed(), "all of it was handed over");
}
