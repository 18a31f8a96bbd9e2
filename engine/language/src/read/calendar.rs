//! Calendars: hours of the week, days off, make-up workdays. What a calendar cannot use is told where it stands.

use std::collections::{BTreeMap, BTreeSet};

use paidan_model::calendar::{CLOSED_DAYS_MAX, Calendar, CalendarError, DAY_MINUTES, Day, Parts, Window};
use paidan_model::id::CalendarId;
use paidan_model::moment::{Date, Zone};
use paidan_model::span::Span;

use crate::code::Code;
use crate::finding::Finding;
use crate::reader::{Reader, Table};
use crate::source::Place;
use crate::tree::{Entry, Node};

/// The weekdays as keys, Monday first.
pub(crate) const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// The weekdays as people say them, Monday first.
const SAID: [&str; 7] = ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"];
/// The most days that one range of days off has.
const RANGE_DAYS_MAX: usize = 400;
/// The most entries of `off`, and of `work`.
const DAYS_MAX: usize = 4_000;

/// The name of the calendar that is built in.
const ALWAYS: &str = "always";

/// The calendars of a town.
#[derive(Default)]
pub struct Calendars {
    /// Those that can be counted by, `always` among them.
    pub sound: BTreeMap<CalendarId, Calendar>,
    /// The names of all that are declared: one that is not sound is told where it stands, not where it is used.
    pub declared: BTreeSet<CalendarId>,
    /// The zone of the town.
    pub zone: Zone,
}

/// A calendar as it is written.
struct Draft {
    /// Its key.
    key: Place,
    /// The calendar whose hours it has.
    like: Option<CalendarId>,
    /// Something of it could not be read, which is told: what else is wrong may follow from that.
    faulty: bool,
    parts: Parts,
    /// What its `zone` says, and where.
    zone: Option<(Zone, Place)>,
    /// Where each weekday has its hours.
    week: BTreeMap<u8, Place>,
    /// Where each make-up workday is listed.
    work: BTreeMap<Day, Place>,
    /// Where `off`, `work_like`, `earlier` or `later` stand; the calendar's key where it does not have them.
    off: Place,
    work_like: Place,
    stretched: Place,
}

/// Reads the calendars of all files; `known` are in force and need no text.
pub fn calendars<'n>(
    reader: &Reader,
    roots: impl Iterator<Item = &'n Node>,
    known: &BTreeMap<CalendarId, Calendar>,
) -> Calendars {
    let mut entries: BTreeMap<CalendarId, &Entry> = BTreeMap::new();
    for node in roots.filter_map(|root| root.get("calendars")) {
        for (id, entry) in reader.by_name::<CalendarId>(node) {
            if id.as_str() == ALWAYS || entries.contains_key(&id) {
                twice(reader, &id, entry.key);
            } else {
                entries.insert(id, entry);
            }
        }
    }
    let (waiting, plain): (Vec<_>, Vec<_>) =
        entries.iter().partition(|(_, entry)| entry.value.get("like").is_some());
    let read = |(id, entry): (&CalendarId, &&Entry)| {
        calendar(reader, entry.key, &entry.value).map(|draft| (id.clone(), draft))
    };
    let drafts: BTreeMap<CalendarId, Draft> = plain.into_iter().filter_map(read).collect();
    let zone = zone_of_town(reader, &drafts, known);
    let drafts = with_derived(reader, drafts, waiting, known);
    let mut found = Calendars { sound: known.clone(), declared: known.keys().cloned().collect(), zone };
    found.declared.extend(entries.into_keys());
    for (id, draft) in &drafts {
        // What is wrong with the hours of another calendar is told there.
        let told = draft.like.as_ref().is_some_and(|like| !found.sound.contains_key(like));
        if draft.faulty || told {
            found.sound.remove(id);
            continue;
        }
        match Calendar::build(Parts { zone, ..draft.parts.clone() }) {
            Ok(calendar) => drop(found.sound.insert(id.clone(), calendar)),
            Err(errors) => {
                found.sound.remove(id);
                errors.iter().for_each(|error| tell(reader, id, draft, error));
            }
        }
    }
    if let Some(always) = CalendarId::parse(ALWAYS) {
        found.declared.insert(always.clone());
        found.sound.insert(always, Calendar::always(zone));
    }
    found
}

