//! The eve of National Day, whole: the real binary, a real mail server and a receiver of webhooks that verifies with
//! a library not ours. The story equals a recorded transcript; `PAIDAN_UPDATE=1` records it anew.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::binary::{Running, root};
use crate::client::{PHOTO, Request};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjU";

fn first_line(child: &mut Child) -> String {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    line
}

fn receivers(out: &Path) -> (Running, Json) {
    let python = root().join("target/tools/venv/bin/python");
    assert!(python.exists(), "run `cargo xtask tools` first: the mail server is other people's");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/receivers.py");
    let mut child = Command::new(python)
        .arg(script)
        .arg(out)
        .arg(SECRET)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let ports = serde_json::from_str(&first_line(&mut child)).unwrap();
    (Running(child), ports)
}

/// The town, with the fire brigade's liaison reached by a webhook.
fn town(folder: &Path, ports: &Json) -> (PathBuf, PathBuf) {
    let shipped = std::fs::read_to_string(root().join("config/towns/dongtai/roster.toml")).unwrap();
    let mail = "channels = { email = \"liaison-fire@town.invalid\", sms = \"liaison-fire\" }";
    assert!(shipped.contains(mail));
    let hook = format!("channels = {{ webhook = \"http://127.0.0.1:{}/fire\" }}", ports["hook"]);
    let roster = folder.join("roster.toml");
    std::fs::write(&roster, shipped.replace(mail, &hook)).unwrap();
    let channels = folder.join("channels.toml");
    let text = format!(
        "[channels.email]\nkind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"派单 <paidan@town.invalid>\"\n\n\
         [channels.webhook]\nkind = \"webhook\"\nsecrets = [\"env:STORY_SECRET\"]\ninternal = true\n\n\
         [channels.sms]\nkind = \"black-hole\"\n",
        ports["smtp"]
    );
    std::fs::write(&channels, text).unwrap();
    (roster, channels)
}

/// The server and what is asked of it.
struct Town {
    _child: Running,
    address: String,
    case: String,
    asked: u32,
}

impl Town {
    fn start(folder: &Path, ports: &Json) -> Self {
        let (roster, channels) = town(folder, ports);
        let mut child = Command::new(env!("CARGO_BIN_EXE_paidan"))
            .args(["dev", "--quiet", "--still", "--speed", "1", "--start", "2026-09-30 15:00"])
            .args(["--listen", "127.0.0.1:0", "--store"])
            .arg(folder.join("town.paidan"))
            .arg("--roster")
            .arg(roster)
            .arg("--channels")
            .arg(channels)
            .env("STORY_SECRET", SECRET)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let line = first_line(&mut child);
        let address = line.trim().rsplit_once("http://").unwrap().1.to_string();
        Self { _child: Running(child), address, case: String::new(), asked: 0 }
    }

    fn post(&mut self, path: &str, who: &str, body: &Json) -> (u16, Json) {
        self.asked += 1;
        let key = format!("\"story-{}\"", self.asked);
        let answer = Request::json(path, body).who(who).key(&key).send(&self.address);
        (answer.status, serde_json::from_str(&answer.text).unwrap_or(Json::Null))
    }

