//! Members of facts: what goes without saying in a record is not written.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use paidan_model::moment::Moment;

/// The member that says when a fact happened; it goes without saying when that is the record's
/// moment.
pub(crate) const AT: &str = "at";

/// A member of a fact.
pub(crate) trait Member {
    /// Whether it goes without saying in a record of that moment.
    fn is_silent(&self, _name: &str, _moment: Moment) -> bool {
        false
    }
}

impl Member for Moment {
    fn is_silent(&self, name: &str, moment: Moment) -> bool {
        name == AT && *self == moment
    }
}

impl Member for bool {
    fn is_silent(&self, _name: &str, _moment: Moment) -> bool {
        !self
    }
}

impl<T> Member for Option<T> {
    fn is_silent(&self, _name: &str, _moment: Moment) -> bool {
        self.is_none()
    }
}

impl<T> Member for Vec<T> {
    fn is_silent(&self, _name: &str, _moment: Moment) -> bool {
        self.is_empty()
    }
}

impl<K, V> Member for BTreeMap<K, V> {
    fn is_silent(&self, _name: &str, _moment: Moment) -> bool {
        self.is_empty()
    }
}

/// Where chance comes from, in tests.
#[cfg(test)]
pub(crate) struct Seed(pub u64);

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
impl Seed {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    pub(crate) fn pick<'p, T>(&mut self, from: &'p [T]) -> &'p T {
        from.get(self.below(from.len())).unwrap()
    }
}

/// What can be drawn by chance, in tests.
#[cfg(test)]
pub(crate) trait Sample: Sized {
    fn sample(seed: &mut Seed) -> Self;
}