/// The calendars in an order in which each comes after the one it is like.
fn with_derived(
    reader: &Reader,
    plain: BTreeMap<CalendarId, Draft>,
    mut waiting: Vec<(&CalendarId, &&Entry)>,
    known: &BTreeMap<CalendarId, Calendar>,
) -> Vec<(CalendarId, Draft)> {
    let mut drafts: Vec<(CalendarId, Draft)> = plain.into_iter().collect();
    while !waiting.is_empty() {
        let before = waiting.len();
        waiting.retain(|(id, entry)| {
            let like = entry.value.get("like").and_then(Node::text);
            let base = drafts.iter().find(|(id, _)| Some(id.as_str()) == like).map(|(_, base)| base);
            let derived = base.map(|base| derived(reader, entry.key, &entry.value, base));
            let there = derived.is_some();
            drafts.extend(derived.flatten().map(|draft| ((*id).clone(), draft)));
            !there
        });
        if waiting.len() == before {
            break;
        }
    }
    let all: Vec<&str> = drafts.iter().map(|(id, _)| id.as_str()).collect();
    let names: Vec<&str> = waiting.iter().map(|(id, _)| id.as_str()).collect();
    for (_, entry) in &waiting {
        like_nothing(reader, &entry.value, &all, &names, known);
    }
    drafts
}

/// Says why a calendar cannot be like the one it names.
fn like_nothing(
    reader: &Reader,
    node: &Node,
    all: &[&str],
    waiting: &[&str],
    known: &BTreeMap<CalendarId, Calendar>,
) {
    let Some(table) = reader.table(node, "a calendar") else { return };
    let Some(like) = reader.name_at::<CalendarId>(&table, "like") else { return };
    let place = table.key_place("like");
    if waiting.contains(&like.as_str()) {
        let en = "calendars that are like each other in a ring have no hours";
        reader.find(Code::Calendar, place, "日历互为依据，没有时段", en);
    } else if known.contains_key(&like) || like.as_str() == ALWAYS {
        let en = format!("`{like}` is in none of these files, so its hours cannot be stretched");
        reader.find(Code::Calendar, place, format!("日历`{like}`不在所给文件里，不能作为依据"), en);
    } else {
        let (zh, en) = (format!("没有日历`{like}`"), format!("there is no calendar `{like}`"));
        let finding = Finding::new(Code::UnknownName, place, zh, en);
        reader.note(finding.nearest(like.as_str(), all.iter().copied()));
    }
}

fn twice(reader: &Reader, id: &CalendarId, place: Place) {
    let (zh, en) = match id.as_str() {
        ALWAYS => {
            ("日历`always`是内置的，不能再声明".to_string(), "the calendar `always` is built in".to_string())
        }
        _ => (format!("日历`{id}`重复声明"), format!("the calendar `{id}` is declared twice")),
    };
    reader.find(Code::Duplicate, place, zh, en);
}

/// A town keeps one zone: that of its first calendar that names one, else that of the calendars in force.
fn zone_of_town(
    reader: &Reader,
    drafts: &BTreeMap<CalendarId, Draft>,
    known: &BTreeMap<CalendarId, Calendar>,
) -> Zone {
    let mut said: Vec<(Zone, Place)> = drafts.values().filter_map(|draft| draft.zone).collect();
    said.sort_by_key(|(_, place)| *place);
    let in_force = || known.iter().find(|(id, _)| id.as_str() == ALWAYS).map(|(_, always)| *always.zone());
    let Some((zone, _)) = said.first().copied() else { return in_force().unwrap_or_default() };
    for (other, place) in said.iter().filter(|(other, _)| *other != zone) {
        let (other, zone) = (other.name(), zone.name());
        let en =
            format!("another calendar of this town keeps `{zone}`; a town has one zone, not `{other}` too");
        reader.find(Code::Calendar, *place, format!("同一地方的另一日历用时区`{zone}`，时区只能有一个"), en);
    }
    zone
}

