//! Every route, called with each wrong identity: nothing of a case is shown, and nothing is written. The right person
//! asks for the same and is answered, so that a route that answers nobody does not pass.

use crate::town::lift::voting;
use crate::town::{Answer, Ask, Town, World};
use paidan_http::{Access, Door, Route, table};
use paidan_journal::account::{Accounts as _, ApiKey, Session};
use paidan_runtime::account::token_hash;
use serde_json::{Value as Json, json};

type Headers = Vec<(&'static str, String)>;

/// Words that stand in the case and nowhere else.
const CANARY: &str = "canary-7f3a19";
const PASSWORD: &str = "correct-horse-battery";

/// Who asks, and how they would show it.
struct Identity {
    name: &'static str,
    headers: Headers,
    /// Whether it is known who they are: then they get pages, but not this case.
    known: bool,
}

fn bearer(key: &str) -> Headers {
    vec![("authorization", format!("Bearer {key}"))]
}

async fn session(town: &Town, name: &str) -> String {
    town.desk.accounts.login(name, PASSWORD, "test").await.unwrap().0
}

async fn key(town: &Town, subject: &str, read_only: bool) -> (String, String) {
    town.desk.accounts.make_key(subject, "test", read_only, 1_000_000).await.unwrap()
}

/// Wrong identities: those that are nobody any more or never were, and those that are somebody else.
async fn wrong(town: &Town) -> Vec<Identity> {
    let (store, tenant) = (&town.desk.world.store, town.desk.tenant);
    for (subject, name) in [
        ("dispatcher", "lin"),
        ("liaison-parks", "qi"),
        ("resident-3", "shen"),
        ("gone", "gone"),
        ("watcher", "wu"),
    ] {
        town.desk.accounts.put_user(subject, name, PASSWORD, false).await.unwrap();
    }
    let ended = session(town, "lin").await;
    town.desk.accounts.logout(&ended).await.unwrap();
    let expired = Session { token: token_hash("old"), subject: "dispatcher".into(), created: 0, expires: 1 };
    store.put_session(tenant, expired).await.unwrap();
    let (id, revoked) = key(town, "dispatcher", false).await;
    town.desk.accounts.revoke_key(&id).await.unwrap();
    let (_, locked_out) = key(town, "gone", false).await;
    town.desk.accounts.disable_user("gone").await.unwrap();
    let (id, overdue) = key(town, "dispatcher", false).await;
    let held = store.key(tenant, &id).await.unwrap().unwrap();
    store.put_key(tenant, ApiKey { expires: Some(1), ..held }).await.unwrap();
    let nobody = |name, headers| Identity { name, headers, known: false };
    let cookie = |token: &str| vec![("cookie", format!("session={token}"))];
    let mut found = vec![
        nobody("nobody at all", Vec::new()),
        nobody("a session that was ended", cookie(&ended)),
        nobody("a session that has expired", cookie("old")),
        nobody("a key that was revoked", bearer(&revoked)),
        nobody("a key that has expired", bearer(&overdue)),
        nobody("a key of somebody locked out", bearer(&locked_out)),
        nobody("a key that was never made", bearer("paidan_000000000000_00")),
    ];
    let somebody = [
        ("a clerk of a department that was not asked", "liaison-parks", "qi"),
        ("a resident of another case", "resident-3", "shen"),
        ("a user without any post", "watcher", "wu"),
    ];
    for (name, subject, login) in somebody {
        found.push(Identity { name, headers: known(town, subject, login).await, known: true });
    }
    found
}

/// Somebody who is known: by the session for pages, and by the key for programs.
async fn known(town: &Town, subject: &str, login: &str) -> Headers {
    let key = bearer(&key(town, subject, false).await.1);
    [vec![("cookie", format!("session={}", session(town, login).await))], key].concat()
}

/// A case that wrong identities are told nothing of, and what stands for the names in braces.
struct Target {
    what: &'static str,
    id: String,
    number: String,
    digest: String,
    vote: &'static str,
    /// Words that stand in it and nowhere else.
    words: String,
    /// Who may see it.
    right: Headers,
}

/// The one that was opened: its number, with what is shown of it.
async fn target(town: &Town, what: &'static str, number: String, digest: String) -> Target {
    let stream = town.desk.queries.by_number(&number).await.unwrap().unwrap();
    let id = stream.split_once('/').unwrap().1.to_string();
    Target { what, id, number, digest, vote: "owners", words: CANARY.into(), right: Vec::new() }
}

async fn order(town: &Town) -> Target {
    let digest = town.photo("resident-2").await;
    let fields = json!({
        "reporter": "resident-2", "place": "gate-3", "category": "drain", "summary": CANARY, "photos": [digest],
    });
    let number = town.open("resident-2", "resident-order", fields).await;
    target(town, "an order", number, digest).await
}

/// A lift whose ballot is open; an owner has voted, and has a receipt.
async fn lift(town: &Town) -> Target {
    let (number, digest) = (voting(town).await, town.photo("resident-1").await);
    town.does("resident-2", &number, "cast", json!({ "choice": "oppose" })).await;
    let path = format!("/v1/cases/{number}/votes/voting_ballot/receipt");
    let receipt = town.ask(&Ask::get(&path)).await.json();
    let words = receipt["receipt"].as_str().unwrap().to_string();
    Target { vote: "voting_ballot", words, ..target(town, "a lift", number, digest).await }
}

/// A wish that does not hang on the wall yet: an item of a list.
async fn wish(town: &Town) -> Target {
    let fields = json!({
        "wisher": "resident-1", "place": "dormitory", "alias": "a", "wish": "a lamp", "category": "school",
        "address": CANARY,
    });
    let digest = town.photo("dispatcher-jinchen").await;
    let number = town.open("dispatcher-jinchen", "wish-fulfilment", fields).await;
    let check = json!({ "check_proof": [digest], "worth": 100 });
    town.does("dispatcher-jinchen", &number, "check", check).await;
    target(town, "a wish", number, digest).await
}

/// An order, a lift and a wish, each with somebody who may see it; they were opened before the door had accounts.
async fn targets(town: &Town) -> Vec<Target> {
    let before = town.behind(Door::Demonstration);
    let mut all = vec![order(&before).await, lift(&before).await, wish(&before).await];
    let people = [("secretary-hailing", "right"), ("resident-2", "ding"), ("lead-jinchen", "sun")];
    for (target, (subject, login)) in all.iter_mut().zip(people) {
        town.desk.accounts.put_user(subject, login, PASSWORD, false).await.unwrap();
        target.right = known(town, subject, login).await;
    }
    all
}

fn with(mut ask: Ask, headers: &[(&'static str, String)]) -> Ask {
    ask.more.extend(headers.iter().cloned());
    ask.who = "";
    ask
}

/// A request that would be answered, were it the right person's.
fn request(route: &Route, target: &Target) -> Ask {
    let path = route
        .path
        .replace("/new/{workflow}", "/new/resident-order")
        .replace("/v1/workflows/{id}", "/v1/workflows/resident-order")
        .replace("{id}", &target.id)
        .replace("{digest}", &target.digest)
        .replace("{action}", "withdraw")
        .replace("{vote}", target.vote)
        .replace("{person}", "secretary-hailing")
        .replace("{view}", "late")
        .replace("{list}", "needs");
    let path = if path == "/setup" && route.method == "GET" { "/setup?token=guess".into() } else { path };
    if route.method == "GET" || route.method == "DELETE" {
        return Ask { method: route.method, ..Ask::get(&path) };
    }
    let form = |body: &str| Ask {
        kind: "application/x-www-form-urlencoded",
        body: body.as_bytes().to_vec(),
        ..Ask::post(&path, &json!({}))
    };
    let action = json!({ "case": target.number, "action": "withdraw", "reason": "no" });
    match route.path {
        "/v1/cases" => Ask::post(&path, &json!({ "workflow": "resident-order", "fields": {} })),
        "/v1/cases:batch" => Ask::post(&path, &json!({ "actions": [action] })),
        "/v1/workflows" => Ask::post(&path, &json!({ "files": [{ "path": "a.toml", "text": "" }] })),
        "/v1/absences" => Ask::post(
            &path,
            &json!({ "person": "secretary-hailing", "deputy": "lead-hailing", "until": "2027-01-01T00:00:00+08:00" }),
        ),
        "/v1/views/{view}" => {
            let body = json!({ "title": "late", "filter": { "late": true } });
            Ask { method: route.method, ..Ask::post(&path, &body) }
        }
        "/view" => form("title=late&late=true"),
        "/view/forget" => form("id=x"),
        "/away" => form("deputy=secretary-hailing&until=2027-01-01T00:00"),
        "/v1/files" => Ask { body: b"%PDF-1.7".to_vec(), ..Ask::post(&path, &json!({})) },
        "/track" => form("code=00000000000000000000000000000000"),
        "/track/act" => form("_code=00000000000000000000000000000000&_action=withdraw"),
        "/case/{id}" | "/item/{id}" => form("_action=withdraw&_reason=no&_token=t1"),
        "/login" => form("name=lin&password=wrong-password"),
        "/setup" => form("token=guess&subject=x&name=x&password=correct-horse-battery"),
        "/admin/user" => form("subject=x&name=x&password=correct-horse-battery&admin=yes"),
        "/admin/user/disable" => form("id=lin"),
        "/admin/key" => form("subject=dispatcher&title=x"),
        "/admin/key/revoke" | "/sink" => form("id=x"),
        "/publish" => form("text=x&do=publish"),
        "/tongue" => form("tongue=en"),
        "/new/{workflow}" => form("_token=t2"),
        other if other.starts_with("/v1/") => Ask::post(&path, &json!({ "reason": "no" })),
        _ => form(""),
    }
}

/// What a wrong identity may be told at a route.
fn fits(route: &Route, identity: &Identity, answer: &Answer) -> bool {
    let sent_to_login = answer.status == 303 && answer.header("location").starts_with("/login");
    match route.access {
        // A form for everybody may be turned away for what it says.
        Access::Everybody => answer.status < 500,
        Access::Code => (400..500).contains(&answer.status),
        Access::Admin if identity.known => answer.status == 403,
        Access::Known if identity.known => {
            let of_the_case = route.path.contains("{id}") && !route.path.starts_with("/v1/workflows");
            if of_the_case { answer.status == 404 } else { answer.status < 500 }
        }
        // A page says that one has to log in; programs are told so.
        Access::Admin | Access::Known => answer.status == 401 || answer.status == 404 || sent_to_login,
        Access::Demonstration => answer.status == 404,
    }
}

async fn records(town: &Town) -> u64 {
    town.records().await
}

/// What every answer says to browsers, whoever asked.
fn guarded(answer: &Answer, what: &str) {
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'") || policy.contains("sandbox"), "{what}: {policy}");
    let (own, none) = ("default-src 'self'", "default-src 'none'");
    assert!(policy.starts_with(own) || policy.starts_with(none), "{what}: {policy}");
    for (name, is) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), is, "{what}: {name}");
    }
    assert!(!answer.header("cache-control").is_empty(), "{what}: what may be kept is said");
}

