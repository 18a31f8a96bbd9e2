//! The committer: one task decides in order and writes what waits in one transaction.

use std::collections::BTreeMap;

use paidan_journal::entry::{Answer, Append, Draft, Letter, Outcome, StreamAppend, VaultRow, ViewRow};
use paidan_journal::{Fault, Store};
use paidan_machine::actor::Actor;
use paidan_machine::audience::Audience;
use paidan_machine::command::{Ask, Command, Open};
use paidan_machine::errand::Errand;
use paidan_machine::{Case, Decision, Refusal, decide, errands, sight};
use paidan_model::id::{UnitId, UnitKind};
use paidan_model::moment::Moment;
use paidan_model::roster::Roster;
use paidan_model::value::{Held, Value};
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;

use crate::count::add;
use crate::desk::{Denied, Desk, Live, Order, Receipt, Want, code_hash, fold};
use crate::number::number;
use crate::recipient::subjects;
use crate::shelf::InForce;
use crate::world::{Clock as _, Ids as _, World};

/// Commands in one transaction.
pub const BATCH_MAX: usize = 1_024;
/// Cases kept in memory.
pub const CASES_MAX: usize = 10_000;
/// How often a command is decided anew after a conflict.
pub const RETRIES_MAX: u32 = 3;
/// Serials taken at once.
const SERIALS: u32 = 20;
/// How long answers are kept: 72 hours.
const ANSWERS_KEPT: i64 = 72 * 3_600_000;

#[derive(Clone, Debug)]
struct Loaded {
    case: Case,
    seq: u64,
    at: Moment,
    /// The view rows it has in the store.
    rows: Vec<ViewRow>,
    /// The digests of calendars, roster and duty list that its records named last, by kind.
    named: BTreeMap<String, String>,
}

struct Prepared {
    order: Order,
    append: Append,
    receipt: Receipt,
    loaded: Option<Loaded>,
    owners: Vec<String>,
}

/// The one task that decides and commits.
#[derive(Debug)]
pub struct Committer<W: World> {
    desk: Desk<W>,
    orders: mpsc::Receiver<Order>,
    cases: BTreeMap<String, Loaded>,
    serials: BTreeMap<(String, String), (u32, u32)>,
}

impl<W: World> Committer<W> {
    /// The committer behind a desk.
    #[must_use]
    pub fn new(desk: Desk<W>, orders: mpsc::Receiver<Order>) -> Self {
        Self { desk, orders, cases: BTreeMap::new(), serials: BTreeMap::new() }
    }

    /// Works until every desk is gone.
    pub async fn run(mut self) {
        while self.step().await {}
    }

    /// Takes whatever waits, decides it in order, commits once, answers. False when nobody can ask any more.
    pub async fn step(&mut self) -> bool {
        let mut orders = Vec::new();
        if self.orders.recv_many(&mut orders, BATCH_MAX).await == 0 {
            return false;
        }
        for _ in 0..=RETRIES_MAX {
            orders = self.commit(orders).await;
            if orders.is_empty() {
                return true;
            }
        }
        for order in orders {
            answer(order, Err(Denied::Busy));
        }
        true
    }

    /// Decides and writes; returns the orders that met a conflict.
    async fn commit(&mut self, orders: Vec<Order>) -> Vec<Order> {
        if self.cases.len() > CASES_MAX {
            self.cases.clear();
        }
        let in_force = self.desk.shelf.now();
        let mut prepared = Vec::new();
        for order in orders {
            match self.prepare(&in_force, &order).await {
                Ok(Some((append, receipt, loaded))) => {
                    if let Some(loaded) = &loaded {
                        self.cases.insert(receipt.stream.clone(), loaded.clone());
                    }
                    let owners = loaded.as_ref().map(|loaded| owners(&loaded.rows)).unwrap_or_default();
                    prepared.push(Prepared { order, append, receipt, loaded, owners });
                }
                Ok(None) => answer(
                    order,
                    Ok(Receipt {
                        stream: String::new(),
                        seq: 0,
                        number: String::new(),
                        code: None,
                        repeated: false,
                    }),
                ),
                Err(denied) => self.denied(order, denied).await,
            }
        }
        let batch: Vec<Append> = prepared.iter_mut().map(|p| std::mem::take(&mut p.append)).collect();
        if batch.is_empty() {
            return Vec::new();
        }
        let began = std::time::Instant::now();
        let outcomes = self.desk.world.store().append(self.desk.tenant, batch).await;
        add(&self.desk.counts.commits, 1);
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        add(&self.desk.counts.commit_micros, micros);
        let mut again = Vec::new();
        for (done, outcome) in prepared.into_iter().zip(outcomes) {
            again.extend(self.conclude(done, outcome).await);
        }
        again
    }

