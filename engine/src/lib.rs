//! The door for those who embed the engine: the rooms under one name, nothing else.
//!
//! Read definitions with [`language`], run their tests with [`foresight`], keep cases with [`journal`]
//! and move them with [`runtime`]; [`model`] and [`machine`] are what all of them speak of.

pub use paidan_foresight as foresight;
pub use paidan_journal as journal;
pub use paidan_language as language;
pub use paidan_machine as machine;
pub use paidan_model as model;
pub use paidan_runtime as runtime;
pub use paidan_views as views;
