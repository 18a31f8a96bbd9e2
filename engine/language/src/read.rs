//! Reading: the tree of one expanded definition becomes a workflow, noun by noun.

pub mod calendar;
pub(crate) mod channel;
mod claim;
mod clock;
pub(crate) mod demand;
mod desk;
pub(crate) mod duty;
mod field;
mod ground;
mod handoff;
mod ladder;
mod meaning;
mod notice;
mod outcome;
mod preset;
pub(crate) mod profile;
mod promise;
mod role;
mod script;
pub(crate) mod settings;
mod split;
pub(crate) mod start;
mod state;
pub mod town;
mod vote;

use std::collections::{BTreeMap, BTreeSet};

use paidan_model::field::Field;
use paidan_model::id::{FieldId, ProfileId, RoleId, StateId};
use paidan_model::moment::Zone;
use paidan_model::script::Script;
use paidan_model::table::CellType;
use paidan_model::text::Text;
use paidan_model::workflow::{Always, FORM, Hint, Keep, Kind, Workflow};

pub use desk::{
    ACTIONS_MAX, ALTERNATIVES_MAX, CLOCKS_MAX, FIELDS_MAX, NESTING_MAX, RUNGS_MAX, STATES_MAX,
    TRANSITIONS_MAX, VOTES_MAX,
};
pub use promise::Promises;
pub use settings::Settings;

pub(crate) use desk::{Desk, each, limit};
pub(crate) use field::TYPES;
pub(crate) use ladder::COLOURS;

use crate::code::Code;
use crate::guard::{self, FieldKind, Names};
use crate::reader::{Reader, Table};
use crate::source::Place;
use crate::tree::Node;

/// The most bytes of a definition.
pub const DEFINITION_BYTES_MAX: usize = 256 * 1024;
/// The most bytes of a roster.
pub const ROSTER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A definition that was read.
pub struct Read {
    /// The workflow.
    pub workflow: Workflow,
    /// Its tests.
    pub scripts: Vec<Script>,
    /// Its promises, with their places.
    pub promises: Promises,
    /// Lints it accepts, by code.
    pub allowed: BTreeMap<String, String>,
    /// Where each state was declared.
    pub places: BTreeMap<StateId, Place>,
    /// The profiles it declares.
    pub profiles: BTreeSet<ProfileId>,
}

/// Reads a whole expanded definition.
pub fn workflow(reader: &Reader, root: &Node, zone: Zone) -> Option<Read> {
    let root = reader.table(root, "the definition")?;
    let head_node = root.get("workflow")?;
    let head = reader.table(head_node, "[workflow]")?;
    let states = state::ids(reader, &root);
    let fields = field::fields(reader, &root, &states);
    meaning::once(reader, &root, &fields);
    let names = names_of(&fields, states.clone(), root.get("claims").is_some());
    let roles = root.get("roles").into_iter().flat_map(|node| node.entries());
    let roles = roles.filter_map(|(name, _)| RoleId::parse(name)).collect();
    let (outcomes, grounds) = (outcome::declared(reader, &root), ground::declared(reader, &root));
    limit(reader, root.key_place("grounds"), "grounds", grounds.len(), ground::GROUNDS_MAX);
    let desk = Desk { reader, fields, names, roles, outcomes, grounds, zone };
    let mut workflow = header(&desk, &head)?;
    workflow.roles = each(reader, &root, "roles", |_, node| role::role(&desk, node));
    let (found, places) = state::states(&desk, &root);
    workflow.states = found;
    let ends = workflow.states.values().filter_map(|state| state.outcome.as_ref());
    workflow.outcomes = outcome::used(desk.outcomes.clone(), ends);
    workflow.handoffs = each(reader, &root, "handoffs", |_, node| handoff::handoff(&desk, node));
    let taken = workflow.handoffs.values().flat_map(|handoff| &handoff.leg.grounds);
    workflow.grounds = ground::used(desk.grounds.clone(), taken);
    workflow.clocks = each(reader, &root, "clocks", |_, node| clock::clock(&desk, &states, node));
    limit(reader, root.key_place("clocks"), "clocks", workflow.clocks.len(), CLOCKS_MAX);
    workflow.pauses = each(reader, &root, "pauses", |_, node| clock::pause(&desk, node));
    workflow.ladders = each(reader, &root, "ladders", |_, node| ladder::ladder(&desk, node));
    workflow.notices = each(reader, &root, "notices", |_, node| notice::notice(&desk, node));
    workflow.actions = each(reader, &root, "actions", |_, node| {
        let table = reader.table(node, "an action's title")?;
        let words = reader.words(&table);
        reader.done(&table);
        Some(words)
    });
    workflow.votes = each(reader, &root, "votes", |_, node| vote::vote(&desk, node));
    limit(reader, root.key_place("votes"), "votes", workflow.votes.len(), VOTES_MAX);
    workflow.splits = each(reader, &root, "splits", |_, node| split::split(&desk, node));
    limit(reader, root.key_place("splits"), "splits", workflow.splits.len(), VOTES_MAX);
    workflow.opens = each(reader, &root, "opens", |_, node| {
        let entries = reader.by_name::<FieldId>(node).into_iter();
        Some(entries.filter_map(|(id, entry)| Some((id, reader.name(&entry.value)?))).collect())
    });
    workflow.hints = each(reader, &root, "hints", |_, node| hint(&desk, node));
    limit(reader, root.key_place("hints"), "hints", workflow.hints.len(), VOTES_MAX);
    workflow.claims = each(reader, &root, "claims", |_, node| claim::claims(&desk, node));
    limit(reader, root.key_place("claims"), "claims", workflow.claims.len(), VOTES_MAX);
    workflow.listing = root.get("listing").and_then(|node| claim::listing(&desk, node));
    workflow.always = always(&desk, &root);
    workflow.fields = field::with_guards(&desk, &root);
    workflow.order = field::order(&root, head.place.source);
    let start = |node: &Node| start::start(reader, &workflow, &desk.fields, node);
    workflow.starts = each(reader, &root, "starts", |_, node| start(node));
    limit(reader, root.key_place("starts"), "starts", workflow.starts.len(), start::STARTS_MAX);
    let profiles = profile::declared(reader, &root);
    let scripts = script::scripts(&desk, &root, &profiles);
    let promises = promise::promises(&desk, &root);
    let allowed = allowed(reader, &root);
    reader.not_yet(&root, &["effects", "allow", "upgrades"]);
    reader.done(&root);
    reader.done(&head);
    let transitions = workflow.states.values().map(count_transitions).sum::<usize>();
    limit(reader, head.place, "transitions", transitions, TRANSITIONS_MAX);
    Some(Read { workflow, scripts, promises, allowed, places, profiles })
}

