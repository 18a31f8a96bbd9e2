//! Records: a header and data, as canonical bytes.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical;
use crate::fault::Fault;

/// The version of the record's form.
pub const FORM: u64 = 1;

/// A record as it is written: header and data side by side, keys in order of name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Recorded time, milliseconds.
    pub at: i64,
    /// Who asked.
    pub by: Value,
    /// The command's id.
    pub cmd: String,
    /// What happened.
    pub data: Value,
    /// The computed moment, where it differs from `at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<i64>,
    /// What kind of record.
    pub kind: String,
    /// The hash of the record before; absent in the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev: Option<String>,
    /// Its place in the stream, from 1.
    pub seq: u64,
    /// The stream.
    pub stream: String,
    /// The form's version, [`FORM`].
    pub v: u64,
}

impl Header {
    /// The canonical bytes.
    ///
    /// # Errors
    /// [`Fault::Record`] when the data has no canonical form.
    pub fn bytes(&self) -> Result<Vec<u8>, Fault> {
        let value = serde_json::to_value(self).map_err(|error| Fault::Record(error.to_string()))?;
        canonical::bytes(&value)
    }

    /// Reads stored bytes.
    ///
    /// # Errors
    /// [`Fault::Record`] when they are no record.
    pub fn read(bytes: &[u8]) -> Result<Self, Fault> {
        serde_json::from_slice(bytes).map_err(|error| Fault::Record(error.to_string()))
    }
}
