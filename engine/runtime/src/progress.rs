//! How far a start has come: the key of its stream and the records in it.

use paidan_journal::entry::{Draft, StreamAppend};
use paidan_journal::record::body;
use paidan_journal::{Fault, Header};
use paidan_model::id::{StartId, UnitId, WorkflowId};
use paidan_model::moment::Moment;
use paidan_model::start::Start;
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

/// Which start of which workflow, for which unit where each has its own case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartKey {
    /// The workflow.
    pub workflow: WorkflowId,
    /// The start.
    pub start: StartId,
    /// The unit; none: the case belongs where its form says.
    pub unit: Option<UnitId>,
}

impl StartKey {
    /// The stream in which stands how far it has come.
    #[must_use]
    pub fn stream(&self) -> String {
        let Self { workflow, start, unit } = self;
        let unit = unit.as_ref().map(|unit| format!("/{unit}")).unwrap_or_default();
        format!("start/{workflow}/{start}{unit}")
    }
}

/// How far a start has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The last sequence of its stream.
    pub seq: u64,
    /// The last planned moment that was dealt with, or since when it is watched.
    pub since: Option<Moment>,
    /// What identifies the rule by which it was watched.
    pub rule: String,
}

/// What identifies a rule: another rule is watched from the moment on at which it is in force.
pub(crate) fn rule(start: &Start) -> Result<String, Fault> {
    let value = serde_json::to_value(start).map_err(|error| Fault::Record(error.to_string()))?;
    Ok(hex::encode(Sha256::digest(value.to_string().as_bytes())))
}

/// The records of a start: what each says beside the planned moment.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Note<'n> {
    /// It is watched from a moment on.
    Watched,
    /// A case was opened.
    Opened { case: &'n str, number: &'n str },
    /// What came was missed, and is not made up for.
    Passed,
    /// No case could be opened.
    Refused { why: &'n str },
}

impl Note<'_> {
    fn kind(self) -> &'static str {
        match self {
            Self::Watched => "scheduled",
            Self::Opened { .. } => "started",
            Self::Passed => "passed",
            Self::Refused { .. } => "refused",
        }
    }

    fn data(self, until: Moment, rule: &str) -> Json {
        let until = until.millis();
        match self {
            Self::Watched | Self::Passed => json!({ "until": until, "rule": rule }),
            Self::Opened { case, number } => {
                json!({ "until": until, "rule": rule, "case": case, "number": number })
            }
            Self::Refused { why } => json!({ "until": until, "rule": rule, "why": why }),
        }
    }
}

impl Progress {
    /// What the last record of a start's stream says.
    pub fn read(seq: u64, bytes: &[u8]) -> Result<Self, Fault> {
        let Header { data, .. } = Header::read(bytes)?;
        let until = data.get("until").and_then(Json::as_i64);
        let silent = || Fault::Record("a start does not say how far it has come".into());
        let since = Moment::from_millis(until.ok_or_else(silent)?);
        let rule = data.get("rule").and_then(Json::as_str).unwrap_or_default().to_string();
        Ok(Self { seq, since: Some(since), rule })
    }

    /// The record after it, written at a moment under a command's id.
    pub fn record(
        &self,
        stream: String,
        until: Moment,
        note: Note<'_>,
        at: Moment,
        cmd: String,
    ) -> Result<StreamAppend, Fault> {
        let draft = Draft {
            at: at.millis(),
            cmd,
            kind: note.kind().into(),
            body: body("engine", None, &note.data(until, &self.rule))?,
        };
        Ok(StreamAppend {
            stream,
            expected: self.seq,
            drafts: vec![draft],
            due: None,
            number: None,
            rows: Vec::new(),
            gone: Vec::new(),
        })
    }
}
