//! `paidan case`: cases from the command line, through a running server or on the file under its lock. Both ways
//! ask the same API.

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, bail};
use paidan_http::{App, Call, Door, ZONE_HEADER, call, router};
use paidan_journal::Store as _;
use paidan_language::source::Sources;
use paidan_model::moment::{Moment, Zone};
use paidan_notify::Post;
use paidan_runtime::Ids as _;
use serde_json::{Map, Value as Json, json};

use crate::engine::{Engine, open};
use crate::exit::Exit;
use crate::guest::is_guest;
use crate::line::say;
use crate::world::{SystemClock, SystemIds};

/// Where cases are.
#[derive(clap::Args)]
pub struct Reach {
    /// A running server, such as http://127.0.0.1:8311.
    #[arg(long, env = "PAIDAN_SERVER", conflicts_with = "store")]
    server: Option<String>,
    /// The key for that server.
    #[arg(long, env = "PAIDAN_KEY", hide_env_values = true)]
    key: Option<String>,
    /// The store's file, when no server has it open.
    #[arg(long)]
    store: Option<PathBuf>,
    /// As whom: a subject of the roster. On a server the key says it.
    #[arg(long = "as", value_name = "SUBJECT")]
    who: Option<String>,
    /// Prints the answer as JSON.
    #[arg(long)]
    json: bool,
}

/// What `case` does.
#[derive(clap::Subcommand)]
pub enum What {
    /// Opens a case.
    Open {
        /// Of which workflow.
        workflow: String,
        /// Fields, as `name=value`; a value that is JSON is taken as such.
        fields: Vec<String>,
        #[command(flatten)]
        reach: Reach,
    },
    /// Lists the cases one may see, or with --inbox the tasks one has.
    List {
        /// The tasks one has.
        #[arg(long)]
        inbox: bool,
        /// Goes on after a page.
        #[arg(long)]
        after: Option<String>,
        #[command(flatten)]
        reach: Reach,
    },
    /// Shows a case, now or as it was.
    Show {
        /// Its number or id.
        case: String,
        /// As it was at a recorded time, such as 2026-10-08T12:00:00+08:00.
        #[arg(long)]
        at: Option<String>,
        #[command(flatten)]
        reach: Reach,
    },
    /// Does an action.
    Do {
        /// The case's number or id.
        case: String,
        /// The action.
        action: String,
        /// Fields, as `name=value`.
        fields: Vec<String>,
        /// The reason, where one must be written.
        #[arg(long)]
        reason: Option<String>,
        /// The department whose part is meant.
        #[arg(long)]
        leg: Option<String>,
        #[command(flatten)]
        reach: Reach,
    },
    /// Says what one may do now, and for the rest why not.
    Why {
        /// The case's number or id.
        case: String,
        /// Only this action.
        action: Option<String>,
        #[command(flatten)]
        reach: Reach,
    },
    /// Tells what happened.
    Log {
        /// The case's number or id.
        case: String,
        #[command(flatten)]
        reach: Reach,
    },
}

/// An answer of the API.
struct Answer {
    status: u16,
    body: Json,
    /// The town's zone; none when the server does not name it.
    zone: Option<Zone>,
}

/// An answer as it arrived.
struct Arrived {
    status: u16,
    text: String,
    zone: Option<Zone>,
}

impl Reach {
    /// Sends JSON to a path of the API; the status and the answer.
    pub async fn send(&self, path: &str, body: Json) -> Result<(u16, Json)> {
        let answer = self.ask(path, Some(body)).await?;
        Ok((answer.status, answer.body))
    }

    /// Whether answers are printed as JSON.
    pub fn as_json(&self) -> bool {
        self.json
    }

