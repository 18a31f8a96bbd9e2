//! The real binary, started in the checkout; what runs ends with the test.

use std::io::{BufRead as _, BufReader, Read};
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

/// The lines of a stream, as they come.
pub fn lines(stream: impl Read) -> impl Iterator<Item = String> {
    BufReader::new(stream).lines().map(Result::unwrap)
}

/// Starts a server; comes back when it has printed as many lines, with its host and port and those lines.
pub fn start(args: &[&str], count: usize) -> (Running, String, Vec<String>) {
    let mut child = paidan(args).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = lines(child.stdout.take().unwrap());
    let running = Running(child);
    let told: Vec<String> = said.by_ref().take(count).collect();
    let address = told.first().unwrap().rsplit_once("http://").unwrap().1.to_string();
    assert_eq!(told.len(), count, "{told:?}");
    // What else is said is read, so that nobody waits to be heard.
    std::thread::spawn(move || said.for_each(drop));
    (running, address, told)
}
