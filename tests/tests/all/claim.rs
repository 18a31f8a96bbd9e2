//! Nothing is claimed twice: a thousand at once for one wish, and one claimer against the cap
//! from both sides.

use std::collections::BTreeMap;

use crate::town::{World, act, checked, code, engine, open, open_again, person};
use paidan_journal::verify::verify;
use paidan_journal::{Header, Memory, Sqlite, Store};
use paidan_machine::Code;
use paidan_machine::party::{self, Party, PartyFact};
use paidan_model::id::ActionId;
use paidan_runtime::commands::{Key, Want};
use paidan_runtime::{Act, Actor, After, Denied, Desk};
use serde_json::{Value as Json, json};

/// The three lists.
const LISTS: [&str; 3] =
    ["workflows/wish-fulfilment.toml", "workflows/resource-offer.toml", "workflows/wish-season.toml"];

fn volunteer(n: usize) -> Actor {
    person(&format!("giver-{n}"), "volunteer", "jinchen")
}

/// A season that runs, by its number; the one there is, else a new one.
async fn season<S: Store>(desk: &Desk<World<S>>) -> String {
    let rows = desk
        .queries
        .rows("list", "list:seasons", After { due: i64::MIN, key: String::new() }, 1)
        .await
        .unwrap();
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

/// Claims at once for one wish.
const CLAIMERS: usize = 1_000;

/// How many rounds are run: few of them with every test, a thousand with `cargo xtask race`.
fn rounds(few: usize) -> usize {
    std::env::var("PAIDAN_RACE_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(few)
}

/// Everybody claims a wish at once; says who won.
async fn race<S: Store>(desk: &Desk<World<S>>, stream: &str, round: usize) -> usize {
    let claims: Vec<_> = (0..CLAIMERS)
        .map(|n| {
            let (desk, stream, giver) = (desk.clone(), stream.to_string(), volunteer(round * CLAIMERS + n));
            tokio::spawn(async move { act(&desk, giver, &stream, "claim", json!({})).await })
        })
        .collect();
    let mut won = Vec::new();
    for (n, claim) in claims.into_iter().enumerate() {
        match claim.await.unwrap() {
            Ok(_) => won.push(round * CLAIMERS + n),
            Err(Denied::Refused(refusal)) => {
                assert_eq!(refusal.code, Code::AlreadyClaimed);
                assert!(refusal.with.contains_key("at"), "who was first, and when: {refusal}");
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(won.len(), 1, "round {round}: {won:?}");
    won[0]
}

/// One town, and a fresh wish for each round: one claim in the answers, on the wish, in the records and in the accounts.
async fn races<S: Store>(store: S, rounds: usize) {
    let (desk, _committer) = engine(store, 0, &checked(&LISTS)).await;
    for round in 0..rounds {
        let stream = wish(&desk, 1).await;
        let before = desk.queries.timeline(&stream).await.unwrap().len();
        let winner = format!("giver-{}", race(&desk, &stream, round).await);
        let case = desk.queries.case(&stream).await.unwrap().unwrap();
        let parties: Vec<&str> = case.claims.all.iter().map(|claim| claim.party.as_str()).collect();
        assert_eq!(parties, [winner.as_str()], "round {round}");
        assert_eq!(
            desk.queries.timeline(&stream).await.unwrap().len(),
            before + 1,
            "a refusal leaves no record"
        );
        assert_eq!(account(&desk.world.store, &winner).await.unwrap().open.len(), 1);
    }
    let store = &desk.world.store;
    let streams =
        store.streams(Default::default(), "party/", 2 * u32::try_from(rounds).unwrap() + 1).await.unwrap();
    let accounts = streams.iter().filter(|stream| stream.starts_with("party/")).count();
    assert_eq!(accounts, rounds, "whoever did not win has no account");
    assert!(verify(store, Default::default()).await.unwrap().broken.is_empty());
    println!(
        "{rounds} rounds of {CLAIMERS} claims at once: one winner each, {} refusals",
        rounds * (CLAIMERS - 1)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_claims_in_memory_one_wins() {
    races(Memory::default(), rounds(20)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_claims_on_sqlite_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(&folder.path().join("town.paidan")).await.unwrap();
    races(store, rounds(5)).await;
}

/// One giver asks for the same thing many times at the same moment, as a page does whose button is pressed again: it is
/// done once, and each time it is said that it is done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_repeats_of_one_key_claim_once() {
    let (desk, _committer) = engine(Memory::default(), 0, &checked(&LISTS)).await;
    for round in 0..5usize {
        let stream = wish(&desk, 1).await;
        let key = Key::of(&["giver", &stream], b"claim");
        let claims = (0..50).map(|_| {
            let (desk, stream, key) = (desk.clone(), stream.clone(), key.clone());
            let act = Act {
                action: ActionId::parse("claim").unwrap(),
                fill: BTreeMap::new(),
                reason: None,
                leg: None,
                seen: None,
            };
            tokio::spawn(async move {
                desk.commands.ask(volunteer(round), Want::Act { stream, act }, Some(key)).await
            })
        });
        let claims: Vec<_> = claims.collect();
        let mut fresh = 0;
        for claim in claims {
            fresh += usize::from(!claim.await.unwrap().unwrap().repeated);
        }
        assert_eq!(
            (fresh, desk.queries.case(&stream).await.unwrap().unwrap().claims.all.len()),
            (1, 1),
            "round {round}"
        );
    }
}

#[tokio::test]
async fn fifty_claims_across_restarts_leave_exactly_three() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("town.paidan");
    let checked = checked(&LISTS);
    let (mut wishes, resource) = (Vec::new(), {
        let (desk, committer) = engine(Sqlite::open(&path).await.unwrap(), 0, &checked).await;
        let resource = offer(&desk, "giver-7", 100).await;
        committer.abort();
        resource
    });
    let mut held = 0;
    for part in 0u64..5 {
        // Each engine is stopped without a word, whatever it is doing, and another goes on with the file.
        let store = open_again(&path).await;
        let (desk, committer) = engine(store, (part + 1) << 32, &checked).await;
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
    let (desk, _committer) = engine(store, 9 << 32, &checked).await;
    let mut claims = Vec::new();
    for stream in &wishes {
        claims.extend(desk.queries.case(stream).await.unwrap().unwrap().claims.all);
    }
    assert_eq!(claims.len(), 3, "the items say what the account says");
    let with_resource = claims.iter().filter(|claim| claim.other.is_some()).count();
    let reserved = desk.queries.case(&resource).await.unwrap().unwrap().claims;
    assert_eq!(reserved.all.len(), with_resource, "and so does the resource");
    let report = verify(&desk.world.store, Default::default()).await.unwrap();
    assert!(report.broken.is_empty(), "{:?}", report.broken);
}

#[tokio::test]
async fn resources_follow_their_claims() {
    let (desk, _committer) = engine(Memory::default(), 0, &checked(&LISTS)).await;
    let resource = offer(&desk, "giver-1", 3).await;
    let dispatcher = || person("dispatcher-jinchen", "community-dispatcher", "jinchen");
    let left = async || {
        let case = desk.queries.case(&resource).await.unwrap().unwrap();
        3 - case.claims.all.iter().filter(|claim| claim.is_active()).map(|claim| claim.qty).sum::<i64>()
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
    desk.commands.ask(volunteer(1), Want::Act { stream: four.clone(), act: drop_it }, None).await.unwrap();
    assert_eq!(left().await, 3);
    let after = account(&desk.world.store, "giver-1").await.unwrap();
    assert_eq!((after.open.len(), after.drops[&season(&desk).await]), (0, 1));

    act(&desk, dispatcher(), &four, "claim", claim(3, "giver-1")).await.unwrap();
    let word = json!({ "contact_log": "comes on Sunday", "promised_on": "2026-11-29" });
    act(&desk, volunteer(1), &four, "contact", word).await.unwrap();
    let proof = json!({ "delivery_proof": ["q.jpg"], "face_shown": false });
    act(&desk, volunteer(1), &four, "deliver", proof).await.unwrap();
    assert_eq!(account(&desk.world.store, "giver-1").await.unwrap().gave, 1);
    let used = desk.queries.case(&resource).await.unwrap().unwrap();
    assert!(used.is_closed(), "all of it was handed over");
}

/// Four resources of four givers would be nine streams: the fourth is not taken, so the day on which all expire passes.
#[tokio::test]
async fn a_full_wish_releases_every_resource() {
    for by_hand in [false, true] {
        let (desk, _committer) = engine(Memory::default(), 0, &checked(&LISTS)).await;
        let mut resources = Vec::new();
        for n in 1..=4 {
            resources.push(offer(&desk, &format!("giver-{n}"), 1).await);
        }
        let many = wish(&desk, 4).await;
        let mut refused = Vec::new();
        for (n, resource) in (1..).zip(&resources) {
            let claim = json!({ "qty": 1, "party": format!("giver-{n}"), "resource": resource });
            let dispatcher = person("dispatcher-jinchen", "community-dispatcher", "jinchen");
            refused.extend(act(&desk, dispatcher, &many, "claim", claim).await.err());
        }
        assert_eq!(refused.iter().map(code).collect::<Vec<_>>(), [Code::TooMany], "by hand: {by_hand}");
        if by_hand {
            act(&desk, Actor::Engine, &many, "withdraw", json!({})).await.unwrap();
        } else {
            desk.world.clock.later(8 * 86_400);
            desk.commands.ask(Actor::Engine, Want::Tick { stream: many.clone() }, None).await.unwrap();
        }
        for resource in &resources {
            let held = desk.queries.case(resource).await.unwrap().unwrap();
            assert!(!held.claims.all.iter().any(|claim| claim.is_active()), "by hand: {by_hand}");
        }
    }
}