/// Says why a calendar cannot be, at the part of it that is wrong.
fn tell(reader: &Reader, id: &CalendarId, draft: &Draft, error: &CalendarError) {
    let of_day = |day: &u8| *draft.week.get(day).unwrap_or(&draft.stretched);
    let said = |day: &u8| SAID.get(usize::from(*day)).copied().unwrap_or_default();
    let (place, zh) = match error {
        CalendarError::Window(day) => (of_day(day), format!("{}的时段为空或超过一天", said(day))),
        CalendarError::Overlap(day) => (of_day(day), format!("{}的时段重叠", said(day))),
        CalendarError::Both(day) => {
            (*draft.work.get(day).unwrap_or(&draft.off), format!("{}既是休息日又是上班日", day.0))
        }
        CalendarError::NoHours(day) => {
            (draft.work_like, format!("调休上班日按{}的时段，而{}没有时段", said(day), said(day)))
        }
        CalendarError::NotADay(text) => (draft.key, format!("`{text}`不是日期")),
        CalendarError::Empty => (draft.key, "从不开放".to_string()),
        CalendarError::Closed(day) => (draft.off, format!("自{}起连续休息超过{CLOSED_DAYS_MAX}天", day.0)),
    };
    let en = match error {
        CalendarError::Overlap(day) | CalendarError::Window(day) | CalendarError::NoHours(day) => {
            format!("{error} ({})", WEEKDAYS.get(usize::from(*day)).copied().unwrap_or_default())
        }
        CalendarError::Both(_)
        | CalendarError::NotADay(_)
        | CalendarError::Empty
        | CalendarError::Closed(_) => error.to_string(),
    };
    reader.find(Code::Calendar, place, format!("日历`{id}`：{zh}"), format!("calendar `{id}`: {en}"));
}

fn calendar(reader: &Reader, key: Place, node: &Node) -> Option<Draft> {
    let told = reader.findings.borrow().len();
    let table = reader.table(node, "a calendar")?;
    let zone = table.get("zone").and_then(|node| Some((zone(reader, node)?, node.place)));
    let hours = table.get("week").map(|node| week(reader, node)).unwrap_or_default();
    let week = hours.iter().map(|(day, (_, place))| (*day, *place)).collect();
    let days_of = |name| table.get(name).map(|node| days(reader, node)).unwrap_or_default();
    let (off, work) = (days_of("off"), days_of("work"));
    let parts = Parts {
        zone: Zone::default(),
        week: hours.into_iter().map(|(day, (windows, _))| (day, windows)).collect(),
        off: off.into_keys().collect(),
        work: work.keys().copied().collect(),
        work_like: table.get("work_like").and_then(|node| weekday(reader, node)).unwrap_or(0),
        known_until: table.get("known_until").and_then(|node| day(reader, node)),
        earlier: 0,
        later: 0,
        notices: table.get("notices").map(|node| notices(reader, node)).unwrap_or_default(),
    };
    reader.done(&table);
    let place = |name: &str| Some(table.key_place(name)).filter(|place| *place != table.place);
    Some(Draft {
        key,
        like: None,
        faulty: reader.findings.borrow().len() > told,
        parts,
        zone,
        week,
        work,
        off: place("off").unwrap_or(key),
        work_like: place("work_like").or(place("work")).unwrap_or(key),
        stretched: key,
    })
}

