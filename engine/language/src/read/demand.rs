//! `[demand]`: what a simulation assumes of a town. How many cases come and when, how many people work where, how long
//! a handling takes, what is chosen how often.

use std::collections::{BTreeMap, BTreeSet};

use paidan_foresight::simulate::Demand;
use paidan_foresight::simulate::demand::{
    Action, CASES_MOST, DAYS_MOST, Hand, MINUTES_MOST, NAMES_MOST, PEOPLE_MOST, WATCH_DAYS_MOST, WEIGHT_MOST,
};
use paidan_machine::verb::Verb;
use paidan_model::calendar::Calendar;
use paidan_model::id::{ActionId, CalendarId, UnitId};
use paidan_model::moment::Date;
use paidan_model::roster::Roster;
use paidan_model::workflow::Workflow;

use super::calendar::WEEKDAYS;
use super::limit;
use crate::code::Code;
use crate::finding::Finding;
use crate::reader::{Reader, Table};
use crate::source::Place;
use crate::tree::Node;

/// A demand that was read, with the places of the names in it.
struct Assumed {
    demand: Demand,
    hands: BTreeMap<String, Place>,
    actions: BTreeMap<ActionId, Place>,
    calendars: Vec<(CalendarId, Place)>,
}

/// Reads `[demand]` of files that are no definitions, and notes every name in it that nothing has; a second one is
/// refused.
pub(crate) fn demand<'w>(
    reader: &Reader,
    roots: &[Node],
    workflows: impl Iterator<Item = &'w Workflow> + Clone,
    roster: Option<&Roster>,
    calendars: &BTreeMap<CalendarId, Calendar>,
) -> Option<Demand> {
    let mut found: Option<Demand> = None;
    for root in roots.iter().filter(|root| root.get("workflow").is_none()) {
        let Some(table) = root.get("demand").and_then(|node| reader.table(node, "[demand]")) else {
            continue;
        };
        if found.is_some() {
            reader.find(Code::Duplicate, table.place, "需求假设写了两次", "`[demand]` stands in two files");
            continue;
        }
        let assumed = read(reader, &table);
        assumed.known(reader, workflows.clone(), roster, calendars);
        found = Some(assumed.demand);
    }
    found
}

fn read(reader: &Reader, table: &Table<'_>) -> Assumed {
    let mut assumed = Assumed {
        demand: Demand::default(),
        hands: BTreeMap::new(),
        actions: BTreeMap::new(),
        calendars: Vec::new(),
    };
    counts(reader, table, &mut assumed.demand);
    shares(reader, table, &mut assumed.demand);
    if let Some(from) = table.get("from").and_then(|node| day(reader, node)) {
        assumed.demand.from = from;
    }
    if let Some(weekdays) = table.get("weekdays").and_then(|node| weekdays(reader, node)) {
        assumed.demand.weekdays = weekdays;
    }
    assumed.demand.calendar = calendar(reader, table, &mut assumed.calendars);
    hands(reader, table, &mut assumed);
    actions(reader, table, &mut assumed);
    reader.done(table);
    assumed
}

/// A whole number from the least to the most.
fn number(reader: &Reader, table: &Table<'_>, key: &'static str, least: u32, most: u32) -> Option<u32> {
    let found = table.get(key).and_then(|node| reader.int(node, i64::from(least), i64::from(most)))?;
    u32::try_from(found).ok()
}

fn counts(reader: &Reader, table: &Table<'_>, demand: &mut Demand) {
    demand.cases = number(reader, table, "cases", 1, CASES_MOST);
    demand.per_day = number(reader, table, "per_day", 1, CASES_MOST);
    demand.days = number(reader, table, "days", 1, DAYS_MOST).unwrap_or(demand.days);
    demand.people = number(reader, table, "people", 1, PEOPLE_MOST);
    demand.minutes = number(reader, table, "minutes", 0, MINUTES_MOST).unwrap_or(demand.minutes);
    demand.linked_days =
        number(reader, table, "linked_days", 0, WATCH_DAYS_MOST).unwrap_or(demand.linked_days);
    demand.watch_days = number(reader, table, "watch_days", 1, WATCH_DAYS_MOST).unwrap_or(demand.watch_days);
    if let Some(node) = table.get("seed")
        && let Some(seed) = reader.int(node, 0, i64::MAX)
    {
        demand.seed = seed.unsigned_abs();
    }
}

fn shares(reader: &Reader, table: &Table<'_>, demand: &mut Demand) {
    let percent = |key| number(reader, table, key, 0, 100);
    demand.silent = percent("silent_percent").unwrap_or(demand.silent);
    demand.turnout = percent("turnout_percent").unwrap_or(demand.turnout);
    demand.agree = percent("agree_percent").unwrap_or(demand.agree);
    let Some(node) = table.get("answer_minutes") else { return };
    let both = reader.list(node, 2, "minutes").iter();
    let both: Vec<u32> = both
        .filter_map(|node| reader.int(node, 0, i64::from(MINUTES_MOST)))
        .filter_map(|minutes| u32::try_from(minutes).ok())
        .collect();
    match both.as_slice() {
        [soonest, latest] if soonest <= latest => demand.answer = (*soonest, *latest),
        _ => {
            let en = "the soonest and the latest answer are wanted, in minutes, such as [60, 2880]";
            reader.find(Code::WrongValue, node.place, "请写最早和最晚的分钟数，如[60, 2880]", en);
        }
    }
}

