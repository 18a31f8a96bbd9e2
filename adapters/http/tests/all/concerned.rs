//! Whoever may not know whom a case is about is told so by no page and no program: not by a field, and not by who acted.

use crate::town::{Ask, Town, World};
use paidan_http::{Access, Door, Route, table};
use serde_json::json;

/// What shows many cases at once.
const LISTS: [&str; 11] = [
    "/",
    "/wall",
    "/lists",
    "/seasons",
    "/dispatch",
    "/v1/inbox",
    "/v1/cases?limit=200",
    "/v1/lists/needs",
    "/v1/lists/resources",
    "/v1/lists/projects",
    "/v1/lists/seasons",
];

/// A case, and the person of whom most may not know.
struct Secret {
    case: String,
    subject: &'static str,
    /// What people call them.
    names: [&'static str; 2],
    /// A private field: whoever sees it may know of the person too.
    field: &'static str,
}

/// Cases that residents opened themselves, and a wish that a volunteer claimed.
async fn secrets(town: &Town) -> Vec<Secret> {
    let granny = ["何阿婆", "Granny He"];
    let order = json!({
        "reporter": "resident-1", "place": "dormitory", "category": "drain", "summary": "the drain is blocked",
    });
    let order = town.open("resident-1", "resident-order", order).await;
    let wish = json!({
        "wisher": "resident-1", "place": "dormitory", "alias": "小星", "wish": "一盏台灯", "category": "school",
    });
    let wish = town.open("resident-1", "wish-fulfilment", wish).await;
    let photo = town.photo("dispatcher-jinchen").await;
    town.does("dispatcher-jinchen", &wish, "check", json!({ "check_proof": [photo], "worth": 100 })).await;
    let season = json!({
        "name": "2026年第四季", "starts": "2026-10-01", "ends": "2026-12-31", "target_wishes": 560, "target_lit": 500,
        "launch_on": "2026-10-09", "place": "dormitory",
    });
    let season = town.open("duty-xixi", "wish-season", season).await;
    town.does("duty-xixi", &season, "launch", json!({ "people": 1000 })).await;
    town.does("lead-jinchen", &wish, "publish", json!({ "season": season })).await;
    town.does("volunteer-2", &wish, "claim", json!({})).await;
    let of =
        |case: &String, field| Secret { case: case.clone(), subject: "resident-1", names: granny, field };
    let claimer = Secret {
        case: wish.clone(),
        subject: "volunteer-2",
        names: ["小朱", "Zhu, volunteer"],
        field: "wisher",
    };
    vec![of(&order, "reporter"), of(&wish, "wisher"), claimer]
}

/// Whether somebody may know of the person: they see the field, hold the case, or are that person.
async fn may_know(town: &Town, who: &'static str, secret: &Secret) -> bool {
    let seen = town.ask(&Ask { who, ..Ask::get(&format!("/v1/cases/{}", secret.case)) }).await.json();
    seen["fields"].get(secret.field).is_some() || who == secret.subject
}

/// The routes of a case.
fn paths(routes: &[Route], secret: &Secret) -> Vec<String> {
    let shows = |route: &&Route| route.method == "GET" && !matches!(route.access, Access::Demonstration);
    let of_cases = |route: &&Route| route.path.contains("{id}") && !route.path.contains("workflows");
    // Who looked at a case is what an access log is for; who may read it is tested with it.
    let left_out = ["/live", "/stream", "/access"];
    let plain = |path: &&str| !left_out.iter().any(|end| path.ends_with(end)) && !path.contains("{vote}");
    let found = routes.iter().filter(shows).filter(of_cases).map(|route| route.path).filter(plain);
    found.map(|path| path.replace("{id}", &secret.case).replace("{digest}", &"0".repeat(64))).collect()
}

/// A page without the form of the demonstration that lets a visitor choose whom to be.
fn without_chooser(page: &str) -> String {
    let Some((before, rest)) = page.split_once("<form class=\"who\"") else { return page.to_string() };
    format!("{before}{}", rest.split_once("</form>").unwrap().1)
}

/// What somebody is answered: the path, the status and the words.
async fn answers(
    town: &Town,
    who: &'static str,
    paths: impl IntoIterator<Item = String>,
) -> Vec<(String, u16, String)> {
    let mut all = Vec::new();
    for path in paths {
        let told = town.ask(&Ask { who, ..Ask::get(&path) }).await;
        all.push((path, told.status, without_chooser(&told.text)));
    }
    all
}

#[tokio::test]
async fn hidden_people_are_named_on_no_route() {
    let town = Town::new().await;
    let secrets = secrets(&town).await;
    let people: Vec<&'static str> = town
        .desk
        .shelf
        .now()
        .roster
        .people
        .keys()
        .map(|id| &*Box::leak(id.clone().into_boxed_str()))
        .collect();
    let routes = table::<World>(Door::Demonstration);
    let mut told_of = Vec::new();
    let (mut asked, mut knowing, mut ignorant) = (0, 0, 0);
    for who in people {
        let lists = answers(&town, who, LISTS.map(String::from)).await;
        for (path, status, body) in &lists {
            assert_eq!(*status, 200, "{path} is a list: {body}");
        }
        for secret in &secrets {
            let holds = town.ask(&Ask { who, ..Ask::get(&format!("/v1/cases/{}", secret.case)) }).await;
            if may_know(&town, who, secret).await {
                knowing += 1;
                continue;
            }
            // To whoever may not know of the case at all, its routes answer nothing: only lists are left.
            let sees = holds.status == 200;
            ignorant += u32::from(sees);
            let own = if sees { paths(&routes, secret) } else { Vec::new() };
            let own = answers(&town, who, own).await;
            for (path, _, body) in own.iter().chain(&lists) {
                let named = secret.names.iter().chain([&secret.subject]).find(|name| body.contains(**name));
                told_of.extend(named.map(|name| format!("{path} tells {who} of {name}")));
                asked += 1;
            }
        }
    }
    assert!(told_of.is_empty(), "{}", told_of.join("\n"));
    println!("{asked} answers; {knowing} may know, {ignorant} see the case and may not");
    assert!(asked > 500 && knowing >= 3 && ignorant >= 10, "{asked} {knowing} {ignorant}");
}

/// The numbers on somebody's list of cases.
async fn listed(town: &Town, who: &'static str) -> Vec<String> {
    let list = town.ask(&Ask { who, ..Ask::get("/v1/cases?limit=200") }).await.json();
    list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["number"].as_str().unwrap().to_string())
        .collect()
}

