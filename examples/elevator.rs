//! Owners pay for a lift (加装电梯) by floor and area, to the fen, and vote on it: twelve flats, two axes, whole numbers.
//! Eight of twelve take part and all agree, and it fails: they hold too little of the area. One more large flat, and it
//! is carried.
#![expect(clippy::unwrap_used, reason = "an example shows the way that goes well")]

use paidan::model::id::VoteId;
use paidan::runtime::Desk;
use paidan::views::standing::{Look, standing, test_words};
use paidan_examples::{World, act, open, send, town};
use serde_json::{Value as Json, json};

const SECRETARY: &str = "secretary-jinchen";

/// Six floors of two flats, 85.37 and 91.42 m² each, in square centimetres.
fn owners() -> Vec<Json> {
    let flats = (1..=6).flat_map(|floor| [(floor, 1, 853_700), (floor, 2, 914_200)]);
    flats
        .map(|(floor, side, area)| {
            let part = format!("{floor}0{side}");
            json!({ "part": part, "floor": floor, "area": area, "owner": format!("p-{part}") })
        })
        .collect()
}

/// The ground floor pays nothing, the sixth most.
fn weights() -> Vec<Json> {
    let all = (1..).zip([0, 5, 10, 20, 30, 35]);
    all.map(|(floor, weight)| json!({ "floor": floor, "weight": weight })).collect()
}

/// Prints who pays what; says what that adds up to.
async fn shares(desk: &Desk<World>, stream: &str) -> i64 {
    let case = desk.queries.case(stream).await.unwrap().unwrap();
    let split = case.splits.by_split.values().next().unwrap();
    for portion in split.now() {
        println!("  {} pays {:>7}.{:02} yuan", portion.part, portion.fen / 100, portion.fen % 100);
    }
    split.now().iter().map(|portion| portion.fen).sum()
}

/// Prints each test of the vote with the two products it compares; says whether all hold.
async fn meters(desk: &Desk<World>, stream: &str) -> bool {
    let case = desk.queries.case(stream).await.unwrap().unwrap();
    let shelf = desk.shelf.now();
    let workflow = shelf.workflow(&case.filing.digest).unwrap();
    let vote: &VoteId = case.votes.polls.keys().next().unwrap();
    let tests = standing(workflow, &case, vote, Look::Said).unwrap().tally.unwrap().tests;
    for test in &tests {
        println!("  {} {}", if test.holds { "holds " } else { "misses" }, test_words(test).en);
    }
    tests.iter().all(|test| test.holds)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let definitions = [
        ("elevator-installation.toml", include_str!("../workflows/elevator-installation.toml")),
        ("consultation-meeting.toml", include_str!("../workflows/consultation-meeting.toml")),
        ("mediation.toml", include_str!("../workflows/blocks/mediation.toml")),
        ("owner-vote.toml", include_str!("../workflows/blocks/owner-vote.toml")),
        ("public-notice.toml", include_str!("../workflows/blocks/public-notice.toml")),
        ("survey.toml", include_str!("../workflows/blocks/survey.toml")),
    ];
    let desk = town(&definitions, "2026-11-23 09:00").await;
    let form = json!({ "applicant": "resident-1", "place": "dormitory", "topic": "A lift for building 3" });
    let lift = open(&desk, "resident-1", "elevator-installation", &form).await;
    println!("{} is filed", lift.number);
    let stream = lift.stream.as_str();
    let steps = [
        (SECRETARY, "accept", json!({})),
        (SECRETARY, "eligible", json!({ "floors": 6, "title": ["deeds.pdf"] })),
        ("expert", "feasible", json!({ "survey": ["survey.pdf"] })),
        (
            "resident-1",
            "publish",
            json!({
                "sketch": ["sketch.pdf"], "cost": 60_000_000, "grant": 10_000_000, "compensation": [
                    { "part": "101", "amount": 1_500_000, "paid_by": "602", "ground": "less light" },
                ],
                "running_costs": "30 yuan a month", "owners": owners(), "weights": weights(),
            }),
        ),
        (SECRETARY, "consult", json!({})),
    ];
    for (who, action, form) in steps {
        act(&desk, who, stream, action, &form).await.unwrap();
    }
    println!("600,000 yuan, less a subsidy of 100,000:");
    assert_eq!(shares(&desk, stream).await, 50_000_000, "to the fen");
    // The consultation is a case of its own; it reports that they agreed.
    send(&desk, stream, "child_agreed").await;
    act(&desk, SECRETARY, stream, "open_ballot", &json!({ "ballot_until": "2026-12-25" })).await.unwrap();

    let agree = json!({ "choice": "agree" });
    for part in ["101", "201", "301", "401", "501", "601", "102", "202"] {
        act(&desk, &format!("p-{part}"), stream, "cast", &agree).await.unwrap();
    }
    println!("eight of twelve heads, and less than two thirds of the area:");
    assert!(!meters(&desk, stream).await, "enough heads are not enough");
    act(&desk, "p-302", stream, "cast", &agree).await.unwrap();
    println!("nine of twelve:");
    assert!(meters(&desk, stream).await, "both axes hold");
}
