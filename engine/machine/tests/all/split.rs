//! Whoever joins a split, in whatever order and at whatever age: the shares add up to the amount, nobody has paid less
//! than nothing, and nobody is given back more than they paid.

use paidan_machine::split::{Joined, Portion, Shares, price};
use paidan_model::id::FieldId;
use paidan_model::moment::{Date, Moment};
use paidan_model::split::{Late, divide};
use proptest::prelude::*;

/// A split among parts of these weights, of which some pay from the start.
fn shares(amount: i64, weights: &[(i64, bool)]) -> Option<Shares> {
    let paying: Vec<i64> = weights.iter().map(|(weight, pays)| if *pays { *weight } else { 0 }).collect();
    let fen = divide(amount, &paying)?;
    let portions = (0..).zip(weights).zip(fen).map(|((n, (weight, pays)), fen): ((u32, _), _)| Portion {
        part: n.to_string(),
        weight: *weight,
        fen,
        outside: !pays,
    });
    Some(Shares { amount, portions: portions.collect(), joined: Vec::new() })
}

/// The day so many days later.
fn day_after(since: Date, days: u64) -> Date {
    (0..days).fold(since, |day, _| day.succ_opt().unwrap())
}

proptest! {
    #[test]
    fn shares_add_up_and_are_never_negative(
        amount in 0i64..=1_000_000,
        weights in prop::collection::vec((0i64..=200, any::<bool>()), 1..12),
        mut order in prop::collection::vec((0usize..12, 0u64..6_000), 0..12),
    ) {
        order.sort_by_key(|(_, days)| *days);
        let id = |text: &str| FieldId::parse(text).unwrap();
        let late = Late { since: id("since"), years: 15, part: id("part") };
        let since = Date::from_ymd_opt(2026, 11, 25).unwrap();
        let Some(mut shares) = shares(amount, &weights) else { return Ok(()) };
        for (part, days) in order {
            let today = day_after(since, days);
            let part = part.to_string();
            let before = shares.now();
            let Ok((price, to)) = price(&shares, &late, &part, since, today) else { continue };
            prop_assert_eq!(to.iter().map(|paid| paid.fen).sum::<i64>(), price);
            for paid in &to {
                let had = before.iter().find(|portion| portion.part == paid.part).unwrap();
                prop_assert!(!had.outside && paid.fen <= had.fen);
            }
            let at = Moment::from_millis(0);
            shares.joined.push(Joined { part, since: since.to_string(), price, to, at });
            let now = shares.now();
            prop_assert_eq!(now.iter().map(|portion| portion.fen).sum::<i64>(), amount);
            prop_assert!(now.iter().all(|portion| portion.fen >= 0), "{:?}", now);
        }
    }
}
