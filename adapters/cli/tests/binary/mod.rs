//! The real binary, started in the checkout; what runs ends with the test.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The top of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The binary with its words.
pub fn paidan(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paidan"));
    command.current_dir(root()).args(args);
    command
}

/// A process that ends with the test.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Starts a server; comes back when it has printed as many lines, with its host and port and those lines.
pub fn start(args: &[&str], lines: usize) -> (Running, String, Vec<String>) {
    let mut child = paidan(args).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let running = Running(child);
    let told: Vec<String> = said.by_ref().take(lines).collect();
    let address = told.first().unwrap().rsplit_once("http://").unwrap().1.to_string();
    assert_eq!(told.len(), lines, "{told:?}");
    // What else is said is read, so that nobody waits to be heard.
    std::thread::spawn(move || said.for_each(drop));
    (running, address, told)
}
