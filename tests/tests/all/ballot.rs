//! One household, one vote, however often it is asked: the same ballot again, another one, both owners at once, and the
//! engine stopped in between. The sums are computed here by hand from the roster, in whole numbers.

use std::collections::{BTreeMap, BTreeSet};

use crate::town::{self, World, act, checked, engine, map, open, open_again, person};
use paidan_journal::verify::verify;
use paidan_journal::{Memory, Sqlite, Store};
use paidan_machine::Code;
use paidan_machine::fact::VoteFact;
use paidan_machine::tally::Choice;
use paidan_machine::vote::Poll;
use paidan_model::id::{ActionId, VoteId};
use paidan_model::vote::Axis;
use paidan_runtime::commands::{Key, Want};
use paidan_runtime::{Act, Actor, Denied, Desk, Fact, Receipt};
use paidan_views::standing::{Look, standing};
use serde_json::{Value as Json, json};

/// A lift, with what it is made of.
const LIFT: [&str; 6] = [
    "workflows/elevator-installation.toml",
    "workflows/consultation-meeting.toml",
    "workflows/blocks/mediation.toml",
    "workflows/blocks/owner-vote.toml",
    "workflows/blocks/public-notice.toml",
    "workflows/blocks/survey.toml",
];
/// The vote of a lift.
const VOTE: &str = "voting_ballot";
/// Flats, each a household of an owner and a co-owner; the area of flat `n` is [`area`] of it.
const FLATS: i64 = 12;

/// Square centimetres of a flat: no two are alike, so that a ballot counted twice or for another cannot hide in a sum.
fn area(flat: i64) -> i64 {
    800_000 + flat * flat * 7_001
}

fn owner(flat: i64) -> Actor {
    person(&format!("owner-{flat}"), "resident", "jinchen")
}

fn co_owner(flat: i64) -> Actor {
    person(&format!("co-{flat}"), "resident", "jinchen")
}

/// A lift whose ballot is open.
async fn lift<S: Store>(desk: &Desk<World<S>>) -> String {
    let owners: Vec<Json> = (1..=FLATS)
        .map(|flat| {
            let (floor, owner, other) = (1 + flat / 3, format!("owner-{flat}"), format!("co-{flat}"));
            json!({ "part": format!("{flat}"), "floor": floor, "area": area(flat), "owner": owner, "co_owners": [other] })
        })
        .collect();
    let weights: Vec<Json> =
        (1..=1 + FLATS / 3).map(|floor| json!({ "floor": floor, "weight": floor - 1 })).collect();
    let scheme = json!({
        "sketch": ["sketch.pdf"], "cost": 60_000_000, "running_costs": "30 yuan a month", "owners": owners,
        "weights": weights,
    });
    let form = json!({ "applicant": "owner-1", "place": "dormitory", "topic": "A lift" });
    let stream = open(desk, "elevator-installation", form).await;
    let steps = [
        ("accept", json!({})),
        ("eligible", json!({ "floors": 5, "title": ["deeds.pdf"] })),
        ("feasible", json!({ "survey": ["survey.pdf"] })),
        ("publish", scheme),
        ("consult", json!({})),
    ];
    for (action, form) in steps {
        act(desk, Actor::Engine, &stream, action, form).await.unwrap();
    }
    let event = ActionId::parse("child_agreed").unwrap();
    let agreed = Want::Send { stream: stream.clone(), event };
    desk.commands.ask(Actor::Engine, agreed, None).await.unwrap();
    let until = json!({ "ballot_until": "2026-12-25" });
    act(desk, Actor::Engine, &stream, "open_ballot", until).await.unwrap();
    stream
}

/// A cast that was asked for: by whom, for which flat, what, under which key.
struct Asked {
    actor: Actor,
    flat: i64,
    choice: &'static str,
    key: String,
}

fn asked(actor: Actor, flat: i64, choice: &'static str, key: String) -> Asked {
    Asked { actor, flat, choice, key }
}

async fn cast<S: Store>(desk: &Desk<World<S>>, stream: &str, asked: &Asked) -> Result<Receipt, Denied> {
    let Actor::Person { subject, .. } = &asked.actor else { panic!("a person votes") };
    let key = Key::of(&[subject, stream, &asked.key], asked.choice.as_bytes());
    let act = Act {
        action: ActionId::parse("cast").unwrap(),
        fill: map(&json!({ "choice": asked.choice })),
        reason: None,
        leg: None,
        seen: None,
    };
    desk.commands.ask(asked.actor.clone(), Want::Act { stream: stream.into(), act }, Some(key)).await
}

/// Casts all of them at once; each with its answer.
async fn at_once<S: Store>(
    desk: &Desk<World<S>>,
    stream: &str,
    all: Vec<Asked>,
) -> Vec<(Asked, Result<Receipt, Denied>)> {
    let casting = all.into_iter().map(|asked| {
        let (desk, stream) = (desk.clone(), stream.to_string());
        tokio::spawn(async move {
            let answer = cast(&desk, &stream, &asked).await;
            (asked, answer)
        })
    });
    let casting: Vec<_> = casting.collect();
    let mut answers = Vec::new();
    for one in casting {
        answers.push(one.await.unwrap());
    }
    answers
}

