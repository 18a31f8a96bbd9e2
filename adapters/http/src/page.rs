//! Pages, one noun each.

pub mod access;
pub mod admin;
pub mod away;
pub mod back;
pub mod case;
pub mod clock;
pub mod dispatch;
pub mod home;
pub mod inputs;
pub mod layout;
pub mod lists;
pub mod live;
pub mod offered;
pub mod order;
pub mod publish;
pub mod related;
pub mod season;
pub mod shares;
pub mod sink;
pub mod story;
pub mod track;
pub mod vote;
pub mod wall;
