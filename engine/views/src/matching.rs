//! Matching (精准认领): how well what is offered fits what is wished for, with the reasons. It suggests; people claim.
//!
//! Of 100: 40 kind of thing or help, 20 distance, 15 time, 10 quantity, 10 how badly off the wisher is, 5 days waited.

use alloc::format;
use alloc::vec::Vec;
use paidan_model::text::Text;
use serde::{Deserialize, Serialize};

use crate::listing::Item;

/// Days after which waiting counts in full.
const WAIT_DAYS: i64 = 30;
/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// One ground of a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    /// What it is about, and how it fits.
    pub text: Text,
    /// The points it gave.
    pub points: i64,
    /// The points it could have given.
    pub most: i64,
}

/// A score with its grounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// 0 to 100.
    pub points: i64,
    /// Why.
    pub grounds: Vec<Ground>,
}

fn ground(points: i64, most: i64, zh: &str, en: &str) -> Ground {
    Ground { text: Text { zh: zh.into(), en: en.into() }, points, most }
}

/// How well a resource fits a need, at a moment in milliseconds; nothing when it is of another kind or used up.
#[must_use]
pub fn score(need: &Item, resource: &Item, now: i64) -> Option<Score> {
    let alike = need.category.iter().any(|kind| resource.category.contains(kind));
    let (wanted, offered) = (need.left.unwrap_or(0), resource.left.unwrap_or(0));
    if !alike || wanted < 1 || offered < 1 {
        return None;
    }
    let grounds = alloc::vec![
        ground(40, 40, "种类相符", "the same kind"),
        distance(need, resource),
        time(need, resource),
        quantity(wanted, offered),
        vulnerable(need),
        waiting(need, now),
    ];
    let points = grounds.iter().map(|ground| ground.points).sum();
    Some(Score { points, grounds })
}

fn distance(need: &Item, resource: &Item) -> Ground {
    if need.community.is_some() && need.community == resource.community {
        return ground(20, 20, "同一社区", "the same community");
    }
    if need.subdistrict.is_some() && need.subdistrict == resource.subdistrict {
        return ground(12, 20, "同一街道", "the same subdistrict");
    }
    ground(5, 20, "同一城市", "the same city")
}

/// Whether the days overlap; an end that is not given is open.
fn time(need: &Item, resource: &Item) -> Ground {
    let starts = need.from.as_ref().max(resource.from.as_ref());
    let ends = match (&need.until, &resource.until) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.as_ref().or(b.as_ref()),
    };
    match (starts, ends) {
        (Some(from), Some(until)) if from > until => ground(0, 15, "时间不合", "at another time"),
        _ => ground(15, 15, "时间相合", "the days fit"),
    }
}

fn quantity(wanted: i64, offered: i64) -> Ground {
    if offered >= wanted {
        return ground(10, 10, "数量够", "enough of it");
    }
    let points = 10 * offered / wanted;
    let (zh, en) = (format!("数量够{offered}/{wanted}"), format!("{offered} of {wanted}"));
    ground(points, 10, &zh, &en)
}

fn vulnerable(need: &Item) -> Ground {
    let (zh, en) = (format!("困难程度{}", need.vulnerable), format!("hardship {} of 10", need.vulnerable));
    ground(need.vulnerable.clamp(0, 10), 10, &zh, &en)
}

fn waiting(need: &Item, now: i64) -> Ground {
    let days = ((now - need.opened) / DAY).clamp(0, WAIT_DAYS);
    let (zh, en) = (format!("已等{days}天"), format!("has waited {days} days"));
    ground(5 * days / WAIT_DAYS, 5, &zh, &en)
}

/// The best of several, best first; of equal ones the one that came first.
#[must_use]
pub fn best<'i>(
    needs: impl IntoIterator<Item = (&'i str, &'i Item)>,
    resource: &Item,
    now: i64,
    most: usize,
) -> Vec<(&'i str, Score)> {
    let mut found: Vec<(&str, &Item, Score)> = needs
        .into_iter()
        .filter_map(|(id, need)| score(need, resource, now).map(|s| (id, need, s)))
        .collect();
    found.sort_by(|a, b| (b.2.points, a.1.opened, a.0).cmp(&(a.2.points, b.1.opened, b.0)));
    found.truncate(most);
    found.into_iter().map(|(id, _, score)| (id, score)).collect()
}
