//! The schemas, as other people's tools read them: every file that ships fits, a folder from a template is completed and
//! explained by an editor's plugin, and what is misspelt is underlined.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::binary::{paidan, root};
use serde_json::{Map, Value as Json, json};

const SCHEMAS: [&str; 2] = ["workflow", "town"];
const TEMPLATES: [&str; 4] = ["whistle", "order", "wish", "plain"];

fn tool(name: &str) -> PathBuf {
    let tool = root().join("target/tools/venv/bin").join(name);
    assert!(tool.exists(), "run `cargo xtask tools` first: schemas are read by other means");
    tool
}

fn printed(schema: &str) -> String {
    let done = paidan(&["schema", schema]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

/// Every TOML file of a folder, however deep.
fn files(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        std::fs::read_dir(path).unwrap().for_each(|entry| files(&entry.unwrap().path(), found));
    } else if path.extension().is_some_and(|extension| extension == "toml") {
        found.push(path.to_path_buf());
    }
}

/// What does not fit a schema, by the name of the document.
fn misfits(schema: &str, documents: &Map<String, Json>) -> Map<String, Json> {
    let schema: Json = serde_json::from_str(&printed(schema)).unwrap();
    let mut python = Command::new(tool("python"))
        .arg(root().join("adapters/cli/tests/schema.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let asked = json!({ "schema": schema, "documents": documents }).to_string();
    python.stdin.take().unwrap().write_all(asked.as_bytes()).unwrap();
    let Output { status, stdout, .. } = python.wait_with_output().unwrap();
    assert!(status.success());
    serde_json::from_slice(&stdout).unwrap()
}

#[test]
fn committed_schemas_equal_the_printed_ones() {
    for schema in SCHEMAS {
        let path = root().join(format!("config/schema/{schema}.json"));
        let printed = printed(schema);
        if std::env::var_os("PAIDAN_UPDATE").is_some() {
            std::fs::write(&path, &printed).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap();
        assert!(kept == printed, "{} is out of date: run this test with PAIDAN_UPDATE=1", path.display());
    }
}

#[test]
fn committed_reference_equals_the_printed_one() {
    let path = root().join("docs/reference/words.md");
    let printed = paidan(&["explain"]).output().unwrap();
    assert!(printed.status.success());
    let printed = String::from_utf8(printed.stdout).unwrap();
    if std::env::var_os("PAIDAN_UPDATE").is_some() {
        std::fs::write(&path, &printed).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap();
    assert!(kept == printed, "{} is out of date: run this test with PAIDAN_UPDATE=1", path.display());
    for verb in paidan_machine::verb::Verb::all() {
        assert!(kept.contains(&format!("| `{}` |", verb.name())), "{}", verb.name());
    }
}

#[test]
fn every_listed_key_is_explained() {
    let listed = paidan(&["explain"]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let keys: Vec<&str> =
        listed.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert!(keys.len() > 300, "{}", keys.len());
    for key in [keys[0], "clocks.X.limit", "clocks.limit", "urge", "go"] {
        let told = paidan(&["explain", key]).output().unwrap();
        assert!(told.status.success(), "{key}");
    }
    let unknown = paidan(&["explain", "no_such_word"]).output().unwrap();
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn every_file_that_ships_fits_its_schema() {
    let of = |folders: &[&str]| {
        let mut found = Vec::new();
        folders.iter().for_each(|folder| files(&root().join(folder), &mut found));
        let read = |path: &PathBuf| toml::from_str::<Json>(&std::fs::read_to_string(path).unwrap()).unwrap();
        found.iter().map(|path| (path.display().to_string(), read(path))).collect::<Map<_, _>>()
    };
    // What is written between two files is neither: tests that the demonstration adds to definitions.
    let loose = |path: &String| path.contains("/scenes/") || path.ends_with("/story.toml");
    let definitions = of(&["workflows"]);
    let town: Map<_, _> =
        of(&["config", "examples/town.toml"]).into_iter().filter(|(path, _)| !loose(path)).collect();
    for (schema, documents) in [("workflow", definitions), ("town", town)] {
        assert!(documents.len() > 5, "{schema}");
        for (path, wrong) in misfits(schema, &documents) {
            assert_eq!(wrong, json!([]), "{path}");
        }
    }
}

/// What `tombi lint` says of a folder.
fn lint(folder: &Path) -> (bool, String) {
    let done = Command::new(tool("tombi"))
        .args(["lint", "--offline", "--error-on-warnings"])
        .current_dir(folder)
        .output()
        .unwrap();
    (
        done.status.success(),
        String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr),
    )
}

#[test]
fn editors_complete_and_underline_in_every_template() {
    let folder = tempfile::tempdir().unwrap();
    for template in TEMPLATES {
        let made =
            paidan(&["new", template, "--template", template]).current_dir(folder.path()).output().unwrap();
        assert!(made.status.success());
        let inside = folder.path().join(template);
        let definition = inside.join(format!("{template}.toml"));
        let text = std::fs::read_to_string(&definition).unwrap();
        assert!(text.starts_with("#:schema ./schema/workflow.json\n"), "{text}");
        let (sound, said) = lint(&inside);
        assert!(sound && said.contains("2 files"), "{said}");
        let limit = text.lines().find(|line| line.starts_with("limit")).unwrap();
        for (written, misspelt, says) in [
            ("version ", "versoin ", "\"versoin\" is not allowed"),
            (limit, "limit = \"4hh\"", "does not match the pattern"),
        ] {
            std::fs::write(&definition, text.replacen(written, misspelt, 1)).unwrap();
            let (sound, said) = lint(&inside);
            assert!(!sound && said.contains(says), "{template}: {said}");
        }
        std::fs::write(&definition, &text).unwrap();
        let done = Command::new(tool("python"))
            .arg(root().join("adapters/cli/tests/editor.py"))
            .arg(tool("tombi"))
            .args([definition.as_os_str(), "\n[clocks.another]\n".as_ref()])
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let offered: Map<String, Json> = serde_json::from_slice(&done.stdout).unwrap();
        for key in ["starts", "limit", "ladder", "holder", "calendar"] {
            assert!(offered.contains_key(key), "{template}: {offered:?}");
        }
        assert!(
            offered.get("limit").unwrap().as_str().unwrap().contains("时限"),
            "explained in both languages"
        );
    }
}
