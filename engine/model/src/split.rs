//! Splits: a sum of money divided among the parts of a roster by weights, in whole fen, to the last fen; and what
//! somebody pays who joins later.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::absent::is_false;
use crate::guard::Expr;
use crate::id::FieldId;
use crate::moment::Date;

/// The greatest weight of a floor.
pub const WEIGHT_MAX: i64 = 10_000;
/// The longest time, in years, over which a share ages.
pub const LATE_YEARS_MAX: u32 = 50;

/// One split, as agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// Field of type roster: the parts among which it is divided.
    pub roster: FieldId,
    /// What is divided, in fen.
    pub amount: Expr,
    /// Field of type table with the columns `floor` and `weight`.
    pub weights: FieldId,
    /// Weights are multiplied by the part's area.
    #[serde(default, skip_serializing_if = "is_false")]
    pub by_area: bool,
    /// Field of type table with the column `part`: those do not pay for now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<FieldId>,
    /// How somebody joins who did not pay at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late: Option<Late>,
}

/// How somebody joins later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Late {
    /// Field of type date or moment: from when what was paid for ages.
    pub since: FieldId,
    /// After so many calendar years nothing is left to pay.
    pub years: u32,
    /// Field of type text: the part that joins.
    pub part: FieldId,
}

impl Split {
    /// The fields on which the shares depend.
    #[must_use]
    pub fn terms(&self) -> BTreeSet<&FieldId> {
        let mut found = self.amount.fields();
        found.extend([&self.roster, &self.weights]);
        found.extend(&self.outside);
        found
    }
}

/// Divides a sum by weights: the shares add up to it exactly, and none is a whole fen away from its exact share.
/// What rounding down leaves goes, fen by fen, to those whose exact share was cut most (largest remainder); of
/// equals, to whoever comes first. Nothing is divided when the sum is negative or no weight is above 0.
///
/// Weights are at most 2^63 - 1 each and of at most 2^16 parts, so that no product leaves 128 bits.
#[must_use]
pub fn divide(sum: i64, weights: &[i64]) -> Option<Vec<i64>> {
    let whole: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum < 0 || whole <= 0 || weights.iter().any(|weight| *weight < 0) {
        return None;
    }
    let products: Vec<i128> = weights.iter().map(|weight| i128::from(sum) * i128::from(*weight)).collect();
    let mut shares: Vec<i64> =
        products.iter().map(|p| i64::try_from(p / whole)).collect::<Result<_, _>>().ok()?;
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|n| core::cmp::Reverse(products.get(*n).map_or(0, |p| p % whole)));
    let left = sum - shares.iter().sum::<i64>();
    for n in by_remainder.into_iter().take(usize::try_from(left).ok()?) {
        *shares.get_mut(n)? += 1;
    }
    Some(shares)
}

/// What a share still costs on a day: the share less one part for each day of its age, rounded down to a whole fen;
/// the whole share before `since`, nothing from `years` later on.
#[must_use]
pub fn late_price(share: i64, since: Date, today: Date, years: u32) -> i64 {
    let end = since.checked_add_months(chrono::Months::new(years.saturating_mul(12)));
    let whole = end.map_or(0, |end| end.signed_duration_since(since).num_days());
    let age = today.signed_duration_since(since).num_days().clamp(0, whole.max(0));
    if whole <= 0 {
        return 0;
    }
    let left = i128::from(share) * i128::from(whole - age) / i128::from(whole);
    i64::try_from(left).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::{divide, late_price};
    use crate::moment::Date;

    /// Slow and obvious: one fen after the other to whoever is furthest behind their exact share.
    fn one_by_one(sum: i64, weights: &[i64]) -> Vec<i64> {
        let whole: i128 = weights.iter().map(|w| i128::from(*w)).sum();
        let exact = |w: i64| i128::from(sum) * i128::from(w);
        let mut shares: Vec<(i64, i64)> =
            weights.iter().map(|w| (*w, i64::try_from(exact(*w) / whole).unwrap_or(0))).collect();
        while shares.iter().map(|(_, share)| share).sum::<i64>() < sum {
            let behind = |(w, share): (i64, i64)| exact(w) - i128::from(share) * whole;
            let most = shares.iter().map(|pair| behind(*pair)).max();
            if let Some(worst) = shares.iter_mut().find(|pair| Some(behind(**pair)) == most) {
                worst.1 += 1;
            }
        }
        shares.into_iter().map(|(_, share)| share).collect()
    }

    proptest! {
        #[test]
        fn shares_add_up_within_one_fen(
            sum in 0i64..=100_000_000,
            weights in prop::collection::vec(0i64..=10_000, 1..60),
        ) {
            let whole: i128 = weights.iter().map(|w| i128::from(*w)).sum();
            match divide(sum, &weights) {
                None => prop_assert_eq!(whole, 0),
                Some(shares) => {
                    prop_assert_eq!(shares.iter().sum::<i64>(), sum);
                    for (share, weight) in shares.iter().zip(&weights) {
                        let off = i128::from(*share) * whole - i128::from(sum) * i128::from(*weight);
                        prop_assert!(off.abs() < whole);
                        prop_assert!(*weight > 0 || *share == 0);
                    }
                    prop_assert_eq!(shares, one_by_one(sum, &weights));
                }
            }
        }

        #[test]
        fn a_share_only_falls_with_age(share in 0i64..=100_000_000, a in 0i64..6000, b in 0i64..6000) {
            let since = Date::from_ymd_opt(2026, 11, 25).ok_or_else(|| TestCaseError::fail("a day"))?;
            let on = |days| since + chrono::Duration::days(days);
            let (first, second) = (late_price(share, since, on(a.min(b)), 15), late_price(share, since, on(a.max(b)), 15));
            prop_assert!(second <= first && first <= share);
        }
    }

    #[test]
    fn a_million_fen_divide_among_three_floors() {
        assert_eq!(divide(1_000_000, &[0, 1, 1, 1]), Some(vec![0, 333_334, 333_333, 333_333]));
        assert_eq!(divide(100, &[0, 0]), None);
        assert_eq!(divide(-1, &[1]), None);
    }

    #[test]
    fn after_fifteen_years_nothing_is_left_to_pay() {
        let day = |text: &str| Date::parse_from_str(text, "%Y-%m-%d").unwrap_or_default();
        let price = |today: &str| late_price(1_000_000, day("2026-01-01"), day(today), 15);
        assert_eq!(price("2025-06-01"), 1_000_000);
        assert_eq!(price("2026-01-01"), 1_000_000);
        assert_eq!(price("2041-01-01"), 0);
        assert_eq!(price("2050-01-01"), 0);
        // 5,479 days in all, one of which has passed: 1,000,000 x 5,478 / 5,479.
        assert_eq!(price("2026-01-02"), 999_817);
    }
}
