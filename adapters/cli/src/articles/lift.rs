//! Eighty-five lifts: neighbours meet, vote, sign; departments review; 73 are in service, 12 under way. Ninety days and
//! a year after it is in service the owners of each are asked.

use anyhow::{Context as _, Result};
use paidan_runtime::{After, Clock as _};
use paidan_views::worklist::Body;
use serde_json::{Value as Json, json};

use super::hands::{Hands, each};

/// Lifts in service and under way, as the articles count them (C: 完工73部, 施工中或已审批12部).
const IN_SERVICE: usize = 73;
const UNDER_WAY: usize = 12;
/// Lifts that begin together.
const TOGETHER: usize = 8;
/// Batches: those that are done, and the one that is under way.
pub const BATCHES: usize = IN_SERVICE.div_ceil(TOGETHER) + 1;
/// How far batches are apart, in days; the last begins late.
const APART: i64 = 85;
const LAST_BEGINS: i64 = 1_270;
/// The day on which building begins, and the last on which something is done.
const STARTS: i64 = 115;
const STEPS: [(i64, Step); 29] = [
    (0, Step::Open),
    (1, Step::One(DESK, "accept")),
    (3, Step::One(DESK, "eligible")),
    (10, Step::One("expert", "feasible")),
    (20, Step::One("applicant", "publish")),
    (22, Step::One(DESK, "consult")),
    (23, Step::Invite),
    (28, Step::Meet),
    (30, Step::One(DESK, "open_ballot")),
    (32, Step::Vote),
    (49, Step::One("applicant", "lay_out")),
    (50, Step::Sign),
    (51, Step::One(DESK, "publicity_post")),
    (64, Step::One("secretary-jinchen", "seal")),
    (66, Step::Legs),
    (70, Step::One("applicant", "commission")),
    (90, Step::One("d-lift", "submit")),
    (100, Step::One("expert", "ok")),
    (105, Step::Legs),
    (108, Step::One("liaison-housing", "permitted")),
    (110, Step::Legs),
    (STARTS, Step::One("applicant", "start")),
    (180, Step::Build),
    (195, Step::One(DESK, "paid")),
    (275, Step::Vote),
    (300, Step::Review("review_note", "九十天：好用 After 90 days: good")),
    (530, Step::One(DESK, "inspected")),
    (555, Step::Vote),
    (575, Step::Review("review_note_365", "一年：好用 After a year: good")),
];
/// How many days ahead a consultation is announced, and its sides; for some their interest is at stake.
const AHEAD: i64 = 5;
const SIDES: [(&str, i64); 4] =
    [("低层业主 Lower floors", 1), ("高层业主 Upper floors", 1), ("物业 Property", 0), ("社区 Community", 0)];
/// The community's desk, and who reviews together.
const DESK: &str = "dispatcher-jinchen";
const REVIEW: [&str; 2] = ["housing", "fire"];

/// What is done on a day of a batch.
#[derive(Clone, Copy, Debug)]
enum Step {
    Open,
    /// Somebody does one action.
    One(&'static str, &'static str),
    /// The consultation is announced.
    Invite,
    /// It is held on its day, and agreed upon.
    Meet,
    /// Owners vote, or say how they are satisfied.
    Vote,
    /// Whoever pays signs.
    Sign,
    /// The departments' legs.
    Legs,
    Build,
    /// What was said in a review, and the field it is written in.
    Review(&'static str, &'static str),
}

/// On which day after the first a batch begins.
pub fn begins(batch: usize) -> i64 {
    let nth = i64::try_from(batch).unwrap_or(0) * APART;
    if batch + 1 == BATCHES { LAST_BEGINS } else { nth }
}

/// The days of a batch on which something is done: the last one has only begun to build.
pub fn days(batch: usize) -> impl Iterator<Item = i64> {
    let last = batch + 1 == BATCHES;
    STEPS.iter().map(|(day, _)| *day).filter(move |day| !last || *day <= STARTS)
}

/// One lift: its stream, and its number among all of them.
struct Lift {
    stream: String,
    n: usize,
}

