//! A lift and a wish over HTTP: paper for those without a phone, receipts that their voters can check, a wall without names.

use crate::town::lift::voting;
use crate::town::{Answer, Ask, Town};
use paidan_model::commitment::commitment;
use paidan_model::moment::{Moment, Zone};
use serde_json::{Value as Json, json};

const URL: &str = "application/x-www-form-urlencoded";

/// What somebody is told of the ballot of their household.
async fn receipt(town: &Town, who: &'static str, case: &str) -> Json {
    let path = format!("/v1/cases/{case}/votes/voting_ballot/receipt");
    town.ask(&Ask { who, ..Ask::get(&path) }).await.json()
}

/// An owner and a co-owner are told that the receipt holds, and the line that computes it without us does; nobody else is.
async fn receipts_are_checked_on_a_page(town: &Town, case: &str, receipt: &str) {
    let path = format!("/case/{case}/receipt/voting_ballot");
    for who in ["resident-2", "p-102"] {
        let page = town.ask(&Ask { who, ..Ask::get(&path) }).await;
        assert!(
            page.text.contains("核对一致") && page.text.contains("<strong>反对</strong>"),
            "{who}: {}",
            page.text
        );
        let (_, line) = page.text.split_once("tabindex=\"0\"><code>").unwrap();
        let line = line.split_once("</code>").unwrap().0.replace("&quot;", "\"").replace("&amp;", "&");
        let done = std::process::Command::new("bash").args(["-c", &line]).output().unwrap();
        let said = String::from_utf8(done.stdout).unwrap();
        assert_eq!(said.split_whitespace().next(), Some(receipt), "{line}");
        let shown = town.ask(&Ask { who, ..Ask::get(&format!("/case/{case}")) }).await.text;
        assert!(shown.contains("/receipt/voting_ballot\"") && shown.contains(receipt), "{who}: {shown}");
    }
    for who in ["dispatcher-jinchen", "resident-1", "auditor", "resident-3"] {
        let told = town.ask(&Ask { who, ..Ask::get(&path) }).await;
        assert!(!told.text.contains(receipt), "{who}: {}", told.text);
    }
}

/// The signature is for its owner and for those who write papers down, not for every neighbour.
async fn papers_are_seen(town: &Town, case: &str, file: &str) {
    let stream = town.desk.queries.by_number(case).await.unwrap().unwrap();
    let sees = [("dispatcher-jinchen", true), ("p-101", true), ("resident-1", false), ("resident-2", false)];
    for (who, sees) in sees {
        let page = town.ask(&Ask { who, ..Ask::get(&format!("/{stream}")) }).await.text;
        assert_eq!(page.contains(&format!("{file}\">纸质票</a>")), sees, "{who}: {page}");
    }
}

/// Whoever has a vote has it on the list until it is cast, and then reads on the page what was said.
#[tokio::test]
async fn a_ballot_is_a_task_until_cast() {
    let town = Town::new().await;
    let case = voting(&town).await;
    let inbox = async |who: &'static str| town.ask(&Ask { who, ..Ask::get("/v1/inbox") }).await.text;
    let page =
        async |who: &'static str| town.ask(&Ask { who, ..Ask::get(&format!("/case/{case}")) }).await.text;
    assert!(inbox("resident-2").await.contains("请投票") && inbox("resident-2").await.contains(&case));
    assert!(!inbox("resident-3").await.contains(&case), "no vote, no task");
    let before = page("resident-2").await;
    assert!(before.contains("您（102）：<strong>未投") && !before.contains("value=\"revoke\""), "{before}");
    assert!(
        !before.contains("name=\"owner\"") && !before.contains("纸质票照片"),
        "an owner votes for nobody else: {before}"
    );
    town.does("resident-2", &case, "cast", json!({ "choice": "oppose" })).await;
    assert!(!inbox("resident-2").await.contains(&case));
    let after = page("resident-2").await;
    assert!(after.contains("您（102）：<strong>反对") && after.contains("value=\"revoke\""), "{after}");
    let desk = page("dispatcher-jinchen").await;
    assert!(desk.contains("name=\"owner\"") && desk.contains("纸质票照片"), "{desk}");
}

