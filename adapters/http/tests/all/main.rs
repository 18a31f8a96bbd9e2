//! The routes over a pretend town: each file asks them as browsers and programs do.
#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "tests")]

mod absence;
mod access;
mod account;
mod anchors;
mod back;
mod batch;
mod calendar;
mod carried;
mod concerned;
mod dispatch;
mod identity;
mod kept;
mod lift;
mod listed;
mod live;
mod longer;
mod matched;
mod ordered;
mod profile;
mod publish;
mod published_town;
mod references;
mod refused;
mod replay;
mod saved;
mod table;
mod term;
mod town;
mod turned;
mod twice;
mod wire;
mod zone;