impl Lift {
    fn applicant(&self) -> String {
        owner(self.n, "302")
    }
}

/// Whose a flat is.
fn owner(n: usize, part: &str) -> String {
    format!("o-{n}-{part}")
}

/// The flats of a building: six floors of two, as measured.
fn parts() -> impl Iterator<Item = (String, i64, i64)> {
    let flats = (1..=6).flat_map(|floor| [(floor, 1, 853_700), (floor, 2, 914_200)]);
    flats.map(|(floor, side, area)| (format!("{floor}0{side}"), floor, area))
}

/// Every batch of lifts.
#[derive(Default)]
pub struct Lifts {
    batches: Vec<Vec<Lift>>,
}

impl Lifts {
    /// Does what is done on a day of a batch.
    pub async fn day(&mut self, hands: &Hands<'_>, batch: usize, day: i64) -> Result<()> {
        let step =
            STEPS.iter().find(|(on, _)| *on == day).map(|(_, step)| *step).context("a step of a lift")?;
        if let Step::Open = step {
            return self.open(hands, batch).await;
        }
        let lifts = self.batches.get(batch).context("a batch of lifts")?;
        match step {
            Step::Open => Ok(()),
            Step::One(who, action) => {
                each(lifts, async |lift| {
                    let applicant = lift.applicant();
                    let who = if who == "applicant" { &applicant } else { who };
                    hands.act(who, &lift.stream, action, form(hands, action, lift.n)).await
                })
                .await
            }
            Step::Invite => invite(hands, lifts.len()).await,
            Step::Meet => meet(hands, lifts.len()).await,
            Step::Vote => each(lifts, |lift| vote(hands, lift)).await,
            Step::Sign => each(lifts, |lift| sign(hands, lift)).await,
            Step::Legs => each(lifts, |lift| legs(hands, lift)).await,
            Step::Build => each(lifts, |lift| build(hands, lift)).await,
            Step::Review(field, note) => {
                each(lifts, async |lift| {
                    hands.act(DESK, &lift.stream, "review", json!({ field: note })).await
                })
                .await
            }
        }
    }

    async fn open(&mut self, hands: &Hands<'_>, batch: usize) -> Result<()> {
        let first = (batch * TOGETHER).min(IN_SERVICE);
        let count = if batch + 1 == BATCHES { UNDER_WAY } else { TOGETHER.min(IN_SERVICE - first) };
        let mut lifts = Vec::with_capacity(count);
        for n in first..first + count {
            let topic = format!("{}号楼加装电梯 A lift for building {}", n + 1, n + 1);
            let form = json!({ "applicant": owner(n, "302"), "place": "dormitory", "topic": topic });
            let stream = hands.open(&owner(n, "302"), "elevator-installation", form).await?.stream;
            lifts.push(Lift { stream, n });
        }
        self.batches.push(lifts);
        Ok(())
    }
}

/// What is filled in with an action.
fn form(hands: &Hands<'_>, action: &str, n: usize) -> Json {
    let today = hands.desk.world.clock.now();
    let day = |days: i64| {
        today.plus_seconds(days * 86_400).local(&hands.desk.shelf.now().zone()).date().to_string()
    };
    match action {
        "eligible" => json!({ "floors": 6, "title": ["deeds.pdf"] }),
        "feasible" => json!({ "survey": ["survey.pdf"] }),
        "publish" => scheme(n),
        "open_ballot" => json!({ "ballot_until": day(18) }),
        "lay_out" => agreement(n),
        "publicity_post" => json!({
            "publicity_posted": ["stairwell.jpg", "board.jpg"],
            "publicity_places": [
                { "place": "楼道 stairwell", "photo": "stairwell.jpg" }, { "place": "公告栏 board", "photo": "board.jpg" },
            ],
        }),
        "seal" => json!({ "seal": ["seal.pdf"], "review_units": REVIEW, "lead_unit": "housing" }),
        "commission" => json!({ "designer": "d-lift" }),
        "submit" => json!({ "drawings": ["drawings.pdf"] }),
        "ok" => json!({ "drawing_ok": format!("S-{n}") }),
        "permitted" => json!({ "permit": format!("P-{n}"), "utility_units": ["gas"] }),
        "start" => json!({
            "builder": "b-lift",
            "foundation_due": day(67), "shaft_due": day(68), "lift_due": day(69), "trial_due": day(70),
        }),
        "paid" => json!({ "subsidy": 10_000_000 }),
        "inspected" => json!({ "inspection_no": format!("Y-{n}") }),
        _ => json!({}),
    }
}