#[tokio::test]
async fn owners_vote_both_ways_and_hold_receipts() {
    let town = Town::new().await;
    let case = voting(&town).await;
    town.does("resident-1", &case, "cast", json!({ "choice": "agree" })).await;
    town.does("resident-2", &case, "cast", json!({ "choice": "oppose" })).await;
    // Somebody without a phone signs on paper; the desk writes it down with the paper, and without it cannot.
    let desk = "dispatcher-jinchen";
    let paper = |files: Json| json!({ "fields": { "owner": "p-101", "choice": "agree", "proof": files } });
    let refused = town.act(desk, &case, "cast", paper(json!([]))).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "R1023"));
    let refused = town.act(desk, &case, "cast", paper(json!(["never-sent"]))).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "R2017"));
    let file = town.photo(desk).await;
    town.does(desk, &case, "cast", json!({ "owner": "p-101", "choice": "agree", "proof": [file] })).await;
    papers_are_seen(&town, &case, &file).await;
    let stranger = town.act("resident-3", &case, "cast", json!({ "fields": { "choice": "agree" } })).await;
    assert_eq!(stranger.status, 404, "whoever may not know of it: {}", stranger.text);

    let votes =
        town.ask(&Ask { who: "resident-2", ..Ask::get(&format!("/v1/cases/{case}/votes")) }).await.json();
    let vote = &votes["items"][0];
    let stances: Vec<&str> =
        vote["households"].as_array().unwrap().iter().map(|h| h["stance"].as_str().unwrap()).collect();
    assert_eq!(stances, ["agree", "silent", "agree", "oppose"]);
    assert_eq!(
        vote["tally"]["sums"]["heads"],
        json!({ "all": 4, "part": 3, "yes": 2, "no": 1, "abstain": 0 })
    );

    assert_eq!(vote["about"].as_str().map(str::len), Some(64), "what is voted on has a digest");
    // Whoever has no vote sees that homes have voted, and the sums; not how.
    let outside =
        town.ask(&Ask { who: "duty-xixi", ..Ask::get(&format!("/v1/cases/{case}/votes")) }).await.json();
    let stances: Vec<&str> = outside["items"][0]["households"]
        .as_array()
        .unwrap()
        .iter()
        .map(|h| h["stance"].as_str().unwrap())
        .collect();
    assert_eq!(stances, ["cast", "silent", "cast", "cast"]);
    assert_eq!(
        outside["items"][0]["tally"],
        Json::Null,
        "sums that grow ballot by ballot would tell each of them"
    );
    let splits =
        town.ask(&Ask { who: "resident-2", ..Ask::get(&format!("/v1/cases/{case}/splits")) }).await.json();
    let split = &splits["items"][0];
    let pays: Vec<i64> =
        split["shares"].as_array().unwrap().iter().map(|s| s["pays"].as_i64().unwrap()).collect();
    assert_eq!((split["amount"].as_i64(), pays), (Some(60_000_001), vec![30_000_001, 30_000_000, 0, 0]));

    let path = format!("/v1/cases/{case}/votes/voting_ballot/receipt");
    let own = receipt(&town, "resident-2", &case).await;
    let salt: [u8; 32] = hex::decode(own["salt"].as_str().unwrap()).unwrap().try_into().unwrap();
    let (stream, field) = (own["stream"].as_str().unwrap(), own["field"].as_str().unwrap());
    assert_eq!(own["value"], "oppose");
    assert_eq!(own["receipt"], commitment(stream, field, &json!("oppose"), &salt));
    assert_ne!(own["receipt"], commitment(stream, field, &json!("agree"), &salt), "it proves nothing else");
    assert_eq!(
        town.ask(&Ask { who: desk, ..Ask::get(&path) }).await.status,
        404,
        "nobody else's receipt is told"
    );

    receipts_are_checked_on_a_page(&town, &case, own["receipt"].as_str().unwrap()).await;
    let page = town.ask(&Ask { who: "resident-2", ..Ask::get(&format!("/case/{case}")) }).await;
    assert!(page.text.contains("class=\"building\"") && page.text.contains(own["receipt"].as_str().unwrap()));
    assert!(page.text.contains("¥300,000.01") && page.text.contains("¥600,000.01"), "{}", page.text);
}