#[tokio::test]
async fn sharing_a_desk_gives_no_right_to_read() {
    let town = Town::new().await;
    let secrets = secrets(&town).await;
    let (order, wish) = (&secrets[0].case, &secrets[1].case);
    let reads = async |who, case: &String| {
        let seen = town.ask(&Ask { who, ..Ask::get(&format!("/v1/cases/{case}")) }).await.status;
        let list = listed(&town, who).await;
        let opened = town.ask(&Ask { who, ..Ask::get(&format!("/case/{case}")) }).await.status;
        assert_eq!(seen, opened, "{who} {case}: the page and the API");
        (seen == 200, list.contains(case))
    };
    // The community's desk reads what is in its area; an agent and a volunteer of that community what is theirs.
    for case in [order, wish] {
        assert_eq!(reads("dispatcher-jinchen", case).await, (true, true), "{case}");
        assert_eq!(reads("agent-jinchen-1", case).await, (false, false), "{case}");
        assert_eq!(reads("expert", case).await, (false, false), "{case}");
        assert_eq!(reads("auditor", case).await, (true, true), "{case}");
    }
    assert_eq!(reads("volunteer-1", order).await, (false, false));
    assert_eq!(reads("volunteer-2", wish).await, (true, true), "what they claimed");
    let sorted = json!({ "order_type": "repair", "class": "normal" });
    town.does("dispatcher-jinchen", order, "triage", sorted).await;
    town.does("dispatcher-jinchen", order, "dispatch", json!({ "agent": "agent-jinchen-1" })).await;
    assert_eq!(reads("agent-jinchen-1", order).await, (true, true), "what they were given");
    assert_eq!(reads("agent-jinchen-2", order).await, (false, false), "what another was given");
}
