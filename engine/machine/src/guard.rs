//! Guards, evaluated: total, without loops but over one list, and never silently false.
//!
//! Means what CEL means: `false && x` is false and `true || x` is true even where `x` is undefined.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;
use paidan_model::field::{Field, FieldType};
use paidan_model::guard::{Expr, LegKey, Operator, Source};
use paidan_model::id::{ChoiceId, FieldId, PlaceId, StateId, UnitId};
use paidan_model::moment::{Date, Moment, Zone};
use paidan_model::phone;
use paidan_model::span::Span;
use paidan_model::table::{Cell, Row};
use paidan_model::value::{Held, Value};

/// What guards may look at.
pub trait Facts {
    /// A field.
    fn field(&self, id: &FieldId) -> Option<&Held>;
    /// Whether a state is active.
    fn is_in(&self, state: &StateId) -> bool;
    /// The round of rework.
    fn round(&self) -> i64;
    /// What is left of the item that may be claimed.
    fn left(&self) -> Option<i64>;
    /// The moment of the command.
    fn now(&self) -> Option<Moment>;
    /// The zone in which dates become moments.
    fn zone(&self) -> &Zone;
    /// The legs that count.
    fn legs(&self) -> impl Iterator<Item = LegFacts<'_>>;
    /// A moment later by a duration.
    fn later(&self, from: Moment, span: &Span) -> Option<Moment>;
}

/// What guards may look at of a leg.
#[derive(Clone, Copy, Debug)]
pub struct LegFacts<'a> {
    /// The unit.
    pub unit: &'a str,
    /// `lead`, `assist`, `optional`.
    pub part: &'a str,
    /// The state's name.
    pub state: &'a str,
    /// The round.
    pub round: i64,
    /// Agreed to the plan.
    pub agreed: bool,
    /// Marked late.
    pub late: bool,
}

/// What a guard found nothing for: a field without a value, an overflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undefined {
    /// The field's name, or what went wrong.
    pub what: String,
}

/// What an expression is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Worth {
    /// A whole number.
    Int(i64),
    /// True or false.
    Bool(bool),
    /// Text: also choices, units, persons.
    Text(String),
    /// A point in time.
    Moment(Moment),
    /// Several.
    List(Vec<Worth>),
}