#[tokio::test]
async fn a_second_ballot_replaces_the_first_on_receipt() {
    let town = Town::new().await;
    let (case, who) = (voting(&town).await, "resident-2");
    town.does(who, &case, "cast", json!({ "choice": "agree" })).await;
    let first = receipt(&town, who, &case).await;
    assert_eq!(first["replaced"], json!([]));
    town.does(who, &case, "cast", json!({ "choice": "oppose" })).await;
    let own = receipt(&town, who, &case).await;
    let replaced: Vec<&Json> =
        own["replaced"].as_array().unwrap().iter().map(|one| &one["receipt"]).collect();
    assert_eq!((replaced, &own["value"]), (vec![&first["receipt"]], &json!("oppose")), "{own}");
    assert_ne!(own["receipt"], first["receipt"]);
    // Taken back and cast anew: both are no longer counted, the newest is.
    town.does(who, &case, "revoke", json!({})).await;
    town.does(who, &case, "cast", json!({ "choice": "agree" })).await;
    let now = receipt(&town, who, &case).await;
    assert_eq!(now["replaced"].as_array().unwrap().len(), 2, "{now}");
    let page = town.ask(&Ask { who, ..Ask::get(&format!("/case/{case}")) }).await.text;
    for gone in [&first, &own] {
        let words = format!("不再计票的回执：<code>{}</code>", gone["receipt"].as_str().unwrap());
        assert!(page.contains(&words), "{page}");
    }
    let neighbour = town.ask(&Ask { who: "resident-1", ..Ask::get(&format!("/case/{case}")) }).await.text;
    assert!(!neighbour.contains("不再计票的回执"), "they are told to nobody else: {neighbour}");
}

/// A season that runs, by its number.
async fn season(town: &Town) -> String {
    let fields = json!({
        "name": "2026年第四季", "starts": "2026-10-01", "ends": "2026-12-31", "target_wishes": 560, "target_lit": 500,
        "launch_on": "2026-10-09", "place": "dormitory",
    });
    let keeper = "duty-xixi";
    let number = town.open(keeper, "wish-season", fields).await;
    town.does(keeper, &number, "launch", json!({ "people": 1000 })).await;
    number
}

/// A lift whose scheme goes back to the vote, as the mediation settled it.
async fn to_vote_again(town: &Town) -> String {
    let desk = "dispatcher-jinchen";
    let case = voting(town).await;
    for (who, choice) in
        [("resident-1", "agree"), ("resident-2", "agree"), ("p-101", "agree"), ("p-202", "agree")]
    {
        town.does(who, &case, "cast", json!({ "choice": choice })).await;
    }
    town.later(16 * 86_400);
    let file = town.photo(desk).await;
    let home = |part: &str, floor: i64, owner: &str| json!({ "part": part, "floor": floor, "area": 900_000, "owner": owner });
    let agreement = json!({
        "agreement": [file],
        "signers": [home("201", 2, "resident-1"), home("202", 2, "p-202")],
        "not_signing": [home("101", 1, "p-101"), home("102", 1, "resident-2")],
    });
    town.does("resident-1", &case, "lay_out", agreement).await;
    town.later(2 * 3_600);
    for who in ["resident-1", "p-202"] {
        town.does(who, &case, "cast", json!({ "choice": "agree" })).await;
    }
    let places =
        [("stairwell", "1"), ("board", "1")].map(|(place, photo)| json!({ "place": place, "photo": photo }));
    let posted = json!({ "publicity_posted": [file], "publicity_places": places });
    town.does(desk, &case, "publicity_post", posted).await;
    town.does(
        "resident-2",
        &case,
        "publicity_object",
        json!({ "publicity_objection": "light", "publicity_signed_by": "102" }),
    )
    .await;
    let heard = json!({ "objection_by": "resident-2", "objection_what": "light" });
    town.does("mediator-xixi", &case, "objection_acknowledge", heard).await;
    town.does("mediator-xixi", &case, "objection_visit", json!({ "objection_visit_note": "seen" })).await;
    let settled = json!({ "objection_minutes": [file], "objection_agreed": "pay for the light", "objection_material": true });
    town.does("mediator-xixi", &case, "objection_settle", settled).await;
    case
}

