//! Jobs that are held from a day to a day: before and after, whoever holds them may do nothing by them and is told nothing.

use crate::town::{Ask, Town};
use paidan_model::roster::Post;
use paidan_runtime::Clock as _;
use serde_json::{Value as Json, json};

const OLD: &str = "secretary-hailing";
const NEW: &str = "agent-hailing-1";
const DAY: i64 = 86_400;

/// The secretary hands over to somebody else in three days.
async fn hand_over(town: &Town) {
    let shelf = town.desk.shelf.now();
    let mut roster = shelf.roster.clone();
    let change = town.desk.world.clock.now().plus_seconds(3 * DAY);
    let jobs = &mut roster.people.get_mut(OLD).unwrap().posts;
    jobs.iter_mut().for_each(|job| job.until = Some(change));
    let next = jobs.clone().into_iter().map(|job| Post { from: Some(change), until: None, ..job });
    let next: Vec<Post> = next.collect();
    roster.people.get_mut(NEW).unwrap().posts.extend(next);
    town.desk.shelf.publish(town.desk.store(), &[], &shelf.calendars(), Some(&roster)).await.unwrap();
}

async fn order(town: &Town) -> String {
    let fields =
        json!({ "reporter": "resident-2", "place": "gate-3", "category": "drain", "summary": "blocked" });
    let open = Ask::post("/v1/cases", &json!({ "workflow": "resident-order", "fields": fields }));
    let opened = town.ask(&open).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    opened.json()["id"].as_str().unwrap().to_string()
}

async fn convert(town: &Town, who: &'static str, case: &str) -> u16 {
    let body = json!({ "fields": { "kind": "enforcement" }, "reason": "the pipe is the city's" });
    town.ask(&Ask { who, ..Ask::post(&format!("/v1/cases/{case}/actions/convert"), &body) }).await.status
}

async fn told(town: &Town, case: &str, who: &str) -> bool {
    let letters = town.desk.queries.letters(None, 200).await.unwrap();
    let of_case = letters.iter().filter(|posted| posted.letter.stream.ends_with(case));
    of_case
        .filter_map(|posted| serde_json::from_str::<Json>(&posted.letter.body).ok())
        .any(|body| body.pointer("/tell/person").and_then(Json::as_str) == Some(who))
}

#[tokio::test]
async fn posts_are_held_from_day_to_day() {
    let town = Town::new().await;
    hand_over(&town).await;
    let (first, second) = (order(&town).await, order(&town).await);
    assert!(told(&town, &first, OLD).await && !told(&town, &first, NEW).await);
    assert_ne!(convert(&town, NEW, &first).await, 200, "not yet theirs");
    assert_eq!(convert(&town, OLD, &first).await, 200);
    town.later(3 * DAY);
    assert_ne!(convert(&town, OLD, &second).await, 200, "not theirs any more");
    let tasks = async |who: &'static str| town.ask(&Ask { who, ..Ask::get("/v1/inbox") }).await.text;
    assert!(!tasks(OLD).await.contains(&second) && tasks(NEW).await.contains(&second));
    assert_eq!(convert(&town, NEW, &second).await, 200);
    let third = order(&town).await;
    assert!(!told(&town, &third, OLD).await && told(&town, &third, NEW).await);
}
