//! Records: framing and body, as one line of canonical JSON. The line is what is hashed, and what
//! an export holds:
//!
//! ```text
//! [2,"case/1",7,"<hash before>","<command>","acted",1790751600000,{"by":...,"facts":[...]}]
//! ```
//!
//! The framing is form, stream, place in the stream, previous hash (empty in the first), command,
//! kind and recorded time. A store keeps those as columns and the body alone as bytes; nothing is
//! kept twice. See decision 0042.
//!
//! The **form** is how a record is written; the **format** ([`crate::sqlite::FORMAT`]) is how a
//! store's file is laid out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::borrow::Cow;

use crate::canonical;
use crate::fault::Fault;

/// The form in which records are written.
pub const FORM: u64 = 2;
/// The form before it: one object with sorted keys, the framing among them. Exports of that time
/// are still read.
pub const OBJECT_FORM: u64 = 1;

/// A record, read: its framing, and what its body says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Recorded time, milliseconds.
    pub at: i64,
    /// Who asked.
    pub by: Value,
    /// The command's id.
    pub cmd: String,
    /// What happened: the members of the body beside `by` and `due`.
    pub data: Value,
    /// The computed moment, where it differs from `at`.
    pub due: Option<i64>,
    /// The form, [`FORM`].
    pub form: u64,
    /// What kind of record.
    pub kind: String,
    /// The hash of the record before, hex; absent in the first.
    pub prev: Option<String>,
    /// Its place in the stream, from 1.
    pub seq: u64,
    /// The stream.
    pub stream: String,
}

impl Header {
    /// The canonical bytes.
    ///
    /// # Errors
    /// [`Fault::Record`] when the data has no canonical form.
    pub fn bytes(&self) -> Result<Vec<u8>, Fault> {
        if self.form == OBJECT_FORM {
            return canonical::to_vec(&ObjectForm::from(self.clone()));
        }
        let frame = Frame {
            form: self.form,
            stream: &self.stream,
            seq: self.seq,
            prev: self.prev.as_deref().unwrap_or_default(),
            cmd: &self.cmd,
            kind: &self.kind,
            at: self.at,
        };
        Ok(frame.line(&body(&self.by, self.due, &self.data)?)?.0)
    }

    /// Reads the bytes of a record.
    ///
    /// # Errors
    /// [`Fault::Record`] when they are no record.
    pub fn read(bytes: &[u8]) -> Result<Self, Fault> {
        if bytes.first() == Some(&b'{') {
            let old: ObjectForm = serde_json::from_slice(bytes).map_err(not_read)?;
            return if old.v == OBJECT_FORM { Ok(old.into()) } else { Err(unknown(old.v)) };
        }
        let Parts(form, stream, seq, prev, cmd, kind, at, body) =
            serde_json::from_slice(bytes).map_err(not_read)?;
        if form != FORM {
            return Err(unknown(form));
        }
        let mut body: Map<String, Value> = body;
        let due = body.remove("due").map(serde_json::from_value).transpose().map_err(not_read)?;
        let by = body.remove("by").ok_or_else(|| Fault::Record("nobody asked for it".into()))?;
        let prev = (!prev.is_empty()).then(|| hex_of(&prev)).transpose()?;
        let (stream, cmd, kind) = (stream.into_owned(), cmd.into_owned(), kind.into_owned());
        Ok(Self { at, by, cmd, data: Value::Object(body), due, form, kind, prev, seq, stream })
    }
}

fn not_read(error: serde_json::Error) -> Fault {
    Fault::Record(error.to_string())
}

fn unknown(form: u64) -> Fault {
    Fault::Record(format!("form {form}; this program knows {FORM}, and {OBJECT_FORM} of exports"))
}

/// A line, in its parts.
#[derive(Deserialize)]
struct Parts<'l, B>(
    u64,
    #[serde(borrow)] Cow<'l, str>,
    u64,
    #[serde(borrow)] Cow<'l, str>,
    #[serde(borrow)] Cow<'l, str>,
    #[serde(borrow)] Cow<'l, str>,
    i64,
    B,
);