/// Calls a route with every wrong identity.
async fn wrongly(town: &Town, route: &Route, wrong: &[Identity], target: &Target) {
    for identity in wrong {
        let answer = town.ask(&with(request(route, target), &identity.headers)).await;
        let what = format!("{} {} of {} by {}", route.method, route.path, target.what, identity.name);
        guarded(&answer, &what);
        assert!(!answer.text.contains(&target.words), "{what} shows the words");
        assert!(
            !answer.text.contains(&target.number) || route.path.contains("batch"),
            "{what} shows the number"
        );
        assert!(fits(route, identity, &answer), "{what}: {} {}", answer.status, answer.text);
    }
}

/// Live events are for whoever is known; who gets which is tested with them.
async fn listens(town: &Town, route: &Route, wrong: &[Identity]) {
    for identity in wrong.iter().filter(|identity| !identity.known) {
        let answer = town.ask(&with(Ask::get(route.path), &identity.headers)).await;
        let what = format!("{} by {}", route.path, identity.name);
        guarded(&answer, &what);
        assert_eq!(answer.status, 401, "{what}");
    }
}

/// Routes that are for auditors, and not for everybody who may see the case.
const AUDITED: [&str; 3] = ["/access", "/xes", "/records"];

/// Calls a route as who may see the target, who is answered. Whether it shows the words.
async fn rightly(town: &Town, route: &Route, target: &Target, auditor: &Headers) -> bool {
    let audited = AUDITED.iter().any(|end| route.path.ends_with(end));
    let headers = if audited { auditor } else { &target.right };
    let answer = town.ask(&with(request(route, target), headers)).await;
    let what = format!("{} of {} by who may see it", route.path, target.what);
    guarded(&answer, &what);
    // Where nobody votes, nobody has a receipt.
    let none = route.path.contains("{vote}") && target.vote != "voting_ballot";
    let is = if none { 404 } else { 200 };
    assert_eq!(answer.status, is, "{what}: {}", answer.text);
    answer.text.contains(&target.words)
}