/// What was acknowledged last for each flat, by the sequences in the answers.
#[derive(Default)]
struct Last(BTreeMap<i64, (u64, &'static str)>);

impl Last {
    fn hear(&mut self, answers: &[(Asked, Result<Receipt, Denied>)]) {
        for (asked, answer) in answers {
            let seq = answer.as_ref().unwrap().seq;
            let held = self.0.entry(asked.flat).or_insert((seq, asked.choice));
            *held = (*held).max((seq, asked.choice));
        }
    }

    /// The sums of an axis, one household at a time: who took part, who agreed, opposed, abstained.
    fn sums(&self, weigh: impl Fn(i64) -> i64) -> [i64; 4] {
        let of = |choice: &str| {
            let said = self.0.iter().filter(|(_, (_, said))| *said == choice);
            said.map(|(flat, _)| weigh(*flat)).sum::<i64>()
        };
        let each = [of("agree"), of("oppose"), of("abstain")];
        [each.iter().sum(), each[0], each[1], each[2]]
    }
}

async fn poll<S: Store>(desk: &Desk<World<S>>, stream: &str) -> Poll {
    let case = desk.queries.case(stream).await.unwrap().unwrap();
    case.votes.polls[&VoteId::parse(VOTE).unwrap()].clone()
}

/// Every ballot of a flat in the records, oldest first: its receipt and its choice.
async fn casts<S: Store>(desk: &Desk<World<S>>, stream: &str, flat: i64) -> Vec<(String, Choice)> {
    let entries = desk.queries.timeline(stream).await.unwrap();
    let of_flat = |fact: &Fact| match fact {
        Fact::Vote(VoteFact::Cast { owner, receipt, choice, .. }) if *owner == format!("owner-{flat}") => {
            Some((receipt.clone(), choice.clone().unwrap()))
        }
        _ => None,
    };
    entries.iter().flat_map(|entry| entry.facts.iter().filter_map(of_flat)).collect()
}

/// One ballot for each household: the last that was acknowledged, and sums that are those of the roster.
async fn is_right<S: Store>(desk: &Desk<World<S>>, stream: &str, last: &Last) {
    let held = poll(desk, stream).await;
    assert_eq!(held.ballots.len(), last.0.len(), "one counted ballot for each household");
    for (flat, (_, choice)) in &last.0 {
        let ballot = &held.ballots[&format!("owner-{flat}")];
        let all = casts(desk, stream, *flat).await;
        let (receipt, said) = all.last().unwrap();
        assert_eq!((&ballot.receipt, ballot.choice.as_ref()), (receipt, Some(said)), "the last one counts");
        assert_eq!(json!(said), json!(choice), "flat {flat}");
        let receipts: BTreeSet<&String> = all.iter().map(|(receipt, _)| receipt).collect();
        assert_eq!(receipts.len(), all.len(), "each ballot has a receipt of its own");
    }
    let case = desk.queries.case(stream).await.unwrap().unwrap();
    let shelf = desk.shelf.now();
    let workflow = shelf.workflow(&case.filing.digest).unwrap();
    let found = standing(workflow, &case, &VoteId::parse(VOTE).unwrap(), Look::Said).unwrap();
    let tally = found.tally.unwrap();
    let sums = |axis: Axis| {
        let sums = &tally.sums[&axis];
        [sums.part, sums.yes, sums.no, sums.abstain]
    };
    assert_eq!(sums(Axis::Heads), last.sums(|_| 1));
    assert_eq!(sums(Axis::Area), last.sums(area));
    assert_eq!(tally.sums[&Axis::Area].all, (1..=FLATS).map(area).sum::<i64>());
}

/// The tally in the record of the closing, after the ballot's last day.
async fn closes<S: Store>(desk: &Desk<World<S>>, stream: &str, last: &Last) {
    desk.world.clock.later(40 * 86_400);
    desk.commands.ask(Actor::Engine, Want::Tick { stream: stream.into() }, None).await.unwrap();
    let tally = poll(desk, stream).await.result.unwrap();
    let heads = &tally.sums[&Axis::Heads];
    assert_eq!([heads.part, heads.yes, heads.no, heads.abstain], last.sums(|_| 1));
    let areas = &tally.sums[&Axis::Area];
    assert_eq!([areas.part, areas.yes, areas.no, areas.abstain], last.sums(area));
    assert!(verify(&desk.world.store, Default::default()).await.unwrap().broken.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_ballot_key_counts_once() {
    let (desk, _committer) = engine(Memory::default(), 0, &checked(&LIFT)).await;
    let stream = lift(&desk).await;
    let mut last = Last::default();
    let same = || (0..50).map(|_| asked(owner(1), 1, "agree", "k".into())).collect();
    let answers = at_once(&desk, &stream, same()).await;
    let fresh = answers.iter().filter(|(_, answer)| !answer.as_ref().unwrap().repeated).count();
    assert_eq!(fresh, 1, "one of fifty was the ballot, the others hear the same");
    last.hear(&answers);
    let seqs: BTreeSet<u64> = answers.iter().map(|(_, answer)| answer.as_ref().unwrap().seq).collect();
    assert_eq!(seqs.len(), 1);
    last.hear(&at_once(&desk, &stream, same()).await);
    assert_eq!(casts(&desk, &stream, 1).await.len(), 1, "also when it comes again later");
    let other = cast(&desk, &stream, &asked(owner(1), 1, "oppose", "k".into())).await;
    assert_eq!(other, Err(Denied::KeyReused), "another ballot under that key is none");
    // The same key of somebody else is another key.
    last.hear(&at_once(&desk, &stream, vec![asked(owner(2), 2, "oppose", "k".into())]).await);
    is_right(&desk, &stream, &last).await;
    closes(&desk, &stream, &last).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_ballots_the_last_one_counts() {
    let (desk, _committer) = engine(Memory::default(), 0, &checked(&LIFT)).await;
    let stream = lift(&desk).await;
    let mut last = Last::default();
    for round in 0..5i64 {
        let both = (0..60i64).map(|n| {
            let flat = 1 + n % 4;
            let actor = if n % 8 < 4 { owner(flat) } else { co_owner(flat) };
            let choice = ["agree", "oppose", "abstain"][usize::try_from((n * 7 + round) % 3).unwrap()];
            asked(actor, flat, choice, format!("{round}-{n}"))
        });
        last.hear(&at_once(&desk, &stream, both.collect()).await);
        is_right(&desk, &stream, &last).await;
    }
    assert_eq!(casts(&desk, &stream, 1).await.len(), 5 * 60 / 4, "all of them are kept");
    // A stranger, and an owner of another flat in their name: nothing is cast.
    let stranger =
        cast(&desk, &stream, &asked(person("x", "resident", "jinchen"), 1, "oppose", "s".into())).await;
    assert!(matches!(stranger, Err(Denied::NotFound | Denied::Refused(_))), "{stranger:?}");
    let in_name = json!({ "owner": "owner-1", "choice": "oppose" });
    let refused = act(&desk, owner(5), &stream, "cast", in_name).await.unwrap_err();
    assert_eq!(town::code(&refused), Code::NotYours);
    is_right(&desk, &stream, &last).await;
    closes(&desk, &stream, &last).await;
    let late = cast(&desk, &stream, &asked(owner(1), 1, "agree", "late".into())).await.unwrap_err();
    assert_eq!(town::code(&late), Code::NotOpen);
}

/// The casts of a round: each flat's owner and co-owner, each asked for three times under the same key.
fn round(part: i64) -> Vec<Asked> {
    let cast = |n: i64| {
        let flat = 1 + n % FLATS;
        let actor = if n < FLATS { owner(flat) } else { co_owner(flat) };
        let choice = if (n + part) % 3 == 0 { "oppose" } else { "agree" };
        asked(actor, flat, choice, format!("{part}-{n}"))
    };
    (0..3).flat_map(|_| (0..2 * FLATS).map(cast)).collect()
}

#[tokio::test]
async fn restarts_neither_lose_nor_repeat_ballots() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("town.paidan");
    let checked = checked(&LIFT);
    let (desk, committer) = engine(Sqlite::open(&path).await.unwrap(), 0, &checked).await;
    let stream = lift(&desk).await;
    committer.abort();
    drop((committer.await, desk));
    let (mut last, mut unknown) = (Last::default(), 0);
    for part in 0..4i64 {
        let first = (u64::try_from(part).unwrap() + 1) << 32;
        let (desk, committer) = engine(open_again(&path).await, first, &checked).await;
        let casting = tokio::spawn({
            let (desk, stream) = (desk.clone(), stream.clone());
            async move { at_once(&desk, &stream, round(part)).await }
        });
        // The engine is stopped after as many turns of the others, wherever it is then.
        for _ in 0..part * 3 {
            tokio::task::yield_now().await;
        }
        committer.abort();
        drop(committer.await);
        let answers = casting.await.unwrap();
        unknown += answers.iter().filter(|(_, answer)| answer.is_err()).count();
        drop(desk);
        // Whoever has no answer asks again with the same key; so does everybody else.
        let (desk, committer) = engine(open_again(&path).await, first + (1 << 31), &checked).await;
        let again = at_once(&desk, &stream, round(part)).await;
        for ((_, before), (_, after)) in answers.iter().zip(&again) {
            let kept = before.as_ref().is_ok_and(|before| before.seq != after.as_ref().unwrap().seq);
            assert!(!kept, "what was acknowledged stands where it stood");
        }
        last.hear(&again);
        is_right(&desk, &stream, &last).await;
        for flat in 1..=FLATS {
            let asked = usize::try_from(2 * (part + 1)).unwrap();
            assert_eq!(casts(&desk, &stream, flat).await.len(), asked, "each key is one ballot");
        }
        if part == 3 {
            closes(&desk, &stream, &last).await;
        }
        committer.abort();
        drop(committer.await);
    }
    assert!(unknown > 0, "no cast was under way when the engine stopped");
}
