//! A town: the roster of units, people and places.

use paidan_model::calendar::Day;
use paidan_model::id::{CalendarId, ChannelId, PlaceId, PostId, UnitId};
use paidan_model::moment::{Moment, Zone};
use paidan_model::roster::{Figure, KindOfUnit, Person, Place as TownPlace, Post, Roster, Unit, Watch};
use paidan_model::text::Text;

use crate::code::Code;
use crate::finding::Finding;
use crate::reader::{Reader, Table};
use crate::tree::Node;

use super::calendar::{Calendars, day};

/// Reads the roster of a file into the town; its days begin at midnight of the town's zone.
pub fn roster(reader: &Reader, root: &Node, calendars: &Calendars, town: &mut Roster) {
    let Some(root) = reader.table(root, "a roster") else {
        return;
    };
    let list = |key| root.get(key).map(|node| reader.list(node, 100_000, key)).unwrap_or_default();
    for node in list("kinds") {
        town.kinds.extend(unit_kind(reader, node));
    }
    for node in list("units") {
        if let Some((id, unit)) = unit(reader, node, calendars)
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
        if let Some((id, person)) = person(reader, node, &calendars.zone)
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
        if let Some((id, title, watch)) = job(reader, node) {
            if watch != Watch::No {
                town.watches.insert(id.clone(), watch);
            }
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

/// A kind of units; the town writes them from the nearest to a place to the farthest.
fn unit_kind(reader: &Reader, node: &Node) -> Option<KindOfUnit> {
    let table = reader.table(node, "a kind of units")?;
    let id = reader.name_at(&table, "id");
    let (title, numbers) = (reader.words(&table), reader.flag(&table, "numbers"));
    let takes_shares = reader.flag(&table, "takes_shares");
    reader.done(&table);
    if id.is_none() {
        reader.missing(&table, "id");
    }
    Some(KindOfUnit { id: id?, title, numbers, takes_shares })
}

/// A calendar of the town.
fn known(reader: &Reader, node: &Node, calendars: &Calendars) -> Option<CalendarId> {
    let id: CalendarId = reader.name(node)?;
    if calendars.declared.contains(&id) {
        return Some(id);
    }
    let (zh, en) = (format!("没有日历`{id}`"), format!("there is no calendar `{id}`"));
    let finding = Finding::new(Code::UnknownName, node.place, zh, en);
    reader.note(finding.nearest(id.as_str(), calendars.declared.iter().map(CalendarId::as_str)));
    None
}

fn unit(reader: &Reader, node: &Node, calendars: &Calendars) -> Option<(UnitId, Unit)> {
    let table = reader.table(node, "a unit")?;
    let id = reader.name_at(&table, "id");
    let kind = reader.name_at(&table, "kind");
    let calendar = table.get("calendar").and_then(|node| known(reader, node, calendars));
    let (parent, title) = (reader.name_at(&table, "parent"), reader.words(&table));
    let unit = Unit { kind: kind?, parent, calendar, title };
    reader.done(&table);
    Some((id?, unit))
}

fn person(reader: &Reader, node: &Node, zone: &Zone) -> Option<(String, Person)> {
    let table = reader.table(node, "a person")?;
    let id = table.get("id").and_then(|node| reader.text(node))?;
    let posts = table.get("posts").map(|node| reader.list(node, 4_096, "posts")).unwrap_or_default();
    let channels = table.get("channels").map(|node| reader.by_name::<ChannelId>(node)).unwrap_or_default();
    let person = Person {
        title: reader.words(&table),
        posts: posts.iter().filter_map(|node| post(reader, node, zone)).collect(),
        channels: channels
            .into_iter()
            .filter_map(|(id, entry)| reader.text(&entry.value).map(|text| (id, text)))
            .collect(),
    };
    reader.done(&table);
    Some((id, person))
}

/// A job: from the first day to the last, both included, where they are said.
fn post(reader: &Reader, node: &Node, zone: &Zone) -> Option<Post> {
    let table: Table<'_> = reader.table(node, "a post")?;
    let begins = |day: Day| Moment::from_local(day.0.into(), zone);
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

/// What people call a job, and whether it watches over others.
fn job(reader: &Reader, node: &Node) -> Option<(PostId, Text, Watch)> {
    let table = reader.table(node, "a post")?;
    let id = reader.name_at(&table, "id");
    let title = reader.words(&table);
    let watch = match (reader.flag(&table, "audits"), reader.flag(&table, "watches")) {
        (true, _) => Watch::Audits,
        (false, true) => Watch::Watches,
        (false, false) => Watch::No,
    };
    reader.done(&table);
    Some((id?, title, watch))
}

fn place(reader: &Reader, node: &Node) -> Option<(PlaceId, TownPlace)> {
    let table = reader.table(node, "a place")?;
    let id = reader.name_at(&table, "id");
    let grid = reader.name_at(&table, "grid");
    let place = TownPlace { title: reader.words(&table), grid: grid? };
    reader.done(&table);
    Some((id?, place))
}
