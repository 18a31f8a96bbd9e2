//! How far the history was gone through for anchors.

use std::collections::BTreeMap;

use paidan_journal::anchor::Walk;
use paidan_journal::merkle::Root;
use paidan_journal::{Fault, Store, Tenant};

/// How far the history was gone through, and the roots on the way: once for each anchor, while the process lasts.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    pub walk: Walk,
    /// The root and the place of the last record, by the number of records.
    pub roots: BTreeMap<u64, (Root, i64)>,
}

impl Walked {
    /// Goes on to as many records; nothing when the limit is met before that, the root and the place else. A history that
    /// has fewer has another root.
    pub async fn to<S: Store>(
        &mut self,
        store: &S,
        tenant: Tenant,
        size: u64,
        most: u64,
    ) -> Result<Option<(Root, i64)>, Fault> {
        if let Some(known) = self.roots.get(&size) {
            return Ok(Some(*known));
        }
        self.walk.go(store, tenant, size.min(most), |_| ()).await?;
        if self.walk.size() < size && self.walk.size() == most {
            return Ok(None);
        }
        let found = (self.walk.root(), self.walk.pos());
        if self.walk.size() == size {
            self.roots.insert(size, found);
        }
        Ok(Some(found))
    }
}
