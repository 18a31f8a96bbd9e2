//! How a sum is divided: what each part pays, in the order of the building, and what joining would cost on a day.

use alloc::string::String;
use alloc::vec::Vec;
use paidan_machine::case::Case;
use paidan_machine::split::{price, since};
use paidan_model::id::SplitId;
use paidan_model::moment::{Moment, Zone};
use paidan_model::value::{Held, Value};
use paidan_model::vote::Property;
use paidan_model::workflow::Workflow;

/// What one part pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// The part.
    pub part: String,
    /// The floor it is on.
    pub floor: i64,
    /// Its area in square centimetres.
    pub area: i64,
    /// What it has paid by now, in fen, less what came back to it.
    pub fen: i64,
    /// Does not pay for now.
    pub outside: bool,
    /// What joining costs on the day, in fen; only of parts outside, once there is something to join.
    pub late: Option<i64>,
}

/// A sum and who pays it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divided {
    /// In fen; the shares add up to it exactly.
    pub amount: i64,
    /// The highest floor first, then as in the roster.
    pub shares: Vec<Share>,
}

/// How a sum of a case is divided at a moment; nothing when it was not divided.
#[must_use]
pub fn divided(workflow: &Workflow, case: &Case, id: &SplitId, zone: &Zone, now: Moment) -> Option<Divided> {
    let (split, held) = (workflow.splits.get(id)?, case.splits.by_split.get(id)?);
    let rows: &[Property] = match case.form.fields.get(&split.roster).and_then(Held::open) {
        Some(Value::Roster(rows)) => rows,
        _ => &[],
    };
    let late = split.late.as_ref().and_then(|late| Some((late, since(case, held, late, zone)?)));
    let today = now.local(zone).date();
    let share = |portion: paidan_machine::split::Portion| {
        let row = rows.iter().find(|row| row.part == portion.part);
        let costs =
            |(late, since)| price(held, late, &portion.part, since, today).ok().map(|(price, _)| price);
        Share {
            floor: row.map_or(0, |row| row.floor),
            area: row.map_or(0, |row| row.area),
            late: late.filter(|_| portion.outside).and_then(costs),
            part: portion.part,
            fen: portion.fen,
            outside: portion.outside,
        }
    };
    let mut shares: Vec<Share> = held.now().into_iter().map(share).collect();
    shares.sort_by_key(|share| core::cmp::Reverse(share.floor));
    Some(Divided { amount: held.amount, shares })
}
