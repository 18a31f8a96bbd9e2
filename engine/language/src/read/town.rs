//! A town: calendars and the roster of units, people and places.

use std::collections::{BTreeMap, BTreeSet};

use paidan_model::calendar::{Calendar, Day, Parts, Window};
use paidan_model::id::{CalendarId, ChannelId, PlaceId, PostId, UnitId};
use paidan_model::moment::{Date, Moment, Zone};
use paidan_model::roster::{Figure, Person, Place as TownPlace, Post, Roster, Unit};
use paidan_model::span::Span;
use paidan_model::text::Text;

use crate::code::Code;
use crate::finding::Finding;
use crate::reader::{Reader, Table};
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

fn day(reader: &Reader, node: &Node) -> Option<Day> {
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

/// Reads the roster of a file into the town.
pub fn roster(reader: &Reader, root: &Node, town: &mut Roster) {
    let Some(root) = reader.table(root, "a roster") else {
        return;
    };
    let list = |key| root.get(key).map(|node| reader.list(node, 100_000, key)).unwrap_or_default();
    for node in list("units") {
        if let Some((id, unit)) = unit(reader, node)
            && town.units.insert(id.clone(), unit).is_some()
        {
            reader.find(
                Code::Duplicate,
                node.place,
                format!("单位`{id}`重复"),
                format!("the unit `{id}` stands twice"),
            );
        }
    }
    for node in list("people") {
        if let Some((id, person)) = person(reader, node)
            && town.people.insert(id.clone(), person).is_some()
        {
            reader.find(
                Code::Duplicate,
                node.place,
                format!("人员`{id}`重复"),
                format!("the person `{id}` stands twice"),
            );
        }
    }
    for node in list("figures") {
        town.figures.extend(figure(reader, node));
    }
    for node in list("posts") {
        if let Some((id, title)) = job(reader, node) {
            town.titles.insert(id, title);
        }
    }
    for node in list("places") {
        if let Some((id, place)) = place(reader, node) {
            town.places.insert(id, place);
        }
    }
    reader.done(&root);
    for (id, unit) in
        town.units.iter().filter(|(_, u)| u.parent.as_ref().is_some_and(|p| !town.units.contains_key(p)))
    {
        let parent = unit.parent.as_ref().map_or("", UnitId::as_str);
        reader.find(
            Code::UnknownName,
            root.place,
            format!("`{id}`的上级`{parent}`不存在"),
            format!("`{id}` stands below `{parent}`, which is not there"),
        );
    }
}

fn unit(reader: &Reader, node: &Node) -> Option<(UnitId, Unit)> {
    let table = reader.table(node, "a unit")?;
    let id = reader.name_at(&table, "id");
    let kind = reader.name_at(&table, "kind");
    let unit = Unit { kind: kind?, parent: reader.name_at(&table, "parent"), title: reader.words(&table) };
    reader.done(&table);
    Some((id?, unit))
}

fn person(reader: &Reader, node: &Node) -> Option<(String, Person)> {
    let table = reader.table(node, "a person")?;
    let id = table.get("id").and_then(|node| reader.text(node))?;
    let posts = table.get("posts").map(|node| reader.list(node, 4_096, "posts")).unwrap_or_default();
    let channels = table.get("channels").map(|node| reader.by_name::<ChannelId>(node)).unwrap_or_default();
    let person = Person {
        title: reader.words(&table),
        posts: posts.iter().filter_map(|node| post(reader, node)).collect(),
        channels: channels
            .into_iter()
            .filter_map(|(id, entry)| reader.text(&entry.value).map(|text| (id, text)))
            .collect(),
    };
    reader.done(&table);
    Some((id, person))
}

/// When a day begins in the town.
fn begins(day: Day) -> Moment {
    Moment::from_local(day.0.into(), &Zone::SHANGHAI)
}

/// A job: from the first day to the last, both included, where they are said.
fn post(reader: &Reader, node: &Node) -> Option<Post> {
    let table: Table<'_> = reader.table(node, "a post")?;
    let post = reader.name_at(&table, "post");
    let unit = reader.name_at(&table, "unit");
    let from = table.get("from").and_then(|node| day(reader, node)).map(begins);
    let last = table.get("until").and_then(|node| day(reader, node));
    let until = last.and_then(|day| day.0.succ_opt()).map(|next| begins(Day(next)));
    if let (Some(from), Some(until), Some(node)) = (from, until, table.get("until"))
        && until <= from
    {
        reader.find(
            Code::WrongValue,
            node.place,
            "任期的最后一天在第一天之前",
            "the last day of this job lies before the first".to_string(),
        );
    }
    reader.done(&table);
    Some(Post { from, until, ..Post::new(post?, unit?) })
}

fn figure(reader: &Reader, node: &Node) -> Option<Figure> {
    let table = reader.table(node, "a figure")?;
    let workflow = reader.name_at(&table, "workflow");
    let count = table.get("count").and_then(|node| reader.int(node, 0, i64::MAX));
    let source = table.get("source").and_then(|node| reader.table(node, "a source"));
    let from = source.as_ref().map(|source| reader.words(source)).unwrap_or_default();
    let title = reader.words(&table);
    if let Some(source) = &source {
        reader.done(source);
    }
    reader.done(&table);
    Some(Figure { workflow: workflow?, title, count: count?, source: from })
}

/// What people call a job.
fn job(reader: &Reader, node: &Node) -> Option<(PostId, Text)> {
    let table = reader.table(node, "a post")?;
    let id = reader.name_at(&table, "id");
    let title = reader.words(&table);
    reader.done(&table);
    Some((id?, title))
}

fn place(reader: &Reader, node: &Node) -> Option<(PlaceId, TownPlace)> {
    let table = reader.table(node, "a place")?;
    let id = reader.name_at(&table, "id");
    let grid = reader.name_at(&table, "grid");
    let place = TownPlace { title: reader.words(&table), grid: grid? };
    reader.done(&table);
    Some((id?, place))
}
