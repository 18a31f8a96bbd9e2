//! Splits in a case: who pays what, worked out again whenever its terms change, and who joined later at what price.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::ToString;
use alloc::vec::Vec;
use paidan_model::id::{FieldId, SplitId};
use paidan_model::moment::{Date, Zone};
use paidan_model::split::{Late, Split, WEIGHT_MAX, divide, late_price};
use paidan_model::table::Row;
use paidan_model::text::Text;
use paidan_model::value::{Held, Value};
use paidan_model::vote::Property;

use crate::case::Case;

pub use crate::case::share::{Joined, Paid, Portion, Shares};
use crate::fact::{Fact, ShareFact};
use crate::refusal::{Code, Refusal, both, wrong};
use crate::step::Step;

/// Works out every split whose terms have changed; while one is missing, nothing is divided.
///
/// # Errors
/// When the terms do not fit each other: a floor without a weight, a part that is not on the roster, nobody who pays.
pub(crate) fn settle(step: &mut Step<'_>) -> Result<(), Refusal> {
    let written = |fact: &Fact| matches!(fact, Fact::Form(_));
    let workflow = step.workflow();
    if workflow.splits.is_empty() || !step.facts.iter().any(written) {
        return Ok(());
    }
    for (id, split) in &workflow.splits {
        let found = work_out(step, split)?;
        let held = step.case.splits.by_split.get(id);
        let stands = held.map(|held| (held.amount, held.portions.clone()));
        if found == stands {
            continue;
        }
        if held.is_some_and(|held| !held.joined.is_empty()) {
            return Err(wrong(
                &split.weights,
                both!(
                    "已有人按此加入，分摊条件不能再改",
                    "the terms of `{id}` stand, for somebody has joined at them"
                ),
            ));
        }
        let (split, at) = (id.clone(), step.now);
        step.note(match found {
            Some((amount, portions)) => Fact::Share(ShareFact::Divided { split, amount, portions, at }),
            None => Fact::Share(ShareFact::Undone { split, at }),
        });
    }
    Ok(())
}

/// The amount and the portions; nothing while a term is missing.
fn work_out(step: &Step<'_>, split: &Split) -> Result<Option<(i64, Vec<Portion>)>, Refusal> {
    let Some(rows) = step.case.form.roster(&split.roster) else {
        return Ok(None);
    };
    let Some(weights) = table(&step.case, &split.weights) else {
        return Ok(None);
    };
    let Ok(crate::guard::Worth::Int(amount)) = crate::guard::eval(&split.amount, &step.view()) else {
        return Ok(None);
    };
    let weights = by_floor(&split.weights, weights)?;
    let outside = outside(step, split, rows)?;
    let mut portions = rows
        .iter()
        .map(|row| portion(split, row, &weights, &outside))
        .collect::<Result<Vec<Portion>, Refusal>>()?;
    let paying: Vec<i64> = portions.iter().map(|p| if p.outside { 0 } else { p.weight }).collect();
    let shares = divide(amount, &paying).ok_or_else(|| {
        wrong(
            &split.weights,
            match amount < 0 {
                true => both!("待分摊的金额小于0", "what is to be divided is below 0"),
                false => both!("没有人出资：系数都是0", "nobody pays: every weight is 0"),
            },
        )
    })?;
    for (portion, fen) in portions.iter_mut().zip(shares) {
        portion.fen = fen;
    }
    Ok(Some((amount, portions)))
}

fn portion(
    split: &Split,
    row: &Property,
    weights: &BTreeMap<i64, i64>,
    outside: &BTreeSet<&str>,
) -> Result<Portion, Refusal> {
    let weight = weights.get(&row.floor).copied();
    let floor = row.floor;
    let weight = weight
        .ok_or_else(|| wrong(&split.weights, both!("{floor}层没有系数", "floor {floor} has no weight")))?;
    let weight = if split.by_area { weight.checked_mul(row.area) } else { Some(weight) };
    Ok(Portion {
        part: row.part.clone(),
        weight: weight.ok_or_else(|| wrong(&split.weights, both!("系数太大", "the weight is too large")))?,
        fen: 0,
        outside: outside.contains(row.part.as_str()),
    })
}

/// The weight of each floor; each stands in the table once.
fn by_floor(id: &FieldId, rows: &[Row]) -> Result<BTreeMap<i64, i64>, Refusal> {
    let mut found = BTreeMap::new();
    for (n, row) in (1..).zip(rows) {
        let cell = |name: &str| row.get(name).and_then(paidan_model::table::Cell::int);
        let (Some(floor), Some(weight)) = (cell("floor"), cell("weight")) else {
            return Err(wrong(
                id,
                both!("第{n}行：楼层和系数都是整数", "row {n}: a floor and its weight are whole numbers"),
            ));
        };
        if !(0..=WEIGHT_MAX).contains(&weight) {
            return Err(wrong(
                id,
                both!("第{n}行：系数为0到{WEIGHT_MAX}", "row {n}: a weight is 0 to {WEIGHT_MAX}"),
            ));
        }
        if found.insert(floor, weight).is_some() {
            return Err(wrong(
                id,
                both!("第{n}行：{floor}层重复了", "row {n}: floor {floor} stands in it twice"),
            ));
        }
    }
    Ok(found)
}

