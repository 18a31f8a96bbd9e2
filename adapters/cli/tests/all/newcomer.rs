//! A newcomer's first minutes: a folder from a template, what is printed as next steps, checking while one writes, and a
//! town that takes what is saved.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::binary::{Running, lines, paidan, root, start};
use crate::client::Request;
use serde_json::{Value as Json, json};

const TEMPLATES: [&str; 4] = ["whistle", "order", "wish", "plain"];

/// Runs the binary in a folder; its exit code, what it said, and what it complained of.
fn run(folder: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let done = paidan(args).current_dir(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.code(), text(done.stdout), text(done.stderr))
}

/// Makes a folder; the commands that are printed as next steps.
fn made(folder: &Path, name: &str, template: &str) -> Vec<String> {
    let (code, said, why) = run(folder, &["new", name, "--template", template]);
    assert_eq!(code, Some(0), "{why}");
    said.lines().filter_map(|line| line.strip_prefix("    ")).map(ToString::to_string).collect()
}

/// A command line as somebody types it.
fn typed(folder: &Path, line: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.current_dir(folder).args(["-c", line]);
    shell
}

#[test]
fn every_template_passes_its_checks_and_tests() {
    let folder = tempfile::tempdir().unwrap();
    let roster = root().join("config/towns/dongtai/roster.toml").display().to_string();
    for template in TEMPLATES {
        let name = format!("my-{template}");
        let next = made(folder.path(), &name, template);
        let (town, files): (Vec<_>, Vec<_>) = next.iter().partition(|line| line.contains(" dev "));
        assert_eq!((town.len(), files.len()), (1, 3), "{next:?}");
        for line in files {
            let done = typed(folder.path(), line).output().unwrap();
            assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stdout));
        }
        let inside = folder.path().join(&name);
        let (code, said, why) = run(&inside, &["check", ".", &roster]);
        assert_eq!(code, Some(0), "{why}");
        assert!(said.ends_with("1 workflows, 0 errors, 0 lints\n"), "{said}{why}");
        let (code, said, why) = run(&inside, &["test", "--covered"]);
        assert_eq!(code, Some(0), "{said}{why}");
        assert!(said.starts_with(&format!("{name}\n")), "{said}");
    }
}

#[test]
fn new_overwrites_nothing_and_takes_no_path() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine/mine.toml");
    made(folder.path(), "mine", "plain");
    std::fs::write(&file, "# my own words").unwrap();
    for name in ["mine", "../mine", "Mine", "whistle-report"] {
        let (code, said, why) = run(folder.path(), &["new", name]);
        assert_eq!((code, said.as_str()), (Some(2), ""), "{name}: {why}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "# my own words");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// A process that is listened to.
struct Heard {
    running: Running,
    said: Box<dyn Iterator<Item = String>>,
    complained: Box<dyn Iterator<Item = String>>,
}

impl Heard {
    fn of(mut command: Command) -> Self {
        let mut child: Child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let said = Box::new(lines(child.stdout.take().unwrap()));
        let complained = Box::new(lines(child.stderr.take().unwrap()));
        Self { running: Running(child), said, complained }
    }

    /// Reads what is said up to the line that has a word.
    fn until(&mut self, word: &str) -> String {
        upto(&mut self.said, word)
    }

    /// Reads the findings up to the line that has a word.
    fn finding(&mut self, word: &str) -> String {
        upto(&mut self.complained, word)
    }
}

fn upto(lines: &mut dyn Iterator<Item = String>, word: &str) -> String {
    let mut heard = String::new();
    for line in lines {
        heard = heard + &line + "\n";
        if line.contains(word) {
            return heard;
        }
    }
    format!("ended without `{word}`: {heard}")
}

/// Saves a definition with another limit, as editors do: a new file in the place of the old one.
fn save(file: &Path, before: &str, after: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(before), "{text}");
    let new = file.with_extension("new");
    std::fs::write(&new, text.replace(before, after)).unwrap();
    std::fs::rename(new, file).unwrap();
}

#[test]
fn watch_checks_each_save_until_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), "room", "plain");
    let file = folder.path().join("room/room.toml");
    for watched in ["room", "room/room.toml"] {
        let mut command = paidan(&["check", "--watch", watched]);
        command.current_dir(folder.path());
        let mut heard = Heard::of(command);
        let first = heard.until("watching");
        assert!(first.contains("room version 1 is sound"), "{first}");
        save(&file, "limit  = \"2 real hours\"", "limit  = \"2hh\"");
        let found = heard.finding("help");
        assert!(found.contains("room.toml:") && found.contains("^^^^^"), "{found}");
        assert!(found.contains("did you mean `2 business hours`"), "{found}");
        let then = heard.until("watching");
        assert!(then.contains("saved: room/room.toml") && then.contains("1 errors"), "{then}");
        save(&file, "limit  = \"2hh\"", "limit  = \"2 real hours\"");
        let then = heard.until("watching");
        assert!(then.contains("room version 1 is sound"), "{then}");
        let pid = heard.running.0.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        assert!(heard.running.0.wait().unwrap().success(), "asked to stop, it stops well");
    }
}

