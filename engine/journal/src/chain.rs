//! The chain: each record names the SHA-256 of the one before it in its stream.

use sha2::{Digest as _, Sha256};

use crate::entry::{Draft, Head, StoredRecord};
use crate::fault::Fault;
use crate::record::{FORM, Frame, Header};

/// The hash of stored bytes.
#[must_use]
pub fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Turns drafts into bytes that follow a head; returns them with the new head.
///
/// # Errors
/// When a draft has no canonical form.
pub fn link(stream: &str, head: &Head, drafts: &[Draft]) -> Result<(Vec<StoredRecord>, Head), Fault> {
    let mut head = head.clone();
    let mut linked = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let Draft { at, cmd, kind, body } = draft;
        let seq = head.seq + 1;
        let (bytes, body) =
            Frame { form: FORM, stream, seq, prev: &head.hash, cmd, kind, at: *at }.line(body)?;
        let hash = hash(&bytes).to_vec();
        head = Head { seq, hash: hex::encode(&hash) };
        let (kind, cmd) = (kind.clone(), cmd.clone());
        linked.push(StoredRecord { pos: 0, seq, kind, at: *at, cmd, bytes, body, hash });
    }
    Ok((linked, head))
}

/// A place where a stream is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The stream.
    pub stream: String,
    /// The record, from 1.
    pub seq: u64,
    /// What is wrong.
    pub what: String,
}

/// Looks through a stream from its first record: hashes, links, numbering, columns.
///
/// # Errors
/// The first place that is wrong.
pub fn verify(stream: &str, records: &[StoredRecord]) -> Result<(), Broken> {
    follow(stream, 1, None, records)
}

/// Looks through records of a stream that go on from one before them: the first has this number,
/// and names that hash.
///
/// # Errors
/// The first place that is wrong.
pub fn follow(
    stream: &str,
    first: u64,
    mut prev: Option<String>,
    records: &[StoredRecord],
) -> Result<(), Broken> {
    for (seq, record) in (first..).zip(records) {
        let broken = |what: &str| Broken { stream: stream.to_string(), seq, what: what.to_string() };
        if record.seq != seq {
            return Err(broken("a record is missing before this one"));
        }
        let found = hash(&record.bytes);
        if found.as_slice() != record.hash.as_slice() {
            return Err(broken("the bytes are not those that were hashed"));
        }
        let header = Header::read(&record.bytes).map_err(|fault| broken(&fault.to_string()))?;
        if header.bytes().map_err(|fault| broken(&fault.to_string()))? != record.bytes {
            return Err(broken("the bytes are not canonical"));
        }
        if header.prev != prev {
            return Err(broken("the link to the record before does not hold"));
        }
        let same = header.seq == seq
            && header.stream == stream
            && header.kind == record.kind
            && header.at == record.at
            && header.cmd == record.cmd;
        if !same {
            return Err(broken("a column differs from the record"));
        }
        prev = Some(hex::encode(found));
    }
    Ok(())
}
