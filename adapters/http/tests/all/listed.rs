//! Lists with more on them than one page: they go on, nothing is left out without a word, and what may be the same matter
//! is found among the latest of its kind.

use crate::town::{Ask, Town};
use serde_json::json;

const WHO: &str = "secretary-hailing";

async fn order(town: &Town, who: &'static str, category: &str, summary: &str) -> String {
    let fields = json!({ "reporter": who, "place": "gate-3", "category": category, "summary": summary });
    let open =
        Ask { who, ..Ask::post("/v1/cases", &json!({ "workflow": "resident-order", "fields": fields })) };
    let opened = town.ask(&open).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    opened.json().get("number").unwrap().as_str().unwrap().to_string()
}

async fn page(town: &Town, path: &str) -> String {
    let page = town.ask(&Ask { who: WHO, ..Ask::get(path) }).await;
    assert_eq!(page.status, 200, "{path}: {}", page.text);
    page.text
}

/// The address of the link with these words.
fn link(page: &str, words: &str) -> Option<String> {
    let (before, _) = page.split_once(&format!("\">{words}</a>"))?;
    before.rsplit_once("href=\"").map(|(_, to)| to.replace("&amp;", "&"))
}

#[tokio::test]
async fn lists_of_several_pages_are_complete() {
    let town = Town::new().await;
    let mut numbers = Vec::new();
    for n in 0..60 {
        numbers.push(order(&town, "resident-2", if n % 2 == 0 { "drain" } else { "tap" }, "water").await);
    }
    // On the page, by the links.
    let mut left: Vec<&String> = numbers.iter().collect();
    let mut path = Some("/?workflow=resident-order".to_string());
    let mut pages = 0;
    while let Some(now) = path {
        let text = page(&town, &now).await;
        let (_, cases) = text.split_once("我能看到的事项").unwrap();
        left.retain(|number| !cases.contains(*number));
        path = link(cases, "下一页");
        assert!(path.as_ref().is_none_or(|path| path.contains("workflow=resident%2Dorder")), "{path:?}");
        pages += 1;
    }
    assert!(left.is_empty() && pages == 2, "{left:?} on {pages} pages");
    // For programs, by the header, which keeps the filter.
    let first = town.ask(&Ask { who: WHO, ..Ask::get("/v1/cases?workflow=resident-order&limit=40") }).await;
    let next = first.header("link");
    let next = next.strip_prefix('<').unwrap().split('>').next().unwrap();
    assert!(next.contains("workflow=resident%2Dorder"), "{next}");
    let second = town.ask(&Ask { who: WHO, ..Ask::get(next) }).await.json();
    assert_eq!(second.get("items").unwrap().as_array().unwrap().len(), 20);
    // With sixty others before it, the same matter is found all the same.
    town.later(60);
    let same = order(&town, "resident-3", "drain", "三号门口下水道堵了，污水外溢").await;
    let again = order(&town, "resident-2", "drain", "三号门口下水道堵了").await;
    let body = json!({ "fields": { "order_type": "repair", "class": "urgent" } });
    let sort = Ask { who: WHO, ..Ask::post(&format!("/v1/cases/{again}/actions/triage"), &body) };
    assert_eq!(town.ask(&sort).await.status, 200);
    let desk = page(&town, &format!("/dispatch?order={again}")).await;
    assert!(desk.contains(&format!("并入 {same}")), "{desk}");
}

#[tokio::test]
async fn a_saved_view_opens_with_all_it_keeps() {
    let town = Town::new().await;
    order(&town, "resident-2", "drain", "water").await;
    let view = json!({ "title": "消防的", "filter": { "workflow": "resident-order", "unit": "fire" } });
    let put = Ask { method: "PUT", who: WHO, ..Ask::post("/v1/views/fire", &view) };
    assert_eq!(town.ask(&put).await.status, 200);
    let to = link(&page(&town, "/").await, "消防的").unwrap();
    assert_eq!(to, "/?view=fire");
    let text = page(&town, &to).await;
    assert!(text.contains("只看：") && !text.contains("HAILING-"), "no leg of the fire brigade: {text}");
    assert_eq!(town.ask(&Ask { who: WHO, ..Ask::get("/?view=none") }).await.status, 404);
}

