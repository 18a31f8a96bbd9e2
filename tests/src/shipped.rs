//! Definitions that ship, read as they lie in the checkout.
#![expect(clippy::unwrap_used, reason = "a test that cannot read the checkout should stop loudly")]

use std::path::Path;

use paidan_journal::{Bind as _, Store};
use paidan_language::{Checked, Library};
use paidan_runtime::{Published, Shelf};

use crate::checkout;

/// Where the hours of an office are, and who works where.
const TOWN: [&str; 2] = ["config/calendars/office.toml", "config/towns/dongtai/roster.toml"];

/// Files of the checkout, by their paths in it.
#[must_use]
pub fn library(paths: &[&str]) -> Library {
    let mut library = Library::new();
    for path in paths {
        library.add(path, checkout::text(Path::new(path)).unwrap());
    }
    library
}

/// Definitions with the calendar and the roster of the town; they are without a mistake.
#[must_use]
pub fn checked(paths: &[&str]) -> Checked {
    let checked = library(&[&TOWN, paths].concat()).check();
    assert!(!checked.has_errors(), "{}", paidan_language::print::text(&checked, false));
    assert!(!checked.workflows.is_empty(), "nothing was read");
    checked
}

/// Puts into force what was checked.
pub async fn publish<S: Store>(shelf: &Shelf, store: &S, checked: &Checked) {
    let published: Vec<Published> = checked
        .workflows
        .iter()
        .map(|agreed| Published {
            workflow: agreed.workflow.clone(),
            digest: agreed.digest.clone(),
            source: agreed.source.clone(),
        })
        .collect();
    let roster = checked.roster.as_ref();
    shelf.publish(store.of(Default::default()), &published, &checked.calendars, roster).await.unwrap();
}