/// Reads the body of a record straight from its bytes, without a tree in between.
///
/// # Errors
/// [`Fault::Record`] when they are no record of [`FORM`].
pub fn read_body<B: for<'b> Deserialize<'b>>(bytes: &[u8]) -> Result<B, Fault> {
    let Parts(form, .., body): Parts<'_, B> = serde_json::from_slice(bytes).map_err(not_read)?;
    if form == FORM { Ok(body) } else { Err(unknown(form)) }
}

/// The body of a record: who asked, the computed moment where it differs, and what happened.
///
/// # Errors
/// [`Fault::Record`] when it has no canonical form, or what happened has a member that the body
/// has.
pub fn body(
    by: &(impl Serialize + ?Sized),
    due: Option<i64>,
    data: &(impl Serialize + ?Sized),
) -> Result<Vec<u8>, Fault> {
    #[derive(Serialize)]
    struct Body<'b, B: ?Sized, D: Serialize + ?Sized> {
        by: &'b B,
        #[serde(skip_serializing_if = "Option::is_none")]
        due: Option<i64>,
        #[serde(flatten)]
        data: &'b D,
    }
    canonical::to_vec(&Body { by, due, data })
}

/// What stands before the body.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'f> {
    /// The form.
    pub form: u64,
    /// The stream.
    pub stream: &'f str,
    /// The place in the stream, from 1.
    pub seq: u64,
    /// The hash of the record before, hex; empty in the first.
    pub prev: &'f str,
    /// The command's id.
    pub cmd: &'f str,
    /// What kind of record.
    pub kind: &'f str,
    /// Recorded time, milliseconds.
    pub at: i64,
}

impl Frame<'_> {
    /// The line of a record, which is what is hashed, and where in it the body begins.
    ///
    /// # Errors
    /// [`Fault::Record`] when the body is no object, or the hash before is none.
    pub fn line(&self, body: &[u8]) -> Result<(Vec<u8>, usize), Fault> {
        if body.first() != Some(&b'{') || body.last() != Some(&b'}') {
            return Err(Fault::Record("the body is no object".into()));
        }
        self.around(body)
    }

    /// The same for a body that is kept, whatever has become of it: whether it holds, the hash
    /// says.
    ///
    /// # Errors
    /// [`Fault::Record`] when the hash before is none.
    pub(crate) fn around(&self, body: &[u8]) -> Result<(Vec<u8>, usize), Fault> {
        let prev = hex::decode(self.prev).map_err(|error| Fault::Record(error.to_string()))?;
        let prev = STANDARD_NO_PAD.encode(prev);
        let framing = (self.form, self.stream, self.seq, prev, self.cmd, self.kind, self.at);
        let mut line = canonical::to_vec(&framing)?;
        line.pop();
        line.reserve(body.len() + 2);
        line.push(b',');
        let begins = line.len();
        line.extend_from_slice(body);
        line.push(b']');
        Ok((line, begins))
    }
}

/// A hash in hex that a record has in base64.
fn hex_of(hash: &str) -> Result<String, Fault> {
    let bytes = STANDARD_NO_PAD.decode(hash).map_err(|error| Fault::Record(error.to_string()))?;
    Ok(hex::encode(bytes))
}

/// A record of [`OBJECT_FORM`]: framing and data side by side, keys in order of name.
#[derive(Serialize, Deserialize)]
struct ObjectForm {
    at: i64,
    by: Value,
    cmd: String,
    data: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<i64>,
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prev: Option<String>,
    seq: u64,
    stream: String,
    v: u64,
}

impl From<ObjectForm> for Header {
    fn from(old: ObjectForm) -> Self {
        let ObjectForm { at, by, cmd, data, due, kind, prev, seq, stream, v } = old;
        Self { at, by, cmd, data, due, form: v, kind, prev, seq, stream }
    }
}

impl From<Header> for ObjectForm {
    fn from(header: Header) -> Self {
        let Header { at, by, cmd, data, due, form, kind, prev, seq, stream } = header;
        Self { at, by, cmd, data, due, kind, prev, seq, stream, v: form }
    }
}
