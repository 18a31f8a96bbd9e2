//! The library: texts go in; agreed workflows, calendars, a roster and all findings come out.

use std::collections::{BTreeMap, BTreeSet};

use paidan_foresight::simulate::Demand;
use paidan_model::calendar::Calendar;
use paidan_model::channel::Channel;
use paidan_model::duty::DutyList;
use paidan_model::id::{CalendarId, ChannelId, ProfileId, UnitId, WorkflowId};
use paidan_model::moment::Zone;
use paidan_model::roster::Roster;
use paidan_model::workflow::{Role, Whose, Workflow};

pub use crate::agreed::Agreed;
use crate::code::Code;
use crate::encoding::decode;
use crate::finding::{Finding, Level};
use crate::profile::{Choice, Form};
use crate::read::calendar::Calendars;
use crate::read::profile::Pick;
use crate::read::{self, DEFINITION_BYTES_MAX, ROSTER_BYTES_MAX, Read, Settings, calendar, town};
use crate::reader::Reader;
use crate::source::{Place, Source, Sources};
use crate::tree::{self, Kind, Node};
use crate::{block, check, resolve};

/// Texts to be checked together.
#[derive(Clone, Debug, Default)]
pub struct Library {
    sources: Sources,
    known: BTreeMap<CalendarId, Calendar>,
    in_force: Vec<Workflow>,
    within: Option<Roster>,
    stand_ins: Vec<Source>,
    kept: BTreeMap<WorkflowId, ProfileId>,
    unread: Vec<(Place, Unread)>,
}

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// What came of checking.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Every sound workflow, by name.
    pub workflows: Vec<Agreed>,
    /// Every calendar, `always` among them.
    pub calendars: BTreeMap<CalendarId, Calendar>,
    /// The town, if a roster was given.
    pub roster: Option<Roster>,
    /// Which unit answers for what.
    pub duties: DutyList,
    /// Where messages go, by name.
    pub channels: BTreeMap<ChannelId, Channel>,
    /// What `[serve]` says.
    pub settings: Settings,
    /// What a simulation assumes, if a file says so.
    pub demand: Option<Demand>,
    /// Which profile the town picks, by workflow; none: as written.
    pub picked: BTreeMap<WorkflowId, Option<ProfileId>>,
    /// What is wrong, in order of place.
    pub findings: Vec<Finding>,
    /// The texts, for printing.
    pub sources: Sources,
}

impl Checked {
    /// Whether there is an error of meaning.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.level == Level::Error)
    }
}

impl Checked {
    /// The town's zone.
    #[must_use]
    pub fn zone(&self) -> Zone {
        let always = CalendarId::parse("always").and_then(|id| self.calendars.get(&id));
        always.map(|always| *always.zone()).unwrap_or_default()
    }
}

/// What the texts say of the town itself.
#[derive(Default)]
struct TownTexts {
    /// The units and the people, if a text has any.
    roster: Option<Roster>,
    channels: BTreeMap<ChannelId, Channel>,
    settings: Settings,
    picks: BTreeMap<WorkflowId, Pick>,
    duties: DutyList,
    /// Where each duty is written, row by row.
    duty_places: Vec<Place>,
}

impl TownTexts {
    fn read(reader: &Reader, trees: &[Node], calendars: &Calendars) -> Self {
        let mut town = Self::default();
        for root in trees {
            read::channel::channels(reader, root, &mut town.channels);
            read::duty::duties(reader, root, &mut town.duties, &mut town.duty_places);
            read::settings::settings(reader, root, &mut town.settings);
            read::profile::picks(reader, root, &mut town.picks);
            if root.get("units").is_some() || root.get("people").is_some() {
                town::roster(reader, root, calendars, town.roster.get_or_insert_default());
            }
        }
        town
    }
}

impl Library {
    /// An empty library.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Calendars that are in force and need no text; one that a text declares comes before it.
    pub fn know(&mut self, calendars: BTreeMap<CalendarId, Calendar>) {
        self.known = calendars;
    }

    /// The roster in force: what is added is looked at by it where no text has another.
    pub fn within(&mut self, roster: Roster) {
        self.within = Some(roster);
    }

