//! Chance that can be repeated: `SplitMix64` of a seed, in whole numbers.

/// A generator; the same seed gives the same numbers.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0, below the limit; 0 of nothing.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(limit);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number between two, both included.
    pub(crate) fn between(&mut self, least: i64, most: i64) -> i64 {
        let width = u64::try_from(most.saturating_sub(least)).unwrap_or(0).saturating_add(1);
        least.saturating_add(i64::try_from(self.below(width)).unwrap_or(0))
    }

    /// Whether something happens that happens so many times of so many.
    pub(crate) fn happens(&mut self, times: u32, of: u32) -> bool {
        self.below(u64::from(of)) < u64::from(times)
    }

    /// One of several.
    pub(crate) fn one_of<'t, T>(&mut self, all: &'t [T]) -> Option<&'t T> {
        all.get(usize::try_from(self.below(all.len() as u64)).unwrap_or(0))
    }
}

/// The next salt: nothing here is secret, and the same seed gives the same.
pub(crate) fn salt(counter: &mut u64) -> [u8; 32] {
    *counter += 1;
    let mut salt = [0; 32];
    for (place, byte) in salt.iter_mut().zip(counter.to_be_bytes()) {
        *place = byte;
    }
    salt
}

#[cfg(test)]
mod tests {
    use super::Dice;

    /// The numbers that the authors of the generator print for the seed 1234567.
    #[test]
    fn the_numbers_are_those_of_the_published_generator() {
        let mut dice = Dice::new(1_234_567);
        let first = [dice.next(), dice.next(), dice.next()];
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn dice_reach_both_limits_and_stay_within() {
        let mut dice = Dice::new(7);
        let drawn: alloc::collections::BTreeSet<i64> = (0..200).map(|_| dice.between(-2, 2)).collect();
        assert_eq!(drawn.into_iter().collect::<alloc::vec::Vec<_>>(), [-2, -1, 0, 1, 2]);
        assert_eq!((dice.below(0), dice.below(1)), (0, 0));
    }
}