    async fn conclude(&mut self, done: Prepared, outcome: Outcome) -> Option<Order> {
        let counts = std::sync::Arc::clone(&self.desk.counts);
        let Prepared { order, receipt, loaded, owners, .. } = done;
        match outcome {
            Outcome::Stored(_) => {
                add(&counts.stored, 1);
                let (stream, number) = (receipt.stream.clone(), receipt.number.clone());
                let live = Live { stream, seq: receipt.seq, number, owners };
                drop(self.desk.live.send(live));
                drop(loaded);
                answer(order, Ok(receipt));
                None
            }
            Outcome::Conflict { .. } => {
                self.cases.remove(&receipt.stream);
                Some(order)
            }
            Outcome::Repeated(before) => {
                self.cases.remove(&receipt.stream);
                self.repeat(order, before).await;
                None
            }
            Outcome::Unknown(_) => {
                add(&counts.unknown, 1);
                self.cases.remove(&receipt.stream);
                answer(order, Err(Denied::Unknown));
                None
            }
            Outcome::Failed(why) => {
                add(&counts.failed, 1);
                self.cases.remove(&receipt.stream);
                answer(order, Err(Denied::Fault(why)));
                None
            }
        }
    }

    /// Answers as before: the same request, or the same key with another body.
    async fn repeat(&self, order: Order, before: Answer) {
        add(&self.desk.counts.repeated, 1);
        let same = order.key.as_ref().is_some_and(|key| key.body_hash == before.body_hash);
        let case = self.desk.case(&before.stream).await;
        let number = case.ok().flatten().map(|case| case.number).unwrap_or_default();
        let repeated = Receipt { stream: before.stream, seq: before.seq, number, code: None, repeated: true };
        answer(order, if same { Ok(repeated) } else { Err(Denied::KeyReused) });
    }

    /// Refuses, unless the same request was done before: then the case has moved on because of it.
    async fn denied(&self, order: Order, denied: Denied) {
        let before = match &order.key {
            Some(key) => self.desk.world.store().answer(self.desk.tenant, &key.key).await,
            None => Ok(None),
        };
        match before {
            Ok(Some(before)) => self.repeat(order, before).await,
            Ok(None) => {
                add(&self.desk.counts.refused, 1);
                answer(order, Err(denied));
            }
            Err(fault) => answer(order, Err(Denied::Fault(fault.to_string()))),
        }
    }

    /// The rows a case has, by the definition it is pinned to.
    fn rows_of(&self, case: &Case) -> Result<Vec<ViewRow>, Denied> {
        let in_force = self.desk.shelf.now();
        rows(in_force.workflow(&case.digest).ok_or(Denied::NotFound)?, case)
    }

    async fn load(&mut self, stream: &str) -> Result<Loaded, Denied> {
        if let Some(loaded) = self.cases.get(stream) {
            return Ok(loaded.clone());
        }
        let entries = self.desk.timeline(stream).await.map_err(|fault| Denied::Fault(fault.to_string()))?;
        let (Some(case), Some(last)) = (fold(&entries, None), entries.last()) else {
            return Err(Denied::NotFound);
        };
        let rows = self.rows_of(&case)?;
        let named = entries.iter().flat_map(|entry| entry.named.clone()).collect();
        Ok(Loaded { case, seq: last.seq, at: last.at, rows, named })
    }