/// Whether a home pays: the ground floor pays nothing, and one home is not in it yet.
fn pays(part: &str, floor: i64) -> bool {
    floor > 1 && part != "402"
}

/// The rows of the roster that fit.
fn rows(n: usize, fits: impl Fn(&str, i64) -> bool) -> Vec<Json> {
    let all = parts().filter(|(part, floor, _)| fits(part, *floor));
    all.map(
        |(part, floor, area)| json!({ "part": part, "floor": floor, "area": area, "owner": owner(n, &part) }),
    )
    .collect()
}

/// The agreement: whoever pays signs it.
fn agreement(n: usize) -> Json {
    let (signers, others) = (rows(n, pays), rows(n, |part, floor| !pays(part, floor)));
    json!({ "agreement": ["agreement.pdf"], "signers": signers, "not_signing": others })
}

/// The scheme that is voted on.
fn scheme(n: usize) -> Json {
    let owners = rows(n, |_, _| true);
    let weights = (1..).zip([0, 5, 10, 20, 30, 35]);
    let weights: Vec<Json> =
        weights.map(|(floor, weight)| json!({ "floor": floor, "weight": weight })).collect();
    json!({
        "sketch": ["sketch.pdf"], "cost": 60_000_000, "grant": 10_000_000, "owners": owners, "weights": weights,
        "outside": [{ "part": "402" }], "running_costs": "每户每月30元 30 yuan a month",
    })
}

/// The consultations that were asked for are announced to every side.
async fn invite(hands: &Hands<'_>, wanted: usize) -> Result<()> {
    let proposed = on_desk(hands, "Proposed", wanted).await?;
    each(proposed, async |stream: String| {
        let (stream, today) = (stream.as_str(), hands.desk.world.clock.now());
        let on = today.plus_seconds(AHEAD * 86_400).local(&hands.desk.shelf.now().zone()).date().to_string();
        hands.act(DESK, stream, "screen", json!({})).await?;
        let sides = SIDES.map(|(side, at_stake)| json!({ "side": side, "at_stake": at_stake }));
        let form =
            json!({ "agenda": "加装电梯 The lift", "experts": "电梯 lift", "invited": sides, "meeting_on": on });
        hands.act(DESK, stream, "announce", form).await
    })
    .await
}

/// They are held: every side comes, experts answer, and the sides agree.
async fn meet(hands: &Hands<'_>, wanted: usize) -> Result<()> {
    let announced = on_desk(hands, "Announced", wanted).await?;
    each(announced, async |stream: String| {
        let stream = stream.as_str();
        let sides = SIDES
            .map(|(side, at_stake)| json!({ "side": side, "at_stake": at_stake, "who": "代表 A delegate" }));
        hands.act(DESK, stream, "hold", json!({ "present": sides })).await?;
        let answers = json!([{
            "number": 1, "question": "会挡光吗 Does it take light?", "answer": "遮光减少一半 Half the shade",
            "by": "设计 The designer", "due": "当场 At once",
        }]);
        hands.act(DESK, stream, "answer", json!({ "q_and_a": answers })).await?;
        let agreed = json!({ "minutes": ["minutes.pdf"], "result_text": "一致同意 Agreed", "items": "表决 To the vote" });
        hands.act(DESK, stream, "agree", agreed).await
    })
    .await
}