    async fn ask(&self, path: &str, body: Option<Json>) -> Result<Answer> {
        let key = SystemIds.code();
        let body = body.map(|body| body.to_string());
        let Arrived { status, text, zone } = match (&self.server, &self.store) {
            (Some(server), _) => self.over(server, path, body, &key).await?,
            (None, Some(store)) => self.on(store, path, body, key).await?,
            (None, None) => {
                bail!("say where the cases are: --server URL with --key, or --store FILE with --as")
            }
        };
        Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Json::String(text)), zone })
    }

    async fn over(&self, server: &str, path: &str, body: Option<String>, key: &str) -> Result<Arrived> {
        let url = format!("{}{path}", server.trim_end_matches('/'));
        let client = paidan_notify::client().map_err(|error| anyhow!("{error}"))?;
        let mut request = match body {
            Some(body) => client.post(url).header("content-type", "application/json").body(body),
            None => client.get(url),
        };
        request = request.header("idempotency-key", key);
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        if let Some(who) = &self.who {
            request = request.header("cookie", format!("who={who}"));
        }
        let answer = request.send().await.map_err(|error| Unreachable(error.to_string()))?;
        let zone = answer.headers().get(ZONE_HEADER).and_then(|name| Zone::parse(name.to_str().ok()?));
        Ok(Arrived { status: answer.status().as_u16(), text: answer.text().await?, zone })
    }

    async fn on(
        &self,
        store: &std::path::Path,
        path: &str,
        body: Option<String>,
        key: String,
    ) -> Result<Arrived> {
        let who = self.who.clone().context("say as whom: --as SUBJECT")?;
        if !store.exists() {
            bail!("there is no store at {}", store.display());
        }
        let post = Post::new(&Default::default(), false).map_err(|(_, why)| why)?;
        let clock = SystemClock::wall();
        let engine = Engine::new(open(store).await?, clock, post, "").await?;
        if engine.desk.world.store.marked("dev").await?.is_some() {
            engine.desk.admit_guests(is_guest);
        }
        let app = App {
            desk: engine.desk.clone(),
            title: "".into(),
            door: Door::Demonstration,
            base: "".into(),
            setup: None,
            open_to_residents: std::sync::Arc::default(),
            blocks: crate::files::blocks(&Sources::default()),
            stage: None,
            behind_proxy: false,
        };
        let routes = router(app);
        let asked = Call { path: path.to_string(), body, key, who };
        let zone = Some(engine.desk.shelf.now().zone());
        let answered = async { call(routes, &asked).await.map_err(|why| anyhow!(why)) };
        let (status, text) = engine.run_only(answered).await?;
        Ok(Arrived { status, text, zone })
    }
}

/// The server could not be reached.
#[derive(Debug, thiserror::Error)]
#[error("cannot reach the server: {0}")]
pub struct Unreachable(String);

/// `name=value` pairs as JSON; several values of one name are a list.
fn fields(pairs: &[String]) -> Result<Json> {
    let mut found = Map::new();
    for pair in pairs {
        let (name, text) = pair.split_once('=').with_context(|| format!("`{pair}` is no `name=value`"))?;
        let value = match serde_json::from_str(text) {
            Ok(value @ (Json::Number(_) | Json::Bool(_) | Json::Array(_))) => value,
            Ok(_) | Err(_) => json!(text),
        };
        match found.get_mut(name) {
            Some(Json::Array(all)) => all.push(value),
            Some(first) => *first = json!([first.clone(), value]),
            None => drop(found.insert(name.to_string(), value)),
        }
    }
    Ok(Json::Object(found))
}

/// How an answer is printed, with moments in the town's zone.
type Print = fn(&Json, Option<Zone>);

/// Works on cases.
pub fn run(what: &What) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(work(what))
}

async fn work(what: &What) -> Result<Exit> {
    let (reach, path, body, print): (&Reach, String, Option<Json>, Print) = match what {
        What::Open { workflow, fields: pairs, reach } => {
            let body = json!({ "workflow": workflow, "fields": fields(pairs)? });
            (reach, "/v1/cases".into(), Some(body), receipt)
        }
        What::List { inbox, after, reach } => {
            let list = if *inbox { "inbox" } else { "cases" };
            let after = after.as_ref().map(|after| format!("?after={after}")).unwrap_or_default();
            (reach, format!("/v1/{list}{after}"), None, list_of)
        }
        What::Show { case, at, reach } => {
            let at = at.as_ref().map(|at| format!("?at={}", at.replace('+', "%2B"))).unwrap_or_default();
            (reach, format!("/v1/cases/{case}{at}"), None, card)
        }
        What::Do { case, action, fields: pairs, reason, leg, reach } => {
            let mut body = json!({ "fields": fields(pairs)? });
            if let Some(map) = body.as_object_mut() {
                reason.iter().for_each(|reason| drop(map.insert("reason".into(), json!(reason))));
                leg.iter().for_each(|leg| drop(map.insert("leg".into(), json!(leg))));
            }
            (reach, format!("/v1/cases/{case}/actions/{action}"), Some(body), receipt)
        }
        What::Why { case, reach, .. } => (reach, format!("/v1/cases/{case}/actions"), None, why),
        What::Log { case, reach } => (reach, format!("/v1/cases/{case}/events"), None, log),
    };
    let mut answer = reach.ask(&path, body).await?;
    if let (What::Why { action: Some(action), .. }, Some(items)) =
        (what, answer.body.get_mut("items").and_then(Json::as_array_mut))
    {
        items.retain(|item| text(item, "/action") == *action);
        if items.is_empty() {
            bail!("`{action}` is no action of where this case is");
        }
    }
    if answer.status >= 400 {
        return Ok(refused(&answer, reach.json));
    }
    if reach.json {
        say!("{}", answer.body);
    } else {
        print(&answer.body, answer.zone);
    }
    Ok(Exit::Fine)
}