    async fn prepare(
        &mut self,
        in_force: &InForce,
        order: &Order,
    ) -> Result<Option<(Append, Receipt, Option<Loaded>)>, Denied> {
        let clock = self.desk.world.clock().now();
        let (ask, before, digest, code) = match &order.want {
            Want::Open { .. } => {
                let (open, digest, code) = self.opening(in_force, &order.want, clock).await?;
                (Ask::Open(open), None, digest, code)
            }
            Want::Act { stream, act } => {
                let loaded = self.load(stream).await?;
                let digest = loaded.case.digest.clone();
                (Ask::Act(act.clone()), Some(loaded), digest, None)
            }
            Want::Send { stream, event } => {
                let loaded = self.load(stream).await?;
                let digest = loaded.case.digest.clone();
                (Ask::Send(event.clone()), Some(loaded), digest, None)
            }
            Want::Tick { stream } => {
                let loaded = self.load(stream).await?;
                let digest = loaded.case.digest.clone();
                (Ask::Tick, Some(loaded), digest, None)
            }
        };
        let law = in_force.law(&digest).ok_or(Denied::NotFound)?.map_err(Denied::Refused)?;
        // Whoever may not know of a case gets the answer of one that is not there.
        let seen = |loaded: &Loaded| sight(law.workflow, &loaded.case, &order.actor).is_some();
        if !before.as_ref().is_none_or(seen) {
            return Err(Denied::NotFound);
        }
        let now = before.as_ref().map_or(clock, |loaded| loaded.at.max(clock));
        let stale = match &ask {
            Ask::Act(act) => act.seen.zip(before.as_ref()).is_some_and(|(seen, loaded)| seen < loaded.seq),
            Ask::Open(_) | Ask::Send(_) | Ask::Tick | Ask::Recount => false,
        };
        if stale {
            return Err(Denied::Refused(Refusal::new(paidan_machine::Code::Stale)));
        }
        let ids = self.desk.world.ids();
        let command = Command { actor: order.actor.clone(), ask };
        let decision = counted(in_force, &law, before.as_ref(), &command, now, &mut || ids.salt());
        let decision = decision.map_err(Denied::Refused)?;
        if decision.drafts.is_empty() {
            return Ok(None);
        }
        let seq = before.as_ref().map_or(0, |loaded| loaded.seq);
        let stream = decision.case.stream.clone();
        let last = seq + decision.drafts.len() as u64;
        let receipt =
            Receipt { stream, seq: last, number: decision.case.number.clone(), code, repeated: false };
        let rows = rows(law.workflow, &decision.case)?;
        let (held, named) = before.map(|loaded| (loaded.rows, loaded.named)).unwrap_or_default();
        let changed = differing(&named, &in_force.named);
        let named = in_force.named.clone();
        let loaded = Loaded { case: decision.case.clone(), seq: last, at: now, rows, named };
        let mut append = self.append(&law, in_force, order, decision, seq, now)?;
        if let Some(part) = append.streams.first_mut() {
            (part.rows, part.gone) = changes(&held, &loaded.rows);
            let data = part.drafts.first_mut().and_then(|draft| draft.data.as_object_mut());
            if let Some(data) = data.filter(|_| !changed.is_empty()) {
                data.insert("law".into(), json!(changed));
            }
        }
        Ok(Some((append, receipt, Some(loaded))))
    }

    fn append(
        &self,
        law: &paidan_machine::Law<'_>,
        in_force: &InForce,
        order: &Order,
        decision: Decision,
        seq: u64,
        now: Moment,
    ) -> Result<Append, Denied> {
        let workflow = law.workflow;
        let cmd = self.desk.world.ids().id();
        let Decision { case, drafts, sealed } = decision;
        let stream = case.stream.clone();
        let mut letters = Vec::new();
        let mut records = Vec::new();
        for (n, draft) in (0u64..).zip(&drafts) {
            for errand in errands(workflow, &case, &draft.facts) {
                letters.extend(letters_of(
                    &in_force.roster,
                    &stream,
                    seq + 1 + n,
                    n,
                    errand,
                    letters.len(),
                    now,
                )?);
            }
            records.push(Draft {
                at: draft.at.millis(),
                by: value(&draft.by)?,
                cmd: cmd.clone(),
                data: json!({ "facts": value(&draft.facts)? }),
                due: draft.due.map(Moment::millis),
                kind: draft.kind.clone(),
            });
        }
        let vault = sealed.into_iter().map(|sealed| VaultRow {
            commitment: sealed.commitment,
            subject: sealed.subject,
            stream: stream.clone(),
            field: sealed.field,
            salt: sealed.salt.to_vec(),
            value: sealed.value.to_string(),
        });
        let answer = order.key.as_ref().map(|key| Answer {
            key: key.key.clone(),
            cmd: cmd.clone(),
            body_hash: key.body_hash.clone(),
            stream: stream.clone(),
            seq: 0,
            expires: now.millis() + ANSWERS_KEPT,
        });
        let part = StreamAppend {
            stream: stream.clone(),
            expected: seq,
            drafts: records,
            due: case.next_due().map(Moment::millis),
            number: Some(case.number.clone()),
            rows: Vec::new(),
            gone: Vec::new(),
        };
        Ok(Append { streams: vec![part], letters, vault: vault.collect(), answer, documents: Vec::new() })
    }