/// The consultations on the desk in a state, once there are as many as are wanted: the courier opens them.
async fn on_desk(hands: &Hands<'_>, state: &str, wanted: usize) -> Result<Vec<String>> {
    /// Looks at the desk's list without all of them being there.
    const LOOKS_MAX: usize = 3_000;
    let owner = format!("post:community-dispatcher@{}", "jinchen");
    for _ in 0..LOOKS_MAX {
        let rows = hands
            .desk
            .queries
            .rows("task", &owner, After { due: i64::MIN, key: String::new() }, 10_000)
            .await?;
        let bodies = rows.iter().filter_map(|row| serde_json::from_str::<Body>(&row.body).ok());
        let new = bodies.filter(|body| body.workflow == "consultation-meeting" && body.en == state);
        let found: Vec<String> = new.map(|body| body.stream).collect();
        if found.len() >= wanted {
            return Ok(found);
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    anyhow::bail!("the consultations are not on the desk: {state}")
}

/// Ten of twelve vote, one of them against it.
async fn vote(hands: &Hands<'_>, lift: &Lift) -> Result<()> {
    for (part, floor, _) in parts().filter(|(part, ..)| !["102", "402"].contains(&part.as_str())) {
        let choice = if floor == 1 { "oppose" } else { "agree" };
        hands.act(&owner(lift.n, &part), &lift.stream, "cast", json!({ "choice": choice })).await?;
    }
    Ok(())
}

/// Each home that pays signs the agreement.
async fn sign(hands: &Hands<'_>, lift: &Lift) -> Result<()> {
    for (part, _, _) in parts().filter(|(part, floor, _)| pays(part, *floor)) {
        hands.act(&owner(lift.n, &part), &lift.stream, "cast", json!({ "choice": "agree" })).await?;
    }
    Ok(())
}

/// Every department that has not answered yet does: it signs what is new, and finishes.
async fn legs(hands: &Hands<'_>, lift: &Lift) -> Result<()> {
    use paidan_model::leg::LegState;
    let case = hands.desk.queries.case(&lift.stream).await?.context("the lift's case")?;
    let busy = [LegState::Notified, LegState::Signed, LegState::Reported, LegState::Working];
    let open = case.legs.by_unit.iter().filter(|(_, leg)| busy.contains(&leg.state));
    for (unit, leg) in open {
        let who = format!("liaison-{unit}");
        if leg.state == LegState::Notified {
            hands.act_for(&who, &lift.stream, "sign", Some(unit.as_str()), json!({})).await?;
        }
        hands.act_for(&who, &lift.stream, "finish", Some(unit.as_str()), json!({})).await?;
    }
    Ok(())
}

/// From the pit to the certificate, the claim of the subsidy and the contract.
async fn build(hands: &Hands<'_>, lift: &Lift) -> Result<()> {
    /// What is passed, and the field of its photos.
    const MILESTONES: [(&str, &str); 4] = [
        ("passed_foundation", "foundation_photos"),
        ("passed_shaft", "shaft_photos"),
        ("passed_lift", "lift_photos"),
        ("finished", "trial_photos"),
    ];
    let (stream, applicant) = (lift.stream.as_str(), lift.applicant());
    for (milestone, photos) in MILESTONES {
        hands.act("b-lift", stream, milestone, json!({ photos: ["photo.jpg"] })).await?;
    }
    hands.act(&applicant, stream, "accepted", json!({ "report_no": format!("T-{}", lift.n) })).await?;
    hands.act(&applicant, stream, "registered", json!({ "certificate": format!("R-{}", lift.n) })).await?;
    hands.act(&applicant, stream, "claim", json!({ "subsidy_papers": ["claim.pdf"] })).await?;
    let posted = json!({
        "subsidy_notice_posted": ["board.jpg"],
        "subsidy_notice_places": [{ "place": "公告栏 board", "photo": "board.jpg" }],
    });
    hands.act(DESK, stream, "subsidy_notice_post", posted).await?;
    let handed = json!({
        "maintenance": ["contract.pdf"], "fund_account": "6222 0000", "emergency_phone": "0515-96333",
    });
    hands.act(&applicant, stream, "hand", handed).await
}
