//! The three lists: one row for each item, with what everybody may read and what matching looks at.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use paidan_machine::case::Case;
use paidan_machine::chart::leaves;
use paidan_machine::claim::left;
use paidan_model::claim::{List, Listing};
use paidan_model::field::Field;
use paidan_model::id::{FieldId, StateId};
use paidan_model::text::Text;
use paidan_model::value::{Held, Value};
use paidan_model::workflow::Workflow;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// What a row of a list says of an item; nothing that is not public.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Which list.
    pub list: List,
    /// What everybody may read, by field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub show: BTreeMap<FieldId, Json>,
    /// What kinds of thing or help it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub category: Vec<String>,
    /// How many there are.
    pub quantity: i64,
    /// How many nobody has claimed; none where nothing can be claimed now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<i64>,
    /// Not before this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Not after this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// How badly off the wisher is, 0 to 10.
    #[serde(default)]
    pub vulnerable: i64,
    /// What was carried over stands first.
    #[serde(default)]
    pub priority: i64,
    /// The community it lies in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub community: Option<String>,
    /// The subdistrict it lies in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subdistrict: Option<String>,
    /// When it came, in milliseconds.
    pub opened: i64,
    /// The state's title.
    pub state: Text,
    /// The state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here: Option<StateId>,
}

/// The name of a list among owners of rows.
#[must_use]
pub fn owner(list: List) -> String {
    format!("list:{}", list.name())
}

/// What a list shows of a case; nothing when its workflow is on none.
#[must_use]
pub fn item(workflow: &Workflow, case: &Case) -> Option<Item> {
    let listing = workflow.listing.as_ref()?;
    if !listing.states.is_empty() && !listing.states.iter().any(|state| case.chart.active.contains_key(state))
    {
        return None;
    }
    let open =
        |field: &Option<FieldId>| field.as_ref().and_then(|id| case.form.fields.get(id)).and_then(Held::open);
    let number = |field: &Option<FieldId>| match open(field) {
        Some(Value::Int(n)) => Some(*n),
        _ => None,
    };
    let day = |field: &Option<FieldId>| match open(field) {
        Some(Value::Date(day)) => Some(day.clone()),
        _ => None,
    };
    let category = match open(&listing.category) {
        Some(Value::Choice(choice)) => alloc::vec![choice.to_string()],
        Some(Value::Choices(all)) => all.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    let here =
        case.chart.active.keys().find_map(|state| workflow.states.get(state).and_then(|s| s.claims.as_ref()));
    let level = |kind: &str| case.filing.levels.get(kind).map(ToString::to_string);
    let leaf = leaves(workflow, case).first().copied();
    let state = leaf.and_then(|id| workflow.states.get(id));
    Some(Item {
        list: listing.list,
        show: shown(workflow, listing, case),
        category,
        quantity: number(&listing.quantity).unwrap_or(1),
        left: here.and_then(|id| workflow.claims.get(id).map(|rules| left(case, id, rules))),
        from: day(&listing.from),
        until: day(&listing.until),
        vulnerable: number(&listing.vulnerable).unwrap_or(0).clamp(0, 10),
        priority: number(&listing.priority).unwrap_or(0).clamp(0, 9),
        community: level("community"),
        subdistrict: level("subdistrict"),
        opened: case.filing.opened.millis(),
        state: state.map(|state| state.title.clone()).unwrap_or_default(),
        here: leaf.cloned(),
    })
}

/// What everybody may read: the fields the list names, if they are public and in the clear.
fn shown(workflow: &Workflow, listing: &Listing, case: &Case) -> BTreeMap<FieldId, Json> {
    let may = |field: &Field| !field.private && !field.is_sealed();
    let open = |id: &FieldId| {
        workflow.fields.get(id).filter(|field| may(field))?;
        let value = serde_json::to_value(case.form.fields.get(id)?.open()?).ok()?;
        match value {
            Json::Object(map) => map.into_iter().next().map(|(_, inner)| (id.clone(), inner)),
            other => Some((id.clone(), other)),
        }
    };
    listing.show.iter().filter_map(open).collect()
}

/// The key by which a list is ordered: what was carried over first, then what came first; of seasons the latest first.
#[must_use]
pub fn key(item: &Item, stream: &str) -> String {
    /// Beyond every moment, in milliseconds.
    const LAST: i64 = 999_999_999_999_999;
    let opened = item.opened.clamp(0, LAST);
    let place = if item.list == List::Seasons { LAST - opened } else { opened };
    format!("{}/{place:015}/{stream}", 9 - item.priority)
}
