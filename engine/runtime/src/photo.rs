//! Photos and documents: taken in by their bytes, never by what the sender calls them.

use std::collections::BTreeMap;

use futures_core::Stream;
use paidan_journal::Fault;
use paidan_journal::file::{Incoming, Kept, NotKept};
use paidan_machine::reference::mentions_in;
use paidan_model::workflow::Workflow;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use crate::desk::Desk;
use crate::world::{Clock as _, World};

/// The most bytes of a file: 20 MiB.
pub const FILE_BYTES_MAX: u64 = 20 * 1024 * 1024;
/// Bytes handed out at once.
pub const PIECE_BYTES: usize = 64 * 1024;

/// How long a file is kept that no value names, in milliseconds: seven days, so that a form that came back can be sent again.
pub const UNNAMED_KEPT: i64 = 7 * 86_400_000;

/// A picture of one grey point (PNG); what follows its end is skipped by whoever shows it.
const PICTURE: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0,
    1, 8, 6, 0, 0, 0, 0x1F, 0x15, 0xC4, 0x89, 0, 0, 0, 13, b'I', b'D', b'A', b'T', 0x78, 0x9C, 0x63, 0x60,
    0x60, 0x60, 0x60, 0, 0, 0, 5, 0, 1, 0xA5, 0xF6, 0x45, 0x40, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xAE,
    0x42, 0x60, 0x82,
];

/// Whether a name is that of kept bytes: SHA-256 in lower-case hex.
#[must_use]
pub fn is_digest(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The kinds that are taken: what a phone makes, and documents. Nothing that a browser would run.
#[must_use]
pub fn kind(head: &[u8]) -> Option<&'static str> {
    const TAKEN: [&str; 5] = ["image/jpeg", "image/png", "image/webp", "image/heif", "application/pdf"];
    let found = infer::get(head)?.mime_type();
    TAKEN.into_iter().find(|taken| *taken == found)
}

impl<W: World> Desk<W> {
    /// Keeps a file; the same bytes again are the same file. One that no case names within [`UNNAMED_KEPT`] is swept
    /// away by the rounds.
    ///
    /// # Errors
    /// When the store fails. A file that is not taken is an answer, not an error.
    pub async fn keep_file<B: AsRef<[u8]> + Send>(
        &self,
        by: &str,
        pieces: impl Stream<Item = Result<B, String>> + Send + Unpin,
    ) -> Result<Result<Kept, NotKept>, Fault> {
        let at = self.world.clock().now().millis();
        let incoming = Incoming { by, at, most: FILE_BYTES_MAX, kind };
        self.store().keep_file(incoming, pieces).await
    }

    /// Keeps a small picture for each file that a form names by a name and not by a digest, in the
    /// name of whoever fills the form in, and puts the digest in its place: for stories and
    /// imports, which tell of photos that nobody took.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn send_pictures(
        &self,
        workflow: &Workflow,
        by: &str,
        fill: &mut BTreeMap<String, Json>,
    ) -> Result<(), Fault> {
        let mut digests = BTreeMap::new();
        for name in mentions_in(workflow, fill).files.into_iter().filter(|name| !is_digest(name)) {
            let bytes = [PICTURE, name.as_bytes()].concat();
            let digest = hex::encode(Sha256::digest(&bytes));
            if !self.store().sent_file(&digest, by).await? {
                let pieces = futures_util::stream::iter([Ok::<_, String>(bytes)]);
                if self.keep_file(by, pieces).await?.is_err() {
                    continue;
                }
            }
            digests.insert(name, digest);
        }
        for name in fill.values_mut().filter_map(Json::as_array_mut).flatten().flat_map(cells) {
            if let Some(digest) = name.as_str().and_then(|name| digests.get(name)) {
                *name = Json::String(digest.clone());
            }
        }
        Ok(())
    }

    /// What is known of a file.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn file(&self, digest: &str) -> Result<Option<Kept>, Fault> {
        self.store().file(digest).await
    }

    /// Some bytes of a file from an offset; empty at its end.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn file_piece(&self, digest: &str, offset: u64) -> Result<Vec<u8>, Fault> {
        self.store().file_piece(digest, offset, PIECE_BYTES).await
    }
}

/// An item of a list; of a row of a table, its cells: a table may name the same photos in words.
fn cells(item: &mut Json) -> Vec<&mut Json> {
    match item {
        Json::Object(row) => row.values_mut().collect(),
        other => vec![other],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_tell_what_they_are() {
        assert_eq!(kind(&[0xFF, 0xD8, 0xFF, 0xE0, 0, 0]), Some("image/jpeg"));
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n"), Some("image/png"));
        assert_eq!(kind(b"%PDF-1.7"), Some("application/pdf"));
        for refused in
            [&b"<svg onload=alert(1)>"[..], b"<html>", b"MZ\x90", b"", b"GIF", b"PK\x03\x04", b"#!/bin/sh"]
        {
            assert_eq!(kind(refused), None, "{refused:?}");
        }
    }
}
