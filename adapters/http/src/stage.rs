//! The stage of a demonstration: which case its story is about, and how one byte of it is forged on a copy.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What became of a forged byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forged {
    /// The words around the byte, as they were.
    pub before: String,
    /// The same words, forged.
    pub after: String,
    /// What the audit says of the copy: each place that is wrong.
    pub broken: Vec<String>,
    /// Records that were looked through.
    pub records: u64,
}

type Forging = Pin<Box<dyn Future<Output = Result<Forged, String>> + Send>>;

/// The stage.
pub struct Stage {
    story: Mutex<Option<String>>,
    forge: Box<dyn Fn(String) -> Forging + Send + Sync>,
}

impl fmt::Debug for Stage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Stage").field("story", &self.story).finish_non_exhaustive()
    }
}

impl Stage {
    /// A stage on which nothing is played yet; `forge` copies the store, changes one byte of a stream in the copy, and
    /// has the copy audited.
    pub fn new(forge: impl Fn(String) -> Forging + Send + Sync + 'static) -> Self {
        Self { story: Mutex::default(), forge: Box::new(forge) }
    }

    fn held(&self) -> MutexGuard<'_, Option<String>> {
        self.story.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The story is about this case from now on.
    pub fn play(&self, stream: &str) {
        *self.held() = Some(stream.to_string());
    }

    /// The case of the story.
    pub(crate) fn story(&self) -> Option<String> {
        self.held().clone()
    }

    /// Forges one byte of a stream, on a copy.
    pub(crate) async fn forge(&self, stream: &str) -> Result<Forged, String> {
        (self.forge)(stream.to_string()).await
    }
}
