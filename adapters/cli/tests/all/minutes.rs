//! The first five minutes of a clerk, an auditor and an integrator, in a real browser, row by row. `PAIDAN_SHOTS` names a
//! folder for pictures of each row.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::binary::{Running, paidan, root, start};

#[test]
fn nobody_is_trained_and_everything_printed_is_true() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("town.paidan").display().to_string();
    // The clock stands where the day before the holiday is, until somebody puts it forward.
    let (_dev, dev, _) =
        start(&["dev", "--still", "--quiet", "--listen", "127.0.0.1:0", "--store", &store], 3);
    let python = root().join("target/tools/venv/bin/python");
    assert!(python.exists(), "run `cargo xtask tools` first: the browser is driven by other people's means");
    let shots = std::env::var("PAIDAN_SHOTS").unwrap_or_else(|_| folder.path().display().to_string());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/minutes.py");
    let binary = paidan(&[]).get_program().to_owned();
    let done = Command::new(python)
        .args([script.as_os_str(), format!("http://{dev}").as_ref(), &binary, shots.as_ref()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
}

/// Whoever sits at a terminal has the browser opened; a program that reads what is printed has not.
#[test]
fn the_browser_opens_only_at_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let asked = folder.path().join("asked");
    assert!(Command::new("mkfifo").arg(&asked).status().unwrap().success());
    let opener = folder.path().join("xdg-open");
    std::fs::write(&opener, format!("#!/bin/sh\necho \"$1\" > {}\n", asked.display())).unwrap();
    std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let drain = root().join("examples/drain.toml").display().to_string();
    let line = paidan(&["dev", "--quiet", "--still", "--listen", "127.0.0.1:0", "--workflows", &drain]);
    let words = std::iter::once(line.get_program()).chain(line.get_args());
    let typed = words.map(|word| format!("'{}'", word.to_str().unwrap())).collect::<Vec<_>>().join(" ");
    // `script` gives a command a terminal of its own.
    let terminal = Command::new("script")
        .args(["--quiet", "--return", "--command", &format!("exec {typed}"), "/dev/null"])
        .env("PATH", path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut terminal = Running(terminal);
    let printed = BufReader::new(terminal.0.stdout.take().unwrap());
    let pages = printed.lines().map_while(Result::ok).find(|line| line.starts_with("pages:")).unwrap();
    let opened = std::fs::read_to_string(&asked).unwrap();
    assert_eq!(opened.trim(), pages.trim_start_matches("pages:").trim());
}
