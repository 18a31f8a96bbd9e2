//! The committer: one task decides in order and writes what waits in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use paidan_journal::Fault;
use paidan_journal::entry::{Answer, Append, Outcome, ViewRow};
use paidan_machine::Case;
use paidan_model::roster::Roster;
use paidan_model::value::{Held, Value};
use paidan_views::worklist::Body;
use tokio::sync::mpsc;

use crate::commands::{Denied, Live, Order, Receipt};
use crate::count::add;
use crate::desk::Desk;
use crate::held::{Account, Loaded, Ready};
use crate::world::World;
pub use crate::written::rows;

/// Commands in one transaction.
pub const BATCH_MAX: usize = 1_024;
/// Cases kept in memory.
pub const CASES_MAX: usize = 10_000;
/// How often a command is decided anew after a conflict.
pub const RETRIES_MAX: u32 = 3;
/// Serials taken at once.
const SERIALS: u32 = 20;

struct Prepared {
    order: Order,
    ready: Ready,
}

/// The one task that decides and commits.
#[derive(Debug)]
pub struct Committer<W: World> {
    pub(crate) desk: Desk<W>,
    orders: mpsc::Receiver<Order>,
    pub(crate) cases: BTreeMap<String, Loaded>,
    pub(crate) parties: BTreeMap<String, Account>,
    serials: BTreeMap<(String, String), (u32, u32)>,
}

impl<W: World> Committer<W> {
    /// The committer behind a desk.
    #[must_use]
    pub fn new(desk: Desk<W>, orders: mpsc::Receiver<Order>) -> Self {
        Self { desk, orders, cases: BTreeMap::new(), parties: BTreeMap::new(), serials: BTreeMap::new() }
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
        if self.parties.len() > CASES_MAX {
            self.parties.clear();
        }
        let in_force = self.desk.shelf.now();
        let (mut prepared, mut repeated) = (Vec::<Prepared>::new(), Vec::new());
        let mut keys = BTreeSet::new();
        for order in orders {
            // Decided upon what the first of them is about to do, it would be refused because of it.
            if order.key.as_ref().is_some_and(|key| keys.contains(&key.key)) {
                repeated.push(order);
                continue;
            }
            match self.prepare(&in_force, &order).await {
                Ok(Some(ready)) => {
                    keys.extend(order.key.iter().map(|key| key.key.clone()));
                    self.cases.extend(ready.cases.iter().cloned());
                    self.parties.extend(ready.parties.iter().cloned());
                    prepared.push(Prepared { order, ready });
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
        let batch: Vec<Append> = prepared.iter_mut().map(|p| std::mem::take(&mut p.ready.append)).collect();
        if batch.is_empty() {
            return Vec::new();
        }
        let began = std::time::Instant::now();
        let outcomes = self.desk.store().append(batch).await;
        add(&self.desk.counts.commits, 1);
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        add(&self.desk.counts.commit_micros, micros);
        let mut again = Vec::new();
        for (done, outcome) in prepared.into_iter().zip(outcomes) {
            again.extend(self.conclude(done, outcome).await);
        }
        for order in repeated {
            again.extend(self.answered(order).await);
        }
        again
    }

    /// Answers a request that came together with the same one before it; returns it when that one was not written.
    async fn answered(&self, order: Order) -> Option<Order> {
        let key = order.key.as_ref()?;
        match self.desk.store().answer(&key.key).await {
            Ok(Some(before)) => {
                self.repeat(order, before).await;
                None
            }
            Ok(None) => Some(order),
            Err(fault) => {
                answer(order, Err(Denied::Fault(fault.to_string())));
                None
            }
        }
    }

    async fn conclude(&mut self, done: Prepared, outcome: Outcome) -> Option<Order> {
        let counts = std::sync::Arc::clone(&self.desk.counts);
        let Prepared { order, ready } = done;
        let receipt = ready.receipt.clone();
        if !matches!(outcome, Outcome::Stored(_)) {
            self.forget(&ready);
        }
        match outcome {
            Outcome::Stored(_) => {
                add(&counts.stored, 1);
                let shelf = self.desk.shelf.now();
                for (stream, loaded) in &ready.cases {
                    self.desk.commands.tell(|| Live {
                        stream: stream.clone(),
                        seq: loaded.seq,
                        number: loaded.case.filing.number.clone(),
                        owners: owners(&shelf.roster, &loaded.rows),
                    });
                }
                answer(order, Ok(receipt));
                None
            }
            Outcome::Conflict { .. } => Some(order),
            Outcome::Repeated(before) => {
                self.repeat(order, before).await;
                None
            }
            Outcome::NoFile(digest) => {
                answer(order, Err(Denied::NoFile(digest)));
                None
            }
            Outcome::Unknown(_) => {
                add(&counts.unknown, 1);
                answer(order, Err(Denied::Unknown));
                None
            }
            Outcome::Failed(why) => {
                add(&counts.failed, 1);
                answer(order, Err(Denied::Fault(why)));
                None
            }
        }
    }

    /// What is in memory of these streams may be ahead of the store: it is read again.
    fn forget(&mut self, ready: &Ready) {
        for (stream, _) in &ready.cases {
            self.cases.remove(stream);
        }
        for (stream, _) in &ready.parties {
            self.parties.remove(stream);
        }
    }

    /// Answers as before: the same request, or the same key with another body.
    async fn repeat(&self, order: Order, before: Answer) {
        add(&self.desk.counts.repeated, 1);
        let same = order.key.as_ref().is_some_and(|key| key.body_hash == before.body_hash);
        let case = self.desk.queries.case(&before.stream).await;
        let number = case.ok().flatten().map(|case| case.filing.number).unwrap_or_default();
        let repeated = Receipt { stream: before.stream, seq: before.seq, number, code: None, repeated: true };
        answer(order, if same { Ok(repeated) } else { Err(Denied::KeyReused) });
    }

    /// Refuses, unless the same request was done before: then the case has moved on because of it.
    async fn denied(&self, order: Order, denied: Denied) {
        let before = match &order.key {
            Some(key) => self.desk.store().answer(&key.key).await,
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

    /// The next serial; a block is taken from the store at a time, so a crash leaves a gap, never a double.
    pub(crate) async fn serial(&mut self, unit: &str, day: &str) -> Result<u32, Fault> {
        let key = (unit.to_string(), day.to_string());
        if let Some((next, end)) = self.serials.get_mut(&key)
            && *next < *end
        {
            *next += 1;
            return Ok(*next - 1);
        }
        let first = self.desk.store().numbers(unit, day, SERIALS).await?;
        self.serials.insert(key, (first + 1, first + SERIALS));
        Ok(first)
    }
}

/// On whose lists of cases a case stands, of those who read it.
fn owners(roster: &Roster, rows: &[ViewRow]) -> Vec<String> {
    let cases = rows.iter().filter(|row| row.view == "case");
    let body =
        |row: &ViewRow| serde_json::from_str::<Body>(&row.body).map(|body| body.lists(roster, &row.owner));
    cases.filter_map(|row| body(row).ok()).flatten().collect()
}

fn answer(order: Order, result: Result<Receipt, Denied>) {
    drop(order.reply.send(result));
}

/// The subject of the person a case is about, if it names one.
#[must_use]
pub fn subject_of(case: &Case) -> Option<&str> {
    case.form.fields.values().find_map(|held| match held {
        Held::Open(Value::Person(subject)) => Some(subject.as_str()),
        Held::Open(_) | Held::Sealed(_) => None,
    })
}
