//! What happens on which day: seasons four months apart, lifts in batches every three months.

use paidan_model::moment::Moment;

use super::{lift, season};

/// Something of the articles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// A day of a season.
    Season(usize, i64),
    /// A day of a batch of lifts.
    Lift(usize, i64),
}

/// Everything in order, from the first day on.
pub fn agenda(start: Moment) -> Vec<(Moment, Item)> {
    let on = |days: i64| start.plus_seconds(days * 86_400);
    let seasons = (0..season::SEASONS).flat_map(|n| {
        let begins = season::begins(n);
        season::DAYS.iter().map(move |day| (begins + day, Item::Season(n, *day)))
    });
    let lifts = (0..lift::BATCHES).flat_map(|batch| {
        let begins = lift::begins(batch);
        lift::days(batch).map(move |day| (begins + day, Item::Lift(batch, day)))
    });
    let mut all: Vec<(i64, Item)> = seasons.chain(lifts).collect();
    all.sort();
    all.into_iter().map(|(day, item)| (on(day), item)).collect()
}
