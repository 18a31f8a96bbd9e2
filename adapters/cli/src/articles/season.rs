//! Twelve seasons of wishes: collected, checked by two, put on the wall, claimed by units of the alliance, fulfilled.

use anyhow::{Context as _, Result};
use paidan_runtime::Clock as _;
use serde_json::json;
use tokio::sync::Mutex;

use super::hands::{Hands, WISHER, each};

/// As many as the articles count (C: 12 季).
pub const SEASONS: usize = 12;
/// As many wishes as the articles count (C: 6700 多条).
const WISHES: usize = 6_700;
/// Days of a season on which something is done; the last, after its end and the holidays then.
pub const DAYS: [i64; 11] = [0, 7, 8, 9, 10, 14, 16, 20, 22, 26, 101];
/// How long a season is, and how far the next one's beginning is away, in days.
const LENGTH: i64 = 90;
const APART: i64 = 118;
/// A unit's open claims.
const CAP: usize = 20;

/// Places, with whoever checks and whoever publishes there.
const PLACES: [(&str, &str, &str); 3] = [
    ("dormitory", "dispatcher-jinchen", "lead-jinchen"),
    ("gate-3", "secretary-hailing", "lead-hailing"),
    ("east-park", "secretary-xingye", "lead-xingye"),
];
/// Who keeps the seasons.
const KEEPER: &str = "duty-xixi";
/// What is wished for, and what it is worth in fen.
const KINDS: [(&str, &str, i64); 6] = [
    ("bedding", "一床冬被 A winter quilt", 20_000),
    ("school", "一盏台灯 A desk lamp", 8_900),
    ("food", "两袋米一桶油 Rice and oil", 15_000),
    ("appliance", "一台电风扇 A fan", 18_000),
    ("repair", "修好水龙头 A tap that does not drip", 6_000),
    ("company", "有人陪着看病 Company to the doctor", 100),
];

/// On which day after the first a season begins.
pub fn begins(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(0) * APART
}

/// One wish, and who works on it.
struct Wish {
    stream: String,
    checker: &'static str,
    publisher: &'static str,
    worth: i64,
    /// Which unit of the alliance claims it, and when: in the first wave or the second.
    giver: (String, String),
    wave: usize,
    rating: i64,
}

/// The season that runs, and its wishes.
#[derive(Default)]
pub struct Seasons {
    number: String,
    stream: String,
    wishes: Vec<Wish>,
}

impl Seasons {
    /// Does what is done on a day of a season.
    pub async fn day(&mut self, hands: &Hands<'_>, n: usize, day: i64) -> Result<()> {
        match day {
            0 => self.open(hands, n).await,
            7 => hands.act(KEEPER, &self.stream, "launch", json!({ "people": 1_000 })).await,
            8 => self.collect(hands, n).await,
            9 => self.check(hands).await,
            10 => self.publish(hands).await,
            14 => self.claim(hands, 0).await,
            16 => self.fulfil(hands, 0).await,
            20 => self.claim(hands, 1).await,
            22 => self.fulfil(hands, 1).await,
            26 => self.thank(hands).await,
            _ => {
                let report = json!({ "report": ["report.pdf"], "clicks": 17_750 });
                hands.act(KEEPER, &self.stream, "report", report).await
            }
        }
    }

    async fn open(&mut self, hands: &Hands<'_>, n: usize) -> Result<()> {
        let today = hands.desk.world.clock.now();
        let on = |days: i64| {
            today.plus_seconds(days * 86_400).local(&hands.desk.shelf.now().zone()).date().to_string()
        };
        let form = json!({
            "name": format!("第{}季 Season {}", n + 1, n + 1), "starts": on(0), "ends": on(LENGTH), "launch_on": on(7),
            "target_wishes": 550, "target_lit": 550, "place": "dormitory",
        });
        let opened = hands.open(KEEPER, "wish-season", form).await?;
        (self.number, self.stream) = (opened.number, opened.stream);
        Ok(())
    }