#[tokio::test]
async fn wrong_identities_are_refused_on_every_route() {
    let town = Town::at(Door::Accounts).await;
    let targets = targets(&town).await;
    let wrong = wrong(&town).await;
    town.desk.accounts.put_user("auditor", "fang", PASSWORD, false).await.unwrap();
    let auditor = known(&town, "auditor", "fang").await;
    let before = records(&town).await;
    let mut routes = table::<World>(Door::Accounts);
    // Whoever logs out is nobody afterwards.
    routes.sort_by_key(|route| route.path == "/logout");
    let mut shown = vec![0; targets.len()];
    for route in &routes {
        if route.path.ends_with("/live") || route.path.ends_with("/stream") {
            listens(&town, route, &wrong).await;
            continue;
        }
        let of_the_case = route.path.contains("{id}");
        for (target, shown) in targets.iter().zip(&mut shown).take(if of_the_case { 3 } else { 1 }) {
            wrongly(&town, route, &wrong, target).await;
            if route.method == "GET" && of_the_case {
                *shown += u32::from(rightly(&town, route, target, &auditor).await);
            }
        }
    }
    // Somebody who is known may have opened cases of their own, and nobody else anything.
    let opened: u64 = records(&town).await - before;
    assert_eq!(opened, 0, "nothing was written");
    assert!(
        wrong.len() >= 8 && shown.iter().all(|shown| *shown >= 2),
        "the right person sees the words: {shown:?}"
    );
}