#[derive(Clone, Copy)]
enum Item<'a> {
    None,
    Leg(LegFacts<'a>),
    Worth(&'a Worth),
}

fn undefined(what: impl ToString) -> Undefined {
    Undefined { what: what.to_string() }
}

/// What an expression is worth now.
///
/// # Errors
/// [`Undefined`] when it reads what is not there or leaves the range of whole numbers.
pub fn eval(expr: &Expr, facts: &impl Facts) -> Result<Worth, Undefined> {
    worth(expr, facts, Item::None)
}

/// Whether a guard holds.
///
/// # Errors
/// As for [`eval`], and when it is no condition.
pub fn holds(expr: &Expr, facts: &impl Facts) -> Result<bool, Undefined> {
    truth(expr, facts, Item::None)
}

/// The value an expression gives to a field.
///
/// # Errors
/// As for [`eval`], and when the value does not fit the field.
pub fn value(expr: &Expr, target: &Field, facts: &impl Facts) -> Result<Value, Undefined> {
    let misfit = || undefined("a value of another type");
    let found = eval(expr, facts)?;
    Ok(match (target.kind, found) {
        (FieldType::Int, Worth::Int(n)) => Value::Int(n),
        (FieldType::Money, Worth::Int(n)) => Value::Money(n),
        (FieldType::Area, Worth::Int(n)) => Value::Area(n),
        (FieldType::Bool, Worth::Bool(b)) => Value::Bool(b),
        (FieldType::Choice, Worth::Text(text)) => Value::Choice(ChoiceId::parse(&text).ok_or_else(misfit)?),
        (FieldType::Text, Worth::Text(text)) => Value::Text(text),
        (FieldType::Phone, Worth::Text(text)) => Value::Text(phone::normal(&text).ok_or_else(misfit)?),
        (FieldType::Person, Worth::Text(text)) => Value::Person(text),
        (FieldType::Case, Worth::Text(text)) => Value::Case(text),
        (FieldType::Place, Worth::Text(text)) => Value::Place(PlaceId::parse(&text).ok_or_else(misfit)?),
        (FieldType::Unit, Worth::Text(text)) => Value::Unit(UnitId::parse(&text).ok_or_else(misfit)?),
        (FieldType::Moment, Worth::Moment(at)) => Value::Moment(at),
        (FieldType::Date, Worth::Moment(at)) => Value::Date(at.local(facts.zone()).date().to_string()),
        (FieldType::Units, Worth::List(items)) => Value::Units(ids(items, UnitId::parse).ok_or_else(misfit)?),
        (FieldType::Choices, Worth::List(items)) => {
            Value::Choices(ids(items, ChoiceId::parse).ok_or_else(misfit)?)
        }
        _ => return Err(misfit()),
    })
}

fn ids<T>(items: Vec<Worth>, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let text = |item: Worth| {
        if let Worth::Text(text) = item { parse(&text) } else { None }
    };
    items.into_iter().map(text).collect()
}

fn is_empty_field(expr: &Expr, facts: &impl Facts) -> bool {
    matches!(expr, Expr::Field(id) if facts.field(id).is_none())
}

fn truth(expr: &Expr, facts: &impl Facts, item: Item<'_>) -> Result<bool, Undefined> {
    match worth(expr, facts, item)? {
        Worth::Bool(truth) => Ok(truth),
        Worth::Int(_) | Worth::Text(_) | Worth::Moment(_) | Worth::List(_) => Err(undefined("no condition")),
    }
}

fn worth(expr: &Expr, facts: &impl Facts, item: Item<'_>) -> Result<Worth, Undefined> {
    match expr {
        Expr::Int(n) => Ok(Worth::Int(*n)),
        Expr::Bool(b) => Ok(Worth::Bool(*b)),
        Expr::Text(text) => Ok(Worth::Text(text.clone())),
        Expr::List(items) => {
            Ok(Worth::List(items.iter().map(|e| worth(e, facts, item)).collect::<Result<_, _>>()?))
        }
        Expr::Field(id) => field(id, facts),
        Expr::Round => Ok(Worth::Int(facts.round())),
        Expr::Left => facts.left().map(Worth::Int).ok_or_else(|| undefined("left")),
        Expr::Now => facts.now().map(Worth::Moment).ok_or_else(|| undefined("now")),
        Expr::Item => match item {
            Item::Worth(worth) => Ok(worth.clone()),
            Item::None | Item::Leg(_) => Err(undefined("no element at hand")),
        },
        Expr::Leg(key) => match item {
            Item::Leg(leg) => Ok(of_leg(leg, *key)),
            Item::None | Item::Worth(_) => Err(undefined("no leg at hand")),
        },
        // Nothing is in a list that is still empty.
        Expr::Binary(Operator::In, _, list) if is_empty_field(list, facts) => Ok(Worth::Bool(false)),
        Expr::Has(id) => Ok(Worth::Bool(facts.field(id).is_some())),
        Expr::In(state) => Ok(Worth::Bool(facts.is_in(state))),
        Expr::Size(source) => size(source, facts),
        Expr::Total(id, column) => total(id, column, facts),
        Expr::Add(from, span) => match worth(from, facts, item)? {
            Worth::Moment(at) => {
                facts.later(at, span).map(Worth::Moment).ok_or_else(|| undefined("a moment so late"))
            }
            Worth::Int(_) | Worth::Bool(_) | Worth::Text(_) | Worth::List(_) => Err(undefined("no moment")),
        },
        Expr::Not(inner) => Ok(Worth::Bool(!truth(inner, facts, item)?)),
        Expr::Negate(inner) => match worth(inner, facts, item)? {
            Worth::Int(n) => n.checked_neg().map(Worth::Int).ok_or_else(|| undefined("a number so large")),
            Worth::Bool(_) | Worth::Text(_) | Worth::Moment(_) | Worth::List(_) => {
                Err(undefined("no number"))
            }
        },
        Expr::Binary(operator, left, right) => binary(*operator, left, right, facts, item),
        Expr::Exists(source, guard) => quantified(source, guard, facts, true),
        Expr::All(source, guard) => quantified(source, guard, facts, false),
    }
}

fn of_leg(leg: LegFacts<'_>, key: LegKey) -> Worth {
    match key {
        LegKey::Unit => Worth::Text(leg.unit.to_string()),
        LegKey::Part => Worth::Text(leg.part.to_string()),
        LegKey::State => Worth::Text(leg.state.to_string()),
        LegKey::Round => Worth::Int(leg.round),
        LegKey::Agreed => Worth::Bool(leg.agreed),
        LegKey::Late => Worth::Bool(leg.late),
    }
}

fn field(id: &FieldId, facts: &impl Facts) -> Result<Worth, Undefined> {
    let value = facts.field(id).and_then(Held::open).ok_or_else(|| undefined(id))?;
    Ok(match value {
        Value::Int(n) | Value::Money(n) | Value::Area(n) => Worth::Int(*n),
        Value::Bool(b) => Worth::Bool(*b),
        Value::Choice(choice) => Worth::Text(choice.to_string()),
        Value::Choices(all) => Worth::List(all.iter().map(|c| Worth::Text(c.to_string())).collect()),
        Value::Date(date) => Worth::Moment(start_of(date, facts.zone()).ok_or_else(|| undefined(id))?),
        Value::Moment(at) => Worth::Moment(*at),
        Value::Table(_) => return Err(undefined(id)),
        Value::Roster(rows) => Worth::List(rows.iter().map(|r| Worth::Text(r.part.clone())).collect()),
        Value::Person(text) | Value::Text(text) | Value::Case(text) => Worth::Text(text.clone()),
        Value::Unit(unit) => Worth::Text(unit.to_string()),
        Value::Units(units) => Worth::List(units.iter().map(|u| Worth::Text(u.to_string())).collect()),
        Value::Place(place) => Worth::Text(place.to_string()),
        Value::Files(files) => Worth::List(files.iter().cloned().map(Worth::Text).collect()),
    })
}

fn start_of(date: &str, zone: &Zone) -> Option<Moment> {
    let date = Date::parse_from_str(date, "%Y-%m-%d").ok()?;
    Some(Moment::from_local(date.and_hms_opt(0, 0, 0)?, zone))
}

fn size(source: &Source, facts: &impl Facts) -> Result<Worth, Undefined> {
    let count = match source {
        Source::Legs => facts.legs().count(),
        Source::Field(id) if table(id, facts).is_some() => table(id, facts).unwrap_or_default().len(),
        Source::Field(id) => match field(id, facts)? {
            Worth::List(items) => items.len(),
            Worth::Int(_) | Worth::Bool(_) | Worth::Text(_) | Worth::Moment(_) => return Err(undefined(id)),
        },
    };
    i64::try_from(count).map(Worth::Int).map_err(|_| undefined("a number so large"))
}

fn table<'f>(id: &FieldId, facts: &'f impl Facts) -> Option<&'f [Row]> {
    match facts.field(id).and_then(Held::open) {
        Some(Value::Table(rows)) => Some(rows),
        _ => None,
    }
}

