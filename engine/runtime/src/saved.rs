//! Saved views: a filter of one's lists under a name of one's own, kept for whoever made it.

use paidan_journal::Fault;

pub use paidan_journal::account::SavedView;

use crate::desk::Desk;
use crate::world::World;

/// The most views of one person.
pub const VIEWS_MAX: usize = 50;
/// The most characters of a title.
pub const TITLE_CHARACTERS_MAX: usize = 60;

/// Why a view is not saved.
#[derive(Debug, thiserror::Error)]
pub enum NotSaved {
    /// It cannot be so.
    #[error("{0}")]
    Unfit(&'static str),
    /// The store failed.
    #[error("{0}")]
    Fault(#[from] Fault),
}

impl<W: World> Desk<W> {
    /// Somebody's saved views, by id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn saved(&self, subject: &str) -> Result<Vec<SavedView>, Fault> {
        self.store().saved(subject).await
    }

    /// Saves a view; the last one written under an id counts.
    ///
    /// # Errors
    /// [`NotSaved`].
    pub async fn put_saved(&self, view: SavedView) -> Result<(), NotSaved> {
        let is_id = !view.id.is_empty()
            && view.id.len() <= 64
            && view.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if !is_id {
            return Err(NotSaved::Unfit("an id is 1 to 64 letters, digits, `-` or `_`"));
        }
        let title = view.title.trim();
        if title.is_empty()
            || title.chars().count() > TITLE_CHARACTERS_MAX
            || title.contains(char::is_control)
        {
            return Err(NotSaved::Unfit("a title is 1 to 60 characters in one line"));
        }
        let held = self.saved(&view.subject).await?;
        if held.len() >= VIEWS_MAX && !held.iter().any(|other| other.id == view.id) {
            return Err(NotSaved::Unfit("there are fifty views already; forget one first"));
        }
        Ok(self.store().put_saved(view).await?)
    }

    /// Forgets a view; false when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn drop_saved(&self, subject: &str, id: &str) -> Result<bool, Fault> {
        self.store().drop_saved(subject, id).await
    }
}