    /// The texts that were added, each with its path.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sources.0.iter().map(|source| (source.path.as_str(), source.text.as_str()))
    }

    /// Takes workflows as in force: what is added is looked at together with them, and their profiles stay.
    pub fn beside(&mut self, in_force: Vec<Workflow>) {
        let profile = |held: &Workflow| held.profile_id().map(|profile| (held.id.clone(), profile.clone()));
        self.keep(in_force.iter().filter_map(profile).collect());
        self.in_force = in_force;
    }

    /// Takes profiles as in force: they stay where no text of the town picks another.
    pub fn keep(&mut self, profiles: BTreeMap<WorkflowId, ProfileId>) {
        self.kept = profiles;
    }

    /// Adds a text; what it is, its tables tell.
    pub fn add(&mut self, path: &str, text: String) {
        self.sources.0.push(Source { path: path.to_string(), text });
    }

    /// Adds the bytes of a file; what is not UTF-8 is a finding of that file.
    pub fn add_bytes(&mut self, path: &str, bytes: &[u8]) {
        match decode(bytes) {
            Ok(text) => self.add(path, text.to_string()),
            Err(wrong) => {
                let name =
                    wrong.encoding.map_or("not UTF-8".to_string(), |name| format!("{name}, not UTF-8"));
                let at = wrong.offset;
                let unread = Unread {
                    zh: format!(
                        "文件编码{}，第{at}字节起不是UTF-8；请另存为UTF-8",
                        wrong.encoding.unwrap_or("不明")
                    ),
                    en: format!(
                        "saved as {name}: byte {at} (from 0) is the first that is wrong; save it as UTF-8"
                    ),
                };
                let source = self.sources.0.len();
                self.unread.push((Place { source, start: at, end: at }, unread));
                self.add(path, String::from_utf8_lossy(bytes).into_owned());
            }
        }
    }

    /// Adds a file that was not read, with the reason.
    pub fn unread(&mut self, path: &str, why: Unread) {
        let source = self.sources.0.len();
        self.unread.push((Place { source, start: 0, end: 0 }, why));
        self.add(path, String::new());
    }

    /// Puts another text in the place of one that was added.
    pub fn replace(&mut self, path: &str, text: String) {
        self.sources.0.retain(|source| source.path != path);
        self.add(path, text);
    }

    /// Blocks that are used where no text that was added declares one of that name. What else such a text has is
    /// not looked at.
    pub fn stand_in(&mut self, blocks: impl IntoIterator<Item = Source>) {
        self.stand_ins.extend(blocks);
    }

    /// Checks everything together.
    #[must_use]
    pub fn check(mut self) -> Checked {
        let reader = Reader::default();
        let own = self.sources.0.len();
        self.sources.0.append(&mut self.stand_ins);
        let mut trees: Vec<Node> = Vec::new();
        for (n, source) in self.sources.0.iter().enumerate() {
            trees.push(self.tree(&reader, n, source));
        }
        let (trees, spare) = trees.split_at(own.min(trees.len()));
        let unread: BTreeSet<usize> = reader.findings.borrow().iter().map(|f| f.place.source).collect();
        // Calendars stand in where a town has none, in force or in a text.
        let has_calendars =
            !self.known.is_empty() || trees.iter().any(|root| root.get("calendars").is_some());
        let spare_calendars = if has_calendars { &[] } else { spare };
        let calendars = calendar::calendars(&reader, trees.iter().chain(spare_calendars), &self.known);
        let TownTexts { roster, channels, settings, picks, duties, duty_places } =
            TownTexts::read(&reader, trees, &calendars);
        let blocks = blocks(&reader, spare, trees);
        let mut workflows: Vec<Agreed> = Vec::new();
        for (n, (root, source)) in trees.iter().zip(&self.sources.0).enumerate() {
            if root.get("workflow").is_some() {
                let agreed = self.definition(&reader, root, source, &blocks, &calendars);
                workflows.extend(agreed.filter(|_| !unread.contains(&n)));
            }
        }
        duplicates(&reader, &mut workflows);
        let choice = Choice { picks: &picks, kept: &self.kept, in_force: &self.in_force };
        choice.known(&reader, trees);
        workflows.retain_mut(|agreed| choice.put(&reader, agreed, head_of(agreed, &self.sources)));
        let root_of = |agreed: &Agreed| {
            let at = self.sources.0.iter().position(|source| source.path == agreed.path)?;
            trees.get(at)
        };
        let wrong = check::between(&reader, &workflows, &self.in_force, root_of);
        workflows.retain(|agreed| !wrong.contains(&agreed.workflow.id));
        if let Some(roster) = roster.as_ref().or(self.within.as_ref()) {
            duties_known(&reader, &duties, &duty_places, roster);
        }
        if let Some(roster) = &roster {
            workflows.iter().for_each(|agreed| empty_roles(&reader, agreed, roster, &self.sources));
        }
        let demand = read::demand::demand(
            &reader,
            trees,
            workflows.iter().map(|a| &a.workflow),
            roster.as_ref(),
            &calendars.sound,
        );
        workflows.sort_by(|a, b| a.workflow.id.cmp(&b.workflow.id));
        Checked {
            workflows,
            calendars: calendars.sound,
            roster,
            duties,
            channels,
            settings,
            demand,
            picked: picks.into_iter().map(|(id, pick)| (id, pick.profile)).collect(),
            findings: in_order(reader),
            sources: self.sources,
        }
    }

    fn tree(&self, reader: &Reader, n: usize, source: &Source) -> Node {
        let lists = ["[[units]]", "[[people]]", "[[duties]]"];
        let town = lists.iter().any(|list| source.text.contains(list));
        let (most, name) =
            if town { (ROSTER_BYTES_MAX, "a roster") } else { (DEFINITION_BYTES_MAX, "a definition") };
        let place = Place { source: n, start: 0, end: 0 };
        if let Some((place, why)) = self.unread.iter().find(|(place, _)| place.source == n) {
            reader.find(Code::Syntax, *place, why.zh.clone(), why.en.clone());
            return Node { kind: Kind::Table(BTreeMap::new()), place: *place };
        }
        if source.text.len() > most {
            let en = format!("{} bytes; {name} has at most {most}", source.text.len());
            reader.find(Code::Limit, place, format!("{}字节，最多{most}", source.text.len()), en);
            return Node { kind: Kind::Table(BTreeMap::new()), place };
        }
        let (node, findings) = tree::parse(n, &source.text);
        findings.into_iter().for_each(|finding| reader.note(finding));
        node
    }

    fn definition(
        &self,
        reader: &Reader,
        root: &Node,
        source: &Source,
        blocks: &BTreeMap<String, Node>,
        calendars: &Calendars,
    ) -> Option<Agreed> {
        let read = sound(reader, root, blocks, calendars, None)?;
        let written = Form::written(read.workflow)?;
        let mut forms = BTreeMap::new();
        for profile in read.profiles {
            let read = sound(reader, root, blocks, calendars, Some((&profile, &written.workflow)))?;
            let form = written.under(&profile, read.workflow)?;
            forms.insert(Some(profile), form);
        }
        let version = root.get("workflow").and_then(|head| head.get("version"));
        forms.insert(None, written.clone());
        Some(Agreed {
            workflow: written.workflow,
            digest: written.digest,
            forms,
            path: source.path.clone(),
            source: source.text.clone(),
            version_place: version.map_or(root.place, |version| version.place),
            scripts: read.scripts,
            promises: read.promises,
        })
    }
}

