//! What may happen next: `decide`, `evolve`, `errands`, `next_due`.
//!
//! Pure: a command and a case give facts to record or a refusal. Folding facts needs no workflow,
//! no calendar and no clock, because facts carry results (absolute due moments, chosen units).
#![no_std]

extern crate alloc;

mod act;
pub mod actor;
pub mod audience;
mod carried;
pub mod case;
pub mod ceiling;
pub mod chart;
pub mod claim;
mod clock;
pub mod command;
mod decide;
mod decision;
mod declared;
pub mod errand;
mod extension;
pub mod fact;
mod form;
pub mod guard;
mod handoff;
mod item;
mod known;
mod ladder;
mod law;
mod leg;
mod message;
mod offer;
pub mod opening;
pub mod party;
mod pause;
pub mod record;
pub mod reference;
pub mod refusal;
mod right;
mod roster;
pub mod sight;
pub mod split;
mod states;
mod step;
mod table;
pub mod tally;
pub mod verb;
pub mod vote;
mod waive;

pub use audience::is_auditor;
pub use carried::reads_as_stored;
pub use case::{Case, evolve};
pub use clock::calendar_of;
pub use clock::pause::clocks_of as clocks_paused;
pub use decide::decide;
pub use decision::{Decision, Draft, NamedFile, Sealed};
pub use declared::{CHILD_PREFIX, who_may};
pub use errand::{Errand, errands};
pub use extension::reads_why;
pub use handoff::{HOPS, Refusals, arbiters, refusals};
pub use known::Known;
pub use law::Law;
pub use leg::grounds;
pub use offer::{About, Form, Offer, built_in_title, hints, offers};
pub use pause::sees_proof;
pub use reference::{Linked, References};
pub use refusal::condition::words as in_words;
pub use refusal::{Code, Refusal, RefusalKind};
pub use sight::{Sight, may_audit, sight};