    async fn opening(
        &mut self,
        in_force: &InForce,
        want: &Want,
        now: Moment,
    ) -> Result<(Open, String, Option<String>), Denied> {
        let Want::Open { workflow, fill, channel, parent, levels_of } = want else {
            return Err(Denied::NotFound);
        };
        let digest = in_force.latest(workflow).ok_or(Denied::NotFound)?.to_string();
        let definition = in_force.workflow(&digest).ok_or(Denied::NotFound)?;
        let levels = match levels_of {
            Some(stream) => self.load(stream).await?.case.levels,
            None => levels(in_force, definition, fill),
        };
        let zone = paidan_model::moment::Zone::SHANGHAI;
        let day = now.local(&zone).format("%Y%m%d").to_string();
        let unit = unit_of(&levels);
        let serial = self.serial(&unit, &day).await.map_err(|fault| Denied::Fault(fault.to_string()))?;
        let code = self.desk.world.ids().code();
        let open = Open {
            stream: format!("case/{}", self.desk.world.ids().id()),
            number: number(&unit, &day, serial),
            levels,
            fill: fill.clone(),
            channel: channel.clone(),
            code: Some(code_hash(&code)),
            parent: parent.clone(),
        };
        Ok((open, digest, Some(code)))
    }

    /// The next serial; a block is taken from the store at a time, so a crash leaves a gap, never a double.
    async fn serial(&mut self, unit: &str, day: &str) -> Result<u32, Fault> {
        let key = (unit.to_string(), day.to_string());
        if let Some((next, end)) = self.serials.get_mut(&key)
            && *next < *end
        {
            *next += 1;
            return Ok(*next - 1);
        }
        let first = self.desk.world.store().numbers(self.desk.tenant, unit, day, SERIALS).await?;
        self.serials.insert(key, (first + 1, first + SERIALS));
        Ok(first)
    }
}

/// On whose lists of cases a case stands.
fn owners(rows: &[ViewRow]) -> Vec<String> {
    rows.iter().filter(|row| row.view == "case").map(|row| row.owner.clone()).collect()
}

fn answer(order: Order, result: Result<Receipt, Denied>) {
    drop(order.reply.send(result));
}

fn value<T: serde::Serialize>(of: &T) -> Result<Json, Denied> {
    serde_json::to_value(of).map_err(|error| Denied::Fault(error.to_string()))
}

/// The units of the place that the form names, by kind; without a known place, the centre alone.
fn levels(
    in_force: &InForce,
    workflow: &paidan_model::workflow::Workflow,
    fill: &BTreeMap<String, Json>,
) -> BTreeMap<UnitKind, UnitId> {
    let roster = &in_force.roster;
    let place_fields =
        workflow.fields.iter().filter(|(_, f)| f.kind == paidan_model::field::FieldType::Place);
    let named = place_fields.filter_map(|(id, _)| fill.get(id.as_str()).and_then(Json::as_str)).next();
    let place = named.and_then(paidan_model::id::PlaceId::parse).and_then(|id| roster.places.get(&id));
    if let Some(place) = place {
        return roster.levels(&place.grid);
    }
    let top = roster.units.iter().find(|(_, unit)| unit.parent.is_none());
    top.map(|(id, unit)| BTreeMap::from([(unit.kind.clone(), id.clone())])).unwrap_or_default()
}

/// The unit that a number names: the community's, else any.
fn unit_of(levels: &BTreeMap<UnitKind, UnitId>) -> String {
    let found = ["community", "subdistrict", "centre"].iter().find_map(|kind| levels.get(*kind));
    found.or_else(|| levels.values().next()).map_or_else(|| "CASE".to_string(), ToString::to_string)
}

/// What is named now and was not, or otherwise.
fn differing(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let other = |(kind, digest): &(&String, &String)| before.get(*kind) != Some(*digest);
    now.iter().filter(other).map(|(kind, digest)| (kind.clone(), digest.clone())).collect()
}