/// Sends the form of a case's page.
async fn submit(town: &Town, who: &'static str, stream: &str, body: String) -> Answer {
    let form =
        Ask { method: "POST", kind: URL, who, body: body.into_bytes(), ..Ask::get(&format!("/{stream}")) };
    town.ask(&form).await
}

/// Forms show what stands in a table already; what is emptied on the page is empty, and what is not written as a row
/// comes back with its row.
#[tokio::test]
async fn tables_are_corrected_and_emptied_on_pages() {
    let town = Town::new().await;
    let desk = "dispatcher-jinchen";
    let case = to_vote_again(&town).await;
    let stream = town.desk.queries.by_number(&case).await.unwrap().unwrap();
    let amend = async |rows: &str| {
        // A browser sends back what the form said of the list it showed.
        let page = town.ask(&Ask { who: desk, ..Ask::get(&format!("/case/{case}")) }).await.text;
        let shown = page
            .split_once("value=\"compensation:")
            .map(|(_, rest)| rest.split_once('"').unwrap().0.to_string());
        let shown = shown.map(|print| format!("&_shown=compensation:{print}")).unwrap_or_default();
        let seen =
            page.split_once("name=\"_seen\" value=\"").unwrap().1.split_once('"').unwrap().0.to_string();
        let rows = rows.replace('\t', "%09").replace(' ', "+").replace('\n', "%0A");
        let body = format!(
            "_token={}&_action=amend&_reason=settled&_seen={seen}{shown}&compensation={rows}&outside=",
            rows.len()
        );
        submit(&town, desk, &stream, body).await
    };
    let held = async || {
        let case = town.desk.queries.case(&stream).await.unwrap().unwrap();
        serde_json::to_value(&case.form.fields["compensation"]).unwrap()["open"]["table"].clone()
    };
    let written = amend("102\t1200.50\t201, 202\tlight").await;
    assert_eq!(written.status, 303, "{}", written.text);
    let row = json!({ "part": "102", "amount": 120_050, "paid_by": "201, 202", "ground": "light" });
    assert_eq!(held().await, json!([row]));
    let page = town.ask(&Ask { who: desk, ..Ask::get(&format!("/case/{case}")) }).await;
    assert!(page.text.contains("102\t1200.50\t201, 202\tlight</textarea>"), "{}", page.text);
    let refused = amend("102, 5,000, 201, light").await;
    assert!(
        refused.status == 422
            && refused.text.contains("第1行")
            && refused.text.contains("5,000, 201, light</textarea>"),
        "{}",
        refused.text
    );
    assert_eq!(amend("").await.status, 303);
    assert_eq!(held().await, json!([]));
    // A form on which the list was not shown empties nothing, and one that is out of date corrects nothing.
    amend("102\t5\t201\tlight").await;
    let post = async |body: String| submit(&town, desk, &stream, body).await.status;
    assert_eq!(post("_token=n1&_action=amend&_reason=r&compensation=&outside=".into()).await, 303);
    assert_eq!(held().await[0]["part"], "102");
    let stale =
        "_token=n2&_action=amend&_reason=r&_seen=1&_shown=compensation:00&compensation=102%095%09201%09noise";
    assert_eq!(post(stale.into()).await, 412);
    assert_eq!(held().await[0]["ground"], "light");
    let told = town.ask(&Ask { who: "resident-1", ..Ask::get(&format!("/case/{case}")) }).await;
    assert!(told.text.contains("理由：settled"), "a reason is there to be read: {}", told.text);
}