/// The sum of a column.
fn total(id: &FieldId, column: &FieldId, facts: &impl Facts) -> Result<Worth, Undefined> {
    let rows = table(id, facts).ok_or_else(|| undefined(id))?;
    let cells = rows.iter().map(|row| row.get(column).and_then(Cell::int).unwrap_or_default());
    let mut sum = 0i64;
    for cell in cells {
        sum = sum.checked_add(cell).ok_or_else(|| undefined("a number so large"))?;
    }
    Ok(Worth::Int(sum))
}

fn quantified(source: &Source, guard: &Expr, facts: &impl Facts, any: bool) -> Result<Worth, Undefined> {
    let mut open = None;
    let mut look = |item: Item<'_>| match truth(guard, facts, item) {
        Ok(found) => found == any,
        Err(error) => {
            open = Some(error);
            false
        }
    };
    let decided = match source {
        Source::Legs => facts.legs().any(|leg| look(Item::Leg(leg))),
        Source::Field(id) => match field(id, facts)? {
            Worth::List(items) => items.iter().any(|worth| look(Item::Worth(worth))),
            Worth::Int(_) | Worth::Bool(_) | Worth::Text(_) | Worth::Moment(_) => return Err(undefined(id)),
        },
    };
    match (decided, open) {
        (true, _) => Ok(Worth::Bool(any)),
        (false, Some(error)) => Err(error),
        (false, None) => Ok(Worth::Bool(!any)),
    }
}

