//! What one append holds, and what comes back: all of it or nothing.

/// A record to be: the store adds its place and the link to the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Recorded time, milliseconds.
    pub at: i64,
    /// The command's id.
    pub cmd: String,
    /// What kind of record.
    pub kind: String,
    /// Who asked and what happened, as [`crate::record::body`] writes it.
    pub body: Vec<u8>,
}

/// What goes to one stream.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamAppend {
    /// The stream, such as `case/<id>`.
    pub stream: String,
    /// The last sequence that was seen; 0 for a new stream.
    pub expected: u64,
    /// Records, in order.
    pub drafts: Vec<Draft>,
    /// The moment of the stream's next timer.
    pub due: Option<i64>,
    /// The public number, given once.
    pub number: Option<String>,
    /// View rows that are new or other than before.
    pub rows: Vec<ViewRow>,
    /// View rows that are gone, by view and key.
    pub gone: Vec<(String, String)>,
}

/// One row of a view: one per open task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewRow {
    /// Which view.
    pub view: String,
    /// Its key within the view.
    pub key: String,
    /// On whose list it stands.
    pub owner: String,
    /// When it is due.
    pub due: Option<i64>,
    /// What is shown, JSON.
    pub body: String,
}

/// A message or errand to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// A constant id: delivering twice can be told.
    pub id: String,
    /// The stream it comes from.
    pub stream: String,
    /// The record it comes from.
    pub seq: u64,
    /// What is to be delivered, JSON.
    pub body: String,
    /// Not before, milliseconds.
    pub not_before: i64,
}

/// A letter with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The letter.
    pub letter: Letter,
    /// How often it was tried.
    pub attempts: u32,
    /// `waiting`, `delivered`, `dead`.
    pub state: String,
    /// What was said last.
    pub note: String,
    /// When it was delivered or given up.
    pub done_at: Option<i64>,
}

/// A personal value and its salt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultRow {
    /// What the record holds.
    pub commitment: String,
    /// Whose it is.
    pub subject: Option<String>,
    /// The stream.
    pub stream: String,
    /// The field.
    pub field: String,
    /// The salt.
    pub salt: Vec<u8>,
    /// The value, JSON.
    pub value: String,
}

/// The answer to a request that may be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The hash of caller, method, path and key.
    pub key: String,
    /// The command's id.
    pub cmd: String,
    /// The hash of the request's body.
    pub body_hash: String,
    /// The stream it touched.
    pub stream: String,
    /// The sequence it reached.
    pub seq: u64,
    /// Until when it is kept, milliseconds.
    pub expires: i64,
}

/// A document in force: a definition, a calendar, a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// SHA-256 of the bytes, hex.
    pub digest: String,
    /// `definition`, `calendars`, `roster`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// Canonical bytes.
    pub bytes: Vec<u8>,
    /// The text it was read from.
    pub source: String,
}

/// One append: everything it holds is written, or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Append {
    /// What goes to each stream.
    pub streams: Vec<StreamAppend>,
    /// Messages and errands, each with the sequence of the record it comes from.
    pub letters: Vec<Letter>,
    /// Personal values.
    pub vault: Vec<VaultRow>,
    /// The answer to keep.
    pub answer: Option<Answer>,
    /// Documents.
    pub documents: Vec<Document>,
    /// Files that values of this append name.
    pub files: Vec<FileUse>,
}

/// A kept file that a value names: for as long as that value is there, the file is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileUse {
    /// The file's digest.
    pub digest: String,
    /// The stream whose record holds the value.
    pub stream: String,
    /// The commitment of the value in the vault; empty: it stands in the record for ever.
    pub commitment: String,
}

/// What became of an append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Durable; the last sequence of each stream, in order.
    Stored(Vec<u64>),
    /// A stream is elsewhere than expected; nothing was written.
    Conflict {
        /// Which stream.
        stream: String,
        /// Where it is.
        actual: u64,
    },
    /// The same request was answered before; nothing was written.
    Repeated(Answer),
    /// A file that is named is not kept here (any more); nothing was written.
    NoFile(String),
    /// The store cannot say whether it was written.
    Unknown(String),
    /// It was not written: the store refused.
    Failed(String),
}

/// A record as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its place among all records.
    pub pos: i64,
    /// Its place in the stream.
    pub seq: u64,
    /// Its kind.
    pub kind: String,
    /// Recorded time.
    pub at: i64,
    /// The command's id.
    pub cmd: String,
    /// The bytes that are hashed: framing and body.
    pub bytes: Vec<u8>,
    /// Where in the bytes the body begins; it ends before the last of them.
    pub body: usize,
    /// The hash of the bytes.
    pub hash: Vec<u8>,
}

impl StoredRecord {
    /// The body alone.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.bytes.get(self.body..self.bytes.len().saturating_sub(1)).unwrap_or_default()
    }
}

/// The end of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The last sequence.
    pub seq: u64,
    /// The hash of the last record, hex; empty for a new stream.
    pub hash: String,
}
