//! Commands: what may be asked of the engine, with what comes of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use paidan_machine::Refusal;
use paidan_machine::actor::Actor;
use paidan_machine::command::{Act, Heard, Parent};
use paidan_model::id::WorkflowId;
use paidan_model::moment::Moment;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::count::{Counts, add};
use crate::progress::StartKey;

/// Commands that may wait before the committer.
pub const QUEUE_MAX: usize = 8_192;
/// Live events that a slow reader may be behind.
const LIVE_MAX: usize = 1_024;
/// Seconds after which a refused-as-busy request may be tried again.
pub const BUSY_SECONDS: u32 = 1;

/// The key of a request that may be repeated: hashes, never the key itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The hash of caller, method, path and key.
    pub key: String,
    /// The hash of the body.
    pub body_hash: String,
}

impl Key {
    /// The key of a request.
    #[must_use]
    pub fn of(parts: &[&str], body: &[u8]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        Self { key: hex::encode(hash.finalize()), body_hash: hex::encode(Sha256::digest(body)) }
    }
}

/// What is wanted of the committer.
#[derive(Clone, Debug)]
pub enum Want {
    /// A new case.
    Open {
        /// Of which workflow.
        workflow: WorkflowId,
        /// The form.
        fill: BTreeMap<String, Json>,
        /// The channel it came by.
        channel: String,
        /// The case that opened it.
        parent: Option<Parent>,
        /// The units it belongs to, where a place does not tell.
        levels_of: Option<String>,
    },
    /// A new case for an occurrence of a start, once.
    Start {
        /// Which start.
        key: StartKey,
        /// When the schedule has it.
        planned: Moment,
    },
    /// An action on a case.
    Act {
        /// Which case.
        stream: String,
        /// What.
        act: Act,
    },
    /// An event for a case; ignored where nothing listens.
    Send {
        /// Which case.
        stream: String,
        /// Which event.
        event: paidan_model::id::ActionId,
    },
    /// What a linked case tells the one that opened it.
    Hear {
        /// Which case hears it.
        stream: String,
        /// What.
        heard: Heard,
    },
    /// Fire what is due.
    Tick {
        /// Which case.
        stream: String,
    },
    /// Note that the personal values of a closed case are erased.
    Redact {
        /// Which case.
        stream: String,
    },
}

/// One order in the queue.
#[derive(Debug)]
pub struct Order {
    pub(crate) actor: Actor,
    pub(crate) want: Want,
    pub(crate) key: Option<Key>,
    pub(crate) reply: oneshot::Sender<Result<Receipt, Denied>>,
}

/// What a command led to; durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The case's stream.
    pub stream: String,
    /// The last sequence.
    pub seq: u64,
    /// The case's number.
    pub number: String,
    /// The tracking code, of a new case, told this once.
    pub code: Option<String>,
    /// The same request was answered before.
    pub repeated: bool,
}

/// Why nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Not allowed now.
    #[error("{0}")]
    Refused(Refusal),
    /// Too much at once.
    #[error("busy; try again after {BUSY_SECONDS} s")]
    Busy,
    /// The store cannot say; ask again with the same key.
    #[error("the outcome is unknown; ask again with the same key")]
    Unknown,
    /// No such case or workflow.
    #[error("not found")]
    NotFound,
    /// The same key came with another body.
    #[error("this key came with another body before")]
    KeyReused,
    /// A file is named that was never sent, or so long ago that it was swept away.
    #[error("no file {0}; send it first")]
    NoFile(String),
    /// The engine stopped or the store failed.
    #[error("fault: {0}")]
    Fault(String),
}

/// Something that happened just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Live {
    /// The case's stream.
    pub stream: String,
    /// Its last sequence.
    pub seq: u64,
    /// Its number.
    pub number: String,
    /// On whose lists of cases it stands; empty for news of messages.
    pub owners: Vec<String>,
}

/// Where commands are asked, and heard of when they are done; cheap to clone.
#[derive(Clone, Debug)]
pub struct Commands {
    queue: mpsc::Sender<Order>,
    live: broadcast::Sender<Live>,
    counts: Arc<Counts>,
}

impl Commands {
    /// Commands, and the queue before the committer.
    pub(crate) fn new(counts: Arc<Counts>) -> (Self, mpsc::Receiver<Order>) {
        let (queue, orders) = mpsc::channel(QUEUE_MAX);
        let (live, _) = broadcast::channel(LIVE_MAX);
        (Self { queue, live, counts }, orders)
    }

    /// Asks the committer; comes back when it is durable, or with why nothing was done.
    ///
    /// # Errors
    /// [`Denied`].
    pub async fn ask(&self, actor: Actor, want: Want, key: Option<Key>) -> Result<Receipt, Denied> {
        let (reply, answer) = oneshot::channel();
        let order = Order { actor, want, key, reply };
        self.queue.try_send(order).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                add(&self.counts.busy, 1);
                Denied::Busy
            }
            mpsc::error::TrySendError::Closed(_) => Denied::Fault("the engine has stopped".into()),
        })?;
        answer.await.unwrap_or(Err(Denied::Unknown))
    }

    /// What happens from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Live> {
        self.live.subscribe()
    }

    /// Tells whoever listens what happened; what it was is worked out only when somebody does.
    pub(crate) fn tell(&self, news: impl FnOnce() -> Live) {
        if self.live.receiver_count() > 0 {
            // The last of them may have left just now.
            self.live.send(news()).ok();
        }
    }

    /// How many commands wait before the committer; nothing when it has stopped.
    #[must_use]
    pub fn waiting(&self) -> Option<usize> {
        let full = self.queue.max_capacity() - self.queue.capacity();
        Some(full).filter(|_| !self.queue.is_closed())
    }
}
