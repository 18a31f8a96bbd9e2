//! Blank forms: what is filled in where no test has filled in the same, valid by type and limits.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_machine::{Case, Law};
use paidan_model::calendar::Roll;
use paidan_model::field::{Field, FieldType};
use paidan_model::id::{FieldId, UnitId, UnitKind};
use paidan_model::moment::Moment;
use paidan_model::table::CellType;
use paidan_model::value::{Held, Value};
use serde_json::{Value as Json, json};

use super::dice::Dice;
use super::sample::{Sample, plus, shifted};
use super::town::Town;

/// What is written where words are wanted.
const WORDS: &str = "模拟";
/// How far ahead a day is, where nothing says how far it may be.
const AHEAD_DAYS: i64 = 14;

/// Towards which end of a range a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lean {
    /// The greatest, yes, the first choice.
    High,
    /// The least, no, the last choice.
    Low,
    /// Any.
    Any,
}

/// Where a form is filled in.
pub(crate) struct Pen<'p, 'a> {
    pub law: &'p Law<'a>,
    pub town: &'p Town<'a>,
    pub dice: &'p mut Dice,
    pub now: Moment,
    /// The number of the case.
    pub number: usize,
    /// The case; none: it is being opened.
    pub case: Option<&'p Case>,
    pub levels: &'p BTreeMap<UnitKind, UnitId>,
    /// Which unit of the town stands for one that a test names, in this case.
    pub units: &'p mut BTreeMap<String, UnitId>,
}

impl Pen<'_, '_> {
    fn field(&self, id: &str) -> Option<&Field> {
        self.law.workflow.fields.get(&FieldId::parse(id)?)
    }

    /// A sample as it would be filled in now, in this case.
    pub(crate) fn copy(&mut self, sample: &Sample) -> BTreeMap<String, Json> {
        let zone = self.law.zone();
        let today = self.now.local(zone).date();
        let days = today.signed_duration_since(sample.at.local(zone).date()).num_days();
        let mut fill = BTreeMap::new();
        for (id, value) in &sample.fill {
            let value = match self.field(id).cloned() {
                Some(field) => self.adapt(&field, value, days),
                None => value.clone(),
            };
            fill.insert(id.clone(), value);
        }
        fill
    }

    fn adapt(&mut self, field: &Field, value: &Json, days: i64) -> Json {
        match field.kind {
            FieldType::Date | FieldType::Moment => shifted(value, days),
            FieldType::Person if field.post.is_empty() => {
                json!(format!("{}-{}", value.as_str().unwrap_or("resident"), self.number))
            }
            FieldType::Person => {
                let known = self.town.somebody(self.dice, &field.post, self.levels);
                known.map_or_else(|| value.clone(), Json::String)
            }
            FieldType::Unit => value.as_str().map_or(Json::Null, |name| self.unit(name)),
            FieldType::Units => {
                let names = value.as_array().into_iter().flatten().filter_map(Json::as_str);
                names.map(|name| self.unit(name)).collect()
            }
            FieldType::Text
            | FieldType::Phone
            | FieldType::Int
            | FieldType::Bool
            | FieldType::Choice
            | FieldType::Choices
            | FieldType::Place
            | FieldType::Files
            | FieldType::Money
            | FieldType::Area
            | FieldType::Case
            | FieldType::Roster
            | FieldType::Table => value.clone(),
        }
    }

    /// The unit of the town that stands for one a test names; that one itself without a roster.
    fn unit(&mut self, name: &str) -> Json {
        if !self.units.contains_key(name) {
            let taken: BTreeSet<&UnitId> = self.units.values().collect();
            let Some(unit) = self.town.another(self.dice, &taken).or_else(|| UnitId::parse(name)) else {
                return json!(name);
            };
            self.units.insert(name.to_string(), unit);
        }
        self.units.get(name).map_or_else(|| json!(name), |unit| json!(unit.as_str()))
    }

