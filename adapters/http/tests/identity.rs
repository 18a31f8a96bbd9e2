//! Every route, called with each wrong identity: nothing of a case is shown, and nothing is written. The right person
//! is asked for the same, so that a route that answers nobody does not pass.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod town;

use paidan_http::{Access, Door, Route, table};
use paidan_journal::account::{Accounts as _, ApiKey, Session};
use paidan_runtime::account::token_hash;
use serde_json::{Value as Json, json};
use town::{Answer, Ask, Town, World};

/// Words that stand in the case and nowhere else.
const CANARY: &str = "canary-7f3a19";
const PASSWORD: &str = "correct-horse-battery";

/// Who asks, and how they would show it.
struct Identity {
    name: &'static str,
    headers: Vec<(&'static str, String)>,
    /// Whether it is known who they are: then they get pages, but not this case.
    known: bool,
}

fn bearer(key: &str) -> Vec<(&'static str, String)> {
    vec![("authorization", format!("Bearer {key}"))]
}

async fn session(town: &Town, name: &str) -> String {
    town.desk.login(name, PASSWORD, "test").await.unwrap().0
}

async fn key(town: &Town, subject: &str, read_only: bool) -> (String, String) {
    town.desk.make_key(subject, "test", read_only, 1_000_000).await.unwrap()
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
        town.desk.put_user(subject, name, PASSWORD, false).await.unwrap();
    }
    let ended = session(town, "lin").await;
    town.desk.logout(&ended).await.unwrap();
    let expired = Session { token: token_hash("old"), subject: "dispatcher".into(), created: 0, expires: 1 };
    store.put_session(tenant, expired).await.unwrap();
    let (id, revoked) = key(town, "dispatcher", false).await;
    town.desk.revoke_key(&id).await.unwrap();
    let (_, locked_out) = key(town, "gone", false).await;
    town.desk.disable_user("gone").await.unwrap();
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
        // Pages go by the session, programs by the key.
        let key = bearer(&key(town, subject, false).await.1);
        let headers = [cookie(&session(town, login).await), key].concat();
        found.push(Identity { name, headers, known: true });
    }
    found
}

/// A case with the canary in it, and what stands for the names in braces.
struct Target {
    id: String,
    number: String,
    digest: String,
}

async fn target(town: &Town, right: &[(&'static str, String)]) -> Target {
    let photo = Ask {
        body: b"\x89PNG\r\n\x1a\ncanary".to_vec(),
        kind: "image/png",
        ..Ask::post("/v1/files", &json!({}))
    };
    let kept = town.ask(&with(photo, right)).await.json();
    let digest = kept["digest"].as_str().unwrap().to_string();
    let fields = json!({
        "reporter": "resident-2", "place": "gate-3", "category": "drain",
        "summary": CANARY, "photos": [digest],
    });
    let open = Ask::post("/v1/cases", &json!({ "workflow": "resident-order", "fields": fields }));
    let opened = town.ask(&with(open, right)).await;
    assert_eq!(opened.status, 201, "{}", opened.text);
    let opened = opened.json();
    let text = |name: &str| opened[name].as_str().unwrap().to_string();
    Target { id: text("id"), number: text("number"), digest }
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
        .replace("{vote}", "owners")
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

#[tokio::test]
async fn no_wrong_identity_sees_or_does_anything_at_any_route() {
    let town = Town::at(Door::Accounts).await;
    let wrong = wrong(&town).await;
    town.desk.put_user("secretary-hailing", "right", PASSWORD, false).await.unwrap();
    let mut right = bearer(&key(&town, "secretary-hailing", false).await.1);
    right.push(("cookie", format!("session={}", session(&town, "right").await)));
    let target = target(&town, &right).await;
    let before = records(&town).await;
    let mut routes = table::<World>(Door::Accounts);
    // Whoever logs out is nobody afterwards.
    routes.sort_by_key(|route| route.path == "/logout");
    let (mut asked, mut shown) = (0, 0);
    for route in &routes {
        // Live events last; who gets which is told by the lists one is on, and tested there.
        if route.path.ends_with("/live") || route.path.ends_with("/stream") {
            for identity in wrong.iter().filter(|identity| !identity.known) {
                let answer = town.ask(&with(Ask::get(route.path), &identity.headers)).await;
                assert_eq!(answer.status, 401, "{} at {}", identity.name, route.path);
                asked += 1;
            }
            continue;
        }
        for identity in &wrong {
            let answer = town.ask(&with(request(route, &target), &identity.headers)).await;
            let what = format!("{} {} by {}", route.method, route.path, identity.name);
            assert!(!answer.text.contains(CANARY), "{what} shows the words");
            assert!(
                !answer.text.contains(&target.number) || route.path.contains("batch"),
                "{what} shows the number"
            );
            assert!(fits(route, identity, &answer), "{what}: {} {}", answer.status, answer.text);
            asked += 1;
        }
        if route.method == "GET" && route.path.contains("{id}") {
            let answer = town.ask(&with(request(route, &target), &right)).await;
            shown += u32::from(answer.text.contains(CANARY));
        }
    }
    // Somebody who is known may have opened cases of their own, and nobody else anything.
    let opened: u64 = records(&town).await - before;
    assert_eq!(opened, 0, "nothing was written");
    println!("{asked} requests at {} routes by {} wrong identities", routes.len(), wrong.len());
    assert!(asked >= routes.len() * 8, "every route, eight times and more");
    assert!(shown >= 2, "the right person sees the words");
}

#[tokio::test]
async fn a_key_that_may_only_look_changes_nothing_at_any_route() {
    let town = Town::at(Door::Accounts).await;
    town.desk.put_user("secretary-hailing", "right", PASSWORD, true).await.unwrap();
    let right = bearer(&key(&town, "secretary-hailing", false).await.1);
    let looks = bearer(&key(&town, "secretary-hailing", true).await.1);
    let target = target(&town, &right).await;
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