/// The parts that do not pay for now, each of which is on the roster.
fn outside<'s>(step: &'s Step<'_>, split: &Split, rows: &[Property]) -> Result<BTreeSet<&'s str>, Refusal> {
    let Some(id) = &split.outside else { return Ok(BTreeSet::new()) };
    let named = table(&step.case, id).unwrap_or_default().iter();
    let parts: BTreeSet<&str> =
        named.filter_map(|row| row.get("part").and_then(|cell| cell.text())).collect();
    match parts.iter().find(|part| !rows.iter().any(|row| row.part == **part)) {
        Some(stranger) => Err(wrong(id, both!("{stranger}不在名册里", "`{stranger}` is not on the roster"))),
        None => Ok(parts),
    }
}

fn table<'c>(case: &'c Case, field: &FieldId) -> Option<&'c [Row]> {
    match case.form.fields.get(field).and_then(Held::open) {
        Some(Value::Table(rows)) => Some(rows),
        _ => None,
    }
}

/// What it costs a part to join on a day, and to whom that goes: its share as if it had paid from the start, less a
/// part for each day since; divided by weight among those who pay now.
///
/// # Errors
/// When it cannot join, and why.
pub fn price(
    shares: &Shares,
    late: &Late,
    part: &str,
    since: Date,
    today: Date,
) -> Result<(i64, Vec<Paid>), Text> {
    let now = shares.now();
    let joiner = now.iter().find(|portion| portion.part == part);
    let joiner = joiner.ok_or_else(|| both!("{part}不在名册里", "`{part}` is not on the roster"))?;
    if !joiner.outside {
        return Err(both!("{part}已经出资", "`{part}` pays already"));
    }
    let alone: Vec<i64> = now.iter().map(|p| if p.outside { 0 } else { p.weight }).collect();
    let mut together = alone.clone();
    together.push(joiner.weight);
    let share =
        divide(shares.amount, &together).and_then(|shares| shares.last().copied()).unwrap_or_default();
    let price = late_price(share, since, today, late.years);
    Ok((price, give_back(price, &now, &alone)))
}

/// To whom a price goes: by weight, and to nobody more than they have paid; what is over goes to the next who has room.
fn give_back(price: i64, now: &[Portion], weights: &[i64]) -> Vec<Paid> {
    let shares = divide(price, weights).unwrap_or_default();
    let mut to: Vec<i64> = now.iter().zip(shares).map(|(p, fen)| fen.min(p.fen)).collect();
    let mut over = price - to.iter().sum::<i64>();
    for (portion, fen) in now.iter().zip(&mut to) {
        let more = over.clamp(0, (portion.fen - *fen).max(0));
        *fen += more;
        over -= more;
    }
    let paid = now.iter().zip(to).filter(|(_, fen)| *fen > 0);
    paid.map(|(p, fen)| Paid { part: p.part.clone(), fen }).collect()
}

/// From when what was paid for ages, as a day of the zone: as it was when somebody first joined, else as it stands.
#[must_use]
pub fn since(case: &Case, shares: &Shares, late: &Late, zone: &Zone) -> Option<Date> {
    if let Some(first) = shares.joined.first() {
        return Date::parse_from_str(&first.since, "%Y-%m-%d").ok();
    }
    match case.form.fields.get(&late.since).and_then(Held::open)? {
        Value::Moment(at) => Some(at.local(zone).date()),
        Value::Date(text) => Date::parse_from_str(text, "%Y-%m-%d").ok(),
        _ => None,
    }
}

/// Somebody joins a split: the part that the field names.
pub(crate) fn join(step: &mut Step<'_>, id: &SplitId) -> Result<(), Refusal> {
    let required = |field: &FieldId| Refusal::new(Code::Required).with("field", field);
    let workflow = step.workflow();
    let split = workflow.splits.get(id);
    let Some((split, late)) = split.and_then(|split| Some((split, split.late.as_ref()?))) else {
        return Ok(());
    };
    let voted_on = crate::vote::standing::open_votes(&step.case, workflow)
        .any(|vote| split.terms().iter().any(|term| workflow.stands_still(vote, term)));
    if voted_on {
        return Err(Refusal::new(Code::VotedOn).with("field", &split.weights));
    }
    let part = match step.case.form.fields.get(&late.part).and_then(Held::open) {
        Some(Value::Text(part)) => part.trim().to_string(),
        _ => return Err(required(&late.part)),
    };
    let shares = step.case.splits.by_split.get(id).ok_or_else(|| required(&split.weights))?;
    let zone = step.law.zone();
    let since = since(&step.case, shares, late, zone).ok_or_else(|| required(&late.since))?;
    let today = step.now.local(zone).date();
    let (price, to) = price(shares, late, &part, since, today).map_err(|why| wrong(&late.part, why))?;
    step.note(ShareFact::JoinedLate {
        split: id.clone(),
        joined: Joined { part, since: since.to_string(), price, to, at: step.now },
    });
    Ok(())
}