#[tokio::test]
async fn empty_worklists_show_the_next_due_task() {
    let town = Town::new().await;
    let number = order(&town, "resident-2", "drain", "water").await;
    let text = page(&town, "/").await;
    assert!(!text.contains("最近的期限"), "there is a task: {text}");
    let watching = town.ask(&Ask { who: "auditor", ..Ask::get("/") }).await.text;
    assert!(watching.contains("最近的期限") && watching.contains(&number), "{watching}");
}

#[tokio::test]
async fn somebody_elses_token_does_nothing_for_me() {
    let town = Town::new().await;
    let form = |who: &'static str, body: &str| Ask {
        kind: "application/x-www-form-urlencoded",
        body: body.as_bytes().to_vec(),
        who,
        key: None,
        ..Ask::post("/new/resident-order", &json!({}))
    };
    let fields = "_token=t1&place=gate-3&category=tap&summary=drips&class=normal";
    let mine = town.ask(&form("resident-2", &format!("{fields}&reporter=resident-2"))).await;
    let code = |text: &str| {
        text.split_once("class=\"receipt\">").map(|(_, tail)| tail.split('<').next().unwrap().to_string())
    };
    assert_eq!(mine.status, 200, "{}", mine.text);
    let again = town.ask(&form("resident-2", &format!("{fields}&reporter=resident-2"))).await;
    assert_eq!(code(&again.text), code(&mine.text), "twice the same press is one order");
    let theirs = town.ask(&form("resident-3", &format!("{fields}&reporter=resident-3"))).await;
    assert_ne!(code(&theirs.text), code(&mine.text), "theirs is their own");
    // So it is with what is done on a case.
    let number = order(&town, "resident-2", "tap", "drips").await;
    let body = "_action=withdraw&_reason=no&_token=t2";
    let press = |who: &'static str| Ask { path: format!("/case/{number}"), ..form(who, body) };
    assert_eq!(town.ask(&press("resident-2")).await.status, 303);
    let theirs = town.ask(&press(WHO)).await;
    assert_eq!(theirs.status, 409, "it is closed, and nobody tells them that they did it: {}", theirs.text);
}

#[tokio::test]
async fn the_language_is_chosen_where_one_is() {
    let town = Town::new().await;
    let chosen = async |from: &str| {
        let ask = Ask {
            kind: "application/x-www-form-urlencoded",
            body: b"tongue=en".to_vec(),
            ..Ask::post("/tongue", &json!({}))
        };
        town.ask(&ask.with("referer", from)).await.header("location")
    };
    for here in ["/dispatch?order=1", "/case/JINCHEN-1", "/wall"] {
        assert_eq!(chosen(&format!("http://127.0.0.1:8311{here}")).await, here);
    }
    // Not where a form was sent to, nor to other people's pages.
    for other in [
        "http://127.0.0.1:8311/case/JINCHEN-1/act",
        "http://127.0.0.1:8311//elsewhere.invalid/x",
        "http://elsewhere.invalid/wall",
        "",
    ] {
        assert_eq!(chosen(other).await, "/", "{other}");
    }
}

#[tokio::test]
async fn task_bars_drain_in_counted_time() {
    let town = Town::new().await;
    order(&town, WHO, "drain", "blocked").await;
    let share = |page: &str| {
        let (_, rest) = page.split_once("<meter")?;
        let (_, rest) = rest.split_once("value=\"")?;
        rest.split_once('"')?.0.parse::<u32>().ok()
    };
    let mut seen = vec![share(&page(&town, "/").await).unwrap()];
    assert_eq!(seen, [100]);
    // A quarter of an hour at a time, until it is late.
    loop {
        town.later(900);
        let page = page(&town, "/").await;
        let Some(now) = share(&page) else { break };
        assert_eq!(page.contains("<tr class=\"soon\""), now < 25, "{now}: {page}");
        seen.push(now);
    }
    assert!(seen.is_sorted_by(|a, b| a >= b), "{seen:?}");
    assert!(
        seen.iter().any(|share| *share < 25) && seen.windows(2).any(|two| two[0] == two[1]),
        "it stands at night: {seen:?}"
    );
}