/// Reads, resolves and checks one definition; nothing when it has an error. What a profile makes of it is checked as
/// a definition of its own, but for one that says what is written anyway.
fn sound(
    reader: &Reader,
    root: &Node,
    blocks: &BTreeMap<String, Node>,
    calendars: &Calendars,
    under: Option<(&ProfileId, &Workflow)>,
) -> Option<Read> {
    let own = Reader::default();
    let mut root = root.clone();
    // A profile may override what a block brings along, so blocks come first.
    block::expand(&own, &mut root, blocks);
    if let Some((profile, _)) = under {
        block::apply_profile(&mut root, profile.as_str());
    }
    let read = read::workflow(&own, &root, calendars.zone);
    let checked_already = |read: &&Read| under.is_some_and(|(_, written)| read.workflow == *written);
    if let Some(read) = read.as_ref().filter(|read| !checked_already(read)) {
        resolve::resolve(&own, &root, &read.workflow, &calendars.declared);
        if !has_errors(&own) {
            check::check(&own, &root, read);
        }
    }
    // A calendar that is not sound is told where it stands.
    let counts = |read: &Read| calendars.sound.contains_key(&read.workflow.calendar);
    let failed = has_errors(&own) || !read.as_ref().is_some_and(counts);
    let allowed = read.as_ref().map(|read| read.allowed.clone()).unwrap_or_default();
    for finding in own.findings.into_inner() {
        if !allowed.contains_key(finding.code) {
            reader.note(at_file(finding, root.place));
        }
    }
    read.filter(|_| !failed)
}