fn zone(reader: &Reader, node: &Node) -> Option<Zone> {
    let text = reader.text(node)?;
    let zone = Zone::parse(&text);
    if zone.is_none() {
        let en = format!("there is no time zone `{text}`");
        reader.find(Code::Calendar, node.place, format!("没有时区`{text}`"), en);
    }
    zone
}

/// What the days off and make-up workdays of each year rest on.
fn notices(reader: &Reader, node: &Node) -> BTreeMap<String, String> {
    if reader.table(node, "notices by year").is_none() {
        return BTreeMap::new();
    }
    let mut found = BTreeMap::new();
    for (year, entry) in node.entries() {
        let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
        if !is_year {
            let en = format!("`{year}` is no year");
            reader.find(Code::Calendar, entry.key, format!("`{year}`不是年份"), en);
        } else if let Some(notice) = reader.text(&entry.value) {
            found.insert(year.clone(), notice);
        }
    }
    found
}

/// `like`, `earlier`, `later`: the hours of another calendar, stretched.
fn derived(reader: &Reader, key: Place, node: &Node, base: &Draft) -> Option<Draft> {
    let told = reader.findings.borrow().len();
    let table = reader.table(node, "a calendar")?;
    let like = reader.name_at(&table, "like")?;
    let earlier = minutes(reader, &table, "earlier").saturating_add(base.parts.earlier);
    let later = minutes(reader, &table, "later").saturating_add(base.parts.later);
    reader.done(&table);
    let opens = base.parts.week.values().filter_map(|windows| windows.iter().map(|w| w.open).min()).min();
    if opens.is_some_and(|opens| opens < earlier) {
        let en = format!("`{like}` opens less than {earlier} minutes after midnight");
        reader.find(Code::Calendar, table.key_place("earlier"), "提前后早于零点", en);
        return None;
    }
    let stretched = ["earlier", "later"].into_iter().find(|key| node.get(key).is_some());
    Some(Draft {
        key,
        like: Some(like),
        faulty: reader.findings.borrow().len() > told,
        parts: Parts { earlier, later, ..base.parts.clone() },
        zone: None,
        week: BTreeMap::new(),
        work: BTreeMap::new(),
        off: key,
        work_like: key,
        stretched: stretched.map_or(key, |name| table.key_place(name)),
    })
}

/// A duration in whole minutes of real time, at most a day.
fn minutes(reader: &Reader, table: &Table<'_>, key: &'static str) -> u16 {
    let Some(node) = table.get(key) else { return 0 };
    let Some(span) = reader.span(node) else { return 0 };
    let found = match span {
        Span::Real { seconds } if seconds % 60 == 0 => u16::try_from(seconds / 60).ok(),
        Span::Real { .. }
        | Span::Business { .. }
        | Span::BusinessDays { .. }
        | Span::CalendarDays { .. }
        | Span::CalendarMonths { .. } => None,
    };
    let found = found.filter(|minutes| *minutes <= DAY_MINUTES);
    if found.is_none() {
        let en = "hours are stretched by real minutes or hours, such as `1 real hour`, by a day at most";
        reader.find(Code::Calendar, node.place, "应写实际时间，如`1 real hour`，最多一天", en);
    }
    found.unwrap_or(0)
}

fn weekday(reader: &Reader, node: &Node) -> Option<u8> {
    let text = reader.text(node)?;
    weekday_of(reader, &text, node.place)
}

fn weekday_of(reader: &Reader, text: &str, place: Place) -> Option<u8> {
    let found = WEEKDAYS.iter().position(|name| *name == text).and_then(|n| u8::try_from(n).ok());
    if found.is_none() {
        let en = format!("`{text}` is none of {}", WEEKDAYS.join(", "));
        reader.find(Code::Calendar, place, format!("没有星期`{text}`"), en);
    }
    found
}

