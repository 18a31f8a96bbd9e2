//! The wire: whatever stands in a request, one request has one answer, and a client that is slow, or says too much, is let go.

use std::time::Duration;

use crate::town::Town;
use paidan_http::server::{HEADER_SECONDS, HEADERS_MAX, serve};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How a request may say that its body comes in chunks, or seem to.
const CHUNKS: [&str; 14] = [
    "Transfer-Encoding: chunked",
    "TRANSFER-ENCODING: CHUNKED",
    "Transfer-Encoding:\tchunked",
    "Transfer-Encoding : chunked",
    " Transfer-Encoding: chunked",
    "Transfer-Encoding: xchunked",
    "Transfer-Encoding: \"chunked\"",
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: identity, chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "Transfer-Encoding: \u{b}chunked",
    "Transfer-Encoding:\r\n chunked",
    "X-Folded: one\r\n two\r\nTransfer-Encoding: chunked",
    "X-Bare: one\nTransfer-Encoding: chunked",
];
/// How it may say how long it is.
const LENGTHS: [&str; 10] = [
    "Content-Length: 6",
    "Content-Length:\t6",
    "Content-Length : 6",
    "Content-Length: 6\r\nContent-Length: 0",
    "Content-Length: 0\r\nContent-Length: 6",
    "Content-Length: +6",
    "Content-Length: -1",
    "Content-Length: 6, 6",
    "Content-Length: 0x6",
    "Content-Length: 18446744073709551617",
];
/// An empty body in chunks, and a request that somebody hides behind it.
const BODY: &str = "0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: hidden\r\n\r\n";

/// A town that listens; it ends with the test.
async fn listening() -> std::net::SocketAddr {
    let town = Town::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { serve(listener, town.routes, std::future::pending()).await });
    address
}

/// Sends bytes, says that no more come, and reads until the server closes.
async fn said(address: std::net::SocketAddr, bytes: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // Whoever is refused early may find the door closed before all is written.
    let _written = stream.write_all(bytes.as_bytes()).await;
    let _ended = stream.shutdown().await;
    let mut answer = Vec::new();
    let _read = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn answers(text: &str) -> usize {
    text.matches("HTTP/1.1 ").count()
}

#[tokio::test]
async fn no_request_hides_behind_another() {
    let address = listening().await;
    let two = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    assert_eq!(answers(&said(address, two).await), 2, "two that are told apart are two");
    for chunks in CHUNKS {
        for length in LENGTHS {
            for (first, second) in [(chunks, length), (length, chunks)] {
                let head = format!("POST /v1/cases HTTP/1.1\r\nHost: a\r\n{first}\r\n{second}\r\n\r\n");
                let answer = said(address, &format!("{head}{BODY}")).await;
                assert!(answers(&answer) <= 1, "{head:?}: {answer}");
                assert!(!answer.contains("HTTP/1.1 2"), "{head:?}: {answer}");
            }
        }
    }
}

#[tokio::test]
async fn a_request_that_says_too_much_is_refused() {
    let address = listening().await;
    let many = "X-One: 1\r\n".repeat(HEADERS_MAX + 1);
    for (head, status) in [
        (format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n"), "431"),
        (format!("GET / HTTP/1.1\r\nHost: a\r\nX-Long: {}\r\n\r\n", "x".repeat(17 * 1024)), "431"),
        (format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(66 * 1024)), "431"),
        ("GET / HTTP/9.9\r\nHost: a\r\n\r\n".into(), "400"),
        ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n".into(), "400"),
        ("GET / HTTP/1.1\r\nHost: a\r\nX-Nul: \0\r\n\r\n".into(), "400"),
    ] {
        let answer = said(address, &head).await;
        let short: String = head.chars().take(60).collect();
        assert!(
            answer.is_empty() || answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{short:?}: {answer}"
        );
        assert!(answers(&answer) <= 1, "{short:?}: {answer}");
    }
}

/// The clock of this test stands still unless everybody waits: ten seconds pass at once.
#[tokio::test(start_paused = true)]
async fn unfinished_headers_are_disconnected() {
    let address = listening().await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ").await.unwrap();
    let before = tokio::time::Instant::now();
    let mut answer = Vec::new();
    let patience = Duration::from_secs(4 * HEADER_SECONDS);
    tokio::time::timeout(patience, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    assert!(before.elapsed() >= Duration::from_secs(HEADER_SECONDS), "it had its ten seconds");
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/1.1 2"), "{answer:?}");
}
