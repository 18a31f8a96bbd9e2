//! What tests need besides Rust and a C compiler: other people's clients, in a Python environment of our own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::process;

/// Packages from PyPI with the versions that the tests were written against.
const PYTHON: [&str; 7] = [
    "aiosmtpd==1.4.6",
    "standardwebhooks==1.1.0",
    "schemathesis==4.32.5",
    "playwright==1.65.2",
    "axe-playwright-python==0.1.8",
    // A plugin of editors for TOML, and the schema validator that schemathesis brings along.
    "tombi==1.9.6",
    // AGPL: it reads what we wrote, in a process of its own, and is part of nothing that ships.
    "pm4py==2.7.23.11",
];
/// Proves that they are there.
const IMPORTS: &str = "import importlib.metadata
import aiosmtpd, standardwebhooks, schemathesis, playwright, axe_playwright_python, pm4py, jsonschema_rs
importlib.metadata.version('tombi')";
/// What a browser test needs of Debian: the browser, and letters for Chinese.
const BROWSER: [(&str, &str); 2] = [
    ("/usr/bin/chromium", "chromium"),
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "fonts-noto-cjk"),
];

/// Installs what is missing; a second call finds everything and changes nothing.
pub fn install(root: &Path) -> anyhow::Result<()> {
    let missing: Vec<&str> =
        BROWSER.iter().filter(|(file, _)| !Path::new(file).exists()).map(|(_, package)| *package).collect();
    if !missing.is_empty() {
        debian(&missing)?;
    }
    let venv = root.join("target").join("tools").join("venv");
    let python = venv.join("bin").join("python");
    if process::succeeds(Command::new(&python).args(["-c", IMPORTS])) {
        println!("{} has {}", venv.display(), PYTHON.join(", "));
        return Ok(());
    }
    environment(&venv)?;
    process::run(
        Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(PYTHON),
    )
    .context("the Python packages of the tests cannot be fetched from PyPI; is there a network?")?;
    if !process::succeeds(Command::new(&python).args(["-c", IMPORTS])) {
        bail!("{} was filled, yet `{IMPORTS}` fails in it; delete the folder and try again", venv.display());
    }
    println!("{} now has {}", venv.display(), PYTHON.join(", "));
    Ok(())
}

/// Makes an empty Python environment, with Debian's package for it where that is missing.
fn environment(venv: &Path) -> anyhow::Result<()> {
    if let Some(parent) = venv.parent() {
        std::fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    }
    let make = || {
        let mut command = Command::new("python3");
        command.args(["-m", "venv", "--clear"]).arg(venv);
        command
    };
    if process::succeeds(&mut make()) {
        return Ok(());
    }
    debian(&["python3-venv"])?;
    process::run(&mut make())
}

/// Installs Debian packages where we may, and says which are missing where we may not.
fn debian(packages: &[&str]) -> anyhow::Result<()> {
    let names = packages.join(" ");
    let by_hand = format!("missing on this machine: {names}; on Debian: sudo apt-get install {names}");
    if find("apt-get").is_none() {
        bail!("{by_hand}");
    }
    let leave = if is_root() {
        &[][..]
    } else if process::succeeds(Command::new("sudo").args(["-n", "true"])) {
        &["sudo", "-n"][..]
    } else {
        bail!("{by_hand}");
    };
    println!("installing Debian packages: {names}");
    let apt = |words: &[&str]| {
        let line =
            [leave, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet=2"], words].concat();
        let (program, args) = line.split_first().context("an empty command line")?;
        process::run(Command::new(program).args(args))
    };
    apt(&["update"]).with_context(|| by_hand.clone())?;
    apt(&[&["install", "--yes", "--no-install-recommends"], packages].concat()).context(by_hand)
}

fn is_root() -> bool {
    process::read(Command::new("id").arg("-u")).is_ok_and(|id| id.trim_ascii() == b"0")
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
