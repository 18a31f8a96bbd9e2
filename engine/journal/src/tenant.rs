//! Whose data it is.

/// Whose data: one town is one tenant; the embedded one is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tenant(pub i64);
