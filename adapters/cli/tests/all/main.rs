//! The binary `paidan` from outside: each file starts it as people do.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]

mod anchor;
mod binary;
mod claim;
mod client;
mod crash;
mod eventlog;
mod foreign;
mod full;
mod fuzz;
mod minutes;
mod newcomer;
mod pages;
mod profiles;
mod publish;
mod schema;
mod serve;
mod simulate;
mod starts;
mod story;