    /// Wishes are heard of: as many as make the articles' sum over all seasons.
    async fn collect(&mut self, hands: &Hands<'_>, n: usize) -> Result<()> {
        let givers = givers(hands);
        let first = WISHES * n / SEASONS;
        let count = WISHES * (n + 1) / SEASONS - first;
        let found = Mutex::new(Vec::with_capacity(count));
        let kinds = PLACES.iter().cycle().zip(KINDS.iter().cycle());
        each((0..count).zip(kinds), |(k, (place, kind))| {
            let (found, givers) = (&found, &givers);
            async move {
                let form = json!({
                    "wisher": format!("{WISHER}{}", first + k), "place": place.0, "alias": format!("邻居{}", first + k + 1),
                    "wish": kind.1, "category": kind.0, "hardship": k % 11,
                });
                let stream = hands.open(place.1, "wish-fulfilment", form).await?.stream;
                let room = givers.len() * CAP;
                let giver = givers.get(k % room.max(1) / CAP).context("a unit of the alliance")?.clone();
                let rating = if k % 9 == 0 { 4 } else { 5 };
                let wave = k / room.max(1);
                let (checker, publisher, worth) = (place.1, place.2, kind.2);
                found.lock().await.push(Wish { stream, checker, publisher, worth, giver, wave, rating });
                Ok(())
            }
        })
        .await?;
        self.wishes = found.into_inner();
        Ok(())
    }

    async fn check(&self, hands: &Hands<'_>) -> Result<()> {
        each(&self.wishes, |wish| {
            let form = json!({ "check_proof": ["visit.jpg"], "worth": wish.worth });
            hands.act(wish.checker, &wish.stream, "check", form)
        })
        .await
    }

    async fn publish(&self, hands: &Hands<'_>) -> Result<()> {
        each(&self.wishes, |wish| {
            hands.act(wish.publisher, &wish.stream, "publish", json!({ "season": self.number }))
        })
        .await
    }

    async fn claim(&self, hands: &Hands<'_>, wave: usize) -> Result<()> {
        each(self.wishes.iter().filter(|wish| wish.wave == wave), |wish| {
            hands.act(&wish.giver.0, &wish.stream, "claim", json!({ "unit": wish.giver.1 }))
        })
        .await
    }

    /// The first word, the delivery, and what the wisher says of it.
    async fn fulfil(&self, hands: &Hands<'_>, wave: usize) -> Result<()> {
        each(self.wishes.iter().filter(|wish| wish.wave == wave), async |wish| {
            let (giver, stream) = (&wish.giver.0, &wish.stream);
            let today = hands.desk.world.clock.now().local(&hands.desk.shelf.now().zone()).date().to_string();
            let word = json!({ "contact_log": "约好今天 Today", "promised_on": today });
            hands.act(giver, stream, "contact", word).await?;
            let proof = json!({ "delivery_proof": ["handed.jpg"], "face_shown": false });
            hands.act(giver, stream, "deliver", proof).await?;
            hands.act(wish.checker, stream, "confirm", json!({ "rating": wish.rating })).await
        })
        .await
    }

    async fn thank(&self, hands: &Hands<'_>) -> Result<()> {
        each(&self.wishes, |wish| {
            hands.act(wish.checker, &wish.stream, "review", json!({ "thanks": "谢谢 Thank you" }))
        })
        .await
    }
}

/// The liaisons of the alliance's units: each claims for its unit.
fn givers(hands: &Hands<'_>) -> Vec<(String, String)> {
    let shelf = hands.desk.shelf.now();
    let people = shelf.roster.people.iter();
    let posts = people.flat_map(|(subject, person)| person.posts.iter().map(move |post| (subject, post)));
    let liaisons = posts.filter(|(_, post)| post.post.as_str() == "liaison");
    liaisons.map(|(subject, post)| (subject.clone(), post.unit.to_string())).collect()
}
