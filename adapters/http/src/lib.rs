//! Pages, the JSON API and live events. Asks the desk; decides nothing; touches no table.

mod api;
mod call;
mod candidates;
mod form;
mod history;
mod metrics;
mod openapi;
mod operation;
mod page;
mod path;
pub mod problem;
mod route;
mod router;
pub mod server;
mod session;
pub mod stage;
mod visitor;
pub mod xes;

use std::sync::Arc;

use paidan_language::source::Source;
use paidan_runtime::{Desk, World};

pub use call::{Call, call};
pub use route::{Access, Route};
pub use router::{ZONE_HEADER, metrics_router, router, table};
pub use server::serve;
pub use stage::{Forged, Stage};
pub use visitor::is_resident_of_story;

/// How it is known who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// A visitor chooses whom to be; `dev` only, on a store marked for it.
    Demonstration,
    /// By a session or a key.
    Accounts,
}

/// What the pages stand on.
#[derive(Debug)]
pub struct App<W: World> {
    /// Where commands arrive.
    pub desk: Desk<W>,
    /// The town's name, in the header.
    pub title: Arc<str>,
    /// How it is known who asks.
    pub door: Door,
    /// What links begin with.
    pub base: Arc<str>,
    /// The token of the link with which the first administrator is made.
    pub setup: Option<Arc<str>>,
    /// Workflows that residents open without an account.
    pub open_to_residents: Arc<[String]>,
    /// Blocks that definitions may use when they are published, where nobody sends others of their names.
    pub blocks: Arc<[Source]>,
    /// The stage of a demonstration.
    pub stage: Option<Arc<Stage>>,
    /// Whether a proxy stands before us, whose word on addresses counts.
    pub behind_proxy: bool,
}

impl<W: World> Clone for App<W> {
    fn clone(&self) -> Self {
        Self {
            desk: self.desk.clone(),
            title: Arc::clone(&self.title),
            door: self.door,
            base: Arc::clone(&self.base),
            setup: self.setup.clone(),
            open_to_residents: Arc::clone(&self.open_to_residents),
            blocks: Arc::clone(&self.blocks),
            stage: self.stage.clone(),
            behind_proxy: self.behind_proxy,
        }
    }
}

impl<W: World> App<W> {
    /// Whether browsers reach us over TLS.
    fn is_secure(&self) -> bool {
        self.base.starts_with("https://")
    }

    /// The session's cookie: bound to this host over TLS.
    fn cookie_name(&self) -> &'static str {
        if self.is_secure() { "__Host-session" } else { "session" }
    }
}
