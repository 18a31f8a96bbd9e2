//! The pages in a real browser, and two processes on one file. `PAIDAN_SHOTS` names a folder for pictures of failures.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::binary::{paidan, root, start};

#[test]
fn the_pages_in_a_real_browser() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("serve.paidan").display().to_string();
    let user = ["user", "add", "lin", "--subject", "dispatcher", "--admin", "--store", &store];
    let mut made = paidan(&user).stdin(Stdio::piped()).spawn().unwrap();
    made.stdin.take().unwrap().write_all(b"correct-horse-battery\n").unwrap();
    assert!(made.wait().unwrap().success());
    let town = folder.path().join("dev.paidan").display().to_string();
    let serve = ["serve", "--config", "config/paidan.toml", "--listen", "127.0.0.1:0", "--store", &store];
    let (_serve, serve, _) = start(&serve, 1);
    let fresh = folder.path().join("fresh.paidan").display().to_string();
    let first = ["serve", "--config", "config/paidan.toml", "--listen", "127.0.0.1:0", "--store", &fresh];
    let (_fresh, _, told) = start(&first, 3);
    let setup = told.iter().find_map(|line| line.strip_prefix("first administrator: ")).unwrap();
    // With its scenes, and the story from its first case on.
    let (_dev, dev, _) = start(&["dev", "--listen", "127.0.0.1:0", "--store", &town], 12);
    let python = root().join("target/tools/venv/bin/python");
    assert!(python.exists(), "run `cargo xtask tools` first: the browser is driven by other people's means");
    let shots = std::env::var("PAIDAN_SHOTS").unwrap_or_else(|_| folder.path().display().to_string());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages.py");
    let (dev, serve) = (format!("http://{dev}"), format!("http://{serve}"));
    let done = Command::new(python).arg(script).args([dev.as_str(), &serve, setup, &shots]).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
    println!("{said}");
}

#[test]
fn a_second_node_on_one_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("town.paidan").display().to_string();
    let (_running, ..) = start(&["dev", "--quiet", "--listen", "127.0.0.1:0", "--store", &store], 1);
    for args in [
        vec!["dev", "--quiet", "--listen", "127.0.0.1:0", "--store", &store],
        vec!["serve", "--config", "config/paidan.toml", "--listen", "127.0.0.1:0", "--store", &store],
        vec!["audit", "verify", "--store", &store],
    ] {
        let second = paidan(&args).output().unwrap();
        let why = String::from_utf8(second.stderr).unwrap();
        assert_eq!(second.status.code(), Some(3), "{args:?}: {why}");
        assert!(why.contains("another process"), "{args:?}: {why}");
    }
}