#[tokio::test]
async fn the_wall_shows_wishes_without_their_wishers() {
    let town = Town::new().await;
    let fields = json!({
        "wisher": "resident-3", "place": "dormitory", "alias": "小星", "wish": "一盏台灯", "category": "school",
        "address": "CANARY-ADDRESS", "phone": "CANARY-PHONE", "informant": "CANARY-INFORMANT", "hardship": 9,
    });
    let case = town.open("dispatcher-jinchen", "wish-fulfilment", fields).await;
    let before = town.ask(&Ask { who: "", ..Ask::get("/v1/lists/needs") }).await;
    assert!(!before.text.contains("left"), "unchecked it cannot be claimed: {}", before.text);
    let file = town.photo("dispatcher-jinchen").await;
    town.does("dispatcher-jinchen", &case, "check", json!({ "check_proof": [file], "worth": 100 })).await;
    let season = season(&town).await;
    let refused =
        town.act("lead-jinchen", &case, "publish", json!({ "fields": { "season": "nowhere" } })).await;
    assert_eq!((refused.status, refused.code().as_str()), (422, "R1020"));
    let page = town.ask(&Ask { who: "lead-jinchen", ..Ask::get(&format!("/case/{case}")) }).await;
    assert!(page.text.contains(&format!("<option value=\"{season}\">2026年第四季")), "{}", page.text);
    town.does("lead-jinchen", &case, "publish", json!({ "season": season })).await;
    let told = town.ask(&Ask { who: "", ..Ask::get("/v1/lists/seasons") }).await.json();
    let told = &told["items"][0];
    assert_eq!((&told["linked"]["total"], &told["linked"]["delivered"]), (&json!(1), &json!(0)));
    let page = town.ask(&Ask { who: "", ..Ask::get("/seasons") }).await;
    assert!(
        page.text.contains("2026年第四季") && page.text.contains("<strong>1</strong> / 560 (0%)"),
        "{}",
        page.text
    );
    for path in ["/wall", "/wall?screen=1", "/v1/lists/needs"] {
        let shown = town.ask(&Ask { who: "", ..Ask::get(path) }).await;
        assert!(
            shown.status == 200 && shown.text.contains("一盏台灯") && shown.text.contains("小星"),
            "{path}"
        );
        for hidden in ["CANARY", "resident-3", "dormitory", "hardship"] {
            assert!(!shown.text.contains(hidden), "{path} tells {hidden}");
        }
    }
    let sees =
        async |who: &'static str| town.ask(&Ask { who, ..Ask::get(&format!("/v1/cases/{case}")) }).await;
    let stranger = sees("volunteer-3").await;
    assert!(stranger.text.contains("一盏台灯") && !stranger.text.contains("CANARY"), "{}", stranger.text);
    town.does("volunteer-3", &case, "claim", json!({})).await;
    assert!(!sees("volunteer-3").await.text.contains("CANARY"), "not before the first word");
    let second = town.act("volunteer-1", &case, "claim", json!({})).await;
    assert_eq!((second.status, second.code().as_str()), (409, "R1031"), "{}", second.text);
    let word = json!({ "contact_log": "rang", "promised_on": "2026-10-11" });
    town.does("volunteer-3", &case, "contact", word).await;
    let told = sees("volunteer-3").await;
    assert!(told.text.contains("CANARY-ADDRESS") && told.text.contains("CANARY-PHONE"), "{}", told.text);
    assert!(!told.text.contains("CANARY-INFORMANT"));
    assert!(!sees("volunteer-1").await.text.contains("CANARY"));
    let unknown = town.ask(&Ask { who: "", ..Ask::get("/v1/lists/people") }).await;
    assert_eq!(unknown.status, 404);
}

/// The slip of paper for whoever has no phone, with all that she needs to ask again; the number of her case.
async fn slip(town: &Town, received: &Answer) -> String {
    let (_, slip) = received.text.split_once("<section class=\"slip\">").unwrap();
    let slip = slip.split_once("</section>").unwrap().0;
    let between = |before: &str, after: &str| slip.split_once(before).unwrap().1.split_once(after).unwrap().0;
    let case = between("class=\"receipt\">", "<");
    let shown =
        town.ask(&Ask { who: "secretary-hailing", ..Ask::get(&format!("/v1/cases/{case}")) }).await.json();
    let clocks = shown["clocks"].as_array().unwrap();
    let promise = clocks.iter().find(|clock| clock["clock"] == "case").unwrap();
    let due = Moment::parse_rfc3339(promise["due"].as_str().unwrap()).unwrap();
    assert_eq!(between("承诺日期：<strong>", "<"), due.local_text(&Zone::SHANGHAI));
    let code = between("只显示一次）：<code>", "<");
    let track = Ask {
        kind: URL,
        body: format!("code={code}").into_bytes(),
        key: None,
        ..Ask::post("/track", &json!({}))
    };
    let tracked = town.ask(&Ask { who: "", ..track }).await;
    assert!(tracked.status == 200 && tracked.text.contains(case), "{code}: {}", tracked.text);
    assert!(slip.contains("打印本页交给本人") && slip.contains("/track"), "{slip}");
    case.to_string()
}

