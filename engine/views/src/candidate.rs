//! Candidates for an order (派单台): who could take it, with points and their grounds. It suggests; the dispatcher names.
//!
//! Of 90, after DOMAIN.md 5.4: 40 free hands, 25 the same grid, 15 known to the resident, 10 had fewer than others. Age
//! and language, 10 more there, are not known of anybody and so count for nobody.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;
use paidan_model::field::Field;
use paidan_model::text::Text;
use paidan_model::value::{Held, Value};

use crate::matching::{Ground, Score};

/// Open tasks that fill somebody's hands.
pub const HANDS_FULL: i64 = 10;

/// What is known of a candidate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Open tasks, each by its weight: an emergency 5, an urgent one 3, any other 1.
    pub load: i64,
    /// Has a job in the case's grid.
    pub grid: bool,
    /// Has a job in its community.
    pub community: bool,
    /// Did something for this resident before.
    pub before: bool,
    /// Orders had so far.
    pub had: i64,
}

/// What an open task weighs by its class, 1 to 9: 1 where the definition says nothing.
#[must_use]
pub fn weight(class: &Field, value: Option<&Held>) -> i64 {
    let Some(Value::Choice(choice)) = value.and_then(Held::open) else { return 1 };
    class.weights.get(choice).map_or(1, |weight| i64::from(*weight))
}

fn ground(
    points: i64,
    most: i64,
    zh: impl Into<alloc::string::String>,
    en: impl Into<alloc::string::String>,
) -> Ground {
    Ground { text: Text { zh: zh.into(), en: en.into() }, points, most }
}

/// How well somebody fits; `most_had` is the most orders that any candidate had.
#[must_use]
pub fn score(known: &Known, most_had: i64) -> Score {
    let load = known.load.clamp(0, HANDS_FULL);
    let place = match (known.grid, known.community) {
        (true, _) => ground(25, 25, "同一网格", "the same grid"),
        (false, true) => ground(12, 25, "同一社区", "the same community"),
        (false, false) => ground(0, 25, "别的社区", "another community"),
    };
    let before = if known.before {
        ground(15, 15, "以前帮过这位居民", "helped this resident before")
    } else {
        ground(0, 15, "与这位居民初次", "new to this resident")
    };
    let fewer = match most_had {
        0 => 10,
        most => 10 * (most - known.had.clamp(0, most)) / most,
    };
    let grounds: Vec<Ground> = vec![
        ground(
            40 * (HANDS_FULL - load) / HANDS_FULL,
            40,
            format!("手上{}件的量", known.load),
            format!("{} on hand", known.load),
        ),
        place,
        before,
        ground(fewer, 10, format!("派给过{}件", known.had), format!("was named for {} so far", known.had)),
    ];
    Score { points: grounds.iter().map(|ground| ground.points).sum(), grounds }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_hands_near_by_come_before_full_ones() {
        let free = Known { load: 0, grid: true, community: true, before: false, had: 2 };
        let full = Known { load: 30, had: 8, ..free };
        assert_eq!(score(&free, 8).points, 40 + 25 + 7);
        assert_eq!(score(&full, 8).points, 25);
        let known = Known { before: true, ..full };
        assert_eq!(score(&known, 8).points, 40);
        assert_eq!(score(&Known::default(), 0).points, 50, "nobody had any");
    }
}
