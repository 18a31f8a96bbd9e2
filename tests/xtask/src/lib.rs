//! What the source of a checkout looks like, read with syn: the measures behind `cargo xtask figures`
//! and the rules behind `cargo xtask tidy`.

pub mod checkout;
pub mod figures;
pub mod ledger;
pub mod survey;