/// She rates on paper: the desk sends the form of the case's page with a photo of the slip, and not without; the agent may
/// not.
async fn rated_on_paper(town: &Town, desk: &'static str, case: &str) {
    let path = format!("/case/{case}");
    let page = town.ask(&Ask { who: desk, ..Ask::get(&path) }).await.text;
    for asked in ["confirming_write_down", "confirming_how", "confirming_rating", "confirming_slip"] {
        assert!(page.contains(asked), "{asked} is on the form: {page}");
    }
    let rating = |token| {
        let said = [("confirming_how", "paper"), ("confirming_solved", "true"), ("confirming_rating", "5")];
        [("_token", token), ("_action", "confirming_write_down")].into_iter().chain(said).collect::<Vec<_>>()
    };
    let photo: [(&str, &str, &[u8]); 1] = [("confirming_slip", "image/png", b"\x89PNG\r\n\x1a\nslip")];
    let own = town.send_files("volunteer-3", &path, &rating("r1"), &photo).await;
    assert_eq!(own.status, 403, "{}", own.text);
    let bare = town.send_files(desk, &path, &rating("r2"), &[]).await;
    assert_eq!(
        (bare.status, bare.code().as_str()),
        (422, "R1005"),
        "no rating on paper without its photo: {}",
        bare.text
    );
    assert!(bare.text.contains("<option value=\"paper\" selected"), "what was chosen is kept: {}", bare.text);
    let done = town.send_files(desk, &path, &rating("r3"), &photo).await;
    assert_eq!(done.status, 303, "{}", done.text);
}

#[tokio::test]
async fn an_order_by_call_is_rated_on_paper() {
    let town = Town::new().await;
    let desk = "secretary-hailing";
    // Granny calls; whoever answers fills in the form, and names her by nothing but a fresh id.
    let form = "_token=call-1&place=gate-3&category=tap&summary=drips&class=normal&reporter=";
    let ask = Ask {
        method: "POST",
        kind: URL,
        who: desk,
        body: form.as_bytes().to_vec(),
        ..Ask::get("/new/resident-order")
    };
    let received = town.ask(&ask).await;
    let case = slip(&town, &received).await;
    town.does(desk, &case, "triage", json!({ "order_type": "repair" })).await;
    town.does(desk, &case, "dispatch", json!({ "agent": "volunteer-3" })).await;
    town.does("volunteer-3", &case, "accept", json!({})).await;
    town.does("volunteer-3", &case, "start", json!({})).await;
    let file = town.photo("volunteer-3").await;
    town.does("volunteer-3", &case, "finish", json!({ "proof": [file] })).await;
    rated_on_paper(&town, desk, &case).await;
    let shown = town.ask(&Ask { who: desk, ..Ask::get(&format!("/v1/cases/{case}")) }).await.json();
    assert_eq!(shown["outcome"], "solved");
}

/// Whoever may see a lift reads how often it was voted on, what was objected, and what came of it, in order.
#[tokio::test]
async fn rounds_votes_and_objections_stand_in_order() {
    let town = Town::new().await;
    let case = to_vote_again(&town).await;
    let page =
        async |who: &'static str| town.ask(&Ask { who, ..Ask::get(&format!("/case/{case}")) }).await.text;
    let owner = page("resident-2").await;
    let (_, rounds) = owner.split_once("<section class=\"rounds\">").unwrap();
    let rounds = rounds.split_once("</section>").unwrap().0;
    let mut at = 0;
    for told in
        ["表决", "</strong>：light", "异议人</strong>：102", "走访记录</strong>：seen", "pay for the light"]
    {
        let found = rounds.get(at..).unwrap().find(told);
        assert!(found.is_some(), "{told} after {at}: {rounds}");
        at += found.unwrap();
    }
    assert!(!rounds.contains("p-101"), "who voted how is told with the vote alone");
    let none = page("resident-3").await;
    assert!(!none.contains("class=\"rounds\""), "{none}");
}