fn count_transitions(state: &paidan_model::state::State) -> usize {
    state.on.values().map(|a| a.alternatives.len()).sum::<usize>() + state.after.len() + state.always.len()
}

fn names_of(fields: &BTreeMap<FieldId, Field>, states: BTreeSet<StateId>, claims: bool) -> Names {
    let number = |kind: CellType| match kind {
        CellType::Text => None,
        CellType::Int => Some(guard::Type::Int),
        CellType::Money => Some(guard::Type::Money),
    };
    let kind = |field: &Field| FieldKind {
        kind: field.kind,
        choices: field.choices.clone(),
        numbers: field.columns.iter().filter_map(|c| Some((c.id.clone(), number(c.kind)?))).collect(),
        sealed: field.is_sealed(),
    };
    Names {
        fields: fields.iter().map(|(id, field)| (id.clone(), kind(field))).collect(),
        states,
        claims,
        without_now: false,
    }
}

fn kind(reader: &Reader, head: &Table<'_>) -> Kind {
    match head.get("kind").and_then(|node| reader.text(node).map(|text| (text, node.place))) {
        None => Kind::Case,
        Some((text, _)) if text == "case" => Kind::Case,
        Some((text, _)) if text == "chart" => Kind::Chart,
        Some((text, place)) => {
            reader.find(
                Code::WrongValue,
                place,
                format!("没有`{text}`这种流程"),
                format!("`{text}` is neither `case` nor `chart`"),
            );
            Kind::Case
        }
    }
}

