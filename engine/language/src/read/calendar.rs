//! Calendars: hours of the week, days off, make-up workdays.

use std::collections::{BTreeMap, BTreeSet};

use paidan_model::calendar::{Calendar, Day, Parts, Window};
use paidan_model::id::CalendarId;
use paidan_model::moment::{Date, Zone};
use paidan_model::span::Span;

use crate::code::Code;
use crate::finding::Finding;
use crate::reader::Reader;
use crate::tree::{Kind, Node};

/// The weekdays as keys, Monday first.
pub(crate) const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Reads the calendars of a file; `known` are those of other files, for `like`.
pub fn calendars(reader: &Reader, root: &Node, known: &mut BTreeMap<CalendarId, Parts>) {
    let Some(node) = root.get("calendars") else { return };
    let mut waiting = Vec::new();
    for (id, entry) in reader.by_name::<CalendarId>(node) {
        if entry.value.get("like").is_some() {
            waiting.push((id, &entry.value));
        } else if let Some(parts) = calendar(reader, &entry.value) {
            known.insert(id, parts);
        }
    }
    for (id, node) in waiting {
        if let Some(parts) = derived(reader, node, known) {
            known.insert(id, parts);
        }
    }
}

/// Builds the calendars that were read; `always` is built in.
#[must_use]
pub fn build(reader: &Reader, parts: &BTreeMap<CalendarId, Parts>) -> BTreeMap<CalendarId, Calendar> {
    let mut found = BTreeMap::new();
    for (id, parts) in parts {
        match Calendar::build(parts.clone()) {
            Ok(calendar) => drop(found.insert(id.clone(), calendar)),
            Err(error) => reader.find(
                Code::Calendar,
                Default::default(),
                format!("日历`{id}`：{error}"),
                format!("calendar `{id}`: {error}"),
            ),
        }
    }
    if let Some(always) = CalendarId::parse("always") {
        found.insert(always, Calendar::always());
    }
    found
}

fn calendar(reader: &Reader, node: &Node) -> Option<Parts> {
    let table = reader.table(node, "a calendar")?;
    let zone = table.get("zone").and_then(|node| {
        let text = reader.text(node)?;
        let zone = Zone::parse(&text);
        if zone.is_none() {
            reader.find(
                Code::Calendar,
                node.place,
                format!("没有时区`{text}`"),
                format!("there is no time zone `{text}`"),
            );
        }
        zone
    });
    let parts = Parts {
        zone,
        week: table.get("week").map(|node| week(reader, node)).unwrap_or_default(),
        off: table.get("off").map(|node| days(reader, node)).unwrap_or_default(),
        work: table.get("work").map(|node| days(reader, node)).unwrap_or_default(),
        work_like: table.get("work_like").and_then(|node| weekday(reader, node)).unwrap_or(0),
        known_until: table.get("known_until").and_then(|node| day(reader, node)),
        earlier: 0,
        later: 0,
        notices: table.get("notices").map(|node| notices(reader, node)).unwrap_or_default(),
    };
    reader.done(&table);
    Some(parts)
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
            reader.find(
                Code::Calendar,
                entry.key,
                format!("`{year}`不是年份"),
                format!("`{year}` is no year"),
            );
        } else if let Some(notice) = reader.text(&entry.value) {
            found.insert(year.clone(), notice);
        }
    }
    found
}

fn derived(reader: &Reader, node: &Node, known: &BTreeMap<CalendarId, Parts>) -> Option<Parts> {
    let table = reader.table(node, "a calendar")?;
    let like: CalendarId = reader.name_at(&table, "like")?;
    let minutes = |key| match table.get(key).and_then(|node| reader.span(node)) {
        Some(Span::Real { seconds }) => u16::try_from(seconds / 60).unwrap_or(0),
        _ => 0,
    };
    let (earlier, later) = (minutes("earlier"), minutes("later"));
    reader.done(&table);
    let Some(parts) = known.get(&like) else {
        let finding = Finding::new(
            Code::UnknownName,
            table.key_place("like"),
            format!("没有日历`{like}`"),
            format!("there is no calendar `{like}`"),
        );
        reader.note(finding.nearest(like.as_str(), known.keys().map(CalendarId::as_str)));
        return None;
    };
    Some(Parts { earlier, later, ..parts.clone() })
}

fn weekday(reader: &Reader, node: &Node) -> Option<u8> {
    let text = reader.text(node)?;
    let found = WEEKDAYS.iter().position(|name| *name == text).and_then(|n| u8::try_from(n).ok());
    if found.is_none() {
        reader.find(
            Code::Calendar,
            node.place,
            format!("没有星期`{text}`"),
            format!("`{text}` is none of {}", WEEKDAYS.join(", ")),
        );
    }
    found
}

fn week(reader: &Reader, node: &Node) -> BTreeMap<u8, Vec<Window>> {
    let mut found = BTreeMap::new();
    for (name, entry) in node.entries() {
        let place = Node { kind: Kind::Text(name.clone()), place: entry.key };
        let range = match name.split_once('-') {
            Some((from, to)) => {
                let inner =
                    |text: &str| weekday(reader, &Node { kind: Kind::Text(text.into()), place: entry.key });
                inner(from).zip(inner(to))
            }
            None => weekday(reader, &place).map(|day| (day, day)),
        };
        let windows: Vec<Window> = reader
            .list(&entry.value, 8, "windows of a day")
            .iter()
            .filter_map(|node| window(reader, node))
            .collect();
        if let Some((from, to)) = range {
            found.extend((from..=to).map(|day| (day, windows.clone())));
        }
    }
    found
}

fn window(reader: &Reader, node: &Node) -> Option<Window> {
    let text = reader.text(node)?;
    let minute = |text: &str| {
        let (hour, minute) = text.split_once(':')?;
        let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
        (hour <= 24 && minute < 60).then_some(hour * 60 + minute)
    };
    let found = text.split_once('-').and_then(|(open, close)| Some((minute(open)?, minute(close)?)));
    if found.is_none() {
        reader.find(
            Code::Calendar,
            node.place,
            "应写作08:30-12:00",
            format!("`{text}` is no time such as `08:30-12:00`"),
        );
    }
    found.map(|(open, close)| Window { open, close: if close <= open { close + 1440 } else { close } })
}

pub(super) fn day(reader: &Reader, node: &Node) -> Option<Day> {
    let text = reader.text(node)?;
    let found = Date::parse_from_str(&text, "%Y-%m-%d").ok().map(Day);
    if found.is_none() {
        reader.find(
            Code::Calendar,
            node.place,
            "应写作2026-10-01",
            format!("`{text}` is no day such as `2026-10-01`"),
        );
    }
    found
}

fn days(reader: &Reader, node: &Node) -> BTreeSet<Day> {
    let mut found = BTreeSet::new();
    for item in reader.list(node, 4_000, "days") {
        let Some(text) = item.text() else { continue };
        let part = |text: &str| day(reader, &Node { kind: Kind::Text(text.into()), place: item.place });
        match text.split_once("..") {
            Some((from, to)) => {
                if let (Some(from), Some(to)) = (part(from), part(to)) {
                    found.extend(from.0.iter_days().take_while(|date| *date <= to.0).take(400).map(Day));
                }
            }
            None => found.extend(part(text)),
        }
    }
    found
}
