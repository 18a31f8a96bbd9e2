//! When it happens: desk, committer, alarm, courier over one `World`.
//!
//! One task decides and commits; commands queue before it and are grouped into one transaction.
//! Nothing is answered before it is durable. Each part is a `step` that spawns nothing itself.

pub mod absence;
pub mod access;
pub mod account;
pub mod alarm;
pub mod anchor;
pub mod commands;
pub mod committer;
pub mod count;
pub mod courier;
pub mod desk;
pub mod entry;
mod held;
pub mod number;
pub mod past;
pub mod photo;
mod prepare;
pub mod progress;
pub mod publish;
pub mod queries;
pub mod recipient;
mod reference;
pub mod rounds;
pub mod saved;
mod seen;
pub mod shelf;
pub mod starts;
pub mod throttle;
pub mod town;
pub mod upgrade;
mod walked;
mod witness;
pub mod world;
mod written;

pub use access::{AccessLog, Look};
pub use account::{Account, Accounts, Turned};
pub use alarm::Alarm;
pub use anchor::{Anchored, Covering};
// What the desk's answers are made of, for those who show them.
pub use commands::{Commands, Denied, Live, Receipt};
pub use committer::Committer;
pub use courier::Courier;
pub use desk::Desk;
pub use entry::{Entry, fold};
pub use paidan_journal::Fault;
pub use paidan_journal::anchor::Anchor;
pub use paidan_journal::chain::Broken;
pub use paidan_journal::entry::{Posted, ViewRow};
pub use paidan_journal::file::{Kept, NotKept};
pub use paidan_journal::store::After;
pub use paidan_journal::verify::Chain;
pub use paidan_machine::actor::{Actor, By};
pub use paidan_machine::audience::Audience;
pub use paidan_machine::case::clock::Clock as CaseClock;
pub use paidan_machine::chart::leaves;
pub use paidan_machine::claim::Claim;
pub use paidan_machine::command::Act;
pub use paidan_machine::errand::Errand;
pub use paidan_machine::fact;
pub use paidan_machine::fact::Fact;
pub use paidan_machine::opening::opens_for_others_somewhere;
pub use paidan_machine::sight::holders;
pub use paidan_machine::split::Joined;
pub use paidan_machine::tally::Choice;
pub use paidan_machine::vote::{How, Poll, acts_for, collects_papers, sees_ballots};
pub use paidan_machine::{
    About, Case, Known, Offer, Refusal, RefusalKind, Refusals, Sight, grounds, is_auditor, may_audit,
    reads_as_stored, refusals, sight,
};
pub use queries::Queries;
pub use rounds::Rounds;
pub use seen::{Past, Seen, Until, plainly};
pub use shelf::{Published, Shelf};
pub use starts::Starts;
pub use world::{Address, Clock, Ids, Message, Outside, Sent, Transport, World};