/// A finding about the whole file stands at its head.
fn at_file(mut finding: Finding, head: Place) -> Finding {
    if finding.place == Place::default() {
        finding.place = Place { source: head.source, start: 0, end: 0 };
    }
    finding
}

fn has_errors(reader: &Reader) -> bool {
    reader.findings.borrow().iter().any(|finding| finding.level == Level::Error)
}

/// The blocks by name: those that stand in, and before them those of the texts.
fn blocks(reader: &Reader, spare: &[Node], trees: &[Node]) -> BTreeMap<String, Node> {
    let mut found = BTreeMap::new();
    for root in spare {
        found.extend(block_of(reader, root).map(|(id, _)| (id, root.clone())));
    }
    let mut own: BTreeSet<String> = BTreeSet::new();
    for root in trees {
        let Some((id, place)) = block_of(reader, root) else { continue };
        block::known_tables(reader, root);
        if own.insert(id.clone()) {
            found.insert(id, root.clone());
        } else {
            let en = format!("the block `{id}` is declared twice");
            reader.find(Code::Duplicate, place, format!("块`{id}`重复声明"), en);
        }
    }
    found
}

/// The id of the block that a text declares, and where it stands.
fn block_of(reader: &Reader, root: &Node) -> Option<(String, Place)> {
    let head = reader.table(root.get("block")?, "[block]")?;
    for key in ["title", "start", "with", "raises"] {
        head.get(key);
    }
    let id = head.get("id").and_then(|node| Some((reader.text(node)?, node.place)));
    if head.get("id").is_none() {
        reader.missing(&head, "id");
    }
    reader.done(&head);
    id
}

/// A duty of a unit that the roster does not have.
fn duties_known(reader: &Reader, duties: &DutyList, places: &[Place], roster: &Roster) {
    for (duty, place) in duties.rows.iter().zip(places) {
        if !roster.units.contains_key(&duty.unit) {
            let en = format!("the duty `{}` is that of `{}`, which no roster has", duty.id, duty.unit);
            let zh = format!("职责`{}`的单位`{}`不在名册里", duty.id, duty.unit);
            let finding = Finding::new(Code::UnknownName, *place, zh, en);
            reader.note(finding.nearest(duty.unit.as_str(), roster.units.keys().map(UnitId::as_str)));
        }
    }
}

/// The findings in order of place, each once.
fn in_order(reader: Reader) -> Vec<Finding> {
    let mut findings = reader.findings.into_inner();
    findings.sort_by(|a, b| (a.place, a.code, &a.en).cmp(&(b.place, b.code, &b.en)));
    findings.dedup();
    findings
}

/// The head of the text that a workflow was read from.
fn head_of(agreed: &Agreed, sources: &Sources) -> Place {
    let source = sources.0.iter().position(|source| source.path == agreed.path).unwrap_or_default();
    Place { source, start: 0, end: 0 }
}

/// A role that resolves to nobody somewhere in the town.
fn empty_roles(reader: &Reader, agreed: &Agreed, roster: &Roster, sources: &Sources) {
    let place = head_of(agreed, sources);
    for (id, role) in &agreed.workflow.roles {
        let Role::Post { post, of: Whose::Level(kind) } = role else { continue };
        let mut units =
            roster.units.iter().filter(|(_, unit)| unit.kind == *kind).map(|(unit, _)| unit).peekable();
        let en = if units.peek().is_none() {
            format!("the town has no {kind}, where `{id}` is looked for")
        } else if let Some(unit) = units.find(|unit| roster.holders(post, unit).next().is_none()) {
            format!("nobody holds `{post}` at `{unit}`: there `{id}` is nobody")
        } else {
            continue;
        };
        reader.find(Code::EmptyRole, place, format!("角色`{id}`无人担任"), en);
    }
}

fn duplicates(reader: &Reader, workflows: &mut Vec<Agreed>) {
    let mut seen: BTreeMap<WorkflowId, String> = BTreeMap::new();
    workflows.retain(|agreed| {
        let id = &agreed.workflow.id;
        let Some(first) = seen.get(id) else {
            seen.insert(id.clone(), agreed.path.clone());
            return true;
        };
        let (zh, en) = (
            format!("流程`{id}`在{first}里已有定义"),
            format!("the workflow `{id}` is defined in {first} already"),
        );
        reader.find(Code::Duplicate, agreed.version_place, zh, en);
        false
    });
}