/// Decides a command; when the calendars are others than the case was counted by, its due moments are counted again
/// first, so that no timer fires by a calendar that is no longer in force.
fn counted(
    in_force: &InForce,
    law: &paidan_machine::Law<'_>,
    before: Option<&Loaded>,
    command: &Command,
    now: Moment,
    salt: &mut dyn FnMut() -> [u8; 32],
) -> Result<Decision, Refusal> {
    let calendars = |named: &BTreeMap<String, String>| named.get("calendars").cloned();
    let Some(loaded) = before.filter(|held| calendars(&held.named) != calendars(&in_force.named)) else {
        return decide(law, before.map(|loaded| &loaded.case), command, now, salt);
    };
    let again = Command { actor: Actor::Engine, ask: Ask::Recount };
    let first = decide(law, Some(&loaded.case), &again, now, salt)?;
    let second = decide(law, Some(&first.case), command, now, salt)?;
    Ok(Decision {
        case: second.case,
        drafts: first.drafts.into_iter().chain(second.drafts).collect(),
        sealed: first.sealed.into_iter().chain(second.sealed).collect(),
    })
}

/// What is to be written so that the rows held become the rows wanted: those new or other, and the keys of those gone.
fn changes(held: &[ViewRow], wanted: &[ViewRow]) -> (Vec<ViewRow>, Vec<(String, String)>) {
    let before: BTreeMap<(&str, &str), &ViewRow> =
        held.iter().map(|row| ((row.view.as_str(), row.key.as_str()), row)).collect();
    let mut gone = before.clone();
    let mut rows = Vec::new();
    for row in wanted {
        let place = (row.view.as_str(), row.key.as_str());
        gone.remove(&place);
        if before.get(&place) != Some(&row) {
            rows.push(row.clone());
        }
    }
    (rows, gone.into_keys().map(|(view, key)| (view.to_string(), key.to_string())).collect())
}

/// The rows of every view that a case has, as the store keeps them.
///
/// # Errors
/// When a row has no JSON; not for cases that the machine made.
pub fn rows(workflow: &paidan_model::workflow::Workflow, case: &Case) -> Result<Vec<ViewRow>, Denied> {
    let found = paidan_views::rows(workflow, case).into_iter();
    found
        .map(|row| {
            let body = serde_json::to_string(&row.body).map_err(|error| Denied::Fault(error.to_string()))?;
            Ok(ViewRow {
                view: row.view,
                key: row.key,
                owner: row.owner,
                due: row.due.map(Moment::millis),
                body,
            })
        })
        .collect()
}

/// The letters of an errand: one for each person, so that each is delivered and retried by itself.
fn letters_of(
    roster: &Roster,
    stream: &str,
    seq: u64,
    n: u64,
    errand: Errand,
    before: usize,
    now: Moment,
) -> Result<Vec<Letter>, Denied> {
    let parts = match errand {
        Errand::Tell(letter) => {
            let not_before = letter.not_before;
            let one = |audience: &Audience, person: Option<String>| {
                let mut one = letter.clone();
                one.to = vec![audience.clone()];
                one.person = person;
                (Errand::Tell(one), not_before)
            };
            let each = |audience: &Audience| match subjects(roster, audience) {
                people if people.is_empty() => vec![one(audience, None)],
                people => people.into_iter().map(|person| one(audience, Some(person))).collect(),
            };
            letter.to.iter().flat_map(each).collect()
        }
        other @ (Errand::OpenChild { .. } | Errand::ReportToParent { .. }) => vec![(other, now)],
    };
    let mut found = Vec::new();
    for (k, (errand, not_before)) in parts.into_iter().enumerate() {
        let body = serde_json::to_string(&errand).map_err(|error| Denied::Fault(error.to_string()))?;
        let id = format!("{stream}/{seq}/{}", before + k);
        found.push(Letter { id, stream: stream.to_string(), seq: n, body, not_before: not_before.millis() });
    }
    Ok(found)
}

/// The subject of the person a case is about, if it names one.
#[must_use]
pub fn subject_of(case: &Case) -> Option<&str> {
    case.fields.values().find_map(|held| match held {
        Held::Open(Value::Person(subject)) => Some(subject.as_str()),
        Held::Open(_) | Held::Sealed(_) => None,
    })
}