fn member<'j>(of: &'j Json, name: &str) -> &'j Json {
    of.get(name).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

#[test]
fn the_town_loads_saved_definitions_without_errors() {
    let folder = tempfile::tempdir().unwrap();
    let next = made(folder.path(), "room", "plain");
    let file = folder.path().join("room/room.toml");
    let before_all = files(&folder.path().join("room"));
    let town = next.iter().find(|line| line.contains(" dev ")).unwrap();
    // Beside one small definition: the shipped ones take their time.
    let drain = root().join("examples/drain.toml");
    let line = format!("exec {town} --quiet --still --listen 127.0.0.1:0 --workflows {}", drain.display());
    let mut heard = Heard::of(typed(folder.path(), &line));
    let first = heard.until("published");
    assert!(first.contains("room version 1 is new"), "{first}");
    let address = first.lines().next().unwrap().rsplit_once("http://").unwrap().1.to_string();
    let in_force = |path: &str| Request::get(path).who("resident-1").send(&address).json();
    let before = in_force("/v1/workflows/room");
    let fields = json!({ "asker": "resident-1", "place": "gate-3", "persons": 12 });
    let opened = Request::json("/v1/cases", &json!({ "workflow": "room", "fields": fields }));
    let opened = opened.who("resident-1").key("\"k\"").send(&address).json();
    let case = format!("/v1/cases/{}", member(&opened, "number").as_str().unwrap());
    let promised = member(&in_force(&case), "clocks").clone();

    save(&file, "limit  = \"2 real hours\"", "limit  = \"3 real hours\"");
    let told = heard.until("published");
    assert!(told.contains("here this one is tried as version 2"), "{told}");
    assert!(told.contains("clock `answer`, limit: 2 real hours becomes 3 real hours"), "{told}");
    assert!(told.contains("1 open in \"Asked\" stay on version 1"), "{told}");
    let now = in_force("/v1/workflows/room");
    assert_eq!((member(&before, "version"), member(&now, "version")), (&json!(1), &json!(2)));
    let pinned = in_force(&case);
    assert_eq!(
        (member(&pinned, "digest"), member(&pinned, "clocks")),
        (member(&before, "digest"), &promised)
    );

    save(&file, "limit  = \"3 real hours\"", "limit  = \"3 real hourss\"");
    let found = heard.finding("help");
    assert!(found.contains("^^^") && found.contains("did you mean `3 real hours`?"), "{found}");
    heard.until("what was in force goes on");
    assert_eq!(member(&in_force("/v1/workflows/room"), "digest"), member(&now, "digest"));

    // What is undone is in force again, under a number of its own; the author's own number is taken as it is.
    save(&file, "limit  = \"3 real hourss\"", "limit  = \"2 real hours\"");
    assert!(heard.until("published").contains("room: version 2 becomes 3"));
    save(&file, "version  = 1", "version  = 9");
    let told = heard.until("published");
    assert!(told.contains("room: version 3 becomes 9") && !told.contains("tried"), "{told}");
    assert_eq!(files(&folder.path().join("room")), before_all, "nothing is left there");
}

#[test]
fn a_town_resumes_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("town.paidan").display().to_string();
    let dev = |more: &[&str], count| {
        let line = ["dev", "--still", "--listen", "127.0.0.1:0", "--store", &store];
        let (running, _, said) = start(&[&line[..], more].concat(), count);
        drop(running);
        said
    };
    let line = ["dev", "--quiet", "--still", "--listen", "127.0.0.1:0"];
    let (_running, address, _) = start(&line, 3);
    let page = Request::get("/").who("dispatcher").header("Accept-Language", "en").send(&address).text;
    assert!(page.contains("stands still"), "the clock on the page: {page}");
    let first = dev(&["--quiet", "--start", "2026-10-30 16:00"], 3);
    assert!(first.iter().all(|line| !line.starts_with("story:")), "none is told: {first:?}");
    // Its clock does not go back to the day on which the story begins, and nothing is played a second time.
    let again = dev(&[], 3);
    let said = again.join("\n");
    assert!(said.contains("clock:  2026-10-30 16:00 Asia/Shanghai, stands still"), "{said}");
    assert!(said.contains("goes on"), "{said}");
}