#[tokio::test]
async fn read_only_keys_change_nothing_on_any_route() {
    let town = Town::at(Door::Accounts).await;
    town.desk.accounts.put_user("secretary-hailing", "right", PASSWORD, true).await.unwrap();
    let looks = bearer(&key(&town, "secretary-hailing", true).await.1);
    let target = order(&town.behind(Door::Demonstration)).await;
    let before = records(&town).await;
    let routes = table::<World>(Door::Accounts);
    let changing = routes.iter().filter(|route| route.method != "GET" && route.path.starts_with("/v1/"));
    for route in changing {
        let answer = town.ask(&with(request(route, &target), &looks)).await;
        assert_eq!(answer.code(), "R2005", "{} {}: {}", route.method, route.path, answer.text);
    }
    assert_eq!(records(&town).await, before);
}

#[tokio::test]
async fn the_document_names_every_route_of_programs_once() {
    let town = Town::at(Door::Accounts).await;
    let document = town.ask(&Ask::get("/openapi.json")).await.json();
    let mut ids = Vec::new();
    for route in table::<World>(Door::Accounts) {
        let described = &document["paths"][route.path][route.method.to_lowercase()];
        let programs = route.path.starts_with("/v1/") && !route.path.ends_with("/stream");
        assert_eq!(described.is_object(), programs, "{} {}", route.method, route.path);
        ids.extend(described["operationId"].as_str().map(String::from));
    }
    let named = document.to_string();
    for schema in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(named.contains(&format!("#/components/schemas/{schema}\"")), "{schema} is used");
    }
    let links = named.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap());
    for link in links {
        assert!(document["components"]["schemas"].get(link).is_some_and(Json::is_object), "{link} is there");
    }
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "each operation has a name of its own");
}
