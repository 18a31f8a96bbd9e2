//! The routes over a pretend town: a store in memory, a clock that stands still, messages that vanish.

pub mod lift;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use paidan_http::{App, Door, is_resident_of_story, router};
use paidan_journal::{Memory, Store as _};
use paidan_language::Checked;
use paidan_language::source::Source;
use paidan_model::calendar::Calendar;
use paidan_model::id::CalendarId;
use paidan_model::moment::Zone;
use paidan_runtime::Desk;
use paidan_tests::world::{Counted, Still, engine};
use paidan_tests::{checkout, shipped};
use serde_json::{Value as Json, json};
use tower::ServiceExt as _;

pub type World = paidan_tests::world::World<Memory>;

/// A request.
#[derive(Clone)]
pub struct Ask {
    pub method: &'static str,
    pub path: String,
    pub kind: &'static str,
    pub key: Option<String>,
    pub who: &'static str,
    pub body: Vec<u8>,
    pub more: Vec<(&'static str, String)>,
}

impl Ask {
    pub fn get(path: &str) -> Self {
        Self {
            method: "GET",
            path: path.into(),
            kind: "application/json",
            key: None,
            who: "resident-2",
            body: Vec::new(),
            more: Vec::new(),
        }
    }

    pub fn post(path: &str, body: &Json) -> Self {
        static KEYS: AtomicU64 = AtomicU64::new(0);
        let key = format!("\"key-{}\"", KEYS.fetch_add(1, Ordering::SeqCst));
        Self { method: "POST", key: Some(key), body: body.to_string().into_bytes(), ..Self::get(path) }
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.more.push((name, value.to_string()));
        self
    }
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.text).unwrap()
    }

    /// The code of a refusal, in JSON or on a page.
    pub fn code(&self) -> String {
        let json: Option<Json> = serde_json::from_str(&self.text).ok();
        let in_json = json.and_then(|json| json.get("code").and_then(Json::as_str).map(String::from));
        let on_page = || {
            let (_, tail) = self.text.split_once("<code>")?;
            tail.split_once('<').map(|(code, _)| code.to_string())
        };
        let code = in_json.or_else(on_page).unwrap_or_default();
        if self.status < 300 { String::new() } else { code }
    }

    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_string()
    }
}

/// The town.
pub struct Town {
    pub desk: Desk<World>,
    pub routes: Router,
}

impl Town {
    /// With the door of a demonstration.
    pub async fn new() -> Self {
        Self::at(Door::Demonstration).await
    }

    pub async fn at(door: Door) -> Self {
        Self::with(door, &shipped::checked(&DEFINITIONS)).await
    }

    /// The same town in another zone of the earth.
    pub async fn in_zone(name: &str) -> Self {
        let mut checked = shipped::checked(&DEFINITIONS);
        let always = Calendar::always(Zone::parse(name).unwrap());
        checked.calendars.insert(CalendarId::parse("always").unwrap(), always);
        Self::with(Door::Demonstration, &checked).await
    }

    async fn with(door: Door, checked: &Checked) -> Self {
        let clock = Still::at("2026-09-30 15:00");
        let (desk, _committer) = engine(Memory::new(), clock, Counted::default(), checked).await;
        desk.admit_guests(is_resident_of_story);
        desk.world.store.mark("test", "true").await.unwrap();
        Self::of(desk, door)
    }

    /// The same town behind another door.
    pub fn behind(&self, door: Door) -> Self {
        Self::of(self.desk.clone(), door)
    }

    fn of(desk: Desk<World>, door: Door) -> Self {
        let app = App {
            desk: desk.clone(),
            title: "Town".into(),
            door,
            base: "http://127.0.0.1:8311".into(),
            setup: Some("setup-token".into()),
            open_to_residents: vec!["resident-order".to_string()].into(),
            blocks: blocks(),
            stage: None,
            behind_proxy: false,
        };
        Self { desk, routes: router(app) }
    }

