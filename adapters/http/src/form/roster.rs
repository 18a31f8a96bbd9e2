//! Rosters as a browser sends them: one line for each part, as it is copied out of a table.

use maud::{Markup, html};
use paidan_model::roster::Roster;
use serde_json::{Value as Json, json};

use crate::visitor::Visitor;

/// Reads lines of `part, floor, area in square metres, owner, co-owners...`; a part marked `unsold` at the end of its
/// line is the developer's. An owner who has no account yet may be left out: their id is made of the part, as `o-101`,
/// and they vote on paper. A line that does not fit stays the text it is, which the field then refuses by its row.
pub fn rows(text: &str) -> Json {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| row(line).unwrap_or_else(|| json!(line))).collect()
}

fn row(line: &str) -> Option<Json> {
    let mut cells: Vec<&str> = line.split([',', '，', '\t', ';']).map(str::trim).collect();
    let unsold = cells.last().is_some_and(|last| *last == "unsold" || *last == "未售");
    if unsold {
        cells.pop();
    }
    let mut cells = cells.into_iter();
    let (part, floor, area) = (cells.next()?, cells.next()?, cells.next()?);
    let owner = cells.next().map(ToString::to_string).filter(|owner| !owner.is_empty());
    let owner = owner.unwrap_or_else(|| format!("o-{part}"));
    let others: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
    let mut row =
        json!({ "part": part, "floor": floor.parse::<i64>().ok()?, "area": area_of(area)?, "owner": owner });
    let map = row.as_object_mut()?;
    if !others.is_empty() {
        map.insert("co_owners".into(), json!(others));
    }
    if unsold {
        map.insert("unsold".into(), json!(true));
    }
    Some(row)
}

/// Square metres with at most four decimals as whole square centimetres: no fraction is ever rounded.
fn area_of(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > 4 || !digits(whole) || !digits(part) {
        return None;
    }
    format!("{whole}{part:0<4}").parse().ok()
}

/// The rows as lines again, to be corrected.
pub fn lines(value: &Json) -> String {
    let Some(rows) = value.as_array() else { return String::new() };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The rows as people read them: owners who have a name in the town by that, others by their id.
pub fn shown(visitor: &Visitor, roster: &Roster, value: &Json) -> Markup {
    let named = |id: &str| {
        let person = paidan_views::people::person(roster, id);
        person.map_or_else(|| id.to_string(), |title| title.in_tongue(visitor.tongue).to_string())
    };
    html! {
        table {
            thead { tr {
                th { (visitor.say("房号", "Part")) } th { (visitor.say("楼层", "Floor")) }
                th { "m²" } th { (visitor.say("产权人", "Owner")) }
            } }
            tbody { @for row in value.as_array().into_iter().flatten() {
                @let owners = core::iter::once(text(row, "owner").to_string()).chain(co_owners(row));
                tr {
                    td { (text(row, "part")) } td { (number(row, "floor")) } td { (square_metres(row)) }
                    td { (owners.map(|owner| named(&owner)).collect::<Vec<_>>().join("、")) }
                }
            } }
        }
    }
}

fn text<'r>(row: &'r Json, key: &str) -> &'r str {
    row.get(key).and_then(Json::as_str).unwrap_or_default()
}

fn number(row: &Json, key: &str) -> i64 {
    row.get(key).and_then(Json::as_i64).unwrap_or_default()
}

fn square_metres(row: &Json) -> String {
    let area = number(row, "area");
    let digits = format!("{}.{:04}", area / 10_000, area % 10_000);
    digits.trim_end_matches('0').trim_end_matches('.').to_string()
}

fn co_owners(row: &Json) -> impl Iterator<Item = String> + '_ {
    let others = row.get("co_owners").and_then(Json::as_array).into_iter().flatten();
    others.filter_map(Json::as_str).map(ToString::to_string)
}

fn line(row: &Json) -> String {
    let mut cells = vec![
        text(row, "part").to_string(),
        number(row, "floor").to_string(),
        square_metres(row),
        text(row, "owner").to_string(),
    ];
    cells.extend(co_owners(row));
    if row.get("unsold").and_then(Json::as_bool) == Some(true) {
        cells.push("unsold".into());
    }
    cells.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{lines, rows};

    #[test]
    fn tables_round_trip_through_their_form() {
        let text = "101, 1, 85.37, p-101\n102，1，91.42，p-102，p-102b\n201\t2\t85.3\tdev\tunsold";
        let read = rows(text);
        assert_eq!(
            read,
            json!([
                { "part": "101", "floor": 1, "area": 853_700, "owner": "p-101" },
                { "part": "102", "floor": 1, "area": 914_200, "owner": "p-102", "co_owners": ["p-102b"] },
                { "part": "201", "floor": 2, "area": 853_000, "owner": "dev", "unsold": true },
            ])
        );
        assert_eq!(rows(&lines(&read)), read);
        assert_eq!(lines(&read).lines().nth(2), Some("201, 2, 85.3, dev, unsold"));
    }

    #[test]
    fn owners_without_accounts_are_identified_by_flat() {
        let read = rows("101, 1, 85.37\n102, 1, 91.42, , p-102b");
        assert_eq!(
            read,
            json!([
                { "part": "101", "floor": 1, "area": 853_700, "owner": "o-101" },
                { "part": "102", "floor": 1, "area": 914_200, "owner": "o-102", "co_owners": ["p-102b"] },
            ])
        );
    }

    #[test]
    fn unreadable_cells_stay_text_and_name_their_row() {
        for bad in ["101, 1", "101, one, 85, p", "101, 1, 85.12345, p", "101, 1, -5, p", "101, 1, , p"] {
            assert_eq!(rows(bad), json!([bad]), "{bad}");
        }
    }
}
