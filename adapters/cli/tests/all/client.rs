//! Asks a server that runs: each request has a connection of its own, which is read until the
//! server closes it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value as Json;

/// One pixel.
pub const PHOTO: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\
    \0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

/// A request that is being written.
pub struct Request {
    line: String,
    headers: String,
    body: Vec<u8>,
}

impl Request {
    pub fn new(method: &str, path: &str) -> Self {
        Self { line: format!("{method} {path} HTTP/1.1"), headers: String::new(), body: Vec::new() }
    }

    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub fn post(path: &str, kind: &str, body: &[u8]) -> Self {
        Self { body: body.to_vec(), ..Self::new("POST", path) }.header("Content-Type", kind)
    }

    pub fn json(path: &str, body: &Json) -> Self {
        Self::post(path, "application/json", body.to_string().as_bytes())
    }

    pub fn form(path: &str, body: &str) -> Self {
        Self::post(path, "application/x-www-form-urlencoded", body.as_bytes())
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers += &format!("{name}: {value}\r\n");
        self
    }

    /// As whom a demonstration is asked.
    pub fn who(self, subject: &str) -> Self {
        self.header("Cookie", &format!("who={subject}"))
    }

    pub fn key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    /// The answer, or nothing when the server is gone before it has said all of it.
    pub fn try_send(self, address: &str) -> Option<Answer> {
        let Self { line, headers, body } = self;
        let mut stream = TcpStream::connect(address).ok()?;
        let length = body.len();
        let head = format!(
            "{line}\r\nHost: {address}\r\nConnection: close\r\n{headers}\
             Content-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(&body).ok()?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).ok()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some(Answer { status, text: body.to_string() })
    }

    pub fn send(self, address: &str) -> Answer {
        let line = self.line.clone();
        self.try_send(address).unwrap_or_else(|| panic!("nobody answers `{line}` at {address}"))
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Json {
        serde_json::from_str(self.text.trim()).unwrap()
    }
}