fn refused(answer: &Answer, json: bool) -> Exit {
    if json {
        say!("{}", answer.body);
    } else {
        let detail = text(&answer.body, "/detail");
        let detail = if detail.is_empty() { String::new() } else { format!(": {detail}") };
        eprintln!("error[{}]: {}{detail}", text(&answer.body, "/code"), text(&answer.body, "/title"));
        eprintln!("            {}", text(&answer.body, "/title_zh"));
    }
    match answer.status {
        500.. => Exit::Fault,
        _ => Exit::Refused,
    }
}

/// A text at a place; empty when it is not there.
fn text(json: &Json, at: &str) -> String {
    match json.pointer(at) {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

/// A moment in the town's time, as people read it; as it came when the zone is not known.
fn local(text: &str, zone: Option<Zone>) -> String {
    let moment = Moment::parse_rfc3339(text).zip(zone);
    moment.map_or_else(|| text.to_string(), |(moment, zone)| moment.local_text(&zone))
}

fn items(json: &Json) -> &[Json] {
    json.get("items").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn receipt(json: &Json, _: Option<Zone>) {
    say!("{} (record {})", text(json, "/number"), text(json, "/seq"));
    let code = text(json, "/code");
    if !code.is_empty() {
        say!("tracking code: {code}");
    }
}

fn list_of(json: &Json, zone: Option<Zone>) {
    for item in items(json) {
        let late = if text(item, "/late") == "true" { "late" } else { "" };
        let leg = text(item, "/leg");
        say!(
            "{}\t{}\t{}\t{late}\t{leg}",
            text(item, "/number"),
            local(&text(item, "/due"), zone),
            text(item, "/state/zh")
        );
    }
    let next = text(json, "/next");
    if !next.is_empty() {
        say!("next: --after {next}");
    }
}

fn list<'j>(json: &'j Json, at: &str) -> impl Iterator<Item = &'j Json> {
    json.pointer(at).and_then(Json::as_array).into_iter().flatten()
}

fn card(json: &Json, zone: Option<Zone>) {
    say!("{}  {}", text(json, "/number"), text(json, "/workflow"));
    for state in list(json, "/states") {
        say!("  in     {} {}", text(state, "/zh"), text(state, "/en"));
    }
    for clock in list(json, "/clocks").filter(|clock| clock.get("verdict").is_none_or(Json::is_null)) {
        let late = if text(clock, "/late") == "true" { "  late" } else { "" };
        say!(
            "  clock  {} {} due {}{late}",
            text(clock, "/clock"),
            text(clock, "/leg"),
            local(&text(clock, "/due"), zone)
        );
    }
    for (unit, leg) in json.get("legs").and_then(Json::as_object).into_iter().flatten() {
        say!("  leg    {unit}: {} ({})", text(leg, "/state"), text(leg, "/part"));
    }
    for (name, value) in json.get("fields").and_then(Json::as_object).into_iter().flatten() {
        say!("  {name} = {value}");
    }
}

fn why(json: &Json, _: Option<Zone>) {
    for item in items(json) {
        let leg = text(item, "/leg");
        let of = if leg.is_empty() { String::new() } else { format!(" ({leg})") };
        if text(item, "/open") == "true" {
            say!("open   {}{of}  {}", text(item, "/action"), text(item, "/zh"));
        } else {
            say!("closed {}{of}  {}", text(item, "/action"), text(item, "/zh"));
            say!("       {}", text(item, "/why/en"));
            say!("       {}", text(item, "/why/zh"));
        }
    }
}

fn log(json: &Json, zone: Option<Zone>) {
    for item in items(json) {
        let due = text(item, "/due");
        let at = if due.is_empty() { text(item, "/at") } else { due };
        for what in list(item, "/what") {
            say!("{}\t{}\t{}", text(item, "/seq"), local(&at, zone), text(what, "/zh"));
        }
    }
}

#[cfg(test)]
mod tests {
    use paidan_model::moment::Zone;

    use super::local;

    #[test]
    fn moments_are_told_in_the_towns_zone() {
        let told = |zone| local("2026-10-08T04:00:00Z", zone);
        assert_eq!(told(Zone::parse("Europe/Berlin")), "2026-10-08 06:00");
        assert_eq!(told(Zone::parse("Asia/Shanghai")), "2026-10-08 12:00");
        assert_eq!(told(None), "2026-10-08T04:00:00Z", "a server that does not name its zone");
        assert_eq!(local("", Zone::parse("Europe/Berlin")), "", "a task without a due moment");
    }
}