    /// A value for each of these fields that is not filled in yet.
    pub(crate) fn fill<'f>(
        &mut self,
        fields: impl IntoIterator<Item = &'f FieldId>,
        lean: Lean,
        fill: &mut BTreeMap<String, Json>,
    ) {
        let mut ordered: Vec<(&FieldId, Field)> = fields
            .into_iter()
            .filter_map(|id| Some((id, self.law.workflow.fields.get(id)?.clone())))
            .collect();
        // What must be part of another field comes after it.
        ordered.sort_by_key(|(_, field)| field.among.is_some());
        for (id, field) in ordered {
            if !fill.contains_key(id.as_str())
                && let Some(value) = self.value(&field, lean, fill)
            {
                fill.insert(id.to_string(), value);
            }
        }
    }

    fn value(&mut self, field: &Field, lean: Lean, fill: &BTreeMap<String, Json>) -> Option<Json> {
        let least = field.min.unwrap_or(1);
        Some(match field.kind {
            FieldType::Text => json!(words(field)),
            FieldType::Phone => json!("13000000000"),
            FieldType::Int | FieldType::Money | FieldType::Area => {
                let most = field.max.unwrap_or_else(|| least.saturating_add(99)).max(least);
                match lean {
                    Lean::High => json!(most),
                    Lean::Low => json!(least),
                    Lean::Any => json!(self.dice.between(least, most)),
                }
            }
            FieldType::Bool => json!(self.lean(lean, &[true, false])?),
            FieldType::Choice => json!(self.lean(lean, &field.choices)?.as_str()),
            FieldType::Choices => {
                let count = usize::try_from(least.max(1)).unwrap_or(1);
                field.choices.iter().take(count).map(|choice| json!(choice.as_str())).collect()
            }
            FieldType::Date => json!(self.date(field, lean)?),
            FieldType::Moment => json!(self.now.plus_seconds(AHEAD_DAYS * 86_400).rfc3339()),
            FieldType::Person if field.post.is_empty() => json!(format!("resident-{}", self.number)),
            FieldType::Person => {
                let known = self.town.somebody(self.dice, &field.post, self.levels);
                json!(known.or_else(|| Some(format!("{}-1", field.post.first()?)))?)
            }
            FieldType::Unit => json!(self.units_for(field, 1, fill).into_iter().next()?),
            FieldType::Units => json!(self.units_for(field, least.max(1), fill)),
            FieldType::Place => json!("place-1"),
            FieldType::Files => (0..least.clamp(1, 9)).map(|n| json!(format!("simulated-{n}.jpg"))).collect(),
            FieldType::Case => json!(self.linked(field)?),
            FieldType::Roster => (0..least.clamp(3, 9)).map(|n| self.property(n)).collect(),
            FieldType::Table => (0..least.clamp(1, 20)).map(|_| row(field)).collect(),
        })
    }

    fn lean<'t, T>(&mut self, lean: Lean, all: &'t [T]) -> Option<&'t T> {
        match lean {
            Lean::High => all.first(),
            Lean::Low => all.last(),
            Lean::Any => self.dice.one_of(all),
        }
    }

    fn date(&mut self, field: &Field, lean: Lean) -> Option<String> {
        let zone = self.law.zone();
        let calendar = self.law.calendars.get(&self.law.workflow.calendar)?;
        let today = self.now.local(zone).date();
        let latest = field.ahead.as_ref().and_then(|ahead| calendar.due(self.now, ahead, Roll::None));
        let most = latest
            .map_or(AHEAD_DAYS, |due| due.at.local(zone).date().signed_duration_since(today).num_days());
        let days = match lean {
            Lean::High => most.min(AHEAD_DAYS),
            Lean::Low => 1.min(most),
            Lean::Any => self.dice.between(1.min(most), most.min(4 * AHEAD_DAYS)),
        };
        Some(plus(today, days)?.to_string())
    }

    /// Units that may stand in a field: of those it must be among, else of those that have a part of the case, else of
    /// those that may be called.
    fn units_for(&mut self, field: &Field, count: i64, fill: &BTreeMap<String, Json>) -> Vec<String> {
        let count = usize::try_from(count).unwrap_or(1);
        if let Some(among) = &field.among {
            let given = fill.get(among.as_str()).and_then(Json::as_array);
            let here =
                given.map(|all| all.iter().filter_map(Json::as_str).map(ToString::to_string).collect());
            let held = match self.case.and_then(|case| case.form.fields.get(among)).and_then(Held::open) {
                Some(Value::Units(units)) => units.iter().map(ToString::to_string).collect(),
                _ => Vec::new(),
            };
            let whole: Vec<String> = here.unwrap_or(held);
            return whole.into_iter().take(count).collect();
        }
        let mut found: Vec<UnitId> = Vec::new();
        for n in 0..count {
            let taken: BTreeSet<&UnitId> = found.iter().collect();
            let next = self.town.another(self.dice, &taken).or_else(|| UnitId::parse(&format!("unit-{n}")));
            found.extend(next);
        }
        found.iter().map(ToString::to_string).collect()
    }

    /// Another case that may be named.
    fn linked(&mut self, field: &Field) -> Option<String> {
        let fits =
            |linked: &paidan_machine::Linked| field.of.as_ref().is_none_or(|of| linked.workflow == *of);
        let cases = self.law.references.into_iter().flat_map(|references| &references.cases);
        // Every field of cases may name the same ones.
        let all: BTreeSet<&String> =
            cases.filter(|(_, linked)| fits(linked)).map(|((_, number), _)| number).collect();
        let all: Vec<&String> = all.into_iter().collect();
        match (self.dice.one_of(&all), &field.of) {
            (Some(number), _) => Some((*number).clone()),
            (None, None) => Some(format!("case-{}", self.number)),
            (None, Some(_)) => None,
        }
    }

    fn property(&self, n: i64) -> Json {
        let owner = format!("owner-{}-{n}", self.number);
        json!({ "part": format!("{}01", n + 1), "floor": n + 1, "area": 800_000, "owner": owner })
    }
}

fn words(field: &Field) -> String {
    let least = usize::try_from(field.min.unwrap_or(1)).unwrap_or(1);
    WORDS.chars().cycle().take(least.max(WORDS.chars().count())).collect()
}

fn row(field: &Field) -> Json {
    let cell = |column: &paidan_model::table::Column| match column.kind {
        CellType::Text => json!(WORDS),
        CellType::Int | CellType::Money => json!(column.max.unwrap_or_else(|| column.min.unwrap_or(1))),
    };
    let cells = field.columns.iter().map(|column| (column.id.to_string(), cell(column)));
    Json::Object(cells.collect())
}