fn header(desk: &Desk<'_>, head: &Table<'_>) -> Option<Workflow> {
    let reader = desk.reader;
    for key in ["id", "version", "start"] {
        if head.get(key).is_none() {
            reader.missing(head, key);
        }
    }
    let kind = kind(reader, head);
    let calendar = reader.name_at(head, "calendar").or_else(|| {
        if kind == Kind::Case {
            reader.missing(head, "calendar");
        }
        paidan_model::id::CalendarId::parse("always")
    })?;
    let title = reader.title(head);
    if kind == Kind::Case && title == Text::default() {
        reader.missing(head, "title");
    }
    let version = head.get("version").and_then(|node| reader.int(node, 1, 1 << 31));
    head.get("use");
    Some(Workflow {
        form: FORM,
        id: reader.name_at(head, "id")?,
        version: version.and_then(|v| u32::try_from(v).ok()).unwrap_or(1),
        profile: None,
        kind,
        title,
        owner: head.get("owner").and_then(|node| role::role(desk, node)),
        who: reader.names_at(head, "who"),
        for_others: reader.names_at(head, "for_others"),
        calendar,
        start: reader.names_at(head, "start"),
        rounds: head
            .get("rounds")
            .and_then(|n| reader.int(n, 0, 9))
            .and_then(|n| u8::try_from(n).ok())
            .unwrap_or(0),
        number: head.get("number").and_then(|node| reader.text(node)).unwrap_or_default(),
        ladder: reader.name_at(head, "ladder"),
        at_end: head.get("at_end").map(|node| state::effects(desk, node)).unwrap_or_default(),
        keep: head.get("keep").and_then(|node| keep(reader, node)),
        roles: BTreeMap::new(),
        fields: BTreeMap::new(),
        order: Vec::new(),
        states: BTreeMap::new(),
        outcomes: BTreeMap::new(),
        actions: BTreeMap::new(),
        handoffs: BTreeMap::new(),
        grounds: BTreeMap::new(),
        clocks: BTreeMap::new(),
        pauses: BTreeMap::new(),
        ladders: BTreeMap::new(),
        notices: BTreeMap::new(),
        votes: BTreeMap::new(),
        opens: BTreeMap::new(),
        splits: BTreeMap::new(),
        hints: BTreeMap::new(),
        claims: BTreeMap::new(),
        listing: None,
        starts: BTreeMap::new(),
        always: Vec::new(),
    })
}

fn keep(reader: &Reader, node: &Node) -> Option<Keep> {
    let table = reader.table(node, "`keep`")?;
    let closed_for = table.get("closed_for").and_then(|node| reader.span(node));
    let then = table.get("then").and_then(|node| reader.text(node).map(|text| (text, node.place)));
    reader.done(&table);
    match then {
        Some((text, _)) if text == "redact" => closed_for.map(|closed_for| Keep { closed_for }),
        Some((text, _)) if text == "nothing" => None,
        Some((text, place)) => {
            reader.find(
                Code::WrongValue,
                place,
                format!("不能`{text}`"),
                format!("`{text}` is neither `redact` nor `nothing`"),
            );
            None
        }
        None => {
            reader.missing(&table, "then");
            None
        }
    }
}

fn always(desk: &Desk<'_>, root: &Table<'_>) -> Vec<Always> {
    let Some(node) = root.get("always") else {
        return Vec::new();
    };
    let mut names = desk.names.clone();
    names.without_now = true;
    let fields = desk.fields.clone();
    let (roles, outcomes, grounds) = (BTreeSet::new(), BTreeMap::new(), Vec::new());
    let desk = Desk { reader: desk.reader, fields, names, roles, outcomes, grounds, zone: desk.zone };
    let one = |node: &Node| {
        let table = desk.reader.table(node, "[[always]]")?;
        let name = table.get("name").and_then(|node| desk.reader.text(node));
        let that = table.get("that").and_then(|node| desk.condition(node));
        desk.reader.done(&table);
        if name.is_none() {
            desk.reader.missing(&table, "name");
        }
        Some(Always { name: name?, that: that? })
    };
    desk.reader.list(node, 64, "[[always]]").iter().filter_map(one).collect()
}

/// `when`, `zh`, `en`: said while the condition holds.
fn hint(desk: &Desk<'_>, node: &Node) -> Option<Hint> {
    let table = desk.reader.table(node, "a hint")?;
    if table.get("when").is_none() {
        desk.reader.missing(&table, "when");
    }
    let hint = Hint {
        when: table.get("when").and_then(|node| desk.condition(node))?,
        text: desk.reader.words(&table),
    };
    if hint.text == Text::default() {
        desk.reader.missing(&table, "zh");
    }
    desk.reader.done(&table);
    Some(hint)
}

fn allowed(reader: &Reader, root: &Table<'_>) -> BTreeMap<String, String> {
    let Some(node) = root.get("allow_findings") else {
        return BTreeMap::new();
    };
    let mut found = BTreeMap::new();
    for (code, entry) in node.entries() {
        let lint = Code::parse(code).is_some_and(Code::is_lint);
        if !lint {
            let en = format!("`{code}` is no lint; only lints can be accepted");
            reader.find(Code::WrongValue, entry.key, format!("`{code}`不是可以接受的提示"), en);
        }
        if let Some(reason) = reader.text(&entry.value) {
            found.insert(code.clone(), reason);
        }
    }
    found
}
