//! What is learnt while cases move.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use paidan_model::id::ActionId;

use super::way::Bent;

/// What has been learnt about the forms of an action where a case is.
pub(crate) type Lessons = BTreeMap<(u32, ActionId), Vec<Option<Bent>>>;
