//! Looks at cases that wait to be written down.

use paidan_model::roster::Post;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

/// One look at a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// When, milliseconds.
    pub at: i64,
    /// Who: a subject id; empty for somebody without an account.
    pub subject: String,
    /// The posts they held then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub posts: Vec<Post>,
    /// Through which door.
    pub via: String,
    /// Which case.
    pub stream: String,
    /// What was looked at: `case`, `history`, `verify`, `xes`, `records`, `compare`, `file`, `receipt`,
    /// `access`.
    pub what: String,
    /// The fields that were shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Whether they were allowed to; if not, they were told that there is no such case.
    pub allowed: bool,
}

/// A look that waits to be written.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub look: Look,
    pub done: oneshot::Sender<bool>,
}

/// What waits, and where today's stream ends.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    pub waiting: std::sync::Mutex<Vec<Waiting>>,
    pub tail: tokio::sync::Mutex<Option<Tail>>,
}

#[derive(Debug)]
pub(crate) struct Tail {
    pub stream: String,
    pub seq: u64,
    pub at: i64,
}

impl Witness {
    pub fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