/// The hours of each weekday, and where they stand.
fn week(reader: &Reader, node: &Node) -> BTreeMap<u8, (Vec<Window>, Place)> {
    let mut found = BTreeMap::new();
    if reader.table(node, "a week").is_none() {
        return found;
    }
    let mut entries: Vec<_> = node.entries().collect();
    entries.sort_by_key(|(_, entry)| entry.key);
    for (name, entry) in entries {
        let items = reader.list(&entry.value, 8, "windows of a day");
        let windows: Vec<Window> = items.iter().filter_map(|node| window(reader, node)).collect();
        let (from, to) = name.split_once('-').unwrap_or((name, name));
        let (from, to) = (weekday_of(reader, from, entry.key), weekday_of(reader, to, entry.key));
        let Some((from, to)) = from.zip(to) else { continue };
        if to < from {
            let en = format!("`{name}` ends before it begins; a week begins on `mon`");
            reader.find(Code::Calendar, entry.key, format!("`{name}`的终点在起点之前"), en);
        }
        for day in from..=to {
            if found.insert(day, (windows.clone(), entry.key)).is_some() {
                let said = WEEKDAYS.get(usize::from(day)).copied().unwrap_or_default();
                let en = format!("`{said}` has its hours in another key of `week` already");
                reader.find(Code::Calendar, entry.key, format!("`{said}`在`week`里写了两次"), en);
            }
        }
    }
    found
}

fn window(reader: &Reader, node: &Node) -> Option<Window> {
    let text = reader.text(node)?;
    let found = text.split_once('-').and_then(|(open, close)| Some((minute(open)?, minute(close)?)));
    if found.is_none() {
        let en = format!("`{text}` is no time such as `08:30-12:00`");
        reader.find(Code::Calendar, node.place, "应写作08:30-12:00", en);
    }
    let past_midnight = |open, close| if close <= open { close + DAY_MINUTES } else { close };
    found.map(|(open, close)| Window { open, close: past_midnight(open, close) })
}

/// The minute of a day that `hh:mm` says, at most `24:00`.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let digits = |part: &str| part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
    Some(hour * 60 + minute).filter(|at| minute < 60 && *at <= DAY_MINUTES)
}

/// A day `YYYY-MM-DD`.
pub(super) fn day(reader: &Reader, node: &Node) -> Option<Day> {
    let text = reader.text(node)?;
    day_of(reader, &text, node.place)
}

fn day_of(reader: &Reader, text: &str, place: Place) -> Option<Day> {
    let shaped = text.len() == 10;
    let found = Date::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| shaped).map(Day);
    if found.is_none() {
        let en = format!("`{text}` is no day such as `2026-10-01`");
        reader.find(Code::Calendar, place, "应写作2026-10-01", en);
    }
    found
}

/// Days and ranges `YYYY-MM-DD..YYYY-MM-DD`, and where each day stands.
fn days(reader: &Reader, node: &Node) -> BTreeMap<Day, Place> {
    let mut found = BTreeMap::new();
    for item in reader.list(node, DAYS_MAX, "days") {
        let Some(text) = reader.text(item) else { continue };
        let Some((from, to)) = text.split_once("..") else {
            found.extend(day_of(reader, &text, item.place).map(|day| (day, item.place)));
            continue;
        };
        let (from, to) = (day_of(reader, from, item.place), day_of(reader, to, item.place));
        let Some((from, to)) = from.zip(to) else { continue };
        let count = (to.0 - from.0).num_days() + 1;
        if count < 1 {
            let en = format!("the range `{text}` ends before it begins");
            reader.find(Code::Calendar, item.place, "区间的终点在起点之前", en);
        } else if count > i64::try_from(RANGE_DAYS_MAX).unwrap_or(i64::MAX) {
            let en = format!("the range `{text}` has {count} days; at most {RANGE_DAYS_MAX}");
            reader.find(Code::Limit, item.place, format!("区间有{count}天，最多{RANGE_DAYS_MAX}天"), en);
        } else {
            let days = from.0.iter_days().take_while(|date| *date <= to.0);
            found.extend(days.map(|date| (Day(date), item.place)));
        }
    }
    found
}