fn day(reader: &Reader, node: &Node) -> Option<Date> {
    let text = reader.text(node)?;
    let found = Date::parse_from_str(&text, "%Y-%m-%d").ok();
    if found.is_none() {
        let en = format!("`{text}` is no day YYYY-MM-DD");
        reader.find(Code::WrongValue, node.place, format!("`{text}`不是日期，应如2026-11-23"), en);
    }
    found
}

/// Weights by weekday; a weekday that is left out weighs nothing.
fn weekdays(reader: &Reader, node: &Node) -> Option<[u32; 7]> {
    let table = reader.table(node, "`weekdays`")?;
    let found = WEEKDAYS.map(|day| number(reader, &table, day, 0, WEIGHT_MOST).unwrap_or(0));
    reader.done(&table);
    Some(found)
}

fn calendar(reader: &Reader, table: &Table<'_>, places: &mut Vec<(CalendarId, Place)>) -> Option<CalendarId> {
    let node = table.get("calendar")?;
    let id: CalendarId = reader.name(node)?;
    places.push((id.clone(), node.place));
    Some(id)
}

fn hands(reader: &Reader, table: &Table<'_>, assumed: &mut Assumed) {
    let Some(node) = table.get("hands") else { return };
    let Some(hands) = reader.table(node, "[demand.hands]") else { return };
    limit(reader, table.key_place("hands"), "hands", hands.node.entries().count(), NAMES_MOST);
    for (name, entry) in hands.node.entries() {
        let Some(table) = reader.table(&entry.value, "a hand of [demand]") else { continue };
        let hand = Hand {
            people: number(reader, &table, "people", 1, PEOPLE_MOST),
            minutes: number(reader, &table, "minutes", 0, MINUTES_MOST),
            calendar: calendar(reader, &table, &mut assumed.calendars),
        };
        reader.done(&table);
        assumed.hands.insert(name.clone(), entry.key);
        assumed.demand.hands.insert(name.clone(), hand);
    }
}

fn actions(reader: &Reader, table: &Table<'_>, assumed: &mut Assumed) {
    let Some(node) = table.get("actions") else { return };
    let named = reader.by_name::<ActionId>(node);
    limit(reader, table.key_place("actions"), "actions", named.len(), NAMES_MOST);
    for (name, entry) in named {
        let Some(table) = reader.table(&entry.value, "an action of [demand]") else { continue };
        let action = Action {
            weight: number(reader, &table, "weight", 0, WEIGHT_MOST),
            minutes: number(reader, &table, "minutes", 0, MINUTES_MOST),
        };
        reader.done(&table);
        assumed.actions.insert(name.clone(), entry.key);
        assumed.demand.actions.insert(name, action);
    }
}

impl Assumed {
    /// Notes every name that no workflow, roster or calendar has. Without a roster units are not known, and a hand may
    /// be any id; without a workflow nothing is looked at.
    fn known<'w>(
        &self,
        reader: &Reader,
        workflows: impl Iterator<Item = &'w Workflow> + Clone,
        roster: Option<&Roster>,
        calendars: &BTreeMap<CalendarId, Calendar>,
    ) {
        for (id, place) in self.calendars.iter().filter(|(id, _)| !calendars.contains_key(id)) {
            let known = calendars.keys().map(CalendarId::as_str);
            unknown(reader, *place, id.as_str(), ("日历", "calendar"), known);
        }
        if workflows.clone().next().is_none() {
            return;
        }
        let declared = workflows.clone().flat_map(|w| w.states.values()).flat_map(|state| state.on.keys());
        let simulated = Verb::all().filter(|verb| !verb.is_beside_chart());
        let built_in = simulated.map(|verb| -> &str { verb.name() });
        let actions: BTreeSet<&str> = declared.map(ActionId::as_str).chain(built_in).collect();
        for (id, place) in self.actions.iter().filter(|(id, _)| !actions.contains(id.as_str())) {
            unknown(reader, *place, id.as_str(), ("动作", "action"), actions.iter().copied());
        }
        let roles: BTreeSet<&str> =
            workflows.flat_map(|w| w.roles.keys()).map(|role| role.as_str()).collect();
        let Some(roster) = roster else { return };
        let is_unit = |name: &str| UnitId::parse(name).is_some_and(|unit| roster.units.contains_key(&unit));
        for (name, place) in &self.hands {
            let unit = name.split_once('@').map_or(name.as_str(), |(_, unit)| unit);
            if !roles.contains(name.as_str()) && !is_unit(unit) && !roster.people.contains_key(name) {
                let units = roster.units.keys().map(UnitId::as_str);
                let what = ("角色、单位或人员", "role, unit, `post@unit` or person");
                unknown(reader, *place, name, what, roles.iter().copied().chain(units));
            }
        }
    }
}

fn unknown<'n>(
    reader: &Reader,
    place: Place,
    name: &str,
    (zh, en): (&str, &str),
    known: impl IntoIterator<Item = &'n str>,
) {
    let finding = Finding::new(
        Code::UnknownName,
        place,
        format!("没有{zh}`{name}`"),
        format!("there is no {en} `{name}`"),
    );
    reader.note(finding.nearest(name, known));
}