    fn get(&self, path: &str, who: &str) -> Json {
        let answer = Request::get(path).who(who).send(&self.address);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    /// Puts the clock forward; comes back when what was due has fired.
    fn until(&self, at: &str) {
        let body = format!("to={}", at.replace(' ', "+").replace(':', "%3A"));
        let moved = Request::form("/clock", &body).who("dispatcher").send(&self.address);
        assert_eq!(moved.status, 303, "{at}: {}", moved.text);
    }

    fn photo(&self, who: &str) -> String {
        let sent = Request::post("/v1/files", "application/octet-stream", PHOTO).who(who);
        let kept = sent.send(&self.address);
        assert_eq!(kept.status, 201, "{}", kept.text);
        let about = kept.json();
        assert_eq!(about["kind"], "image/png");
        about["digest"].as_str().unwrap().to_string()
    }

    fn open(&mut self, who: &str, fields: Json) {
        let body = json!({ "workflow": "whistle-report", "fields": fields });
        let (status, answer) = self.post("/v1/cases", who, &body);
        assert_eq!(status, 201, "{answer}");
        self.case = answer["number"].as_str().unwrap().to_string();
    }

    fn act(&mut self, who: &str, action: &str, mut body: Json) {
        if body.get("fields").is_none() {
            body["fields"] = json!({});
        }
        let (status, answer) = self.post(&format!("/v1/cases/{}/actions/{action}", self.case), who, &body);
        assert_eq!(status, 200, "{action} by {who}: {answer}");
    }

    fn states(&self) -> Vec<String> {
        let case = self.get(&format!("/v1/cases/{}", self.case), "dispatcher");
        let all = case["states"].as_array().unwrap();
        all.iter().map(|state| state["id"].as_str().unwrap().to_string()).collect()
    }
}

/// Wednesday to Friday: called, refused and ruled on, late, and there at last.
fn muster(town: &mut Town) {
    let photo = town.photo("secretary-jinchen");
    town.open(
        "secretary-jinchen",
        json!({
            "kind": "enforcement", "reporter": "resident-1", "place": "dormitory", "category": "lift",
            "summary": "六层楼没有电梯，老人上下楼难", "affected": 48,
        }),
    );
    let fields = json!({ "photos": [photo], "tried": "开了三次协商会" });
    town.act("secretary-jinchen", "submit", json!({ "fields": fields }));
    town.until("2026-09-30 16:20");
    town.act("duty-xixi", "approve", json!({ "fields": { "duty_row": "housing-11" } }));
    town.until("2026-09-30 17:00");
    let fields = json!({ "departments": ["housing", "fire", "parks"], "lead_unit": "housing" });
    town.act("dispatcher", "assign", json!({ "fields": fields }));
    town.until("2026-09-30 17:20");
    town.act("liaison-housing", "sign", json!({ "leg": "housing" }));
    let fields = json!({ "ground": "not-our-duty", "basis": "parks-01", "instead": "property" });
    town.act("liaison-parks", "refuse", json!({ "leg": "parks", "fields": fields }));
    town.until("2026-10-08 09:30");
    let fields = json!({ "ruling": "keep", "basis": "绿化占用消防登高面" });
    town.act("arbiter", "rule", json!({ "leg": "parks", "fields": fields }));
    town.act("liaison-housing", "check_in", json!({ "leg": "housing" }));
    town.until("2026-10-08 10:00");
    town.act("liaison-parks", "check_in", json!({ "leg": "parks" }));
    town.until("2026-10-08 12:00");
    town.until("2026-10-09 09:00");
    assert_eq!(town.states(), ["mustering"]);
    town.act("liaison-fire", "check_in", json!({ "leg": "fire" }));
}

/// Friday to the Tuesday after: planned, done, verified too late on the make-up Saturday, rated 2, redone, rated 5.
fn work(town: &mut Town) {
    let plan = json!({ "plan_text": "装两部电梯", "public_words": "十月开工", "budget": "补贴" });
    town.act("liaison-housing", "propose", json!({ "fields": plan }));
    for unit in ["housing", "fire", "parks"] {
        town.act(&format!("liaison-{unit}"), "agree", json!({ "leg": unit }));
    }
    town.act("liaison-housing", "plan_agreed", json!({}));
    town.until("2026-10-09 16:30");
    for unit in ["housing", "fire", "parks"] {
        town.act(&format!("liaison-{unit}"), "finish", json!({ "leg": unit }));
    }
    town.until("2026-10-10 17:30"); // a Saturday that is worked: nobody has been there, the check is late
    let photo = town.photo("member-jinchen");
    town.act("member-jinchen", "pass", json!({ "fields": { "evidence": [photo] } }));
    town.until("2026-10-12 10:00");
    let fields = json!({ "feedback_solved": false, "feedback_rating": 2, "feedback_why": "噪声太大" });
    town.act("resident-1", "feedback_answer", json!({ "fields": fields }));
    assert_eq!(town.states(), ["rework"]);
    town.until("2026-10-13 10:00");
    for unit in ["housing", "fire", "parks"] {
        town.act(&format!("liaison-{unit}"), "finish", json!({ "leg": unit }));
    }
    let photo = town.photo("member-jinchen");
    town.act("member-jinchen", "pass", json!({ "fields": { "evidence": [photo] } }));
    let fields = json!({ "feedback_solved": true, "feedback_rating": 5 });
    town.act("resident-1", "feedback_answer", json!({ "fields": fields }));
}

/// What happened, a line each, in the town's time.
fn told(town: &Town) -> Vec<String> {
    let events = town.get(&format!("/v1/cases/{}/events", town.case), "dispatcher");
    let mut lines = Vec::new();
    for event in events["items"].as_array().unwrap() {
        let at = event["due"].as_str().or(event["at"].as_str()).unwrap();
        for what in event["what"].as_array().unwrap() {
            lines.push(format!("{} {}", local(at), what["zh"].as_str().unwrap()));
        }
    }
    lines
}

fn local(utc: &str) -> String {
    let zone = paidan_model::moment::Zone::SHANGHAI;
    paidan_model::moment::Moment::parse_rfc3339(utc).unwrap().local_text(&zone)
}

/// What came, once nothing more comes.
fn came(out: &Path, least: usize) -> Vec<Json> {
    let began = Instant::now();
    let read = || std::fs::read_to_string(out).unwrap_or_default().lines().count();
    let mut before = 0;
    while began.elapsed() < Duration::from_secs(60) {
        let now = read();
        if now >= least && now == before {
            break;
        }
        before = now;
        std::thread::sleep(Duration::from_millis(1_500));
    }
    let text = std::fs::read_to_string(out).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The messages as lines in one order, without what differs from run to run.
fn messages(came: &[Json], town: &Town) -> Vec<String> {
    let mut lines: Vec<String> = came
        .iter()
        .map(|one| match one["by"].as_str().unwrap() {
            "mail" => format!("mail {} | {} | {}", one["to"], one["subject"], first(&one["body"])),
            _ => {
                assert!(one.get("refused").is_none(), "{one}");
                let event = &one["event"];
                assert_eq!(one["kind"], "application/cloudevents+json; charset=UTF-8");
                assert_eq!(event["specversion"], "1.0");
                format!("hook {} | {} | {}", event["type"], event["subject"], first(&event["data"]["zh"]))
            }
        })
        .collect();
    lines.sort();
    let case = town.get(&format!("/v1/cases/{}", town.case), "dispatcher");
    let id = case["id"].as_str().unwrap();
    lines.iter().map(|line| line.replace(id, "ID").replace(&town.address, "HOST")).collect()
}

fn first(text: &Json) -> String {
    text.as_str().unwrap().lines().next().unwrap_or_default().to_string()
}

fn paidan(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_paidan")).args(args).current_dir(folder).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// The history alone gives the same case again: in a folder without definitions, calendars or rosters.
fn replayed(folder: &Path, case: &str, as_served: &Json) {
    let bare = folder.join("bare");
    std::fs::create_dir(&bare).unwrap();
    let store = folder.join("town.paidan").display().to_string();
    let (code, verified) = paidan(&bare, &["audit", "verify", "--store", &store]);
    assert_eq!((code, verified.contains(" 0 broken")), (Some(0), true), "{verified}");
    let (_, now) = paidan(&bare, &["audit", "replay", case, "--store", &store]);
    let (_, again) = paidan(&bare, &["audit", "replay", case, "--store", &store]);
    assert_eq!(now, again);
    let folded: Json = serde_json::from_str(&now).unwrap();
    assert_eq!(folded["number"], as_served["number"]);
    assert_eq!(folded["round"], as_served["round"]);
    assert_eq!(folded["outcome"], as_served["outcome"]);
    // Who wrote what, from what to what, and the rating that was mended.
    let (_, tried) = paidan(&bare, &["audit", "changes", case, "--store", &store, "--field", "tried"]);
    assert!(tried.contains("tried: - -> \"") && tried.contains("开了三次协商会"), "{tried}");
    let (_, all) = paidan(&bare, &["audit", "changes", case, "--store", &store]);
    assert!(all.lines().any(|line| line.contains("feedback_rating: 2 -> -")), "{all}");
    forged(folder, &bare, case);
    taken_out(&bare, &store, case);
    let (_, then) = paidan(&bare, &["audit", "replay", case, "--store", &store, "--at", "2026-10-08 11:00"]);
    let then: Json = serde_json::from_str(&then).unwrap();
    assert_eq!(then["legs"]["fire"]["state"], "notified");
    assert_eq!(then["legs"]["parks"]["state"], "reported");
    assert_eq!(then["outcome"], Json::Null);
}

/// The records of the case alone, verified in a folder without the store: the same head, and a forged line is found.
fn taken_out(bare: &Path, store: &str, case: &str) {
    let (code, in_store) = paidan(bare, &["audit", "verify", "--store", store, "--case", case]);
    assert_eq!((code, in_store.contains("intact, head ")), (Some(0), true), "{in_store}");
    let (code, printed) = paidan(bare, &["audit", "export", case, "--store", store, "--out", "case.jsonl"]);
    assert_eq!((code, printed.as_str()), (Some(0), ""));
    let verify = || paidan(bare, &["audit", "verify", "--records", "case.jsonl"]);
    assert_eq!(verify(), (Some(0), in_store));
    let text = std::fs::read_to_string(bare.join("case.jsonl")).unwrap();
    std::fs::write(bare.join("case.jsonl"), text.replacen("\"approve\"", "\"applove\"", 1)).unwrap();
    let (code, forged) = verify();
    assert_eq!((code, forged.contains("BROKEN case/")), (Some(5), true), "{forged}");
}

/// One byte of one record changed: found, named by stream and sequence, with an exit code of its own.
fn forged(folder: &Path, bare: &Path, case: &str) {
    let bytes = std::fs::read(folder.join("town.paidan")).unwrap();
    let word = br#"{"did":["approve"#;
    let at = bytes.windows(word.len()).position(|window| window == word).unwrap();
    let mut other = bytes;
    other[at + word.len() - 1] ^= 1;
    let copy = bare.join("forged.paidan");
    std::fs::write(&copy, other).unwrap();
    let (code, report) = paidan(bare, &["audit", "verify", "--store", &copy.display().to_string()]);
    assert_eq!(code, Some(5), "{report}");
    assert!(report.contains("BROKEN case/") && report.contains(" record "), "{case}: {report}");
    // The records are whole, and a resident's words beside them are not what was committed to.
    let bytes = std::fs::read(folder.join("town.paidan")).unwrap();
    let word = "开了三次协商会".as_bytes();
    let mut other = bytes.clone();
    let at = bytes.windows(word.len()).position(|window| window == word).unwrap();
    other[at + 2] ^= 1;
    std::fs::write(&copy, other).unwrap();
    let (code, report) = paidan(bare, &["audit", "verify", "--store", &copy.display().to_string()]);
    assert_eq!(code, Some(5), "{report}");
    assert!(report.contains("the value of `tried` is not what its record committed to"), "{report}");
    // A copy that was taken without what had not been folded in yet.
    let empty = bare.join("empty.paidan");
    let (code, report) = paidan(bare, &["audit", "verify", "--store", &empty.display().to_string()]);
    assert_eq!(code, Some(2), "{report}");
}

#[test]
fn eve_of_national_day_equals_its_transcript() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("came.jsonl");
    let (receivers, ports) = receivers(&out);
    let mut town = Town::start(folder.path(), &ports);
    muster(&mut town);
    work(&mut town);
    town.until("2026-10-13 11:00"); // past the webhook that was put off
    let lines = told(&town);
    let messages = messages(&came(&out, 30), &town);
    let mut ids: Vec<String> = came(&out, 30).iter().map(|one| one["id"].to_string()).collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "a message came twice");
    let case = town.get(&format!("/v1/cases/{}", town.case), "dispatcher");
    let number = town.case.clone();
    drop(town);
    drop(receivers);
    replayed(folder.path(), &number, &case);
    let transcript = format!("{}\n\n{}\n", lines.join("\n"), messages.join("\n"));
    let path = root().join("tests/transcripts/eve-of-national-day.txt");
    if std::env::var_os("PAIDAN_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &transcript).unwrap();
    }
    let recorded = std::fs::read_to_string(&path).unwrap();
    assert!(transcript == recorded, "the story is another than the recorded one:\n{transcript}");
}