    pub async fn ask(&self, ask: &Ask) -> Answer {
        let mut request = Request::builder()
            .method(ask.method)
            .uri(&ask.path)
            .header("host", "127.0.0.1:8311")
            .header("content-type", ask.kind)
            .header("cookie", format!("who={}", ask.who));
        if let Some(key) = &ask.key {
            request = request.header("idempotency-key", key);
        }
        for (name, value) in &ask.more {
            request = request.header(*name, value);
        }
        let request = request.body(Body::from(ask.body.clone())).unwrap();
        let answer = self.routes.clone().oneshot(request).await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = to_bytes(answer.into_body(), 64 * 1024 * 1024).await.unwrap();
        Answer { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// Opens a case through the API; its number.
    pub async fn open(&self, who: &'static str, workflow: &str, fields: Json) -> String {
        let body = json!({ "workflow": workflow, "fields": fields });
        let opened = self.ask(&Ask { who, ..Ask::post("/v1/cases", &body) }).await;
        assert_eq!(opened.status, 201, "{workflow}: {}", opened.text);
        opened.json()["number"].as_str().unwrap().to_string()
    }

    /// Tries an action.
    pub async fn act(&self, who: &'static str, case: &str, action: &str, body: Json) -> Answer {
        self.ask(&Ask { who, ..Ask::post(&format!("/v1/cases/{case}/actions/{action}"), &body) }).await
    }

    /// Does an action.
    pub async fn does(&self, who: &'static str, case: &str, action: &str, fields: Json) {
        let done = self.act(who, case, action, json!({ "fields": fields })).await;
        assert_eq!(done.status, 200, "{action} by {who}: {}", done.text);
    }

    /// Uploads a small picture; its digest, or the refusal.
    pub async fn photo(&self, who: &'static str) -> String {
        const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
        let sent = Ask { who, kind: "image/png", body: PNG.to_vec(), ..Ask::post("/v1/files", &json!({})) };
        let kept = self.ask(&sent).await;
        let digest = kept.json()["digest"].as_str().map(ToString::to_string);
        digest.unwrap_or_else(|| kept.text.clone())
    }

    /// A browser's multipart form: values, then files as name, kind and bytes.
    pub async fn send_files(
        &self,
        who: &'static str,
        path: &str,
        values: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        let mut body = Vec::new();
        for (name, value) in values {
            body.extend(
                format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        for (name, kind, bytes) in files {
            let head = format!(
                "--x\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"f\"\r\nContent-Type: {kind}\r\n\r\n"
            );
            body.extend(head.bytes().chain(bytes.iter().copied()).chain(*b"\r\n"));
        }
        body.extend(b"--x--\r\n");
        let kind = "multipart/form-data; boundary=x";
        self.ask(&Ask { who, kind, body, key: None, ..Ask::post(path, &json!({})) }).await
    }

    /// Puts the clock forward.
    pub fn later(&self, seconds: i64) {
        self.desk.world.clock.later(seconds);
    }

    /// Records in the store, but for those of the access log.
    pub async fn records(&self) -> u64 {
        let (store, tenant) = (&self.desk.world.store, self.desk.tenant);
        let mut count = 0;
        for stream in store.streams(tenant, "", u32::MAX).await.unwrap() {
            let own = !stream.starts_with("access/");
            count += if own { store.head(tenant, &stream).await.unwrap().unwrap().seq } else { 0 };
        }
        count
    }
}

/// What is in force.
const DEFINITIONS: [&str; 12] = [
    "workflows/blocks/mediation.toml",
    "workflows/blocks/owner-vote.toml",
    "workflows/blocks/public-notice.toml",
    "workflows/blocks/survey.toml",
    "workflows/consultation-meeting.toml",
    "workflows/elevator-installation.toml",
    "workflows/resource-offer.toml",
    "workflows/wish-fulfilment.toml",
    "workflows/wish-season.toml",
    "workflows/resident-order.toml",
    "workflows/satisfaction-survey.toml",
    "workflows/whistle-report.toml",
];

/// The blocks that ship.
fn blocks() -> Arc<[Source]> {
    let path = |name| format!("workflows/blocks/{name}.toml");
    let read = |path: String| {
        let text = checkout::text(Path::new(&path)).unwrap();
        Source { path, text }
    };
    ["mediation", "owner-vote", "public-notice", "survey"].map(path).map(read).into()
}
