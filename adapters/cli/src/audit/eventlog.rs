//! `paidan audit export --format xes|csv`: the cases of a store as an event log, for tools of process mining. Goes through
//! the store page by page; of the whole log no more than one case is held at a time.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use paidan_http::xes::Xes;
use paidan_journal::{Sqlite, Store as _};
use paidan_machine::{Case, evolve};
use paidan_model::id::WorkflowId;
use paidan_model::moment::{Moment, Zone};
use paidan_model::text::Tongue;
use paidan_model::workflow::Workflow;
use paidan_runtime::entry::Entry;
use paidan_runtime::publish::is_case;
use paidan_views::eventlog::{Record, trace};
use sha2::{Digest as _, Sha256};

use super::cells::Cells;
use super::{PAGE, open, stream_of};
use crate::exit::Exit;
use crate::line::say;

/// Which cases are wanted, and how they are written.
#[derive(Debug)]
pub struct Wanted<'w> {
    /// As XES, else as CSV.
    pub xes: bool,
    /// These cases alone; none: all that fit.
    pub cases: &'w [String],
    /// Of this workflow.
    pub workflow: Option<&'w str>,
    /// That came in on this day or later, `YYYY-MM-DD`.
    pub from: Option<&'w str>,
    /// That came in on this day or earlier.
    pub to: Option<&'w str>,
    /// How activities are called.
    pub tongue: Tongue,
}

/// What is asked, read.
struct Fits {
    workflow: Option<WorkflowId>,
    from: Option<Moment>,
    before: Option<Moment>,
}

impl Fits {
    fn of(wanted: &Wanted<'_>, zone: &Zone) -> Result<Self> {
        let workflow = wanted
            .workflow
            .map(|id| WorkflowId::parse(id).with_context(|| format!("`{id}` is no name of a workflow")));
        let after = |day: Moment| day.plus_seconds(24 * 60 * 60);
        Ok(Self {
            workflow: workflow.transpose()?,
            from: wanted.from.map(|text| day(text, zone)).transpose()?,
            before: wanted.to.map(|text| day(text, zone)).transpose()?.map(after),
        })
    }

    fn takes(&self, case: &Case) -> bool {
        let first = case.filing.since.unwrap_or(case.filing.opened);
        self.workflow.as_ref().is_none_or(|id| *id == case.filing.workflow)
            && self.from.is_none_or(|from| first >= from)
            && self.before.is_none_or(|before| first < before)
    }
}

fn day(text: &str, zone: &Zone) -> Result<Moment> {
    let found = Moment::parse_local(&format!("{text} 00:00"), zone);
    found.with_context(|| format!("`{text}` is no day such as `2026-10-08`"))
}

/// Writes the log; says how many traces and events it has, and the digest of the file.
///
/// # Errors
/// When there is no such store or case, or the file cannot be written.
pub async fn run(wanted: &Wanted<'_>, path: &Path, out: &Path) -> Result<Exit> {
    let store = open(path).await?;
    let zone = crate::engine::zone(&store).await?;
    let fits = Fits::of(wanted, &zone)?;
    if store.streams(Default::default(), "", 1).await?.is_empty() {
        return Ok(super::empty());
    }
    let mut shelf = BTreeMap::new();
    for document in store.documents(Default::default(), "definition").await? {
        shelf.insert(document.digest, Workflow::from_canonical(&document.bytes)?);
    }
    let shown = || out.display().to_string();
    let file = Hashed::new(BufWriter::new(File::create(out).with_context(shown)?));
    let mut log = Log::begin(wanted, zone, file).with_context(shown)?;
    if wanted.cases.is_empty() {
        every(&store, &shelf, &fits, &mut log).await?;
    }
    for case in wanted.cases {
        let stream = stream_of(&store, case).await?;
        let Some(gathered) = gather(&store, &stream).await? else { bail!("there is no case `{case}`") };
        log.take(&shelf, &fits, &gathered)?;
    }
    store.close().await;
    let (traces, events) = (log.traces, log.events);
    let digest = log.end().with_context(shown)?;
    say!("{traces} traces, {events} events, sha256 {digest} {}", shown());
    Ok(Exit::Fine)
}

/// Every case of the store that fits, in the order in which they were opened.
async fn every(store: &Sqlite, shelf: &BTreeMap<String, Workflow>, fits: &Fits, log: &mut Log) -> Result<()> {
    let mut after = String::new();
    loop {
        let page = store.streams(Default::default(), &after, PAGE).await?;
        let Some(last) = page.last().cloned() else { return Ok(()) };
        for stream in page {
            if let Some(gathered) = gather(store, &stream).await? {
                log.take(shelf, fits, &gathered)?;
            }
        }
        after = last;
    }
}

/// A record as an event log tells of it.
fn told(entry: &Entry) -> Record<'_> {
    let Entry { seq, at, due, by, facts, .. } = entry;
    Record { seq: *seq, at: *at, due: *due, by: Some(by), facts }
}

/// A case with its records; nothing for a stream that is none.
async fn gather(store: &Sqlite, stream: &str) -> Result<Option<(Case, Vec<Entry>)>> {
    if !is_case(stream) {
        return Ok(None);
    }
    let (mut case, mut records) = (None, Vec::new());
    for record in store.load(Default::default(), stream, 0).await? {
        let entry = Entry::read(stream, &record)?;
        case = entry.facts.iter().fold(case, evolve);
        records.push(entry);
    }
    Ok(case.map(|case| (case, records)))
}

/// A log under way.
struct Log {
    form: Form,
    traces: u64,
    events: u64,
}

/// In which form.
enum Form {
    Xes(Xes<Hashed>),
    Csv(Box<Cells<Hashed>>),
}

impl Log {
    fn begin(wanted: &Wanted<'_>, zone: Zone, file: Hashed) -> Result<Self> {
        let form = match wanted.xes {
            true => Form::Xes(Xes::begin(file, wanted.tongue, zone)?),
            false => Form::Csv(Box::new(Cells::begin(file, wanted.tongue, zone)?)),
        };
        Ok(Self { form, traces: 0, events: 0 })
    }

    /// Writes a case, if it fits.
    fn take(
        &mut self,
        shelf: &BTreeMap<String, Workflow>,
        fits: &Fits,
        (case, records): &(Case, Vec<Entry>),
    ) -> Result<()> {
        if !fits.takes(case) {
            return Ok(());
        }
        let workflow = shelf.get(&case.filing.digest);
        let workflow = workflow.with_context(|| {
            format!("{}: its definition {} is not in the store", case.filing.stream, case.filing.digest)
        })?;
        let trace = trace(workflow, case, records.iter().map(told));
        match &mut self.form {
            Form::Xes(log) => log.write(&trace)?,
            Form::Csv(log) => log.write(&trace)?,
        }
        self.traces += 1;
        self.events += trace.events.len() as u64;
        Ok(())
    }

    fn end(self) -> Result<String> {
        let file = match self.form {
            Form::Xes(log) => log.end()?,
            Form::Csv(log) => log.end()?,
        };
        Ok(file.digest())
    }
}

/// A file with the digest of what was written to it.
#[derive(Debug)]
struct Hashed {
    file: BufWriter<File>,
    hash: Sha256,
}

impl Hashed {
    fn new(file: BufWriter<File>) -> Self {
        Self { file, hash: Sha256::new() }
    }

    fn digest(self) -> String {
        hex::encode(self.hash.finalize())
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
