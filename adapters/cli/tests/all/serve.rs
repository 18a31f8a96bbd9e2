//! `serve` as an operator meets it: the shipped configuration, the first administrator, a key for a program, and what
//! it refuses to open.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::binary::{Running, paidan, start};
use crate::client::Request;

/// Serves the shipped configuration on a free port; the process, its address and the link of the first administrator.
fn serve(store: &str, fresh: bool) -> (Running, String, Option<String>) {
    let args = ["serve", "--config", "config/paidan.toml", "--listen", "127.0.0.1:0", "--store", store];
    // A store that has its administrator prints no more than two lines.
    let (running, address, told) = start(&args, if fresh { 3 } else { 2 });
    assert!(told.iter().any(|line| line.starts_with("store:")), "{told:?}");
    let link = told.iter().find_map(|line| line.split_once("/setup?token="));
    (running, address, link.map(|(_, token)| token.to_string()))
}

fn stop(mut running: Running) {
    let pid = running.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(running.0.wait().unwrap().success(), "asked to stop, it stops well");
}

#[test]
fn an_operator_starts_serves_and_stops() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("town.paidan").display().to_string();
    let (running, address, first) = serve(&store, true);
    let body =
        format!("token={}&subject=secretary-hailing&name=lin&password=correct-horse-battery", first.unwrap());
    let made = Request::form("/setup", &body).send(&address);
    assert_eq!(made.status, 303, "{}", made.text);
    let busy = paidan(&["user", "list", "--store", &store]).output().unwrap();
    assert_eq!(busy.status.code(), Some(3), "the file is the server's while it runs");
    assert_eq!(Request::get("/readyz").send(&address).text, "ready\n");
    stop(running);
    let made =
        paidan(&["key", "add", "--subject", "secretary-hailing", "--title", "hotline", "--store", &store]);
    let key = String::from_utf8({
        let mut made = made;
        made.output().unwrap().stdout
    })
    .unwrap();
    let (running, address, _) = serve(&store, false);
    let case = |args: &[&str]| {
        let server = format!("http://{address}");
        paidan(args).args(["--server", &server]).env("PAIDAN_KEY", key.trim()).output().unwrap()
    };
    let fields = ["place=gate-3", "category=drain", "summary=blocked"];
    let opened = case(&[&["case", "open", "resident-order"], fields.as_slice()].concat());
    let line = String::from_utf8(opened.stdout).unwrap();
    let number = line.split_whitespace().next().unwrap().to_string();
    let log = String::from_utf8(case(&["case", "log", &number]).stdout).unwrap();
    assert!(log.contains(&number), "{log}");
    let refused = case(&["case", "do", &number, "withdraw"]);
    assert_eq!(refused.status.code(), Some(4));
    stop(running);
    let gone = case(&["case", "list"]);
    assert_eq!(gone.status.code(), Some(3), "nobody answers");
    let on_file =
        paidan(&["case", "show", &number, "--store", &store, "--as", "secretary-hailing"]).output().unwrap();
    assert!(String::from_utf8(on_file.stdout).unwrap().contains("resident-order"));
    let verified = paidan(&["audit", "verify", "--store", &store]).output().unwrap();
    let looks = paidan(&["audit", "access", &number, "--store", &store]).output().unwrap();
    let looks = String::from_utf8(looks.stdout).unwrap();
    let looks: Vec<&str> = looks.lines().collect();
    assert_eq!(looks.len(), 2, "the log through the server, the case on the file: {looks:?}");
    let days: std::collections::BTreeSet<String> = looks.iter().map(|look| shanghai_day(look)).collect();
    // The case, each definition that was published, the access log of each day.
    let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../workflows")).unwrap();
    let is_text = |entry: &std::fs::DirEntry| entry.path().extension().is_some_and(|end| end == "toml");
    let all = 1 + folder.map(Result::unwrap).filter(is_text).count();
    let report = String::from_utf8(verified.stdout).unwrap();
    // Each start is watched at each subdistrict.
    let roster = include_str!("../../../../config/towns/dongtai/roster.toml");
    let watched = 2 * roster.matches("kind = \"subdistrict\"").count();
    let (streams, records) = (all + days.len() + watched, all + looks.len() + watched);
    assert_eq!(report.trim(), format!("{streams} streams, {records} records, 0 broken"));
}

/// The day of a look in the town's zone.
fn shanghai_day(look: &str) -> String {
    let at = paidan_model::moment::Moment::parse_rfc3339(look.split_whitespace().next().unwrap()).unwrap();
    at.local(&paidan_model::moment::Zone::SHANGHAI).format("%Y-%m-%d").to_string()
}

#[test]
fn neither_opens_the_store_of_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("town.paidan").display().to_string();
    let mut dev = paidan(&["dev", "--quiet", "--listen", "127.0.0.1:0", "--store", &store])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(dev.stdout.take().unwrap()).read_line(&mut line).unwrap();
    stop(Running(dev));
    let refused = paidan(&["serve", "--config", "config/paidan.toml", "--store", &store]).output().unwrap();
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && why.contains("demonstration"), "{why}");
    let beyond = ["serve", "--config", "config/paidan.toml", "--listen", "0.0.0.0:0", "--store", &store];
    let refused = paidan(&beyond).output().unwrap();
    let why = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && why.contains("behind_tls"), "{why}");
}