fn binary(
    operator: Operator,
    left: &Expr,
    right: &Expr,
    facts: &impl Facts,
    item: Item<'_>,
) -> Result<Worth, Undefined> {
    if let Operator::And | Operator::Or = operator {
        return logic(operator == Operator::Or, left, right, facts, item);
    }
    let (a, b) = (worth(left, facts, item)?, worth(right, facts, item)?);
    match operator {
        Operator::Plus | Operator::Minus | Operator::Times => arithmetic(operator, &a, &b),
        Operator::Equal => Ok(Worth::Bool(a == b)),
        Operator::Different => Ok(Worth::Bool(a != b)),
        Operator::In => match b {
            Worth::List(items) => Ok(Worth::Bool(items.contains(&a))),
            Worth::Int(_) | Worth::Bool(_) | Worth::Text(_) | Worth::Moment(_) => Err(undefined("no list")),
        },
        Operator::Less => order(&a, &b).map(|o| Worth::Bool(o == Ordering::Less)),
        Operator::AtMost => order(&a, &b).map(|o| Worth::Bool(o != Ordering::Greater)),
        Operator::More => order(&a, &b).map(|o| Worth::Bool(o == Ordering::Greater)),
        Operator::AtLeast => order(&a, &b).map(|o| Worth::Bool(o != Ordering::Less)),
        Operator::And | Operator::Or => Err(undefined("no condition")),
    }
}

/// `decides` is the truth that decides by itself: true for `||`, false for `&&`.
fn logic(
    decides: bool,
    left: &Expr,
    right: &Expr,
    facts: &impl Facts,
    item: Item<'_>,
) -> Result<Worth, Undefined> {
    let a = truth(left, facts, item);
    if a == Ok(decides) {
        return Ok(Worth::Bool(decides));
    }
    let b = truth(right, facts, item);
    if b == Ok(decides) {
        return Ok(Worth::Bool(decides));
    }
    a.and(b).map(|_| Worth::Bool(!decides))
}

fn arithmetic(operator: Operator, a: &Worth, b: &Worth) -> Result<Worth, Undefined> {
    let (Worth::Int(a), Worth::Int(b)) = (a, b) else {
        return Err(undefined("no number"));
    };
    let result = match operator {
        Operator::Plus => a.checked_add(*b),
        Operator::Minus => a.checked_sub(*b),
        _ => a.checked_mul(*b),
    };
    result.map(Worth::Int).ok_or_else(|| undefined("a number so large"))
}

fn order(a: &Worth, b: &Worth) -> Result<Ordering, Undefined> {
    match (a, b) {
        (Worth::Int(a), Worth::Int(b)) => Ok(a.cmp(b)),
        (Worth::Moment(a), Worth::Moment(b)) => Ok(a.cmp(b)),
        (Worth::Text(a), Worth::Text(b)) => Ok(a.cmp(b)),
        _ => Err(undefined("values that have no order")),
    }
}
