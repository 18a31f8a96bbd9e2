//! Commitments: what a record holds of a personal value.

use alloc::string::{String, ToString as _};
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

/// The length of a salt, in bytes.
pub const SALT_BYTES: usize = 32;

/// The commitment to a value of a field in a stream, as hex of SHA-256 over a domain, the salt and
/// the canonical JSON of `[stream, field, value]`.
#[must_use]
pub fn commitment(stream: &str, field: &str, value: &Json, salt: &[u8; SALT_BYTES]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"paidan/commit/1\0");
    hash.update(salt);
    hash.update(json!([stream, field, value]).to_string().as_bytes());
    hex::encode(hash.finalize())
}
